/* SPDX-License-Identifier: MIT */
/*
 * Tracees with a seccomp filter.  Called by spawn.c in the child, and by loop.c, follow.c, detach.c.
 *
 * The filter is installed before the first execve, is handed on to all that the program makes, and
 * cannot be removed.  Where it says so, a tracee stops with PTRACE_EVENT_SECCOMP: the beginning of a
 * call; PTRACE_SYSCALL leads to its end, PTRACE_CONT over all that the filter lets pass.  (Before
 * Linux 4.8 another stop came in between; PTRACE_GET_SYSCALL_INFO is younger than that.)
 *
 * Without a tracer such calls fail with ENOSYS.  So PTRACE_O_EXITKILL goes with the filter, no tracee
 * that has it is ever detached, and CLONE_UNTRACED is taken out of the tracee's hands.
 *
 * What a filter of ours could be noticed by, and is not: a tracee's own filters come before ours, so
 * one that has some stops at every call from then on, as without ours; and if its own filter asks for
 * a tracer, it gets the ENOSYS that it would get without us.
 */
#include "seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "mtrace/memory.h"

#include "mtrace/arch.h"
#include "mtrace/log.h"
#include "tracer_internal.h"

/* ---- in the program's process, before its execve --------------------------------------------- */

/* Does the kernel have what we need to tell stops of a filter apart? */
static bool seccomp_kernel_will_do(void)
{
	struct utsname system;
	int major = 0;
	int minor = 0;

	return uname(&system) == 0 && sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 3));
}

