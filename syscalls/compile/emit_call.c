/* SPDX-License-Identifier: MIT */
/* Calls, their forms, and the tables of numbers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"

static const char *emit_form(struct emitter *e, struct rform *form);

static const char *emit_form_arms(struct emitter *e, const struct rform *form)
{
	struct text text = { NULL, 0, 0 };

	text_add(&text, "{\n");
	for (unsigned i = 0; i < form->arms.count; i++) {
		const struct rform_arm *arm = &form->arms.at[i];

		text_add(&text, "\t{.value = %s, ", emit_number(arm->values[0]));
		if (!emit_same(arm->values))
			text_add(&text, ".by_abi = %s, ", emit_table(e, arm->values));
		text_add(&text, ".form = %s},\n", emit_form(e, arm->form));
	}
	text_add(&text, "}");
	return form->arms.count ? emit_define(e, "struct desc_form_arm ", "fm", true, text.at)
				: "NULL";
}

/* Arguments that are registers and nothing else: most of the calls that take no pointer. */
static bool form_is_plain(const struct rform *form)
{
	if (form->key || form->node->has_split)
		return false;
	for (unsigned i = 0; i < form->args.count; i++)
		if (field_shape(form->args.at[i]) != (FIELD_PLAIN | FIELD_ALWAYS) ||
		    form->args.at[i]->abis != ALL_ABIS)
			return false;
	return true;
}

static const char *emit_form(struct emitter *e, struct rform *form)
{
	struct text text = { NULL, 0, 0 };

	if (form->ref)
		return form->ref;
	text_add(&text, "{.args = %s, .arg_count = %u, .split = %s, .ret = %s",
		 emit_fields(e, form->args.at, form->args.count, true), form->args.count,
		 form->above_split || (form->split == form->args.count && !form->node->has_split)
			 ? "UINT32_MAX"
			 : mem_format("%u", form->split),
		 form->ret ? emit_type(e, form->ret) : "NULL");
	if (!form->node->has_split)
		text_add(&text, ", .split_implied = true");
	if (form_is_plain(form))
		text_add(&text, ", .plain = true");
	if (form->split_if)
		text_add(&text, ", .split_if = %s", emit_expr(e, form->split_if));
	if (form->notes.count)
		text_add(&text, ", .notes = %s, .note_count = %u",
			 emit_fields(e, form->notes.at, form->notes.count, false),
			 form->notes.count);
	if (form->key) {
		const char *otherwise = form->otherwise ? emit_form(e, form->otherwise) : "NULL";

		text_add(&text, ", .key = %s, .arms = %s, .arm_count = %u, .otherwise = %s",
			 emit_expr(e, form->key), emit_form_arms(e, form), form->arms.count,
			 otherwise);
	}
	text_add(&text, "}");
	form->ref = mem_format("&%s", emit_define(e, "struct desc_form ", "form", false, text.at));
	return form->ref;
}

