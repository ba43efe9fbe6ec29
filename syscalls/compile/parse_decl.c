/* SPDX-License-Identifier: MIT */
/* Declarations at top level: sets, constants, named types, hooks. */
#include <string.h>

#include "parser.h"

/* ---- sets and constants ------------------------------------------------------------------ */

/* VALUE [ARCH... VALUE]... */
static void parse_values(struct parser *p, struct entry *entry)
{
	entry->value = parse_expr(p);
	while (p->at->kind == TOKEN_NAME && abis_by_name(p->at->text)) {
		struct override_node override;

		override.abis = parse_abis(p);
		override.value = parse_expr(p);
		LIST_ADD(&entry->overrides, override);
	}
}

static struct entry *parse_entry(struct parser *p, struct set *set)
{
	struct entry *entry = mem_alloc(sizeof(*entry));

	entry->pos = p->at->pos;
	entry->set = set;
	entry->abis = ALL_ABIS;
	/* A name in quotes cannot be used in expressions: "A or B". */
	entry->name = set && p->at->kind == TOKEN_STRING ? parse_string(p)
							 : parse_name(p, "a name");
	parse_values(p, entry);
	for (;;) {
		if (parse_take(p, "only"))
			entry->abis = parse_abis(p);
		else if (parse_take(p, "covers"))
			entry->covers = true;
		else
			return entry;
	}
}

static void entry_declare(struct program *program, struct entry *entry)
{
	entry->next = map_get(&program->entries, entry->name);
	map_put(&program->entries, entry->name, entry);
}

static void parse_set_marks(struct parser *p, struct set *set)
{
	for (;;) {
		if (parse_take(p, "base")) {
			if (!parse_base(p, &set->base))
				parse_fail(p, "hex, dec or oct");
		} else if (parse_take(p, "unknown")) {
			set->unknown = parse_string(p);
		} else if (set->kind == SET_FLAGS && parse_take(p, "zero")) {
			set->zero = parse_string(p);
		} else if (set->kind == SET_ENUM && parse_take(p, "comment")) {
			set->comment = true;
		} else {
			return;
		}
	}
}

static void parse_set(struct parser *p, enum desc_set_kind kind)
{
	struct set *set = mem_alloc(sizeof(*set));
	const struct set *before;

	p->at++;
	set->kind = kind;
	set->base = BASE_HEX;
	set->pos = p->at->pos;
	set->name = parse_name(p, "the name of a set");
	parse_set_marks(p, set);
	before = map_get(&p->program->sets, set->name);
	if (before)
		report(p->program, set->pos, "set %s is already defined at %s:%u", set->name,
		       before->pos.file, before->pos.line);
	else
		map_put(&p->program->sets, set->name, set);
	if (!before)
		LIST_ADD(&p->program->set_list, set);
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}"); parse_item_end(p)) {
		struct entry *entry = parse_entry(p, set);

		LIST_ADD(&set->entries, entry);
		if (!before)
			entry_declare(p->program, entry);
	}
}

void parse_enum(struct parser *p)
{
	parse_set(p, SET_ENUM);
}

void parse_flags(struct parser *p)
{
	parse_set(p, SET_FLAGS);
}

void parse_const(struct parser *p)
{
	struct entry *entry, *before;

	p->at++;
	entry = parse_entry(p, NULL);
	for (before = map_get(&p->program->entries, entry->name); before; before = before->next)
		if (!before->set) {
			report(p->program, entry->pos, "const %s is already defined at %s:%u",
			       entry->name, before->pos.file, before->pos.line);
			return;
		}
	entry_declare(p->program, entry);
	LIST_ADD(&p->program->const_list, entry);
}

/* ---- types ------------------------------------------------------------------------------- */

