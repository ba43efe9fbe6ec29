/* SPDX-License-Identifier: MIT */
/* Tests of src/decode/expr.c: what expressions of the descriptions come to. */
#include "engine_fixture.h"

static struct decoded_call call;
static struct decoder d;

static int start(void **unused)
{
	set_up(unused);
	memset(&call, 0, sizeof(call));
	d = (struct decoder){
		.arena = &arena,
		.memory = &image.memory,
		.limits = &limits,
		.call = &call,
		.abi = ABI_I386,
		.budget = -1,
		.index = 3,
		.avail = 40,
		.sp = 0x7000,
	};
	return 0;
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, tear_down)

#define EXPECT(number, ...) expect_known(CODE(__VA_ARGS__), number)
#define EXPECT_UNKNOWN(...) expect_unknown(CODE(__VA_ARGS__))
/* No member has this index, so it is unknown like anything that cannot be read. */
#define UNKNOWN FIELD(99)

static void expect_known(const struct desc_op *code, int64_t expected)
{
	struct number number = expr_eval(&d, code, NULL);

	assert_true(number.known);
	assert_int_equal(number.value, expected);
}

static void expect_unknown(const struct desc_op *code)
{
	struct number number = expr_eval(&d, code, NULL);

	assert_false(number.known);
	assert_int_equal(number.value, 0);
}

static void test_arithmetic(void **unused)
{
	(void)unused;
	EXPECT(7, K(7));
	EXPECT(-1, K(2), K(3), OP(OP_SUB));
	EXPECT(14, K(2), K(3), K(4), OP(OP_MUL), OP(OP_ADD));
	EXPECT(-3, K(-7), K(2), OP(OP_DIV));
	EXPECT(-1, K(-7), K(2), OP(OP_MOD));
	EXPECT(8, K(12), K(10), OP(OP_AND));
	EXPECT(6, K(12), K(10), OP(OP_XOR));
	EXPECT(14, K(12), K(10), OP(OP_OR));
	EXPECT(-6, K(5), OP(OP_INV));
	EXPECT(-5, K(5), OP(OP_NEG));
	EXPECT(0, K(5), OP(OP_NOT));
	EXPECT(1, K(0), OP(OP_NOT));
}

static void test_comparison_is_signed(void **unused)
{
	(void)unused;
	EXPECT(1, K(-1), K(0), OP(OP_LT));
	EXPECT(0, K(0), K(0), OP(OP_LT));
	EXPECT(1, K(0), K(0), OP(OP_LE));
	EXPECT(0, K(INT64_MIN), K(INT64_MAX), OP(OP_GT));
	EXPECT(1, K(INT64_MAX), K(INT64_MIN), OP(OP_GE));
	EXPECT(1, K(5), K(5), OP(OP_EQ));
	EXPECT(0, K(5), K(5), OP(OP_NE));
	EXPECT(1, K(5), K(6), OP(OP_NE));
	EXPECT(1, K(-5), WITH(OP_EQ_CONST, -5));
	EXPECT(0, K(-5), WITH(OP_EQ_CONST, 5));
	EXPECT(0, K(-5), WITH(OP_NE_CONST, -5));
	EXPECT(1, K(-5), WITH(OP_NE_CONST, 5));
	EXPECT_UNKNOWN(FIELD_AND(99, 1));
	EXPECT_UNKNOWN(UNKNOWN, WITH(OP_EQ_CONST, 0));
	EXPECT_UNKNOWN(UNKNOWN, WITH(OP_NE_CONST, 1));
}

/* Numbers are a tracee's: nothing may trap or be undefined (run it under UBSan). */
static void test_overflow_wraps(void **unused)
{
	(void)unused;
	EXPECT(INT64_MIN, K(INT64_MAX), K(1), OP(OP_ADD));
	EXPECT(INT64_MAX, K(INT64_MIN), K(1), OP(OP_SUB));
	EXPECT(-2, K(INT64_MAX), K(2), OP(OP_MUL));
	EXPECT(INT64_MIN, K(INT64_MIN), OP(OP_NEG));
	EXPECT(0, K(INT64_MIN), K(-1), OP(OP_DIV));
	EXPECT(0, K(INT64_MIN), K(-1), OP(OP_MOD));
	EXPECT(0, K(1), K(0), OP(OP_DIV));
	EXPECT(0, K(1), K(0), OP(OP_MOD));
}

