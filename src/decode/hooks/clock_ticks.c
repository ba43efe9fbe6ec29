/* SPDX-License-Identifier: MIT */
/* A time in clock ticks (times(2)), in seconds as a comment: 31 with 0.31 s behind it. */
#include "build.h"
#include "desc_hooks.h"

/* USER_HZ: what the kernel counts in towards user space on every architecture mtrace knows. */
#define TICKS_PER_SECOND 100

void hook_clock_ticks(struct builder *b, uint64_t number)
{
	struct value *value = build_signed(b, (int64_t)number);

	if (number)
		build_comment(b, value, "%lld.%02lld s", (long long)number / TICKS_PER_SECOND,
			      (long long)number % TICKS_PER_SECOND);
	build_result(b, value);
}
