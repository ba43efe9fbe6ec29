/* SPDX-License-Identifier: MIT */
/* Calls: arguments along the path of forms, where the exit half begins, slots. */
#include <string.h>

#include "model.h"

/* As in the engine: arguments of a call over all its forms, and forms on the path. */
#define ARGS_MAX 16u
#define FORMS_MAX 4u

static bool struct_has_in(const struct rtype *type)
{
	switch (type->kind) {
	case TYPE_APPLY:
	case TYPE_ARRAY:
		return type->of && struct_has_in(type->of);
	case TYPE_STRUCT:
		return type->body && type->body->has_in;
	case TYPE_CHOICE:
		for (unsigned i = 0; i < type->choice->arms.count; i++)
			if (struct_has_in(type->choice->arms.at[i].type))
				return true;
		return false;
	default:
		return false;
	}
}

/* Such an argument waits for the end of the call, and so does what stands behind it. */
static bool implies_split(const struct rtype *type)
{
	if (type->kind == TYPE_CHOICE && type->choice->by_abi)
		return implies_split(type->choice->arms.at[0].type);
	if (type->kind == TYPE_APPLY && type->of)
		return implies_split(type->of);
	if (type->kind != TYPE_POINTER)
		return false;
	return type->phase == PHASE_OUT || (type->phase == PHASE_INOUT && !struct_has_in(type->of));
}

static unsigned form_split(const struct rform *form)
{
	if (form->node->has_split)
		return form->node->split;
	for (unsigned i = 0; i < form->args.count; i++)
		for (unsigned k = 0; k < form->args.at[i]->alts.count; k++)
			if (implies_split(form->args.at[i]->alts.at[k].type) &&
			    !(form->args.at[i]->flags & FIELD_KEEP))
				return i;
	return form->args.count;
}

static struct rfield *note_resolve(struct checker *c, const struct note_node *node,
				   struct scope *scope)
{
	struct rfield *field = mem_alloc(sizeof(*field));
	struct ralt alt = { .shown_if = expr_later(c, node->shown_if, scope) };

	field->pos = node->pos;
	field->name = node->label;
	field->abis = ALL_ABIS;
	field->flags = node->flags;
	if (node->at)
		field->flags |= FIELD_AT;
	else if (node->value)
		field->flags |= FIELD_COMPUTED;
	field->from = expr_later(c, node->at ? node->at : node->value, scope);
	alt.type = node->type ? type_resolve(c, node->type, scope)
			      : type_new(c, TYPE_NOTHING, node->pos);
	LIST_ADD(&field->alts, alt);
	return field;
}

static void check_argument_names(struct checker *c, const struct scope *scope,
				 const struct rfield *field, unsigned before)
{
	for (const struct scope *s = scope; s; s = s->parent)
		for (unsigned i = 0; i < (s == scope ? before : s->form->args.count); i++) {
			const struct rfield *other = s->form->args.at[i];

			if (strcmp(field->name, "_") != 0 &&
			    strcmp(field->name, other->name) == 0 && field->abis & other->abis)
				report(c->program, field->pos, "argument %s is already there",
				       field->name);
		}
}

static struct rform *form_resolve(struct checker *c, struct form_node *node, struct rform *above,
				  unsigned depth)
{
	struct rform *form = mem_alloc(sizeof(*form));
	struct scope *scope = form->scope = mem_alloc(sizeof(*scope));

	form->node = node;
	scope->form = form;
	scope->parent = above ? above->scope : NULL;
	scope->same_frame = above;
	scope->first = above ? above->scope->first + above->args.count : 0;
	for (unsigned i = 0; i < node->args.count; i++) {
		struct rfield *field = field_new(c, node->args.at[i]);

		check_argument_names(c, scope, field, i);
		if (field->flags & (FIELD_IN | FIELD_OUT))
			report(c->program, field->pos, "in and out are marks of members");
		LIST_ADD(&form->args, field);
	}
	if (scope->first + form->args.count > ARGS_MAX)
		report(c->program, node->pos, "more than %u arguments", ARGS_MAX);
	if (depth >= FORMS_MAX)
		report(c->program, node->pos, "arms are nested more than %u deep", FORMS_MAX - 1);
	for (unsigned i = 0; i < node->args.count; i++)
		field_resolve(c, form->args.at[i], node->args.at[i], scope);
	form->split_if = expr_later(c, node->split_if, scope);
	if (node->ret)
		form->ret = type_resolve(c, node->ret, scope);
	for (unsigned i = 0; i < node->notes.count; i++) {
		struct rfield *note = note_resolve(c, node->notes.at[i], scope);

		LIST_ADD(&form->notes, note);
	}
	/* An arm without a result has the one that stands behind the arms. */
	if (!form->ret && above) {
		form->ret = above->ret;
		if (!node->notes.count)
			form->notes.at = above->notes.at, form->notes.count = above->notes.count;
	}
	if (!node->key) {
		if (!form->ret)
			report(c->program, node->pos, "no result");
		return form;
	}
	form->key = expr_later(c, node->key, scope);
	for (unsigned i = 0; i < node->arms.count; i++) {
		const struct form_arm_node *arm = node->arms.at[i];
		struct rform_arm resolved = { .pos = arm->pos, .ast = arm->value };

		/* Keys that share an arm share its form. */
		if (i && arm->form == node->arms.at[i - 1]->form)
			resolved.form = form->arms.at[i - 1].form;
		else
			resolved.form = form_resolve(c, arm->form, form, depth + 1);
		LIST_ADD(&form->arms, resolved);
	}
	if (node->otherwise)
		form->otherwise = form_resolve(c, node->otherwise, form, depth + 1);
	else if (!form->ret)
		report(c->program, node->pos, "neither else nor a result behind the arms");
	LIST_ADD(&c->pending_forms, form);
	return form;
}

