/* SPDX-License-Identifier: MIT */
/*
 * Tampering with the calls of a tracee: another call, another result, a signal, a delay, other
 * memory.  The session says what (tracer_tamper, tracer_poke), loop.c and detach.c say when.
 *
 * A call that is skipped has its number replaced at its entry and its result at its exit, one
 * ptrace(2) call for each.  In between its result is in our hands only, so such a tracee is detached
 * behind its call, which takes no time, and never within it.
 *
 * A tracee that is held back simply stays in its syscall-stop; the tracer waits for the others
 * meanwhile.  There only SIGKILL reaches it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "mtrace/arch.h"
#include "mtrace/log.h"
#include "mtrace/xalloc.h"
#include "tracer_internal.h"

/* Linux 6.16; glibc's sys/ptrace.h may be older. */
#define TAMPER_SET_SYSCALL_INFO 0x4212

/* Of one tracee; made when a call of it is tampered with for the first time. */
struct tamper_state {
	struct tracee_record *record;
	struct tamper tamper; /* what is left to be done */
	bool entered;         /* the stop is the one at which the call was entered */
	bool leaving;         /* to be detached when the call has got its result */
	bool held;
	uint64_t until; /* ns of CLOCK_MONOTONIC */
	struct tamper_state *earlier;
	struct tamper_state *later;
};

static uint64_t tamper_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * Writes the call's number (with its arguments) or its result; false with errno.  A kernel without
 * the request answers EIO.
 */
static bool tamper_set_info(struct tracer *tracer, int tid, struct __ptrace_syscall_info *info)
{
	if (tracer->no_set_syscall_info) {
		errno = EIO;
		return false;
	}
	if (ptrace(TAMPER_SET_SYSCALL_INFO, tid, sizeof(*info), info) == 0)
		return true;
	if (errno == EIO)
		tracer->no_set_syscall_info = true;
	return false;
}

static enum outcome tamper_outcome(bool done)
{
	if (done)
		return OUTCOME_OK;
	return errno == ESRCH ? OUTCOME_GONE : OUTCOME_FAILED;
}

/* Of a syscall-enter-stop and of a seccomp stop, which differ in `op` only. */
static enum outcome tamper_set_number(struct tracer *tracer, const struct event *event, int64_t nr)
{
	struct __ptrace_syscall_info info;
	int tid = event->tracee->tid;

	memset(&info, 0, sizeof(info));
	info.op = tracer->syscall_op;
	info.entry.nr = (uint64_t)nr;
	memcpy(info.entry.args, event->args, sizeof(info.entry.args));
	if (tamper_set_info(tracer, tid, &info))
		return OUTCOME_OK;
	return tamper_outcome(errno == EIO && arch_set_call_number(tid, nr));
}

static enum outcome tamper_set_result(struct tracer *tracer, int tid, int64_t result, bool is_error)
{
	struct __ptrace_syscall_info info;

	memset(&info, 0, sizeof(info));
	info.op = PTRACE_SYSCALL_INFO_EXIT;
	info.exit.rval = result;
	info.exit.is_error = is_error;
	if (tamper_set_info(tracer, tid, &info))
		return OUTCOME_OK;
	return tamper_outcome(errno == EIO && arch_set_call_result(tid, result));
}

enum outcome tracer_tamper(struct tracer *tracer, const struct event *event,
			   const struct tamper *tamper)
{
	struct tracee_record *record = tracee_find(&tracer->tracees, event->tracee->tid);
	enum outcome outcome = OUTCOME_OK;
	struct tamper_state *state;

	if (record == NULL)
		return OUTCOME_GONE;
	if (record->tamper == NULL) {
		record->tamper = xcalloc(1, sizeof(*record->tamper));
		record->tamper->record = record;
	}
	state = record->tamper;
	state->tamper = *tamper;
	state->entered = true;
	if (tamper->skip)
		outcome = tamper_set_number(tracer, event, tamper->nr);
	state->tamper.skip = tamper->skip && outcome == OUTCOME_OK;
	return outcome;
}

void tamper_begin_call(struct tracee_record *record)
{
	if (record->tamper != NULL) {
		record->tamper->tamper = (struct tamper){ 0 };
		record->tamper->entered = false;
	}
}

/* Puts the result of a skipped call in place. */
static bool tamper_finish(struct tracer *tracer, struct tracee_record *record)
{
	struct tamper *tamper = &record->tamper->tamper;
	bool skipped = tamper->skip;

	record->tamper->entered = false;
	tamper->skip = false;
	tamper->before = tamper->after;
	tamper->after = 0;
	return skipped && tamper_set_result(tracer, record->tracee.tid, tamper->result,
					    tamper->is_error) == OUTCOME_OK;
}

void tamper_end_call(struct tracer *tracer, struct tracee_record *record, struct event *event)
{
	const struct tamper *tamper = &record->tamper->tamper;

	if (!tamper_finish(tracer, record))
		return;
	event->result = tamper->result;
	event->is_error = tamper->is_error;
	event->injected = true;
}

