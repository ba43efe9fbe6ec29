/* SPDX-License-Identifier: MIT */
/*
 * One table, as strace lays it out.  Called by summary.c.
 *
 * A column is as wide as its heading's line of dashes, or as its widest cell; all are set to the
 * right but the names.
 */
#include <stdio.h>
#include <string.h>

#include "counts.h"

struct column_layout {
	const char *heading;
	unsigned width;
};

static const struct column_layout layouts[COLUMN_COUNT] = {
	[COLUMN_TIME_PERCENT] = { "% time", 6 },    [COLUMN_TOTAL_TIME] = { "seconds", 11 },
	[COLUMN_MIN_TIME] = { "shortest", 8 },      [COLUMN_MAX_TIME] = { "longest", 8 },
	[COLUMN_AVG_TIME] = { "usecs/call", 11 },   [COLUMN_WALL_TOTAL] = { "wall-total", 11 },
	[COLUMN_WALL_MIN] = { "wall-min", 8 },      [COLUMN_WALL_MAX] = { "wall-max", 8 },
	[COLUMN_WALL_AVG] = { "wall-avg", 11 },     [COLUMN_CALLS] = { "calls", 9 },
	[COLUMN_ERRORS] = { "errors", 9 },          [COLUMN_NAME] = { "", 16 },
	[COLUMN_P50] = { "p50-usecs", 9 },          [COLUMN_P95] = { "p95-usecs", 9 },
	[COLUMN_P99] = { "p99-usecs", 9 },          [COLUMN_BYTES] = { "bytes", 9 },
	[COLUMN_TRUE_TOTAL] = { "true-total", 11 }, [COLUMN_TRUE_AVG] = { "true-avg", 9 },
};

/* What the line of totals shows: as a row, but that its percentage is 100 by definition. */
struct table {
	const struct summary *summary;
	const char *heading; /* of the names */
	struct call_counts total;
	unsigned widths[COLUMN_COUNT];
	struct buf *out;
};

static void cell_seconds(char *cell, size_t size, uint64_t ns)
{
	uint64_t us = ns / 1000 + (ns % 1000 >= 500);

	snprintf(cell, size, "%llu.%06llu", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us % 1000000));
}

static void cell_average(char *cell, size_t size, uint64_t ns, uint64_t calls)
{
	snprintf(cell, size, "%llu", (unsigned long long)(ns / calls / 1000));
}

static void cell_quantile(char *cell, size_t size, const struct call_counts *counts,
			  unsigned permille)
{
	uint64_t ns;

	cell[0] = '\0';
	if (counts->histogram == NULL)
		return;
	ns = histogram_quantile(counts->histogram, permille);
	snprintf(cell, size, "%.*f", ns < 1000000 ? 2 : 0, (double)ns / 1e3);
}

static void cell_percent(char *cell, size_t size, const struct table *table,
			 const struct call_counts *counts)
{
	double share = 0;

	if (counts == &table->total)
		share = 100;
	else if (table->total.time.total > 0)
		share = 100.0 * (double)counts->time.total / (double)table->total.time.total;
	snprintf(cell, size, "%.2f", share);
}

static void cell_count(char *cell, size_t size, uint64_t count)
{
	if (count > 0)
		snprintf(cell, size, "%llu", (unsigned long long)count);
	else
		cell[0] = '\0';
}

static void cell_true(char *cell, size_t size, double ns, double bound, bool seconds)
{
	/* What the correction leaves may be less than it is known to. */
	bool below = ns < bound;
	double shown = below ? bound : ns;

	/* A bound is rounded up, so that it is none of zero. */
	if (seconds && below)
		shown += 499;
	if (seconds)
		snprintf(cell, size, "%s%.6f", below ? "<" : "", shown / 1e9);
	else
		snprintf(cell, size, "%s%.*f", below ? "<" : "", shown < 1e6 ? 2 : 0, shown / 1e3);
}

