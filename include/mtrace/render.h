/* SPDX-License-Identifier: MIT */
/*
 * Renderers turn events and values into bytes.  They see no memory and no tracee but its number, so
 * they cannot go back for more.  A renderer appends to `out`; who writes it is the session's affair.
 */
#ifndef MTRACE_RENDER_H
#define MTRACE_RENDER_H

#include "mtrace/buf.h"
#include "mtrace/event.h"
#include "mtrace/options.h"
#include "mtrace/value.h"

/* Whether lines begin with a pid: "[pid 7] " once several tracees live, "7  " with -f -o. */
enum pid_column { PID_NONE, PID_BRACKETS, PID_PLAIN };

struct renderer {
	const struct render_ops *ops;
	const struct options *options;
	struct buf *out;
	enum pid_column pid_column; /* text only; the session changes it as tracees come and go */
	uint64_t calls;             /* JSON only: how many have got a number */
	/* Text only, if options->times.leading: */
	const struct event *now; /* what the session is at work on; NULL before the first */
	uint64_t marked;         /* event.time of the latest line or call that began; 0: none yet */
	uint64_t second;         /* since the epoch; what it is in the local time zone is in `hms` */
	char hms[9];             /* "14:43:12"; empty: nothing yet */
};

/* What a renderer knows and remembers of each tracee; all but `pid` is zeroed at its birth. */
struct render_state {
	int pid;          /* process of the thread; 0 if it cannot be told */
	size_t shown;     /* items of the current call that are already on paper */
	size_t column;    /* columns that the open line has so far; it may be written already */
	bool whole;       /* text only: all arguments are on paper, and known */
	bool open;        /* the call was begun on paper and not ended */
	bool interrupted; /* ... and its line gave way with <unfinished ...> */
	uint64_t id;      /* JSON only: the number of the call, from 1; 0: none yet */
};

struct render_ops {
	/*
	 * Births, attaching, detaching and execve are handed to `event`, too.  A renderer without it
	 * gets these only as far as they end a line of its.
	 */
	bool all_events;
	/* An output begins; `wall` is now, in ns since the epoch.  NULL: nothing to say. */
	void (*begin)(struct renderer *, uint64_t wall);
	/* A file goes on with another process of the same number.  NULL: nothing to say. */
	void (*separate)(struct renderer *, int tid);
	/* A call begins.  Text: the line up to what is not known yet. */
	void (*enter)(struct renderer *, int tid, struct render_state *, const struct call *);
	/* The call has ended; `call->finished`. */
	void (*exit)(struct renderer *, int tid, struct render_state *, const struct call *);
	/* The call will have no end that we see (death, detach, exec). */
	void (*abandon)(struct renderer *, int tid, struct render_state *, const struct call *);
	/* A line that is open must give way to another tracee's. */
	void (*interrupt)(struct renderer *, int tid, struct render_state *, const struct call *);
	/*
	 * Signals, stops, exits.  `siginfo` is NULL where there is none.  Text: EVENT_DETACHED ends the
	 * line that is open, so it is handed over only if this tracee has one; so does EVENT_EXEC, for
	 * a thread whose execve made it `by_tid`; other events begin a line.
	 */
	void (*event)(struct renderer *, int tid, const struct event *,
		      const struct value *siginfo);
};

extern const struct render_ops text_renderer;
extern const struct render_ops json_renderer; /* mtrace-json(5) */

/*
 * ns since the latest line or call began, 0 for the first one and for what began before others that
 * were there first; then it is this one that began at `time` (CLOCK_MONOTONIC, in ns).  A call that is
 * shown late needs it when it is entered.
 */
uint64_t text_since(struct renderer *renderer, uint64_t time);

/* Appends one value as text: what tests of the engine compare. */
void text_value(struct renderer *renderer, const struct value *value);

#endif
