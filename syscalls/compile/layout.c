/* SPDX-License-Identifier: MIT */
/* Layout: sizes, alignments and offsets as each ABI's C compiler would choose them. */
#include <string.h>

#include "model.h"

unsigned width_of(const struct checker *c, unsigned width, unsigned abi)
{
	if (width == WIDTH_WORD)
		return c->program->abis[abi].word;
	if (width == WIDTH_KLONG)
		return c->program->abis[abi].klong;
	return width;
}

static unsigned round_up(unsigned n, unsigned to)
{
	return to ? (n + to - 1) / to * to : n;
}

static void layout_number(struct checker *c, struct rtype *type)
{
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		unsigned width = width_of(c, type->width, abi);

		type->size[abi] = type->alignment[abi] = width;
		if (width == 8 && !type->aligned)
			type->alignment[abi] = c->program->abis[abi].align64;
		if (!width)
			type->varies[abi] = true;
	}
}

static void layout_bytes(struct checker *c, struct rtype *type)
{
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		int64_t n = 0;

		type->alignment[abi] = 1;
		type->varies[abi] = !type->length || !expr_constant(c, type->length, abi, &n);
		type->size[abi] = type->varies[abi] || n < 0 ? 0 : (unsigned)n;
	}
}

/* The kernel's bitmaps are arrays of words; a few bits alone take the smallest unit that fits. */
static void layout_bitset(struct checker *c, struct rtype *type)
{
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		unsigned unit = c->program->abis[abi].word;
		int64_t n = 0;

		type->varies[abi] = !expr_constant(c, type->length, abi, &n) || n < 0;
		if (type->varies[abi])
			n = 0;
		else if (n <= 32)
			unit = n <= 8 ? 1 : n <= 16 ? 2 : 4;
		type->alignment[abi] = unit;
		type->size[abi] = round_up((unsigned)n, unit * 8) / 8;
	}
}

static void layout_array(struct checker *c, struct rtype *type)
{
	layout_type(c, type->of);
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		int64_t n = 0;

		type->alignment[abi] = type->of->alignment[abi];
		type->varies[abi] = type->extent != EXTENT_COUNT || type->of->varies[abi] ||
				    !expr_constant(c, type->length, abi, &n) || n < 0;
		type->size[abi] = type->varies[abi] ? 0 : type->of->size[abi] * (unsigned)n;
	}
}

static void choice_add(struct checker *c, struct rtype *type, struct rtype *arm, unsigned abi)
{
	if (!(arm->abis & 1u << abi) && type->choice->by_abi)
		return;
	layout_type(c, arm);
	type->varies[abi] |= arm->varies[abi];
	if (arm->size[abi] > type->size[abi])
		type->size[abi] = arm->size[abi];
	if (arm->alignment[abi] > type->alignment[abi])
		type->alignment[abi] = arm->alignment[abi];
}

static bool key_is_abi(const struct rchoice *choice)
{
	return choice->by_abi || (choice->keys.count == 1 && choice->keys.at[0]->ops.count == 1 &&
				  choice->keys.at[0]->ops.at[0].code == OP_ABI);
}

/* A union: as large as its largest arm.  By ABI, only that ABI's arm counts. */
static void layout_choice(struct checker *c, struct rtype *type)
{
	bool by_abi = key_is_abi(type->choice);

	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		bool found = false;

		type->alignment[abi] = 1;
		for (unsigned i = 0; i < type->choice->arms.count; i++) {
			const struct rarm *arm = &type->choice->arms.at[i];

			if (by_abi && arm->values[0][abi] != (int64_t)abi)
				continue;
			found = true;
			choice_add(c, type, arm->type, abi);
		}
		if (type->choice->otherwise && !(by_abi && found))
			choice_add(c, type, type->choice->otherwise, abi);
		if (type->varies[abi])
			type->size[abi] = 0;
	}
}

/* ---- structs ----------------------------------------------------------------------------- */

struct room {
	unsigned size, alignment;
	bool varies;
};

static struct room field_room(struct checker *c, const struct rfield *field, unsigned abi)
{
	struct room room = { 0, 1, false };

	for (unsigned i = 0; i < field->alts.count; i++) {
		struct rtype *type = field->alts.at[i].type;

		layout_type(c, type);
		room.varies |= type->varies[abi];
		if (type->size[abi] > room.size)
			room.size = type->size[abi];
		if (type->alignment[abi] > room.alignment)
			room.alignment = type->alignment[abi];
	}
	return room;
}

