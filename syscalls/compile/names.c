/* SPDX-License-Identifier: MIT */
/* Type expressions and named types: from syntax to struct rtype. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* ---- named types ------------------------------------------------------------------------- */

/* What a declaration says, apart from the members of structs, which may refer back to it. */
static void decl_resolve(struct checker *c, struct decl *decl)
{
	struct rtype *type;

	if (decl->resolved)
		return;
	if (decl->resolving) {
		report(c->program, decl->pos, "type %s refers to itself", decl->name);
		return;
	}
	decl->resolving = true;
	decl->scope = mem_alloc(sizeof(*decl->scope));
	decl->scope->decl = decl;
	switch (decl->kind) {
	case DECL_ALIAS:
		type = type_resolve(c, decl->alias, decl->scope);
		if (type->decl && type->decl->params.count) {
			report(c->program, decl->pos, "type %s takes %u parameters",
			       type->decl->name, type->decl->params.count);
			type = type_builtin(c, "int");
		}
		*decl->type = *type;
		break;
	case DECL_BITS:
		type = type_of_bits(c, decl->bits, decl->scope);
		*decl->type = *type;
		break;
	case DECL_HOOK:
		decl->type->kind = TYPE_WALK_HOOK;
		decl->type->hook = decl->hook;
		decl->hook->used |= c->rooted;
		break;
	default:
		break;
	}
	decl->type->decl = decl;
	decl->type->name = decl->name;
	decl->type->abis &= decl->abis;
	decl->resolving = false;
	decl->resolved = true;
}

static void struct_declare(struct checker *c, struct decl *decl)
{
	struct rtype *type = decl->type;

	type->kind = TYPE_STRUCT;
	type->width = 0;
	decl->resolved = true;
	if (decl->kind == DECL_VIEW) {
		view_resolve(c, decl);
		return;
	}
	type->body = struct_new(c, decl->body, decl->name, NULL, decl);
	type->width = decl->body->width;
	if (decl->body->kind == KIND_RECORD) {
		type->kind = TYPE_RECORD;
		type->length = expr_later(c, decl->body->len, type->body->scope);
		if (decl->body->merged)
			type->flags |= TYPE_MERGED;
	}
	LIST_ADD(&c->pending_decls, decl);
}

struct rtype *type_of_decl(struct checker *c, struct decl *decl)
{
	if (c->rooted)
		decl->used = true;
	if (decl->type) {
		if (!decl->resolved && decl->kind == DECL_ALIAS &&
		    decl->alias->kind != NODE_POINTER && decl->alias->kind != NODE_BY &&
		    decl->alias->kind != NODE_ARRAY && decl->alias->kind != NODE_STRUCT)
			decl_resolve(c, decl);
		return decl->type;
	}
	decl->type = type_new(c, TYPE_INT, decl->pos);
	decl->type->width = 4;
	decl->type->decl = decl;
	decl->type->name = decl->name;
	decl->type->abis = decl->abis;
	if (decl->kind == DECL_STRUCT || decl->kind == DECL_VIEW)
		struct_declare(c, decl);
	else
		decl_resolve(c, decl);
	return decl->type;
}

/* Several declarations of one name for different ABIs are a choice by ABI. */
static struct rtype *type_of_variants(struct checker *c, struct decl *first, struct pos pos)
{
	struct rtype *type;
	struct rchoice *choice;
	const char *key = first->name;

	if (!first->next)
		return type_of_decl(c, first);
	type = map_get(&c->type_cache, key);
	if (type) {
		for (struct decl *decl = first; decl; decl = decl->next)
			type_of_decl(c, decl);
		return type;
	}
	type = type_new(c, TYPE_CHOICE, pos);
	type->name = first->name;
	choice = type->choice = mem_alloc(sizeof(*choice));
	choice->pos = pos;
	choice->by_abi = true;
	type->abis = 0;
	map_put(&c->type_cache, key, type);
	for (struct decl *decl = first; decl; decl = decl->next) {
		struct rarm arm = { .pos = decl->pos, .type = type_of_decl(c, decl) };

		type->abis |= decl->abis;
		if (decl->params.count != first->params.count)
			report(c->program, decl->pos, "%s has other parameters at %s:%u",
			       decl->name, first->pos.file, first->pos.line);
		for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
			if (!(decl->abis & 1u << abi))
				continue;
			for (unsigned k = 0; k < ABI_COUNT; k++)
				arm.values[0][k] = abi;
			arm.masks[0] = -1;
			LIST_ADD(&choice->arms, arm);
		}
	}
	return type;
}

