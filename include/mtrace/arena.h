/* SPDX-License-Identifier: MIT */
/*
 * Memory that is released all at once.  Each tracee has one arena for the call that it is in; the
 * arena is reset when the call ends, so that tracing a call allocates nothing in the steady state.
 */
#ifndef MTRACE_ARENA_H
#define MTRACE_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	char *next;                 /* free space in the newest chunk */
	size_t left;                /* bytes of it */
	size_t used;                /* bytes handed out since the last reset */
};

/* An arena that owns nothing yet; a zeroed struct arena is one as well. */
void arena_init(struct arena *arena);

/* `size` zeroed bytes, aligned for any type, valid until the next reset.  Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `len` bytes, followed by a NUL. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len);

/* A formatted, NUL-terminated string in the arena. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets everything handed out; keeps one chunk for reuse. */
void arena_reset(struct arena *arena);

/* Releases everything. */
void arena_free(struct arena *arena);

#endif
