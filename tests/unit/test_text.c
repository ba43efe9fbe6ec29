/* SPDX-License-Identifier: MIT */
/* Tests of src/render/text*.c: values, lines and events against what strace 7.2 printed. */
#include <time.h>

#include "text_fixture.h"

/* ---- numbers and names ---- */

static void test_numbers(void **unused)
{
	(void)unused;
	expect_shown(dec(-1), "-1");
	expect_shown(flagged(VALUE_UNSIGNED, dec(-1)), "18446744073709551615");
	expect_shown(hex(0), "0");
	expect_shown(number(-1, BASE_HEX, 4), "0xffffffff");
	expect_shown(number(-1, BASE_HEX, 8), "0xffffffffffffffff");
	expect_shown(number(0640, BASE_OCT, 4), "0640");
	expect_shown(number(0, BASE_OCT, 4), "0");
	expect_shown(number(0, BASE_OCT3, 4), "000");
	expect_shown(number(07, BASE_OCT3, 4), "007");
	expect_shown(number(010, BASE_OCT3, 4), "010");
	expect_shown(number(022, BASE_OCT3, 4), "022");
	expect_shown(number(0644, BASE_OCT3, 4), "0644");
	expect_shown(number(0, BASE_PAD_HEX, 4), "00000000");
	expect_shown(number(1, BASE_PAD_HEX, 8), "0x00000000000001");
	expect_shown(number(0xfffff, BASE_PAD_HEX, 4), "0x0fffff");
	expect_shown(number(0x123456789, BASE_PAD_HEX, 4), "0x23456789");
	expect_shown(number(0, BASE_ADDR, 8), "NULL");
	expect_shown(addr(0), "NULL");
	expect_shown(addr(0x7ffe1000), "0x7ffe1000");
}

static void test_comments(void **unused)
{
	struct value *limit = commented("8192*1024", flagged(VALUE_SUFFIXED, dec(8388608)));
	struct value *time = commented("0.01 s", dec(1));

	(void)unused;
	expect_styles(limit, "8192*1024", "8388608", "8388608 /* 8192*1024 */");
	expect_styles(time, "1 /* 0.01 s */", "1 /* 0.01 s */", "1 /* 0.01 s */");
	expect_shown(commented("2 vars", addr(0x7ffc)), "0x7ffc /* 2 vars */");
	expect_shown(commented("0x7ffe", value_of(VALUE_MORE)), "... /* 0x7ffe */");
	expect_shown(commented("\033c", dec(1)), "1 /* \\033c */");
	expect_shown(commented("3 entries", STRUCT(named("a", dec(1)))), "{a=1} /* 3 entries */");
	expect_shown(commented("bytes 24..25", flagged(VALUE_IN_HEX, str("ab"))),
		     "/* bytes 24..25 */ \"\\x61\\x62\"");
}

static void test_flag_styles(void **unused)
{
	struct value *negative = value_of(VALUE_FLAGS);
	struct value_group *group = group_add(negative, (uint64_t)-100, BASE_DEC, NULL);

	(void)unused;
	group->is_signed = true;
	part_add(group, "AT_FDCWD", 0, BASE_DEC);
	expect_styles(negative, "AT_FDCWD", "-100", "-100 /* AT_FDCWD */");
	expect_styles(flags(0x242, BASE_HEX, "O_RDWR|O_CREAT|O_TRUNC"), "O_RDWR|O_CREAT|O_TRUNC",
		      "0x242", "0x242 /* O_RDWR|O_CREAT|O_TRUNC */");
	expect_styles(unknown(7, "X_???"), "0x7 /* X_??? */", "0x7", "0x7 /* X_??? */");
	expect_styles(unknown(7, NULL), "0x7", "0x7", "0x7");
	expect_styles(unknown(0, NULL), "0", "0", "0");
	expect_styles(flags(0100640, BASE_OCT, "S_IFREG|0640"), "S_IFREG|0640", "0100640",
		      "0100640 /* S_IFREG|0640 */");
	expect_styles(flags(0x40000000, BASE_HEX, "O_RDONLY|0x40000000"), "O_RDONLY|0x40000000",
		      "0x40000000", "0x40000000 /* O_RDONLY|0x40000000 */");
	expect_styles(flags(0600, BASE_OCT, "0600"), "0600", "0600", "0600");
	expect_styles(flags(17, BASE_DEC, "SIGCHLD"), "SIGCHLD", "17", "17 /* SIGCHLD */");
}

