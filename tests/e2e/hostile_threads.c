/* SPDX-License-Identifier: MIT */
/*
 * Memory that another thread changes all the time, under calls that point into it: lengths, counts and
 * pointers between one look and the next.  Prints nothing; hostile.sh looks at the trace.
 *
 * usage: hostile_threads [rounds]
 */
#include "tracee.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/uio.h>

static union {
	struct iovec iov[16];
	struct msghdr msg;
	struct pollfd fds[32];
	uint64_t words[512];
	char bytes[4096];
} shared;

static volatile int finished;

static void *change(void *unused)
{
	uint64_t random = 88172645463325252u;

	(void)unused;
	while (!finished) {
		uint64_t number;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		number = random % 5 == 0   ? (uint64_t)(uintptr_t)&shared + random % 4096
			 : random % 5 == 1 ? random % 64
			 : random % 5 == 2 ? (uint64_t)(uintptr_t)tracee_hole - random % 32
			 : random % 5 == 3 ? UINT64_MAX
					   : random;
		((volatile uint64_t *)shared.words)[random >> 32 & 511] = number;
	}
	return NULL;
}

static void calls(void)
{
	CALL(SYS_writev, -1, shared.iov, 16);
	CALL(SYS_readv, -1, shared.iov, 1 << 20);
	CALL(SYS_sendmsg, -1, &shared.msg, 0);
	CALL(SYS_recvmsg, -1, &shared.msg, 0);
	CALL(SYS_sendmmsg, -1, &shared, 4, 0);
	CALL(SYS_openat, -1, shared.bytes, O_RDONLY);
	CALL(SYS_write, -1, shared.bytes, 64);
	CALL(SYS_connect, -1, shared.bytes, 110);
	CALL(SYS_ppoll, shared.fds, 1 << 20, NULL, NULL, 8);
	CALL(SYS_setsockopt, -1, SOL_SOCKET, 26, &shared, 16);
	CALL(SYS_bpf, 99, &shared, 128);
	CALL(SYS_clone3, &shared, 7);
	CALL(SYS_sched_setattr, INT32_MAX, &shared, 0);
	CALL(SYS_perf_event_open, &shared, INT32_MAX, -1, -1, 0);
	CALL(SYS_execve, "/nonexistent", shared.words, shared.words + 100);
	CALL(SYS_io_submit, 0, 64, &shared);
	CALL(SYS_process_vm_readv, INT32_MAX, shared.iov, 8, shared.iov, 8, 0);
	CALL(SYS_getsockname, -1, &shared, shared.words + 40);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 100;
	pthread_t thread;

	tracee_start();
	if (pthread_create(&thread, NULL, change, NULL))
		return 2;
	for (unsigned i = 0; i < rounds; i++)
		calls();
	finished = 1;
	return pthread_join(thread, NULL) ? 2 : 0;
}
