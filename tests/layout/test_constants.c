/* SPDX-License-Identifier: MIT */
/*
 * The sets against tests/data/constants.txt, which says of each how it is shown and which entries it
 * has on every ABI: no entry and no property of a set can change without a change there.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts.h"
#include "mtrace/desc.h"

struct constants {
	struct facts facts;
	const struct desc_set *set; /* whose lines these are; NULL: before the first */
	unsigned seen[ABI_COUNT];   /* entries of the set that lines have told */
	unsigned sets;
	unsigned copied;
	unsigned wrong;
};

static const char *const base_words[] = {
	[BASE_DEC] = "dec",
	[BASE_HEX] = "hex",
	[BASE_OCT] = "oct",
};

static void complain(struct constants *c, const char *what, const char *is, const char *expected)
{
	print_error("%s: %s is %s, constants.txt:%u has %s\n", c->set->name, what, is,
		    c->facts.line, expected);
	c->wrong++;
}

/* ---- the line of a set: set NAME KIND BASE [comment] [unknown TEXT] [zero TEXT] ------------- */

/* The word behind `key`; NULL if the line has none. */
static const char *word_behind(const struct facts *facts, const char *key)
{
	for (unsigned i = 4; i + 1 < facts->count; i++)
		if (!strcmp(facts->words[i], key))
			return facts->words[i + 1];
	return NULL;
}

static void check_text(struct constants *c, const char *key, const char *is)
{
	const char *expected = word_behind(&c->facts, key);

	is = is ? is : "nothing";
	expected = expected ? expected : "nothing";
	if (strcmp(is, expected) != 0)
		complain(c, key, is, expected);
}

static void check_set(struct constants *c)
{
	const struct facts *facts = &c->facts;
	const struct desc_set *set = c->set;
	const char *kind = set->kind == SET_FLAGS ? "flags" : "enum";
	const char *base = set->base <= BASE_OCT ? base_words[set->base] : "?";
	bool comment = facts->count > 4 && !strcmp(facts->words[4], "comment");

	if (strcmp(kind, facts->words[2]) != 0)
		complain(c, "kind", kind, facts->words[2]);
	if (strcmp(base, facts->words[3]) != 0)
		complain(c, "base", base, facts->words[3]);
	if (set->comment != comment)
		complain(c, "comment", set->comment ? "given" : "absent", comment ? "it" : "none");
	check_text(c, "unknown", set->unknown);
	check_text(c, "zero", set->zero);
}

/* What the lines of a set do not tell, the set must not have. */
static void end_set(struct constants *c)
{
	if (!c->set)
		return;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		if (c->seen[abi] != c->set->by_abi[abi].count) {
			print_error("%s on %s: %u entries, constants.txt has %u of them\n",
				    c->set->name, abi_name((enum abi_id)abi),
				    c->set->by_abi[abi].count, c->seen[abi]);
			c->wrong++;
		}
	memset(c->seen, 0, sizeof(c->seen));
}

/* Both are sorted by name. */
static void begin_set(struct constants *c)
{
	const char *name = c->facts.words[1];

	end_set(c);
	assert_true(c->facts.count >= 4);
	if (c->sets == desc_set_count || strcmp(desc_sets[c->sets]->name, name) != 0)
		fail_msg("constants.txt:%u: set %s, there should be %s", c->facts.line, name,
			 c->sets < desc_set_count ? desc_sets[c->sets]->name : "no more");
	c->set = desc_sets[c->sets++];
	check_set(c);
}

/* ---- the line of an entry: VALUE [ABI=VALUE]... NAME ---------------------------------------- */

/* The value that word `i` gives to the ABI; NULL if it is about another one, or a name. */
static const char *value_for(const struct facts *facts, unsigned i, enum abi_id abi)
{
	size_t len = strlen(abi_name(abi));
	const char *word = facts->words[i];

	return strncmp(word, abi_name(abi), len) != 0 || word[len] != '=' ? NULL : word + len + 1;
}

