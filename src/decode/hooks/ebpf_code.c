/* SPDX-License-Identifier: MIT */
/* The opcode of an eBPF instruction (linux/bpf.h): BPF_ALU64|BPF_K|BPF_MOV. */
#include "build.h"
#include "desc_hooks.h"

static void load_parts(struct builder *b, struct value *symbols, unsigned code)
{
	static const char *const sizes[] = { "BPF_W", "BPF_H", "BPF_B", "BPF_DW" };
	static const char *const modes[] = { "BPF_IMM", "BPF_ABS", "BPF_IND",   "BPF_MEM",
					     NULL,      NULL,      "BPF_ATOMIC" };
	unsigned mode = code >> 5;

	build_part(b, symbols, sizes[code >> 3 & 3], code & 0x18);
	if (mode < 7 && modes[mode])
		build_part(b, symbols, modes[mode], code & 0xe0);
	else
		build_part_unknown(b, symbols, code & 0xe0, "BPF_???");
}

static void operation_parts(struct builder *b, struct value *symbols, unsigned code)
{
	static const char *const alu[] = {
		"BPF_ADD", "BPF_SUB", "BPF_MUL", "BPF_DIV", "BPF_OR",  "BPF_AND",  "BPF_LSH",
		"BPF_RSH", "BPF_NEG", "BPF_MOD", "BPF_XOR", "BPF_MOV", "BPF_ARSH", "BPF_END",
	};
	static const char *const jump[] = {
		"BPF_JA",   "BPF_JEQ",  "BPF_JGT",  "BPF_JGE", "BPF_JSET", "BPF_JNE",  "BPF_JSGT",
		"BPF_JSGE", "BPF_CALL", "BPF_EXIT", "BPF_JLT", "BPF_JLE",  "BPF_JSLT", "BPF_JSLE",
	};
	bool jumps = (code & 7) == 5 || (code & 7) == 6;
	bool swap = !jumps && code >> 4 == 13;
	unsigned op = code >> 4;

	if (swap)
		build_part(b, symbols, code & 8 ? "BPF_TO_BE" : "BPF_TO_LE", code & 8);
	else
		build_part(b, symbols, code & 8 ? "BPF_X" : "BPF_K", code & 8);
	if (op < 14)
		build_part(b, symbols, jumps ? jump[op] : alu[op], code & 0xf0);
	else
		build_part_unknown(b, symbols, code & 0xf0, "BPF_???");
}

void hook_ebpf_code(struct builder *b, uint64_t number)
{
	static const char *const classes[] = { "BPF_LD",  "BPF_LDX", "BPF_ST",    "BPF_STX",
					       "BPF_ALU", "BPF_JMP", "BPF_JMP32", "BPF_ALU64" };
	unsigned code = (unsigned)number & 0xff;
	struct value *symbols = build_symbols(b, code, BASE_HEX);

	build_part(b, symbols, classes[code & 7], code & 7);
	if ((code & 7) < 4)
		load_parts(b, symbols, code);
	else
		operation_parts(b, symbols, code);
	build_result(b, symbols);
}