static void test_shift_count(void **unused)
{
	(void)unused;
	EXPECT(INT64_MIN, K(1), K(63), OP(OP_SHL));
	EXPECT(0, K(1), K(64), OP(OP_SHL));
	EXPECT(0, K(1), K(-1), OP(OP_SHL));
	EXPECT(0, K(-1), K(64), OP(OP_SHR));
	EXPECT(0, K(-1), K(INT64_MIN), OP(OP_SHR));
	/* The sign is not carried along: masks of 64-bit flags are shifted. */
	EXPECT(1, K(INT64_MIN), K(63), OP(OP_SHR));
}

static void test_condition(void **unused)
{
	(void)unused;
	EXPECT(5, K(1), K(5), K(6), OP(OP_COND));
	EXPECT(6, K(0), K(5), K(6), OP(OP_COND));
	/* What is not chosen need not be known. */
	EXPECT(5, K(1), K(5), UNKNOWN, OP(OP_COND));
	EXPECT(6, K(0), UNKNOWN, K(6), OP(OP_COND));
	EXPECT_UNKNOWN(UNKNOWN, K(5), K(6), OP(OP_COND));
	EXPECT_UNKNOWN(K(0), K(5), UNKNOWN, OP(OP_COND));
	EXPECT(13, K(1), K(2), K(3), OP(OP_COND), K(11), OP(OP_ADD));
}

static void test_unknown_spreads(void **unused)
{
	(void)unused;
	EXPECT_UNKNOWN(UNKNOWN);
	EXPECT_UNKNOWN(UNKNOWN, OP(OP_NOT));
	EXPECT_UNKNOWN(UNKNOWN, OP(OP_INV));
	EXPECT_UNKNOWN(UNKNOWN, K(0), OP(OP_MUL));
	EXPECT_UNKNOWN(K(0), UNKNOWN, OP(OP_AND));
	EXPECT_UNKNOWN(UNKNOWN, UNKNOWN, OP(OP_EQ));
}

static void test_logic_has_three_values(void **unused)
{
	(void)unused;
	EXPECT(1, K(5), K(-1), OP(OP_LAND));
	EXPECT(0, K(5), K(0), OP(OP_LAND));
	EXPECT(1, K(0), K(9), OP(OP_LOR));
	EXPECT(0, K(0), K(0), OP(OP_LOR));
	EXPECT(0, UNKNOWN, K(0), OP(OP_LAND));
	EXPECT(0, K(0), UNKNOWN, OP(OP_LAND));
	EXPECT_UNKNOWN(UNKNOWN, K(1), OP(OP_LAND));
	EXPECT(1, UNKNOWN, K(1), OP(OP_LOR));
	EXPECT(1, K(1), UNKNOWN, OP(OP_LOR));
	EXPECT_UNKNOWN(K(0), UNKNOWN, OP(OP_LOR));
	EXPECT_UNKNOWN(UNKNOWN, UNKNOWN, OP(OP_LOR));
}

static void test_unknown_as_condition_and_length(void **unused)
{
	(void)unused;
	assert_true(expr_true(&d, NULL, NULL));
	assert_true(expr_true(&d, CODE(K(-1)), NULL));
	assert_false(expr_true(&d, CODE(K(0)), NULL));
	assert_false(expr_true(&d, CODE(UNKNOWN), NULL));
	assert_false(expr_true(&d, CODE(UNKNOWN, OP(OP_NOT)), NULL));
	assert_int_equal(expr_length(&d, CODE(K(5)), NULL), 5);
	assert_int_equal(expr_length(&d, CODE(K(-5)), NULL), 0);
	assert_int_equal(expr_length(&d, CODE(UNKNOWN), NULL), 0);
	assert_int_equal(expr_length(&d, CODE(K(INT64_MAX)), NULL), INT64_MAX);
}

