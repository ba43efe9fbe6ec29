/* SPDX-License-Identifier: MIT */
/* Types, members, sets and expressions as C initializers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"

/* ---- expressions ------------------------------------------------------------------------- */

static const char *const op_names[] = {
	[OP_END] = "OP_END",
	[OP_CONST] = "OP_CONST",
	[OP_ABI_CONST] = "OP_ABI_CONST",
	[OP_FIELD] = "OP_FIELD",
	[OP_PARAM] = "OP_PARAM",
	[OP_DEREF] = "OP_DEREF",
	[OP_OLD_FIELD] = "OP_OLD_FIELD",
	[OP_OLD_DEREF] = "OP_OLD_DEREF",
	[OP_RET] = "OP_RET",
	[OP_ERR] = "OP_ERR",
	[OP_INDEX] = "OP_INDEX",
	[OP_AVAIL] = "OP_AVAIL",
	[OP_SELF] = "OP_SELF",
	[OP_ABI] = "OP_ABI",
	[OP_SP] = "OP_SP",
	[OP_VIA_IPC] = "OP_VIA_IPC",
	[OP_NOT] = "OP_NOT",
	[OP_NEG] = "OP_NEG",
	[OP_INV] = "OP_INV",
	[OP_MUL] = "OP_MUL",
	[OP_DIV] = "OP_DIV",
	[OP_MOD] = "OP_MOD",
	[OP_ADD] = "OP_ADD",
	[OP_SUB] = "OP_SUB",
	[OP_SHL] = "OP_SHL",
	[OP_SHR] = "OP_SHR",
	[OP_LT] = "OP_LT",
	[OP_LE] = "OP_LE",
	[OP_GT] = "OP_GT",
	[OP_GE] = "OP_GE",
	[OP_EQ] = "OP_EQ",
	[OP_NE] = "OP_NE",
	[OP_AND] = "OP_AND",
	[OP_XOR] = "OP_XOR",
	[OP_OR] = "OP_OR",
	[OP_LAND] = "OP_LAND",
	[OP_LOR] = "OP_LOR",
	[OP_COND] = "OP_COND",
	[OP_NETLINK] = "OP_NETLINK",
	[OP_FIELD_AND] = "OP_FIELD_AND",
	[OP_EQ_CONST] = "OP_EQ_CONST",
	[OP_NE_CONST] = "OP_NE_CONST",
};

static void add_op(struct emitter *e, struct text *text, const struct rop *op)
{
	if (op->code == OP_CONST && !emit_same(op->values)) {
		text_add(text, "{.code = OP_ABI_CONST, .table = %s}, ", emit_table(e, op->values));
		return;
	}
	text_add(text, "{.code = %s", op_names[op->code]);
	if (op->code == OP_CONST || op->code == OP_FIELD_AND || op->code == OP_EQ_CONST ||
	    op->code == OP_NE_CONST)
		text_add(text, ", .k = %s", emit_number(op->values[0]));
	if (op->depth)
		text_add(text, ", .depth = %u", op->depth);
	if (op->index)
		text_add(text, ", .index = %u", op->index);
	text_add(text, "}, ");
}

/*
 * The operation at `at`, or those from there on that have one of their own to do the same; returns
 * how many they are.
 */
static unsigned fuse_ops(const struct rop *at, unsigned left, struct rop *fused)
{
	*fused = *at;
	if (left >= 3 && at[0].code == OP_FIELD && at[1].code == OP_CONST && at[2].code == OP_AND &&
	    emit_same(at[1].values)) {
		fused->code = OP_FIELD_AND;
		memcpy(fused->values, at[1].values, sizeof(fused->values));
		return 3;
	}
	if (left >= 2 && at[0].code == OP_CONST && emit_same(at[0].values) &&
	    (at[1].code == OP_EQ || at[1].code == OP_NE)) {
		fused->code = at[1].code == OP_EQ ? OP_EQ_CONST : OP_NE_CONST;
		return 2;
	}
	return 1;
}

