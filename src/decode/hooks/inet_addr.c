/* SPDX-License-Identifier: MIT */
/* An IPv4 address in network byte order: inet_addr("127.0.0.1"). */
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "desc_hooks.h"

void hook_inet_addr(struct builder *b, uint64_t number)
{
	struct value *call = build_call(b, "inet_addr");
	const char *text = build_printf(b, "%u.%u.%u.%u", (unsigned)(number >> 24 & 255),
					(unsigned)(number >> 16 & 255),
					(unsigned)(number >> 8 & 255), (unsigned)(number & 255));

	uint8_t bytes[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
			     (uint8_t)(number >> 8), (uint8_t)number };

	build_append(call, NULL, build_string(b, text, strlen(text)));
	build_stands_for(b, call, bytes, sizeof(bytes));
	build_result(b, call);
}
