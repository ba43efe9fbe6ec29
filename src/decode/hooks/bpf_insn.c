/* SPDX-License-Identifier: MIT */
/*
 * An instruction of classic BPF (linux/filter.h): BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0).  What a
 * seccomp filter returns is an action with data, so those have a hook of their own.
 */
#include <string.h>

#include "build.h"
#include "desc_hooks.h"

struct insn {
	uint16_t code;
	uint8_t jump_true;
	uint8_t jump_false;
	uint32_t k;
};

struct field_names {
	uint16_t mask;
	const char *const *names; /* by (code & mask) >> shift */
	uint8_t shift;
	uint8_t count;
	bool number; /* without a name: a number; else with the comment BPF_??? */
};

static const char *const classes[] = { "BPF_LD",  "BPF_LDX", "BPF_ST",  "BPF_STX",
				       "BPF_ALU", "BPF_JMP", "BPF_RET", "BPF_MISC" };
static const char *const sizes[] = { "BPF_W", "BPF_H", "BPF_B", "BPF_DW" };
static const char *const modes[] = { "BPF_IMM", "BPF_ABS", "BPF_IND",
				     "BPF_MEM", "BPF_LEN", "BPF_MSH" };
static const char *const sources[] = { "BPF_K", "BPF_X" };
static const char *const alu_ops[] = { "BPF_ADD", "BPF_SUB", "BPF_MUL", "BPF_DIV",
				       "BPF_OR",  "BPF_AND", "BPF_LSH", "BPF_RSH",
				       "BPF_NEG", "BPF_MOD", "BPF_XOR" };
static const char *const jump_ops[] = { "BPF_JA", "BPF_JEQ", "BPF_JGT", "BPF_JGE", "BPF_JSET" };
static const char *const results[] = { "BPF_K", "BPF_X", "BPF_A" };
static const char *const misc_ops[] = { "BPF_TAX" };

#define NAMES(mask, shift, names, number) \
	{ \
		mask, names, shift, sizeof(names) / sizeof(*names), number \
	}

/* The fields of each class behind the class itself; what they do not cover follows as a number. */
static const struct field_names fields[8][2] = {
	[0] = { NAMES(0x18, 3, sizes, false), NAMES(0xe0, 5, modes, false) },
	[1] = { NAMES(0x18, 3, sizes, false), NAMES(0xe0, 5, modes, false) },
	[4] = { NAMES(0x08, 3, sources, false), NAMES(0xf0, 4, alu_ops, false) },
	[5] = { NAMES(0x08, 3, sources, false), NAMES(0xf0, 4, jump_ops, false) },
	[6] = { NAMES(0x18, 3, results, false) },
	[7] = { NAMES(0xf8, 3, misc_ops, false) },
};

static void field_part(struct builder *b, struct value *symbols, const struct field_names *field,
		       uint16_t code)
{
	unsigned value = code & field->mask, index = value >> field->shift;

	if (field->names == misc_ops && value == 0x80)
		build_part(b, symbols, "BPF_TXA", value);
	else if (index < field->count)
		build_part(b, symbols, field->names[index], value);
	else
		build_part_unknown(b, symbols, value, "BPF_???");
}

static struct value *code_symbols(struct builder *b, uint16_t code)
{
	struct value *symbols = build_symbols(b, code, BASE_HEX);
	uint16_t covered = 7;

	build_part(b, symbols, classes[code & 7], code & 7);
	for (unsigned i = 0; i < 2; i++) {
		const struct field_names *field = &fields[code & 7][i];

		if (!field->mask)
			continue;
		covered |= field->mask;
		field_part(b, symbols, field, code);
	}
	if (code & ~covered)
		build_part(b, symbols, NULL, code & ~covered);
	return symbols;
}

/* Loads from negative offsets ask the kernel for facts about the packet (linux/filter.h). */
#define SKF_AD_OFF 0xfffff000u
#define SKF_NET_OFF 0xfff00000u
#define SKF_LL_OFF 0xffe00000u

