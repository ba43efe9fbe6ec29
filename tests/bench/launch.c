/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and writes down what it cost.  Called by bench.py: a small program between it and
 * what is measured, since the peak memory of a process counts what its parent had at the time of
 * execve, and that would be Python.
 *
 *	launch FILE COMMAND [ARGUMENT]...
 *
 * FILE gets "WALL USER SYSTEM PEAK STATUS": nanoseconds, then the largest resident set in KiB of the
 * command or of a child that it waited for (getrusage(2)), then the exit status, or 128 plus the number
 * of the signal that killed it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t timeval_ns(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000000 + (int64_t)time->tv_usec * 1000;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	int64_t start;
	FILE *file;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: launch FILE COMMAND [ARGUMENT]...\n", stderr);
		return 125;
	}
	start = now_ns();
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "launch: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		fprintf(stderr, "launch: %s: %s\n", argv[2], strerror(errno));
		return 125;
	}
	start = now_ns() - start;
	file = fopen(argv[1], "we");
	if (!file ||
	    fprintf(file, "%" PRId64 " %" PRId64 " %" PRId64 " %ld %d\n", start,
		    timeval_ns(&usage.ru_utime), timeval_ns(&usage.ru_stime), usage.ru_maxrss,
		    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)) < 0 ||
	    fclose(file)) {
		fprintf(stderr, "launch: %s: %s\n", argv[1], strerror(errno));
		return 125;
	}
	return 0;
}
