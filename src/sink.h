/* SPDX-License-Identifier: MIT */
/*
 * Where the traces of tracees go: one output for all, or with -ff one for each.  Used by session.c.
 *
 * A sink also knows whose line is open on it, since a line gives way to another tracee's only where
 * both share a file.
 */
#ifndef MTRACE_SINK_H
#define MTRACE_SINK_H

#include <stdbool.h>

#include "mtrace/bitset.h"
#include "mtrace/options.h"
#include "mtrace/output.h"
#include "mtrace/render.h"

struct sink {
	struct output output;
	void *open; /* the session's: whose line is open; NULL: none */
	struct sink *newer;
	struct sink *older;
	bool is_own; /* of one tracee */
};

struct sinks {
	const struct options *options;
	struct sink shared; /* of all tracees, unless each has its own */
	struct sink *newest;
	struct bitset used; /* tids that had a file of their own */
	bool failed;        /* a sink could not be written to */
};

/*
 * Opens the shared sink, unless each tracee has its own.  False: a message was printed.
 */
bool sinks_open(struct sinks *sinks, const struct options *options);

/* Has each tracee its own sink? */
bool sinks_are_separate(const struct sinks *sinks);

/*
 * The sink of tracee `tid`, of whom nothing was heard before.  A file that an earlier process of the
 * same number has filled in this run is continued, behind a line that says so.  If the file cannot be
 * opened a message is printed, what goes to the sink is lost, and sinks_flush() fails.
 */
struct sink *sinks_add(struct sinks *sinks, struct renderer *renderer, int tid);

/* A tracee needs its sink no longer.  Does nothing to the shared one. */
void sinks_remove(struct sinks *sinks, struct sink *sink);

/* Writes what is buffered.  False if that failed, now or earlier. */
bool sinks_flush(struct sinks *sinks);

/* Writes and closes everything.  False if something could not be written. */
bool sinks_close(struct sinks *sinks);

#endif
