/* SPDX-License-Identifier: MIT */
/*
 * A tracee made of arrays, and tables written by hand in place of the generated ones: for the tests of
 * src/decode.  Each ABI has one call, number 0, whose form a test chooses.
 */
#ifndef TESTS_UNIT_ENGINE_FIXTURE_H
#define TESTS_UNIT_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/decode/decoder.h"
#include "mtrace/render.h"

/* ---- the tables ---- */

static struct desc_form form;
static const struct desc_syscall probe_call = { .name = "probe", .arg_count = 6, .form = &form };
static const struct desc_syscall raw_call = { .name = "later", .arg_count = 2 };
static const struct desc_syscall wrapped_call = { .name = "wrapped",
						  .arg_count = 3,
						  .form = &form };
static const struct desc_row rows[] = {
	{ .name = "probe", .call = &probe_call, .arg_count = 6 },
	{ .name = "later", .call = &raw_call, .arg_count = 2 },
	{ .name = "socketcall",
	  .call = &raw_call,
	  .arg_count = 2,
	  .multiplex = MULTIPLEX_SOCKETCALL },
};
#define ABI_ROWS .rows = rows, .row_count = 3
const struct desc_abi desc_abis[ABI_COUNT] = {
	[ABI_X86_64] = { .name = "x86_64", .word = 8, .klong = 8, ABI_ROWS },
	[ABI_X32] = { .name = "x32", .word = 4, .klong = 8, ABI_ROWS },
	[ABI_I386] = { .name = "i386", .word = 4, .klong = 4, ABI_ROWS },
	[ABI_AARCH64] = { .name = "aarch64", .word = 8, .klong = 8, ABI_ROWS },
	[ABI_ARM] = { .name = "arm", .word = 4, .klong = 4, ABI_ROWS },
	[ABI_RISCV64] = { .name = "riscv64", .word = 8, .klong = 8, ABI_ROWS },
};
const struct desc_syscall *const desc_syscalls[] = { &raw_call, &probe_call, &wrapped_call };
const unsigned desc_syscall_count = 3;
const struct desc_row desc_socketcalls[] = {
	{ 0 },
	{ .name = "wrapped", .call = &wrapped_call, .arg_count = 3 },
};
const unsigned desc_socketcall_count = 2;
const struct desc_row desc_ipccalls[] = { { 0 } };
const unsigned desc_ipccall_count = 1;

#define ON_ALL_ABIS(list, n) \
	{ \
		{ list, n }, { list, n }, { list, n }, { list, n }, { list, n }, \
		{ \
			list, n \
		} \
	}
static const struct desc_entry errno_entries[] = { { "EINVAL", 22 } };
static const struct desc_set errno_set = { .name = "errno",
					   .by_abi = ON_ALL_ABIS(errno_entries, 1) };
const struct desc_set *const desc_errnos = &errno_set;
const struct desc_set *const desc_signals = &errno_set;
static const struct desc_type siginfo_type = { .kind = TYPE_NOTHING };
const struct desc_type *const desc_siginfo = &siginfo_type;

/* ---- types that many tests use ---- */

#define INT_TYPE(bytes, sign) \
	{ \
		.kind = TYPE_INT, .width = (bytes), .is_signed = (sign) \
	}
static const struct desc_type s32_type = INT_TYPE(4, true);
static const struct desc_type u32_type = INT_TYPE(4, false);
static const struct desc_type u64_type = INT_TYPE(8, false);
static const struct desc_type u8_type = INT_TYPE(1, false);
static const struct desc_type u16_type = INT_TYPE(2, false);
static const struct desc_type word_type = INT_TYPE(WIDTH_WORD, false);
static const struct desc_type cstr_type = { .kind = TYPE_STRING };
static const struct desc_type nothing_type = { .kind = TYPE_NOTHING };

#define POINTER(ph, to) \
	{ \
		.kind = TYPE_POINTER, .phase = (ph), .of = &(to) \
	}

/* ---- expressions, members, arguments ---- */

#define CODE(...) ((const struct desc_op[]){ __VA_ARGS__, { .code = OP_END } })
#define K(n) \
	{ \
		.code = OP_CONST, .k = (n) \
	}
#define OP(c) \
	{ \
		.code = (c) \
	}
/* An operation with a constant. */
#define WITH(c, n) \
	{ \
		.code = (c), .k = (n) \
	}
/* Member or argument i of the innermost frame that has any. */
#define FIELD(i) \
	{ \
		.code = OP_FIELD, .index = (i) \
	}
#define FIELD_AND(i, n) \
	{ \
		.code = OP_FIELD_AND, .index = (i), .k = (n) \
	}
#define OUTER(up, i) \
	{ \
		.code = OP_FIELD, .depth = (up), .index = (i) \
	}

#define EVERYWHERE 0xff
#define SAME(n) ((const uint16_t[]){ n, n, n, n, n, n })
#define SIZES(n) ((const uint32_t[]){ n, n, n, n, n, n })
#define ALT(...) .alts = (const struct desc_alt[]){ { __VA_ARGS__ } }, .alt_count = 1

