/* SPDX-License-Identifier: MIT */
/*
 * Sets of calls: -e trace=, abbrev=, verbose= and raw=.  src/cli reads them, the session asks.
 */
#include "mtrace/filter.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/desc.h"
#include "mtrace/xalloc.h"

static const struct class_name {
	const char *name;
	uint32_t class;
	bool bare; /* understood without a percent sign too, as it once was */
} class_names[] = {
	{ "%desc", CLASS_DESC, true },
	{ "%file", CLASS_FILE, true },
	{ "%memory", CLASS_MEMORY, true },
	{ "%process", CLASS_PROCESS, true },
	{ "%signal", CLASS_SIGNAL, true },
	{ "%ipc", CLASS_IPC, true },
	{ "%network", CLASS_NETWORK, true },
	{ "%net", CLASS_NETWORK, false },
	{ "%creds", CLASS_CREDS, false },
	{ "%clock", CLASS_CLOCK, false },
	{ "%stat", CLASS_STAT, false },
	{ "%lstat", CLASS_LSTAT, false },
	{ "%fstat", CLASS_FSTAT, false },
	{ "%%stat", CLASS_STAT_LIKE, false },
	{ "%statfs", CLASS_STATFS, false },
	{ "%fstatfs", CLASS_FSTATFS, false },
	{ "%%statfs", CLASS_STATFS_LIKE, false },
	{ "%pure", CLASS_PURE, false },
};

/* One VALUE of a set, and how it selects. */
struct item {
	const char *text; /* as written, for messages */
	unsigned abis;    /* bit 1 << abi_id */
	enum { ITEM_ALL, ITEM_NAME, ITEM_CLASS, ITEM_REGEX, ITEM_NUMBER } kind;
	const char *name;
	uint32_t class;
	uint64_t number;
	regex_t regex;
};

static char *invalid_call(const char *text)
{
	return xasprintf("invalid system call '%s'", text);
}

/* The ABIs that "64", "32" or "x32" behind an @ stands for; 0 if it is none of them. */
static unsigned designated_abis(const char *designator)
{
	unsigned abis = 0;

	if (!strcmp(designator, "x32"))
		return 1u << ABI_X32;
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++) {
		const char *word = desc_abis[abi].word == 8 ? "64" : "32";

		if (abi != ABI_X32 && !strcmp(designator, word))
			abis |= 1u << abi;
	}
	return abis;
}

static uint32_t class_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(class_names) / sizeof(class_names[0]); i++) {
		const struct class_name *class = &class_names[i];

		if (!strcmp(name, class->name) || (class->bare && !strcmp(name, class->name + 1)))
			return class->class;
	}
	return 0;
}

/* A decimal number, in full; false if `text` is something else. */
static bool parse_number(const char *text, uint64_t *number)
{
	if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return false;
	*number = strtoul(text, NULL, 10);
	return true;
}

/* "io_setup" names the x32 call "io_setup#64" as well. */
static bool name_matches(const char *wanted, const char *name)
{
	size_t len;

	/* Thousands of names are compared before a program starts. */
	if (*wanted != *name)
		return false;
	len = strlen(wanted);
	return !strncmp(wanted, name, len) && (!name[len] || name[len] == '#');
}

static bool item_matches(const struct item *item, const struct desc_row *row, uint64_t nr)
{
	switch (item->kind) {
	case ITEM_ALL:
		return true;
	case ITEM_NAME:
		return name_matches(item->name, row->name);
	case ITEM_CLASS:
		return row->call && (row->call->classes & item->class);
	case ITEM_REGEX:
		return !regexec(&item->regex, row->name, 0, NULL, 0);
	case ITEM_NUMBER:
		return item->number == nr;
	}
	return false;
}

/* Adds the rows that the item selects; returns how many there were. */
static size_t add_rows(struct bitset *set, const struct item *item, const struct desc_row *rows,
		       unsigned count, bool numbered)
{
	size_t added = 0;

	for (unsigned i = 0; i < count; i++) {
		uint64_t nr = numbered ? rows[i].nr : i;

		if (rows[i].name && item_matches(item, &rows[i], nr)) {
			bitset_add(set, nr);
			added++;
		}
	}
	return added;
}

static size_t add_item(struct call_set *set, const struct item *item)
{
	size_t added = 0;

	for (enum abi_id id = 0; id < ABI_COUNT; id++) {
		const struct desc_abi *abi = &desc_abis[id];

		if (!(item->abis & 1u << id))
			continue;
		added += add_rows(&set->numbers[id], item, abi->rows, abi->row_count, false);
		added += add_rows(&set->numbers[id], item, abi->private_rows, abi->private_count,
				  true);
		/* A number within the table is accepted even if no call has it (yet). */
		if (item->kind == ITEM_NUMBER && item->number < abi->row_count) {
			bitset_add(&set->numbers[id], item->number);
			added++;
		}
	}
	/* socketcall and ipc exist on 32-bit ABIs only. */
	if (item->kind != ITEM_NUMBER && (item->abis & (1u << ABI_I386 | 1u << ABI_ARM))) {
		added += add_rows(&set->socketcalls, item, desc_socketcalls, desc_socketcall_count,
				  false);
		added += add_rows(&set->ipccalls, item, desc_ipccalls, desc_ipccall_count, false);
	}
	if (item->kind == ITEM_ALL)
		set->rest = true;
	return added;
}

