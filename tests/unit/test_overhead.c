/* SPDX-License-Identifier: MIT */
/*
 * Tests of the model of what tracing costs: runs that are made up, of which it is known how long
 * they would have taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/overhead.h"
#include "mtrace/report.h"

#include "../../src/stats/counts.h"

/* Prices in ns that are easy to reckon with. */
#define ENTER_CPU 1000
#define EXIT_CPU 800
#define GAP 2000
#define HANDLING 1500
#define CALL 100

/* A thread, and the machine that it runs on. */
struct run {
	struct overhead overhead;
	struct overhead_thread thread;
	struct tracee tracee;
	uint64_t now, cpu, switches, resumed, loose;
	struct overhead_call last;
};

static void run_begin(struct run *run)
{
	*run = (struct run){
		.overhead.prices = { .call = CALL,
				     .enter_cpu = ENTER_CPU,
				     .exit_cpu = EXIT_CPU,
				     .enter_gap = GAP,
				     .exit_gap = GAP },
		.tracee = { .tid = 7, .pid = 7 },
		.now = 1000000000,
		.resumed = 1000000000,
	};
}

static bool run_event(struct run *run, enum event_kind kind)
{
	struct event event = {
		.kind = (uint8_t)kind,
		.tracee = &run->tracee,
		.time = run->now,
		.resumed = run->resumed,
		.loose = run->loose,
		.cpu_time = run->cpu,
		.switches = run->switches,
	};
	bool ended = overhead_event(&run->overhead, &run->thread, &event, &run->last);

	run->now += HANDLING;
	run->resumed = run->now;
	run->switches++;
	return ended;
}

/* The thread computes, or sleeps, and stops. */
static bool run_stop(struct run *run, enum event_kind kind, uint64_t computes, uint64_t sleeps)
{
	uint64_t stop_cpu = kind == EVENT_ENTER ? ENTER_CPU : EXIT_CPU;

	run->now += computes + sleeps + GAP;
	run->loose += computes + sleeps + GAP;
	run->cpu += computes + stop_cpu;
	run->switches += sleeps > 0;
	return run_event(run, kind);
}

static void assert_near(double seen, double expected, double margin)
{
	if (seen < expected - margin || seen > expected + margin)
		fail_msg("%f is not within %f of %f", seen, margin, expected);
}

/*
 * 1000 times 50 us of computing and a call of 3 us: 53 ms, of which stops and caches take
 * nothing.
 */
static void test_computing_is_what_remains(void **state)
{
	struct overhead_estimate estimate;
	struct run run;

	(void)state;
	run_begin(&run);
	for (int i = 0; i < 1000; i++) {
		run_stop(&run, EVENT_ENTER, 50000, 0);
		assert_true(run_stop(&run, EVENT_EXIT, 3000, 0));
		assert_false(run.last.slept);
		assert_near(run.last.gap_ns, 3000 + GAP, 0);
		assert_near(run.last.cpu_ns, 3000 + EXIT_CPU, 0);
	}
	run_event(&run, EVENT_EXITED);
	estimate = overhead_estimate(&run.overhead, 1);
	/* The first stop's time is not known. */
	assert_near(estimate.untraced_ns, 53000000, 60000);
	/* 7 us more for each call: two gaps and two stops that are dealt with. */
	assert_near(estimate.traced_ns, 60000000, 60000);
	assert_true(estimate.uncertainty_ns < estimate.untraced_ns / 10);
	assert_near((double)run.overhead.stops.calls, 1000, 0);
}

/*
 * Work of 500 ns was measured to take 20 % more when it is stopped in between, programs lose 1.7 times as
 * much: 170 ns.  Of eight times that work it is four times as much.
 */
static void test_cold_caches_are_taken_off(void **state)
{
	struct overhead_estimate estimate;
	struct run run;

	(void)state;
	run_begin(&run);
	run.overhead.prices.work = 500;
	run.overhead.prices.cold = 0.2;
	for (int i = 0; i < 1000; i++) {
		run_stop(&run, EVENT_ENTER, 4000 + 4 * 170, 0);
		run_stop(&run, EVENT_EXIT, 4000 + 4 * 170, 0);
	}
	run_event(&run, EVENT_EXITED);
	estimate = overhead_estimate(&run.overhead, 1);
	assert_near(estimate.untraced_ns, 8000000, 10000);
	/* However long a program computes, stops do not take more than of 80 times that work. */
	run_begin(&run);
	run.overhead.prices.work = 500;
	run.overhead.prices.cold = 0.2;
	for (int i = 0; i < 10; i++) {
		run_stop(&run, EVENT_ENTER, 100000000, 0);
		run_stop(&run, EVENT_EXIT, 0, 0);
	}
	run_event(&run, EVENT_EXITED);
	estimate = overhead_estimate(&run.overhead, 1);
	assert_near(estimate.untraced_ns, 9 * 100000000.0 - 20 * 170 * 18.6, 20000);
}