static void decl_declare(struct program *program, struct decl *decl)
{
	struct decl *first = map_get(&program->decls, decl->name);

	for (struct decl *d = first; d; d = d->next) {
		if (!(d->abis & decl->abis))
			continue;
		report(program, decl->pos, "type %s is already defined at %s:%u", decl->name,
		       d->pos.file, d->pos.line);
		return;
	}
	LIST_ADD(&program->decl_list, decl);
	if (!first) {
		map_put(&program->decls, decl->name, decl);
		return;
	}
	while (first->next)
		first = first->next;
	first->next = decl;
}

static struct decl *decl_new(struct parser *p, enum decl_kind kind)
{
	struct decl *decl = mem_alloc(sizeof(*decl));

	decl->kind = kind;
	decl->abis = ALL_ABIS;
	p->at++;
	decl->pos = p->at->pos;
	decl->name = parse_name(p, "the name of a type");
	return decl;
}

static void parse_params(struct parser *p, struct decl *decl)
{
	if (!parse_take(p, "("))
		return;
	do {
		struct name_node param = parse_name_node(p, "the name of a parameter");

		LIST_ADD(&decl->params, param);
	} while (parse_take(p, ","));
	parse_expect(p, ")");
}

void parse_alias(struct parser *p)
{
	struct decl *decl = decl_new(p, DECL_ALIAS);

	parse_params(p, decl);
	decl->alias = parse_type(p);
	if (parse_take(p, "only"))
		decl->abis = parse_abis(p);
	decl_declare(p->program, decl);
}

static void parse_name_list(struct parser *p, name_list *names)
{
	do {
		struct name_node node = parse_name_node(p, "the name of a member");

		LIST_ADD(names, node);
	} while (parse_take(p, ","));
}

static void parse_sized(struct parser *p, struct struct_node *body)
{
	parse_expect(p, "(");
	body->sized = parse_expr(p);
	parse_expect(p, ")");
	if (parse_take(p, "min"))
		body->min = parse_expr(p);
	if (parse_take(p, "fill"))
		body->fill = (unsigned)parse_number(p);
}

static void parse_shown(struct parser *p, struct struct_node *body)
{
	body->has_show = true;
	body->callee = parse_name(p, "the name that it is shown as a call of");
	parse_expect(p, "(");
	if (!parse_at(p, ")"))
		parse_name_list(p, &body->show);
	parse_expect(p, ")");
}

/* dated(SECONDS, FRACTION[, DIGITS]) */
static void parse_dated(struct parser *p, struct struct_node *body)
{
	parse_expect(p, "(");
	body->date_seconds = parse_expr(p);
	parse_expect(p, ",");
	body->date_fraction = parse_expr(p);
	body->date_digits = parse_take(p, ",") ? (unsigned)parse_number(p) : 9;
	parse_expect(p, ")");
}

/* What may stand between the name of a struct and its members. */
static void parse_struct_marks(struct parser *p, struct decl *decl)
{
	struct struct_node *body = decl->body;

	for (;;) {
		if (parse_take(p, "sized")) {
			parse_sized(p, body);
		} else if (parse_take(p, "packed")) {
			body->packed = ALL_ABIS;
			if (p->at->kind == TOKEN_NAME && abis_by_name(p->at->text))
				body->packed = parse_abis(p);
		} else if (parse_take(p, "align")) {
			body->align = (unsigned)parse_number(p);
		} else if (parse_take(p, "only")) {
			decl->abis = parse_abis(p);
		} else if (parse_take(p, "show")) {
			body->has_show = true;
			parse_name_list(p, &body->show);
		} else if (parse_take(p, "shown")) {
			parse_shown(p, body);
		} else if (parse_take(p, "dated")) {
			parse_dated(p, body);
		} else if (parse_take(p, "flat")) {
			body->flat = true;
		} else if (parse_take(p, "tail")) {
			body->tail = true;
		} else if (parse_take(p, "numbered")) {
			body->numbered = true;
			body->decimal = parse_take(p, "decimal");
			body->deep = parse_take(p, "deep");
		} else {
			return;
		}
	}
}

