/* SPDX-License-Identifier: MIT */
/* What tracing cost, for people and for programs.  Called by tally.c. */
#include "mtrace/report.h"

#include "mtrace/json.h"

/* Three digits are as many as there is to tell. */
static void report_add_time(struct buf *out, double ns)
{
	static const struct {
		double ns;
		const char *name;
	} units[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" } };
	double shown = ns / 1e9;
	const char *unit = "s";

	for (unsigned i = 0; i < 3; i++) {
		shown = ns / units[i].ns;
		unit = units[i].name;
		if (shown >= 1)
			break;
	}
	buf_printf(out, "%.*f %s", shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0, shown, unit);
}

static uint64_t report_stops(const struct report *report)
{
	const struct overhead_stops *stops = &report->overhead->stops;

	return stops->enters + stops->exits + stops->others;
}

static double report_tracer_ns(const struct report *report)
{
	return (double)report->tracer_user_ns + (double)report->tracer_system_ns;
}

/* The CPU time of a stop that is not the tracer's own, on average. */
static double report_kernel_ns(const struct report *report)
{
	const struct overhead *overhead = report->overhead;
	uint64_t rest = overhead->stops.exits + overhead->stops.others;

	if (report_stops(report) == 0)
		return 0;
	return ((double)overhead->stops.enters * overhead->prices.enter_cpu +
		(double)rest * overhead->prices.exit_cpu) /
	       (double)report_stops(report);
}

static void report_add_stops(const struct report *report, struct buf *out)
{
	const struct overhead *overhead = report->overhead;

	buf_printf(out, "  stops       %llu: enter %llu, exit %llu, signal %llu, other %llu\n",
		   (unsigned long long)report_stops(report), (unsigned long long)overhead->stops.enters,
		   (unsigned long long)overhead->stops.exits, (unsigned long long)report->signal_stops,
		   (unsigned long long)(overhead->stops.others - report->signal_stops));
}

static void report_add_costs(const struct report *report, struct buf *out)
{
	double stops = (double)report_stops(report);
	double tracer = stops > 0 ? report_tracer_ns(report) / stops : 0;

	buf_add_str(out, "  per stop    ");
	report_add_time(out, tracer + report_kernel_ns(report));
	buf_add_str(out, ": tracer ");
	report_add_time(out, tracer);
	buf_add_str(out, " (measured), tracee ");
	report_add_time(out, report_kernel_ns(report));
	buf_add_str(out, " (calibrated)\n  tracer CPU  ");
	report_add_time(out, report_tracer_ns(report));
	buf_add_str(out, ": user ");
	report_add_time(out, (double)report->tracer_user_ns);
	buf_add_str(out, ", system ");
	report_add_time(out, (double)report->tracer_system_ns);
	buf_add_str(out, "\n  stopped     ");
	report_add_time(out, (double)report->handling_ns + stops * report_kernel_ns(report));
	buf_add_str(out, ": ");
	report_add_time(out, (double)report->handling_ns);
	buf_add_str(out, " for the tracer, the rest to switch\n");
}

/* Calls per second, and the share of a CPU that crossing into the kernel takes. */
static double report_rate(const struct report *report)
{
	if (report->estimate.untraced_ns <= 0)
		return 0;
	return (double)report->overhead->stops.calls * 1e9 / report->estimate.untraced_ns;
}

/* Where more is uncertain than there is, a bound is all that can be told. */
static bool report_is_vague(const struct overhead_estimate *estimate)
{
	return estimate->uncertainty_ns >= estimate->untraced_ns;
}

static double report_most(const struct overhead_estimate *estimate)
{
	double most = estimate->untraced_ns + estimate->uncertainty_ns;

	return most < estimate->traced_ns ? most : estimate->traced_ns;
}

static void report_add_untraced(const struct overhead_estimate *estimate, struct buf *out)
{
	if (report_is_vague(estimate)) {
		buf_add_str(out, "< ");
		report_add_time(out, report_most(estimate));
		return;
	}
	report_add_time(out, estimate->untraced_ns);
	buf_add_str(out, " +- ");
	report_add_time(out, estimate->uncertainty_ns);
}

static void report_add_slowdown(const struct overhead_estimate *estimate, struct buf *out)
{
	double slower = estimate->traced_ns / estimate->untraced_ns;
	double least = estimate->traced_ns / report_most(estimate);

	if (report_is_vague(estimate)) {
		buf_printf(out, "  slowdown    > %.1f times (about %.1f)\n", least, slower);
		return;
	}
	buf_printf(out, "  slowdown    %.1f times (at least %.1f, at most %.1f)\n", slower, least,
		   estimate->traced_ns / (estimate->untraced_ns - estimate->uncertainty_ns));
}

static void report_add_estimate(const struct report *report, struct buf *out)
{
	const struct overhead_estimate *estimate = &report->estimate;
	double rate = report_rate(report);

	buf_add_str(out, "  wall time   ");
	report_add_time(out, estimate->traced_ns);
	buf_add_str(out, " traced; without tracing an estimated ");
	report_add_untraced(estimate, out);
	if (report_is_vague(estimate)) {
		buf_add_str(out, ", about ");
		report_add_time(out, estimate->untraced_ns);
	}
	buf_add_char(out, '\n');
	if (estimate->untraced_ns > 0)
		report_add_slowdown(estimate, out);
	buf_printf(out, "  crossings   %.0f calls/s untraced, ", rate);
	report_add_time(out, report->overhead->prices.call);
	buf_printf(out, " each: %.1f %% of a CPU\n",
		   rate * report->overhead->prices.call / 1e9 * 100);
}

/* Appends what `add` appends, with blanks before it to `width`. */
static void report_add_cell(struct buf *out, unsigned width, const struct overhead_estimate *estimate,
			    void (*add)(const struct overhead_estimate *, struct buf *))
{
	struct buf cell = { 0 };

	add(estimate, &cell);
	buf_add_char(&cell, '\0');
	buf_printf(out, "%*s", (int)width, cell.data);
	buf_free(&cell);
}

static void report_add_traced(const struct overhead_estimate *estimate, struct buf *out)
{
	report_add_time(out, estimate->traced_ns);
}

static void report_add_ratio(const struct overhead_estimate *estimate, struct buf *out)
{
	if (estimate->untraced_ns <= 0)
		buf_add_char(out, '-');
	else if (report_is_vague(estimate))
		buf_printf(out, "> %.1f", estimate->traced_ns / report_most(estimate));
	else
		buf_printf(out, "%.1f", estimate->traced_ns / estimate->untraced_ns);
}

static void report_add_row(const struct report *report, const struct overhead_row *row,
			   struct buf *out)
{
	struct overhead_estimate estimate = overhead_estimate_row(report->overhead,
								  &report->estimate, row);

	if (row->threads > 1)
		buf_printf(out, "%8u others", row->threads);
	else
		buf_printf(out, "%7d %7d", row->pid, row->tid);
	buf_printf(out, " %10llu", (unsigned long long)row->stops.calls);
	report_add_cell(out, 10, &estimate, report_add_traced);
	if (row->cpu_known) {
		report_add_cell(out, 20, &estimate, report_add_untraced);
		report_add_cell(out, 10, &estimate, report_add_ratio);
	} else {
		buf_printf(out, "%20s%10s", "-", "-");
	}
	buf_add_char(out, '\n');
}

/* Those that were awake longest come first. */
static void report_add_threads(const struct report *report, struct buf *out,
			       void (*add)(const struct report *, const struct overhead_row *,
					   struct buf *))
{
	const struct overhead *overhead = report->overhead;
	const struct overhead_row *sorted[OVERHEAD_ROWS];

	for (unsigned i = 0; i < overhead->row_count; i++) {
		const struct overhead_row *row = &overhead->rows[i];
		unsigned at = i;

		while (at > 0 && overhead_awake(sorted[at - 1]) < overhead_awake(row)) {
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = row;
	}
	for (unsigned i = 0; i < overhead->row_count; i++)
		add(report, sorted[i], out);
	if (overhead->rest.threads > 0)
		add(report, &overhead->rest, out);
}

void report_print(const struct report *report, struct buf *out)
{
	buf_add_str(out, "Cost of tracing (--overhead=no leaves this out):\n");
	report_add_stops(report, out);
	report_add_costs(report, out);
	report_add_estimate(report, out);
	if (report->overhead->row_count < 2)
		return;
	buf_printf(out, "Threads that were awake longest:\n%7s %7s %10s%10s%20s%10s\n", "pid", "tid",
		   "calls", "traced", "without tracing", "slowdown");
	report_add_threads(report, out, report_add_row);
}

static void report_add_member(struct buf *out, const char *name, double number)
{
	buf_printf(out, ",\"%s\":%llu", name, (unsigned long long)(number > 0 ? number + 0.5 : 0));
}

static void report_add_record(const struct report *report, const struct overhead_row *row,
			      struct buf *out)
{
	struct overhead_estimate estimate = overhead_estimate_row(report->overhead,
								  &report->estimate, row);

	buf_add_str(out, "{\"type\":\"overhead_thread\"");
	report_add_member(out, "threads", row->threads);
	if (row->threads == 1) {
		report_add_member(out, "pid", row->pid);
		report_add_member(out, "tid", row->tid);
	}
	report_add_member(out, "calls", (double)row->stops.calls);
	report_add_member(out, "stops", (double)(row->stops.enters + row->stops.exits +
						 row->stops.others));
	report_add_member(out, "traced_ns", estimate.traced_ns);
	report_add_member(out, "asleep_ns", row->asleep_ns);
	if (row->cpu_known) {
		report_add_member(out, "untraced_ns", estimate.untraced_ns);
		report_add_member(out, "uncertainty_ns", estimate.uncertainty_ns);
		report_add_member(out, "cpu_ns", row->cpu_ns);
	}
	buf_add_str(out, "}\n");
}

void report_print_json(const struct report *report, struct buf *out)
{
	const struct overhead *overhead = report->overhead;
	const struct overhead_estimate *estimate = &report->estimate;
	double stops = (double)report_stops(report);

	buf_add_str(out, "{\"type\":\"overhead\"");
	report_add_member(out, "traced_ns", estimate->traced_ns);
	report_add_member(out, "untraced_ns", estimate->untraced_ns);
	report_add_member(out, "uncertainty_ns", estimate->uncertainty_ns);
	report_add_member(out, "stops", stops);
	report_add_member(out, "entry_stops", (double)overhead->stops.enters);
	report_add_member(out, "exit_stops", (double)overhead->stops.exits);
	report_add_member(out, "signal_stops", (double)report->signal_stops);
	report_add_member(out, "calls", (double)overhead->stops.calls);
	report_add_member(out, "threads", overhead->most_threads);
	report_add_member(out, "tracer_cpu_ns", report_tracer_ns(report));
	report_add_member(out, "tracer_user_ns", (double)report->tracer_user_ns);
	report_add_member(out, "tracer_system_ns", (double)report->tracer_system_ns);
	report_add_member(out, "handling_ns", (double)report->handling_ns);
	report_add_member(out, "stopped_ns",
			  (double)report->handling_ns + stops * report_kernel_ns(report));
	report_add_member(out, "stop_tracer_ns", stops > 0 ? report_tracer_ns(report) / stops : 0);
	report_add_member(out, "stop_tracee_ns", report_kernel_ns(report));
	report_add_member(out, "idle_ns", overhead->idle_ns);
	report_add_member(out, "cpu_ns", overhead_cpu(overhead));
	report_add_member(out, "call_ns", overhead->prices.call);
	report_add_member(out, "calls_per_second", report_rate(report));
	buf_add_str(out, "}\n");
	if (overhead->row_count > 1)
		report_add_threads(report, out, report_add_record);
}
