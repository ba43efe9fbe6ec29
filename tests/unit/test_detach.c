/* SPDX-License-Identifier: MIT */
/* Letting go of a tracee in each kind of stop: src/tracer/detach.c, on children of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/tracer/tracer_internal.h"

static volatile sig_atomic_t handled;
static int detached;

static void on_signal(int signal)
{
	(void)signal;
	handled++;
}

static enum verdict count_detached(void *context, const struct event *event)
{
	(void)context;
	detached += event->kind == EVENT_DETACHED;
	return VERDICT_CONTINUE;
}

/* A traced child that raises `signal_number` and exits with how often the handler ran. */
static int begin(int signal_number)
{
	int ready[2];
	int pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		close(ready[1]);
		signal(SIGUSR1, on_signal);
		if (read(ready[0], &c, 1) != 0)
			_exit(100);
		raise(signal_number);
		_exit(handled);
	}
	close(ready[0]);
	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[1]);
	return pid;
}

/* Runs the child to its next stop of that kind. */
static struct stop run_to(int pid, enum stop_kind kind)
{
	struct stop stop = { .kind = STOP_OTHER };
	int status;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(waitpid(pid, &status, __WALL), pid);
		stop = stop_classify(status);
		assert_true(WIFSTOPPED(status));
		if (stop.kind == kind)
			return stop;
		ptrace(PTRACE_SYSCALL, pid, 0, (long)(stop.kind == STOP_SIGNAL ? stop.signal : 0));
	}
	fail_msg("the stop did not come");
	return stop;
}

static void let_go(int pid, const struct stop *stop)
{
	struct tracer tracer = { .client.event = count_detached };

	detached = 0;
	page_cache_init(&tracer.cache);
	detach_one(&tracer, tracee_add(&tracer.tracees, &tracer.cache, pid), stop);
	assert_int_equal(detached, 1);
	assert_int_equal(tracer.tracees.count, 0);
	tracee_table_free(&tracer.tracees);
}

static void expect_exit(int pid, int expected)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
}

static void test_signal_is_delivered(void **state)
{
	int pid = begin(SIGUSR1);
	struct stop stop;

	(void)state;
	if (pid < 0)
		skip();
	stop = run_to(pid, STOP_SIGNAL);
	let_go(pid, &stop);
	expect_exit(pid, 1);
}

static void test_call_goes_on(void **state)
{
	int pid = begin(SIGUSR1);
	struct stop stop;

	(void)state;
	if (pid < 0)
		skip();
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	stop = run_to(pid, STOP_SYSCALL);
	let_go(pid, &stop);
	expect_exit(pid, 1);
}

static void test_group_stop_lasts(void **state)
{
	int pid = begin(SIGSTOP);
	struct stop stop;
	int status;

	(void)state;
	if (pid < 0)
		skip();
	stop = run_to(pid, STOP_GROUP);
	let_go(pid, &stop);
	/* As its parent we are told of the stop, and of nothing behind it. */
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	usleep(20000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGCONT);
	expect_exit(pid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signal_is_delivered),
		cmocka_unit_test(test_call_goes_on),
		cmocka_unit_test(test_group_stop_lasts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
