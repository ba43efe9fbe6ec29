/* SPDX-License-Identifier: MIT */
/* Tests of src/base/arena.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/arena.h"

static void test_memory_is_zeroed_and_aligned(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 200; size += 7) {
			unsigned char *memory = arena_alloc(&arena, size);

			assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(memory[i], 0);
			memset(memory, 0xee, size);
		}
		arena_reset(&arena);
	}
	arena_free(&arena);
}

static void test_pieces_do_not_overlap(void **state)
{
	struct arena arena;
	unsigned char *pieces[500];

	(void)state;
	arena_init(&arena);
	for (unsigned i = 0; i < 500; i++) {
		pieces[i] = arena_alloc(&arena, i + 1);
		memset(pieces[i], (int)(i & 0xff), i + 1);
	}
	for (unsigned i = 0; i < 500; i++) {
		assert_int_equal(pieces[i][0], i & 0xff);
		assert_int_equal(pieces[i][i], i & 0xff);
	}
	arena_free(&arena);
}

static void test_reset_reuses_memory(void **state)
{
	struct arena arena = { 0 };
	struct arena_chunk *chunk;
	void *first;

	(void)state;
	first = arena_alloc(&arena, 64);
	chunk = arena.chunks;
	assert_int_equal(arena_used(&arena), 64);
	arena_reset(&arena);
	assert_int_equal(arena_used(&arena), 0);
	assert_ptr_equal(arena_alloc(&arena, 64), first);
	assert_ptr_equal(arena.chunks, chunk);
	arena_free(&arena);
	assert_null(arena.chunks);
}

static void test_huge_chunk_is_not_kept(void **state)
{
	struct arena arena = { 0 };
	char *huge;

	(void)state;
	arena_alloc(&arena, 16);
	huge = arena_alloc(&arena, (size_t)8 << 20);
	huge[((size_t)8 << 20) - 1] = 1;
	arena_reset(&arena);
	assert_true((size_t)(arena.end - arena.next) < (size_t)1 << 20);
	assert_true((size_t)(arena.end - arena.next) >= 16);
	arena_free(&arena);
}

/* Whichever chunk is kept, what is handed out of it again is clear. */
static void test_kept_chunks_are_cleared(void **state)
{
	static const size_t sizes[][4] = {
		{ 100, 8000, 100, 0 },           /* the newest of several is kept */
		{ 8192, 0, 0, 0 },               /* used to the last byte */
		{ 5000, (size_t)1 << 20, 0, 0 }, /* the newest is too large: an older one is kept */
		{ (size_t)1 << 20, 5000, 64, 0 }, /* behind one that is too large */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct arena arena = { 0 };
		char *rest;

		for (size_t piece = 0; sizes[i][piece] != 0; piece++)
			memset(arena_alloc(&arena, sizes[i][piece]), 0xee, sizes[i][piece]);
		arena_reset(&arena);
		for (rest = arena.next; rest < arena.end; rest++)
			assert_int_equal(*rest, 0);
		arena_free(&arena);
	}
}

static void test_copies_are_terminated(void **state)
{
	struct arena arena = { 0 };
	char expected[400];
	char *copy = arena_copy(&arena, "ab\0cd", 5);

	(void)state;
	assert_memory_equal(copy, "ab\0cd", 6);
	assert_string_equal(arena_copy(&arena, NULL, 0), "");
	assert_string_equal(arena_printf(&arena, "%d %s", 42, "vars"), "42 vars");
	snprintf(expected, sizeof(expected), "%0300d", 7);
	assert_string_equal(arena_printf(&arena, "%0300d", 7), expected);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed_and_aligned),
		cmocka_unit_test(test_pieces_do_not_overlap),
		cmocka_unit_test(test_reset_reuses_memory),
		cmocka_unit_test(test_huge_chunk_is_not_kept),
		cmocka_unit_test(test_kept_chunks_are_cleared),
		cmocka_unit_test(test_copies_are_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
