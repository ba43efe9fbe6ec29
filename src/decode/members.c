/* SPDX-License-Identifier: MIT */
/*
 * Members of structs and arguments of calls: which alternative, whether it is shown, and when it is
 * known.  What has to wait becomes a PENDING value with a note of how to fill it; pending_fill does
 * so in place when the call has ended, so that renderers go on where they stopped.
 */
#include <string.h>

#include "decoder.h"

struct value *pending_add(struct decoder *d, const struct pending *what)
{
	struct pending *pending = arena_alloc(d->arena, sizeof(*pending));
	struct value *value = value_new(d, VALUE_INT);

	if (d->recording)
		return value;
	*pending = *what;
	pending->next = NULL;
	pending->value = value;
	pending->index = d->index;
	pending->budget = d->budget;
	value->state = VALUE_PENDING;
	value->name = what->field ? what->field->name : NULL;
	*d->call->pending_end = pending;
	d->call->pending_end = &pending->next;
	return value;
}

/* What `keep` will compare with, read while it is still there. */
static void keep_save(struct decoder *d, const struct desc_field *field, struct frame *frame,
		      unsigned index)
{
	const struct desc_type *type = field_type(field);
	struct number pointer;

	if (!frame->is_call || !type || index >= FRAME_ARGS_MAX || type->kind != TYPE_POINTER)
		return;
	pointer = type_number(d, type, arg_window(d, index));
	if (!frame->saved)
		frame->saved = arena_alloc(d->arena, FRAME_ARGS_MAX * sizeof(*frame->saved));
	if (pointer.known && pointer.value)
		frame->saved[index] = type_number(d, type->of, window_at((uint64_t)pointer.value));
}

/* `old => new`, or the one number if it did not change. */
static struct value *keep_decode(struct decoder *d, const struct desc_field *field,
				 const struct desc_type *type, struct frame *frame, unsigned index)
{
	struct window window = field_window(d, frame, index, false);
	bool pointer = type->kind == TYPE_POINTER;
	struct number old, now;
	struct value *value;
	const struct desc_type *scalar = type;

	if (pointer) {
		struct number addr = type_number(d, type, window);

		if (!addr.known || !addr.value)
			return value_address(d, (uint64_t)addr.value, false);
		scalar = type->of;
		if (!d->limits->verbose)
			return value_address(d, (uint64_t)addr.value, false);
		old = frame->saved && index < FRAME_ARGS_MAX ? frame->saved[index]
							     : (struct number){ 0 };
		now = type_number(d, scalar, window_at((uint64_t)addr.value));
		if (!now.known || !old.known)
			return value_address(d, (uint64_t)addr.value, true);
	} else {
		old = type_number(d, scalar, field_window(d, frame, index, true));
		now = type_number(d, scalar, window);
	}
	if (!expr_true(d, field->keep, frame))
		now = old;
	value = value_number(d, scalar, old.known ? old : now, frame);
	if (old.known && now.known && old.value != now.value) {
		struct value *change = value_new(d, VALUE_CHANGE);

		change->first = value;
		value->next = value_number(d, scalar, now, frame);
		value = change;
	}
	if (pointer) {
		struct value *array = value_new(d, VALUE_ARRAY);

		array->first = value;
		return array;
	}
	return value;
}

/* in[T] => out[U]: the first half now, the second when the call has ended. */
static struct value *change_decode(struct decoder *d, const struct desc_type *type,
				   const struct desc_alt *alt, const struct desc_field *field,
				   struct frame *frame, struct window window)
{
	const struct desc_type *before = type->of->kind == TYPE_POINTER ? type->of->of : type->of;
	struct number addr = type_number(d, type, window);
	struct value *change, *value;
	struct pending what;

	(void)alt;
	if (!addr.known || !addr.value)
		return value_address(d, (uint64_t)addr.value, !addr.known);
	value = decode_pointee(d, before, (uint64_t)addr.value, frame);
	if (!value || value->kind == VALUE_ADDR || d->at_exit)
		return value;
	change = value_new(d, VALUE_CHANGE);
	change->first = value;
	what = (struct pending){
		.field = field, .type = type->then, .frame = frame, .addr = (uint64_t)addr.value
	};
	value->next = pending_add(d, &what);
	value->next->name = NULL;
	return change;
}

/* What the tracee filled in stays worth showing when the call fails. */
static bool has_known_members(const struct desc_type *type)
{
	while (type->kind == TYPE_ARRAY || type->kind == TYPE_APPLY)
		type = type->of;
	return type->kind == TYPE_STRUCT && (type->body->flags & STRUCT_HAS_IN);
}

/* Reading ahead may take so much of what the call has: `old` is about few bytes. */
#define READ_AHEAD_BYTES ((size_t)1 << 20)

