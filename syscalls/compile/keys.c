/* SPDX-License-Identifier: MIT */
/*
 * Keys of choices and forms: constants, looked up first in the sets of the number that they are
 * compared with.
 */
#include <string.h>

#include "model.h"

/* ---- hints: the sets of what a name is compared with ------------------------------------- */

static void hint_add(struct set_hint *hint, struct set *set)
{
	if (set && hint->count < sizeof(hint->sets) / sizeof(hint->sets[0]))
		hint->sets[hint->count++] = set;
}

void hint_join(struct set_hint *hint, const struct set_hint *other)
{
	for (unsigned i = 0; other && i < other->count; i++)
		hint_add(hint, other->sets[i]);
}

void hint_type(struct set_hint *hint, const struct rtype *type, const char *part)
{
	if (!type)
		return;
	hint_add(hint, type->set);
	for (unsigned i = 0; i < type->parts.count; i++)
		if (!part || (type->parts.at[i].name && strcmp(type->parts.at[i].name, part) == 0))
			hint_add(hint, type->parts.at[i].set);
	if (type->kind == TYPE_POINTER || type->kind == TYPE_APPLY)
		hint_type(hint, type->of, part);
	if (type->kind == TYPE_CHOICE && type->choice) {
		for (unsigned i = 0; i < type->choice->arms.count; i++)
			hint_type(hint, type->choice->arms.at[i].type, part);
		hint_type(hint, type->choice->otherwise, part);
	}
}

void hint_expr(struct set_hint *hint, const struct scope *scope, const struct expr *e)
{
	struct found found;

	if (!e)
		return;
	switch (e->kind) {
	case EXPR_NAME:
	case EXPR_PART:
	case EXPR_DEREF:
		if (scope_find(scope, e->name, &found) && found.field)
			for (unsigned i = 0; i < found.field->alts.count; i++)
				hint_type(hint, found.field->alts.at[i].type, e->part);
		break;
	case EXPR_OLD:
	case EXPR_UNARY:
		hint_expr(hint, scope, e->a);
		break;
	case EXPR_BINARY:
		if (e->op == OP_AND || e->op == OP_SHR || e->op == OP_OR) {
			hint_expr(hint, scope, e->a);
			hint_expr(hint, scope, e->b);
		}
		break;
	case EXPR_COND:
		hint_expr(hint, scope, e->b);
		hint_expr(hint, scope, e->c);
		break;
	default:
		break;
	}
}

/* ---- keys -------------------------------------------------------------------------------- */

/* A key is a constant of the sets that the number it is compared with has. */
static bool key_values(struct checker *c, const struct expr *ast, const struct set_hint *hint,
		       bool is_abi, int64_t *values)
{
	struct rexpr e = { .ast = NULL };
	unsigned errors = c->program->diagnostics.count;
	struct scope none = { .parent = NULL };
	unsigned abis = is_abi && ast->kind == EXPR_NAME ? abis_by_name(ast->name) : 0;

	if (abis && (abis & (abis - 1)) == 0) {
		for (unsigned abi = 0; abi < ABI_COUNT; abi++)
			for (values[abi] = 0; abis != 1u << values[abi];)
				values[abi]++;
		return true;
	}
	code_expr(c, &e, &none, ast, hint);
	if (c->program->diagnostics.count != errors) {
		for (unsigned abi = 0; abi < ABI_COUNT; abi++)
			values[abi] = NO_VALUE;
		return false;
	}
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		if (!expr_constant(c, &e, abi, &values[abi])) {
			report(c->program, ast->pos, "a key is a constant");
			return false;
		}
	return true;
}

/* The number that a key is compared with, NULL if its width is not known here. */
static const struct rtype *key_type(const struct rexpr *key)
{
	const struct rtype *type = NULL;
	struct found found;

	if (key->ast->kind == EXPR_NAME && scope_find(key->scope, key->ast->name, &found) &&
	    found.field && found.field->alts.count == 1)
		type = found.field->alts.at[0].type;
	while (type && type->kind == TYPE_APPLY)
		type = type->of;
	return type && (type->kind == TYPE_INT || type->kind == TYPE_SCALAR_HOOK) ? type : NULL;
}

/* A number read from memory has the sign of its type: so must what it is compared with. */
static void values_fit(struct checker *c, const struct rtype *type, int64_t *values)
{
	for (unsigned abi = 0; type && abi < ABI_COUNT; abi++) {
		unsigned bits = width_of(c, type->width, abi) * 8;
		int64_t sign;

		if (!bits || bits >= 64 || values[abi] == NO_VALUE)
			continue;
		sign = (int64_t)1 << (bits - 1);
		if (type->is_signed && values[abi] >= sign && values[abi] < sign * 2)
			values[abi] -= sign * 2;
		else if (!type->is_signed && values[abi] < 0 && values[abi] >= -sign)
			values[abi] += sign * 2;
	}
}

