/* SPDX-License-Identifier: MIT */
/* Number tables: lines of `NR NAME [= CALL] [compat] [multiplex M]`, and how tables use others. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ast.h"

struct line {
	struct program *program;
	struct pos pos;
	const char *at;
	unsigned used; /* bytes of the line before `at` */
};

/* The next word; NULL at the end of the line or at a comment. */
static const char *line_word(struct line *line)
{
	size_t blank = strspn(line->at, " \t\r"), len;

	line->at += blank;
	line->used += (unsigned)blank;
	line->pos.column = line->used + 1;
	if (!*line->at || *line->at == '\n' || *line->at == '#')
		return NULL;
	len = strcspn(line->at, " \t\r\n");
	line->at += len;
	line->used += (unsigned)len;
	return mem_copy_text(line->at - len, len);
}

static bool word_number(const char *word, uint64_t *number)
{
	char *end;

	if (!word || !isdigit((unsigned char)*word))
		return false;
	*number = strtoull(word, &end, 0);
	return !*end;
}

/* use NAME [from N] [to N] */
static void line_use(struct line *line, struct number_table *table)
{
	struct use_node use = { line->pos, line_word(line), 0, UINT64_MAX };
	const char *word;

	if (!use.name)
		report(line->program, line->pos, "use which table?");
	while ((word = line_word(line))) {
		uint64_t *bound = strcmp(word, "from") == 0 ? &use.from
				  : strcmp(word, "to") == 0 ? &use.to
							    : NULL;

		if (!bound || !word_number(line_word(line), bound)) {
			report(line->program, line->pos, "expected from N or to N");
			return;
		}
	}
	if (use.name)
		LIST_ADD(&table->uses, use);
}

static void row_marks(struct line *line, struct row *row)
{
	const char *word;

	while ((word = line_word(line))) {
		if (strcmp(word, "=") == 0) {
			row->call_name = line_word(line);
			if (!row->call_name) {
				report(line->program, line->pos, "= which call?");
				row->call_name = row->name;
			}
		} else if (strcmp(word, "compat") == 0) {
			row->compat = true;
		} else if (strcmp(word, "multiplex") == 0) {
			word = line_word(line);
			if (word && strcmp(word, "socketcall") == 0)
				row->multiplex = MULTIPLEX_SOCKETCALL;
			else if (word && strcmp(word, "ipc") == 0)
				row->multiplex = MULTIPLEX_IPC;
			else
				report(line->program, line->pos, "multiplex is socketcall or ipc");
		} else {
			report(line->program, line->pos, "unknown mark %s", word);
			return;
		}
	}
}

static void line_row(struct line *line, struct number_table *table, uint64_t nr)
{
	struct row *row = mem_alloc(sizeof(*row));
	const struct row *before = NULL;

	row->nr = nr;
	row->pos = line->pos;
	row->name = row->call_name = line_word(line);
	if (!row->name) {
		report(line->program, line->pos, "number %llu has no name", (unsigned long long)nr);
		return;
	}
	row_marks(line, row);
	for (unsigned i = 0; i < table->rows.count; i++)
		if (table->rows.at[i]->nr == nr)
			before = table->rows.at[i];
	for (unsigned i = 0; i < table->private_rows.count; i++)
		if (table->private_rows.at[i]->nr == nr)
			before = table->private_rows.at[i];
	if (before)
		report(line->program, row->pos, "number %llu is already %s", (unsigned long long)nr,
		       before->name);
	else if (table->has_private && nr >= table->private_base)
		LIST_ADD(&table->private_rows, row);
	else
		LIST_ADD(&table->rows, row);
}

static void line_parse(struct line *line, struct number_table *table)
{
	const char *word = line_word(line);
	uint64_t nr;

	if (!word)
		return;
	if (word_number(word, &nr)) {
		line_row(line, table, nr);
	} else if (strcmp(word, "use") == 0) {
		line_use(line, table);
	} else if (strcmp(word, "private") == 0) {
		table->has_private = true;
		if (!word_number(line_word(line), &table->private_base))
			report(line->program, line->pos, "private from which number?");
	} else if (strcmp(word, "drop") == 0) {
		while ((word = line_word(line))) {
			struct name_node drop = { word, line->pos };

			LIST_ADD(&table->drops, drop);
		}
	} else {
		report(line->program, line->pos, "expected a number, use, drop or private");
	}
}