static struct rtype *resolve_name(struct checker *c, const struct type_node *node,
				  struct scope *scope)
{
	const char *name = node->view ? mem_format("%s.%s", node->name, node->view) : node->name;
	struct decl *decl = map_get(&c->program->decls, name);
	struct rtype *type, *apply;

	if (!decl && !(node->view || type_builtin(c, name)))
		decl = map_get(&c->program->walks, name);
	if (!decl) {
		type = node->view ? NULL : type_builtin(c, name);
		if (!type)
			report(c->program, node->pos, "unknown type %s", name);
		else if (node->args.count)
			report(c->program, node->pos, "type %s takes 0 parameters", name);
		return type ? type : type_builtin(c, "int");
	}
	type = type_of_variants(c, decl, node->pos);
	if (decl->params.count != node->args.count) {
		report(c->program, node->pos, "type %s takes %u parameter%s, not %u", name,
		       decl->params.count, decl->params.count == 1 ? "" : "s", node->args.count);
		return type_builtin(c, "int");
	}
	if (!node->args.count)
		return type;
	apply = type_new(c, TYPE_APPLY, node->pos);
	apply->of = type;
	for (unsigned i = 0; i < node->args.count; i++) {
		struct rexpr *arg = expr_later(c, node->args.at[i], scope);

		LIST_ADD(&apply->args, arg);
	}
	return apply;
}

/* ---- the other forms --------------------------------------------------------------------- */

/* The rows of an open table stand as if they were written in the place of `by`. */
static struct rtype *resolve_by(struct checker *c, const struct type_node *node,
				struct scope *scope)
{
	struct rtype *type = type_new(c, TYPE_CHOICE, node->pos);
	struct rchoice *choice = type->choice = mem_alloc(sizeof(*choice));
	struct choice_node *from = node->choice;
	struct table *table = NULL;

	choice->pos = node->pos;
	choice->scope = scope;
	for (unsigned i = 0; i < from->keys.count; i++) {
		struct rexpr *key = expr_later(c, from->keys.at[i], scope);

		LIST_ADD(&choice->keys, key);
	}
	if (from->table) {
		table = map_get(&c->program->tables, from->table);
		if (!table) {
			report(c->program, node->pos, "unknown table %s", from->table);
			return type;
		}
		table->used |= c->rooted;
		if (table->keys.count != from->keys.count)
			report(c->program, node->pos, "table %s has %u key%s", table->name,
			       table->keys.count, table->keys.count == 1 ? "" : "s");
		if (table->resolving) {
			report(c->program, table->pos, "table %s contains itself", table->name);
			return type;
		}
		table->resolving = true;
	}
	choice->table = table;
	LIST_ADD(&c->pending_choices, choice);
	for (unsigned i = 0; i < (table ? table->rows.count : from->arms.count); i++) {
		const struct arm_node *arm = table ? table->rows.at[i] : from->arms.at[i];
		struct rarm resolved = { .pos = arm->pos, .keys = { arm->keys[0], arm->keys[1] } };

		resolved.type = type_resolve(c, arm->type, scope);
		LIST_ADD(&choice->arms, resolved);
	}
	if (table ? table->otherwise : from->otherwise)
		choice->otherwise = type_resolve(c, table ? table->otherwise : from->otherwise,
						 scope);
	if (table)
		table->resolving = false;
	return type;
}

static struct rtype *resolve_array(struct checker *c, const struct type_node *node,
				   struct scope *scope)
{
	struct rtype *type = type_new(c, TYPE_ARRAY, node->pos);

