/* SPDX-License-Identifier: MIT */
/* What options say of one call, from the four sets that they fill.  Called through choice.h. */
#include "mtrace/choice.h"

#include <stddef.h>

#include "mtrace/desc.h"

uint8_t choice_find(const struct options *options, enum abi_id abi, uint64_t nr)
{
	const struct desc_row *row = desc_find_row(abi, nr);
	unsigned choice = CHOICE_KNOWN;

	if (call_set_has(&options->trace, abi, nr))
		choice |= CHOICE_TRACE;
	if (call_set_has(&options->abbrev, abi, nr))
		choice |= CHOICE_ABBREV;
	if (call_set_has(&options->verbose, abi, nr))
		choice |= CHOICE_VERBOSE;
	if (call_set_has(&options->raw, abi, nr))
		choice |= CHOICE_RAW;
	if (row != NULL && row->multiplex != MULTIPLEX_NONE)
		choice |= CHOICE_BY_ARGS;
	return (uint8_t)choice;
}
