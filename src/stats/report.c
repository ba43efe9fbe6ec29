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
	return report->overhead->enters + report->overhead->exits + report->overhead->others;
}

static double report_tracer_ns(const struct report *report)
{
	return (double)report->tracer_user_ns + (double)report->tracer_system_ns;
}

/* The CPU time of a stop that is not the tracer's own, on average. */
static double report_kernel_ns(const struct report *report)
{
	const struct overhead *overhead = report->overhead;
	uint64_t rest = overhead->exits + overhead->others;

	if (report_stops(report) == 0)
		return 0;
	return ((double)overhead->enters * overhead->prices.enter_cpu +
		(double)rest * overhead->prices.exit_cpu) /
	       (double)report_stops(report);
}

static void report_add_stops(const struct report *report, struct buf *out)
{
	const struct overhead *overhead = report->overhead;

	buf_printf(out, "  stops       %llu: enter %llu, exit %llu, signal %llu, other %llu\n",
		   (unsigned long long)report_stops(report), (unsigned long long)overhead->enters,
		   (unsigned long long)overhead->exits, (unsigned long long)report->signal_stops,
		   (unsigned long long)(overhead->others - report->signal_stops));
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
	return (double)report->overhead->calls * 1e9 / report->estimate.untraced_ns;
}

static void report_add_estimate(const struct report *report, struct buf *out)
{
	const struct overhead_estimate *estimate = &report->estimate;
	double rate = report_rate(report);
	double least = estimate->untraced_ns - estimate->uncertainty_ns;

	buf_add_str(out, "  wall time   ");
	report_add_time(out, estimate->traced_ns);
	buf_add_str(out, " traced; without tracing an estimated ");
	report_add_time(out, estimate->untraced_ns);
	buf_add_str(out, " +- ");
	report_add_time(out, estimate->uncertainty_ns);
	buf_add_char(out, '\n');
	if (estimate->untraced_ns > 0) {
		double slower = estimate->traced_ns / estimate->untraced_ns;
		double from = estimate->traced_ns /
			      (estimate->untraced_ns + estimate->uncertainty_ns);

		buf_printf(out, "  slowdown    %.1f times (at least %.1f", slower,
			   from < 1 ? 1 : from);
		if (least > 0)
			buf_printf(out, ", at most %.1f", estimate->traced_ns / least);
		buf_add_str(out, ")\n");
	}
	buf_printf(out, "  crossings   %.0f calls/s untraced, ", rate);
	report_add_time(out, report->overhead->prices.call);
	buf_printf(out, " each: %.1f %% of a CPU\n",
		   rate * report->overhead->prices.call / 1e9 * 100);
}

void report_print(const struct report *report, struct buf *out)
{
	buf_add_str(out, "Cost of tracing (--overhead=no leaves this out):\n");
	report_add_stops(report, out);
	report_add_costs(report, out);
	report_add_estimate(report, out);
}

static void report_add_member(struct buf *out, const char *name, double number)
{
	buf_printf(out, ",\"%s\":%llu", name, (unsigned long long)(number > 0 ? number + 0.5 : 0));
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
	report_add_member(out, "entry_stops", (double)overhead->enters);
	report_add_member(out, "exit_stops", (double)overhead->exits);
	report_add_member(out, "signal_stops", (double)report->signal_stops);
	report_add_member(out, "calls", (double)overhead->calls);
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
	report_add_member(out, "cpu_ns", overhead->cpu_ns);
	report_add_member(out, "call_ns", overhead->prices.call);
	report_add_member(out, "calls_per_second", report_rate(report));
	buf_add_str(out, "}\n");
}
