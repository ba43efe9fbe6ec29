/* SPDX-License-Identifier: MIT */
/*
 * Tests of src/filter/inject*.c against the real tables.  What is valid and what messages say is what
 * strace 6.1 does with the same words, the format is that of strace(1), "Tampering".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "mtrace/desc.h"
#include "mtrace/inject.h"

/* Numbers that will never change. */
enum { READ_64 = 0, GETPID_64 = 39, CHDIR_64 = 80, GETUID_64 = 102, SOCKETCALL_32 = 102 };
enum { GETPID_32 = 20, GETUID_32 = 24 };

static const uint64_t no_args[6];
static struct inject_rules *rules;
static struct inject_counts counts;

static int tear_down(void **state)
{
	(void)state;
	inject_rules_free(rules);
	inject_counts_free(&counts);
	rules = NULL;
	return 0;
}

static struct inject_rule *add(const char *text)
{
	char *warning;
	char *error = inject_add(&rules, text, false, &warning);

	if (error != NULL)
		fail_msg("%s: %s", text, error);
	free(warning);
	return &rules->items[rules->count - 1];
}

static void expect_message(const char *text, bool is_fault, const char *message)
{
	struct inject_rules *none = NULL;
	char *warning;
	char *error = inject_add(&none, text, is_fault, &warning);

	if (message == NULL ? error != NULL : error == NULL || strcmp(error, message) != 0)
		fail_msg("%s: %s", text, error != NULL ? error : "no message");
	free(error);
	free(warning);
	inject_rules_free(none);
}

static void expect_warning(const char *text, const char *message)
{
	struct inject_rules *none = NULL;
	char *warning;

	assert_null(inject_add(&none, text, false, &warning));
	if (message == NULL)
		assert_null(warning);
	else
		assert_string_equal(warning, message);
	free(warning);
	inject_rules_free(none);
}

