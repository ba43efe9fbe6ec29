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

#include "mtrace/log.h"
#include "mtrace/xalloc.h"
#include "tracer_internal.h"

/*
 * Stops of one tracee that are dealt with before it waits for the others: well below what a scheduler
 * lets run at a stretch, and so many that going from one to the next does not count.
 */
#define WAIT_TURNS 64
/* From so many tracees on it pays to ask for one of them. */
#define WAIT_MANY 8
/* So many wrong guesses in a row, and only one of WAIT_PAUSE waits begins with a guess. */
#define WAIT_MISSES 4
#define WAIT_PAUSE 16

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

int wait_for(int tid, int *status, int flags, struct rusage *usage)
{
	siginfo_t info;

	/* __WALL: threads and other children that end without SIGCHLD count as well. */
	if ((flags & WNOWAIT) == 0)
		return wait4(tid != 0 ? tid : -1, status, flags | __WALL, usage);
	info.si_pid = 0;
	/* The stops of tracees are reported without WSTOPPED; those of other children are not asked for. */
	if (syscall(SYS_waitid, tid != 0 ? P_PID : P_ALL, tid, &info, flags | WEXITED | __WALL,
		    usage) < 0) {
		if (errno == EINTR || errno == ECHILD)
			return -1;
		/* A seccomp profile that has wait4 only; signals do not outlive us then. */
		return wait4(tid != 0 ? tid : -1, status, (flags & ~WNOWAIT) | __WALL, usage);
	}
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

static void wait_enqueue(struct tracer *tracer, const struct waited *waited)
{
	if (tracer->queued == tracer->queue_size) {
		tracer->queue_size = tracer->queue_size * 2 + 16;
		tracer->queue = xrealloc(tracer->queue, tracer->queue_size, sizeof(*tracer->queue));
	}
	tracer->queue[tracer->queued++] = *waited;
}

static bool wait_has_had_its_turns(const struct tracer *tracer, const struct tracee_record *record)
{
	return record->round == tracer->round && record->turns >= WAIT_TURNS;
}

/*
 * May the tracee be dealt with at once?  The kernel looks at tracees in a fixed order and reports the
 * first that has something to say: with several at work, the last of them would starve.  A signal
 * does not wait; nor do deaths and PTRACE_EVENT_EXEC, which wait_for has taken.
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
	if (wait_has_had_its_turns(tracer, record))
		return false;
	if (record->round != tracer->round) {
		record->round = tracer->round;
		record->turns = 0;
	}
	record->turns++;
	return true;
}

/*
 * Who has most likely stopped, 0 if that is not worth a question: the one that was let go last, and
 * when it has had its turns, the next in the kernel's list, in which the youngest is the first.
 */
static int wait_guess(struct tracer *tracer)
{
	const struct tracee_record *record;

	if (tracer->tracees.count < WAIT_MANY)
		return 0;
	if (tracer->guess_misses >= WAIT_MISSES && ++tracer->guess_pause % WAIT_PAUSE != 0)
		return 0;
	record = tracee_find(&tracer->tracees, tracer->last);
	if (record != NULL && wait_has_had_its_turns(tracer, record))
		record = record->older;
	return record != NULL ? record->tracee.tid : 0;
}

/*
 * As tracer_wait.  To find a stop among many tracees the kernel looks at each of them until it meets
 * one that has stopped; at one that is asked for by its number, it looks at once (since Linux 5.12).
 */
static int wait_next(struct tracer *tracer, struct waited *waited, int flags)
{
	int tid = wait_guess(tracer);

	if (tid != 0) {
		if (tracer_wait(tracer, tid, waited, flags | WNOHANG) > 0) {
			tracer->guess_misses = 0;
			return waited->tid;
		}
		tracer->guess_misses++;
	}
	return tracer_wait(tracer, 0, waited, flags);
}

static void wait_deal_with(struct tracer *tracer, const struct waited *waited)
{
	tracer->at_is_kernels = WIFSTOPPED(waited->status);
	tracer_handle(tracer, waited);
	tracer->at_is_kernels = false;
}

void wait_end_round(struct tracer *tracer)
{
	size_t count = tracer->queued;

	tracer->queued = 0;
	tracer->round++;
	tracer->round_stops = 0;
	for (size_t i = 0; i < count; i++)
		tracer_handle(tracer, &tracer->queue[i]);
}

/*
 * Who has had its turns waits in the queue, stopped and waited for, until nobody else is left to deal
 * with; then a new round begins.  round_stops: those who are born all the time do not hold up the
 * others.
 */
bool wait_and_handle(struct tracer *tracer)
{
	struct waited waited;

	if (wait_next(tracer, &waited, WNOWAIT | (tracer->queued > 0 ? WNOHANG : 0)) <= 0) {
		if (tracer->queued > 0) {
			wait_end_round(tracer);
			return true;
		}
		if (errno != EINTR && errno != ECHILD)
			log_errno("wait4");
		return errno == EINTR;
	}
	tracer->last = waited.tid;
	/* If there is nothing to take, it was taken already, or its tracee has been killed. */
	if (!wait_has_turn(tracer, &waited) &&
	    wait4(waited.tid, &waited.status, __WALL | WNOHANG, NULL) > 0)
		wait_enqueue(tracer, &waited);
	else
		wait_deal_with(tracer, &waited);
	if (tracer->queued > 0 &&
	    ++tracer->round_stops > (tracer->tracees.count + 1) * (WAIT_TURNS + 1))
		wait_end_round(tracer);
	return true;
}
