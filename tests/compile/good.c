/* SPDX-License-Identifier: MIT */
/*
 * Looks at the tables that the compiler made of good/: layouts, slots, code, keys.  run.sh links it
 * with them.  Prints what is wrong.
 */
#include <stdio.h>
#include <string.h>

#include "desc_hooks.h"
#include "mtrace/desc.h"

static unsigned failures;

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			printf("line %d: %s\n", __LINE__, #condition); \
			failures++; \
		} \
	} while (0)

void hook_status(struct builder *b, uint64_t number)
{
	(void)b;
	(void)number;
}

void hook_path_hook(struct builder *b)
{
	(void)b;
}

static const struct desc_syscall *call_find(const char *name)
{
	for (unsigned i = 0; i < desc_syscall_count; i++)
		if (strcmp(desc_syscalls[i]->name, name) == 0)
			return desc_syscalls[i];
	printf("no call %s\n", name);
	failures++;
	return desc_syscalls[0];
}

static const struct desc_type *struct_find(const char *name)
{
	for (unsigned i = 0; i < desc_struct_count; i++)
		if (strcmp(desc_structs[i]->name, name) == 0)
			return desc_structs[i];
	printf("no struct %s\n", name);
	failures++;
	return desc_structs[0];
}

static const struct desc_type *arg_type(const char *call, unsigned arg)
{
	return call_find(call)->form->args[arg].alts[0].type;
}

static int has_sizes(const uint32_t *size, uint32_t x86_64, uint32_t x32, uint32_t i386,
		     uint32_t aarch64, uint32_t arm)
{
	return size[ABI_X86_64] == x86_64 && size[ABI_X32] == x32 && size[ABI_I386] == i386 &&
	       size[ABI_AARCH64] == aarch64 && size[ABI_ARM] == arm && size[ABI_RISCV64] == aarch64;
}

static int is_op(const struct desc_op *op, enum desc_op_code code, unsigned index, int64_t k)
{
	return op->code == code && op->index == index && op->k == k;
}

static void check_layouts(void)
{
	const struct desc_type *msghdr = arg_type("sendmsg", 1)->of;
	const struct desc_type *action = struct_find("ksigaction");
	const struct desc_type *attr = arg_type("open_attr", 0)->of->of->of;

	CHECK(msghdr->kind == TYPE_APPLY && msghdr->arg_count == 1);
	CHECK(is_op(msghdr->args[0], OP_CONST, 0, -1));
	CHECK(has_sizes(msghdr->of->size, 56, 28, 28, 56, 28));
	CHECK(has_sizes(struct_find("timespec")->size, 16, 16, 8, 16, 8));
	CHECK(action->size[ABI_X86_64] == 32 && action->size[ABI_X32] == 20 &&
	      action->size[ABI_I386] == 20 && action->size[ABI_RISCV64] == 24);
	CHECK(has_sizes(struct_find("epoll_event")->size, 12, 12, 12, 16, 16));
	CHECK(has_sizes(struct_find("sigval")->size, 8, 4, 4, 8, 4));
	CHECK(struct_find("sigval")->body->flags == (STRUCT_OVERLAY | STRUCT_FIXED));
	CHECK(strcmp(struct_find("iovec.out")->name, "iovec.out") == 0);
	CHECK(attr->kind == TYPE_STRUCT && attr->body->sized && attr->body->min[ABI_ARM] == 8);
	/* kind, told, the bits, period, aligned, device, value */
	CHECK(attr->body->fields[4].place[ABI_I386] == 24);
	CHECK(has_sizes(attr->size, 48, 48, 48, 48, 48));
	CHECK(attr->body->fields[7].flags == FIELD_COMPUTED);
	CHECK(attr->body->fields[8].flags == FIELD_AT);
}

