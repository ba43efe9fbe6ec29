/* SPDX-License-Identifier: MIT */
/* A tracee's memory through the page cache: src/tracer/mem.c, on a child of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/tracer/tracer_internal.h"

#define PAGES 200

struct fixture {
	unsigned char *area; /* PAGES pages, shared with the child, the middle one unmapped in it */
	size_t page;
	int child;
	struct page_cache cache;
	struct tracee_memory memory;
};

static volatile int whose;

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->page = (size_t)sysconf(_SC_PAGESIZE);
	fixture->area = mmap(NULL, PAGES * fixture->page, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fixture->area == MAP_FAILED)
		return -1;
	for (size_t i = 0; i < PAGES * fixture->page; i++)
		fixture->area[i] = (unsigned char)(i * 7 + i / fixture->page);
	whose = 1;
	fixture->child = fork();
	if (fixture->child == 0) {
		for (;;)
			pause();
	}
	page_cache_init(&fixture->cache);
	tracee_memory_init(&fixture->memory, &fixture->cache, fixture->child);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	munmap(fixture->area, PAGES * fixture->page);
	page_cache_free(&fixture->cache);
	free(fixture);
	return 0;
}

static size_t read_at(struct fixture *fixture, size_t offset, void *to, size_t len)
{
	return fixture->memory.memory.read(&fixture->memory.memory,
					   (uintptr_t)fixture->area + offset, to, len);
}

/* A child with a hole behind `pages` pages. */
static void make_hole(struct fixture *fixture, size_t pages)
{
	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	fixture->child = fork();
	if (fixture->child == 0) {
		munmap(fixture->area + pages * fixture->page, fixture->page);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(fixture->child, NULL, WUNTRACED);
	tracee_memory_init(&fixture->memory, &fixture->cache, fixture->child);
}

static void test_any_stretch(void **state)
{
	struct fixture *fixture = *state;
	size_t page = fixture->page;
	const size_t cases[][2] = {
		{ 0, 1 },         { page - 1, 1 },          { page - 1, 2 },     { 3 * page, page },
		{ 17, 5 * page }, { page + 1, 100 * page }, { 0, PAGES * page }, { 5, 0 },
	};
	unsigned char *to = malloc(PAGES * page);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(to, 0, PAGES * page);
		assert_int_equal(read_at(fixture, cases[i][0], to, cases[i][1]), cases[i][1]);
		assert_memory_equal(to, fixture->area + cases[i][0], cases[i][1]);
		if (i % 2 == 1)
			page_cache_begin(&fixture->cache);
	}
	free(to);
}

static void check_prefix_before_hole(struct fixture *fixture)
{
	size_t page = fixture->page;
	unsigned char *to = malloc(PAGES * page);
	size_t hole;

	for (hole = 1; hole < 150; hole += 49) {
		make_hole(fixture, hole);
		memset(to, 0, PAGES * page);
		assert_int_equal(read_at(fixture, 3, to, PAGES * page - 3), hole * page - 3);
		assert_memory_equal(to, fixture->area + 3, hole * page - 3);
		assert_int_equal(to[hole * page - 3], 0);
		assert_int_equal(read_at(fixture, hole * page, to, 1), 0);
		assert_int_equal(read_at(fixture, hole * page - 1, to, 2), 1);
		/* What lies behind the hole can be read. */
		assert_int_equal(read_at(fixture, (hole + 1) * page, to, 9), 9);
		assert_memory_equal(to, fixture->area + (hole + 1) * page, 9);
	}
	free(to);
}

static void test_prefix_before_hole(void **state)
{
	check_prefix_before_hole(*state);
}

static void test_refused_process_vm_readv(void **state)
{
	struct fixture *fixture = *state;

	/* /proc/PID/mem wants a tracer on some systems. */
	if (ptrace(PTRACE_SEIZE, fixture->child, 0, 0) < 0)
		skip();
	ptrace(PTRACE_INTERRUPT, fixture->child, 0, 0);
	waitpid(fixture->child, NULL, __WALL);
	ptrace(PTRACE_DETACH, fixture->child, 0, 0);
	fixture->cache.via_proc = true;
	check_prefix_before_hole(fixture);
	assert_true(fixture->cache.via_proc);
}

static void test_one_stop_one_truth(void **state)
{
	struct fixture *fixture = *state;
	size_t page = fixture->page;
	unsigned char *to = malloc(PAGES * page);
	unsigned char first;
	unsigned char last;

	assert_int_equal(read_at(fixture, 100, &first, 1), 1);
	assert_int_equal(read_at(fixture, PAGES * page - 1, &last, 1), 1);
	/* The area is shared: the child's memory changes under the reader. */
	fixture->area[100] = (unsigned char)~first;
	fixture->area[PAGES * page - 1] = (unsigned char)~last;
	assert_int_equal(read_at(fixture, 0, to, PAGES * page), PAGES * page);
	assert_int_equal(to[100], first);
	assert_int_equal(to[PAGES * page - 1], last);
	/* Large reads are held to it as well. */
	to[page * 50] = fixture->area[page * 50];
	fixture->area[page * 50] ^= 0xff;
	assert_int_equal(read_at(fixture, page * 50, to, 1), 1);
	assert_int_equal(to[0], fixture->area[page * 50] ^ 0xff);
	page_cache_begin(&fixture->cache);
	assert_int_equal(read_at(fixture, 100, to, 1), 1);
	assert_int_equal(to[0], fixture->area[100]);
	free(to);
}

static void test_two_tracees_one_cache(void **state)
{
	struct fixture *fixture = *state;
	struct tracee_memory own;
	int got = 0;

	tracee_memory_init(&own, &fixture->cache, getpid());
	whose = 2; /* the child keeps what it was born with */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(own.memory.read(&own.memory, (uintptr_t)&whose, &got, sizeof(got)),
				 sizeof(got));
		assert_int_equal(got, 2);
		assert_int_equal(fixture->memory.memory.read(&fixture->memory.memory,
							     (uintptr_t)&whose, &got, sizeof(got)),
				 sizeof(got));
		assert_int_equal(got, 1);
	}
}

static void test_ends_of_the_address_space(void **state)
{
	struct fixture *fixture = *state;
	struct memory *memory = &fixture->memory.memory;
	char to[64];

	assert_int_equal(memory->read(memory, 0, to, sizeof(to)), 0);
	assert_int_equal(memory->read(memory, UINT64_MAX, to, sizeof(to)), 0);
	assert_int_equal(memory->read(memory, UINT64_MAX - 8, to, sizeof(to)), 0);
	assert_int_equal(memory->read(memory, 0x8000000000000000u, to, SIZE_MAX), 0);
}

static void test_tracee_gone(void **state)
{
	struct fixture *fixture = *state;
	char to[8];

	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	assert_int_equal(read_at(fixture, 0, to, sizeof(to)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_stretch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_prefix_before_hole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused_process_vm_readv, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_stop_one_truth, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_tracees_one_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ends_of_the_address_space, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tracee_gone, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
