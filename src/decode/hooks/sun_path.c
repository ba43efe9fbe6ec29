/* SPDX-License-Identifier: MIT */
/*
 * The name of a Unix socket (unix(7)): a path that may lack its NUL, an abstract name behind a zero
 * byte, or nothing at all.
 */
#include <string.h>

#include "build.h"
#include "desc_hooks.h"

void hook_sun_path(struct builder *b)
{
	size_t len;
	const uint8_t *bytes = build_window(b, &len);
	struct value *path;

	if (!len)
		return;
	if (bytes[0]) {
		path = build_string(b, bytes, strnlen((const char *)bytes, len));
		path->flags |= VALUE_PATH;
	} else {
		path = build_string(b, bytes + 1, len - 1);
		path->flags |= VALUE_ABSTRACT;
	}
	build_result(b, path);
}