bool seccomp_install(const struct seccomp_plan *plan)
{
	struct sock_fprog program;
	long done = -1;

	if (!seccomp_kernel_will_do())
		return false;
	program.filter = seccomp_compile(plan, &program.len);
	if (program.filter == NULL)
		return false;
	done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	/* Without CAP_SYS_ADMIN (seccomp(2)): set-user-ID programs gain nothing under us anyway. */
	if (done < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	free(program.filter);
	return done == 0;
}

/* ---- in the tracer --------------------------------------------------------------------------- */

long seccomp_options(const struct options *options)
{
	/*
	 * From the beginning: between the filter's installation and a later PTRACE_SETOPTIONS we
	 * could be killed.
	 */
	return options->seccomp.wanted ? PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL : 0;
}

/* There will be no filter: the tracee is one that may outlive us. */
static void seccomp_do_without(struct tracer *tracer, const struct tracee_record *record)
{
	tracer->ptrace_options &= ~seccomp_options(tracer->options);
	ptrace(PTRACE_SETOPTIONS, record->tracee.tid, 0, tracer->ptrace_options);
	if (tracer->options->seccomp.mode == SECCOMP_ASKED)
		log_note("seccomp filter is requested but unavailable");
}

void seccomp_note_setup(struct tracer *tracer, struct tracee_record *record,
			const struct event *event)
{
	if (!tracer->options->seccomp.wanted)
		return;
	if (event->kind == EVENT_ENTER) {
		if (event->nr == SYS_execve && !tracer->filtered)
			seccomp_do_without(tracer, record);
		record->installing = event->nr == SYS_seccomp;
	} else if (record->installing) {
		tracer->filtered = !event->is_error;
		record->installing = false;
	}
}

bool seccomp_must_keep(const struct tracer *tracer)
{
	const struct tracee_record *launched;

	if (tracer->filtered)
		return true;
	if (tracer->launched == 0 || !tracer->options->seccomp.wanted)
		return false;
	/* It may be on the way to installing one. */
	launched = tracee_find(&tracer->tracees, tracer->launched);
	return launched != NULL && launched->launch == LAUNCH_SETUP;
}

/* Does this call give the tracee a filter of its own? */
static bool seccomp_is_filter(const struct seccomp_numbers *numbers, const struct event *event)
{
	if ((int64_t)event->nr == numbers->seccomp)
		return (uint32_t)event->args[0] == SECCOMP_SET_MODE_FILTER;
	return (int64_t)event->nr == numbers->prctl && (uint32_t)event->args[0] == PR_SET_SECCOMP;
}

/*
 * The flags are the first argument of clone(2) and the first member of clone3(2)'s struct; either is
 * put back when the call has ended.
 */
static bool seccomp_read_flags(const struct tracee_record *record, uint64_t address,
			       uint64_t *flags)
{
	struct memory *memory = record->tracee.memory;

	return memory->read(memory, address, flags, sizeof(*flags)) == sizeof(*flags);
}

/* Also where the tracee itself may not write: the struct may be a constant. */
static void seccomp_write_flags(struct tracer *tracer, const struct tracee_record *record,
				uint64_t flags)
{
	tracer_poke(tracer, &record->tracee, record->clone_at, &flags, sizeof(flags));
}

static void seccomp_note_untraced(struct tracee_record *record, const struct event *event,
				  const struct seccomp_numbers *numbers)
{
	uint64_t flags = 0;
	bool in_memory = (int64_t)event->nr == numbers->clone3;

	if ((int64_t)event->nr == numbers->clone)
		flags = event->args[0];
	else if (in_memory && !seccomp_read_flags(record, event->args[0], &flags))
		return;
	if ((flags & CLONE_UNTRACED) == 0)
		return;
	record->hides_child = true;
	record->clone_taken = false;
	record->clone_abi = (uint8_t)event->abi;
	record->clone_flags = flags;
	record->clone_at = in_memory ? event->args[0] : 0;
}

/* After the call was shown, and before it is made. */
void seccomp_take_untraced(struct tracer *tracer, struct tracee_record *record)
{
	uint64_t flags = record->clone_flags & ~(uint64_t)CLONE_UNTRACED;

	if (record->clone_taken)
		return;
	record->clone_taken = true;
	if (record->clone_at != 0)
		seccomp_write_flags(tracer, record, flags);
	else
		arch_set_first_argument(record->tracee.tid, (enum abi_id)record->clone_abi, flags);
}

void seccomp_enter(struct tracer *tracer, struct tracee_record *record, const struct event *event)
{
	const struct seccomp_numbers *numbers;

	record->one_more = false;
	if (event->abi >= ABI_COUNT)
		return;
	numbers = &tracer->options->seccomp.numbers[event->abi];
	record->installing = seccomp_is_filter(numbers, event);
	seccomp_note_untraced(record, event, numbers);
}

/* SECCOMP_FILTER_FLAG_TSYNC gives the filter to all threads. */
static void seccomp_stop_always(struct tracer *tracer, const struct tracee_record *installer)
{
	struct tracee_record *record;

	for (record = tracer->tracees.oldest; record != NULL; record = record->newer) {
		if (record->tracee.pid == installer->tracee.pid)
			record->every_call = true;
	}
}

void seccomp_exit(struct tracer *tracer, struct tracee_record *record, const struct event *event)
{
	if (record->installing && !event->is_error)
		seccomp_stop_always(tracer, record);
	record->installing = false;
	if (!record->hides_child)
		return;
	record->hides_child = false;
	if (!record->clone_taken)
		return;
	if (record->clone_at != 0)
		seccomp_write_flags(tracer, record, record->clone_flags);
	else
		arch_restore_first_argument(record->tracee.tid, event->abi, record->clone_flags);
}

bool seccomp_begins_call(const struct tracee_record *record,
			 const struct __ptrace_syscall_info *info)
{
	if (info->op != PTRACE_SYSCALL_INFO_SECCOMP)
		return false;
	if ((info->seccomp.ret_data & SECCOMP_RET_DATA) != SECCOMP_OURS) {
		/* The tracee's own filter asks for a tracer, and there would be none. */
		arch_skip_call(record->tracee.tid);
		return false;
	}
	return !record->in_call && !record->silent && record->launch == LAUNCH_NONE;
}

int seccomp_request(const struct tracer *tracer, const struct tracee_record *record)
{
	if (!tracer->filtered)
		return PTRACE_SYSCALL;
	if (record->silent)
		return PTRACE_CONT;
	if (record->in_call || record->every_call || record->one_more ||
	    record->launch != LAUNCH_NONE)
		return PTRACE_SYSCALL;
	return PTRACE_CONT;
}

void seccomp_begin(struct tracer *tracer, struct tracee_record *record,
		   const struct tracee_record *parent)
{
	if (!tracer->filtered)
		return;
	record->silent = tracer->keeping;
	if (parent == NULL)
		return;
	record->every_call = parent->every_call;
	record->silent = record->silent || parent->silent || parent->hides_child;
	tracer->hidden += record->silent;
}

void seccomp_keep(struct tracer *tracer, struct tracee_record *record)
{
	struct event event = tracer_event(tracer, record, EVENT_DETACHED);

	if (!record->silent)
		tracer_emit(tracer, &event);
	record->silent = true;
}

/*
 * Nothing that comes is shown, and nobody can ask us to stop: there is nothing better that we could
 * do.  SIGKILL can, and takes the tracees along.
 */
void seccomp_keep_all(struct tracer *tracer)
{
	struct tracee_record *record;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (record = tracer->tracees.oldest; record != NULL; record = record->newer)
		seccomp_keep(tracer, record);
	tamper_release_all(tracer);
	tracer->keeping = true;
	tracer->stopping = false;
	tracer_idle(tracer);
	while (tracer->tracees.count > 0 && !tracer->stopping) {
		struct waited waited;

		if (tracer_wait(tracer, 0, &waited, 0) > 0)
			tracer_handle(tracer, &waited);
		else if (errno != EINTR)
			break;
	}
}
