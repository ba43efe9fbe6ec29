/* SPDX-License-Identifier: MIT */
/* Registers of a call that is about to be made.  Called by src/tracer/seccomp.c. */
#include "mtrace/argument.h"

#include <elf.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined(__x86_64__)

bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	size_t offset = abi == ABI_I386 ? offsetof(struct user, regs.rbx)
					: offsetof(struct user, regs.rdi);

	return ptrace(PTRACE_POKEUSER, tid, offset, (long)value) == 0;
}

void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	arch_set_first_argument(tid, abi, value);
}

bool arch_skip_call(int tid)
{
	return ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, regs.orig_rax), -1L) == 0;
}

#elif defined(__i386__)

bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)abi;
	return ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, regs.ebx), (long)value) == 0;
}

void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	arch_set_first_argument(tid, abi, value);
}

bool arch_skip_call(int tid)
{
	return ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, regs.orig_eax), -1L) == 0;
}

#else

bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value)
{
#ifdef __aarch64__
	/* x0 is the first of the set, of which a part may be written. */
	struct iovec first = { .iov_base = &value, .iov_len = sizeof(value) };

	(void)abi;
	return ptrace(PTRACE_SETREGSET, tid, (long)NT_PRSTATUS, &first) == 0;
#else
	(void)tid;
	(void)abi;
	(void)value;
	return false;
#endif
}

void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value)
{
	(void)tid;
	(void)abi;
	(void)value;
}

bool arch_skip_call(int tid)
{
#ifdef __aarch64__
	/* A call that is not made leaves x0 as it is: the result of it. */
	int number = -1;
	struct iovec part = { .iov_base = &number, .iov_len = sizeof(number) };

	return arch_set_first_argument(tid, ABI_AARCH64, (uint64_t)-38) &&
	       ptrace(PTRACE_SETREGSET, tid, (long)NT_ARM_SYSTEM_CALL, &part) == 0;
#else
	(void)tid;
	return false;
#endif
}

#endif
