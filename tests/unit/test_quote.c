/* SPDX-License-Identifier: MIT */
/* Tests of src/base/quote.c; the expected strings are strace's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/quote.h"

static void quote_expect(const char *bytes, size_t len, enum quote_style style, const char *also,
			 const char *expected)
{
	struct buf buf = { 0 };

	quote_add(&buf, bytes, len, style, also);
	buf_add_char(&buf, '\0');
	assert_string_equal(buf.data, expected);
	buf_free(&buf);
}

#define EXPECT(bytes, style, expected) quote_expect(bytes, sizeof(bytes) - 1, style, NULL, expected)

static void test_octal(void **state)
{
	(void)state;
	EXPECT("", QUOTE_OCTAL, "");
	EXPECT("caf\303\251\t\1\n0123", QUOTE_OCTAL, "caf\\303\\251\\t\\1\\n0123");
	EXPECT("\0"
	       "1\0018\1x\177\033[0m\a\b\v\f\r'\"\\",
	       QUOTE_OCTAL, "\\0001\\18\\1x\\177\\33[0m\\7\\10\\v\\f\\r'\\\"\\\\");
	EXPECT("\0\0\0", QUOTE_OCTAL, "\\0\\0\\0");
	EXPECT("\0317\0319", QUOTE_OCTAL, "\\0317\\319");
}

static void test_hex(void **state)
{
	(void)state;
	EXPECT("caf\303\251\t\1\n", QUOTE_HEX, "caf\\xc3\\xa9\\t\\x01\\n");
	EXPECT("d\ne\t\v\f\r\"\\", QUOTE_HEX_IF_NEEDED, "d\\ne\\t\\v\\f\\r\\\"\\\\");
	EXPECT("z\0011\n", QUOTE_HEX_IF_NEEDED, "\\x7a\\x01\\x31\\x0a");
	EXPECT("a\177", QUOTE_HEX_IF_NEEDED, "\\x61\\x7f");
	EXPECT("hi\"\n", QUOTE_HEX_ALL, "\\x68\\x69\\x22\\x0a");
}

static void test_also(void **state)
{
	(void)state;
	quote_expect("a<b>c", 5, QUOTE_OCTAL, "<>", "a\\74b\\76c");
	quote_expect("<1>9", 4, QUOTE_OCTAL, "<>", "\\0741\\769");
	quote_expect("<\0>", 3, QUOTE_OCTAL, "<>", "\\74\\0\\76");
	quote_expect("<", 1, QUOTE_HEX, "<>", "\\x3c");
}

/* Whatever comes in: printable ASCII comes out, in every style, also across pieces. */
static void test_nothing_unprintable_passes(void **state)
{
	struct buf buf = { 0 };
	unsigned char bytes[5000];

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i < 256 ? (int)i : rand());
	for (int style = QUOTE_OCTAL; style <= QUOTE_HEX_ALL; style++)
		quote_add(&buf, bytes, sizeof(bytes), (enum quote_style)style, "<>");
	quote_add_plain(&buf, bytes, sizeof(bytes));
	for (size_t i = 0; i < buf.len; i++)
		assert_in_range(buf.data[i], ' ', '~');
	buf_free(&buf);
}

/* What an octal escape stands for does not depend on what follows it. */
static void test_octal_can_be_read_back(void **state)
{
	struct buf buf = { 0 };
	unsigned char bytes[3000];
	size_t len = 0;

	(void)state;
	srand(2);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(rand() % 3 == 0 ? '0' + rand() % 10 : rand());
	quote_add(&buf, bytes, sizeof(bytes), QUOTE_OCTAL, NULL);
	for (size_t i = 0; i < buf.len; len++) {
		unsigned byte = (unsigned char)buf.data[i++];

		if (byte == '\\') {
			const char *letters = "tnvfr";
			const char *codes = "\t\n\v\f\r";
			const char *letter = strchr(letters, buf.data[i]);
			unsigned digits = 0;

			byte = 0;
			while (digits < 3 && i < buf.len && buf.data[i] >= '0' &&
			       buf.data[i] <= '7') {
				byte = byte * 8 + (unsigned)(buf.data[i++] - '0');
				digits++;
			}
			if (digits == 0)
				byte = letter != NULL ? (unsigned char)codes[letter - letters]
						      : (unsigned char)buf.data[i];
			if (digits == 0)
				i++;
		}
		assert_int_equal(byte, bytes[len]);
	}
	assert_int_equal(len, sizeof(bytes));
	buf_free(&buf);
}

static void test_plain_text_keeps_quotes(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	quote_add_plain(&buf, "[1,\"a\\n\"]\n\0337", 12);
	buf_add_char(&buf, '\0');
	assert_string_equal(buf.data, "[1,\"a\\n\"]\\012\\0337");
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_octal),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_also),
		cmocka_unit_test(test_nothing_unprintable_passes),
		cmocka_unit_test(test_octal_can_be_read_back),
		cmocka_unit_test(test_plain_text_keeps_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
