/* SPDX-License-Identifier: MIT */
/* The one place where an allocation may fail.  Used by everyone who allocates. */
#include "mtrace/xalloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/log.h"

static void __attribute__((noreturn)) xalloc_die(size_t count, size_t size)
{
	log_fatal("out of memory: %zu times %zu bytes were refused", count, size);
}

void *xmalloc(size_t size)
{
	void *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		xalloc_die(1, size);
	return memory;
}

void *xcalloc(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

	if (memory == NULL)
		xalloc_die(count, size);
	return memory;
}

void *xrealloc(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count > 0 ? count : 1, size > 0 ? size : 1);

	if (memory == NULL)
		xalloc_die(count, size);
	return memory;
}

char *xstrdup(const char *str)
{
	return xmemdup(str, strlen(str));
}

char *xmemdup(const void *bytes, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		xalloc_die(1, len);
	copy = xmalloc(len + 1);
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = xmalloc((size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}
