/* SPDX-License-Identifier: MIT */
/*
 * Tests of src/decode: what is decided once for all descriptions.  Pointers, strings, arrays, limits,
 * and what is known at entry and what at the end.
 */
#include "engine_fixture.h"

#define UNMAPPED 0x9000u

static const struct desc_type in_s32 = POINTER(PHASE_IN, s32_type);
static const struct desc_type out_s32 = POINTER(PHASE_OUT, s32_type);
static const struct desc_type in_cstr = POINTER(PHASE_IN, cstr_type);

/* ---- pointers ---- */

static void test_pointer(void **unused)
{
	const struct desc_field args[] = { MEMBER("p", in_s32, 0), MEMBER("n", s32_type, 1) };
	static const int32_t five = 5;

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, five);
	expect_call(ARGS(0x1000, 1), 0, "probe([5], 1) = 0");
	expect_call(ARGS(0, 2), 0, "probe(NULL, 2) = 0");
	expect_call(ARGS(UNMAPPED, 3), 0, "probe(0x9000, 3) = 0");
	expect_call(ARGS(0x1000, (uint64_t)-1), -22,
		    "probe([5], -1) = -1 EINVAL (Invalid argument)");
	/* Three of four bytes. */
	map(0x1000, &five, 3);
	expect_call(ARGS(0x1000, 1), 0, "probe(0x1000, 1) = 0");
	/* The last address there is. */
	expect_call(ARGS(UINT64_MAX, 1), 0, "probe(0xffffffffffffffff, 1) = 0");
}

static void test_out_pointer_waits(void **unused)
{
	const struct desc_field args[] = {
		MEMBER("n", s32_type, 0),
		MEMBER("p", out_s32, 1),
		MEMBER("m", s32_type, 2),
	};
	static const int32_t before = 5, after = 7;
	struct call *call;

	(void)unused;
	FORM(args, 1);
	MAP(0x1000, before);
	call = enter(ABI_X86_64, ARGS(3, 0x1000, 4), "probe(3");
	MAP(0x1000, after);
	leave(call, 0, ", [7], 4) = 0");
	/* After an error nothing was written. */
	call = enter(ABI_X86_64, ARGS(3, 0x1000, 4), "probe(3");
	leave(call, -22, ", 0x1000, 4) = -1 EINVAL (Invalid argument)");
	call = enter(ABI_X86_64, ARGS(3, 0, 4), "probe(3");
	leave(call, 0, ", NULL, 4) = 0");
}

static void test_pointer_is_followed_when(void **unused)
{
	const struct desc_field args[] = {
		{ .name = "p",
		  .abis = EVERYWHERE,
		  .place = SAME(0),
		  ALT(.type = &in_s32, .follow = CODE(FIELD(1), K(1), OP(OP_EQ))) },
		MEMBER("n", s32_type, 1),
		{ .name = "q",
		  .abis = EVERYWHERE,
		  .place = SAME(2),
		  ALT(.type = &out_s32, .follow = CODE(OP(OP_ERR), K(22), OP(OP_EQ))) },
	};
	static const int32_t five = 5;

	(void)unused;
	FORM(args, 2);
	MAP(0x1000, five);
	expect_call(ARGS(0x1000, 1, 0x1000), 0, "probe([5], 1, 0x1000) = 0");
	expect_call(ARGS(0x1000, 2, 0x1000), -22,
		    "probe(0x1000, 2, [5]) = -1 EINVAL (Invalid argument)");
}

static void test_verbose_none(void **unused)
{
	const struct desc_field args[] = { MEMBER("p", in_s32, 0), MEMBER("s", in_cstr, 1) };
	static const int32_t five = 5;

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, five);
	MAP(0x2000, "text");
	limits.verbose = false;
	expect_call(ARGS(0x1000, 0x2000), 0, "probe(0x1000, \"text\") = 0");
}

/* ---- strings and buffers ---- */

static void test_string_limit(void **unused)
{
	(void)unused;
	limits.string_limit = 4;
	MAP(0x1000, "abcd");
	expect_pointee(&cstr_type, 0x1000, "\"abcd\"");
	MAP(0x1000, "abcde");
	expect_pointee(&cstr_type, 0x1000, "\"abcd\"...");
	limits.string_limit = 0;
	expect_pointee(&cstr_type, 0x1000, "\"\"...");
	MAP(0x1000, "");
	expect_pointee(&cstr_type, 0x1000, "\"\"");
}

