/* SPDX-License-Identifier: MIT */
/*
 * The table of options and the handlers of the plain ones.  parse.c and usage.c read it.
 *
 * All long options of strace's are rows here: an abbreviation means to us what it means to strace,
 * also where we do not implement the option.
 */
#include "option.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/filter.h"
#include "mtrace/log.h"
#include "mtrace/xalloc.h"

bool invalid_argument(const char *given, const char *argument)
{
	return usage_error("invalid %s argument: '%s'%s", given, argument, option_allowed(given));
}

long parse_number(const char *text, long limit)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	return errno || end == text || *end || number < 0 || number > limit ? -1 : number;
}

static bool handle_help(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	usage_print(stdout);
	parser->done = true;
	return true;
}

static bool handle_version(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	version_print(stdout);
	parser->done = true;
	return true;
}

static bool handle_describe(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	parser->done = true;
	if (describe_call(argument, stdout))
		return true;
	log_error("invalid system call '%s'", argument);
	return false;
}

static bool handle_follow(struct parser *parser, const char *given, const char *argument)
{
	(void)argument;
	/* Twice means an output for each process as well. */
	if (given[1] != '-' && parser->follow_letters++)
		parser->options->separate = true;
	parser->options->follow = true;
	return true;
}

static bool handle_output(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	parser->options->output = argument;
	return true;
}

static bool handle_separate(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->separate = true;
	return true;
}

static bool handle_append(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->append = true;
	return true;
}

static bool handle_join(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->join = true;
	return true;
}

static bool handle_json(struct parser *parser, const char *given, const char *argument)
{
	if (argument && strcmp(argument, "enter") != 0)
		return invalid_argument(given, argument);
	parser->options->json = argument ? JSON_ENTER : JSON_CALLS;
	parser->options->clocks |= CLOCKS_STOP;
	return true;
}

static bool handle_boundary(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->boundary = true;
	return true;
}

static bool handle_successful(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->successful = true;
	parser->options->statuses = STATUS_SUCCESSFUL;
	return true;
}

static bool handle_failed(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->failed = true;
	parser->options->statuses = STATUS_FAILED;
	return true;
}

static bool handle_string_limit(struct parser *parser, const char *given, const char *argument)
{
	/* Four characters per byte, quotes and a NUL must be countable in an int. */
	long limit = parse_number(argument, INT_MAX / 2);

	if (limit < 0)
		return invalid_argument(given, argument);
	parser->options->string_limit = (size_t)limit;
	return true;
}

static bool handle_columns(struct parser *parser, const char *given, const char *argument)
{
	long column = parse_number(argument, INT_MAX);

	if (column < 0)
		return invalid_argument(given, argument);
	parser->options->column = (unsigned)column;
	return true;
}

static bool handle_no_abbrev(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	select_none(&parser->options->abbrev);
	return true;
}

static bool handle_hex_letter(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->hex = parser->hex_letters++ ? HEX_ALL : HEX_NON_ASCII;
	return true;
}

static bool handle_strings_in_hex(struct parser *parser, const char *given, const char *argument)
{
	static const struct {
		const char *name;
		enum hex_style style;
	} styles[] = {
		{ "none", HEX_NONE },
		{ "non-ascii-chars", HEX_NON_ASCII_CHARS },
		{ "non-ascii", HEX_NON_ASCII },
		{ "all", HEX_ALL },
	};

	parser->hex_named = true;
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		if (!strcmp(argument ? argument : "all", styles[i].name)) {
			parser->options->hex = styles[i].style;
			return true;
		}
	}
	return invalid_argument(given, argument);
}

static bool handle_print_style(struct parser *parser, const char *given, const char *argument)
{
	if (!strcmp(argument, "raw"))
		parser->options->xlat = XLAT_RAW;
	else if (!strcmp(argument, "abbrev"))
		parser->options->xlat = XLAT_ABBREV;
	else if (!strcmp(argument, "verbose"))
		parser->options->xlat = XLAT_VERBOSE;
	else
		return invalid_argument(given, argument);
	return true;
}

