/* SPDX-License-Identifier: MIT */
/* Finds the row of a call and counts it.  Owns struct stats.  Called by session.c. */
#include <stdlib.h>
#include <string.h>

#include "counts.h"
#include "mtrace/desc.h"
#include "mtrace/xalloc.h"

struct stats *stats_new(const struct summary *summary)
{
	struct stats *stats = xcalloc(1, sizeof(*stats));

	stats->summary = summary;
	return stats;
}

static void call_counts_free(struct call_counts *counts)
{
	if (counts == NULL)
		return;
	if (counts->histogram != NULL)
		histogram_free(counts->histogram);
	free(counts->histogram);
	free(counts->by_error);
	free(counts->owned_name);
	free(counts);
}

void stats_free(struct stats *stats)
{
	if (stats == NULL)
		return;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		struct abi_counts *counts = &stats->abis[abi];

		for (size_t i = 0; i < counts->slot_count; i++)
			call_counts_free(counts->calls[i]);
		for (size_t i = 0; i <= ODD_NUMBERS; i++)
			call_counts_free(counts->odd[i]);
		free(counts->calls);
	}
	for (size_t i = 0; i < stats->groups.count; i++)
		call_counts_free(stats->groups.rows[i]);
	free(stats->groups.rows);
	free(stats->groups.slots);
	free(stats);
}

