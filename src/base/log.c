/* SPDX-License-Identifier: MIT */
/* Messages to people on standard error.  Used by everyone; the prefix is set by main. */
#include "mtrace/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set once by main, before anything else runs. */
static const char *log_prefix = "mtrace";

void log_set_name(const char *name)
{
	log_prefix = name;
}

const char *log_name(void)
{
	return log_prefix;
}

static void log_write(const char *line, size_t len)
{
	while (len > 0) {
		ssize_t written = write(STDERR_FILENO, line, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		line += written;
		len -= (size_t)written;
	}
}

/*
 * The whole line goes out in one write, so that it cannot be torn apart by what the tracees print on
 * the same terminal.  A message is also due when memory is exhausted: short ones need no heap, and
 * without heap a long one is cut.
 */
static void __attribute__((format(printf, 2, 0)))
log_line(int error, const char *format, va_list args)
{
	char small[512];
	char *line = small;
	size_t size = sizeof(small);

	for (;;) {
		va_list again;
		int prefix = snprintf(line, size, "%s: ", log_prefix);
		size_t len = prefix < 0 ? 0 : (size_t)prefix;
		int text;

		va_copy(again, args);
		text = vsnprintf(len < size ? line + len : NULL, len < size ? size - len : 0,
				 format, again);
		va_end(again);
		len += text < 0 ? 0 : (size_t)text;
		if (error != 0) {
			int tail = snprintf(len < size ? line + len : NULL,
					    len < size ? size - len : 0, ": %s", strerror(error));

			len += tail < 0 ? 0 : (size_t)tail;
		}
		if (len >= size && line == small) {
			char *big = malloc(len + 1);

			if (big != NULL) {
				line = big;
				size = len + 1;
				continue;
			}
			len = size - 1;
		}
		line[len] = '\n'; /* in the place of the NUL */
		log_write(line, len + 1);
		break;
	}
	if (line != small)
		free(line);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(0, format, args);
	va_end(args);
}

void log_errno(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	log_line(error, format, args);
	va_end(args);
}

void log_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(0, format, args);
	va_end(args);
}

void log_fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(0, format, args);
	va_end(args);
	exit(1);
}