static void cell_fill(char *cell, size_t size, const struct table *table,
		      const struct call_counts *counts, enum summary_column column)
{
	double calls = (double)counts->calls;

	switch (column) {
	case COLUMN_TIME_PERCENT:
		cell_percent(cell, size, table, counts);
		break;
	case COLUMN_TOTAL_TIME:
		cell_seconds(cell, size, counts->time.total);
		break;
	case COLUMN_MIN_TIME:
		cell_seconds(cell, size, counts->time.min);
		break;
	case COLUMN_MAX_TIME:
		cell_seconds(cell, size, counts->time.max);
		break;
	case COLUMN_AVG_TIME:
		cell_average(cell, size, counts->time.total, counts->calls);
		break;
	case COLUMN_WALL_TOTAL:
		cell_seconds(cell, size, counts->wall.total);
		break;
	case COLUMN_WALL_MIN:
		cell_seconds(cell, size, counts->wall.min);
		break;
	case COLUMN_WALL_MAX:
		cell_seconds(cell, size, counts->wall.max);
		break;
	case COLUMN_WALL_AVG:
		cell_average(cell, size, counts->wall.total, counts->calls);
		break;
	case COLUMN_CALLS:
		snprintf(cell, size, "%llu", (unsigned long long)counts->calls);
		break;
	case COLUMN_ERRORS:
		cell_count(cell, size, counts->errors);
		break;
	case COLUMN_NAME:
	case COLUMN_P50:
		cell_quantile(cell, size, counts, 500);
		break;
	case COLUMN_P95:
		cell_quantile(cell, size, counts, 950);
		break;
	case COLUMN_P99:
		cell_quantile(cell, size, counts, 990);
		break;
	case COLUMN_BYTES:
		cell_count(cell, size, counts->bytes);
		break;
	case COLUMN_TRUE_TOTAL:
		cell_true(cell, size, counts->true_total, counts->true_bound, true);
		break;
	case COLUMN_TRUE_AVG:
		cell_true(cell, size, counts->true_total / calls, counts->true_bound / calls,
			  false);
		break;
	case COLUMN_COUNT:
		cell[0] = '\0';
		break;
	}
}

/* Room for the widest number, of 64 bits. */
#define CELL_SIZE 64
/* A path may be of any length: the line under the heading is not. */
#define NAME_WIDTH_MOST 48

static void table_measure(struct table *table, const struct call_counts *counts)
{
	char cell[CELL_SIZE], room[32];

	for (unsigned i = 0; i < table->summary->column_count; i++) {
		enum summary_column column = (enum summary_column)table->summary->columns[i];
		size_t len;

		if (column != COLUMN_NAME) {
			cell_fill(cell, sizeof(cell), table, counts, column);
			len = strlen(cell);
		} else {
			/* A name is followed by a blank, be it the last of its line or not. */
			len = strlen(counts_name(counts, room)) + (counts != &table->total);
			if (len > NAME_WIDTH_MOST)
				len = NAME_WIDTH_MOST;
		}
		if (len > table->widths[column])
			table->widths[column] = (unsigned)len;
	}
}

static void table_add_name(struct table *table, const char *name, bool last)
{
	size_t start = table->out->len;

	buf_add_str(table->out, name);
	if (!last)
		buf_pad(table->out, start, table->widths[COLUMN_NAME], ' ');
}

/* `counts` NULL: the headings. */
static void table_add_line(struct table *table, const struct call_counts *counts)
{
	const struct summary *summary = table->summary;
	char cell[CELL_SIZE], room[32];

	for (unsigned i = 0; i < summary->column_count; i++) {
		enum summary_column column = (enum summary_column)summary->columns[i];

		if (i > 0)
			buf_add_char(table->out, ' ');
		if (column == COLUMN_NAME) {
			table_add_name(table,
				       counts != NULL ? counts_name(counts, room) : table->heading,
				       i + 1 == summary->column_count);
			continue;
		}
		if (counts != NULL)
			cell_fill(cell, sizeof(cell), table, counts, column);
		else
			snprintf(cell, sizeof(cell), "%s", layouts[column].heading);
		buf_printf(table->out, "%*s", (int)table->widths[column], cell);
	}
	buf_add_char(table->out, '\n');
}

static void table_add_rule(struct table *table)
{
	for (unsigned i = 0; i < table->summary->column_count; i++) {
		if (i > 0)
			buf_add_char(table->out, ' ');
		buf_pad(table->out, table->out->len, table->widths[table->summary->columns[i]],
			'-');
	}
	buf_add_char(table->out, '\n');
}

static void time_sum(struct time_counts *total, const struct time_counts *time)
{
	total->total += time->total;
	if (time->min < total->min)
		total->min = time->min;
	if (time->max > total->max)
		total->max = time->max;
}

static void table_sum(struct call_counts *total, const struct call_counts *counts)
{
	total->calls += counts->calls;
	total->errors += counts->errors;
	total->bytes += counts->bytes;
	total->true_total += counts->true_total;
	total->true_bound += counts->true_bound;
	time_sum(&total->time, &counts->time);
	time_sum(&total->wall, &counts->wall);
}

void table_print(const struct summary *summary, const char *heading,
		 struct call_counts *const *counts, size_t count, size_t shown, struct buf *out)
{
	struct table table = {
		.summary = summary,
		.heading = heading,
		.total = { .name = "total", .time.min = UINT64_MAX, .wall.min = UINT64_MAX },
		.out = out,
	};

	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		table.widths[i] = layouts[i].width;
	for (size_t i = 0; i < count; i++)
		table_sum(&table.total, counts[i]);
	for (size_t i = 0; i < count; i++)
		table_measure(&table, counts[i]);
	table_measure(&table, &table.total);
	table_add_line(&table, NULL);
	table_add_rule(&table);
	for (size_t i = 0; i < count && i < shown; i++)
		table_add_line(&table, counts[i]);
	table_add_rule(&table);
	table_add_line(&table, &table.total);
}
