/* SPDX-License-Identifier: MIT */
/*
 * Tracee: writes bytes of all kinds to standard output, one write(2) for each piece, and names a file in
 * bytes that are not UTF-8.  Who traces it compares with what was written.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGE ((size_t)1 << 20)

static void put(const void *bytes, size_t len)
{
	if (write(1, bytes, len) != (ssize_t)len)
		exit(1);
}

#define PUT(text) put(text, sizeof(text) - 1)

static void put_small(void)
{
	char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	PUT("");
	PUT("plain");
	PUT("\"quoted\" and \\ and / and '");
	PUT("\0");
	PUT("a\0b\0\0c");
	PUT("\b\t\n\v\f\r\033[31m\177");
	PUT("gr\xc3\xbc\xc3\x9f"
	    "e \xe2\x82\xac \xf0\x9f\x90\xa7");
	PUT("\xff\xfe\xc3(\xa0\xa1\xe2\x82\xed\xa0\x80\xf4\x90\x80\x80\xc0\x80");
	PUT("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xc2\x85\xef\xbb\xbf");
	put(all, sizeof(all));
	/* -s cuts a character in two (32 bytes are the default), or just does not. */
	PUT("1234567890123456789012345678901\xc3\xa9");
	PUT("12345678901234567890123456789012\xc3\xa9");
	PUT("123456789012345678901234567890\xc3\xa9");
	PUT("12345678901234567890123456789012");
}

static void put_large(void)
{
	static const char *const words[] = { "text ", "\"", "\\", "\n", "\xe2\x82\xac", "\x01" };
	char *bytes = malloc(LARGE + 16);
	uint32_t random = 1;
	size_t len = 0;

	if (bytes == NULL)
		exit(1);
	memset(bytes, 'x', LARGE);
	put(bytes, LARGE);
	while (len < LARGE) {
		const char *word;

		random = random * 1664525 + 1013904223;
		word = words[(random >> 16) % 6];
		memcpy(bytes + len, word, strlen(word));
		len += strlen(word);
	}
	put(bytes, len);
	for (size_t i = 0; i < LARGE; i++) {
		random = random * 1664525 + 1013904223;
		bytes[i] = (char)(random >> 24);
	}
	put(bytes, LARGE);
	free(bytes);
}

int main(void)
{
	put_small();
	put_large();
	return open("name \xff\n\"", O_RDONLY) == -1 ? 0 : 1;
}
