/* SPDX-License-Identifier: MIT */
/* Sets of names other than calls: signals, messages, details of descriptors.  Used by src/cli. */
#include "mtrace/filter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mtrace/desc.h"
#include "mtrace/xalloc.h"

char *select_names(struct bitset *members, const char *text, uint64_t limit,
		   int (*number_of)(const char *name))
{
	struct bitset named = { 0 };
	bool inverted = text[0] == '!';
	const char *list = text + inverted;
	char *unknown = NULL;
	char *copy, *rest = NULL;

	if (!strcmp(list, "all")) {
		inverted = !inverted;
		list = "none";
	}
	if (strcmp(list, "none") != 0 && list[strspn(list, ",")] == '\0')
		return xstrdup(*list ? list : text);
	copy = xstrdup(strcmp(list, "none") != 0 ? list : "");
	for (char *name = strtok_r(copy, ",", &rest); name && !unknown;
	     name = strtok_r(NULL, ",", &rest)) {
		int number = number_of(name);

		if (number < 0 || (uint64_t)number >= limit)
			unknown = xstrdup(name);
		else
			bitset_add(&named, (uint64_t)number);
	}
	free(copy);
	if (unknown) {
		bitset_free(&named);
		return unknown;
	}
	for (uint64_t number = 0; inverted && number < limit; number++) {
		if (bitset_has(&named, number))
			bitset_remove(&named, number);
		else
			bitset_add(&named, number);
	}
	bitset_free(members);
	*members = named;
	return NULL;
}

int select_signal_number(const char *name)
{
	/* Signals have the same numbers on all ABIs that there are. */
	unsigned count = desc_signals->by_abi[ABI_X86_64].count;
	const struct desc_entry *entries = desc_signals->by_abi[ABI_X86_64].entries;

	if (*name && strlen(name) <= 3 && strspn(name, "0123456789") == strlen(name))
		return (int)strtol(name, NULL, 10);
	for (unsigned i = 0; i < count; i++) {
		const char *known = entries[i].name;

		if (!strcasecmp(name, known))
			return (int)entries[i].value;
		if (!strncmp(known, "SIG", 3) && !strcasecmp(name, known + 3))
			return (int)entries[i].value;
	}
	return -1;
}
