/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that makes a tracer slow at random moments: before it waits for a stop and
 * before each ptrace(2).  What the tracer launches is not touched.  JITTER_SEED in the environment
 * makes runs different; JITTER_COUNT names a file that gets a byte for each delay, so that a test can
 * tell that there were some.  Used by stress.sh.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static unsigned state = 1;
static int count = -1;
static long (*real_syscall)(long, ...);
static long (*real_ptrace)(int, ...);

__attribute__((constructor)) static void jitter_begin(void)
{
	const char *seed = getenv("JITTER_SEED");
	const char *file = getenv("JITTER_COUNT");

	if (seed != NULL)
		state = (unsigned)atoi(seed) * 2654435761u + 1;
	if (file != NULL)
		count = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	real_ptrace = (long (*)(int, ...))dlsym(RTLD_NEXT, "ptrace");
	unsetenv("LD_PRELOAD");
	unsetenv("JITTER_SEED");
	unsetenv("JITTER_COUNT");
}

/* One time in 32 up to a millisecond. */
static void jitter(void)
{
	struct timespec moment = { 0, 0 };

	state = state * 1103515245 + 12345;
	if ((state >> 16 & 31) != 0)
		return;
	moment.tv_nsec = (long)(state >> 8 & 0xffff) * 15;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
	if (count >= 0 && write(count, "x", 1) != 1)
		_exit(3);
}

long syscall(long number, ...)
{
	long args[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_ptrace || number == SYS_waitid)
		jitter();
	return real_syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list list;
	pid_t pid;
	void *addr;
	void *data;

	va_start(list, request);
	pid = va_arg(list, pid_t);
	addr = va_arg(list, void *);
	data = va_arg(list, void *);
	va_end(list);
	jitter();
	return real_ptrace(request, pid, addr, data);
}