	type->of = type_resolve(c, node->of, scope);
	type->extent = node->extent;
	type->length = expr_later(c, node->length, scope);
	type->where = expr_later(c, node->where, scope);
	if (type->where)
		type->where->element = type->of;
	if (node->name)
		type->set = set_find(c, node->name, node->pos);
	return type;
}

static struct rtype *resolve_pointer(struct checker *c, const struct type_node *node,
				     struct scope *scope)
{
	struct rtype *type = type_new(c, TYPE_POINTER, node->pos);

	type->phase = node->phase;
	type->width = WIDTH_WORD;
	if (strstr(node->name, "64")) {
		type->width = 8;
		type->aligned = true;
	}
	type->of = type_resolve(c, node->of, scope);
	return type;
}

static struct rtype *resolve_change(struct checker *c, const struct type_node *node,
				    struct scope *scope)
{
	struct rtype *type = type_new(c, TYPE_CHANGE, node->pos);

	type->width = WIDTH_WORD;
	if (node->of->kind != NODE_POINTER || node->then->kind != NODE_POINTER ||
	    node->of->phase != PHASE_IN || node->then->phase != PHASE_OUT) {
		report(c->program, node->pos, "=> stands between in[...] and out[...]");
		return type_builtin(c, "int");
	}
	type->of = type_resolve(c, node->of, scope);
	type->then = type_resolve(c, node->then, scope);
	return type;
}

static struct rtype *resolve_buffer(struct checker *c, const struct type_node *node,
				    struct scope *scope)
{
	enum desc_type_kind kind = node->kind == NODE_STRING  ? TYPE_STRING
				   : node->kind == NODE_BYTES ? TYPE_BYTES
							      : TYPE_BITSET;
	struct rtype *type = type_new(c, kind, node->pos);

	type->length = expr_later(c, node->length, scope);
	if (kind == TYPE_STRING && strcmp(node->name, "path") == 0)
		type->flags |= TYPE_PATH;
	if (kind == TYPE_BYTES && !node->length)
		type->extent = EXTENT_WINDOW;
	if (kind == TYPE_BITSET) {
		type->width = WIDTH_WORD;
		type->first = node->first;
	}
	return type;
}

static struct rtype *resolve_struct(struct checker *c, const struct type_node *node,
				    struct scope *scope)
{
	struct rtype *type = type_new(c, TYPE_STRUCT, node->pos);

	type->width = node->body->width;
	type->body = struct_new(c, node->body, NULL, scope, NULL);
	struct_resolve(c, type->body, node->body);
	return type;
}

struct rtype *type_resolve(struct checker *c, const struct type_node *node, struct scope *scope)
{
	struct set *set;

	switch (node->kind) {
	case NODE_NAME:
		return resolve_name(c, node, scope);
	case NODE_POINTER:
		return resolve_pointer(c, node, scope);
	case NODE_CHANGE:
		return resolve_change(c, node, scope);
	case NODE_ARRAY:
		return resolve_array(c, node, scope);
	case NODE_STRING:
	case NODE_BYTES:
	case NODE_BITSET:
		return resolve_buffer(c, node, scope);
	case NODE_BY:
		return resolve_by(c, node, scope);
	case NODE_STRUCT:
		return resolve_struct(c, node, scope);
	case NODE_BITS:
		return type_of_bits(c, node->bits, scope);
	case NODE_NOTHING:
		return type_new(c, TYPE_NOTHING, node->pos);
	case NODE_OF:
		set = set_find(c, node->name, node->pos);
		if (!set)
			return type_resolve(c, node->of, scope);
		return type_with_set(c, type_resolve(c, node->of, scope), set, node->pos);
	case NODE_AS:
		return type_shown_as(c, type_resolve(c, node->of, scope), node->name,
				     expr_later(c, node->length, scope), node->pos);
	case NODE_FLAG:
		return type_with_flag(c, type_resolve(c, node->of, scope), node->flag, node->pos);
	case NODE_BUDGET:
		return type_with_budget(c, type_resolve(c, node->of, scope),
					expr_later(c, node->length, scope), node->pos);
	}
	return NULL;
}

