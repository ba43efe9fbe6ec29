/* SPDX-License-Identifier: MIT */
/*
 * The model of what tracing costs.  Called by session.c.
 *
 * A thread that is traced computes, sleeps in calls, or stands stopped; stopping and going on
 * again takes CPU time as well.  Other than the wall time that it takes to be scheduled, CPU time
 * does not depend on what else the machine does.  So what the program would have taken is taken
 * together from what remains: its CPU time, less what the stops took of it, and its sleep.
 */
#include "mtrace/overhead.h"

/*
 * A newborn's time counts from its birth, an attached thread's from then; the latter may be in a
 * call.  The children of a process that it waits for are in its own CPU time.
 */
static void overhead_begin(struct overhead *overhead, struct overhead_thread *thread,
			   const struct event *event)
{
	thread->first_time = event->time;
	thread->first_cpu = event->cpu_time;
	thread->is_root = event->kind != EVENT_BORN && event->tracee->tid == event->tracee->pid;
	overhead->threads++;
	if (overhead->threads > overhead->most_threads)
		overhead->most_threads = overhead->threads;
	if (overhead->first_time == 0)
		overhead->first_time = event->time;
}

static void overhead_end(struct overhead *overhead, struct overhead_thread *thread,
			 const struct event *event)
{
	double life = (double)(thread->last_time - thread->first_time);

	if (thread->over)
		return;
	thread->over = true;
	overhead->threads--;
	if (life > (double)thread->asleep_ns)
		overhead->lifetimes_ns += life - (double)thread->asleep_ns;
	if (thread->is_root && event->cpu_time > thread->first_cpu)
		overhead->cpu_ns += (double)(event->cpu_time - thread->first_cpu);
}

static void overhead_leave_call(struct overhead *overhead, struct overhead_thread *thread)
{
	if (thread->in_call)
		overhead->in_calls--;
	thread->in_call = false;
}

static double overhead_positive(double ns)
{
	return ns > 0 ? ns : 0;
}

/*
 * Stopping is a voluntary switch as well, so a call in which there was more than one has slept.
 * On another CPU than ours the thread may not have been switched out yet when its stop is
 * reported: then it must also have taken much longer than its CPU time.
 */
static bool overhead_slept(const struct overhead *overhead, const struct overhead_call *call,
			   uint64_t switches)
{
	return switches > 1 && call->gap_ns > call->cpu_ns + 2 * overhead->prices.exit_gap;
}

static void overhead_exit(struct overhead *overhead, struct overhead_thread *thread,
			  const struct event *event, struct overhead_call *call)
{
	double asleep;

	call->gap_ns = (double)(event->loose - thread->entered_loose);
	call->cpu_ns = (double)(event->cpu_time - thread->entered_cpu);
	call->slept = overhead_slept(overhead, call, event->switches - thread->entered_switches);
	if (!call->slept)
		return;
	asleep = overhead_positive(call->gap_ns - overhead->prices.exit_gap);
	thread->asleep_ns += (uint64_t)asleep;
	/* Everybody slept since the last one was let go on. */
	if (overhead->in_calls == overhead->threads && overhead->resumed != 0)
		overhead->idle_ns += overhead_positive((double)event->time -
						       (double)overhead->resumed -
						       overhead->prices.exit_gap);
}

bool overhead_event(struct overhead *overhead, struct overhead_thread *thread,
		    const struct event *event, struct overhead_call *call)
{
	bool ended = false;

	/* An attached thread is known before it has stopped, and what it is worth is not yet. */
	if (event->time == 0)
		return false;
	if (thread->first_time == 0)
		overhead_begin(overhead, thread, event);
	if (event->resumed > overhead->resumed)
		overhead->resumed = event->resumed;
	thread->last_time = event->time;
	overhead->last_time = event->time;
	switch ((enum event_kind)event->kind) {
	case EVENT_ENTER:
		overhead->enters++;
		overhead_leave_call(overhead, thread);
		thread->in_call = true;
		overhead->in_calls++;
		thread->entered_loose = event->loose;
		thread->entered_cpu = event->cpu_time;
		thread->entered_switches = event->switches;
		break;
	case EVENT_EXIT:
		overhead->exits++;
		ended = thread->in_call && event->resumed != 0;
		if (ended) {
			overhead->calls++;
			overhead_exit(overhead, thread, event, call);
		}
		overhead_leave_call(overhead, thread);
		break;
	case EVENT_EXITED:
	case EVENT_KILLED:
	case EVENT_DETACHED:
	case EVENT_SUPERSEDED:
		overhead_leave_call(overhead, thread);
		overhead_end(overhead, thread, event);
		break;
	case EVENT_ABI:
		break;
	default:
		overhead->others++;
	}
	return ended;
}

