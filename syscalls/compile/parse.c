/* SPDX-License-Identifier: MIT */
/*
 * Recursive descent over the language of syscalls/README.md: the cursor, and what stands at top
 * level.  A syntax error ends the item that it is in; parsing goes on with the next one.
 */
#include <string.h>

#include "parser.h"

_Noreturn void parse_fail(struct parser *p, const char *wanted)
{
	const char *quote = p->at->kind == TOKEN_STRING ? "\"" : "";

	report(p->program, p->at->pos, "expected %s before %s%s%s", wanted, quote, p->at->text,
	       quote);
	longjmp(p->recover, 1);
}

bool parse_at(const struct parser *p, const char *text)
{
	return (p->at->kind == TOKEN_NAME || p->at->kind == TOKEN_MARK) &&
	       strcmp(p->at->text, text) == 0;
}

/* The tokens up to `ahead` are there: nothing is beyond the end. */
static const struct token *token_ahead(const struct parser *p, unsigned ahead)
{
	const struct token *t = p->at;

	while (ahead-- && t->kind != TOKEN_END)
		t++;
	return t;
}

bool parse_at_name(const struct parser *p, unsigned ahead)
{
	return token_ahead(p, ahead)->kind == TOKEN_NAME;
}

bool parse_mark_ahead(const struct parser *p, unsigned ahead, const char *text)
{
	const struct token *t = token_ahead(p, ahead);

	return t->kind == TOKEN_MARK && strcmp(t->text, text) == 0;
}

bool parse_take(struct parser *p, const char *text)
{
	if (!parse_at(p, text))
		return false;
	p->at++;
	return true;
}

void parse_expect(struct parser *p, const char *text)
{
	if (!parse_take(p, text))
		parse_fail(p, text);
}

const char *parse_name(struct parser *p, const char *what)
{
	if (p->at->kind != TOKEN_NAME)
		parse_fail(p, what);
	return (p->at++)->text;
}

struct name_node parse_name_node(struct parser *p, const char *what)
{
	struct name_node node = { NULL, p->at->pos };

	node.name = parse_name(p, what);
	return node;
}

const char *parse_string(struct parser *p)
{
	if (p->at->kind != TOKEN_STRING)
		parse_fail(p, "a string");
	return (p->at++)->text;
}

uint64_t parse_number(struct parser *p)
{
	if (p->at->kind != TOKEN_NUMBER)
		parse_fail(p, "a number");
	return (p->at++)->number;
}

void parse_separators(struct parser *p)
{
	while (p->at->kind == TOKEN_NEWLINE)
		p->at++;
}

void parse_item_end(struct parser *p)
{
	if (p->at->kind != TOKEN_NEWLINE && !parse_at(p, "}"))
		parse_fail(p, "the end of the line");
	parse_separators(p);
}

unsigned parse_abis(struct parser *p)
{
	unsigned abis = 0, one;

	while (p->at->kind == TOKEN_NAME && (one = abis_by_name(p->at->text))) {
		abis |= one;
		p->at++;
	}
	if (!abis)
		parse_fail(p, "the name of an ABI");
	return abis;
}

bool parse_base(struct parser *p, enum desc_base *base)
{
	if (parse_take(p, "hex"))
		*base = BASE_HEX;
	else if (parse_take(p, "dec"))
		*base = BASE_DEC;
	else if (parse_take(p, "oct"))
		*base = BASE_OCT;
	else if (parse_take(p, "oct3"))
		*base = BASE_OCT3;
	else
		return false;
	return true;
}

/* ---- open tables ------------------------------------------------------------------------- */

static void parse_table(struct parser *p)
{
	struct table *table = mem_alloc(sizeof(*table));

	p->at++;
	table->pos = p->at->pos;
	table->name = parse_name(p, "the name of a table");
	parse_expect(p, "by");
	do {
		struct type_node *key = parse_type(p);

		LIST_ADD(&table->keys, key);
	} while (parse_take(p, ","));
	if (table->keys.count > 2)
		report(p->program, table->pos, "a table has one key or two");
	if (map_get(&p->program->tables, table->name))
		report(p->program, table->pos, "table %s is already defined", table->name);
	map_put(&p->program->tables, table->name, table);
	LIST_ADD(&p->program->table_list, table);
}

