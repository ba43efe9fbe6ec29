/* SPDX-License-Identifier: MIT */
/* Types: from syntax to what they are, names looked up, qualifiers applied. */
#include <string.h>

#include "model.h"

static const struct builtin {
	const char *name;
	unsigned width;
	bool is_signed;
	enum desc_base base;
	unsigned flags;
} builtins[] = {
	{ "s8", 1, true, BASE_DEC, 0 },
	{ "u8", 1, false, BASE_DEC, 0 },
	{ "s16", 2, true, BASE_DEC, 0 },
	{ "u16", 2, false, BASE_DEC, 0 },
	{ "s32", 4, true, BASE_DEC, 0 },
	{ "u32", 4, false, BASE_DEC, 0 },
	{ "s64", 8, true, BASE_DEC, 0 },
	{ "u64", 8, false, BASE_DEC, 0 },
	{ "int", 4, true, BASE_DEC, 0 },
	{ "uint", 4, false, BASE_DEC, 0 },
	{ "u16be", 2, false, BASE_DEC, TYPE_BIG_ENDIAN },
	{ "u32be", 4, false, BASE_DEC, TYPE_BIG_ENDIAN },
	{ "u64be", 8, false, BASE_DEC, TYPE_BIG_ENDIAN },
	{ "word", WIDTH_WORD, false, BASE_DEC, 0 },
	{ "sword", WIDTH_WORD, true, BASE_DEC, 0 },
	{ "usize", WIDTH_WORD, false, BASE_DEC, 0 },
	{ "ssize", WIDTH_WORD, true, BASE_DEC, 0 },
	{ "klong", WIDTH_KLONG, true, BASE_DEC, 0 },
	{ "kulong", WIDTH_KLONG, false, BASE_DEC, 0 },
	{ "loff", 8, true, BASE_DEC, 0 },
	{ "addr", WIDTH_WORD, false, BASE_ADDR, 0 },
	{ "addr64", 8, false, BASE_ADDR, 0 }, /* aligned to 8 on every ABI */
};

struct rtype *type_new(struct checker *c, enum desc_type_kind kind, struct pos pos)
{
	struct rtype *type = mem_alloc(sizeof(*type));

	type->kind = kind;
	type->pos = pos;
	type->abis = ALL_ABIS;
	LIST_ADD(&c->types, type);
	return type;
}

static struct rtype *type_copy(struct checker *c, const struct rtype *from, struct pos pos)
{
	struct rtype *type = type_new(c, from->kind, pos);

	*type = *from;
	type->pos = pos;
	type->decl = NULL;
	type->name = NULL;
	return type;
}

struct rtype *type_builtin(struct checker *c, const char *name)
{
	struct rtype *type = map_get(&c->type_cache, name);

	if (type)
		return type;
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
		const struct builtin *b = &builtins[i];

		if (strcmp(b->name, name) != 0)
			continue;
		type = type_new(c, TYPE_INT, (struct pos){ "builtin", 0, 0 });
		type->width = b->width;
		type->is_signed = b->is_signed;
		type->base = b->base;
		type->flags = b->flags;
		type->aligned = strcmp(name, "addr64") == 0;
		map_put(&c->type_cache, b->name, type);
		return type;
	}
	return NULL;
}

struct rexpr *expr_later(struct checker *c, struct expr *ast, struct scope *scope)
{
	struct rexpr *e;

	if (!ast)
		return NULL;
	e = mem_alloc(sizeof(*e));
	e->ast = ast;
	e->scope = scope;
	LIST_ADD(&c->pending_exprs, e);
	LIST_ADD(&c->exprs, e);
	return e;
}

/* ---- qualifiers -------------------------------------------------------------------------- */

/*
 * A qualifier on a compound type is one on the number inside: u32[3] as hex.  `change` answers NULL
 * for a type that it does not fit.
 */
struct change {
	struct rtype *(*apply)(struct checker *c, const struct change *change, struct rtype *type);
	struct pos pos;
	struct set *set;
	const char *as;
	unsigned flag;
	struct rexpr *expr; /* of budget or time */
};