const char *emit_expr(struct emitter *e, struct rexpr *expr)
{
	struct text text = { NULL, 0, 0 };
	struct rop op;

	if (!expr)
		return "NULL";
	if (expr->ref)
		return expr->ref;
	text_add(&text, "{");
	for (unsigned i = 0; i < expr->ops.count;) {
		i += fuse_ops(&expr->ops.at[i], expr->ops.count - i, &op);
		add_op(e, &text, &op);
	}
	text_add(&text, "{.code = OP_END}}");
	expr->ref = emit_define(e, "struct desc_op ", "x", true, text.at);
	return expr->ref;
}

static const char *emit_exprs(struct emitter *e, struct rexpr *const *exprs, unsigned count)
{
	struct text text = { NULL, 0, 0 };

	for (unsigned i = 0; i < count; i++)
		text_add(&text, "%s%s", i ? ", " : "{", emit_expr(e, exprs[i]));
	text_add(&text, "}");
	return emit_define(e, "struct desc_op *const ", "xs", true, text.at);
}

/* ---- sets -------------------------------------------------------------------------------- */

static const char *const base_names[] = {
	[BASE_DEC] = "BASE_DEC",   [BASE_HEX] = "BASE_HEX",         [BASE_OCT] = "BASE_OCT",
	[BASE_OCT3] = "BASE_OCT3", [BASE_PAD_HEX] = "BASE_PAD_HEX", [BASE_ADDR] = "BASE_ADDR",
};

struct place {
	const struct entry *entry;
	int64_t value;
	unsigned order;
};

static int place_order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Flags as written; an enum by value, where of two names for one value the first written is left. */
static unsigned emit_entries(struct emitter *e, const struct set *set, unsigned abi,
			     const char **name)
{
	struct place *places = mem_alloc((set->entries.count + 1) * sizeof(*places));
	struct text text = { NULL, 0, 0 };
	unsigned count = 0, written = 0;

	for (unsigned i = 0; i < set->entries.count; i++)
		if (set->entries.at[i]->abis & 1u << abi)
			places[count++] = (struct place){ set->entries.at[i],
							  set->entries.at[i]->values[abi], i };
	if (set->kind == SET_ENUM)
		qsort(places, count, sizeof(*places), place_order);
	text_add(&text, "{\n");
	for (unsigned i = 0; i < count; i++) {
		if (set->kind == SET_ENUM && i && places[i].value == places[i - 1].value)
			continue;
		written++;
		text_add(&text,
			 places[i].value < 0 ? "\t{\"%s\", (uint64_t)%s},\n" : "\t{\"%s\", %s},\n",
			 places[i].entry->name, emit_number(places[i].value));
	}
	text_add(&text, "}");
	*name = written ? emit_define(e, "struct desc_entry ", "e", true, text.at) : "NULL";
	free(places);
	return written;
}

const char *emit_set(struct emitter *e, struct set *set)
{
	struct text text = { NULL, 0, 0 };

	if (set->ref)
		return set->ref;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		const char *name;
		unsigned count = emit_entries(e, set, abi, &name);

		text_add(&text, "%s{%s, %u}", abi ? ", " : "{", name, count);
	}
	text_add(&text, "}");
	text_add(&e->out,
		 "static const struct desc_set set_%s = {\n\t.name = \"%s\",\n\t.kind = %s,\n"
		 "\t.base = %s,\n%s\t.unknown = %s,\n\t.zero = %s,\n\t.by_abi = %s,\n};\n",
		 set->name, set->name, set->kind == SET_ENUM ? "SET_ENUM" : "SET_FLAGS",
		 base_names[set->base], set->comment ? "\t.comment = true,\n" : "",
		 emit_string(set->unknown), emit_string(set->zero), text.at);
	set->ref = mem_format("&set_%s", set->name);
	return set->ref;
}

