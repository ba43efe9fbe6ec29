/* SPDX-License-Identifier: MIT */
/* Reading tests/data: lines of words, `#` comments.  Used by the tests in tests/layout. */
#ifndef TESTS_LAYOUT_FACTS_H
#define TESTS_LAYOUT_FACTS_H

#include <stdbool.h>
#include <stdio.h>

#define FACT_WORDS 12

struct facts {
	FILE *file;
	char path[4096];
	unsigned line;
	char text[512];
	char *words[FACT_WORDS]; /* of the current line; point into text */
	unsigned count;
};

/* Opens tests/data/NAME below $srcdir; the test fails if there is no such file. */
void facts_open(struct facts *facts, const char *name);

/* The next line that has words; false at the end of the file, which closes it. */
bool facts_next(struct facts *facts);

#endif
