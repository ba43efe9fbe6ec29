/* SPDX-License-Identifier: MIT */
/* Expressions: C's operators and precedence without assignment. */
#include <string.h>

#include "parser.h"

static struct expr *expr_new(const struct parser *p, enum expr_kind kind)
{
	struct expr *e = mem_alloc(sizeof(*e));

	e->kind = kind;
	e->pos = p->at->pos;
	return e;
}

static struct expr *parse_reference(struct parser *p)
{
	struct expr *e = expr_new(p, EXPR_NAME);

	e->name = parse_name(p, "a name");
	if (parse_mark_ahead(p, 0, ".") && parse_at_name(p, 1)) {
		p->at++;
		e->kind = EXPR_PART;
		e->part = parse_name(p, "the name of a part");
	}
	return e;
}

static struct expr *parse_parenthesized(struct parser *p)
{
	bool in_arguments = p->in_arguments;
	struct expr *e;

	parse_expect(p, "(");
	p->in_arguments = false;
	e = parse_expr(p);
	p->in_arguments = in_arguments;
	parse_expect(p, ")");
	return e;
}

/* IO(type, nr), IOR(type, nr, T), IOW, IOWR, IOC(dir, type, nr, size). */
static struct expr *parse_ioc(struct parser *p)
{
	struct expr *e = expr_new(p, EXPR_IOC);
	bool in_arguments = p->in_arguments;

	p->in_arguments = false;
	e->name = parse_name(p, "IO");
	parse_expect(p, "(");
	e->a = parse_expr(p);
	parse_expect(p, ",");
	e->b = parse_expr(p);
	if (strcmp(e->name, "IOC") == 0) {
		struct expr *direction = e->a;

		parse_expect(p, ",");
		e->a = e->b;
		e->b = parse_expr(p);
		parse_expect(p, ",");
		e->c = expr_new(p, EXPR_BINARY);
		e->c->op = OP_OR;
		e->c->a = expr_new(p, EXPR_BINARY);
		e->c->a->op = OP_SHL;
		e->c->a->a = direction;
		e->c->a->b = expr_new(p, EXPR_NUMBER);
		e->c->a->b->number = 14;
		e->c->b = parse_expr(p);
	} else if (strcmp(e->name, "IO") != 0) {
		parse_expect(p, ",");
		e->type = parse_type(p);
	}
	parse_expect(p, ")");
	p->in_arguments = in_arguments;
	return e;
}

static bool at_ioc(const struct parser *p)
{
	static const char *const names[] = { "IO", "IOR", "IOW", "IOWR", "IOC" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (parse_at_name(p, 0) && parse_at(p, names[i]))
			return parse_mark_ahead(p, 1, "(");
	return false;
}

static struct expr *parse_primary(struct parser *p)
{
	struct expr *e;

	if (p->at->kind == TOKEN_NUMBER) {
		e = expr_new(p, EXPR_NUMBER);
		e->number = (int64_t)parse_number(p);
		return e;
	}
	if (parse_at(p, "("))
		return parse_parenthesized(p);
	if (!parse_at_name(p, 0))
		parse_fail(p, "an expression");
	if (at_ioc(p))
		return parse_ioc(p);
	if (parse_at(p, "sizeof") && parse_mark_ahead(p, 1, "(")) {
		e = expr_new(p, EXPR_SIZEOF);
		p->at += 2;
		e->type = parse_type(p);
		parse_expect(p, ")");
		return e;
	}
	if (parse_at(p, "old") && (parse_at_name(p, 1) || parse_mark_ahead(p, 1, "*"))) {
		e = expr_new(p, EXPR_OLD);
		p->at++;
		e->a = expr_new(p, EXPR_DEREF);
		if (parse_take(p, "*"))
			e->a->name = parse_name(p, "the name of a pointer");
		else
			e->a = parse_reference(p);
		return e;
	}
	if (parse_at(p, "netlink_family") && parse_mark_ahead(p, 1, "(")) {
		e = expr_new(p, EXPR_UNARY);
		p->at++;
		e->op = OP_NETLINK;
		e->a = parse_parenthesized(p);
		return e;
	}
	return parse_reference(p);
}

static struct expr *parse_unary(struct parser *p)
{
	static const struct {
		const char *text;
		enum desc_op_code op;
	} operators[] = { { "!", OP_NOT }, { "-", OP_NEG }, { "~", OP_INV } };
	struct expr *e;

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (p->at->kind != TOKEN_MARK || !parse_at(p, operators[i].text))
			continue;
		e = expr_new(p, EXPR_UNARY);
		p->at++;
		e->op = operators[i].op;
		e->a = parse_unary(p);
		return e;
	}
	if (parse_at(p, "*") && p->at->kind == TOKEN_MARK) {
		e = expr_new(p, EXPR_DEREF);
		p->at++;
		e->name = parse_name(p, "the name of a pointer");
		return e;
	}
	return parse_primary(p);
}

