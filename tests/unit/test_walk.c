/* SPDX-License-Identifier: MIT */
/* Tests of the cursor of src/render/walk.c, through lines of text that split in two. */
#include "text_fixture.h"

/* ---- interruption ---- */

static void test_interrupted_read(void **unused)
{
	struct value *buffer = str("abc");
	struct call *call = call_named("read", LIST(dec(3), buffer, dec(4096)));

	(void)unused;
	buffer->state = VALUE_PENDING;
	renderer.ops->enter(&renderer, 7, &state, call);
	assert_true(state.open);
	renderer.ops->interrupt(&renderer, 7, &state, call);
	expect_out("read(3 <unfinished ...>\n");
	renderer.ops->interrupt(&renderer, 7, &state, call);
	expect_out("");
	buffer->state = VALUE_READY;
	renderer.ops->exit(&renderer, 7, &state, returns(call, dec(3)));
	expect_out("<... read resumed>, \"abc\", 4096)        = 3\n");
	assert_false(state.open);
	assert_int_equal(state.shown, 0);
}

static void test_interrupted_in_struct(void **unused)
{
	struct value *entries = named("sq_entries", dec(4));
	struct call *call = call_named("io_uring_setup",
				       LIST(dec(4), STRUCT(named("flags", hex(0)), entries)));

	(void)unused;
	entries->state = VALUE_PENDING;
	renderer.ops->enter(&renderer, 7, &state, call);
	renderer.ops->interrupt(&renderer, 7, &state, call);
	expect_out("io_uring_setup(4, {flags=0 <unfinished ...>\n");
	entries->state = VALUE_READY;
	renderer.pid_column = PID_BRACKETS;
	renderer.ops->exit(&renderer, 26910, &state, returns(call, dec(5)));
	expect_out("[pid 26910] <... io_uring_setup resumed>, sq_entries=4}) = 5\n");
}

/* A member that the end of the call makes vanish takes its separator along. */
static void test_vanished_member(void **unused)
{
	struct value *after = named("after", dec(4));
	struct call *call = call_named("f", LIST(STRUCT(named("before", dec(1)), after), dec(9)));

	(void)unused;
	options.column = 0;
	after->state = VALUE_PENDING;
	renderer.ops->enter(&renderer, 7, &state, call);
	expect_out("f({before=1");
	after->state = VALUE_READY;
	after->kind = VALUE_NONE;
	renderer.ops->exit(&renderer, 7, &state, returns(call, dec(0)));
	expect_out("}, 9) = 0\n");
}

static void test_nothing_known_opens_nothing(void **unused)
{
	struct value *first = named("a", dec(1));
	struct call *call = call_named("f", LIST(dec(0), ARRAY(STRUCT(first))));

	(void)unused;
	first->state = VALUE_PENDING;
	renderer.ops->enter(&renderer, 7, &state, call);
	expect_out("f(0");
}

static void test_change_waits(void **unused)
{
	struct value *now = dec(2);
	struct call *call = call_named("f", LIST(ARRAY(CHANGE(dec(16), now))));

	(void)unused;
	options.column = 0;
	now->state = VALUE_PENDING;
	renderer.ops->enter(&renderer, 7, &state, call);
	expect_out("f([16");
	now->state = VALUE_READY;
	renderer.ops->exit(&renderer, 7, &state, returns(call, dec(0)));
	expect_out(" => 2]) = 0\n");
}

static void test_death(void **unused)
{
	struct value *buffer = str("abc");
	struct call *read_call = call_named("read", LIST(dec(0), buffer));
	struct call *accept = call_named("accept", LIST(dec(3), addr(0), addr(0)));
	struct call *poll = call_named("epoll_pwait", LIST(dec(3), dec(4)));

	(void)unused;
	buffer->state = VALUE_PENDING;
	renderer.ops->enter(&renderer, 7, &state, read_call);
	renderer.ops->abandon(&renderer, 7, &state, read_call);
	expect_out("read(0 <unfinished ...>)                = ?\n");
	renderer.ops->abandon(&renderer, 7, &state, read_call);
	expect_out("read(0 <unfinished ...>)                = ?\n");

	renderer.pid_column = PID_PLAIN;
	renderer.ops->enter(&renderer, 5269, &state, accept);
	renderer.ops->interrupt(&renderer, 5269, &state, accept);
	renderer.ops->abandon(&renderer, 5269, &state, accept);
	expect_out("5269  accept(3, NULL, NULL <unfinished ...>\n"
		   "5269  <... accept resumed>)             = ?\n");

	poll->split = 1;
	renderer.ops->enter(&renderer, 5274, &state, poll);
	renderer.ops->interrupt(&renderer, 5274, &state, poll);
	renderer.ops->abandon(&renderer, 5274, &state, poll);
	expect_out("5274  epoll_pwait(3 <unfinished ...>\n"
		   "5274  <... epoll_pwait resumed> <unfinished ...>) = ?\n");

	accept->may_have_notes = true;
	renderer.ops->enter(&renderer, 5281, &state, accept);
	renderer.ops->abandon(&renderer, 5281, &state, accept);
	expect_out("5281  accept(3, NULL, NULL <unfinished ...>) = ?\n");
}

