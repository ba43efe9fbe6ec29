/* SPDX-License-Identifier: MIT */
/* Types, and the bits and fields that numbers are made of. */
#include <string.h>

#include "parser.h"

static struct type_node *node_new(const struct parser *p, enum type_node_kind kind)
{
	struct type_node *t = mem_alloc(sizeof(*t));

	t->kind = kind;
	t->pos = p->at->pos;
	return t;
}

static struct type_node *node_wrap(const struct parser *p, enum type_node_kind kind,
				   struct type_node *of)
{
	struct type_node *t = node_new(p, kind);

	t->of = of;
	return t;
}

/* Inside brackets and braces, what the surroundings make of `|` and `shifted` does not hold. */
static struct type_node *parse_inner_type(struct parser *p)
{
	bool in_arguments = p->in_arguments, in_part = p->in_part;
	struct type_node *t;

	p->in_arguments = p->in_part = false;
	t = parse_type(p);
	p->in_arguments = in_arguments;
	p->in_part = in_part;
	return t;
}

static struct expr *parse_inner_expr(struct parser *p)
{
	bool in_arguments = p->in_arguments;
	struct expr *e;

	p->in_arguments = false;
	e = parse_expr(p);
	p->in_arguments = in_arguments;
	return e;
}

struct key_node parse_key(struct parser *p)
{
	struct key_node key = { NULL, NULL };

	if (parse_take(p, "_"))
		return key;
	key.value = parse_key_expr(p);
	if (parse_take(p, "mask"))
		key.mask = parse_key_expr(p);
	return key;
}

/* KEY [KEY], KEY [KEY]: TYPE; one arm for each key. */
static void parse_arm(struct parser *p, struct choice_node *choice)
{
	unsigned first = choice->arms.count;
	struct type_node *type;

	do {
		struct arm_node *arm = mem_alloc(sizeof(*arm));

		arm->pos = p->at->pos;
		for (unsigned i = 0; i < choice->keys.count && i < 2; i++)
			arm->keys[i] = parse_key(p);
		LIST_ADD(&choice->arms, arm);
	} while (parse_take(p, ","));
	parse_expect(p, ":");
	parse_separators(p);
	type = parse_inner_type(p);
	for (; first < choice->arms.count; first++)
		choice->arms.at[first]->type = type;
}

static struct type_node *parse_by(struct parser *p)
{
	struct type_node *t = node_new(p, NODE_BY);
	struct choice_node *choice = t->choice = mem_alloc(sizeof(*choice));

	choice->pos = p->at->pos;
	parse_expect(p, "by");
	do {
		struct expr *key;

		parse_separators(p);
		key = parse_inner_expr(p);

		LIST_ADD(&choice->keys, key);
	} while (parse_take(p, ","));
	if (choice->keys.count > 2)
		report(p->program, choice->pos, "by takes one key or two");
	if (parse_take(p, "in")) {
		choice->table = parse_name(p, "the name of a table");
		return t;
	}
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}"); parse_item_end(p)) {
		if (parse_at(p, "else") && parse_mark_ahead(p, 1, ":")) {
			p->at += 2;
			if (choice->otherwise)
				report(p->program, p->at->pos, "else is listed twice");
			choice->otherwise = parse_inner_type(p);
		} else {
			parse_arm(p, choice);
		}
	}
	return t;
}

