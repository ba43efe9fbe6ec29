/* SPDX-License-Identifier: MIT */
/*
 * Which ABI a system call belongs to.  Called by the tracer, by options and tests.
 */
#include "mtrace/abi.h"

#include <linux/audit.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned word;
} abis[ABI_COUNT] = {
	[ABI_X86_64] = { "x86_64", 8 }, [ABI_X32] = { "x32", 4 },
	[ABI_I386] = { "i386", 4 },     [ABI_AARCH64] = { "aarch64", 8 },
	[ABI_ARM] = { "arm", 4 },       [ABI_RISCV64] = { "riscv64", 8 },
};

enum abi_id abi_of_other_call(uint32_t audit_arch)
{
	switch (audit_arch) {
	case AUDIT_ARCH_I386:
		return ABI_I386;
	case AUDIT_ARCH_AARCH64:
		return ABI_AARCH64;
	case AUDIT_ARCH_ARM:
		return ABI_ARM;
	case AUDIT_ARCH_RISCV64:
		return ABI_RISCV64;
	default:
		return ABI_COUNT;
	}
}

int64_t abi_kernel_number(enum abi_id abi, int64_t number)
{
	return abi == ABI_X32 && number >= 0 ? number | ABI_X32_BIT : number;
}

unsigned abi_word_size(enum abi_id abi)
{
	return abi < ABI_COUNT ? abis[abi].word : sizeof(long);
}

bool abi_runs_here(enum abi_id abi)
{
#if defined(__x86_64__) || defined(__i386__)
	return abi == ABI_X86_64 || abi == ABI_X32 || abi == ABI_I386;
#elif defined(__aarch64__) || defined(__arm__)
	return abi == ABI_AARCH64 || abi == ABI_ARM;
#else
	return abi == ABI_RISCV64;
#endif
}

const char *abi_name(enum abi_id abi)
{
	return abi < ABI_COUNT ? abis[abi].name : "unknown";
}

enum abi_id abi_by_name(const char *name)
{
	for (unsigned i = 0; i < ABI_COUNT; i++) {
		if (strcmp(abis[i].name, name) == 0)
			return (enum abi_id)i;
	}
	return ABI_COUNT;
}