static void test_flag_groups(void **unused)
{
	struct value *clone = flags(0x1200000, BASE_HEX, "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID");
	struct value *mmap = flags(0xd4040000, BASE_HEX, "MAP_FILE|MAP_HUGETLB");
	struct value *size = value_of(VALUE_FLAGS);
	struct value *futex = flags(1, BASE_HEX, "FUTEX_OP_ADD");
	struct value *partly = unknown(0x3, "PER_???");

	(void)unused;
	part_add(group_add(clone, 17, BASE_DEC, NULL), "SIGCHLD", 0, BASE_DEC);
	expect_styles(clone, "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD", "0x1200000|17",
		      "0x1200000 /* CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID */|17 /* SIGCHLD */");
	part_add(mmap->groups, NULL, 53, BASE_DEC)->shift = "MAP_HUGE_SHIFT";
	expect_styles(mmap, "MAP_FILE|MAP_HUGETLB|53<<MAP_HUGE_SHIFT", "0xd4040000",
		      "0xd4040000 /* MAP_FILE|MAP_HUGETLB|53<<MAP_HUGE_SHIFT */");
	part_add(group_add(size, 0xfc000000, BASE_HEX, "MFD_???"), NULL, 63, BASE_DEC)->shift =
		"MFD_HUGE_SHIFT";
	expect_styles(size, "63<<MFD_HUGE_SHIFT", "0xfc000000",
		      "0xfc000000 /* 63<<MFD_HUGE_SHIFT */");
	futex->groups->shift = "28";
	group_add(futex, 3, BASE_HEX, NULL);
	expect_styles(futex, "FUTEX_OP_ADD<<28|0x3", "0x1<<28|0x3",
		      "0x1 /* FUTEX_OP_ADD */<<28|0x3");
	part_add(group_add(partly, 0x4000000, BASE_HEX, NULL), "STICKY_TIMEOUTS", 0, BASE_HEX);
	expect_styles(partly, "0x3 /* PER_??? */|STICKY_TIMEOUTS", "0x3|0x4000000",
		      "0x3 /* PER_??? */|0x4000000 /* STICKY_TIMEOUTS */");
}

static void test_calls_as_values(void **unused)
{
	struct value *device = call_of("makedev", LIST(hex(1), hex(3)));
	struct value *port = call_of("htons", LIST(dec(77)));
	struct value *pair = call_of("QCMD",
				     LIST(unknown(1, "Q_???"), flags(0, BASE_HEX, "USRQUOTA")));
	struct value *v6 = call_of(
		"inet_pton", LIST(flags(10, BASE_HEX, "AF_INET6"), str("::"), word("&sin6_addr")));

	(void)unused;
	device->num = 0x103;
	device->width = 8;
	device->base = BASE_HEX;
	expect_styles(device, "makedev(0x1, 0x3)", "0x103", "0x103 /* makedev(0x1, 0x3) */");
	port->bytes = (const uint8_t *)"\0M";
	port->len = 2;
	expect_styles(port, "htons(77)", "\"\\x00\\x4d\"", "\"\\x00\\x4d\" /* htons(77) */");
	pair->num = 2147485440;
	pair->width = 4;
	expect_styles(pair, "QCMD(0x1 /* Q_??? */, USRQUOTA)", "2147485440",
		      "2147485440 /* QCMD(0x1 /* Q_??? */, USRQUOTA) */");
	v6->bytes = (const uint8_t *)"\0\1";
	v6->len = 2;
	expect_styles(STRUCT(named("sin6_addr", flagged(VALUE_BARE, v6))),
		      "{inet_pton(AF_INET6, \"::\", &sin6_addr)}", "{sin6_addr=\"\\x00\\x01\"}",
		      "{sin6_addr=\"\\x00\\x01\" /* inet_pton(AF_INET6, \"::\") */}");
	expect_styles(call_of("f", LIST(flags(1, BASE_HEX, "A"))), "f(A)", "f(0x1)",
		      "f(0x1 /* A */)");
}

