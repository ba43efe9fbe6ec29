/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer: what renderers write to.  Contents are bytes, not a C string; `data` is
 * owned by the buffer and moves when it grows.
 */
#ifndef MTRACE_BUF_H
#define MTRACE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data;
	size_t len;
	size_t size;
};

/* Makes room for `len` more bytes; the slow half of buf_reserve(). */
void buf_grow(struct buf *buf, size_t len);

/*
 * Makes room for `len` more bytes and returns where they go; whoever writes them adds to `buf->len`.
 */
static inline char *buf_reserve(struct buf *buf, size_t len)
{
	if (__builtin_expect(len > buf->size - buf->len, 0))
		buf_grow(buf, len);
	return buf->data + buf->len;
}

/*
 * Appends; never fails (memory exhaustion ends the program in xalloc.c).  In the header since most of
 * what is appended has a length that the compiler knows and is then stored without a call.
 */
static inline void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	memcpy(buf_reserve(buf, len), bytes, len);
	buf->len += len;
}

/* The same of a name: 4 to 16 bytes as a rule, which two moves that overlap copy without a call. */
static inline void buf_add_name(struct buf *buf, const char *name, size_t len)
{
	char *to = buf_reserve(buf, len);

	if (len >= 8 && len <= 16) {
		memcpy(to, name, 8);
		memcpy(to + len - 8, name + len - 8, 8);
	} else if (len >= 4 && len < 8) {
		memcpy(to, name, 4);
		memcpy(to + len - 4, name + len - 4, 4);
	} else {
		memcpy(to, name, len);
	}
	buf->len += len;
}

static inline void buf_add_char(struct buf *buf, char c)
{
	*buf_reserve(buf, 1) = c;
	buf->len++;
}

static inline void buf_add_str(struct buf *buf, const char *str)
{
	buf_add(buf, str, strlen(str));
}

/* Of 2^64 - 1. */
#define BUF_DIGITS_MAX 20

/* The slow half of buf_put_udec(): two digits or more. */
char *buf_put_digits(char *to, uint64_t number);

/* Decimal digits at `to`, where BUF_DIGITS_MAX bytes may be overwritten; returns where they end. */
static inline char *buf_put_udec(char *to, uint64_t number)
{
	if (number >= 10)
		return buf_put_digits(to, number);
	*to = (char)('0' + number);
	return to + 1;
}

static inline void buf_add_udec(struct buf *buf, uint64_t number)
{
	char *to = buf_reserve(buf, BUF_DIGITS_MAX);

	buf->len += (size_t)(buf_put_udec(to, number) - to);
}

static inline void buf_add_dec(struct buf *buf, int64_t number)
{
	uint64_t magnitude = (uint64_t)number;

	if (number < 0) {
		buf_add_char(buf, '-');
		magnitude = -magnitude;
	}
	buf_add_udec(buf, magnitude);
}

/* Hexadecimal with 0x; zero is "0", as printf's %#x has it. */
void buf_add_hex(struct buf *buf, uint64_t number);
/* The same without 0x; zero is "0". */
void buf_add_hex_digits(struct buf *buf, uint64_t number);
/* Octal with a leading 0; zero is "0". */
void buf_add_oct(struct buf *buf, uint64_t number);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Most padding is shorter. */
#define BUF_PAD_AT_ONCE 48

/* Appends `c` until the buffer is `column` bytes long since offset `start`. */
static inline void buf_pad(struct buf *buf, size_t start, size_t column, char c)
{
	size_t len = buf->len - start;

	if (len >= column)
		return;
	/* A length that the compiler knows is stored without a call. */
	if (column - len <= BUF_PAD_AT_ONCE)
		memset(buf_reserve(buf, BUF_PAD_AT_ONCE), c, BUF_PAD_AT_ONCE);
	else
		memset(buf_reserve(buf, column - len), c, column - len);
	buf->len += column - len;
}
void buf_reset(struct buf *buf);
void buf_free(struct buf *buf);

#endif
