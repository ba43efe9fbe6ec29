/* SPDX-License-Identifier: MIT */
/*
 * Structs: one snapshot of their bytes, a frame for the expressions of their members, the members in
 * order of showing, and what a struct whose size the tracee tells has behind the members we know.
 */
#include <string.h>

#include "decoder.h"

/* A struct that the tracee says is larger than this is not read beyond it. */
#define SIZED_MAX 4096u

/* Bytes that all members of fixed size take. */
size_t members_size(const struct decoder *d, const struct desc_struct *body)
{
	size_t end = 0;

	for (unsigned i = 0; i < body->field_count; i++) {
		const struct desc_field *field = &body->fields[i];
		const struct desc_type *member = field_type(field);
		size_t size;

		if (!(field->abis & 1u << d->abi) || !field->place || !member)
			continue;
		size = field->place[d->abi] + type_size(d, member);
		if (size > end)
			end = size;
	}
	return end;
}

/*
 * How many bytes to read.  *least is how many there must be for the struct to be shown; in memory of
 * which only a part is readable, a struct of varying size is what can be read of it.
 */
static size_t wanted_size(struct decoder *d, const struct desc_type *type, struct frame *frame,
			  struct window window, size_t *least)
{
	const struct desc_struct *body = type->body;
	size_t fixed = type_size(d, type), size;

	if (body->sized) {
		struct frame probe = { .parent = frame, .body = body, .now = window };
		uint64_t told = expr_length(d, body->sized, &probe);

		size = told > SIZED_MAX ? SIZED_MAX : (size_t)told;
		*least = size < body->min[d->abi] ? SIZE_MAX : size;
		return size;
	}
	if (fixed) {
		*least = d->partial ? 0 : fixed;
		return fixed;
	}
	*least = d->partial ? 0 : members_size(d, body);
	return window.bytes ? window.len : SIZED_MAX;
}

struct frame *struct_frame(struct decoder *d, const struct desc_type *type, struct window *window,
			   struct frame *parent)
{
	struct frame *frame;
	size_t least, got;
	size_t size = wanted_size(d, type, parent, *window, &least);
	const uint8_t *bytes;

	if (least == SIZE_MAX)
		return NULL;
	bytes = window_read(d, *window, 0, size, &got);
	if (got < least || (!bytes && least))
		return NULL;
	if (got < type->body->fill) {
		uint8_t *filled = arena_alloc(d->arena, type->body->fill);

		if (got && bytes)
			memcpy(filled, bytes, got);
		bytes = filled;
		got = type->body->fill;
	}
	window->bytes = bytes ? bytes : (const uint8_t *)"";
	window->len = got;
	frame = arena_alloc(d->arena, sizeof(*frame));
	frame->parent = parent;
	frame->body = type->body;
	frame->now = *window;
	frame->partial = d->partial || type->body->sized;
	frame->big_endian = (type->flags & TYPE_BIG_ENDIAN) != 0;
	return frame;
}

/* Does the struct reach to the end of a member, where the tracee says how long it is? */
static bool member_present(struct decoder *d, struct frame *frame, unsigned index)
{
	const struct desc_field *field = &frame->body->fields[index];
	const struct desc_type *type;
	struct frame *inner = frame;

	if (!frame->partial || !field->place || (field->flags & FIELD_COMPUTED))
		return true;
	/* Of a union the arm that is there counts, not the largest. */
	type = field->alt_count ? type_resolve(d, field->alts[0].type, &inner) : NULL;
	return field->place[d->abi] + (type ? type_size(d, type) : 0) <= frame->now.len;
}

/* "..." of a struct whose members became ours stands at our end, once. */
static bool take_more(struct value **list)
{
	for (; *list; list = &(*list)->next)
		if ((*list)->kind == VALUE_MORE && !(*list)->next) {
			*list = NULL;
			return true;
		}
	return false;
}

