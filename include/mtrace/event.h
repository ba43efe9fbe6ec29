/* SPDX-License-Identifier: MIT */
/*
 * What happened to a tracee, as the tracer classified it from a wait status.  Events carry facts
 * of the kernel's; what is shown of them is the session's and the renderers' business.
 */
#ifndef MTRACE_EVENT_H
#define MTRACE_EVENT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "mtrace/abi.h"
#include "mtrace/memory.h"
#include "mtrace/resolver.h"

enum event_kind {
	EVENT_ENTER,      /* syscall-enter-stop */
	EVENT_EXIT,       /* syscall-exit-stop */
	EVENT_LOST,       /* syscall-stop of a tracee that was killed in it: nothing is known */
	EVENT_SIGNAL,     /* signal-delivery-stop: `signal`, `siginfo` */
	EVENT_STOPPED,    /* group-stop: `signal` */
	EVENT_EXITING,    /* about to exit, memory still there: the call that it is in has no end */
	EVENT_EXITED,     /* gone: `status` */
	EVENT_KILLED,     /* gone: `signal`, `core_dumped` */
	EVENT_BORN,       /* a child or thread that is followed; `parent_tid` */
	EVENT_ATTACHED,   /* -p: seized */
	EVENT_DETACHED,   /* no longer traced, lives on */
	EVENT_EXEC,       /* execve succeeded; comes before the EVENT_EXIT of the call */
	EVENT_ABI,        /* of the session: a call's `abi` is not that of the call before */
	EVENT_SUPERSEDED, /* the leader's place was taken by thread `by_tid` that called execve */
};

/* A process or thread that is traced; owned by the tracer, alive while events name it. */
struct tracee {
	int tid;
	int pid;               /* its process, the tid of the leader; 0 if it cannot be told */
	struct memory *memory; /* of this tracee, at this stop */
	struct resolver *resolver;
	void *session; /* the session's own data; the tracer never looks at it */
};

struct event {
	uint8_t kind; /* enum event_kind */
	struct tracee *tracee;

	/* When the stop was seen, in ns; 0 unless options->clocks asks for it. */
	uint64_t time;        /* CLOCK_MONOTONIC */
	uint64_t wall;        /* CLOCK_REALTIME, since the epoch */
	uint64_t resumed;     /* when this tracee was last let go on; 0: never */
	uint64_t loose;       /* ns that it was let go on and not seen to have stopped, in all */
	/*
	 * What wait4(2) says of the process so far, all its threads and the children that it has waited
	 * for included; times in ns, known to the microsecond (getrusage(2)).
	 */
	uint64_t system_time; /* in the kernel */
	uint64_t cpu_time;    /* in the kernel and in user mode */
	uint64_t switches;    /* how often it went to sleep, for stops too (ru_nvcsw) */

	/* ENTER, EXIT: from PTRACE_GET_SYSCALL_INFO. */
	enum abi_id abi; /* ABI_COUNT: an architecture without tables */
	uint64_t nr;     /* ENTER: as the table counts it, -1 included */
	uint64_t args[6];
	uint64_t ip;
	uint64_t sp;
	int64_t result; /* EXIT: what the call returned, -errno if is_error */
	bool is_error;
	bool injected; /* EXIT: the result is one that tracer_tamper() was asked for */
	bool launching; /* ENTER, EXIT: the execve with which the program that we launch begins */

	int signal;
	siginfo_t siginfo;
	bool have_siginfo;
	int status;
	bool core_dumped;
	int parent_tid;
	struct tracee *parent; /* BORN: NULL if the parent is not traced (any more) */
	int by_tid;
	struct tracee *by; /* SUPERSEDED: who takes the place; still has its old number */
};

#endif
