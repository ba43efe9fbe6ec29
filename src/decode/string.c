/* SPDX-License-Identifier: MIT */
/*
 * Strings and buffers: how much of them is read and shown (-s), and where they end.
 */
#include <string.h>

#include "decoder.h"

/* What the kernel accepts of a path, its NUL included (PATH_MAX). */
#define PATH_BYTES 4096u
/* Strings are read in pieces: most are short, and what lies behind them need not be looked at. */
#define STRING_FIRST_STEP 64u
#define STRING_STEP 256u

/* Reads up to a NUL or `limit` bytes; *len is without the NUL.  False if memory ends before. */
static bool read_until_nul(struct decoder *d, struct window window, size_t limit,
			   const uint8_t **bytes, size_t *len, bool *terminated)
{
	uint8_t *text = NULL;
	size_t size = 0, done = 0, most = STRING_FIRST_STEP;

	*terminated = false;
	for (; done < limit; most = STRING_STEP) {
		size_t step = limit - done < most ? limit - done : most, got;
		const uint8_t *piece = window_read(d, window, done, step, &got);
		const uint8_t *nul = got ? memchr(piece, 0, got) : NULL;
		size_t use = nul ? (size_t)(nul - piece) : got;

		if (!done && (nul || got < step || got == limit)) {
			/* It is all in the first piece, which nobody else will touch. */
			*bytes = got ? piece : (const uint8_t *)"";
			*len = use;
			*terminated = nul != NULL;
			return nul || use == limit;
		}
		if (done + use > size) {
			uint8_t *bigger;

			size = (done + use) * 2;
			bigger = arena_alloc(d->arena, size + 1);
			if (done)
				memcpy(bigger, text, done);
			text = bigger;
		}
		if (use)
			memcpy(text + done, piece, use);
		done += use;
		if (nul) {
			*terminated = true;
			break;
		}
		if (got < step)
			break;
	}
	*bytes = text ? text : (const uint8_t *)"";
	*len = done;
	return *terminated || done == limit;
}

struct value *string_decode(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *frame)
{
	/* -s cuts what a pointer leads to; members of structs and paths are shown whole. */
	size_t shown = type->flags & TYPE_PATH ? PATH_BYTES - 1
		       : window.bytes          ? window.len
					       : d->limits->string_limit;
	bool fixed = type->length != NULL, terminated, complete;
	struct value *value;
	const uint8_t *bytes;
	size_t len, limit;

	if (fixed) {
		window = window_sub(window, 0, (size_t)expr_length(d, type->length, frame));
		/* The kernel takes at most so many bytes, the NUL among them. */
		if (!window.bytes && window.len && window.len - 1 < shown)
			shown = window.len - 1;
	}
	limit = shown + 1; /* one more tells whether the string goes on */
	if (window.bytes && window.len < limit)
		limit = window.len;
	complete = read_until_nul(d, window, limit, &bytes, &len, &terminated);
	if (!complete && !window.bytes)
		return value_address(d, window.addr, true);
	value = value_new(d, VALUE_STRING);
	value->type = type;
	value->addr = window.addr;
	value->bytes = bytes;
	value->len = len > shown ? shown : len;
	if (type->flags & TYPE_PATH)
		value->flags |= VALUE_PATH;
	/* A char array may be full to the last byte; what a pointer leads to has to end. */
	if (!terminated && (len > shown || !window.bytes))
		value->flags |= VALUE_TRUNCATED;
	return value;
}

struct value *bytes_decode(struct decoder *d, const struct desc_type *type, struct window window,
			   struct frame *frame)
{
	uint64_t len = window.len == SIZE_MAX ? 0 : window.len;
	struct number told = { 0 };
	size_t shown, got;
	struct value *value;

	/* Lengths are unsigned: write(1, p, -1) shows as much as the limit lets through. */
	if (type->length) {
		told = expr_eval(d, type->length, frame);
		len = told.known ? (uint64_t)told.value : 0;
	}
	/* What lies in a window has been paid for with the window. */
	if (d->budget >= 0 && !window.bytes) {
		if (len > (uint64_t)d->budget)
			len = (uint64_t)d->budget;
		d->budget -= (int64_t)len;
	}
	if (window.bytes && len > window.len)
		len = window.len;
	shown = len > d->limits->string_limit ? d->limits->string_limit : (size_t)len;
	value = value_new(d, VALUE_STRING);
	value->type = type;
	value->addr = window.addr;
	/* The byte behind the limit has to be there too, if "..." is to stand for it. */
	value->bytes = window_read(d, window, 0, shown < len ? shown + 1 : shown, &got);
	if (got < shown || (shown < len && got == shown))
		return value_address(d, window.addr, true);
	value->len = shown;
	value->total = len;
	if (shown < len)
		value->flags |= VALUE_TRUNCATED;
	if (type->flags & TYPE_IN_HEX)
		value->flags |= VALUE_IN_HEX;
	return value;
}

struct value *bytes_of_window(struct decoder *d, struct window window)
{
	struct value *value = value_new(d, VALUE_STRING);

	value->addr = window.addr;
	value->bytes = window.bytes;
	value->total = window.len;
	value->len = window.len > d->limits->string_limit ? d->limits->string_limit : window.len;
	if (value->len < window.len)
		value->flags |= VALUE_TRUNCATED;
	return value;
}
