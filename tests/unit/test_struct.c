/* SPDX-License-Identifier: MIT */
/*
 * Tests of src/decode: structs and what is made of them.  Members, structs whose size the tracee
 * tells, structs that the kernel fills piecewise, self-delimiting records, budgets, and data that
 * lies or changes.
 */
#include "engine_fixture.h"

#define SHOW(...) \
	.show = (const uint16_t[]){ __VA_ARGS__ }, \
	.show_count = sizeof((const uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t)
#define BODY(list, ...) \
	{ \
		.fields = (list), .field_count = sizeof(list) / sizeof(*(list)), __VA_ARGS__ \
	}
#define STRUCT(struct_body, bytes) \
	{ \
		.kind = TYPE_STRUCT, .body = &(struct_body), .size = SIZES(bytes) \
	}

static const struct desc_type hex_type = { .kind = TYPE_INT, .width = 4, .base = BASE_HEX };

/* ---- members ---- */

static void test_order_and_marks(void **unused)
{
	const struct desc_field members[] = {
		MEMBER("a", u32_type, 0),
		MARKED("b", u32_type, 4, FIELD_VERBOSE),
		MARKED("c", u32_type, 8, FIELD_NONZERO),
		MARKED("d", u32_type, 12, FIELD_HIDDEN),
		MARKED("e", u32_type, 16, FIELD_BARE),
	};
	const struct desc_struct body = BODY(members, SHOW(4, 0, 1, 2, 3));
	const struct desc_type type = STRUCT(body, 20);
	const uint32_t full[] = { 1, 2, 3, 4, 5 }, zeros[] = { 1, 2, 0, 4, 5 };

	(void)unused;
	MAP(0x1000, full);
	expect_pointee(&type, 0x1000, "{5, a=1, c=3, ...}");
	limits.abbrev = false;
	expect_pointee(&type, 0x1000, "{5, a=1, b=2, c=3}");
	MAP(0x1000, zeros);
	expect_pointee(&type, 0x1000, "{5, a=1, b=2}");
	map(0x1000, full, 19);
	expect_pointee(&type, 0x1000, "0x1000");
}

static void test_only_some_abis(void **unused)
{
	const struct desc_field members[] = {
		MEMBER("a", u32_type, 0),
		{ .name = "b", .abis = 1 << ABI_I386, ALT(.type = &u32_type), .place = SAME(4) },
	};
	const struct desc_struct body = BODY(members, SHOW(0, 1));
	const struct desc_type type = STRUCT(body, 8);
	const struct desc_type in_type = POINTER(PHASE_IN, type);
	const struct desc_field args[] = { MEMBER("p", in_type, 0) };
	const uint32_t memory[] = { 1, 2 };

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, memory);
	enter(ABI_X86_64, ARGS(0x1000), "probe({a=1}");
	state = (struct render_state){ 0 };
	enter(ABI_I386, ARGS(0x1000), "probe({a=1, b=2}");
}

static void test_computed_spliced_and_placed(void **unused)
{
	const struct desc_field inner_members[] = { MEMBER("x", u8_type, 0),
						    MEMBER("y", u8_type, 1) };
	const struct desc_struct inner_body = BODY(inner_members, SHOW(0, 1));
	const struct desc_type inner = STRUCT(inner_body, 2);
	const struct desc_field members[] = {
		MEMBER("offset", u32_type, 0),
		{ .name = "twice",
		  .abis = EVERYWHERE,
		  .flags = FIELD_COMPUTED,
		  ALT(.type = &u32_type),
		  .from = CODE(FIELD(0), K(2), OP(OP_MUL)) },
		MARKED("_", inner, 4, FIELD_SPLICED),
		{ .name = "far",
		  .abis = EVERYWHERE,
		  .flags = FIELD_AT,
		  ALT(.type = &u8_type),
		  .from = CODE(FIELD(0)) },
	};
	const struct desc_struct body = BODY(members, SHOW(0, 1, 2, 3));
	const struct desc_type type = STRUCT(body, 8);

	(void)unused;
	map(0x1000, "\7\0\0\0\1\2\0\5", 8);
	expect_pointee(&type, 0x1000, "{offset=7, twice=14, x=1, y=2, far=5}");
	/* Behind the end of the struct there is nothing. */
	map(0x1000, "\10\0\0\0\1\2\0\5\6", 9);
	expect_pointee(&type, 0x1000, "{offset=8, twice=16, x=1, y=2, far=0x1008}");
}