/* A 64 behind the word: a pointer of 64 bits in every ABI. */
static bool at_pointer(const struct parser *p)
{
	static const char *const words[] = { "in",   "out",   "inout",   "pass",
					     "in64", "out64", "inout64", "pass64" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (parse_at(p, words[i]))
			return parse_mark_ahead(p, 1, "[");
	return false;
}

static struct type_node *parse_pointer(struct parser *p)
{
	struct type_node *t = node_new(p, NODE_POINTER);
	const char *word = parse_name(p, "a type");

	t->name = word;
	t->phase = strncmp(word, "inout", 5) == 0 ? PHASE_INOUT
		   : strncmp(word, "in", 2) == 0  ? PHASE_IN
		   : strncmp(word, "out", 3) == 0 ? PHASE_OUT
						  : PHASE_PASS;
	parse_expect(p, "[");
	t->of = parse_inner_type(p);
	parse_expect(p, "]");
	return t;
}

/* cstr, path, bytes, bitset: [n] behind them is their length. */
static struct type_node *parse_buffer(struct parser *p, enum type_node_kind kind)
{
	struct type_node *t = node_new(p, kind);

	t->name = parse_name(p, "a type");
	if (kind == NODE_STRING && (!parse_at(p, "[") || parse_mark_ahead(p, 1, "..") ||
				    (parse_at_name(p, 1) && strcmp(p->at[1].text, "until") == 0)))
		return t;
	parse_expect(p, "[");
	if (kind != NODE_BYTES || !parse_take(p, ".."))
		t->length = parse_inner_expr(p);
	parse_expect(p, "]");
	if (kind == NODE_BITSET && parse_take(p, "from"))
		t->first = (unsigned)parse_number(p);
	return t;
}

static struct type_node *parse_braces(struct parser *p, enum struct_kind kind)
{
	struct type_node *t = node_new(p, NODE_STRUCT);

	if (kind == KIND_FIELDS) {
		t->body = parse_fields(p);
		return t;
	}
	t->body = mem_alloc(sizeof(*t->body));
	t->body->kind = kind;
	t->body->pos = p->at->pos;
	t->body->align = 0;
	parse_members(p, &t->body->members);
	return t;
}

static struct type_node *parse_named(struct parser *p)
{
	struct type_node *t = node_new(p, NODE_NAME);

	t->name = parse_name(p, "a type");
	if (parse_mark_ahead(p, 0, ".") && parse_at_name(p, 1)) {
		p->at++;
		t->view = parse_name(p, "the name of a view");
	}
	if (parse_take(p, "(")) {
		do {
			struct expr *arg = parse_inner_expr(p);

			LIST_ADD(&t->args, arg);
		} while (parse_take(p, ","));
		parse_expect(p, ")");
	}
	return t;
}

static struct type_node *parse_primary_type(struct parser *p)
{
	struct type_node *t;

	if (parse_at(p, "{"))
		return parse_braces(p, KIND_STRUCT);
	if (parse_take(p, "(")) {
		t = parse_inner_type(p);
		parse_expect(p, ")");
		return t;
	}
	if (!parse_at_name(p, 0))
		parse_fail(p, "a type");
	if (at_pointer(p))
		return parse_pointer(p);
	if (parse_at(p, "cstr") || parse_at(p, "path"))
		return parse_buffer(p, NODE_STRING);
	if (parse_at(p, "bytes"))
		return parse_buffer(p, NODE_BYTES);
	if (parse_at(p, "bitset"))
		return parse_buffer(p, NODE_BITSET);
	if (parse_at(p, "by"))
		return parse_by(p);
	if (parse_at(p, "overlay") && parse_mark_ahead(p, 1, "{")) {
		p->at++;
		return parse_braces(p, KIND_OVERLAY);
	}
	if (parse_at(p, "fields") && (p->at[1].kind == TOKEN_NUMBER || parse_at_name(p, 1))) {
		p->at++;
		return parse_braces(p, KIND_FIELDS);
	}
	if (parse_at(p, "bits") && (p->at[1].kind == TOKEN_NUMBER || parse_at_name(p, 1))) {
		t = node_new(p, NODE_BITS);
		p->at++;
		t->bits = parse_bits(p);
		return t;
	}
	if (parse_at(p, "nothing")) {
		t = node_new(p, NODE_NOTHING);
		p->at++;
		return t;
	}
	return parse_named(p);
}

/* [n], [until 0], [until bytes n], [..], [n where E], [n indexed SET] behind a type. */
static struct type_node *parse_array(struct parser *p, struct type_node *of)
{
	struct type_node *t = node_wrap(p, NODE_ARRAY, of);

	parse_expect(p, "[");
	if (parse_take(p, "until")) {
		if (parse_take(p, "bytes")) {
			t->extent = EXTENT_BYTES;
			t->length = parse_inner_expr(p);
		} else {
			if (parse_number(p) != 0)
				report(p->program, t->pos, "until takes 0 or bytes");
			t->extent = EXTENT_UNTIL_ZERO;
		}
	} else if (parse_take(p, "..")) {
		t->extent = EXTENT_WINDOW;
	} else {
		t->extent = EXTENT_COUNT;
		t->length = parse_inner_expr(p);
	}
	if (parse_take(p, "where"))
		t->where = parse_inner_expr(p);
	if (parse_take(p, "indexed"))
		t->name = parse_name(p, "the name of a set");
	parse_expect(p, "]");
	return t;
}

static struct type_node *parse_flag(struct parser *p, struct type_node *of, unsigned flag)
{
	struct type_node *t = node_wrap(p, NODE_FLAG, of);

	p->at++;
	t->flag = flag;
	return t;
}

/* What may stand behind a type; NULL if nothing of it does. */
static struct type_node *parse_suffix(struct parser *p, struct type_node *of)
{
	struct type_node *t;

	if (parse_at(p, "[") && p->at->kind == TOKEN_MARK)
		return parse_array(p, of);
	if (parse_at(p, "=>")) {
		t = node_wrap(p, NODE_CHANGE, of);
		p->at++;
		t->then = parse_primary_type(p);
		return t;
	}
	if (!parse_at_name(p, 0))
		return NULL;
	if (parse_at(p, "of") || parse_at(p, "as")) {
		t = node_wrap(p, parse_at(p, "of") ? NODE_OF : NODE_AS, of);
		p->at++;
		t->name = parse_name(p, t->kind == NODE_OF ? "the name of a set"
							   : "what it is shown as");
		if (t->kind == NODE_AS && strcmp(t->name, "time") == 0 && parse_take(p, "(")) {
			t->length = parse_inner_expr(p);
			parse_expect(p, ")");
		}
		return t;
	}
	if (parse_at(p, "budget")) {
		t = node_wrap(p, NODE_BUDGET, of);
		p->at++;
		t->length = parse_expr(p);
		return t;
	}
	if (parse_at(p, "shifted") && !p->in_part)
		return parse_flag(p, of, TYPE_SHIFTED);
	if (parse_at(p, "complement"))
		return parse_flag(p, of, TYPE_COMPLEMENT);
	if (parse_at(p, "aligned"))
		return parse_flag(p, of, 0);
	return NULL;
}

struct type_node *parse_type(struct parser *p)
{
	struct type_node *type = parse_primary_type(p);
	struct type_node *longer;

	while ((longer = parse_suffix(p, type)))
		type = longer;
	return type;
}

/* The width of a `bits` or `fields`: a number of bits or the name of an integer type. */
static unsigned parse_width(struct parser *p, bool *is_signed)
{
	static const struct {
		const char *name;
		unsigned width;
		bool is_signed;
	} names[] = {
		{ "u8", 1, false },
		{ "u16", 2, false },
		{ "u32", 4, false },
		{ "u64", 8, false },
		{ "s8", 1, true },
		{ "s16", 2, true },
		{ "s32", 4, true },
		{ "s64", 8, true },
		{ "int", 4, true },
		{ "uint", 4, false },
		{ "word", WIDTH_WORD, false },
		{ "sword", WIDTH_WORD, true },
		{ "klong", WIDTH_KLONG, true },
		{ "kulong", WIDTH_KLONG, false },
		{ "usize", WIDTH_WORD, false },
		{ "ssize", WIDTH_WORD, true },
	};
	struct pos pos = p->at->pos;
	uint64_t bits;

	*is_signed = false;
	if (parse_at_name(p, 0))
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (parse_take(p, names[i].name)) {
				*is_signed = names[i].is_signed;
				return names[i].width;
			}
	bits = parse_number(p);
	if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
		report(p->program, pos, "a width is 8, 16, 32 or 64 bits or an integer type");
		return 4;
	}
	return (unsigned)(bits / 8);
}

