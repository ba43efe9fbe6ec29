/* SPDX-License-Identifier: MIT */
/*
 * What -e inject= and -e fault= ask for: rules, and which invocation of a call each is for.  Text and
 * numbers only; the tracer does what a rule says, src/injector.c tells it to.
 */
#ifndef MTRACE_INJECT_H
#define MTRACE_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtrace/abi.h"
#include "mtrace/options.h"

/* What a rule does to a call; bits. */
enum inject_action {
	INJECT_ERROR = 1 << 0,  /* it is not made and fails with `error` */
	INJECT_RETVAL = 1 << 1, /* it is not made and returns `retval` */
	INJECT_SIGNAL = 1 << 2, /* `signal` comes when it is entered */
	INJECT_CALL = 1 << 3,   /* where it is not made, `call` is instead; alone without effect */
	INJECT_DELAY_ENTER = 1 << 4,
	INJECT_DELAY_EXIT = 1 << 5,
	INJECT_POKE_ENTER = 1 << 6,
	INJECT_POKE_EXIT = 1 << 7,
};

/* An argument is a pointer to memory that is overwritten. */
struct inject_poke {
	unsigned arg; /* from 0 */
	uint8_t *bytes;
	size_t len;
};

struct inject_pokes {
	struct inject_poke *items;
	size_t count;
};

struct inject_rule {
	struct call_set calls;
	unsigned actions; /* enum inject_action */
	/* Invocations first, first + step, ... up to last, counted from 1 per call and tracee. */
	uint64_t first;
	uint64_t last;
	uint64_t step;
	int error; /* 1..4095 */
	uint64_t retval;
	int signal;
	const char *call;     /* name, in the tables of descriptions */
	uint64_t delay_enter; /* ns */
	uint64_t delay_exit;
	struct inject_pokes poke_enter;
	struct inject_pokes poke_exit;
};

/* In the order in which they were given: the last that covers a call is the one that counts. */
struct inject_rules {
	struct inject_rule *items;
	size_t count;
};

/* How often a tracee has made each call that a rule covers.  Zeroed at its birth. */
struct inject_counts {
	uint64_t *tables[ABI_COUNT + 2]; /* by number; then socketcall's and ipc's calls */
	size_t sizes[ABI_COUNT + 2];
};

/*
 * Reads the value of -e inject= (of -e fault= if `is_fault`) as strace(1) describes it and adds the
 * rule to `*rules`, which is made if it is NULL.  Returns NULL, or, with `*rules` as they were, a
 * message for the user that the caller frees.  `*warning` is NULL or one that does not matter more
 * than that, to be freed as well.
 */
char *inject_add(struct inject_rules **rules, const char *text, bool is_fault, char **warning);

/*
 * A call is entered: counts it and returns the rule that is for this invocation, NULL if there is
 * none.  Call it once for each call of a tracee that the user's filters let pass.
 */
const struct inject_rule *inject_next(const struct inject_rules *rules,
				      struct inject_counts *counts, enum abi_id abi, uint64_t nr,
				      const uint64_t args[6]);

/* The number of the rule's `call` in an ABI, as its table counts; -1 if it has none or none is asked for. */
int64_t inject_call_number(const struct inject_rule *rule, enum abi_id abi);

/* What the rule's `retval` is for an ABI: 32 bits of it where a long has no more. */
int64_t inject_retval(const struct inject_rule *rule, enum abi_id abi);

/* Does any of the rules, NULL for none, send a signal? */
bool inject_sends_signals(const struct inject_rules *rules);

void inject_counts_free(struct inject_counts *counts);
/* `rules` may be NULL. */
void inject_rules_free(struct inject_rules *rules);

#endif
