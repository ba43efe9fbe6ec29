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

static void __attribute__((noinline)) buf_grow(struct buf *buf, size_t len)
{
	size_t size = buf->size > 0 ? buf->size : BUF_FIRST_SIZE;

	if (len > SIZE_MAX / 2 - buf->len)
		log_fatal("out of memory: %zu bytes were refused", len);
	while (size < buf->len + len)
		size *= 2;
	buf->data = xrealloc(buf->data, size, 1);
	buf->size = size;
}

char *buf_reserve(struct buf *buf, size_t len)
{
	if (len > buf->size - buf->len)
		buf_grow(buf, len);
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	memcpy(buf_reserve(buf, len), bytes, len);
	buf->len += len;
}

void buf_add_char(struct buf *buf, char c)
{
	*buf_reserve(buf, 1) = c;
	buf->len++;
}

void buf_add_str(struct buf *buf, const char *str)
{
	buf_add(buf, str, strlen(str));
}

void buf_add_udec(struct buf *buf, uint64_t number)
{
	char digits[20];
	char *first = digits + sizeof(digits);

	do {
		*--first = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	buf_add(buf, first, (size_t)(digits + sizeof(digits) - first));
}

void buf_add_dec(struct buf *buf, int64_t number)
{
	uint64_t magnitude = (uint64_t)number;

	if (number < 0) {
		buf_add_char(buf, '-');
		magnitude = -magnitude;
	}
	buf_add_udec(buf, magnitude);
}

void buf_add_hex_digits(struct buf *buf, uint64_t number)
{
	char digits[16];
	char *first = digits + sizeof(digits);

	do {
		*--first = "0123456789abcdef"[number & 15];
		number >>= 4;
	} while (number != 0);
	buf_add(buf, first, (size_t)(digits + sizeof(digits) - first));
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

void buf_pad(struct buf *buf, size_t start, size_t column, char c)
{
	size_t len = buf->len - start;

	if (len >= column)
		return;
	memset(buf_reserve(buf, column - len), c, column - len);
	buf->len += column - len;
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
