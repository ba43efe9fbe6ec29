/* SPDX-License-Identifier: MIT */
/*
 * Tracee: a thread waits in read(2) for what the main thread writes 100 ms later, after it has slept,
 * sent itself a signal and failed to close a descriptor.  ARGV[1] "exit": ends while the thread waits.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int ends[2];
static atomic_bool begun;

static void *work(void *arg)
{
	char byte;

	atomic_store(&begun, true);
	if (read(ends[0], &byte, 1) != 1)
		_exit(2);
	return arg;
}

int main(int argc, char **argv)
{
	struct timespec nap = { .tv_nsec = 100 * 1000 * 1000 };
	bool leave = argc > 1 && strcmp(argv[1], "exit") == 0;
	pthread_t thread;

	signal(SIGUSR1, SIG_IGN);
	if (pipe(ends) != 0 || pthread_create(&thread, NULL, work, NULL) != 0)
		return 1;
	while (!atomic_load(&begun))
		sched_yield();
	clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
	kill(getpid(), SIGUSR1);
	close(-1);
	if (leave)
		_exit(3);
	if (write(ends[1], "x", 1) != 1)
		return 1;
	return pthread_join(thread, NULL);
}