/* ---- strings and annotations ---- */

static void test_strings(void **unused)
{
	(void)unused;
	expect_shown(str("caf\303\251\t\1\n0"), "\"caf\\303\\251\\t\\1\\n0\"");
	expect_shown(flagged(VALUE_TRUNCATED, str("abc")), "\"abc\"...");
	expect_shown(flagged(VALUE_TRUNCATED, str("")), "\"\"...");
	expect_shown(flagged(VALUE_IN_HEX, str("hi")), "\"\\x68\\x69\"");
	expect_shown(flagged(VALUE_ABSTRACT, str("/tmp/x")), "@\"/tmp/x\"");
	options.hex = HEX_NON_ASCII_CHARS;
	expect_shown(str("\303\t1"), "\"\\xc3\\t1\"");
	options.hex = HEX_NON_ASCII;
	expect_shown(str("\t1"), "\"\\t1\"");
	expect_shown(str("1\1"), "\"\\x31\\x01\"");
	options.hex = HEX_ALL;
	expect_shown(str("hi"), "\"\\x68\\x69\"");
	expect_shown(flagged(VALUE_TRUNCATED, str("hi")), "\"\\x68\\x69\"...");
	options.hex = HEX_NONE;
	expect_shown(word("8*ORIG_RAX"), "8*ORIG_RAX");
	expect_shown(word("a\033[1m"), "a\\033[1m");
}

static void test_annotations(void **unused)
{
	struct value *cwd = flags((uint64_t)-100, BASE_DEC, "AT_FDCWD");

	(void)unused;
	expect_shown(FD(3, "/home/user/probe.txt"), "3</home/user/probe.txt>");
	expect_shown(FD(3, "/tmp/a<b>c\n1\0332"), "3</tmp/a\\74b\\76c\\n1\\0332>");
	expect_shown(FD(3, "/tmp/gone (deleted)"), "3</tmp/gone>(deleted)");
	expect_shown(FD(3, "/tmp/q (deleted)\0"), "3</tmp/q (deleted)>");
	expect_shown(FD(3, "/tmp/gone\0\0(deleted)"), "3</tmp/gone>(deleted)");
	expect_shown(FD(0, "/dev/null\0<char 1:3>"), "0</dev/null<char 1:3>>");
	expect_shown(FD(4, "pipe:[12]"), "4<pipe:[12]>");
	expect_shown(FD(4, "\0UNIX-STREAM:[1->2]"), "4<UNIX-STREAM:[1->2]>");
	expect_shown(note("a<b>\n\1\303", 7, flagged(VALUE_PID, dec(12))),
		     "12<a\\74b\\76\\n\\1\\303>");
	expect_shown(note("/home", 5, flagged(VALUE_FD, cwd)), "AT_FDCWD</home>");
	options.hex = HEX_ALL;
	expect_shown(FD(1, "/d<\0<char 1:3>"), "1<\\x2f\\x64\\x3c<char 1:3>>");
}

/* ---- trees ---- */

static void test_lists(void **unused)
{
	struct value *full = ARRAY(flags(34, BASE_DEC, "RTMIN"), flags(35, BASE_DEC, "RT_1"));

	(void)unused;
	expect_shown(ARRAY(dec(4), dec(5)), "[4, 5]");
	expect_shown(value_of(VALUE_ARRAY), "[]");
	expect_shown(value_of(VALUE_STRUCT), "{}");
	expect_shown(flagged(VALUE_SPACED, ARRAY(dec(0), dec(1))), "[0 1]");
	expect_styles(flagged(VALUE_SPACED | VALUE_COMPLEMENT, full), "~[RTMIN RT_1]", "~[34 35]",
		      "~[34 /* RTMIN */ 35 /* RT_1 */]");
	expect_shown(STRUCT(named("st_mode", flags(1, BASE_HEX, "S_IFREG|0640")),
			    named("st_size", dec(44)), value_of(VALUE_MORE)),
		     "{st_mode=S_IFREG|0640, st_size=44, ...}");
	expect_shown(ARRAY(STRUCT(named("fd", dec(4)), flagged(VALUE_BARE, named("b", dec(1)))),
			   value_of(VALUE_MORE)),
		     "[{fd=4, 1}, ...]");
	expect_shown(ARRAY(flagged(VALUE_INDEXED, named("VINTR", hex(3))),
			   flagged(VALUE_INDEXED, named("VQUIT", hex(28)))),
		     "[[VINTR]=0x3, [VQUIT]=0x1c]");
	expect_shown(ARRAY(CHANGE(dec(16), dec(2))), "[16 => 2]");
	expect_shown(STRUCT(named("n", CHANGE(named("n", dec(16)), named("n", dec(2))))),
		     "{n=16 => 2}");
	expect_shown(CHANGE(STRUCT(named("size", dec(5)))), "{size=5}");
	expect_shown(STRUCT(value_of(VALUE_NONE), named("a", dec(1)), value_of(VALUE_NONE),
			    named("b", dec(2))),
		     "{a=1, b=2}");
}