/* Order of showing differs from memory; the restorer is no member on riscv64. */
static void check_members(void)
{
	const struct desc_struct *action = struct_find("ksigaction")->body;
	const struct desc_struct *attr = arg_type("open_attr", 0)->of->of->of->body;
	const struct desc_op *restorer;

	CHECK(action->show_count == 4 && action->show[1] == 3 && action->show[3] == 2);
	CHECK(action->fields[2].abis == (0x3f & ~(1u << ABI_RISCV64)));
	CHECK(action->fields[3].alts[0].type->kind == TYPE_BITSET &&
	      action->fields[3].alts[0].type->first == 1 &&
	      action->fields[3].alts[0].type->flags == TYPE_COMPLEMENT);
	restorer = action->fields[2].alts[0].shown_if;
	/* What begins with FIELD & CONSTANT is one operation. */
	CHECK(is_op(&restorer[0], OP_FIELD_AND, 1, 0x04000000) && restorer[1].code == OP_END);
	/* `inherit` is a bit of the spliced fields, member 2. */
	CHECK(is_op(&attr->fields[3].alts[0].shown_if[0], OP_FIELD, 2, 0) &&
	      is_op(&attr->fields[3].alts[0].shown_if[1], OP_CONST, 0, 1) &&
	      attr->fields[3].alts[0].shown_if[2].code == OP_SHR);
	CHECK(attr->fields[2].flags == FIELD_SPLICED && attr->fields[2].alts[0].type->width == 8);
	CHECK(strcmp(attr->fields[5].alts[0].type->body->callee, "makedev") == 0);
	CHECK(attr->fields[5].alts[0].type->body->flags == (STRUCT_NUMBERED | STRUCT_FIXED));
}

/* The shapes that the engine goes by, and what is none of them. */
static void check_shapes(void)
{
	const struct desc_struct *attr = arg_type("open_attr", 0)->of->of->of->body;
	const struct desc_struct *iovec = struct_find("iovec.out")->body;
	const struct desc_struct *msghdr = arg_type("sendmsg", 1)->of->of->body;
	const struct desc_form *pread = call_find("pread64")->form;
	const struct desc_form *accept = call_find("accept")->form;
	const struct desc_form *wait = call_find("wait")->form;
	const struct desc_form *open_attr = call_find("open_attr")->form;

	CHECK(pread->args[0].flags == (FIELD_PLAIN | FIELD_ALWAYS) &&
	      pread->args[3].flags == (FIELD_PLAIN | FIELD_ALWAYS));
	CHECK(pread->args[1].flags == (FIELD_POINTER | FIELD_ALWAYS)); /* out */
	CHECK(call_find("readv")->form->args[1].flags ==
	      (FIELD_POINTER | FIELD_ALWAYS)); /* in, with a budget */
	CHECK(iovec->fields[0].flags == (FIELD_POINTER | FIELD_ALWAYS) &&
	      iovec->fields[1].flags == (FIELD_PLAIN | FIELD_ALWAYS));
	CHECK(msghdr->fields[0].flags ==
	      (FIELD_POINTER | FIELD_ALWAYS));           /* of no phase of its own */
	CHECK(msghdr->fields[1].flags == FIELD_KEEP);    /* shown as old => new */
	CHECK(msghdr->fields[4].flags == FIELD_POINTER); /* shown on a condition */
	CHECK(attr->fields[3].flags == FIELD_PLAIN);     /* shown on a condition */
	CHECK(!pread->plain && call_find("advise")->form->plain && !call_find("op")->form->plain);
	CHECK(accept->args[2].flags == FIELD_KEEP); /* inout */
	CHECK(attr->fields[5].flags == 0);          /* a number that is a struct */
	CHECK(call_find("op")->form->args[1].flags == (FIELD_PLAIN | FIELD_ALWAYS)); /* bits */
	CHECK(open_attr->args[0].flags == 0);                                        /* a change */
	CHECK(arg_type("sleep", 1)->kind == TYPE_POINTER &&
	      call_find("sleep")->form->args[1].flags == 0); /* followed on a condition */
	CHECK(wait->args[0].flags == (FIELD_POINTER | FIELD_ALWAYS));
	CHECK(call_find("sleep")->form->notes[1].flags == FIELD_AT); /* notes have no place */
	CHECK(struct_find("timespec")->body->flags & STRUCT_FIXED);
	CHECK(!struct_find("timespec")->body->brief && !struct_find("timespec")->body->left_out);
	CHECK(!(attr->flags & STRUCT_FIXED)); /* the tracee says how long it is */
	CHECK(msghdr->flags & STRUCT_FIXED);
}