/* `bits ... unknown "X"`: a set without entries carries it. */
static const char *emit_bits_set(struct emitter *e, const struct rtype *type)
{
	return mem_format(
		"&%s",
		emit_define(e, "struct desc_set ", "bs", false,
			    mem_format("{.kind = SET_FLAGS, .base = %s, .unknown = %s, "
				       ".zero = %s}",
				       base_names[type->base], emit_string(type->bits_unknown),
				       emit_string(type->bits_zero))));
}

/* ---- members ----------------------------------------------------------------------------- */

static const char *emit_flags(unsigned flags, const char *const *names)
{
	struct text text = { NULL, 0, 0 };

	for (unsigned bit = 0; names[bit]; bit++)
		if (flags & 1u << bit)
			text_add(&text, "%s%s", text.len ? " | " : "", names[bit]);
	return text.len ? text.at : "0";
}

static const char *const field_flags[] = {
	"FIELD_VERBOSE", "FIELD_NONZERO",  "FIELD_KEEP",    "FIELD_IN",
	"FIELD_OUT",     "FIELD_HIDDEN",   "FIELD_SPLICED", "FIELD_BARE",
	"FIELD_BRIEF",   "FIELD_COMPUTED", "FIELD_AT",      "FIELD_SKIPPED",
	"FIELD_PLAIN",   "FIELD_POINTER",  "FIELD_ALWAYS",  NULL,
};

static const char *emit_alts(struct emitter *e, const struct rfield *field)
{
	struct text text = { NULL, 0, 0 };

	for (unsigned i = 0; i < field->alts.count; i++) {
		const struct ralt *alt = &field->alts.at[i];

		text_add(&text, "%s{%s, %s, %s}", i ? ", " : "{", emit_expr(e, alt->shown_if),
			 emit_expr(e, alt->follow), emit_type(e, alt->type));
	}
	text_add(&text, "}");
	return field->alts.count ? emit_define(e, "struct desc_alt ", "a", true, text.at) : "NULL";
}

static const char *emit_places(struct emitter *e, const unsigned *places)
{
	struct text text = { NULL, 0, 0 };

	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		text_add(&text, "%s%u", abi ? ", " : "{", places[abi]);
	text_add(&text, "}");
	return emit_define(e, "uint16_t ", "p", true, text.at);
}

static const char *emit_sizes(struct emitter *e, const unsigned *sizes)
{
	struct text text = { NULL, 0, 0 };

	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		text_add(&text, "%s%u", abi ? ", " : "{", sizes[abi]);
	text_add(&text, "}");
	return emit_define(e, "uint32_t ", "s", true, text.at);
}

unsigned field_shape(const struct rfield *field)
{
	const struct rtype *type;

	unsigned always;

	if (field->flags & ~(unsigned)(FIELD_VERBOSE | FIELD_BARE) || field->alts.count != 1 ||
	    field->alts.at[0].follow)
		return 0;
	type = field->alts.at[0].type;
	always = field->alts.at[0].shown_if ? 0 : FIELD_ALWAYS;
	if ((type->kind == TYPE_INT || type->kind == TYPE_BITS) && type->width && !type->length &&
	    !(type->flags & TYPE_BIG_ENDIAN))
		return FIELD_PLAIN | always;
	if (type->kind == TYPE_POINTER && (!type->width || type->width == WIDTH_WORD) &&
	    type->phase != PHASE_INOUT)
		return FIELD_POINTER | always;
	return 0;
}