/* ---- lines ---- */

static void test_lines(void **unused)
{
	struct call *call;

	(void)unused;
	expect_line(returns(call_named("brk", LIST(addr(0))), addr(0xe658000)), "brk(NULL)",
		    "0xe658000");
	expect_line(returns(call_named("getpid", NULL), dec(26901)), "getpid()", "26901");
	expect_line(returns(call_named("write", LIST(dec(6), str("hi"), dec(2))), dec(2)),
		    "write(6, \"hi\", 2)", "2");
	expect_line(returns(call_named("exit_group", LIST(dec(7))), NULL), "exit_group(7)", "?");
	expect_line(fails(call_named("unlink", LIST(str("x"))), 2), "unlink(\"x\")",
		    "-1 ENOENT (No such file or directory)");
	expect_line(fails(call_named("pause", NULL), 514), "pause()",
		    "? ERESTARTNOHAND (To be restarted if no handler)");
	expect_line(fails(call_named("read", LIST(dec(0))), 512), "read(0)",
		    "? ERESTARTSYS (To be restarted if SA_RESTART is set)");
	expect_line(fails(call_named("read", NULL), 516), "read()",
		    "? ERESTART_RESTARTBLOCK (Interrupted by signal)");
	expect_line(fails(call_named("read", NULL), 524), "read()",
		    "-1 ENOTSUPP (Unknown error 524)");
	expect_line(fails(call_named("read", NULL), 4000), "read()", "-1 (errno 4000)");
	call = returns(call_named("clone", LIST(named("child_stack", addr(0)),
						named("flags", flags(17, BASE_DEC, "SIGCHLD")))),
		       dec(5));
	call->named = true;
	expect_line(call, "clone(child_stack=NULL, flags=SIGCHLD)", "5");
	call = fails(call_named("syscall_0xe000", LIST(hex(1), hex(0))), 38);
	expect_line(call, "syscall_0xe000(0x1, 0)", "-1 ENOSYS (Function not implemented)");
}

static void test_raw_results(void **unused)
{
	struct call *call = returns(call_named("getpid", NULL), dec(27240));

	(void)unused;
	call->is_raw = true;
	call->raw_result = 27240;
	call->result.notes = word("never");
	expect_line(call, "getpid()", "0x6a68");
	call->raw_result = 0;
	expect_line(call, "getpid()", "0");
	expect_line(fails(call, 2), "getpid()", "-1 ENOENT (No such file or directory)");
}

