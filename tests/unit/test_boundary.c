/* SPDX-License-Identifier: MIT */
/* Tests of --boundary's arithmetic and of its table and records, on figures that are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/boundary.h"

#include "../../src/boundary/boundary.h"

static void assert_near(double seen, double expected)
{
	if (seen < expected - 1e-9 || seen > expected + 1e-9)
		fail_msg("%f is not %f", seen, expected);
}

/* 5 samples: the quartiles are the second and the fourth in order. */
static void test_quartiles_are_those_of_the_sorted_samples(void **state)
{
	struct boundary_run run = { .count = 5, .samples = { 50, 10, 40, 20, 30 } };
	struct boundary_result result = { 0 };

	(void)state;
	sample_conclude(&run, &result);
	assert_int_equal(result.samples, 5);
	assert_near(result.least, 10);
	assert_near(result.low, 20);
	assert_near(result.median, 30);
	assert_near(result.high, 40);
}

/* 2 samples: the median is halfway, the quartiles a quarter and three quarters of the way. */
static void test_quantiles_lie_between_neighbours(void **state)
{
	struct boundary_run run = { .count = 2, .samples = { 8, 4 } };
	struct boundary_result result = { 0 };

	(void)state;
	sample_conclude(&run, &result);
	assert_near(result.low, 5);
	assert_near(result.median, 6);
	assert_near(result.high, 7);
}

static void test_one_sample_is_its_own_median(void **state)
{
	struct boundary_run run = { .count = 1, .samples = { 8 } };
	struct boundary_result result = { 0 };

	(void)state;
	sample_conclude(&run, &result);
	assert_near(result.low, 8);
	assert_near(result.high, 8);
}

static void test_no_sample_is_no_result(void **state)
{
	struct boundary_run run = { 0 };
	struct boundary_result result = { 0 };

	(void)state;
	sample_refuse(&run, "no %s", "luck");
	sample_conclude(&run, &result);
	assert_int_equal(result.samples, 0);
	assert_string_equal(run.reason, "no luck");
}

struct counted {
	unsigned long times;
	unsigned batches;
};

static void count_loop(void *context, unsigned times)
{
	struct counted *counted = context;
	double until = sample_now() + 1e6;

	counted->times += times;
	counted->batches++;
	/* A batch of 1 ms: no warm-up but the first. */
	while (sample_now() < until)
		;
}

/* However short or long: at least 5 batches, at most as many as there is room for, all positive. */
static void test_batches_are_bounded(void **state)
{
	struct boundary_run run = { 0 };
	struct counted counted = { 0 };

	(void)state;
	sample_measure(&run, count_loop, &counted, 10);
	assert_in_range(run.count, 5, BOUNDARY_SAMPLES);
	assert_int_equal(counted.batches, run.count + 1);
	assert_int_equal(counted.times, run.count + 1);
	for (unsigned i = 0; i < run.count; i++)
		/* At least the 1 ms, in tenths. */
		assert_true(run.samples[i] >= 1e5);
}

static const struct boundary_probe function = { "function", "empty function call", NULL, 0, NULL };
static const struct boundary_probe call = { "getpid_raw", "getpid, raw instruction", NULL, 0,
					    NULL };
static const struct boundary_probe disk = { "read_page_direct", "read 4 KiB, disk (O_DIRECT)", NULL,
					    0, NULL };

static struct boundary_mitigation mitigations[] = {
	{ (char *)"meltdown", (char *)"Mitigation: PTI" },
	{ (char *)"retbleed", (char *)"Vulnerable" },
	{ (char *)"srbds", (char *)"Not affected" },
};

static const struct boundary_machine machine = {
	.cpu = (char *)"Zilog Z80",
	.kernel = (char *)"Linux 7.0 z80",
	.clock = (char *)"tsc",
	.cpus = 1,
	.ghz = 2,
	.mitigations = mitigations,
	.mitigation_count = 3,
};

static const struct boundary_result results[] = {
	{ .probe = &function, .least = 0.5, .low = 0.5, .median = 0.5, .high = 0.75, .samples = 9 },
	{ .probe = &call, .least = 1000, .low = 1100, .median = 1250, .high = 2500, .samples = 9 },
	{ .probe = &disk, .reason = "no disk" },
};

