/* SPDX-License-Identifier: MIT */
/*
 * Runs a command under a seccomp filter that refuses it some system calls, as containers do.
 *
 * usage: forbid CALL,... ERROR COMMAND [ARGUMENT]...
 *
 * CALL is a name in the table below; ERROR is EPERM or ENOSYS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PTRACE_GET_SYSCALL_INFO
#define PTRACE_GET_SYSCALL_INFO 0x420e
#endif

#define ANY (-1)

static const struct {
	const char *name;
	unsigned nr;
	int first; /* only with this first argument */
} calls[] = {
	{ "ptrace", SYS_ptrace, ANY },
	{ "syscall_info", SYS_ptrace, PTRACE_GET_SYSCALL_INFO },
	{ "process_vm_readv", SYS_process_vm_readv, ANY },
	{ "process_vm_writev", SYS_process_vm_writev, ANY },
	{ "seccomp", SYS_seccomp, ANY },
	{ "timer_create", SYS_timer_create, ANY },
	{ "sched_setaffinity", SYS_sched_setaffinity, ANY },
	{ "waitid", SYS_waitid, ANY },
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static void load(unsigned short count, struct sock_filter *filter)
{
	struct sock_fprog program = { .len = count, .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("forbid: seccomp");
		exit(77);
	}
}

/* One filter for each: all are asked, and the most severe answer counts. */
static void forbid(unsigned nr, int first, unsigned error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | (first == ANY ? BPF_JGE : BPF_JEQ) | BPF_K,
			 first == ANY ? 0 : (unsigned)first, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	load(sizeof(filter) / sizeof(filter[0]), filter);
}

int main(int argc, char **argv)
{
	unsigned error;

	if (argc < 4)
		return 2;
	error = strcmp(argv[2], "ENOSYS") ? EPERM : ENOSYS;
	for (char *name = strtok(argv[1], ","); name != NULL; name = strtok(NULL, ",")) {
		int i = 0;

		while (i < CALLS && strcmp(calls[i].name, name))
			i++;
		if (i == CALLS)
			return 2;
		forbid(calls[i].nr, calls[i].first, error);
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 2;
}
