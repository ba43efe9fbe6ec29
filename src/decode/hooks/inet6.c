/* SPDX-License-Identifier: MIT */
/*
 * An IPv6 address: inet_pton(AF_INET6, "::1"), with the member it fills as third argument where text
 * shows the member without its name.
 */
#include <arpa/inet.h>
#include <string.h>

#include "build.h"
#include "desc_hooks.h"

void hook_inet6(struct builder *b)
{
	struct value *call = build_call(b, "inet_pton");
	char text[INET6_ADDRSTRLEN];
	const char *member = build_bare_member(b);
	size_t len;
	const uint8_t *bytes = build_window(b, &len);

	if (len < 16 || !inet_ntop(AF_INET6, bytes, text, sizeof(text)))
		return;
	build_append(call, NULL, build_text(b, "AF_INET6"));
	build_append(call, NULL, build_string(b, text, strlen(text)));
	if (member)
		build_append(call, NULL, build_text(b, "&%s", member));
	build_stands_for(b, call, bytes, 16);
	build_result(b, call);
}