static void parse_struct_kind(struct parser *p, enum struct_kind kind)
{
	struct decl *decl = decl_new(p, DECL_STRUCT);

	decl->body = mem_alloc(sizeof(*decl->body));
	decl->body->pos = decl->pos;
	decl->body->kind = kind;
	parse_params(p, decl);
	parse_struct_marks(p, decl);
	parse_members(p, &decl->body->members);
	decl_declare(p->program, decl);
}

void parse_struct(struct parser *p)
{
	parse_struct_kind(p, KIND_STRUCT);
}

void parse_overlay(struct parser *p)
{
	parse_struct_kind(p, KIND_OVERLAY);
}

void parse_fields_decl(struct parser *p)
{
	struct decl *decl = decl_new(p, DECL_STRUCT);

	decl->body = parse_fields(p);
	decl_declare(p->program, decl);
}

void parse_bits_decl(struct parser *p)
{
	struct decl *decl = decl_new(p, DECL_BITS);

	decl->bits = parse_bits(p);
	decl_declare(p->program, decl);
}

/* view STRUCT.NAME[(params)] { member marks ... }; members end at a comma as well. */
void parse_view(struct parser *p)
{
	struct decl *decl = decl_new(p, DECL_VIEW);

	decl->of = decl->name;
	parse_expect(p, ".");
	decl->name = mem_format("%s.%s", decl->of, parse_name(p, "the name of the view"));
	parse_params(p, decl);
	decl->body = mem_alloc(sizeof(*decl->body));
	decl->body->pos = decl->pos;
	parse_struct_marks(p, decl);
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}");) {
		struct member_node *member = parse_view_member(p);

		LIST_ADD(&decl->body->members, member);
		if (!parse_take(p, ","))
			parse_item_end(p);
	}
	decl_declare(p->program, decl);
}

/* `body NAME: TYPE` or `_: TYPE` */
static void parse_record_item(struct parser *p, struct struct_node *body)
{
	if (parse_take(p, "len")) {
		body->len = parse_expr(p);
	} else if (parse_take(p, "align")) {
		body->align_items = parse_expr(p);
	} else if (parse_take(p, "head")) {
		parse_members(p, &body->members);
	} else {
		struct member_node *member;

		if (!parse_take(p, "body") && !parse_at(p, "_"))
			parse_fail(p, "len, align, head or body");
		member = parse_member(p, false);
		LIST_ADD(&body->bodies, member);
	}
}

void parse_record(struct parser *p)
{
	struct decl *decl = decl_new(p, DECL_STRUCT);
	struct struct_node *body = decl->body = mem_alloc(sizeof(*decl->body));

	body->kind = KIND_RECORD;
	body->pos = decl->pos;
	parse_params(p, decl);
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}"); parse_item_end(p))
		parse_record_item(p, body);
	body->merged = parse_at(p, "merged");
	if (!body->merged && !parse_at(p, "paired"))
		parse_fail(p, "merged or paired");
	p->at++;
	if (!body->len)
		report(p->program, decl->pos, "record %s has no len", decl->name);
	decl_declare(p->program, decl);
}

static void parse_walk_hook(struct parser *p, struct hook *hook)
{
	struct decl *decl = decl_new(p, DECL_HOOK);

	hook->walk = true;
	hook->name = decl->name;
	hook->pos = decl->pos;
	decl->hook = hook;
	if (map_get(&p->program->walks, decl->name))
		report(p->program, decl->pos, "hook %s is already defined", decl->name);
	map_put(&p->program->walks, decl->name, decl);
}

void parse_hook(struct parser *p)
{
	struct hook *hook = mem_alloc(sizeof(*hook));

	p->at++;
	if (parse_at(p, "walk")) {
		parse_walk_hook(p, hook);
	} else {
		parse_expect(p, "scalar");
		hook->pos = p->at->pos;
		hook->name = parse_name(p, "the name of a hook");
		if (map_get(&p->program->hooks, hook->name))
			report(p->program, hook->pos, "hook %s is already defined", hook->name);
		map_put(&p->program->hooks, hook->name, hook);
	}
	LIST_ADD(&p->program->hook_list, hook);
}
