/* SPDX-License-Identifier: MIT */
/* The options of src/cli/startup.c: what a trace begins and ends with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mtrace/cli.h"
#include "mtrace/log.h"

/* `words` are separated by '|'; `line` keeps them alive. */
static enum cli_result parse(struct options *options, const char *words, char **line)
{
	char *argv[16];
	int argc = 0;
	int status;

	*line = strdup(words);
	for (char *rest = *line; rest != NULL && argc < 15;)
		argv[argc++] = strsep(&rest, "|");
	argv[argc] = NULL;
	log_set_name("mtrace");
	return options_parse(options, argc, argv, &status);
}

static bool is_refused(const char *words)
{
	struct options options;
	char *line;
	int saved = dup(2);
	bool refused;

	close(2);
	refused = parse(&options, words, &line) == CLI_EXIT;
	dup2(saved, 2);
	close(saved);
	if (!refused)
		options_free(&options);
	free(line);
	return refused;
}

static uint64_t time_of(const char *words)
{
	struct options options;
	char *line;
	uint64_t ns;

	assert_int_equal(parse(&options, words, &line), CLI_RUN);
	ns = options.detach_after;
	options_free(&options);
	free(line);
	return ns;
}

static void test_detach_after(void **state)
{
	static const char *const wrong[] = { "",    "0",   "-1",  "+1",         "1e3",
					     "1d",  "s",   "1 s", "1..5",       "0x10",
					     "nan", "inf", "1ss", "99999999999" };
	char words[64];

	(void)state;
	assert_int_equal(time_of("mtrace|--detach-after=10|ls"), 10000000000);
	assert_int_equal(time_of("mtrace|--detach-after=1.5s|ls"), 1500000000);
	assert_int_equal(time_of("mtrace|--detach-after|.5|ls"), 500000000);
	assert_int_equal(time_of("mtrace|--detach-after=200ms|ls"), 200000000);
	assert_int_equal(time_of("mtrace|--detach-after=7us|ls"), 7000);
	assert_int_equal(time_of("mtrace|--detach-after=9ns|ls"), 9);
	assert_int_equal(time_of("mtrace|--detach-after=2m|ls"), 120000000000);
	assert_int_equal(time_of("mtrace|--detach-after=1h|ls"), 3600000000000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(words, sizeof(words), "mtrace|--detach-after=%s|ls", wrong[i]);
		assert_true(is_refused(words));
	}
	/* Ours: an abbreviation is strace's or nobody's. */
	assert_true(is_refused("mtrace|--detach-a=1|ls"));
}

static void expect_interruptible(const char *words, enum interruptible expected)
{
	struct options options;
	char *line;

	assert_int_equal(parse(&options, words, &line), CLI_RUN);
	assert_int_equal(options.interruptible, expected);
	options_free(&options);
	free(line);
}

/* strace(1), "-I": the defaults depend on -o and -D. */
static void test_interruptible(void **state)
{
	(void)state;
	expect_interruptible("mtrace|ls", INTERRUPTIBLE_WAITING);
	expect_interruptible("mtrace|-o|f|-p|1", INTERRUPTIBLE_WAITING);
	expect_interruptible("mtrace|-o|f|ls", INTERRUPTIBLE_NEVER);
	expect_interruptible("mtrace|-o|f|-D|ls", INTERRUPTIBLE_NEVER_TSTP);
	expect_interruptible("mtrace|-D|ls", INTERRUPTIBLE_NEVER_TSTP);
	expect_interruptible("mtrace|-I1|-o|f|-D|ls", INTERRUPTIBLE_ANYWHERE);
	expect_interruptible("mtrace|--interruptible=waiting|-o|f|ls", INTERRUPTIBLE_WAITING);
	expect_interruptible("mtrace|-I|never|ls", INTERRUPTIBLE_NEVER);
	expect_interruptible("mtrace|-I|4|ls", INTERRUPTIBLE_NEVER_TSTP);
	assert_true(is_refused("mtrace|-I|0|ls"));
	assert_true(is_refused("mtrace|-I|5|ls"));
	assert_true(is_refused("mtrace|-I||ls"));
	assert_true(is_refused("mtrace|-I|1x|ls"));
	assert_true(is_refused("mtrace|-I|Never|ls"));
}

static void expect_daemonize(const char *words, enum daemonize expected)
{
	struct options options;
	char *line;

	assert_int_equal(parse(&options, words, &line), CLI_RUN);
	assert_int_equal(options.daemonize, expected);
	options_free(&options);
	free(line);
}