static void test_notes(void **unused)
{
	static const struct desc_type bits_type = { .kind = TYPE_BITS, .width = 4 };
	struct call *call = returns(call_named("f", NULL), hex(0x8002));
	struct value *bits = unknown(3, "PER_???");

	(void)unused;
	options.xlat = XLAT_RAW;
	call->result.notes = named("flags", flags(0x8002, BASE_HEX, "O_RDWR|O_LARGEFILE"));
	call->result.notes->type = &bits_type;
	expect_line(call, "f()", "0x8002 (flags O_RDWR|O_LARGEFILE)");
	call->result.notes = ARRAY(STRUCT(named("revents", flags(1, BASE_HEX, "POLLIN"))));
	expect_line(call, "f()", "0x8002 ([{revents=0x1}])");
	call->result.notes = flags(10, BASE_DEC, "SIGUSR1");
	expect_line(call, "f()", "0x8002 (SIGUSR1)");
	bits->type = &bits_type;
	call->result.notes = bits;
	expect_line(call, "f()", "0x8002 (0x3)");
	call->result.notes = named("flags", flags(1, BASE_HEX, "FD_CLOEXEC"));
	expect_line(call, "f()", "0x8002 (flags 0x1)");
	options.xlat = XLAT_ABBREV;
	call->result.notes = LIST(named("in", ARRAY(dec(3))),
				  named("left", STRUCT(named("tv_sec", dec(1)))));
	expect_line(call, "f()", "0x8002 (in [3], left {tv_sec=1})");
	call->result.notes = word("Timeout");
	expect_line(call, "f()", "0x8002 (Timeout)");
	call->result.notes = named("Timeout", word(""));
	expect_line(call, "f()", "0x8002 (Timeout)");
	call->result.notes = named("entry_number=", dec(6));
	expect_line(call, "f()", "0x8002 (entry_number=6)");
	call->result.notes = LIST(value_of(VALUE_NONE), word("a"), value_of(VALUE_NONE), word("b"));
	expect_line(call, "f()", "0x8002 (a, b)");
	call->result.notes = value_of(VALUE_NONE);
	expect_line(call, "f()", "0x8002");
	call->result.value = value_of(VALUE_NONE);
	expect_line(call, "f()", "?");
}

static struct call *tampered(unsigned tampering, uint64_t raw, struct call *call)
{
	call->tampering = (uint8_t)tampering;
	call->raw_result = raw;
	return call;
}

/* strace 7.2 for a result and a delay; 6.1, whose marks are the same, for the others. */
static void test_tampering(void **unused)
{
	struct call *exit_group = call_named("exit_group", dec(3));

	(void)unused;
	expect_line(tampered(CALL_INJECTED, 42,
			     returns(call_named("getpid", NULL), flagged(VALUE_PID, dec(42)))),
		    "getpid()", "42 (INJECTED)");
	expect_line(tampered(CALL_DELAYED, 2, returns(call_named("read", dec(7)), dec(2))), "read(7)",
		    "2 (DELAYED)");
	expect_line(tampered(CALL_INJECTED | CALL_DELAYED, 0, fails(call_named("read", NULL), 2)),
		    "read()", "-1 ENOENT (No such file or directory) (INJECTED) (DELAYED)");
	expect_line(tampered(CALL_POKED, 8, returns(call_named("write", NULL), dec(8))), "write()",
		    "8 (INJECTED: args)");
	expect_line(tampered(CALL_POKED | CALL_INJECTED | CALL_DELAYED, 3,
			     returns(call_named("write", NULL), dec(3))),
		    "write()", "3 (INJECTED: args, retval) (DELAYED)");
	/* Wider than an int, and not to be mistaken for an error; a pid is an int all the same. */
	expect_line(tampered(CALL_INJECTED, (uint64_t)-2,
			     returns(call_named("chdir", NULL), number(-2, BASE_DEC, 4))),
		    "chdir()", "18446744073709551614 (INJECTED)");
	expect_line(tampered(CALL_INJECTED, (uint64_t)-2,
			     returns(call_named("umask", NULL), number(-2, BASE_OCT3, 4))),
		    "umask()", "01777777777777777777776 (INJECTED)");
	expect_line(tampered(CALL_INJECTED, (uint64_t)-2,
			     returns(call_named("getpid", NULL),
				     flagged(VALUE_PID, number(-2, BASE_DEC, 4)))),
		    "getpid()", "-2 (INJECTED)");
	exit_group->abi = ABI_I386;
	expect_line(tampered(CALL_INJECTED, (uint64_t)-2, returns(exit_group, NULL)),
		    "exit_group(3)", "4294967294 (INJECTED)");
	exit_group->finished = false;
	exit_group->tampering = CALL_DELAYED;
	expect_line(exit_group, "exit_group(3)", "?");
}

