/* SPDX-License-Identifier: MIT */
/*
 * The order of a call's values as items, the same for every renderer, with a cursor: a renderer that
 * has shown the first n items when the call was entered passes over n of them when it ends.  That
 * works because what is READY never changes, so items up to the first that is PENDING stay the same.
 */
#ifndef MTRACE_RENDER_WALK_H
#define MTRACE_RENDER_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "mtrace/value.h"

enum walk_step {
	WALK_LEAF, /* a value without items of its own; a VALUE_CALL is one, whatever its children */
	WALK_OPEN,  /* a struct, array or change: its children follow */
	WALK_CLOSE, /* ... and have followed */
};

struct walk_item {
	enum walk_step step;
	const struct value *value;
	const struct value *parent; /* NULL: an argument of the call */
	size_t index;               /* of the value among the shown ones of its parent */
};

/* What is called for each item that is not passed over. */
typedef void walk_visit(void *context, const struct walk_item *item);

struct walk {
	walk_visit *visit;
	void *context;
	size_t skip;  /* items to pass over */
	size_t count; /* items seen so far, those passed over included */
	bool at_exit; /* nothing is waited for: what is PENDING still is left out */
};

/*
 * Walks the call's arguments from where `walk->count` is, normally 0.  Unless at_exit, stops before
 * argument call->split and before the first item that is not known yet.  Returns whether all
 * arguments were walked.
 */
bool walk_args(struct walk *walk, const struct call *call);

/* Walks one value as if it were an argument. */
bool walk_value(struct walk *walk, const struct value *value);

/* Are there items behind the first `shown`, known or not? */
bool walk_has_more(const struct call *call, size_t shown);

/*
 * The walking itself: as walk_args() and walk_value(), but with the visitor as a constant of the
 * caller's, which the compiler can then call directly or inline.
 */

static inline bool walk_is_list(const struct value *value)
{
	return value->kind == VALUE_STRUCT || value->kind == VALUE_ARRAY ||
	       value->kind == VALUE_CHANGE;
}

/* A leaf that is there and known: most values, and what needs no further question. */
static inline bool walk_is_plain(const struct value *value)
{
	const unsigned others = 1u << VALUE_STRUCT | 1u << VALUE_ARRAY | 1u << VALUE_CHANGE |
				1u << VALUE_NONE;

	return value->state != VALUE_PENDING && (others >> value->kind & 1) == 0;
}

/* What is not there, or not any more when the call has ended. */
static inline bool walk_is_hidden(const struct walk *walk, const struct value *value)
{
	return value->kind == VALUE_NONE || (walk->at_exit && value->state == VALUE_PENDING);
}

/*
 * A list whose very first leaf is not known is not opened: nothing of it is known, and a line that
 * ends in "{" tells nothing.
 */
static inline bool walk_is_blocked(const struct value *value)
{
	while (value->state != VALUE_PENDING) {
		if (!walk_is_list(value) || value->first == NULL)
			return false;
		value = value->first;
	}
	return true;
}

static inline void walk_step(struct walk *walk, walk_visit visit, enum walk_step step,
			     const struct value *value, const struct value *parent, size_t index)
{
	if (walk->count++ >= walk->skip) {
		const struct walk_item item = {
			.step = step, .value = value, .parent = parent, .index = index
		};

		visit(walk->context, &item);
	}
}

/* A list and what is in it; leaves do not come here. */
static inline bool walk_tree(struct walk *walk, walk_visit visit, const struct value *value,
			     const struct value *parent, size_t index);

/* One of several values; `shown` counts those of them that are there. */
static inline bool walk_child(struct walk *walk, walk_visit visit, const struct value *value,
			      const struct value *parent, size_t *shown)
{
	if (walk_is_plain(value)) {
		walk_step(walk, visit, WALK_LEAF, value, parent, (*shown)++);
		return true;
	}
	if (walk_is_hidden(walk, value))
		return true;
	if (!walk->at_exit && walk_is_blocked(value))
		return false;
	return walk_tree(walk, visit, value, parent, (*shown)++);
}

static inline bool walk_tree(struct walk *walk, walk_visit visit, const struct value *value,
			     const struct value *parent, size_t index)
{
	size_t children = 0;

	walk_step(walk, visit, WALK_OPEN, value, parent, index);
	for (const struct value *child = value->first; child != NULL; child = child->next) {
		if (!walk_child(walk, visit, child, value, &children))
			return false;
	}
	walk_step(walk, visit, WALK_CLOSE, value, parent, index);
	return true;
}

static inline bool walk_each_arg(struct walk *walk, walk_visit visit, const struct call *call)
{
	const unsigned end = walk->at_exit ? UINT_MAX : call->split;
	size_t shown = 0;
	unsigned index = 0;

	for (const struct value *arg = call->args; arg != NULL; arg = arg->next) {
		if (index++ >= end || !walk_child(walk, visit, arg, NULL, &shown))
			return false;
	}
	return true;
}

static inline bool walk_each_value(struct walk *walk, walk_visit visit, const struct value *value)
{
	size_t shown = 0;

	return walk_child(walk, visit, value, NULL, &shown);
}

#endif
