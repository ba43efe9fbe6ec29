/* SPDX-License-Identifier: MIT */
/* Classification of wait statuses: src/tracer/stop.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/tracer/tracer_internal.h"

/* Wait statuses as wait(2) and ptrace(2) lay them out. */
static int exited(int status)
{
	return status << 8;
}

static int stopped(int signal, int event)
{
	return event << 16 | signal << 8 | 0x7f;
}

static void check(int wait_status, enum stop_kind kind, int signal)
{
	struct stop stop = stop_classify(wait_status);

	assert_int_equal(stop.kind, kind);
	assert_int_equal(stop.signal, signal);
}

static void test_ends(void **state)
{
	struct stop stop = stop_classify(exited(7));

	(void)state;
	assert_int_equal(stop.kind, STOP_EXITED);
	assert_int_equal(stop.status, 7);
	stop = stop_classify(SIGSEGV | 0x80);
	assert_int_equal(stop.kind, STOP_KILLED);
	assert_int_equal(stop.signal, SIGSEGV);
	assert_true(stop.core_dumped);
	stop = stop_classify(SIGKILL);
	assert_int_equal(stop.kind, STOP_KILLED);
	assert_false(stop.core_dumped);
}

static void test_syscall_stop_is_no_sigtrap(void **state)
{
	(void)state;
	check(stopped(SIGTRAP | 0x80, 0), STOP_SYSCALL, SIGTRAP | 0x80);
	check(stopped(SIGTRAP, 0), STOP_SIGNAL, SIGTRAP);
}

static void test_stopping_signal_is_told_from_group_stop(void **state)
{
	static const int signals[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	(void)state;
	for (int i = 0; i < 4; i++) {
		check(stopped(signals[i], 0), STOP_SIGNAL, signals[i]);
		check(stopped(signals[i], PTRACE_EVENT_STOP), STOP_GROUP, signals[i]);
	}
	check(stopped(SIGTRAP, PTRACE_EVENT_STOP), STOP_TRAP, SIGTRAP);
}

static void test_events(void **state)
{
	(void)state;
	check(stopped(SIGTRAP, PTRACE_EVENT_FORK), STOP_BIRTH, SIGTRAP);
	check(stopped(SIGTRAP, PTRACE_EVENT_VFORK), STOP_BIRTH, SIGTRAP);
	check(stopped(SIGTRAP, PTRACE_EVENT_CLONE), STOP_BIRTH, SIGTRAP);
	check(stopped(SIGTRAP, PTRACE_EVENT_EXEC), STOP_EXEC, SIGTRAP);
	check(stopped(SIGTRAP, PTRACE_EVENT_EXIT), STOP_EXITING, SIGTRAP);
	check(stopped(SIGTRAP, PTRACE_EVENT_VFORK_DONE), STOP_OTHER, SIGTRAP);
	check(stopped(SIGTRAP, PTRACE_EVENT_SECCOMP), STOP_SECCOMP, SIGTRAP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_syscall_stop_is_no_sigtrap),
		cmocka_unit_test(test_stopping_signal_is_told_from_group_stop),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
