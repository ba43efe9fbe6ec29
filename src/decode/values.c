/* SPDX-License-Identifier: MIT */
/*
 * Making values: in the arena of the call, of numbers by their type.
 */
#include "decoder.h"

struct value *value_new(struct decoder *d, enum value_kind kind)
{
	struct value *value = arena_alloc(d->arena, sizeof(*value));

	value->kind = (uint8_t)kind;
	return value;
}

struct value *value_address(struct decoder *d, uint64_t addr, bool unreadable)
{
	struct value *value = value_new(d, VALUE_ADDR);

	value->num = addr;
	value->state = unreadable ? VALUE_UNREADABLE : VALUE_READY;
	return value;
}

struct value *value_more(struct decoder *d)
{
	return value_new(d, VALUE_MORE);
}

struct value *value_number(struct decoder *d, const struct desc_type *type, struct number number,
			   struct frame *frame)
{
	struct value *value;

	if (type->set) {
		value = symbol_decode(d, type, (uint64_t)number.value);
	} else if (type->base == BASE_ADDR) {
		value = value_address(d, (uint64_t)number.value, false);
	} else {
		value = value_new(d, VALUE_INT);
		value->num = (uint64_t)number.value;
		value->base = type->base;
		if (!type->is_signed)
			value->flags |= VALUE_UNSIGNED;
		value->width = (uint8_t)width_bytes(d, type->width);
	}
	value->type = type;
	if (type->role)
		annotate(d, type, value, frame);
	return value;
}
