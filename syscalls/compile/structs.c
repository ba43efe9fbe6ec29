/* SPDX-License-Identifier: MIT */
/* Structs, records and views: members, order of showing, the scope that they make. */
#include <string.h>

#include "model.h"

struct rfield *field_new(struct checker *c, const struct member_node *node)
{
	struct rfield *field = mem_alloc(sizeof(*field));

	(void)c;
	field->pos = node->pos;
	field->name = node->name;
	field->flags = node->flags;
	field->abis = node->abis;
	field->count_one = node->count_one;
	field->count_many = node->count_many;
	return field;
}

static bool spliceable(const struct rtype *type)
{
	switch (type->kind) {
	case TYPE_STRUCT:
	case TYPE_RECORD:
	case TYPE_CHOICE:
	case TYPE_APPLY:
	case TYPE_ARRAY:
	case TYPE_WALK_HOOK:
	case TYPE_NOTHING:
		return true;
	default:
		return type->decl && !type->decl->resolved;
	}
}

void field_resolve(struct checker *c, struct rfield *field, const struct member_node *node,
		   struct scope *scope)
{
	if (node->count_one && !(node->flags & FIELD_BRIEF))
		report(c->program, node->pos, "count without brief");
	field->from = expr_later(c, node->from, scope);
	field->keep = expr_later(c, node->keep, scope);
	for (unsigned i = 0; i < node->alts.count; i++) {
		const struct alt_node *from = node->alts.at[i];
		struct ralt alt = { .shown_if = expr_later(c, from->shown_if, scope),
				    .follow = expr_later(c, from->follow, scope) };

		alt.type = type_resolve(c, from->type, scope);
		if (field->flags & FIELD_SPLICED && !spliceable(alt.type))
			report(c->program, field->pos, "_ needs a struct");
		LIST_ADD(&field->alts, alt);
	}
}

static struct rfield *field_find(const struct rstruct *body, const char *name, unsigned *index)
{
	for (unsigned i = 0; i < body->fields.count; i++)
		if (!(body->fields.at[i]->flags & FIELD_SPLICED) &&
		    strcmp(body->fields.at[i]->name, name) == 0) {
			*index = i;
			return body->fields.at[i];
		}
	return NULL;
}

static void add_fields(struct checker *c, struct rstruct *body, const member_list *members)
{
	for (unsigned i = 0; i < members->count; i++) {
		struct rfield *field = field_new(c, members->at[i]);
		unsigned index;
		const struct rfield *before = field_find(body, field->name, &index);

		if (before && before->abis & field->abis && strcmp(field->name, "_") != 0)
			report(c->program, field->pos, "member %s is already there", field->name);
		if (field->flags & FIELD_IN)
			body->has_in = true;
		LIST_ADD(&body->fields, field);
	}
}

struct rstruct *struct_new(struct checker *c, const struct struct_node *node, const char *name,
			   struct scope *parent, const struct decl *decl)
{
	struct rstruct *body = mem_alloc(sizeof(*body));

	body->pos = node->pos;
	body->name = name;
	body->kind = node->kind;
	body->callee = node->callee;
	body->packed = node->packed;
	body->align = node->align;
	body->flat = node->flat;
	body->tail = node->tail;
	body->numbered = node->numbered;
	body->decimal = node->decimal;
	body->deep = node->deep;
	body->date_digits = node->date_digits;
	body->abis = decl ? decl->abis : ALL_ABIS;
	body->scope = mem_alloc(sizeof(*body->scope));
	body->scope->parent = parent;
	body->scope->body = body;
	body->scope->decl = decl && decl->params.count ? decl : NULL;
	add_fields(c, body, &node->members);
	LIST_ADD(&c->structs, body);
	return body;
}