/* What depends on a pointer that cannot be read is not shown; its length is 0. */
static void test_unknown_condition_and_length(void **unused)
{
	const struct desc_type to_u32 = POINTER(PHASE_PASS, u32_type);
	const struct desc_type bytes = { .kind = TYPE_BYTES,
					 .length = CODE({ .code = OP_DEREF, .index = 0 }) };
	const struct desc_type to_bytes = POINTER(PHASE_PASS, bytes);
	const struct desc_field members[] = {
		MEMBER("p", to_u32, 0),
		{ .name = "n",
		  .abis = EVERYWHERE,
		  .place = SAME(8),
		  ALT(.type = &u32_type, .shown_if = CODE({ .code = OP_DEREF, .index = 0 })) },
		MEMBER("q", to_bytes, 16),
	};
	const struct desc_struct body = BODY(members, SHOW(0, 1, 2));
	const struct desc_type type = STRUCT(body, 24);
	const uint64_t good[] = { 0x2000, 9, 0x2000 }, bad[] = { 0x9000, 9, 0x2000 };

	(void)unused;
	map(0x2000, "\2\0\0\0", 4);
	MAP(0x1000, good);
	expect_pointee(&type, 0x1000, "{p=[2], n=9, q=\"\\2\\0\"}");
	MAP(0x1000, bad);
	expect_pointee(&type, 0x1000, "{p=0x9000, q=\"\"}");
}

static void test_shown_as_call_and_flat(void **unused)
{
	const struct desc_field members[] = { MEMBER("major", u8_type, 0),
					      MEMBER("minor", u8_type, 1) };
	const struct desc_struct as_call = BODY(members, SHOW(0, 1), .callee = "makedev");
	const struct desc_struct flat = BODY(members, SHOW(1), .flags = STRUCT_FLAT);
	const struct desc_type call_type = STRUCT(as_call, 2), flat_type = STRUCT(flat, 2);
	const struct desc_type list = { .kind = TYPE_ARRAY,
					.of = &flat_type,
					.length = CODE(K(2)) };

	(void)unused;
	map(0x1000, "\1\2\3\4", 4);
	/* What is shown as a call is a scalar behind a pointer. */
	expect_pointee(&call_type, 0x1000, "[makedev(1, 2)]");
	expect_pointee(&list, 0x1000, "[2, 4]");
}

static void test_choice_by_member(void **unused)
{
	const struct desc_arm arms[] = {
		{ .match = { { .value = 1, .mask = -1 } }, .type = &u32_type },
		{ .match = { { .value = 0x10, .mask = 0xf0 } }, .type = &hex_type },
		{ .match = { { .value = 3, .mask = -1 } }, .type = &nothing_type },
	};
	const struct desc_op *const keys[] = { CODE(FIELD(0)) };
	const struct desc_choice choice = {
		.keys = keys, .key_count = 1, .arms = arms, .arm_count = 3, .otherwise = &u8_type
	};
	const struct desc_type by_key = { .kind = TYPE_CHOICE, .choice = &choice };
	const struct desc_field members[] = { MEMBER("key", u32_type, 0), MEMBER("v", by_key, 4) };
	const struct desc_struct body = BODY(members, SHOW(0, 1));
	const struct desc_type type = STRUCT(body, 8);
	uint32_t memory[] = { 1, 0x112 };

	(void)unused;
	MAP(0x1000, memory);
	expect_pointee(&type, 0x1000, "{key=1, v=274}");
	memory[0] = 0x1f;
	expect_pointee(&type, 0x1000, "{key=31, v=0x112}");
	memory[0] = 3;
	expect_pointee(&type, 0x1000, "{key=3}");
	memory[0] = 2;
	expect_pointee(&type, 0x1000, "{key=2, v=18}");
}

