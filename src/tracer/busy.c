/* SPDX-License-Identifier: MIT */
/*
 * Which tracees compute at the moment.  Asked by colocate.c before it takes a tracee to the tracer's CPU:
 * if the other CPUs have work, the kernel finds no idle one to wake anybody on, and moving a tracee away
 * from its own would only leave that one without.
 */
#include <string.h>

#include "busy.h"

/* A tracee that was found to compute is believed to go on so long without another look, in ns. */
#define BUSY_CREDIT_NS (2 * 1000 * 1000)

static struct busy_tracee *busy_find(struct busy *busy, int tid)
{
	for (size_t i = 0; i < busy->count; i++) {
		if (busy->tracees[i].tid == tid)
			return &busy->tracees[i];
	}
	return NULL;
}

void busy_note(struct busy *busy, int tid, uint64_t used, uint64_t now)
{
	struct busy_tracee *tracee = busy_find(busy, tid);

	if (tracee == NULL) {
		if (busy->count == BUSY_MOST)
			return;
		tracee = &busy->tracees[busy->count++];
	}
	*tracee = (struct busy_tracee){ .tid = tid, .used = used, .when = now };
}

void busy_forget(struct busy *busy, int tid)
{
	struct busy_tracee *tracee = busy_find(busy, tid);

	if (tracee != NULL)
		*tracee = busy->tracees[--busy->count];
}

/* Has it had a CPU for at least half of the time since it was last looked at? */
static bool busy_still(struct busy_tracee *tracee, uint64_t now, uint64_t (*used)(int tid))
{
	uint64_t before = tracee->used;
	uint64_t since = tracee->when;

	if (now - since < BUSY_CREDIT_NS)
		return true;
	tracee->used = used(tracee->tid);
	tracee->when = now;
	return tracee->used > before && (tracee->used - before) * 2 > now - since;
}

size_t busy_others(struct busy *busy, int tid, uint64_t now, uint64_t (*used)(int tid))
{
	size_t others = 0;
	size_t i = 0;

	while (i < busy->count) {
		if (!busy_still(&busy->tracees[i], now, used)) {
			busy->tracees[i] = busy->tracees[--busy->count];
			continue;
		}
		others += busy->tracees[i].tid != tid;
		i++;
	}
	return others;
}
