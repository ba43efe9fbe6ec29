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
	double work;       /* own CPU time per stop of code that was measured with and without stops, */
	double cold;       /* and what share more it took with them besides their price; 0: not known */
};

/* Stops, and the calls that they ended. */
struct overhead_stops {
	uint64_t enters, exits, others;
	uint64_t calls;
};

/* What is remembered of a thread; zero at its birth. */
struct overhead_thread {
	int tid, pid;
	uint64_t first_time; /* 0: no event yet */
	uint64_t last_time;
	uint64_t first_cpu;
	uint64_t exiting_cpu; /* as event.cpu_time, when it began to exit; 0: it did not */
	uint64_t own_first;   /* its own CPU time when it was first seen, */
	uint64_t own_last;    /* and in the end */
	bool own_known;
	double idle_first; /* overhead.idle_ns when it was first seen */
	struct overhead_stops stops;
	uint64_t asleep_ns;
	uint64_t entered_loose; /* at the entry of the call that it is in, as in struct event: */
	uint64_t entered_cpu;
	uint64_t entered_switches;
	double entered_busy; /* overhead.busy_ns then */
	bool in_call;
	bool is_root; /* nobody that we trace waits for it: what it used is not counted elsewhere */
	bool over;
};

/* What a call that has ended took. */
struct overhead_call {
	double gap_ns; /* from the end of its entry's stop to its exit's */
	double cpu_ns; /* of its process meanwhile */
	bool slept;
	bool shared; /* other threads of processes may have taken part of cpu_ns */
};

/* Threads that have ended: one, or several together. */
struct overhead_row {
	int tid, pid;
	unsigned threads;
	bool cpu_known;
	struct overhead_stops stops;
	double traced_ns; /* from the first event to the last, */
	double asleep_ns; /* of which it slept in calls, */
	double idle_ns;   /* ... and all others did so as well */
	double cpu_ns;    /* its own */
};

/* So many threads are told one by one. */
#define OVERHEAD_ROWS 10

struct overhead {
	struct overhead_prices prices; /* all 0: not known */
	uint64_t first_time;
	uint64_t last_time;
	uint64_t resumed; /* when any tracee was last let go on */
	struct overhead_stops stops;
	unsigned threads;  /* that live */
	unsigned in_calls; /* of these */
	unsigned most_threads;
	unsigned seconds;    /* of those that live: not the first of their process */
	uint64_t births;     /* of processes */
	double busy_ns;      /* the tracer's, with stops, so far */
	double idle_ns;      /* while all threads slept */
	double lifetimes_ns; /* of all threads, less their sleep */
	double roots_ns;     /* CPU time of processes that nobody waits for, their children's included */
	double own_ns;       /* CPU time of all threads, */
	bool own_unknown;    /* ... if it was to be had */
	/* The ones that were awake longest, in no order, and all others together. */
	struct overhead_row rows[OVERHEAD_ROWS];
	unsigned row_count;
	struct overhead_row rest;
	double pure_cpu_ns;  /* of calls that cost next to nothing, to refine the prices */
	uint64_t pure_calls;
};

/*
 * The thread's own CPU time in ns, not that of its process: before its first event unless that is its
 * birth, and before EVENT_EXITING or EVENT_DETACHED, the last occasions.
 */
void overhead_tell_cpu(struct overhead_thread *thread, uint64_t cpu_ns);

/* `call` is filled, and true returned, when the event ends a call that was seen to begin. */
bool overhead_event(struct overhead *overhead, struct overhead_thread *thread,
		    const struct event *event, struct overhead_call *call);

/* The call that overhead_event() gave was one that does nothing (getppid(2)). */
void overhead_add_pure(struct overhead *overhead, const struct overhead_call *call);

/* The prices of the run are between those before it and these after it. */
void overhead_adapt(struct overhead *overhead, const struct overhead_prices *after);

/* Adapts the prices to what the run has shown; before overhead_estimate() and corrections. */
void overhead_refine(struct overhead *overhead);

/*
 * For tracees that may run on other CPUs than the tracer: a stop that crosses CPUs costs both sides alike,
 * so the price is taken to be off by as much as the tracer's, which took `tracer_cpu` ns in all.
 */
void overhead_spread(struct overhead *overhead, double tracer_cpu);

struct overhead_estimate {
	double traced_ns;
	double untraced_ns;
	double uncertainty_ns; /* of untraced_ns */
	double awake_ns;       /* of traced_ns: somebody was awake; */
	double awake_untraced_ns;
	double crowding; /* how much longer than its CPU time a thread that is awake takes: they are many */
};

/* The CPU time of the tracees in ns, stops included. */
double overhead_cpu(const struct overhead *overhead);

/* `cpus` is how many the tracees may use. */
struct overhead_estimate overhead_estimate(const struct overhead *overhead, unsigned cpus);

/* How long it was not asleep, in ns: computing, stopped or waiting for a CPU. */
double overhead_awake(const struct overhead_row *row);

/* The same of a row, of which cpu_known must be true; `whole`: that of all. */
struct overhead_estimate overhead_estimate_row(const struct overhead *overhead,
					       const struct overhead_estimate *whole,
					       const struct overhead_row *row);

#endif
