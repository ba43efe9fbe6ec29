/* SPDX-License-Identifier: MIT */
/* The summary as a whole: its tables and their headings.  Called by session.c. */
#include <stdlib.h>

#include "counts.h"

/* In strace's order: the machine's own ABI first, then those that it runs besides. */
static const enum abi_id summary_order[] = {
	ABI_X86_64, ABI_AARCH64, ABI_RISCV64, ABI_I386, ABI_ARM, ABI_X32,
};

static void summary_add_heading(enum abi_id abi, struct buf *out)
{
	if (abi == ABI_I386 || abi == ABI_ARM)
		buf_add_str(out, "System call usage summary for 32 bit mode:\n");
	else if (abi == ABI_X32)
		buf_add_str(out, "System call usage summary for x32 mode:\n");
}

void stats_print(const struct stats *stats, struct buf *out)
{
	for (size_t i = 0; i < sizeof(summary_order) / sizeof(summary_order[0]); i++) {
		size_t count;
		struct call_counts **sorted = counts_sort(stats, summary_order[i], &count);

		if (count > 0) {
			summary_add_heading(summary_order[i], out);
			table_print(stats->summary, sorted, count, out);
		}
		free(sorted);
	}
}
