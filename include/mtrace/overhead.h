/* SPDX-License-Identifier: MIT */
/*
 * What tracing cost, and how long the program would have run without it: fed with every event of
 * every tracee, pure arithmetic.  What each number rests on is in mtrace(1), "Cost of tracing".
 */
#ifndef MTRACE_OVERHEAD_H
#define MTRACE_OVERHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "mtrace/event.h"

/* What a stop costs, in ns, as the tracer measured it before it began; see mtrace/tracer.h. */
struct overhead_prices {
	double call;      /* the cheapest call by itself */
	double enter_cpu; /* the tracee's CPU time at an entry, and at an exit or any other stop */
	double exit_cpu;
	double enter_gap; /* from letting go on to the next stop, nothing being done in between */
	double exit_gap;
	double tracer_cpu; /* the tracer's CPU time per stop, of any kind */
	double doubt;      /* the share of them that is not certain */
};

/* What is remembered of a thread; zero at its birth. */
struct overhead_thread {
	uint64_t first_time; /* 0: no event yet */
	uint64_t last_time;
	uint64_t first_cpu;
	uint64_t asleep_ns;
	uint64_t entered_loose; /* at the entry of the call that it is in, as in struct event: */
	uint64_t entered_cpu;
	uint64_t entered_switches;
	bool in_call;
	bool is_root; /* nobody that we trace waits for it: what it used is not counted elsewhere */
	bool over;
};

/* What a call that has ended took. */
struct overhead_call {
	double gap_ns; /* from the end of its entry's stop to its exit's */
	double cpu_ns; /* of its process meanwhile */
	bool slept;
};

struct overhead {
	struct overhead_prices prices; /* all 0: not known */
	uint64_t first_time;
	uint64_t last_time;
	uint64_t resumed; /* when any tracee was last let go on */
	uint64_t calls;
	uint64_t enters, exits, others; /* stops */
	unsigned threads;               /* that live */
	unsigned in_calls;              /* of these */
	unsigned most_threads;
	double idle_ns;      /* while all threads slept */
	double lifetimes_ns; /* of all threads, less their sleep */
	double cpu_ns;       /* of all processes */
	double pure_cpu_ns;  /* of calls that cost next to nothing, to refine the prices */
	uint64_t pure_calls;
};

/* `call` is filled, and true returned, when the event ends a call that was seen to begin. */
bool overhead_event(struct overhead *overhead, struct overhead_thread *thread,
		    const struct event *event, struct overhead_call *call);

/* The call that overhead_event() gave was one that does nothing (getppid(2)). */
void overhead_add_pure(struct overhead *overhead, const struct overhead_call *call);

/* The prices of the run are between those before it and these after it. */
void overhead_adapt(struct overhead *overhead, const struct overhead_prices *after);

/* Adapts the prices to what the run has shown; before overhead_estimate() and corrections. */
void overhead_refine(struct overhead *overhead);

struct overhead_estimate {
	double traced_ns;
	double untraced_ns;
	double uncertainty_ns; /* of untraced_ns */
};

/* `cpus` is how many the tracees may use. */
struct overhead_estimate overhead_estimate(const struct overhead *overhead, unsigned cpus);

#endif
