/* SPDX-License-Identifier: MIT */
/*
 * Tracee: a child stops itself by each stopping signal, with threads too.  The parent must see the
 * stop, the child must stay stopped, and SIGCONT must bring it back, with its handler run once.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t continued;

static void on_cont(int signal)
{
	(void)signal;
	continued++;
}

static void *idle(void *arg)
{
	for (;;)
		usleep(1000);
	return arg;
}

/* Ends only when the parent has seen it go on: it writes to `go` then. */
static void child(int signal_number, int out, int go, int with_threads)
{
	pthread_t thread;
	char c;

	signal(SIGCONT, on_cont);
	for (int i = 0; with_threads && i < 3; i++)
		pthread_create(&thread, NULL, idle, NULL);
	raise(signal_number);
	if (write(out, "x", 1) != 1) /* not before SIGCONT */
		_exit(1);
	while (continued == 0)
		usleep(1000);
	while (read(go, &c, 1) != 1)
		;
	_exit(continued == 1 ? 5 : 6);
}

static int try_one(int signal_number, int with_threads)
{
	struct pollfd ready = { .events = POLLIN };
	int status;
	int out[2];
	int go[2];
	int pid;

	if (pipe(out) < 0 || pipe(go) < 0)
		return 0;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		child(signal_number, out[1], go[0], with_threads);
	ready.fd = out[0];
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != signal_number)
		return printf("no stop\n"), 0;
	if (poll(&ready, 1, 60) != 0)
		return printf("ran while stopped\n"), 0;
	kill(pid, SIGCONT);
	if (waitpid(pid, &status, WCONTINUED) != pid || !WIFCONTINUED(status))
		return printf("no continue\n"), 0;
	if (write(go[1], "x", 1) != 1)
		return 0;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 5)
		return printf("status %#x\n", status), 0;
	close(out[0]);
	close(out[1]);
	close(go[0]);
	close(go[1]);
	return 1;
}

int main(void)
{
	static const int signals[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	int good = 0;

	setpgid(0, 0); /* its parent is outside: the group is not orphaned, SIGTSTP stops */
	for (int i = 0; i < 4; i++) {
		good += try_one(signals[i], 0);
		good += try_one(signals[i], 1);
	}
	printf("%d of 8\n", good);
	return 24;
}
