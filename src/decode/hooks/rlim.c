/* SPDX-License-Identifier: MIT */
/*
 * A resource limit: a multiple of 1024 as a product, since that is how people know them.  Infinity is
 * named by the set that stands beside the hook.
 */
#include "build.h"
#include "desc_hooks.h"

void hook_rlim(struct builder *b, uint64_t number)
{
	struct value *value;

	if (number > 1024 && number % 1024 == 0) {
		value = build_symbols(b, number, BASE_DEC);
		build_part(b, value,
			   build_printf(b, "%llu*1024", (unsigned long long)(number / 1024)),
			   number);
	} else {
		value = build_number(b, number, BASE_DEC);
	}
	build_result(b, value);
}
