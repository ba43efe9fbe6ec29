/* SPDX-License-Identifier: MIT */
/* A growing byte buffer.  Used by the renderers, the session and the output. */
#include "mtrace/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/log.h"
#include "mtrace/xalloc.h"

#define BUF_FIRST_SIZE 4096

void buf_grow(struct buf *buf, size_t len)
{
	size_t size = buf->size > 0 ? buf->size : BUF_FIRST_SIZE;

	if (len > SIZE_MAX / 2 - buf->len)
		log_fatal("out of memory: %zu bytes were refused", len);
	while (size < buf->len + len)
		size *= 2;
	buf->data = xrealloc(buf->data, size, 1);
	buf->size = size;
}

/* Two decimal digits for each number below 100. */
static const char buf_pairs[] = "00010203040506070809101112131415161718192021222324"
				"25262728293031323334353637383940414243444546474849"
				"50515253545556575859606162636465666768697071727374"
				"75767778798081828384858687888990919293949596979899";

char *buf_put_digits(char *to, uint64_t number)
{
	/* As many again lie behind them, so that a copy of a length that the compiler knows does. */
	char digits[2 * BUF_DIGITS_MAX];
	char *const end = digits + BUF_DIGITS_MAX;
	char *first = end;
	uint32_t rest;

	for (; number > UINT32_MAX; number /= 100) {
		first -= 2;
		memcpy(first, &buf_pairs[number % 100 * 2], 2);
	}
	for (rest = (uint32_t)number; rest >= 10; rest /= 100) {
		first -= 2;
		memcpy(first, &buf_pairs[rest % 100 * 2], 2);
	}
	if (rest > 0)
		*--first = (char)('0' + rest);
	memcpy(to, first, BUF_DIGITS_MAX);
	return to + (end - first);
}

void buf_add_hex_digits(struct buf *buf, uint64_t number)
{
	unsigned width = number != 0 ? (67 - (unsigned)__builtin_clzll(number)) / 4 : 1;
	char *to = buf_reserve(buf, width);

	buf->len += width;
	for (; width > 0; number >>= 4)
		to[--width] = "0123456789abcdef"[number & 15];
}

void buf_add_hex(struct buf *buf, uint64_t number)
{
	if (number != 0)
		buf_add(buf, "0x", 2);
	buf_add_hex_digits(buf, number);
}

void buf_add_oct(struct buf *buf, uint64_t number)
{
	char digits[23];
	char *first = digits + sizeof(digits);

	for (; number != 0; number >>= 3)
		*--first = (char)('0' + (number & 7));
	*--first = '0';
	buf_add(buf, first, (size_t)(digits + sizeof(digits) - first));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	size_t room = 128;

	for (;;) {
		char *to = buf_reserve(buf, room);
		va_list args;
		int len;

		va_start(args, format);
		len = vsnprintf(to, room, format, args);
		va_end(args);
		if (len < 0)
			return;
		if ((size_t)len < room) {
			buf->len += (size_t)len;
			return;
		}
		room = (size_t)len + 1;
	}
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}