static void add_field(struct emitter *e, struct text *text, const struct rfield *field, bool places)
{
	unsigned marks = field->flags | (places ? field_shape(field) : 0);

	text_add(text, "\t{.name = %s, ", emit_string(field->name));
	if (marks)
		text_add(text, ".flags = %s, ", emit_flags(marks, field_flags));
	text_add(text, ".abis = 0x%x", field->abis);
	if (field->alts.count)
		text_add(text, ", .alts = %s, .alt_count = %u", emit_alts(e, field),
			 field->alts.count);
	if (field->from)
		text_add(text, ", .from = %s", emit_expr(e, field->from));
	if (field->keep)
		text_add(text, ", .keep = %s", emit_expr(e, field->keep));
	if (field->count_one)
		text_add(text, ", .count_one = %s, .count_many = %s", emit_string(field->count_one),
			 emit_string(field->count_many));
	if (places)
		text_add(text, ", .place = %s", emit_places(e, field->place));
	text_add(text, "},\n");
}

const char *emit_fields(struct emitter *e, struct rfield *const *fields, unsigned count,
			bool places)
{
	struct text text = { NULL, 0, 0 };

	if (!count)
		return "NULL";
	text_add(&text, "{\n");
	for (unsigned i = 0; i < count; i++)
		add_field(e, &text, fields[i], places);
	text_add(&text, "}");
	return emit_define(e, "struct desc_field ", "f", true, text.at);
}

/* ---- structs ----------------------------------------------------------------------------- */

/* `min`: bytes below which only the address is shown. */
static const char *emit_min(struct emitter *e, const struct rstruct *body)
{
	unsigned min[ABI_COUNT];

	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		int64_t value = body->second[abi];

		if (body->min && !expr_constant(e->checker, body->min, abi, &value))
			value = 0;
		min[abi] = (unsigned)value;
	}
	return emit_sizes(e, min);
}

static const char *emit_show(struct emitter *e, const struct rstruct *body)
{
	struct text text = { NULL, 0, 0 };

	for (unsigned i = 0; i < body->show.count; i++)
		text_add(&text, "%s%u", i ? ", " : "{", body->show.at[i]);
	text_add(&text, "}");
	return body->show.count ? emit_define(e, "uint16_t ", "w", true, text.at) : "NULL";
}

/* What abbreviation leaves of a struct, so that the engine need not pass over the rest each time. */
static void add_brief(struct emitter *e, struct text *out, const struct rstruct *body)
{
	struct text text = { NULL, 0, 0 };
	unsigned count = 0, left_out = 0;

	for (unsigned i = 0; i < body->show.count; i++) {
		const struct rfield *field = body->fields.at[body->show.at[i]];

		if ((field->flags & (FIELD_VERBOSE | FIELD_NONZERO)) == FIELD_VERBOSE)
			left_out |= field->abis;
		else
			text_add(&text, "%s%u", count++ ? ", " : "{", body->show.at[i]);
	}
	if (!left_out || !count)
		return;
	text_add(&text, "}");
	text_add(out, ", .brief = %s, .brief_count = %u, .left_out = 0x%x",
		 emit_define(e, "uint16_t ", "w", true, text.at), count, left_out);
}

/* The type that a member is first of all, without its parameters. */
static const struct rtype *first_type(const struct rfield *field)
{
	const struct rtype *type = field->alts.count ? field->alts.at[0].type : NULL;

	while (type && type->kind == TYPE_APPLY)
		type = type->of;
	return type;
}

/* Is the size known here in every ABI?  What the last member takes decides. */
static bool struct_is_fixed(const struct rstruct *body)
{
	if (body->sized)
		return false;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		const struct rtype *last = NULL;

		if (!(body->abis & 1u << abi))
			continue;
		for (unsigned i = 0; i < body->fields.count; i++) {
			const struct rfield *field = body->fields.at[i];

			if (!(field->flags & (FIELD_COMPUTED | FIELD_AT)) &&
			    field->abis & 1u << abi)
				last = first_type(field);
		}
		if (body->varies[abi] || (last && (last->varies[abi] || !last->size[abi])))
			return false;
	}
	return true;
}

