/* SPDX-License-Identifier: MIT */
/* The options of the summary: -c, -C, -w, -S, -U, -O and ours.  Called by parse.c and table.c. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/log.h"
#include "option.h"

/* Names that -U and -S know; the first name of a column is the one that messages use. */
static const struct {
	const char *name;
	enum summary_column column;
} column_names[] = {
	{ "time-percent", COLUMN_TIME_PERCENT },
	{ "time", COLUMN_TIME_PERCENT },
	{ "total-time", COLUMN_TOTAL_TIME },
	{ "time-total", COLUMN_TOTAL_TIME },
	{ "min-time", COLUMN_MIN_TIME },
	{ "time-min", COLUMN_MIN_TIME },
	{ "shortest", COLUMN_MIN_TIME },
	{ "max-time", COLUMN_MAX_TIME },
	{ "time-max", COLUMN_MAX_TIME },
	{ "longest", COLUMN_MAX_TIME },
	{ "avg-time", COLUMN_AVG_TIME },
	{ "time-avg", COLUMN_AVG_TIME },
	{ "wall-total", COLUMN_WALL_TOTAL },
	{ "wall-min", COLUMN_WALL_MIN },
	{ "wall-max", COLUMN_WALL_MAX },
	{ "wall-avg", COLUMN_WALL_AVG },
	{ "calls", COLUMN_CALLS },
	{ "count", COLUMN_CALLS },
	{ "errors", COLUMN_ERRORS },
	{ "error", COLUMN_ERRORS },
	{ "name", COLUMN_NAME },
	{ "syscall", COLUMN_NAME },
	{ "syscall-name", COLUMN_NAME },
	{ "p50", COLUMN_P50 },
	{ "p95", COLUMN_P95 },
	{ "p99", COLUMN_P99 },
	{ "bytes", COLUMN_BYTES },
	{ "true-total", COLUMN_TRUE_TOTAL },
	{ "true-avg", COLUMN_TRUE_AVG },
};

/* The column whose name is the `len` characters at `name`; COLUMN_COUNT if there is none. */
static enum summary_column find_column(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(column_names) / sizeof(column_names[0]); i++)
		if (strlen(column_names[i].name) == len &&
		    strncmp(column_names[i].name, name, len) == 0)
			return column_names[i].column;
	return COLUMN_COUNT;
}

static bool has_column(const struct summary *summary, enum summary_column column)
{
	for (unsigned i = 0; i < summary->column_count; i++)
		if (summary->columns[i] == column)
			return true;
	return false;
}

static void add_column(struct summary *summary, enum summary_column column)
{
	summary->columns[summary->column_count++] = (uint8_t)column;
}

static bool set_mode(struct parser *parser, enum summary_mode mode)
{
	struct summary *summary = &parser->options->summary;

	if (summary->mode != SUMMARY_NONE && summary->mode != mode)
		return usage_error("-c/--summary-only and -C/--summary are mutually exclusive");
	summary->mode = mode;
	return true;
}

bool handle_summary_only(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	return set_mode(parser, SUMMARY_ONLY);
}

bool handle_summary_too(struct parser *parser, const char *given, const char *argument)
{
	if (argument == NULL)
		return set_mode(parser, SUMMARY_TOO);
	/* With -c or without: which columns there are does not say whether there is a trace. */
	parser->summary_full = true;
	return strcmp(argument, "full") == 0 ||
	       usage_error("invalid %s argument: '%s' (only full)", given, argument);
}

bool handle_summary_wall(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->summary.wall = true;
	return true;
}

bool handle_summary_sort(struct parser *parser, const char *given, const char *argument)
{
	enum summary_column column = find_column(argument, strlen(argument));

	(void)given;
	if (column == COLUMN_COUNT && strcmp(argument, "nothing") != 0 &&
	    strcmp(argument, "none") != 0)
		return usage_error("invalid sortby: '%s'", argument);
	parser->options->summary.sort = column;
	parser->summary_sorted = true;
	return true;
}

bool handle_summary_columns(struct parser *parser, const char *given, const char *argument)
{
	struct summary *summary = &parser->options->summary;

	(void)given;
	summary->column_count = 0;
	for (const char *name = argument;; name++) {
		size_t len = strcspn(name, ",");
		enum summary_column column = find_column(name, len);

		if (column == COLUMN_COUNT)
			return usage_error("unknown column name: '%.*s'", (int)len, name);
		if (has_column(summary, column))
			return usage_error("call summary column has been provided more than once: "
					   "'%.*s' (-U option residual: '%s')",
					   (int)len, name, name);
		add_column(summary, column);
		name += len;
		if (*name == '\0')
			break;
	}
	parser->summary_columns = true;
	return true;
}

/*
 * A time as strace(1) describes it, in ns: a decimal number and s, ms, us (the default) or ns.
 * False: it is none, or negative, or beyond what 64 bits hold.
 */
static bool parse_time(const char *text, uint64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "", 1e3 }, { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 } };
	char *end;
	double number;

	/* strtod(3) also takes hexadecimal numbers, infinities and what is not a number. */
	if (strpbrk(text, "xXnN") != NULL && strpbrk(text, "xXnN")[0] != 'n')
		return false;
	number = strtod(text, &end);
	if (end == text || !isfinite(number) || number < 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		if (number * units[i].ns >= 0x1p64)
			return false;
		*ns = (uint64_t)(number * units[i].ns + 0.5);
		return true;
	}
	return false;
}

