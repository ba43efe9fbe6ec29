/* SPDX-License-Identifier: MIT */
/*
 * The tracer: launches and attaches, waits, classifies stops into events, resumes.  It knows nothing
 * of descriptions, values or output.  Everything rests on ptrace(2) with PTRACE_SEIZE.
 */
#ifndef MTRACE_TRACER_H
#define MTRACE_TRACER_H

#include "mtrace/event.h"
#include "mtrace/options.h"

struct tracer;

/* What an operation on a tracee came to.  GONE is normal: a tracee can be killed at any time. */
enum outcome { OUTCOME_OK, OUTCOME_GONE, OUTCOME_FAILED };

/* What the session answers to an event. */
enum verdict {
	VERDICT_CONTINUE, /* resume to the next stop */
	VERDICT_DETACH, /* let the tracee go; no answer to EVENT_SIGNAL, after which it runs already */
};

struct tracer_client {
	void *context;
	/*
	 * Called for every event, in the order in which the kernel reported them.  event->tracee->session
	 * is NULL the first time that a tracee is named.  After EXITED, KILLED, DETACHED and SUPERSEDED
	 * the tracee is released when the function returns.
	 */
	enum verdict (*event)(void *context, const struct event *event);
	/*
	 * Called some hundredths of a second after an event, between two others or while the tracer
	 * is blocked, and before tracer_run returns: write what is buffered.
	 */
	void (*idle)(void *context);
	/* A new process is followed; lines may now need a pid.  `tracees` is how many there are. */
	void (*population)(void *context, size_t tracees);
};

struct tracer *tracer_new(const struct options *options, const struct tracer_client *client);

/*
 * Launches options->command, stopped before its execve.  The program is looked up in PATH.  OUTCOME_FAILED: a
 * message was printed (not found, not a file).
 */
enum outcome tracer_launch(struct tracer *tracer);

/* Attaches to `pid`.  OUTCOME_FAILED: a message with the reason and the remedy was printed. */
enum outcome tracer_attach(struct tracer *tracer, int pid);

/* Runs until no tracee is left or a signal asks to stop; then detaches from those that are left. */
void tracer_run(struct tracer *tracer);

/* Makes tracer_run detach from all tracees and return; for a client that can go on no longer. */
void tracer_stop(struct tracer *tracer);

/*
 * The exit status that mtrace hands on: that of the launched program; 128 + n is returned for
 * death by signal n, with *signal set to it, so that main can die of the same one.
 */
int tracer_exit_status(const struct tracer *tracer, int *signal);

void tracer_free(struct tracer *tracer);

#endif
