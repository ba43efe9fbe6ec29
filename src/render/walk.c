/* SPDX-License-Identifier: MIT */
/* The order of a call's values, and the cursor in it.  Called by the renderers. */
#include "walk.h"

#include <stdint.h>

bool walk_args(struct walk *walk, const struct call *call)
{
	return walk_each_arg(walk, walk->visit, call);
}

bool walk_value(struct walk *walk, const struct value *value)
{
	return walk_each_value(walk, walk->visit, value);
}

static void walk_ignore(void *context, const struct walk_item *item)
{
	(void)context;
	(void)item;
}

bool walk_has_more(const struct call *call, size_t shown)
{
	struct walk walk = { .visit = walk_ignore, .skip = SIZE_MAX };

	return !walk_args(&walk, call) || walk.count > shown;
}
