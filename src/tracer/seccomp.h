/* SPDX-License-Identifier: MIT */
/*
 * Calls that nobody asked for run without a stop: the filter (seccomp_program.c) and what has to be
 * done so that nobody notices it (seccomp.c).  Used by src/tracer only.
 */
#ifndef MTRACE_SECCOMP_H
#define MTRACE_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtrace/options.h"
#include "mtrace/tracer.h"

struct tracee_record;
struct __ptrace_syscall_info;

/* What a stop that our own filter asked for carries, for a tracee may have filters of its own. */
#define SECCOMP_OURS 0x6d74u

/*
 * The filter for `plan`: SECCOMP_RET_TRACE with SECCOMP_OURS for what is to stop, SECCOMP_RET_ALLOW
 * for the rest, for each ABI of this machine (seccomp(2)).  The caller frees it.  NULL: it would be
 * longer than the kernel takes.
 */
struct sock_filter *seccomp_compile(const struct seccomp_plan *plan, unsigned short *length);

/*
 * Gives the calling process the filter; it and all that it becomes.  NO_NEW_PRIVS is set only if the
 * kernel insists.  False: it has none, and will not have one.
 */
bool seccomp_install(const struct seccomp_plan *plan);

/* ---- seccomp.c: the tracer's part ------------------------------------------------------------ */

/* What PTRACE_SEIZE is to ask for beside the rest. */
long seccomp_options(const struct options *options);
/* Must tracees not be detached, but kept? */
bool seccomp_must_keep(const struct tracer *tracer);
/* A call of the tracee that we launched, before its execve: was it seccomp_install's? */
void seccomp_note_setup(struct tracer *tracer, struct tracee_record *record,
			const struct event *event);
/* A call begins, before it is resumed; and has ended. */
void seccomp_enter(struct tracer *tracer, struct tracee_record *record, const struct event *event);
void seccomp_exit(struct tracer *tracer, struct tracee_record *record, const struct event *event);
/*
 * A stop of PTRACE_EVENT_SECCOMP.  True: it is the beginning of a call that has not been reported;
 * otherwise the tracee need only be resumed.
 */
bool seccomp_begins_call(const struct tracee_record *record,
			 const struct __ptrace_syscall_info *info);
/* In a call that makes a child: the tracee is about to be resumed. */
void seccomp_take_untraced(struct tracer *tracer, struct tracee_record *record);
/* PTRACE_CONT or PTRACE_SYSCALL: how a stopped tracee goes on. */
int seccomp_request(const struct tracer *tracer, const struct tracee_record *record);
/* A newborn of `parent`, which may be NULL. */
void seccomp_begin(struct tracer *tracer, struct tracee_record *record,
		   const struct tracee_record *parent);
/* The same for one tracee as below; it is to be resumed. */
void seccomp_keep(struct tracer *tracer, struct tracee_record *record);
/*
 * Instead of detaching: tracees are reported as detached and go on in silence, to the end of the
 * last; without a tracer their calls would fail with ENOSYS.
 */
void seccomp_keep_all(struct tracer *tracer);

#endif
