/* SPDX-License-Identifier: MIT */
/*
 * Tests of src/tracer/tamper.c and src/arch/registers.c on children of our own: by
 * PTRACE_SET_SYSCALL_INFO, and by registers as on kernels before 6.16.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../src/tracer/tracer_internal.h"
#include "mtrace/arch.h"

/* What the child finds. */
enum { FOUND_ERROR = 1, FOUND_RESULT = 2, FOUND_KERNEL = 4, FOUND_SIGNAL = 8 };

static volatile sig_atomic_t handled;
static char writable[16] = "abcdefghijklmno";
static const char unwritable[] = "abcdefghijklmno";

static const struct options options;
static struct tracer tracer;
static struct tracee_record *record;

static void on_signal(int signal)
{
	(void)signal;
	handled = 1;
}

static void __attribute__((noreturn)) child_run(void)
{
	long result;
	int found = 0;

	signal(SIGUSR1, on_signal);
	errno = 0;
	/* close(-1) fails with EBADF unless it is tampered with. */
	result = syscall(SYS_close, -1);
	if (result == -1 && errno == ENOTDIR)
		found |= FOUND_ERROR;
	if (result == 77)
		found |= FOUND_RESULT;
	if (result == -1 && errno == EBADF)
		found |= FOUND_KERNEL;
	if (handled)
		found |= FOUND_SIGNAL;
	_exit(found);
}

static enum verdict ignore(void *context, const struct event *event)
{
	(void)context;
	(void)event;
	return VERDICT_CONTINUE;
}

/* A child in the syscall-enter-stop of its close(-1); false if there is no ptrace here. */
static bool begin(struct event *event)
{
	struct __ptrace_syscall_info info;
	int go[2];
	int pid;
	int status;
	char c;

	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		if (read(go[0], &c, 1) != 0)
			_exit(100);
		child_run();
	}
	close(go[0]);
	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(go[1]);
		return false;
	}
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	tracer = (struct tracer){ .client.event = ignore, .options = &options };
	page_cache_init(&tracer.cache);
	record = tracee_add(&tracer.tracees, &tracer.cache, pid);
	assert_int_equal(waitpid(pid, &status, __WALL), pid);
	close(go[1]);
	do {
		ptrace(PTRACE_SYSCALL, pid, 0, 0);
		assert_int_equal(waitpid(pid, &status, __WALL), pid);
		assert_true(WIFSTOPPED(status));
		memset(&info, 0, sizeof(info));
		ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
	} while (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != SYS_close ||
		 (int)info.entry.args[0] != -1);
	tracer.syscall_op = info.op;
	*event = tracer_event(&tracer, record, EVENT_ENTER);
	event->nr = info.entry.nr;
	memcpy(event->args, info.entry.args, sizeof(event->args));
	return true;
}

static void run_to_exit_stop(struct event *event)
{
	int pid = record->tracee.tid;
	int status;

	ptrace(PTRACE_SYSCALL, pid, 0, (long)tamper_take_signal(record));
	assert_int_equal(waitpid(pid, &status, __WALL), pid);
	assert_true(stop_classify(status).kind == STOP_SYSCALL);
	*event = tracer_event(&tracer, record, EVENT_EXIT);
	tamper_end_call(&tracer, record, event);
}

/* Signals on the way are handed on. */
static int exit_status(int pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		struct stop stop = stop_classify(status);

		ptrace(PTRACE_CONT, pid, 0, (long)(stop.kind == STOP_SIGNAL ? stop.signal : 0));
	}
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int finish(void)
{
	int pid = record->tracee.tid;
	int status;

	ptrace(PTRACE_CONT, pid, 0, 0);
	status = exit_status(pid);
	tracee_table_free(&tracer.tracees);
	page_cache_free(&tracer.cache);
	return status;
}

static void skip_call(struct tamper tamper, bool by_registers, int found)
{
	struct event event;

	if (!begin(&event))
		skip();
	tracer.no_set_syscall_info = by_registers;
	assert_int_equal(tracer_tamper(&tracer, &event, &tamper), OUTCOME_OK);
	run_to_exit_stop(&event);
	assert_true(event.injected);
	assert_true(event.result == tamper.result);
	assert_int_equal(event.is_error, tamper.is_error);
	assert_int_equal(finish(), found);
}

static const struct tamper fails = { .skip = true, .nr = -1, .result = -ENOTDIR, .is_error = true };
static const struct tamper returns = { .skip = true, .nr = -1, .result = 77 };
static const struct tamper returns_getpid = {
	.skip = true, .nr = SYS_getpid, .result = 77, .signal = SIGUSR1
};

static void test_error(void **state)
{
	(void)state;
	skip_call(fails, false, FOUND_ERROR);
}

static void test_error_by_registers(void **state)
{
	(void)state;
	skip_call(fails, true, FOUND_ERROR);
}

static void test_result(void **state)
{
	(void)state;
	skip_call(returns, false, FOUND_RESULT);
}

static void test_result_by_registers(void **state)
{
	(void)state;
	skip_call(returns, true, FOUND_RESULT);
}

static void test_other_call_and_signal(void **state)
{
	(void)state;
	skip_call(returns_getpid, false, FOUND_RESULT | FOUND_SIGNAL);
	skip_call(returns_getpid, true, FOUND_RESULT | FOUND_SIGNAL);
}