static void test_string_without_end(void **unused)
{
	(void)unused;
	map(0x1000, "abcde", 5);
	expect_pointee(&cstr_type, 0x1000, "0x1000");
	/* The limit is reached before memory ends. */
	limits.string_limit = 4;
	expect_pointee(&cstr_type, 0x1000, "\"abcd\"...");
	limits.string_limit = 5;
	expect_pointee(&cstr_type, 0x1000, "0x1000");
}

static void test_path_is_whole(void **unused)
{
	const struct desc_type path = { .kind = TYPE_STRING, .flags = TYPE_PATH };
	char *text = arena_alloc(&arena, 5000), *expected = arena_alloc(&arena, 6000);

	(void)unused;
	limits.string_limit = 4;
	MAP(0x1000, "/a/long/path");
	expect_pointee(&path, 0x1000, "\"/a/long/path\"");
	/* PATH_MAX counts the NUL. */
	memset(text, 'x', 4999);
	map(0x1000, text, 5000);
	sprintf(expected, "\"%.4095s\"...", text);
	expect_pointee(&path, 0x1000, expected);
}

static void test_long_string(void **unused)
{
	char *text = arena_alloc(&arena, 1001), *expected = arena_alloc(&arena, 1003);

	(void)unused;
	limits.string_limit = 100000;
	for (unsigned i = 0; i < 1000; i++)
		text[i] = (char)('a' + i % 26);
	map(0x1000, text, 1001);
	sprintf(expected, "\"%s\"", text);
	expect_pointee(&cstr_type, 0x1000, expected);
}

static void test_char_array(void **unused)
{
	const struct desc_type name = { .kind = TYPE_STRING,
					.length = CODE(K(4)),
					.size = SIZES(4) };
	const struct desc_field members[] = { MEMBER("name", name, 0), MEMBER("n", u32_type, 4) };
	const struct desc_struct body = { .fields = members,
					  .field_count = 2,
					  .show_count = 2,
					  .show = (const uint16_t[]){ 0, 1 } };
	const struct desc_type type = { .kind = TYPE_STRUCT, .body = &body, .size = SIZES(8) };

	(void)unused;
	map(0x1000, "ab\0x\1\0\0\0", 8);
	expect_pointee(&type, 0x1000, "{name=\"ab\", n=1}");
	/* Full to the last byte: the member ends, not the string. */
	map(0x1000, "abcd\2\0\0\0", 8);
	expect_pointee(&type, 0x1000, "{name=\"abcd\", n=2}");
	map(0x1000, "abcd\2\0\0", 7);
	expect_pointee(&type, 0x1000, "0x1000");
}

static const struct desc_type buffer = { .kind = TYPE_BYTES, .length = CODE(FIELD(1)) };
static const struct desc_type in_buffer = POINTER(PHASE_IN, buffer);

static void test_buffer(void **unused)
{
	const struct desc_field args[] = { MEMBER("buf", in_buffer, 0),
					   MEMBER("len", word_type, 1) };

	(void)unused;
	FORM(args, NO_SPLIT);
	limits.string_limit = 4;
	map(0x1000, "a\0\377dxxx", 7);
	expect_call(ARGS(0x1000, 4), 0, "probe(\"a\\0\\377d\", 4) = 0");
	expect_call(ARGS(0x1000, 5), 0, "probe(\"a\\0\\377d\"..., 5) = 0");
	expect_call(ARGS(0x1000, 0), 0, "probe(\"\", 0) = 0");
	expect_call(ARGS(0x1005, 2), 0, "probe(\"xx\", 2) = 0");
	expect_call(ARGS(0x1005, 3), 0, "probe(0x1005, 3) = 0");
	/* Lengths are unsigned. */
	expect_call(ARGS(0x1000, UINT64_MAX), 0,
		    "probe(\"a\\0\\377d\"..., 18446744073709551615) = 0");
	assert_true(arena_used(&arena) < 1 << 20);
}

/* What is not shown is not read. */
static void test_large_buffer_is_cheap(void **unused)
{
	const struct desc_field args[] = { MEMBER("buf", in_buffer, 0),
					   MEMBER("len", word_type, 1) };
	static char large[1 << 20];

	(void)unused;
	FORM(args, NO_SPLIT);
	limits.string_limit = 4;
	MAP(0x100000, large);
	expect_call(ARGS(0x100000, sizeof(large)), 0, "probe(\"\\0\\0\\0\\0\"..., 1048576) = 0");
	assert_true(image.bytes_read < 100);
}

