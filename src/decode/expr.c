/* SPDX-License-Identifier: MIT */
/*
 * Expressions of the descriptions: postfix code over numbers that may be unknown (desc.h).  A
 * condition that depends on what cannot be read is false, a length is 0; so a hostile pointer can
 * make a value disappear but never make the engine read what it should not.
 */
#include "decoder.h"

static inline struct frame *frame_with_members(struct frame *frame, unsigned depth)
{
	for (; frame; frame = frame->parent) {
		if (!frame->body && !frame->is_call)
			continue;
		if (!depth--)
			return frame;
	}
	return NULL;
}

/*
 * A FIELD_PLAIN member or argument, as most of what expressions name is.  False if the general way
 * has to be gone: its bytes are not at hand, or what was read ahead may have them as they were.
 */
static inline bool plain_member(const struct decoder *d, const struct desc_field *field,
				const struct frame *frame, unsigned index, bool old,
				struct number *number)
{
	const struct desc_type *type = field->alts[0].type;
	unsigned size = width_bytes(d, type->width);
	const struct window *window = old && frame->before.bytes ? &frame->before : &frame->now;
	uint64_t raw;

	if (frame->is_call) {
		raw = d->call->numbers[index];
	} else {
		size_t offset = field->place[d->abi];

		if (!window->bytes || offset + size > window->len ||
		    (old && window == &frame->now && d->call && d->call->snapshots))
			return false;
		raw = number_load(window->bytes + offset, size);
	}
	*number = (struct number){ number_narrow(raw, size, type->is_signed), true };
	return true;
}

static struct number param(struct decoder *d, struct frame *frame, unsigned index)
{
	while (frame && !frame->params)
		frame = frame->parent;
	if (!frame)
		return (struct number){ 0 };
	/* What depends on the result was unknown at entry. */
	if (!frame->params[index].known && d->at_exit)
		frame->params[index] = expr_eval(d, frame->param_code[index], frame->parent);
	return frame->params[index];
}

static struct number member(struct decoder *d, const struct desc_op *op, struct frame *frame,
			    bool old)
{
	const struct desc_field *field;
	const struct desc_type *type;
	struct number number;
	struct window window;

	frame = frame_with_members(frame, op->depth);
	if (!frame)
		return (struct number){ 0 };
	field = frame_field(frame, op->index);
	if (!field)
		return (struct number){ 0 };
	if (field->flags & FIELD_PLAIN && plain_member(d, field, frame, op->index, old, &number))
		return number;
	if (field->flags & FIELD_COMPUTED)
		return expr_eval(d, field->from, frame);
	window = field_window(d, frame, op->index, old);
	type = field->alt_count ? type_resolve(d, field->alts[0].type, &frame) : NULL;
	if (!type)
		return (struct number){ 0 };
	return type_number(d, type, window);
}

/* *arg: the number that a pointer argument or member points to. */
static struct number deref(struct decoder *d, const struct desc_op *op, struct frame *frame,
			   bool old)
{
	const struct desc_field *field;
	const struct desc_type *type;
	struct number pointer;

	frame = frame_with_members(frame, op->depth);
	if (!frame)
		return (struct number){ 0 };
	if (old)
		return frame->is_call && frame->saved && op->index < FRAME_ARGS_MAX
			       ? frame->saved[op->index]
			       : (struct number){ 0 };
	field = frame_field(frame, op->index);
	type = field ? field_type(field) : NULL;
	if (!type)
		return (struct number){ 0 };
	pointer = type_number(d, type, field_window(d, frame, op->index, false));
	if (!pointer.known || !pointer.value)
		return (struct number){ 0 };
	type = type->of;
	while (type && type->kind == TYPE_STRUCT && type->body->field_count)
		type = field_type(&type->body->fields[0]);
	if (!type)
		return (struct number){ 0 };
	return type_number(d, type, window_at((uint64_t)pointer.value));
}

/* The number that a struct without members of its own is shown on. */
static struct number self(struct frame *frame)
{
	uint64_t number = 0;

	frame = frame_with_members(frame, 0);
	if (!frame || !frame->now.bytes || frame->now.len > sizeof(number))
		return (struct number){ 0 };
	for (size_t i = 0; i < frame->now.len; i++)
		number |= (uint64_t)frame->now.bytes[frame->big_endian ? frame->now.len - 1 - i : i]
			  << 8 * i;
	return (struct number){ (int64_t)number, true };
}

static struct number known(int64_t value)
{
	return (struct number){ value, true };
}

/* What is put on the stack by the operations that expr_eval() does not do itself. */
static struct number load(struct decoder *d, const struct desc_op *op, struct frame *frame)
{
	const struct decoded_call *call = d->call;

