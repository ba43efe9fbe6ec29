/* SPDX-License-Identifier: MIT */
/*
 * Where the descriptions can be mutated, and into what.  A change that the compiler must refuse tells
 * nothing of the tests, so changes that are plainly wrong are not made.  Called by mutate.c.
 */
#include "mutate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finder {
	struct mutator *m;
	const struct source *source;
	bool is_set_file;
};

struct pair {
	const char *from;
	const char *to;
};

static const struct token *token_at(const struct finder *f, size_t i)
{
	return &f->source->tokens[i];
}

static bool is(const struct finder *f, size_t i, const char *text)
{
	return token_is(f->source, i, text);
}

static bool kind_is(const struct finder *f, size_t i, enum token_kind kind)
{
	return i < f->source->count && token_at(f, i)->kind == kind;
}

static char *token_text(const struct finder *f, size_t i)
{
	const struct token *token = token_at(f, i);

	return text_format("%.*s", (int)token->len, f->source->text + token->offset);
}

/* A key of an arm, or of a row of a table: NAME in capitals before a colon. */
static bool is_key(const struct finder *f, size_t i)
{
	const struct token *token;

	if (!kind_is(f, i, TOKEN_NAME) || !is(f, i + 1, ":") || f->is_set_file)
		return false;
	token = token_at(f, i);
	for (size_t k = 0; k < token->len; k++)
		if (islower((unsigned char)f->source->text[token->offset + k]))
			return false;
	return is(f, i - 1, "{") || kind_is(f, i - 1, TOKEN_LINE) ||
	       (!token->depth && kind_is(f, i - 1, TOKEN_NAME));
}

/* ---- recording ------------------------------------------------------------------------------ */

static struct edit edit_of(const struct finder *f, size_t first, size_t last, char *text)
{
	const struct token *from = token_at(f, first), *to = token_at(f, last);

	return (struct edit){from->offset, to->offset + to->len - from->offset, text};
}

static void record(struct finder *f, enum mutation_kind kind, struct edit edit)
{
	struct mutator *m = f->m;

	m->found[kind] = grow(m->found[kind], m->counts[kind], sizeof(struct mutation));
	m->found[kind][m->counts[kind]++] =
		(struct mutation){.source = f->source, .edits = {edit}, .edit_count = 1};
}

static void replace(struct finder *f, enum mutation_kind kind, size_t i, const char *text)
{
	record(f, kind, edit_of(f, i, i, text_format("%s", text)));
}

static void swap(struct finder *f, enum mutation_kind kind, size_t i, size_t other)
{
	struct mutator *m = f->m;
	struct mutation *added;

	record(f, kind, edit_of(f, i, i, token_text(f, other)));
	added = &m->found[kind][m->counts[kind] - 1];
	added->edits[added->edit_count++] = edit_of(f, other, other, token_text(f, i));
}

/* Takes tokens out, with the blanks before them. */
static void drop(struct finder *f, enum mutation_kind kind, size_t first, size_t last)
{
	struct edit edit = edit_of(f, first, last, text_format("%s", ""));

	while (edit.offset && f->source->text[edit.offset - 1] == ' ') {
		edit.offset--;
		edit.len++;
	}
	record(f, kind, edit);
}

static void insert(struct finder *f, enum mutation_kind kind, size_t before, const char *text)
{
	record(f, kind, (struct edit){token_at(f, before)->offset, 0, text_format("%s", text)});
}

