/* SPDX-License-Identifier: MIT */
/* Tracee: ARGV[1] threads that make calls, fork, exec and wait.  Prints how many did it all. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *work(void *arg)
{
	long number = (long)arg;
	long good = 0;

	for (int i = 0; i < 50; i++)
		good += syscall(SYS_getpid) == getpid();
	if (number % 4 == 0) {
		int status = -1;
		int child = fork();

		if (child == 0) {
			if (number % 8 == 0)
				execl("/bin/sh", "sh", "-c", "exit 9", (char *)NULL);
			_exit(9);
		}
		if (waitpid(child, &status, 0) == child && WIFEXITED(status))
			good += WEXITSTATUS(status);
	} else {
		good += 9;
	}
	return (void *)(good == 59 ? 1L : 0L);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 10;
	pthread_t *threads = calloc((size_t)count, sizeof(*threads));
	pthread_attr_t attr;
	long good = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (long i = 0; i < count; i++) {
		if (pthread_create(&threads[i], &attr, work, (void *)i) != 0)
			return 2;
	}
	for (long i = 0; i < count; i++) {
		void *result;

		pthread_join(threads[i], &result);
		good += (long)result;
	}
	printf("%ld of %ld threads\n", good, count);
	return good == count ? 21 : 1;
}
