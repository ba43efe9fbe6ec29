/* SPDX-License-Identifier: MIT */
/* Tests of src/cli: what words on the command line come to, and what is said of mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mtrace/buf.h"
#include "mtrace/cli.h"
#include "mtrace/log.h"

#include "../../src/cli/option.h"

#define WORDS_MAX 16

/* Options as the words, separated by blanks, make them; and what was printed. */
struct parsed {
	struct options options;
	enum cli_result result;
	int status;
	char *output; /* standard output, then standard error */
	char *line;
	char **argv;
};

static void read_back(int fd, struct buf *buf)
{
	char piece[4096];
	ssize_t len;

	lseek(fd, 0, SEEK_SET);
	while ((len = read(fd, piece, sizeof(piece))) > 0)
		buf_add(buf, piece, (size_t)len);
}

static struct parsed parse(const char *words)
{
	struct parsed p = { .status = -1 };
	struct buf buf = { 0 };
	FILE *out = tmpfile();
	int argc = 0, saved_out, saved_err;

	assert_non_null(out);
	p.line = strdup(words);
	p.argv = calloc(WORDS_MAX, sizeof(*p.argv));
	for (char *word = strtok(p.line, " "); word; word = strtok(NULL, " "))
		p.argv[argc++] = word;
	fflush(NULL);
	saved_out = dup(1);
	saved_err = dup(2);
	dup2(fileno(out), 1);
	dup2(fileno(out), 2);
	log_set_name(p.argv[0]);
	p.result = options_parse(&p.options, argc, p.argv, &p.status);
	fflush(NULL);
	dup2(saved_out, 1);
	dup2(saved_err, 2);
	close(saved_out);
	close(saved_err);
	read_back(fileno(out), &buf);
	buf_add_char(&buf, '\0');
	p.output = buf.data;
	fclose(out);
	return p;
}

static void parsed_free(struct parsed *p)
{
	if (p->result == CLI_RUN)
		options_free(&p->options);
	free(p->output);
	free(p->line);
	free(p->argv);
}

/* The words are a mistake, of which `message` is said. */
static void expect_mistake(const char *words, const char *message)
{
	struct parsed p = parse(words);

	assert_string_equal(p.output, message);
	assert_int_equal(p.result, CLI_EXIT);
	assert_int_equal(p.status, 1);
	parsed_free(&p);
}

static struct parsed parse_run(const char *words)
{
	struct parsed p = parse(words);

	assert_string_equal(p.output, "");
	assert_int_equal(p.result, CLI_RUN);
	return p;
}

static void test_defaults(void **state)
{
	struct parsed p = parse_run("mtrace ls -l");
	const struct options *o = &p.options;

	(void)state;
	assert_string_equal(o->program, "mtrace");
	assert_string_equal(o->command[0], "ls");
	assert_string_equal(o->command[1], "-l");
	assert_null(o->command[2]);
	assert_int_equal(o->string_limit, 32);
	assert_int_equal(o->column, 40);
	assert_int_equal(o->xlat, XLAT_ABBREV);
	assert_int_equal(o->hex, HEX_NONE);
	assert_int_equal(o->fds, 0);
	assert_int_equal(o->quiet, 0);
	assert_int_equal(o->quiet_messages, 0);
	assert_int_equal(o->pid_count, 0);
	assert_false(o->follow);
	assert_null(o->output);
	assert_true(call_set_has(&o->trace, ABI_X86_64, 0));
	assert_true(call_set_has(&o->abbrev, ABI_X86_64, 0));
	assert_true(call_set_has(&o->verbose, ABI_X86_64, 0));
	assert_false(call_set_has(&o->raw, ABI_X86_64, 0));
	assert_true(bitset_has(&o->signals, 1));
	assert_true(bitset_has(&o->signals, 64));
	parsed_free(&p);
}