/* ---- arrays ---- */

static const struct desc_type numbers = { .kind = TYPE_ARRAY,
					  .of = &s32_type,
					  .length = CODE(FIELD(1)) };
static const struct desc_type in_numbers = POINTER(PHASE_IN, numbers);
static const struct desc_field array_args[] = { MEMBER("list", in_numbers, 0),
						MEMBER("count", word_type, 1) };
static const int32_t five_numbers[] = { 1, 2, 3, 4, 5 };

static void test_array(void **unused)
{
	(void)unused;
	FORM(array_args, NO_SPLIT);
	MAP(0x1000, five_numbers);
	expect_call(ARGS(0x1000, 3), 0, "probe([1, 2, 3], 3) = 0");
	expect_call(ARGS(0x1000, 0), 0, "probe([], 0) = 0");
	expect_call(ARGS(0, 3), 0, "probe(NULL, 3) = 0");
	expect_call(ARGS(UNMAPPED, 3), 0, "probe(0x9000, 3) = 0");
}

static void test_array_into_unmapped_page(void **unused)
{
	(void)unused;
	FORM(array_args, NO_SPLIT);
	MAP(0x1000, five_numbers);
	expect_call(ARGS(0x100c, 2), 0, "probe([4, 5], 2) = 0");
	expect_call(ARGS(0x100c, 3), 0, "probe([4, 5, ... /* 0x1014 */], 3) = 0");
	/* Half an element is none. */
	map(0x1000, five_numbers, 18);
	expect_call(ARGS(0x100c, 3), 0, "probe([4, ... /* 0x1010 */], 3) = 0");
	expect_call(ARGS(0x1010, 3), 0, "probe(0x1010, 3) = 0");
}

static void test_array_limit(void **unused)
{
	(void)unused;
	FORM(array_args, NO_SPLIT);
	MAP(0x1000, five_numbers);
	limits.string_limit = 2;
	expect_call(ARGS(0x1000, 2), 0, "probe([1, 2], 2) = 0");
	expect_call(ARGS(0x1000, 3), 0, "probe([1, 2, ...], 3) = 0");
	limits.abbrev = false;
	expect_call(ARGS(0x1000, 5), 0, "probe([1, 2, 3, 4, 5], 5) = 0");
}

static void test_array_of_lies(void **unused)
{
	static int32_t many[100000];

	(void)unused;
	FORM(array_args, NO_SPLIT);
	limits.abbrev = false;
	MAP(0x1000, five_numbers);
	expect_call(ARGS(0x1000, INT64_MAX), 0,
		    "probe([1, 2, 3, 4, 5, ... /* 0x1014 */], 9223372036854775807) = 0");
	expect_call(ARGS(0x1000, (uint64_t)1 << 62), 0,
		    "probe([1, 2, 3, 4, 5, ... /* 0x1014 */], 4611686018427387904) = 0");
	assert_true(arena_used(&arena) < 1 << 20);
	/* Many elements there are: shown by a few reads. */
	MAP(0x100000, many);
	image.reads = 0;
	enter(ABI_X86_64, ARGS(0x100000, 0), "probe([], 0");
	decode_enter(&source, &limits, ABI_X86_64, 0, ARGS(0x100000, 100000));
	assert_in_range(image.reads, 1, 200);
}

static void test_array_end(void **unused)
{
	const struct desc_type until_zero = { .kind = TYPE_ARRAY,
					      .of = &u16_type,
					      .extent = EXTENT_UNTIL_ZERO };
	const struct desc_type in_bytes = {
		.kind = TYPE_ARRAY, .of = &u16_type, .extent = EXTENT_BYTES, .length = CODE(K(7))
	};
	static const uint16_t list[] = { 9, 8, 7, 0, 6 };

	(void)unused;
	MAP(0x1000, list);
	expect_pointee(&until_zero, 0x1000, "[9, 8, 7]");
	expect_pointee(&until_zero, 0x1006, "[]");
	expect_pointee(&until_zero, 0x1008, "[6, ... /* 0x100a */]");
	/* Seven bytes hold three elements. */
	expect_pointee(&in_bytes, 0x1000, "[9, 8, 7]");
}

static const struct desc_field pair_members[] = { MEMBER("a", u8_type, 0),
						  MEMBER("b", u8_type, 1) };