/* ---- the cursor, at every position ---- */

static struct call *call_with_everything(void)
{
	struct value *inner = ARRAY(dec(2), STRUCT(named("c", str("x")), value_of(VALUE_MORE)));
	struct value *deep = STRUCT(named("a", dec(1)), named("b", inner),
				    named("d", CHANGE(dec(3), dec(4))));
	struct value *bare = named("n", flagged(VALUE_BARE, flags(1, BASE_HEX, "A|B")));
	struct value *device = call_of("makedev", LIST(hex(1), hex(2)));
	struct value *first = LIST(
		dec(1), str("abc"), deep, flagged(VALUE_SPACED, ARRAY(dec(5), dec(6))), bare,
		device, value_of(VALUE_ARRAY), STRUCT(commented("e", addr(7))), FD(9, "/x"));

	return returns(call_named("everything", first), dec(0));
}

static void collect(struct value *value, struct value **all, size_t *count)
{
	for (; value != NULL; value = value->next) {
		all[(*count)++] = value;
		if (value->kind != VALUE_CALL)
			collect(value->first, all, count);
	}
}

/* Enters, interrupts and ends the call; what the two lines say of it is put together. */
static void expect_joined(struct call *call, struct value *pending, const char *whole)
{
	static const char gave_way[] = " <unfinished ...>\n<... everything resumed>";
	char *line;
	char *cut;

	renderer.ops->enter(&renderer, 7, &state, call);
	renderer.ops->interrupt(&renderer, 7, &state, call);
	if (pending != NULL)
		pending->state = VALUE_READY;
	renderer.ops->exit(&renderer, 7, &state, call);
	line = arena_copy(&arena, out.data, out.len);
	buf_reset(&out);
	cut = strstr(line, gave_way);
	assert_non_null(cut);
	assert_true(cut[-1] != ' ' && cut[-1] != ',' && cut[-1] != '=');
	memmove(cut, cut + strlen(gave_way), strlen(cut + strlen(gave_way)) + 1);
	assert_string_equal(line, whole);
}

static void test_every_split(void **unused)
{
	struct call *call = call_with_everything();
	struct value *all[64];
	size_t count = 0;
	char *whole;

	(void)unused;
	options.column = 0;
	renderer.ops->exit(&renderer, 7, &state, call);
	whole = arena_copy(&arena, out.data, out.len);
	buf_reset(&out);
	assert_string_equal(whole,
			    "everything(1, \"abc\", {a=1, b=[2, {c=\"x\", ...}], d=3 => 4}, "
			    "[5 6], A|B, makedev(0x1, 0x2), [], {0x7 /* e */}, 9</x>) = 0\n");
	collect(call->args, all, &count);
	assert_int_equal(count, 21);
	for (size_t i = 0; i < count; i++) {
		all[i]->state = VALUE_PENDING;
		renderer.ops->enter(&renderer, 7, &state, call);
		all[i]->state = VALUE_READY;
		renderer.ops->exit(&renderer, 7, &state, call);
		expect_out(whole);
		all[i]->state = VALUE_PENDING;
		expect_joined(call, all[i], whole);
	}
	for (unsigned split = 0; split < 12; split++) {
		call->split = split;
		renderer.ops->enter(&renderer, 7, &state, call);
		renderer.ops->exit(&renderer, 7, &state, call);
		expect_out(whole);
		expect_joined(call, NULL, whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_interrupted_read), TEST(test_interrupted_in_struct),
		TEST(test_vanished_member),  TEST(test_nothing_known_opens_nothing),
		TEST(test_change_waits),     TEST(test_death),
		TEST(test_every_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
