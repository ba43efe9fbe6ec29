/* SPDX-License-Identifier: MIT */
/*
 * The walker: from a const type and a window on memory to values.  It owns what is decided once for
 * all descriptions: NULL, pointers that cannot be read or are not to be followed, what must wait
 * for the end of the call, and limits on depth and memory.
 */
#include "decoder.h"
#include "hooks/hook.h"

/* What a pointer shows as: a scalar in brackets, everything else as itself. */
static bool shown_in_brackets(const struct desc_type *type)
{
	switch (type->kind) {
	case TYPE_INT:
	case TYPE_BITS:
	case TYPE_SCALAR_HOOK:
		return true;
	case TYPE_STRUCT:
		return type->body->callee != NULL;
	default:
		return false;
	}
}

static struct value *in_brackets(struct decoder *d, struct value *value)
{
	struct value *array = value_new(d, VALUE_ARRAY);

	array->first = value;
	return array;
}

/* Does -e verbose=none hide what the pointer points to?  Strings and buffers are always shown. */
static bool hidden_by_verbose(struct decoder *d, const struct desc_type *type, struct frame *frame)
{
	if (d->limits->verbose || type->kind == TYPE_STRING || type->kind == TYPE_BYTES)
		return false;
	if (type->kind == TYPE_ARRAY && type->extent == EXTENT_COUNT) {
		struct number count = expr_eval(d, type->length, frame);

		return !count.known || count.value != 0; /* there is nothing to hide in [] */
	}
	return true;
}

struct value *decode_pointee(struct decoder *d, const struct desc_type *type, uint64_t addr,
			     struct frame *frame)
{
	struct window window = window_at(addr);
	struct value *value;
	size_t size, got;

	if (!addr)
		return value_address(d, 0, false);
	type = type_resolve(d, type, &frame);
	if (!type)
		return value_address(d, addr, false);
	if (hidden_by_verbose(d, type, frame))
		return value_address(d, addr, false);
	if (type->kind == TYPE_STRING && d->depth < DECODE_DEPTH)
		return string_decode(d, type, window, frame);
	size = type_size(d, type);
	if (size && type->kind != TYPE_STRUCT) {
		window.bytes = window_read(d, window, 0, size, &got);
		if (got < size)
			return value_address(d, addr, true);
		window.len = size;
	}
	value = decode_type(d, type, window, frame);
	if (!value)
		return d->deferred ? NULL : value_address(d, addr, false);
	return shown_in_brackets(type) ? in_brackets(d, value) : value;
}

static inline struct value *pointer_follow(struct decoder *d, const struct desc_type *type,
					   uint64_t addr, struct frame *frame)
{
	int64_t budget = d->budget;
	struct number limit;
	struct value *value;

	if (!type->budget)
		return decode_pointee(d, type->of, addr, frame);
	limit = expr_eval(d, type->budget, frame);
	d->budget = limit.known && limit.value >= 0 ? limit.value : -1;
	value = decode_pointee(d, type->of, addr, frame);
	d->budget = budget; /* without one of its own it has drawn on the outer one */
	return value;
}

struct value *decode_pointer(struct decoder *d, const struct desc_type *type, uint64_t addr,
			     struct frame *frame)
{
	struct value *value;

	if (d->depth >= DECODE_DEPTH)
		return value_more(d);
	d->depth++;
	value = pointer_follow(d, type, addr, frame);
	d->depth--;
	return value;
}

/*
 * A pointer in a window.  `follow` has been decided by the member (members.c) for pointers that are
 * members themselves; here only the phase counts.
 */
static struct value *pointer_decode(struct decoder *d, const struct desc_type *type,
				    struct window window, struct frame *frame)
{
	struct number addr = type_number(d, type, window);

	if (!addr.known)
		return value_address(d, window.addr, true);
	if (!d->at_exit && (type->phase == PHASE_OUT || type->phase == PHASE_INOUT)) {
		d->deferred = true;
		return NULL;
	}
	return pointer_follow(d, type, (uint64_t)addr.value, frame);
}

static struct value *scalar_hook_decode(struct decoder *d, const struct desc_type *type,
					struct window window)
{
	struct number number = type_number(d, type, window);

	if (!number.known)
		return value_address(d, window.addr, true);
	return hook_run_scalar(d, type, (uint64_t)number.value);
}

static struct value *number_decode(struct decoder *d, const struct desc_type *type,
				   struct window window, struct frame *frame)
{
	struct number number = type_number(d, type, window);
	struct value *value;

	if (!number.known)
		return value_address(d, window.addr, true);
	if (type->kind == TYPE_BITS)
		value = bits_decode(d, type, (uint64_t)number.value);
	else
		value = value_number(d, type, number, frame);
	value->addr = window.addr;
	return value;
}

static struct value *kind_decode(struct decoder *d, const struct desc_type *type,
				 struct window window, struct frame *frame)
{
	switch (type->kind) {
	case TYPE_INT:
	case TYPE_BITS:
		return number_decode(d, type, window, frame);
	case TYPE_POINTER:
		return pointer_decode(d, type, window, frame);
	case TYPE_STRING:
		return string_decode(d, type, window, frame);
	case TYPE_BYTES:
		return bytes_decode(d, type, window, frame);
	case TYPE_ARRAY:
		return array_decode(d, type, window, frame);
	case TYPE_STRUCT:
		return struct_decode(d, type, window, frame, false);
	case TYPE_RECORD:
		return records_decode(d, type, window, frame);
	case TYPE_BITSET:
		return bitset_decode(d, type, window, frame);
	case TYPE_SCALAR_HOOK:
		return scalar_hook_decode(d, type, window);
	case TYPE_WALK_HOOK:
		return hook_run_walk(d, type, window, frame);
	default:
		return NULL;
	}
}

struct value *decode_type(struct decoder *d, const struct desc_type *type, struct window window,
			  struct frame *frame)
{
	struct value *value;

	type = type_resolve(d, type, &frame);
	if (!type || type->kind == TYPE_NOTHING)
		return NULL;
	if (d->depth >= DECODE_DEPTH)
		return value_more(d);
	d->depth++;
	value = kind_decode(d, type, window, frame);
	d->depth--;
	return value;
}