/* Two threads that sleep when they are let go: what both slept is idle, and is counted once. */
static void test_sleep_that_is_cut_short(void **state)
{
	struct overhead_estimate estimate;
	struct run one, two;

	(void)state;
	run_begin(&one);
	run_stop(&one, EVENT_ENTER, 1000, 0);
	run_begin(&two);
	two.overhead = one.overhead;
	two.tracee.tid = 8;
	two.now = two.resumed = one.now;
	run_stop(&two, EVENT_ENTER, 1000, 0);
	two.now += 100000000;
	two.loose += 100000000;
	run_event(&two, EVENT_DETACHED);
	one.overhead = two.overhead;
	one.loose += two.now - one.now;
	one.now = two.now;
	run_event(&one, EVENT_DETACHED);
	estimate = overhead_estimate(&one.overhead, 2);
	assert_near(one.overhead.idle_ns, 100000000, 10000);
	assert_near(estimate.untraced_ns, 100000000, 20000);
	assert_near(one.overhead.lifetimes_ns, 0, 20000);
}

/*
 * Threads with CPU time of their own: the busiest are told one by one, the others together.  One that
 * slept alone would have slept as long without tracing.
 */
static void test_threads_one_by_one(void **state)
{
	struct overhead overhead = { 0 };
	uint64_t now = 1000000000;
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < OVERHEAD_ROWS + 3; i++) {
		struct run run;

		run_begin(&run);
		overhead.prices = run.overhead.prices;
		run.overhead = overhead;
		run.now = run.resumed = now;
		run.tracee.tid = 100 + (int)i;
		run_event(&run, EVENT_BORN);
		for (unsigned k = 0; k < 10; k++) {
			run_stop(&run, EVENT_ENTER, (i + 1) * 100000, 0);
			run_stop(&run, EVENT_EXIT, 0, 5000000);
		}
		overhead_tell_cpu(&run.thread, run.cpu);
		run_event(&run, EVENT_EXITING);
		run_event(&run, EVENT_EXITED);
		overhead = run.overhead;
		now = run.now;
	}
	assert_int_equal(overhead.row_count, OVERHEAD_ROWS);
	assert_int_equal(overhead.rest.threads, 3);
	assert_int_equal(overhead.rest.stops.calls, 30);
	assert_false(overhead.own_unknown);
	for (unsigned i = 0; i < overhead.row_count; i++) {
		const struct overhead_row *row = &overhead.rows[i];
		struct overhead_estimate whole = overhead_estimate(&overhead, 64);
		struct overhead_estimate estimate =
			overhead_estimate_row(&overhead, &whole, row);

		assert_in_range(row->tid, 103, 112);
		found |= 1u << (row->tid - 103);
		assert_near(row->asleep_ns, 50000000, 10000);
		assert_near(row->cpu_ns, (row->tid - 99) * 1000000 + 10 * 1800, 0);
		/* It slept while all others did. */
		assert_near(estimate.untraced_ns, (row->tid - 99) * 1000000 + 50000000.0, 30000);
		assert_true(estimate.untraced_ns < estimate.traced_ns);
	}
	assert_int_equal(found, (1u << OVERHEAD_ROWS) - 1);
}

/* An attached process whose stops cross CPUs, and took the tracer 3 us more than was measured. */
static void test_stops_that_cross_cpus(void **state)
{
	struct overhead_estimate estimate;
	struct run run;

	(void)state;
	run_begin(&run);
	run.overhead.prices.tracer_cpu = 2000;
	for (int i = 0; i < 1000; i++) {
		run_stop(&run, EVENT_ENTER, 3000 + 20000, 0);
		run_stop(&run, EVENT_EXIT, 3000, 0);
	}
	run_event(&run, EVENT_EXITED);
	overhead_spread(&run.overhead, 2000 * (2000 * 1.15 + 3000) + 2300);
	estimate = overhead_estimate(&run.overhead, 1);
	assert_near(estimate.untraced_ns, 20000000, 100000);
	assert_true(run.overhead.prices.doubt > 0.2);
}