static unsigned struct_flags(const struct rstruct *body)
{
	return (struct_is_fixed(body) ? STRUCT_FIXED : 0u) | (body->has_in ? STRUCT_HAS_IN : 0u) |
	       (body->kind == KIND_OVERLAY ? STRUCT_OVERLAY : 0u) |
	       (body->flat ? STRUCT_FLAT : 0u) | (body->numbered ? STRUCT_NUMBERED : 0u) |
	       (body->decimal ? STRUCT_DECIMAL : 0u) | (body->deep ? STRUCT_DEEP : 0u) |
	       (body->tail ? STRUCT_TAIL : 0u);
}

static const char *emit_struct(struct emitter *e, struct rstruct *body)
{
	static const char *const flags[] = { "STRUCT_HAS_IN",   "STRUCT_OVERLAY", "STRUCT_FLAT",
					     "STRUCT_NUMBERED", "STRUCT_TAIL",    "STRUCT_FIXED",
					     "STRUCT_DECIMAL",  "STRUCT_DEEP",    NULL };
	struct text text = { NULL, 0, 0 };

	if (body->ref)
		return body->ref;
	text_add(&text,
		 "{.name = %s, .fields = %s, .field_count = %u, .show = %s, .show_count = %u",
		 emit_string(body->name), emit_fields(e, body->fields.at, body->fields.count, true),
		 body->fields.count, emit_show(e, body), body->show.count);
	add_brief(e, &text, body);
	if (struct_flags(body))
		text_add(&text, ", .flags = %s", emit_flags(struct_flags(body), flags));
	if (body->callee)
		text_add(&text, ", .callee = %s", emit_string(body->callee));
	if (body->sized)
		text_add(&text, ", .sized = %s, .min = %s", emit_expr(e, body->sized),
			 emit_min(e, body));
	if (body->fill)
		text_add(&text, ", .fill = %u", body->fill);
	if (body->date_seconds)
		text_add(&text, ", .date_seconds = %s, .date_fraction = %s, .date_digits = %u",
			 emit_expr(e, body->date_seconds), emit_expr(e, body->date_fraction),
			 body->date_digits);
	if (body->align_items)
		text_add(&text, ", .align = %s", emit_expr(e, body->align_items));
	if (body->bodies.count)
		text_add(&text, ", .bodies = %s, .body_count = %u",
			 emit_fields(e, body->bodies.at, body->bodies.count, false),
			 body->bodies.count);
	text_add(&text, "}");
	body->ref = mem_format("&%s", emit_define(e, "struct desc_struct ", "b", false, text.at));
	return body->ref;
}

/* ---- types ------------------------------------------------------------------------------- */

static const char *const kind_names[] = {
	[TYPE_INT] = "INT",
	[TYPE_BITS] = "BITS",
	[TYPE_POINTER] = "POINTER",
	[TYPE_CHANGE] = "CHANGE",
	[TYPE_STRING] = "STRING",
	[TYPE_BYTES] = "BYTES",
	[TYPE_ARRAY] = "ARRAY",
	[TYPE_STRUCT] = "STRUCT",
	[TYPE_RECORD] = "RECORD",
	[TYPE_BITSET] = "BITSET",
	[TYPE_CHOICE] = "CHOICE",
	[TYPE_APPLY] = "APPLY",
	[TYPE_SCALAR_HOOK] = "SCALAR_HOOK",
	[TYPE_WALK_HOOK] = "WALK_HOOK",
	[TYPE_NOTHING] = "NOTHING",
};

static const char *emit_parts(struct emitter *e, const struct rtype *type)
{
	struct text text = { NULL, 0, 0 };

	text_add(&text, "{\n");
	for (unsigned i = 0; i < type->parts.count; i++) {
		const struct rpart *part = &type->parts.at[i];

		text_add(&text, "\t{.name = %s, .mask = 0x%" PRIx64 "%s, .shift = %u, .base = %s",
			 emit_string(part->name), part->mask, part->mask >> 63 ? "u" : "",
			 part->shift, base_names[part->base]);
		text_add(&text, "%s%s%s", part->nonzero ? ", .nonzero = true" : "",
			 part->apart ? ", .apart = true" : "",
			 part->is_signed ? ", .is_signed = true" : "");
		if (part->set)
			text_add(&text, ", .set = %s", emit_set(e, part->set));
		if (part->shown_shift)
			text_add(&text, ", .shown_shift = %s", emit_string(part->shown_shift));
		text_add(&text, "},\n");
	}
	text_add(&text, "}");
	return emit_define(e, "struct desc_part ", "q", true, text.at);
}