static struct value *packet_offset(struct builder *b, uint32_t k)
{
	static const char *const facts[] = {
		"PROTOCOL",         "PKTTYPE",    "IFINDEX",   "NLATTR",
		"NLATTR_NEST",      "MARK",       "QUEUE",     "HATYPE",
		"RXHASH",           "CPU",        "ALU_XOR_X", "VLAN_TAG",
		"VLAN_TAG_PRESENT", "PAY_OFFSET", "RANDOM",    "VLAN_TPID",
	};
	uint32_t at = k - SKF_AD_OFF;
	struct value *symbols = build_symbols(b, k, BASE_HEX);

	build_joiner(symbols, "+");
	if (k >= SKF_AD_OFF) {
		build_part(b, symbols, "SKF_AD_OFF", SKF_AD_OFF);
		if (at % 4 == 0 && at / 4 < sizeof(facts) / sizeof(*facts))
			build_part(b, symbols, build_printf(b, "SKF_AD_%s", facts[at / 4]), at);
		else
			build_part_unknown(b, symbols, at, "SKF_AD_???");
	} else {
		uint32_t base = k >= SKF_NET_OFF ? SKF_NET_OFF : SKF_LL_OFF;

		build_part(b, symbols, base == SKF_NET_OFF ? "SKF_NET_OFF" : "SKF_LL_OFF", base);
		build_part(b, symbols, NULL, k - base);
	}
	return symbols;
}

/* What a seccomp filter returns (seccomp(2)): an action, and data where it has any. */
static struct value *seccomp_result(struct builder *b, uint32_t k)
{
	static const struct {
		uint32_t action;
		const char *name;
	} actions[] = {
		{ 0x80000000, "SECCOMP_RET_KILL_PROCESS" },
		{ 0x00000000, "SECCOMP_RET_KILL_THREAD" },
		{ 0x00030000, "SECCOMP_RET_TRAP" },
		{ 0x00050000, "SECCOMP_RET_ERRNO" },
		{ 0x7fc00000, "SECCOMP_RET_USER_NOTIF" },
		{ 0x7ff00000, "SECCOMP_RET_TRACE" },
		{ 0x7ffc0000, "SECCOMP_RET_LOG" },
		{ 0x7fff0000, "SECCOMP_RET_ALLOW" },
	};
	struct value *symbols = build_symbols(b, k, BASE_HEX);
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (actions[i].action == (k & 0xffff0000u))
			name = actions[i].name;
	if (name)
		build_part(b, symbols, name, k & 0xffff0000u);
	else
		build_part_unknown(b, symbols, k & 0xffff0000u, "SECCOMP_RET_???");
	if (k & 0xffff)
		build_part(b, symbols, NULL, k & 0xffff);
	return symbols;
}

static struct value *operand(struct builder *b, const struct insn *insn, bool seccomp)
{
	unsigned mode = insn->code & 0xe0;

	if (seccomp && (insn->code & 7) == 6 && !(insn->code & 0x18))
		return seccomp_result(b, insn->k);
	if ((insn->code & 7) == 0 && (mode == 0x20 || mode == 0x40) && insn->k >= SKF_LL_OFF)
		return packet_offset(b, insn->k);
	return build_number(b, insn->k, BASE_HEX);
}

static void insn_build(struct builder *b, bool seccomp)
{
	struct value *call;
	struct insn insn;
	size_t len;
	const uint8_t *bytes = build_window(b, &len);

	if (len < sizeof(insn))
		return;
	memcpy(&insn, bytes, sizeof(insn));
	call = build_call(b, insn.jump_true || insn.jump_false ? "BPF_JUMP" : "BPF_STMT");
	build_append(call, NULL, code_symbols(b, insn.code));
	build_append(call, NULL, operand(b, &insn, seccomp));
	if (insn.jump_true || insn.jump_false) {
		build_append(call, NULL, build_number(b, insn.jump_true, BASE_HEX));
		build_append(call, NULL, build_number(b, insn.jump_false, BASE_HEX));
	}
	build_result(b, call);
}

void hook_bpf_insn(struct builder *b)
{
	insn_build(b, false);
}

void hook_seccomp_insn(struct builder *b)
{
	insn_build(b, true);
}
