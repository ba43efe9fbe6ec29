/* SPDX-License-Identifier: MIT */
/*
 * mtrace-desc: reads the descriptions (.desc, .set, .tbl) and writes them as const tables in C.
 * All errors of all files are reported, sorted by place; if there is one, nothing is written.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"

void report(struct program *program, struct pos pos, const char *format, ...)
{
	struct diagnostic d = { .pos = pos };
	va_list args;
	char text[512];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (unsigned i = 0; i < program->diagnostics.count; i++) {
		const struct diagnostic *other = &program->diagnostics.at[i];

		if (other->pos.line == pos.line && strcmp(other->pos.file, pos.file) == 0 &&
		    strcmp(other->text, text) == 0)
			return;
	}
	d.text = mem_copy_text(text, strlen(text));
	LIST_ADD(&program->diagnostics, d);
}

static int diagnostic_order(const void *a, const void *b)
{
	const struct diagnostic *x = a, *y = b;
	int order = strcmp(x->pos.file, y->pos.file);

	if (order)
		return order;
	if (x->pos.line != y->pos.line)
		return x->pos.line < y->pos.line ? -1 : 1;
	return x->pos.column < y->pos.column ? -1 : x->pos.column > y->pos.column;
}

static bool diagnostics_print(struct program *program, bool all)
{
	unsigned count = program->diagnostics.count;

	if (!count)
		return false;
	qsort(program->diagnostics.at, count, sizeof(*program->diagnostics.at), diagnostic_order);
	for (unsigned i = 0; i < count && (all || i < DIAGNOSTICS_MAX); i++) {
		const struct diagnostic *d = &program->diagnostics.at[i];

		fprintf(stderr, "%s:%u:%u: error: %s\n", d->pos.file, d->pos.line, d->pos.column,
			d->text);
	}
	if (!all && count > DIAGNOSTICS_MAX)
		fprintf(stderr, "mtrace-desc: %u errors, the first %u shown\n", count,
			DIAGNOSTICS_MAX);
	return true;
}

static char *file_read(const char *path)
{
	FILE *file = fopen(path, "r");
	LIST(char) text = { NULL, 0, 0 };
	int byte;

	if (!file)
		return NULL;
	while ((byte = getc(file)) != EOF)
		if (byte)
			LIST_ADD(&text, (char)byte);
	fclose(file);
	LIST_ADD(&text, '\0');
	return text.at;
}

static bool has_ending(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	return len > end && strcmp(name + len - end, ending) == 0;
}

static bool is_description(const char *name)
{
	return has_ending(name, ".desc") || has_ending(name, ".set") || has_ending(name, ".tbl");
}

/* ---- the list of files ------------------------------------------------------------------- */

struct file_list {
	struct program *program;
	const char *file;
	LIST(const char *) names;
};

static void file_list_read(struct file_list *list)
{
	char *text = file_read(list->file);

	if (!text) {
		report(list->program, (struct pos){ list->file, 1, 1 }, "cannot be read");
		return;
	}
	for (char *comment = text; (comment = strchr(comment, '#'));)
		memset(comment, ' ', strcspn(comment, "\n"));
	for (char *word = strtok(text, " \t\n\\="); word; word = strtok(NULL, " \t\n\\="))
		if (is_description(word))
			LIST_ADD(&list->names, word);
}

/* A name in the list may have any folder before it. */
static bool file_listed(const struct file_list *list, const char *name)
{
	for (unsigned i = 0; i < list->names.count; i++) {
		const char *listed = list->names.at[i];

		if (strcmp(listed, name) == 0 || has_ending(listed, mem_format("/%s", name)))
			return true;
	}
	return false;
}

/* Every description below the folder of the list must be in it; `below` ends in a slash or is "". */
static void file_list_check(struct file_list *list, const char *folder, const char *below,
			    unsigned depth)
{
	DIR *dir = opendir(mem_format("%s%s", folder, below));
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *name = mem_format("%s%s", below, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		if (is_description(entry->d_name)) {
			if (!file_listed(list, name))
				report(list->program, (struct pos){ list->file, 1, 1 },
				       "%s is not listed", name);
		} else if (depth < 2 && !strchr(entry->d_name, '.')) {
			file_list_check(list, folder, mem_format("%s/", name), depth + 1);
		}
	}
	if (dir)
		closedir(dir);
}

static void file_list_run(struct program *program, const char *file)
{
	struct file_list list = { .program = program, .file = file };
	const char *slash = strrchr(file, '/');
	const char *folder = slash ? mem_copy_text(file, (size_t)(slash + 1 - file)) : "./";

	file_list_read(&list);
	file_list_check(&list, folder, "", 0);
}

/* ---- command line ------------------------------------------------------------------------ */

static int usage(void)
{
	fputs("usage: mtrace-desc [-ap] [-l LIST] [-o TABLES.c] [-H HOOKS.h] FILE...\n"
	      "  -l LIST  every description beside LIST must be named in it\n"
	      "  -o FILE  the tables; -H FILE  prototypes of hooks; without them errors are all\n"
	      "  -a       all errors, not the first 100\n"
	      "  -p       part of a tree: what is not used or not there yet is no error\n",
	      stderr);
	return 2;
}

static void input_read(struct program *program, const char *path)
{
	const char *text = file_read(path);

	if (!text)
		report(program, (struct pos){ path, 1, 1 }, "cannot be read");
	else if (has_ending(path, ".tbl"))
		numbers_parse_file(program, path, text);
	else if (is_description(path))
		parse_file(program, path, text);
	else
		report(program, (struct pos){ path, 1, 1 }, "is neither .desc, .set nor .tbl");
}

static int path_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
	struct program program = { .diagnostics = { NULL, 0, 0 } };
	struct checker checker = { .program = &program };
	const char *tables = NULL, *header = NULL, *list = NULL;
	bool all = false;
	int option;

	while ((option = getopt(argc, argv, "apl:o:H:")) != -1) {
		switch (option) {
		case 'a':
			all = true;
			break;
		case 'p':
			checker.partial = true;
			break;
		case 'l':
			list = optarg;
			break;
		case 'o':
			tables = optarg;
			break;
		case 'H':
			header = optarg;
			break;
		default:
			return usage();
		}
	}
	if (optind == argc)
		return usage();
	/* The order of files on the command line must not show in what is written. */
	qsort(argv + optind, (size_t)(argc - optind), sizeof(*argv), path_order);
	for (int i = optind; i < argc; i++)
		input_read(&program, argv[i]);
	if (list)
		file_list_run(&program, list);
	checker_run(&checker);
	if (diagnostics_print(&program, all))
		return 1;
	if (tables && !emit_files(&checker, tables, header))
		return 2;
	return 0;
}