void call_resolve(struct checker *c, struct call *call)
{
	const struct call *other;

	if (call->form)
		call->rform = form_resolve(c, call->form, NULL, 0);
	if (!call->same_as)
		return;
	other = map_get(&c->program->calls, call->same_as);
	if (!other || !other->form)
		report(c->program, call->pos, "syscall %s is not described", call->same_as);
}

/* ---- slots ------------------------------------------------------------------------------- */

static unsigned field_slots(struct checker *c, const struct rfield *field, unsigned abi)
{
	const struct rtype *type;
	unsigned width;

	if (field->flags & (FIELD_COMPUTED | FIELD_AT) || !(field->abis & 1u << abi))
		return 0;
	if (!field->alts.count)
		return 1;
	type = field->alts.at[0].type;
	while ((type->kind == TYPE_APPLY && type->of) ||
	       (type->kind == TYPE_CHOICE && type->choice->arms.count))
		type = type->kind == TYPE_APPLY ? type->of : type->choice->arms.at[0].type;
	if (type->kind != TYPE_INT && type->kind != TYPE_BITS && type->kind != TYPE_SCALAR_HOOK &&
	    !(type->kind == TYPE_STRUCT && type->width) && type->kind != TYPE_POINTER)
		return 1;
	width = width_of(c, type->width, abi);
	return width == 8 && c->program->abis[abi].word == 4 && c->program->abis[abi].klong == 4
		       ? 2
		       : 1;
}

/* Puts the argument at the next free slot; answers the slot behind it. */
static unsigned field_place(struct checker *c, struct rfield *field, unsigned abi, unsigned next)
{
	unsigned slots = field_slots(c, field, abi);

	if (slots == 2 && c->program->abis[abi].pairs_even)
		next = (next + 1) & ~1u;
	field->place[abi] = next;
	return next + slots;
}

static const struct regs_node *regs_of(const struct call *call, unsigned abi)
{
	for (unsigned i = 0; i < call->regs.count; i++)
		if (call->regs.at[i]->abis & 1u << abi)
			return call->regs.at[i];
	return NULL;
}

static struct rfield *form_argument(const struct rform *form, const char *name, unsigned abi)
{
	for (unsigned i = 0; i < form->args.count; i++)
		if (strcmp(form->args.at[i]->name, name) == 0 && form->args.at[i]->abis & 1u << abi)
			return form->args.at[i];
	return NULL;
}

static unsigned place_by_regs(struct checker *c, const struct rform *form,
			      const struct regs_node *regs, unsigned abi)
{
	unsigned next = 0, placed = 0, wanted = 0;

	for (unsigned i = 0; i < regs->names.count; i++) {
		const struct name_node *name = &regs->names.at[i];
		struct rfield *field = form_argument(form, name->name, abi);

		if (strcmp(name->name, "_") == 0) {
			next++;
		} else if (!field) {
			report(c->program, name->pos, "no argument %s", name->name);
		} else {
			next = field_place(c, field, abi, next);
			placed++;
		}
	}
	for (unsigned i = 0; i < form->args.count; i++)
		wanted += field_slots(c, form->args.at[i], abi) &&
			  strcmp(form->args.at[i]->name, "_") != 0;
	if (placed != wanted)
		report(c->program, regs->pos, "regs names %u of %u arguments", placed, wanted);
	return next;
}

static void form_place(struct checker *c, struct call *call, struct rform *form, unsigned abi,
		       unsigned next, bool is_base)
{
	const struct regs_node *regs = is_base ? regs_of(call, abi) : NULL;

	if (regs)
		next = place_by_regs(c, form, regs, abi);
	for (unsigned i = 0; !regs && i < form->args.count; i++)
		next = field_place(c, form->args.at[i], abi, next);
	if (next > call->slot_count[abi])
		call->slot_count[abi] = next;
	for (unsigned i = 0; i < form->arms.count; i++)
		if (!i || form->arms.at[i].form != form->arms.at[i - 1].form)
			form_place(c, call, form->arms.at[i].form, abi, next, false);
	if (form->otherwise)
		form_place(c, call, form->otherwise, abi, next, false);
}

/* All that follows an argument that waits is shown at exit, in arms as well. */
static void form_place_split(struct rform *form, bool above)
{
	form->above_split = above;
	form->split = above ? 0 : form_split(form);
	for (unsigned i = 0; i < form->arms.count; i++)
		form_place_split(form->arms.at[i].form,
				 above || form->split < form->args.count || form->node->has_split);
	if (form->otherwise)
		form_place_split(form->otherwise,
				 above || form->split < form->args.count || form->node->has_split);
}

void calls_place_arguments(struct checker *c)
{
	for (unsigned i = 0; i < c->program->call_list.count; i++) {
		struct call *call = c->program->call_list.at[i];

		if (call->same_as) {
			for (unsigned abi = 0; abi < ABI_COUNT; abi++)
				call->slot_count[abi] = 1;
			continue;
		}
		if (call->rform)
			form_place_split(call->rform, false);
		for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
			if (call->rform)
				form_place(c, call, call->rform, abi, 0, true);
			if (call->slots)
				call->slot_count[abi] = call->slots;
			if (call->slot_count[abi] > 6)
				report(c->program, call->pos, "%s takes %u slots in %s", call->name,
				       call->slot_count[abi], abi_text(abi));
		}
	}
}
