/* SPDX-License-Identifier: MIT */
/*
 * Two walks from each call over the types that it leads to.  One knows when the bytes are read:
 * what is read at entry cannot depend on the result.  The other knows the ABI: a row of a number
 * table must not lead to a type that does not exist there.
 */
#include <string.h>

#include "model.h"

enum when {
	WHEN_ARGUMENT_ENTRY, /* in the registers, shown at entry */
	WHEN_ARGUMENT_EXIT,
	WHEN_IN,
	WHEN_OUT,
	WHEN_INOUT,
};

static bool at_entry(enum when when)
{
	return when == WHEN_ARGUMENT_ENTRY || when == WHEN_IN;
}

static void expr_phase(struct checker *c, const struct rexpr *e, enum when when)
{
	if (e && e->uses_result && at_entry(when))
		report(c->program, e->ast->pos, "this is known at entry and cannot use ret or err");
}

static void type_phase(struct checker *c, struct rtype *type, enum when when);

/* Within inout, what is not marked `in` is known at exit. */
static enum when member_when(const struct rfield *field, enum when when)
{
	if (when != WHEN_INOUT)
		return when;
	return field->flags & FIELD_IN ? WHEN_IN : when;
}

static void field_phase(struct checker *c, const struct rfield *field, enum when when)
{
	enum when inner = member_when(field, when);

	expr_phase(c, field->from, inner);
	for (unsigned i = 0; i < field->alts.count; i++) {
		const struct ralt *alt = &field->alts.at[i];
		const struct rtype *type = alt->type;

		expr_phase(c, alt->shown_if, inner);
		if (type->kind == TYPE_POINTER && type->phase == PHASE_IN)
			expr_phase(c, alt->follow, WHEN_IN);
		type_phase(c, alt->type, inner);
	}
}

static void struct_phase(struct checker *c, const struct rstruct *body, enum when when)
{
	expr_phase(c, body->sized, when);
	expr_phase(c, body->align_items, when);
	for (unsigned i = 0; i < body->show.count; i++)
		field_phase(c, body->fields.at[body->show.at[i]], when);
	for (unsigned i = 0; i < body->bodies.count; i++)
		field_phase(c, body->bodies.at[i], when);
}

static void pointer_phase(struct checker *c, const struct rtype *type, enum when when)
{
	static const enum when inside[] = {
		[PHASE_IN] = WHEN_IN, [PHASE_OUT] = WHEN_OUT, [PHASE_INOUT] = WHEN_INOUT
	};

	if (type->phase == PHASE_PASS) {
		if (when == WHEN_ARGUMENT_ENTRY || when == WHEN_ARGUMENT_EXIT)
			report(c->program, type->pos, "pass[] stands inside another pointer only");
		type_phase(c, type->of, when);
		return;
	}
	if (when == WHEN_OUT && type->phase != PHASE_OUT)
		report(c->program, type->pos, "inside out[] only out[] and pass[] can be read");
	type_phase(c, type->of, inside[type->phase]);
}

static void type_phase(struct checker *c, struct rtype *type, enum when when)
{
	if (type->phases_seen & 1u << when)
		return;
	type->phases_seen |= 1u << when;
	expr_phase(c, type->length, when);
	expr_phase(c, type->where, when);
	for (unsigned i = 0; i < type->args.count; i++)
		expr_phase(c, type->args.at[i], when);
	switch (type->kind) {
	case TYPE_POINTER:
		pointer_phase(c, type, when);
		break;
	case TYPE_CHANGE:
		type_phase(c, type->of, when);
		type_phase(c, type->then, when);
		break;
	case TYPE_ARRAY:
	case TYPE_APPLY:
		type_phase(c, type->of, when);
		break;
	case TYPE_STRUCT:
	case TYPE_RECORD:
		struct_phase(c, type->body, when);
		break;
	case TYPE_CHOICE:
		for (unsigned i = 0; i < type->choice->keys.count; i++)
			expr_phase(c, type->choice->keys.at[i], when);
		for (unsigned i = 0; i < type->choice->arms.count; i++)
			type_phase(c, type->choice->arms.at[i].type, when);
		if (type->choice->otherwise)
			type_phase(c, type->choice->otherwise, when);
		break;
	default:
		break;
	}
}