/*
 * Sorts out what `value` selects, without its @ and ?.  Returns a message if it is a regular
 * expression that is none; *known tells whether it can select anything.
 */
static char *classify_item(struct item *item, const char *value, bool *known)
{
	*known = true;
	if (!strcmp(value, "all")) {
		item->kind = ITEM_ALL;
	} else if (value[0] == '/') {
		int error = regcomp(&item->regex, value + 1, REG_EXTENDED | REG_NOSUB);
		char reason[128];

		item->kind = ITEM_REGEX;
		if (!error)
			return NULL;
		*known = false;
		regerror(error, &item->regex, reason, sizeof(reason));
		return xasprintf("regcomp: %s: %s", value + 1, reason);
	} else if (parse_number(value, &item->number)) {
		item->kind = ITEM_NUMBER;
	} else if ((item->class = class_by_name(value))) {
		item->kind = ITEM_CLASS;
	} else {
		item->kind = ITEM_NAME;
		item->name = value;
		*known = *value != '\0';
	}
	return NULL;
}

/* Adds what one VALUE, which is changed, selects.  Returns a message, or NULL. */
static char *add_value(struct call_set *set, char *value)
{
	struct item item = { .abis = (1u << ABI_COUNT) - 1 };
	char *whole = xstrdup(value);
	char *at = strrchr(value, '@');
	bool optional = *value == '?';
	bool known = false;
	char *error = NULL;
	size_t added = 0;

	while (*value == '?')
		value++;
	if (at) {
		*at = '\0';
		item.abis = designated_abis(at + 1);
		if (!item.abis)
			error = xasprintf(
				"incorrect personality designator '%s' in qualification '%s'",
				at + 1, whole);
	}
	if (!error)
		error = classify_item(&item, value, &known);
	if (!error && known)
		added = add_item(set, &item);
	if (!error && !added && !optional)
		error = invalid_call(whole);
	if (item.kind == ITEM_REGEX && known)
		regfree(&item.regex);
	free(whole);
	return error;
}

static void invert_numbers(struct bitset *set, uint64_t limit)
{
	for (uint64_t nr = 0; nr < limit; nr++) {
		if (bitset_has(set, nr))
			bitset_remove(set, nr);
		else
			bitset_add(set, nr);
	}
}

static void invert_calls(struct call_set *set)
{
	for (enum abi_id id = 0; id < ABI_COUNT; id++) {
		const struct desc_abi *abi = &desc_abis[id];

		invert_numbers(&set->numbers[id], abi->row_count);
		for (unsigned i = 0; i < abi->private_count; i++) {
			uint64_t nr = abi->private_rows[i].nr;

			if (bitset_has(&set->numbers[id], nr))
				bitset_remove(&set->numbers[id], nr);
			else
				bitset_add(&set->numbers[id], nr);
		}
	}
	invert_numbers(&set->socketcalls, desc_socketcall_count);
	invert_numbers(&set->ipccalls, desc_ipccall_count);
	set->rest = !set->rest;
}

void call_set_free(struct call_set *set)
{
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++)
		bitset_free(&set->numbers[abi]);
	bitset_free(&set->socketcalls);
	bitset_free(&set->ipccalls);
	*set = (struct call_set){ 0 };
}

void select_none(struct call_set *set)
{
	call_set_free(set);
}

void select_all(struct call_set *set)
{
	call_set_free(set);
	invert_calls(set);
}

char *select_calls(struct call_set *set, const char *text)
{
	struct call_set selected = { 0 };
	bool inverted = text[0] == '!';
	const char *list = text + inverted;
	char *error = NULL;

	/* Empty values are passed over, but a list of nothing else is a mistake. */
	if (list[strspn(list, ",")] == '\0')
		error = invalid_call(*list ? list : text);
	if (!error && strcmp(list, "none") != 0) {
		char *copy = xstrdup(list);
		char *rest = NULL;

		for (char *value = strtok_r(copy, ",", &rest); value && !error;
		     value = strtok_r(NULL, ",", &rest))
			error = add_value(&selected, value);
		free(copy);
	}
	if (error) {
		call_set_free(&selected);
		return error;
	}
	if (inverted)
		invert_calls(&selected);
	call_set_free(set);
	*set = selected;
	return NULL;
}

bool call_set_has_rest(enum abi_id abi, uint64_t nr)
{
	return abi >= ABI_COUNT || !desc_find_row(abi, nr);
}

bool select_has_multiplexed(const struct call_set *set, enum abi_id abi, uint64_t nr,
			    const uint64_t args[6])
{
	const struct desc_row *row = desc_find_row(abi, nr);

	if (row->multiplex == MULTIPLEX_SOCKETCALL && args[0] < desc_socketcall_count &&
	    desc_socketcalls[args[0]].name)
		return bitset_has(&set->socketcalls, args[0]);
	/* ipc(2) keeps a version in the upper half of its first argument. */
	if (row->multiplex == MULTIPLEX_IPC && (args[0] & 0xffff) < desc_ipccall_count &&
	    desc_ipccalls[args[0] & 0xffff].name)
		return bitset_has(&set->ipccalls, args[0] & 0xffff);
	return call_set_has(set, abi, nr);
}
