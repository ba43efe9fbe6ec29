/* SPDX-License-Identifier: MIT */
/*
 * Strings, keys and plain members of JSON (RFC 8259).  Called by the JSON renderer and by src/stats.
 *
 * A trace may end up on a terminal, and a tracee chooses its strings: what could drive a terminal or
 * reorder a line (control characters of both sets, line separators, bidirectional controls) is escaped.
 */
#include "mtrace/json.h"

#include <string.h>

/* How a byte is written: as itself, as a backslash and this character, or as told by its value. */
enum { PLAIN = 0, NUMBER = 1, HIGH = 2 };

/* clang-format off */
#define N8 NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER
#define H32 HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, \
	HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, \
	HIGH, HIGH, HIGH
static const uint8_t text_class[256] = {
	N8, 'b', 't', 'n', NUMBER, 'f', 'r', NUMBER, NUMBER, N8, N8,
	['"'] = '"', ['\\'] = '\\', [0x7f] = NUMBER,
	[0x80] = H32, H32, H32, H32,
};
/* clang-format on */

/* Bytes are converted in pieces, so that room for the worst case is never much. */
#define PIECE 1024
#define WORST 6 /* characters for one byte: \u001b */

void json_separate(struct buf *out)
{
	char last = out->len > 0 ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_add_char(out, ',');
}

/* Copies as much as stands for itself. */
static size_t copy_plain(char *to, const uint8_t *bytes, size_t len)
{
	size_t plain = 0;

	for (; plain < len && text_class[bytes[plain]] == PLAIN; plain++)
		to[plain] = (char)bytes[plain];
	return plain;
}

/*
 * The bytes of the UTF-8 character at `bytes` and its code; 0 if there is none.  Not characters are
 * overlong forms, surrogates and what lies above U+10FFFF (utf-8(7)).
 */
static unsigned character_length(const uint8_t *bytes, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = bytes[0];
	unsigned size = first < 0x80   ? 1
			: first < 0xc0 ? 0
			: first < 0xe0 ? 2
			: first < 0xf0 ? 3
				       : 4;

	if (size == 0 || size > len || first > 0xf4)
		return 0;
	*code = size == 1 ? first : first & (0x7fu >> size);
	for (unsigned i = 1; i < size; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (bytes[i] & 0x3f);
	}
	if (*code < least[size] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return size;
}

bool json_is_whole(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	const uint8_t *end = at + len;
	uint32_t code;

	while (at < end) {
		unsigned size = *at < 0x80 ? 1 : character_length(at, (size_t)(end - at), &code);

		if (size == 0)
			return false;
		at += size;
	}
	return true;
}

/* Of characters beyond ASCII: does this one do something to a terminal? */
static bool is_control(uint32_t code)
{
	return code < 0xa0 || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f ||
	       code == 0x61c;
}

static char *escape_code(char *to, uint32_t code)
{
	static const char digits[] = "0123456789abcdef";

	*to++ = '\\';
	*to++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*to++ = digits[code >> shift & 15];
	return to;
}

/* One character that does not stand for itself; returns how many bytes it took. */
static unsigned escape_one(char **to, const uint8_t *bytes, size_t len)
{
	uint8_t class = text_class[bytes[0]];
	uint32_t code = bytes[0];
	unsigned size = 1;

	if (class > HIGH) {
		*(*to)++ = '\\';
		*(*to)++ = (char)class;
		return 1;
	}
	if (class == HIGH)
		size = character_length(bytes, len, &code);
	if (size == 0) {
		memcpy(*to, "\xef\xbf\xbd", 3); /* U+FFFD */
		*to += 3;
		return 1;
	}
	if (class == NUMBER || is_control(code)) {
		*to = escape_code(*to, code);
	} else {
		memcpy(*to, bytes, size);
		*to += size;
	}
	return size;
}

static void add_escaped(struct buf *out, const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		const uint8_t *stop = (size_t)(end - at) < PIECE ? end : at + PIECE;
		char *to = buf_reserve(out, PIECE * WORST);

		/* The last character of a piece may begin in it and end behind it. */
		while (at < stop) {
			if (text_class[*at] == PLAIN)
				*to++ = (char)*at++;
			else
				at += escape_one(&to, at, (size_t)(end - at));
		}
		out->len = (size_t)(to - out->data);
	}
}

void json_string(struct buf *out, const void *bytes, size_t len)
{
	size_t piece = len < PIECE ? len : PIECE;
	char *to = buf_reserve(out, piece + 2);
	size_t plain = copy_plain(to + 1, bytes, piece);

	*to = '"';
	out->len += plain + 1;
	if (plain < len)
		add_escaped(out, (const uint8_t *)bytes + plain, (const uint8_t *)bytes + len);
	buf_add_char(out, '"');
}

void json_base64(struct buf *out, const void *bytes, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *from = bytes;

	buf_add_char(out, '"');
	for (size_t i = 0; i < len; i += 3) {
		char *to = buf_reserve(out, 4);
		size_t left = len - i;
		uint32_t bits = (uint32_t)from[i] << 16;

		if (left > 1)
			bits |= (uint32_t)from[i + 1] << 8;
		if (left > 2)
			bits |= from[i + 2];
		to[0] = digits[bits >> 18];
		to[1] = digits[bits >> 12 & 63];
		to[2] = left > 1 ? digits[bits >> 6 & 63] : '=';
		to[3] = left > 2 ? digits[bits & 63] : '=';
		out->len += 4;
	}
	buf_add_char(out, '"');
}

void json_bytes(struct buf *out, const void *bytes, size_t len)
{
	if (json_is_whole(bytes, len)) {
		json_string(out, bytes, len);
		return;
	}
	buf_add_char(out, '{');
	json_key(out, "string");
	json_string(out, bytes, len);
	json_key(out, "base64");
	json_base64(out, bytes, len);
	buf_add_char(out, '}');
}

/* Keys are our own words, so that there is nothing to escape. */
void json_key(struct buf *out, const char *key)
{
	size_t len = strlen(key);
	char *to = buf_reserve(out, len + 4);
	char *begin = to;

	if (out->len > 0 && to[-1] != '{' && to[-1] != '[')
		*to++ = ',';
	*to++ = '"';
	to = mempcpy(to, key, len);
	*to++ = '"';
	*to++ = ':';
	out->len += (size_t)(to - begin);
}

void json_unsigned_member(struct buf *out, const char *key, uint64_t number)
{
	json_key(out, key);
	buf_add_udec(out, number);
}

void json_signed_member(struct buf *out, const char *key, int64_t number)
{
	json_key(out, key);
	buf_add_dec(out, number);
}

void json_string_member(struct buf *out, const char *key, const char *text)
{
	json_key(out, key);
	json_string(out, text, strlen(text));
}

void json_true_member(struct buf *out, const char *key)
{
	json_key(out, key);
	buf_add(out, "true", 4);
}