static void test_parameters(void **unused)
{
	const struct desc_type bytes = {
		.kind = TYPE_BYTES,
		.length = CODE({ .code = OP_PARAM, .index = 0 }),
	};
	const struct desc_op *const args[] = { CODE(FIELD(0), K(1), OP(OP_ADD)) };
	const struct desc_type apply = {
		.kind = TYPE_APPLY, .of = &bytes, .args = args, .arg_count = 1
	};
	const struct desc_field members[] = { MEMBER("n", u8_type, 0), MEMBER("text", apply, 1) };
	const struct desc_struct body = BODY(members, SHOW(0, 1));
	const struct desc_type type = { .kind = TYPE_STRUCT, .body = &body };

	(void)unused;
	map(0x1000, "\2abcd", 5);
	expect_pointee(&type, 0x1000, "{n=2, text=\"abc\"}");
	/* Never beyond what can be read. */
	map(0x1000, "\377abcdefgh", 9);
	expect_pointee(&type, 0x1000, "{n=255, text=\"abcdefgh\"}");
}

/* ---- structs whose size the tracee tells ---- */

static const struct desc_field sized_members[] = { MEMBER("size", u32_type, 0),
						   MEMBER("a", u32_type, 4),
						   MEMBER("b", u32_type, 8) };
static const uint16_t sized_show[] = { 0, 1, 2 };
static const uint32_t sized_min[] = { 4, 4, 4, 4, 4, 4 };
static const struct desc_op sized_by_member[] = { FIELD(0), { .code = OP_END } };
static const struct desc_struct sized_body = {
	.fields = sized_members,
	.field_count = 3,
	.show = sized_show,
	.show_count = 3,
	.sized = sized_by_member,
	.min = sized_min,
};
static const struct desc_type sized = { .kind = TYPE_STRUCT, .body = &sized_body };

static void test_sized(void **unused)
{
	uint32_t memory[] = { 12, 1, 2, 0, 0 };

	(void)unused;
	MAP(0x1000, memory);
	expect_pointee(&sized, 0x1000, "{size=12, a=1, b=2}");
	memory[0] = 8;
	expect_pointee(&sized, 0x1000, "{size=8, a=1}");
	/* Half a member is none. */
	memory[0] = 11;
	expect_pointee(&sized, 0x1000, "{size=11, a=1}");
	memory[0] = 4;
	expect_pointee(&sized, 0x1000, "{size=4}");
	memory[0] = 3;
	expect_pointee(&sized, 0x1000, "0x1000");
	memory[0] = 0;
	expect_pointee(&sized, 0x1000, "0x1000");
}

static void test_sized_tail(void **unused)
{
	uint32_t memory[] = { 20, 1, 2, 0, 0 };

	(void)unused;
	MAP(0x1000, memory);
	expect_pointee(&sized, 0x1000, "{size=20, a=1, b=2}");
	memory[4] = 0x1020304;
	expect_pointee(&sized, 0x1000, "{size=20, a=1, b=2, ...}");
	limits.abbrev = false;
	expect_pointee(&sized, 0x1000,
		       "{size=20, a=1, b=2, "
		       "/* bytes 12..19 */ \"\\x00\\x00\\x00\\x00\\x04\\x03\\x02\\x01\"}");
	/* More than there is. */
	memory[0] = 21;
	expect_pointee(&sized, 0x1000, "0x1000");
	memory[0] = UINT32_MAX;
	expect_pointee(&sized, 0x1000, "0x1000");
	assert_true(arena_used(&arena) < 1 << 20);
}

static void test_sized_tail_always(void **unused)
{
	struct desc_struct body = sized_body;
	const struct desc_type type = { .kind = TYPE_STRUCT, .body = &body };
	const uint32_t memory[] = { 16, 1, 2, 3 };

	(void)unused;
	body.flags = STRUCT_TAIL;
	MAP(0x1000, memory);
	expect_pointee(&type, 0x1000,
		       "{size=16, a=1, b=2, /* bytes 12..15 */ \"\\x03\\x00\\x00\\x00\"}");
}

