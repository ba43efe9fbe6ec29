/* SPDX-License-Identifier: MIT */
/* A hardware address: 02:fc:00:00:00:01. */
#include "build.h"
#include "desc_hooks.h"

/* The longest one the kernel knows (MAX_ADDR_LEN in linux/netdevice.h). */
#define MAC_BYTES 32

void hook_mac(struct builder *b)
{
	char text[MAC_BYTES * 3 + 1];
	static const char digits[] = "0123456789abcdef";
	size_t len, at = 0;
	const uint8_t *bytes = build_window(b, &len);
	struct value *word;

	if (len > MAC_BYTES)
		len = MAC_BYTES;
	for (size_t i = 0; i < len; i++) {
		if (i)
			text[at++] = ':';
		text[at++] = digits[bytes[i] >> 4];
		text[at++] = digits[bytes[i] & 15];
	}
	word = build_text(b, "%.*s", (int)at, text);
	build_append(word, NULL, build_string(b, bytes, len));
	build_result(b, word);
}
