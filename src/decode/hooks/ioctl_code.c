/* SPDX-License-Identifier: MIT */
/*
 * An ioctl command that no driver's table names, as the macro that makes it
 * (asm-generic/ioctl.h): _IOC(_IOC_READ, 0x12, 0x72, 0x8).
 */
#include "build.h"
#include "desc_hooks.h"

void hook_ioctl_code(struct builder *b, uint64_t number)
{
	static const char *const directions[] = { "_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
						  "_IOC_READ|_IOC_WRITE" };
	unsigned code = (unsigned)number;
	struct value *symbols = build_symbols(b, code, BASE_HEX);

	build_part(b, symbols,
		   build_printf(b, "_IOC(%s, %#x, %#x, %#x)", directions[code >> 30],
				code >> 8 & 0xff, code & 0xff, code >> 16 & 0x3fff),
		   code);
	build_result(b, symbols);
}