/* Gives another size at every read: the size that was believed is the size that is used. */
static size_t growing_read(struct memory *self, uint64_t addr, void *to, size_t len)
{
	struct image *from = (struct image *)self;
	uint32_t size = ++from->reads > 1 ? 4096 : 12;

	(void)addr;
	memset(to, 0, len);
	memcpy(to, &size, len < 4 ? len : 4);
	return len;
}

static void test_size_that_changes(void **unused)
{
	(void)unused;
	image.memory.read = growing_read;
	expect_pointee(&sized, 0x1000, "{size=4096, a=0, b=0}");
	assert_int_equal(image.reads, 2);
}

/* ---- structs that the kernel fills ---- */

static const struct desc_field inout_members[] = {
	MARKED("a", u32_type, 0, FIELD_IN),
	MARKED("b", u32_type, 4, FIELD_OUT),
	MARKED("c", u32_type, 8, FIELD_KEEP),
	MARKED("d", u32_type, 12, FIELD_IN),
};
static const uint16_t inout_show[] = { 0, 1, 2, 3 };
static const struct desc_struct inout_body = { .fields = inout_members,
					       .field_count = 4,
					       .show = inout_show,
					       .show_count = 4,
					       .flags = STRUCT_HAS_IN };
static const uint32_t inout_size[] = { 16, 16, 16, 16, 16, 16 };
static const struct desc_type inout_struct = { .kind = TYPE_STRUCT,
					       .body = &inout_body,
					       .size = inout_size };
static const struct desc_type inout_pointer = POINTER(PHASE_INOUT, inout_struct);

static void test_inout(void **unused)
{
	const struct desc_field args[] = { MEMBER("n", s32_type, 0), MEMBER("p", inout_pointer, 1),
					   MEMBER("m", s32_type, 2) };
	const uint32_t before[] = { 1, 2, 3, 4 }, after[] = { 5, 6, 7, 8 };
	struct call *call;

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, before);
	call = enter(ABI_X86_64, ARGS(9, 0x1000, 9), "probe(9, {a=1");
	MAP(0x1000, after);
	/* What was known at entry stays as it was. */
	leave(call, 0, ", b=6, c=3 => 7, d=4}, 9) = 0");
	MAP(0x1000, before);
	call = enter(ABI_X86_64, ARGS(9, 0x1000, 9), "probe(9, {a=1");
	leave(call, 0, ", b=2, c=3, d=4}, 9) = 0");
	call = enter(ABI_X86_64, ARGS(9, 0x1000, 9), "probe(9, {a=1");
	MAP(0x1000, after);
	leave(call, -22, ", c=3 => 7, d=4}, 9) = -1 EINVAL (Invalid argument)");
	expect_call(ARGS(9, 0, 9), 0, "probe(9, NULL, 9) = 0");
	expect_call(ARGS(9, 0x9000, 9), 0, "probe(9, 0x9000, 9) = 0");
}

/* The memory is gone when the call ends (another thread unmapped it): what was there is shown. */
static void test_inout_unmapped_meanwhile(void **unused)
{
	const struct desc_field args[] = { MEMBER("p", inout_pointer, 0) };
	const uint32_t before[] = { 1, 2, 3, 4 };
	struct call *call;

	(void)unused;
	FORM(args, NO_SPLIT);
	MAP(0x1000, before);
	call = enter(ABI_X86_64, ARGS(0x1000), "probe({a=1");
	map(0x1000, before, 0);
	leave(call, 0, ", b=2, c=3, d=4}) = 0");
}

static void test_out_struct_waits_as_a_whole(void **unused)
{
	const struct desc_field members[] = { MEMBER("a", u32_type, 0) };
	const struct desc_struct body = BODY(members, SHOW(0));
	const struct desc_type type = STRUCT(body, 4);
	const struct desc_type inout = POINTER(PHASE_INOUT, type);
	const struct desc_field args[] = { MEMBER("n", s32_type, 0), MEMBER("p", inout, 1) };
	struct call *call;

	(void)unused;
	FORM(args, 1);
	map(0x1000, "\1\0\0\0", 4);
	call = enter(ABI_X86_64, ARGS(9, 0x1000), "probe(9");
	map(0x1000, "\2\0\0\0", 4);
	leave(call, 0, ", {a=2}) = 0");
	expect_call(ARGS(9, 0x1000), -22, "probe(9, 0x1000) = -1 EINVAL (Invalid argument)");
}

