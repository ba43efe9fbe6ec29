/* SPDX-License-Identifier: MIT */
/*
 * Counts calls and prints the summary of -c: fed by the session with a sample per call, knows
 * neither tracees nor memory.  What it remembers depends on how many different calls there are and
 * not on how often they are made.
 */
#ifndef MTRACE_STATS_H
#define MTRACE_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "mtrace/abi.h"
#include "mtrace/buf.h"
#include "mtrace/summary.h"

/* A call that has ended. */
struct stats_sample {
	enum abi_id abi;
	uint64_t nr;       /* as the table counts it */
	uint64_t selector; /* its first argument: tells what socketcall(2) and ipc(2) lead to */
	int64_t result;    /* -errno if is_error */
	bool is_error;
	uint64_t system_ns; /* CPU time in the kernel (getrusage(2)); 0 if it was not measured */
	uint64_t wall_ns;   /* from the entry's stop to the exit's; 0 if it was not measured */
	/* As in struct overhead_call (mtrace/overhead.h); 0 if the cost of stops is not wanted. */
	double gap_ns;
	double cpu_ns;
	bool slept;
	bool shared;
	void *group; /* of stats_find_group(); NULL: none */
};

struct stats;

/* `summary` must outlive what is returned, which stats_free() releases. */
struct stats *stats_new(const struct summary *summary);

void stats_add(struct stats *stats, const struct stats_sample *sample);

/*
 * The row of --summary-by; valid as long as `stats`.  By process or thread: `id`, and its command
 * `name`; by command or path: `name`; by descriptor: process `id`, `fd`, and what it refers to.
 */
void *stats_find_group(struct stats *stats, int id, int fd, const char *name);

/* The process or thread has another command now. */
void stats_name_group(void *group, const char *name);

/* What a stop costs, to correct the times of calls by (mtrace/overhead.h). */
struct stats_prices {
	double call_ns; /* no call takes less */
	double exit_cpu_ns;
	double exit_gap_ns;
	double doubt_ns; /* per call */
};

/* Fills what the columns true-total and true-avg show. */
void stats_correct(struct stats *stats, const struct stats_prices *prices);

/* Appends the tables to `out`, one for each ABI of which calls were counted; none: nothing. */
void stats_print(const struct stats *stats, struct buf *out);

/* Appends a table of the calls that took most time so far: `rows` of each ABI, and the totals. */
void stats_print_top(const struct stats *stats, size_t rows, struct buf *out);

struct stats_totals {
	uint64_t calls;
	uint64_t errors;
	uint64_t bytes;
};

struct stats_totals stats_totals(const struct stats *stats);

void stats_free(struct stats *stats);

#endif