void members_decode(struct decoder *d, struct frame *frame, struct value **list)
{
	const struct desc_struct *body = frame->body;
	const uint16_t *show = body->show;
	unsigned count = body->show_count;
	bool left_out = false;

	/* Where members may be missing, those that are left out have to be looked for as well. */
	if (body->brief && d->limits->abbrev && !frame->partial) {
		show = body->brief;
		count = body->brief_count;
		left_out = body->left_out & 1u << d->abi;
	}
	for (unsigned i = 0; i < count; i++) {
		unsigned index = show[i];
		const struct desc_field *field = &body->fields[index];

		if (!(field->abis & 1u << d->abi) || !member_present(d, frame, index))
			continue;
		if ((field->flags & FIELD_VERBOSE) && d->limits->abbrev) {
			/* A zero that is not shown is not something left out. */
			if (!(field->flags & FIELD_NONZERO)) {
				left_out = true;
				continue;
			}
		}
		while (*list)
			list = &(*list)->next;
		*list = field_decode(d, field, frame, index);
		if (field->flags & FIELD_SPLICED)
			left_out |= take_more(list);
	}
	while (*list)
		list = &(*list)->next;
	if (left_out)
		*list = value_more(d);
}

/* A last member of varying size has taken all that is there. */
static bool last_varies(const struct decoder *d, const struct desc_struct *body)
{
	const struct desc_field *last = NULL;
	const struct desc_type *type;

	for (unsigned i = 0; i < body->field_count; i++)
		if (!(body->fields[i].flags & (FIELD_COMPUTED | FIELD_AT)))
			last = &body->fields[i];
	type = last ? field_type(last) : NULL;
	return type && !type_size(d, type);
}

/* Bytes behind the members that mtrace knows: a newer kernel's, or garbage that fails with E2BIG. */
static void tail_decode(struct decoder *d, const struct desc_type *type, const struct frame *frame,
			struct value **list)
{
	size_t known, len = frame->now.len;
	bool zero = true;
	struct value *tail;

	if (!frame->body->sized)
		return;
	known = members_size(d, type->body);
	if (len <= known || last_varies(d, type->body))
		return;
	for (size_t i = known; i < len; i++)
		zero = zero && !frame->now.bytes[i];
	if (zero)
		return;
	if (d->limits->abbrev && !(frame->body->flags & STRUCT_TAIL)) {
		tail = value_more(d);
	} else {
		tail = value_new(d, VALUE_STRING);
		tail->flags = VALUE_IN_HEX | VALUE_BARE;
		tail->bytes = frame->now.bytes + known;
		tail->len = len - known;
		tail->comment = arena_printf(d->arena, "bytes %zu..%zu", known, len - 1);
	}
	while (*list && (*list)->kind != VALUE_MORE)
		list = &(*list)->next;
	if (*list && tail->kind != VALUE_MORE)
		tail->next = *list;
	*list = tail;
}

/* htons(80) stands for bytes in network order, makedev(0x1, 0x3) for a number: -X raw shows those. */
static void call_stands_for(const struct desc_type *type, const struct frame *frame,
			    struct value *value)
{
	const struct desc_type *first = field_type(&type->body->fields[0]);
	bool big_endian = frame->big_endian || (first && first->flags & TYPE_BIG_ENDIAN);

	if (type->body->flags & STRUCT_NUMBERED) {
		value->base = type->body->flags & STRUCT_DECIMAL ? BASE_DEC : BASE_HEX;
		value->flags |= VALUE_UNSIGNED;
		value->width = (uint8_t)(frame->now.len < 8 ? frame->now.len : 8);
		for (size_t i = value->width; i--;)
			value->num = value->num << 8 | frame->now.bytes[i];
	} else if (big_endian) {
		value->bytes = frame->now.bytes;
		value->len = frame->now.len;
	}
}

struct value *struct_decode(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *parent, bool inout)
{
	struct value *value;
	struct frame *frame;
	uint64_t addr = window.addr;

	frame = struct_frame(d, type, &window, parent);
	d->partial = false;
	if (!frame)
		return value_address(d, addr, true);
	frame->inout = inout;
	value = value_new(d, type->body->callee ? VALUE_CALL : VALUE_STRUCT);
	value->callee = type->body->callee;
	value->type = type;
	value->addr = addr;
	members_decode(d, frame, &value->first);
	if (!inout)
		tail_decode(d, type, frame, &value->first);
	if (type->body->flags & STRUCT_FLAT) {
		if (value->first)
			value->first->name = NULL;
		return value->first;
	}
	if (value->kind == VALUE_CALL)
		call_stands_for(type, frame, value);
	annotate_struct(d, frame, value);
	return value;
}
