/* SPDX-License-Identifier: MIT */
/*
 * Prints every entry of every set as one ABI has it, "set name value", for constants.sh, which
 * compares them with the system's headers.
 */
#include <inttypes.h>
#include <stdio.h>

#include "mtrace/desc.h"

int main(int argc, char **argv)
{
	enum abi_id abi = argc == 2 ? abi_by_name(argv[1]) : ABI_COUNT;

	if (abi == ABI_COUNT) {
		fprintf(stderr, "usage: list_constants ABI\n");
		return 2;
	}
	for (unsigned i = 0; i < desc_set_count; i++) {
		const struct desc_set *set = desc_sets[i];

		for (unsigned k = 0; k < set->by_abi[abi].count; k++)
			printf("%s %s 0x%" PRIx64 "\n", set->name, set->by_abi[abi].entries[k].name,
			       set->by_abi[abi].entries[k].value);
	}
	return 0;
}
