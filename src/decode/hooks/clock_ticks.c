/* SPDX-License-Identifier: MIT */
/* A time in clock ticks (times(2)), in seconds as a comment: 31 with 0.31 s behind it. */
#include "build.h"
#include "desc_hooks.h"

/* USER_HZ: what the kernel counts in towards user space on every architecture mtrace knows. */
#define TICKS_PER_SECOND 100

void hook_clock_ticks(struct builder *b, uint64_t number)
{
	unsigned unused_bits = 64 - 8 * build_width(b);
	uint64_t ticks = number << unused_bits >> unused_bits;
	struct value *value = build_number(b, ticks, BASE_DEC);

	if (ticks)
		build_comment(b, value, "%llu.%02llu s",
			      (unsigned long long)ticks / TICKS_PER_SECOND,
			      (unsigned long long)ticks % TICKS_PER_SECOND);
	value->flags |= VALUE_EXPLAINED;
	build_result(b, value);
}