/* "getpid:" and one of the words, separated by blanks; '~' stands for a blank in a word. */
static void expect_each(const char *words, bool is_valid)
{
	char *copy = strdup(words);
	char *rest = NULL;

	for (char *word = strtok_r(copy, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		char text[160], message[200];

		snprintf(text, sizeof(text), "getpid:%s", word);
		for (char *at = strchr(text, '~'); at != NULL; at = strchr(at, '~'))
			*at = ' ';
		snprintf(message, sizeof(message), "invalid inject argument '%s'", text);
		expect_message(text, false, is_valid ? NULL : message);
	}
	free(copy);
}

static void test_errors(void **state)
{
	(void)state;
	assert_int_equal(add("getpid:error=EPERM")->error, EPERM);
	assert_int_equal(add("getpid:error=eperm")->error, EPERM);
	assert_int_equal(add("getpid:error=4095")->error, 4095);
	assert_int_equal(add("getpid:error=010")->error, 10);
	assert_int_equal(add("getpid:error=ERESTARTSYS")->error, 512);
	assert_int_equal(add("getpid:error=EPERM:")->error, EPERM);
	assert_int_equal(add("getpid::error=EPERM")->error, EPERM);
	expect_each("error=+1 error=~1 error=512 error=ERESTART_RESTARTBLOCK error=ENOTSUPP", true);
	expect_each("error= error error=EFOO error=0 error=4096 error=-1 error=0x10 error=ENOTSUP "
		    "error=EWOULDBLOCK ERROR=EPERM error=EPERM:error=EPERM error=E~PERM",
		    false);
}

static void test_results(void **state)
{
	struct inject_rule *rule = add("getpid:retval=0x123456789");

	(void)state;
	assert_true(rule->retval == 0x123456789);
	assert_true(inject_retval(rule, ABI_X86_64) == 0x123456789);
	assert_true(inject_retval(rule, ABI_X32) == 0x123456789);
	assert_true(inject_retval(rule, ABI_I386) == 0x23456789);
	assert_true(inject_retval(add("getpid:retval=-1"), ABI_X86_64) == -1);
	assert_true(inject_retval(add("getpid:retval=-1"), ABI_I386) == UINT32_MAX);
	assert_true(add("getpid:retval=010")->retval == 8);
	expect_each("retval=+5 retval=~5 retval=18446744073709551615 retval=0x8000000000000000",
		    true);
	expect_each("retval= retval=5x retval=0x retval=09 retval=18446744073709551616 "
		    "retval=1:retval=1 retval=1:error=EPERM error=EPERM:retval=1",
		    false);
}

static void test_warnings(void **state)
{
	(void)state;
	expect_warning("getpid:retval=1", NULL);
	expect_warning("getpid:retval=2147483648", NULL);
	expect_warning("getpid:error=EPERM", NULL);
	expect_warning("getpid:retval=-1", "Inadvertent injection of error 1 is possible for "
					   "retval=18446744073709551615");
	expect_warning("getpid:retval=-4095", "Inadvertent injection of error 4095 is possible for "
					      "retval=18446744073709547521");
	expect_warning("getpid:retval=-4096", "Injected return value 18446744073709547520 will be "
					      "clipped to 4294963200 in compat personality");
	expect_warning("getpid:retval=4294967295",
		       "Inadvertent injection of error 1 is possible in "
		       "compat personality for retval=4294967295");
	expect_warning(
		"getpid:retval=4294967296",
		"Injected return value 4294967296 will be clipped to 0 in compat personality");
}

static void test_signals(void **state)
{
	(void)state;
	assert_int_equal(add("getpid:signal=usr1")->signal, SIGUSR1);
	assert_int_equal(add("getpid:signal=SIGKILL")->signal, SIGKILL);
	assert_int_equal(add("getpid:signal=64")->signal, 64);
	assert_int_equal(add("getpid:signal=0001")->signal, 1);
	assert_int_equal(add("getpid:signal=RTMIN")->signal, 32);
	expect_each("signal= signal=0 signal=65 signal=FOO signal=SIGRTMIN+1 signal=+1 signal=-1 "
		    "signal=1:signal=1",
		    false);
}

static void test_delays(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} delays[] = {
		{ "0", 0 },
		{ "1", 1000 },
		{ "+1", 1000 },
		{ "1.5ms", 1500000 },
		{ ".5s", 500000000 },
		{ "1e3us", 1000000 },
		{ "100ns", 100 },
		{ "0.5ns", 0 },
		{ "1e15s", INT64_MAX },
		{ "9223372036854775807", INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		struct inject_rule *rule;
		char text[80];

		snprintf(text, sizeof(text), "getpid:delay_enter=%s:delay_exit=%s", delays[i].text,
			 delays[i].text);
		rule = add(text);
		assert_true(rule->delay_enter == delays[i].ns);
		assert_true(rule->delay_exit == delays[i].ns);
		assert_int_equal(rule->actions, INJECT_DELAY_ENTER | INJECT_DELAY_EXIT);
	}
	expect_each(
		"delay_enter= delay_enter=-1 delay_enter=1m delay_enter=1S delay_enter=1~s "
		"delay_enter=1e delay_enter=s delay_enter=inf delay_enter=nan delay_enter=infinity "
		"delay_enter=0x10 delay_enter=99999999999999999999 delay_enter=1:delay_enter=1 "
		"delay_exit=1:delay_exit=1 delay_exit=1s~",
		false);
}

static void test_pokes(void **state)
{
	struct inject_rule *rule = add("getpid:poke_enter=@arg2=00fF,@arg7=5a:poke_exit=@arg2=01");

	(void)state;
	assert_int_equal(rule->poke_enter.count, 2);
	assert_int_equal(rule->poke_enter.items[0].arg, 1);
	assert_int_equal(rule->poke_enter.items[0].len, 2);
	assert_memory_equal(rule->poke_enter.items[0].bytes, "\x00\xff", 2);
	assert_int_equal(rule->poke_enter.items[1].arg, 6);
	assert_memory_equal(rule->poke_enter.items[1].bytes, "Z", 1);
	assert_int_equal(rule->poke_exit.count, 1);
	expect_each("poke_enter=@arg1=00, poke_enter=,@arg1=00 poke_exit=@arg2=00,,@arg1=00", true);
	/* 0x00 and 0g write something else than they say in strace; that is no hexadecimal number. */
	expect_each(
		"poke_enter= poke_enter=@arg1 poke_enter=@arg1= poke_enter=@arg1=0 "
		"poke_enter=@arg1=000 poke_enter=@arg0=00 poke_enter=@arg8=00 poke_enter=@arg10=00 "
		"poke_enter=@arg01=00 poke_enter=@argx=00 poke_enter=arg1=00 poke_enter=@ARG1=00 "
		"poke_enter=@arg1=zz poke_enter=@arg1=0g poke_enter=@arg1=0x00 "
		"poke_enter=@arg1=00,@arg1=00 poke_enter=@arg1=00:poke_enter=@arg2=00 "
		"poke_exit=@arg1=00~11",
		false);
}

static void test_other_calls(void **state)
{
	struct inject_rule *rule = add("getpid:error=EPERM:syscall=getuid");

	(void)state;
	assert_int_equal(inject_call_number(rule, ABI_X86_64), GETUID_64);
	assert_int_equal(inject_call_number(rule, ABI_I386), GETUID_32);
	assert_int_equal(inject_call_number(add("getpid:error=EPERM"), ABI_X86_64), -1);
	/* aarch64 never had it. */
	rule = add("getpid:error=EPERM:syscall=getpgrp");
	assert_int_equal(inject_call_number(rule, ABI_AARCH64), -1);
	expect_each(
		"syscall=getuid syscall= syscall=nonsense:error=EPERM syscall=read:error=EPERM "
		"syscall=102:error=EPERM syscall=getuid@64:error=EPERM syscall=%pure:error=EPERM "
		"syscall=getuid32:error=EPERM syscall=GETUID:error=EPERM "
		"syscall=getuid:syscall=getuid:error=EPERM",
		false);
}

static void test_messages(void **state)
{
	(void)state;
	expect_message("getpid", false, "invalid inject argument 'getpid'");
	expect_message("getpid:", false, "invalid inject argument 'getpid:'");
	expect_message("getpid:when=1", false, "invalid inject argument 'getpid:when=1'");
	expect_message("getpid:nonsense=1", false, "invalid inject argument 'getpid:nonsense=1'");
	expect_message("", false, "invalid system call ''");
	expect_message(":error=EPERM", false, "invalid system call ''");
	expect_message("nonsense:error=EPERM", false, "invalid system call 'nonsense'");
	expect_message("nonsense:error=0", false, "invalid inject argument 'nonsense:error=0'");
	expect_message("?nonsense:error=EPERM", false, NULL);
	expect_message("none:error=EPERM", false, NULL);
	expect_message("getpid", true, NULL);
	expect_message("getpid:when=2", true, NULL);
	expect_message("getpid:error=EPERM:syscall=getuid", true, NULL);
	expect_message("getpid:error=0", true, "invalid fault argument 'getpid:error=0'");
	expect_message("getpid:retval=1", true, "invalid fault argument 'getpid:retval=1'");
	expect_message("getpid:signal=1", true, "invalid fault argument 'getpid:signal=1'");
	expect_message("getpid:delay_enter=1", true,
		       "invalid fault argument 'getpid:delay_enter=1'");
	expect_message("getpid:poke_exit=@arg1=00", true,
		       "invalid fault argument 'getpid:poke_exit=@arg1=00'");
}

static void test_faults(void **state)
{
	char *warning;

	(void)state;
	assert_null(inject_add(&rules, "getpid", true, &warning));
	assert_int_equal(rules->items[0].actions, INJECT_ERROR);
	assert_int_equal(rules->items[0].error, ENOSYS);
	assert_null(inject_add(&rules, "getpid:error=EIO", true, &warning));
	assert_int_equal(rules->items[1].error, EIO);
}

/* Of ten invocations: '1' for those that the rule is for. */
static void expect_when(const char *when, const char *expected)
{
	char text[80], got[11] = "";

	snprintf(text, sizeof(text), "chdir:error=EPERM:when=%s", when);
	tear_down(NULL);
	add(text);
	for (int i = 0; i < 10; i++)
		got[i] = inject_next(rules, &counts, ABI_X86_64, CHDIR_64, no_args) ? '1' : '0';
	assert_string_equal(got, expected);
}

static void test_when(void **state)
{
	(void)state;
	expect_when("1", "1000000000");
	expect_when("3", "0010000000");
	expect_when("3+", "0011111111");
	expect_when("2+3", "0100100100");
	expect_when("2..4", "0111000000");
	expect_when("2..4+", "0111000000");
	expect_when("2..7+2", "0101010000");
	expect_when("1..1", "1000000000");
	expect_when("1:when=2", "0100000000");
	expect_when("65535+65535", "0000000000");
	expect_each("error=1:when=1++1 error=1:when=1+~1 error=1:when=+1 error=1:when=~1 "
		    "error=1:when=1..+1 error=1:when=1..65534",
		    true);
	expect_each(
		"error=1:when= error=1:when=0 error=1:when=-1 error=1:when=65536 error=1:when=0x1 "
		"error=1:when=1x error=1:when=1+0 error=1:when=1+65536 error=1:when=1+x "
		"error=1:when=1.. error=1:when=1..0 error=1:when=2..1 error=1:when=1..65535 "
		"error=1:when=1..2+x error=1:when=..2 error=1:when=1+2+3 error=1:when=1...2 "
		"error=1:when=1. error=1:when=1.2 error=1:when=1..2..3 error=1:when=1+1..2",
		false);
}

static int error_of(enum abi_id abi, uint64_t nr, const uint64_t args[6])
{
	const struct inject_rule *rule = inject_next(rules, &counts, abi, nr, args);

	return rule != NULL ? rule->error : 0;
}

/* One rule for several calls counts each of them; a tracee's counts are its own. */
static void test_counts_are_per_call(void **state)
{
	struct inject_counts other = { 0 };

	(void)state;
	add("getpid,getuid:error=EPERM:when=2");
	assert_int_equal(error_of(ABI_X86_64, GETPID_64, no_args), 0);
	assert_int_equal(error_of(ABI_X86_64, GETUID_64, no_args), 0);
	assert_int_equal(error_of(ABI_I386, GETPID_32, no_args), 0);
	assert_null(inject_next(rules, &other, ABI_X86_64, GETPID_64, no_args));
	assert_int_equal(error_of(ABI_X86_64, GETPID_64, no_args), EPERM);
	assert_int_equal(error_of(ABI_I386, GETPID_32, no_args), EPERM);
	assert_int_equal(error_of(ABI_X86_64, GETPID_64, no_args), 0);
	assert_int_equal(error_of(ABI_X86_64, READ_64, no_args), 0);
	inject_counts_free(&other);
}

static void test_last_rule_counts(void **state)
{
	(void)state;
	add("%pure:error=EPERM");
	add("getpid:error=EIO:when=2");
	assert_int_equal(error_of(ABI_X86_64, GETUID_64, no_args), EPERM);
	assert_int_equal(error_of(ABI_X86_64, GETPID_64, no_args), 0);
	assert_int_equal(error_of(ABI_X86_64, GETPID_64, no_args), EIO);
	assert_int_equal(error_of(ABI_X86_64, GETPID_64, no_args), 0);
}

/* socketcall(SYS_CONNECT) is a connect (linux/net.h: 3), and is counted apart from others. */
static void test_multiplexed_calls(void **state)
{
	const uint64_t connect[6] = { 3 }, bind[6] = { 2 }, wild[6] = { UINT64_MAX };

	(void)state;
	add("connect,bind:error=EPERM:when=2");
	assert_int_equal(error_of(ABI_I386, SOCKETCALL_32, connect), 0);
	assert_int_equal(error_of(ABI_I386, SOCKETCALL_32, bind), 0);
	assert_int_equal(error_of(ABI_I386, SOCKETCALL_32, connect), EPERM);
	add("socketcall:error=EIO");
	assert_int_equal(error_of(ABI_I386, SOCKETCALL_32, wild), EIO);
}

/* Numbers are a program's choice. */
static void test_wild_numbers(void **state)
{
	(void)state;
	add("all:error=EPERM");
	assert_int_equal(error_of(ABI_X86_64, 1u << 30, no_args), 0);
	assert_int_equal(error_of(ABI_X86_64, UINT64_MAX, no_args), 0);
	assert_int_equal(error_of(ABI_ARM, 0xf0002, no_args), EPERM);
	assert_int_equal(error_of(ABI_ARM, 0xf0002, no_args), EPERM);
	assert_int_equal(error_of(ABI_X86_64, GETPID_64, no_args), EPERM);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_errors),
		TEST(test_results),
		TEST(test_warnings),
		TEST(test_signals),
		TEST(test_delays),
		TEST(test_pokes),
		TEST(test_other_calls),
		TEST(test_messages),
		TEST(test_faults),
		TEST(test_when),
		TEST(test_counts_are_per_call),
		TEST(test_last_rule_counts),
		TEST(test_multiplexed_calls),
		TEST(test_wild_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
