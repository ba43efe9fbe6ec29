/* SPDX-License-Identifier: MIT */
/*
 * Fields of the two shapes that most arguments and members have: one alternative, an integer or a
 * pointer (FIELD_PLAIN, FIELD_POINTER).  Called by call.c, members.c and through field_decode().
 * What comes out is what the general way in members.c comes to; nothing is asked here that the
 * compiler has answered.
 */
#include "decoder.h"

/* Where a member lies in the copy of its struct; NULL if the copy does not reach so far. */
static inline const uint8_t *plain_bytes(const struct decoder *d, const struct desc_field *field,
					 const struct frame *frame, unsigned size)
{
	size_t offset = field->place[d->abi];

	if (!frame->now.bytes || offset + size > frame->now.len)
		return NULL;
	return frame->now.bytes + offset;
}

static inline uint64_t plain_address(const struct frame *frame, const uint8_t *bytes)
{
	return frame->now.addr ? frame->now.addr + (uint64_t)(bytes - frame->now.bytes) : 0;
}

static void plain_name(struct value *value, const struct desc_field *field)
{
	value->name = field->name;
	if (field->flags & FIELD_BARE)
		value->flags |= VALUE_BARE;
}

struct value *plain_decode_number(struct decoder *d, const struct desc_field *field,
				  struct frame *frame, unsigned index)
{
	const struct desc_type *type = field->alts[0].type;
	unsigned size = width_bytes(d, type->width);
	uint64_t addr = 0, raw;
	struct value *value;

	if (frame->is_call) {
		raw = d->call->numbers[index];
	} else {
		const uint8_t *bytes = plain_bytes(d, field, frame, size);

		if (!bytes)
			return NULL;
		raw = number_load(bytes, size);
		addr = plain_address(frame, bytes);
	}
	if (type->kind == TYPE_BITS)
		value = bits_decode(d, type, (uint64_t)number_narrow(raw, size, type->is_signed));
	else
		value = value_scalar(d, type, raw, frame);
	value->addr = addr;
	plain_name(value, field);
	return value;
}

/* What lies behind a pointer that is not NULL, or its address if the call has not filled it. */
static struct value *plain_follow(struct decoder *d, const struct desc_field *field,
				  const struct desc_type *type, uint64_t addr, size_t avail,
				  struct frame *frame)
{
	const struct desc_field *outer = d->field;
	bool count_only = d->count_only;
	size_t outer_avail = d->avail;
	struct value *value;

	if (type->phase == PHASE_OUT && d->call && d->call->is_error)
		return value_address(d, addr, false);
	d->avail = avail;
	d->field = field;
	d->count_only = false;
	value = decode_pointer(d, type, addr, frame);
	d->avail = outer_avail;
	d->field = outer;
	d->count_only = count_only;
	return value;
}

bool plain_decode_pointer(struct decoder *d, const struct desc_field *field, struct frame *frame,
			  unsigned index, struct value **value)
{
	const struct desc_type *type = field->alts[0].type;
	unsigned size = desc_abis[d->abi].word;
	uint64_t addr;
	size_t avail;

	if (frame->is_call) {
		addr = d->call->numbers[index];
		avail = sizeof(addr);
	} else {
		const uint8_t *bytes = plain_bytes(d, field, frame, size);

		if (!bytes)
			return false;
		addr = number_load(bytes, size);
		avail = frame->now.len - (size_t)(bytes - frame->now.bytes);
	}
	addr = (uint64_t)number_narrow(addr, size, false);
	d->partial = false;
	if (!addr) {
		*value = value_address(d, 0, false);
	} else if (type->phase == PHASE_OUT && !d->at_exit) {
		d->deferred = true;
		*value = NULL;
	} else {
		*value = plain_follow(d, field, type, addr, avail, frame);
	}
	if (*value && !d->deferred)
		plain_name(*value, field);
	return true;
}
