/* SPDX-License-Identifier: MIT */
/*
 * The tracer's loop: waits, turns stops into events, resumes.  Owns struct tracer.  Called by
 * session.c.
 *
 * A syscall-stop costs three system calls: wait4, PTRACE_GET_SYSCALL_INFO, PTRACE_SYSCALL.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "mtrace/log.h"
#include "mtrace/xalloc.h"
#include "tracer_internal.h"

struct tracer *tracer_new(const struct options *options, const struct tracer_client *client)
{
	struct tracer *tracer = xcalloc(1, sizeof(*tracer));

	tracer->options = options;
	tracer->client = *client;
	/*
	 * PTRACE_O_TRACEEXEC also keeps execve from sending a SIGTRAP.  PTRACE_O_TRACEEXIT tells
	 * that a call will not return while the rest of a dying process still lives.  Tracees
	 * outlive us unless PTRACE_O_EXITKILL is asked for.
	 */
	tracer->ptrace_options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
	if (options->follow)
		tracer->ptrace_options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
					  PTRACE_O_TRACECLONE;
	if (options->kill_on_exit)
		tracer->ptrace_options |= PTRACE_O_EXITKILL;
	tracer->ptrace_options |= seccomp_options(options);
	page_cache_init(&tracer->cache);
	interrupt_setup(&tracer->saved, options->interruptible);
	tracer->colocate = colocate_new(options);
	return tracer;
}

void tracer_free(struct tracer *tracer)
{
	if (tracer == NULL)
		return;
	interrupt_tick_stop();
	colocate_free(tracer->colocate);
	tracee_table_free(&tracer->tracees);
	page_cache_free(&tracer->cache);
	free(tracer->queue);
	free(tracer);
}

void tracer_stop(struct tracer *tracer)
{
	/* A keeper (seccomp.c) goes on without the client. */
	if (!tracer->keeping)
		tracer->stopping = true;
}

static uint64_t tracer_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What the model of the cost of tracing rests on. */
static inline void tracer_note_costs(const struct tracer *tracer, const struct tracee_record *record,
				     struct event *event)
{
	event->resumed = record->resumed;
	event->loose = record->loose;
	if (record->resumed != 0)
		event->loose += event->time - record->resumed;
	event->cpu_time = tracer->at.cpu_time;
	event->switches = tracer->at.switches;
}

struct event tracer_event(const struct tracer *tracer, struct tracee_record *record,
			  enum event_kind kind)
{
	struct event event;

	memset(&event, 0, sizeof(event));
	event.kind = (uint8_t)kind;
	event.tracee = &record->tracee;
	event.time = tracer->at.time;
	event.wall = tracer->at.wall;
	event.system_time = tracer->at.system_time;
	tracer_note_costs(tracer, record, &event);
	return event;
}

enum verdict tracer_emit(struct tracer *tracer, const struct event *event)
{
	if (((const struct tracee_record *)event->tracee)->silent)
		return VERDICT_CONTINUE;
	tracer->dirty = true;
	return tracer->client.event(tracer->client.context, event);
}

void tracer_report_population(struct tracer *tracer, size_t count)
{
	if (tracer->client.population != NULL && !tracer->keeping)
		tracer->client.population(tracer->client.context, count - tracer->hidden);
}

void tracer_idle(struct tracer *tracer)
{
	tracer->dirty = false;
	if (tracer->client.idle != NULL)
		tracer->client.idle(tracer->client.context);
}

/*
 * Stops are counted when they end.  The tracee may run, or be gone, before the clock is read: its
 * record is ours.
 */
static void tracer_note_resumed(struct tracer *tracer, struct tracee_record *record,
				const struct stop *stop)
{
	if (record->resumed != 0)
		record->loose += tracer->at.time - record->resumed;
	record->resumed = tracer_now(CLOCK_MONOTONIC);
	tracer->cost.handling_ns += record->resumed - tracer->at.time;
	tracer->cost.stops++;
	if (stop->kind == STOP_SYSCALL || stop->kind == STOP_SECCOMP)
		tracer->cost.syscall_stops++;
	else if (stop->kind == STOP_SIGNAL || stop->kind == STOP_GROUP)
		tracer->cost.signal_stops++;
}