static void test_letters(void **state)
{
	struct parsed p = parse_run("mtrace -fvo out -s7 -a 60 -X raw -xx -yy -qq ls -s");
	const struct options *o = &p.options;

	(void)state;
	assert_true(o->follow);
	assert_false(call_set_has(&o->abbrev, ABI_X86_64, 0));
	assert_string_equal(o->output, "out");
	assert_int_equal(o->string_limit, 7);
	assert_int_equal(o->column, 60);
	assert_int_equal(o->xlat, XLAT_RAW);
	assert_int_equal(o->hex, HEX_ALL);
	assert_int_equal(o->fds, FD_ALL);
	assert_int_equal(o->quiet, 2);
	assert_int_equal(o->quiet_messages, QUIET_ATTACH | QUIET_PERSONALITY | QUIET_EXIT);
	assert_string_equal(o->command[1], "-s");
	parsed_free(&p);
}

static void test_long_options(void **state)
{
	struct parsed p = parse_run("mtrace --follow-forks --no-abbrev --output=out "
				    "--string-limit 7 --columns=60 --const-print-style=verbose "
				    "--strings-in-hex=non-ascii-chars --decode-fds --quiet=exit "
				    "ls");
	const struct options *o = &p.options;

	(void)state;
	assert_true(o->follow);
	assert_false(call_set_has(&o->abbrev, ABI_X86_64, 0));
	assert_string_equal(o->output, "out");
	assert_int_equal(o->string_limit, 7);
	assert_int_equal(o->column, 60);
	assert_int_equal(o->xlat, XLAT_VERBOSE);
	assert_int_equal(o->hex, HEX_NON_ASCII_CHARS);
	assert_int_equal(o->fds, FD_PATH);
	assert_int_equal(o->quiet_messages, QUIET_EXIT);
	assert_string_equal(o->command[0], "ls");
	parsed_free(&p);
}

static void test_abbreviations_mean_what_they_mean_to_strace(void **state)
{
	struct parsed p = parse_run("mtrace --fol --colu=7 --no ls");

	(void)state;
	assert_true(p.options.follow);
	assert_int_equal(p.options.column, 7);
	parsed_free(&p);
	/* Options that we do not have take part. */
	expect_mistake("mtrace --tra=read ls",
		       "mtrace: option '--tra=read' is ambiguous; possibilities: '--trace' "
		       "'--trace-path'\nTry 'mtrace -h' for more information.\n");
	p = parse_run("mtrace --summary-o --summary-w ls");
	assert_int_equal(p.options.summary.mode, SUMMARY_ONLY);
	assert_true(p.options.summary.wall);
	parsed_free(&p);
	/* Ours do not: --describe is no possibility here. */
	expect_mistake("mtrace --des ls", "mtrace: unrecognized option '--des'\n"
					  "Try 'mtrace -h' for more information.\n");
	expect_mistake("mtrace --deb ls", "mtrace: --debug is not implemented yet\n");
}

static void test_summary(void **state)
{
	static const uint8_t all[] = {
		COLUMN_TIME_PERCENT, COLUMN_TOTAL_TIME, COLUMN_MIN_TIME, COLUMN_MAX_TIME,
		COLUMN_AVG_TIME,     COLUMN_WALL_TOTAL, COLUMN_WALL_MIN, COLUMN_WALL_MAX,
		COLUMN_WALL_AVG,     COLUMN_CALLS,      COLUMN_ERRORS,   COLUMN_NAME,
	};
	struct parsed p = parse_run("strace -c ls");

	(void)state;
	assert_int_equal(p.options.summary.mode, SUMMARY_ONLY);
	assert_int_equal(p.options.summary.sort, COLUMN_TIME_PERCENT);
	assert_int_equal(p.options.summary.column_count, 6);
	/* Asked for nothing else, we measure nothing else. */
	assert_int_equal(p.options.clocks, CLOCKS_SYSTEM);
	parsed_free(&p);
	p = parse_run("strace -C -w -O 1.5 -S none -U time,time-total,shortest,longest,time-avg,"
		      "wall-total,wall-min,wall-max,wall-avg,count,error ls");
	assert_int_equal(p.options.summary.mode, SUMMARY_TOO);
	assert_int_equal(p.options.summary.overhead_ns, 1500);
	assert_int_equal(p.options.summary.sort, SUMMARY_SORT_NONE);
	/* The name is shown whether it was asked for or not. */
	assert_int_equal(p.options.summary.column_count, sizeof(all));
	assert_memory_equal(p.options.summary.columns, all, sizeof(all));
	assert_int_equal(p.options.clocks, CLOCKS_TIME);
	parsed_free(&p);
}