static void test_brief(void **unused)
{
	const struct desc_type list = { .kind = TYPE_ARRAY,
					.of = &u16_type,
					.extent = EXTENT_UNTIL_ZERO };
	const struct desc_type in_list = POINTER(PHASE_IN, list);
	const struct desc_field args[] = {
		{ .name = "p",
		  .abis = EVERYWHERE,
		  .flags = FIELD_BRIEF,
		  ALT(.type = &in_list),
		  .place = SAME(0),
		  .count_one = "var",
		  .count_many = "vars" },
	};

	(void)unused;
	FORM(args, NO_SPLIT);
	map(0x1000, "a\0b\0\0\0c", 7);
	expect_call(ARGS(0x1000), 0, "probe(0x1000 /* 2 vars */) = 0");
	expect_call(ARGS(0x1002), 0, "probe(0x1002 /* 1 var */) = 0");
	expect_call(ARGS(0x1004), 0, "probe(0x1004 /* 0 vars */) = 0");
	expect_call(ARGS(0), 0, "probe(NULL) = 0");
	expect_call(ARGS(0x9000), 0, "probe(0x9000) = 0");
	map(0x1000, "a\0b\0", 4);
	expect_call(ARGS(0x1000), 0, "probe(0x1000 /* 2 vars, unterminated */) = 0");
	limits.abbrev = false;
	expect_call(ARGS(0x1000), 0, "probe([97, 98, ... /* 0x1004 */]) = 0");
}

/* ---- buffers in structs, and how much of them a short read filled ---- */

static void test_budget(void **unused)
{
	const struct desc_type bytes = { .kind = TYPE_BYTES, .length = CODE(FIELD(1)) };
	const struct desc_type to_bytes = POINTER(PHASE_PASS, bytes);
	const struct desc_field members[] = { MEMBER("base", to_bytes, 0),
					      MEMBER("len", u64_type, 8) };
	const struct desc_struct body = BODY(members, SHOW(0, 1));
	const struct desc_type iovec = STRUCT(body, 16);
	const struct desc_type vector = { .kind = TYPE_ARRAY,
					  .of = &iovec,
					  .length = CODE(FIELD(1)) };
	const struct desc_type out_vector = {
		.kind = TYPE_POINTER, .phase = PHASE_OUT, .of = &vector, .budget = CODE(OP(OP_RET))
	};
	const struct desc_field args[] = { MEMBER("iov", out_vector, 0), MEMBER("n", u32_type, 1) };
	const uint64_t iov[] = { 0x2000, 3, 0x2000, 3 };

	(void)unused;
	FORM(args, 0);
	MAP(0x1000, iov);
	MAP(0x2000, "abc");
	expect_call(ARGS(0x1000, 2), 6,
		    "probe([{base=\"abc\", len=3}, {base=\"abc\", len=3}], 2) = 6");
	expect_call(ARGS(0x1000, 2), 4,
		    "probe([{base=\"abc\", len=3}, {base=\"a\", len=3}], 2) = 4");
	expect_call(ARGS(0x1000, 2), 0, "probe([{base=\"\", len=3}, {base=\"\", len=3}], 2) = 0");
}

/* ---- records ---- */

static const struct desc_field head_members[] = { MEMBER("len", u16_type, 0),
						  MEMBER("type", u8_type, 2) };
