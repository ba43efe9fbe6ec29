/* SPDX-License-Identifier: MIT */
/*
 * An offset in the user area that PTRACE_PEEKUSER reads (sys/user.h): 8*ORIG_RAX.  Its layout is
 * the tracee's own ABI's.
 */
#include "build.h"
#include "desc_hooks.h"

static const char *const x86_64_registers[] = {
	"R15",    "R14", "R13", "R12",     "RBP",     "RBX", "R11",      "R10", "R9",
	"R8",     "RAX", "RCX", "RDX",     "RSI",     "RDI", "ORIG_RAX", "RIP", "CS",
	"EFLAGS", "RSP", "SS",  "FS_BASE", "GS_BASE", "DS",  "ES",       "FS",  "GS",
};
static const char *const i386_registers[] = {
	"EBX", "ECX", "EDX",      "ESI", "EDI", "EBP", "EAX",  "DS", "ES",
	"FS",  "GS",  "ORIG_EAX", "EIP", "CS",  "EFL", "UESP", "SS",
};

/* Where u_debugreg begins in struct user. */
#define X86_64_DEBUG 848
#define I386_DEBUG 252
#define DEBUG_REGISTERS 8

void hook_user_offset(struct builder *b, uint64_t number)
{
	bool wide = build_abi(b) != ABI_I386;
	unsigned word = wide ? 8 : 4;
	uint64_t debug = wide ? X86_64_DEBUG : I386_DEBUG;
	size_t count = wide ? sizeof(x86_64_registers) / sizeof(*x86_64_registers)
			    : sizeof(i386_registers) / sizeof(*i386_registers);
	struct value *symbols = build_symbols(b, number, BASE_HEX);
	const char *name = NULL;

	if (build_abi(b) > ABI_I386) {
		build_result(b, build_number(b, number, BASE_HEX));
		return;
	}
	if (number / word < count && number % word == 0)
		name = build_printf(b, "%u*%s", word,
				    (wide ? x86_64_registers : i386_registers)[number / word]);
	else if (number >= debug && number < debug + (uint64_t)word * DEBUG_REGISTERS &&
		 (number - debug) % word == 0)
		name = build_printf(b, "offsetof(struct user, u_debugreg[%u])",
				    (unsigned)((number - debug) / word));
	if (name)
		build_part(b, symbols, name, number);
	build_result(b, symbols);
}
