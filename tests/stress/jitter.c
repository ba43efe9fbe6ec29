/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that makes a tracer slow at random moments: before and after wait4 and
 * ptrace.  What the tracer launches is not touched.  JITTER_SEED in the environment makes runs
 * different.  Used by stress.sh.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

static unsigned state = 1;
static pid_t (*real_wait4)(pid_t, int *, int, struct rusage *);
static long (*real_ptrace)(int, ...);

__attribute__((constructor)) static void jitter_begin(void)
{
	const char *seed = getenv("JITTER_SEED");

	if (seed != NULL)
		state = (unsigned)atoi(seed) * 2654435761u + 1;
	real_wait4 = (pid_t(*)(pid_t, int *, int, struct rusage *))dlsym(RTLD_NEXT, "wait4");
	real_ptrace = (long (*)(int, ...))dlsym(RTLD_NEXT, "ptrace");
	unsetenv("LD_PRELOAD");
	unsetenv("JITTER_SEED");
}

/* One time in 32 up to a millisecond, without touching errno's meaning for the caller. */
static void jitter(void)
{
	struct timespec moment = { 0, 0 };

	state = state * 1103515245 + 12345;
	if ((state >> 16 & 31) != 0)
		return;
	moment.tv_nsec = (long)(state >> 8 & 0xffff) * 15;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	jitter();
	return real_wait4(pid, status, options, usage);
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list args;
	pid_t pid;
	void *addr;
	void *data;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	jitter();
	return real_ptrace(request, pid, addr, data);
}
