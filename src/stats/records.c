/* SPDX-License-Identifier: MIT */
/* The summary as records, one per line (--json).  Called by summary.c. */
#include <stdlib.h>
#include <string.h>

#include "counts.h"
#include "mtrace/json.h"

static void record_add_times(struct buf *out, const struct call_counts *counts,
			     const struct summary *summary, bool corrected)
{
	if (!summary->wall)
		json_unsigned_member(out, "system_ns", counts->time.total);
	json_unsigned_member(out, "wall_ns", counts->wall.total);
	json_unsigned_member(out, "wall_min_ns", counts->wall.min);
	json_unsigned_member(out, "wall_max_ns", counts->wall.max);
	if (counts->histogram != NULL) {
		json_unsigned_member(out, "p50_ns", histogram_quantile(counts->histogram, 500));
		json_unsigned_member(out, "p95_ns", histogram_quantile(counts->histogram, 950));
		json_unsigned_member(out, "p99_ns", histogram_quantile(counts->histogram, 990));
	}
	if (corrected) {
		json_unsigned_member(out, "true_ns", (uint64_t)(counts->true_total + 0.5));
		json_unsigned_member(out, "true_bound_ns", (uint64_t)(counts->true_bound + 0.5));
	}
}

static void record_add_counts(struct buf *out, const struct stats *stats,
			      const struct call_counts *counts)
{
	json_unsigned_member(out, "calls", counts->calls);
	json_unsigned_member(out, "errors", counts->errors);
	if (counts->moves_bytes)
		json_unsigned_member(out, "bytes", counts->bytes);
	record_add_times(out, counts, stats->summary, stats->corrected);
}

static void record_add_errors(struct buf *out, enum abi_id abi, const struct call_counts *counts)
{
	char room[32];

	json_key(out, "by_error");
	buf_add_char(out, '{');
	for (size_t i = 0; i < counts->error_count; i++)
		json_unsigned_member(out, error_name(abi, counts->by_error[i].error, room),
				     counts->by_error[i].count);
	buf_add_char(out, '}');
}

void records_print(const struct stats *stats, enum abi_id abi, struct buf *out)
{
	size_t count;
	struct call_counts **sorted = counts_sort(stats, abi, stats->summary->sort, &count);

	for (size_t i = 0; i < count; i++) {
		char room[32];

		buf_add_str(out, "{\"type\":\"summary\"");
		json_string_member(out, "abi", abi_name(abi));
		if (sorted[i]->order != UINT64_MAX)
			json_unsigned_member(out, "nr", sorted[i]->nr);
		json_string_member(out, "name", counts_name(sorted[i], room));
		record_add_counts(out, stats, sorted[i]);
		if (sorted[i]->error_count > 0)
			record_add_errors(out, abi, sorted[i]);
		buf_add_str(out, "}\n");
	}
	free(sorted);
}

void records_print_groups(const struct stats *stats, struct buf *out)
{
	enum summary_by by = stats->summary->by;

	for (size_t i = 0; i < stats->groups.count; i++) {
		const struct call_counts *group = stats->groups.rows[i];
		bool is_one = group->nr != UINT64_MAX;

		if (group->calls == 0)
			continue;
		buf_add_str(out, "{\"type\":\"summary_by\"");
		if (is_one && (by == BY_PID || by == BY_FD))
			json_unsigned_member(out, "pid", group->nr);
		if (is_one && by == BY_TID)
			json_unsigned_member(out, "tid", group->nr);
		if (is_one && by == BY_FD)
			json_signed_member(out, "fd", group->fd);
		json_key(out, by == BY_FD || by == BY_PATH ? "path" : "command");
		json_bytes(out, group->name, strlen(group->name));
		record_add_counts(out, stats, group);
		buf_add_str(out, "}\n");
	}
}
