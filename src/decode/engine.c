/* SPDX-License-Identifier: MIT */
/*
 * The walker: from a const type and a window on memory to values.  It owns what is decided once for
 * all descriptions: NULL, pointers that cannot be read or are not to be followed, what must wait
 * for the end of the call, and limits on depth and memory.
 */
#include "decoder.h"
#include "hooks/hook.h"

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

unsigned width_bytes(const struct decoder *d, unsigned width)
{
	switch (width) {
	case WIDTH_WORD:
		return desc_abis[d->abi].word;
	case WIDTH_KLONG:
		return desc_abis[d->abi].klong;
	default:
		return width;
	}
}

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

	for (unsigned i = 0; i < size; i++) {
		unsigned at = big_endian ? i : size - 1 - i;

		number = number << 8 | bytes[at];
	}
	return number;
}

static uint64_t sign_extend(uint64_t number, unsigned size)
{
	uint64_t sign = (uint64_t)1 << (size * 8 - 1);

	return size < 8 ? (number ^ sign) - sign : number;
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
		return (struct number){0};
	}
	bytes = window_read(reader, window, 0, size, &got);
	if (got < size || !size)
		return (struct number){0};
	number = load_bytes(bytes, size, type->flags & TYPE_BIG_ENDIAN);
	if (type->is_signed)
		number = sign_extend(number, size);
	return (struct number){(int64_t)number, true};
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

static bool number_matches(const struct decoder *d, const struct desc_arm *arm, unsigned key,
			   struct number number)
{
	int64_t value = arm->match[key].by_abi ? arm->match[key].by_abi[d->abi] :
						 arm->match[key].value;

	if (!arm->match[key].mask)
		return true;
	return number.known && (number.value & arm->match[key].mask) == value;
}

static const struct desc_type *choice_resolve(struct decoder *d, const struct desc_choice *choice,
					      struct frame *frame)
{
	struct number keys[2] = {{0}};

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

const struct desc_type *type_resolve(struct decoder *d, const struct desc_type *type,
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
		inner->params = arena_alloc(d->arena, (type->arg_count + 1) * sizeof(*inner->params));
		inner->param_code = type->args;
		for (unsigned i = 0; i < type->arg_count; i++)
			inner->params[i] = expr_eval(d, type->args[i], *frame);
		*frame = inner;
		type = type->of;
	}
	return type;
}

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
static bool hidden_by_verbose(const struct decoder *d, const struct desc_type *type)
{
	return !d->limits->verbose && type->kind != TYPE_STRING && type->kind != TYPE_BYTES;
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
	if (hidden_by_verbose(d, type))
		return value_address(d, addr, false);
	size = type_size(d, type);
	if (size && type->kind != TYPE_STRUCT && type->kind != TYPE_STRING) {
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

/*
 * A pointer in a window.  `follow` has been decided by the member (members.c) for pointers that are
 * members themselves; here only the phase counts.
 */
static struct value *pointer_decode(struct decoder *d, const struct desc_type *type,
				    struct window window, struct frame *frame)
{
	struct number addr = type_number(d, type, window);
	int64_t budget = d->budget;
	struct value *value;

	if (!addr.known)
		return value_address(d, window.addr, true);
	if (!d->at_exit && (type->phase == PHASE_OUT || type->phase == PHASE_INOUT)) {
		d->deferred = true;
		return NULL;
	}
	if (type->budget) {
		struct number limit = expr_eval(d, type->budget, frame);

		d->budget = limit.known && limit.value >= 0 ? limit.value : -1;
	}
	value = decode_pointee(d, type->of, (uint64_t)addr.value, frame);
	if (type->budget)
		d->budget = budget; /* without one of its own it has drawn on the outer one */
	return value;
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
