/* SPDX-License-Identifier: MIT */
/* The table of tracees: src/tracer/tracee.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/tracer/tracer_internal.h"

static struct page_cache cache;

static void test_empty(void **state)
{
	struct tracee_table table = { 0 };

	(void)state;
	assert_null(tracee_find(&table, 1));
	tracee_table_free(&table);
}

static void test_find_add_remove(void **state)
{
	struct tracee_table table = { 0 };

	(void)state;
	/* Many that share a bucket, and enough to make the table grow. */
	for (int i = 1; i <= 2000; i++)
		assert_int_equal(tracee_add(&table, &cache, i * 64)->tracee.tid, i * 64);
	assert_int_equal(table.count, 2000);
	for (int i = 2; i <= 2000; i += 2)
		tracee_remove(&table, tracee_find(&table, i * 64));
	assert_int_equal(table.count, 1000);
	for (int i = 1; i <= 2000; i++) {
		struct tracee_record *record = tracee_find(&table, i * 64);

		if (i % 2 == 0)
			assert_null(record);
		else
			assert_int_equal(record->tracee.tid, i * 64);
		assert_null(tracee_find(&table, i * 64 + 1));
	}
	tracee_table_free(&table);
	assert_int_equal(table.count, 0);
}

static void test_order_of_birth(void **state)
{
	static const int left[] = { 30, 20, 50 };
	struct tracee_table table = { 0 };
	const struct tracee_record *record;
	int i = 0;

	(void)state;
	tracee_add(&table, &cache, 40);
	tracee_add(&table, &cache, 30);
	tracee_add(&table, &cache, 20);
	tracee_add(&table, &cache, 10);
	tracee_remove(&table, tracee_find(&table, 10));
	tracee_add(&table, &cache, 50);
	tracee_remove(&table, tracee_find(&table, 40));
	for (record = table.oldest; record != NULL; record = record->newer)
		assert_int_equal(record->tracee.tid, left[i++]);
	assert_int_equal(i, 3);
	assert_int_equal(table.newest->tracee.tid, 50);
	tracee_table_free(&table);
}

static void test_rename_moves_all_that_knows_the_number(void **state)
{
	struct tracee_table table = { 0 };
	struct tracee_record *record = tracee_add(&table, &cache, 7);
	int data;

	(void)state;
	record->tracee.session = &data;
	tracee_rename(&table, record, 5);
	assert_null(tracee_find(&table, 7));
	assert_ptr_equal(tracee_find(&table, 5), record);
	assert_int_equal(record->tracee.tid, 5);
	assert_int_equal(record->memory.tid, 5);
	assert_int_equal(record->resolver.tid, 5);
	assert_ptr_equal(record->memory.cache, &cache);
	assert_ptr_equal(record->tracee.session, &data);
	tracee_table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_find_add_remove),
		cmocka_unit_test(test_order_of_birth),
		cmocka_unit_test(test_rename_moves_all_that_knows_the_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