static const char *emit_classes(unsigned classes)
{
	static const char *const names[] = {
		"DESC",      "FILE",   "MEMORY",  "PROCESS",     "SIGNAL", "IPC",
		"NETWORK",   "CREDS",  "CLOCK",   "STAT",        "LSTAT",  "FSTAT",
		"STAT_LIKE", "STATFS", "FSTATFS", "STATFS_LIKE", "PURE",   "NEVER_FAILS",
	};
	struct text text = { NULL, 0, 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (classes & 1u << i)
			text_add(&text, "%sCLASS_%s", text.len ? " | " : "", names[i]);
	return text.len ? text.at : "0";
}

static int call_order(const void *a, const void *b)
{
	return strcmp((*(struct call *const *)a)->name, (*(struct call *const *)b)->name);
}

void emit_calls(struct emitter *e)
{
	struct program *p = e->checker->program;

	if (p->call_list.count)
		qsort(p->call_list.at, p->call_list.count, sizeof(*p->call_list.at), call_order);
	for (unsigned i = 0; i < p->call_list.count; i++) {
		struct call *call = p->call_list.at[i];
		const struct call *same = call->same_as ? map_get(&p->calls, call->same_as) : call;
		const char *form = same->rform ? emit_form(e, same->rform) : "NULL";

		text_add(&e->out,
			 "static const struct desc_syscall call_%s = {\n\t.name = \"%s\",\n"
			 "\t.classes = %s,\n\t.arg_count = %u,\n%s%s\t.form = %s,\n};\n",
			 call->name, call->name,
			 emit_classes(call->classes ? call->classes : same->classes),
			 call->slot_count[ABI_X86_64], call->named ? "\t.named = true,\n" : "",
			 call->same_as ? mem_format("\t.memory_args = %u,\n", call->memory_args)
				       : "",
			 form);
	}
	text_add(&e->out, "\nconst struct desc_syscall *const desc_syscalls[] = {\n");
	for (unsigned i = 0; i < p->call_list.count; i++)
		text_add(&e->out, "\t&call_%s,\n", p->call_list.at[i]->name);
	text_add(&e->out, "\tNULL,\n};\nconst unsigned desc_syscall_count = %u;\n\n",
		 p->call_list.count);
}

/* ---- numbers ----------------------------------------------------------------------------- */

static void add_row(struct text *text, const struct row *row, uint64_t index, unsigned abi)
{
	static const char *const multiplex[] = {
		[MULTIPLEX_SOCKETCALL] = ", .multiplex = MULTIPLEX_SOCKETCALL",
		[MULTIPLEX_IPC] = ", .multiplex = MULTIPLEX_IPC",
	};

	text_add(text,
		 "\t[%" PRIu64 "] = {.name = \"%s\", .nr = %" PRIu64
		 ", .call = &call_%s, .arg_count = %u, .name_len = %u%s%s},\n",
		 index, row->name, row->nr, row->call->name, row->call->slot_count[abi],
		 strlen(row->name) < 256 ? (unsigned)strlen(row->name) : 0,
		 row->multiplex ? multiplex[row->multiplex] : "",
		 row->compat ? ", .compat = true" : "");
}

/* Writes the rows as an array; answers how long it is. */
static uint64_t emit_rows(struct emitter *e, const char *head, struct row *const *rows,
			  unsigned count, bool dense, unsigned abi)
{
	struct text text = { NULL, 0, 0 };
	uint64_t length = 0;

	for (unsigned i = 0; i < count; i++) {
		uint64_t index = dense ? rows[i]->nr : i;

		add_row(&text, rows[i], index, abi);
		if (index + 1 > length)
			length = index + 1;
	}
	text_add(&e->out, "\n%s = {\n%s};\n", head, length ? text.at : "\t{.name = NULL},\n");
	return length;
}

static const struct number_table *number_table(const struct emitter *e, const char *name)
{
	static const struct number_table none = { .name = "none" };
	const struct program *p = e->checker->program;

	for (unsigned i = 0; i < p->number_list.count; i++)
		if (strcmp(p->number_list.at[i]->name, name) == 0)
			return p->number_list.at[i];
	return &none;
}

static void emit_multiplexed(struct emitter *e, const char *table, const char *name)
{
	const struct number_table *t = number_table(e, table);
	uint64_t length = emit_rows(e, mem_format("const struct desc_row desc_%ss[]", name),
				    t->rows.at, t->rows.count, true, ABI_I386);

	text_add(&e->out, "const unsigned desc_%s_count = %" PRIu64 ";\n", name, length);
}

static const char *abi_constant(unsigned abi)
{
	static const char *const names[] = {
		[ABI_X86_64] = "ABI_X86_64",   [ABI_X32] = "ABI_X32", [ABI_I386] = "ABI_I386",
		[ABI_AARCH64] = "ABI_AARCH64", [ABI_ARM] = "ABI_ARM", [ABI_RISCV64] = "ABI_RISCV64",
	};

	return names[abi];
}

void emit_numbers(struct emitter *e)
{
	struct text text = { NULL, 0, 0 };

	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		const struct abi_info *info = &e->checker->program->abis[abi];
		const char *name = abi_text(abi);
		const struct number_table *t = number_table(e, name);
		uint64_t length = emit_rows(
			e, mem_format("static const struct desc_row rows_%s[]", name), t->rows.at,
			t->rows.count, true, abi);

		text_add(&text,
			 "\t[%s] = {\n\t\t.name = \"%s\",\n\t\t.word = %u,\n\t\t.klong = %u,\n"
			 "\t\t.rows = rows_%s,\n\t\t.row_count = %" PRIu64 ",\n",
			 abi_constant(abi), name, info->word, info->klong, name, length);
		if (t->private_rows.count) {
			length = emit_rows(
				e, mem_format("static const struct desc_row private_%s[]", name),
				t->private_rows.at, t->private_rows.count, false, abi);
			text_add(&text,
				 "\t\t.private_rows = private_%s,\n\t\t.private_base = 0x%" PRIx64
				 ",\n\t\t.private_count = %" PRIu64 ",\n",
				 name, t->private_base, length);
		}
		text_add(&text, "\t},\n");
	}
	text_add(&e->out, "\nconst struct desc_abi desc_abis[ABI_COUNT] = {\n%s};\n", text.at);
	emit_multiplexed(e, "socketcall", "socketcall");
	emit_multiplexed(e, "ipc", "ipccall");
}
