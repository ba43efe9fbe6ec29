/* SPDX-License-Identifier: MIT */
/*
 * Waiting for stops: who is dealt with next, and what is left with the kernel if we are killed.
 * Called by loop.c and detach.c.
 *
 * A signal that wait4(2) has taken is in our hands only: killed before PTRACE_SYSCALL, we would take it
 * along.  So stops are looked at with WNOWAIT and left where they are.  PTRACE_SYSCALL needs a tracee
 * that is stopped, not one that was waited for, and ends the stop and the report of it at once; if we
 * die before, the kernel lets the tracee go on with what it was stopped for.  That is as good for all
 * stops: what it would hand on of a syscall-stop, SIGTRAP | 0x80, is no signal, and events have none.
 * What must be taken all the same is in wait_must_take, and a stop that is not ended before the next
 * wait: it would be seen again.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mtrace/xalloc.h"
#include "tracer_internal.h"

/* Stops of one tracee that are dealt with before others are asked for by name. */
#define WAIT_TURNS 8

/*
 * Deaths, and execve by a thread that is not the leader: until somebody has waited for its
 * PTRACE_EVENT_EXEC, Linux (since 5.13) refuses all requests with ESRCH, since whoever uses the number
 * may mean the old leader, and act on a stop of which it was told before.
 */
static bool wait_must_take(const siginfo_t *info)
{
	return info->si_code != CLD_TRAPPED ||
	       info->si_status == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
}

static int wait_status_of(const siginfo_t *info)
{
	/* As wait4 packs it; for a tracee, si_status has the event as well. */
	return (int)((unsigned)info->si_status << 8 | 0x7f);
}

int wait_any(int *status, int flags, struct rusage *usage)
{
	siginfo_t info;

	/* __WALL: threads and other children that end without SIGCHLD count as well. */
	if ((flags & WNOWAIT) == 0)
		return wait4(-1, status, flags | __WALL, usage);
	info.si_pid = 0;
	/* The stops of tracees are reported without WSTOPPED; those of other children are not asked for. */
	if (syscall(SYS_waitid, P_ALL, 0, &info, flags | WEXITED | __WALL, usage) < 0)
		return -1;
	if (info.si_pid == 0)
		return 0;
	if (wait_must_take(&info))
		return wait4(info.si_pid, status, __WALL, usage);
	*status = wait_status_of(&info);
	return info.si_pid;
}

void wait_keep_stop(const struct tracer *tracer, int tid)
{
	if (tracer->at_is_kernels)
		wait4(tid, NULL, __WALL | WNOHANG, NULL);
}

static void wait_enqueue(struct tracer *tracer, size_t count, const struct waited *waited)
{
	if (count == tracer->queue_size) {
		tracer->queue_size = count * 2 + 16;
		tracer->queue = xrealloc(tracer->queue, tracer->queue_size, sizeof(*tracer->queue));
	}
	tracer->queue[count] = *waited;
}

/*
 * May the tracee be dealt with at once?  The kernel looks at tracees in a fixed order and reports the
 * first that has something to say: with several at work, the last of them would starve.  A signal
 * does not wait; nor do deaths and PTRACE_EVENT_EXEC, which wait_any has taken.
 */
static bool wait_has_turn(struct tracer *tracer, const struct waited *waited)
{
	enum stop_kind kind = stop_classify(waited->status).kind;
	struct tracee_record *record;

	if (tracer->tracees.count <= 1 || !WIFSTOPPED(waited->status) || kind == STOP_SIGNAL ||
	    kind == STOP_EXEC)
		return true;
	record = tracee_find(&tracer->tracees, waited->tid);
	if (record == NULL)
		return true;
	if (record->round != tracer->round) {
		record->round = tracer->round;
		record->turns = 0;
	}
	return record->turns++ < WAIT_TURNS;
}

static void wait_deal_with(struct tracer *tracer, const struct waited *waited)
{
	tracer->at_is_kernels = WIFSTOPPED(waited->status);
	tracer_handle(tracer, waited);
	tracer->at_is_kernels = false;
}

/*
 * Who has had its turns waits in the queue, stopped and waited for, until nobody else is left to deal
 * with; then a new round begins.  `budget`: those who are born all the time do not hold up the others.
 */
bool wait_and_handle(struct tracer *tracer)
{
	size_t budget = (tracer->tracees.count + 1) * (WAIT_TURNS + 1);
	size_t count = 0;
	struct waited waited;

	do {
		if (tracer_wait(tracer, &waited, WNOWAIT | (count > 0 ? WNOHANG : 0)) <= 0)
			break;
		/* If there is nothing to take, it was taken already, or its tracee has been killed. */
		if (!wait_has_turn(tracer, &waited) &&
		    wait4(waited.tid, &waited.status, __WALL | WNOHANG, NULL) > 0)
			wait_enqueue(tracer, count++, &waited);
		else
			wait_deal_with(tracer, &waited);
	} while (count > 0 && --budget > 0);
	if (count == 0)
		return waited.tid > 0 || errno != ECHILD;
	tracer->round++;
	for (size_t i = 0; i < count; i++)
		tracer_handle(tracer, &tracer->queue[i]);
	return true;
}
