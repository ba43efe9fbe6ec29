/* SPDX-License-Identifier: MIT */
/*
 * Memory that is released all at once.  Each tracee has one arena for the call that it is in; the
 * arena is reset when the call ends, so that tracing a call allocates nothing in the steady state.
 */
#ifndef MTRACE_ARENA_H
#define MTRACE_ARENA_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	char *first;                /* of the newest chunk: where its space begins, */
	char *next;                 /* ... where it is free, and all zeros, */
	char *end;                  /* ... and ends; all three multiples of ARENA_ALIGNMENT */
	bool grown;                 /* several chunks, or a large one */
	size_t earlier;             /* bytes handed out of older chunks since the last reset */
};

/* What is handed out is a multiple of this, and so aligned for any type. */
#define ARENA_ALIGNMENT alignof(max_align_t)

/* Bytes handed out since the last reset. */
static inline size_t arena_used(const struct arena *arena)
{
	return arena->earlier + (size_t)(arena->next - arena->first);
}

/* An arena that owns nothing yet; a zeroed struct arena is one as well. */
void arena_init(struct arena *arena);

/* The slow half of arena_alloc(): for what the newest chunk has no room for, and for 0 bytes. */
void *arena_alloc_chunk(struct arena *arena, size_t size);

/*
 * `size` zeroed bytes, aligned for any type, valid until the next reset.  Never NULL.  Free space is
 * zero already (arena_reset() clears what was used), so that small pieces cost a few instructions.
 */
static inline void *arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
	char *memory = arena->next;

	/* A size near the end of its range is rounded to 0, and so is 0; neither passes. */
	if (__builtin_expect(rounded - 1 >= (size_t)(arena->end - memory), 0))
		return arena_alloc_chunk(arena, size);
	arena->next = memory + rounded;
	return memory;
}

/* A copy of `len` bytes, followed by a NUL. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len);

/* A formatted, NUL-terminated string in the arena. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets everything handed out; keeps one chunk for reuse, clearing what was used of it. */
void arena_reset(struct arena *arena);

/* Releases everything. */
void arena_free(struct arena *arena);

#endif
