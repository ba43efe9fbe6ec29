/* SPDX-License-Identifier: MIT */
/* --help and --version.  What is printed comes from the table of options and from config.h. */
#include "option.h"

#include <string.h>

#include "mtrace/abi.h"
#include "mtrace/log.h"

#include "config.h"

#define WIDTH 80  /* columns that --help may use, less one */
#define INDENT 26 /* where descriptions begin */

static const char *const group_titles[GROUP_COUNT] = {
	[GROUP_GENERAL] = "General",     [GROUP_STARTUP] = "What to trace",
	[GROUP_TRACING] = "Tracing",     [GROUP_FILTERING] = "Filtering",
	[GROUP_TAMPERING] = "Tampering", [GROUP_OUTPUT] = "Output",
	[GROUP_STATISTICS] = "Statistics",
	[GROUP_MISC] = "Miscellaneous",
};

/* "  -s, --string-limit=N"; returns the columns used. */
static int print_syntax(FILE *out, const struct option_row *row)
{
	const char *argument = row->argument_name ? row->argument_name : "";
	int used = 2;

	fputs("  ", out);
	if (row->letter && row->name)
		used += fprintf(out, "-%c, ", row->letter);
	else if (row->letter)
		return used + fprintf(out, "-%c %s", row->letter, argument);
	else
		used += fprintf(out, "    ");
	used += fprintf(out, "--%s", row->name);
	if (row->argument == ARGUMENT_REQUIRED)
		used += fprintf(out, "=%s", argument);
	else if (row->argument == ARGUMENT_OPTIONAL)
		used += fprintf(out, "[=%s]", argument);
	return used;
}

/* Words from column INDENT on, in as many lines as they need; `column` is where the line stands. */
static void print_wrapped(FILE *out, const char *text, int column)
{
	const char *gap = "";

	if (column >= INDENT - 1) {
		fputc('\n', out);
		column = 0;
	}
	column += fprintf(out, "%*s", INDENT - column, "");
	while (*text) {
		int len = (int)strcspn(text, " ");

		if (column + (int)strlen(gap) + len >= WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
			gap = "";
		}
		column += fprintf(out, "%s%.*s", gap, len, text);
		gap = " ";
		text += len + (text[len] == ' ');
	}
	fputc('\n', out);
}

void usage_print(FILE *out)
{
	const char *name = log_name();

	fprintf(out,
		"Usage: %s [OPTION]... PROG [ARGUMENT]...\n"
		"   or: %s [OPTION]... -p PID\n"
		"Print the system calls of programs and the signals that they receive.\n",
		name, name);
	for (unsigned group = 0; group < GROUP_COUNT; group++) {
		bool titled = false;

		for (unsigned i = 0; i < option_row_count; i++) {
			const struct option_row *row = &option_rows[i];

			if (row->group != group || !row->help)
				continue;
			if (!titled)
				fprintf(out, "\n%s:\n", group_titles[group]);
			titled = true;
			print_wrapped(out, row->help, print_syntax(out, row));
		}
	}
	fprintf(out,
		"\nOptions are those of strace(1) as far as they are listed here; long ones may "
		"be\nabbreviated. More in mtrace(1).\n");
}

void version_print(FILE *out)
{
	static const char libraries[] = ""
#ifdef HAVE_LIBDW
					" libdw"
#endif
#ifdef HAVE_LIBUNWIND
					" libunwind"
#endif
		;

	fprintf(out,
		"%s -- version %s\n"
		"Copyright (c) The mtrace authors.\n"
		"This is free software under the MIT license; there is NO WARRANTY, to the extent\n"
		"permitted by law.\n\n",
		log_name(), PACKAGE_VERSION);
	fputs("Optional features enabled: (none)\n", out);
	fprintf(out, "Libraries found when built:%s\n", libraries[0] ? libraries : " (none)");
	fputs("System calls of:", out);
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++)
		fprintf(out, " %s", abi_name(abi));
	fputc('\n', out);
}
