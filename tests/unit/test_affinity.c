/* SPDX-License-Identifier: MIT */
/* Lending a mask of CPUs and giving it back: affinity.c and watcher.c, on children of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/tracer/colocate.h"

struct fixture {
	size_t words;
	unsigned long *own; /* what we may use */
	unsigned long *scratch;
	struct loan *loan;
	int cpus[2]; /* of those */
	int child;   /* sleeps */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int found = 0;

	f->words = affinity_words();
	f->own = calloc(f->words, sizeof(long));
	f->scratch = calloc(f->words * 2, sizeof(long));
	f->loan = calloc(1, sizeof(struct loan) + f->words * sizeof(long));
	assert_true(f->words > 0 && affinity_get(0, f->own, f->words));
	for (int cpu = 0; cpu < (int)(f->words * sizeof(long) * 8) && found < 2; cpu++)
		if (affinity_has(f->own, f->words, cpu))
			f->cpus[found++] = cpu;
	f->child = fork();
	if (f->child == 0) {
		pause();
		_exit(0);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kill(f->child, SIGKILL);
	waitpid(f->child, NULL, 0);
	free(f->own);
	free(f->scratch);
	free(f->loan);
	free(f);
	return 0;
}

/* With one CPU there is nothing to lend. */
static void need_two(const struct fixture *f)
{
	if (affinity_is_single(f->own, f->words, f->cpus[0]))
		skip();
}

static void set_single(int pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	assert_int_equal(sched_setaffinity(pid, sizeof(set), &set), 0);
}

static bool has_single(const struct fixture *f, int cpu)
{
	return affinity_get(f->child, f->scratch, f->words) &&
	       affinity_is_single(f->scratch, f->words, cpu);
}

static bool has_own(const struct fixture *f)
{
	return affinity_get(f->child, f->scratch, f->words) &&
	       memcmp(f->scratch, f->own, f->words * sizeof(long)) == 0;
}

static void test_masks(void **state)
{
	unsigned long mask[2] = { 0, 0 };
	size_t bits = sizeof(long) * 8;

	(void)state;
	assert_false(affinity_is_single(mask, 2, 0));
	mask[1] = 2;
	assert_true(affinity_has(mask, 2, (int)bits + 1));
	assert_false(affinity_has(mask, 2, 1));
	assert_false(affinity_has(mask, 2, (int)bits * 2)); /* beyond the mask */
	assert_true(affinity_is_single(mask, 2, (int)bits + 1));
	assert_false(affinity_is_single(mask, 2, 1));
	mask[0] = 2;
	assert_false(affinity_is_single(mask, 2, (int)bits + 1));
}

static void test_lent_and_given_back(void **state)
{
	struct fixture *f = *state;

	need_two(f);
	assert_true(affinity_lend(f->loan, f->child, f->cpus[1], f->scratch, f->words));
	assert_int_equal(f->loan->state, LOAN_PINNED);
	assert_true(has_single(f, f->cpus[1]));
	affinity_give_back(f->loan, f->scratch, f->words);
	assert_int_equal(f->loan->state, LOAN_NONE);
	assert_true(has_own(f));
}

/* Whoever has one CPU, or may not run there, is left alone. */
static void test_not_lent(void **state)
{
	struct fixture *f = *state;

	need_two(f);
	set_single(f->child, f->cpus[0]);
	assert_false(affinity_lend(f->loan, f->child, f->cpus[0], f->scratch, f->words));
	assert_false(affinity_lend(f->loan, f->child, f->cpus[1], f->scratch, f->words));
	assert_int_equal(f->loan->state, LOAN_NONE);
	assert_true(has_single(f, f->cpus[0]));
	kill(f->child, SIGKILL);
	waitpid(f->child, NULL, 0);
	assert_false(affinity_lend(f->loan, f->child, f->cpus[1], f->scratch, f->words));
}

/* taskset(1) by a third party, while we have it: that stays. */
static void test_changed_by_others(void **state)
{
	struct fixture *f = *state;

	need_two(f);
	assert_true(affinity_lend(f->loan, f->child, f->cpus[0], f->scratch, f->words));
	set_single(f->child, f->cpus[1]);
	affinity_give_back(f->loan, f->scratch, f->words);
	assert_true(has_single(f, f->cpus[1]));
}

/* The lender was killed in the midst of lending: the thread has any mask. */
static void test_killed_while_probing(void **state)
{
	struct fixture *f = *state;

	need_two(f);
	assert_true(affinity_lend(f->loan, f->child, f->cpus[0], f->scratch, f->words));
	f->loan->state = LOAN_PROBING;
	f->loan->whole = false;
	set_single(f->child, f->cpus[1]);
	affinity_give_back(f->loan, f->scratch, f->words);
	assert_true(has_own(f));
}

/* A tracer that is killed outright: the watcher gives back, and ends. */
static void test_watcher(void **state)
{
	struct fixture *f = *state;
	struct watcher watcher = { 0 };
	int told[2];
	int tracer;
	int pid = 0;

	need_two(f);
	assert_int_equal(pipe(told), 0);
	tracer = fork();
	if (tracer == 0) {
		if (!watcher_start(&watcher, 4) ||
		    !affinity_lend(loan_at(&watcher.loans, 3), f->child, f->cpus[1], f->scratch,
				   f->words))
			watcher.pid = -1;
		if (write(told[1], &watcher.pid, sizeof(int)) == sizeof(int))
			pause();
		_exit(0);
	}
	assert_int_equal(read(told[0], &pid, sizeof(pid)), sizeof(pid));
	assert_true(pid > 0);
	assert_true(has_single(f, f->cpus[1]));
	/* No descriptor of ours is held: the pipe has no other writer when the tracer is gone. */
	close(told[1]);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	assert_int_equal(read(told[0], &pid, sizeof(pid)), 0);
	close(told[0]);
	for (int i = 0; i < 500 && !has_own(f); i++)
		usleep(10000);
	assert_true(has_own(f));
}

static void test_watcher_ends(void **state)
{
	struct watcher watcher = { 0 };

	(void)state;
	assert_true(watcher_start(&watcher, 2));
	assert_int_equal(kill(watcher.pid, SIGTERM), 0); /* blocked */
	watcher_stop(&watcher);
	assert_int_equal(kill(watcher.pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masks),
		cmocka_unit_test_setup_teardown(test_lent_and_given_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_lent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed_by_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_while_probing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watcher, setup, teardown),
		cmocka_unit_test(test_watcher_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
