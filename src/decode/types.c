/* SPDX-License-Identifier: MIT */
/*
 * Types as the tables have them: how wide they are in an ABI, which number they read, and which type
 * stands behind parameters and choices.
 */
#include <string.h>

#include "decoder.h"

/* A user pointer; some interfaces have 64 bits for it in every ABI (bpf, io_uring). */
static unsigned pointer_bytes(const struct decoder *d, const struct desc_type *type)
{
	return type->width ? width_bytes(d, type->width) : desc_abis[d->abi].word;
}

/* Does the last member take what is left of a window?  `size` is then that of the fixed part. */
static bool struct_varies(const struct decoder *d, const struct desc_struct *body)
{
	const struct desc_field *last = NULL;
	const struct desc_type *type;

	if (body->flags & STRUCT_FIXED)
		return false;
	if (body->sized)
		return true;
	for (unsigned i = 0; i < body->field_count; i++)
		if (!(body->fields[i].flags & (FIELD_COMPUTED | FIELD_AT)) &&
		    body->fields[i].abis & 1u << d->abi)
			last = &body->fields[i];
	type = last ? field_type(last) : NULL;
	return type && type->kind != TYPE_NOTHING && !type_size(d, type);
}

size_t type_size(const struct decoder *d, const struct desc_type *type)
{
	if (type->kind == TYPE_STRUCT && struct_varies(d, type->body))
		return 0;
	if (type->size)
		return type->size[d->abi];
	switch (type->kind) {
	case TYPE_INT:
	case TYPE_BITS:
	case TYPE_SCALAR_HOOK:
		return width_bytes(d, type->width);
	case TYPE_POINTER:
	case TYPE_CHANGE:
		return pointer_bytes(d, type);
	default:
		return 0;
	}
}

static uint64_t load_bytes(const uint8_t *bytes, unsigned size, bool big_endian)
{
	uint64_t number = 0;

	if (!big_endian && (size == 8 || size == 4 || size == 2))
		return number_load(bytes, size);
	for (unsigned i = 0; i < size; i++) {
		unsigned at = big_endian ? i : size - 1 - i;

		number = number << 8 | bytes[at];
	}
	return number;
}

struct number type_number(const struct decoder *d, const struct desc_type *type,
			  struct window window)
{
	/* Reading does not change what is being decoded; only the arena grows. */
	struct decoder *reader = (struct decoder *)d;
	unsigned size;
	size_t got;
	const uint8_t *bytes;
	uint64_t number;

	switch (type->kind) {
	case TYPE_INT:
	case TYPE_BITS:
	case TYPE_SCALAR_HOOK:
		size = width_bytes(d, type->width);
		break;
	case TYPE_POINTER:
	case TYPE_CHANGE:
		size = pointer_bytes(d, type);
		break;
	case TYPE_STRUCT:
		/* A number that is shown as a struct or call: makedev(), QCMD(). */
		size = type->size && type->size[d->abi] <= 8 ? (unsigned)type->size[d->abi] : 0;
		break;
	default:
		return (struct number){ 0 };
	}
	if (!size)
		return (struct number){ 0 };
	if (window.bytes && window.len >= size) {
		bytes = window.bytes;
	} else {
		bytes = window_read(reader, window, 0, size, &got);
		if (got < size)
			return (struct number){ 0 };
	}
	number = load_bytes(bytes, size, type->flags & TYPE_BIG_ENDIAN);
	return (struct number){ number_narrow(number, size, type->is_signed), true };
}

static bool number_matches(const struct decoder *d, const struct desc_arm *arm, unsigned key,
			   struct number number)
{
	int64_t value = arm->match[key].by_abi ? arm->match[key].by_abi[d->abi]
					       : arm->match[key].value;

	if (!arm->match[key].mask)
		return true;
	return number.known && (number.value & arm->match[key].mask) == value;
}

static const struct desc_type *choice_resolve(struct decoder *d, const struct desc_choice *choice,
					      struct frame *frame)
{
	struct number keys[2] = { { 0 } };

	for (unsigned i = 0; i < choice->key_count && i < 2; i++)
		keys[i] = expr_eval(d, choice->keys[i], frame);
	for (unsigned i = 0; i < choice->arm_count; i++) {
		const struct desc_arm *arm = &choice->arms[i];

		if (number_matches(d, arm, 0, keys[0]) &&
		    (choice->key_count < 2 || number_matches(d, arm, 1, keys[1])))
			return arm->type;
	}
	return choice->otherwise;
}

const struct desc_type *type_resolve_deep(struct decoder *d, const struct desc_type *type,
					  struct frame **frame)
{
	while (type && (type->kind == TYPE_APPLY || type->kind == TYPE_CHOICE)) {
		struct frame *inner;

		if (type->kind == TYPE_CHOICE) {
			type = choice_resolve(d, type->choice, *frame);
			continue;
		}
		inner = arena_alloc(d->arena, sizeof(*inner));
		inner->parent = *frame;
		inner->params = arena_alloc(d->arena,
					    (type->arg_count + 1) * sizeof(*inner->params));
		inner->param_code = type->args;
		for (unsigned i = 0; i < type->arg_count; i++)
			inner->params[i] = expr_eval(d, type->args[i], *frame);
		*frame = inner;
		type = type->of;
	}
	return type;
}