static void add_arm(struct emitter *e, struct text *text, const struct rarm *arm, unsigned keys)
{
	text_add(text, "\t{.match = {");
	for (unsigned k = 0; k < keys; k++) {
		text_add(text, "%s{.value = %s, .mask = %s", k ? ", " : "",
			 emit_number(arm->values[k][0]), emit_number(arm->masks[k]));
		if (!emit_same(arm->values[k]))
			text_add(text, ", .by_abi = %s", emit_table(e, arm->values[k]));
		text_add(text, "}");
	}
	text_add(text, "}, .type = %s},\n", emit_type(e, arm->type));
}

static const char *emit_choice(struct emitter *e, struct rchoice *choice)
{
	static const char by_abi[] = "{{.code = OP_ABI}, {.code = OP_END}}";
	struct text text = { NULL, 0, 0 };
	unsigned keys = choice->by_abi ? 1 : choice->keys.count;
	const char *key_list, *arms;

	if (choice->ref)
		return choice->ref;
	if (choice->by_abi)
		key_list = emit_define(
			e, "struct desc_op *const ", "xs", true,
			mem_format("{%s}", emit_define(e, "struct desc_op ", "x", true, by_abi)));
	else
		key_list = emit_exprs(e, choice->keys.at, choice->keys.count);
	text_add(&text, "{\n");
	for (unsigned i = 0; i < choice->arms.count; i++)
		add_arm(e, &text, &choice->arms.at[i], keys);
	text_add(&text, "}");
	arms = choice->arms.count ? emit_define(e, "struct desc_arm ", "m", true, text.at) : "NULL";
	choice->ref = mem_format(
		"&%s", emit_define(e, "struct desc_choice ", "c", false,
				   mem_format("{.keys = %s, .key_count = %u, .arms = %s, "
					      ".arm_count = %u, .otherwise = %s}",
					      key_list, keys, arms, choice->arms.count,
					      choice->otherwise ? emit_type(e, choice->otherwise)
								: "NULL")));
	return choice->ref;
}

static const char *emit_width(unsigned width)
{
	return width == WIDTH_WORD    ? "WIDTH_WORD"
	       : width == WIDTH_KLONG ? "WIDTH_KLONG"
				      : mem_format("%u", width);
}

static void add_number(struct emitter *e, struct text *text, struct rtype *type)
{
	static const char *const roles[] = {
		[ROLE_FD] = "ROLE_FD",     [ROLE_DIRFD] = "ROLE_DIRFD", [ROLE_PID] = "ROLE_PID",
		[ROLE_TIME] = "ROLE_TIME", [ROLE_DATE] = "ROLE_DATE",   [ROLE_ID] = "ROLE_ID",
	};

	if (type->width)
		text_add(text, ", .width = %s", emit_width(type->width));
	if (type->is_signed)
		text_add(text, ", .is_signed = true");
	if (type->base)
		text_add(text, ", .base = %s", base_names[type->base]);
	if (type->first)
		text_add(text, ", .first = %u", type->first);
	if (type->role)
		text_add(text, ", .role = %s", roles[type->role]);
	if (type->set)
		text_add(text, ", .set = %s", emit_set(e, type->set));
	else if (type->has_bits_set)
		text_add(text, ", .set = %s", emit_bits_set(e, type));
	if (type->parts.count)
		text_add(text, ", .parts = %s, .part_count = %u", emit_parts(e, type),
			 type->parts.count);
}

