/* SPDX-License-Identifier: MIT */
/* Reading tests/data. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"

void facts_open(struct facts *facts, const char *name)
{
	const char *srcdir = getenv("srcdir");

	memset(facts, 0, sizeof(*facts));
	snprintf(facts->path, sizeof(facts->path), "%s/tests/data/%s", srcdir ? srcdir : ".", name);
	facts->file = fopen(facts->path, "r");
	if (!facts->file) {
		fprintf(stderr, "%s: %s\n", facts->path, strerror(errno));
		exit(1);
	}
}

bool facts_next(struct facts *facts)
{
	while (fgets(facts->text, sizeof(facts->text), facts->file)) {
		char *rest = NULL;

		facts->line++;
		facts->count = 0;
		for (char *word = strtok_r(facts->text, " \t\n", &rest);
		     word && *word != '#' && facts->count < FACT_WORDS;
		     word = strtok_r(NULL, " \t\n", &rest))
			facts->words[facts->count++] = word;
		if (facts->count)
			return true;
	}
	fclose(facts->file);
	return false;
}