static void check_record(void)
{
	const struct desc_type *msghdr = arg_type("sendmsg", 1)->of->of;
	const struct desc_type *cmsg = msghdr->body->fields[4].alts[0].type->of->of;
	const struct desc_choice *choice;

	CHECK(cmsg->kind == TYPE_RECORD && cmsg->flags == TYPE_MERGED);
	CHECK(is_op(cmsg->length, OP_FIELD, 0, 0));
	CHECK(cmsg->body->align->code == OP_ABI_CONST && cmsg->body->align->table[ABI_X32] == 4 &&
	      cmsg->body->align->table[ABI_AARCH64] == 8);
	CHECK(cmsg->body->body_count == 1);
	choice = cmsg->body->bodies[0].alts[0].type->choice;
	CHECK(choice->key_count == 2 && choice->arm_count == 3 && choice->otherwise);
	CHECK(choice->arms[0].match[1].mask == -1 && choice->arms[2].match[1].mask == 0);
}

static void check_slots(void)
{
	const struct desc_form *pread = call_find("pread64")->form;
	const struct desc_form *advise = call_find("advise")->form;

	CHECK(pread->split == 1 && pread->args[3].place[ABI_X86_64] == 3);
	CHECK(pread->args[3].place[ABI_I386] == 3 && pread->args[3].place[ABI_ARM] == 4);
	CHECK(desc_abis[ABI_ARM].rows[3].arg_count == 6);
	CHECK(desc_abis[ABI_X86_64].rows[17].arg_count == 4);
	CHECK(advise->args[1].place[ABI_ARM] == 2 && advise->args[2].place[ABI_ARM] == 4 &&
	      advise->args[3].place[ABI_ARM] == 1);
	CHECK(advise->args[1].place[ABI_I386] == 1 && advise->args[3].place[ABI_I386] == 5);
	CHECK(advise->split == UINT32_MAX && desc_abis[ABI_ARM].rows[4].compat);
	CHECK(call_find("accept")->form->split == 1 && call_find("accept")->form->split_if);
	CHECK(call_find("packed")->memory_args == 3 &&
	      call_find("packed")->form == call_find("op")->form);
	CHECK(call_find("nothing")->arg_count == 2 && !call_find("nothing")->form);
}

static void check_forms(void)
{
	const struct desc_form *op = call_find("op")->form;
	const struct desc_form *both;

	/* op.cmd: (op & 0x7f), not shifted */
	CHECK(is_op(&op->key[0], OP_FIELD_AND, 1, 0x7f) && op->key[1].code == OP_END);
	CHECK(op->arm_count == 3 && op->arms[0].form == op->arms[1].form && op->arms[1].value == 1);
	CHECK(op->arms[0].form->args[1].alt_count == 2);
	both = op->arms[2].form;
	CHECK(both->args[0].flags == FIELD_SKIPPED && both->args[1].place[ABI_X86_64] == 3);
	CHECK(both->arm_count == 1 && both->arms[0].form->ret->kind == TYPE_NOTHING);
	CHECK(both->otherwise->args[0].place[ABI_X86_64] == 4);
	/* value.log is shifted; `value` is argument 3 of the path. */
	CHECK(both->key[0].code == OP_FIELD_AND && both->key[0].index == 3 &&
	      both->key[1].k == 26 && both->key[2].code == OP_SHR);
	CHECK(op->otherwise->split == 1 && op->otherwise->ret->kind == TYPE_INT);
	CHECK(call_find("op")->arg_count == 5);
	CHECK(call_find("sleep")->form->note_count == 3);
	CHECK(call_find("sleep")->form->notes[1].flags == FIELD_AT);
	CHECK(strcmp(call_find("sleep")->form->notes[1].name, "left ") == 0);
}

