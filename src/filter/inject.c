/* SPDX-License-Identifier: MIT */
/*
 * Rules of -e inject= and -e fault=: which one is for an invocation of a call.  inject_text.c reads
 * them; src/injector.c asks.
 */
#include "mtrace/inject.h"

#include <stdlib.h>
#include <string.h>

#include "mtrace/desc.h"
#include "mtrace/filter.h"
#include "mtrace/xalloc.h"

/* Which of the tables of counts, and where in it. */
struct inject_place {
	unsigned table;
	size_t index;
};

/*
 * A call behind socketcall or ipc is counted as the call that it is.  Numbers with gaps (arm's
 * private ones) follow the others.
 */
static struct inject_place inject_place_of(enum abi_id abi, uint64_t nr, const uint64_t args[6])
{
	const struct desc_abi *desc = &desc_abis[abi];
	const struct desc_row *row = desc_find_row(abi, nr);

	if (row != NULL && row->multiplex == MULTIPLEX_SOCKETCALL &&
	    args[0] < desc_socketcall_count)
		return (struct inject_place){ ABI_COUNT, (size_t)args[0] };
	if (row != NULL && row->multiplex == MULTIPLEX_IPC &&
	    (args[0] & 0xffff) < desc_ipccall_count)
		return (struct inject_place){ ABI_COUNT + 1, (size_t)(args[0] & 0xffff) };
	if (nr < desc->row_count || row == NULL)
		return (struct inject_place){ abi, (size_t)nr };
	return (struct inject_place){ abi, desc->row_count + (size_t)(row - desc->private_rows) };
}

static uint64_t inject_count(struct inject_counts *counts, struct inject_place place)
{
	uint64_t **table = &counts->tables[place.table];
	size_t *size = &counts->sizes[place.table];

	if (place.index >= *size) {
		size_t wanted = place.index + 64;

		*table = xrealloc(*table, wanted, sizeof(**table));
		memset(*table + *size, 0, (wanted - *size) * sizeof(**table));
		*size = wanted;
	}
	return ++(*table)[place.index];
}

/* A later rule takes the place of an earlier one. */
static const struct inject_rule *inject_find(const struct inject_rules *rules, enum abi_id abi,
					     uint64_t nr, const uint64_t args[6])
{
	for (size_t i = rules->count; i > 0; i--) {
		if (select_has_call(&rules->items[i - 1].calls, abi, nr, args))
			return &rules->items[i - 1];
	}
	return NULL;
}

const struct inject_rule *inject_next(const struct inject_rules *rules,
				      struct inject_counts *counts, enum abi_id abi, uint64_t nr,
				      const uint64_t args[6])
{
	const struct inject_rule *rule = inject_find(rules, abi, nr, args);
	uint64_t count;

	if (rule == NULL)
		return NULL;
	count = inject_count(counts, inject_place_of(abi, nr, args));
	if (count < rule->first || count > rule->last || (count - rule->first) % rule->step != 0)
		return NULL;
	return rule;
}

int64_t inject_call_number(const struct inject_rule *rule, enum abi_id abi)
{
	const struct desc_abi *desc = &desc_abis[abi];

	for (unsigned i = 0; rule->call != NULL && i < desc->row_count; i++) {
		if (desc->rows[i].name != NULL && strcmp(desc->rows[i].name, rule->call) == 0)
			return i;
	}
	return -1;
}

int64_t inject_retval(const struct inject_rule *rule, enum abi_id abi)
{
	return desc_abis[abi].klong == 4 ? (int64_t)(uint32_t)rule->retval : (int64_t)rule->retval;
}

bool inject_sends_signals(const struct inject_rules *rules)
{
	for (size_t i = 0; rules != NULL && i < rules->count; i++) {
		if ((rules->items[i].actions & INJECT_SIGNAL) != 0)
			return true;
	}
	return false;
}

void inject_counts_free(struct inject_counts *counts)
{
	for (size_t i = 0; i < sizeof(counts->tables) / sizeof(counts->tables[0]); i++)
		free(counts->tables[i]);
	*counts = (struct inject_counts){ 0 };
}

static void inject_pokes_free(struct inject_pokes *pokes)
{
	for (size_t i = 0; i < pokes->count; i++)
		free(pokes->items[i].bytes);
	free(pokes->items);
}

void inject_rules_free(struct inject_rules *rules)
{
	if (rules == NULL)
		return;
	for (size_t i = 0; i < rules->count; i++) {
		call_set_free(&rules->items[i].calls);
		inject_pokes_free(&rules->items[i].poke_enter);
		inject_pokes_free(&rules->items[i].poke_exit);
	}
	free(rules->items);
	free(rules);
}
