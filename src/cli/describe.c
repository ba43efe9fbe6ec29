/* SPDX-License-Identifier: MIT */
/* --describe NAME: what the tables know of a system call.  Called through the table of options. */
#include "option.h"

#include <string.h>

#include "mtrace/desc.h"

static const struct {
	uint32_t class;
	const char *name;
} classes[] = {
	{ CLASS_DESC, "%desc" },       { CLASS_FILE, "%file" },
	{ CLASS_MEMORY, "%memory" },   { CLASS_PROCESS, "%process" },
	{ CLASS_SIGNAL, "%signal" },   { CLASS_IPC, "%ipc" },
	{ CLASS_NETWORK, "%network" }, { CLASS_CREDS, "%creds" },
	{ CLASS_CLOCK, "%clock" },     { CLASS_STAT, "%stat" },
	{ CLASS_LSTAT, "%lstat" },     { CLASS_FSTAT, "%fstat" },
	{ CLASS_STAT_LIKE, "%%stat" }, { CLASS_STATFS, "%statfs" },
	{ CLASS_FSTATFS, "%fstatfs" }, { CLASS_STATFS_LIKE, "%%statfs" },
	{ CLASS_PURE, "%pure" },
};

/* What a number is, in a word or two. */
static void print_number_type(FILE *out, const struct desc_type *type)
{
	static const char *const roles[] = {
		[ROLE_FD] = "file descriptor",
		[ROLE_DIRFD] = "directory descriptor or AT_FDCWD",
		[ROLE_PID] = "process id",
		[ROLE_TIME] = "time",
	};

	if (type->role && type->role < sizeof(roles) / sizeof(roles[0]))
		fputs(roles[type->role], out);
	else if (type->set)
		fprintf(out, "%s of %s", type->set->kind == SET_FLAGS ? "flags" : "one",
			type->set->name);
	else if (type->base == BASE_ADDR)
		fputs("address", out);
	else
		fprintf(out, "%snumber", type->is_signed ? "signed " : "");
}

static void print_type(FILE *out, const struct desc_type *type)
{
	static const char *const phases[] = {
		[PHASE_PASS] = "",
		[PHASE_IN] = "",
		[PHASE_OUT] = "out: ",
		[PHASE_INOUT] = "in and out: ",
	};

	switch (type->kind) {
	case TYPE_INT:
		print_number_type(out, type);
		break;
	case TYPE_POINTER:
		fputs(phases[type->phase], out);
		print_type(out, type->of);
		break;
	case TYPE_CHANGE:
		fputs("in and out: ", out);
		print_type(out, type->of);
		break;
	case TYPE_STRING:
		fputs(type->flags & TYPE_PATH ? "path" : "string", out);
		break;
	case TYPE_BYTES:
		fputs("bytes", out);
		break;
	case TYPE_ARRAY:
		fputs("array of ", out);
		print_type(out, type->of);
		break;
	case TYPE_STRUCT:
	case TYPE_RECORD:
		fprintf(out, "%s%s", type->kind == TYPE_RECORD ? "records " : "struct ",
			type->name ? type->name : "without a name");
		break;
	case TYPE_BITSET:
		fputs("set of bits", out);
		break;
	case TYPE_APPLY:
		print_type(out, type->of);
		break;
	case TYPE_CHOICE:
		fputs(type->name ? type->name : "depends on other arguments", out);
		break;
	case TYPE_NOTHING:
		fputs("nothing", out);
		break;
	default:
		fputs(type->name ? type->name : "number", out);
	}
}

/* The arguments on the way to a form, in the order that expressions count them in. */
struct described {
	const struct desc_field *arguments[32];
	unsigned count;
};

#define ALTERNATIVES_MAX 4

static void print_argument(FILE *out, const struct desc_field *argument, int depth)
{
	fprintf(out, "%*s%-14s ", 2 * depth, "", argument->name ? argument->name : "_");
	for (unsigned alt = 0; alt < argument->alt_count; alt++) {
		if (alt == ALTERNATIVES_MAX) {
			fputs("; or others", out);
			break;
		}
		if (alt)
			fputs("; or ", out);
		print_type(out, argument->alts[alt].type);
	}
	fputc('\n', out);
}