static void test_result_is_unknown_before_the_end(void **unused)
{
	(void)unused;
	call.result = -22;
	call.is_error = true;
	EXPECT_UNKNOWN(OP(OP_RET));
	EXPECT_UNKNOWN(OP(OP_ERR));
	d.at_exit = true;
	EXPECT(-22, OP(OP_RET));
	EXPECT(22, OP(OP_ERR));
	call.is_error = false;
	call.result = 9;
	EXPECT(9, OP(OP_RET));
	EXPECT(0, OP(OP_ERR));
	d.call = NULL;
	EXPECT_UNKNOWN(OP(OP_RET));
	EXPECT_UNKNOWN(OP(OP_ERR));
}

static void test_surroundings(void **unused)
{
	static const int64_t by_abi[ABI_COUNT] = { [ABI_X86_64] = 8, [ABI_I386] = 4 };

	(void)unused;
	EXPECT(3, OP(OP_INDEX));
	EXPECT(40, OP(OP_AVAIL));
	EXPECT(ABI_I386, OP(OP_ABI));
	EXPECT(0x7000, OP(OP_SP));
	EXPECT(0, OP(OP_VIA_IPC));
	call.via_multiplex = true;
	EXPECT(1, OP(OP_VIA_IPC));
	EXPECT(4, { .code = OP_ABI_CONST, .table = by_abi });
	d.abi = ABI_X86_64;
	EXPECT(8, { .code = OP_ABI_CONST, .table = by_abi });
	EXPECT_UNKNOWN(OP(OP_SELF));
	d.avail = SIZE_MAX;
	EXPECT_UNKNOWN(OP(OP_AVAIL));
}

static int two_families(struct resolver *self, int fd)
{
	(void)self;
	return fd == 7 ? 16 : -1;
}

static void test_netlink_family(void **unused)
{
	struct resolver resolver = { .netlink_family = two_families };

	(void)unused;
	EXPECT(-1, K(7), OP(OP_NETLINK));
	d.resolver = &resolver;
	EXPECT(16, K(7), OP(OP_NETLINK));
	EXPECT(-1, K(8), OP(OP_NETLINK));
	EXPECT_UNKNOWN(UNKNOWN, OP(OP_NETLINK));
}

/* ---- members and parameters ---- */

static const struct desc_type to_u32 = POINTER(PHASE_PASS, u32_type);
static const struct desc_field members[] = {
	MEMBER("a", u32_type, 0),
	MEMBER("b", s32_type, 4),
	MEMBER("p", to_u32, 8),
	{ .name = "twice",
	  .abis = EVERYWHERE,
	  .flags = FIELD_COMPUTED,
	  ALT(.type = &u32_type),
	  .from = CODE(FIELD(0), K(2), OP(OP_MUL)) },
	MEMBER("late", u32_type, 12),
};
static const struct desc_struct body = { .name = "s", .fields = members, .field_count = 5 };
static const uint32_t memory[] = { 5, 0xfffffffe, 0x5000, 77 };

static struct number in_frame(struct desc_op op, struct frame *frame)
{
	const struct desc_op code[] = { op, { .code = OP_END } };

	return expr_eval(&d, code, frame);
}

static void expect_in_frame(struct desc_op op, struct frame *frame, int64_t expected)
{
	struct number number = in_frame(op, frame);

	assert_true(number.known);
	assert_int_equal(number.value, expected);
}

