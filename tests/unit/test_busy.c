/* SPDX-License-Identifier: MIT */
/* Who computes: src/tracer/busy.c, with CPU times that the test makes up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/tracer/busy.h"

#define MS 1000000ull

static uint64_t used_by[64];
static unsigned asked;

static uint64_t used(int tid)
{
	asked++;
	return used_by[tid];
}

static int begin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(used_by) / sizeof(used_by[0]); i++)
		used_by[i] = 0;
	asked = 0;
	return 0;
}

/* Oneself does not count, and what was seen a moment ago is not asked for again. */
static void test_counts_others(void **state)
{
	struct busy busy = { 0 };

	(void)state;
	assert_int_equal(busy_others(&busy, 1, 5 * MS, used), 0);
	busy_note(&busy, 1, 3 * MS, 5 * MS);
	busy_note(&busy, 2, 4 * MS, 5 * MS);
	busy_note(&busy, 2, 4 * MS, 5 * MS);
	assert_int_equal(busy_others(&busy, 1, 6 * MS, used), 1);
	assert_int_equal(busy_others(&busy, 3, 6 * MS, used), 2);
	assert_int_equal(asked, 0);
}

/* More than half of the time since the last look on a CPU: still busy; less: forgotten for good. */
static void test_who_stops_is_forgotten(void **state)
{
	struct busy busy = { 0 };

	(void)state;
	busy_note(&busy, 1, 10 * MS, 100 * MS);
	busy_note(&busy, 2, 10 * MS, 100 * MS);
	used_by[1] = 16 * MS;
	used_by[2] = 14 * MS;
	assert_int_equal(busy_others(&busy, 3, 110 * MS, used), 1);
	assert_int_equal(asked, 2);
	used_by[1] = 21 * MS;
	used_by[2] = 30 * MS;
	assert_int_equal(busy_others(&busy, 3, 119 * MS, used), 1);
	assert_int_equal(asked, 3);
	/* Gone: its CPU time cannot be told. */
	used_by[1] = 0;
	assert_int_equal(busy_others(&busy, 3, 130 * MS, used), 0);
	assert_int_equal(busy.count, 0);
}

static void test_forgets_the_dead(void **state)
{
	struct busy busy = { 0 };

	(void)state;
	busy_note(&busy, 1, 1, MS);
	busy_note(&busy, 2, 1, MS);
	busy_forget(&busy, 1);
	busy_forget(&busy, 7);
	assert_int_equal(busy_others(&busy, 3, MS, used), 1);
	assert_int_equal(busy_others(&busy, 2, MS, used), 0);
}

static void test_has_a_limit(void **state)
{
	struct busy busy = { 0 };

	(void)state;
	for (int tid = 1; tid <= BUSY_MOST + 5; tid++)
		busy_note(&busy, tid, 1, MS);
	assert_int_equal(busy_others(&busy, 1, MS, used), BUSY_MOST - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_counts_others, begin),
		cmocka_unit_test_setup(test_who_stops_is_forgotten, begin),
		cmocka_unit_test_setup(test_forgets_the_dead, begin),
		cmocka_unit_test_setup(test_has_a_limit, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
