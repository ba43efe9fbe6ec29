/* SPDX-License-Identifier: MIT */
/* Which tracees compute at the moment (busy.c).  Used by colocate.c. */
#ifndef MTRACE_BUSY_H
#define MTRACE_BUSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* On a machine with more CPUs than that, they are never all taken for busy. */
#define BUSY_MOST 16

struct busy_tracee {
	int tid;
	uint64_t used; /* CPU time, ns, at `when` */
	uint64_t when; /* CLOCK_MONOTONIC, ns */
};

struct busy {
	struct busy_tracee tracees[BUSY_MOST];
	size_t count;
};

/* `tid`, whose CPU time is `used`, has been found to compute.  Beyond BUSY_MOST it is not noted. */
void busy_note(struct busy *busy, int tid, uint64_t used, uint64_t now);
/* It is gone. */
void busy_forget(struct busy *busy, int tid);
/*
 * How many beside `tid` compute.  `used` tells the CPU time of a thread in ns; it is asked at most once
 * for each that was noted.  Who does no longer compute is forgotten.
 */
size_t busy_others(struct busy *busy, int tid, uint64_t now, uint64_t (*used)(int tid));

#endif