static struct part_node *parse_part(struct parser *p)
{
	struct part_node *part = mem_alloc(sizeof(*part));

	part->pos = p->at->pos;
	if (!parse_take(p, "rest"))
		part->mask = parse_key_expr(p);
	parse_expect(p, ":");
	p->in_part = true;
	part->type = parse_type(p);
	p->in_part = false;
	for (;;) {
		if (parse_take(p, "shifted")) {
			part->shifted = true;
			if (p->at->kind == TOKEN_STRING)
				part->shown_shift = parse_string(p);
		} else if (parse_take(p, "apart")) {
			part->apart = true;
		} else if (parse_take(p, "nonzero")) {
			part->nonzero = true;
		} else if (parse_at_name(p, 0) && !part->name) {
			part->name = parse_name(p, "the name of the part");
		} else {
			return part;
		}
	}
}

/* WIDTH [base B] [unknown "X_???"] [zero "X"] { PART ... } */
struct bits_node *parse_bits(struct parser *p)
{
	struct bits_node *bits = mem_alloc(sizeof(*bits));

	bits->pos = p->at->pos;
	bits->base = BASE_HEX;
	bits->width = parse_width(p, &bits->is_signed);
	for (;;) {
		if (parse_take(p, "base"))
			bits->has_base = parse_base(p, &bits->base);
		else if (parse_take(p, "unknown"))
			bits->unknown = parse_string(p);
		else if (parse_take(p, "zero"))
			bits->zero = parse_string(p);
		else
			break;
	}
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}"); parse_item_end(p)) {
		struct part_node *part = parse_part(p);

		LIST_ADD(&bits->parts, part);
	}
	return bits;
}

