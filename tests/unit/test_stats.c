/* SPDX-License-Identifier: MIT */
/*
 * Tests of src/stats.  The layout of tables is what strace 7.2 printed for a small program; where a
 * table here has fewer rows, sums and percentages were worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/buf.h"
#include "mtrace/desc.h"

#include "../../src/stats/counts.h"

static uint64_t number_of(enum abi_id abi, const char *name)
{
	for (unsigned nr = 0; nr < desc_abis[abi].row_count; nr++)
		if (desc_abis[abi].rows[nr].name && !strcmp(desc_abis[abi].rows[nr].name, name))
			return nr;
	fail_msg("no call %s", name);
	return 0;
}

/* `calls` calls that took `ns` each, the first `errors` of them with ENOENT. */
static void add_calls(struct stats *stats, const char *name, unsigned calls, unsigned errors,
		      uint64_t ns)
{
	for (unsigned i = 0; i < calls; i++) {
		struct stats_sample sample = {
			.abi = ABI_X86_64,
			.nr = number_of(ABI_X86_64, name),
			.is_error = i < errors,
			.result = i < errors ? -2 : 0,
			.system_ns = ns,
			.wall_ns = ns,
		};

		stats_add(stats, &sample);
	}
}

static void set_columns(struct summary *summary, unsigned count, ...)
{
	va_list columns;

	va_start(columns, count);
	for (unsigned i = 0; i < count; i++)
		summary->columns[i] = (uint8_t)va_arg(columns, int);
	va_end(columns);
	summary->column_count = count;
}

static struct summary plain_summary(void)
{
	struct summary summary = { .mode = SUMMARY_ONLY, .sort = COLUMN_TIME_PERCENT };

	set_columns(&summary, 6, COLUMN_TIME_PERCENT, COLUMN_TOTAL_TIME, COLUMN_AVG_TIME,
		    COLUMN_CALLS, COLUMN_ERRORS, COLUMN_NAME);
	return summary;
}

static void expect_table(struct stats *stats, const char *expected)
{
	struct buf out = { 0 };

	stats_print(stats, &out);
	buf_add_char(&out, '\0');
	assert_string_equal(out.data, expected);
	buf_free(&out);
	stats_free(stats);
}

/* Rows of strace 7.2's -c -w, with times that round to what it printed. */
static void test_table_of_strace(void **state)
{
	struct summary summary = plain_summary();
	struct stats *stats = stats_new(&summary);

	(void)state;
	add_calls(stats, "openat", 1, 1, 34000);
	add_calls(stats, "openat", 1, 0, 10000);
	add_calls(stats, "poll", 1, 0, 1105700);
	add_calls(stats, "wait4", 1, 0, 2127300);
	/* 3277000 ns: 64.916...%, 33.741...%, 1.342...%; 3277 / 4 = 819.25 */
	expect_table(stats, "% time     seconds  usecs/call     calls    errors syscall\n"
			    "------ ----------- ----------- --------- --------- ----------------\n"
			    " 64.92    0.002127        2127         1           wait4\n"
			    " 33.74    0.001106        1105         1           poll\n"
			    "  1.34    0.000044          22         2         1 openat\n"
			    "------ ----------- ----------- --------- --------- ----------------\n"
			    "100.00    0.003277         819         4         1 total\n");
}

/* Without any time all rows are equal: they are in the order of their numbers. */
static void test_table_without_time(void **state)
{
	struct summary summary = plain_summary();
	struct stats *stats = stats_new(&summary);

	(void)state;
	add_calls(stats, "rseq", 1, 0, 0);
	add_calls(stats, "brk", 5, 0, 0);
	add_calls(stats, "kill", 2, 1, 0);
	add_calls(stats, "read", 2, 0, 0);
	expect_table(stats, "% time     seconds  usecs/call     calls    errors syscall\n"
			    "------ ----------- ----------- --------- --------- ----------------\n"
			    "  0.00    0.000000           0         2           read\n"
			    "  0.00    0.000000           0         5           brk\n"
			    "  0.00    0.000000           0         2         1 kill\n"
			    "  0.00    0.000000           0         1           rseq\n"
			    "------ ----------- ----------- --------- --------- ----------------\n"
			    "100.00    0.000000           0        10         1 total\n");
}

