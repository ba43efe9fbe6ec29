/* SPDX-License-Identifier: MIT */
/* The number of a network interface: if_nametoindex("lo"), or the number if it has no name. */
#include <string.h>

#include "build.h"
#include "desc_hooks.h"

void hook_ifindex(struct builder *b, uint64_t number)
{
	const char *name = number ? build_interface(b, (unsigned)number) : NULL;
	struct value *call;

	if (!name) {
		build_result(b, build_number(b, number, BASE_DEC));
		return;
	}
	call = build_call(b, "if_nametoindex");
	build_stands_for_number(b, call, number, BASE_DEC);
	build_append(call, NULL, build_string(b, name, strlen(name)));
	build_result(b, call);
}