static bool handle_fd_letter(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->fds = parser->fd_letters++ ? FD_ALL : FD_PATH;
	return true;
}

static bool handle_quiet_letter(struct parser *parser, const char *given, const char *argument)
{
	unsigned *messages = &parser->options->quiet_messages;

	(void)given;
	(void)argument;
	switch (parser->quiet_letters++) {
	case 0:
		*messages = QUIET_ATTACH | QUIET_PERSONALITY;
		break;
	case 1:
		*messages |= QUIET_EXIT;
		break;
	default:
		*messages = QUIET_ALL;
	}
	return true;
}

#define LATER(letter, name, argument) \
	{ \
		letter, name, ARGUMENT_##argument, GROUP_MISC, false, NULL, NULL, NULL \
	}

/* In the order of --help; the rest is in the order of the alphabet. */
const struct option_row option_rows[] = {
	{ 'e', NULL, ARGUMENT_REQUIRED, GROUP_GENERAL, false, "EXPR",
	  "what to trace and how: QUALIFIER=[!]VALUE[,VALUE]..., where QUALIFIER is trace (the "
	  "default), abbrev, verbose, raw, signal, status, quiet, decode-fds, inject or fault, and the values "
	  "all and none are understood by each but the last two",
	  handle_expression },
	{ 'h', "help", ARGUMENT_NONE, GROUP_GENERAL, false, NULL, "print this text", handle_help },
	{ 'V', "version", ARGUMENT_NONE, GROUP_GENERAL, false, NULL,
	  "print the version and what was compiled in", handle_version },
	{ 0, "describe", ARGUMENT_REQUIRED, GROUP_GENERAL, true, "NAME",
	  "print what is known of the system call NAME", handle_describe },
	{ 0, "boundary", ARGUMENT_NONE, GROUP_GENERAL, true, NULL,
	  "trace nothing: measure, 2 s long, what crossing into the kernel costs on this machine",
	  handle_boundary },

	{ 'p', "attach", ARGUMENT_REQUIRED, GROUP_STARTUP, false, "PID",
	  "trace the process PID, or several, separated by commas or white space; may be repeated",
	  handle_attach },
	{ 'u', "user", ARGUMENT_REQUIRED, GROUP_STARTUP, false, "USER",
	  "run PROG as the user of that name, with its groups, or as UID:GID; programs that are "
	  "set-user-ID work then",
	  handle_user },
	{ 'E', "env", ARGUMENT_REQUIRED, GROUP_STARTUP, false, "VAR[=VAL]",
	  "put VAR=VAL into the environment of PROG, or remove VAR from it; may be repeated",
	  handle_environment },
	{ 0, "argv0", ARGUMENT_REQUIRED, GROUP_STARTUP, false, "NAME",
	  "give PROG this name as its argument 0", handle_argv0 },

	{ 'f', "follow-forks", ARGUMENT_NONE, GROUP_TRACING, false, NULL,
	  "trace the children of traced processes too, with -p all threads; -ff: as with "
	  "--output-separately",
	  handle_follow },
	{ 'D', "daemonize", ARGUMENT_OPTIONAL, GROUP_TRACING, false, "HOW",
	  "be a grandchild of PROG, which stays a child of the caller: -D or grandchild; in a "
	  "process group of its own: -DD or pgroup; in a session of its own: -DDD or session",
	  handle_daemonize },
	{ 0, "daemonised", ARGUMENT_OPTIONAL, GROUP_TRACING, false, NULL, NULL, handle_daemonize },
	{ 0, "daemonized", ARGUMENT_OPTIONAL, GROUP_TRACING, false, NULL, NULL, handle_daemonize },
	{ 'I', "interruptible", ARGUMENT_REQUIRED, GROUP_TRACING, false, "WHEN",
	  "which signals end the trace: 1 or anywhere, 2 or waiting (the default): all that should; "
	  "3 or never (with -o FILE PROG): none; 4 or never_tstp (with -D): none, and ^Z does not "
	  "stop it",
	  handle_interruptible },
	{ 'b', "detach-on", ARGUMENT_REQUIRED, GROUP_TRACING, false, "execve",
	  "detach from a process when it executes another program", handle_detach_on },
	{ 0, "detach-after", ARGUMENT_REQUIRED, GROUP_TRACING, true, "TIME",
	  "detach from all processes after TIME, such as 10, 1.5s, 200ms or 2m",
	  handle_detach_after },
	{ 0, "syscall-limit", ARGUMENT_REQUIRED, GROUP_TRACING, false, "N",
	  "detach from all processes when N calls were printed", handle_syscall_limit },
	{ 0, "kill-on-exit", ARGUMENT_NONE, GROUP_TRACING, false, NULL,
	  "kill the traced processes when the trace ends, however it does", handle_kill_on_exit },
	{ 0, "seccomp-bpf", ARGUMENT_NONE, GROUP_TRACING, false, NULL,
	  "with -f: let calls that are not traced run without a stop, and kill the program if "
	  "the trace ends before it; without this option they do so where it does no harm",
	  handle_seccomp_bpf },
	{ 0, "no-seccomp-bpf", ARGUMENT_NONE, GROUP_TRACING, true, NULL,
	  "stop at every call", handle_no_seccomp_bpf },
	{ 0, "colocate", ARGUMENT_REQUIRED, GROUP_TRACING, true, "WHEN",
	  "run tracees on the tracer's CPU: auto (the default: launched programs, while they make "
	  "many calls), always or never",
	  handle_colocate },

	{ 0, "trace", ARGUMENT_REQUIRED, GROUP_FILTERING, false, "SET",
	  "trace only the system calls in SET: names, numbers, %CLASS or /REGEX, each with ? in "
	  "front if it may match nothing and @64, @32 or @x32 behind to mean one ABI. Classes: "
	  "%clock %creds %desc %file %fstat %fstatfs %ipc %lstat %memory %net %process %pure "
	  "%signal %stat %%stat %statfs %%statfs",
	  handle_trace },
	{ 0, "signal", ARGUMENT_REQUIRED, GROUP_FILTERING, false, "SET",
	  "print only the signals in SET", handle_signal },
	{ 0, "signals", ARGUMENT_REQUIRED, GROUP_FILTERING, false, NULL, NULL, handle_signal },

	{ 'z', "successful-only", ARGUMENT_NONE, GROUP_FILTERING, false, NULL,
	  "print only calls that succeeded", handle_successful },
	{ 'Z', "failed-only", ARGUMENT_NONE, GROUP_FILTERING, false, NULL,
	  "print only calls that failed", handle_failed },
	{ 0, "failing-only", ARGUMENT_NONE, GROUP_FILTERING, false, NULL, NULL, handle_failed },
	{ 0, "status", ARGUMENT_REQUIRED, GROUP_FILTERING, false, "SET",
	  "print only calls that ended as SET says: successful, failed, unfinished (the process "
	  "ended in them), unavailable (the result could not be fetched), detached; lines are "
	  "held back until that is known",
	  handle_status },

	{ 0, "inject", ARGUMENT_REQUIRED, GROUP_TAMPERING, false, "SET:ACTION[:ACTION]...",
	  "tamper with the calls in SET. Actions: error=ERRNO, retval=VALUE (the call is not made), "
	  "syscall=NAME (this one is, in its place), signal=SIG, delay_enter=TIME, "
	  "delay_exit=TIME (a number and s, ms, us or ns; us without), "
	  "poke_enter=@argN=HEX[,@argM=HEX]..., poke_exit=@argN=HEX..., "
	  "when=FIRST[..LAST][+[STEP]] (which of the calls, per thread)",
	  handle_inject },
	{ 0, "fault", ARGUMENT_REQUIRED, GROUP_TAMPERING, false, "SET[:error=ERRNO][:when=EXPR]",
	  "the same, with error=ENOSYS by default", handle_fault },

	{ 'o', "output", ARGUMENT_REQUIRED, GROUP_OUTPUT, false, "FILE",
	  "write the trace to FILE instead of standard error; |COMMAND or !COMMAND: to the "
	  "standard input of a command",
	  handle_output },
	{ 'A', "output-append-mode", ARGUMENT_NONE, GROUP_OUTPUT, false, NULL,
	  "keep what the file of -o holds and append to it", handle_append },
	{ 0, "output-separately", ARGUMENT_NONE, GROUP_OUTPUT, false, NULL,
	  "write the trace of each process and thread to a file of its own, FILE.PID",
	  handle_separate },
	{ 0, "join", ARGUMENT_NONE, GROUP_OUTPUT, true, NULL,
	  "hold a line back until its call has ended: no <unfinished ...>", handle_join },
	{ 0, "json", ARGUMENT_OPTIONAL, GROUP_OUTPUT, true, "enter",
	  "write a JSON record per line for each call and event, see mtrace-json(5); with =enter, "
	  "one when a call begins as well",
	  handle_json },
	{ 0, "always-show-pid", ARGUMENT_NONE, GROUP_OUTPUT, false, NULL,
	  "begin each line with the pid, also if there is one process only",
	  handle_always_show_pid },
	{ 't', "absolute-timestamps", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, "FORMAT",
	  "begin each line with the time of day; -tt: with microseconds; -ttt: in seconds since "
	  "1970 and microseconds; FORMAT: time, unix or none, a precision of s, ms, us or ns, or both "
	  "with a comma (default time,s)",
	  handle_wall_times },
	{ 0, "timestamps", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, NULL, NULL, handle_wall_times },
	{ 'r', "relative-timestamps", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, "PRECISION",
	  "begin each line with the time since the line before: s, ms, us (the default) or ns",
	  handle_relative_times },
	{ 'T', "syscall-times", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, "PRECISION",
	  "print behind each call how long it took, with the same precisions", handle_call_times },
	{ 's', "string-limit", ARGUMENT_REQUIRED, GROUP_OUTPUT, false, "N",
	  "print at most N characters of a string (default 32)", handle_string_limit },
	{ 'a', "columns", ARGUMENT_REQUIRED, GROUP_OUTPUT, false, "N",
	  "print results in column N (default 40)", handle_columns },
	{ 'v', "no-abbrev", ARGUMENT_NONE, GROUP_OUTPUT, false, NULL, "print structures in full",
	  handle_no_abbrev },
	{ 0, "abbrev", ARGUMENT_REQUIRED, GROUP_OUTPUT, false, "SET",
	  "abbreviate structures of the calls in SET only", handle_abbrev },
	{ 0, "verbose", ARGUMENT_REQUIRED, GROUP_OUTPUT, false, "SET",
	  "print what pointers point to for the calls in SET only", handle_verbose },
	{ 0, "raw", ARGUMENT_REQUIRED, GROUP_OUTPUT, false, "SET",
	  "print arguments as plain numbers for the calls in SET", handle_raw },
	{ 'x', NULL, ARGUMENT_NONE, GROUP_OUTPUT, false, NULL,
	  "print strings that are not plain ASCII in hexadecimal; -xx: all strings",
	  handle_hex_letter },
	{ 0, "strings-in-hex", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, "WHICH",
	  "the same by name: none, non-ascii-chars (only the escapes in a string), non-ascii or "
	  "all (the default)",
	  handle_strings_in_hex },
	{ 'X', "const-print-style", ARGUMENT_REQUIRED, GROUP_OUTPUT, false, "FORMAT",
	  "print named constants by name (abbrev), as numbers (raw) or both (verbose)",
	  handle_print_style },
	{ 'y', NULL, ARGUMENT_NONE, GROUP_OUTPUT, false, NULL,
	  "print the paths that file descriptors refer to; -yy is accepted and shows no more yet",
	  handle_fd_letter },
	{ 0, "decode-fds", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, "SET",
	  "the same by name: path (the default); socket, dev, pidfd, eventfd and signalfd are "
	  "accepted and show nothing yet",
	  handle_decode_fds },
	{ 'q', NULL, ARGUMENT_NONE, GROUP_OUTPUT, false, NULL,
	  "leave out messages on attaching and detaching; -qq: on exiting too; -qqq: all",
	  handle_quiet_letter },
	{ 0, "quiet", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, "SET",
	  "the same by name: attach, exit, path-resolution, personality, superseded",
	  handle_quiet },
	{ 0, "silence", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, NULL, NULL, handle_quiet },
	{ 0, "silent", ARGUMENT_OPTIONAL, GROUP_OUTPUT, false, NULL, NULL, handle_quiet },

	{ 'c', "summary-only", ARGUMENT_NONE, GROUP_STATISTICS, false, NULL,
	  "count calls, errors and time per system call and print a table at the end instead of "
	  "the trace",
	  handle_summary_only },
	{ 'C', "summary", ARGUMENT_OPTIONAL, GROUP_STATISTICS, false, "full",
	  "the same below the trace; --summary=full: with all columns, with or without -c",
	  handle_summary_too },
	{ 'w', "summary-wall-clock", ARGUMENT_NONE, GROUP_STATISTICS, false, NULL,
	  "summarize the time from a call's begin to its end instead of CPU time in the kernel",
	  handle_summary_wall },
	{ 'S', "summary-sort-by", ARGUMENT_REQUIRED, GROUP_STATISTICS, false, "KEY",
	  "sort the table by a column of -U (default time), or by nothing", handle_summary_sort },
	{ 'U', "summary-columns", ARGUMENT_REQUIRED, GROUP_STATISTICS, false, "COLUMNS",
	  "print these columns of time-percent, total-time, min-time, max-time, avg-time, "
	  "wall-total, wall-min, wall-max, wall-avg, calls, errors, name, separated by commas",
	  handle_summary_columns },
	{ 'O', "summary-syscall-overhead", ARGUMENT_REQUIRED, GROUP_STATISTICS, false, "TIME",
	  "take TIME (s, ms, us, ns; default us) off each call for what tracing it costs",
	  handle_summary_overhead },
	{ 0, "summary-errors", ARGUMENT_NONE, GROUP_STATISTICS, true, NULL,
	  "also print how often which call failed with which error", handle_summary_errors },
	{ 0, "summary-by", ARGUMENT_REQUIRED, GROUP_STATISTICS, true, "WHAT",
	  "also print the calls by pid, tid or comm (command), or on each fd or path",
	  handle_summary_by },
	{ 0, "summary-interval", ARGUMENT_REQUIRED, GROUP_STATISTICS, true, "TIME",
	  "show the table every TIME (2s, 500ms) on a terminal, a line of totals elsewhere",
	  handle_summary_interval },
	{ 0, "overhead", ARGUMENT_REQUIRED, GROUP_STATISTICS, true, "yes|no",
	  "print below the table what tracing cost and how long the program would have taken "
	  "without (default yes, called as strace no)",
	  handle_overhead },

	LATER('N', "arg-names", NONE),
	LATER(0, "color", OPTIONAL),
	LATER('d', "debug", NONE),
	LATER(0, "decode-pids", REQUIRED),
	LATER('Y', NULL, NONE),
	LATER('i', "instruction-pointer", NONE),
	LATER(0, "kvm", REQUIRED),
	LATER(0, "pidns-translation", NONE),
	LATER(0, "read", REQUIRED),
	LATER(0, "secontext", OPTIONAL),
	LATER('k', "stack-traces", NONE),
	LATER('n', "syscall-number", NONE),
	LATER(0, "tips", OPTIONAL),
	LATER('P', "trace-path", REQUIRED),
	LATER(0, "write", REQUIRED),
};
const unsigned option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);