	switch (op->code) {
	case OP_ABI_CONST:
		return known(op->table[d->abi]);
	case OP_PARAM:
		return param(d, frame, op->index);
	case OP_DEREF:
		return deref(d, op, frame, false);
	case OP_OLD_DEREF:
		return deref(d, op, frame, true);
	case OP_RET:
		return call && d->at_exit ? known(call->result) : (struct number){ 0 };
	case OP_ERR:
		return call && d->at_exit ? known(call->is_error ? -call->result : 0)
					  : (struct number){ 0 };
	case OP_INDEX:
		return known(d->index);
	case OP_AVAIL:
		return d->avail <= INT64_MAX ? known((int64_t)d->avail) : (struct number){ 0 };
	case OP_SELF:
		return self(frame);
	case OP_ABI:
		return known((int64_t)d->abi);
	case OP_SP:
		return known((int64_t)d->sp);
	case OP_VIA_IPC:
		return known(call && call->via_multiplex);
	default:
		return (struct number){ 0 };
	}
}

static int64_t unary(uint8_t code, int64_t a)
{
	switch (code) {
	case OP_NOT:
		return !a;
	case OP_NEG:
		return (int64_t)(0 - (uint64_t)a);
	default:
		return ~a;
	}
}

/*
 * What expr_eval() does not do itself.  Two's complement throughout: numbers are a tracee's, and
 * overflow must not be undefined.
 */
static int64_t binary(uint8_t code, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (code) {
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
	case OP_XOR:
		return a ^ b;
	default:
		return a | b;
	}
}

/* That an operation finds its operands is for the compiler to see to, not for the analyzer. */
/* NOLINTBEGIN(clang-analyzer-core.*) */

/* Three-valued: false && unknown is false, true || unknown is true. */
static struct number logical(uint8_t code, struct number a, struct number b)
{
	bool decides = code == OP_LOR;

	if ((a.known && !!a.value == decides) || (b.known && !!b.value == decides))
		return known(decides);
	if (a.known && b.known)
		return known(!decides);
	return (struct number){ 0 };
}

/* The result of two operands in place of them; known if both are. */
static inline struct number *combine(struct number *operands, int64_t value)
{
	operands[0].value = value;
	operands[0].known = operands[0].known && operands[1].known;
	return operands;
}

struct number expr_eval(struct decoder *d, const struct desc_op *code, struct frame *frame)
{
	struct number stack[DESC_EXPR_STACK + 1]; /* the compiler guarantees its bounds */
	struct number *top = stack;               /* the newest; below the first there is a spare */

	*top = (struct number){ 0 };
	for (;; code++) {
		switch (code->code) {
		case OP_END:
			return top->known ? *top : (struct number){ 0 };
		case OP_CONST:
			*++top = known(code->k);
			break;
		case OP_FIELD:
		case OP_OLD_FIELD:
			*++top = member(d, code, frame, code->code == OP_OLD_FIELD);
			break;
		case OP_FIELD_AND:
			*++top = member(d, code, frame, false);
			top->value &= code->k;
			break;
		case OP_EQ_CONST:
			top->value = top->value == code->k;
			break;
		case OP_NE_CONST:
			top->value = top->value != code->k;
			break;
		case OP_EQ:
			top = combine(top - 1, top[-1].value == top->value);
			break;
		case OP_NE:
			top = combine(top - 1, top[-1].value != top->value);
			break;
		case OP_AND:
			top = combine(top - 1, top[-1].value & top->value);
			break;
		case OP_LAND:
		case OP_LOR:
			top--;
			*top = logical(code->code, top[0], top[1]);
			break;
		case OP_NOT:
		case OP_NEG:
		case OP_INV:
			top->value = unary(code->code, top->value);
			break;
		case OP_NETLINK:
			*top = top->known ? known(netlink_family(d, top->value)) : *top;
			break;
		case OP_COND:
			top -= 2;
			if (!top->known)
				top->value = 0;
			else
				*top = top->value ? top[1] : top[2];
			break;
		default:
			if (code->code < OP_NOT)
				*++top = load(d, code, frame);
			else
				top = combine(top - 1,
					      binary(code->code, top[-1].value, top->value));
		}
	}
}

/* NOLINTEND(clang-analyzer-core.*) */

bool expr_true(struct decoder *d, const struct desc_op *code, struct frame *frame)
{
	struct number number;

	if (!code)
		return true;
	number = expr_eval(d, code, frame);
	return number.known && number.value;
}

uint64_t expr_length(struct decoder *d, const struct desc_op *code, struct frame *frame)
{
	struct number number;

	if (!code)
		return 0;
	number = expr_eval(d, code, frame);
	return number.known && number.value > 0 ? (uint64_t)number.value : 0;
}