static bool same_arm(const struct rarm *a, const struct rarm *b, unsigned abi)
{
	for (unsigned k = 0; k < 2; k++)
		if (a->masks[k] != b->masks[k] || a->values[k][abi] != b->values[k][abi] ||
		    (a->masks[k] && a->values[k][abi] == NO_VALUE))
			return false;
	return true;
}

/* Sorting would do, but arms are few except in the tables of ioctls. */
static void check_arms(struct checker *c, const struct rchoice *choice)
{
	for (unsigned i = 0; i < choice->arms.count; i++)
		for (unsigned k = 0; k < i; k++) {
			unsigned abi = 0;

			if (choice->arms.at[i].values[0][0] != choice->arms.at[k].values[0][0])
				continue;
			while (abi < ABI_COUNT &&
			       same_arm(&choice->arms.at[i], &choice->arms.at[k], abi))
				abi++;
			if (abi == ABI_COUNT)
				report(c->program, choice->arms.at[i].pos,
				       "this key is listed already at %s:%u",
				       choice->arms.at[k].pos.file, choice->arms.at[k].pos.line);
		}
}

static bool is_abi_key(const struct rexpr *key)
{
	return key->ops.count == 1 && key->ops.at[0].code == OP_ABI;
}

/* A group of ABIs as a key stands for an arm each. */
static void expand_abi_groups(struct rchoice *choice)
{
	for (unsigned i = 0; i < choice->arms.count; i++) {
		const struct expr *ast = choice->arms.at[i].keys[0].value;
		unsigned abis = ast && ast->kind == EXPR_NAME ? abis_by_name(ast->name) : 0;

		if (!(abis & (abis - 1)))
			continue;
		for (unsigned abi = 0, first = 1; abi < ABI_COUNT; abi++) {
			struct rarm arm = choice->arms.at[i];
			struct expr *one = mem_alloc(sizeof(*one));

			if (!(abis & 1u << abi))
				continue;
			*one = *ast;
			one->name = abi_text(abi);
			arm.keys[0].value = one;
			if (first)
				choice->arms.at[i] = arm;
			else
				LIST_ADD(&choice->arms, arm);
			first = 0;
		}
	}
}

void choice_resolve(struct checker *c, struct rchoice *choice)
{
	struct set_hint hints[2] = { { .count = 0 }, { .count = 0 } };
	const struct rtype *types[2] = { NULL, NULL };
	int64_t mask[ABI_COUNT];

	if (choice->by_abi)
		return;
	if (choice->keys.count == 1 && is_abi_key(choice->keys.at[0]))
		expand_abi_groups(choice);
	for (unsigned k = 0; k < choice->keys.count && k < 2; k++) {
		hint_expr(&hints[k], choice->keys.at[k]->scope, choice->keys.at[k]->ast);
		if (choice->table && k < choice->table->key_types.count)
			hint_type(&hints[k], choice->table->key_types.at[k], NULL);
		types[k] = key_type(choice->keys.at[k]);
		if (!types[k] && choice->table && k < choice->table->key_types.count &&
		    choice->table->key_types.at[k]->kind == TYPE_INT)
			types[k] = choice->table->key_types.at[k];
	}
	for (unsigned i = 0; i < choice->arms.count; i++) {
		struct rarm *arm = &choice->arms.at[i];

		for (unsigned k = 0; k < choice->keys.count && k < 2; k++) {
			arm->masks[k] = arm->keys[k].value ? -1 : 0;
			if (!arm->keys[k].value)
				continue;
			key_values(c, arm->keys[k].value, &hints[k], is_abi_key(choice->keys.at[k]),
				   arm->values[k]);
			values_fit(c, types[k], arm->values[k]);
			if (arm->keys[k].mask &&
			    key_values(c, arm->keys[k].mask, &hints[k], false, mask))
				arm->masks[k] = mask[0];
			for (unsigned abi = 0; abi < ABI_COUNT && arm->masks[k] != -1; abi++)
				arm->values[k][abi] &= arm->masks[k];
		}
	}
	check_arms(c, choice);
}

void form_resolve_keys(struct checker *c, struct rform *form)
{
	struct set_hint hint = { .count = 0 };

	hint_expr(&hint, form->key->scope, form->key->ast);
	for (unsigned i = 0; i < form->arms.count; i++) {
		struct rform_arm *arm = &form->arms.at[i];

		key_values(c, arm->ast, &hint, is_abi_key(form->key), arm->values);
		values_fit(c, key_type(form->key), arm->values);
		for (unsigned k = 0; k < i; k++)
			if (arm->values[0] != NO_VALUE &&
			    memcmp(arm->values, form->arms.at[k].values, sizeof(arm->values)) == 0)
				report(c->program, arm->pos, "this key is listed already at %s:%u",
				       form->arms.at[k].pos.file, form->arms.at[k].pos.line);
	}
}
