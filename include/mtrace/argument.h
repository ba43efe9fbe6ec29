/* SPDX-License-Identifier: MIT */
/*
 * Registers of a call that is about to be made, by processor.  An architecture is an entry in
 * src/arch/argument.c.
 */
#ifndef MTRACE_ARGUMENT_H
#define MTRACE_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "mtrace/abi.h"

/*
 * Replaces the first argument of the call that tracee `tid`, stopped at its beginning, is about to
 * make.  False: this cannot be done here, or the tracee is gone.
 */
bool arch_set_first_argument(int tid, enum abi_id abi, uint64_t value);

/* After the call: puts the register back, unless it is where the result is. */
void arch_restore_first_argument(int tid, enum abi_id abi, uint64_t value);

/* The call that tracee `tid`, stopped at its beginning, is about to make is not made: ENOSYS. */
bool arch_skip_call(int tid);

#endif
