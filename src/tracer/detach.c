/* SPDX-License-Identifier: MIT */
/* Letting tracees go so that they notice nothing.  Called by loop.c. */
#include <errno.h>

#include "tracer_internal.h"

/* Ticks (interrupt.c) without any stop after which the rest is left to the kernel. */
#define DETACH_PATIENCE 12

static void detach_report(struct tracer *tracer, struct tracee_record *record)
{
	struct event event = tracer_event(tracer, record, EVENT_DETACHED);

	tracer_emit(tracer, &event);
	tracee_remove(&tracer->tracees, record);
	tracer_report_population(tracer, tracer->tracees.count);
}

static void detach_mark(struct tracer *tracer, struct tracee_record *record)
{
	record->leaving = true;
	tracer->leaving++;
}

void detach_one(struct tracer *tracer, struct tracee_record *record, const struct stop *stop)
{
	int signal = stop->kind == STOP_SIGNAL ? stop->signal : 0;

	if (record->leaving)
		return;
	if (stop->kind == STOP_BIRTH)
		follow_birth(tracer, record);
	if (record->tamper != NULL && stop->kind != STOP_SIGNAL && !tamper_settle(tracer, record))
		return;
	colocate_release(tracer->colocate, record);
	if (seccomp_must_keep(tracer)) {
		seccomp_keep(tracer, record);
		tracer_resume(tracer, record, stop);
		return;
	}
	if (record->tamper != NULL && stop->kind != STOP_SIGNAL)
		signal = tamper_take_signal(record);
	/*
	 * The signal of a signal-delivery-stop must be handed on here, or it would be lost.  A
	 * tracee in group-stop stays stopped without our doing.
	 */
	if (ptrace(PTRACE_DETACH, record->tracee.tid, 0, (long)signal) < 0 && errno == ESRCH)
		return; /* killed: its death will be reported */
	if (tracer->stopping)
		detach_mark(tracer, record);
	else
		detach_report(tracer, record);
}

/*
 * A tracee can be detached only while it is stopped.  PTRACE_INTERRUPT stops it without a signal.
 * One that does not answer is in a sleep that only SIGKILL ends (vfork with the child alive, a dead
 * disk), or is a leader that has exited before its threads.  The kernel detaches these when we
 * exit, and as they are in no stop they do not notice.
 */
void detach_all(struct tracer *tracer)
{
	struct tracee_record *record;
	struct waited waited;
	int patience = DETACH_PATIENCE;

	tracer->stopping = true;
	if (tracer->wake != 0)
		interrupt_wake_at(0);
	for (record = tracer->tracees.oldest; record != NULL; record = record->newer) {
		if (record->leaving)
			continue;
		if (record->exiting)
			detach_mark(tracer, record);
		else if (tamper_is_held(record))
			detach_one(tracer, record, &(struct stop){ .kind = STOP_SYSCALL });
		else
			ptrace(PTRACE_INTERRUPT, record->tracee.tid, 0, 0);
	}
	interrupt_tick_start();
	while (tracer->leaving < tracer->tracees.count && patience > 0) {
		if (tracer_wait(tracer, 0, &waited, 0) > 0) {
			tracer_handle(tracer, &waited);
			patience = DETACH_PATIENCE;
		} else if (errno != EINTR) {
			break;
		} else if (interrupt_ticked()) {
			patience--;
		}
	}
	interrupt_tick_stop();
	while (tracer->tracees.oldest != NULL)
		detach_report(tracer, tracer->tracees.oldest);
}

/* Whom detach_by_killing has not killed yet is at the end of the list: those born since. */
static void detach_kill_new(struct tracer *tracer)
{
	struct tracee_record *record;

	for (record = tracer->tracees.newest; record != NULL && !record->killed;
	     record = record->older) {
		record->killed = true;
		kill(record->tracee.tid, SIGKILL);
	}
}

/*
 * PTRACE_O_EXITKILL would do it as well, but then nobody would report the ends, and our own child
 * would be left to init.  One that SIGKILL does not end at once is left to PTRACE_O_EXITKILL.
 */
void detach_by_killing(struct tracer *tracer)
{
	struct waited waited;
	int patience = DETACH_PATIENCE;

	tracer->stopping = false;
	detach_kill_new(tracer);
	interrupt_tick_start();
	while (tracer->tracees.count > 0 && patience > 0) {
		if (tracer_wait(tracer, 0, &waited, 0) > 0) {
			tracer_handle(tracer, &waited);
			detach_kill_new(tracer);
			patience = DETACH_PATIENCE;
		} else if (errno != EINTR) {
			break;
		} else if (interrupt_ticked()) {
			patience--;
		}
	}
	interrupt_tick_stop();
}