void overhead_add_pure(struct overhead *overhead, const struct overhead_call *call)
{
	if (call->slept)
		return;
	overhead->pure_calls++;
	overhead->pure_cpu_ns += call->cpu_ns;
}

static double overhead_mean(double a, double b)
{
	return (a + b) / 2;
}

void overhead_adapt(struct overhead *overhead, const struct overhead_prices *after)
{
	struct overhead_prices *prices = &overhead->prices;
	double before_cpu = prices->enter_cpu + prices->exit_cpu;
	double after_cpu = after->enter_cpu + after->exit_cpu;
	double apart = before_cpu > after_cpu ? before_cpu - after_cpu : after_cpu - before_cpu;

	prices->call = overhead_mean(prices->call, after->call);
	prices->enter_cpu = overhead_mean(prices->enter_cpu, after->enter_cpu);
	prices->exit_cpu = overhead_mean(prices->exit_cpu, after->exit_cpu);
	prices->enter_gap = overhead_mean(prices->enter_gap, after->enter_gap);
	prices->exit_gap = overhead_mean(prices->exit_gap, after->exit_gap);
	prices->tracer_cpu = overhead_mean(prices->tracer_cpu, after->tracer_cpu);
	prices->doubt = overhead_mean(prices->doubt, after->doubt) +
			apart / (before_cpu + after_cpu) / 2;
}

/* So many calls must have been made before their mean is better than what was measured before. */
#define OVERHEAD_PURE_CALLS 1000

void overhead_refine(struct overhead *overhead)
{
	struct overhead_prices *prices = &overhead->prices;
	double seen, ratio;

	if (overhead->pure_calls < OVERHEAD_PURE_CALLS || prices->exit_cpu <= 0)
		return;
	seen = overhead->pure_cpu_ns / (double)overhead->pure_calls - prices->call;
	ratio = seen / prices->exit_cpu;
	/* Other threads of the process count as well: then this says nothing. */
	if (ratio < 0.5 || ratio > 2)
		return;
	prices->exit_cpu = seen;
	prices->enter_cpu *= ratio;
}

/* What a call and the code around it cannot be told apart by, as a share of a stop's cost. */
#define OVERHEAD_DOUBT 0.04

/*
 * A program also loses what the tracer displaces from the caches, the more so the more it does
 * between two stops, and up to a share of what the stop costs.  Both shares come from comparing
 * runs of find(1), ls(1), dd(1) and of loops of calls with their runs without a tracer.
 */
#define OVERHEAD_COLD 0.25
#define OVERHEAD_COLD_MOST 0.15

static double overhead_cold(double own, double stops)
{
	double cold = own * OVERHEAD_COLD;

	return cold < stops * OVERHEAD_COLD_MOST ? cold : stops * OVERHEAD_COLD_MOST;
}

struct overhead_estimate overhead_estimate(const struct overhead *overhead, unsigned cpus)
{
	const struct overhead_prices *prices = &overhead->prices;
	double traced = (double)(overhead->last_time - overhead->first_time);
	double stops = (double)overhead->enters * prices->enter_cpu +
		       (double)(overhead->exits + overhead->others) * prices->exit_cpu;
	double active = overhead_positive(traced - overhead->idle_ns);
	double lifetimes = overhead->lifetimes_ns > active ? overhead->lifetimes_ns : active;
	double cpu = overhead_positive(overhead->cpu_ns - stops);
	double cold = overhead_cold(cpu, stops);
	double least = (double)overhead->calls * prices->call;
	struct overhead_estimate estimate = { .traced_ns = traced };

	cpu -= cold;
	if (cpu < least)
		cpu = least;
	estimate.untraced_ns = overhead->idle_ns;
	if (lifetimes > 0)
		estimate.untraced_ns += active * cpu / lifetimes;
	if (estimate.untraced_ns < cpu / cpus)
		estimate.untraced_ns = cpu / cpus;
	if (estimate.untraced_ns > traced)
		estimate.untraced_ns = traced;
	estimate.uncertainty_ns = (stops * (OVERHEAD_DOUBT + prices->doubt) + cold / 2) *
					  (lifetimes > 0 ? active / lifetimes : 1) +
				  0.03 * estimate.untraced_ns;
	if (overhead->most_threads > 1)
		estimate.uncertainty_ns += 0.1 * estimate.untraced_ns;
	return estimate;
}
