/* SPDX-License-Identifier: MIT */
/*
 * How values are distributed, to below 1 %, in memory that depends on their range alone.  Called by
 * counts.c and the tables.
 */
#include <stdlib.h>

#include "counts.h"
#include "mtrace/xalloc.h"

/*
 * Doubling 0 has the values below HISTOGRAM_STEPS, one each; doubling d > 0 those from
 * STEPS << (d - 1) on, in steps of 1 << (d - 1).
 */
static unsigned histogram_doubling(uint64_t value)
{
	if (value < HISTOGRAM_STEPS)
		return 0;
	return 64 - HISTOGRAM_BITS - (unsigned)__builtin_clzll(value);
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	unsigned doubling = histogram_doubling(value);
	unsigned step = (unsigned)(doubling > 0 ? value >> (doubling - 1) : value) &
			(HISTOGRAM_STEPS - 1);

	if (histogram->doublings[doubling] == NULL)
		histogram->doublings[doubling] = xcalloc(HISTOGRAM_STEPS, sizeof(uint64_t));
	histogram->doublings[doubling][step]++;
	histogram->count++;
}

/* The middle of a step. */
static uint64_t histogram_value(unsigned doubling, unsigned step)
{
	uint64_t width;

	if (doubling == 0)
		return step;
	width = 1ull << (doubling - 1);
	return (HISTOGRAM_STEPS + step) * width + width / 2;
}

uint64_t histogram_quantile(const struct histogram *histogram, unsigned permille)
{
	/* Rounded up, without overflow: the rank is at least 1. */
	uint64_t rank = histogram->count / 1000 * permille +
			(histogram->count % 1000 * permille + 999) / 1000;
	uint64_t seen = 0;

	if (rank == 0)
		rank = 1;
	for (unsigned d = 0; d <= 64 - HISTOGRAM_BITS; d++) {
		if (histogram->doublings[d] == NULL)
			continue;
		for (unsigned step = 0; step < HISTOGRAM_STEPS; step++) {
			seen += histogram->doublings[d][step];
			if (seen >= rank)
				return histogram_value(d, step);
		}
	}
	return 0;
}

void histogram_free(struct histogram *histogram)
{
	for (unsigned d = 0; d <= 64 - HISTOGRAM_BITS; d++)
		free(histogram->doublings[d]);
}