/* A member or argument `n` of type `t` at offset or in slot `at`. */
#define MEMBER(n, t, at) \
	{ \
		.name = n, .abis = EVERYWHERE, ALT(.type = &(t)), .place = SAME(at) \
	}
#define MARKED(n, t, at, marks) \
	{ \
		.name = n, .abis = EVERYWHERE, .flags = (marks), ALT(.type = &(t)), \
		.place = SAME(at) \
	}

/* ---- memory ---- */

#define BLOCKS 4
struct block {
	uint64_t addr;
	const void *bytes;
	size_t len;
};
struct image {
	struct memory memory;
	struct block blocks[BLOCKS];
	unsigned count;
	unsigned reads;
	size_t bytes_read;
};

static struct arena arena;
static struct image image;
static struct decode_limits limits;
static struct options options;
static struct buf out;
static struct renderer renderer;
static struct render_state state;
static struct decode_source source;

static inline size_t image_read(struct memory *self, uint64_t addr, void *to, size_t len)
{
	struct image *from = (struct image *)self;

	from->reads++;
	for (unsigned i = 0; i < from->count; i++) {
		const struct block *block = &from->blocks[i];
		size_t left;

		if (addr < block->addr || addr - block->addr >= block->len)
			continue;
		left = block->len - (size_t)(addr - block->addr);
		left = left < len ? left : len;
		memcpy(to, (const char *)block->bytes + (addr - block->addr), left);
		from->bytes_read += left;
		return left;
	}
	return 0;
}

/* Puts `len` bytes at `addr`; nothing is mapped behind them. */
static inline void map(uint64_t addr, const void *bytes, size_t len)
{
	for (unsigned i = 0; i < image.count; i++) {
		if (image.blocks[i].addr == addr) {
			image.blocks[i] = (struct block){ addr, bytes, len };
			return;
		}
	}
	assert_true(image.count < BLOCKS);
	image.blocks[image.count++] = (struct block){ addr, bytes, len };
}

#define MAP(addr, object) map(addr, &(object), sizeof(object))

static inline int set_up(void **unused)
{
	(void)unused;
	memset(&image, 0, sizeof(image));
	memset(&out, 0, sizeof(out));
	memset(&state, 0, sizeof(state));
	memset(&form, 0, sizeof(form));
	memset(&options, 0, sizeof(options));
	image.memory.read = image_read;
	limits = (struct decode_limits){ .string_limit = 32, .abbrev = true, .verbose = true };
	renderer = (struct renderer){ .ops = &text_renderer, .options = &options, .out = &out };
	source = (struct decode_source){ .arena = &arena, .memory = &image.memory };
	return 0;
}

static inline int tear_down(void **unused)
{
	(void)unused;
	arena_free(&arena);
	buf_free(&out);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* ---- running calls ---- */

/* Tables of one test are automatic: compound literals inside a function are. */
#define NO_SPLIT UINT32_MAX

/* The form of call 0: these arguments, `int` as the result. */
#define FORM(list, at) \
	(form = (struct desc_form){ .args = (list), \
				    .arg_count = sizeof(list) / sizeof(*(list)), \
				    .split = (at), \
				    .ret = &s32_type })

static inline void expect_out(const char *expected)
{
	buf_add_char(&out, '\0');
	assert_string_equal(out.data, expected);
	buf_reset(&out);
}

#define ARGS(...) ((const uint64_t[6]){ __VA_ARGS__ })

/* Enters call 0; `shown` is what stands on the line then. */
static inline struct call *enter(enum abi_id abi, const uint64_t *args, const char *shown)
{
	struct call *call = decode_enter(&source, &limits, abi, 0, args);

	renderer.ops->enter(&renderer, 1, &state, call);
	expect_out(shown);
	return call;
}

/* Ends it; `shown` is the rest of the line without its newline. */
static inline void leave(struct call *call, int64_t result, const char *shown)
{
	decode_exit(call, &source, result, result < 0 && result > -4096);
	renderer.ops->exit(&renderer, 1, &state, call);
	assert_true(out.len > 0);
	assert_int_equal(out.data[--out.len], '\n');
	expect_out(shown);
}

/* A whole call of x86_64, line and all. */
static inline void expect_call(const uint64_t *args, int64_t result, const char *line)
{
	struct call *call = decode_enter(&source, &limits, ABI_X86_64, 0, args);

	renderer.ops->enter(&renderer, 1, &state, call);
	leave(call, result, line);
}

/* What `type` shows at `addr`, outside any call: all phases are past. */
static inline void expect_pointee(const struct desc_type *type, uint64_t addr, const char *shown)
{
	struct decoder d = {
		.arena = &arena,
		.memory = &image.memory,
		.limits = &limits,
		.at_exit = true,
		.budget = -1,
		.avail = SIZE_MAX,
	};

	text_value(&renderer, decode_pointee(&d, type, addr, NULL));
	expect_out(shown);
}

#endif