static bool has(const struct buf *out, const char *text)
{
	return memmem(out->data, out->len, text, strlen(text)) != NULL;
}

static void assert_line(const struct buf *out, const char *line)
{
	if (!has(out, line))
		fail_msg("no '%s' in:\n%.*s", line, (int)out->len, out->data);
}

/* 1250 ns at 2 GHz are 2500 cycles, and 2500 times 0.5 ns. */
static void test_table_has_units_cycles_and_ratios(void **state)
{
	struct buf out = { 0 };

	(void)state;
	table_print_boundary(&out, &machine, results, 3, 0.5);
	assert_line(&out, "CPU           Zilog Z80, 1 CPU\n");
	assert_line(&out, "KPTI          on\n");
	assert_line(&out, "mitigations   meltdown: PTI\n");
	assert_line(&out, "vulnerable to retbleed\n");
	assert_line(&out, "cycles        2.00 GHz, of the time stamp counter\n");
	assert_line(&out, " 0.50 ns     0.50-0.75        1          1\n");
	assert_line(&out, " 1.25 us     1.10-2.50     2500       2500\n");
	assert_line(&out, "not measured:\n  - read 4 KiB, disk (O_DIRECT): no disk\n");
	buf_free(&out);
}

/* Without a cycle counter and a function call to compare with, there are no such figures. */
static void test_table_does_without(void **state)
{
	struct boundary_machine plain = machine;
	struct buf out = { 0 };

	(void)state;
	plain.ghz = 0;
	plain.mitigation_count = 0;
	plain.clock = NULL;
	table_print_boundary(&out, &plain, results, 2, 0);
	assert_line(&out, " 1.25 us     1.10-2.50        -          -\n");
	assert_line(&out, "clock source  ?\n");
	assert_false(has(&out, "KPTI"));
	assert_false(has(&out, "not measured"));
	buf_free(&out);
}

static void test_long_lines_go_on_below(void **state)
{
	struct boundary_mitigation one = { (char *)"spectre_v2",
					   (char *)"Mitigation: Retpolines; STIBP disabled; "
						   "RSB filling; PBRSB-eIBRS Not affected" };
	struct boundary_machine wide = machine;
	struct buf out = { 0 };

	(void)state;
	wide.mitigations = &one;
	wide.mitigation_count = 1;
	table_print_boundary(&out, &wide, results, 3, 0.5);
	/* 14 columns of the label, and words as long as the line has no more than 79. */
	assert_line(
		&out,
		"mitigations   spectre_v2: Retpolines; STIBP disabled; RSB filling; PBRSB-eIBRS\n"
		"              Not affected\n");
	buf_free(&out);
}

/* Picoseconds, so that 0.5 ns is an integer. */
static void test_records_are_whole_numbers(void **state)
{
	struct buf out = { 0 };

	(void)state;
	records_print_boundary(&out, &machine, results, 3);
	assert_line(&out, "{\"type\":\"boundary\",\"name\":\"function\",\"title\":\"empty function "
			  "call\",\"samples\":9,\"least_ps\":500,\"low_ps\":500,\"median_ps\":500,"
			  "\"high_ps\":750,\"cycles\":1}\n");
	assert_line(&out, "\"title\":\"read 4 KiB, disk (O_DIRECT)\",\"reason\":\"no disk\"}\n");
	assert_line(&out, "\"khz\":2000000,\"cycles_of\":\"tsc\",\"vulnerabilities\":{\"meltdown\":"
			  "\"Mitigation: PTI\"");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quartiles_are_those_of_the_sorted_samples),
		cmocka_unit_test(test_quantiles_lie_between_neighbours),
		cmocka_unit_test(test_one_sample_is_its_own_median),
		cmocka_unit_test(test_no_sample_is_no_result),
		cmocka_unit_test(test_batches_are_bounded),
		cmocka_unit_test(test_table_has_units_cycles_and_ratios),
		cmocka_unit_test(test_table_does_without),
		cmocka_unit_test(test_long_lines_go_on_below),
		cmocka_unit_test(test_records_are_whole_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