static const uint16_t head_show[] = { 0, 1 };
static const struct desc_op record_len[] = { FIELD(0), { .code = OP_END } };
static const struct desc_op four[] = { K(4), { .code = OP_END } };
static const struct desc_op seven[] = { K(7), { .code = OP_END } };
static const struct desc_op eleven[] = { K(11), { .code = OP_END } };
static const struct desc_op param_0[] = { { .code = OP_PARAM }, { .code = OP_END } };
static const struct desc_type rest = { .kind = TYPE_BYTES };
static const struct desc_alt rest_alt = { .type = &rest };
static const struct desc_field record_bodies[] = {
	{ .name = "data", .abis = EVERYWHERE, .alts = &rest_alt, .alt_count = 1 },
};
static const struct desc_struct record_body = {
	.fields = head_members,
	.field_count = 2,
	.show = head_show,
	.show_count = 2,
	.align = four,
	.bodies = record_bodies,
	.body_count = 1,
};
static const uint32_t record_size[] = { 3, 3, 3, 3, 3, 3 };
static const struct desc_type merged = { .kind = TYPE_RECORD,
					 .body = &record_body,
					 .flags = TYPE_MERGED,
					 .length = record_len,
					 .size = record_size };
static const struct desc_type paired = {
	.kind = TYPE_RECORD, .body = &record_body, .length = record_len, .size = record_size
};

static void test_records(void **unused)
{
	const struct desc_type list = {
		.kind = TYPE_ARRAY, .of = &merged, .extent = EXTENT_BYTES, .length = eleven
	};

	(void)unused;
	/* The second begins at a multiple of four. */
	map(0x1000, "\5\0\1ab\0\0\0\3\0\2", 11);
	expect_pointee(&list, 0x1000, "[{len=5, type=1, data=\"ab\"}, {len=3, type=2, data=\"\"}]");
	limits.string_limit = 1;
	expect_pointee(&list, 0x1000, "[{len=5, type=1, data=\"a\"...}, ...]");
	limits.abbrev = false;
	expect_pointee(&list, 0x1000,
		       "[{len=5, type=1, data=\"a\"...}, {len=3, type=2, data=\"\"}]");
}

static void test_paired_records(void **unused)
{
	const struct desc_type two = {
		.kind = TYPE_ARRAY, .of = &paired, .extent = EXTENT_BYTES, .length = eleven
	};
	const struct desc_type one = {
		.kind = TYPE_ARRAY, .of = &paired, .extent = EXTENT_BYTES, .length = seven
	};

	(void)unused;
	map(0x1000, "\5\0\1ab\0\0\0\3\0\2", 11);
	expect_pointee(&two, 0x1000, "[[{len=5, type=1}, \"ab\"], [{len=3, type=2}, \"\"]]");
	/* One message is shown as itself. */
	expect_pointee(&one, 0x1000, "[{len=5, type=1}, \"ab\"]");
}

static void expect_records(const char *bytes, uint64_t len, const char *shown)
{
	struct number params[] = { { (int64_t)len, true } };
	struct frame frame = { .params = params };
	const struct desc_type list = {
		.kind = TYPE_ARRAY, .of = &merged, .extent = EXTENT_BYTES, .length = param_0
	};
	struct decoder d = {
		.arena = &arena,
		.memory = &image.memory,
		.limits = &limits,
		.at_exit = true,
		.budget = -1,
		.avail = SIZE_MAX,
	};

	map(0x1000, bytes, 8);
	text_value(&renderer, decode_pointee(&d, &list, 0x1000, &frame));
	expect_out(shown);
}

/* Lengths come from the tracee: 0, shorter than the head, longer than all there is. */
static void test_hostile_records(void **unused)
{
	(void)unused;
	expect_records("\4\0\1a\4\0\2b", 8,
		       "[{len=4, type=1, data=\"a\"}, {len=4, type=2, data=\"b\"}]");
	expect_records("\4\0\1a\0\0\2b", 8,
		       "[{len=4, type=1, data=\"a\"}, {len=0, type=2, data=\"\"}]");
	expect_records("\0\0\1a\4\0\2b", 8, "[{len=0, type=1, data=\"\"}]");
	expect_records("\2\0\1a\4\0\2b", 8, "[{len=2, type=1, data=\"\"}]");
	expect_records("\377\377\1a\4\0\2b", 8, "[{len=65535, type=1, data=\"a\\4\\0\\2b\"}]");
	expect_records("\377\377\1a\4\0\2b", 5, "[{len=65535, type=1, data=\"a\\4\"}]");
	/* Not even a head. */
	expect_records("\4\0\1a\4\0\2b", 2, "0x1000");
	expect_records("\4\0\1a\4\0\2b", 6, "[{len=4, type=1, data=\"a\"}]");
	expect_records("\4\0\1a\4\0\2b", 0, "[]");
	/* The window is longer than memory. */
	expect_records("\4\0\1a\377\0\2b", 4096,
		       "[{len=4, type=1, data=\"a\"}, {len=255, type=2, data=\"b\"}]");
	expect_records("\4\0\1a\4\0\2b", INT64_MAX,
		       "[{len=4, type=1, data=\"a\"}, {len=4, type=2, data=\"b\"}]");
	assert_true(arena_used(&arena) < 1 << 20);
}