/* ---- bits -------------------------------------------------------------------------------- */

static unsigned lowest_bit(uint64_t mask)
{
	unsigned bit = 0;

	while (bit < 63 && !(mask >> bit & 1))
		bit++;
	return bit;
}

/* A name behind the mask is a set if there is one, a type otherwise. */
static void part_take_type(struct checker *c, struct rpart *part, const struct part_node *node,
			   struct scope *scope)
{
	struct rtype *type;

	if (node->type->kind == NODE_NAME && !node->type->view &&
	    map_get(&c->program->sets, node->type->name)) {
		part->set = set_find(c, node->type->name, node->type->pos);
		part->base = part->set->base;
		return;
	}
	if (node->type->kind == NODE_AS && node->type->of->kind == NODE_NAME &&
	    map_get(&c->program->sets, node->type->of->name)) {
		part->set = set_find(c, node->type->of->name, node->type->pos);
		type = type_shown_as(c, type_builtin(c, "uint"), node->type->name, NULL, node->pos);
		part->base = type->base;
		return;
	}
	type = type_resolve(c, node->type, scope);
	if (type->kind != TYPE_INT) {
		report(c->program, node->pos, "a part of bits is a set or a number");
		return;
	}
	part->set = type->set;
	part->base = type->set && type->base == BASE_DEC ? type->set->base : type->base;
	part->is_signed = type->is_signed && !type->set;
}

static uint64_t part_mask(struct checker *c, const struct part_node *node, struct scope *scope,
			  uint64_t all, uint64_t named)
{
	struct rexpr mask = { .ast = node->mask, .scope = scope };
	int64_t value;

	if (!node->mask)
		return all & ~named;
	expr_resolve(c, &mask);
	if (!expr_constant(c, &mask, 0, &value)) {
		report(c->program, node->pos, "a mask is a constant");
		return 0;
	}
	if ((uint64_t)value & ~all)
		report(c->program, node->pos, "mask 0x%llx is wider than the number",
		       (unsigned long long)value);
	if ((uint64_t)value & named)
		report(c->program, node->pos, "mask 0x%llx overlaps with a part before",
		       (unsigned long long)value);
	return (uint64_t)value & all;
}

/* `shifted "28"` says by how much, where a name has zeros below it; else the part begins at bit 0. */
static unsigned part_shift(const struct part_node *part, uint64_t mask)
{
	if (!part->shifted)
		return 0;
	if (part->shown_shift && part->shown_shift[0] >= '0' && part->shown_shift[0] <= '9')
		return (unsigned)(strtoul(part->shown_shift, NULL, 10) & 63);
	return lowest_bit(mask);
}

struct rtype *type_of_bits(struct checker *c, const struct bits_node *node, struct scope *scope)
{
	struct rtype *type = type_new(c, TYPE_BITS, node->pos);
	uint64_t all = node->width < 8 ? (1ull << node->width * 8) - 1 : ~0ull, named = 0;

	type->width = node->width;
	type->is_signed = node->is_signed;
	type->base = node->base;
	type->bits_unknown = node->unknown;
	type->bits_zero = node->zero;
	type->has_bits_set = node->unknown || node->zero;
	for (unsigned i = 0; i < node->parts.count; i++)
		if (node->parts.at[i]->mask)
			named |= part_mask(c, node->parts.at[i], scope, all, named);
	for (unsigned i = 0; i < node->parts.count; i++) {
		const struct part_node *from = node->parts.at[i];
		struct rpart part = { .name = from->name };

		part.mask = part_mask(c, from, scope, all, from->mask ? 0 : named);
		part.shift = part_shift(from, part.mask);
		part.shown_shift = from->shown_shift;
		part.apart = from->apart;
		part.nonzero = from->nonzero;
		part_take_type(c, &part, from, scope);
		LIST_ADD(&type->parts, part);
	}
	return type;
}