static void test_padding(void **unused)
{
	(void)unused;
	for (int len = 30; len < 50; len++) {
		char *name = arena_printf(&arena, "%0*d", len, 0);
		char *head = arena_printf(&arena, "%s()", name);

		renderer.pid_column = PID_NONE;
		expect_line(returns(call_named(name, NULL), dec(0)), head, "0");
		renderer.pid_column = PID_PLAIN;
		head = arena_printf(&arena, "7     %s()", name);
		expect_line(returns(call_named(name, NULL), dec(0)), head, "0");
	}
	renderer.pid_column = PID_NONE;
	options.column = 0;
	renderer.ops->exit(&renderer, 7, &state, returns(call_named("a", NULL), dec(0)));
	expect_out("a() = 0\n");
	options.column = 6;
	renderer.ops->exit(&renderer, 7, &state, returns(call_named("a", NULL), dec(0)));
	expect_out("a()   = 0\n");
}

/* Lines that end in a number, with no blanks and with more of them than most have. */
static void test_numbers_as_results(void **unused)
{
	static const struct {
		uint64_t num;
		unsigned flags;
		const char *shown;
	} results[] = {
		{ 0, 0, "0" },
		{ 10, 0, "10" },
		{ INT64_MAX, 0, "9223372036854775807" },
		{ (uint64_t)-1, 0, "-1" },
		{ (uint64_t)INT64_MIN, 0, "-9223372036854775808" },
		{ UINT64_MAX, VALUE_UNSIGNED, "18446744073709551615" },
		{ (uint64_t)INT64_MAX + 1, VALUE_UNSIGNED, "9223372036854775808" },
	};

	(void)unused;
	for (unsigned column = 0; column < 120; column++) {
		for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
			struct value *value = flagged(results[i].flags,
						      number((int64_t)results[i].num, BASE_DEC, 8));
			int width = column > 5 ? (int)column - 1 : 4;

			options.column = column;
			renderer.ops->exit(&renderer, 7, &state,
					   returns(call_named("ab", NULL), value));
			expect_out(arena_printf(&arena, "%-*s = %s\n", width, "ab()",
						results[i].shown));
		}
	}
}

/* A number with something else to be said of it is not just a number. */
static void test_more_than_a_number(void **unused)
{
	struct value *value = dec(3);
	struct call *call = returns(call_named("ab", NULL), value);

	(void)unused;
	value->flags |= VALUE_FD;
	value->note = "/tmp";
	value->note_len = 4;
	expect_line(call, "ab()", "3</tmp>");
	call = returns(call_named("ab", NULL), dec(3));
	call->tampering = CALL_DELAYED;
	expect_line(call, "ab()", "3 (DELAYED)");
	call->tampering = 0;
	call->finished = false;
	expect_line(call, "ab()", "?");
}

/* What was written to the file before the call ended does not change the padding. */
static void test_padding_after_flush(void **unused)
{
	struct call *call = call_named("read", LIST(dec(3), dec(0)));

	(void)unused;
	renderer.pid_column = PID_BRACKETS;
	call->split = 1;
	renderer.ops->enter(&renderer, 26910, &state, call);
	expect_out("[pid 26910] read(3");
	renderer.ops->exit(&renderer, 26910, &state, returns(call, dec(0)));
	expect_out(", 0)                  = 0\n");
}

static void test_pid_columns(void **unused)
{
	struct call *call = returns(call_named("pause", NULL), dec(0));

	(void)unused;
	renderer.pid_column = PID_BRACKETS;
	renderer.ops->exit(&renderer, 1234, &state, call);
	expect_out("[pid  1234] pause()                     = 0\n");
	renderer.ops->exit(&renderer, 1234567, &state, call);
	expect_out("[pid 1234567] pause()                   = 0\n");
	renderer.pid_column = PID_PLAIN;
	renderer.ops->exit(&renderer, 8061, &state, call);
	expect_out("8061  pause()                           = 0\n");
	renderer.ops->exit(&renderer, 27466, &state, call);
	expect_out("27466 pause()                           = 0\n");
}

/* ---- times ---- */

#define WALL 1795185792487130009 /* 14:43:12 in UTC */
#define TIME 5000000000

static struct event at(uint64_t ns)
{
	return (struct event){ .kind = EVENT_EXITED, .time = TIME + ns, .wall = WALL + ns };
}

