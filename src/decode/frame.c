/* SPDX-License-Identifier: MIT */
/*
 * Frames: what an expression may name, and the bytes behind a name, now or at entry.
 */
#include "decoder.h"

struct window field_window(struct decoder *d, const struct frame *frame, unsigned index, bool old)
{
	const struct window *from = old && frame->before.bytes ? &frame->before : &frame->now;
	const struct desc_field *field;
	struct window window;
	size_t offset;

	if (frame->is_call && !(frame->args[index]->flags & FIELD_AT))
		return arg_window(d, index);
	if (frame->is_call) {
		struct number at = expr_eval(d, frame->args[index]->from, (struct frame *)frame);

		return window_at(at.known ? (uint64_t)at.value : 0);
	}
	field = &frame->body->fields[index];
	if (field->flags & FIELD_AT)
		offset = (size_t)expr_length(d, field->from, (struct frame *)frame);
	else
		offset = field->place ? field->place[d->abi] : 0;
	window = window_sub(*from, offset, SIZE_MAX);
	return old && !frame->before.bytes ? window_before(d, window) : window;
}
