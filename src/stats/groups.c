/* SPDX-License-Identifier: MIT */
/* Who makes the calls (--summary-by).  Called by tally.c and summary.c. */
#include <stdlib.h>
#include <string.h>

#include "counts.h"
#include "mtrace/quote.h"
#include "mtrace/xalloc.h"

/* Beyond so many processes or files the rest share a row: a trace of a build has no end of them. */
#define GROUPS_MOST 4096
#define GROUPS_SLOTS (4 * GROUPS_MOST) /* a power of two */

static struct call_counts *group_new(const struct stats *stats, const char *name, uint64_t id,
				     int fd, uint64_t order)
{
	struct call_counts *group = counts_new(stats, name, id, order);

	group->owned_name = xstrdup(name);
	group->name = group->owned_name;
	group->fd = fd;
	return group;
}

/* What rows are told apart by: FNV-1a over it. */
static uint64_t group_hash(enum summary_by by, int id, int fd, const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	if (by == BY_PID || by == BY_TID || by == BY_FD)
		hash = (hash ^ (uint64_t)id) * 0x100000001b3;
	if (by == BY_FD)
		hash = (hash ^ (uint64_t)fd) * 0x100000001b3;
	if (by == BY_COMM || by == BY_PATH || by == BY_FD)
		for (; *name != '\0'; name++)
			hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
	return hash ^ hash >> 32;
}

static bool group_is(const struct call_counts *group, enum summary_by by, int id, int fd,
		     const char *name)
{
	bool same_id = group->nr == (uint64_t)id;
	bool same_name = (by == BY_PID || by == BY_TID) || strcmp(group->name, name) == 0;

	switch (by) {
	case BY_COMM:
	case BY_PATH:
		return same_name;
	case BY_FD:
		return same_id && same_name && group->fd == fd;
	default:
		return same_id;
	}
}

static struct call_counts *group_add(struct stats *stats, struct call_counts *group)
{
	struct group_counts *groups = &stats->groups;

	groups->rows = xrealloc(groups->rows, groups->count + 1, sizeof(struct call_counts *));
	groups->rows[groups->count++] = group;
	return group;
}

void *stats_find_group(struct stats *stats, int id, int fd, const char *name)
{
	enum summary_by by = stats->summary->by;
	struct group_counts *groups = &stats->groups;
	uint64_t slot = group_hash(by, id, fd, name) & (GROUPS_SLOTS - 1);

	if (groups->slots == NULL)
		groups->slots = xcalloc(GROUPS_SLOTS, sizeof(*groups->slots));
	for (; groups->slots[slot] != NULL; slot = (slot + 1) & (GROUPS_SLOTS - 1))
		if (group_is(groups->slots[slot], by, id, fd, name))
			return groups->slots[slot];
	if (groups->count > GROUPS_MOST)
		return groups->rows[GROUPS_MOST];
	if (groups->count == GROUPS_MOST)
		return group_add(stats, group_new(stats, "(others)", UINT64_MAX, -1, UINT64_MAX));
	groups->slots[slot] = group_new(stats, name, (uint64_t)id, fd, groups->count);
	return group_add(stats, groups->slots[slot]);
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

/* "7 bash", "7 3</etc/passwd>", or the name alone where that is what they are told apart by. */
static void group_add_name(struct buf *buf, enum summary_by by, const struct call_counts *group)
{
	bool by_name = by == BY_COMM || by == BY_PATH || group->nr == UINT64_MAX;

	if (!by_name) {
		buf_add_udec(buf, group->nr);
		buf_add_char(buf, ' ');
	}
	if (!by_name && by == BY_FD)
		buf_printf(buf, "%d<", group->fd);
	/* It is the tracee's, and goes to a terminal. */
	quote_add(buf, group->name, strlen(group->name), QUOTE_OCTAL, NULL);
	if (!by_name && by == BY_FD)
		buf_add_char(buf, '>');
	buf_add_char(buf, '\0');
}

static struct call_counts *group_shown(const struct stats *stats, const struct call_counts *group)
{
	struct call_counts *shown = xmalloc(sizeof(*shown));
	struct buf name = { 0 };

	*shown = *group;
	group_add_name(&name, stats->summary->by, group);
	shown->owned_name = name.data;
	shown->name = name.data;
	return shown;
}

void groups_print(const struct stats *stats, struct buf *out)
{
	static const char *const titles[] = { [BY_PID] = "process",
					      [BY_TID] = "thread",
					      [BY_COMM] = "command",
					      [BY_FD] = "descriptor",
					      [BY_PATH] = "file" };
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