static const char *pair_find(const struct finder *f, size_t i, const struct pair *pairs)
{
	for (; pairs->from; pairs++)
		if (is(f, i, pairs->from))
			return pairs->to;
	return NULL;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static char *number_like(const struct finder *f, size_t i, uint64_t number)
{
	const char *text = f->source->text + token_at(f, i)->offset;

	if (*text != '0' || token_at(f, i)->len == 1)
		return text_format("%llu", (unsigned long long)number);
	return text_format(text[1] == 'x' ? "0x%llx" : "0%llo", (unsigned long long)number);
}

static uint64_t number_of(const struct finder *f, size_t i)
{
	return strtoull(f->source->text + token_at(f, i)->offset, NULL, 0);
}

/* A value of a set: exchanged with the next entry's, or one that no entry has. */
static void set_values(struct finder *f, size_t open, size_t close, bool is_enum)
{
	uint64_t used = 0, largest = 0;
	size_t before = 0;

	for (size_t i = open + 1; i < close; i++) {
		if (!kind_is(f, i, TOKEN_NUMBER))
			continue;
		used |= number_of(f, i);
		if (number_of(f, i) > largest && number_of(f, i) < UINT32_MAX)
			largest = number_of(f, i);
	}
	for (size_t i = open + 1; i < close; i++) {
		uint64_t free_bit = 1;

		if (!kind_is(f, i, TOKEN_NUMBER) || !kind_is(f, i - 1, TOKEN_NAME) ||
		    !(is(f, i - 2, "{") || kind_is(f, i - 2, TOKEN_LINE)))
			continue;
		if (before)
			swap(f, KIND_VALUE, before, i);
		before = i;
		while (used & free_bit)
			free_bit <<= 1;
		record(f, KIND_VALUE,
		       edit_of(f, i, i, number_like(f, i, is_enum ? largest + 1 : free_bit)));
	}
}

static void find_sets(struct finder *f)
{
	for (size_t i = 0; i + 2 < f->source->count; i++) {
		bool is_enum = is(f, i, "enum");
		size_t open = i + 2;

		if (token_at(f, i)->depth || (!is_enum && !is(f, i, "flags")) ||
		    !kind_is(f, i + 1, TOKEN_NAME))
			continue;
		while (open < f->source->count && !is(f, open, "{"))
			open++;
		if (open >= f->source->count)
			return;
		set_values(f, open, token_closing(f->source, open), is_enum);
		if (!is(f, i + 2, "base"))
			insert(f, KIND_BASE, i + 2, "base dec ");
	}
}

/* A number in a description, but for widths of `bits` and lengths. */
static void find_number(struct finder *f, size_t i)
{
	if (f->is_set_file || !kind_is(f, i, TOKEN_NUMBER) || (is(f, i - 1, "[") && is(f, i + 1, "]")) ||
	    is(f, i - 2, "bits") || is(f, i - 2, "fields"))
		return;
	record(f, KIND_VALUE, edit_of(f, i, i, number_like(f, i, number_of(f, i) + 1)));
}

/* ---- conditions ----------------------------------------------------------------------------- */

static const char *const member_marks[] = {"verbose", "nonzero", "keep", "hidden", "bare", "brief",
					   "count", "budget", "only", "in", "out", "class", "note",
					   "when", "if", "as", "of", "named", "regs", NULL};

/* Does a new member or argument begin here? */
static bool begins_member(const struct finder *f, size_t i)
{
	return kind_is(f, i, TOKEN_NAME) && is(f, i + 1, ":") &&
	       (!kind_is(f, i - 1, TOKEN_MARK) || is(f, i - 1, ")") || is(f, i - 1, "]"));
}

/* The last token of a condition that begins behind token `i`. */
static size_t condition_end(const struct finder *f, size_t i)
{
	unsigned depth = token_at(f, i)->depth;
	char inside = token_at(f, i)->inside;

	for (i++; i < f->source->count; i++) {
		if (token_at(f, i)->depth > depth)
			continue;
		if (token_at(f, i)->depth < depth || is(f, i, ",") || is(f, i, "->") || is(f, i, "]") ||
		    is(f, i, "}") || is(f, i, "{") || token_is_one_of(f->source, i, member_marks) ||
		    begins_member(f, i))
			break;
		if (kind_is(f, i, TOKEN_LINE) && inside != '(' && inside != '[')
			break;
	}
	while (kind_is(f, i - 1, TOKEN_LINE))
		i--;
	return i - 1;
}

static void find_condition(struct finder *f, size_t i)
{
	static const struct pair operators[] = {
		{"==", "!="}, {"!=", "=="}, {"&&", "||"}, {"||", "&&"}, {"<", ">="},
		{">", "<="},  {"<=", ">"},  {">=", "<"},  {NULL, NULL},
	};
	const char *other = pair_find(f, i, operators);
	const struct token *first, *last;
	size_t end;

	if (other)
		replace(f, KIND_CONDITION, i, other);
	if ((!is(f, i, "if") && !is(f, i, "when") && !is(f, i, "where")) || is(f, i + 1, ":"))
		return;
	end = condition_end(f, i);
	if (end <= i)
		return;
	/* What is left would be two alternatives without a condition. */
	if (!is(f, end + 1, ",") || token_at(f, i)->inside == '(')
		drop(f, KIND_CONDITION, i, end);
	first = token_at(f, i + 1);
	last = token_at(f, end);
	record(f, KIND_CONDITION,
	       edit_of(f, i + 1, end,
		       text_format("!(%.*s)", (int)(last->offset + last->len - first->offset),
				   f->source->text + first->offset)));
	for (size_t k = i + 1; k <= end; k++)
		if (is(f, k, "&"))
			replace(f, KIND_CONDITION, k, "|");
}

/* ---- phases --------------------------------------------------------------------------------- */

static bool is_pointer(const struct finder *f, size_t i)
{
	static const char *const words[] = {"in", "out", "inout", "pass", NULL};

	return token_is_one_of(f->source, i, words) && is(f, i + 1, "[");
}

/* `|` among arguments, not the operator. */
static void find_split(struct finder *f, size_t i)
{
	if (!is(f, i, "|") || is(f, i + 1, "if"))
		return;
	if (!is(f, i - 1, ",") && !is(f, i - 1, "(") &&
	    !(kind_is(f, i + 1, TOKEN_NAME) && is(f, i + 2, ":")))
		return;
	/* An `out` argument would bring it back. */
	if (is_pointer(f, i + 3) && !is(f, i + 3, "in"))
		return;
	if (is(f, i - 1, ",") || is(f, i - 1, "("))
		drop(f, KIND_PHASE, i, i);
	else
		replace(f, KIND_PHASE, i, ",");
}

/* A `|` where there was none: before one argument of a call. */
static void find_new_split(struct finder *f, size_t i)
{
	size_t open = i + 2, close, places[16], count = 0;

	if (!is(f, i, "syscall") || token_at(f, i)->depth || !is(f, open, "("))
		return;
	close = token_closing(f->source, open);
	for (size_t k = open + 1; k < close; k++) {
		if (is(f, k, "|") || is(f, k, "out") || is(f, k, "inout"))
			break;
		if (is(f, k - 1, ",") && token_at(f, k)->depth == token_at(f, open)->depth + 1 &&
		    is(f, k + 1, ":") && !is_pointer(f, k + 2) && count < 16)
			places[count++] = k;
	}
	if (count)
		insert(f, KIND_PHASE, places[chance(f->m) % count], "| ");
}

static void find_phase(struct finder *f, size_t i)
{
	static const struct pair others[] = {{"in", "out"}, {"out", "in"}, {"inout", "in"},
					     {NULL, NULL}};
	const char *other = pair_find(f, i, others);

	find_split(f, i);
	find_new_split(f, i);
	if (is(f, i, "=>") && is_pointer(f, i + 1))
		drop(f, KIND_PHASE, i, token_closing(f->source, i + 2));
	if (!other)
		return;
	if (is(f, i + 1, "["))
		replace(f, KIND_PHASE, i, other);
	else if (token_at(f, i)->inside == '{' &&
		 (kind_is(f, i + 1, TOKEN_LINE) || is(f, i + 1, "}") || is(f, i + 1, "if")))
		replace(f, KIND_PHASE, i, other);
}

/* ---- lengths -------------------------------------------------------------------------------- */

/* A member or argument before token `i` that may stand in for `name`; 0 if there is none. */
static size_t other_member(const struct finder *f, size_t i, size_t name)
{
	unsigned seen = 0;
	char *text = token_text(f, name);
	size_t found = 0;

	for (size_t k = i; k-- > 1 && i - k < 60 && !found;) {
		if (!token_at(f, k)->depth && kind_is(f, k, TOKEN_LINE))
			break;
		if (!kind_is(f, k, TOKEN_NAME) || !is(f, k + 1, ":") || is_pointer(f, k + 2) ||
		    is(f, k, text) || is(f, k, "else") || is_key(f, k))
			continue;
		/* The first is the member whose length it is. */
		if (seen++)
			found = k;
	}
	free(text);
	return found;
}

static void length_longer(struct finder *f, size_t open, size_t close)
{
	const struct token *first = token_at(f, open + 1), *last = token_at(f, close - 1);
	int len = (int)(last->offset + last->len - first->offset);
	const char *text = f->source->text + first->offset;

	if (open + 2 == close && kind_is(f, open + 1, TOKEN_NUMBER))
		record(f, KIND_LENGTH, edit_of(f, open + 1, open + 1,
					       number_like(f, open + 1, number_of(f, open + 1) + 1)));
	else if (open + 2 == close)
		insert(f, KIND_LENGTH, close, " + 1");
	else if (is(f, open + 1, "until"))
		insert(f, KIND_LENGTH, close, " + 1");
	else
		record(f, KIND_LENGTH, edit_of(f, open + 1, close - 1,
					       text_format("(%.*s) + 1", len, text)));
}

static void find_length(struct finder *f, size_t i)
{
	bool array = is(f, i, "[") && !is_pointer(f, i - 1);
	bool sized = is(f, i, "(") && is(f, i - 1, "sized");
	bool apply = is(f, i, "(") && kind_is(f, i - 1, TOKEN_NAME) &&
		     (is(f, i - 2, ":") || is(f, i - 2, "["));
	size_t close, other;

	if (!array && !sized && !apply)
		return;
	close = token_closing(f->source, i);
	if (close >= f->source->count || close == i + 1 || is(f, i + 1, "..") ||
	    (is(f, i + 1, "until") && !is(f, i + 2, "bytes")))
		return;
	for (size_t k = i + 1; k < close; k++)
		if (is(f, k, "where") || is(f, k, ",") || kind_is(f, k, TOKEN_LINE))
			return;
	length_longer(f, i, close);
	if (close != i + 2 || !kind_is(f, i + 1, TOKEN_NAME))
		return;
	other = other_member(f, i, i + 1);
	if (other)
		record(f, KIND_LENGTH, edit_of(f, i + 1, i + 1, token_text(f, other)));
}

/* ---- words ---------------------------------------------------------------------------------- */

static void find_mark(struct finder *f, size_t i)
{
	static const char *const marks[] = {"verbose", "nonzero", "keep",  "bare",       "brief",
					    "hidden",  "apart",   "named", "complement", "packed",
					    "numbered", "aligned", NULL};
	size_t last = i;

	if (!kind_is(f, i, TOKEN_NAME) || !token_is_one_of(f->source, i, marks) || is(f, i + 1, ":") ||
	    is(f, i - 1, ":") || is(f, i - 1, "syscall") || f->is_set_file)
		return;
	if (is(f, i + 1, "count") && kind_is(f, i + 2, TOKEN_STRING))
		last = kind_is(f, i + 3, TOKEN_STRING) ? i + 3 : i + 2;
	drop(f, KIND_MARK, i, last);
}

static void find_base(struct finder *f, size_t i)
{
	static const struct pair bases[] = {{"hex", "dec"}, {"dec", "hex"}, {"oct", "hex"},
					    {"oct3", "hex"}, {"pad", "hex"}, {NULL, NULL}};
	const char *other = pair_find(f, i, bases);

	if (other && (is(f, i - 1, "as") || is(f, i - 1, "base")))
		replace(f, KIND_BASE, i, other);
}

static void find_type(struct finder *f, size_t i)
{
	static const struct pair widths[] = {
		{"u8", "u16"}, {"u16", "u32"}, {"u32", "u64"}, {"u64", "u32"}, {"s8", "u8"},
		{"s16", "u16"}, {"s32", "u32"}, {"s64", "u64"}, {"int", "uint"}, {"uint", "int"},
		{"usize", "uint"}, {"ssize", "int"}, {"word", "u32"}, {"sword", "int"},
		{"klong", "kulong"}, {"kulong", "klong"}, {"loff", "int"}, {"u16be", "u16"},
		{"u32be", "u32"}, {"u64be", "u64"}, {NULL, NULL},
	};
	static const struct pair roles[] = {
		{"fd", "int"}, {"dirfd", "fd"}, {"pid", "int"}, {"path", "cstr"}, {"uid", "u32"},
		{"gid", "u32"}, {"mode", "u16 as hex"}, {"addr", "usize as hex"}, {NULL, NULL},
	};
	bool result = is(f, i - 1, "->");
	const char *width = pair_find(f, i, widths), *role = pair_find(f, i, roles);

	if (is(f, i + 1, ":") || (!is(f, i - 1, ":") && !is(f, i - 1, "[") && !result))
		return;
	/* What a call returns fits either way. */
	if (width && !result)
		replace(f, KIND_WIDTH, i, width);
	if (role)
		replace(f, KIND_ROLE, i, role);
}

static void find_role(struct finder *f, size_t i)
{
	static const char *const roles[] = {"fd", "dirfd", "pid", "time", "id", NULL};

	if (is(f, i, "as") && token_is_one_of(f->source, i + 1, roles))
		drop(f, KIND_ROLE, i, i + 1);
}

static void find_set(struct finder *f, size_t i)
{
	struct mutator *m = f->m;
	size_t this = 0, other;

	if (!is(f, i, "of") || !kind_is(f, i + 1, TOKEN_NAME))
		return;
	while (this < m->set_count && !is(f, i + 1, m->sets[this].name))
		this++;
	if (this == m->set_count)
		return;
	do
		other = (size_t)(chance(m) % m->set_count);
	while (other == this || m->sets[other].is_enum != m->sets[this].is_enum);
	replace(f, KIND_SET, i + 1, m->sets[other].name);
}

/* The token that ends what follows the key at `i`. */
static size_t arm_end(const struct finder *f, size_t i)
{
	unsigned depth = token_at(f, i)->depth;

	for (i++; i < f->source->count; i++)
		if (token_at(f, i)->depth < depth ||
		    (token_at(f, i)->depth == depth && kind_is(f, i, TOKEN_LINE)))
			break;
	return i;
}

/* Are two arms the same but for their keys? */
static bool same_arms(const struct finder *f, size_t i, size_t k)
{
	size_t end = arm_end(f, i);
	bool same = end - i == arm_end(f, k) - k;

	for (size_t t = 1; same && i + t < end; t++) {
		char *text = token_text(f, i + t);

		same = is(f, k + t, text);
		free(text);
	}
	return same;
}

static void find_key(struct finder *f, size_t i)
{
	if (!is_key(f, i))
		return;
	for (size_t k = i + 2; k < f->source->count; k++) {
		if (token_at(f, k)->depth < token_at(f, i)->depth)
			return;
		if (token_at(f, k)->depth == token_at(f, i)->depth && is_key(f, k) &&
		    !same_arms(f, i, k)) {
			swap(f, KIND_KEY, i, k);
			return;
		}
	}
}

static void find_text(struct finder *f, size_t i)
{
	const struct token *token = token_at(f, i);

	if (token->kind == TOKEN_STRING && f->source->text[token->offset] == '"' && token->len > 2)
		record(f, KIND_TEXT, (struct edit){token->offset + 1, 0, text_format("X")});
}

void mutations_find(struct mutator *m, const struct source *source)
{
	size_t len = strlen(source->path);
	struct finder f = {.m = m, .source = source,
			   .is_set_file = len > 4 && !strcmp(source->path + len - 4, ".set")};

	find_sets(&f);
	for (size_t i = 2; i < source->count; i++) {
		find_number(&f, i);
		find_condition(&f, i);
		find_phase(&f, i);
		find_length(&f, i);
		find_mark(&f, i);
		find_base(&f, i);
		find_type(&f, i);
		find_role(&f, i);
		find_set(&f, i);
		find_key(&f, i);
		find_text(&f, i);
	}
}
