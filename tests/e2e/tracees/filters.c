/* SPDX-License-Identifier: MIT */
/*
 * Prints what can be known of seccomp filters and of tracers that are not there: calls that its own
 * filters deny or hand to a tracer, and children made with CLONE_UNTRACED.  All of it is the same
 * without a tracer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: done\n", what);
	fflush(stdout);
}

static void calls(const char *when)
{
	printf("%s\n", when);
	report("uname", syscall(SYS_uname, (char[512]){ 0 }));
	report("getppid", syscall(SYS_getppid));
	report("getpgid", syscall(SYS_getpgid, 0));
	report("openat", open("/dev/null", O_RDONLY));
	report("unknown", syscall(999));
}

static void in_child(const char *when)
{
	int status = 0;
	int pid = fork();

	if (pid == 0) {
		calls(when);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	printf("status %d\n", WEXITSTATUS(status));
}

/* By clone3, with its struct in read-only memory. */
enum { CONSTANT = 33 };

/* A child that no tracer is told of. */
static void untraced(int how)
{
	/* Where the program may not write, and a tracer has its ways. */
	static const struct clone_args constant = { .flags = CLONE_UNTRACED, .exit_signal = SIGCHLD };
	struct clone_args args = constant;
	long flags = CLONE_UNTRACED | SIGCHLD;
	int status = 0;
	long pid;

	if (how == 3)
		pid = syscall(SYS_clone3, &args, sizeof(args));
	else if (how == CONSTANT)
		pid = syscall(SYS_clone3, &constant, sizeof(constant));
	else
		pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid == 0) {
		calls("untraced");
		in_child("child of untraced");
		_exit(4);
	}
	if (pid < 0)
		report("clone", pid);
	waitpid((int)pid, &status, __WALL);
	printf("clone%d: status %d, flags %s\n", how, WEXITSTATUS(status),
	       args.flags == CLONE_UNTRACED && constant.flags == CLONE_UNTRACED ? "kept" : "changed");
}

static int install(int by_prctl, unsigned nr, unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (by_prctl)
		return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int main(int argc, char **argv)
{
	(void)argv;
	calls("at first");
	untraced(0);
	untraced(3);
	untraced(CONSTANT);
	if (argc > 1)
		return 0;
	report("filter", install(1, SYS_getppid, SECCOMP_RET_ERRNO | EDOM));
	calls("getppid denied");
	in_child("in a child");
	report("filter", install(0, SYS_getpgid, SECCOMP_RET_TRACE | 7));
	calls("getpgid for a tracer");
	in_child("in a child");
	untraced(0);
	report("filter", install(0, SYS_openat, SECCOMP_RET_TRACE | 0x6d73));
	calls("openat for a tracer");
	return 5;
}