static void test_columns_in_any_order(void **state)
{
	struct summary summary = { .sort = COLUMN_CALLS };
	struct stats *stats = stats_new(&summary);

	(void)state;
	set_columns(&summary, 3, COLUMN_NAME, COLUMN_CALLS, COLUMN_ERRORS);
	add_calls(stats, "openat", 2, 1, 0);
	add_calls(stats, "brk", 5, 0, 0);
	add_calls(stats, "read", 2, 0, 0);
	expect_table(stats, "syscall              calls    errors\n"
			    "---------------- --------- ---------\n"
			    "brk                      5          \n"
			    "read                     2          \n"
			    "openat                   2         1\n"
			    "---------------- --------- ---------\n"
			    "total                    9         1\n");
}

static void test_extremes(void **state)
{
	struct summary summary = { .sort = SUMMARY_SORT_NONE };
	struct stats *stats = stats_new(&summary);

	(void)state;
	set_columns(&summary, 5, COLUMN_WALL_TOTAL, COLUMN_WALL_MIN, COLUMN_WALL_MAX,
		    COLUMN_WALL_AVG, COLUMN_NAME);
	add_calls(stats, "write", 1, 0, 12000);
	add_calls(stats, "write", 1, 0, 23000);
	add_calls(stats, "read", 1, 0, 8000);
	/* 43000 / 3 = 14333 ns */
	expect_table(stats, " wall-total wall-min wall-max    wall-avg syscall\n"
			    "----------- -------- -------- ----------- ----------------\n"
			    "   0.000008 0.000008 0.000008           8 read\n"
			    "   0.000035 0.000012 0.000023          17 write\n"
			    "----------- -------- -------- ----------- ----------------\n"
			    "   0.000043 0.000008 0.000023          14 total\n");
}

/* The column of names is one wider than its longest name, but for that of totals. */
static void test_long_names_widen_the_column(void **state)
{
	struct summary summary = plain_summary();
	struct stats *stats = stats_new(&summary);

	(void)state;
	set_columns(&summary, 2, COLUMN_NAME, COLUMN_CALLS);
	add_calls(stats, "sched_get_priority_max", 2, 0, 0);
	add_calls(stats, "getppid", 1, 0, 0);
	expect_table(stats, "syscall                     calls\n"
			    "----------------------- ---------\n"
			    "getppid                         1\n"
			    "sched_get_priority_max          2\n"
			    "----------------------- ---------\n"
			    "total                           3\n");
}

static void add_number(struct stats *stats, enum abi_id abi, uint64_t nr, uint64_t selector)
{
	struct stats_sample sample = { .abi = abi, .nr = nr, .selector = selector };

	stats_add(stats, &sample);
}

static void test_each_abi_has_its_table(void **state)
{
	struct summary summary = { .sort = COLUMN_TIME_PERCENT };
	struct stats *stats = stats_new(&summary);

	(void)state;
	set_columns(&summary, 2, COLUMN_CALLS, COLUMN_NAME);
	add_number(stats, ABI_X32, 39, 0);
	add_number(stats, ABI_X32, 1000, 0);
	/* socketcall: SYS_SOCKET, and a number that it does not have. */
	add_number(stats, ABI_I386, 102, 1);
	add_number(stats, ABI_I386, 102, 99);
	/* ipc: version 1 of SEMOP. */
	add_number(stats, ABI_I386, 117, 0x10001);
	add_number(stats, ABI_X86_64, UINT64_MAX, 0);
	add_number(stats, ABI_X86_64, 39, 0);
	add_number(stats, ABI_X86_64, 0x12345, 0);
	expect_table(stats, "    calls syscall\n"
			    "--------- ---------------------------\n"
			    "        1 getpid\n"
			    "        1 syscall_0x12345\n"
			    "        1 syscall_0xffffffffffffffff\n"
			    "--------- ---------------------------\n"
			    "        3 total\n"
			    "System call usage summary for 32 bit mode:\n"
			    "    calls syscall\n"
			    "--------- ----------------\n"
			    "        1 socketcall\n"
			    "        1 socket\n"
			    "        1 semop\n"
			    "--------- ----------------\n"
			    "        3 total\n"
			    "System call usage summary for x32 mode:\n"
			    "    calls syscall\n"
			    "--------- -------------------\n"
			    "        1 getpid\n"
			    "        1 syscall_0x400003e8\n"
			    "--------- -------------------\n"
			    "        2 total\n");
}

