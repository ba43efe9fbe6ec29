/* SPDX-License-Identifier: MIT */
/* The summary as records, one per line (--json).  Called by summary.c. */
#include <stdlib.h>

#include "counts.h"

/* Names are ours: no character of them needs to be escaped.  Those of groups are the tracees'. */
static void record_add_string(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":\"", name);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			buf_add_char(out, '\\');
		/* A command's name is 15 bytes of any kind: what is not ASCII is not shown. */
		if (c < ' ' || c > '~')
			buf_add_str(out, "\\ufffd");
		else
			buf_add_char(out, *text);
	}
	buf_add_char(out, '"');
}

static void record_add_number(struct buf *out, const char *name, uint64_t number)
{
	buf_printf(out, ",\"%s\":%llu", name, (unsigned long long)number);
}

static void record_add_times(struct buf *out, const struct call_counts *counts,
			     const struct summary *summary, bool corrected)
{
	if (!summary->wall)
		record_add_number(out, "system_ns", counts->time.total);
	record_add_number(out, "wall_ns", counts->wall.total);
	record_add_number(out, "wall_min_ns", counts->wall.min);
	record_add_number(out, "wall_max_ns", counts->wall.max);
	if (counts->histogram != NULL) {
		record_add_number(out, "p50_ns", histogram_quantile(counts->histogram, 500));
		record_add_number(out, "p95_ns", histogram_quantile(counts->histogram, 950));
		record_add_number(out, "p99_ns", histogram_quantile(counts->histogram, 990));
	}
	if (corrected) {
		record_add_number(out, "true_ns", (uint64_t)(counts->true_total + 0.5));
		record_add_number(out, "true_bound_ns", (uint64_t)(counts->true_bound + 0.5));
	}
}

static void record_add_counts(struct buf *out, const struct stats *stats,
			      const struct call_counts *counts)
{
	record_add_number(out, "calls", counts->calls);
	record_add_number(out, "errors", counts->errors);
	if (counts->moves_bytes)
		record_add_number(out, "bytes", counts->bytes);
	record_add_times(out, counts, stats->summary, stats->corrected);
}

static void record_add_errors(struct buf *out, enum abi_id abi, const struct call_counts *counts)
{
	char room[32];

	buf_add_str(out, ",\"by_error\":{");
	for (size_t i = 0; i < counts->error_count; i++)
		buf_printf(out, "%s\"%s\":%llu", i > 0 ? "," : "",
			   error_name(abi, counts->by_error[i].error, room),
			   (unsigned long long)counts->by_error[i].count);
	buf_add_char(out, '}');
}

void records_print(const struct stats *stats, enum abi_id abi, struct buf *out)
{
	size_t count;
	struct call_counts **sorted = counts_sort(stats, abi, stats->summary->sort, &count);

	for (size_t i = 0; i < count; i++) {
		char room[32];

		buf_add_str(out, "{\"type\":\"summary\"");
		record_add_string(out, "abi", abi_name(abi));
		record_add_string(out, "call", counts_name(sorted[i], room));
		if (sorted[i]->order != UINT64_MAX)
			record_add_number(out, "nr", sorted[i]->nr);
		record_add_counts(out, stats, sorted[i]);
		if (sorted[i]->error_count > 0)
			record_add_errors(out, abi, sorted[i]);
		buf_add_str(out, "}\n");
	}
	free(sorted);
}

void records_print_groups(const struct stats *stats, struct buf *out)
{
	static const char *const types[] = {
		[BY_PID] = "pid", [BY_TID] = "tid", [BY_FD] = "pid", [BY_PATH] = NULL
	};
	enum summary_by by = stats->summary->by;

	for (size_t i = 0; i < stats->groups.count; i++) {
		const struct call_counts *group = stats->groups.rows[i];

		buf_add_str(out, "{\"type\":\"summary_by\"");
		if (types[by] != NULL && group->nr != UINT64_MAX)
			record_add_number(out, types[by], group->nr);
		if (by == BY_FD && group->nr != UINT64_MAX)
			record_add_number(out, "fd", (uint64_t)group->fd);
		record_add_string(out, by == BY_FD || by == BY_PATH ? "path" : "comm", group->name);
		record_add_counts(out, stats, group);
		buf_add_str(out, "}\n");
	}
}
