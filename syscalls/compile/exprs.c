/* SPDX-License-Identifier: MIT */
/* Expressions: names to frames and indices, syntax to postfix code, constants folded. */
#include <string.h>

#include "model.h"

struct rstruct *type_struct(struct rtype *type)
{
	for (unsigned i = 0; type && i < 8; i++) {
		if (type->kind == TYPE_STRUCT || type->kind == TYPE_RECORD)
			return type->body;
		if (type->kind == TYPE_CHOICE && type->choice->by_abi)
			type = type->choice->arms.at[0].type;
		else if (type->kind == TYPE_APPLY)
			type = type->of;
		else
			return NULL;
	}
	return NULL;
}

static struct rfield *scope_field(const struct scope *s, const char *name, unsigned *index)
{
	unsigned count = s->body ? s->body->fields.count : s->form ? s->form->args.count : 0;

	for (unsigned i = 0; i < count; i++) {
		struct rfield *field = s->body ? s->body->fields.at[i] : s->form->args.at[i];

		if (strcmp(field->name, name) == 0 && strcmp(name, "_") != 0) {
			*index = s->first + i;
			return field;
		}
	}
	return NULL;
}

static bool scope_param(const struct scope *s, const char *name, unsigned *index)
{
	for (unsigned i = 0; s->decl && i < s->decl->params.count; i++)
		if (strcmp(s->decl->params.at[i].name, name) == 0) {
			*index = i;
			return true;
		}
	return false;
}

/* From the innermost scope outwards; frames are structs and the call. */
bool scope_find(const struct scope *scope, const char *name, struct found *found)
{
	unsigned depth = 0;

	for (const struct scope *s = scope; s; s = s->parent) {
		memset(found, 0, sizeof(*found));
		found->depth = depth;
		found->field = scope_field(s, name, &found->index);
		if (found->field)
			return true;
		if (scope_param(s, name, &found->index)) {
			found->is_param = true;
			return true;
		}
		if ((s->body || s->form) && !s->same_frame)
			depth++;
	}
	return false;
}

/* ---- code -------------------------------------------------------------------------------- */

static bool is_number(const struct rop *op)
{
	return op->code == OP_CONST && !op->size_of && !op->ioc_of;
}

static int64_t fold_value(enum desc_op_code code, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (code) {
	case OP_NOT:
		return !a;
	case OP_NEG:
		return (int64_t)(0 - ua);
	case OP_INV:
		return ~a;
	case OP_MUL:
		return (int64_t)(ua * ub);
	case OP_DIV:
		return b == 0 || (b == -1 && a == INT64_MIN) ? 0 : a / b;
	case OP_MOD:
		return b == 0 || b == -1 ? 0 : a % b;
	case OP_ADD:
		return (int64_t)(ua + ub);
	case OP_SUB:
		return (int64_t)(ua - ub);
	case OP_SHL:
		return ub > 63 ? 0 : (int64_t)(ua << ub);
	case OP_SHR:
		return ub > 63 ? 0 : (int64_t)(ua >> ub);
	case OP_LT:
		return a < b;
	case OP_LE:
		return a <= b;
	case OP_GT:
		return a > b;
	case OP_GE:
		return a >= b;
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_AND:
		return a & b;
	case OP_XOR:
		return a ^ b;
	case OP_OR:
		return a | b;
	case OP_LAND:
		return a && b;
	case OP_LOR:
		return a || b;
	default:
		return 0;
	}
}

static unsigned operands(enum desc_op_code code)
{
	if (code == OP_COND)
		return 3;
	if (code == OP_NOT || code == OP_NEG || code == OP_INV || code == OP_NETLINK)
		return 1;
	return code >= OP_MUL ? 2 : 0;
}

