/* SPDX-License-Identifier: MIT */
/* The registers of a call, by processor.  Called by src/tracer: tamper.c and seccomp.c. */
#include "mtrace/arch.h"

#ifdef __riscv
#include <asm/ptrace.h>
#endif
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined(__x86_64__) || defined(__i386__)

/* One word; in the layout of the tracer, whatever the tracee's is. */
static bool register_set(int tid, size_t offset, int64_t value)
{
	return ptrace(PTRACE_POKEUSER, tid, offset, (long)value) == 0;
}

bool arch_set_call_number(int tid, int64_t nr)
{
#ifdef __x86_64__
	return register_set(tid, offsetof(struct user, regs.orig_rax), nr);
#else
	return register_set(tid, offsetof(struct user, regs.orig_eax), nr);
#endif
}

bool arch_set_call_result(int tid, int64_t result)
{
#ifdef __x86_64__
	return register_set(tid, offsetof(struct user, regs.rax), result);
#else
	return register_set(tid, offsetof(struct user, regs.eax), result);
#endif
}

bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value)
{
#ifdef __x86_64__
	if (abi != ABI_I386)
		return register_set(tid, offsetof(struct user, regs.rdi), (int64_t)value);
	return register_set(tid, offsetof(struct user, regs.rbx), (int64_t)value);
#else
	(void)abi;
	return register_set(tid, offsetof(struct user, regs.ebx), (int64_t)value);
#endif
}

void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	arch_set_first_argument(tid, abi, value);
}

#elif defined(__aarch64__)

/* A register set may be written up to any whole register of it. */
static bool register_set(int tid, int set, void *value, size_t len)
{
	struct iovec part = { .iov_base = value, .iov_len = len };

	return ptrace(PTRACE_SETREGSET, tid, (long)set, &part) == 0;
}

/* A 32-bit program's number has no register set of its own here: that fails. */
bool arch_set_call_number(int tid, int64_t nr)
{
	int number = (int)nr;

	return register_set(tid, NT_ARM_SYSTEM_CALL, &number, sizeof(number));
}

/* x0 is the first. */
bool arch_set_call_result(int tid, int64_t result)
{
	return register_set(tid, NT_PRSTATUS, &result, sizeof(result));
}

/* It is in the register of the result. */
bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)abi;
	return arch_set_call_result(tid, (int64_t)value);
}

void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)tid;
	(void)abi;
	(void)value;
}

#elif defined(__riscv)

/* a0 and a7 are in the middle of the set, which is written from its beginning. */
static bool register_set(int tid, size_t offset, int64_t value)
{
	struct user_regs_struct registers;
	struct iovec all = { .iov_base = &registers, .iov_len = sizeof(registers) };

	if (ptrace(PTRACE_GETREGSET, tid, (long)NT_PRSTATUS, &all) < 0)
		return false;
	*(unsigned long *)((char *)&registers + offset) = (unsigned long)value;
	return ptrace(PTRACE_SETREGSET, tid, (long)NT_PRSTATUS, &all) == 0;
}

bool arch_set_call_number(int tid, int64_t nr)
{
	return register_set(tid, offsetof(struct user_regs_struct, a7), nr);
}

bool arch_set_call_result(int tid, int64_t result)
{
	return register_set(tid, offsetof(struct user_regs_struct, a0), result);
}

/* The kernel keeps a copy of a0 for itself, which ptrace does not reach. */
bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)tid;
	(void)abi;
	(void)value;
	return false;
}

void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)tid;
	(void)abi;
	(void)value;
}

#else

bool arch_set_call_number(int tid, int64_t nr)
{
	(void)tid;
	(void)nr;
	errno = ENOSYS;
	return false;
}

bool arch_set_call_result(int tid, int64_t result)
{
	(void)tid;
	(void)result;
	errno = ENOSYS;
	return false;
}

bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)tid;
	(void)abi;
	(void)value;
	errno = ENOSYS;
	return false;
}

void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)tid;
	(void)abi;
	(void)value;
}

#endif

bool arch_skip_call(int tid)
{
	return arch_set_call_result(tid, -ENOSYS) && arch_set_call_number(tid, -1);
}
