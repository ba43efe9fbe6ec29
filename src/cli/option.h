/* SPDX-License-Identifier: MIT */
/*
 * The table of options and what reads it: parse.c walks the command line by it, usage.c prints it.
 * An option is declared in table.c and nowhere else.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stdio.h>

#include "mtrace/options.h"

enum option_group {
	GROUP_GENERAL,
	GROUP_STARTUP,
	GROUP_TRACING,
	GROUP_FILTERING,
	GROUP_TAMPERING,
	GROUP_OUTPUT,
	GROUP_STATISTICS,
	GROUP_MISC,
	GROUP_COUNT,
};

enum option_argument { ARGUMENT_NONE, ARGUMENT_REQUIRED, ARGUMENT_OPTIONAL };

/* What parsing keeps beside the options themselves. */
struct parser {
	struct options *options;
	unsigned follow_letters; /* how often -f, -x, -y, -q, -t were given */
	unsigned hex_letters;
	unsigned fd_letters;
	unsigned quiet_letters;
	unsigned wall_letters;
	unsigned daemonize_letters;
	bool hex_named; /* --strings-in-hex, --decode-fds, --quiet or -e of the same */
	bool fds_named;
	bool quiet_named;
	bool wall_named; /* --absolute-timestamps */
	bool successful; /* -z, -Z */
	bool failed;
	bool summary_sorted; /* -S, -U */
	bool summary_columns;
	bool summary_full;   /* --summary=full */
	bool overhead_asked; /* --overhead=yes|no */
	bool overhead_wanted;
	bool daemonize_named;
	bool done; /* --help and the like: nothing remains to be done */
};

/*
 * One option.  `handle` gets the argument, NULL if there is none, and the option as the user should
 * know it ("-s", "--string-limit"); it returns false after having said what is wrong.  Without
 * `handle` the option is strace's and not implemented.
 */
struct option_row {
	char letter;      /* 0: none */
	const char *name; /* long name, NULL: none */
	enum option_argument argument;
	enum option_group group;
	bool own;                  /* strace has no such option: only its full name means it */
	const char *argument_name; /* NULL if there is none */
	const char *help;          /* NULL: not in --help (another name of an option) */
	bool (*handle)(struct parser *parser, const char *given, const char *argument);
};

extern const struct option_row option_rows[];
extern const unsigned option_row_count;

/* Messages that end with `Try 'mtrace -h' for more information.`; they return false. */
bool usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a value that an option does not take. */
bool invalid_argument(const char *given, const char *argument);

/* A decimal number from 0 to `limit`; -1 if `text` is none. */
long parse_number(const char *text, long limit);

/* --help, laid out for 80 columns. */
void usage_print(FILE *out);

/* --version: the version, the licence, and what was compiled in. */
void version_print(FILE *out);

/*
 * What is known of the call `name`: the names of its arguments, its classes, its numbers.  Returns
 * false if there is no such call.
 */
bool describe_call(const char *name, FILE *out);

/*
 * What the option, or the qualifier of -e, takes: " (...)", to be put behind a message on a value that
 * it does not take.  "" if there is nothing to say, and if we are called as strace.
 */
const char *option_allowed(const char *option);

/* Handlers of -e and of the long options that stand for one of its qualifiers (qualify.c). */
bool handle_expression(struct parser *parser, const char *given, const char *argument);
bool handle_trace(struct parser *parser, const char *given, const char *argument);
bool handle_abbrev(struct parser *parser, const char *given, const char *argument);
bool handle_verbose(struct parser *parser, const char *given, const char *argument);
bool handle_raw(struct parser *parser, const char *given, const char *argument);
bool handle_signal(struct parser *parser, const char *given, const char *argument);
bool handle_status(struct parser *parser, const char *given, const char *argument);
bool handle_inject(struct parser *parser, const char *given, const char *argument);
bool handle_fault(struct parser *parser, const char *given, const char *argument);
bool handle_quiet(struct parser *parser, const char *given, const char *argument);
bool handle_decode_fds(struct parser *parser, const char *given, const char *argument);

/* Handlers of the summary's options, and what remains when all were seen (summary.c). */
bool handle_summary_only(struct parser *parser, const char *given, const char *argument);
bool handle_summary_too(struct parser *parser, const char *given, const char *argument);
bool handle_summary_wall(struct parser *parser, const char *given, const char *argument);
bool handle_summary_sort(struct parser *parser, const char *given, const char *argument);
bool handle_summary_columns(struct parser *parser, const char *given, const char *argument);
bool handle_summary_overhead(struct parser *parser, const char *given, const char *argument);
bool handle_summary_errors(struct parser *parser, const char *given, const char *argument);
bool handle_summary_by(struct parser *parser, const char *given, const char *argument);
bool handle_summary_interval(struct parser *parser, const char *given, const char *argument);
bool handle_overhead(struct parser *parser, const char *given, const char *argument);
bool finish_summary(struct parser *parser);
/* Handlers of the options about beginning and ending a trace, and what they amount to (startup.c). */
bool handle_attach(struct parser *parser, const char *given, const char *argument);
bool handle_argv0(struct parser *parser, const char *given, const char *argument);
bool handle_environment(struct parser *parser, const char *given, const char *argument);
bool handle_user(struct parser *parser, const char *given, const char *argument);
bool handle_daemonize(struct parser *parser, const char *given, const char *argument);
bool handle_interruptible(struct parser *parser, const char *given, const char *argument);
bool handle_detach_on(struct parser *parser, const char *given, const char *argument);
bool handle_detach_after(struct parser *parser, const char *given, const char *argument);
bool handle_syscall_limit(struct parser *parser, const char *given, const char *argument);
bool handle_kill_on_exit(struct parser *parser, const char *given, const char *argument);
bool handle_always_show_pid(struct parser *parser, const char *given, const char *argument);
bool startup_finish(struct parser *parser);

/* Times in lines of text (times.c). */
bool handle_wall_times(struct parser *parser, const char *given, const char *argument);
bool handle_relative_times(struct parser *parser, const char *given, const char *argument);
bool handle_call_times(struct parser *parser, const char *given, const char *argument);
/* When the summary is settled: which clocks are to be read. */
void finish_times(struct options *options);
/* Says of each of these options that -c leaves it nothing to do. */
void note_unused_times(const struct options *options);

/* How tracees are traced (tracing.c). */
bool handle_colocate(struct parser *parser, const char *given, const char *argument);
bool handle_seccomp_bpf(struct parser *parser, const char *given, const char *argument);
bool handle_no_seccomp_bpf(struct parser *parser, const char *given, const char *argument);
/* What the tracer is told beside what the user said.  False, after a message. */
bool finish_tracing(struct options *options);

#endif
