/* SPDX-License-Identifier: MIT */
/* The order of a call's values, and the cursor in it.  Called by the renderers. */
#include "walk.h"

#include <stdint.h>

static bool walk_is_list(const struct value *value)
{
	return value->kind == VALUE_STRUCT || value->kind == VALUE_ARRAY ||
	       value->kind == VALUE_CHANGE;
}

/* What is not there, or not any more when the call has ended. */
static bool walk_is_hidden(const struct walk *walk, const struct value *value)
{
	return value->kind == VALUE_NONE || (walk->at_exit && value->state == VALUE_PENDING);
}

/*
 * A list whose very first leaf is not known is not opened: nothing of it is known, and a line that
 * ends in "{" tells nothing.
 */
static bool walk_is_blocked(const struct value *value)
{
	while (value->state != VALUE_PENDING) {
		if (!walk_is_list(value) || value->first == NULL)
			return false;
		value = value->first;
	}
	return true;
}

static void walk_step(struct walk *walk, enum walk_step step, const struct value *value,
		      const struct value *parent, size_t index)
{
	if (walk->count++ >= walk->skip) {
		const struct walk_item item = {
			.step = step, .value = value, .parent = parent, .index = index
		};

		walk->visit(walk->context, &item);
	}
}

static bool walk_tree(struct walk *walk, const struct value *value, const struct value *parent,
		      size_t index)
{
	size_t children = 0;

	if (!walk_is_list(value)) {
		walk_step(walk, WALK_LEAF, value, parent, index);
		return true;
	}
	walk_step(walk, WALK_OPEN, value, parent, index);
	for (const struct value *child = value->first; child != NULL; child = child->next) {
		if (walk_is_hidden(walk, child))
			continue;
		if (!walk->at_exit && walk_is_blocked(child))
			return false;
		if (!walk_tree(walk, child, value, children++))
			return false;
	}
	walk_step(walk, WALK_CLOSE, value, parent, index);
	return true;
}

bool walk_args(struct walk *walk, const struct call *call)
{
	size_t shown = 0;
	unsigned index = 0;

	for (const struct value *arg = call->args; arg != NULL; arg = arg->next, index++) {
		if (!walk->at_exit && (index >= call->split || walk_is_blocked(arg)))
			return false;
		if (walk_is_hidden(walk, arg))
			continue;
		if (!walk_tree(walk, arg, NULL, shown++))
			return false;
	}
	return true;
}

bool walk_value(struct walk *walk, const struct value *value)
{
	if (walk_is_hidden(walk, value))
		return true;
	if (!walk->at_exit && walk_is_blocked(value))
		return false;
	return walk_tree(walk, value, NULL, 0);
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