static void show_resolve(struct checker *c, struct rstruct *body, const struct struct_node *node)
{
	for (unsigned i = 0; node->has_show && i < node->show.count; i++) {
		const struct name_node *name = &node->show.at[i];
		unsigned before = body->show.count;

		/* Variants of a member for different ABIs are shown in the same place. */
		for (unsigned index = 0; index < body->fields.count; index++)
			if (strcmp(body->fields.at[index]->name, name->name) == 0)
				LIST_ADD(&body->show, index);
		if (body->show.count == before)
			report(c->program, name->pos, "no member %s", name->name);
	}
	for (unsigned i = 0; !node->has_show && i < body->fields.count; i++)
		if (!(body->fields.at[i]->flags & FIELD_HIDDEN))
			LIST_ADD(&body->show, i);
}

/* A bit-field is a member computed from the number: self >> shift & mask. */
static struct rexpr *bit_field(struct checker *c, struct rstruct *body,
			       const struct member_node *node, unsigned shift)
{
	struct expr *self = mem_alloc(sizeof(*self)), *e = self;

	self->kind = EXPR_NAME;
	self->name = "self";
	self->pos = node->pos;
	for (unsigned step = 0; step < 2; step++) {
		struct expr *number = mem_alloc(sizeof(*number));
		struct expr *binary = mem_alloc(sizeof(*binary));

		number->kind = EXPR_NUMBER;
		number->number = step ? (int64_t)(node->bits < 64 ? (1ull << node->bits) - 1
								  : ~0ull)
				      : (int64_t)shift;
		binary->kind = EXPR_BINARY;
		binary->op = step ? OP_AND : OP_SHR;
		binary->pos = number->pos = node->pos;
		binary->a = e;
		binary->b = number;
		e = binary;
	}
	return expr_later(c, e, body->scope);
}

static void fields_resolve(struct checker *c, struct rstruct *body, const struct struct_node *node)
{
	unsigned shift = 0, width = node->width <= 8 ? node->width * 8 : 64;

	for (unsigned i = 0; i < node->members.count; i++) {
		const struct member_node *member = node->members.at[i];

		if (shift + member->bits > width || !member->bits)
			report(c->program, member->pos, "%s does not fit in %u bits", member->name,
			       width);
		body->fields.at[i]->from = bit_field(c, body, member, shift);
		shift += member->bits;
	}
}

void struct_resolve(struct checker *c, struct rstruct *body, const struct struct_node *node)
{
	for (unsigned i = 0; i < node->members.count; i++)
		field_resolve(c, body->fields.at[i], node->members.at[i], body->scope);
	if (node->kind == KIND_FIELDS)
		fields_resolve(c, body, node);
	body->sized = expr_later(c, node->sized, body->scope);
	body->min = expr_later(c, node->min, body->scope);
	body->fill = node->fill;
	body->date_seconds = expr_later(c, node->date_seconds, body->scope);
	body->date_fraction = expr_later(c, node->date_fraction, body->scope);
	body->align_items = expr_later(c, node->align_items, body->scope);
	for (unsigned i = 0; i < node->bodies.count; i++) {
		struct rfield *field = field_new(c, node->bodies.at[i]);

		field_resolve(c, field, node->bodies.at[i], body->scope);
		LIST_ADD(&body->bodies, field);
	}
	show_resolve(c, body, node);
}

void decl_resolve_members(struct checker *c, struct decl *decl)
{
	bool rooted = c->rooted;

	c->rooted = decl->used;
	struct_resolve(c, decl->type->body, decl->body);
	c->rooted = rooted;
}

/* ---- views ------------------------------------------------------------------------------- */

