/* SPDX-License-Identifier: MIT */
/* Bytes of a tracee's as printable ASCII.  Used by the text renderer and by messages. */
#include "mtrace/quote.h"

#include <stdbool.h>
#include <string.h>

/* How a byte is written: as itself, by number, or as a backslash and this character. */
enum { PLAIN = 0, NUMBER = 1 };

/* clang-format off */
#define N8 NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER
#define N32 N8, N8, N8, N8
static const uint8_t quote_class[256] = {
	N8, NUMBER, 't', 'n', 'v', 'f', 'r', NUMBER, NUMBER, N8, N8,
	['"'] = '"', ['\\'] = '\\', [0x7f] = NUMBER,
	[0x80] = N32, N32, N32, N32,
};
/* clang-format on */

static const char hex_digits[] = "0123456789abcdef";

/* Bytes are converted in pieces, so that room for the worst case is never much. */
#define PIECE 1024
#define WORST 4 /* characters for one byte: \377 or \xff */

static char *quote_hex(char *to, uint8_t byte)
{
	to[0] = '\\';
	to[1] = 'x';
	to[2] = hex_digits[byte >> 4];
	to[3] = hex_digits[byte & 15];
	return to + 4;
}

/* \1 may become \001 only where it must: a digit that follows would be read as part of it. */
static char *quote_octal(char *to, uint8_t byte, bool digit_follows)
{
	*to++ = '\\';
	if (digit_follows || byte >= 0100)
		*to++ = (char)('0' + (byte >> 6));
	if (digit_follows || byte >= 010)
		*to++ = (char)('0' + (byte >> 3 & 7));
	*to++ = (char)('0' + (byte & 7));
	return to;
}

static void quote_add_hex(struct buf *buf, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t piece = len < PIECE ? len : PIECE;
		char *to = buf_reserve(buf, piece * WORST);

		for (size_t i = 0; i < piece; i++)
			to = quote_hex(to, bytes[i]);
		buf->len += piece * WORST;
		bytes += piece;
		len -= piece;
	}
}

static void quote_add_mixed(struct buf *buf, const uint8_t *bytes, size_t len, bool hex,
			    const char *also)
{
	const uint8_t *end = bytes + len;
	size_t run = 0;

	/* Most of what is shown, and all of most strings, is printable. */
	while (also == NULL && run < len && quote_class[bytes[run]] == PLAIN)
		run++;
	buf_add(buf, bytes, run);
	bytes += run;
	while (bytes < end) {
		const uint8_t *stop = (size_t)(end - bytes) < PIECE ? end : bytes + PIECE;
		char *to = buf_reserve(buf, (size_t)(stop - bytes) * WORST);

		for (; bytes < stop; bytes++) {
			uint8_t byte = *bytes;
			uint8_t class = quote_class[byte];

			/* strchr finds the terminating NUL too, but that is not plain. */
			if (class == PLAIN && (also == NULL || strchr(also, byte) == NULL)) {
				*to++ = (char)byte;
			} else if (class > NUMBER) {
				*to++ = '\\';
				*to++ = (char)class;
			} else if (hex) {
				to = quote_hex(to, byte);
			} else {
				bool digit = bytes + 1 < end && bytes[1] >= '0' && bytes[1] <= '7';

				to = quote_octal(to, byte, digit);
			}
		}
		buf->len = (size_t)(to - buf->data);
	}
}

static bool quote_needs_hex(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (quote_class[bytes[i]] == NUMBER)
			return true;
	}
	return false;
}

void quote_add(struct buf *buf, const void *bytes, size_t len, enum quote_style style,
	       const char *also)
{
	bool hex = style == QUOTE_HEX_ALL ||
		   (style == QUOTE_HEX_IF_NEEDED && quote_needs_hex(bytes, len));

	if (hex)
		quote_add_hex(buf, bytes, len);
	else
		quote_add_mixed(buf, bytes, len, style == QUOTE_HEX, also);
}

void quote_add_plain(struct buf *buf, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < len; i++) {
		char *to = buf_reserve(buf, WORST);

		if (from[i] >= ' ' && from[i] <= '~')
			*to++ = (char)from[i];
		else
			to = quote_octal(to, from[i], true);
		buf->len = (size_t)(to - buf->data);
	}
}