static struct rtype *type_change(struct checker *c, const struct change *change,
				 struct rtype *type);

static struct rchoice *choice_change(struct checker *c, const struct change *change,
				     const struct rchoice *from, bool *fits)
{
	struct rchoice *choice = mem_alloc(sizeof(*choice));

	*choice = *from;
	memset(&choice->arms, 0, sizeof(choice->arms));
	choice->ref = NULL;
	LIST_ADD(&c->pending_choices, choice);
	for (unsigned i = 0; i < from->arms.count; i++) {
		struct rarm arm = from->arms.at[i];
		struct rtype *changed = type_change(c, change, arm.type);

		if (changed) {
			*fits = true;
			arm.type = changed;
		}
		LIST_ADD(&choice->arms, arm);
	}
	if (choice->otherwise) {
		struct rtype *changed = type_change(c, change, choice->otherwise);

		if (changed) {
			*fits = true;
			choice->otherwise = changed;
		}
	}
	return choice;
}

static struct rtype *type_change(struct checker *c, const struct change *change, struct rtype *type)
{
	struct rtype *changed = change->apply(c, change, type);
	struct rtype *of = NULL;

	if (changed)
		return changed;
	if (type->kind == TYPE_CHOICE && type->choice) {
		bool fits = false;
		struct rchoice *choice = choice_change(c, change, type->choice, &fits);

		if (!fits)
			return NULL;
		changed = type_copy(c, type, change->pos);
		changed->choice = choice;
		return changed;
	}
	if (type->kind != TYPE_POINTER && type->kind != TYPE_ARRAY && type->kind != TYPE_APPLY)
		return NULL;
	if (type->of)
		of = type_change(c, change, type->of);
	if (!of)
		return NULL;
	changed = type_copy(c, type, change->pos);
	changed->of = of;
	return changed;
}

static struct rtype *apply_set(struct checker *c, const struct change *change, struct rtype *type)
{
	if (type->kind != TYPE_INT && type->kind != TYPE_BITSET)
		return NULL;
	type = type_copy(c, type, change->pos);
	type->set = change->set;
	return type;
}

struct rtype *type_with_set(struct checker *c, struct rtype *type, struct set *set, struct pos pos)
{
	const struct change change = { .apply = apply_set, .pos = pos, .set = set };
	struct rtype *changed = type_change(c, &change, type);

	if (changed)
		return changed;
	report(c->program, pos, "of %s: this type is not a number", set->name);
	return type;
}

static const struct {
	const char *word;
	enum desc_base base;
	enum desc_role role;
} shown_as[] = {
	{ "hex", BASE_HEX, ROLE_NONE },     { "dec", BASE_DEC, ROLE_NONE },
	{ "oct", BASE_OCT, ROLE_NONE },     { "oct3", BASE_OCT3, ROLE_NONE },
	{ "pad", BASE_PAD_HEX, ROLE_NONE }, { "fd", BASE_DEC, ROLE_FD },
	{ "dirfd", BASE_DEC, ROLE_DIRFD },  { "pid", BASE_DEC, ROLE_PID },
	{ "time", BASE_DEC, ROLE_TIME },    { "date", BASE_DEC, ROLE_DATE },
	{ "id", BASE_DEC, ROLE_ID },
};

static struct rtype *apply_word(struct checker *c, const struct change *change, struct rtype *type)
{
	for (size_t i = 0; i < sizeof(shown_as) / sizeof(shown_as[0]); i++) {
		if (strcmp(change->as, shown_as[i].word) != 0)
			continue;
		if (type->kind == TYPE_BYTES && shown_as[i].base == BASE_HEX) {
			type = type_copy(c, type, change->pos);
			type->flags |= TYPE_IN_HEX;
			return type;
		}
		if (type->kind != TYPE_INT && type->kind != TYPE_BITSET && type->kind != TYPE_BITS)
			return NULL;
		type = type_copy(c, type, change->pos);
		if (shown_as[i].role) {
			type->role = shown_as[i].role;
			if (type->role == ROLE_TIME)
				type->length = change->expr;
		} else {
			type->base = shown_as[i].base;
		}
		return type;
	}
	return NULL;
}