static void test_output_options(void **state)
{
	struct parsed p = parse_run("mtrace -f ls");

	(void)state;
	assert_false(p.options.separate);
	assert_int_equal(p.options.statuses, STATUS_ALL);
	parsed_free(&p);
	p = parse_run("mtrace -f -f -o out -A -z ls");
	assert_true(p.options.separate && p.options.follow && p.options.append);
	assert_int_equal(p.options.statuses, STATUS_SUCCESSFUL);
	parsed_free(&p);
	p = parse_run(
		"mtrace --follow-forks --follow-forks -z -e status=!failed,detached --join ls");
	assert_false(p.options.separate);
	assert_true(p.options.join);
	assert_int_equal(p.options.statuses, STATUS_ALL & ~(STATUS_FAILED | STATUS_DETACHED));
	parsed_free(&p);
}

/* The words come to that format with so many places. */
static void expect_wall(const char *words, int format, int places)
{
	struct parsed p = parse_run(words);

	assert_int_equal(p.options.times.leading, format != WALL_NONE);
	assert_int_equal(p.options.times.wall, format);
	if (format != WALL_NONE) {
		assert_int_equal(p.options.times.wall_places, places);
		assert_int_equal(p.options.clocks, CLOCKS_STOP);
	}
	parsed_free(&p);
}

/* strace 6.1 does the same with each of these. */
static void test_times_of_day(void **state)
{
	(void)state;
	expect_wall("mtrace ls", WALL_NONE, 0);
	expect_wall("mtrace -t ls", WALL_TIME, 0);
	expect_wall("mtrace -t -t ls", WALL_TIME, 6);
	expect_wall("mtrace -ttt ls", WALL_UNIX, 6);
	expect_wall("mtrace -tttt ls", WALL_UNIX, 6);
	expect_wall("mtrace --absolute-timestamps ls", WALL_TIME, 0);
	expect_wall("mtrace --timestamps=unix ls", WALL_UNIX, 0);
	expect_wall("mtrace --timestamps=ms ls", WALL_TIME, 3);
	expect_wall("mtrace --abs=format:unix,precision:ns ls", WALL_UNIX, 9);
	expect_wall("mtrace --timestamps=precision:US,Format:Time ls", WALL_TIME, 6);
	expect_wall("mtrace --timestamps=unix,us,s ls", WALL_UNIX, 0);
	expect_wall("mtrace --timestamps=,us, ls", WALL_TIME, 6);
	expect_wall("mtrace --timestamps= ls", WALL_TIME, 0);
	expect_wall("mtrace --timestamps=none,us ls", WALL_NONE, 0);
	expect_wall("mtrace --timestamps=none,unix ls", WALL_UNIX, 0);
	/* Each says only what is in it, but for ... */
	expect_wall("mtrace --timestamps=unix --timestamps=us ls", WALL_UNIX, 6);
	expect_wall("mtrace --timestamps=unix,ns --timestamps= ls", WALL_UNIX, 9);
	/* ... one without words, which sets the format, as one after "none" does. */
	expect_wall("mtrace --timestamps=unix,ns --timestamps ls", WALL_TIME, 9);
	expect_wall("mtrace --timestamps=unix,ns --timestamps=none --timestamps=us ls", WALL_TIME,
		    6);
	expect_mistake("mtrace -t --timestamps ls",
		       "mtrace: -t and --absolute-timestamps cannot be provided simultaneously\n");
	expect_mistake("strace --timestamps=none -t ls",
		       "strace: -t and --absolute-timestamps cannot be provided simultaneously\n");
}