/* Appends an operation; one on numbers alone becomes its result. */
static void code_add(struct rexpr *e, struct rop op)
{
	unsigned n = operands(op.code);
	struct rop *last = e->ops.count ? &e->ops.at[e->ops.count - 1] : NULL;
	bool fold = n > 0 && op.code != OP_NETLINK && e->ops.count >= n;

	for (unsigned i = 0; fold && i < n; i++)
		fold = is_number(&e->ops.at[e->ops.count - 1 - i]);
	if (!fold) {
		LIST_ADD(&e->ops, op);
		return;
	}
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		if (n == 1)
			last->values[abi] = fold_value(op.code, last->values[abi], 0);
		else if (n == 2)
			last[-1].values[abi] = fold_value(op.code, last[-1].values[abi],
							  last->values[abi]);
		else
			last[-2].values[abi] = last[-2].values[abi] ? last[-1].values[abi]
								    : last->values[abi];
	}
	e->ops.count -= n - 1;
}

static void code_op(struct rexpr *e, enum desc_op_code code)
{
	code_add(e, (struct rop){ .code = code });
}

static void code_number(struct rexpr *e, int64_t value)
{
	struct rop op = { .code = OP_CONST };

	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		op.values[abi] = value;
	code_add(e, op);
}

/* ---- names ------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum desc_op_code code;
} builtin_names[] = {
	{ "ret", OP_RET },   { "err", OP_ERR }, { "index", OP_INDEX }, { "avail", OP_AVAIL },
	{ "self", OP_SELF }, { "abi", OP_ABI }, { "sp", OP_SP },       { "via_ipc", OP_VIA_IPC },
};

static void code_entry(struct rexpr *e, const struct entry *entry)
{
	struct rop op = { .code = OP_CONST };

	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		op.values[abi] = entry_value(entry, abi);
	code_add(e, op);
}

/* The member of a spliced `fields`: the number that holds it, and which bits. */
static bool code_spliced_bit(struct rexpr *e, const struct scope *scope, const char *name)
{
	const struct rstruct *body = scope ? scope->body : NULL;

	for (unsigned i = 0; body && i < body->fields.count; i++) {
		const struct rfield *field = body->fields.at[i];
		const struct rstruct *inner;

		if (!(field->flags & FIELD_SPLICED) || !field->alts.count)
			continue;
		inner = type_struct(field->alts.at[0].type);
		if (!inner || inner->kind != KIND_FIELDS)
			continue;
		for (unsigned k = 0; k < inner->fields.count; k++) {
			const struct rexpr *from = inner->fields.at[k]->from;
			int64_t mask = from->ast->b->number;
			int64_t shift = from->ast->a->b->number;

			if (strcmp(inner->fields.at[k]->name, name) != 0)
				continue;
			code_add(e, (struct rop){ .code = OP_FIELD, .index = i });
			code_number(e, shift);
			code_op(e, OP_SHR);
			code_number(e, mask);
			code_op(e, OP_AND);
			return true;
		}
	}
	return false;
}

static void code_name(struct checker *c, struct rexpr *e, const struct scope *scope,
		      const struct expr *ast, const struct set_hint *hint, bool old)
{
	struct found found;
	struct entry *entry;

	if (scope_find(scope, ast->name, &found)) {
		if (found.is_param)
			code_add(e, (struct rop){ .code = OP_PARAM,
						  .depth = found.depth,
						  .index = found.index });
		else
			code_add(e, (struct rop){ .code = old ? OP_OLD_FIELD : OP_FIELD,
						  .depth = found.depth,
						  .index = found.index });
		return;
	}
	if (code_spliced_bit(e, scope, ast->name))
		return;
	for (size_t i = 0; i < sizeof(builtin_names) / sizeof(builtin_names[0]); i++)
		if (strcmp(ast->name, builtin_names[i].name) == 0) {
			code_op(e, builtin_names[i].code);
			e->uses_result |= builtin_names[i].code == OP_RET ||
					  builtin_names[i].code == OP_ERR;
			return;
		}
	entry = entry_find(c, ast->name, hint, ast->pos);
	if (entry) {
		code_entry(e, entry);
		return;
	}
	report(c->program, ast->pos, "unknown name %s", ast->name);
	code_number(e, 0);
}

