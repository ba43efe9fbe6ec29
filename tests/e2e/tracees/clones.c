/* SPDX-License-Identifier: MIT */
/*
 * Tracee that makes children and threads in the rarer ways of clone(2); prints what became of each.
 * ARGV[1] names one of them; "undumpable" may not be attached to by its user.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[4][64 * 1024] __attribute__((aligned(16)));
static volatile int flag;

static int child_exits(void *arg)
{
	syscall(SYS_getpid);
	_exit((int)(intptr_t)arg);
}

static void show_end(const char *what, int child)
{
	int status = -1;
	int waited = waitpid(child, &status, __WALL);

	printf("%s: %s status %x\n", what, waited == child ? "waited" : "lost", status);
}

static void run_clone(const char *what, int flags)
{
	show_end(what, clone(child_exits, stack[0] + sizeof(stack[0]), flags, (void *)5));
}

/* The child's parent is ours: we hear of its end by a pipe. */
static int child_of_our_parent(void *arg)
{
	int *pipe_fd = arg;

	close(pipe_fd[0]);
	syscall(SYS_getpid);
	dprintf(pipe_fd[1], "alive");
	_exit(0);
}

static void run_parent(void)
{
	char text[16] = "";
	int fds[2];
	int child;

	if (pipe(fds) < 0)
		exit(1);
	child = clone(child_of_our_parent, stack[0] + sizeof(stack[0]), CLONE_PARENT | SIGCHLD,
		      fds);
	close(fds[1]);
	while (read(fds[0], text, sizeof(text) - 1) > 0)
		;
	printf("parent: %s, wait %s\n", text,
	       child > 0 && waitpid(child, NULL, 0) < 0 && errno == ECHILD ? "refused" : "went on");
}

static void run_clone3(void)
{
	struct clone_args args = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGURG };
	long child = syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0)
		_exit(9);
	show_end("clone3", (int)child);
}

static int child_vforks(void *arg)
{
	int status = 0;
	int child = vfork();

	if (child == 0) {
		execl("/bin/sh", "sh", "-c", "exit 3", NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	_exit(WEXITSTATUS(status) + (int)(intptr_t)arg);
}

static void *thread_forks(void *arg)
{
	int child = fork();

	if (child == 0)
		_exit(4);
	show_end("fork of a thread's thread", child);
	return arg;
}

static void *thread_threads(void *arg)
{
	pthread_t thread;

	pthread_create(&thread, NULL, thread_forks, NULL);
	pthread_join(thread, NULL);
	return arg;
}

static void *thread_outlives(void *leader)
{
	pthread_join(*(pthread_t *)leader, NULL);
	puts("leader: gone before its threads");
	fflush(stdout);
	execl("/bin/sh", "sh", "-c", "echo leader: another program now; exit 21", NULL);
	return NULL;
}

static int untraced_thread(void *arg)
{
	(void)arg;
	while (flag == 0)
		syscall(SYS_getpid);
	flag = 2;
	for (;;)
		syscall(SYS_pause);
}

/* A thread that no tracer is told of, ended by the execve of one that is traced. */
static void run_untraced_thread(void)
{
	clone(untraced_thread, stack[1] + sizeof(stack[1]),
	      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
		      CLONE_UNTRACED,
	      NULL);
	flag = 1;
	while (flag != 2)
		syscall(SYS_sched_yield);
	execl("/bin/sh", "sh", "-c", "echo untraced thread: ended by execve; exit 22", NULL);
}

static int untraced_thread_executes(void *arg)
{
	(void)arg;
	syscall(SYS_execve, "/bin/sh",
		(char *[]){ "sh", "-c", "echo untraced thread: executed; exit 23", NULL },
		(char *[]){ NULL });
	return 1;
}

/* The other way round: the traced leader disappears without a word to its tracer. */
static void run_untraced_exec(void)
{
	clone(untraced_thread_executes, stack[1] + sizeof(stack[1]),
	      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
		      CLONE_UNTRACED,
	      NULL);
	for (;;)
		syscall(SYS_pause);
}

int main(int argc, char **argv)
{
	const char *which = argc > 1 ? argv[1] : "";
	static pthread_t self;
	pthread_t thread;

	alarm(30); /* never longer, whatever goes wrong */
	setvbuf(stdout, NULL, _IONBF, 0);
	if (!strcmp(which, "children")) {
		run_clone("untraced", CLONE_UNTRACED | SIGCHLD);
		run_clone("untraced vfork", CLONE_UNTRACED | CLONE_VFORK | CLONE_VM | SIGCHLD);
		run_clone("no signal", 0);
		run_clone("another signal", SIGURG);
		run_clone("shared memory", CLONE_VM | SIGCHLD);
		run_clone("vfork", CLONE_VM | CLONE_VFORK | SIGCHLD);
		run_parent();
		run_clone3();
		show_end("vfork of a child",
			 clone(child_vforks, stack[2] + sizeof(stack[2]), SIGCHLD, (void *)10));
		pthread_create(&thread, NULL, thread_threads, NULL);
		pthread_join(thread, NULL);
		return 20;
	}
	if (!strcmp(which, "leader")) {
		self = pthread_self();
		pthread_create(&thread, NULL, thread_outlives, &self);
		pthread_exit(NULL);
	}
	if (!strcmp(which, "untraced_thread"))
		run_untraced_thread();
	if (!strcmp(which, "undumpable")) {
		prctl(PR_SET_DUMPABLE, 0);
		pause();
	}
	if (!strcmp(which, "untraced_exec"))
		run_untraced_exec();
	return 1;
}
