/* SPDX-License-Identifier: MIT */
/*
 * Self-delimiting items in a row: directory entries, control messages, netlink messages and their
 * attributes.  Every length comes from the tracee: an item never reaches beyond the window, and
 * one that claims to be shorter than its own head ends the walk.
 */
#include "decoder.h"

struct item {
	struct frame *frame; /* of the head */
	struct window head;
	struct window body;
	size_t next; /* offset of the item behind it */
};

static uint64_t align_up(uint64_t n, uint64_t align)
{
	return align > 1 ? (n + align - 1) / align * align : n;
}

/* Finds the item at `offset`; false if not even its head is there. */
static bool item_find(struct decoder *d, const struct desc_type *type, struct window window,
		      size_t offset, struct frame *parent, struct item *item)
{
	size_t head_size = members_size(d, type->body);
	struct frame *frame;
	uint64_t len, align;
	size_t got;

	item->head = window_sub(window, offset, head_size);
	item->head.bytes = window_read(d, window, offset, head_size, &got);
	if (got < head_size || !head_size)
		return false;
	item->head.len = head_size;
	frame = arena_alloc(d->arena, sizeof(*frame));
	frame->parent = parent;
	frame->body = type->body;
	frame->now = item->head;
	item->frame = frame;
	len = expr_length(d, type->length, frame);
	align = type->body->align ? expr_length(d, type->body->align, frame) : 1;
	if (len < head_size)
		len = 0;
	item->body = window_sub(window, offset + head_size,
				len > head_size ? (size_t)(len - head_size) : 0);
	if (!item->body.bytes && item->body.len) {
		item->body.bytes = window_read(d, item->body, 0, item->body.len, &got);
		item->body.len = got;
	}
	item->next = len ? offset + (size_t)align_up(len, align) : SIZE_MAX;
	return true;
}

/* The bodies, one behind the other in the item. */
static void bodies_decode(struct decoder *d, const struct desc_type *type, struct item *item,
			  struct value **list)
{
	struct window rest = item->body;
	struct frame *frame = arena_alloc(d->arena, sizeof(*frame));
	size_t avail = d->avail;

	*frame = *item->frame;
	for (unsigned i = 0; i < type->body->body_count; i++) {
		const struct desc_field *field = &type->body->bodies[i];
		const struct desc_alt *alt = NULL;
		struct frame *inner = item->frame;
		const struct desc_type *of;
		struct value *value;

		for (unsigned a = 0; a < field->alt_count && !alt; a++)
			if (expr_true(d, field->alts[a].shown_if, item->frame))
				alt = &field->alts[a];
		if (!alt)
			continue;
		d->avail = rest.len;
		of = type_resolve(d, alt->type, &inner);
		value = of ? decode_type(d, of, rest, inner) : NULL;
		if (!value)
			continue;
		if (field->flags & FIELD_SPLICED && value->kind == VALUE_STRUCT)
			value = value->first;
		else if (!(field->flags & FIELD_SPLICED))
			value->name = field->name;
		while (*list)
			list = &(*list)->next;
		*list = value;
		if (of && type_size(d, of))
			rest = window_sub(rest, type_size(d, of), SIZE_MAX);
	}
	d->avail = avail;
}

static struct value *item_decode(struct decoder *d, const struct desc_type *type, struct item *item)
{
	struct value *head = value_new(d, VALUE_STRUCT), *pair;

	head->addr = item->head.addr;
	members_decode(d, item->frame, &head->first);
	if (type->flags & TYPE_MERGED) {
		bodies_decode(d, type, item, &head->first);
		return head;
	}
	bodies_decode(d, type, item, &head->next);
	if (!head->next)
		return head;
	pair = value_new(d, VALUE_ARRAY);
	pair->first = head;
	for (struct value *v = pair->first; v; v = v->next)
		v->name = NULL;
	return pair;
}

struct value *records_decode(struct decoder *d, const struct desc_type *type, struct window window,
			     struct frame *frame)
{
	struct value *array = value_new(d, VALUE_ARRAY), **end = &array->first;
	uint64_t limit = d->limits->abbrev ? d->limits->string_limit : UINT64_MAX;
	uint64_t count = 0;
	size_t offset = 0;
	int64_t outer = d->index;
	struct item item;

	array->type = type;
	array->addr = window.addr;
	/* Behind the head of an item that has nothing more. */
	if (window.bytes && !window.len)
		return NULL;
	while (offset < window.len && item_find(d, type, window, offset, frame, &item)) {
		if (!d->count_only) {
			if (count >= limit || !window_avail(d, sizeof(struct value))) {
				*end = value_more(d);
				break;
			}
			d->index = (int64_t)count;
			*end = item_decode(d, type, &item);
			end = &(*end)->next;
		}
		count++;
		offset = item.next;
	}
	d->index = outer;
	array->counted = count > UINT32_MAX ? UINT32_MAX : (unsigned)count;
	if (!count && window.len && window.len != SIZE_MAX && offset == 0)
		return window.bytes ? bytes_of_window(d, window)
				    : value_address(d, window.addr, true);
	/* One message is shown as itself, several as an array of them. */
	if (!(type->flags & TYPE_MERGED) && count == 1 && array->first)
		return array->first;
	return array;
}
