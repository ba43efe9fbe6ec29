/* SPDX-License-Identifier: MIT */
/* What the files of src/stats share. */
#ifndef STATS_COUNTS_H
#define STATS_COUNTS_H

#include <stddef.h>

#include "mtrace/stats.h"

/* ---- histogram.c ----------------------------------------------------------------------------- */

#define HISTOGRAM_BITS 6 /* 64 equal steps for each doubling */
#define HISTOGRAM_STEPS (1u << HISTOGRAM_BITS)

/*
 * How often values occurred, log-linear: a value is known to half a step of its doubling, that is
 * to 1/128, below 1 %.  Values below 64 are exact.
 */
struct histogram {
	uint64_t *doublings[64 - HISTOGRAM_BITS + 1]; /* HISTOGRAM_STEPS counters each, or NULL */
	uint64_t count;
};

void histogram_add(struct histogram *histogram, uint64_t value);
/*
 * The value that `permille` of 1000 values do not exceed (nearest rank); 0 for an empty histogram.
 */
uint64_t histogram_quantile(const struct histogram *histogram, unsigned permille);
void histogram_free(struct histogram *histogram);

/* ---- counts.c -------------------------------------------------------------------------------- */

struct time_counts {
	uint64_t total; /* ns */
	uint64_t min;
	uint64_t max;
};

struct error_count {
	int error; /* errno */
	uint64_t count;
};

/* What is known of one call. */
struct call_counts {
	const char *name; /* NULL: none, see `nr` */
	char *owned_name; /* groups: `name`, to be freed */
	uint64_t order;   /* where it stands among calls that are otherwise equal */
	uint64_t nr;      /* groups: pid or tid; UINT64_MAX: several share the row */
	int fd;           /* groups by descriptor */
	uint64_t calls;
	uint64_t errors;
	uint64_t bytes; /* moved, as the results say */
	bool moves_bytes;
	struct time_counts time; /* of the columns that strace has: system time, or wall time */
	struct time_counts wall;
	struct histogram *histogram; /* of wall times; NULL: not wanted */
	/* Calls that slept and those that did not: gap_ns and cpu_ns of the samples. */
	uint64_t slept_calls;
	double slept_gap;
	double awake_gap;
	double awake_cpu;
	uint64_t shared_calls; /* of the latter */
	double true_total; /* ns, less what the stops cost; set when tables are printed */
	double true_bound; /* ... give or take that */
	struct error_count *by_error;
	size_t error_count;
};

/*
 * Numbers that no table has are the tracee's choice: beyond so many, they share a row.
 */
#define ODD_NUMBERS 256

struct abi_counts {
	struct call_counts **calls; /* by slot: the ABI's numbers, then socketcall's, then ipc's */
	size_t slot_count;          /* 0: no call yet */
	struct call_counts *odd[ODD_NUMBERS + 1];
	size_t odd_count;
};

/* Who made the calls: rows that count like those of calls. */
struct group_counts {
	struct call_counts **rows;
	struct call_counts **slots; /* the same by hash; NULL: free */
	size_t count;
};

struct stats {
	const struct summary *summary;
	struct abi_counts abis[ABI_COUNT];
	struct group_counts groups;
	struct stats_totals totals;
	bool corrected; /* true_total and true_bound are there */
};

/* The name of a row; `room` is where one is made that no table has. */
const char *counts_name(const struct call_counts *counts, char room[32]);

/* ---- table.c --------------------------------------------------------------------------------- */

/*
 * One table; there is at least one row.  `heading` is that of the names.  Only the first `shown`
 * rows are, but all are in the total.
 */
void table_print(const struct summary *summary, const char *heading,
		 struct call_counts *const *counts, size_t count, size_t shown, struct buf *out);

/* A row without any call; `name` is not copied. */
struct call_counts *counts_new(const struct stats *stats, const char *name, uint64_t nr,
			       uint64_t order);

/* ---- sort.c ---------------------------------------------------------------------------------- */

/*
 * The calls of an ABI, sorted by a column or SUMMARY_SORT_NONE; the array is the caller's to free.
 */
struct call_counts **counts_sort(const struct stats *stats, enum abi_id abi, unsigned column,
				 size_t *count);

/* Sorts rows as counts_sort() does. */
void counts_sort_rows(struct call_counts **rows, size_t count, unsigned column);

/* ---- groups.c, errors.c, records.c ----------------------------------------------------------- */

void groups_print(const struct stats *stats, struct buf *out);

void errors_print(const struct stats *stats, enum abi_id abi, struct buf *out);
/* ENOENT; a number that has no name is made in `room`. */
const char *error_name(enum abi_id abi, int error, char room[32]);

void records_print(const struct stats *stats, enum abi_id abi, struct buf *out);
void records_print_groups(const struct stats *stats, struct buf *out);

#endif