static void test_signal_only(void **state)
{
	struct tamper tamper = { .signal = SIGUSR1 };
	struct event event;

	(void)state;
	if (!begin(&event))
		skip();
	assert_int_equal(tracer_tamper(&tracer, &event, &tamper), OUTCOME_OK);
	run_to_exit_stop(&event);
	assert_false(event.injected);
	assert_int_equal(finish(), FOUND_KERNEL | FOUND_SIGNAL);
}

/* Detached where the call was entered, it still returns what was asked for, with its signal. */
static void test_detach_within_the_call(void **state)
{
	struct stop stop = { .kind = STOP_SYSCALL };
	struct event event;
	int status;
	int pid;

	(void)state;
	if (!begin(&event))
		skip();
	pid = record->tracee.tid;
	tracer_tamper(&tracer, &event, &returns_getpid);
	detach_one(&tracer, record, &stop);
	assert_int_equal(tracer.tracees.count, 1);
	assert_true(tamper_is_leaving(record));
	assert_int_equal(waitpid(pid, &status, __WALL), pid);
	assert_true(stop_classify(status).kind == STOP_SYSCALL);
	detach_one(&tracer, record, &stop);
	assert_int_equal(tracer.tracees.count, 0);
	assert_int_equal(exit_status(pid), FOUND_RESULT | FOUND_SIGNAL);
	tracee_table_free(&tracer.tracees);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void test_held_back(void **state)
{
	struct tamper tamper = { .before = 20 * 1000 * 1000, .signal = SIGUSR1 };
	uint64_t begun;
	struct event event;

	(void)state;
	if (!begin(&event))
		skip();
	interrupt_setup(&tracer.saved, false);
	begun = now();
	tracer_tamper(&tracer, &event, &tamper);
	assert_true(tamper_hold(&tracer, record));
	assert_true(tamper_is_held(record));
	while (tracer.held != NULL) {
		tamper_release_due(&tracer);
		if (tracer.held != NULL)
			pause(); /* until the timer's signal */
	}
	assert_true(now() - begun >= tamper.before);
	assert_false(tamper_is_held(record));
	assert_true(tracer.wake == 0);
	assert_int_equal(exit_status(record->tracee.tid), FOUND_KERNEL | FOUND_SIGNAL);
	interrupt_restore(&tracer.saved);
	tracee_table_free(&tracer.tracees);
}

/* Those whose time comes first stand first, whatever the order in which they came. */
static void test_order_of_the_held(void **state)
{
	static const uint64_t delays[] = { 300, 100, 200, 400 };
	struct tracee_record *records[4];
	struct event event = { .kind = EVENT_ENTER };

	(void)state;
	tracer = (struct tracer){ .client.event = ignore, .options = &options };
	for (int i = 0; i < 4; i++) {
		struct tamper tamper = { .before = delays[i] * 1000000000 };

		/* Numbers that no process has: nothing is resumed here. */
		records[i] = tracee_add(&tracer.tracees, &tracer.cache, 0x7ffffff0 + i);
		event.tracee = &records[i]->tracee;
		tracer_tamper(&tracer, &event, &tamper);
		assert_true(tamper_hold(&tracer, records[i]));
	}
	assert_ptr_equal(tracer.held, records[1]->tamper);
	tamper_unhold(&tracer, records[1]);
	assert_ptr_equal(tracer.held, records[2]->tamper);
	tamper_unhold(&tracer, records[0]);
	tamper_unhold(&tracer, records[0]);
	tamper_unhold(&tracer, records[2]);
	assert_ptr_equal(tracer.held, records[3]->tamper);
	assert_ptr_equal(tracer.held_last, records[3]->tamper);
	tamper_unhold(&tracer, records[3]);
	assert_null(tracer.held);
	assert_null(tracer.held_last);
	tracee_table_free(&tracer.tracees);
}

/* fork gave the child our addresses. */
static void check_poke(const char *at, size_t offset, const char *bytes, enum outcome outcome,
		       const char *expected)
{
	char got[16] = "";
	uint64_t addr = (uint64_t)(uintptr_t)at;

	assert_int_equal(record->tracee.memory->read(record->tracee.memory, addr, got, 1), 1);
	assert_int_equal(tracer_poke(&tracer, &record->tracee, addr + offset, bytes, strlen(bytes)),
			 outcome);
	assert_int_equal(record->tracee.memory->read(record->tracee.memory, addr, got, 16), 16);
	assert_string_equal(got, expected);
}

static void test_poke(void **state)
{
	struct event event;

	(void)state;
	if (!begin(&event))
		skip();
	check_poke(writable, 1, "XY", OUTCOME_OK, "aXYdefghijklmno");
	check_poke(unwritable, 1, "XY", OUTCOME_OK, "aXYdefghijklmno");
	check_poke(unwritable, 5, "0123456789", OUTCOME_OK, "aXYde0123456789");
	assert_int_equal(tracer_poke(&tracer, &record->tracee, 8, "x", 1), OUTCOME_FAILED);
	assert_int_equal(tracer_poke(&tracer, &record->tracee, UINT64_MAX, "xyz", 3),
			 OUTCOME_FAILED);
	assert_string_equal(unwritable, "abcdefghijklmno");
	tracer_tamper(&tracer, &event, &returns);
	run_to_exit_stop(&event);
	assert_int_equal(finish(), FOUND_RESULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_error_by_registers),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_result_by_registers),
		cmocka_unit_test(test_other_call_and_signal),
		cmocka_unit_test(test_signal_only),
		cmocka_unit_test(test_detach_within_the_call),
		cmocka_unit_test(test_held_back),
		cmocka_unit_test(test_order_of_the_held),
		cmocka_unit_test(test_poke),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
