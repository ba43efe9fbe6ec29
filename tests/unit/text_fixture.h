/* SPDX-License-Identifier: MIT */
/*
 * Value trees built by hand, for the tests of src/render.  The names of errors and signals come from
 * small tables here, so that no generated table is needed.
 */
#ifndef TESTS_UNIT_TEXT_FIXTURE_H
#define TESTS_UNIT_TEXT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/arena.h"
#include "mtrace/render.h"

/* ---- the tables that syscalls/compile would generate ---- */

static const struct desc_entry errno_entries[] = {
	{ "ENOENT", 2 },
	{ "EINTR", 4 },
	{ "ENOSYS", 38 },
	{ "ENOTSUPP", 524 },
};
static const struct desc_entry signal_entries[] = {
	{ "SIGKILL", 9 },  { "SIGUSR1", 10 }, { "SIGSEGV", 11 },
	{ "SIGSTOP", 19 }, { "SIGRT_3", 35 },
};
static const struct desc_set errno_set = {
	.name = "errno",
	.by_abi[ABI_X86_64] = { errno_entries, 4 },
};
static const struct desc_set signal_set = {
	.name = "signal",
	.by_abi[ABI_X86_64] = { signal_entries, 5 },
};
const struct desc_set *const desc_errnos = &errno_set;
const struct desc_set *const desc_signals = &signal_set;

const char *desc_set_name(const struct desc_set *set, enum abi_id abi, uint64_t value)
{
	for (unsigned i = 0; i < set->by_abi[abi].count; i++) {
		if (set->by_abi[abi].entries[i].value == value)
			return set->by_abi[abi].entries[i].name;
	}
	return NULL;
}

/* ---- building values ---- */

static struct arena arena;
static struct options options;
static struct buf out;
static struct renderer renderer;
static struct render_state state;

static inline int set_up(void **unused)
{
	(void)unused;
	memset(&options, 0, sizeof(options));
	memset(&out, 0, sizeof(out));
	memset(&state, 0, sizeof(state));
	options.column = 40;
	options.xlat = XLAT_ABBREV;
	renderer = (struct renderer){ .ops = &text_renderer, .options = &options, .out = &out };
	return 0;
}

static inline int tear_down(void **unused)
{
	(void)unused;
	arena_free(&arena);
	buf_free(&out);
	return 0;
}

static inline struct value *value_of(enum value_kind kind)
{
	struct value *value = arena_alloc(&arena, sizeof(*value));

	value->kind = (uint8_t)kind;
	return value;
}

static inline struct value *named(const char *name, struct value *value)
{
	value->name = name;
	return value;
}

static inline struct value *flagged(unsigned flags, struct value *value)
{
	value->flags |= (uint16_t)flags;
	return value;
}

static inline struct value *commented(const char *comment, struct value *value)
{
	value->comment = comment;
	return value;
}

static inline struct value *number(int64_t num, enum desc_base base, unsigned width)
{
	struct value *value = value_of(VALUE_INT);

	value->num = (uint64_t)num;
	value->base = (uint8_t)base;
	value->width = (uint8_t)width;
	return value;
}

static inline struct value *dec(int64_t num)
{
	return number(num, BASE_DEC, 8);
}

static inline struct value *hex(int64_t num)
{
	return number(num, BASE_HEX, 8);
}

static inline struct value *addr(uint64_t num)
{
	struct value *value = value_of(VALUE_ADDR);

	value->num = num;
	return value;
}

static inline struct value *bytes_of(enum value_kind kind, const char *bytes, size_t len)
{
	struct value *value = value_of(kind);

	value->bytes = (const uint8_t *)arena_copy(&arena, bytes, len);
	value->len = len;
	return value;
}

static inline struct value *str(const char *text)
{
	return bytes_of(VALUE_STRING, text, strlen(text));
}

static inline struct value *word(const char *text)
{
	return bytes_of(VALUE_TEXT, text, strlen(text));
}

/* Links the values up to NULL; returns the first. */
static inline struct value *list(struct value *first, ...)
{
	struct value *last = first;
	va_list args;

	va_start(args, first);
	while (last != NULL) {
		last->next = va_arg(args, struct value *);
		last = last->next;
	}
	va_end(args);
	return first;
}

#define LIST(...) list(__VA_ARGS__, (struct value *)NULL)

