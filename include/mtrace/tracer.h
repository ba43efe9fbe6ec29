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

/* A program that waits to be traced and executed: what tracer_daemonize leaves to tracer_launch. */
struct tracer_split {
	int pid; /* 0: none; tracer_launch forks */
	int fd;  /* to talk to it */
};

/*
 * Splits the process in two, for -D: it goes on as the program once tracer_launch has taken `split`,
 * or ends with 1 if its tracer does not get so far.  Returns in the tracer only, a grandchild with
 * the process group or session that options->daemonize asks for; false: a message says why it could
 * not be done.
 */
bool tracer_daemonize(const struct options *options, struct tracer_split *split);

struct tracer *tracer_new(const struct options *options, const struct tracer_client *client);

/*
 * Launches options->command, stopped before its execve; in the process of `split` if there is one.
 * The program is looked up in PATH.  OUTCOME_FAILED: a message was printed (not found, not a file,
 * not permitted).
 */
enum outcome tracer_launch(struct tracer *tracer, const struct tracer_split *split);

/* Attaches to `pid`.  OUTCOME_FAILED: a message with the reason and the remedy was printed. */
enum outcome tracer_attach(struct tracer *tracer, int pid);

/* What is to be done to a call that a tracee has entered (-e inject=). */
struct tamper {
	bool skip;       /* it is not made: call `nr` is instead, and `result` is what it returns */
	int64_t nr;      /* as the kernel counts; -1: no call at all */
	int64_t result;  /* of the call that is skipped; -errno if `is_error` */
	bool is_error;
	int signal;      /* sent to the thread when the call goes on; 0: none */
	uint64_t before; /* ns for which the tracee is held back, at least, before the call */
	uint64_t after;  /* ... and behind it, with its result in place */
};

/*
 * Tampers with the call that `event`, an EVENT_ENTER that the client is dealing with, tells of.  Its
 * EVENT_EXIT reports the result that the tracee gets, with `injected` set if that is not the
 * kernel's.  Others run on while a tracee is held back.  OUTCOME_FAILED, with errno: the kernel did
 * not let the call be skipped, it will be made; the rest is done all the same.
 */
enum outcome tracer_tamper(struct tracer *tracer, const struct event *event,
			   const struct tamper *tamper);

/*
 * Overwrites `len` bytes at `addr` of a stopped tracee, read-only memory too, as PTRACE_POKEDATA
 * does; what is read from it from now on, at this stop too, is what is there then.  OUTCOME_FAILED if
 * some of it could not be written.
 */
enum outcome tracer_poke(struct tracer *tracer, const struct tracee *tracee, uint64_t addr,
			 const void *bytes, size_t len);

/* Runs until no tracee is left or a signal asks to stop; then detaches from those that are left. */
void tracer_run(struct tracer *tracer);

/* Makes tracer_run detach from all tracees and return; for a client that can go on no longer. */
void tracer_stop(struct tracer *tracer);

/*
 * The exit status that mtrace hands on: that of the launched program; 128 + n is returned for
 * death by signal n, with *signal set to it, so that main can die of the same one.
 */
int tracer_exit_status(const struct tracer *tracer, int *signal);

/* What the tracees' stops were and took so far; zero unless CLOCKS_RESUMED asks for it. */
struct tracer_cost {
	uint64_t stops;         /* of all kinds: */
	uint64_t syscall_stops; /* entries and exits */
	uint64_t signal_stops;  /* signals and group-stops; the rest are births, execs and exits */
	uint64_t handling_ns;   /* from when stops were seen to when the tracees were let go on */
};

struct tracer_cost tracer_cost(const struct tracer *tracer);

/*
 * CPU time of a thread that lives and is not running, in ns (/proc/PID/schedstat, proc(5)).  False if the
 * kernel does not tell or there is no such thread.
 */
bool tracer_thread_cpu(int tid, uint64_t *cpu_ns);

void tracer_free(struct tracer *tracer);

/*
 * What a stop costs on this machine now, measured on a child of ours that makes the cheapest of
 * calls; per stop, in ns.  "Gap" is the time from letting a tracee go on to seeing its next stop,
 * less what the call or the code between two calls takes by itself.
 */
struct tracer_calibration {
	double call_ns;      /* getpid(2) by itself: what crossing into the kernel and back costs */
	double enter_cpu_ns; /* CPU time of the tracee for a stop at the entry */
	double exit_cpu_ns;  /* ... at the exit */
	double enter_gap_ns; /* median */
	double exit_gap_ns;
	double tracer_cpu_ns; /* CPU time of the tracer, per stop */
	/*
	 * What work between two calls, and the call, take by themselves, and how much more CPU time
	 * they take when the call is traced, besides its stops: they find the caches cold.  0: not known.
	 */
	double work_ns, cold_ns;
	double doubt; /* how far the parts of the measurement are apart: a share of the cost */
};

/* As `options` will have it, takes at most some 20 ms.  False, without a message, if it cannot be done. */
bool tracer_calibrate(const struct options *options, struct tracer_calibration *calibration);

#endif
