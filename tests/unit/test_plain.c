/* SPDX-License-Identifier: MIT */
/*
 * Tests of src/decode/plain.c and of what else the compiler marks for the engine: with the mark and without
 * it, which is the general way, a call must look the same.
 */
#include "engine_fixture.h"

#define ALWAYS_PLAIN (FIELD_PLAIN | FIELD_ALWAYS)
#define ALWAYS_POINTER (FIELD_POINTER | FIELD_ALWAYS)

/* The line of a call of that form, into `line`; the error is EINVAL if the result is negative. */
static void show(enum abi_id abi, const uint64_t *args, int64_t result, char line[512])
{
	struct call *call = decode_enter(&source, &limits, abi, 0, args);

	renderer.ops->enter(&renderer, 1, &state, call);
	buf_add_char(&out, '~'); /* where the line splits counts as well */
	decode_exit(call, &source, result, result < 0);
	renderer.ops->exit(&renderer, 1, &state, call);
	assert_true(out.len < 512);
	memcpy(line, out.data, out.len);
	line[out.len] = '\0';
	buf_reset(&out);
	arena_reset(&arena);
	state = (struct render_state){ 0 };
}

/* Both forms show the same in every ABI, whether the call succeeds or fails. */
static void expect_same(const struct desc_form *marked, const struct desc_form *general,
			const uint64_t *args)
{
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++) {
		for (int64_t result = -22; result <= 3; result += 25) {
			char expected[512], line[512];

			form = *general;
			show(abi, args, result, expected);
			form = *marked;
			show(abi, args, result, line);
			assert_string_equal(line, expected);
		}
	}
}

#define FORM_OF(list, ...) \
	(struct desc_form) \
	{ \
		.args = (list), .arg_count = sizeof(list) / sizeof(*(list)), .ret = &s32_type, \
		__VA_ARGS__ \
	}

static const uint64_t samples[] = { 0,          1,          0x7f,         0x80,
				    0xff,       0x7fff,     0x8000,       0x7fffffff,
				    0x80000000, 0xffffffff, 0xffffffff80, UINT64_MAX };

static const uint8_t widths[] = { 1, 2, 4, 8, WIDTH_WORD, WIDTH_KLONG };

static void test_integers_in_registers(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		for (unsigned w = 0; w < sizeof(widths) * 2; w++) {
			const struct desc_type type = INT_TYPE(widths[w / 2], w % 2 != 0);
			const struct desc_field marked[] = {
				MARKED("a", type, 0, ALWAYS_PLAIN),
				MARKED("b", type, 2, ALWAYS_PLAIN | FIELD_BARE),
				MARKED("far", type, 6, ALWAYS_PLAIN),
			};
			const struct desc_field general[] = {
				MEMBER("a", type, 0),
				MARKED("b", type, 2, FIELD_BARE),
				MEMBER("far", type, 6),
			};
			const struct desc_form expected = FORM_OF(general, .split = NO_SPLIT);
			const uint64_t *args = ARGS(samples[i], 7, samples[i], 9);

			expect_same(&FORM_OF(marked, .split = NO_SPLIT), &expected, args);
			expect_same(&FORM_OF(marked, .split = NO_SPLIT, .plain = true), &expected,
				    args);
		}
	}
}

static void test_no_arguments(void **unused)
{
	const struct desc_form general = { .split = NO_SPLIT, .ret = &u64_type };
	const struct desc_form marked = { .split = NO_SPLIT, .ret = &u64_type, .plain = true };

	(void)unused;
	expect_same(&marked, &general, ARGS(1, 2));
	form = marked;
	expect_call(ARGS(1, 2), 3, "probe() = 3");
}

/* In memory, also where the struct ends inside a member or cannot be read. */
static void test_integers_in_structs(void **unused)
{
	uint8_t memory[32];

	(void)unused;
	for (size_t i = 0; i < sizeof(memory); i++)
		memory[i] = (uint8_t)(0xf8 + i);
	for (unsigned w = 0; w < sizeof(widths) * 2; w++) {
		const struct desc_type type = INT_TYPE(widths[w / 2], w % 2 != 0);
		const struct desc_field marked_members[] = {
			MARKED("a", type, 0, ALWAYS_PLAIN),
			MARKED("b", type, 8, ALWAYS_PLAIN),
		};
		const struct desc_field members[] = { MEMBER("a", type, 0), MEMBER("b", type, 8) };
		const uint16_t order[] = { 1, 0 };
		struct desc_struct marked_body = { .fields = marked_members,
						   .field_count = 2,
						   .show = order,
						   .show_count = 2,
						   .flags = STRUCT_FIXED };
		struct desc_struct body = marked_body;
		const struct desc_type marked_struct = { .kind = TYPE_STRUCT,
							 .body = &marked_body,
							 .size = SIZES(16) };
		const struct desc_type plain_struct = { .kind = TYPE_STRUCT,
							.body = &body,
							.size = SIZES(16) };
		const struct desc_type marked_in = POINTER(PHASE_IN, marked_struct);
		const struct desc_type in = POINTER(PHASE_IN, plain_struct);
		const struct desc_field marked[] = { MARKED("p", marked_in, 0, ALWAYS_POINTER) };
		const struct desc_field general[] = { MEMBER("p", in, 0) };

		body.fields = members;
		body.flags = 0;
		for (size_t len = 0; len <= 16; len += 4) {
			map(0x1000, memory, len);
			expect_same(&FORM_OF(marked, .split = NO_SPLIT),
				    &FORM_OF(general, .split = NO_SPLIT), ARGS(0x1000));
		}
		map(0x1000, memory, 16);
		/* The tracee says that there are 12 bytes: the second member is cut or missing. */
		body.sized = marked_body.sized = CODE(K(12));
		body.min = marked_body.min = SIZES(4);
		marked_body.flags = 0;
		expect_same(&FORM_OF(marked, .split = NO_SPLIT),
			    &FORM_OF(general, .split = NO_SPLIT), ARGS(0x1000));
	}
}

