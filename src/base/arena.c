/* SPDX-License-Identifier: MIT */
/* Memory that is released all at once.  Used by the engine, through the session's tracees. */
#include "mtrace/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/log.h"
#include "mtrace/xalloc.h"

/* What a usual call takes fits into the first chunk. */
#define ARENA_FIRST_CHUNK 8192
/* Cleared at once: so much libc does with vector stores, more with a string instruction. */
#define ARENA_CLEARED 1024
/* A chunk larger than this is not kept over a reset: one huge call must not tie up its memory. */
#define ARENA_KEPT_CHUNK ((size_t)256 << 10)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size; /* of data, a multiple of ARENA_ALIGNMENT */
	alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena)
{
	memset(arena, 0, sizeof(*arena));
}

static void arena_grow(struct arena *arena, size_t size)
{
	size_t chunk_size = arena->chunks != NULL ? arena->chunks->size : ARENA_FIRST_CHUNK / 2;
	struct arena_chunk *chunk;

	if (chunk_size < ARENA_KEPT_CHUNK)
		chunk_size *= 2;
	else
		chunk_size = ARENA_KEPT_CHUNK;
	if (chunk_size < size)
		chunk_size = size;
	if (chunk_size > SIZE_MAX - sizeof(*chunk))
		log_fatal("out of memory: %zu bytes were refused", size);
	chunk = xcalloc(1, sizeof(*chunk) + chunk_size);
	chunk->older = arena->chunks;
	chunk->size = chunk_size;
	arena->earlier = arena_used(arena);
	arena->chunks = chunk;
	arena->grown = chunk->older != NULL || chunk_size > ARENA_KEPT_CHUNK;
	arena->first = arena->next = chunk->data;
	arena->end = chunk->data + chunk_size;
}

void *arena_alloc_chunk(struct arena *arena, size_t size)
{
	const size_t mask = ARENA_ALIGNMENT - 1;
	char *memory;

	if (size > SIZE_MAX - mask)
		log_fatal("out of memory: %zu bytes were refused", size);
	size = (size + mask) & ~mask;
	if (size > (size_t)(arena->end - arena->next) || arena->chunks == NULL)
		arena_grow(arena, size);
	memory = arena->next;
	arena->next += size;
	return memory;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		log_fatal("out of memory: %zu bytes were refused", len);
	copy = arena_alloc(arena, len + 1);
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	char small[128];
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (len < 0)
		return arena_copy(arena, "", 0);
	if ((size_t)len < sizeof(small))
		return arena_copy(arena, small, (size_t)len);
	text = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

/* A compiler that knew a bound would use a string instruction itself. */
static inline void arena_zero(char *memory, size_t size)
{
	__asm__("" : "+r"(size));
	memset(memory, 0, size);
}

static void arena_clear(char *memory, size_t size)
{
	while (size > 0) {
		size_t piece = size < ARENA_CLEARED ? size : ARENA_CLEARED;

		arena_zero(memory, piece);
		memory += piece;
		size -= piece;
	}
}

/* The same as arena_reset(), of an arena that has grown: several chunks, or a large one. */
static void __attribute__((noinline)) arena_reset_grown(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks;
	struct arena_chunk *kept = NULL;

	/* How much of an older chunk was used is not known: all of it, or nearly so. */
	size_t used = (size_t)(arena->next - arena->first);

	while (chunk != NULL) {
		struct arena_chunk *older = chunk->older;

		if (kept == NULL && chunk->size <= ARENA_KEPT_CHUNK) {
			arena_clear(chunk->data, chunk == arena->chunks ? used : chunk->size);
			kept = chunk;
		} else {
			free(chunk);
		}
		chunk = older;
	}
	arena->chunks = kept;
	arena->grown = false;
	arena->first = arena->next = kept != NULL ? kept->data : NULL;
	arena->end = kept != NULL ? kept->data + kept->size : NULL;
	arena->earlier = 0;
	if (kept != NULL)
		kept->older = NULL;
}

void arena_reset(struct arena *arena)
{
	char *first = arena->first;
	size_t used = (size_t)(arena->next - first);

	if (arena->grown) {
		arena_reset_grown(arena);
		return;
	}
	if (used == 0)
		return;
	arena->next = first;
	if (used <= ARENA_CLEARED)
		arena_zero(first, used);
	else
		arena_clear(first, used);
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks;

	while (chunk != NULL) {
		struct arena_chunk *older = chunk->older;

		free(chunk);
		chunk = older;
	}
	arena_init(arena);
}
