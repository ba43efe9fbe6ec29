/* SPDX-License-Identifier: MIT */
/* A set of small numbers that grows as needed. */
#ifndef MTRACE_BITSET_H
#define MTRACE_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bitset {
	uint64_t *words;
	size_t count; /* of words; numbers from count * 64 on are not members */
};

static inline bool bitset_has(const struct bitset *set, uint64_t number)
{
	return number / 64 < set->count && (set->words[number / 64] >> (number % 64) & 1) != 0;
}

void bitset_add(struct bitset *set, uint64_t number);
void bitset_remove(struct bitset *set, uint64_t number);
/* Adds 0 .. limit - 1. */
void bitset_fill(struct bitset *set, uint64_t limit);
void bitset_free(struct bitset *set);

#endif