void tracer_resume(struct tracer *tracer, struct tracee_record *record, const struct stop *stop)
{
	int signal = stop->kind == STOP_SIGNAL ? stop->signal : 0;

	if (record->hides_child)
		seccomp_take_untraced(tracer, record);
	if (record->tamper != NULL && stop->kind != STOP_SIGNAL) {
		if (!record->silent && tamper_hold(tracer, record)) {
			wait_keep_stop(tracer, record->tracee.tid);
			return;
		}
		signal = tamper_take_signal(record);
	}
	/*
	 * PTRACE_LISTEN keeps a tracee in group-stop stopped, as it would be without us; SIGCONT
	 * ends that with a STOP_TRAP.  PTRACE_SYSCALL would let it run on.  Either fails with ESRCH
	 * if the tracee was killed meanwhile; its death will be reported.
	 */
	if (stop->kind == STOP_GROUP)
		ptrace(PTRACE_LISTEN, record->tracee.tid, 0, 0);
	else if (tracer->filtered && seccomp_request(tracer, record) == PTRACE_CONT &&
		 !tamper_is_pending(record))
		tracer_ptrace(PTRACE_CONT, record->tracee.tid, 0, (void *)(long)signal);
	else
		tracer_ptrace(PTRACE_SYSCALL, record->tracee.tid, 0, (void *)(long)signal);
	if ((tracer->options->clocks & CLOCKS_RESUMED) != 0)
		tracer_note_resumed(tracer, record, stop);
}

/* Acts on the client's answer to an event of a stopped tracee. */
static inline void tracer_answer(struct tracer *tracer, struct tracee_record *record,
				 const struct stop *stop, enum verdict verdict)
{
	if (verdict == VERDICT_DETACH || tracer->stopping)
		detach_one(tracer, record, stop);
	else
		tracer_resume(tracer, record, stop);
}

/* Is this event of the program's making, or of our own code before and after its execve? */
static inline bool tracer_is_shown(struct tracee_record *record, const struct event *event)
{
	switch ((enum launch_phase)record->launch) {
	case LAUNCH_NONE:
		return true;
	case LAUNCH_SETUP:
		if (event->kind != EVENT_ENTER || event->nr != SYS_execve)
			return false;
		record->launch = LAUNCH_EXEC;
		return true;
	case LAUNCH_EXEC:
		if (event->kind == EVENT_EXEC)
			record->launch = LAUNCH_NONE;
		else if (event->kind == EVENT_EXIT)
			record->launch = LAUNCH_FAILED;
		return true;
	case LAUNCH_FAILED:
		return false;
	}
	return true;
}

static inline void tracer_handle_event(struct tracer *tracer, struct tracee_record *record,
				       const struct stop *stop, const struct event *event)
{
	enum verdict verdict = VERDICT_CONTINUE;

	if (tracer_is_shown(record, event))
		verdict = tracer_emit(tracer, event);
	if (record->tamper != NULL && tamper_is_leaving(record))
		verdict = VERDICT_DETACH;
	tracer_answer(tracer, record, stop, verdict);
}

/* It was killed between its stop and our looking at it; its end will be reported. */
static void tracer_handle_loss(struct tracer *tracer, struct tracee_record *record)
{
	struct event event = tracer_event(tracer, record, EVENT_LOST);

	if (tracer_is_shown(record, &event))
		tracer_emit(tracer, &event);
}

/*
 * We can attach, but not trace.  This is found out at the first stop of all; a program of ours is not
 * one yet, and does not run untraced by surprise.
 */
static void tracer_handle_refusal(struct tracer *tracer, struct tracee_record *record,
				  const struct stop *stop)
{
	explain_no_syscall_info(errno);
	tracer->failed = true;
	tracer->stopping = true;
	if (record->launch == LAUNCH_NONE) {
		detach_one(tracer, record, stop);
		return;
	}
	record->silent = true;
	kill(record->tracee.tid, SIGKILL);
}