static void test_other_times(void **state)
{
	struct parsed p = parse_run("mtrace -r -T ls");

	(void)state;
	assert_true(p.options.times.since && p.options.times.duration && p.options.times.leading);
	assert_int_equal(p.options.times.since_places, 6);
	assert_int_equal(p.options.times.duration_places, 6);
	assert_int_equal(p.options.times.wall, WALL_NONE);
	parsed_free(&p);
	p = parse_run("mtrace --relative-timestamps=s --syscall-times=NS ls");
	assert_int_equal(p.options.times.since_places, 0);
	assert_int_equal(p.options.times.duration_places, 9);
	parsed_free(&p);
	/* The last one counts, letter or word. */
	p = parse_run("mtrace -r --rel=ms --syscall-times=ns -T ls");
	assert_int_equal(p.options.times.since_places, 3);
	assert_int_equal(p.options.times.duration_places, 6);
	parsed_free(&p);
	p = parse_run("mtrace -T ls");
	assert_false(p.options.times.leading);
	assert_int_equal(p.options.clocks, CLOCKS_STOP);
	parsed_free(&p);
}

/* Without a trace, there are no lines to put times into, and no clock needs to be read for them. */
static void test_times_without_a_trace(void **state)
{
	struct parsed p = parse("strace -rtTyc ls");

	(void)state;
	assert_int_equal(p.result, CLI_RUN);
	assert_string_equal(
		p.output, "strace: -r/--relative-timestamps has no effect with -c/--summary-only\n"
			  "strace: -t/--absolute-timestamps has no effect with -c/--summary-only\n"
			  "strace: -T/--syscall-times has no effect with -c/--summary-only\n"
			  "strace: -y/--decode-fds has no effect with -c/--summary-only\n");
	assert_int_equal(p.options.clocks, CLOCKS_SYSTEM);
	parsed_free(&p);
	p = parse_run("strace --timestamps=none -c ls");
	parsed_free(&p);
	p = parse_run("strace -rtTC ls");
	assert_int_equal(p.options.clocks, CLOCKS_SYSTEM | CLOCKS_STOP);
	parsed_free(&p);
}

static void test_json(void **state)
{
	struct parsed p = parse_run("mtrace ls");

	(void)state;
	assert_int_equal(p.options.json, JSON_NONE);
	parsed_free(&p);
	p = parse_run("mtrace --json ls");
	assert_int_equal(p.options.json, JSON_CALLS);
	assert_true(p.options.clocks & CLOCKS_STOP);
	parsed_free(&p);
	p = parse_run("mtrace --json=enter ls");
	assert_int_equal(p.options.json, JSON_ENTER);
	parsed_free(&p);
}

static void test_expressions(void **state)
{
	struct parsed p = parse_run("mtrace -e read -e raw=write -e a=none -e s=!chld -e q=attach "
				    "-e decode-fds=socket,path -e verbose=!open ls");
	const struct options *o = &p.options;

	(void)state;
	assert_true(call_set_has(&o->trace, ABI_X86_64, 0));
	assert_false(call_set_has(&o->trace, ABI_X86_64, 1));
	assert_true(call_set_has(&o->raw, ABI_X86_64, 1));
	assert_false(call_set_has(&o->abbrev, ABI_X86_64, 4));
	assert_false(call_set_has(&o->verbose, ABI_X86_64, 2));
	assert_true(call_set_has(&o->verbose, ABI_X86_64, 3));
	assert_false(bitset_has(&o->signals, 17));
	assert_true(bitset_has(&o->signals, 18));
	assert_int_equal(o->quiet_messages, QUIET_ATTACH);
	assert_int_equal(o->fds, FD_SOCKET | FD_PATH);
	parsed_free(&p);
	p = parse_run("mtrace --trace=close --signal=none --quiet=all ls");
	assert_true(call_set_has(&p.options.trace, ABI_X86_64, 3));
	assert_false(call_set_has(&p.options.trace, ABI_X86_64, 0));
	assert_false(bitset_has(&p.options.signals, 17));
	assert_int_equal(p.options.quiet, 3);
	parsed_free(&p);
}