/* The type of a bit-field: `as TYPE`, or `of SET`, `as hex` on a plain number. */
static struct type_node *parse_field_type(struct parser *p, unsigned width)
{
	struct type_node *t = node_new(p, NODE_NAME);
	struct type_node *longer;
	enum desc_base base;

	t->name = width == 8 ? "u64" : "uint";
	if (parse_at(p, "as")) {
		struct parser ahead = { .at = p->at + 1 };

		if (!parse_base(&ahead, &base) && !parse_at(&ahead, "pad")) {
			p->at++;
			return parse_type(p);
		}
	}
	while ((longer = parse_suffix(p, t)))
		t = longer;
	return t;
}

/* NAME:BITS [as TYPE] [marks] */
static struct member_node *parse_field(struct parser *p, unsigned width)
{
	struct member_node *member = mem_alloc(sizeof(*member));
	struct alt_node *alt = mem_alloc(sizeof(*alt));

	member->pos = p->at->pos;
	member->name = parse_name(p, "the name of a bit-field");
	member->abis = ALL_ABIS;
	member->flags = FIELD_COMPUTED;
	if (strcmp(member->name, "_") == 0)
		member->flags |= FIELD_HIDDEN;
	parse_expect(p, ":");
	member->bits = (unsigned)parse_number(p);
	alt->type = parse_field_type(p, width);
	LIST_ADD(&member->alts, alt);
	parse_member_marks(p, member, alt);
	return member;
}

/* WIDTH { a:1; b:2 as T } */
struct struct_node *parse_fields(struct parser *p)
{
	struct struct_node *body = mem_alloc(sizeof(*body));
	bool is_signed;

	body->kind = KIND_FIELDS;
	body->pos = p->at->pos;
	body->width = parse_width(p, &is_signed);
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}");) {
		struct member_node *member = parse_field(p, body->width);

		LIST_ADD(&body->members, member);
		if (!parse_take(p, ","))
			parse_item_end(p);
	}
	return body;
}