static void tracer_handle_syscall(struct tracer *tracer, struct tracee_record *record,
				  const struct stop *stop)
{
	struct __ptrace_syscall_info info;
	struct event *event = &tracer->syscall;

	if (tracer_ptrace(PTRACE_GET_SYSCALL_INFO, record->tracee.tid, sizeof(info), &info) < 0) {
		if (errno == ESRCH) {
			tracer_handle_loss(tracer, record);
			return;
		}
		tracer_handle_refusal(tracer, record, stop);
		return;
	}
	tracer->syscall_op = info.op;
	if (stop->kind == STOP_SECCOMP && seccomp_begins_call(record, &info))
		info.op = PTRACE_SYSCALL_INFO_ENTRY; /* of which it has all members */
	event->tracee = &record->tracee;
	if (tracer->options->clocks != 0) {
		event->time = tracer->at.time;
		event->wall = tracer->at.wall;
		event->system_time = tracer->at.system_time;
		if ((tracer->options->clocks & CLOCKS_RESUMED) != 0)
			tracer_note_costs(tracer, record, event);
	}
	event->ip = info.instruction_pointer;
	event->sp = info.stack_pointer;
	switch (info.op) {
	case PTRACE_SYSCALL_INFO_ENTRY:
		event->kind = EVENT_ENTER;
		event->abi = abi_of_call(info.arch, info.entry.nr);
		event->nr = abi_call_number(event->abi, info.entry.nr);
		memcpy(event->args, info.entry.args, sizeof(event->args));
		record->in_call = true;
		if (tracer->colocate != NULL)
			colocate_enter(tracer->colocate, record, event);
		if (tracer->filtered)
			seccomp_enter(tracer, record, event);
		event->launching = record->launch == LAUNCH_SETUP;
		if (record->tamper != NULL)
			tamper_begin_call(record);
		break;
	case PTRACE_SYSCALL_INFO_EXIT:
		event->kind = EVENT_EXIT;
		event->abi = abi_of_call(info.arch, 0);
		event->result = info.exit.rval;
		event->is_error = info.exit.is_error != 0;
		record->in_call = false;
		if (tracer->colocate != NULL)
			colocate_exit(tracer->colocate, record, &tracer->tracees);
		if (tracer->filtered)
			seccomp_exit(tracer, record, event);
		event->launching = record->launch == LAUNCH_EXEC;
		if (record->tamper != NULL)
			tamper_end_call(tracer, record, event);
		break;
	case PTRACE_SYSCALL_INFO_NONE:
		/*
		 * It has been killed, perhaps by the execve of another thread, since it was waited
		 * for, and is in its PTRACE_EVENT_EXIT by now.  That has a report of its own.
		 */
		tracer_handle_loss(tracer, record);
		return;
	default:
		tracer_answer(tracer, record, stop, VERDICT_CONTINUE);
		return;
	}
	if (record->launch == LAUNCH_SETUP)
		seccomp_note_setup(tracer, record, event);
	tracer_handle_event(tracer, record, stop, event);
}

/* The tracee gets the signal before it is shown; the event carries all there is to know. */
static void tracer_handle_signal(struct tracer *tracer, struct tracee_record *record,
				 const struct stop *stop)
{
	struct event event = tracer_event(tracer, record, EVENT_SIGNAL);

	event.signal = stop->signal;
	if (bitset_has(&tracer->options->signals, (uint64_t)stop->signal))
		event.have_siginfo = ptrace(PTRACE_GETSIGINFO, record->tracee.tid, 0,
					    &event.siginfo) == 0;
	tracer_answer(tracer, record, stop, VERDICT_CONTINUE);
	if (tracer_is_shown(record, &event))
		tracer_emit(tracer, &event);
}

