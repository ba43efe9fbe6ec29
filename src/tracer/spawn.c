/* SPDX-License-Identifier: MIT */
/* Launching the program to trace.  Called by session.c. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mtrace/buf.h"
#include "mtrace/log.h"
#include "tracer_internal.h"

/*
 * The file that execvp(3) would settle on, in `path`.  False, with errno, if there is none.  A name
 * with a slash need only exist: whether it can be executed is for execve to say.
 */
static bool spawn_search(const char *name, struct buf *path)
{
	const char *dir = getenv("PATH");
	struct stat st;

	if (strchr(name, '/') != NULL) {
		buf_add(path, name, strlen(name) + 1);
		return stat(name, &st) == 0;
	}
	while (dir != NULL && name[0] != '\0') {
		size_t len = strcspn(dir, ":");

		buf_reset(path);
		buf_add(path, dir, len);
		if (len > 0 && dir[len - 1] != '/')
			buf_add_char(path, '/');
		buf_add(path, name, strlen(name) + 1);
		if (stat(path->data, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0)
			return true;
		dir = dir[len] == ':' ? dir + len + 1 : NULL;
	}
	errno = ENOENT;
	return false;
}

bool spawn_find_program(const struct options *options, struct buf *path)
{
	if (spawn_search(options->command[0], path))
		return true;
	log_errno("Can't stat '%s'", options->command[0]);
	return false;
}

static bool spawn_change_user(const struct run_as *run_as)
{
	int done = run_as->name != NULL ? initgroups(run_as->name, run_as->gid)
					: setgroups(0, NULL);

	if (done < 0)
		log_errno("setgroups");
	else if ((done = setresgid(run_as->gid, run_as->gid, run_as->gid)) < 0)
		log_errno("setresgid(%u)", run_as->gid);
	else if ((done = setresuid(run_as->uid, run_as->uid, run_as->uid)) < 0)
		log_errno("setresuid(%u)", run_as->uid);
	return done == 0;
}

void spawn_become_program(const struct options *options, const char *path)
{
	for (size_t i = 0; i < options->environment_count; i++) {
		char *change = options->environment[i];

		if (strchr(change, '=') != NULL)
			putenv(change);
		else
			unsetenv(change);
	}
	if (options->argv0 != NULL)
		options->command[0] = (char *)options->argv0;
	/* While we may still be allowed to without giving up set-user-ID programs. */
	if (options->seccomp.wanted)
		seccomp_install(&options->seccomp);
	if (options->run_as.wanted && !spawn_change_user(&options->run_as))
		return;
	execve(path, options->command, environ);
	log_errno("exec");
}

/*
 * In the child: waits for `go` to say that it is traced, and becomes the program.  Signals are as
 * they were when mtrace was started.
 */
static void __attribute__((noreturn))
spawn_child(const struct tracer *tracer, const char *path, int go)
{
	ssize_t got;
	char byte;

	interrupt_restore(&tracer->saved);
	do {
		got = read(go, &byte, 1);
	} while (got < 0 && errno == EINTR);
	/* Otherwise mtrace has died, or said why it cannot trace. */
	if (got == 1)
		spawn_become_program(tracer->options, path);
	_exit(1);
}

/*
 * PTRACE_SEIZE does not stop the child, and a child that stopped itself would need a SIGCONT, which
 * the program could see.  So it waits in read(2) on a pipe.  PTRACE_INTERRUPT makes it stop before
 * it gets back to user mode, whether the byte has come or not.
 */
enum outcome spawn_seize(struct tracer *tracer, int pid, int go)
{
	struct tracee_record *record;

	if (ptrace(PTRACE_SEIZE, pid, 0, tracer->ptrace_options) < 0) {
		explain_refusal(pid, errno);
		return OUTCOME_FAILED;
	}
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || write(go, "", 1) != 1) {
		log_errno("ptrace(PTRACE_INTERRUPT, %d)", pid);
		return OUTCOME_FAILED;
	}
	record = tracee_add(&tracer->tracees, &tracer->cache, pid);
	record->tracee.pid = pid;
	record->launch = LAUNCH_SETUP;
	tracer->launched = pid;
	colocate_begin(tracer->colocate, record, NULL, true);
	tracer_report_population(tracer, tracer->tracees.count);
	return OUTCOME_OK;
}

static enum outcome spawn_fork(struct tracer *tracer, const char *path)
{
	enum outcome outcome = OUTCOME_FAILED;
	sigset_t all;
	sigset_t mask;
	int go[2];
	int pid;

	if (pipe2(go, O_CLOEXEC) < 0) {
		log_errno("pipe");
		return OUTCOME_FAILED;
	}
	/* A signal that comes before the child has the program's dispositions is kept for them. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		spawn_child(tracer, path, go[0]);
	}
	if (pid < 0)
		log_errno("fork");
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close(go[0]);
	if (pid > 0)
		outcome = spawn_seize(tracer, pid, go[1]);
	close(go[1]);
	if (pid > 0 && outcome != OUTCOME_OK)
		waitpid(pid, NULL, 0);
	return outcome;
}

enum outcome tracer_launch(struct tracer *tracer, const struct tracer_split *split)
{
	struct buf path = { 0 };
	enum outcome outcome = OUTCOME_FAILED;

	if (spawn_find_program(tracer->options, &path))
		outcome = split->pid != 0 ? daemonize_seize(tracer, split)
					  : spawn_fork(tracer, path.data);
	buf_free(&path);
	return outcome;
}
