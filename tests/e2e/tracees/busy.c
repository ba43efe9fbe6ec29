/* SPDX-License-Identifier: MIT */
/*
 * Tracee to attach to and detach from: threads in calls that block and calls that do not.  Ends
 * when the file ARGV[1] appears; fails if a call came out wrong.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t handled;
static volatile sig_atomic_t raised;
static volatile int wrong;
static volatile int over;
static int quiet[2];

static void on_signal(int signal)
{
	if (signal == SIGUSR1)
		handled++;
	else
		raised++;
}

static void *calls(void *arg)
{
	while (!over)
		wrong |= syscall(SYS_getpid) != getpid();
	return arg;
}

/* A detaching tracer will find this one in the middle of a delivery. */
static void *signals(void *arg)
{
	int sent = 0;

	while (!over) {
		syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2);
		if (raised != ++sent)
			wrong |= 32;
	}
	return arg;
}

static void *reads(void *arg)
{
	char c;

	/* Must not return before the end, when the other side is closed. */
	if (read(quiet[0], &c, 1) != 0 || !over)
		wrong |= 2;
	return arg;
}

static void *forks(void *arg)
{
	while (!over) {
		int status = 0;
		int child = fork();

		if (child == 0) {
			usleep(2000);
			_exit(6);
		}
		if (waitpid(child, &status, 0) != child || status != 6 << 8)
			wrong |= 4;
	}
	return arg;
}

int main(int argc, char **argv)
{
	void *(*const kinds[])(void *) = { calls, signals, reads, forks };
	pthread_t threads[4];
	sigset_t set;
	int sent = 0;

	if (argc < 2 || pipe(quiet) < 0)
		return 1;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, kinds[i], NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(60); /* never longer, whatever goes wrong */
	while (access(argv[1], F_OK) < 0) {
		struct timespec nap = { 0, 3 * 1000 * 1000 };

		/* Each signal must arrive, once, whoever comes and goes in the meantime. */
		kill(getpid(), SIGUSR1);
		sent++;
		if (handled != sent)
			wrong |= 8;
		while (nanosleep(&nap, &nap) < 0)
			wrong |= 16;
	}
	over = 1;
	close(quiet[1]);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	printf("wrong %d\n", wrong);
	return wrong == 0 ? 26 : 1;
}
