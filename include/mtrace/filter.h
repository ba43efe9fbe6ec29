/* SPDX-License-Identifier: MIT */
/*
 * Which calls, signals and messages the user asked for: text such as "%file,!read" to sets of
 * numbers.  src/cli fills the sets, the session asks them.
 */
#ifndef MTRACE_FILTER_H
#define MTRACE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "mtrace/abi.h"
#include "mtrace/bitset.h"
#include "mtrace/desc.h"
#include "mtrace/options.h"

/*
 * Reads a set of calls as strace(1) describes it for -e trace=: `[!]VALUE[,VALUE]...`, where VALUE
 * is a name, a number, `%class`, `/regex`, each with `?` before it (no error if nothing matches) or
 * `@64`, `@32`, `@x32` behind it; `all`; or, alone, `none`.  Replaces what `set` held.  Returns
 * NULL, or, with `set` as it was, a message for the user that the caller frees.
 */
char *select_calls(struct call_set *set, const char *text);

/* Every call (`all`), or none. */
void select_all(struct call_set *set);
void select_none(struct call_set *set);

/* Releases what the set owns. */
void call_set_free(struct call_set *set);

/* The same as select_has_call(), of socketcall and ipc. */
bool select_has_multiplexed(const struct call_set *set, enum abi_id abi, uint64_t nr,
			    const uint64_t args[6]);

/*
 * Is the call that an entry stop reports in the set?  As call_set_has(), but looks through
 * socketcall and ipc, so that `-e trace=connect` selects socketcall(SYS_CONNECT, ...).
 */
static inline bool select_has_call(const struct call_set *set, enum abi_id abi, uint64_t nr,
				   const uint64_t args[6])
{
	const struct desc_row *row = desc_find_row(abi, nr);

	if (row != NULL && row->multiplex != MULTIPLEX_NONE)
		return select_has_multiplexed(set, abi, nr, args);
	return call_set_has(set, abi, nr);
}

/*
 * Reads `[!]NAME[,NAME]...`, `all` or `none` into `members`, numbers below `limit`; replaces what
 * was there.  `number_of` gives the number of a name, -1 if it has none.  On failure returns the
 * name that is unknown, which the caller frees, and leaves `members` as it was; NULL on success.
 */
char *select_names(struct bitset *members, const char *text, uint64_t limit,
		   int (*number_of)(const char *name));

/* The number of a signal from its name, with or without SIG in front, or its number; -1 if none. */
int select_signal_number(const char *name);

#endif
