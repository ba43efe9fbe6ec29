/* SPDX-License-Identifier: MIT */
/* Walks the command line by the table of options.  Called by main. */
#include "mtrace/cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/filter.h"
#include "mtrace/inject.h"
#include "mtrace/log.h"
#include "mtrace/xalloc.h"

#include "option.h"

/* What getopt_long() returns for row i of the table when its long name was given. */
#define LONG_BASE 0x1000

/* The table as getopt_long(3) wants it. */
struct getopt_tables {
	char *letters;
	struct option *names;     /* strace's long options: those that may be abbreviated */
	struct option *all_names; /* ours as well */
};

static void say_try_help(void)
{
	fprintf(stderr, "Try '%s -h' for more information.\n", log_name());
}

bool usage_error(const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	log_error("%s", text ? text : format);
	free(text);
	say_try_help();
	return false;
}

/*
 * The first row that is handled like row i.  getopt_long(3) takes an abbreviation that fits several
 * names as ambiguous unless it would return the same for all of them.
 */
static unsigned first_name_of(unsigned i)
{
	unsigned first = 0;

	if (!option_rows[i].handle)
		return i;
	while (option_rows[first].handle != option_rows[i].handle)
		first++;
	return first;
}

static void fill_tables(struct getopt_tables *tables)
{
	static const int has_arg[] = { no_argument, required_argument, optional_argument };
	struct option *name, *any;
	char *letter;

	/* The letters of each row with up to two colons, and "+:" in front. */
	letter = tables->letters = xcalloc(option_row_count + 1, 3);
	name = tables->names = xcalloc(option_row_count + 1, sizeof(*name));
	any = tables->all_names = xcalloc(option_row_count + 1, sizeof(*any));
	/* Options end where the program begins. */
	*letter++ = '+';
	for (unsigned i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->letter) {
			*letter++ = row->letter;
			/* An optional argument belongs to the long name alone: -t, --timestamps=. */
			if (row->argument == ARGUMENT_REQUIRED)
				*letter++ = ':';
		}
		if (row->name) {
			*any = (struct option){ row->name, has_arg[row->argument], NULL,
						LONG_BASE + (int)first_name_of(i) };
			if (!row->own)
				*name++ = *any;
			any++;
		}
	}
}

/*
 * Is `word` one of our own long options, in full?  They do not take part in abbreviating: scripts
 * that abbreviate strace's options must not change their meaning because we have more of them.
 */
static bool is_own_option(const char *word)
{
	if (!word || strncmp(word, "--", 2) != 0)
		return false;
	for (unsigned i = 0; i < option_row_count; i++) {
		size_t len = strcspn(word + 2, "=");

		if (option_rows[i].own && strlen(option_rows[i].name) == len &&
		    !strncmp(word + 2, option_rows[i].name, len))
			return true;
	}
	return false;
}

static const struct option_row *find_row(int returned)
{
	if (returned >= LONG_BASE)
		return &option_rows[returned - LONG_BASE];
	for (unsigned i = 0; i < option_row_count; i++)
		if (option_rows[i].letter == returned)
			return &option_rows[i];
	return NULL;
}

/* `name`: the long name that was meant, NULL for a letter. */
static bool handle_row(struct parser *parser, int returned, const char *name, const char *argument)
{
	const struct option_row *row = find_row(returned);
	char short_name[] = { '-', row->letter, '\0' };
	char *long_name = NULL;
	const char *given = short_name;
	bool handled;

	if (name) {
		size_t len = strlen(name) + 3;

		long_name = xmalloc(len);
		snprintf(long_name, len, "--%s", name);
		given = long_name;
	}
	if (row->handle) {
		handled = row->handle(parser, given, argument);
	} else {
		log_error("%s is not implemented yet", given);
		handled = false;
	}
	free(long_name);
	return handled;
}

static bool exclude(bool letter, bool name, const char *what)
{
	if (letter && name)
		log_error("%s cannot be provided simultaneously", what);
	return !(letter && name);
}

/* Options that say where to and how much, and do not go together or not alone. */
static bool finish_output(const struct parser *parser)
{
	const struct options *options = parser->options;

	if (options->separate && options->output &&
	    (*options->output == '|' || *options->output == '!'))
		return usage_error("piping the output and -ff/--output-separately are mutually "
				   "exclusive");
	if (options->append && !options->output)
		log_note("-A/--output-append-mode has no effect without -o/--output");
	if (parser->successful && parser->failed)
		log_note("Only the last of -z/--successful-only/-Z/--failed-only options will take "
			 "effect. See status qualifier for more complex filters.");
	return true;
}

