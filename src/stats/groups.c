/* SPDX-License-Identifier: MIT */
/* Who makes the calls (--summary-by).  Called by tally.c and summary.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts.h"
#include "mtrace/xalloc.h"

/* Beyond so many processes the rest share a row: a trace of a build has no end of them. */
#define GROUPS_MOST 4096

static struct call_counts *group_new(const struct stats *stats, const char *name, uint64_t id,
				     uint64_t order)
{
	struct call_counts *group = counts_new(stats, name, id, order);

	group->owned_name = xstrdup(name);
	group->name = group->owned_name;
	return group;
}

void *stats_find_group(struct stats *stats, int id, const char *name)
{
	struct group_counts *groups = &stats->groups;
	bool by_name = stats->summary->by == BY_COMM;

	/* Asked once per thread and program, not per call. */
	for (size_t i = 0; i < groups->count; i++)
		if (by_name ? strcmp(groups->rows[i]->name, name) == 0
			    : groups->rows[i]->nr == (uint64_t)id)
			return groups->rows[i];
	if (groups->count > GROUPS_MOST)
		return groups->rows[GROUPS_MOST];
	groups->rows = xrealloc(groups->rows, groups->count + 1, sizeof(struct call_counts *));
	if (groups->count == GROUPS_MOST)
		groups->rows[groups->count] = group_new(stats, "(others)", UINT64_MAX, UINT64_MAX);
	else
		groups->rows[groups->count] = group_new(stats, name, (uint64_t)id, groups->count);
	return groups->rows[groups->count++];
}

void stats_name_group(void *group, const char *name)
{
	struct call_counts *counts = group;

	if (counts->nr == UINT64_MAX)
		return;
	free(counts->owned_name);
	counts->owned_name = xstrdup(name);
	counts->name = counts->owned_name;
}

/* "7 bash", or the name alone where that is what they are told apart by. */
static struct call_counts *group_shown(const struct stats *stats, const struct call_counts *group)
{
	struct call_counts *shown = xmalloc(sizeof(*shown));
	size_t size = strlen(group->name) + 24;

	*shown = *group;
	shown->owned_name = xmalloc(size);
	if (stats->summary->by == BY_COMM || group->nr == UINT64_MAX)
		snprintf(shown->owned_name, size, "%s", group->name);
	else
		snprintf(shown->owned_name, size, "%llu %s", (unsigned long long)group->nr,
			 group->name);
	shown->name = shown->owned_name;
	return shown;
}

void groups_print(const struct stats *stats, struct buf *out)
{
	static const char *const titles[] = {
		[BY_PID] = "process", [BY_TID] = "thread", [BY_COMM] = "command"
	};
	struct summary summary = {
		.columns = { COLUMN_CALLS, COLUMN_TOTAL_TIME, COLUMN_ERRORS, COLUMN_BYTES,
			     COLUMN_NAME },
		.column_count = 5,
	};
	const struct group_counts *groups = &stats->groups;
	struct call_counts **rows = xcalloc(groups->count + 1, sizeof(struct call_counts *));
	size_t count = 0;

	/* One whose program has changed before its first call ended has none. */
	for (size_t i = 0; i < groups->count; i++)
		if (groups->rows[i]->calls > 0)
			rows[count++] = group_shown(stats, groups->rows[i]);
	if (stats->corrected)
		summary.columns[1] = COLUMN_TRUE_TOTAL;
	counts_sort_rows(rows, count, summary.columns[1]);
	if (count > 0) {
		buf_printf(out, "Calls by %s:\n", titles[stats->summary->by]);
		table_print(&summary, titles[stats->summary->by], rows, count, count, out);
	}
	for (size_t i = 0; i < count; i++) {
		free(rows[i]->owned_name);
		free(rows[i]);
	}
	free(rows);
}
