/* SPDX-License-Identifier: MIT */
/* An IPv4 address in network byte order: inet_addr("127.0.0.1"). */
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "desc_hooks.h"

#define ADDRESS_BYTES 4u

/* The address in the first four of `len` bytes, all of which it stands for. */
static void address_build(struct builder *b, const uint8_t *bytes, size_t len)
{
	struct value *call = build_call(b, "inet_addr");
	const char *text = build_printf(b, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);

	build_append(call, NULL, build_string(b, text, strlen(text)));
	build_stands_for(b, call, bytes, len);
	build_result(b, call);
}

void hook_inet_addr(struct builder *b, uint64_t number)
{
	uint8_t bytes[ADDRESS_BYTES] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
					 (uint8_t)(number >> 8), (uint8_t)number };

	address_build(b, bytes, sizeof(bytes));
}

/* Where there is room for an IPv6 address: -X raw shows all of it. */
void hook_inet_addr_padded(struct builder *b)
{
	size_t len;
	const uint8_t *bytes = build_window(b, &len);

	if (len >= ADDRESS_BYTES)
		address_build(b, bytes, len);
	else
		build_result(b, build_string(b, bytes, len));
}
