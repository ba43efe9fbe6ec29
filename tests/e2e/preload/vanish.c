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
#include <sys/syscall.h>
#include <unistd.h>

static long (*real)(long number, ...);

static void vanish(int pid)
{
	static int asked;
	siginfo_t info;

	if (getenv("VANISH") == NULL || ++asked != atoi(getenv("VANISH")))
		return;
	kill(pid, SIGKILL);
	/* Until it has left that stop. */
	for (int i = 0; i < 1000; i++) {
		if (real(SYS_ptrace, PTRACE_GETSIGINFO, pid, NULL, &info) < 0 ||
		    info.si_code != (SIGTRAP | 0x80))
			break;
		usleep(5000);
	}
}

long syscall(long number, ...)
{
	long args[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	if (number == SYS_ptrace && args[0] == PTRACE_GET_SYSCALL_INFO)
		vanish((int)args[1]);
	return real(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}