static const char *expected_value(const struct facts *facts, unsigned name_at, enum abi_id abi)
{
	for (unsigned i = 1; i < name_at; i++)
		if (value_for(facts, i, abi))
			return value_for(facts, i, abi);
	return facts->words[0];
}

/* Where the name begins; it may be of several words. */
static unsigned find_name(const struct facts *facts)
{
	for (unsigned i = 1; i < facts->count; i++) {
		bool is_value = false;

		for (unsigned abi = 0; abi < ABI_COUNT; abi++)
			is_value |= value_for(facts, i, (enum abi_id)abi) != NULL;
		if (!is_value)
			return i;
	}
	fail_msg("constants.txt:%u: there is no name", facts->line);
	return 0;
}

static bool is_named(const struct desc_entry *entry, const struct facts *facts, unsigned name_at)
{
	const char *rest = entry->name;

	for (unsigned i = name_at; i < facts->count; i++) {
		size_t len = strlen(facts->words[i]);

		if (strncmp(rest, facts->words[i], len) != 0)
			return false;
		rest += len;
		if (i + 1 < facts->count && *rest++ != ' ')
			return false;
	}
	return !*rest;
}

/* The order of flags is that of showing; that of an enum does not matter. */
static const struct desc_entry *find_entry(const struct constants *c, enum abi_id abi,
					   unsigned name_at)
{
	const struct desc_entry *entries = c->set->by_abi[abi].entries;
	unsigned count = c->set->by_abi[abi].count, next = c->seen[abi];

	if (next < count && is_named(&entries[next], &c->facts, name_at))
		return &entries[next];
	if (c->set->kind == SET_FLAGS)
		return NULL;
	for (unsigned i = 0; i < count; i++)
		if (is_named(&entries[i], &c->facts, name_at))
			return &entries[i];
	return NULL;
}

static void check_entry(struct constants *c, enum abi_id abi, unsigned name_at)
{
	const char *expected = expected_value(&c->facts, name_at, abi);
	const struct desc_entry *entry;
	char is[19];

	if (!strcmp(expected, "-"))
		return;
	entry = find_entry(c, abi, name_at);
	c->seen[abi]++;
	if (entry && entry->value == strtoull(expected, NULL, 16))
		return;
	snprintf(is, sizeof(is), "0x%" PRIx64, entry ? entry->value : 0);
	print_error("%s: ", abi_name(abi));
	complain(c, c->facts.words[name_at], entry ? is : "not there", expected);
}

static void read_line(struct constants *c)
{
	const char *first = c->facts.words[0];
	unsigned name_at;

	if (!strcmp(first, "set")) {
		begin_set(c);
	} else if (!strcmp(first, "copied")) {
		c->copied += c->facts.count - 2;
	} else {
		assert_non_null(c->set);
		name_at = find_name(&c->facts);
		for (unsigned abi = 0; abi < ABI_COUNT; abi++)
			check_entry(c, (enum abi_id)abi, name_at);
	}
}

static void check_constants(void **state)
{
	struct constants c = { 0 };

	(void)state;
	facts_open(&c.facts, "constants.txt");
	while (facts_next(&c.facts))
		read_line(&c);
	end_set(&c);
	print_message("%u values are copied, for want of a source\n", c.copied);
	assert_int_equal(c.sets, desc_set_count);
	assert_int_equal(c.wrong, 0);
}

/* Errors and signals are complete: filters and injection look names up in them. */
static void check_errors_and_signals(void **state)
{
	(void)state;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		for (uint64_t error = 1; error <= 133; error++)
			if (error != 41 && error != 58)
				assert_non_null(
					desc_set_name(desc_errnos, (enum abi_id)abi, error));
		for (uint64_t signal = 1; signal <= 64; signal++)
			assert_non_null(desc_set_name(desc_signals, (enum abi_id)abi, signal));
		assert_null(desc_set_name(desc_signals, (enum abi_id)abi, 0));
		assert_null(desc_set_name(desc_signals, (enum abi_id)abi, 65));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_constants),
		cmocka_unit_test(check_errors_and_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
