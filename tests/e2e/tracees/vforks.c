/* SPDX-License-Identifier: MIT */
/*
 * Tracee: vfork with execve and with _exit, posix_spawn, a failing one, and a child that is killed.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int reap(int pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

int main(void)
{
	char *const args[] = { "sh", "-c", "exit 4", NULL };
	volatile long sum = 0; /* vfork shares our frame */
	int pid;

	for (volatile int i = 0; i < 20; i++) {
		pid = vfork();
		if (pid == 0) {
			execv("/bin/sh", args);
			_exit(1);
		}
		sum += WEXITSTATUS(reap(pid));
		pid = vfork();
		if (pid == 0)
			_exit(2);
		sum += WEXITSTATUS(reap(pid));
		pid = vfork();
		if (pid == 0) {
			kill(getpid(), SIGKILL);
			_exit(1);
		}
		sum += WTERMSIG(reap(pid));
		if (posix_spawn(&pid, "/bin/sh", NULL, NULL, args, environ) == 0)
			sum += WEXITSTATUS(reap(pid));
		sum += posix_spawn(&pid, "/nonexistent", NULL, NULL, args, environ);
	}
	printf("sum %ld\n", sum);
	return 25;
}