static bool part_bits(const struct rtype *type, const char *part, uint64_t *mask, unsigned *shift)
{
	for (unsigned i = 0; type && i < type->parts.count; i++)
		if (type->parts.at[i].name && strcmp(type->parts.at[i].name, part) == 0) {
			*mask = type->parts.at[i].mask;
			*shift = type->parts.at[i].shift;
			return true;
		}
	if (type && type->kind == TYPE_STRUCT && type->body && type->body->kind == KIND_FIELDS)
		for (unsigned i = 0; i < type->body->fields.count; i++) {
			const struct rexpr *from = type->body->fields.at[i]->from;

			if (strcmp(type->body->fields.at[i]->name, part) != 0)
				continue;
			*shift = (unsigned)from->ast->a->b->number;
			*mask = (uint64_t)from->ast->b->number << *shift;
			return true;
		}
	return false;
}

/* X.name: the named part of a member or argument. */
static void code_part(struct checker *c, struct rexpr *e, const struct scope *scope,
		      const struct expr *ast, bool old)
{
	struct found found;
	uint64_t mask = 0;
	unsigned shift = 0;
	bool ok = false;

	if (!scope_find(scope, ast->name, &found) || found.is_param) {
		report(c->program, ast->pos, "no member %s that has parts", ast->name);
		code_number(e, 0);
		return;
	}
	for (unsigned i = 0; !ok && i < found.field->alts.count; i++)
		ok = part_bits(found.field->alts.at[i].type, ast->part, &mask, &shift);
	if (!ok)
		report(c->program, ast->pos, "%s has no part %s", ast->name, ast->part);
	code_add(e, (struct rop){ .code = old ? OP_OLD_FIELD : OP_FIELD,
				  .depth = found.depth,
				  .index = found.index });
	code_number(e, (int64_t)mask);
	code_op(e, OP_AND);
	if (shift) {
		code_number(e, shift);
		code_op(e, OP_SHR);
	}
}

/* A struct counts as the number that it begins with. */
static bool is_number_at(const struct rtype *type)
{
	const struct rfield *first;

	if (type->kind != TYPE_STRUCT || type->width)
		return type->kind == TYPE_INT || type->kind == TYPE_BITS ||
		       type->kind == TYPE_SCALAR_HOOK || type->kind == TYPE_POINTER;
	first = type->body->fields.count ? type->body->fields.at[0] : NULL;
	return first && first->alts.count && first->alts.at[0].type->kind != TYPE_STRUCT &&
	       !(first->flags & (FIELD_COMPUTED | FIELD_AT)) &&
	       is_number_at(first->alts.at[0].type);
}

static bool is_pointer_to_number(const struct rtype *type)
{
	if (type->kind != TYPE_POINTER)
		return false;
	type = type->of;
	while (type &&
	       ((type->kind == TYPE_APPLY) || (type->kind == TYPE_CHOICE && type->choice->by_abi)))
		type = type->kind == TYPE_APPLY ? type->of : type->choice->arms.at[0].type;
	return type && is_number_at(type);
}

static void code_deref(struct checker *c, struct rexpr *e, const struct scope *scope,
		       const struct expr *ast, bool old)
{
	struct found found;
	bool ok = false;

	if (!scope_find(scope, ast->name, &found) || found.is_param) {
		report(c->program, ast->pos, "no member or argument %s", ast->name);
		code_number(e, 0);
		return;
	}
	for (unsigned i = 0; !ok && i < found.field->alts.count; i++)
		ok = is_pointer_to_number(found.field->alts.at[i].type);
	if (!ok)
		report(c->program, ast->pos, "%s does not point to a number", ast->name);
	code_add(e, (struct rop){ .code = old ? OP_OLD_DEREF : OP_DEREF,
				  .depth = found.depth,
				  .index = found.index });
}

