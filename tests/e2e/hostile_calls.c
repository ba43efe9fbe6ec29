/* SPDX-License-Identifier: MIT */
/*
 * Bad input, live: pointers to nothing, to the end of a page, to strings without an end, counts without
 * bounds, calls that do not exist.  For pointers that nothing can be read from the line is known, and
 * expected; for the rest hostile.sh asks for a line at all.  No call here can change the machine.
 *
 * usage: hostile_calls [rounds]
 */
#include "tracee.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#define P INTPTR_MIN       /* a pointer */
#define N (INTPTR_MIN + 1) /* a count */

static const struct hostile_call {
	long nr;
	intptr_t args[6];
	const char *shown; /* %s: the pointer; with the counts as below */
} calls[] = {
	{ SYS_openat, { AT_FDCWD, P, O_RDONLY }, "openat(AT_FDCWD, %s, O_RDONLY)" },
	{ SYS_write, { -1, P, 5 }, "write(-1, %s, 5)" },
	{ SYS_read, { -1, P, 5 }, "read(-1, %s, 5)" },
	{ SYS_writev, { -1, P, 3 }, "writev(-1, %s, 3)" },
	{ SYS_readv, { -1, P, 3 }, "readv(-1, %s, 3)" },
	{ SYS_readlinkat, { AT_FDCWD, P, P, 10 }, "readlinkat(AT_FDCWD, %s, %s, 10)" },
	{ SYS_faccessat, { -1, P, F_OK }, "faccessat(-1, %s, F_OK)" },
	{ SYS_linkat, { -1, P, -1, P, 0 }, "linkat(-1, %s, -1, %s, 0)" },
	{ SYS_symlinkat, { P, -1, P }, "symlinkat(%s, -1, %s)" },
	{ SYS_mkdirat, { -1, P, 0700 }, "mkdirat(-1, %s, 0700)" },
	{ SYS_unlinkat, { -1, P, 0 }, "unlinkat(-1, %s, 0)" },
	{ SYS_renameat2, { -1, P, -1, P, 0 }, "renameat2(-1, %s, -1, %s, 0)" },
	{ SYS_getdents64, { -1, P, 1024 }, "getdents64(-1, %s, 1024)" },
	{ SYS_bind, { -1, P, 16 }, "bind(-1, %s, 16)" },
	{ SYS_connect, { -1, P, 16 }, "connect(-1, %s, 16)" },
	{ SYS_getsockname, { -1, P, P }, "getsockname(-1, %s, %s)" },
	{ SYS_sendto, { -1, P, 5, 0, P, 16 }, "sendto(-1, %s, 5, 0, %s, 16)" },
	{ SYS_sendmsg, { -1, P, 0 }, "sendmsg(-1, %s, 0)" },
	{ SYS_recvmsg, { -1, P, 0 }, "recvmsg(-1, %s, 0)" },
	{ SYS_setsockopt,
	  { -1, SOL_SOCKET, SO_REUSEADDR, P, 4 },
	  "setsockopt(-1, SOL_SOCKET, SO_REUSEADDR, %s, 4)" },
	{ SYS_getsockopt,
	  { -1, SOL_SOCKET, SO_ERROR, P, P },
	  "getsockopt(-1, SOL_SOCKET, SO_ERROR, %s, %s)" },
	{ SYS_epoll_pwait, { -1, P, 3, 0, 0, 8 }, "epoll_pwait(-1, %s, 3, 0, NULL, 8)" },
	{ SYS_rt_sigprocmask, { 77, P, P, 8 }, "rt_sigprocmask(0x4d /* SIG_??? */, %s, %s, 8)" },
	{ SYS_sched_getaffinity, { INT32_MAX, 8, P }, "sched_getaffinity(2147483647, 8, %s)" },
	{ SYS_clock_nanosleep,
	  { 99, 0, P, 0 },
	  "clock_nanosleep(0x63 /* CLOCK_??? */, 0, %s, NULL)" },
	{ SYS_uname, { P }, "uname(%s)" },
	{ SYS_sysinfo, { P }, "sysinfo(%s)" },
	{ SYS_getcwd, { P, 0 }, "getcwd(%s, 0)" },
	{ SYS_setxattr, { P, P, P, 3, 0 }, "setxattr(%s, %s, %s, 3, 0)" },
	{ SYS_memfd_create, { P, 0x100 }, "memfd_create(%s, 0x100 /* MFD_??? */)" },
	{ SYS_pipe2, { P, 1 }, "pipe2(%s, 0x1 /* O_??? */)" },
	{ SYS_capget, { P, P }, "capget(%s, %s)" },
	{ SYS_timer_create, { 99, P, P }, "timer_create(0x63 /* CLOCK_??? */, %s, %s)" },
	/* Without an expectation: what they show depends on more than the pointer. */
	{ SYS_ppoll, { P, N, P, P, 8 }, NULL },
	{ SYS_pselect6, { N, P, P, P, P, P }, NULL },
	{ SYS_execve, { P, P, P }, NULL },
	{ SYS_futex, { P, 0, 1, P, P, 0 }, NULL },
	{ SYS_clone3, { P, N }, NULL },
	{ SYS_bpf, { 5, P, N }, NULL },
	{ SYS_perf_event_open, { P, -1, -1, -1, 0 }, NULL },
	{ SYS_sched_setattr, { INT32_MAX, P, 0 }, NULL },
	{ SYS_process_vm_readv, { INT32_MAX, P, N, P, N, 0 }, NULL },
	{ SYS_preadv, { -1, P, N, 0, 0 }, NULL },
	{ SYS_sendmmsg, { -1, P, N, 0 }, NULL },
	{ SYS_recvmmsg, { -1, P, N, 0, P }, NULL },
	{ SYS_io_setup, { N, P }, NULL },
	{ SYS_io_submit, { 0, N, P }, NULL },
	{ SYS_mq_open, { P, 0, 0, P }, NULL },
	{ SYS_waitid, { 77, 0, P, 4, P }, NULL },
	{ SYS_statx, { -1, P, 0, 0, P }, NULL },
	{ SYS_utimensat, { -1, P, P, 0 }, NULL },
	{ SYS_rt_sigaction, { 77, P, P, 8 }, NULL },
	{ SYS_setgroups, { N, P }, NULL },
	{ SYS_keyctl, { 99, P, P, P, P }, NULL },
	{ SYS_prctl, { 999999, P, P, P, P }, NULL },
	{ SYS_ioctl, { -1, 0x5401, P }, NULL },
	{ SYS_ioctl, { -1, 0xc0ffee, P }, NULL },
	{ SYS_fcntl, { -1, 5, P }, NULL },
	{ SYS_msgsnd, { -1, P, N, 0 }, NULL },
#ifdef SYS_semtimedop
	{ SYS_semtimedop, { -1, P, N, P }, NULL },
#endif
	{ SYS_getrandom, { P, N, 0x1000 }, NULL },
	{ SYS_mincore, { 1, N, P }, NULL },
	{ SYS_move_pages, { INT32_MAX, N, P, P, P, 0 }, NULL },
};
#define CALLS (sizeof(calls) / sizeof(*calls))