int tamper_take_signal(struct tracee_record *record)
{
	int signal = record->tamper->tamper.signal;

	record->tamper->tamper.signal = 0;
	record->tamper->entered = false;
	return signal;
}

bool tamper_is_leaving(const struct tracee_record *record)
{
	return record->tamper != NULL && record->tamper->leaving;
}

bool tamper_is_held(const struct tracee_record *record)
{
	return record->tamper != NULL && record->tamper->held;
}

bool tamper_is_pending(const struct tracee_record *record)
{
	return record->tamper != NULL && record->tamper->tamper.skip;
}

/* Delays of a rule have one length as a rule: the place is at the end or near it. */
static void tamper_queue(struct tracer *tracer, struct tamper_state *state)
{
	struct tamper_state *earlier = tracer->held_last;

	while (earlier != NULL && earlier->until > state->until)
		earlier = earlier->earlier;
	state->earlier = earlier;
	state->later = earlier != NULL ? earlier->later : tracer->held;
	if (state->later != NULL)
		state->later->earlier = state;
	else
		tracer->held_last = state;
	if (earlier != NULL)
		earlier->later = state;
	else
		tracer->held = state;
}

bool tamper_hold(struct tracer *tracer, struct tracee_record *record)
{
	struct tamper_state *state = record->tamper;

	if (state->tamper.before == 0)
		return false;
	state->until = tamper_now() + state->tamper.before;
	state->tamper.before = 0;
	state->held = true;
	tamper_queue(tracer, state);
	return true;
}

void tamper_unhold(struct tracer *tracer, struct tracee_record *record)
{
	struct tamper_state *state = record->tamper;

	if (!state->held)
		return;
	state->held = false;
	if (state->earlier != NULL)
		state->earlier->later = state->later;
	else
		tracer->held = state->later;
	if (state->later != NULL)
		state->later->earlier = state->earlier;
	else
		tracer->held_last = state->earlier;
}

static void tamper_resume(struct tracer *tracer, struct tracee_record *record)
{
	tracer_resume(tracer, record, &(struct stop){ .kind = STOP_SYSCALL });
}

static void tamper_release(struct tracer *tracer, uint64_t now)
{
	while (tracer->held != NULL && tracer->held->until <= now) {
		struct tracee_record *record = tracer->held->record;

		tamper_unhold(tracer, record);
		tamper_resume(tracer, record);
	}
}

void tamper_release_due(struct tracer *tracer)
{
	uint64_t wake;

	tamper_release(tracer, tamper_now());
	wake = tracer->held != NULL ? tracer->held->until : 0;
	if (wake != tracer->wake && !interrupt_wake_at(wake)) {
		log_errno("no timer to end a delay with, so there is none");
		tamper_release(tracer, UINT64_MAX);
		wake = 0;
	}
	tracer->wake = wake;
}

void tamper_release_all(struct tracer *tracer)
{
	tamper_release(tracer, UINT64_MAX);
	if (tracer->wake != 0)
		interrupt_wake_at(0);
	tracer->wake = 0;
}

bool tamper_settle(struct tracer *tracer, struct tracee_record *record)
{
	struct tamper_state *state = record->tamper;

	tamper_unhold(tracer, record);
	state->tamper.before = 0;
	state->tamper.after = 0;
	state->leaving = state->entered && state->tamper.skip;
	if (state->leaving) {
		tamper_resume(tracer, record);
		return false;
	}
	if (state->tamper.skip)
		tamper_finish(tracer, record);
	return true;
}

static enum outcome tamper_poke_word(int tid, uint64_t addr, const uint8_t *bytes, size_t skip,
				     size_t len)
{
	union {
		long word;
		uint8_t bytes[sizeof(long)];
	} memory;

	errno = 0;
	memory.word = ptrace(PTRACE_PEEKDATA, tid, addr, 0);
	if (errno != 0)
		return tamper_outcome(false);
	memcpy(memory.bytes + skip, bytes, len);
	return tamper_outcome(ptrace(PTRACE_POKEDATA, tid, addr, memory.word) == 0);
}

/*
 * PTRACE_POKEDATA also writes where the tracee itself may not, but only words: process_vm_writev(2)
 * does as much as it can in one call.
 */
enum outcome tracer_poke(struct tracer *tracer, const struct tracee *tracee, uint64_t addr,
			 const void *bytes, size_t len)
{
	struct iovec from = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
	struct iovec to = { .iov_base = (void *)(uintptr_t)addr, .iov_len = len };
	ssize_t written = process_vm_writev(tracee->tid, &from, 1, &to, 1, 0);
	size_t done = written > 0 ? (size_t)written : 0;
	enum outcome outcome = OUTCOME_OK;

	while (done < len && outcome == OUTCOME_OK) {
		size_t skip = (size_t)(addr + done) % sizeof(long);
		size_t part = sizeof(long) - skip;

		if (part > len - done)
			part = len - done;
		outcome = tamper_poke_word(tracee->tid, addr + done - skip,
					   (const uint8_t *)bytes + done, skip, part);
		done += part;
	}
	page_cache_begin(&tracer->cache);
	return outcome;
}