static inline struct value *parent_of(enum value_kind kind, struct value *first)
{
	struct value *value = value_of(kind);

	value->first = first;
	return value;
}

#define STRUCT(...) parent_of(VALUE_STRUCT, LIST(__VA_ARGS__))
#define ARRAY(...) parent_of(VALUE_ARRAY, LIST(__VA_ARGS__))
#define CHANGE(...) parent_of(VALUE_CHANGE, LIST(__VA_ARGS__))

static inline struct value *call_of(const char *callee, struct value *first)
{
	struct value *value = parent_of(VALUE_CALL, first);

	value->callee = callee;
	return value;
}

static inline struct value_group *group_add(struct value *value, uint64_t num, enum desc_base base,
					    const char *unknown)
{
	struct value_group *group = arena_alloc(&arena, sizeof(*group));
	struct value_group **end = &value->groups;

	while (*end != NULL)
		end = &(*end)->next;
	*end = group;
	group->num = num;
	group->base = (uint8_t)base;
	group->unknown = unknown;
	group->width = 4;
	return group;
}

static inline struct value_part *part_add(struct value_group *group, const char *name, uint64_t num,
					  enum desc_base base)
{
	struct value_part *part = arena_alloc(&arena, sizeof(*part));
	struct value_part **end = &group->parts;

	while (*end != NULL)
		end = &(*end)->next;
	*end = part;
	part->name = name;
	part->num = num;
	part->base = (uint8_t)base;
	return part;
}

/* One group; `names` are separated by '|', one that begins with 0 is a number. */
static inline struct value *flags(uint64_t num, enum desc_base base, const char *names)
{
	struct value *value = value_of(VALUE_FLAGS);
	struct value_group *group = group_add(value, num, base, NULL);
	char *rest = arena_copy(&arena, names, strlen(names));

	for (char *name = strtok(rest, "|"); name != NULL; name = strtok(NULL, "|")) {
		if (name[0] == '0')
			part_add(group, NULL, strtoull(name, NULL, 0),
				 name[1] == 'x' ? BASE_HEX : BASE_OCT);
		else
			part_add(group, name, 0, BASE_HEX);
	}
	return value;
}

static inline struct value *unknown(uint64_t num, const char *comment)
{
	struct value *value = value_of(VALUE_FLAGS);

	group_add(value, num, BASE_HEX, comment);
	return value;
}

static inline struct value *note(const char *text, size_t len, struct value *value)
{
	value->note = arena_copy(&arena, text, len);
	value->note_len = len;
	return value;
}

#define FD(num, text) note(text, sizeof(text) - 1, flagged(VALUE_FD, dec(num)))

static inline struct call *call_named(const char *name, struct value *args)
{
	struct call *call = arena_alloc(&arena, sizeof(*call));

	call->name = name;
	call->args = args;
	call->split = 100;
	call->abi = ABI_X86_64;
	return call;
}

static inline struct call *returns(struct call *call, struct value *value)
{
	call->finished = true;
	call->result.value = value;
	return call;
}

static inline struct call *fails(struct call *call, int error)
{
	call->finished = true;
	call->result.failed = true;
	call->result.error = error;
	return call;
}

/* ---- comparing ---- */

static inline void expect_out(const char *expected)
{
	buf_add_char(&out, '\0');
	assert_string_equal(out.data, expected);
	buf_reset(&out);
}

static inline void expect_shown(const struct value *value, const char *expected)
{
	text_value(&renderer, value);
	expect_out(expected);
}

static inline void expect_styles(const struct value *value, const char *abbrev, const char *raw,
				 const char *verbose)
{
	options.xlat = XLAT_ABBREV;
	expect_shown(value, abbrev);
	options.xlat = XLAT_RAW;
	expect_shown(value, raw);
	options.xlat = XLAT_VERBOSE;
	expect_shown(value, verbose);
	options.xlat = XLAT_ABBREV;
}

/* Entered and ended without anything between; the result begins at `tail`. */
static inline void expect_line(const struct call *call, const char *head, const char *tail)
{
	char *expected = arena_printf(&arena, "%-39s = %s\n", head, tail);

	renderer.ops->enter(&renderer, 7, &state, call);
	renderer.ops->exit(&renderer, 7, &state, call);
	expect_out(expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
