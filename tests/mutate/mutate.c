/* SPDX-License-Identifier: MIT */
/*
 * Mutations of the descriptions: small changes, each of which a test should notice.  Called by
 * mutate.sh, which says what became of them.
 *
 *	mutate list SEED COUNT FILE...         one line for each: kind, file:line: before -> after
 *	mutate apply SEED NUMBER DIR FILE...   writes the changed file to DIR/FILE
 *
 * The order of mutations follows from the seed and the files alone.  It goes round the kinds by their
 * weights, so that the few places of one kind are not lost among the many of another.
 */
#include "mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned weight;
} kinds[KIND_COUNT] = {
	[KIND_VALUE] = {"value", 4},   [KIND_CONDITION] = {"condition", 4}, [KIND_PHASE] = {"phase", 2},
	[KIND_LENGTH] = {"length", 3}, [KIND_MARK] = {"mark", 2},           [KIND_BASE] = {"base", 1},
	[KIND_WIDTH] = {"width", 3},   [KIND_ROLE] = {"role", 1},           [KIND_SET] = {"set", 2},
	[KIND_KEY] = {"key", 2},       [KIND_TEXT] = {"text", 1},
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("mutate: out of memory\n", stderr);
		exit(2);
	}
	return memory;
}

void *grow(void *list, size_t count, size_t size)
{
	/* Room doubles at powers of two. */
	if (count && (count & (count - 1)))
		return list;
	return must(realloc(list, (count ? count * 2 : 1) * size));
}

char *text_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return must(text);
}

/* ---- chance --------------------------------------------------------------------------------- */

uint64_t chance(struct mutator *m)
{
	/* xorshift64* (Vigna): the same everywhere. */
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return m->random * UINT64_C(0x2545F4914F6CDD1D) >> 11;
}

static void shuffle(struct mutator *m, struct mutation *list, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)(chance(m) % i);
		struct mutation swapped = list[i - 1];

		list[i - 1] = list[other];
		list[other] = swapped;
	}
}

/* Mutation `number` of the order; false if there are not so many. */
static bool mutation_choose(struct mutator *m, size_t number, struct mutation *chosen, unsigned *kind)
{
	size_t used[KIND_COUNT] = {0}, left = number;

	for (;;) {
		bool any = false;

		for (unsigned turn = 0; turn < 4; turn++)
			for (unsigned k = 0; k < KIND_COUNT; k++) {
				if (turn >= kinds[k].weight || used[k] >= m->counts[k])
					continue;
				any = true;
				if (!left--) {
					*chosen = m->found[k][used[k]];
					*kind = k;
					return true;
				}
				used[k]++;
			}
		if (!any)
			return false;
	}
}

/* ---- files ---------------------------------------------------------------------------------- */

static char *file_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0, got;

	*len = 0;
	if (!file) {
		perror(path);
		exit(2);
	}
	do {
		if (size - *len < 4096)
			text = must(realloc(text, (size = size * 2 + 8192)));
		got = fread(text + *len, 1, size - *len - 1, file);
		*len += got;
	} while (got);
	fclose(file);
	text[*len] = '\0';
	return text;
}

static char *mutation_text(const struct source *source, const struct mutation *mutation)
{
	char *text = NULL;
	size_t at = 0;

	for (unsigned i = 0; i < mutation->edit_count; i++) {
		const struct edit *edit = &mutation->edits[i];
		char *longer = text_format("%s%.*s%s", text ? text : "", (int)(edit->offset - at),
					   source->text + at, edit->text);

		free(text);
		text = longer;
		at = edit->offset + edit->len;
	}
	return text_format("%s%s", text, source->text + at);
}

static size_t line_start(const char *text, size_t offset)
{
	while (offset && text[offset - 1] != '\n')
		offset--;
	return offset;
}

/* Prints what lies between two places on one line: blanks and line breaks as one blank. */
static void print_flat(const char *text, size_t from, size_t to)
{
	bool blank = true;

	for (; from < to; from++) {
		bool is_blank = text[from] == ' ' || text[from] == '\t' || text[from] == '\n';

		if (!is_blank)
			putchar(text[from]);
		else if (!blank && from + 1 < to)
			putchar(' ');
		blank = is_blank;
	}
}

static void mutation_print(const struct source *source, const struct mutation *mutation, unsigned kind)
{
	const struct edit *first = &mutation->edits[0];
	const struct edit *last = &mutation->edits[mutation->edit_count - 1];
	size_t start = line_start(source->text, first->offset), end = last->offset + last->len;
	char *changed = mutation_text(source, mutation);
	size_t line = 1, grown;

	while (source->text[end] && source->text[end] != '\n')
		end++;
	for (size_t i = 0; i < first->offset; i++)
		line += source->text[i] == '\n';
	grown = end + strlen(changed) - source->len;
	printf("%s\t%s:%zu: ", kinds[kind].name, source->path, line);
	print_flat(source->text, start, end);
	fputs(" -> ", stdout);
	print_flat(changed, start, grown);
	putchar('\n');
	free(changed);
}

static int list(struct mutator *m, size_t count)
{
	struct mutation mutation;
	unsigned kind;

	for (size_t i = 0; i < count && mutation_choose(m, i, &mutation, &kind); i++)
		mutation_print(mutation.source, &mutation, kind);
	return 0;
}

static int apply(struct mutator *m, size_t number, const char *folder)
{
	struct mutation mutation;
	unsigned kind;
	char *path, *text;
	FILE *file;

	if (!mutation_choose(m, number, &mutation, &kind)) {
		fprintf(stderr, "mutate: there are fewer mutations than %zu\n", number + 1);
		return 2;
	}
	path = text_format("%s/%s", folder, mutation.source->path);
	text = mutation_text(mutation.source, &mutation);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file)) {
		perror(path);
		return 2;
	}
	puts(mutation.source->path);
	free(text);
	free(path);
	return 0;
}

int main(int argc, char **argv)
{
	struct mutator m = {.random = 1};
	bool lists = argc > 1 && !strcmp(argv[1], "list");
	int first = lists ? 4 : 5;

	if (argc <= first || (!lists && strcmp(argv[1], "apply"))) {
		fputs("usage: mutate list SEED COUNT FILE...\n"
		      "       mutate apply SEED NUMBER DIR FILE...\n", stderr);
		return 2;
	}
	m.random = strtoull(argv[2], NULL, 0) * 2 + 1;
	for (unsigned i = 0; i < 8; i++)
		chance(&m);
	m.sources = must(calloc((size_t)(argc - first), sizeof(*m.sources)));
	for (int i = first; i < argc; i++) {
		struct source *source = &m.sources[m.source_count++];

		source->path = argv[i];
		source->text = file_read(argv[i], &source->len);
		tokens_scan(source);
		sets_note(&m, source);
	}
	for (size_t i = 0; i < m.source_count; i++)
		mutations_find(&m, &m.sources[i]);
	for (unsigned k = 0; k < KIND_COUNT; k++)
		shuffle(&m, m.found[k], m.counts[k]);
	if (lists)
		return list(&m, strtoul(argv[3], NULL, 0));
	return apply(&m, strtoul(argv[3], NULL, 0), argv[4]);
}