/*
 * Memory that the kernel will change, and of which a description wants the old state: what is read now
 * is what `keep` and `old` find at exit.  The values are thrown away.
 */
static void read_ahead(struct decoder *d, const struct desc_type *type, struct frame *frame,
		       struct number addr)
{
	bool deferred = d->deferred, recording = d->recording;
	size_t arena_start = d->arena_start;
	int64_t budget = d->budget;

	d->recording = true;
	if (arena_used(d->arena) - d->arena_start < DECODE_CALL_BYTES - READ_AHEAD_BYTES)
		d->arena_start = arena_used(d->arena) + READ_AHEAD_BYTES - DECODE_CALL_BYTES;
	decode_pointee(d, type->of, (uint64_t)addr.value, frame);
	d->recording = recording;
	d->arena_start = arena_start;
	d->deferred = deferred;
	d->budget = budget;
}

/* Is a pointer member to be followed?  Without a `when`, `out` is followed after success only. */
static bool followed(struct decoder *d, const struct desc_alt *alt, const struct desc_type *type,
		     const struct desc_field *field, struct frame *frame)
{
	if (alt->follow)
		return expr_true(d, alt->follow, frame);
	if (!d->call || !d->call->is_error || !d->at_exit || (field->flags & FIELD_KEEP))
		return true;
	if (type->phase == PHASE_OUT)
		return false;
	return type->phase != PHASE_INOUT || has_known_members(type->of);
}

/* A pointer to a struct whose members become known piecewise. */
static struct value *inout_decode(struct decoder *d, const struct desc_type *type,
				  struct frame *frame, struct number addr)
{
	const struct desc_type *pointee = type_resolve(d, type->of, &frame);

	if (!d->limits->verbose)
		return value_address(d, (uint64_t)addr.value, false);
	return struct_decode(d, pointee, window_at((uint64_t)addr.value), frame, true);
}

static bool has_in_members(struct decoder *d, const struct desc_type *type, struct frame *frame)
{
	const struct desc_type *pointee = type_resolve(d, type->of, &frame);

	return pointee && pointee->kind == TYPE_STRUCT && (pointee->body->flags & STRUCT_HAS_IN);
}

/* The alternative that applies; sets d->deferred if only the end of the call will tell. */
static const struct desc_alt *alt_choose(struct decoder *d, const struct desc_field *field,
					 struct frame *frame)
{
	for (unsigned i = 0; i < field->alt_count; i++) {
		const struct desc_alt *alt = &field->alts[i];
		struct number shown;

		if (!alt->shown_if)
			return alt;
		shown = expr_eval(d, alt->shown_if, frame);
		if (!shown.known && !d->at_exit && d->call) {
			d->deferred = true;
			return NULL;
		}
		if (shown.known && shown.value)
			return alt;
	}
	return NULL;
}

bool field_waits(struct decoder *d, const struct desc_field *field, struct frame *frame)
{
	bool deferred = d->deferred, waits;
	const struct desc_alt *alt;
	struct frame *inner = frame;
	const struct desc_type *type;

	if (field->flags & FIELD_ALWAYS)
		return field->flags & FIELD_POINTER && field->alts[0].type->phase == PHASE_OUT;
	alt = alt_choose(d, field, frame);
	waits = d->deferred;
	d->deferred = deferred;
	if (!alt || (field->flags & FIELD_KEEP))
		return waits;
	type = type_resolve(d, alt->type, &inner);
	if (!type || type->kind != TYPE_POINTER)
		return waits;
	return type->phase == PHASE_OUT ||
	       (type->phase == PHASE_INOUT && !has_in_members(d, type, inner));
}

/* The chosen alternative as values; sets d->deferred. */
static struct value *alt_decode(struct decoder *d, const struct desc_field *field,
				const struct desc_alt *alt, struct frame *frame, unsigned index,
				struct window window)
{
	struct frame *inner = frame;
	const struct desc_type *type = type_resolve(d, alt->type, &inner);
	struct number addr;

	if (!type || type->kind == TYPE_NOTHING)
		return NULL;
	if (type->kind == TYPE_CHANGE)
		return change_decode(d, type, alt, field, inner, window);
	if (type->kind != TYPE_POINTER)
		return field->flags & FIELD_KEEP && d->at_exit && !(field->flags & FIELD_COMPUTED)
			       ? keep_decode(d, field, type, frame, index)
			       : decode_type(d, type, window, inner);
	addr = type_number(d, type, window);
	if (!addr.known)
		return value_address(d, window.addr, true);
	if (!addr.value)
		return value_address(d, 0, false);
	if (type->phase == PHASE_INOUT && !d->at_exit && has_in_members(d, type, inner))
		return inout_decode(d, type, inner, addr);
	if (!d->at_exit && (type->phase == PHASE_OUT || type->phase == PHASE_INOUT)) {
		if (type->phase == PHASE_INOUT)
			read_ahead(d, type, inner, addr);
		d->deferred = true;
		return NULL;
	}
	if (!followed(d, alt, type, field, frame))
		return value_address(d, (uint64_t)addr.value, false);
	if (field->flags & FIELD_KEEP)
		return keep_decode(d, field, type, frame, index);
	return decode_type(d, type, window, inner);
}