/* Nothing is traced: what only means something to a trace is a mistake. */
static bool finish_boundary(const struct options *options, char **rest)
{
	if (*rest || options->pid_count)
		return usage_error("--boundary measures the machine: neither PROG nor -p PID goes "
				   "with it");
	return true;
}

/* Settles what depends on several options. */
static bool finish(struct parser *parser, char **rest)
{
	struct options *options = parser->options;

	if (options->boundary)
		return finish_boundary(options, rest);
	if (*rest)
		options->command = rest;
	else if (!options->pid_count)
		return usage_error("must have PROG [ARGS] or -p PID");
	if (!startup_finish(parser))
		return false;
	if (!exclude(parser->hex_letters, parser->hex_named, "-x and --strings-in-hex") ||
	    !exclude(parser->fd_letters, parser->fds_named, "-y and --decode-fds") ||
	    !exclude(parser->quiet_letters, parser->quiet_named, "-q and -e quiet/--quiet") ||
	    !exclude(parser->wall_letters, parser->wall_named, "-t and --absolute-timestamps"))
		return false;
	if (!finish_output(parser))
		return false;
	/* A trace in a file needs no messages on the terminal about processes that come and go. */
	if (options->output && options->command && !options->pid_count && !parser->quiet_letters &&
	    !parser->quiet_named)
		options->quiet_messages = QUIET_ATTACH | QUIET_PERSONALITY;
	if (options->quiet_messages & QUIET_ATTACH)
		options->quiet = options->quiet_messages & QUIET_EXIT ? 2 : 1;
	if (options->quiet_messages == QUIET_ALL)
		options->quiet = 3;
	if (!finish_summary(parser))
		return false;
	finish_times(options);
	return finish_tracing(options);
}

static bool parse_words(struct parser *parser, int argc, char **argv)
{
	struct getopt_tables tables;
	bool valid = true;

	fill_tables(&tables);
	/* 0 makes getopt_long() start afresh, -1 or '?' are its only other answers. */
	optind = 0;
	while (valid && !parser->done) {
		const char *word = argv[optind ? optind : 1];
		const struct option *names = is_own_option(word) ? tables.all_names : tables.names;
		int index = -1;
		int returned = getopt_long(argc, argv, tables.letters, names, &index);

		if (returned == -1)
			break;
		if (returned == '?') {
			say_try_help();
			valid = false;
		} else {
			valid = handle_row(parser, returned, index >= 0 ? names[index].name : NULL,
					   optarg);
		}
	}
	free(tables.letters);
	free(tables.names);
	free(tables.all_names);
	return valid;
}

static void set_defaults(struct options *options)
{
	*options = (struct options){
		.program = log_name(),
		.string_limit = 32,
		.column = 40,
		.statuses = STATUS_ALL,
		.summary = { .sort = COLUMN_TIME_PERCENT },
	};
	select_all(&options->trace);
	select_all(&options->abbrev);
	select_all(&options->verbose);
	bitset_fill(&options->signals, 256);
}

enum cli_result options_parse(struct options *options, int argc, char **argv, int *exit_status)
{
	struct parser parser = { .options = options };
	char **words = xcalloc((size_t)argc + 2, sizeof(*words));
	bool valid;

	/* getopt_long() begins its messages with argv[0]: ours begin with the last component. */
	if (argc > 0)
		memcpy(words, argv, (size_t)argc * sizeof(*words));
	words[0] = (char *)log_name();
	set_defaults(options);
	valid = parse_words(&parser, argc, words);
	if (valid && !parser.done)
		valid = finish(&parser, argv + optind);
	free(words);
	if (valid && !parser.done)
		return CLI_RUN;
	*exit_status = valid ? 0 : 1;
	if (valid && (fflush(stdout) || ferror(stdout))) {
		log_errno("standard output");
		*exit_status = 1;
	}
	options_free(options);
	return CLI_EXIT;
}

void options_free(struct options *options)
{
	free(options->pids);
	free(options->environment);
	call_set_free(&options->trace);
	call_set_free(&options->abbrev);
	call_set_free(&options->verbose);
	call_set_free(&options->raw);
	call_set_free(&options->births);
	call_set_free(&options->openings);
	call_set_free(&options->placing);
	call_set_free(&options->seccomp.stops);
	bitset_free(&options->signals);
	inject_rules_free(options->inject);
	*options = (struct options){ 0 };
}
