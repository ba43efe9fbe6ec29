/* SPDX-License-Identifier: MIT */
/* Births and execve: when numbers of tracees come and change.  Called by loop.c and detach.c. */
#include "tracer_internal.h"

static int follow_event_message(int tid)
{
	unsigned long message = 0;

	if (ptrace(PTRACE_GETEVENTMSG, tid, 0, &message) < 0)
		return 0;
	return (int)message;
}

/* The process that made `tid`, when the event that would tell of it is yet to come. */
static int follow_guess_parent(int tid)
{
	int tgid = proc_status_number(tid, "Tgid");
	int parent = tgid == tid ? proc_status_number(tid, "PPid") : tgid;

	return parent > 0 ? parent : 0;
}

int follow_process(int tid)
{
	int pid = proc_status_number(tid, "Tgid");

	return pid > 0 ? pid : 0;
}

struct tracee_record *follow_newborn(struct tracer *tracer, int tid, int parent_tid)
{
	struct tracee_record *record = tracee_add(&tracer->tracees, &tracer->cache, tid);
	struct event event = tracer_event(tracer, record, EVENT_BORN);
	struct tracee_record *parent;

	record->tracee.pid = follow_process(tid);
	event.parent_tid = parent_tid != 0 ? parent_tid : follow_guess_parent(tid);
	parent = tracee_find(&tracer->tracees, event.parent_tid);
	event.parent = parent != NULL ? &parent->tracee : NULL;
	colocate_begin(tracer->colocate, record, parent, false);
	seccomp_begin(tracer, record, parent);
	tracer_report_population(tracer, tracer->tracees.count);
	tracer_emit(tracer, &event);
	return record;
}

/*
 * A child and its maker report on their own, in no fixed order: the child's first stop may come
 * before the PTRACE_EVENT_FORK, VFORK or CLONE, and the child may even be gone by then.  Whoever
 * comes first introduces it; a number that is no longer ours is not waited for.
 */
void follow_birth(struct tracer *tracer, struct tracee_record *parent)
{
	int tid = follow_event_message(parent->tracee.tid);

	if (tid > 0 && tracee_find(&tracer->tracees, tid) == NULL && attach_is_ours(tid))
		follow_newborn(tracer, tid, parent->tracee.tid);
}

/*
 * execve ends all other threads.  If the caller is not the leader, it takes the leader's number:
 * the leader disappears without a death notice of its own, and so does the caller's old number,
 * which PTRACE_GETEVENTMSG tells (ptrace(2), "execve(2) under ptrace").
 */
struct tracee_record *follow_exec(struct tracer *tracer, int tid)
{
	int old = follow_event_message(tid);
	struct tracee_record *leader = tracee_find(&tracer->tracees, tid);
	struct tracee_record *caller = tracee_find(&tracer->tracees, old);

	if (caller == NULL)
		caller = leader != NULL ? leader : follow_newborn(tracer, tid, 0);
	caller->exiting = false;
	if (caller->tracee.tid == tid)
		return caller;
	if (leader != NULL) {
		struct event event = tracer_event(tracer, leader, EVENT_SUPERSEDED);

		event.by_tid = old;
		event.by = &caller->tracee;
		if (leader->leaving)
			tracer->leaving--;
		tracer_report_population(tracer, tracer->tracees.count - 1);
		tracer_emit(tracer, &event);
		colocate_forget(tracer->colocate, leader);
		if (leader->tamper != NULL)
			tamper_unhold(tracer, leader);
		tracee_remove(&tracer->tracees, leader);
	}
	tracee_rename(&tracer->tracees, caller, tid);
	return caller;
}
