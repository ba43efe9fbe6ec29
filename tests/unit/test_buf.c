/* SPDX-License-Identifier: MIT */
/* Tests of src/base/buf.c. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/buf.h"

static void buf_expect(struct buf *buf, const char *expected)
{
	assert_int_equal(buf->len, strlen(expected));
	assert_memory_equal(buf->data, expected, buf->len);
	buf_reset(buf);
}

static const uint64_t numbers[] = {
	0, 1, 7, 8, 9, 10, 15, 16, 255, 4096, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX, 0644,
};

static void test_numbers_are_as_printf_has_them(void **state)
{
	struct buf buf = { 0 };
	char expected[64];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		unsigned long long number = numbers[i];

		snprintf(expected, sizeof(expected), "%lld", (long long)number);
		buf_add_dec(&buf, (int64_t)number);
		buf_expect(&buf, expected);
		snprintf(expected, sizeof(expected), "%llu", number);
		buf_add_udec(&buf, number);
		buf_expect(&buf, expected);
		snprintf(expected, sizeof(expected), "%#llx", number);
		buf_add_hex(&buf, number);
		buf_expect(&buf, expected);
		snprintf(expected, sizeof(expected), "%llx", number);
		buf_add_hex_digits(&buf, number);
		buf_expect(&buf, expected);
		snprintf(expected, sizeof(expected), "%#llo", number);
		buf_add_oct(&buf, number);
		buf_expect(&buf, expected);
	}
	buf_free(&buf);
}

/* Where a number gets one more digit. */
static void test_numbers_at_every_width(void **state)
{
	struct buf buf = { 0 };
	char expected[64];
	uint64_t power = 1;

	(void)state;
	for (int digits = 1; digits <= 20; digits++) {
		for (int64_t near = -1; near <= 1; near++) {
			snprintf(expected, sizeof(expected), "%" PRIu64, power + (uint64_t)near);
			buf_add_udec(&buf, power + (uint64_t)near);
			buf_expect(&buf, expected);
		}
		power *= 10;
	}
	for (uint64_t number = 0; number < 11111; number++) {
		snprintf(expected, sizeof(expected), "%" PRIu64, number);
		buf_add_udec(&buf, number);
		buf_expect(&buf, expected);
	}
	for (unsigned shift = 0; shift < 64; shift++) {
		for (int64_t near = -1; near <= 1; near++) {
			uint64_t number = (UINT64_C(1) << shift) + (uint64_t)near;

			snprintf(expected, sizeof(expected), "%" PRIx64, number);
			buf_add_hex_digits(&buf, number);
			buf_expect(&buf, expected);
			snprintf(expected, sizeof(expected), "%" PRIu64, number);
			buf_add_udec(&buf, number);
			buf_expect(&buf, expected);
		}
	}
	buf_free(&buf);
}

static void test_appending_grows(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		buf_add_char(&buf, (char)('a' + i % 26));
		buf_add_str(&buf, "");
		buf_add(&buf, "-", 1);
	}
	assert_int_equal(buf.len, 40000);
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(buf.data[2 * i], 'a' + i % 26);
		assert_int_equal(buf.data[2 * i + 1], '-');
	}
	buf_free(&buf);
	assert_null(buf.data);
}

/* At every length, and nothing beyond it is touched. */
static void test_names(void **state)
{
	static const char name[] = "io_pgetevents_time64";
	struct buf buf = { 0 };

	(void)state;
	for (size_t len = 0; len < sizeof(name); len++) {
		buf_reset(&buf);
		buf_add_char(&buf, '(');
		memset(buf_reserve(&buf, sizeof(name)), '#', sizeof(name));
		buf_add_name(&buf, name, len);
		assert_int_equal(buf.len, len + 1);
		assert_memory_equal(buf.data + 1, name, len);
		assert_int_equal(buf.data[0], '(');
		assert_int_equal(buf.data[len + 1], '#');
	}
	buf_free(&buf);
}

static void test_reserved_room_is_there(void **state)
{
	struct buf buf = { 0 };
	char *room;

	(void)state;
	buf_add_str(&buf, "ab");
	room = buf_reserve(&buf, 100000);
	memset(room, 'x', 100000);
	assert_int_equal(buf.len, 2);
	buf.len += 1;
	buf_expect(&buf, "abx");
	buf_free(&buf);
}

static void test_printf_and_pad(void **state)
{
	struct buf buf = { 0 };
	char expected[6000];

	(void)state;
	buf_add_str(&buf, "line\n");
	buf_printf(&buf, "%s=%d", "a", 5);
	buf_pad(&buf, 5, 8, '.');
	buf_pad(&buf, 5, 3, '!');
	buf_pad(&buf, 5, 8, '!');
	buf_expect(&buf, "line\na=5.....");
	snprintf(expected, sizeof(expected), "%05000d", 3);
	buf_printf(&buf, "%05000d", 3);
	buf_expect(&buf, expected);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_as_printf_has_them),
		cmocka_unit_test(test_numbers_at_every_width),
		cmocka_unit_test(test_appending_grows),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_reserved_room_is_there),
		cmocka_unit_test(test_printf_and_pad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