static void add_compound(struct emitter *e, struct text *text, struct rtype *type)
{
	static const char *const phases[] = { "PASS", "IN", "OUT", "INOUT" };
	static const char *const extents[] = { "COUNT", "UNTIL_ZERO", "BYTES", "WINDOW" };

	if (type->kind == TYPE_POINTER)
		text_add(text, ", .phase = PHASE_%s", phases[type->phase]);
	if (type->extent)
		text_add(text, ", .extent = EXTENT_%s", extents[type->extent]);
	if (type->of)
		text_add(text, ", .of = %s", emit_type(e, type->of));
	if (type->then)
		text_add(text, ", .then = %s", emit_type(e, type->then));
	if (type->length)
		text_add(text, ", .length = %s", emit_expr(e, type->length));
	if (type->budget)
		text_add(text, ", .budget = %s", emit_expr(e, type->budget));
	if (type->where)
		text_add(text, ", .where = %s", emit_expr(e, type->where));
	if (type->body)
		text_add(text, ", .body = %s", emit_struct(e, type->body));
	if (type->choice)
		text_add(text, ", .choice = %s", emit_choice(e, type->choice));
	if (type->args.count)
		text_add(text, ", .args = %s, .arg_count = %u",
			 emit_exprs(e, type->args.at, type->args.count), type->args.count);
	if (type->hook)
		text_add(text, ", .%s = hook_%s", type->hook->walk ? "walk" : "scalar",
			 type->hook->name);
}

static const char *type_initializer(struct emitter *e, struct rtype *type)
{
	static const char *const flags[] = {
		"TYPE_BIG_ENDIAN", "TYPE_PATH",       "TYPE_IN_HEX", "TYPE_MERGED",
		"TYPE_SHIFTED",    "TYPE_COMPLEMENT", NULL,
	};
	struct text text = { NULL, 0, 0 };

	text_add(&text, "{.kind = TYPE_%s", kind_names[type->kind]);
	if (type->name)
		text_add(&text, ", .name = %s", emit_string(type->name));
	add_number(e, &text, type);
	if (type->flags)
		text_add(&text, ", .flags = %s", emit_flags(type->flags, flags));
	add_compound(e, &text, type);
	text_add(&text, ", .size = %s}", emit_sizes(e, type->size));
	return text.at;
}

/* A declared type has a name, so that types may refer to each other in a circle. */
static const char *emit_declared(struct emitter *e, struct rtype *type)
{
	const struct decl *first = map_get(&e->checker->program->decls, type->decl->name);
	const char *name = emit_name(type->decl->name);

	if (type->decl->kind == DECL_HOOK)
		name = mem_format("walk_%s", name);
	else if (first && first->next)
		name = mem_format("%s_%x", name, type->decl->abis);
	type->ref = mem_format("&type_%s", name);
	text_add(&e->out, "static const struct desc_type type_%s;\n", name);
	LIST_ADD(&e->named, type);
	if (type->kind == TYPE_STRUCT && !type->decl->params.count &&
	    (type->decl->kind == DECL_STRUCT || type->decl->kind == DECL_VIEW))
		LIST_ADD(&e->structs, type);
	return type->ref;
}

const char *emit_type(struct emitter *e, struct rtype *type)
{
	if (type->ref)
		return type->ref;
	if (type->decl)
		return emit_declared(e, type);
	type->ref = mem_format(
		"&%s", emit_define(e, "struct desc_type ", "t", false, type_initializer(e, type)));
	return type->ref;
}

void emit_named_types(struct emitter *e)
{
	/* Defining one may declare more. */
	for (unsigned i = 0; i < e->named.count; i++) {
		const char *initializer = type_initializer(e, e->named.at[i]);

		text_add(&e->out, "static const struct desc_type %s = %s;\n",
			 e->named.at[i]->ref + 1, initializer);
	}
	e->named.count = 0;
}
