/* SPDX-License-Identifier: MIT */
/* Tests of src/filter: sets of calls, signals and names.  They run against the real tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/desc.h"
#include "mtrace/filter.h"

/* Numbers that will never change, by ABI. */
enum { READ_64 = 0, WRITE_64 = 1, OPEN_64 = 2, CLOSE_64 = 3, GETPID_64 = 39 };
enum { READ_32 = 3, WRITE_32 = 4, OPEN_32 = 5, SOCKETCALL_32 = 102, IPC_32 = 117 };

static void select_ok(struct call_set *set, const char *text)
{
	char *error = select_calls(set, text);

	assert_null(error);
}

static void expect_error(const char *text, const char *message)
{
	struct call_set set = { 0 };
	char *error;

	select_all(&set);
	error = select_calls(&set, text);
	assert_non_null(error);
	assert_string_equal(error, message);
	/* What was there stays. */
	assert_true(call_set_has(&set, ABI_X86_64, GETPID_64));
	free(error);
	call_set_free(&set);
}

static void test_names_select_in_every_abi(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "read,open");
	assert_true(call_set_has(&set, ABI_X86_64, READ_64));
	assert_true(call_set_has(&set, ABI_X86_64, OPEN_64));
	assert_true(call_set_has(&set, ABI_I386, READ_32));
	assert_true(call_set_has(&set, ABI_AARCH64, 63));
	assert_false(call_set_has(&set, ABI_X86_64, WRITE_64));
	assert_false(call_set_has(&set, ABI_I386, WRITE_32));
	assert_false(call_set_has(&set, ABI_X86_64, 100000));
	call_set_free(&set);
}

static void test_a_later_set_replaces(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "read");
	select_ok(&set, "write");
	assert_false(call_set_has(&set, ABI_X86_64, READ_64));
	assert_true(call_set_has(&set, ABI_X86_64, WRITE_64));
	call_set_free(&set);
}

static void test_complement(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "!read,write");
	assert_false(call_set_has(&set, ABI_X86_64, READ_64));
	assert_false(call_set_has(&set, ABI_I386, WRITE_32));
	assert_true(call_set_has(&set, ABI_X86_64, GETPID_64));
	/* Calls that no table has are no read and no write. */
	assert_true(call_set_has(&set, ABI_X86_64, 100000));
	assert_true(call_set_has(&set, ABI_COUNT, 1));
	call_set_free(&set);
}

static void test_all_and_none(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		select_ok(&set, i ? "!none" : "all");
		assert_true(call_set_has(&set, ABI_X86_64, READ_64));
		assert_true(call_set_has(&set, ABI_ARM, 0xf0005));
		assert_true(call_set_has(&set, ABI_X86_64, 100000));
		select_ok(&set, i ? "!all" : "none");
		assert_false(call_set_has(&set, ABI_X86_64, READ_64));
		assert_false(call_set_has(&set, ABI_ARM, 0xf0005));
		assert_false(call_set_has(&set, ABI_X86_64, 100000));
	}
	select_all(&set);
	assert_true(call_set_has(&set, ABI_RISCV64, 63));
	assert_true(call_set_has(&set, ABI_X86_64, 100000));
	select_none(&set);
	assert_false(call_set_has(&set, ABI_RISCV64, 63));
	call_set_free(&set);
}

static void test_classes(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "%file");
	assert_true(call_set_has(&set, ABI_X86_64, OPEN_64));
	assert_true(call_set_has(&set, ABI_I386, OPEN_32));
	assert_false(call_set_has(&set, ABI_X86_64, READ_64));
	/* The old spelling of the older classes. */
	select_ok(&set, "desc,memory");
	assert_true(call_set_has(&set, ABI_X86_64, READ_64));
	assert_true(call_set_has(&set, ABI_X86_64, 12));
	assert_false(call_set_has(&set, ABI_X86_64, GETPID_64));
	select_ok(&set, "%pure");
	assert_true(call_set_has(&set, ABI_X86_64, GETPID_64));
	/* %%stat is what %stat, %lstat and %fstat are together. */
	select_ok(&set, "%%stat");
	for (uint64_t nr = 4; nr <= 6; nr++)
		assert_true(call_set_has(&set, ABI_X86_64, nr));
	select_ok(&set, "%stat");
	assert_true(call_set_has(&set, ABI_X86_64, 4));
	assert_false(call_set_has(&set, ABI_X86_64, 5));
	call_set_free(&set);
}

static void test_regular_expressions(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "/^(read|write)$");
	assert_true(call_set_has(&set, ABI_X86_64, READ_64));
	assert_true(call_set_has(&set, ABI_X86_64, WRITE_64));
	/* pread64 has a read in it, but does not begin with it. */
	assert_false(call_set_has(&set, ABI_X86_64, 17));
	select_ok(&set, "/read");
	assert_true(call_set_has(&set, ABI_X86_64, 17));
	call_set_free(&set);
}

static void test_numbers(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "3");
	assert_true(call_set_has(&set, ABI_X86_64, CLOSE_64));
	assert_true(call_set_has(&set, ABI_I386, READ_32));
	assert_false(call_set_has(&set, ABI_X86_64, READ_64));
	call_set_free(&set);
}

static void test_designators(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "read@64");
	assert_true(call_set_has(&set, ABI_X86_64, READ_64));
	assert_false(call_set_has(&set, ABI_X32, READ_64));
	assert_false(call_set_has(&set, ABI_I386, READ_32));
	select_ok(&set, "read@32,write@x32");
	assert_false(call_set_has(&set, ABI_X86_64, READ_64));
	assert_true(call_set_has(&set, ABI_I386, READ_32));
	assert_true(call_set_has(&set, ABI_X32, WRITE_64));
	assert_false(call_set_has(&set, ABI_X86_64, WRITE_64));
	call_set_free(&set);
}