/* The names of the values that arms are chosen by, NULL if the key is no argument with names. */
static const struct desc_set *key_set(const struct desc_form *form, const struct described *before)
{
	const struct desc_op *key = form->key;
	const struct desc_field *argument;

	if (key[0].code != OP_FIELD || key[0].index >= before->count || key[1].code != OP_END)
		return NULL;
	argument = before->arguments[key[0].index];
	return argument->alt_count && argument->alts[0].type->kind == TYPE_INT
		       ? argument->alts[0].type->set
		       : NULL;
}

static void print_key(FILE *out, const struct desc_set *set, int64_t value)
{
	const char *name = set && set->kind == SET_ENUM
				   ? desc_set_name(set, ABI_X86_64, (uint64_t)value)
				   : NULL;

	if (name)
		fputs(name, out);
	else
		fprintf(out, "%lld", (long long)value);
}

/* The arguments of a form, those of its arms indented below it. */
static void print_form(FILE *out, const struct desc_form *form, int depth, struct described before)
{
	const struct desc_set *set = NULL;

	for (unsigned i = 0; i < form->arg_count; i++) {
		const struct desc_field *argument = &form->args[i];

		if (before.count < sizeof(before.arguments) / sizeof(before.arguments[0]))
			before.arguments[before.count++] = argument;
		if (!(argument->flags & (FIELD_SKIPPED | FIELD_HIDDEN)) && argument->alt_count)
			print_argument(out, argument, depth);
	}
	if (form->arm_count)
		set = key_set(form, &before);
	for (unsigned i = 0; i < form->arm_count; i++) {
		const struct desc_form_arm *arm = &form->arms[i];

		/* Keys that share a form follow one another. */
		if (i && form->arms[i - 1].form == arm->form)
			fputs(", ", out);
		else
			fprintf(out, "%*s", 2 * depth, "");
		print_key(out, set, arm->value);
		if (i + 1 < form->arm_count && form->arms[i + 1].form == arm->form)
			continue;
		fputs(":\n", out);
		print_form(out, arm->form, depth + 1, before);
	}
	if (form->arm_count && form->otherwise) {
		fprintf(out, "%*selse:\n", 2 * depth, "");
		print_form(out, form->otherwise, depth + 1, before);
	}
	if (form->ret) {
		fprintf(out, "%*s%-14s ", 2 * depth, "", "result");
		print_type(out, form->ret);
		fputc('\n', out);
	}
}

static void print_number(FILE *out, const char **before, const char *abi, uint64_t nr)
{
	fprintf(out, "%s%s %llu", *before, abi, (unsigned long long)nr);
	*before = ", ";
}

static void print_numbers(FILE *out, const char *name)
{
	const char *before = "numbers: ";

	for (enum abi_id id = 0; id < ABI_COUNT; id++) {
		const struct desc_abi *abi = &desc_abis[id];

		for (unsigned i = 0; i < abi->row_count; i++)
			if (abi->rows[i].name && !strcmp(abi->rows[i].name, name))
				print_number(out, &before, abi->name, i);
		for (unsigned i = 0; i < abi->private_count; i++)
			if (!strcmp(abi->private_rows[i].name, name))
				print_number(out, &before, abi->name, abi->private_rows[i].nr);
	}
	if (strcmp(before, ", ") == 0)
		fputc('\n', out);
}

/* The description that a call of that name is decoded by: that of its first row in any ABI. */
static const struct desc_syscall *find_call(const char *name)
{
	for (enum abi_id id = 0; id < ABI_COUNT; id++) {
		const struct desc_abi *abi = &desc_abis[id];

		for (unsigned i = 0; i < abi->row_count; i++)
			if (abi->rows[i].name && !strcmp(abi->rows[i].name, name))
				return abi->rows[i].call;
	}
	return desc_find_syscall(name);
}

bool describe_call(const char *name, FILE *out)
{
	const struct desc_syscall *call = find_call(name);
	const char *before = "classes: ";

	if (!call)
		return false;
	fprintf(out, "%s\n", name);
	if (call->form)
		print_form(out, call->form, 1, (struct described){ .count = 0 });
	else
		fputs("  not described yet: arguments are shown as raw numbers\n", out);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (call->classes & classes[i].class) {
			fprintf(out, "%s%s", before, classes[i].name);
			before = " ";
		}
	}
	if (!strcmp(before, " "))
		fputc('\n', out);
	print_numbers(out, name);
	return true;
}
