/* SPDX-License-Identifier: MIT */
/*
 * The order of a call's values as items, the same for every renderer, with a cursor: a renderer that
 * has shown the first n items when the call was entered passes over n of them when it ends.  That
 * works because what is READY never changes, so items up to the first that is PENDING stay the same.
 */
#ifndef MTRACE_RENDER_WALK_H
#define MTRACE_RENDER_WALK_H

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

struct walk {
	/* Called for each item that is not passed over. */
	void (*visit)(void *context, const struct walk_item *item);
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

#endif