/* NAME KEY[ KEY], ...: TYPE */
static void parse_row(struct parser *p)
{
	LIST(struct arm_row) rows = { NULL, 0, 0 };
	const char *table = parse_name(p, "the name of a table");
	struct type_node *type;

	do {
		struct arm_row row = { table, p->at->pos, NULL, NULL };

		if (parse_at(p, "else") && parse_mark_ahead(p, 1, ":")) {
			p->at++;
		} else {
			row.arm = mem_alloc(sizeof(*row.arm));
			row.arm->pos = row.pos;
			row.arm->keys[0] = parse_key(p);
			if (!parse_at(p, ":") && !parse_at(p, ","))
				row.arm->keys[1] = parse_key(p);
		}
		LIST_ADD(&rows, row);
	} while (parse_take(p, ","));
	parse_expect(p, ":");
	type = parse_type(p);
	for (unsigned i = 0; i < rows.count; i++) {
		if (rows.at[i].arm)
			rows.at[i].arm->type = type;
		else
			rows.at[i].otherwise = type;
		LIST_ADD(&p->program->row_list, rows.at[i]);
	}
}

/* ---- ABIs -------------------------------------------------------------------------------- */

static void parse_abi(struct parser *p)
{
	struct abi_info info = { .defined = true };
	unsigned abis, abi = 0;

	p->at++;
	info.pos = p->at->pos;
	abis = abis_by_name(parse_name(p, "the name of an ABI"));
	if (!abis || (abis & (abis - 1)))
		report(p->program, info.pos, "unknown ABI %s", p->at[-1].text);
	while (abi < ABI_COUNT - 1 && abis != 1u << abi)
		abi++;
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}"); parse_item_end(p)) {
		if (parse_take(p, "word"))
			info.word = (unsigned)parse_number(p);
		else if (parse_take(p, "klong"))
			info.klong = (unsigned)parse_number(p);
		else if (parse_take(p, "align64"))
			info.align64 = (unsigned)parse_number(p);
		else if (parse_take(p, "pairs"))
			info.pairs_even = parse_take(p, "even");
		else
			parse_fail(p, "word, klong, align64 or pairs");
	}
	if (p->program->abis[abi].defined)
		report(p->program, info.pos, "abi %s is already defined", abi_text(abi));
	p->program->abis[abi] = info;
}

static void parse_top(struct parser *p)
{
	static const struct {
		const char *word;
		void (*parse)(struct parser *);
	} items[] = {
		{ "enum", parse_enum },
		{ "flags", parse_flags },
		{ "const", parse_const },
		{ "type", parse_alias },
		{ "struct", parse_struct },
		{ "overlay", parse_overlay },
		{ "fields", parse_fields_decl },
		{ "bits", parse_bits_decl },
		{ "view", parse_view },
		{ "record", parse_record },
		{ "hook", parse_hook },
		{ "table", parse_table },
		{ "abi", parse_abi },
		{ "syscall", parse_syscall },
	};

	if (!parse_at_name(p, 0))
		parse_fail(p, "a declaration");
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (parse_at(p, items[i].word)) {
			items[i].parse(p);
			return;
		}
	parse_row(p);
}

void parse_file(struct program *program, const char *file, const char *text)
{
	struct parser p = { .program = program };

	p.at = scan_text(program, file, text);
	if (setjmp(p.recover)) {
		p.in_arguments = p.in_part = false;
		while (p.at->kind != TOKEN_END && (p.at->kind != TOKEN_NEWLINE || p.at->depth))
			p.at++;
	}
	for (parse_separators(&p); p.at->kind != TOKEN_END; parse_separators(&p)) {
		parse_top(&p);
		if (p.at->kind != TOKEN_NEWLINE && p.at->kind != TOKEN_END)
			parse_fail(&p, "the end of the line");
	}
}
