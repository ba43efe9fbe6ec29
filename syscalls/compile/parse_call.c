/* SPDX-License-Identifier: MIT */
/* System calls: arguments, arms, results, notes, classes. */
#include <string.h>

#include "parser.h"

static const struct {
	const char *name;
	unsigned bit;
} class_names[] = {
	{ "desc", CLASS_DESC },           { "file", CLASS_FILE },
	{ "memory", CLASS_MEMORY },       { "process", CLASS_PROCESS },
	{ "signal", CLASS_SIGNAL },       { "ipc", CLASS_IPC },
	{ "network", CLASS_NETWORK },     { "creds", CLASS_CREDS },
	{ "clock", CLASS_CLOCK },         { "stat", CLASS_STAT },
	{ "lstat", CLASS_LSTAT },         { "fstat", CLASS_FSTAT },
	{ "stat_like", CLASS_STAT_LIKE }, { "statfs", CLASS_STATFS },
	{ "fstatfs", CLASS_FSTATFS },     { "statfs_like", CLASS_STATFS_LIKE },
	{ "pure", CLASS_PURE },           { "never_fails", CLASS_NEVER_FAILS },
};

static void parse_classes(struct parser *p, struct call *call)
{
	while (p->at->kind == TOKEN_NAME && !parse_at(p, "named") && !parse_at(p, "slots")) {
		const char *name = p->at->text;
		unsigned bit = 0;

		for (size_t i = 0; i < sizeof(class_names) / sizeof(class_names[0]); i++)
			if (strcmp(class_names[i].name, name) == 0)
				bit = class_names[i].bit;
		if (!bit)
			report(p->program, p->at->pos, "unknown class %s", name);
		call->classes |= bit;
		p->at++;
	}
}

static void parse_split(struct parser *p, struct form_node *form)
{
	if (form->has_split)
		report(p->program, p->at[-1].pos, "a second | in one list of arguments");
	form->has_split = true;
	form->split = form->args.count;
	if (parse_take(p, "if")) {
		form->split_if = parse_expr(p);
		parse_take(p, ",");
	}
}

/* Arguments as far as they go: up to `)`, `->`, `{`, `note` or the end of the line. */
static void parse_args(struct parser *p, struct form_node *form)
{
	bool in_arguments = p->in_arguments;

	p->in_arguments = true;
	for (;;) {
		while (parse_take(p, "|"))
			parse_split(p, form);
		if (!parse_at_member(p))
			break;
		struct member_node *arg = parse_member(p, true);

		LIST_ADD(&form->args, arg);
		parse_take(p, ",");
		if (!parse_at(p, "|") && p->at[-1].text[0] != ',')
			break;
	}
	p->in_arguments = in_arguments;
}

/* ["label"] [at E TYPE | = E as TYPE] [if E], ... */
static void parse_note(struct parser *p, struct form_node *form)
{
	do {
		struct note_node *note = mem_alloc(sizeof(*note));

		note->pos = p->at->pos;
		if (p->at->kind == TOKEN_STRING)
			note->label = parse_string(p);
		if (parse_take(p, "at")) {
			note->at = parse_expr(p);
			note->type = parse_type(p);
		} else if (parse_take(p, "=")) {
			note->value = parse_expr(p);
			note->type = parse_computed_type(p);
		} else if (!note->label) {
			parse_fail(p, "a label, at or =");
		}
		while (parse_at_name(p, 0)) {
			if (parse_take(p, "if"))
				note->shown_if = parse_expr(p);
			else if (!parse_plain_mark(p, &note->flags))
				break;
		}
		LIST_ADD(&form->notes, note);
	} while (parse_take(p, ","));
}

static void parse_result(struct parser *p, struct form_node *form)
{
	if (parse_take(p, "->")) {
		if (form->ret)
			report(p->program, p->at[-1].pos, "a second result");
		form->ret = parse_type(p);
	}
	if (parse_take(p, "note"))
		parse_note(p, form);
}

static void parse_arms(struct parser *p, struct form_node *form);

/* What follows a key. */
static struct form_node *parse_form(struct parser *p)
{
	struct form_node *form = mem_alloc(sizeof(*form));

	form->pos = p->at->pos;
	parse_args(p, form);
	if (parse_at(p, "{"))
		parse_arms(p, form);
	parse_result(p, form);
	return form;
}

/*
 * Behind a key's colon the arguments may begin on the next line.  That line is one of arguments and
 * not the next key if behind its own first colon a type stands, not an argument or a result.
 */