static void test_nothing_counted_prints_nothing(void **state)
{
	struct summary summary = plain_summary();

	(void)state;
	expect_table(stats_new(&summary), "");
}

/* A tracee that makes up numbers cannot make us remember more than so many. */
static void test_made_up_numbers_share_a_row(void **state)
{
	struct summary summary = { .sort = COLUMN_TIME_PERCENT };
	struct stats *stats = stats_new(&summary);
	struct call_counts **sorted;
	size_t count;

	(void)state;
	set_columns(&summary, 2, COLUMN_CALLS, COLUMN_NAME);
	for (uint64_t nr = 5000; nr < 5000 + ODD_NUMBERS + 100; nr++)
		add_number(stats, ABI_X86_64, nr, 0);
	sorted = counts_sort(stats, ABI_X86_64, summary.sort, &count);
	assert_int_equal(count, ODD_NUMBERS + 1);
	assert_string_equal(sorted[ODD_NUMBERS]->name, "(other numbers)");
	assert_int_equal(sorted[ODD_NUMBERS]->calls, 100);
	free(sorted);
	stats_free(stats);
}

static void expect_order(unsigned sort, const char *expected)
{
	struct summary summary = plain_summary();
	struct stats *stats = stats_new(&summary);
	struct call_counts **sorted;
	char names[128] = "";
	size_t count;

	summary.sort = sort;
	/*      total min max avg calls errors
	 * read    12   1   9   4     3      0
	 * write   10   5   5   5     2      1
	 * close    8   8   8   8     1      0
	 */
	add_calls(stats, "read", 1, 0, 1);
	add_calls(stats, "read", 1, 0, 2);
	add_calls(stats, "read", 1, 0, 9);
	add_calls(stats, "write", 2, 1, 5);
	add_calls(stats, "close", 1, 0, 8);
	sorted = counts_sort(stats, ABI_X86_64, summary.sort, &count);
	for (size_t i = 0; i < count; i++) {
		strcat(names, sorted[i]->name);
		strcat(names, " ");
	}
	assert_string_equal(names, expected);
	free(sorted);
	stats_free(stats);
}

static void test_order_of_rows(void **state)
{
	(void)state;
	expect_order(COLUMN_TIME_PERCENT, "read write close ");
	expect_order(COLUMN_TOTAL_TIME, "read write close ");
	expect_order(COLUMN_WALL_TOTAL, "read write close ");
	expect_order(COLUMN_MIN_TIME, "close write read ");
	expect_order(COLUMN_MAX_TIME, "read close write ");
	expect_order(COLUMN_AVG_TIME, "close write read ");
	expect_order(COLUMN_WALL_AVG, "close write read ");
	expect_order(COLUMN_CALLS, "read write close ");
	expect_order(COLUMN_ERRORS, "write read close ");
	expect_order(COLUMN_NAME, "close read write ");
	expect_order(SUMMARY_SORT_NONE, "read write close ");
	expect_order(COLUMN_P50, "close write read ");
	expect_order(COLUMN_P99, "read close write ");
}

/* -O is taken off each call, and no call takes less than nothing. */
static void test_overhead_is_taken_off_each_call(void **state)
{
	struct summary summary = { .sort = COLUMN_TIME_PERCENT, .overhead_ns = 5000 };
	struct stats *stats = stats_new(&summary);

	(void)state;
	set_columns(&summary, 4, COLUMN_TOTAL_TIME, COLUMN_MIN_TIME, COLUMN_MAX_TIME, COLUMN_NAME);
	add_calls(stats, "read", 3, 0, 4000);
	add_calls(stats, "read", 1, 0, 9000);
	expect_table(stats, "    seconds shortest  longest syscall\n"
			    "----------- -------- -------- ----------------\n"
			    "   0.000004 0.000000 0.000004 read\n"
			    "----------- -------- -------- ----------------\n"
			    "   0.000004 0.000000 0.000004 total\n");
}