/* A sleep stays what it was, however long it is; what others do to the CPU does not count. */
static void test_sleep_remains(void **state)
{
	struct overhead_estimate estimate;
	struct run run;

	(void)state;
	run_begin(&run);
	for (int i = 0; i < 10; i++) {
		run_stop(&run, EVENT_ENTER, 1000, 0);
		run_stop(&run, EVENT_EXIT, 500, 20000000);
		assert_true(run.last.slept);
	}
	run_event(&run, EVENT_EXITED);
	estimate = overhead_estimate(&run.overhead, 1);
	assert_near(estimate.untraced_ns, 200015000, 50000);
	assert_near(run.overhead.idle_ns, 200000000, 10000);
}

/* A loop of the cheapest calls: the stops took all of the CPU time, but crossing remains. */
static void test_calls_never_take_less_than_crossing(void **state)
{
	struct overhead_estimate estimate;
	struct run run;

	(void)state;
	run_begin(&run);
	run.overhead.prices.enter_cpu *= 1.1;
	run.overhead.prices.exit_cpu *= 1.1;
	for (int i = 0; i < 1000; i++) {
		run_stop(&run, EVENT_ENTER, 0, 0);
		run_stop(&run, EVENT_EXIT, CALL, 0);
	}
	run_event(&run, EVENT_EXITED);
	estimate = overhead_estimate(&run.overhead, 1);
	assert_near(estimate.untraced_ns, 1000 * CALL, 1);
}

/* Prices that were measured 20 % too high are put right by calls that are known to do nothing. */
static void test_pure_calls_refine_the_prices(void **state)
{
	struct run run;

	(void)state;
	run_begin(&run);
	run.overhead.prices.enter_cpu *= 1.2;
	run.overhead.prices.exit_cpu *= 1.2;
	for (int i = 0; i < 2000; i++) {
		run_stop(&run, EVENT_ENTER, 0, 0);
		run_stop(&run, EVENT_EXIT, CALL, 0);
		overhead_add_pure(&run.overhead, &run.last);
	}
	overhead_refine(&run.overhead);
	assert_near(run.overhead.prices.exit_cpu, EXIT_CPU, 0.5);
	assert_near(run.overhead.prices.enter_cpu, ENTER_CPU, 0.5);
}

/*
 * A shell that waits for a child that makes calls: the estimate is the child's time, not half the
 * run.  The child's CPU time is in the shell's when it has waited for it.
 */
static void test_a_child_that_is_waited_for(void **state)
{
	struct overhead_estimate estimate;
	struct run parent, child;

	(void)state;
	run_begin(&parent);
	run_stop(&parent, EVENT_ENTER, 10000, 0);
	run_begin(&child);
	child.tracee = (struct tracee){ .tid = 8, .pid = 8 };
	child.overhead = parent.overhead;
	child.now = child.resumed = parent.now;
	run_event(&child, EVENT_BORN);
	for (int i = 0; i < 1000; i++) {
		run_stop(&child, EVENT_ENTER, 20000, 0);
		run_stop(&child, EVENT_EXIT, 0, 0);
	}
	run_event(&child, EVENT_EXITED);
	parent.overhead = child.overhead;
	parent.loose += child.now - parent.now;
	parent.now = child.now;
	parent.cpu += child.cpu;
	parent.switches++;
	run_stop(&parent, EVENT_EXIT, 0, 0);
	assert_true(parent.last.slept);
	run_event(&parent, EVENT_EXITED);
	estimate = overhead_estimate(&parent.overhead, 2);
	assert_near(parent.overhead.idle_ns, 0, 10000);
	/* Less 80 us: what a birth takes where there are several CPUs. */
	assert_near(estimate.untraced_ns, 20000000 - 80000, 40000);
	estimate = overhead_estimate(&parent.overhead, 1);
	assert_near(estimate.untraced_ns, 20000000, 40000);
	assert_int_equal(parent.overhead.most_threads, 2);
}

static void test_no_event_no_estimate(void **state)
{
	struct overhead overhead = { 0 };
	struct overhead_estimate estimate = overhead_estimate(&overhead, 1);

	(void)state;
	assert_near(estimate.traced_ns, 0, 0);
	assert_near(estimate.untraced_ns, 0, 0);
}

static double corrected(struct stats_sample sample, unsigned calls, double *bound)
{
	struct summary summary = { .sort = SUMMARY_SORT_NONE };
	struct stats *stats = stats_new(&summary);
	struct stats_prices prices = {
		.call_ns = CALL, .exit_cpu_ns = EXIT_CPU, .exit_gap_ns = GAP, .doubt_ns = 40
	};
	struct call_counts **sorted;
	double total;
	size_t count;

	for (unsigned i = 0; i < calls; i++)
		stats_add(stats, &sample);
	stats_correct(stats, &prices);
	sorted = counts_sort(stats, sample.abi, SUMMARY_SORT_NONE, &count);
	assert_int_equal(count, 1);
	total = sorted[0]->true_total;
	*bound = sorted[0]->true_bound;
	free(sorted);
	stats_free(stats);
	return total;
}

