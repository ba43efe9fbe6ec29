/* SPDX-License-Identifier: MIT */
/* The text of -e inject= and -e fault= to rules (strace(1), "Tampering").  Called by src/cli. */
#include "mtrace/inject.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mtrace/desc.h"
#include "mtrace/filter.h"
#include "mtrace/xalloc.h"

/* The kernel's MAX_ERRNO: results from -4095 to -1 are errors. */
#define INJECT_MAX_ERROR 4095
#define INJECT_MAX_SIGNAL 64
/* Bounds that strace(1) states. */
#define INJECT_MAX_FIRST 65535
#define INJECT_MAX_LAST 65534
#define INJECT_ARGS 7

/* A decimal number up to `limit` at *text, which moves behind it; -1 if there is none. */
static long inject_read_number(char **text, long limit)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(*text, &end, 10);
	if (errno != 0 || end == *text || number < 0 || number > limit)
		return -1;
	*text = end;
	return number;
}

static bool inject_read_error(struct inject_rule *rule, char *value)
{
	/* Errors that programs see have the same numbers on all ABIs that there are. */
	const struct desc_entry *entries = desc_errnos->by_abi[ABI_X86_64].entries;
	unsigned count = desc_errnos->by_abi[ABI_X86_64].count;
	char *rest = value;
	long number = inject_read_number(&rest, INJECT_MAX_ERROR);

	if (number >= 0 && *rest == '\0') {
		rule->error = (int)number;
		return number > 0;
	}
	for (unsigned i = 0; i < count; i++) {
		if (strcasecmp(value, entries[i].name) == 0) {
			rule->error = (int)entries[i].value;
			return true;
		}
	}
	return false;
}

static bool inject_read_retval(struct inject_rule *rule, char *value)
{
	char *end;

	errno = 0;
	rule->retval = strtoull(value, &end, 0);
	return errno == 0 && end != value && *end == '\0';
}

static bool inject_read_signal(struct inject_rule *rule, char *value)
{
	while (value[0] == '0' && value[1] != '\0')
		value++;
	rule->signal = select_signal_number(value);
	return rule->signal > 0 && rule->signal <= INJECT_MAX_SIGNAL;
}

/*
 * Only calls that do nothing but answer may take the place of another.  One that only 32-bit ABIs
 * have (getuid32) would often have no number to put there.
 */
static bool inject_read_call(struct inject_rule *rule, char *value)
{
	for (enum abi_id id = 0; id < ABI_COUNT; id++) {
		const struct desc_abi *abi = &desc_abis[id];

		for (unsigned i = 0; abi->word == 8 && i < abi->row_count; i++) {
			const struct desc_row *row = &abi->rows[i];

			if (row->name == NULL || strcmp(row->name, value) != 0)
				continue;
			rule->call = row->name;
			return row->call != NULL && (row->call->classes & CLASS_PURE) != 0;
		}
	}
	return false;
}

/* A number as strtod(3) reads it, but not in hexadecimal, and a unit; microseconds without one. */
static bool inject_read_delay(uint64_t *ns, const char *value)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "", 1e3 }, { "us", 1e3 }, { "s", 1e9 }, { "ms", 1e6 }, { "ns", 1 } };
	char *end;
	double number;

	errno = 0;
	strtoll(value, &end, 10);
	if (errno == ERANGE)
		return false;
	number = strtod(value, &end);
	if (end == value || !(number >= 0) || memchr(value, 'x', (size_t)(end - value)) != NULL ||
	    memchr(value, 'X', (size_t)(end - value)) != NULL || end[-1] == 'f' || end[-1] == 'y')
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		number *= units[i].ns;
		*ns = number < (double)INT64_MAX ? (uint64_t)number : INT64_MAX;
		return true;
	}
	return false;
}

static bool inject_read_delay_enter(struct inject_rule *rule, char *value)
{
	return inject_read_delay(&rule->delay_enter, value);
}

static bool inject_read_delay_exit(struct inject_rule *rule, char *value)
{
	return inject_read_delay(&rule->delay_exit, value);
}

static int inject_hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* "@arg2=00ff" without what separates it from others. */
static bool inject_read_poke(struct inject_pokes *pokes, const char *text)
{
	size_t prefix = strlen("@argN=");
	size_t len = strlen(text);
	struct inject_poke *poke;

	if (len < prefix + 2 || (len - prefix) % 2 != 0 || strncmp(text, "@arg", 4) != 0 ||
	    text[4] < '1' || text[4] > '0' + INJECT_ARGS || text[5] != '=' ||
	    strspn(text + prefix, "0123456789abcdefABCDEF") != len - prefix)
		return false;
	for (size_t i = 0; i < pokes->count; i++) {
		if (pokes->items[i].arg == (unsigned)(text[4] - '1'))
			return false;
	}
	pokes->items = xrealloc(pokes->items, pokes->count + 1, sizeof(*pokes->items));
	poke = &pokes->items[pokes->count++];
	poke->arg = (unsigned)(text[4] - '1');
	poke->len = (len - prefix) / 2;
	poke->bytes = xmalloc(poke->len);
	for (size_t i = 0; i < poke->len; i++) {
		const char *digits = text + prefix + 2 * i;

		poke->bytes[i] = (uint8_t)(inject_hex_digit(digits[0]) * 16 +
					   inject_hex_digit(digits[1]));
	}
	return true;
}

static bool inject_read_pokes(struct inject_pokes *pokes, char *value)
{
	char *rest = NULL;

	for (char *text = strtok_r(value, ",", &rest); text != NULL;
	     text = strtok_r(NULL, ",", &rest)) {
		if (!inject_read_poke(pokes, text))
			return false;
	}
	return pokes->count > 0;
}