/* A hook, a struct whose members are computed from the number, or bits. */
static struct rtype *apply_name(struct checker *c, const struct change *change, struct rtype *type)
{
	struct hook *hook = map_get(&c->program->hooks, change->as);
	struct decl *decl = map_get(&c->program->decls, change->as);
	struct decl *walk = map_get(&c->program->walks, change->as);
	struct rtype *other;

	if (type->kind == TYPE_INT && hook) {
		type = type_copy(c, type, change->pos);
		type->kind = TYPE_SCALAR_HOOK;
		type->hook = hook;
		hook->used |= c->rooted;
		return type;
	}
	if (walk && (type->kind == TYPE_BYTES || (type->kind == TYPE_STRUCT && !type->width))) {
		other = type_copy(c, type_of_decl(c, walk), change->pos);
		if (type->kind == TYPE_BYTES)
			other->length = type->length;
		else
			other->layout_of = type;
		return other;
	}
	if (!decl || type->kind != TYPE_INT ||
	    (decl->kind != DECL_STRUCT && decl->kind != DECL_BITS))
		return NULL;
	other = type_copy(c, type_of_decl(c, decl), change->pos);
	other->name = decl->name;
	other->width = type->width;
	other->is_signed = type->is_signed;
	return other;
}

struct rtype *type_shown_as(struct checker *c, struct rtype *type, const char *as,
			    struct rexpr *fraction, struct pos pos)
{
	struct change change = { .apply = apply_word, .pos = pos, .as = as, .expr = fraction };
	struct rtype *changed = NULL;
	bool is_word = false;

	for (size_t i = 0; i < sizeof(shown_as) / sizeof(shown_as[0]); i++)
		is_word |= strcmp(as, shown_as[i].word) == 0;
	if (is_word) {
		changed = type_change(c, &change, type);
	} else if (!map_get(&c->program->hooks, as) && !map_get(&c->program->decls, as) &&
		   !map_get(&c->program->walks, as)) {
		report(c->program, pos, "unknown hook %s", as);
		return type;
	} else {
		change.apply = apply_name;
		changed = type_change(c, &change, type);
	}
	if (changed)
		return changed;
	report(c->program, pos, "as %s does not fit this type", as);
	return type;
}

static struct rtype *apply_flag(struct checker *c, const struct change *change, struct rtype *type)
{
	if (change->flag == TYPE_SHIFTED && (type->kind != TYPE_INT || !type->set))
		return NULL;
	if (change->flag == TYPE_COMPLEMENT && type->kind != TYPE_BITSET)
		return NULL;
	if (!change->flag && type->kind != TYPE_INT && type->kind != TYPE_BITS &&
	    type->kind != TYPE_POINTER && type->kind != TYPE_SCALAR_HOOK)
		return NULL;
	type = type_copy(c, type, change->pos);
	type->flags |= change->flag;
	if (!change->flag)
		type->aligned = true;
	return type;
}

struct rtype *type_with_flag(struct checker *c, struct rtype *type, unsigned flag, struct pos pos)
{
	const struct change change = { .apply = apply_flag, .pos = pos, .flag = flag };
	struct rtype *changed = type_change(c, &change, type);

	if (changed)
		return changed;
	report(c->program, pos, "%s does not fit this type",
	       flag == TYPE_SHIFTED      ? "shifted"
	       : flag == TYPE_COMPLEMENT ? "complement"
					 : "aligned");
	return type;
}

static struct rtype *apply_budget(struct checker *c, const struct change *change,
				  struct rtype *type)
{
	if (type->kind != TYPE_POINTER && type->kind != TYPE_ARRAY)
		return NULL;
	type = type_copy(c, type, change->pos);
	type->budget = change->expr;
	return type;
}

struct rtype *type_with_budget(struct checker *c, struct rtype *type, struct rexpr *budget,
			       struct pos pos)
{
	const struct change change = { .apply = apply_budget, .pos = pos, .expr = budget };
	struct rtype *changed = type_change(c, &change, type);

	if (changed)
		return changed;
	report(c->program, pos, "budget does not fit this type");
	return type;
}
