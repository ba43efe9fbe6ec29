/* SPDX-License-Identifier: MIT */
/*
 * What the user asked of the summary (-c and what goes with it): a part of struct options, filled
 * by src/cli, read by src/stats and the session.
 */
#ifndef MTRACE_SUMMARY_H
#define MTRACE_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

enum summary_mode {
	SUMMARY_NONE,
	SUMMARY_ONLY, /* -c: calls are counted, nothing else is shown */
	SUMMARY_TOO,  /* -C: the trace, and the summary below it */
};

/* What a column shows and what rows are sorted by (-U, -S).  Times are those of the calls. */
enum summary_column {
	COLUMN_TIME_PERCENT,
	COLUMN_TOTAL_TIME, /* time in the kernel; with -w, wall time: so are the next three */
	COLUMN_MIN_TIME,
	COLUMN_MAX_TIME,
	COLUMN_AVG_TIME,
	COLUMN_WALL_TOTAL,
	COLUMN_WALL_MIN,
	COLUMN_WALL_MAX,
	COLUMN_WALL_AVG,
	COLUMN_CALLS,
	COLUMN_ERRORS,
	COLUMN_NAME,
	/* Ours; wall time. */
	COLUMN_P50,
	COLUMN_P95,
	COLUMN_P99,
	COLUMN_BYTES,
	COLUMN_TRUE_TOTAL, /* less what the stops cost */
	COLUMN_TRUE_AVG,
	COLUMN_COUNT,
};

#define SUMMARY_SORT_NONE COLUMN_COUNT /* -S nothing: by number */

/* --summary-by: a table of who made the calls, or on what. */
enum summary_by { BY_NOTHING, BY_PID, BY_TID, BY_COMM, BY_FD, BY_PATH };

struct summary {
	enum summary_mode mode;
	bool wall;                     /* -w */
	bool json;                     /* JSON instead of tables */
	uint64_t overhead_ns;          /* -O: taken off each call */
	unsigned sort;                 /* enum summary_column, or SUMMARY_SORT_NONE */
	uint8_t columns[COLUMN_COUNT]; /* enum summary_column, from left to right */
	unsigned column_count;
	bool errors; /* --summary-errors: how often which error */
	enum summary_by by;
	uint64_t interval_ns; /* --summary-interval; 0: only at the end */
	bool measure;         /* what stops cost, for `report` or for columns */
	bool report;          /* what tracing cost, below the table */
};

#endif