static bool inject_read_poke_enter(struct inject_rule *rule, char *value)
{
	return inject_read_pokes(&rule->poke_enter, value);
}

static bool inject_read_poke_exit(struct inject_rule *rule, char *value)
{
	return inject_read_pokes(&rule->poke_exit, value);
}

/* FIRST[..LAST][+[STEP]] */
static bool inject_read_when(struct inject_rule *rule, char *value)
{
	long first = inject_read_number(&value, INJECT_MAX_FIRST);
	long step = 1;
	long last;

	if (first <= 0)
		return false;
	rule->last = (uint64_t)first;
	if (strncmp(value, "..", 2) == 0) {
		value += 2;
		last = inject_read_number(&value, INJECT_MAX_LAST);
		if (last < first)
			return false;
		rule->last = (uint64_t)last;
	} else if (*value == '+') {
		rule->last = UINT64_MAX;
	}
	if (*value == '+') {
		value++;
		if (*value != '\0')
			step = inject_read_number(&value, INJECT_MAX_FIRST);
		if (step <= 0)
			return false;
	}
	rule->first = (uint64_t)first;
	rule->step = (uint64_t)step;
	return *value == '\0';
}

/* What may follow a rule's calls. */
struct inject_key {
	const char *name;
	unsigned action;
	bool in_fault; /* -e fault= knows it too */
	bool (*read)(struct inject_rule *rule, char *value);
};

static const struct inject_key *inject_find_key(const char *word, size_t len)
{
	static const struct inject_key keys[] = {
		{ "error", INJECT_ERROR, true, inject_read_error },
		{ "retval", INJECT_RETVAL, false, inject_read_retval },
		{ "signal", INJECT_SIGNAL, false, inject_read_signal },
		{ "syscall", INJECT_CALL, true, inject_read_call },
		{ "delay_enter", INJECT_DELAY_ENTER, false, inject_read_delay_enter },
		{ "delay_exit", INJECT_DELAY_EXIT, false, inject_read_delay_exit },
		{ "poke_enter", INJECT_POKE_ENTER, false, inject_read_poke_enter },
		{ "poke_exit", INJECT_POKE_EXIT, false, inject_read_poke_exit },
		{ "when", 0, true, inject_read_when },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strlen(keys[i].name) == len && strncmp(keys[i].name, word, len) == 0)
			return &keys[i];
	}
	return NULL;
}

/* Everything behind the calls, which is changed. */
static bool inject_read_actions(struct inject_rule *rule, char *text, bool is_fault)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, ":", &rest); word != NULL;
	     word = strtok_r(NULL, ":", &rest)) {
		size_t len = strcspn(word, "=");
		const struct inject_key *key = inject_find_key(word, len);

		if (key == NULL || word[len] != '=' || (is_fault && !key->in_fault) ||
		    (rule->actions & key->action) != 0 || !key->read(rule, word + len + 1))
			return false;
		rule->actions |= key->action;
	}
	if (is_fault && (rule->actions & INJECT_ERROR) == 0) {
		rule->actions |= INJECT_ERROR;
		rule->error = ENOSYS;
	}
	return (rule->actions & ~(unsigned)INJECT_CALL) != 0 &&
	       (rule->actions & (INJECT_ERROR | INJECT_RETVAL)) != (INJECT_ERROR | INJECT_RETVAL);
}

/* The C library of the program takes some values for errors, and 32-bit programs see 32 bits. */
static char *inject_retval_warning(uint64_t retval)
{
	uint32_t clipped = (uint32_t)retval;

	if (retval > UINT64_MAX - INJECT_MAX_ERROR)
		return xasprintf("Inadvertent injection of error %" PRIu64
				 " is possible for retval=%" PRIu64,
				 -retval, retval);
	if (clipped > UINT32_MAX - INJECT_MAX_ERROR)
		return xasprintf("Inadvertent injection of error %" PRIu32
				 " is possible in compat personality for retval=%" PRIu64,
				 -clipped, retval);
	if (clipped != retval)
		return xasprintf("Injected return value %" PRIu64 " will be clipped to %" PRIu32
				 " in compat personality",
				 retval, clipped);
	return NULL;
}

/* Reads one rule; returns a message, or NULL. */
static char *inject_read_rule(struct inject_rule *rule, const char *text, bool is_fault)
{
	size_t len = strcspn(text, ":");
	char *calls = xmemdup(text, len);
	char *actions = xstrdup(text + len);
	char *error = NULL;

	rule->first = 1;
	rule->last = UINT64_MAX;
	rule->step = 1;
	if (len > 0 && !inject_read_actions(rule, actions, is_fault))
		error = xasprintf("invalid %s argument '%s'", is_fault ? "fault" : "inject", text);
	else
		error = select_calls(&rule->calls, calls);
	/* What no table knows has no name to be counted by. */
	rule->calls.rest = false;
	free(calls);
	free(actions);
	return error;
}

char *inject_add(struct inject_rules **rules, const char *text, bool is_fault, char **warning)
{
	struct inject_rules *one = xcalloc(1, sizeof(*one));
	char *error;

	one->count = 1;
	one->items = xcalloc(1, sizeof(*one->items));
	error = inject_read_rule(&one->items[0], text, is_fault);
	*warning = NULL;
	if (error != NULL) {
		inject_rules_free(one);
		return error;
	}
	if ((one->items[0].actions & INJECT_RETVAL) != 0)
		*warning = inject_retval_warning(one->items[0].retval);
	if (*rules == NULL) {
		*rules = one;
		return NULL;
	}
	(*rules)->items = xrealloc((*rules)->items, (*rules)->count + 1, sizeof(*one->items));
	(*rules)->items[(*rules)->count++] = one->items[0];
	free(one->items);
	free(one);
	return NULL;
}
