/* SPDX-License-Identifier: MIT */
/*
 * Who is traced: records by tid, in a chained hash that grows, and in order of birth.  Used by the
 * whole of src/tracer.
 */
#include <stdlib.h>

#include "mtrace/xalloc.h"
#include "tracer_internal.h"

#define TRACEE_FIRST_BUCKETS 64

static void tracee_hang_in(struct tracee_table *table, struct tracee_record *record)
{
	struct tracee_record **bucket = tracee_bucket(table, record->tracee.tid);

	record->in_bucket = *bucket;
	*bucket = record;
}

static void tracee_take_out(struct tracee_table *table, struct tracee_record *record)
{
	struct tracee_record **link = tracee_bucket(table, record->tracee.tid);

	while (*link != record)
		link = &(*link)->in_bucket;
	*link = record->in_bucket;
}

static void tracee_table_grow(struct tracee_table *table)
{
	size_t count = table->bucket_count > 0 ? table->bucket_count * 2 : TRACEE_FIRST_BUCKETS;
	struct tracee_record *record;

	free(table->buckets);
	table->buckets = xcalloc(count, sizeof(struct tracee_record *));
	table->bucket_count = count;
	for (record = table->oldest; record != NULL; record = record->newer)
		tracee_hang_in(table, record);
}

static void tracee_set_tid(struct tracee_record *record, int tid)
{
	record->tracee.tid = tid;
	tracee_memory_init(&record->memory, record->memory.cache, tid);
	tracee_resolver_init(&record->resolver, tid);
}

struct tracee_record *tracee_add(struct tracee_table *table, struct page_cache *cache, int tid)
{
	struct tracee_record *record = xcalloc(1, sizeof(*record));

	if (table->count >= table->bucket_count)
		tracee_table_grow(table);
	record->memory.cache = cache;
	tracee_set_tid(record, tid);
	record->tracee.memory = &record->memory.memory;
	record->tracee.resolver = &record->resolver.resolver;
	record->older = table->newest;
	if (table->newest != NULL)
		table->newest->newer = record;
	else
		table->oldest = record;
	table->newest = record;
	tracee_hang_in(table, record);
	table->count++;
	return record;
}

void tracee_rename(struct tracee_table *table, struct tracee_record *record, int tid)
{
	tracee_take_out(table, record);
	tracee_set_tid(record, tid);
	tracee_hang_in(table, record);
}

void tracee_remove(struct tracee_table *table, struct tracee_record *record)
{
	tracee_take_out(table, record);
	if (record->older != NULL)
		record->older->newer = record->newer;
	else
		table->oldest = record->newer;
	if (record->newer != NULL)
		record->newer->older = record->older;
	else
		table->newest = record->older;
	table->count--;
	free(record->tamper);
	free(record);
}

void tracee_table_free(struct tracee_table *table)
{
	while (table->oldest != NULL)
		tracee_remove(table, table->oldest);
	free(table->buckets);
	*table = (struct tracee_table){ 0 };
}