/* A pointer that shows its contents with -v only: its address, and how many there are. */
static struct value *brief_decode(struct decoder *d, const struct desc_field *field,
				  struct value *value, struct number addr)
{
	struct value *brief;

	if (value->kind == VALUE_ADDR || !d->limits->abbrev)
		return value;
	brief = value_address(d, (uint64_t)addr.value, false);
	if (!field->count_one)
		return brief;
	brief->counted = value->counted;
	brief->comment = arena_printf(d->arena, "%u %s%s", value->counted,
				      value->counted == 1 ? field->count_one : field->count_many,
				      value->flags & VALUE_TRUNCATED ? ", unterminated" : "");
	return brief;
}

static bool all_zero(struct decoder *d, const struct desc_type *type, struct window window)
{
	size_t size = type_size(d, type), got;
	const uint8_t *bytes = window_read(d, window, 0, size, &got);

	for (size_t i = 0; i < got; i++)
		if (bytes[i])
			return false;
	return true;
}

/* `nonzero verbose` is shown with -v whatever it is. */
static bool hides_zero(const struct decoder *d, const struct desc_field *field)
{
	if (!(field->flags & FIELD_NONZERO))
		return false;
	return !(field->flags & FIELD_VERBOSE) || d->limits->abbrev;
}

static void finish_values(struct decoder *d, const struct desc_field *field, struct value *values)
{
	if (field->flags & FIELD_SPLICED)
		return;
	(void)d;
	if (!values->name)
		values->name = field->name;
	if (field->flags & FIELD_BARE)
		values->flags |= VALUE_BARE;
}

/* The bytes of a member: in its struct, computed, or elsewhere. */
static struct window member_window(struct decoder *d, const struct desc_field *field,
				   struct frame *frame, unsigned index, bool *known)
{
	struct number from;

	*known = true;
	if (!(field->flags & (FIELD_COMPUTED | FIELD_AT)))
		return field_window(d, frame, index, false);
	from = expr_eval(d, field->from, frame);
	*known = from.known;
	if (!from.known)
		return (struct window){ 0 };
	if (field->flags & FIELD_COMPUTED)
		return window_of_number(d, (uint64_t)from.value);
	if (frame->is_call)
		return window_at((uint64_t)from.value);
	return window_sub(frame->now, (size_t)from.value, SIZE_MAX);
}

/* Members of a spliced struct become members here. */
static struct value *splice(struct value *value)
{
	return value && value->kind == VALUE_STRUCT ? value->first : value;
}

static struct value *member_decode(struct decoder *d, const struct desc_field *field,
				   struct frame *frame, unsigned index)
{
	const struct desc_alt *alt;
	struct window window;
	struct value *value;
	const struct desc_field *outer = d->field;
	size_t avail = d->avail;
	bool known, count_only = d->count_only;

	alt = alt_choose(d, field, frame);
	if (!alt)
		return NULL;
	window = member_window(d, field, frame, index, &known);
	if (!known) {
		d->deferred = !d->at_exit;
		return NULL;
	}
	if (hides_zero(d, field) && type_size(d, alt->type) && all_zero(d, alt->type, window))
		return NULL;
	d->avail = window.len;
	d->field = field;
	d->partial = (field->flags & FIELD_SPLICED) != 0;
	d->count_only = (field->flags & FIELD_BRIEF) && d->limits->abbrev;
	if (!window.addr && (field->flags & FIELD_AT) && frame->is_call)
		value = value_address(d, 0, false);
	else
		value = alt_decode(d, field, alt, frame, index, window);
	d->avail = avail;
	d->field = outer;
	d->partial = false;
	d->count_only = count_only;
	if (value && !d->deferred && (field->flags & FIELD_BRIEF))
		value = brief_decode(d, field, value, type_number(d, field_type(field), window));
	if (value && hides_zero(d, field) && !type_size(d, alt->type) &&
	    (value->kind == VALUE_ADDR || (value->kind == VALUE_ARRAY && !value->first)))
		return NULL;
	if (field->flags & FIELD_SPLICED)
		value = splice(value);
	if (value && !d->deferred)
		finish_values(d, field, value);
	return value;
}

/*
 * A number that the kernel may change.  A member that is known at entry is shown then, and what became
 * of it at exit; everything else waits.
 */
static struct value *keep_begin(struct decoder *d, const struct desc_field *field,
				struct frame *frame, unsigned index)
{
	struct pending what = { .field = field, .frame = frame, .arg = index, .kept = true };
	const struct desc_type *type = field_type(field);
	struct value *change;
	struct number number;

