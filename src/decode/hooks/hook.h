/* SPDX-License-Identifier: MIT */
/* How the engine runs a hook.  Private to src/decode. */
#ifndef MTRACE_DECODE_HOOK_H
#define MTRACE_DECODE_HOOK_H

#include "../decoder.h"

/* The value that a scalar hook, or a set that goes with it, makes of `number`. */
struct value *hook_run_scalar(struct decoder *d, const struct desc_type *type, uint64_t number);

/* The value that a walk hook makes of the bytes in the window. */
struct value *hook_run_walk(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *frame);

#endif
