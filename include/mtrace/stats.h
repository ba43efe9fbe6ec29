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
};

struct stats;

/* `summary` must outlive what is returned, which stats_free() releases. */
struct stats *stats_new(const struct summary *summary);

void stats_add(struct stats *stats, const struct stats_sample *sample);

/* Appends the tables to `out`, one for each ABI of which calls were counted; none: nothing. */
void stats_print(const struct stats *stats, struct buf *out);

void stats_free(struct stats *stats);

#endif