/* abi == ARCH is a number for each ABI. */
static bool code_abi_test(struct rexpr *e, const struct scope *scope, const struct expr *ast)
{
	struct rop op = { .code = OP_CONST };
	struct found found;
	unsigned abis;

	if (ast->kind != EXPR_BINARY || (ast->op != OP_EQ && ast->op != OP_NE) ||
	    ast->a->kind != EXPR_NAME || strcmp(ast->a->name, "abi") != 0 ||
	    ast->b->kind != EXPR_NAME || scope_find(scope, "abi", &found))
		return false;
	abis = abis_by_name(ast->b->name);
	if (!abis)
		return false;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		op.values[abi] = !!(abis & 1u << abi) == (ast->op == OP_EQ);
	code_add(e, op);
	return true;
}

/* direction << 30 | size << 16 | type << 8 | nr */
static void code_ioc(struct checker *c, struct rexpr *e, const struct scope *scope,
		     const struct expr *ast)
{
	int64_t direction = strcmp(ast->name, "IOR") == 0    ? 2
			    : strcmp(ast->name, "IOW") == 0  ? 1
			    : strcmp(ast->name, "IOWR") == 0 ? 3
							     : 0;

	if (ast->c) {
		code_expr(c, e, scope, ast->c, NULL);
		code_number(e, 16);
		code_op(e, OP_SHL);
	} else {
		code_number(e, direction << 30);
	}
	if (ast->type) {
		struct rop op = { .code = OP_CONST };
		struct scope none = { .parent = NULL };

		op.ioc_of = type_resolve(c, ast->type, &none);
		code_add(e, op);
		code_op(e, OP_OR);
	}
	code_expr(c, e, scope, ast->a, NULL);
	code_number(e, 8);
	code_op(e, OP_SHL);
	code_op(e, OP_OR);
	code_expr(c, e, scope, ast->b, NULL);
	code_op(e, OP_OR);
}

static void code_old(struct checker *c, struct rexpr *e, const struct scope *scope,
		     const struct expr *ast)
{
	if (ast->a->kind == EXPR_DEREF)
		code_deref(c, e, scope, ast->a, true);
	else if (ast->a->kind == EXPR_PART)
		code_part(c, e, scope, ast->a, true);
	else
		code_name(c, e, scope, ast->a, NULL, true);
}

static void code_binary(struct checker *c, struct rexpr *e, const struct scope *scope,
			const struct expr *ast, const struct set_hint *hint)
{
	struct set_hint inner = { .count = 0 };

	if (code_abi_test(e, scope, ast))
		return;
	if (ast->op != OP_LAND && ast->op != OP_LOR) {
		hint_expr(&inner, scope, ast->a);
		hint_expr(&inner, scope, ast->b);
		hint_join(&inner, hint);
	}
	code_expr(c, e, scope, ast->a, &inner);
	code_expr(c, e, scope, ast->b, &inner);
	code_op(e, ast->op);
}

void code_expr(struct checker *c, struct rexpr *e, const struct scope *scope,
	       const struct expr *ast, const struct set_hint *hint)
{
	struct scope none = { .parent = NULL };

	switch (ast->kind) {
	case EXPR_NUMBER:
		code_number(e, ast->number);
		break;
	case EXPR_NAME:
		code_name(c, e, scope, ast, hint, false);
		break;
	case EXPR_PART:
		code_part(c, e, scope, ast, false);
		break;
	case EXPR_DEREF:
		code_deref(c, e, scope, ast, false);
		break;
	case EXPR_OLD:
		code_old(c, e, scope, ast);
		break;
	case EXPR_SIZEOF: {
		struct rop op = { .code = OP_CONST, .size_of = type_resolve(c, ast->type, &none) };

		code_add(e, op);
		break;
	}
	case EXPR_IOC:
		code_ioc(c, e, scope, ast);
		break;
	case EXPR_UNARY:
		code_expr(c, e, scope, ast->a, hint);
		code_op(e, ast->op);
		break;
	case EXPR_BINARY:
		code_binary(c, e, scope, ast, hint);
		break;
	case EXPR_COND:
		code_expr(c, e, scope, ast->a, NULL);
		code_expr(c, e, scope, ast->b, hint);
		code_expr(c, e, scope, ast->c, hint);
		code_op(e, OP_COND);
		break;
	}
}