bool handle_summary_overhead(struct parser *parser, const char *given, const char *argument)
{
	if (!parse_time(argument, &parser->options->summary.overhead_ns))
		return usage_error("invalid %s argument: '%s'", given, argument);
	return true;
}

bool handle_summary_errors(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->summary.errors = true;
	return true;
}

bool handle_summary_by(struct parser *parser, const char *given, const char *argument)
{
	static const char *const names[] = { [BY_PID] = "pid",
					     [BY_TID] = "tid",
					     [BY_COMM] = "comm",
					     [BY_FD] = "fd",
					     [BY_PATH] = "path" };

	for (unsigned by = BY_PID; by <= BY_PATH; by++) {
		if (strcmp(argument, names[by]) == 0) {
			parser->options->summary.by = (enum summary_by)by;
			return true;
		}
	}
	return usage_error("invalid %s argument: '%s' (pid, tid, comm, fd or path)", given,
			   argument);
}

bool handle_summary_interval(struct parser *parser, const char *given, const char *argument)
{
	uint64_t *interval = &parser->options->summary.interval_ns;

	if (!parse_time(argument, interval) || *interval < 1000000)
		return usage_error("invalid %s argument: '%s' (a time of 1 ms or more: 2s, 500ms)",
				   given, argument);
	return true;
}

bool handle_overhead(struct parser *parser, const char *given, const char *argument)
{
	parser->overhead_wanted = strcmp(argument, "yes") == 0;
	parser->overhead_asked = true;
	if (!parser->overhead_wanted && strcmp(argument, "no") != 0)
		return usage_error("invalid %s argument: '%s' (yes or no)", given, argument);
	return true;
}

static bool wants_wall(const struct summary *summary)
{
	for (unsigned i = 0; i < summary->column_count; i++)
		if (summary->columns[i] >= COLUMN_WALL_TOTAL &&
		    summary->columns[i] <= COLUMN_WALL_AVG)
			return true;
	return summary->wall || summary->measure || summary->interval_ns != 0 ||
	       has_column(summary, COLUMN_P50) || has_column(summary, COLUMN_P95) ||
	       has_column(summary, COLUMN_P99) ||
	       (summary->sort >= COLUMN_WALL_TOTAL && summary->sort <= COLUMN_WALL_AVG) ||
	       (summary->sort >= COLUMN_P50 && summary->sort <= COLUMN_P99);
}

static void set_default_columns(struct summary *summary, bool full)
{
	static const uint8_t usual[] = {
		COLUMN_TIME_PERCENT, COLUMN_TOTAL_TIME, COLUMN_AVG_TIME,
		COLUMN_CALLS,        COLUMN_ERRORS,     COLUMN_NAME,
	};
	static const uint8_t all[] = {
		COLUMN_TIME_PERCENT, COLUMN_TOTAL_TIME, COLUMN_TRUE_TOTAL, COLUMN_TRUE_AVG,
		COLUMN_P50,          COLUMN_P95,        COLUMN_P99,        COLUMN_BYTES,
		COLUMN_CALLS,        COLUMN_ERRORS,     COLUMN_NAME,
	};

	if (full) {
		memcpy(summary->columns, all, sizeof(all));
		summary->column_count = sizeof(all);
	} else {
		memcpy(summary->columns, usual, sizeof(usual));
		summary->column_count = sizeof(usual);
	}
}

bool finish_summary(struct parser *parser)
{
	struct options *options = parser->options;
	struct summary *summary = &options->summary;
	static const char with[] = "(-c/--summary-only or -C/--summary)";

	if (summary->mode == SUMMARY_NONE && parser->summary_full)
		summary->mode = SUMMARY_TOO;
	if (summary->mode == SUMMARY_NONE) {
		if (summary->wall)
			return usage_error("-w/--summary-wall-clock must be given with %s", with);
		if (parser->summary_columns)
			return usage_error("-U/--summary-columns must be given with %s", with);
		if (summary->errors || summary->by != BY_NOTHING || summary->interval_ns != 0)
			return usage_error(
				"--summary-errors, -by and -interval must be given with %s", with);
		if (parser->summary_sorted)
			log_note("-S/--summary-sort-by has no effect without %s", with);
		return true;
	}
	if (options->separate)
		return usage_error("%s and -ff/--output-separately are mutually exclusive", with);
	if (summary->mode == SUMMARY_ONLY)
		note_unused_times(options);
	if (summary->mode == SUMMARY_ONLY && options->fds != 0)
		log_note("-y/--decode-fds has no effect with -c/--summary-only");
	if (summary->column_count == 0)
		set_default_columns(summary, parser->summary_full);
	summary->json = options->json != JSON_NONE;
	if (!has_column(summary, COLUMN_NAME))
		add_column(summary, COLUMN_NAME);
	summary->report = parser->overhead_asked ? parser->overhead_wanted
						 : strcmp(options->program, "strace") != 0;
	summary->measure = summary->report || has_column(summary, COLUMN_TRUE_TOTAL) ||
			   has_column(summary, COLUMN_TRUE_AVG) ||
			   summary->sort == COLUMN_TRUE_TOTAL || summary->sort == COLUMN_TRUE_AVG;
	if (!summary->wall || summary->measure)
		options->clocks |= CLOCKS_SYSTEM;
	if (wants_wall(summary))
		options->clocks |= CLOCKS_TIME;
	if (summary->measure)
		options->clocks |= CLOCKS_RESUMED;
	return true;
}
