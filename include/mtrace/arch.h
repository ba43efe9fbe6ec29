/* SPDX-License-Identifier: MIT */
/*
 * What differs between processors and that ptrace(2) has no common request for: the registers of a
 * call.  For kernels without PTRACE_SET_SYSCALL_INFO (Linux 6.16); an architecture is an entry in
 * src/arch/registers.c.
 */
#ifndef MTRACE_ARCH_H
#define MTRACE_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "mtrace/abi.h"

/*
 * Replaces the number of the call that tracee `tid`, in a syscall-enter-stop or a seccomp stop, is
 * about to make; as the kernel counts, -1 for none at all (seccomp(2), "SECCOMP_RET_TRACE").  False,
 * with errno: it could not be done, the call will be made.
 */
bool arch_set_call_number(int tid, int64_t nr);

/*
 * Replaces the result of the call that tracee `tid`, in a syscall-exit-stop, has made: a value, or
 * -errno.  False, with errno, if it could not be done.
 */
bool arch_set_call_result(int tid, int64_t result);

/*
 * The call that tracee `tid`, stopped at its beginning, is about to make is not made: ENOSYS.  What
 * the result register holds is the result of a call that a tracer has skipped.  False, with errno, as
 * above.
 */
bool arch_skip_call(int tid);

/*
 * Replaces the first argument of the call that tracee `tid`, stopped at its beginning, is about to
 * make.  False: this cannot be done here, or the tracee is gone.
 */
bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value);

/* After the call: puts the register back, unless it is where the result is. */
void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value);

#endif