static const struct desc_struct pair_body = { .fields = pair_members,
					      .field_count = 2,
					      .show = (const uint16_t[]){ 0, 1 },
					      .show_count = 2 };
static const struct desc_type pair = { .kind = TYPE_STRUCT, .body = &pair_body, .size = SIZES(2) };

static void test_array_where(void **unused)
{
	const struct desc_type chosen = {
		.kind = TYPE_ARRAY, .of = &pair, .length = CODE(K(3)), .where = CODE(FIELD(1))
	};

	(void)unused;
	map(0x1000, "\1\0\2\5\3\6", 6);
	expect_pointee(&chosen, 0x1000, "[{a=2, b=5}, {a=3, b=6}]");
	/* Elements that are not chosen do not count against the limit. */
	limits.string_limit = 2;
	expect_pointee(&chosen, 0x1000, "[{a=2, b=5}, {a=3, b=6}]");
}

static void test_bits_of_a_set(void **unused)
{
	const struct desc_type set = { .kind = TYPE_BITSET, .width = 1, .length = CODE(FIELD(1)) };
	const struct desc_type in_set = POINTER(PHASE_IN, set);
	const struct desc_field args[] = { MEMBER("set", in_set, 0), MEMBER("n", word_type, 1) };
	static const uint8_t bits[] = { 0x81, 0x02 };

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, bits);
	expect_call(ARGS(0x1000, 16), 0, "probe([0 7 9], 16) = 0");
	expect_call(ARGS(0x1000, 9), 0, "probe([0 7], 9) = 0");
	expect_call(ARGS(0x1000, 0), 0, "probe([], 0) = 0");
	expect_call(ARGS(0x1000, 17), 0, "probe(0x1000, 17) = 0");
	expect_call(ARGS(0x1000, UINT64_MAX), 0, "probe(0x1000, 18446744073709551615) = 0");
	expect_call(ARGS(0x1000, 1u << 31), 0, "probe(0x1000, 2147483648) = 0");
}

/* ---- two views of a pointer, and what the kernel changes ---- */

static void test_change(void **unused)
{
	const struct desc_type in_pair = POINTER(PHASE_IN, pair);
	const struct desc_type out_pair = POINTER(PHASE_OUT, pair);
	const struct desc_type change = { .kind = TYPE_CHANGE, .of = &in_pair, .then = &out_pair };
	const struct desc_field args[] = { MEMBER("p", change, 0), MEMBER("n", s32_type, 1) };
	struct call *call;

	(void)unused;
	FORM(args, NO_SPLIT);
	map(0x1000, "\1\2", 2);
	call = enter(ABI_X86_64, ARGS(0x1000, 1), "probe({a=1, b=2}");
	map(0x1000, "\3\4", 2);
	leave(call, 0, " => {a=3, b=4}, 1) = 0");
	call = enter(ABI_X86_64, ARGS(0x1000, 1), "probe({a=3, b=4}");
	leave(call, -22, ", 1) = -1 EINVAL (Invalid argument)");
	expect_call(ARGS(0, 1), 0, "probe(NULL, 1) = 0");
	expect_call(ARGS(UNMAPPED, 1), 0, "probe(0x9000, 1) = 0");
}

static const struct desc_type inout_s32 = POINTER(PHASE_INOUT, s32_type);

static void test_keep_pointer(void **unused)
{
	const struct desc_field args[] = { MEMBER("n", s32_type, 0),
					   MARKED("len", inout_s32, 1, FIELD_KEEP) };
	static const int32_t before = 110, after = 16;
	struct call *call;

	(void)unused;
	FORM(args, 1);
	MAP(0x1000, before);
	call = enter(ABI_X86_64, ARGS(3, 0x1000), "probe(3");
	MAP(0x1000, after);
	leave(call, 0, ", [110 => 16]) = 0");
	MAP(0x1000, before);
	expect_call(ARGS(3, 0x1000), 0, "probe(3, [110]) = 0");
	expect_call(ARGS(3, 0x1000), -22, "probe(3, [110]) = -1 EINVAL (Invalid argument)");
	expect_call(ARGS(3, 0), 0, "probe(3, NULL) = 0");
	expect_call(ARGS(3, UNMAPPED), 0, "probe(3, 0x9000) = 0");
}