static void test_daemonize(void **state)
{
	(void)state;
	expect_daemonize("mtrace|ls", DAEMONIZE_NO);
	expect_daemonize("mtrace|-D|ls", DAEMONIZE_GRANDCHILD);
	expect_daemonize("mtrace|-DfD|ls", DAEMONIZE_PGROUP);
	expect_daemonize("mtrace|-DDD|ls", DAEMONIZE_SESSION);
	expect_daemonize("mtrace|--daemonize|ls", DAEMONIZE_GRANDCHILD);
	expect_daemonize("mtrace|--daemonized=pgrp|ls", DAEMONIZE_PGROUP);
	expect_daemonize("mtrace|--daemonised=session|--daemonize=pgroup|ls", DAEMONIZE_PGROUP);
	/* Fits three names of one option: not ambiguous. */
	expect_daemonize("mtrace|--daemoni=session|ls", DAEMONIZE_SESSION);
	assert_true(is_refused("mtrace|-DDDD|ls"));
	assert_true(is_refused("mtrace|-D|--daemonize|ls"));
	assert_true(is_refused("mtrace|-D|-p|1"));
	assert_true(is_refused("mtrace|--daemonize=|ls"));
}

static void test_process_ids(void **state)
{
	static const char *const wrong[] = { ",",  " 1", "1,,2", "1  2",
					     "1x", "0",  "-1",   "2147483648" };
	struct options options;
	char words[64];
	char *line;

	(void)state;
	assert_int_equal(parse(&options, "mtrace|-p|12 34\n56,|-p|7\t8\n", &line), CLI_RUN);
	assert_int_equal(options.pid_count, 5);
	assert_int_equal(options.pids[2], 56);
	assert_int_equal(options.pids[4], 8);
	options_free(&options);
	free(line);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(words, sizeof(words), "mtrace|-p|%s|ls", wrong[i]);
		assert_true(is_refused(words));
	}
	assert_true(is_refused("mtrace|-p|"));
}

static void test_rest(void **state)
{
	struct options options;
	char *line;

	(void)state;
	assert_int_equal(parse(&options,
			       "mtrace|-E|A=b=c|-E|D|--argv0=x|-b|execve|--syscall-limit=3|"
			       "--kill-on-exit|--always-show-pid|ls",
			       &line),
			 CLI_RUN);
	assert_int_equal(options.environment_count, 2);
	assert_string_equal(options.environment[0], "A=b=c");
	assert_string_equal(options.environment[1], "D");
	assert_string_equal(options.argv0, "x");
	assert_true(options.detach_on_exec);
	assert_int_equal(options.syscall_limit, 3);
	assert_true(options.kill_on_exit);
	assert_true(options.always_show_pid);
	options_free(&options);
	free(line);
	assert_true(is_refused("mtrace|-b|open|ls"));
	assert_true(is_refused("mtrace|--syscall-limit=0|ls"));
	assert_true(is_refused("mtrace|--syscall-limit=x|ls"));
	assert_true(is_refused("mtrace|--kill-on-exit|-p|1"));
}

static void test_user(void **state)
{
	struct options options;
	char *line;

	(void)state;
	if (geteuid() != 0) {
		assert_true(is_refused("mtrace|-u|1:2|ls"));
		return;
	}
	assert_int_equal(parse(&options, "mtrace|-u|12:34|ls", &line), CLI_RUN);
	assert_true(options.run_as.wanted);
	assert_int_equal(options.run_as.uid, 12);
	assert_int_equal(options.run_as.gid, 34);
	assert_null(options.run_as.name);
	options_free(&options);
	free(line);
	assert_int_equal(parse(&options, "mtrace|-u|root|ls", &line), CLI_RUN);
	assert_int_equal(options.run_as.uid, 0);
	assert_string_equal(options.run_as.name, "root");
	options_free(&options);
	free(line);
	assert_true(is_refused("mtrace|-u|no such user|ls"));
	assert_true(is_refused("mtrace|-u||ls"));
	assert_true(is_refused("mtrace|-u|12|ls"));
	assert_true(is_refused("mtrace|-u|12:|ls"));
	assert_true(is_refused("mtrace|-u|:34|ls"));
	/* (uid_t)-1 would mean "leave it". */
	assert_true(is_refused("mtrace|-u|4294967295:1|ls"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detach_after), cmocka_unit_test(test_interruptible),
		cmocka_unit_test(test_daemonize),    cmocka_unit_test(test_process_ids),
		cmocka_unit_test(test_rest),         cmocka_unit_test(test_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
