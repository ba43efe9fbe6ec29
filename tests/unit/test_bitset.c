/* SPDX-License-Identifier: MIT */
/* Tests of src/base/bitset.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mtrace/bitset.h"

static void test_empty_set_has_nothing(void **state)
{
	struct bitset set = { 0 };

	(void)state;
	assert_false(bitset_has(&set, 0));
	assert_false(bitset_has(&set, UINT64_MAX));
	bitset_remove(&set, 5);
	bitset_fill(&set, 0);
	assert_false(bitset_has(&set, 0));
	bitset_free(&set);
}

static void test_members_are_independent(void **state)
{
	struct bitset set = { 0 };

	(void)state;
	for (uint64_t number = 0; number < 1000; number += 3)
		bitset_add(&set, number);
	for (uint64_t number = 0; number < 2000; number++)
		assert_int_equal(bitset_has(&set, number), number < 1000 && number % 3 == 0);
	bitset_remove(&set, 63);
	bitset_remove(&set, 64);
	assert_false(bitset_has(&set, 63));
	assert_true(bitset_has(&set, 60));
	assert_true(bitset_has(&set, 66));
	bitset_free(&set);
	assert_false(bitset_has(&set, 60));
}

static void test_fill_stops_at_the_limit(void **state)
{
	(void)state;
	for (uint64_t limit = 0; limit < 200; limit++) {
		struct bitset set = { 0 };

		bitset_add(&set, 150);
		bitset_fill(&set, limit);
		for (uint64_t number = 0; number < 300; number++)
			assert_int_equal(bitset_has(&set, number), number < limit || number == 150);
		bitset_free(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_set_has_nothing),
		cmocka_unit_test(test_members_are_independent),
		cmocka_unit_test(test_fill_stops_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