static void test_keep_when(void **unused)
{
	const struct desc_field args[] = {
		{ .name = "len",
		  .abis = EVERYWHERE,
		  .flags = FIELD_KEEP,
		  ALT(.type = &inout_s32),
		  .place = SAME(0),
		  .keep = CODE(OP(OP_ERR), OP(OP_NOT)) },
	};
	static const int32_t before = 110, after = 16;
	struct call *call;

	(void)unused;
	FORM(args, 0);
	MAP(0x1000, before);
	call = enter(ABI_X86_64, ARGS(0x1000), "probe(");
	MAP(0x1000, after);
	leave(call, -22, "[110]) = -1 EINVAL (Invalid argument)");
}

/* What *arg was at entry, for a length that is the smaller of the two. */
static void test_old_pointee(void **unused)
{
	const struct desc_type least = {
		.kind = TYPE_BYTES,
		.length = CODE({ .code = OP_OLD_DEREF, .index = 1 },
			       { .code = OP_DEREF, .index = 1 }, OP(OP_LT),
			       { .code = OP_OLD_DEREF, .index = 1 },
			       { .code = OP_DEREF, .index = 1 }, OP(OP_COND)),
	};
	const struct desc_type out_least = POINTER(PHASE_OUT, least);
	const struct desc_field args[] = { MEMBER("buf", out_least, 0),
					   MARKED("len", inout_s32, 1, FIELD_KEEP) };
	static const int32_t two = 2, three = 3;
	struct call *call;

	(void)unused;
	FORM(args, 0);
	MAP(0x1000, "abcdef");
	MAP(0x2000, three);
	call = enter(ABI_X86_64, ARGS(0x1000, 0x2000), "probe(");
	MAP(0x2000, two);
	leave(call, 0, "\"ab\", [3 => 2]) = 0");
	call = enter(ABI_X86_64, ARGS(0x1000, 0x2000), "probe(");
	MAP(0x2000, three);
	leave(call, 0, "\"ab\", [2 => 3]) = 0");
}

/* ---- known now, known later ---- */

/* A renderer holds on to the values of the entry: they are filled where they are. */
static void test_pending_is_filled_in_place(void **unused)
{
	const struct desc_field args[] = {
		MEMBER("n", s32_type, 0),
		MEMBER("p", out_s32, 1),
		MEMBER("m", s32_type, 2),
	};
	static const int32_t seven = 7;
	struct call *call;
	struct value *first, *hole, *last, copy;

	(void)unused;
	FORM(args, 1);
	MAP(0x1000, seven);
	call = decode_enter(&source, &limits, ABI_X86_64, 0, ARGS(3, 0x1000, 4));
	first = call->args;
	hole = first->next;
	last = hole->next;
	copy = *first;
	assert_int_equal(call->split, 1);
	assert_int_equal(first->state, VALUE_READY);
	assert_int_equal(hole->state, VALUE_PENDING);
	assert_string_equal(hole->name, "p");
	assert_int_equal(last->state, VALUE_READY);
	assert_false(call->finished);
	decode_exit(call, &source, 0, false);
	assert_true(call->finished);
	assert_ptr_equal(call->args, first);
	assert_memory_equal(first, &copy, sizeof(copy));
	assert_ptr_equal(first->next, hole);
	assert_ptr_equal(hole->next, last);
	assert_null(last->next);
	assert_int_equal(hole->state, VALUE_READY);
	assert_int_equal(hole->kind, VALUE_ARRAY);
	assert_int_equal(hole->first->num, 7);
	assert_string_equal(hole->name, "p");
}

/* A condition on the result: there is a place for it, which may stay empty. */
static void test_condition_on_result(void **unused)
{
	const struct desc_field args[] = {
		MEMBER("n", s32_type, 0),
		{ .name = "m",
		  .abis = EVERYWHERE,
		  .place = SAME(1),
		  ALT(.type = &s32_type, .shown_if = CODE(OP(OP_RET), K(0), OP(OP_GT))) },
		MEMBER("k", s32_type, 2),
	};
	struct call *call;

	(void)unused;
	FORM(args, NO_SPLIT);
	call = enter(ABI_X86_64, ARGS(1, 2, 3), "probe(1");
	leave(call, 1, ", 2, 3) = 1");
	call = enter(ABI_X86_64, ARGS(1, 2, 3), "probe(1");
	leave(call, 0, ", 3) = 0");
}

