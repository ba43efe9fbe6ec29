/* SPDX-License-Identifier: MIT */
/*
 * Programs that make system calls and say on standard output which trace is expected of them; selftest.sh
 * compares.  Calls are made by number, so that libc adds none; expected lines wait in memory that is
 * shared with children until tracee_end() prints them.  A line is PID, a blank, and the text as with
 * `-a 0`; what the process does outside begin() and end() does not count.
 */
#ifndef TESTS_E2E_TRACEE_H
#define TESTS_E2E_TRACEE_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRACEE_PAGE 4096
#define TRACEE_ROOM ((size_t)1 << 20)

/* Marks that selftest.sh looks for. */
#define TRACEE_BEGIN (-77)
#define TRACEE_END (-78)

struct tracee_shared {
	size_t used;
	char text[TRACEE_ROOM];
};

static struct tracee_shared *tracee_shared;
static int tracee_pid;    /* of the lines that follow */
static char *tracee_hole; /* a page that is not there, behind one that is */

/* A call by number, with all six registers. */
#define CALL6(nr, a, b, c, d, e, f, ...) \
	syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL(...) CALL6(__VA_ARGS__, 0L, 0L, 0L, 0L, 0L, 0L)

static inline void tracee_skip(const char *why)
{
	printf("SKIP %s\n", why);
	exit(77);
}

static inline void tracee_begin(void)
{
	CALL(SYS_close, TRACEE_BEGIN);
}

static inline void tracee_end(void)
{
	CALL(SYS_close, TRACEE_END);
}

/* Memory for lines and for tests; before tracee_begin(). */
static inline void tracee_start(void)
{
	tracee_shared = mmap(NULL, sizeof(*tracee_shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tracee_hole = mmap(NULL, (size_t)2 * TRACEE_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (tracee_shared == MAP_FAILED || tracee_hole == MAP_FAILED)
		exit(2);
	tracee_hole += TRACEE_PAGE;
	munmap(tracee_hole, TRACEE_PAGE);
	tracee_pid = getpid();
}

static inline int tracee_finish(void)
{
	fwrite(tracee_shared->text, 1, tracee_shared->used, stdout);
	return fflush(stdout) ? 2 : 0;
}

/* `len` bytes just before a page that is not there. */
static inline void *at_end(const void *bytes, size_t len)
{
	if (bytes)
		memcpy(tracee_hole - len, bytes, len);
	return tracee_hole - len;
}

/* Text that lives as long as the line it stands in. */
static inline char *tracee_room(size_t size)
{
	static char room[16384];
	static size_t next;
	char *place;

	if (next + size > sizeof(room))
		next = 0;
	place = room + next;
	next += size;
	return place;
}

static inline const char *ptr(const volatile void *address)
{
	char *text = tracee_room(24);

	if (!address)
		return "NULL";
	snprintf(text, 24, "%#lx", (unsigned long)address);
	return text;
}

static inline void tracee_add(const char *format, va_list args)
{
	char line[4096];
	int len = vsnprintf(line, sizeof(line), format, args);
	size_t at = __atomic_fetch_add(&tracee_shared->used, (size_t)len, __ATOMIC_SEQ_CST);

	if (len < 0 || at + (size_t)len > TRACEE_ROOM)
		abort();
	memcpy(tracee_shared->text + at, line, (size_t)len);
}

static inline void __attribute__((format(printf, 1, 2))) tracee_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tracee_add(format, args);
	va_end(args);
}

/* What a call returned, as the line shows it. */
static inline const char *result_of(long result)
{
	char *text = tracee_room(160);

	if (result == -1)
		snprintf(text, 160, "-1 %s (%s)", strerrorname_np(errno), strerror(errno));
	else
		snprintf(text, 160, "%ld", result);
	return text;
}

/*
 * line(result, "format of the call", ...): the line of a call that returned `result`, a number.  Must
 * come right behind the call: it looks at errno.
 */
static inline void __attribute__((format(printf, 2, 3))) line(long result, const char *format, ...)
{
	const char *shown = result_of(result);
	char call[3000];
	va_list args;

	va_start(args, format);
	vsnprintf(call, sizeof(call), format, args);
	va_end(args);
	tracee_print("%d %s = %s\n", tracee_pid, call, shown);
}

/* A line of which nothing follows from a number. */
static inline void __attribute__((format(printf, 1, 2))) other_line(const char *format, ...)
{
	char text[3000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tracee_print("%d %s\n", tracee_pid, text);
}

#endif