static void test_process_ids(void **state)
{
	struct options options;
	char list[] = "1 2\n3,4\t5";
	char *argv[] = { "mtrace", "-p", list, "--attach=6", NULL };
	int status = -1;

	(void)state;
	log_set_name("mtrace");
	assert_int_equal(options_parse(&options, 4, argv, &status), CLI_RUN);
	assert_int_equal(options.pid_count, 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(options.pids[i], i + 1);
	assert_null(options.command);
	options_free(&options);
}

/* A trace in a file comes without messages on attaching, unless -p asked for it. */
static void test_output_makes_quiet(void **state)
{
	struct parsed p = parse_run("mtrace -o out ls");

	(void)state;
	assert_int_equal(p.options.quiet, 1);
	assert_int_equal(p.options.quiet_messages, QUIET_ATTACH | QUIET_PERSONALITY);
	parsed_free(&p);
	p = parse_run("mtrace -o out -p 1");
	assert_int_equal(p.options.quiet, 0);
	parsed_free(&p);
	p = parse_run("mtrace -o out --quiet=none ls");
	assert_int_equal(p.options.quiet_messages, 0);
	parsed_free(&p);
}

static void test_mistakes(void **state)
{
	static const char try_help[] = "Try 'strace -h' for more information.\n";
	static const struct {
		const char *words;
		const char *message;
		bool help;
	} mistakes[] = {
		{ "strace", "must have PROG [ARGS] or -p PID", true },
		{ "strace -f", "must have PROG [ARGS] or -p PID", true },
		{ "strace -Q ls", "invalid option -- 'Q'", true },
		{ "strace -p", "option requires an argument -- 'p'", true },
		{ "strace --nonsense ls", "unrecognized option '--nonsense'", true },
		{ "strace --version=3", "option '--version' doesn't allow an argument", true },
		{ "strace -s x ls", "invalid -s argument: 'x'", true },
		{ "strace -s -1 ls", "invalid -s argument: '-1'", true },
		{ "strace -s 3k ls", "invalid -s argument: '3k'", true },
		{ "strace -s 99999999999999999999 ls",
		  "invalid -s argument: '99999999999999999999'", true },
		{ "strace --string-limit=x ls", "invalid --string-limit argument: 'x'", true },
		{ "strace -a x ls", "invalid -a argument: 'x'", true },
		{ "strace --colocate=x ls",
		  "invalid --colocate argument: 'x' (auto, always or never)", true },
		{ "strace -X x ls", "invalid -X argument: 'x'", true },
		{ "strace --strings-in-hex=x ls", "invalid --strings-in-hex argument: 'x'", true },
		{ "strace -p x", "Invalid process id: 'x'", false },
		{ "strace -p 0", "Invalid process id: '0'", false },
		{ "strace -p 1,x,2", "Invalid process id: 'x'", false },
		{ "strace -e x ls", "invalid system call 'x'", false },
		{ "strace -e nonsense=read ls", "invalid system call 'nonsense=read'", false },
		{ "strace -e signal=x ls", "invalid signal 'x'", false },
		{ "strace -e signal=256 ls", "invalid signal '256'", false },
		{ "strace -e quiet=x ls", "invalid quiet 'x'", false },
		{ "strace -e decode-fds=x ls", "invalid decode-fds 'x'", false },
		{ "strace -e inject=read ls", "invalid inject argument 'read'", false },
		{ "strace -c -S x ls", "invalid sortby: 'x'", true },
		{ "strace -c -U x ls", "unknown column name: 'x'", true },
		{ "strace -ff -o |cat ls",
		  "piping the output and -ff/--output-separately are mutually exclusive", true },
		{ "strace -e status=x ls", "invalid status 'x'", false },
		{ "strace -x --strings-in-hex=all ls",
		  "-x and --strings-in-hex cannot be provided simultaneously", false },
		{ "strace -y --decode-fds ls",
		  "-y and --decode-fds cannot be provided simultaneously", false },
		{ "strace -q -e quiet=exit ls",
		  "-q and -e quiet/--quiet cannot be provided simultaneously", false },
		{ "strace --describe nonsense", "invalid system call 'nonsense'", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		char message[256];

		snprintf(message, sizeof(message), "strace: %s\n%s", mistakes[i].message,
			 mistakes[i].help ? try_help : "");
		expect_mistake(mistakes[i].words, message);
	}
}

/* Calls `check` for each line of the output of `words`, which ends with status 0. */
static void for_each_line(const char *words, void (*check)(const char *line))
{
	struct parsed p = parse(words);

	assert_int_equal(p.result, CLI_EXIT);
	assert_int_equal(p.status, 0);
	assert_true(p.output[0] != '\0');
	for (char *line = strtok(p.output, "\n"); line; line = strtok(NULL, "\n"))
		check(line);
	parsed_free(&p);
}

static void check_width(const char *line)
{
	assert_true(strlen(line) < 80);
	assert_true(line[0] != ' ' || line[strlen(line) - 1] != ' ');
}

static void test_help_fits_80_columns_and_has_every_option(void **state)
{
	struct parsed p;

	(void)state;
	for_each_line("mtrace --help", check_width);
	p = parse("mtrace -h");
	for (unsigned i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		char name[64];

		if (row->name)
			snprintf(name, sizeof(name), "--%s", row->name);
		else
			snprintf(name, sizeof(name), "  -%c", row->letter);
		if (row->help)
			assert_non_null(strstr(p.output, name));
		else
			assert_null(row->argument_name);
	}
	parsed_free(&p);
}

/* A letter or a name that stands twice would make one of the two unreachable. */
static void test_options_are_unique(void **state)
{
	(void)state;
	for (unsigned i = 0; i < option_row_count; i++) {
		const struct option_row *a = &option_rows[i];

		for (unsigned j = i + 1; j < option_row_count; j++) {
			const struct option_row *b = &option_rows[j];

			assert_false(a->letter && a->letter == b->letter);
			assert_false(a->name && b->name && !strcmp(a->name, b->name));
		}
	}
}

static void test_version(void **state)
{
	struct parsed p = parse("mtrace -V");

	(void)state;
	assert_int_equal(p.status, 0);
	assert_int_equal(strncmp(p.output, "mtrace -- version ", 18), 0);
	assert_non_null(strstr(p.output, "aarch64"));
	parsed_free(&p);
}

static void test_describe(void **state)
{
	struct parsed p = parse("mtrace --describe read");

	(void)state;
	assert_int_equal(p.status, 0);
	assert_int_equal(strncmp(p.output, "read\n", 5), 0);
	assert_non_null(strstr(p.output, "classes: %desc\n"));
	assert_non_null(strstr(p.output, "x86_64 0, x32 0, i386 3, aarch64 63"));
	parsed_free(&p);
	/* Arms are shown by the names of their keys. */
	p = parse("mtrace --describe fcntl");
	assert_non_null(strstr(p.output, "\n  F_DUPFD, F_DUPFD_CLOEXEC:\n    arg "));
	parsed_free(&p);
	p = parse("mtrace --describe=afs_syscall");
	assert_int_equal(p.status, 0);
	assert_non_null(
		strstr(p.output, "not described yet: arguments are shown as raw numbers\n"));
	parsed_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_long_options),
		cmocka_unit_test(test_abbreviations_mean_what_they_mean_to_strace),
		cmocka_unit_test(test_times_of_day),
		cmocka_unit_test(test_other_times),
		cmocka_unit_test(test_times_without_a_trace),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_output_options),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_process_ids),
		cmocka_unit_test(test_output_makes_quiet),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_help_fits_80_columns_and_has_every_option),
		cmocka_unit_test(test_options_are_unique),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
