/* SPDX-License-Identifier: MIT */
/*
 * The model of what tracing costs.  Called by tally.c and report.c.
 *
 * A thread that is traced computes, sleeps in calls, or stands stopped; stopping and going on
 * again takes CPU time as well.  Other than the wall time that it takes to be scheduled, CPU time
 * does not depend on what else the machine does.  So what the program would have taken is taken
 * together from what remains: its CPU time, less what the stops took of it, and its sleep.
 */
#include "mtrace/overhead.h"

static double overhead_positive(double ns)
{
	return ns > 0 ? ns : 0;
}

static double overhead_least(double a, double b)
{
	return a < b ? a : b;
}

/*
 * A newborn's time counts from its birth, an attached thread's from then; the latter may be in a
 * call.  The children of a process that it waits for are in its own CPU time.
 */
static void overhead_begin(struct overhead *overhead, struct overhead_thread *thread,
			   const struct event *event)
{
	thread->tid = event->tracee->tid;
	thread->pid = event->tracee->pid;
	overhead->births += event->kind == EVENT_BORN && thread->tid == thread->pid;
	thread->first_time = event->time;
	thread->first_cpu = event->cpu_time;
	thread->idle_first = overhead->idle_ns;
	thread->is_root = event->kind != EVENT_BORN && thread->tid == thread->pid;
	overhead->threads++;
	overhead->seconds += thread->tid != thread->pid;
	if (overhead->threads > overhead->most_threads)
		overhead->most_threads = overhead->threads;
	if (overhead->first_time == 0)
		overhead->first_time = event->time;
}

void overhead_tell_cpu(struct overhead_thread *thread, uint64_t cpu_ns)
{
	if (thread->first_time == 0)
		thread->own_first = cpu_ns;
	thread->own_last = cpu_ns;
	thread->own_known = thread->first_time != 0;
}

double overhead_awake(const struct overhead_row *row)
{
	return overhead_positive(row->traced_ns - row->asleep_ns);
}

static void overhead_add_row(struct overhead_row *sum, const struct overhead_row *row)
{
	sum->cpu_known = (sum->threads == 0 || sum->cpu_known) && row->cpu_known;
	sum->threads += row->threads;
	sum->stops.enters += row->stops.enters;
	sum->stops.exits += row->stops.exits;
	sum->stops.others += row->stops.others;
	sum->stops.calls += row->stops.calls;
	sum->traced_ns += row->traced_ns;
	sum->asleep_ns += row->asleep_ns;
	sum->idle_ns += row->idle_ns;
	sum->cpu_ns += row->cpu_ns;
}

/* Keeps the thread if it was awake for longer than one of those that are kept. */
static void overhead_keep(struct overhead *overhead, const struct overhead_row *row)
{
	struct overhead_row *least = &overhead->rows[0];

	if (overhead->row_count < OVERHEAD_ROWS) {
		overhead->rows[overhead->row_count++] = *row;
		return;
	}
	for (unsigned i = 1; i < OVERHEAD_ROWS; i++)
		if (overhead_awake(&overhead->rows[i]) < overhead_awake(least))
			least = &overhead->rows[i];
	if (overhead_awake(row) <= overhead_awake(least)) {
		overhead_add_row(&overhead->rest, row);
		return;
	}
	overhead_add_row(&overhead->rest, least);
	*least = *row;
}

static void overhead_end(struct overhead *overhead, struct overhead_thread *thread,
			 const struct event *event)
{
	struct overhead_row row = {
		.tid = thread->tid,
		.pid = thread->pid,
		.threads = 1,
		.cpu_known = thread->own_known,
		.stops = thread->stops,
		.traced_ns = (double)(thread->last_time - thread->first_time),
		.asleep_ns = (double)thread->asleep_ns,
		.idle_ns = overhead->idle_ns - thread->idle_first,
		.cpu_ns = (double)(thread->own_last - thread->own_first),
	};

	if (thread->over)
		return;
	thread->over = true;
	overhead->threads--;
	overhead->seconds -= thread->tid != thread->pid;
	/* The process is taken apart after its last thread's own time was told. */
	if (thread->tid == thread->pid && thread->exiting_cpu != 0 &&
	    event->cpu_time > thread->exiting_cpu)
		row.cpu_ns += (double)(event->cpu_time - thread->exiting_cpu);
	overhead->lifetimes_ns += overhead_awake(&row);
	overhead->own_ns += row.cpu_ns;
	overhead->own_unknown |= !row.cpu_known;
	if (thread->is_root && event->cpu_time > thread->first_cpu)
		overhead->roots_ns += (double)(event->cpu_time - thread->first_cpu);
	overhead_keep(overhead, &row);
}