/* A call that begins so many ns after WALL, and when the line before was written. */
static struct call *call_at(uint64_t ns, uint64_t duration)
{
	struct call *call = call_named("pause", NULL);

	call->wall = WALL + ns;
	call->since = text_since(&renderer, TIME + ns);
	call->duration = duration;
	return returns(call, dec(0));
}

/* One call and one event, 2.012345678 s apart, with a leader that is `first`, then `second`. */
static void expect_leaders(struct time_columns times, const char *first, const char *second)
{
	struct event event = at(2012345678);
	char line[256];

	options.times = times;
	options.times.leading = true;
	renderer.marked = 0;
	renderer.hms[0] = '\0';
	renderer.now = &event;
	renderer.ops->exit(&renderer, 1, &state, call_at(0, 0));
	renderer.ops->event(&renderer, 1, &event, NULL);
	snprintf(line, sizeof(line), "%s%-*s= 0\n%s+++ exited with 0 +++\n", first,
		 40 - (int)strlen(first), "pause()", second);
	expect_out(line);
}

static void test_times_of_day(void **unused)
{
	(void)unused;
	/* Half an hour tells a time zone from a conversion of one's own. */
	setenv("TZ", "XXX-5:30", 1);
	tzset();
	expect_leaders((struct time_columns){ .wall = WALL_TIME }, "20:13:12 ", "20:13:14 ");
	setenv("TZ", "UTC0", 1);
	tzset();
	expect_leaders((struct time_columns){ .wall = WALL_TIME }, "14:43:12 ", "14:43:14 ");
	expect_leaders((struct time_columns){ .wall = WALL_TIME, .wall_places = 3 },
		       "14:43:12.487 ", "14:43:14.499 ");
	expect_leaders((struct time_columns){ .wall = WALL_TIME, .wall_places = 6 },
		       "14:43:12.487130 ", "14:43:14.499475 ");
	expect_leaders((struct time_columns){ .wall = WALL_UNIX }, "1795185792 ", "1795185794 ");
	expect_leaders((struct time_columns){ .wall = WALL_UNIX, .wall_places = 9 },
		       "1795185792.487130009 ", "1795185794.499475687 ");
}

static void test_relative_times(void **unused)
{
	struct time_columns both = { .wall = WALL_TIME, .since = true, .since_places = 6 };

	(void)unused;
	expect_leaders((struct time_columns){ .since = true }, "     0 ", "     2 ");
	expect_leaders((struct time_columns){ .since = true, .since_places = 9 },
		       "     0.000000000 ", "     2.012345678 ");
	expect_leaders(both, "14:43:12 (+     0.000000) ", "14:43:14 (+     2.012345) ");
	/* Hours fit, days make the column wider. */
	renderer.marked = 0;
	assert_int_equal(text_since(&renderer, TIME), 0);
	assert_int_equal(text_since(&renderer, TIME + 7), 7);
	/* Older than the line before: then the next one is measured from the latest. */
	assert_int_equal(text_since(&renderer, TIME + 2), 0);
	assert_int_equal(text_since(&renderer, TIME + 9), 2);
}

static void test_long_times(void **unused)
{
	struct event event = at(0);

	(void)unused;
	options.times = (struct time_columns){ .leading = true, .since = true, .since_places = 3 };
	renderer.now = &event;
	renderer.marked = 1;
	event.time = 99999999000000ull;
	renderer.ops->event(&renderer, 1, &event, NULL);
	expect_out(" 99999.998 +++ exited with 0 +++\n");
	event.time += 1234567000000000ull;
	renderer.ops->event(&renderer, 1, &event, NULL);
	expect_out("1234567.000 +++ exited with 0 +++\n");
}

