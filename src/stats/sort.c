/* SPDX-License-Identifier: MIT */
/* The order of rows (-S), and their names.  Called by summary.c and table.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts.h"
#include "mtrace/xalloc.h"

/* Equal rows stay in the order of their numbers, whatever qsort(3) does. */
static int sort_order(const struct call_counts *a, const struct call_counts *b)
{
	bool odd_a = a->name == NULL || a->order == UINT64_MAX;
	bool odd_b = b->name == NULL || b->order == UINT64_MAX;

	if (odd_a != odd_b)
		return odd_a ? 1 : -1;
	return a->order < b->order ? -1 : a->order > b->order;
}

const char *counts_name(const struct call_counts *counts, char room[32])
{
	if (counts->name != NULL)
		return counts->name;
	snprintf(room, 32, "syscall_%#llx", (unsigned long long)counts->nr);
	return room;
}

static int sort_name(const struct call_counts *a, const struct call_counts *b)
{
	char room_a[32], room_b[32];

	return strcmp(counts_name(a, room_a), counts_name(b, room_b));
}

static double sort_quantile(const struct call_counts *counts, unsigned permille)
{
	return counts->histogram != NULL ? (double)histogram_quantile(counts->histogram, permille)
					 : 0;
}

/* What rows are compared by; the greatest comes first. */
static double sort_key(const struct call_counts *counts, enum summary_column column)
{
	double calls = (double)counts->calls;

	switch (column) {
	case COLUMN_TIME_PERCENT:
	case COLUMN_TOTAL_TIME:
		return (double)counts->time.total;
	case COLUMN_MIN_TIME:
		return (double)counts->time.min;
	case COLUMN_MAX_TIME:
		return (double)counts->time.max;
	case COLUMN_AVG_TIME:
		return (double)counts->time.total / calls;
	case COLUMN_WALL_TOTAL:
		return (double)counts->wall.total;
	case COLUMN_WALL_MIN:
		return (double)counts->wall.min;
	case COLUMN_WALL_MAX:
		return (double)counts->wall.max;
	case COLUMN_WALL_AVG:
		return (double)counts->wall.total / calls;
	case COLUMN_CALLS:
		return calls;
	case COLUMN_ERRORS:
		return (double)counts->errors;
	case COLUMN_P50:
		return sort_quantile(counts, 500);
	case COLUMN_P95:
		return sort_quantile(counts, 950);
	case COLUMN_P99:
		return sort_quantile(counts, 990);
	case COLUMN_BYTES:
		return (double)counts->bytes;
	case COLUMN_TRUE_TOTAL:
		return counts->true_total;
	case COLUMN_TRUE_AVG:
		return counts->true_total / calls;
	default:
		return 0;
	}
}

static int sort_compare(const void *left, const void *right, void *context)
{
	const struct call_counts *a = *(struct call_counts *const *)left;
	const struct call_counts *b = *(struct call_counts *const *)right;
	enum summary_column column = (enum summary_column) * (const unsigned *)context;
	double key_a, key_b;
	int order = 0;

	if (column == COLUMN_NAME) {
		order = sort_name(a, b);
	} else {
		key_a = sort_key(a, column);
		key_b = sort_key(b, column);
		order = key_a > key_b ? -1 : key_a < key_b;
	}
	return order != 0 ? order : sort_order(a, b);
}

void counts_sort_rows(struct call_counts **rows, size_t count, unsigned column)
{
	qsort_r(rows, count, sizeof(struct call_counts *), sort_compare, &column);
}

struct call_counts **counts_sort(const struct stats *stats, enum abi_id abi, unsigned column,
				 size_t *count)
{
	const struct abi_counts *counts = &stats->abis[abi];
	struct call_counts **sorted = xcalloc(counts->slot_count + ODD_NUMBERS + 1,
					      sizeof(struct call_counts *));

	*count = 0;
	for (size_t i = 0; i < counts->slot_count; i++)
		if (counts->calls[i] != NULL)
			sorted[(*count)++] = counts->calls[i];
	for (size_t i = 0; i <= ODD_NUMBERS; i++)
		if (counts->odd[i] != NULL)
			sorted[(*count)++] = counts->odd[i];
	counts_sort_rows(sorted, *count, column);
	return sorted;
}