static void check_expressions(void)
{
	const struct desc_op *length = arg_type("bias", 0)->of->length;
	const struct desc_type *word = arg_type("bias", 1);
	const struct desc_op *shown = call_find("cond")->form->args[1].alts[0].shown_if;
	const struct desc_type *events = arg_type("wait", 1)->of;

	CHECK(length[0].code == OP_ABI_CONST && length[1].code == OP_END);
	CHECK(length[0].table[ABI_X86_64] == 24 && length[0].table[ABI_X32] == 20 &&
	      length[0].table[ABI_I386] == 16 && length[0].table[ABI_ARM] == 12);
	CHECK(word->choice->arm_count == 4 && word->choice->keys[0][0].code == OP_ABI);
	CHECK(word->size[ABI_I386] == 4 && word->size[ABI_ARM] == 8);
	CHECK(is_op(&shown[0], OP_FIELD, 0, 0) && is_op(&shown[1], OP_CONST, 0, 1) &&
	      shown[2].code == OP_GT && is_op(&shown[3], OP_FIELD_AND, 0, 4) &&
	      is_op(&shown[4], OP_EQ_CONST, 0, 4) && shown[5].code == OP_LAND &&
	      shown[6].code == OP_END);
	/* `where` sees the element's own members. */
	CHECK(is_op(&events->where[0], OP_FIELD_AND, 0, 1) && events->length[0].code == OP_RET);
}

static void check_sets(void)
{
	const struct desc_set *signals = desc_signals;
	const struct desc_set *flags = struct_find("ksigaction")->body->fields[1].alts[0].type->set;

	/* By value, signed, and one name for one value. */
	CHECK(signals->by_abi[0].count == 4);
	CHECK((int64_t)signals->by_abi[0].entries[0].value == -1);
	CHECK(strcmp(signals->by_abi[0].entries[2].name, "SIGIOT") == 0);
	CHECK(signals->by_abi[0].entries == signals->by_abi[ABI_ARM].entries);
	CHECK(strcmp(flags->by_abi[0].entries[0].name, "SA_BOTH") == 0);
	CHECK(strcmp(flags->unknown, "SA_???") == 0 && flags->kind == SET_FLAGS);
	CHECK(desc_errnos->by_abi[0].count == 3);
}

static void check_numbers(void)
{
	const struct desc_abi *arm = &desc_abis[ABI_ARM];

	CHECK(desc_abis[ABI_X86_64].row_count == 19 && !desc_abis[ABI_X86_64].rows[1].name);
	CHECK(strcmp(desc_abis[ABI_X86_64].rows[18].name, "raw_op") == 0 &&
	      strcmp(desc_abis[ABI_X86_64].rows[18].call->name, "op") == 0);
	CHECK(arm->row_count == 103 && strcmp(arm->rows[0].name, "read") == 0);
	CHECK(arm->rows[102].multiplex == MULTIPLEX_SOCKETCALL);
	CHECK(arm->private_base == 0xf0000 && arm->private_count == 2);
	CHECK(arm->private_rows[0].nr == 0xf0001 && arm->private_rows[1].nr == 0xf0005);
	CHECK(call_find("read")->classes == CLASS_DESC);
}

int main(void)
{
	check_layouts();
	check_members();
	check_shapes();
	check_record();
	check_slots();
	check_forms();
	check_expressions();
	check_sets();
	check_numbers();
	return failures != 0;
}
