/* SPDX-License-Identifier: MIT */
/*
 * What -e trace=, abbrev=, verbose= and raw= say of a call, in one byte that is put together when the
 * call is first seen: asking the sets each time costs as much as everything else the session does.
 */
#ifndef MTRACE_CHOICE_H
#define MTRACE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "mtrace/abi.h"
#include "mtrace/filter.h"
#include "mtrace/options.h"

enum choice {
	CHOICE_KNOWN = 1 << 0, /* the sets have been asked */
	CHOICE_TRACE = 1 << 1,
	CHOICE_ABBREV = 1 << 2,
	CHOICE_VERBOSE = 1 << 3,
	CHOICE_RAW = 1 << 4,
	CHOICE_BY_ARGS = 1 << 5, /* socketcall, ipc: CHOICE_TRACE depends on the first argument */
};

/* Calls from here on, which few ABIs have, are looked up each time. */
#define CHOICE_NUMBERS 512u

struct choices {
	const struct options *options; /* whose sets must not change any more */
	uint8_t known[ABI_COUNT][CHOICE_NUMBERS];
};

/* Asks the sets: bits of enum choice.  Any number is answered; `abi` must be below ABI_COUNT. */
uint8_t choice_find(const struct options *options, enum abi_id abi, uint64_t nr);

/* The same, remembered. */
static inline uint8_t choice_of(struct choices *choices, enum abi_id abi, uint64_t nr)
{
	uint8_t *known;

	if (nr >= CHOICE_NUMBERS)
		return choice_find(choices->options, abi, nr);
	known = &choices->known[abi][nr];
	if (*known == 0)
		*known = choice_find(choices->options, abi, nr);
	return *known;
}

/* Is the call that an entry stop reports to be shown?  As select_has_call() of -e trace=. */
static inline bool choice_is_traced(struct choices *choices, enum abi_id abi, uint64_t nr,
				    const uint64_t args[6])
{
	uint8_t choice = choice_of(choices, abi, nr);

	if ((choice & CHOICE_BY_ARGS) != 0)
		return select_has_call(&choices->options->trace, abi, nr, args);
	return (choice & CHOICE_TRACE) != 0;
}

#endif
