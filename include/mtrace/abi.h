/* SPDX-License-Identifier: MIT */
/*
 * The ABIs that a tracee may use, as one number.  An ABI is a property of a single system call, not
 * of a process: a 64-bit program may issue int 0x80 at any time.
 */
#ifndef MTRACE_ABI_H
#define MTRACE_ABI_H

#include <linux/audit.h>
#include <stdbool.h>
#include <stdint.h>

enum abi_id { ABI_X86_64, ABI_X32, ABI_I386, ABI_AARCH64, ABI_ARM, ABI_RISCV64, ABI_COUNT };

/* The bit that marks an x32 call in orig_rax; asm/unistd.h calls it __X32_SYSCALL_BIT. */
#define ABI_X32_BIT 0x40000000u

/* The same as abi_of_call(), of all but AUDIT_ARCH_X86_64. */
enum abi_id abi_of_other_call(uint32_t audit_arch);

/*
 * The ABI of a call from what PTRACE_GET_SYSCALL_INFO reports (ptrace(2)): `audit_arch` is an
 * AUDIT_ARCH_* constant, `nr` the raw call number.  Returns ABI_COUNT for an architecture that
 * mtrace has no tables for.
 */
static inline enum abi_id abi_of_call(uint32_t audit_arch, uint64_t nr)
{
	if (audit_arch != AUDIT_ARCH_X86_64)
		return abi_of_other_call(audit_arch);
	/*
	 * The kernel reports the low 32 bits of orig_rax, widened with their sign.  A negative number
	 * has bit 30 set as a rule; it is no x32 call for that.
	 */
	return (int32_t)nr >= 0 && (nr & ABI_X32_BIT) != 0 ? ABI_X32 : ABI_X86_64;
}

/* The number as the ABI's table counts it: without __X32_SYSCALL_BIT. */
static inline uint64_t abi_call_number(enum abi_id abi, uint64_t nr)
{
	return abi == ABI_X32 ? nr & ~(uint64_t)ABI_X32_BIT : nr;
}

/* The way back: the number as the kernel counts it; -1, no call, is that everywhere. */
int64_t abi_kernel_number(enum abi_id abi, int64_t number);

/* Width of a user pointer in bytes: 4 or 8. */
unsigned abi_word_size(enum abi_id abi);

/* Can programs of this ABI run on the machine that mtrace was built for? */
bool abi_runs_here(enum abi_id abi);

/* The name that options, tests and number tables use: "x86_64", "i386", ... */
const char *abi_name(enum abi_id abi);

/* The ABI of that name, ABI_COUNT if there is none. */
enum abi_id abi_by_name(const char *name);

#endif