static void test_split_if(void **unused)
{
	const struct desc_field args[] = { MEMBER("n", s32_type, 0), MEMBER("m", s32_type, 1) };
	struct call *call;

	(void)unused;
	FORM(args, 1);
	form.split_if = CODE(FIELD(1), K(5), OP(OP_EQ));
	call = enter(ABI_X86_64, ARGS(1, 5), "probe(1");
	leave(call, 0, ", 5) = 0");
	call = enter(ABI_X86_64, ARGS(1, 6), "probe(1, 6");
	leave(call, 0, ") = 0");
}

/* ---- arguments ---- */

static void test_alternatives(void **unused)
{
	const struct desc_alt alts[] = {
		{ .type = &in_cstr, .shown_if = CODE(FIELD(0), K(1), OP(OP_EQ)) },
		{ .type = &s32_type, .shown_if = CODE(FIELD(0), K(2), OP(OP_EQ)) },
	};
	const struct desc_field args[] = {
		MEMBER("key", s32_type, 0),
		{ .name = "arg",
		  .abis = EVERYWHERE,
		  .place = SAME(1),
		  .alts = alts,
		  .alt_count = 2 },
		{ .name = "slot",
		  .abis = EVERYWHERE,
		  .flags = FIELD_SKIPPED,
		  .place = SAME(2),
		  ALT(.type = &s32_type) },
		MEMBER("last", s32_type, 3),
	};

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, "text");
	expect_call(ARGS(1, 0x1000, 8, 9), 0, "probe(1, \"text\", 9) = 0");
	expect_call(ARGS(2, 0x1000, 8, 9), 0, "probe(2, 4096, 9) = 0");
	expect_call(ARGS(3, 0x1000, 8, 9), 0, "probe(3, 9) = 0");
}

static void test_arms(void **unused)
{
	const struct desc_field args[] = { MEMBER("key", s32_type, 0) };
	const struct desc_field one_args[] = { MEMBER("s", in_cstr, 1) };
	const struct desc_form one = {
		.args = one_args, .arg_count = 1, .split = NO_SPLIT, .ret = &u64_type
	};
	const struct desc_form other = { .split = NO_SPLIT };
	static const int64_t by_abi[ABI_COUNT] = { [ABI_X86_64] = 7, [ABI_I386] = 8 };
	const struct desc_form_arm arms[] = { { .value = 1, .form = &one },
					      { .by_abi = by_abi, .form = &one } };

	(void)unused;
	FORM(args, NO_SPLIT);
	form.key = CODE(FIELD(0));
	form.arms = arms;
	form.arm_count = 2;
	form.otherwise = &other;
	MAP(0x1000, "text");
	expect_call(ARGS(1, 0x1000), INT64_MAX, "probe(1, \"text\") = 9223372036854775807");
	expect_call(ARGS(7, 0x1000), 3, "probe(7, \"text\") = 3");
	expect_call(ARGS(8, 0x1000), -1000000, "probe(8) = -1000000");
	leave(enter(ABI_I386, ARGS(8, 0x1000), "probe(8, \"text\""), 3, ") = 3");
}

/* 64-bit numbers in 32-bit slots, the low half first; on arm the pair begins at an even slot. */
static void test_pairs_of_slots(void **unused)
{
	static const uint16_t second[] = { [ABI_X86_64] = 1,  [ABI_X32] = 1, [ABI_I386] = 1,
					   [ABI_AARCH64] = 1, [ABI_ARM] = 2, [ABI_RISCV64] = 1 };
	static const uint16_t third[] = { [ABI_X86_64] = 2,  [ABI_X32] = 2, [ABI_I386] = 3,
					  [ABI_AARCH64] = 2, [ABI_ARM] = 4, [ABI_RISCV64] = 2 };
	const struct desc_field args[] = {
		MEMBER("n", s32_type, 0),
		{ .name = "offset", .abis = EVERYWHERE, .place = second, ALT(.type = &u64_type) },
		{ .name = "m", .abis = EVERYWHERE, .place = third, ALT(.type = &u32_type) },
	};

	(void)unused;
	FORM(args, NO_SPLIT);
	enter(ABI_X86_64, ARGS(1, 0x100000002, 3), "probe(1, 4294967298, 3");
	state = (struct render_state){ 0 };
	enter(ABI_X32, ARGS(1, 0x100000002, 3), "probe(1, 4294967298, 3");
	state = (struct render_state){ 0 };
	enter(ABI_I386, ARGS(1, 2, 1, 3), "probe(1, 4294967298, 3");
	state = (struct render_state){ 0 };
	enter(ABI_ARM, ARGS(1, 99, 2, 1, 3), "probe(1, 4294967298, 3");
	state = (struct render_state){ 0 };
	/* A 32-bit register has no upper half, whatever the kernel's says. */
	enter(ABI_I386, ARGS(UINT64_MAX, 0xffff00000002, 0xffff00000001, 3),
	      "probe(-1, 4294967298, 3");
}