/* The pointer is NULL, leads nowhere, or to a string; what the kernel fills is shown after success only. */
static void test_pointers(void **unused)
{
	static const uint64_t addresses[] = { 0, 0x1000, 0x2000, 0x100000000, 0x100001000 };

	(void)unused;
	map(0x1000, "text", 5);
	for (unsigned phase = PHASE_PASS; phase <= PHASE_OUT; phase++) {
		const struct desc_type type = POINTER((uint8_t)phase, cstr_type);
		const struct desc_field marked[] = {
			MARKED("before", s32_type, 1, ALWAYS_PLAIN),
			MARKED("p", type, 0, ALWAYS_POINTER),
			MARKED("after", s32_type, 1, ALWAYS_PLAIN),
		};
		const struct desc_field general[] = {
			MEMBER("before", s32_type, 1),
			MEMBER("p", type, 0),
			MEMBER("after", s32_type, 1),
		};

		for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
			const uint64_t *args = ARGS(addresses[i], 5);

			expect_same(&FORM_OF(marked, .split = NO_SPLIT),
				    &FORM_OF(general, .split = NO_SPLIT), args);
			expect_same(&FORM_OF(marked, .split = 0, .split_implied = true),
				    &FORM_OF(general, .split = 0, .split_implied = true), args);
		}
	}
	form = (struct desc_form){ 0 };
}

/* Shown on a condition that is known at entry, or at exit only. */
static void test_conditions(void **unused)
{
	const struct desc_op *conditions[] = {
		CODE(FIELD(1), K(4), OP(OP_AND)),
		CODE(FIELD_AND(1, 4)),
		CODE(FIELD_AND(1, 7), WITH(OP_NE_CONST, 5)),
		CODE(FIELD(1), K(5), OP(OP_EQ), OP(OP_NOT)),
		CODE(OP(OP_RET), K(0), OP(OP_GT)),
		CODE(OP(OP_ERR)),
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++) {
		const struct desc_alt shown[] = { { .shown_if = conditions[i],
						    .type = &u32_type } };
		const struct desc_field marked[] = {
			{ .name = "a",
			  .abis = EVERYWHERE,
			  .flags = FIELD_PLAIN,
			  .alts = shown,
			  .alt_count = 1,
			  .place = SAME(0) },
			MARKED("b", u32_type, 1, ALWAYS_PLAIN),
		};
		const struct desc_field general[] = {
			{ .name = "a",
			  .abis = EVERYWHERE,
			  .alts = shown,
			  .alt_count = 1,
			  .place = SAME(0) },
			MEMBER("b", u32_type, 1),
		};

		for (uint64_t b = 3; b <= 6; b++) {
			expect_same(&FORM_OF(marked, .split = 0, .split_implied = true),
				    &FORM_OF(general, .split = 0, .split_implied = true),
				    ARGS(9, b));
			expect_same(&FORM_OF(marked, .split = NO_SPLIT),
				    &FORM_OF(general, .split = NO_SPLIT), ARGS(9, b));
		}
	}
}

/* The members that abbreviation leaves, listed by the compiler or looked for. */
static void test_brief_list(void **unused)
{
	const struct desc_field members[] = {
		MARKED("a", u32_type, 0, ALWAYS_PLAIN),
		MARKED("b", u32_type, 4, ALWAYS_PLAIN | FIELD_VERBOSE),
		MARKED("c", u32_type, 8, FIELD_VERBOSE | FIELD_NONZERO),
		MARKED("d", u32_type, 12, ALWAYS_PLAIN),
	};
	const uint16_t all[] = { 3, 2, 1, 0 }, brief[] = { 3, 2, 0 };
	struct desc_struct body = {
		.fields = members, .field_count = 4, .show = all, .show_count = 4
	};
	struct desc_struct listed = body;
	const struct desc_type type = { .kind = TYPE_STRUCT, .body = &body, .size = SIZES(16) };
	const struct desc_type listed_type = { .kind = TYPE_STRUCT,
					       .body = &listed,
					       .size = SIZES(16) };
	const struct desc_type in = POINTER(PHASE_IN, type);
	const struct desc_type listed_in = POINTER(PHASE_IN, listed_type);
	const struct desc_field general[] = { MEMBER("p", in, 0) };
	const struct desc_field marked[] = { MEMBER("p", listed_in, 0) };
	uint32_t memory[] = { 1, 2, 3, 4 };

	(void)unused;
	listed.brief = brief;
	listed.brief_count = 3;
	listed.left_out = EVERYWHERE;
	MAP(0x1000, memory);
	form = FORM_OF(marked, .split = NO_SPLIT);
	expect_call(ARGS(0x1000), 0, "probe({d=4, c=3, a=1, ...}) = 0");
	for (unsigned verbose = 0; verbose < 2; verbose++) {
		limits.abbrev = !verbose;
		for (memory[2] = 0; memory[2] < 2; memory[2]++) {
			expect_same(&FORM_OF(marked, .split = NO_SPLIT),
				    &FORM_OF(general, .split = NO_SPLIT), ARGS(0x1000));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_integers_in_registers),
		TEST(test_no_arguments),
		TEST(test_integers_in_structs),
		TEST(test_pointers),
		TEST(test_conditions),
		TEST(test_brief_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