static void test_members(void **unused)
{
	struct frame frame = { .body = &body, .now = { (const uint8_t *)memory, 12, 0x1000 } };
	static const uint32_t before[] = { 6, 7, 8 };
	static const uint32_t pointee = 1234;

	(void)unused;
	expect_in_frame((struct desc_op)FIELD(0), &frame, 5);
	expect_in_frame((struct desc_op)FIELD(1), &frame, -2);
	expect_in_frame((struct desc_op)FIELD(2), &frame, 0x5000);
	expect_in_frame((struct desc_op)FIELD(3), &frame, 10);
	/* Behind the end of the window. */
	assert_false(in_frame((struct desc_op)FIELD(4), &frame).known);
	assert_false(in_frame((struct desc_op)FIELD(5), &frame).known);
	/* What it was at entry is what it is, unless the frame has both. */
	expect_in_frame((struct desc_op){ .code = OP_OLD_FIELD, .index = 0 }, &frame, 5);
	frame.before = (struct window){ (const uint8_t *)before, 12, 0x1000 };
	expect_in_frame((struct desc_op){ .code = OP_OLD_FIELD, .index = 0 }, &frame, 6);
	expect_in_frame((struct desc_op)FIELD(0), &frame, 5);
	/* What a member points to: unmapped, then mapped. */
	assert_false(in_frame((struct desc_op){ .code = OP_DEREF, .index = 2 }, &frame).known);
	MAP(0x5000, pointee);
	expect_in_frame((struct desc_op){ .code = OP_DEREF, .index = 2 }, &frame, 1234);
	/* Half of it is not enough. */
	map(0x5000, &pointee, 3);
	assert_false(in_frame((struct desc_op){ .code = OP_DEREF, .index = 2 }, &frame).known);
	/* Not a pointer. */
	assert_false(in_frame((struct desc_op){ .code = OP_DEREF, .index = 0 }, &frame).known);
}

/* Lexical levels: those frames count that have members; parameters are those of the nearest type. */
static void test_levels(void **unused)
{
	static const uint32_t inner_memory[] = { 50 };
	struct number params[] = { { 11, true }, { 0, false } };
	struct frame outer = { .body = &body, .now = { (const uint8_t *)memory, 16, 0x1000 } };
	struct frame apply = { .parent = &outer, .params = params };
	struct frame inner = { .parent = &apply,
			       .body = &body,
			       .now = { (const uint8_t *)inner_memory, 4, 0x2000 } };

	static const uint8_t two_bytes[] = { 0x34, 0x12 };
	struct frame number = { .body = &body, .now = { two_bytes, 2, 0x3000 } };

	(void)unused;
	/* The number that a struct of computed members is shown on. */
	expect_in_frame((struct desc_op)OP(OP_SELF), &number, 0x1234);
	number.big_endian = true;
	expect_in_frame((struct desc_op)OP(OP_SELF), &number, 0x3412);
	expect_in_frame((struct desc_op)FIELD(0), &inner, 50);
	expect_in_frame((struct desc_op)OUTER(1, 0), &inner, 5);
	expect_in_frame((struct desc_op)OUTER(1, 4), &inner, 77);
	assert_false(in_frame((struct desc_op)OUTER(2, 0), &inner).known);
	expect_in_frame((struct desc_op){ .code = OP_PARAM, .index = 0 }, &inner, 11);
	assert_false(in_frame((struct desc_op){ .code = OP_PARAM, .index = 1 }, &inner).known);
	assert_false(in_frame((struct desc_op){ .code = OP_PARAM, .index = 0 }, &outer).known);
}

/* The stack that the compiler may count on. */
static void test_deepest_stack(void **unused)
{
	struct desc_op code[2 * DESC_EXPR_STACK] = { { 0 } };

	(void)unused;
	for (unsigned i = 0; i < DESC_EXPR_STACK; i++)
		code[i] = (struct desc_op){ .code = OP_CONST, .k = 1 << i };
	for (unsigned i = 1; i < DESC_EXPR_STACK; i++)
		code[DESC_EXPR_STACK - 1 + i] = (struct desc_op){ .code = OP_ADD };
	code[2 * DESC_EXPR_STACK - 1] = (struct desc_op){ .code = OP_END };
	expect_known(code, (1 << DESC_EXPR_STACK) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_arithmetic),
		TEST(test_comparison_is_signed),
		TEST(test_overflow_wraps),
		TEST(test_shift_count),
		TEST(test_condition),
		TEST(test_unknown_spreads),
		TEST(test_logic_has_three_values),
		TEST(test_unknown_as_condition_and_length),
		TEST(test_result_is_unknown_before_the_end),
		TEST(test_surroundings),
		TEST(test_netlink_family),
		TEST(test_members),
		TEST(test_levels),
		TEST(test_deepest_stack),
	};

	return cmocka_run_group_tests_name("expr", tests, NULL, NULL);
}
