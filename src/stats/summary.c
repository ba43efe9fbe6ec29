/* SPDX-License-Identifier: MIT */
/* The summary as a whole: its tables and their headings.  Called by session.c. */
#include <stdlib.h>

#include "counts.h"

/* In strace's order: the machine's own ABI first, then those that it runs besides. */
static const enum abi_id summary_order[] = {
	ABI_X86_64, ABI_AARCH64, ABI_RISCV64, ABI_I386, ABI_ARM, ABI_X32,
};

/* Our own ABI needs no heading. */
#if defined(__i386__) || defined(__arm__)
#define SUMMARY_32_BIT_IS_FOREIGN false
#else
#define SUMMARY_32_BIT_IS_FOREIGN true
#endif

static void summary_add_heading(enum abi_id abi, struct buf *out)
{
	if (SUMMARY_32_BIT_IS_FOREIGN && (abi == ABI_I386 || abi == ABI_ARM))
		buf_add_str(out, "System call usage summary for 32 bit mode:\n");
	else if (abi == ABI_X32)
		buf_add_str(out, "System call usage summary for x32 mode:\n");
}

static void summary_add_table(const struct stats *stats, enum abi_id abi,
			      const struct summary *summary, size_t rows, struct buf *out)
{
	size_t count;
	struct call_counts **sorted = counts_sort(stats, abi, summary->sort, &count);

	if (count > 0) {
		summary_add_heading(abi, out);
		table_print(summary, "syscall", sorted, count, rows, out);
	}
	free(sorted);
}

static bool summary_has_column(const struct summary *summary, enum summary_column column)
{
	for (unsigned i = 0; i < summary->column_count; i++)
		if (summary->columns[i] == column)
			return true;
	return false;
}

static void summary_add_tables(const struct stats *stats, const struct summary *summary,
			       size_t rows, struct buf *out)
{
	for (size_t i = 0; i < sizeof(summary_order) / sizeof(summary_order[0]); i++)
		summary_add_table(stats, summary_order[i], summary, rows, out);
}

/*
 * Beside strace's columns there is no room for these in a line of 80.  Who asks for them by name
 * has them in the first table.
 */
static void summary_add_corrected(const struct stats *stats, struct buf *out)
{
	static const struct summary corrected = {
		.sort = COLUMN_TRUE_TOTAL,
		.columns = { COLUMN_TRUE_TOTAL, COLUMN_TRUE_AVG, COLUMN_CALLS, COLUMN_NAME },
		.column_count = 4,
	};
	size_t begun = out->len;
	static const char heading[] =
		"Without what tracing adds (wall time; true-total in s, true-avg in us):\n";

	if (!stats->corrected || !stats->summary->report ||
	    summary_has_column(stats->summary, COLUMN_TRUE_TOTAL) ||
	    summary_has_column(stats->summary, COLUMN_TRUE_AVG))
		return;
	buf_add_str(out, heading);
	summary_add_tables(stats, &corrected, SIZE_MAX, out);
	if (out->len == begun + sizeof(heading) - 1)
		out->len = begun;
}

static void summary_add_errors(const struct stats *stats, struct buf *out)
{
	for (size_t i = 0; i < sizeof(summary_order) / sizeof(summary_order[0]); i++)
		errors_print(stats, summary_order[i], out);
}

static void summary_add_records(const struct stats *stats, struct buf *out)
{
	for (size_t i = 0; i < sizeof(summary_order) / sizeof(summary_order[0]); i++)
		records_print(stats, summary_order[i], out);
	if (stats->summary->by != BY_NOTHING)
		records_print_groups(stats, out);
}

void stats_print(const struct stats *stats, struct buf *out)
{
	if (stats->summary->json) {
		summary_add_records(stats, out);
		return;
	}
	summary_add_tables(stats, stats->summary, SIZE_MAX, out);
	summary_add_corrected(stats, out);
	if (stats->summary->errors)
		summary_add_errors(stats, out);
	if (stats->summary->by != BY_NOTHING)
		groups_print(stats, out);
}

void stats_print_top(const struct stats *stats, size_t rows, struct buf *out)
{
	summary_add_tables(stats, stats->summary, rows, out);
}