/* ---- descriptions that recurse on data ---- */

static struct desc_type node, to_node, tree, tree_list;

static void test_ring(void **unused)
{
	const struct desc_field members[] = { MEMBER("n", u64_type, 0),
					      MEMBER("next", to_node, 8) };
	const struct desc_struct body = BODY(members, SHOW(0, 1));
	const uint64_t memory[] = { 5, 0x1000 };
	struct decoder d = {
		.arena = &arena,
		.memory = &image.memory,
		.limits = &limits,
		.at_exit = true,
		.budget = -1,
		.avail = SIZE_MAX,
	};
	unsigned nodes = 0;

	(void)unused;
	node = (struct desc_type)STRUCT(body, 16);
	to_node = (struct desc_type)POINTER(PHASE_PASS, node);
	MAP(0x1000, memory);
	text_value(&renderer, decode_pointee(&d, &node, 0x1000, NULL));
	buf_add_char(&out, '\0');
	for (const char *p = out.data; (p = strstr(p, "n=5")); p++)
		nodes++;
	assert_in_range(nodes, DECODE_DEPTH / 2, DECODE_DEPTH);
	assert_non_null(strstr(out.data, "next=...}"));
	assert_int_equal(d.depth, 0);
}

/* A node with a hundred children that are itself: bounded by memory, not by what it claims. */
static void test_bush(void **unused)
{
	const struct desc_field members[] = { MEMBER("sub", to_node, 0) };
	const struct desc_struct body = BODY(members, SHOW(0));
	uint64_t memory[100];
	struct decoder d = {
		.arena = &arena,
		.memory = &image.memory,
		.limits = &limits,
		.at_exit = true,
		.budget = -1,
		.avail = SIZE_MAX,
		.arena_start = ((size_t)1 << 20) - DECODE_CALL_BYTES,
	};

	(void)unused;
	tree = (struct desc_type)STRUCT(body, 8);
	tree_list = (struct desc_type){ .kind = TYPE_ARRAY, .of = &tree, .length = CODE(K(100)) };
	to_node = (struct desc_type)POINTER(PHASE_PASS, tree_list);
	for (unsigned i = 0; i < 100; i++)
		memory[i] = 0x1000;
	limits.abbrev = false;
	MAP(0x1000, memory);
	assert_non_null(decode_pointee(&d, &tree_list, 0x1000, NULL));
	assert_true(arena_used(&arena) < (size_t)16 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order_and_marks),
		TEST(test_only_some_abis),
		TEST(test_computed_spliced_and_placed),
		TEST(test_unknown_condition_and_length),
		TEST(test_shown_as_call_and_flat),
		TEST(test_choice_by_member),
		TEST(test_parameters),
		TEST(test_sized),
		TEST(test_sized_tail),
		TEST(test_sized_tail_always),
		TEST(test_size_that_changes),
		TEST(test_inout),
		TEST(test_inout_unmapped_meanwhile),
		TEST(test_out_struct_waits_as_a_whole),
		TEST(test_brief),
		TEST(test_budget),
		TEST(test_records),
		TEST(test_paired_records),
		TEST(test_hostile_records),
		TEST(test_ring),
		TEST(test_bush),
	};

	return cmocka_run_group_tests_name("struct", tests, NULL, NULL);
}
