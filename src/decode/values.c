/* SPDX-License-Identifier: MIT */
/*
 * Making values: in the arena of the call, of numbers by their type.
 */
#include "decoder.h"

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
		value = value_integer(d, type, width_bytes(d, type->width), number.value);
	}
	value->type = type;
	if (type->role)
		annotate(d, type, value, frame);
	return value;
}
