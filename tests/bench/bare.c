/* SPDX-License-Identifier: MIT */
/*
 * The barest tracer that could still print something: for each stop wait4, PTRACE_GET_SYSCALL_INFO and
 * PTRACE_SYSCALL, nothing decoded, nothing written, tracer and tracee on one CPU.  What ptrace itself
 * costs; bench.py compares tracers with it.
 *
 *	bare [-f] [-c CPU] PROG [ARGUMENT]...    -f: children too; without -c: the CPU that it runs on
 *
 * It ends with the status of PROG, 128 plus the number of a signal that killed it, or 125 if it could
 * not trace it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { CANNOT_TRACE = 125, NOT_FOUND = 127 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bare: %s: %s\n", what, strerror(errno));
	exit(CANNOT_TRACE);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* A child that waits for its tracer, then becomes the program; the pipe's end says "go". */
static pid_t launch(char **argv, long options)
{
	int go[2];
	char byte;
	pid_t pid;

	if (pipe(go))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) < 0)
			_exit(CANNOT_TRACE);
		close(go[0]);
		execvp(argv[0], argv);
		fprintf(stderr, "bare: %s: %s\n", argv[0], strerror(errno));
		_exit(NOT_FOUND);
	}
	close(go[0]);
	/* A benchmark leaves nothing behind when it is killed. */
	if (ptrace(PTRACE_SEIZE, pid, NULL, options | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		die("PTRACE_SEIZE");
	close(go[1]);
	return pid;
}

/*
 * Lets a stopped tracee go on.  The kinds of stop: a system call; an event, of which PTRACE_EVENT_STOP
 * is a group-stop if its signal is one that stops, and must not be ended by us then (ptrace(2),
 * PTRACE_LISTEN); a signal, which is handed back.
 */
static void resume(pid_t pid, int status)
{
	struct ptrace_syscall_info info;
	int sig = WSTOPSIG(status);
	int event = status >> 16;

	if (sig == (SIGTRAP | 0x80)) {
		ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
		sig = 0;
	} else if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
		ptrace(PTRACE_LISTEN, pid, NULL, NULL);
		return;
	} else if (event) {
		sig = 0;
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig);
}

static int trace(pid_t first)
{
	int status, result = CANNOT_TRACE;
	pid_t pid;

	while ((pid = wait4(-1, &status, __WALL, NULL)) > 0 || errno == EINTR) {
		if (pid < 0)
			continue;
		if (WIFSTOPPED(status))
			resume(pid, status);
		else if (pid == first)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	return result;
}

int main(int argc, char **argv)
{
	long options = 0;
	int opt, cpu = sched_getcpu();

	while ((opt = getopt(argc, argv, "+fc:")) != -1) {
		switch (opt) {
		case 'f':
			options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
			break;
		case 'c':
			cpu = atoi(optarg);
			break;
		default:
			return CANNOT_TRACE;
		}
	}
	if (optind == argc) {
		fputs("usage: bare [-f] [-c CPU] PROG [ARGUMENT]...\n", stderr);
		return CANNOT_TRACE;
	}
	pin(cpu);
	return trace(launch(argv + optind, options));
}