static void test_times_of_calls_are_corrected(void **state)
{
	struct stats_sample sample = { .abi = ABI_X86_64, .gap_ns = 9000, .cpu_ns = 3800 };
	double bound;

	(void)state;
	/* 3 us of its own; it had to wait for the CPU meanwhile. */
	assert_near(corrected(sample, 100, &bound), 300000, 1);
	assert_near(bound, 4000, 1);
	/* Another thread computed: no more than the time that went by. */
	sample.cpu_ns = 1000000;
	assert_near(corrected(sample, 100, &bound), 700000, 1);
	/* Asleep for 1 ms. */
	sample.gap_ns = 1002000;
	sample.slept = true;
	assert_near(corrected(sample, 100, &bound), 100000000, 1);
	/* Less than a stop costs: not below the price of crossing. */
	sample = (struct stats_sample){ .abi = ABI_X86_64, .gap_ns = 1500, .cpu_ns = 700 };
	assert_near(corrected(sample, 100, &bound), 100 * CALL, 1);
	/* Threads share the CPU time: what is left is a bound. */
	sample = (struct stats_sample){ .abi = ABI_X86_64, .gap_ns = 9000, .cpu_ns = 3800 };
	sample.shared = true;
	assert_near(corrected(sample, 100, &bound), 300000, 1);
	assert_true(bound > 300000);
	/* Of few calls, microseconds of CPU time say little. */
	sample = (struct stats_sample){ .abi = ABI_X86_64, .gap_ns = 3000, .cpu_ns = 1000 };
	assert_near(corrected(sample, 1, &bound), 1000, 1);
	assert_near(bound, 400, 1);
}

static void test_report_fits_into_80_columns(void **state)
{
	struct overhead overhead = {
		.stops = { .calls = 123456789,
			   .enters = 123456790,
			   .exits = 123456789,
			   .others = 1000 },
		.prices = { .call = 95, .enter_cpu = 1000, .exit_cpu = 900 },
	};
	struct report report = {
		.overhead = &overhead,
		.estimate = { .traced_ns = 987e9, .untraced_ns = 123e9, .uncertainty_ns = 12.3e9 },
		.signal_stops = 900,
		.handling_ns = 456000000000,
		.tracer_user_ns = 100000000000,
		.tracer_system_ns = 357000000000,
	};
	struct buf out = { 0 };

	for (unsigned i = 0; i < OVERHEAD_ROWS; i++)
		overhead.rows[i] = (struct overhead_row){
			.tid = 4194300, .pid = 4194300, .threads = 1, .traced_ns = 987e9,
			.cpu_ns = 500e9, .cpu_known = i > 0,
		};
	overhead.row_count = OVERHEAD_ROWS;
	overhead.rest = (struct overhead_row){
		.threads = 4000000, .traced_ns = 987e15, .cpu_ns = 5e17, .cpu_known = true
	};

	(void)state;
	report_print(&report, &out);
	buf_add_char(&out, '\0');
	for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 1, 80);
	buf_reset(&out);
	report_print_json(&report, &out);
	buf_add_char(&out, '\0');
	/* Nothing but integers: no point, no exponent, no sign. */
	assert_null(strchr(out.data, '.'));
	assert_non_null(strstr(out.data, "{\"type\":\"overhead\",\"traced_ns\":987000000000,"
					 "\"untraced_ns\":123000000000,"
					 "\"uncertainty_ns\":12300000000,\"stops\":246914579,"));
	assert_non_null(strstr(out.data, "{\"type\":\"overhead_thread\",\"threads\":4000000,"));
	buf_free(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_computing_is_what_remains),
		cmocka_unit_test(test_cold_caches_are_taken_off),
		cmocka_unit_test(test_sleep_remains),
		cmocka_unit_test(test_sleep_that_is_cut_short),
		cmocka_unit_test(test_threads_one_by_one),
		cmocka_unit_test(test_stops_that_cross_cpus),
		cmocka_unit_test(test_calls_never_take_less_than_crossing),
		cmocka_unit_test(test_pure_calls_refine_the_prices),
		cmocka_unit_test(test_a_child_that_is_waited_for),
		cmocka_unit_test(test_no_event_no_estimate),
		cmocka_unit_test(test_times_of_calls_are_corrected),
		cmocka_unit_test(test_report_fits_into_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
