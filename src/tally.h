/* SPDX-License-Identifier: MIT */
/*
 * The summary and the cost of tracing, as the session feeds them: which call of which thread a stop
 * ends.  Used by session.c.
 */
#ifndef MTRACE_TALLY_H
#define MTRACE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "mtrace/buf.h"
#include "mtrace/event.h"
#include "mtrace/options.h"
#include "mtrace/overhead.h"
#include "mtrace/stats.h"
#include "mtrace/tracer.h"

struct tally {
	const struct options *options;
	const struct summary *summary;
	struct stats *stats; /* NULL: no summary is wanted */
	struct overhead overhead;
	bool measures;  /* the cost of tracing is wanted, and known */
	uint64_t began; /* the first event's time; with --summary-interval: */
	uint64_t due;   /* when there is something to be printed next */
	struct stats_totals printed;
	uint64_t user_ns; /* the tracer's own CPU time when it began */
	uint64_t system_ns;
};

/* Of a thread; zero at its birth. */
struct tally_thread {
	struct overhead_thread overhead;
	uint64_t entered; /* the call that it is in: when it began */
	uint64_t entered_system;
	uint64_t nr;
	uint64_t selector;
	enum abi_id abi;
	void *group;  /* of --summary-by; NULL: not asked for yet */
	bool counted; /* it is to be in the summary */
};

/* Before anything is traced; measures what stops cost if that is wanted. */
void tally_begin(struct tally *tally, const struct options *options);

/* The same as tally_event(), where there is a summary. */
void tally_count_event(struct tally *tally, struct tally_thread *thread, const struct event *event,
		       bool wanted);

/* For each event, once; `wanted`: the call that begins or ends with it is selected. */
static inline void tally_event(struct tally *tally, struct tally_thread *thread,
			       const struct event *event, bool wanted)
{
	if (tally->stats != NULL)
		tally_count_event(tally, thread, event, wanted);
}

/*
 * Is it time, now that an event has been dealt with, to print what --summary-interval asks for?
 * Nothing is due while no tracee stops.
 */
static inline bool tally_is_due(const struct tally *tally, const struct event *event)
{
	return tally->due != 0 && event->time >= tally->due;
}

/*
 * Appends it: a table that takes the place of the last one on a terminal, else a line or a
 * record.
 */
void tally_print_interval(struct tally *tally, const struct event *event, bool live,
			  struct buf *out);

/* Appends what is to be printed at the end. */
void tally_print(struct tally *tally, const struct tracer *tracer, struct buf *out);

void tally_end(struct tally *tally);

#endif
