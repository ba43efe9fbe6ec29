/* SPDX-License-Identifier: MIT */
/*
 * Tracee: children with threads that make calls, fork and vfork, killed with SIGKILL at any moment.
 * ARGV[1]: how many.  What they leave behind kills itself when its parent is gone.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *calls(void *arg)
{
	for (;;)
		syscall(SYS_getppid);
	return arg;
}

static void *forks(void *arg)
{
	for (;;) {
		int child = fork();

		if (child == 0)
			_exit(0);
		if (child > 0)
			waitpid(child, NULL, 0);
	}
	return arg;
}

static void *vforks(void *arg)
{
	for (;;) {
		int child = vfork();

		if (child == 0)
			_exit(0);
		if (child > 0)
			waitpid(child, NULL, 0);
	}
	return arg;
}

int main(int argc, char **argv)
{
	static void *(*const kinds[])(void *) = { calls, forks, vforks };
	int count = argc > 1 ? atoi(argv[1]) : 10;
	int killed = 0;

	for (int i = 0; i < count; i++) {
		int status = 0;
		int child = fork();

		if (child == 0) {
			pthread_t thread;

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (int k = 0; k < 3; k++)
				pthread_create(&thread, NULL, kinds[k], NULL);
			forks(NULL);
		}
		usleep((useconds_t)(i * 1777 % 30000));
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	printf("%d killed\n", killed);
	return 23;
}
