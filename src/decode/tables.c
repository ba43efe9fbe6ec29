/* SPDX-License-Identifier: MIT */
/*
 * Look-ups in the generated tables, for everyone who may see desc.h.
 */
#include <string.h>

#include "mtrace/desc.h"

const struct desc_row *desc_find_private_row(enum abi_id abi, uint64_t nr)
{
	const struct desc_abi *table = &desc_abis[abi];

	for (unsigned i = 0; i < table->private_count; i++)
		if (table->private_rows[i].nr == nr)
			return &table->private_rows[i];
	return NULL;
}

const struct desc_syscall *desc_find_syscall(const char *name)
{
	unsigned low = 0, high = desc_syscall_count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int order = strcmp(name, desc_syscalls[middle]->name);

		if (!order)
			return desc_syscalls[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *desc_set_name(const struct desc_set *set, enum abi_id abi, uint64_t value)
{
	const struct desc_entry *entries = set->by_abi[abi].entries;
	unsigned low = 0, high = set->by_abi[abi].count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if ((int64_t)entries[middle].value < (int64_t)value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < set->by_abi[abi].count && entries[low].value == value)
		return entries[low].name;
	return NULL;
}
