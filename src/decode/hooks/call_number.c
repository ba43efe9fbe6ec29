/* SPDX-License-Identifier: MIT */
/* The number of a system call of the same ABI, by the macro that unistd.h has for it: __NR_write. */
#include "build.h"
#include "desc_hooks.h"

void hook_call_number(struct builder *b, uint64_t number)
{
	const struct desc_row *row = desc_find_row(build_abi(b), number);
	struct value *symbols;

	if (!row) {
		build_result(b, build_signed(b, (int64_t)number));
		return;
	}
	symbols = build_symbols(b, number, BASE_DEC);
	build_part(b, symbols, build_printf(b, "__NR_%s", row->name), number);
	build_result(b, symbols);
}
