/* SPDX-License-Identifier: MIT */
/* Feeds the summary and the model of what tracing costs.  Called by session.c. */
#include "tally.h"

#include <sched.h>
#include <sys/resource.h>

#include "mtrace/desc.h"
#include "mtrace/json.h"
#include "mtrace/log.h"
#include "mtrace/report.h"

static uint64_t tally_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_usec * 1000;
}

static bool tally_calibrate(const struct tally *tally, struct overhead_prices *prices)
{
	struct tracer_calibration seen;

	if (!tracer_calibrate(tally->options, &seen))
		return false;
	*prices = (struct overhead_prices){
		.call = seen.call_ns,
		.enter_cpu = seen.enter_cpu_ns,
		.exit_cpu = seen.exit_cpu_ns,
		.enter_gap = seen.enter_gap_ns,
		.exit_gap = seen.exit_gap_ns,
		.tracer_cpu = seen.tracer_cpu_ns,
		.doubt = seen.doubt,
		.work = seen.work_ns / 2,
		.cold = seen.work_ns > 0 ? seen.cold_ns / seen.work_ns : 0,
	};
	return true;
}

static void tally_measure(struct tally *tally)
{
	struct rusage usage;

	tally->measures = tally_calibrate(tally, &tally->overhead.prices);
	if (!tally->measures) {
		log_note("the cost of tracing cannot be measured here");
		return;
	}
	getrusage(RUSAGE_SELF, &usage);
	tally->user_ns = tally_ns(&usage.ru_utime);
	tally->system_ns = tally_ns(&usage.ru_stime);
}

void tally_begin(struct tally *tally, const struct options *options)
{
	*tally = (struct tally){ .options = options, .summary = &options->summary };
	if (options->summary.mode == SUMMARY_NONE)
		return;
	tally->stats = stats_new(&options->summary);
	if (options->summary.measure)
		tally_measure(tally);
}

void tally_end(struct tally *tally)
{
	stats_free(tally->stats);
}

static bool tally_is_pure(const struct tally_thread *thread)
{
	const struct desc_row *row = desc_find_row(thread->abi, thread->nr);

	return row != NULL && (row->call->classes & CLASS_PURE) != 0;
}

static void tally_begin_call(struct tally_thread *thread, const struct event *event, bool wanted)
{
	thread->counted = wanted;
	thread->abi = event->abi;
	thread->nr = event->nr;
	thread->selector = event->args[0];
	thread->entered = event->time;
	thread->entered_system = event->system_time;
}

/*
 * Room for a name from /proc: a command, or a path, of which the end is left out if it is
 * longer.
 */
#define TALLY_NAME 1024

/*
 * Finds the row that the thread's calls are counted in; its name is that of the program it runs
 * now.
 */
static void tally_find_owner(struct tally *tally, struct tally_thread *thread,
			     const struct tracee *tracee, bool renamed)
{
	int id = tally->summary->by == BY_TID ? tracee->tid : tracee->pid;
	char name[TALLY_NAME];
	size_t len;

	if (thread->group != NULL && !renamed)
		return;
	len = tracee->resolver->pid(tracee->resolver, tracee->tid, name, sizeof(name) - 1);
	name[len] = '\0';
	if (thread->group != NULL && tally->summary->by != BY_COMM)
		stats_name_group(thread->group, name);
	else
		thread->group = stats_find_group(tally->stats, id, -1, name);
}

/* The first descriptor among the call's arguments; -1 if there is none. */
static int tally_find_descriptor(const struct event *event)
{
	const struct desc_row *row = desc_find_row(event->abi, event->nr);
	const struct desc_form *form = row != NULL ? row->call->form : NULL;

	for (unsigned i = 0; form != NULL && i < form->arg_count; i++) {
		const struct desc_field *arg = &form->args[i];

		if (arg->alt_count > 0 && arg->alts[0].type->role == ROLE_FD &&
		    arg->place[event->abi] < 6)
			return (int)event->args[arg->place[event->abi]];
	}
	return -1;
}

/* The file or socket that the call is made on; asked for now, since the call may close it. */
static void tally_find_file(struct tally *tally, struct tally_thread *thread,
			    const struct event *event)
{
	struct tracee *tracee = event->tracee;
	int fd = tally_find_descriptor(event);
	char name[TALLY_NAME];
	size_t len = 0;

	thread->group = NULL;
	if (fd >= 0)
		len = tracee->resolver->fd(tracee->resolver, fd, name, sizeof(name) - 1);
	name[len] = '\0';
	if (len > 0)
		thread->group = stats_find_group(tally->stats, tracee->pid, fd, name);
}

static void tally_find_group(struct tally *tally, struct tally_thread *thread,
			     const struct event *event, bool wanted)
{
	switch (tally->summary->by) {
	case BY_NOTHING:
		break;
	case BY_PID:
	case BY_TID:
	case BY_COMM:
		if (event->kind == EVENT_ENTER || event->kind == EVENT_EXEC)
			tally_find_owner(tally, thread, event->tracee, event->kind == EVENT_EXEC);
		break;
	case BY_FD:
	case BY_PATH:
		if (event->kind == EVENT_ENTER && wanted)
			tally_find_file(tally, thread, event);
		break;
	}
}

static void tally_end_call(struct tally *tally, struct tally_thread *thread,
			   const struct event *event, const struct overhead_call *cost)
{
	const struct stats_sample sample = {
		.abi = thread->abi,
		.nr = thread->nr,
		.selector = thread->selector,
		.result = event->result,
		.is_error = event->is_error,
		.system_ns = event->system_time - thread->entered_system,
		.wall_ns = event->time - thread->entered,
		.gap_ns = cost->gap_ns,
		.cpu_ns = cost->cpu_ns,
		.slept = cost->slept,
		.shared = cost->shared,
		.group = thread->group,
	};

	stats_add(tally->stats, &sample);
}

