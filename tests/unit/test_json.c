/* SPDX-License-Identifier: MIT */
/*
 * Tests of src/render/json*.c.  What is expected rests on man/mtrace-json.5, RFC 8259 for strings and
 * numbers, RFC 4648 for base64 and utf-8(7).  tests/json has values as decoding makes them; here is what
 * no description makes, and records.
 */
#include "text_fixture.h"

#include "../../src/render/json.h"

static int set_up_json(void **unused)
{
	set_up(unused);
	renderer.ops = &json_renderer;
	options.json = JSON_CALLS;
	return 0;
}

#define TEST_JSON(name) cmocka_unit_test_setup_teardown(name, set_up_json, tear_down)

static void expect_json(const struct value *value, const char *expected)
{
	json_value(&out, value);
	expect_out(expected);
}

static void expect_bytes(const char *bytes, size_t len, const char *expected)
{
	json_bytes(&out, bytes, len);
	expect_out(expected);
}

#define EXPECT_BYTES(bytes, expected) expect_bytes(bytes, sizeof(bytes) - 1, expected)

/* ---- strings ---- */

static void test_strings(void **unused)
{
	(void)unused;
	EXPECT_BYTES("", "\"\"");
	EXPECT_BYTES("plain /~ text", "\"plain /~ text\"");
	EXPECT_BYTES("\"\\/", "\"\\\"\\\\/\"");
	EXPECT_BYTES("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"");
	EXPECT_BYTES("\0\1\v\33\37\177", "\"\\u0000\\u0001\\u000b\\u001b\\u001f\\u007f\"");
	/* The shortest and longest of two, three and four bytes. */
	EXPECT_BYTES("\xc2\xa0\xdf\xbf", "\"\xc2\xa0\xdf\xbf\"");
	EXPECT_BYTES("\xe0\xa0\x80\xef\xbf\xbf", "\"\xe0\xa0\x80\xef\xbf\xbf\"");
	EXPECT_BYTES("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
	EXPECT_BYTES("\xed\x9f\xbf\xee\x80\x80", "\"\xed\x9f\xbf\xee\x80\x80\"");
}

/* What drives a terminal or turns a line around is escaped: C1, line ends, bidirectional controls. */
static void test_controls(void **unused)
{
	(void)unused;
	EXPECT_BYTES("\xc2\x80\xc2\x9f", "\"\\u0080\\u009f\"");
	EXPECT_BYTES("\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\"");
	EXPECT_BYTES("\xe2\x80\xae\xe2\x80\xaf", "\"\\u202e\xe2\x80\xaf\"");
	EXPECT_BYTES("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
		     "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\"");
	EXPECT_BYTES("\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f", "\"\xe2\x80\x8d\\u200e\\u200f\"");
	EXPECT_BYTES("\xd8\x9c", "\"\\u061c\"");
}

#define LOST "\xef\xbf\xbd" /* U+FFFD */

static void test_not_utf8(void **unused)
{
	(void)unused;
	EXPECT_BYTES("\xff", "{\"string\":\"" LOST "\",\"base64\":\"/w==\"}");
	/* A character that ends too early, one that begins nowhere. */
	EXPECT_BYTES("\xc3", "{\"string\":\"" LOST "\",\"base64\":\"ww==\"}");
	EXPECT_BYTES("\xc3x", "{\"string\":\"" LOST "x\",\"base64\":\"w3g=\"}");
	EXPECT_BYTES("\x80", "{\"string\":\"" LOST "\",\"base64\":\"gA==\"}");
	EXPECT_BYTES("\xe2\x82", "{\"string\":\"" LOST LOST "\",\"base64\":\"4oI=\"}");
	/* Overlong, a surrogate, beyond U+10FFFF. */
	EXPECT_BYTES("\xc0\x80", "{\"string\":\"" LOST LOST "\",\"base64\":\"wIA=\"}");
	EXPECT_BYTES("\xe0\x9f\xbf", "{\"string\":\"" LOST LOST LOST "\",\"base64\":\"4J+/\"}");
	EXPECT_BYTES("\xf0\x8f\xbf\xbf",
		     "{\"string\":\"" LOST LOST LOST LOST "\",\"base64\":\"8I+/vw==\"}");
	EXPECT_BYTES("\xed\xa0\x80", "{\"string\":\"" LOST LOST LOST "\",\"base64\":\"7aCA\"}");
	EXPECT_BYTES("\xf4\x90\x80\x80",
		     "{\"string\":\"" LOST LOST LOST LOST "\",\"base64\":\"9JCAgA==\"}");
	EXPECT_BYTES("\xf5", "{\"string\":\"" LOST "\",\"base64\":\"9Q==\"}");
}

/* Of RFC 4648, section 10. */
static void test_base64(void **unused)
{
	static const char *const pairs[][2] = {
		{ "", "\"\"" },
		{ "f", "\"Zg==\"" },
		{ "fo", "\"Zm8=\"" },
		{ "foo", "\"Zm9v\"" },
		{ "foob", "\"Zm9vYg==\"" },
		{ "fooba", "\"Zm9vYmE=\"" },
		{ "foobar", "\"Zm9vYmFy\"" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		json_base64(&out, pairs[i][0], strlen(pairs[i][0]));
		expect_out(pairs[i][1]);
	}
}

/* Strings are converted in pieces: a character on every place of the seam comes through whole. */
static void test_long_strings(void **unused)
{
	static const char euro[] = "\xe2\x82\xac";

	(void)unused;
	for (size_t before = 1020; before < 1030; before++) {
		char text[1100], expected[1110];

		memset(text, 'x', before);
		memcpy(text + before, euro, 3);
		text[before + 3] = '\n';
		json_string(&out, text, before + 4);
		expected[0] = '"';
		memset(expected + 1, 'x', before);
		strcpy(expected + 1 + before, "\xe2\x82\xac\\n\"");
		expect_out(expected);
		/* Behind an escape nothing is copied as a whole. */
		text[0] = '\1';
		json_string(&out, text, before + 4);
		assert_int_equal(out.len, 1 + 6 + (before - 1) + 3 + 2 + 1);
		assert_memory_equal(out.data + out.len - 6, "\xe2\x82\xac\\n\"", 6);
		buf_reset(&out);
	}
}

/* Whatever the bytes are: no control character, and as many as there is room for. */
static void test_all_bytes(void **unused)
{
	char bytes[4096];

	(void)unused;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	json_string(&out, bytes, sizeof(bytes));
	for (size_t i = 0; i < out.len; i++)
		assert_true((unsigned char)out.data[i] >= ' ' && out.data[i] != 0x7f);
	assert_true(json_is_whole(out.data, out.len));
	memset(bytes, 1, sizeof(bytes));
	buf_reset(&out);
	json_string(&out, bytes, sizeof(bytes));
	assert_int_equal(out.len, sizeof(bytes) * 6 + 2);
}

/* ---- values ---- */

static void test_numbers(void **unused)
{
	(void)unused;
	expect_json(dec(INT64_MIN), "-9223372036854775808");
	expect_json(flagged(VALUE_UNSIGNED, dec(-1)), "18446744073709551615");
	expect_json(hex(255), "255");
	expect_json(commented("0.01 s", dec(1)), "{\"value\":1,\"comment\":\"0.01 s\"}");
	expect_json(commented("a\033b", dec(1)), "{\"value\":1,\"comment\":\"a\\u001bb\"}");
}

static void test_dates(void **unused)
{
	static const struct desc_type time_type = { .kind = TYPE_INT, .role = ROLE_TIME };
	struct value *value = commented("2026-11-20T14:43:12+0000", dec(1795185792));

	(void)unused;
	value->type = &time_type;
	expect_json(value, "1795185792");
	expect_json(commented("2026-11-20", STRUCT(named("tv_sec", dec(5)))), "{\"tv_sec\":5}");
	value = flagged(VALUE_UNSIGNED, word("2026-11-20"));
	value->num = 7;
	value->width = 8;
	expect_json(value, "{\"value\":7,\"text\":\"2026-11-20\"}");
}

static void test_names(void **unused)
{
	static const struct desc_set numbers = { .comment = true, .unknown = "X_???" };
	static const struct desc_type number_type = { .kind = TYPE_INT, .set = &numbers };
	struct value *value = commented("X_FIRST", dec(1));

	(void)unused;
	expect_json(flags(0x242, BASE_HEX, "O_RDWR|O_CREAT|O_TRUNC"),
		    "{\"value\":578,\"names\":[\"O_RDWR\",\"O_CREAT\",\"O_TRUNC\"]}");
	expect_json(unknown(7, "X_???"), "{\"value\":7,\"names\":[]}");
	expect_json(value_of(VALUE_FLAGS), "{\"value\":0,\"names\":[]}");
	/* An enum whose number is what text shows, with the name as a comment. */
	value->type = &number_type;
	expect_json(value, "{\"value\":1,\"names\":[\"X_FIRST\"]}");
	value->comment = numbers.unknown;
	expect_json(value, "{\"value\":1,\"names\":[]}");
}

static void test_signed_names(void **unused)
{
	static const struct desc_set names = { .kind = SET_ENUM, .base = BASE_HEX };
	static const struct desc_type type = { .kind = TYPE_INT, .is_signed = true, .set = &names };
	struct value *value = unknown(0xffffffff, "X_???");

	(void)unused;
	value->num = UINT64_MAX;
	expect_json(value, "{\"value\":4294967295,\"names\":[]}");
	value->type = &type;
	expect_json(value, "{\"value\":-1,\"names\":[]}");
}

static void test_shifted_parts(void **unused)
{
	struct value *value = value_of(VALUE_FLAGS);
	struct value_group *group = group_add(value, 0x2c, BASE_HEX, NULL);

	(void)unused;
	part_add(group, "A", 0, BASE_HEX)->shift = "4";
	part_add(group, NULL, 21, BASE_DEC)->shift = "<<HUGE";
	part_add(group, NULL, 12, BASE_HEX);
	value->num = 0x2c;
	expect_json(value, "{\"value\":44,\"names\":[\"A<<4\",\"21<<HUGE\"],\"rest\":12}");
	group = group_add(value, 3, BASE_HEX, NULL);
	group->shift = "<<28";
	value->num = 0x3000002c;
	expect_json(value, "{\"value\":805306412,\"names\":[\"A<<4\",\"21<<HUGE\"],\"parts\":["
			   "{\"value\":44,\"names\":[\"A<<4\",\"21<<HUGE\"],\"rest\":12},"
			   "{\"value\":3,\"names\":[],\"shift\":\"28\"}]}");
}

static void test_notes_of_descriptors(void **unused)
{
	struct value *pid = note("a\xff", 2, flagged(VALUE_PID, dec(7)));

	(void)unused;
	expect_json(FD(3, "/a b"), "{\"value\":3,\"path\":\"/a b\"}");
	expect_json(FD(3, "/a (deleted)"), "{\"value\":3,\"path\":\"/a\",\"deleted\":true}");
	expect_json(FD(3, "/dev/null\0<char 1:3>"),
		    "{\"value\":3,\"path\":\"/dev/null\",\"detail\":\"<char 1:3>\"}");
	expect_json(FD(3, "/a\0\0(deleted)"), "{\"value\":3,\"path\":\"/a\",\"deleted\":true}");
	expect_json(FD(3, "/a\0<b>\0behind"),
		    "{\"value\":3,\"path\":\"/a\",\"detail\":\"<b>\",\"suffix\":\"behind\"}");
	expect_json(pid,
		    "{\"value\":7,\"command\":{\"string\":\"a" LOST "\",\"base64\":\"Yf8=\"}}");
	expect_json(FD(3, ""), "{\"value\":3,\"path\":\"\"}");
	expect_json(flagged(VALUE_FD, dec(3)), "3");
}

static void test_string_values(void **unused)
{
	struct value *cut = flagged(VALUE_TRUNCATED, str("ab"));

	(void)unused;
	expect_json(str("ab"), "\"ab\"");
	expect_json(flagged(VALUE_IN_HEX | VALUE_PATH, str("ab")), "\"ab\"");
	expect_json(cut, "{\"string\":\"ab\",\"truncated\":true}");
	cut->total = 5;
	expect_json(cut, "{\"string\":\"ab\",\"truncated\":true,\"length\":5}");
	expect_json(flagged(VALUE_ABSTRACT, str("ab")), "{\"string\":\"ab\",\"abstract\":true}");
	expect_json(commented("bytes 24..25", str("ab")),
		    "{\"string\":\"ab\",\"comment\":\"bytes 24..25\"}");
}

static void test_addresses(void **unused)
{
	struct value *value = addr(UINT64_MAX);

	(void)unused;
	expect_json(addr(0), "null");
	expect_json(value, "{\"address\":18446744073709551615}");
	value->state = VALUE_UNREADABLE;
	expect_json(value, "{\"address\":18446744073709551615,\"unreadable\":true}");
	value = commented("0 vars", addr(4096));
	expect_json(value, "{\"address\":4096,\"count\":0,\"comment\":\"0 vars\"}");
}

static void test_structs(void **unused)
{
	struct value *more = value_of(VALUE_MORE);
	struct value *none = named("c", value_of(VALUE_NONE));
	struct value *pending = named("d", dec(1));

	(void)unused;
	pending->state = VALUE_PENDING;
	expect_json(value_of(VALUE_STRUCT), "{}");
	expect_json(STRUCT(named("a", dec(1)), flagged(VALUE_BARE, named("b", dec(2))), none,
			   pending, more),
		    "{\"a\":1,\"b\":2,\"...\":true}");
}

/* Keys are unique whatever is spliced into a struct, and say the same at entry and at exit. */
static void test_unique_keys(void **unused)
{
	struct value *hidden = named("a", dec(0));

	(void)unused;
	expect_json(STRUCT(named("a", dec(1)), dec(2), named("a", dec(3)), named("b", dec(4)),
			   named("a", dec(5)), dec(6)),
		    "{\"a\":1,\"#1\":2,\"a.2\":3,\"b\":4,\"a.3\":5,\"#5\":6}");
	hidden->state = VALUE_PENDING;
	expect_json(STRUCT(hidden, named("a", dec(3))), "{\"a.2\":3}");
	expect_json(STRUCT(value_of(VALUE_MORE), value_of(VALUE_MORE)),
		    "{\"...\":true,\"....2\":true}");
}

static void test_arrays(void **unused)
{
	static const struct desc_set indices = { .name = "cc" };
	static const struct desc_type indexed = { .kind = TYPE_ARRAY, .set = &indices };
	struct value *more = value_of(VALUE_MORE);
	struct value *array = ARRAY(flagged(VALUE_INDEXED, named("VINTR", dec(3))),
				    flagged(VALUE_INDEXED, named("17", dec(4))));

	(void)unused;
	array->type = &indexed;
	expect_json(array, "{\"VINTR\":3,\"17\":4}");
	expect_json(value_of(VALUE_ARRAY), "[]");
	expect_json(ARRAY(ARRAY(dec(1)), more), "[[1],{\"...\":true}]");
	more = value_of(VALUE_MORE);
	more->num = 8192;
	expect_json(ARRAY(dec(1), more), "[1,{\"...\":true,\"address\":8192}]");
	expect_json(flagged(VALUE_COMPLEMENT | VALUE_SPACED, ARRAY(dec(1), dec(2))),
		    "{\"not\":[1,2]}");
	expect_json(flagged(VALUE_COMPLEMENT, value_of(VALUE_ARRAY)), "{\"not\":[]}");
}

static void test_changes(void **unused)
{
	struct value *after = dec(2);

	(void)unused;
	expect_json(CHANGE(dec(1), after), "{\"before\":1,\"after\":2}");
	expect_json(CHANGE(dec(1)), "1");
	expect_json(CHANGE(dec(1), value_of(VALUE_NONE)), "1");
	after = dec(2);
	after->state = VALUE_PENDING;
	expect_json(CHANGE(dec(1), after), "1");
}

static void test_calls_within(void **unused)
{
	struct value *port = call_of("htons", dec(80));
	struct value *device = flagged(VALUE_UNSIGNED, call_of("makedev", LIST(hex(1), hex(3))));

	(void)unused;
	port->bytes = (const uint8_t *)"\0P";
	port->len = 2;
	expect_json(port, "{\"call\":\"htons\",\"args\":[80],\"hex\":\"0050\"}");
	device->width = 4;
	device->num = 0xffffffff00000103;
	expect_json(device, "{\"call\":\"makedev\",\"args\":[1,3],\"value\":259}");
	expect_json(call_of("f", NULL), "{\"call\":\"f\",\"args\":[]}");
	expect_json(word("8*ORIG_RAX"), "{\"text\":\"8*ORIG_RAX\"}");
}

/* ---- records ---- */

static struct call *sample_call(void)
{
	static const uint64_t numbers[] = { 3, 0x7f0000001000, 4096 };
	struct value *fd = named("fd", dec(3));
	struct value *buffer = named("buf", str("abc"));
	struct value *count = named("count", dec(4096));
	struct call *call = call_named("read", LIST(fd, buffer, count));

	fd->arg = 1;
	buffer->arg = 2;
	count->arg = 3;
	call->numbers = numbers;
	call->wall = 1795185792000000001;
	call->duration = 250;
	return call;
}

#define HEAD "\"id\":1,\"pid\":6,\"tid\":7,\"start_ns\":1795185792000000001,"
#define CALL \
	"\"abi\":\"x86_64\",\"nr\":0,\"name\":\"read\"," \
	"\"args\":{\"fd\":3,\"buf\":\"abc\",\"count\":4096},\"raw\":{\"buf\":139637976731648}"

static void test_call(void **unused)
{
	struct call *call = sample_call();

	(void)unused;
	state.pid = 6;
	renderer.ops->enter(&renderer, 7, &state, call);
	assert_int_equal(out.len, 0);
	renderer.ops->interrupt(&renderer, 7, &state, call);
	assert_int_equal(out.len, 0);
	renderer.ops->exit(&renderer, 7, &state, returns(call, dec(3)));
	expect_out("{\"type\":\"call\"," HEAD "\"duration_ns\":250," CALL ",\"ret\":3}\n");
	assert_int_equal(state.pid, 6);
	assert_int_equal(state.id, 0);
}

static void test_enter_and_abandon(void **unused)
{
	struct call *call = sample_call();
	struct value *buffer = call->args->next;

	(void)unused;
	options.json = JSON_ENTER;
	state.pid = 6;
	buffer->state = VALUE_PENDING;
	renderer.ops->enter(&renderer, 7, &state, call);
	expect_out(
		"{\"type\":\"enter\"," HEAD
		"\"abi\":\"x86_64\",\"nr\":0,\"name\":\"read\",\"args\":{\"fd\":3,\"count\":4096},"
		"\"raw\":{\"buf\":139637976731648}}\n");
	renderer.ops->abandon(&renderer, 7, &state, call);
	expect_out(
		"{\"type\":\"call\"," HEAD
		"\"abi\":\"x86_64\",\"nr\":0,\"name\":\"read\",\"args\":{\"fd\":3,\"count\":4096},"
		"\"raw\":{\"buf\":139637976731648},\"unfinished\":true}\n");
}

static void expect_end(struct call *call, const char *end)
{
	renderer.ops->exit(&renderer, 7, &state, call);
	buf_add_char(&out, '\0');
	assert_string_equal(strstr(out.data, "\"args\":{}") + strlen("\"args\":{}"), end);
	buf_reset(&out);
}

static void test_results(void **unused)
{
	struct call *call = returns(call_named("brk", NULL), addr(4096));

	(void)unused;
	expect_end(call, ",\"ret\":4096}\n");
	expect_end(returns(call, addr(0)), ",\"ret\":0}\n");
	expect_end(returns(call, NULL), ",\"ret\":null}\n");
	expect_end(returns(call, value_of(VALUE_NONE)), ",\"ret\":null}\n");
	call->tampering = CALL_INJECTED | CALL_DELAYED;
	expect_end(fails(call, 2), ",\"ret\":-1,\"errno\":\"ENOENT\",\"error\":2,"
				   "\"injected\":true,\"delayed\":true}\n");
	call->tampering = CALL_POKED;
	expect_end(call, ",\"ret\":-1,\"errno\":\"ENOENT\",\"error\":2,\"poked\":true}\n");
	call->tampering = 0;
	expect_end(fails(call, 600), ",\"ret\":-1,\"error\":600}\n");
	expect_end(fails(call, 516),
		   ",\"ret\":null,\"errno\":\"ERESTART_RESTARTBLOCK\",\"error\":516}\n");
}

static void test_notes(void **unused)
{
	struct call *call = returns(call_named("select", NULL), dec(1));

	(void)unused;
	call->result.notes = LIST(word("Timeout"), named("entry_number=", dec(6)), dec(1),
				  flagged(VALUE_BARE, named("x", dec(2))), value_of(VALUE_NONE),
				  named("left", dec(3)), named("left", dec(4)));
	expect_end(call, ",\"ret\":1,\"notes\":{\"note\":{\"text\":\"Timeout\"},\"entry_number\":6,"
			 "\"note.2\":1,\"note.3\":2,\"left\":3,\"left.2\":4}}\n");
	call->is_raw = true;
	expect_end(call, ",\"ret\":1}\n");
}

/* Registers are shown where the value does not say what they hold. */
static void expect_raw(struct value *value, uint64_t number, const char *expected)
{
	struct call *call = call_named("f", named("a", value));

	value->arg = 1;
	call->numbers = &number;
	renderer.ops->exit(&renderer, 7, &state, returns(call, NULL));
	buf_add_char(&out, '\0');
	if (expected[0] == '\0')
		assert_null(strstr(out.data, "\"raw\""));
	else
		assert_non_null(strstr(out.data, expected));
	buf_reset(&out);
}

static void test_raw(void **unused)
{
	struct value *symbols = flags(3, BASE_HEX, "A|B");

	(void)unused;
	symbols->num = 3;
	expect_raw(number(-1, BASE_DEC, 4), 0xffffffff, "");
	expect_raw(number(-1, BASE_DEC, 4), UINT64_MAX, "");
	expect_raw(number(1, BASE_DEC, 4), 0xffffffff00000001,
		   ",\"raw\":{\"a\":18446744069414584321}");
	expect_raw(number(1, BASE_DEC, 4), 0x100000001, ",\"raw\":{\"a\":4294967297}");
	expect_raw(number(1, BASE_DEC, 2), 0x10001, ",\"raw\":{\"a\":65537}");
	expect_raw(number(-1, BASE_DEC, 8), UINT64_MAX, "");
	expect_raw(number(-1, BASE_DEC, 8), 0xffffffff, ",\"raw\":{\"a\":4294967295}");
	expect_raw(number(5, BASE_DEC, 0), 5, "");
	expect_raw(symbols, 3, "");
	expect_raw(symbols, 0x500000003, ",\"raw\":{\"a\":21474836483}");
	expect_raw(addr(4096), 4096, "");
	expect_raw(str("x"), 4096, ",\"raw\":{\"a\":4096}");
	expect_raw(STRUCT(dec(1)), 4096, ",\"raw\":{\"a\":4096}");
	expect_raw(call_of("f", NULL), 7, ",\"raw\":{\"a\":7}");
}

static void test_events(void **unused)
{
	struct tracee tracee = { .tid = 7, .pid = 6 };
	struct tracee parent = { .tid = 5, .pid = 4 };
	struct event event = { .tracee = &tracee,
			       .abi = ABI_COUNT,
			       .wall = 99,
			       .signal = 10,
			       .parent_tid = 5,
			       .parent = &parent,
			       .by_tid = 8,
			       .status = 3 };
	static const struct {
		enum event_kind kind;
		const char *expected;
	} events[] = {
		{ EVENT_STOPPED, "\"stopped\",#,\"signal\":\"SIGUSR1\",\"number\":10}\n" },
		{ EVENT_EXITED, "\"exit\",#,\"status\":3}\n" },
		{ EVENT_KILLED, "\"killed\",#,\"signal\":\"SIGUSR1\",\"number\":10}\n" },
		{ EVENT_BORN, "\"born\",#,\"parent_pid\":4,\"parent_tid\":5}\n" },
		{ EVENT_ATTACHED, "\"attach\",#}\n" },
		{ EVENT_DETACHED, "\"detach\",#}\n" },
		{ EVENT_EXEC, "\"exec\",#}\n" },
		{ EVENT_SUPERSEDED, "\"superseded\",#,\"by_tid\":8}\n" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		const char *rest = strchr(events[i].expected, '#');

		event.kind = (uint8_t)events[i].kind;
		renderer.ops->event(&renderer, 7, &event, NULL);
		expect_out(arena_printf(
			&arena, "{\"type\":%.*s\"pid\":6,\"tid\":7,\"time_ns\":99%s",
			(int)(rest - events[i].expected), events[i].expected, rest + 1));
	}
	event.kind = EVENT_EXITING;
	renderer.ops->event(&renderer, 7, &event, NULL);
	assert_int_equal(out.len, 0);
}

static void test_more_events(void **unused)
{
	struct tracee tracee = { .tid = 7 };
	struct event event = {
		.kind = EVENT_SIGNAL, .tracee = &tracee, .abi = ABI_COUNT, .signal = 63
	};

	(void)unused;
	renderer.ops->event(&renderer, 7, &event, STRUCT(named("si_signo", dec(63))));
	expect_out("{\"type\":\"signal\",\"tid\":7,\"time_ns\":0,\"number\":63,"
		   "\"siginfo\":{\"si_signo\":63}}\n");
	event.kind = EVENT_KILLED;
	event.core_dumped = true;
	renderer.ops->event(&renderer, 7, &event, NULL);
	expect_out("{\"type\":\"killed\",\"tid\":7,\"time_ns\":0,\"number\":63,"
		   "\"core_dumped\":true}\n");
	event.kind = EVENT_ABI;
	event.abi = ABI_I386;
	renderer.ops->event(&renderer, 7, &event, NULL);
	expect_out("{\"type\":\"abi\",\"tid\":7,\"time_ns\":0,\"abi\":\"i386\"}\n");
	event.kind = EVENT_BORN;
	renderer.ops->event(&renderer, 7, &event, NULL);
	expect_out("{\"type\":\"born\",\"tid\":7,\"time_ns\":0}\n");
}

static void test_header(void **unused)
{
	char *command[] = { "a \"b\"", "\xff", NULL };
	int pids[] = { 7, 8 };

	(void)unused;
	options.command = command;
	renderer.ops->begin(&renderer, 5);
	buf_add_char(&out, '\0');
	assert_memory_equal(out.data, "{\"type\":\"header\",\"schema\":1,\"program\":\"mtrace\",",
			    46);
	assert_string_equal(strstr(out.data, "\"start_ns\""),
			    "\"start_ns\":5,\"command\":[\"a \\\"b\\\"\",{\"string\":\"" LOST
			    "\",\"base64\":\"/w==\"}]}\n");
	buf_reset(&out);
	options.command = NULL;
	options.pids = pids;
	options.pid_count = 2;
	renderer.ops->begin(&renderer, 5);
	buf_add_char(&out, '\0');
	assert_string_equal(strstr(out.data, "\"start_ns\""),
			    "\"start_ns\":5,\"attached\":[7,8]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_JSON(test_strings),
		TEST_JSON(test_controls),
		TEST_JSON(test_not_utf8),
		TEST_JSON(test_base64),
		TEST_JSON(test_long_strings),
		TEST_JSON(test_all_bytes),
		TEST_JSON(test_numbers),
		TEST_JSON(test_dates),
		TEST_JSON(test_names),
		TEST_JSON(test_signed_names),
		TEST_JSON(test_shifted_parts),
		TEST_JSON(test_notes_of_descriptors),
		TEST_JSON(test_string_values),
		TEST_JSON(test_addresses),
		TEST_JSON(test_structs),
		TEST_JSON(test_unique_keys),
		TEST_JSON(test_arrays),
		TEST_JSON(test_changes),
		TEST_JSON(test_calls_within),
		TEST_JSON(test_call),
		TEST_JSON(test_enter_and_abandon),
		TEST_JSON(test_results),
		TEST_JSON(test_notes),
		TEST_JSON(test_raw),
		TEST_JSON(test_events),
		TEST_JSON(test_more_events),
		TEST_JSON(test_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
