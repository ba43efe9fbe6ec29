/* SPDX-License-Identifier: MIT */
/*
 * From the roots to all that they need: calls, errno and signal sets, siginfo.  What the roots do
 * not reach is unused, which is an error; it is resolved all the same, for the errors inside it.
 */
#include <string.h>

#include "model.h"

/*
 * Members first, expressions when all members have types, keys when the expressions are known.
 * Each may make more work for the others.
 */
static void drain(struct checker *c)
{
	unsigned decl = 0, expr = 0, choice = 0, form = 0;

	for (;;) {
		if (decl < c->pending_decls.count)
			decl_resolve_members(c, c->pending_decls.at[decl++]);
		else if (expr < c->pending_exprs.count)
			expr_resolve(c, c->pending_exprs.at[expr++]);
		else if (choice < c->pending_choices.count)
			choice_resolve(c, c->pending_choices.at[choice++]);
		else if (form < c->pending_forms.count)
			form_resolve_keys(c, c->pending_forms.at[form++]);
		else
			break;
	}
	c->pending_decls.count = c->pending_exprs.count = 0;
	c->pending_choices.count = c->pending_forms.count = 0;
}

static void tables_collect(struct checker *c)
{
	struct program *p = c->program;
	struct scope *none = mem_alloc(sizeof(*none));

	for (unsigned i = 0; i < p->row_list.count; i++) {
		const struct arm_row *row = &p->row_list.at[i];
		struct table *table = map_get(&p->tables, row->table);

		if (!table)
			report(p, row->pos, "unknown table %s", row->table);
		else if (!row->arm)
			table->otherwise = row->otherwise;
		else
			LIST_ADD(&table->rows, row->arm);
	}
	for (unsigned i = 0; i < p->table_list.count; i++) {
		struct table *table = p->table_list.at[i];

		for (unsigned k = 0; k < table->keys.count; k++) {
			struct rtype *key = type_resolve(c, table->keys.at[k], none);

			LIST_ADD(&table->key_types, key);
		}
	}
}

static void roots_resolve(struct checker *c)
{
	struct program *p = c->program;
	struct decl *siginfo = map_get(&p->decls, "siginfo");

	c->errnos = map_get(&p->sets, "errnos");
	c->signals = map_get(&p->sets, "signals");
	if (c->errnos)
		c->errnos->used = true;
	if (c->signals)
		c->signals->used = true;
	if (siginfo)
		c->siginfo = type_of_decl(c, siginfo);
	for (unsigned i = 0; i < p->call_list.count; i++)
		call_resolve(c, p->call_list.at[i]);
	drain(c);
}

static void report_unused(struct checker *c)
{
	struct program *p = c->program;

	for (unsigned i = 0; i < p->decl_list.count; i++)
		if (!p->decl_list.at[i]->used)
			report(p, p->decl_list.at[i]->pos, "type %s is not used",
			       p->decl_list.at[i]->name);
	for (unsigned i = 0; i < p->set_list.count; i++)
		if (!p->set_list.at[i]->used)
			report(p, p->set_list.at[i]->pos, "set %s is not used",
			       p->set_list.at[i]->name);
	for (unsigned i = 0; i < p->const_list.count; i++)
		if (!p->const_list.at[i]->used)
			report(p, p->const_list.at[i]->pos, "const %s is not used",
			       p->const_list.at[i]->name);
	for (unsigned i = 0; i < p->table_list.count; i++)
		if (!p->table_list.at[i]->used)
			report(p, p->table_list.at[i]->pos, "table %s is not used",
			       p->table_list.at[i]->name);
	for (unsigned i = 0; i < p->hook_list.count; i++)
		if (!p->hook_list.at[i]->used)
			report(p, p->hook_list.at[i]->pos, "hook %s is not used",
			       p->hook_list.at[i]->name);
	for (unsigned i = 0; i < p->call_list.count; i++)
		if (!p->call_list.at[i]->has_row)
			report(p, p->call_list.at[i]->pos, "syscall %s has no number",
			       p->call_list.at[i]->name);
}

static void resolve_unused(struct checker *c)
{
	struct program *p = c->program;
	struct scope *none = mem_alloc(sizeof(*none));

	for (unsigned i = 0; i < p->decl_list.count; i++)
		type_of_decl(c, p->decl_list.at[i]);
	for (unsigned i = 0; i < p->table_list.count; i++)
		for (unsigned k = 0;
		     !p->table_list.at[i]->used && k < p->table_list.at[i]->rows.count; k++)
			type_resolve(c, p->table_list.at[i]->rows.at[k]->type, none);
	drain(c);
}

static void check_abis(struct checker *c)
{
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		struct abi_info *info = &c->program->abis[abi];

		if (!info->defined)
			report(c->program, (struct pos){ "abi.desc", 1, 1 },
			       "abi %s is not defined", abi_text(abi));
		else if ((info->word != 4 && info->word != 8) ||
			 (info->klong != 4 && info->klong != 8) ||
			 (info->align64 != 4 && info->align64 != 8))
			report(c->program, info->pos, "word, klong and align64 are 4 or 8");
	}
}

void checker_run(struct checker *c)
{
	check_abis(c);
	sets_resolve(c);
	numbers_join(c->program, c->partial);
	tables_collect(c);
	c->rooted = true;
	roots_resolve(c);
	c->rooted = false;
	resolve_unused(c);
	if (!c->partial)
		report_unused(c);
	calls_place_arguments(c);
	layout_all(c);
	phases_check(c);
}