static void struct_abi(struct checker *c, struct rstruct *body, unsigned abi)
{
	unsigned offset = 0, end = 0, alignment = 1, members = 0;

	for (unsigned i = 0; i < body->fields.count; i++) {
		struct rfield *field = body->fields.at[i];
		struct room room;

		if (field->flags & (FIELD_COMPUTED | FIELD_AT) || !(field->abis & 1u << abi))
			continue;
		if (body->varies[abi] && body->kind != KIND_OVERLAY &&
		    !(field->flags & FIELD_HIDDEN))
			report(c->program, field->pos, "%s stands behind a member of varying size",
			       field->name);
		room = field_room(c, field, abi);
		if (body->packed & 1u << abi)
			room.alignment = 1;
		if (room.alignment > alignment)
			alignment = room.alignment;
		offset = body->kind == KIND_OVERLAY ? 0 : round_up(end, room.alignment);
		field->place[abi] = offset;
		if (members++ == 1)
			body->second[abi] = offset;
		if (offset + room.size > end)
			end = offset + room.size;
		body->varies[abi] |= room.varies;
		if (offset > UINT16_MAX)
			report(c->program, field->pos, "%s lies beyond 65535", field->name);
	}
	if (members < 2)
		body->second[abi] = end;
	if (body->align > alignment)
		alignment = body->align;
	body->alignment[abi] = alignment;
	/* Items of a record are aligned by the record itself. */
	body->size[abi] = body->varies[abi] || body->kind == KIND_RECORD ? end
									 : round_up(end, alignment);
}

static void layout_struct(struct checker *c, struct rstruct *body)
{
	if (body->laid)
		return;
	if (body->laying) {
		report(c->program, body->pos, "struct %s contains itself",
		       body->name ? body->name : "{}");
		return;
	}
	body->laying = true;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		if (body->abis & 1u << abi)
			struct_abi(c, body, abi);
	body->laid = true;
}

/* Shown on a number, a struct has computed members only and is as wide as the number. */
static void layout_struct_type(struct checker *c, struct rtype *type)
{
	layout_struct(c, type->body);
	if (type->width) {
		for (unsigned i = 0; i < type->body->fields.count; i++)
			if (!(type->body->fields.at[i]->flags & FIELD_COMPUTED)) {
				report(c->program, type->pos,
				       "struct %s has members in memory; it cannot show a number",
				       type->body->name ? type->body->name : "{}");
				break;
			}
		layout_number(c, type);
		return;
	}
	memcpy(type->size, type->body->size, sizeof(type->size));
	memcpy(type->alignment, type->body->alignment, sizeof(type->alignment));
	memcpy(type->varies, type->body->varies, sizeof(type->varies));
}

static void layout_copy(struct checker *c, struct rtype *type, struct rtype *from)
{
	layout_type(c, from);
	memcpy(type->size, from->size, sizeof(type->size));
	memcpy(type->alignment, from->alignment, sizeof(type->alignment));
	memcpy(type->varies, from->varies, sizeof(type->varies));
}

/* A struct whose size is a parameter has one if the parameters are constants: sockaddr(16). */
static void layout_sized(struct checker *c, struct rtype *type)
{
	const struct rstruct *body = type->of->kind == TYPE_STRUCT ? type->of->body : NULL;
	int64_t params[16], size;

	if (!body || !body->sized || type->args.count > 16)
		return;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		unsigned i = 0;

		while (i < type->args.count && expr_constant(c, type->args.at[i], abi, &params[i]))
			i++;
		if (i < type->args.count || !expr_known_with(c, body->sized, abi, params, &size) ||
		    size < 0)
			continue;
		type->size[abi] = (unsigned)size;
		type->varies[abi] = false;
	}
}

void layout_type(struct checker *c, struct rtype *type)
{
	if (type->laid)
		return;
	if (type->laying) {
		report(c->program, type->pos, "type %s contains itself",
		       type->name ? type->name : "here");
		return;
	}
	type->laying = true;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		type->alignment[abi] = 1;
	switch (type->kind) {
	case TYPE_INT:
	case TYPE_BITS:
	case TYPE_POINTER:
	case TYPE_CHANGE:
	case TYPE_SCALAR_HOOK:
		layout_number(c, type);
		break;
	case TYPE_WALK_HOOK:
		if (type->layout_of)
			layout_copy(c, type, type->layout_of);
		else
			layout_bytes(c, type);
		break;
	case TYPE_STRING:
	case TYPE_BYTES:
		layout_bytes(c, type);
		break;
	case TYPE_BITSET:
		layout_bitset(c, type);
		break;
	case TYPE_ARRAY:
		layout_array(c, type);
		break;
	case TYPE_STRUCT:
		layout_struct_type(c, type);
		break;
	case TYPE_RECORD:
		layout_struct(c, type->body);
		memcpy(type->alignment, type->body->alignment, sizeof(type->alignment));
		memcpy(type->size, type->body->size, sizeof(type->size));
		for (unsigned abi = 0; abi < ABI_COUNT; abi++)
			type->varies[abi] = true;
		break;
	case TYPE_CHOICE:
		layout_choice(c, type);
		break;
	case TYPE_APPLY:
		layout_copy(c, type, type->of);
		layout_sized(c, type);
		break;
	case TYPE_NOTHING:
		break;
	}
	type->laid = true;
}

void layout_all(struct checker *c)
{
	for (unsigned i = 0; i < c->types.count; i++)
		layout_type(c, c->types.at[i]);
	for (unsigned i = 0; i < c->structs.count; i++)
		layout_struct(c, c->structs.at[i]);
	for (unsigned i = 0; i < c->exprs.count; i++)
		expr_fold(c, c->exprs.at[i]);
}
