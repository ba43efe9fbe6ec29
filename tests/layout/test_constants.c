/* SPDX-License-Identifier: MIT */
/*
 * The values in the sets against tests/data/constants.txt: those that constants.sh cannot compare
 * with this system's headers because they are newer, and those that differ between ABIs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts.h"
#include "mtrace/desc.h"

static const struct desc_set *find_set(const char *name)
{
	for (unsigned i = 0; i < desc_set_count; i++)
		if (!strcmp(desc_sets[i]->name, name))
			return desc_sets[i];
	return NULL;
}

static const struct desc_entry *find_entry(const struct desc_set *set, enum abi_id abi,
					   const char *name)
{
	for (unsigned i = 0; i < set->by_abi[abi].count; i++)
		if (!strcmp(set->by_abi[abi].entries[i].name, name))
			return &set->by_abi[abi].entries[i];
	return NULL;
}

static uint64_t parse_value(const char *word)
{
	return *word == '-' ? -strtoull(word + 1, NULL, 0) : strtoull(word, NULL, 0);
}

/* What a line says of one ABI: "arm=0x10000", "arm=-", or the value for all. */
static const char *word_of_abi(const struct facts *facts, enum abi_id abi)
{
	size_t len = strlen(abi_name(abi));

	for (unsigned i = 3; i < facts->count; i++)
		if (!strncmp(facts->words[i], abi_name(abi), len) && facts->words[i][len] == '=')
			return facts->words[i] + len + 1;
	return facts->words[2];
}

static unsigned check_entry(const struct desc_set *set, enum abi_id abi, const struct facts *facts)
{
	const char *expected = word_of_abi(facts, abi);
	const struct desc_entry *entry = find_entry(set, abi, facts->words[1]);

	if (!strcmp(expected, "-") ? !entry : entry && entry->value == parse_value(expected))
		return 0;
	if (entry)
		print_error("%s %s %s: is 0x%llx, should be %s\n", abi_name(abi), set->name,
			    facts->words[1], (unsigned long long)entry->value, expected);
	else
		print_error("%s %s %s: there is none, should be %s\n", abi_name(abi), set->name,
			    facts->words[1], expected);
	return 1;
}

static void check_constants(void **state)
{
	unsigned wrong = 0, lines = 0;
	struct facts facts;

	(void)state;
	facts_open(&facts, "constants.txt");
	while (facts_next(&facts)) {
		const struct desc_set *set;

		assert_true(facts.count >= 3);
		set = find_set(facts.words[0]);
		if (!set)
			fail_msg("constants.txt:%u: there is no set %s", facts.line,
				 facts.words[0]);
		for (unsigned abi = 0; abi < ABI_COUNT; abi++)
			wrong += check_entry(set, (enum abi_id)abi, &facts);
		lines++;
	}
	assert_int_equal(wrong, 0);
	assert_true(lines > 100);
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
