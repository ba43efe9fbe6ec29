/* SPDX-License-Identifier: MIT */
/*
 * The other side of hooks/build.h: runs hooks and lets them build values in the call's arena.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decoder.h"
#include "hooks/build.h"
#include "hooks/hook.h"

/* The longest window that a walk hook is given. */
#define HOOK_WINDOW_MAX 4096u

struct builder {
	struct decoder *d;
	const struct desc_type *type;
	struct window window;
	struct value *result;
};

struct value *hook_run_scalar(struct decoder *d, const struct desc_type *type, uint64_t number)
{
	struct builder b = { .d = d, .type = type };

	if (type->set && symbol_name(d, type, number))
		return symbol_decode(d, type, number);
	type->scalar(&b, number);
	if (!b.result)
		return NULL;
	b.result->type = type;
	if (b.result->kind == VALUE_TEXT) {
		b.result->num = number;
		b.result->width = (uint8_t)build_width(&b);
		b.result->flags |= type->is_signed ? 0 : VALUE_UNSIGNED;
	}
	return b.result;
}

struct value *hook_run_walk(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *frame)
{
	size_t size = type->size ? type->size[d->abi] : 0, got;
	struct builder b = { .d = d, .type = type };

	if (type->length)
		window = window_sub(window, 0, (size_t)expr_length(d, type->length, frame));
	if (!size)
		size = window.len < HOOK_WINDOW_MAX ? window.len : HOOK_WINDOW_MAX;
	window.bytes = window_read(d, window, 0, size, &got);
	if (type->size && got < size)
		return value_address(d, window.addr, true);
	window.len = got;
	b.window = window;
	type->walk(&b);
	if (b.result)
		b.result->type = type;
	return b.result;
}

void build_result(struct builder *b, struct value *value)
{
	b->result = value;
}

struct value *build_number(struct builder *b, uint64_t number, enum desc_base base)
{
	struct value *value = value_new(b->d, VALUE_INT);

	value->num = number;
	value->base = (uint8_t)base;
	value->flags = VALUE_UNSIGNED;
	value->width = (uint8_t)build_width(b);
	return value;
}

struct value *build_signed(struct builder *b, int64_t number)
{
	struct value *value = build_number(b, (uint64_t)number, BASE_DEC);

	value->flags = 0;
	return value;
}

struct value *build_symbols(struct builder *b, uint64_t number, enum desc_base base)
{
	struct value *value = value_new(b->d, VALUE_FLAGS);

	value->num = number;
	value->groups = arena_alloc(b->d->arena, sizeof(*value->groups));
	value->groups->num = number;
	value->groups->base = (uint8_t)base;
	value->groups->joiner = "|";
	return value;
}

void build_part(struct builder *b, struct value *symbols, const char *name, uint64_t number)
{
	struct value_part *part = arena_alloc(b->d->arena, sizeof(*part));
	struct value_part **end = &symbols->groups->parts;

	while (*end)
		end = &(*end)->next;
	*end = part;
	part->name = name;
	part->num = number;
	part->base = BASE_HEX;
}

void build_part_unknown(struct builder *b, struct value *symbols, uint64_t number,
			const char *comment)
{
	struct value_part *part;

	build_part(b, symbols, NULL, number);
	for (part = symbols->groups->parts; part->next;)
		part = part->next;
	part->comment = comment;
}

void build_joiner(struct value *symbols, const char *joiner)
{
	symbols->groups->joiner = joiner;
}

static char *format_text(struct builder *b, const char *format, va_list args, size_t *len)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	*len = n > 0 ? (size_t)n : 0;
	text = arena_alloc(b->d->arena, *len + 1);
	vsnprintf(text, *len + 1, format, again);
	va_end(again);
	return text;
}

struct value *build_text(struct builder *b, const char *format, ...)
{
	struct value *value = value_new(b->d, VALUE_TEXT);
	va_list args;

	va_start(args, format);
	value->bytes = (const uint8_t *)format_text(b, format, args, &value->len);
	va_end(args);
	return value;
}

const char *build_printf(struct builder *b, const char *format, ...)
{
	va_list args;
	const char *text;
	size_t len;

	va_start(args, format);
	text = format_text(b, format, args, &len);
	va_end(args);
	return text;
}

struct value *build_string(struct builder *b, const void *bytes, size_t len)
{
	struct value *value = value_new(b->d, VALUE_STRING);

	value->bytes = (const uint8_t *)arena_copy(b->d->arena, bytes, len);
	value->len = len;
	return value;
}

struct value *build_text_field(struct builder *b, const uint8_t *bytes, size_t len, bool ended)
{
	size_t limit = b->d->limits->string_limit;
	struct value *value = value_new(b->d, VALUE_STRING);

	value->addr = b->window.addr;
	value->bytes = bytes;
	value->len = len < limit ? len : limit;
	if (value->len < len || (ended && len == limit))
		value->flags |= VALUE_TRUNCATED;
	else if (ended)
		value->flags |= VALUE_NUL_BEHIND;
	return value;
}

struct value *build_call(struct builder *b, const char *callee)
{
	struct value *value = value_new(b->d, VALUE_CALL);

	value->callee = callee;
	return value;
}

void build_stands_for(struct builder *b, struct value *call, const void *bytes, size_t len)
{
	call->bytes = (const uint8_t *)arena_copy(b->d->arena, bytes, len);
	call->len = len;
}

void build_stands_for_number(struct builder *b, struct value *call, uint64_t number,
			     enum desc_base base)
{
	call->num = number;
	call->base = (uint8_t)base;
	call->flags |= VALUE_UNSIGNED;
	call->width = (uint8_t)build_width(b);
}

void build_append(struct value *parent, const char *name, struct value *child)
{
	struct value **end = &parent->first;

	while (*end)
		end = &(*end)->next;
	*end = child;
	child->name = name;
}

void build_comment(struct builder *b, struct value *value, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	value->comment = format_text(b, format, args, &len);
	va_end(args);
}

const uint8_t *build_window(struct builder *b, size_t *len)
{
	*len = b->window.len;
	return b->window.bytes;
}

const char *build_bare_member(const struct builder *b)
{
	const struct desc_field *field = b->d->field;

	return field && field->flags & FIELD_BARE ? field->name : NULL;
}

enum abi_id build_abi(const struct builder *b)
{
	return b->d->abi;
}

unsigned build_width(const struct builder *b)
{
	return width_bytes(b->d, b->type->width);
}

const char *build_interface(struct builder *b, unsigned index)
{
	struct resolver *resolver = b->d->resolver;
	char name[64];
	size_t len;

	if (!resolver || !resolver->ifname)
		return NULL;
	len = resolver->ifname(resolver, index, name, sizeof(name));
	return len ? arena_copy(b->d->arena, name, len) : NULL;
}