/* What a view says of a member goes before what the struct says. */
static void view_member(struct checker *c, struct rstruct *body, const struct member_node *node)
{
	struct rfield *field;
	unsigned index;

	field = field_find(body, node->name, &index);
	if (!field && node->alts.at[0]->type && node->flags & (FIELD_COMPUTED | FIELD_AT)) {
		field = field_new(c, node);
		field_resolve(c, field, node, body->scope);
		index = body->fields.count;
		LIST_ADD(&body->fields, field);
	}
	if (!field) {
		report(c->program, node->pos, "no member %s", node->name);
		return;
	}
	field->flags |= node->flags;
	field->flags &= ~(unsigned)FIELD_HIDDEN;
	if (node->flags & FIELD_IN)
		body->has_in = true;
	if (node->count_one) {
		field->count_one = node->count_one;
		field->count_many = node->count_many;
	}
	if (node->keep)
		field->keep = expr_later(c, node->keep, body->scope);
	if (node->alts.at[0]->type && !(node->flags & (FIELD_COMPUTED | FIELD_AT))) {
		field->alts.count = 0;
		field_resolve(c, field, node, body->scope);
	} else {
		for (unsigned i = 0; i < field->alts.count; i++) {
			if (node->alts.at[0]->shown_if)
				field->alts.at[i].shown_if = expr_later(
					c, node->alts.at[0]->shown_if, body->scope);
			if (node->alts.at[0]->follow)
				field->alts.at[i].follow = expr_later(c, node->alts.at[0]->follow,
								      body->scope);
		}
	}
	for (; index < body->fields.count; index++)
		if (strcmp(body->fields.at[index]->name, node->name) == 0)
			LIST_ADD(&body->show, index);
}

/*
 * Members that a view does not show only take their room: what the struct says about showing them
 * may use parameters that the view does not have.
 */
static struct struct_node *view_base(const struct decl *decl, const struct decl *of)
{
	struct struct_node *base = mem_alloc(sizeof(*base));

	*base = *of->body;
	memset(&base->members, 0, sizeof(base->members));
	for (unsigned i = 0; i < of->body->members.count; i++) {
		struct member_node *member = of->body->members.at[i];
		const struct member_node *shown = NULL;

		for (unsigned k = 0; k < decl->body->members.count; k++)
			if (strcmp(decl->body->members.at[k]->name, member->name) == 0)
				shown = decl->body->members.at[k];
		if (!shown || shown->alts.at[0]->type) {
			struct member_node *copy = mem_alloc(sizeof(*copy));

			*copy = *member;
			copy->flags &= FIELD_SPLICED | FIELD_COMPUTED | FIELD_AT;
			copy->flags |= FIELD_HIDDEN;
			copy->keep = NULL;
			member = copy;
		}
		LIST_ADD(&base->members, member);
	}
	if (decl->body->sized)
		base->sized = decl->body->sized;
	if (decl->body->min)
		base->min = decl->body->min;
	if (decl->body->fill)
		base->fill = decl->body->fill;
	if (decl->body->callee)
		base->callee = decl->body->callee;
	base->flat = decl->body->flat;
	base->tail |= decl->body->tail;
	base->numbered |= decl->body->numbered;
	base->decimal |= decl->body->decimal;
	base->deep |= decl->body->deep;
	base->date_seconds = decl->body->date_seconds;
	base->date_fraction = decl->body->date_fraction;
	base->date_digits = decl->body->date_digits;
	base->has_show = true;
	memset(&base->show, 0, sizeof(base->show));
	return base;
}

void view_resolve(struct checker *c, struct decl *decl)
{
	struct decl *of = map_get(&c->program->decls, decl->of);
	struct struct_node *base;

	if (!of || of->kind != DECL_STRUCT || of->body->kind == KIND_RECORD) {
		report(c->program, decl->pos, "no struct %s", decl->of);
		decl->type->kind = TYPE_NOTHING;
		return;
	}
	if (of->next)
		report(c->program, decl->pos, "struct %s differs between ABIs; no view of it",
		       decl->of);
	type_of_decl(c, of);
	if (!decl->params.count)
		decl->params = of->params;
	decl->abis = of->abis;
	decl->type->abis = of->abis;
	base = view_base(decl, of);
	decl->type->body = struct_new(c, base, decl->name, NULL, decl);
	struct_resolve(c, decl->type->body, base);
	for (unsigned i = 0; i < decl->body->members.count; i++)
		view_member(c, decl->type->body, decl->body->members.at[i]);
}
