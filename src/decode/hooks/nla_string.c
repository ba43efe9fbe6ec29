/* SPDX-License-Identifier: MIT */
/*
 * A string attribute of netlink: -s cuts it, and its NUL belongs to the attribute, which -x and -xx
 * take into account.
 */
#include <string.h>

#include "build.h"
#include "desc_hooks.h"

static void string_build(struct builder *b, bool with_nul)
{
	size_t len;
	const uint8_t *bytes = build_window(b, &len);
	const uint8_t *nul = len ? memchr(bytes, 0, len) : NULL;

	build_result(b, build_text_field(b, bytes, nul ? (size_t)(nul - bytes) : len,
					 nul != NULL && with_nul));
}

void hook_nla_string(struct builder *b)
{
	string_build(b, true);
}

/* IFLA_INFO_KIND, whose NUL is never shown: programs send it without one. */
void hook_nla_kind(struct builder *b)
{
	string_build(b, false);
}
