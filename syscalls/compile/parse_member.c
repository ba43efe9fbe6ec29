/* SPDX-License-Identifier: MIT */
/* Members of structs and arguments of calls, with their marks. */
#include <string.h>

#include "parser.h"

bool parse_at_member(const struct parser *p)
{
	if (!parse_at_name(p, 0))
		return false;
	if (parse_at(p, "_"))
		return true;
	return parse_mark_ahead(p, 1, ":") || parse_mark_ahead(p, 1, "=");
}

static void parse_count(struct parser *p, struct member_node *member)
{
	member->count_one = parse_string(p);
	member->count_many = p->at->kind == TOKEN_STRING ? parse_string(p) : member->count_one;
}

bool parse_plain_mark(struct parser *p, unsigned *flags)
{
	static const struct {
		const char *word;
		unsigned flag;
	} marks[] = {
		{ "verbose", FIELD_VERBOSE }, { "nonzero", FIELD_NONZERO }, { "in", FIELD_IN },
		{ "out", FIELD_OUT },         { "hidden", FIELD_HIDDEN },   { "bare", FIELD_BARE },
		{ "brief", FIELD_BRIEF },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (parse_take(p, marks[i].word)) {
			*flags |= marks[i].flag;
			return true;
		}
	return false;
}

static void parse_budget(struct parser *p, struct member_node *member)
{
	struct expr *budget = parse_expr(p);

	for (unsigned i = 0; i < member->alts.count; i++) {
		struct type_node *t = mem_alloc(sizeof(*t));

		t->kind = NODE_BUDGET;
		t->pos = budget->pos;
		t->length = budget;
		t->of = member->alts.at[i]->type;
		member->alts.at[i]->type = t;
	}
}

void parse_member_marks(struct parser *p, struct member_node *member, struct alt_node *alt)
{
	while (parse_at_name(p, 0)) {
		if (parse_take(p, "if")) {
			alt->shown_if = parse_expr(p);
		} else if (parse_take(p, "when")) {
			alt->follow = parse_expr(p);
		} else if (parse_take(p, "only")) {
			member->abis = parse_abis(p);
		} else if (parse_take(p, "keep")) {
			member->flags |= FIELD_KEEP;
			if (parse_take(p, "when"))
				member->keep = parse_expr(p);
		} else if (parse_take(p, "count")) {
			parse_count(p, member);
		} else if (parse_take(p, "budget")) {
			parse_budget(p, member);
		} else if (!parse_plain_mark(p, &member->flags)) {
			return;
		}
	}
}

static void parse_alt(struct parser *p, struct member_node *member)
{
	struct alt_node *alt = mem_alloc(sizeof(*alt));

	alt->type = parse_type(p);
	LIST_ADD(&member->alts, alt);
	parse_member_marks(p, member, alt);
}

/*
 * A comma is followed by an alternative or, in a list, by the next argument.  There is no
 * alternative to what is shown always.
 */
static bool at_next_alt(const struct parser *p, const struct member_node *member, bool argument)
{
	struct parser ahead = { .at = p->at + 1 };

	return parse_at(p, ",") && member->alts.count &&
	       member->alts.at[member->alts.count - 1]->shown_if &&
	       !(argument && (parse_at(&ahead, "|") || parse_at_member(&ahead)));
}

struct type_node *parse_computed_type(struct parser *p)
{
	struct type_node *t, *number;
	struct parser ahead;
	enum desc_base base;

	if (!parse_at(p, "as"))
		parse_fail(p, "as TYPE");
	ahead = (struct parser){ .at = p->at + 1 };
	if (!parse_base(&ahead, &base) && !parse_at(&ahead, "pad") && !parse_at(&ahead, "time") &&
	    !parse_at(&ahead, "date")) {
		p->at++;
		return parse_type(p);
	}
	number = mem_alloc(sizeof(*number));
	number->kind = NODE_NAME;
	number->name = parse_at(&ahead, "time") || parse_at(&ahead, "date") ? "s64" : "u64";
	t = mem_alloc(sizeof(*t));
	t->kind = NODE_AS;
	t->of = number;
	t->pos = number->pos = p->at->pos;
	p->at++;
	t->name = parse_name(p, "a base");
	if (strcmp(t->name, "time") == 0 && parse_take(p, "(")) {
		t->length = parse_expr(p);
		parse_expect(p, ")");
	}
	return t;
}

/* = E as TYPE */
static void parse_computed(struct parser *p, struct member_node *member)
{
	struct alt_node *alt = mem_alloc(sizeof(*alt));

	member->flags |= FIELD_COMPUTED;
	member->from = parse_expr(p);
	alt->type = parse_computed_type(p);
	LIST_ADD(&member->alts, alt);
	parse_member_marks(p, member, alt);
}

struct member_node *parse_member(struct parser *p, bool argument)
{
	struct member_node *member = mem_alloc(sizeof(*member));

	member->pos = p->at->pos;
	member->abis = ALL_ABIS;
	member->name = parse_name(p, "a name");
	if (strcmp(member->name, "_") == 0) {
		member->flags |= argument ? FIELD_SKIPPED : FIELD_SPLICED;
		if (argument) {
			if (parse_take(p, "only"))
				member->abis = parse_abis(p);
			return member;
		}
	}
	if (parse_take(p, "=")) {
		parse_computed(p, member);
	} else {
		parse_expect(p, ":");
		if (parse_at(p, "at") && parse_at_name(p, 0)) {
			p->at++;
			member->flags |= FIELD_AT;
			member->from = parse_expr(p);
		}
		parse_alt(p, member);
	}
	while (at_next_alt(p, member, argument)) {
		p->at++;
		parse_alt(p, member);
	}
	return member;
}

void parse_members(struct parser *p, member_list *members)
{
	bool in_arguments = p->in_arguments, in_part = p->in_part;

	p->in_arguments = p->in_part = false;
	parse_expect(p, "{");
	for (parse_separators(p); !parse_take(p, "}"); parse_item_end(p)) {
		struct member_node *member = parse_member(p, false);

		LIST_ADD(members, member);
	}
	p->in_arguments = in_arguments;
	p->in_part = in_part;
}

struct member_node *parse_view_member(struct parser *p)
{
	struct member_node *member;
	struct alt_node *alt;

	if (parse_mark_ahead(p, 1, ":") || parse_mark_ahead(p, 1, "="))
		return parse_member(p, true);
	member = mem_alloc(sizeof(*member));
	member->pos = p->at->pos;
	member->abis = ALL_ABIS;
	member->name = parse_name(p, "the name of a member");
	alt = mem_alloc(sizeof(*alt));
	LIST_ADD(&member->alts, alt);
	parse_member_marks(p, member, alt);
	return member;
}