/* The thread's own CPU time is asked for twice in its life: /proc is slow. */
static void tally_ask_cpu(struct overhead_thread *thread, const struct event *event)
{
	bool begins = thread->first_time == 0 && event->kind != EVENT_BORN && event->time != 0;
	bool ends = event->kind == EVENT_EXITING || event->kind == EVENT_DETACHED;
	uint64_t cpu;

	if ((begins || ends) && tracer_thread_cpu(event->tracee->tid, &cpu))
		overhead_tell_cpu(thread, cpu);
}

void tally_count_event(struct tally *tally, struct tally_thread *thread, const struct event *event,
		       bool wanted)
{
	struct overhead_call cost = { 0 };

	if (tally->began == 0 && tally->summary->interval_ns != 0 && event->time != 0) {
		tally->began = event->time;
		tally->due = event->time + tally->summary->interval_ns;
	}
	if (tally->measures) {
		tally_ask_cpu(&thread->overhead, event);
		if (overhead_event(&tally->overhead, &thread->overhead, event, &cost) &&
		    tally_is_pure(thread))
			overhead_add_pure(&tally->overhead, &cost);
	}
	tally_find_group(tally, thread, event, wanted);
	if (event->kind == EVENT_ENTER) {
		tally_begin_call(thread, event, wanted);
	} else if (event->kind == EVENT_EXIT) {
		if (thread->counted && wanted)
			tally_end_call(tally, thread, event, &cost);
		thread->counted = false;
	}
}

/* Home, and clear what is below. */
#define TALLY_LIVE "\033[H\033[J"
#define TALLY_ROWS 16

static void tally_add_interval(const struct tally *tally, double seconds, struct buf *out)
{
	struct stats_totals totals = stats_totals(tally->stats);
	unsigned long long calls = totals.calls - tally->printed.calls;
	unsigned long long errors = totals.errors - tally->printed.errors;
	unsigned long long bytes = totals.bytes - tally->printed.bytes;

	if (tally->summary->json) {
		buf_add_str(out, "{\"type\":\"interval\"");
		json_unsigned_member(out, "time_ns", (uint64_t)(seconds * 1e9));
		json_unsigned_member(out, "calls", calls);
		json_unsigned_member(out, "errors", errors);
		json_unsigned_member(out, "bytes", bytes);
		buf_add_str(out, "}\n");
		return;
	}
	buf_printf(out, "%12.3f s: %llu calls, %llu errors, %llu bytes\n", seconds, calls, errors,
		   bytes);
}

void tally_print_interval(struct tally *tally, const struct event *event, bool live,
			  struct buf *out)
{
	double seconds = (double)(event->time - tally->began) / 1e9;

	if (live) {
		buf_printf(out, TALLY_LIVE "%.1f s\n", seconds);
		stats_print_top(tally->stats, TALLY_ROWS, out);
	} else {
		tally_add_interval(tally, seconds, out);
	}
	tally->printed = stats_totals(tally->stats);
	while (tally->due <= event->time)
		tally->due += tally->summary->interval_ns;
}

/* What is certain about the correction of a call's time, below which nothing can be told. */
static double tally_doubt(const struct overhead_prices *prices)
{
	return prices->exit_cpu * (0.05 + prices->doubt);
}

/* A run that was long enough for the machine to have changed is worth a second look. */
#define TALLY_LONG_NS 100000000

static void tally_measure_again(struct tally *tally)
{
	struct overhead *overhead = &tally->overhead;
	struct overhead_prices prices;

	if (overhead->last_time - overhead->first_time > TALLY_LONG_NS && tally_calibrate(tally, &prices))
		overhead_adapt(overhead, &prices);
	overhead_refine(overhead);
	if (tally->options->command == NULL)
		overhead_spread(overhead, (double)(tally->user_ns + tally->system_ns));
}

static void tally_print_report(struct tally *tally, const struct tracer *tracer, struct buf *out)
{
	struct report report = { .overhead = &tally->overhead };
	struct tracer_cost cost = tracer_cost(tracer);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		CPU_SET(0, &cpus);
	report.tracer_user_ns = tally->user_ns;
	report.tracer_system_ns = tally->system_ns;
	report.signal_stops = cost.signal_stops;
	report.handling_ns = cost.handling_ns;
	report.estimate = overhead_estimate(&tally->overhead, (unsigned)CPU_COUNT(&cpus));
	if (tally->summary->json)
		report_print_json(&report, out);
	else
		report_print(&report, out);
}

void tally_print(struct tally *tally, const struct tracer *tracer, struct buf *out)
{
	const struct overhead_prices *prices = &tally->overhead.prices;
	struct rusage usage;

	if (tally->stats == NULL)
		return;
	getrusage(RUSAGE_SELF, &usage);
	tally->user_ns = tally_ns(&usage.ru_utime) - tally->user_ns;
	tally->system_ns = tally_ns(&usage.ru_stime) - tally->system_ns;
	if (tally->measures) {
		tally_measure_again(tally);
		stats_correct(tally->stats, &(struct stats_prices){
						    .call_ns = prices->call,
						    .exit_cpu_ns = prices->exit_cpu,
						    .exit_gap_ns = prices->exit_gap,
						    .doubt_ns = tally_doubt(prices),
					    });
	}
	stats_print(tally->stats, out);
	if (tally->measures && tally->summary->report)
		tally_print_report(tally, tracer, out);
}