static void overhead_leave_call(struct overhead *overhead, struct overhead_thread *thread)
{
	if (thread->in_call)
		overhead->in_calls--;
	thread->in_call = false;
}

/*
 * Stopping is a voluntary switch as well, so a call in which there was more than one has slept.
 * On another CPU than ours the thread may not have been switched out yet when its stop is
 * reported: then it must also have taken much longer than its CPU time; and longer than the tracer was
 * busy, which the other threads of its process, whose switches count as well, have kept waiting.
 */
static bool overhead_slept(const struct overhead *overhead, const struct overhead_call *call,
			   uint64_t switches, double busy)
{
	return switches > 1 && call->gap_ns > call->cpu_ns + busy + 2 * overhead->prices.exit_gap;
}

static void overhead_add_sleep(struct overhead *overhead, struct overhead_thread *thread,
			       const struct event *event, double asleep)
{
	double all = (double)event->time - (double)overhead->resumed - overhead->prices.exit_gap;

	thread->asleep_ns += (uint64_t)asleep;
	/* Everybody slept since the last one was let go on. */
	if (overhead->in_calls == overhead->threads && overhead->resumed != 0)
		overhead->idle_ns += overhead_positive(overhead_least(all, asleep));
}

static void overhead_exit(struct overhead *overhead, struct overhead_thread *thread,
			  const struct event *event, struct overhead_call *call)
{
	call->gap_ns = (double)(event->loose - thread->entered_loose);
	call->cpu_ns = (double)(event->cpu_time - thread->entered_cpu);
	call->shared = overhead->seconds > 0;
	call->slept = overhead_slept(overhead, call, event->switches - thread->entered_switches,
				     call->shared ? overhead->busy_ns - thread->entered_busy : 0);
	if (!call->slept)
		return;
	overhead_add_sleep(overhead, thread, event,
			   overhead_positive(call->gap_ns - overhead->prices.exit_gap));
}

/*
 * The thread ends, or is let go, in a call that has not ended.  It has slept in it for what is neither
 * its own CPU time nor, if it has used more before, that of its process since.
 */
static void overhead_cut_call(struct overhead *overhead, struct overhead_thread *thread,
			      const struct event *event)
{
	double gap = (double)event->loose - (double)thread->entered_loose;
	double cpu = (double)event->cpu_time - (double)thread->entered_cpu;

	if (!thread->in_call || event->resumed == 0)
		return;
	if (thread->own_known)
		cpu = overhead_least(cpu, (double)(thread->own_last - thread->own_first));
	gap -= overhead_positive(cpu);
	if (gap > 2 * overhead->prices.exit_gap)
		overhead_add_sleep(overhead, thread, event, gap - overhead->prices.exit_gap);
}