/* --summary-errors: the most frequent first, then by call and by error. */
static void test_errors_by_name(void **state)
{
	struct summary summary = { .sort = SUMMARY_SORT_NONE, .errors = true };
	struct stats *stats = stats_new(&summary);
	static const int errors[] = { 2, 13, 2, 512, 4000 };

	(void)state;
	set_columns(&summary, 3, COLUMN_CALLS, COLUMN_ERRORS, COLUMN_NAME);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct stats_sample sample = {
			.abi = ABI_X86_64,
			.nr = number_of(ABI_X86_64, "openat"),
			.is_error = true,
			.result = -errors[i],
		};

		stats_add(stats, &sample);
	}
	add_calls(stats, "close", 2, 1, 0);
	expect_table(stats, "    calls    errors syscall\n"
			    "--------- --------- ----------------\n"
			    "        2         1 close\n"
			    "        5         5 openat\n"
			    "--------- --------- ----------------\n"
			    "        7         6 total\n"
			    "   errors syscall          error\n"
			    "--------- ---------------- ----------------\n"
			    "        2 openat           ENOENT\n"
			    "        1 close            ENOENT\n"
			    "        1 openat           EACCES\n"
			    "        1 openat           ERESTARTSYS\n"
			    "        1 openat           4000\n");
}

static void add_read(struct stats *stats, void *group, int64_t result, uint64_t ns)
{
	struct stats_sample sample = {
		.abi = ABI_X86_64,
		.nr = 0,
		.result = result,
		.is_error = result < 0,
		.system_ns = ns,
		.wall_ns = ns,
		.group = group,
	};

	stats_add(stats, &sample);
}

/* --summary-by: what a process is called changes with its program, its row does not. */
static void test_calls_by_process(void **state)
{
	struct summary summary = { .sort = SUMMARY_SORT_NONE, .by = BY_PID };
	struct stats *stats = stats_new(&summary);
	void *shell = stats_find_group(stats, 10, -1, "sh");
	void *child = stats_find_group(stats, 11, -1, "sh");

	(void)state;
	assert_ptr_equal(stats_find_group(stats, 10, -1, "sh"), shell);
	assert_ptr_not_equal(child, shell);
	stats_name_group(child, "cat");
	stats_find_group(stats, 12, -1, "idle");
	set_columns(&summary, 2, COLUMN_CALLS, COLUMN_NAME);
	add_read(stats, shell, 100, 1000000);
	add_read(stats, child, 20, 2000000);
	add_read(stats, child, -4, 3000000);
	expect_table(stats, "    calls syscall\n"
			    "--------- ----------------\n"
			    "        3 read\n"
			    "--------- ----------------\n"
			    "        3 total\n"
			    "Calls by process:\n"
			    "    calls     seconds    errors     bytes process\n"
			    "--------- ----------- --------- --------- ----------------\n"
			    "        2    0.005000         1        20 11 cat\n"
			    "        1    0.001000                 100 10 sh\n"
			    "--------- ----------- --------- --------- ----------------\n"
			    "        3    0.006000         1       120 total\n");
}

/* By command, all that have the name are one. */
static void test_calls_by_command(void **state)
{
	struct summary summary = { .sort = SUMMARY_SORT_NONE, .by = BY_COMM };
	struct stats *stats = stats_new(&summary);

	(void)state;
	assert_ptr_equal(stats_find_group(stats, 10, -1, "sh"),
			 stats_find_group(stats, 11, -1, "sh"));
	assert_ptr_not_equal(stats_find_group(stats, 10, -1, "sh"),
			     stats_find_group(stats, 10, -1, "ls"));
	for (int id = 0; id < 10000; id++) {
		char name[16];

		snprintf(name, sizeof(name), "%d", id);
		stats_find_group(stats, id, -1, name);
	}
	assert_int_equal(stats->groups.count, 4097);
	assert_string_equal(stats->groups.rows[4096]->name, "(others)");
	stats_free(stats);
}

