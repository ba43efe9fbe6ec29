/* SPDX-License-Identifier: MIT */
/* A set of small numbers.  Used by the filters, the options and the tracer. */
#include "mtrace/bitset.h"

#include <stdlib.h>
#include <string.h>

#include "mtrace/xalloc.h"

static void bitset_grow(struct bitset *set, size_t count)
{
	if (count <= set->count)
		return;
	set->words = xrealloc(set->words, count, sizeof(*set->words));
	memset(set->words + set->count, 0, (count - set->count) * sizeof(*set->words));
	set->count = count;
}

void bitset_add(struct bitset *set, uint64_t number)
{
	bitset_grow(set, (size_t)(number / 64) + 1);
	set->words[number / 64] |= UINT64_C(1) << (number % 64);
}

void bitset_remove(struct bitset *set, uint64_t number)
{
	if (number / 64 < set->count)
		set->words[number / 64] &= ~(UINT64_C(1) << (number % 64));
}

void bitset_fill(struct bitset *set, uint64_t limit)
{
	size_t whole = (size_t)(limit / 64);

	if (limit == 0)
		return;
	bitset_grow(set, (size_t)((limit - 1) / 64) + 1);
	memset(set->words, 0xff, whole * sizeof(*set->words));
	if (limit % 64 != 0)
		set->words[whole] |= (UINT64_C(1) << (limit % 64)) - 1;
}

void bitset_free(struct bitset *set)
{
	free(set->words);
	set->words = NULL;
	set->count = 0;
}