static void tracer_handle_stop(struct tracer *tracer, struct tracee_record *record,
			       const struct stop *stop)
{
	struct event event;

	switch (stop->kind) {
	case STOP_SYSCALL:
	case STOP_SECCOMP:
		tracer_handle_syscall(tracer, record, stop);
		return;
	case STOP_SIGNAL:
		tracer_handle_signal(tracer, record, stop);
		return;
	case STOP_GROUP:
		event = tracer_event(tracer, record, EVENT_STOPPED);
		event.signal = stop->signal;
		break;
	case STOP_EXEC:
		record->one_more = true;
		event = tracer_event(tracer, record, EVENT_EXEC);
		if (tracer->options->detach_on_exec && record->launch == LAUNCH_NONE) {
			tracer_emit(tracer, &event);
			detach_one(tracer, record, stop);
			return;
		}
		break;
	case STOP_EXITING:
		record->exiting = true;
		event = tracer_event(tracer, record, EVENT_EXITING);
		break;
	case STOP_BIRTH:
		follow_birth(tracer, record);
		tracer_answer(tracer, record, stop, VERDICT_CONTINUE);
		return;
	default:
		tracer_answer(tracer, record, stop, VERDICT_CONTINUE);
		return;
	}
	tracer_handle_event(tracer, record, stop, &event);
}

/* The launched program's end tells our exit status, whether it is traced to the end or not. */
static void tracer_note_death(struct tracer *tracer, const struct waited *waited)
{
	if (waited->tid != tracer->launched)
		return;
	tracer->launched_gone = true;
	tracer->launched_status = waited->status;
}

static void tracer_bury(struct tracer *tracer, struct tracee_record *record,
			const struct stop *stop)
{
	bool killed = stop->kind == STOP_KILLED;
	struct event event = tracer_event(tracer, record, killed ? EVENT_KILLED : EVENT_EXITED);

	event.signal = stop->signal;
	event.status = stop->status;
	event.core_dumped = stop->core_dumped;
	if (record->leaving)
		tracer->leaving--;
	if (record->silent && tracer->hidden > 0)
		tracer->hidden--;
	tracer_emit(tracer, &event);
	colocate_forget(tracer->colocate, record);
	tracee_remove(&tracer->tracees, record);
	tracer_report_population(tracer, tracer->tracees.count);
}

void tracer_handle(struct tracer *tracer, const struct waited *waited)
{
	struct stop stop = stop_classify(waited->status);
	struct tracee_record *record = tracee_find(&tracer->tracees, waited->tid);

	page_cache_begin(&tracer->cache);
	tracer->at = *waited;
	if (record != NULL && record->tamper != NULL)
		tamper_unhold(tracer, record);
	/* Nearly all stops. */
	if (stop.kind == STOP_SYSCALL && record != NULL && !tracer->stopping) {
		tracer_handle_syscall(tracer, record, &stop);
		return;
	}
	if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED) {
		tracer_note_death(tracer, waited);
		colocate_note_death(tracer->colocate, waited->tid);
		/* The end of a child that was detached is not a tracee's. */
		if (record != NULL && (!record->leaving || record->exiting))
			tracer_bury(tracer, record, &stop);
		return;
	}
	if (stop.kind == STOP_EXEC)
		record = follow_exec(tracer, waited->tid);
	else if (record == NULL)
		record = follow_newborn(tracer, waited->tid, 0);
	if (tracer->stopping)
		detach_one(tracer, record, &stop);
	else
		tracer_handle_stop(tracer, record, &stop);
}

static uint64_t tracer_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_usec * 1000;
}

int tracer_wait(const struct tracer *tracer, int tid, struct waited *waited, int flags)
{
	struct rusage usage;

	*waited = (struct waited){ 0 };
	if ((tracer->options->clocks & CLOCKS_SYSTEM) != 0) {
		waited->tid = wait_for(tid, &waited->status, flags, &usage);
		waited->system_time = tracer_ns(&usage.ru_stime);
		waited->cpu_time = waited->system_time + tracer_ns(&usage.ru_utime);
		waited->switches = (uint64_t)usage.ru_nvcsw;
	} else {
		waited->tid = wait_for(tid, &waited->status, flags, NULL);
	}
	if ((tracer->options->clocks & (CLOCKS_STOP | CLOCKS_TIME)) != 0)
		waited->time = tracer_now(CLOCK_MONOTONIC);
	if ((tracer->options->clocks & CLOCKS_STOP) != 0)
		waited->wall = tracer_now(CLOCK_REALTIME);
	return waited->tid;
}

