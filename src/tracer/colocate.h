/* SPDX-License-Identifier: MIT */
/*
 * Tracer and tracee on one CPU (colocate.c), the masks that this needs (affinity.c) and the process
 * that gives them back if the tracer is killed (watcher.c).  Used by src/tracer only.
 */
#ifndef MTRACE_COLOCATE_H
#define MTRACE_COLOCATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtrace/options.h"

struct tracee_record;
struct tracee_table;
struct event;

/* ---- affinity.c: masks of CPUs, and what is owed to whom ------------------------------------- */

enum loan_state {
	LOAN_NONE,    /* the slot is free */
	LOAN_PROBING, /* mask[] is what `tid` had; it may have another one at the moment */
	LOAN_PINNED,  /* `tid` is confined to `cpu` */
};

/* One thread that has another mask than its own.  In memory that tracer and watcher share. */
struct loan {
	int state; /* enum loan_state; written last when a loan begins, first when it is over */
	int tid;
	int cpu;
	bool whole; /* its mask was not narrower than its cpuset: give it all there is */
	unsigned long mask[];
};

/* Masks have as many words as the kernel's own: sched_setaffinity(2), "C library/kernel differences". */
size_t affinity_words(void);
/* False if there is no such thread (any more), or it may not be asked. */
bool affinity_get(int tid, unsigned long *mask, size_t words);
bool affinity_has(const unsigned long *mask, size_t words, int cpu);
size_t affinity_count(const unsigned long *mask, size_t words);
/* Is `cpu` the only one? */
bool affinity_is_single(const unsigned long *mask, size_t words, int cpu);

/*
 * Confines `tid`, which may be 0 for the caller, to `cpu`, and notes in the free slot `loan` what it
 * had.  `scratch` is room for two masks.  False: its mask is as it was, and the slot is free.
 */
bool affinity_lend(struct loan *loan, int tid, int cpu, unsigned long *scratch, size_t words);

/*
 * Gives back what the thread had, unless somebody else has changed its mask meanwhile, and frees the
 * slot.
 */
void affinity_give_back(struct loan *loan, unsigned long *scratch, size_t words);

/* ---- watcher.c: outlives the tracer ---------------------------------------------------------- */

/* Slots for loans, in shared memory. */
struct loan_table {
	pthread_mutex_t *held; /* by the tracer, while it lives */
	long long *alive;      /* CLOCK_BOOTTIME, ns: when the tracer last lived for sure */
	unsigned char *slots;
	size_t size; /* of a slot, in bytes */
	size_t count;
	size_t words; /* of a mask */
	size_t bytes; /* in all */
};

struct loan *loan_at(const struct loan_table *table, size_t i);

struct watcher {
	struct loan_table loans;
	int pid;
};

/* False: there is none, and no thread may be lent another mask. */
bool watcher_start(struct watcher *watcher, size_t slots);
/*
 * The tracer lives, and whoever has been born so far has the mask that it should have.  To be said
 * with each loan, and once in a while.
 */
void watcher_note_alive(const struct loan_table *table);
/* Ends the watcher and waits for it.  No loan may be left. */
void watcher_stop(struct watcher *watcher);

/* ---- colocate.c ------------------------------------------------------------------------------ */

/* What colocate.c remembers of a tracee; part of struct tracee_record. */
struct placement {
	uint32_t stops; /* counts syscall-exit-stops */
	uint32_t seen;  /* ... at the last look */
	uint64_t used;  /* CPU time in ns, at the last look; 0: not known */
	uint16_t slot;  /* number of its loan + 1; 0: it has its own mask */
	bool again;     /* to be pinned at the next chance */
	bool barred;    /* never to be pinned */
	bool holding;   /* in a call that looks at masks: nobody is pinned meanwhile */
};

struct colocate;

/* NULL: not wanted, or there is but one CPU. */
struct colocate *colocate_new(const struct options *options);
/* Gives all masks back.  `colocate` may be NULL here. */
void colocate_free(struct colocate *colocate);

/* A tracee is new.  `parent` is NULL for one that we launched ourselves or attached to. */
void colocate_begin(struct colocate *colocate, struct tracee_record *record,
		    const struct tracee_record *parent, bool launched);
/* Stopped at the entry of a call: before it is resumed. */
void colocate_enter(struct colocate *colocate, struct tracee_record *record,
		    const struct event *event);
/* Stopped at the end of a call: before it is resumed. */
void colocate_exit(struct colocate *colocate, struct tracee_record *record,
		   const struct tracee_table *tracees);
/* The tracee leaves us alive: it gets its mask back. */
void colocate_release(struct colocate *colocate, struct tracee_record *record);
/* The tracee is dead, or its number now belongs to another thread. */
void colocate_forget(struct colocate *colocate, struct tracee_record *record);
/* Process `pid` has ended; it may have been the watcher. */
void colocate_note_death(struct colocate *colocate, int pid);

/*
 * Looks after those that are pinned, if it is time to.  True: nothing has happened for a while, and
 * the caller should see whether the kernel still knows his tracees; wait4 will not tell, as the
 * watcher is a child too.
 */
bool colocate_tend(struct colocate *colocate, const struct tracee_table *tracees);

#endif