static const struct binary_operator {
	const char *text;
	enum desc_op_code op;
	int level;
} binary_operators[] = {
	{ "||", OP_LOR, 1 }, { "&&", OP_LAND, 2 }, { "|", OP_OR, 3 },  { "^", OP_XOR, 4 },
	{ "&", OP_AND, 5 },  { "==", OP_EQ, 6 },   { "!=", OP_NE, 6 }, { "<", OP_LT, 7 },
	{ "<=", OP_LE, 7 },  { ">", OP_GT, 7 },    { ">=", OP_GE, 7 }, { "<<", OP_SHL, 8 },
	{ ">>", OP_SHR, 8 }, { "+", OP_ADD, 9 },   { "-", OP_SUB, 9 }, { "*", OP_MUL, 10 },
	{ "/", OP_DIV, 10 }, { "%", OP_MOD, 10 },
};

/* `|` in a list of arguments marks the split if an argument or the end of the list follows. */
static bool at_split(const struct parser *p)
{
	struct parser ahead;

	if (!p->in_arguments || !parse_at(p, "|"))
		return false;
	ahead = (struct parser){ .at = p->at + 1 };
	return parse_at_member(&ahead) || parse_at(&ahead, "if") || parse_at(&ahead, ")") ||
	       parse_at(&ahead, "->") || ahead.at->kind == TOKEN_NEWLINE ||
	       ahead.at->kind == TOKEN_END;
}

static const struct binary_operator *binary_at(const struct parser *p)
{
	if (p->at->kind != TOKEN_MARK || at_split(p))
		return NULL;
	for (size_t i = 0; i < sizeof(binary_operators) / sizeof(binary_operators[0]); i++)
		if (parse_at(p, binary_operators[i].text))
			return &binary_operators[i];
	return NULL;
}

static struct expr *parse_binary(struct parser *p, int level)
{
	struct expr *left = parse_unary(p);
	const struct binary_operator *operator;

	while ((operator= binary_at(p)) && operator->level >= level) {
		struct expr *e = expr_new(p, EXPR_BINARY);

		p->at++;
		e->op = operator->op;
		e->a = left;
		e->b = parse_binary(p, operator->level + 1);
		left = e;
	}
	return left;
}

struct expr *parse_expr(struct parser *p)
{
	struct expr *condition = parse_binary(p, 1);
	bool in_arguments = p->in_arguments;
	struct expr *e;

	if (!parse_at(p, "?") || p->at->kind != TOKEN_MARK)
		return condition;
	e = expr_new(p, EXPR_COND);
	p->at++;
	e->a = condition;
	p->in_arguments = false;
	e->b = parse_expr(p);
	p->in_arguments = in_arguments;
	parse_expect(p, ":");
	parse_separators(p);
	e->c = parse_expr(p);
	return e;
}

struct expr *parse_key_expr(struct parser *p)
{
	bool in_arguments = p->in_arguments;
	struct expr *e;

	p->in_arguments = false;
	e = parse_binary(p, 1);
	p->in_arguments = in_arguments;
	return e;
}
