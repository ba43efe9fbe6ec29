/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into mtrace: kills a tracee in its syscall-stop, between wait and PTRACE_GET_SYSCALL_INFO,
 * the VANISH-th time that mtrace asks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>

long ptrace(enum __ptrace_request request, ...)
{
	static long (*real)(enum __ptrace_request, ...);
	static int asked;
	siginfo_t info;
	va_list args;
	void *address, *data;
	int pid;

	va_start(args, request);
	pid = va_arg(args, int);
	address = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ptrace");
	if (request == PTRACE_GET_SYSCALL_INFO && getenv("VANISH") != NULL &&
	    ++asked == atoi(getenv("VANISH"))) {
		kill(pid, SIGKILL);
		/* Until it has left that stop. */
		for (int i = 0; i < 1000; i++) {
			if (real(PTRACE_GETSIGINFO, pid, NULL, &info) < 0 ||
			    info.si_code != (SIGTRAP | 0x80))
				break;
			usleep(5000);
		}
	}
	return real(request, pid, address, data);
}
