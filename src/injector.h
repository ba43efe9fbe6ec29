/* SPDX-License-Identifier: MIT */
/*
 * Joins the rules of -e inject= and the tracer: what is done to the call that a tracee is in.  Used
 * by session.c.
 */
#ifndef MTRACE_INJECTOR_H
#define MTRACE_INJECTOR_H

#include <stdbool.h>

#include "mtrace/event.h"
#include "mtrace/inject.h"
#include "mtrace/tracer.h"
#include "mtrace/value.h"

/* What is remembered of a tracee; zeroed at its birth, inherited by nobody. */
struct injection {
	struct inject_counts counts;
	const struct inject_rule *rule; /* for the call that it is in; NULL: none */
	const struct call *call;        /* that one, decoded; NULL if nobody needs to know it */
	unsigned marks;                 /* enum call_tampering: what was done to it */
};

/* A call that is shown has been entered: is there a rule for it?  It is counted. */
bool injector_match(struct injection *injection, const struct inject_rules *rules,
		    const struct event *event);

/* Does the rule overwrite memory, so that the call has to be decoded? */
bool injector_pokes(const struct injection *injection);

/*
 * Overwrites what the call's arguments point to, as the rule says for the event, an entry or an exit.
 * Says so on standard error if that fails.  True if it did write: what was decoded may have changed.
 */
bool injector_poke(struct injection *injection, struct tracer *tracer, const struct event *event,
		   const struct call *call);

/* Hands the rest of the rule to the tracer, at the call's entry. */
void injector_tamper(struct injection *injection, struct tracer *tracer, const struct event *event);

void injector_free(struct injection *injection);

#endif
