/* SPDX-License-Identifier: MIT */
/* How often which call failed with which error (--summary-errors).  Called by summary.c. */
#include <stdio.h>
#include <stdlib.h>

#include "counts.h"
#include "mtrace/desc.h"
#include "mtrace/xalloc.h"

struct error_row {
	const struct call_counts *call;
	struct error_count error;
};

/* The most frequent first; the rest in the order of calls and errors. */
static int error_compare(const void *left, const void *right)
{
	const struct error_row *a = left, *b = right;

	if (a->error.count != b->error.count)
		return a->error.count > b->error.count ? -1 : 1;
	if (a->call->order != b->call->order)
		return a->call->order < b->call->order ? -1 : 1;
	return a->error.error < b->error.error ? -1 : a->error.error > b->error.error;
}

const char *error_name(enum abi_id abi, int error, char room[32])
{
	const char *name = desc_set_name(desc_errnos, abi, (uint64_t)error);

	if (name == NULL)
		snprintf(room, 32, "%d", error);
	return name != NULL ? name : room;
}

static void errors_add_row(enum abi_id abi, const struct error_row *row, struct buf *out)
{
	char call[32], error[32];

	buf_printf(out, "%9llu %-16s %s\n", (unsigned long long)row->error.count,
		   counts_name(row->call, call), error_name(abi, row->error.error, error));
}

void errors_print(const struct stats *stats, enum abi_id abi, struct buf *out)
{
	struct error_row *rows = NULL;
	struct call_counts **calls;
	size_t call_count, count = 0;

	calls = counts_sort(stats, abi, SUMMARY_SORT_NONE, &call_count);
	for (size_t i = 0; i < call_count; i++) {
		rows = xrealloc(rows, count + calls[i]->error_count + 1, sizeof(*rows));
		for (size_t e = 0; e < calls[i]->error_count; e++)
			rows[count++] = (struct error_row){ calls[i], calls[i]->by_error[e] };
	}
	if (count > 0) {
		qsort(rows, count, sizeof(*rows), error_compare);
		buf_add_str(out, "   errors syscall          error\n"
				 "--------- ---------------- ----------------\n");
		for (size_t i = 0; i < count; i++)
			errors_add_row(abi, &rows[i], out);
	}
	free(rows);
	free(calls);
}