void numbers_parse_file(struct program *program, const char *file, const char *text)
{
	struct number_table *table = mem_alloc(sizeof(*table));
	const char *base = strrchr(file, '/');
	struct line line = { .program = program, .pos = { file, 1, 1 } };

	base = base ? base + 1 : file;
	table->name = mem_copy_text(base, strcspn(base, "."));
	table->pos = line.pos;
	LIST_ADD(&program->number_list, table);
	while (*text) {
		line.at = text;
		line.used = 0;
		line_parse(&line, table);
		text += strcspn(text, "\n");
		text += *text == '\n';
		line.pos.line++;
	}
}

/* ---- tables put together ----------------------------------------------------------------- */

static struct number_table *table_find(struct program *program, const char *name)
{
	for (unsigned i = 0; i < program->number_list.count; i++)
		if (strcmp(program->number_list.at[i]->name, name) == 0)
			return program->number_list.at[i];
	return NULL;
}

static bool table_has(const struct number_table *table, uint64_t nr)
{
	for (unsigned i = 0; i < table->rows.count; i++)
		if (table->rows.at[i]->nr == nr)
			return true;
	return false;
}

static bool table_drops(const struct number_table *table, const char *name)
{
	for (unsigned i = 0; i < table->drops.count; i++)
		if (strcmp(table->drops.at[i].name, name) == 0)
			return true;
	return false;
}

static void table_use(struct program *program, struct number_table *table,
		      const struct use_node *use)
{
	const struct number_table *other = table_find(program, use->name);

	if (!other) {
		report(program, use->pos, "no number table %s", use->name);
		return;
	}
	for (unsigned i = 0; i < other->rows.count; i++) {
		struct row *row;

		if (other->rows.at[i]->nr < use->from || other->rows.at[i]->nr > use->to ||
		    table_has(table, other->rows.at[i]->nr) ||
		    table_drops(table, other->rows.at[i]->name))
			continue;
		row = mem_alloc(sizeof(*row));
		*row = *other->rows.at[i];
		row->included = true;
		LIST_ADD(&table->rows, row);
	}
}

static unsigned rows_find_calls(struct program *program, struct row **rows, unsigned count,
				bool partial)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		struct row *row = rows[i];

		row->call = map_get(&program->calls, row->call_name);
		if (row->call)
			row->call->has_row = true;
		else if (!partial)
			report(program, row->pos, "no syscall %s is described or declared",
			       row->call_name);
		if (row->call)
			rows[kept++] = row;
	}
	return kept;
}

static int row_order(const void *a, const void *b)
{
	const struct row *const *x = a, *const *y = b;

	return (*x)->nr < (*y)->nr ? -1 : (*x)->nr > (*y)->nr;
}

/* Numbers are indices of dense arrays; private ones are looked up. */
#define NUMBER_MAX 4096

static void check_range(struct program *program, const struct number_table *table)
{
	for (unsigned i = 0; i < table->rows.count; i++)
		if (table->rows.at[i]->nr >= NUMBER_MAX)
			report(program, table->rows.at[i]->pos, "number %llu is too large",
			       (unsigned long long)table->rows.at[i]->nr);
}

void numbers_join(struct program *program, bool partial)
{
	for (unsigned i = 0; i < program->number_list.count; i++) {
		struct number_table *table = program->number_list.at[i];

		for (unsigned k = 0; k < table->uses.count; k++)
			table_use(program, table, &table->uses.at[k]);
		check_range(program, table);
		if (table->rows.count)
			qsort(table->rows.at, table->rows.count, sizeof(*table->rows.at),
			      row_order);
		if (table->private_rows.count)
			qsort(table->private_rows.at, table->private_rows.count,
			      sizeof(*table->private_rows.at), row_order);
	}
	for (unsigned i = 0; i < program->number_list.count; i++) {
		struct number_table *table = program->number_list.at[i];

		table->rows.count = rows_find_calls(program, table->rows.at, table->rows.count,
						    partial);
		table->private_rows.count = rows_find_calls(program, table->private_rows.at,
							    table->private_rows.count, partial);
	}
}