/* A line that gives way and is resumed: each part has its own time, the call's stands at its end. */
static void test_times_of_split_lines(void **unused)
{
	struct call *call = call_at(0, 1500999);
	struct event event = at(1500999);

	(void)unused;
	renderer.marked = 0;
	options.times = (struct time_columns){
		.leading = true,
		.wall = WALL_UNIX,
		.since = true,
		.duration = true,
		.since_places = 6,
		.duration_places = 6,
	};
	renderer.pid_column = PID_BRACKETS;
	call->finished = false;
	call->since = text_since(&renderer, TIME);
	renderer.now = &event;
	renderer.ops->enter(&renderer, 12345, &state, call);
	expect_out("[pid 12345] 1795185792 (+     0.000000) pause(");
	renderer.ops->interrupt(&renderer, 12345, &state, call);
	expect_out(" <unfinished ...>\n");
	call->finished = true;
	renderer.ops->exit(&renderer, 12345, &state, call);
	expect_out("[pid 12345] 1795185792 (+     0.001500) <... pause resumed>) = 0 <0.001500>\n");
	/* A call without an end has no time. */
	call->finished = false;
	call->unavailable = true;
	call->since = 0;
	renderer.ops->abandon(&renderer, 12345, &state, call);
	expect_out("[pid 12345] 1795185792 (+     0.000000) pause() = ? <unavailable>\n");
	options.times.leading = false;
	renderer.pid_column = PID_NONE;
	call = call_at(0, 3000000001);
	call->tampering = CALL_INJECTED;
	renderer.ops->exit(&renderer, 1, &state, call);
	expect_out("pause()                                 = 0 (INJECTED) <3.000000>\n");
	options.times.duration_places = 0;
	call->tampering = 0;
	renderer.ops->exit(&renderer, 1, &state, call);
	expect_out("pause()                                 = 0 <3>\n");
}

/* ---- events ---- */

static void expect_event(struct event event, const struct value *siginfo, const char *expected)
{
	event.abi = ABI_COUNT;
	renderer.ops->event(&renderer, 26910, &event, siginfo);
	expect_out(expected);
}

static void test_events(void **unused)
{
	struct value *siginfo = STRUCT(named("si_signo", flags(10, BASE_DEC, "SIGUSR1")),
				       named("si_pid", dec(5)));

	(void)unused;
	options.xlat = XLAT_VERBOSE;
	expect_event((struct event){ .kind = EVENT_SIGNAL, .signal = 10 }, siginfo,
		     "--- SIGUSR1 {si_signo=10 /* SIGUSR1 */, si_pid=5} ---\n");
	renderer.pid_column = PID_BRACKETS;
	options.xlat = XLAT_ABBREV;
	expect_event((struct event){ .kind = EVENT_SIGNAL, .signal = 35 }, NULL,
		     "[pid 26910] --- SIGRT_3 ---\n");
	expect_event((struct event){ .kind = EVENT_STOPPED, .signal = 19 }, NULL,
		     "[pid 26910] --- stopped by SIGSTOP ---\n");
	expect_event((struct event){ .kind = EVENT_EXITED, .status = 7 }, NULL,
		     "[pid 26910] +++ exited with 7 +++\n");
	expect_event((struct event){ .kind = EVENT_KILLED, .signal = 9 }, NULL,
		     "[pid 26910] +++ killed by SIGKILL +++\n");
	renderer.pid_column = PID_PLAIN;
	expect_event((struct event){ .kind = EVENT_KILLED, .signal = 11, .core_dumped = true },
		     NULL, "26910 +++ killed by SIGSEGV (core dumped) +++\n");
	expect_event((struct event){ .kind = EVENT_SUPERSEDED, .by_tid = 8062 }, NULL,
		     "26910 +++ superseded by execve in pid 8062 +++\n");
	expect_event((struct event){ .kind = EVENT_DETACHED }, NULL, " <detached ...>\n");
	expect_event((struct event){ .kind = EVENT_BORN }, NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers),
		TEST(test_comments),
		TEST(test_flag_styles),
		TEST(test_flag_groups),
		TEST(test_calls_as_values),
		TEST(test_strings),
		TEST(test_annotations),
		TEST(test_lists),
		TEST(test_lines),
		TEST(test_raw_results),
		TEST(test_notes),
		TEST(test_tampering),
		TEST(test_padding),
		TEST(test_numbers_as_results),
		TEST(test_more_than_a_number),
		TEST(test_padding_after_flush),
		TEST(test_pid_columns),
		TEST(test_times_of_day),
		TEST(test_relative_times),
		TEST(test_long_times),
		TEST(test_times_of_split_lines),
		TEST(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