static void test_word_and_pointer_width(void **unused)
{
	const struct desc_type in_word = POINTER(PHASE_IN, word_type);
	const struct desc_field args[] = { MEMBER("p", in_word, 0) };
	static const uint64_t number = 0x100000002;

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, number);
	enter(ABI_X86_64, ARGS(0x1000), "probe([4294967298]");
	state = (struct render_state){ 0 };
	enter(ABI_X32, ARGS(0x1000), "probe([2]");
	state = (struct render_state){ 0 };
	enter(ABI_I386, ARGS(0x5500001000), "probe([2]");
}

static struct call *enter_number(uint64_t nr, const uint64_t *args, const char *shown)
{
	struct call *call = decode_enter(&source, &limits, ABI_I386, nr, args);

	renderer.ops->enter(&renderer, 1, &state, call);
	expect_out(shown);
	state = (struct render_state){ 0 };
	return call;
}

static void test_call_without_description(void **unused)
{
	(void)unused;
	enter_number(1, ARGS(1, 0, 0x7f0000000010, 4), "later(0x1, 0");
	enter_number(7, ARGS(1, 2, 3, 4, 5, 6), "syscall_0x7(0x1, 0x2, 0x3, 0x4, 0x5, 0x6");
	enter_number(UINT64_MAX, ARGS(0), "syscall_0xffffffffffffffff(0, 0, 0, 0, 0, 0");
	assert_null(desc_find_row(ABI_COUNT, 0));
}

static void test_raw(void **unused)
{
	const struct desc_field args[] = { MEMBER("p", in_cstr, 0) };

	(void)unused;
	FORM(args, NO_SPLIT);
	limits.raw = true;
	MAP(0x1000, "text");
	expect_call(ARGS(0x1000, 1), 16, "probe(0x1000, 0x1, 0, 0, 0, 0) = 0x10");
	assert_int_equal(image.reads, 0);
}

static void test_socketcall(void **unused)
{
	const struct desc_field args[] = { MEMBER("a", s32_type, 0), MEMBER("b", in_cstr, 1),
					   MEMBER("c", s32_type, 2) };
	static const uint32_t words[] = { 3, 0x2000, (uint32_t)-4 };

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, words);
	MAP(0x2000, "text");
	enter_number(2, ARGS(1, 0x1000), "wrapped(3, \"text\", -4");
	enter_number(2, ARGS(1, 0x1004), "socketcall(0x1, 0x1004");
	enter_number(2, ARGS(0, 0x1000), "socketcall(0, 0x1000");
	enter_number(2, ARGS(99, 0x1000), "socketcall(0x63, 0x1000");
	limits.raw = true;
	enter_number(2, ARGS(1, 0x1000), "wrapped(0x3, 0x2000, 0xfffffffc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pointer),
		TEST(test_out_pointer_waits),
		TEST(test_pointer_is_followed_when),
		TEST(test_verbose_none),
		TEST(test_string_limit),
		TEST(test_string_without_end),
		TEST(test_path_is_whole),
		TEST(test_long_string),
		TEST(test_char_array),
		TEST(test_buffer),
		TEST(test_large_buffer_is_cheap),
		TEST(test_array),
		TEST(test_array_into_unmapped_page),
		TEST(test_array_limit),
		TEST(test_array_of_lies),
		TEST(test_array_end),
		TEST(test_array_where),
		TEST(test_bits_of_a_set),
		TEST(test_change),
		TEST(test_keep_pointer),
		TEST(test_keep_when),
		TEST(test_old_pointee),
		TEST(test_pending_is_filled_in_place),
		TEST(test_condition_on_result),
		TEST(test_split_if),
		TEST(test_alternatives),
		TEST(test_arms),
		TEST(test_pairs_of_slots),
		TEST(test_word_and_pointer_width),
		TEST(test_call_without_description),
		TEST(test_raw),
		TEST(test_socketcall),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
