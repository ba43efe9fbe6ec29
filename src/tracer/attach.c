/* SPDX-License-Identifier: MIT */
/* Attaching to running processes.  Called by session.c for -p. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mtrace/log.h"
#include "tracer_internal.h"

bool attach_is_ours(int tid)
{
	siginfo_t info;

	/* Asks without waiting and without taking anything from the queue. */
	return waitid(P_PID, (id_t)tid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) ==
	       0;
}

/*
 * PTRACE_INTERRUPT makes the tracee stop, so that PTRACE_SYSCALL can follow.  A call that it is
 * blocked in is restarted without the program's noticing; a few fail with EINTR, as they do after
 * SIGSTOP and SIGCONT (signal(7)).
 */
static enum outcome attach_seize(struct tracer *tracer, int tid)
{
	struct tracee_record *record;
	struct event event;

	if (ptrace(PTRACE_SEIZE, tid, 0, tracer->ptrace_options) < 0)
		return errno == ESRCH ? OUTCOME_GONE : OUTCOME_FAILED;
	record = tracee_add(&tracer->tracees, &tracer->cache, tid);
	record->tracee.pid = follow_process(tid);
	colocate_begin(tracer->colocate, record, NULL, false);
	ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	event = tracer_event(tracer, record, EVENT_ATTACHED);
	tracer_report_population(tracer, tracer->tracees.count);
	tracer_emit(tracer, &event);
	return OUTCOME_OK;
}

struct attach_walk {
	struct tracer *tracer;
	size_t seized; /* in this pass */
};

static void attach_thread(void *context, int tid)
{
	struct attach_walk *walk = context;

	/*
	 * A thread that a tracee of ours has made in the meantime is ours already; its first stop
	 * tells of it.
	 */
	if (tracee_find(&walk->tracer->tracees, tid) == NULL && !attach_is_ours(tid) &&
	    attach_seize(walk->tracer, tid) == OUTCOME_OK)
		walk->seized++;
}

enum outcome tracer_attach(struct tracer *tracer, int pid)
{
	struct attach_walk walk = { .tracer = tracer };

	if (pid == getpid()) {
		log_error("attach: %d is %s itself, which nobody would resume", pid, log_name());
		return OUTCOME_FAILED;
	}
	if (attach_seize(tracer, pid) != OUTCOME_OK) {
		explain_refusal(pid, errno);
		return OUTCOME_FAILED;
	}
	if (!tracer->options->follow)
		return OUTCOME_OK;
	/* Threads that are not ours yet may make others: until a pass finds no new one. */
	do {
		walk.seized = 0;
		if (proc_each_thread(pid, attach_thread, &walk) < 0)
			break;
	} while (walk.seized > 0);
	return OUTCOME_OK;
}