static void form_phase(struct checker *c, const struct rform *form)
{
	for (unsigned i = 0; i < form->args.count; i++)
		field_phase(c, form->args.at[i],
			    i < form->split && !form->above_split ? WHEN_ARGUMENT_ENTRY
								  : WHEN_ARGUMENT_EXIT);
	for (unsigned i = 0; i < form->notes.count; i++)
		field_phase(c, form->notes.at[i], WHEN_OUT);
	if (form->ret)
		type_phase(c, form->ret, WHEN_ARGUMENT_EXIT);
	if (form->key && form->key->uses_result)
		report(c->program, form->key->ast->pos, "arms are chosen at entry");
	for (unsigned i = 0; i < form->arms.count; i++)
		form_phase(c, form->arms.at[i].form);
	if (form->otherwise)
		form_phase(c, form->otherwise);
}

/* ---- existence --------------------------------------------------------------------------- */

struct reach {
	struct checker *c;
	const struct call *call;
	unsigned abi;
};

static void type_reach(const struct reach *r, struct rtype *type);

static bool known_false(const struct reach *r, struct rexpr *e)
{
	int64_t value;

	return e && expr_known(r->c, e, r->abi, &value) && !value;
}

static void field_reach(const struct reach *r, const struct rfield *field)
{
	if (!(field->abis & 1u << r->abi))
		return;
	for (unsigned i = 0; i < field->alts.count; i++) {
		int64_t value;

		if (known_false(r, field->alts.at[i].shown_if))
			continue;
		type_reach(r, field->alts.at[i].type);
		if (field->alts.at[i].shown_if &&
		    expr_known(r->c, field->alts.at[i].shown_if, r->abi, &value))
			break;
	}
}

static void choice_reach(const struct reach *r, const struct rtype *type)
{
	const struct rchoice *choice = type->choice;
	int64_t key = 0;
	bool known = choice->by_abi || (choice->keys.count == 1 &&
					expr_known(r->c, choice->keys.at[0], r->abi, &key));

	if (choice->by_abi)
		key = r->abi;
	for (unsigned i = 0; i < choice->arms.count; i++) {
		const struct rarm *arm = &choice->arms.at[i];

		if (known && (key & arm->masks[0]) != (arm->values[0][r->abi] & arm->masks[0]))
			continue;
		type_reach(r, arm->type);
		if (known)
			return;
	}
	if (choice->otherwise)
		type_reach(r, choice->otherwise);
}

static void type_reach(const struct reach *r, struct rtype *type)
{
	if (type->abis_seen & 1u << r->abi)
		return;
	type->abis_seen |= 1u << r->abi;
	if (!(type->abis & 1u << r->abi) && type->name) {
		report(r->c->program, r->call->pos, "syscall %s needs type %s, which %s lacks",
		       r->call->name, type->name, abi_text(r->abi));
		return;
	}
	if (type->of)
		type_reach(r, type->of);
	if (type->then)
		type_reach(r, type->then);
	if (type->choice)
		choice_reach(r, type);
	if (!type->body)
		return;
	for (unsigned i = 0; i < type->body->fields.count; i++)
		field_reach(r, type->body->fields.at[i]);
	for (unsigned i = 0; i < type->body->bodies.count; i++)
		field_reach(r, type->body->bodies.at[i]);
}

static void form_reach(const struct reach *r, const struct rform *form)
{
	for (unsigned i = 0; i < form->args.count; i++)
		field_reach(r, form->args.at[i]);
	for (unsigned i = 0; i < form->notes.count; i++)
		field_reach(r, form->notes.at[i]);
	if (form->ret)
		type_reach(r, form->ret);
	for (unsigned i = 0; i < form->arms.count; i++)
		if (form->arms.at[i].values[r->abi] != NO_VALUE)
			form_reach(r, form->arms.at[i].form);
	if (form->otherwise)
		form_reach(r, form->otherwise);
}

static void rows_reach(struct checker *c, struct row *const *rows, unsigned count, unsigned abi)
{
	for (unsigned i = 0; i < count; i++) {
		const struct reach r = { c, rows[i]->call, abi };

		if (r.call && r.call->rform)
			form_reach(&r, r.call->rform);
	}
}

void phases_check(struct checker *c)
{
	for (unsigned i = 0; i < c->program->call_list.count; i++)
		if (c->program->call_list.at[i]->rform)
			form_phase(c, c->program->call_list.at[i]->rform);
	for (unsigned i = 0; i < c->program->number_list.count; i++) {
		const struct number_table *table = c->program->number_list.at[i];
		unsigned abis = abis_by_name(table->name);

		if (strcmp(table->name, "socketcall") == 0 || strcmp(table->name, "ipc") == 0)
			abis = abis_by_name("ilp32");
		for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
			if (!(abis & 1u << abi) || strcmp(table->name, "generic") == 0)
				continue;
			rows_reach(c, table->rows.at, table->rows.count, abi);
			rows_reach(c, table->private_rows.at, table->private_rows.count, abi);
		}
	}
}