	keep_save(d, field, frame, index);
	if (type && type->kind == TYPE_POINTER) {
		number = type_number(d, type, field_window(d, frame, index, false));
		if (number.known && !number.value) {
			struct value *null = value_address(d, 0, false);

			finish_values(d, field, null);
			return null;
		}
	}
	if (!frame->inout || !(field->flags & FIELD_IN) || !type) {
		d->deferred = true;
		return NULL;
	}
	number = type_number(d, type, field_window(d, frame, index, false));
	change = value_new(d, VALUE_CHANGE);
	change->first = value_number(d, type, number, frame);
	change->first->next = pending_add(d, &what);
	change->first->next->name = NULL;
	finish_values(d, field, change);
	return change;
}

/* A field that may be one of several, computed, kept, or known piecewise; sets d->deferred. */
static struct value *field_decode_now(struct decoder *d, const struct desc_field *field,
				      struct frame *frame, unsigned index)
{
	struct value *value = NULL;

	if (field->flags & FIELD_ALWAYS && field->flags & FIELD_POINTER && !frame->inout &&
	    plain_decode_pointer(d, field, frame, index, &value))
		return value;
	if (field->flags & FIELD_PLAIN && !(field->flags & FIELD_ALWAYS) && !frame->inout) {
		const struct number shown = expr_eval(d, field->alts[0].shown_if, frame);

		if (shown.known && !shown.value)
			return NULL;
		value = shown.known ? plain_decode_number(d, field, frame, index) : NULL;
		if (value)
			return value;
	}
	if (!d->at_exit && (field->flags & FIELD_KEEP)) {
		value = keep_begin(d, field, frame, index);
	} else if (!d->at_exit && frame->inout && !(field->flags & FIELD_IN)) {
		d->deferred = true;
	} else if (d->at_exit && frame->inout && (field->flags & FIELD_OUT) && d->call &&
		   d->call->is_error) {
		value = NULL;
	} else {
		value = member_decode(d, field, frame, index);
	}
	return value;
}

struct value *field_decode_any(struct decoder *d, const struct desc_field *field,
			       struct frame *frame, unsigned index)
{
	bool was_deferred = d->deferred;
	struct value *value;

	d->deferred = false;
	value = field_decode_now(d, field, frame, index);
	if (d->deferred && d->call) {
		const struct pending what = { .field = field, .frame = frame, .arg = index };

		value = pending_add(d, &what);
	}
	d->deferred = was_deferred;
	return value;
}

/* What a member that was shown at entry has become; nothing if it is the same. */
static struct value *kept_change(struct decoder *d, const struct pending *pending)
{
	struct value *value = keep_decode(d, pending->field, field_type(pending->field),
					  pending->frame, pending->arg);

	return value->kind == VALUE_CHANGE ? value->first->next : NULL;
}

static struct value *pending_decode(struct decoder *d, struct pending *pending)
{
	struct frame *frame = pending->frame;
	struct value *value;

	if (pending->type) {
		const struct desc_type *after = pending->type->kind == TYPE_POINTER
							? pending->type->of
							: pending->type;

		if (d->call->is_error && !pending->field->alts[0].follow)
			return NULL;
		if (pending->field->alts[0].follow &&
		    !expr_true(d, pending->field->alts[0].follow, frame))
			return NULL;
		value = decode_pointee(d, after, pending->addr, frame);
		return value && value->kind == VALUE_STRUCT && !value->first ? NULL : value;
	}
	if (frame->inout && !frame->before.bytes) {
		size_t got;

		frame->before = frame->now;
		frame->now.bytes = window_read(d, window_at(frame->now.addr), 0, frame->now.len,
					       &got);
		if (got < frame->now.len)
			frame->now = frame->before;
	}
	if (pending->kept)
		return kept_change(d, pending);
	if ((pending->field->flags & FIELD_OUT) && frame->inout && d->call->is_error)
		return NULL;
	if (pending->field->flags & FIELD_ALWAYS && pending->field->flags & FIELD_POINTER &&
	    plain_decode_pointer(d, pending->field, frame, pending->arg, &value))
		return value;
	return member_decode(d, pending->field, frame, pending->arg);
}

void pending_fill(struct decoder *d, struct pending *pending)
{
	struct value *hole = pending->value, *next = hole->next, *value;
	uint8_t arg;

	d->index = pending->index;
	d->budget = pending->budget;
	value = pending_decode(d, pending);
	if (!value) {
		hole->kind = VALUE_NONE;
		hole->state = VALUE_READY;
		return;
	}
	arg = hole->arg;
	*hole = *value;
	hole->arg = arg;
	while (hole->next)
		hole = hole->next;
	hole->next = next;
}