/* Of the thread's stop before, only now is it known how long it took; it is not kept waiting by it. */
static void overhead_add_busy(struct overhead *overhead, struct overhead_thread *thread,
			      const struct event *event)
{
	double busy = overhead->prices.exit_gap;

	if (event->resumed <= thread->last_time)
		return;
	busy += (double)(event->resumed - thread->last_time);
	overhead->busy_ns += busy;
	thread->entered_busy += busy;
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
	overhead_add_busy(overhead, thread, event);
	thread->last_time = event->time;
	overhead->last_time = event->time;
	switch ((enum event_kind)event->kind) {
	case EVENT_ENTER:
		overhead->stops.enters++;
		thread->stops.enters++;
		overhead_leave_call(overhead, thread);
		thread->in_call = true;
		overhead->in_calls++;
		thread->entered_loose = event->loose;
		thread->entered_cpu = event->cpu_time;
		thread->entered_switches = event->switches;
		thread->entered_busy = overhead->busy_ns;
		break;
	case EVENT_EXIT:
		overhead->stops.exits++;
		thread->stops.exits++;
		ended = thread->in_call && event->resumed != 0;
		if (ended) {
			overhead->stops.calls++;
			thread->stops.calls++;
			overhead_exit(overhead, thread, event, call);
		}
		overhead_leave_call(overhead, thread);
		break;
	case EVENT_EXITING:
		overhead_cut_call(overhead, thread, event);
		overhead_leave_call(overhead, thread);
		thread->exiting_cpu = event->cpu_time;
		overhead->stops.others++;
		thread->stops.others++;
		break;
	case EVENT_DETACHED:
		overhead_cut_call(overhead, thread, event);
		/* They are let go together: what all slept is counted once. */
		overhead->resumed = event->time;
		/* fallthrough */
	case EVENT_EXITED:
	case EVENT_KILLED:
	case EVENT_SUPERSEDED:
		overhead_leave_call(overhead, thread);
		overhead_end(overhead, thread, event);
		break;
	case EVENT_ABI:
		break;
	default:
		overhead->stops.others++;
		thread->stops.others++;
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
	prices->work = overhead_mean(prices->work, after->work);
	prices->cold = overhead_mean(prices->cold, after->cold);
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

/* What the tracer does at a stop besides what was measured. */
#define OVERHEAD_TRACER 1.15

void overhead_spread(struct overhead *overhead, double tracer_cpu)
{
	struct overhead_prices *prices = &overhead->prices;
	const struct overhead_stops *stops = &overhead->stops;
	double count = (double)(stops->enters + stops->exits + stops->others);
	double price = overhead_mean(prices->enter_cpu, prices->exit_cpu);
	double more, ratio;

	if (count <= 0 || price <= 0)
		return;
	more = tracer_cpu / count - prices->tracer_cpu * OVERHEAD_TRACER;
	ratio = (price + more) / price;
	if (ratio < 0.3)
		ratio = 0.3;
	prices->enter_cpu *= ratio;
	prices->exit_cpu *= ratio;
	prices->doubt += 0.5 * (ratio > 1 ? 1 - 1 / ratio : 1 - ratio);
}

/* What is not known of the price of a stop besides what the measurement was apart by. */
#define OVERHEAD_DOUBT 0.06

/*
 * After a stop a program finds the caches cold, and what that takes grows with what it does until the
 * next, though ever more slowly: with the power 2/3, as the CPU time of eleven programs (find, du, dd, cat,
 * make, python3, tar, sort, sh, ...) compared with theirs without a tracer grew, between 0.08 and 13 us per
 * stop.  They lost 1.7 times as much as the work of which it is measured on each machine, give or take
 * 0.6 of it.  No more is lost than by 80 times that work.
 */
#define OVERHEAD_COLD_TIMES 1.7
#define OVERHEAD_COLD_MOST 80
#define OVERHEAD_COLD_MOST_SHARE 18.6 /* 80^(2/3) */
#define OVERHEAD_COLD_DOUBT 0.6

/*
 * What the CPU time between two stops was before the caches got cold: c from c + k c^(2/3) = cpu.  With c
 * as v^3 times the measured work, that is v^3 + cold v^2 = cpu / work, for which Newton's method comes
 * from above.
 */
static double overhead_warm(const struct overhead_prices *prices, double cpu)
{
	double cold = prices->cold * OVERHEAD_COLD_TIMES;
	double whole = prices->work > 0 ? cpu / prices->work : 0;
	double v = 1 + whole;

	if (whole <= 0)
		return cpu;
	for (unsigned i = 0; i < 60; i++)
		v -= (v * v * v + cold * v * v - whole) / (3 * v * v + 2 * cold * v);
	if (v * v * v > OVERHEAD_COLD_MOST)
		return cpu - prices->work * cold * OVERHEAD_COLD_MOST_SHARE;
	return prices->work * v * v * v;
}

static double overhead_square(double number)
{
	return number * number;
}

/* Heron's: only statistics need a root here. */
static double overhead_both(double a, double b)
{
	double square = overhead_square(a) + overhead_square(b);
	double root = a > b ? a : b;

	if (root <= 0)
		return 0;
	for (unsigned i = 0; i < 6; i++)
		root = (root + square / root) / 2;
	return root;
}

/* The CPU time without stops, and how far off that may be. */
static double overhead_net(const struct overhead_prices *prices, double cpu,
			   const struct overhead_stops *stops, double *doubt)
{
	double count = (double)(stops->enters + stops->exits + stops->others);
	double price = (double)stops->enters * prices->enter_cpu +
		       (double)(stops->exits + stops->others) * prices->exit_cpu;
	double least = (double)stops->calls * prices->call;
	double left = overhead_positive(cpu - price);
	double own = count > 0 ? overhead_warm(prices, left / count) * count : left;

	*doubt = overhead_both(price * (OVERHEAD_DOUBT + prices->doubt),
			       (left - own) * OVERHEAD_COLD_DOUBT);
	return own > least ? own : least;
}

double overhead_cpu(const struct overhead *overhead)
{
	return overhead->own_unknown ? overhead->roots_ns : overhead->own_ns;
}

/*
 * A process that is born while it may run anywhere, and put on the tracer's CPU then, loses its caches:
 * between 16 and 200 us were seen.
 */
#define OVERHEAD_BIRTH 80000
#define OVERHEAD_BIRTH_DOUBT 80000

/* What no stop explains; of several threads that meet otherwise than they would, more. */
static double overhead_vague(const struct overhead *overhead,
			     const struct overhead_estimate *estimate)
{
	double asleep = estimate->untraced_ns - estimate->awake_untraced_ns;

	return estimate->awake_untraced_ns * (overhead->most_threads > 1 ? 0.12 : 0.03) +
	       asleep * 0.01;
}

struct overhead_estimate overhead_estimate(const struct overhead *overhead, unsigned cpus)
{
	double traced = (double)(overhead->last_time - overhead->first_time);
	double awake = overhead_positive(traced - overhead->idle_ns);
	double lifetimes = overhead->lifetimes_ns > awake ? overhead->lifetimes_ns : awake;
	/* So many were awake at a time. */
	double width = overhead_least(awake > 0 ? lifetimes / awake : 1, cpus);
	double births = cpus > 1 ? (double)overhead->births : 0;
	double doubt;
	double cpu = overhead_net(&overhead->prices,
				  overhead_cpu(overhead) - births * OVERHEAD_BIRTH,
				  &overhead->stops, &doubt);
	struct overhead_estimate estimate = {
		.traced_ns = traced,
		.awake_ns = awake,
		.awake_untraced_ns = overhead_least(cpu / width, awake),
		.crowding = awake > 0 ? lifetimes / awake / width : 1,
	};

	doubt = overhead_both(doubt, births * OVERHEAD_BIRTH_DOUBT);
	estimate.untraced_ns = traced - awake + estimate.awake_untraced_ns;
	estimate.uncertainty_ns =
		overhead_both(doubt / width, overhead_vague(overhead, &estimate));
	return estimate;
}

/* While others worked the thread slept as long as they took, and without tracing they take less. */
struct overhead_estimate overhead_estimate_row(const struct overhead *overhead,
					       const struct overhead_estimate *whole,
					       const struct overhead_row *row)
{
	double asleep = overhead_least(row->asleep_ns, row->traced_ns);
	double idle = overhead_least(row->idle_ns, asleep);
	double awake = row->traced_ns - asleep;
	double shrink = whole->awake_ns > 0 ? whole->awake_untraced_ns / whole->awake_ns : 1;
	double doubt;
	double cpu = overhead_net(&overhead->prices, row->cpu_ns, &row->stops, &doubt);
	struct overhead_estimate estimate = {
		.traced_ns = row->traced_ns,
		.awake_ns = awake,
		.awake_untraced_ns = overhead_least(cpu * whole->crowding, awake),
		.crowding = whole->crowding,
	};

	estimate.untraced_ns = idle + (asleep - idle) * shrink + estimate.awake_untraced_ns;
	estimate.uncertainty_ns =
		overhead_both(doubt * whole->crowding, overhead_vague(overhead, &estimate));
	return estimate;
}
