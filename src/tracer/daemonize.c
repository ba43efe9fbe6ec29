/* SPDX-License-Identifier: MIT */
/*
 * -D: the process that the user started becomes the program, and its grandchild traces it.  So the
 * program's parent is whoever called us, who sees its stops and its end.  Called by session.c
 * before anything else is set up, so that the program inherits nothing of ours.
 */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mtrace/log.h"
#include "tracer_internal.h"

static bool daemonize_get(int fd, void *bytes, size_t size)
{
	ssize_t got;

	do {
		got = recv(fd, bytes, size, MSG_WAITALL);
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)size;
}

static bool daemonize_put(int fd, const void *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/*
 * In the program to be.  Yama lets ancestors trace only, unless the tracee names someone else; it
 * remembers that across execve, so it is taken back before (prctl(2), PR_SET_PTRACER).  Traced,
 * these calls are not shown: they come before execve.
 */
static void __attribute__((noreturn)) daemonize_wait(const struct options *options, int fd)
{
	struct buf path = { 0 };
	int tracer;
	char byte;

	if (!daemonize_get(fd, &tracer, sizeof(tracer)))
		_exit(1); /* it has said why */
	prctl(PR_SET_PTRACER, tracer, 0, 0, 0);
	if (!daemonize_put(fd, "", 1) || !daemonize_get(fd, &byte, 1))
		_exit(1);
	prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	if (spawn_find_program(options, &path))
		spawn_become_program(options, path.data);
	_exit(1);
}

/* In the child between: makes the tracer, which is nobody's child then. */
static bool daemonize_leave(enum daemonize how)
{
	int pid;

	if (how == DAEMONIZE_PGROUP && setpgid(0, 0) < 0)
		log_errno("setpgid");
	if (how == DAEMONIZE_SESSION && setsid() < 0)
		log_errno("setsid");
	pid = fork();
	if (pid < 0)
		log_errno("fork");
	if (pid != 0)
		_exit(pid < 0);
	return true;
}

bool tracer_daemonize(const struct options *options, struct tracer_split *split)
{
	int fds[2];
	int between;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		log_errno("socketpair");
		return false;
	}
	split->pid = getpid();
	split->fd = fds[1];
	/* A fork whose end sends no SIGCHLD, which the program might find pending. */
	between = (int)syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (between < 0) {
		log_errno("clone");
		return false;
	}
	if (between == 0) {
		close(fds[0]);
		return daemonize_leave(options->daemonize);
	}
	close(fds[1]);
	while (waitpid(between, NULL, __WALL) < 0 && errno == EINTR)
		;
	daemonize_wait(options, fds[0]);
}

enum outcome daemonize_seize(struct tracer *tracer, const struct tracer_split *split)
{
	enum outcome outcome = OUTCOME_FAILED;
	int self = getpid();
	char byte;

	/* If the other side is gone, a signal has ended it, as it would have ended the program. */
	if (daemonize_put(split->fd, &self, sizeof(self)) && daemonize_get(split->fd, &byte, 1))
		outcome = spawn_seize(tracer, split->pid, split->fd);
	close(split->fd);
	return outcome;
}