static bool at_args_below(const struct parser *p)
{
	struct parser ahead = *p;

	if (p->at->kind != TOKEN_NEWLINE)
		return false;
	parse_separators(&ahead);
	if (!parse_at_name(&ahead, 0) || parse_at(&ahead, "else") ||
	    !parse_mark_ahead(&ahead, 1, ":"))
		return false;
	ahead.at += 2;
	if (parse_at(&ahead, "{"))
		return !(parse_at_name(&ahead, 1) && strcmp(ahead.at[1].text, "by") == 0);
	return parse_at_name(&ahead, 0) && !parse_at_member(&ahead);
}

static void parse_arm(struct parser *p, struct form_node *form)
{
	unsigned first = form->arms.count;
	struct form_node *inner;

	do {
		struct form_arm_node *arm = mem_alloc(sizeof(*arm));

		arm->pos = p->at->pos;
		arm->value = parse_key_expr(p);
		LIST_ADD(&form->arms, arm);
	} while (parse_take(p, ","));
	parse_expect(p, ":");
	if (at_args_below(p))
		parse_separators(p);
	inner = parse_form(p);
	for (; first < form->arms.count; first++)
		form->arms.at[first]->form = inner;
}

/* { by E  KEY, KEY: ...  else: ... } */
static void parse_arms(struct parser *p, struct form_node *form)
{
	bool in_arguments = p->in_arguments;

	p->in_arguments = false;
	parse_expect(p, "{");
	parse_separators(p);
	parse_expect(p, "by");
	form->key = parse_expr(p);
	for (parse_separators(p); !parse_take(p, "}"); parse_item_end(p)) {
		if (parse_at(p, "else") && parse_mark_ahead(p, 1, ":")) {
			if (form->otherwise)
				report(p->program, p->at->pos, "else is listed twice");
			p->at += 2;
			form->otherwise = parse_form(p);
		} else {
			parse_arm(p, form);
		}
	}
	p->in_arguments = in_arguments;
}

/* regs ARCH...: names */
static void parse_regs(struct parser *p, struct call *call)
{
	struct regs_node *regs = mem_alloc(sizeof(*regs));

	regs->pos = p->at->pos;
	if (parse_take(p, "else")) {
		regs->abis = ALL_ABIS;
		for (unsigned i = 0; i < call->regs.count; i++)
			regs->abis &= ~call->regs.at[i]->abis;
	} else {
		regs->abis = parse_abis(p);
	}
	parse_expect(p, ":");
	while (p->at->kind == TOKEN_NAME && !parse_at(p, "regs") && !parse_at(p, "class")) {
		struct name_node name = parse_name_node(p, "the name of an argument");

		LIST_ADD(&regs->names, name);
		parse_take(p, ",");
	}
	LIST_ADD(&call->regs, regs);
}

static void call_declare(struct program *program, struct call *call)
{
	const struct call *before = map_get(&program->calls, call->name);

	if (before) {
		report(program, call->pos, "syscall %s is already defined at %s:%u", call->name,
		       before->pos.file, before->pos.line);
		return;
	}
	map_put(&program->calls, call->name, call);
	LIST_ADD(&program->call_list, call);
}

/* What follows the arguments, in any order. */
static void parse_call_tail(struct parser *p, struct call *call)
{
	struct form_node *form = call->form;

	for (;;) {
		if (parse_take(p, "regs"))
			parse_regs(p, call);
		else if (form && parse_at(p, "{") && !form->key)
			parse_arms(p, form);
		else if (form && (parse_at(p, "->") || parse_at(p, "note")))
			parse_result(p, form);
		else if (parse_take(p, "class"))
			parse_classes(p, call);
		else if (parse_take(p, "named"))
			call->named = true;
		else if (parse_take(p, "slots"))
			call->slots = (unsigned)parse_number(p);
		else
			return;
	}
}

void parse_syscall(struct parser *p)
{
	struct call *call = mem_alloc(sizeof(*call));

	p->at++;
	call->pos = p->at->pos;
	call->name = parse_name(p, "the name of a call");
	if (parse_take(p, "=")) {
		call->same_as = parse_name(p, "the name of a call");
		parse_expect(p, "args");
		call->memory_args = (unsigned)parse_number(p);
	} else if (parse_take(p, "/")) {
		call->declared_only = true;
		call->slots = (unsigned)parse_number(p);
	} else {
		call->form = mem_alloc(sizeof(*call->form));
		call->form->pos = call->pos;
		parse_expect(p, "(");
		parse_args(p, call->form);
		parse_expect(p, ")");
	}
	parse_call_tail(p, call);
	call_declare(p->program, call);
}