unsigned expr_depth(const struct rexpr *e)
{
	unsigned depth = 0, deepest = 0;

	for (unsigned i = 0; i < e->ops.count; i++) {
		depth += 1 - operands(e->ops.at[i].code);
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

void expr_resolve(struct checker *c, struct rexpr *e)
{
	const struct scope *scope = e->scope;

	if (e->element) {
		struct rstruct *body = type_struct(e->element);

		if (body)
			scope = body->scope;
	}
	code_expr(c, e, scope, e->ast, NULL);
	if (expr_depth(e) > DESC_EXPR_STACK)
		report(c->program, e->ast->pos, "expression is too deep");
}

void expr_fold(struct checker *c, struct rexpr *e)
{
	struct rexpr folded = *e;

	if (e->folded)
		return;
	e->folded = true;
	memset(&folded.ops, 0, sizeof(folded.ops));
	for (unsigned i = 0; i < e->ops.count; i++) {
		struct rop op = e->ops.at[i];
		struct rtype *type = op.size_of ? op.size_of : op.ioc_of;

		if (type) {
			layout_type(c, type);
			for (unsigned abi = 0; abi < ABI_COUNT; abi++)
				op.values[abi] = (int64_t)type->size[abi] << (op.ioc_of ? 16 : 0);
			op.size_of = op.ioc_of = NULL;
		}
		code_add(&folded, op);
	}
	e->ops.at = folded.ops.at;
	e->ops.count = folded.ops.count;
	e->ops.room = folded.ops.room;
}

bool expr_constant(struct checker *c, struct rexpr *e, unsigned abi, int64_t *value)
{
	expr_fold(c, e);
	if (e->ops.count != 1 || !is_number(&e->ops.at[0]))
		return false;
	*value = e->ops.at[0].values[abi];
	return true;
}

/* Evaluates with a stack of (value, known), as the engine would before anything is read. */
bool expr_known_with(struct checker *c, struct rexpr *e, unsigned abi, const int64_t *params,
		     int64_t *value)
{
	struct {
		int64_t value;
		bool known;
	} stack[DESC_EXPR_STACK + 1] = { { 0, false } };
	unsigned top = 0;

	expr_fold(c, e);
	if (expr_depth(e) > DESC_EXPR_STACK)
		return false;
	for (unsigned i = 0; i < e->ops.count; i++) {
		const struct rop *op = &e->ops.at[i];
		unsigned n = operands(op->code);
		int64_t a = n ? stack[top - n].value : 0, b = n > 1 ? stack[top - n + 1].value : 0;
		bool known_a = n && stack[top - n].known,
		     known_b = n > 1 && stack[top - n + 1].known;

		top -= n;
		stack[top].known = false;
		if (op->code == OP_CONST || op->code == OP_ABI ||
		    (op->code == OP_PARAM && params)) {
			stack[top].value = op->code == OP_ABI     ? (int64_t)abi
					   : op->code == OP_CONST ? op->values[abi]
								  : params[op->index];
			stack[top].known = true;
		} else if ((op->code == OP_LAND && ((known_a && !a) || (known_b && !b))) ||
			   (op->code == OP_LOR && ((known_a && a) || (known_b && b)))) {
			stack[top].value = op->code == OP_LOR;
			stack[top].known = true;
		} else if (n == 3 && known_a) {
			stack[top] = a ? stack[top + 1] : stack[top + 2];
		} else if (n && n < 3 && op->code != OP_NETLINK && known_a && (known_b || n == 1)) {
			stack[top].value = fold_value(op->code, a, b);
			stack[top].known = true;
		}
		top++;
	}
	*value = stack[0].value;
	return stack[0].known;
}

bool expr_known(struct checker *c, struct rexpr *e, unsigned abi, int64_t *value)
{
	return expr_known_with(c, e, abi, NULL, value);
}