/* Stops if the kernel knows no tracee of ours any more. */
static void tracer_take_stock(struct tracer *tracer)
{
	struct tracee_record *record = tracer->tracees.oldest;

	while (record != NULL && !attach_is_ours(record->tracee.tid))
		record = record->newer;
	if (record == NULL)
		tracer->stopping = true;
}

/* Sees to it that the client is told once in a while; at each stop would cost too much. */
static void tracer_tend_tick(struct tracer *tracer)
{
	if (tracer->colocate != NULL && colocate_tend(tracer->colocate, &tracer->tracees))
		tracer_take_stock(tracer);
	if (interrupt_ticked() && tracer->ticking) {
		interrupt_tick_stop();
		tracer->ticking = false;
		tracer_idle(tracer);
	} else if (tracer->dirty && !tracer->ticking) {
		tracer->ticking = true;
		interrupt_tick_start();
	}
}

/*
 * A tracee that detach_all had to give up on (a vfork whose child lived on) stops as soon as it wakes
 * up, for the PTRACE_INTERRUPT it was sent then; nobody else would let it go.
 */
static void tracer_wait_for_launched(struct tracer *tracer)
{
	struct waited waited;

	while (!tracer->launched_gone && interrupt_signal() == 0) {
		if (tracer_wait(tracer, 0, &waited, 0) > 0) {
			struct stop stop = stop_classify(waited.status);

			if (stop.kind == STOP_EXITED || stop.kind == STOP_KILLED)
				tracer_note_death(tracer, &waited);
			else
				ptrace(PTRACE_DETACH, waited.tid, 0,
				       (long)(stop.kind == STOP_SIGNAL ? stop.signal : 0));
		} else if (errno != EINTR) {
			break;
		}
	}
}

void tracer_run(struct tracer *tracer)
{
	uint64_t detach_after = tracer->options->detach_after;

	if (detach_after > 0 && !interrupt_after(detach_after)) {
		log_errno("--detach-after: timer");
		tracer->stopping = true;
	}
	while (tracer->tracees.count > 0 && !tracer->stopping && interrupt_signal() == 0 &&
	       !interrupt_expired()) {
		tracer_tend_tick(tracer);
		if (tracer->stopping)
			break; /* the client could not write: do not wait for another event */
		if (tracer->wake != 0 || tracer->held != NULL)
			tamper_release_due(tracer);
		if (!wait_and_handle(tracer))
			tracer->stopping = true; /* the kernel knows of no tracee of ours */
	}
	wait_end_round(tracer);
	colocate_free(tracer->colocate);
	tracer->colocate = NULL;
	if (interrupt_expired()) {
		interrupt_after(0);
		tracer_idle(tracer);
		log_note("The time to detach has come, detaching tracees");
	}
	if (tracer->tracees.count > 0 && tracer->options->kill_on_exit)
		detach_by_killing(tracer);
	else if (tracer->tracees.count > 0 && seccomp_must_keep(tracer))
		seccomp_keep_all(tracer);
	else if (tracer->tracees.count > 0)
		detach_all(tracer);
	tracer_idle(tracer);
	if (tracer->launched != 0)
		tracer_wait_for_launched(tracer);
}

struct tracer_cost tracer_cost(const struct tracer *tracer)
{
	return tracer->cost;
}

int tracer_exit_status(const struct tracer *tracer, int *signal)
{
	*signal = interrupt_signal();
	if (*signal == 0 && tracer->failed)
		return 1;
	if (*signal == 0 && tracer->launched_gone) {
		if (WIFEXITED(tracer->launched_status))
			return WEXITSTATUS(tracer->launched_status);
		*signal = WTERMSIG(tracer->launched_status);
	}
	return *signal != 0 ? 128 + *signal : 0;
}
