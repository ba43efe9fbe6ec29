/* SPDX-License-Identifier: MIT */
/*
 * Tracee: a thread that is not the leader calls execve while others are busy, again and again.  The
 * process keeps its number throughout.  ARGV[1]: how often.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static char **args;
static pthread_barrier_t barrier;

static void *busy(void *arg)
{
	long kind = (long)arg;

	pthread_barrier_wait(&barrier);
	for (;;) {
		if (kind == 0)
			syscall(SYS_getppid);
		else
			pause();
	}
	return NULL;
}

static void *exec(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&barrier);
	execv(args[0], args);
	_exit(3);
}

int main(int argc, char **argv)
{
	int left = argc > 1 ? atoi(argv[1]) : 5;
	int pid = argc > 2 ? atoi(argv[2]) : getpid();
	char left_text[16];
	char pid_text[16];
	char *again[] = { argv[0], left_text, pid_text, NULL };
	pthread_t thread;

	if (getpid() != pid)
		return 4;
	if (left == 0) {
		puts("same process");
		return 22;
	}
	snprintf(left_text, sizeof(left_text), "%d", left - 1);
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	args = again;
	pthread_barrier_init(&barrier, NULL, 4);
	for (long i = 0; i < 3; i++)
		pthread_create(&thread, NULL, busy, (void *)(i % 2));
	pthread_create(&thread, NULL, exec, NULL);
	if (left % 2 == 0)
		pthread_exit(NULL); /* a leader that has exited already */
	for (;;)
		syscall(SYS_getppid);
}