/* Calls whose result is how many bytes they moved. */
static bool counts_moves_bytes(const char *name)
{
	static const char *const names[] = {
		"copy_file_range",
		"getdents",
		"getdents64",
		"getrandom",
		"mq_timedreceive",
		"msgrcv",
		"pread64",
		"preadv",
		"preadv2",
		"pwrite64",
		"pwritev",
		"pwritev2",
		"read",
		"readahead",
		"readv",
		"recv",
		"recvfrom",
		"recvmsg",
		"process_vm_readv",
		"process_vm_writev",
		"send",
		"sendfile",
		"sendfile64",
		"sendmsg",
		"sendto",
		"splice",
		"mq_timedreceive_time64",
		"tee",
		"vmsplice",
		"write",
		"writev",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool counts_has_column(const struct summary *summary, enum summary_column from,
			      enum summary_column to)
{
	for (unsigned i = 0; i < summary->column_count; i++)
		if (summary->columns[i] >= from && summary->columns[i] <= to)
			return true;
	return summary->json || (summary->sort >= from && summary->sort <= to);
}

struct call_counts *counts_new(const struct stats *stats, const char *name, uint64_t nr,
			       uint64_t order)
{
	struct call_counts *counts = xcalloc(1, sizeof(*counts));

	counts->name = name;
	counts->nr = nr;
	counts->order = order;
	counts->time.min = counts->wall.min = UINT64_MAX;
	counts->moves_bytes = name != NULL && counts_moves_bytes(name);
	if (counts_has_column(stats->summary, COLUMN_P50, COLUMN_P99))
		counts->histogram = xcalloc(1, sizeof(*counts->histogram));
	return counts;
}

/* A number without a name; `nr` is shown as the tracee gave it. */
static struct call_counts *counts_find_odd(const struct stats *stats, struct abi_counts *counts,
					   enum abi_id abi, uint64_t nr)
{
	size_t i;

	if (abi == ABI_X32 && nr <= UINT32_MAX)
		nr |= ABI_X32_BIT;
	for (i = 0; i < counts->odd_count; i++)
		if (counts->odd[i]->nr == nr)
			return counts->odd[i];
	if (i < ODD_NUMBERS) {
		/* Behind all calls that have names, in the order of their numbers. */
		counts->odd[i] = counts_new(stats, NULL, nr, nr);
		counts->odd_count++;
	} else if (counts->odd[i] == NULL) {
		counts->odd[i] = counts_new(stats, "(other numbers)", 0, UINT64_MAX);
	}
	return counts->odd[i];
}

/*
 * Where a call is counted: by its number, or behind these by what socketcall(2) or ipc(2) were
 * asked for.  Without reading the arguments of socketcall it cannot be told whether they can be
 * read; a NULL pointer is known to be none.
 */
static size_t counts_slot(const struct desc_abi *table, const struct desc_row *row,
			  const struct stats_sample *sample, const struct desc_row **shown)
{
	uint64_t key = sample->selector;

	*shown = row;
	if (row->multiplex == MULTIPLEX_SOCKETCALL && key < desc_socketcall_count &&
	    desc_socketcalls[key].name != NULL) {
		*shown = &desc_socketcalls[key];
		return table->row_count + table->private_count + key;
	}
	key &= 0xffff;
	if (row->multiplex == MULTIPLEX_IPC && key < desc_ipccall_count &&
	    desc_ipccalls[key].name != NULL) {
		*shown = &desc_ipccalls[key];
		return table->row_count + table->private_count + desc_socketcall_count + key;
	}
	if (sample->nr < table->row_count)
		return sample->nr;
	return table->row_count + (size_t)(row - table->private_rows);
}

static struct call_counts *counts_find(struct stats *stats, const struct stats_sample *sample)
{
	struct abi_counts *counts = &stats->abis[sample->abi];
	const struct desc_abi *table = &desc_abis[sample->abi];
	const struct desc_row *row = desc_find_row(sample->abi, sample->nr);
	const struct desc_row *shown;
	size_t slot;

	if (row == NULL)
		return counts_find_odd(stats, counts, sample->abi, sample->nr);
	if (counts->slot_count == 0) {
		counts->slot_count = table->row_count + table->private_count +
				     desc_socketcall_count + desc_ipccall_count;
		counts->calls = xcalloc(counts->slot_count, sizeof(struct call_counts *));
	}
	slot = counts_slot(table, row, sample, &shown);
	if (counts->calls[slot] == NULL)
		counts->calls[slot] = counts_new(stats, shown->name, sample->nr, slot);
	return counts->calls[slot];
}

static void time_add(struct time_counts *time, uint64_t ns)
{
	time->total += ns;
	if (ns < time->min)
		time->min = ns;
	if (ns > time->max)
		time->max = ns;
}

static void counts_add_error(struct call_counts *counts, int error)
{
	size_t i;

	for (i = 0; i < counts->error_count; i++) {
		if (counts->by_error[i].error == error) {
			counts->by_error[i].count++;
			return;
		}
	}
	counts->by_error = xrealloc(counts->by_error, i + 1, sizeof(*counts->by_error));
	counts->by_error[i] = (struct error_count){ .error = error, .count = 1 };
	counts->error_count++;
}

static uint64_t time_less(uint64_t ns, uint64_t overhead)
{
	return ns > overhead ? ns - overhead : 0;
}

struct stats_totals stats_totals(const struct stats *stats)
{
	return stats->totals;
}

static void counts_add(struct call_counts *counts, const struct summary *summary,
		       const struct stats_sample *sample)
{
	counts->calls++;
	counts->errors += sample->is_error;
	time_add(&counts->time, time_less(summary->wall ? sample->wall_ns : sample->system_ns,
					  summary->overhead_ns));
	time_add(&counts->wall, time_less(sample->wall_ns, summary->overhead_ns));
	if (sample->slept) {
		counts->slept_calls++;
		counts->slept_gap += sample->gap_ns;
	} else {
		counts->awake_gap += sample->gap_ns;
		counts->awake_cpu += sample->cpu_ns;
		counts->shared_calls += sample->shared;
	}
	if (counts->histogram != NULL)
		histogram_add(counts->histogram, sample->wall_ns);
}

void stats_add(struct stats *stats, const struct stats_sample *sample)
{
	struct call_counts *counts;
	uint64_t bytes = 0;

	if (sample->abi >= ABI_COUNT)
		return;
	counts = counts_find(stats, sample);
	counts_add(counts, stats->summary, sample);
	if (!sample->is_error && counts->moves_bytes && sample->result > 0)
		bytes = (uint64_t)sample->result;
	counts->bytes += bytes;
	stats->totals.calls++;
	stats->totals.errors += sample->is_error;
	stats->totals.bytes += bytes;
	if (sample->is_error && stats->summary->errors)
		counts_add_error(counts, (int)-sample->result);
	if (sample->group != NULL) {
		struct call_counts *group = sample->group;

		counts_add(group, stats->summary, sample);
		group->bytes += bytes;
		group->moves_bytes = true;
	}
}
