/* SPDX-License-Identifier: MIT */
/* Memory that is released all at once.  Used by the engine, through the session's tracees. */
#include "mtrace/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/log.h"
#include "mtrace/xalloc.h"

/* What a usual call takes fits into the first chunk. */
#define ARENA_FIRST_CHUNK 8192
/* A chunk larger than this is not kept over a reset: one huge call must not tie up its memory. */
#define ARENA_KEPT_CHUNK ((size_t)256 << 10)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size; /* of data */
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
	chunk = xmalloc(sizeof(*chunk) + chunk_size);
	chunk->older = arena->chunks;
	chunk->size = chunk_size;
	arena->chunks = chunk;
	arena->next = chunk->data;
	arena->left = chunk_size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t mask = alignof(max_align_t) - 1;
	char *memory;

	if (size > SIZE_MAX - mask)
		log_fatal("out of memory: %zu bytes were refused", size);
	size = (size + mask) & ~mask;
	if (size > arena->left || arena->chunks == NULL)
		arena_grow(arena, size);
	memory = arena->next;
	arena->next += size;
	arena->left -= size;
	arena->used += size;
	return memset(memory, 0, size);
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

void arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks;
	struct arena_chunk *kept = NULL;

	while (chunk != NULL) {
		struct arena_chunk *older = chunk->older;

		if (kept == NULL && chunk->size <= ARENA_KEPT_CHUNK)
			kept = chunk;
		else
			free(chunk);
		chunk = older;
	}
	arena->chunks = kept;
	arena->next = kept != NULL ? kept->data : NULL;
	arena->left = kept != NULL ? kept->size : 0;
	arena->used = 0;
	if (kept != NULL)
		kept->older = NULL;
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