static void test_question_marks_forgive(void **state)
{
	struct call_set set = { 0 };

	(void)state;
	select_ok(&set, "?nonsense,close");
	assert_true(call_set_has(&set, ABI_X86_64, CLOSE_64));
	assert_false(call_set_has(&set, ABI_X86_64, READ_64));
	select_ok(&set, "?/nonsense");
	select_ok(&set, "?%nonsense");
	select_ok(&set, "!?nonsense");
	assert_true(call_set_has(&set, ABI_X86_64, READ_64));
	/* Empty values are passed over. */
	select_ok(&set, ",close,");
	assert_true(call_set_has(&set, ABI_X86_64, CLOSE_64));
	call_set_free(&set);
}

static void test_mistakes(void **state)
{
	(void)state;
	expect_error("nonsense", "invalid system call 'nonsense'");
	expect_error("read,nonsense", "invalid system call 'nonsense'");
	expect_error("!nonsense", "invalid system call 'nonsense'");
	expect_error("!read,!nonsense", "invalid system call '!nonsense'");
	expect_error("READ", "invalid system call 'READ'");
	expect_error("%nonsense", "invalid system call '%nonsense'");
	expect_error("net", "invalid system call 'net'");
	expect_error("/nonsense", "invalid system call '/nonsense'");
	expect_error("/[", "regcomp: [: Invalid regular expression");
	expect_error("nonsense@64", "invalid system call 'nonsense@64'");
	expect_error("read@99", "incorrect personality designator '99' in qualification 'read@99'");
	expect_error("", "invalid system call ''");
	expect_error("!", "invalid system call '!'");
	expect_error(",", "invalid system call ','");
	expect_error("none,read", "invalid system call 'none'");
	expect_error("9999", "invalid system call '9999'");
	expect_error("-1", "invalid system call '-1'");
}

static void test_multiplexers_are_looked_through(void **state)
{
	struct call_set set = { 0 };
	const uint64_t connect[6] = { 3 };  /* SYS_CONNECT */
	const uint64_t listen[6] = { 4 };   /* SYS_LISTEN */
	const uint64_t unknown[6] = { 99 }; /* no call */
	const uint64_t semget[6] = { 2 | 1 << 16 };

	(void)state;
	select_ok(&set, "connect,semget");
	assert_true(select_has_call(&set, ABI_I386, SOCKETCALL_32, connect));
	assert_false(select_has_call(&set, ABI_I386, SOCKETCALL_32, listen));
	assert_false(select_has_call(&set, ABI_I386, SOCKETCALL_32, unknown));
	assert_true(select_has_call(&set, ABI_I386, IPC_32, semget));
	assert_false(select_has_call(&set, ABI_I386, READ_32, connect));
	select_ok(&set, "!connect");
	assert_false(select_has_call(&set, ABI_I386, SOCKETCALL_32, connect));
	assert_true(select_has_call(&set, ABI_I386, SOCKETCALL_32, listen));
	call_set_free(&set);
}

static void test_signals(void **state)
{
	(void)state;
	assert_int_equal(select_signal_number("SIGCHLD"), 17);
	assert_int_equal(select_signal_number("chld"), 17);
	assert_int_equal(select_signal_number("9"), 9);
	assert_int_equal(select_signal_number("RTMIN"), 32);
	assert_int_equal(select_signal_number("SIGRT_3"), 35);
	assert_int_equal(select_signal_number("nonsense"), -1);
	assert_int_equal(select_signal_number("SIG"), -1);
	assert_int_equal(select_signal_number(""), -1);
	assert_int_equal(select_signal_number("-1"), -1);
}

static int digit(const char *name)
{
	return *name >= '0' && *name <= '9' && !name[1] ? *name - '0' : -1;
}

static void expect_names(const char *text, const char *members)
{
	struct bitset set = { 0 };

	bitset_add(&set, 7);
	assert_null(select_names(&set, text, 8, digit));
	for (uint64_t number = 0; number < 8; number++)
		assert_int_equal(bitset_has(&set, number), members[number] == 'x');
	bitset_free(&set);
}

static void test_sets_of_names(void **state)
{
	struct bitset set = { 0 };
	char *unknown;

	(void)state;
	expect_names("1,3", ".x.x....");
	expect_names("!1,3", "x.x.xxxx");
	expect_names("all", "xxxxxxxx");
	expect_names("none", "........");
	expect_names("!all", "........");
	expect_names("!none", "xxxxxxxx");
	expect_names(",2,", "..x.....");
	unknown = select_names(&set, "1,x", 8, digit);
	assert_string_equal(unknown, "x");
	free(unknown);
	/* Numbers end below the limit. */
	unknown = select_names(&set, "8", 8, digit);
	assert_string_equal(unknown, "8");
	free(unknown);
	unknown = select_names(&set, "1,all", 8, digit);
	assert_string_equal(unknown, "all");
	free(unknown);
	unknown = select_names(&set, "", 8, digit);
	assert_string_equal(unknown, "");
	free(unknown);
	assert_false(bitset_has(&set, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_select_in_every_abi),
		cmocka_unit_test(test_a_later_set_replaces),
		cmocka_unit_test(test_complement),
		cmocka_unit_test(test_all_and_none),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_regular_expressions),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_designators),
		cmocka_unit_test(test_question_marks_forgive),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_multiplexers_are_looked_through),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_sets_of_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