/* Every number is an integer; a command's name is whatever a tracee made it. */
static void test_records(void **state)
{
	struct summary summary = {
		.sort = SUMMARY_SORT_NONE, .json = true, .errors = true, .by = BY_PID
	};
	struct stats *stats = stats_new(&summary);

	(void)state;
	add_read(stats, stats_find_group(stats, 10, -1, "a\"\\\n\xff"), 5, 30);
	add_read(stats, NULL, -4, 50);
	expect_table(
		stats,
		"{\"type\":\"summary\",\"abi\":\"x86_64\",\"nr\":0,\"name\":\"read\","
		"\"calls\":2,\"errors\":1,\"bytes\":5,\"system_ns\":80,\"wall_ns\":80,"
		"\"wall_min_ns\":30,\"wall_max_ns\":50,\"p50_ns\":30,\"p95_ns\":50,"
		"\"p99_ns\":50,\"by_error\":{\"EINTR\":1}}\n"
		"{\"type\":\"summary_by\",\"pid\":10,\"command\":{\"string\":\"a\\\"\\\\\\n\xef\xbf\xbd\","
		"\"base64\":\"YSJcCv8=\"},"
		"\"calls\":1,\"errors\":0,\"bytes\":5,\"system_ns\":30,\"wall_ns\":30,"
		"\"wall_min_ns\":30,\"wall_max_ns\":30,\"p50_ns\":30,\"p95_ns\":30,"
		"\"p99_ns\":30}\n");
}

static void test_histogram_is_exact_below_64(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	assert_int_equal(histogram_quantile(&histogram, 500), 0);
	for (uint64_t value = 1; value <= 60; value++)
		histogram_add(&histogram, value);
	/* Nearest rank: 30 of 60, 57 of 60, 59.4 -> 60 of 60. */
	assert_int_equal(histogram_quantile(&histogram, 500), 30);
	assert_int_equal(histogram_quantile(&histogram, 950), 57);
	assert_int_equal(histogram_quantile(&histogram, 990), 60);
	assert_int_equal(histogram_quantile(&histogram, 0), 1);
	assert_int_equal(histogram_quantile(&histogram, 1000), 60);
	histogram_free(&histogram);
}

/* Each value on its own comes back to better than 1 %, also at the ends of steps and doublings. */
static void test_histogram_error(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift < 64; shift++) {
		for (int delta = -3; delta <= 3; delta++) {
			uint64_t value = (1ull << shift) + (uint64_t)delta;
			struct histogram histogram = { 0 };
			double shown;

			histogram_add(&histogram, value);
			shown = (double)histogram_quantile(&histogram, 500);
			histogram_free(&histogram);
			assert_true(shown >= (double)value * 0.99 && shown <= (double)value * 1.01);
		}
	}
}

/* Two humps: 90 calls of 1 us, 9 of 1 ms, 1 of 1 s. */
static void test_histogram_tail(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	for (int i = 0; i < 90; i++)
		histogram_add(&histogram, 1000);
	for (int i = 0; i < 9; i++)
		histogram_add(&histogram, 1000000);
	histogram_add(&histogram, 1000000000);
	assert_true(histogram_quantile(&histogram, 900) < 1010);
	assert_in_range(histogram_quantile(&histogram, 901), 990000, 1010000);
	assert_in_range(histogram_quantile(&histogram, 990), 990000, 1010000);
	assert_in_range(histogram_quantile(&histogram, 991), 990000000, 1010000000);
	histogram_free(&histogram);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_of_strace),
		cmocka_unit_test(test_table_without_time),
		cmocka_unit_test(test_columns_in_any_order),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_long_names_widen_the_column),
		cmocka_unit_test(test_each_abi_has_its_table),
		cmocka_unit_test(test_nothing_counted_prints_nothing),
		cmocka_unit_test(test_made_up_numbers_share_a_row),
		cmocka_unit_test(test_order_of_rows),
		cmocka_unit_test(test_overhead_is_taken_off_each_call),
		cmocka_unit_test(test_errors_by_name),
		cmocka_unit_test(test_calls_by_process),
		cmocka_unit_test(test_calls_by_command),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_histogram_is_exact_below_64),
		cmocka_unit_test(test_histogram_error),
		cmocka_unit_test(test_histogram_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