static long hostile_call(const struct hostile_call *call, const volatile void *pointer, long count)
{
	long args[6];

	for (unsigned i = 0; i < 6; i++)
		args[i] = call->args[i] == P   ? (long)(uintptr_t)pointer
			  : call->args[i] == N ? count
					       : (long)call->args[i];
	return syscall(call->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
}

/* Nothing can be read there: the address is all there is to show. */
static void unmapped_pointers(void)
{
	const uintptr_t pointers[] = {
		0,
		1,
		8,
		(uintptr_t)tracee_hole,
		(uintptr_t)tracee_hole + 1,
		UINTPTR_MAX,
		UINTPTR_MAX - 4095,
		UINTPTR_MAX / 2 + 1,
	};

	for (unsigned i = 0; i < CALLS; i++)
		for (unsigned k = 0; calls[i].shown && k < sizeof(pointers) / sizeof(*pointers);
		     k++) {
			void *pointer = (void *)pointers[k];
			long result = hostile_call(&calls[i], pointer, 0);
			const char *shown = ptr(pointer);

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
			line(result, calls[i].shown, shown, shown, shown);
		}
}

/*
 * Something can be read: control characters over and over, ones, or pointers to itself.  Wherever one
 * begins, no 32 bits of the first are a number of nanoseconds, so that nothing sleeps.
 */
static void fill(unsigned how)
{
	char *page = tracee_hole - TRACEE_PAGE;

	for (size_t i = 0; i < TRACEE_PAGE; i += sizeof(uintptr_t)) {
		uintptr_t word = how == 0   ? (uintptr_t)UINT64_C(0x9b7f5b6d859d6d9b)
				 : how == 1 ? UINTPTR_MAX
				 : how == 2 ? (uintptr_t)page + i / 2
					    : (uintptr_t)tracee_hole - i % 64;

		memcpy(page + i, &word, sizeof(word));
	}
}

static void mapped_pointers(unsigned how)
{
	static const uint64_t counts[] = {
		0, 1, 7, 1000, INT32_MAX, UINT32_MAX, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 8
	};
	static const unsigned before[] = {
		1, 3, 4, 8, 15, 16, 56, 57, 120, 128, 1000, TRACEE_PAGE
	};

	fill(how);
	for (unsigned i = 0; i < CALLS; i++)
		for (unsigned k = 0; k < sizeof(before) / sizeof(*before); k++) {
			/* The calls write there too; no zeros may be left that make sense to one. */
			fill(how);
			hostile_call(
				&calls[i], tracee_hole - before[k],
				(long)counts[(i + k + how) % (sizeof(counts) / sizeof(*counts))]);
		}
}

static void odd_numbers(void)
{
	static const long numbers[] = { -1, 1000000, 10000 };

	for (unsigned i = 0; i < 3; i++) {
		long result = syscall(numbers[i], 1L, 2L, 0L, -1L, 5L, 6L);

		/* The kernel's number is 64 bits wide for every ABI. */
		line(result, "syscall_%#llx(0x1, 0x2, 0, %#lx, 0x5, 0x6)",
		     (unsigned long long)(long long)numbers[i], -1UL);
	}
}

static void wake(int signal)
{
	(void)signal;
}

int main(int argc, char **argv)
{
	static const struct itimerval often = { { 0, 100000 }, { 0, 100000 } };
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;

	tracee_start();
	tracee_begin();
	unmapped_pointers();
	odd_numbers();
	tracee_end();
	/* Memory that happens to hold a valid time makes some calls wait; none does for long. */
	signal(SIGALRM, wake);
	setitimer(ITIMER_REAL, &often, NULL);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned how = 0; how < 4; how++)
			mapped_pointers(how);
	return tracee_finish();
}
