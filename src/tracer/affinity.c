/* SPDX-License-Identifier: MIT */
/*
 * Lending a thread another mask of CPUs, and giving back its own.  Called by colocate.c, and by
 * watcher.c after the tracer's death: everything that is owed stands in struct loan.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "colocate.h"

#define BITS_PER_WORD (sizeof(unsigned long) * CHAR_BIT)

/* libc's wrappers want room for 1024 CPUs; the kernel may have more, and mostly has far fewer. */
static long affinity_read(int tid, unsigned long *mask, size_t words)
{
	return syscall(SYS_sched_getaffinity, tid, words * sizeof(*mask), mask);
}

static bool affinity_write(int tid, const unsigned long *mask, size_t words)
{
	return syscall(SYS_sched_setaffinity, tid, words * sizeof(*mask), mask) == 0;
}

size_t affinity_words(void)
{
	unsigned long mask[64 * 1024 / BITS_PER_WORD];
	long got = affinity_read(0, mask, sizeof(mask) / sizeof(mask[0]));

	return got > 0 ? (size_t)got / sizeof(mask[0]) : 0;
}

bool affinity_get(int tid, unsigned long *mask, size_t words)
{
	memset(mask, 0, words * sizeof(*mask));
	return affinity_read(tid, mask, words) > 0;
}

bool affinity_has(const unsigned long *mask, size_t words, int cpu)
{
	size_t word = (size_t)cpu / BITS_PER_WORD;

	return word < words && (mask[word] >> ((size_t)cpu % BITS_PER_WORD) & 1) != 0;
}

static void affinity_make_single(unsigned long *mask, size_t words, int cpu)
{
	memset(mask, 0, words * sizeof(*mask));
	mask[(size_t)cpu / BITS_PER_WORD] = 1UL << ((size_t)cpu % BITS_PER_WORD);
}

size_t affinity_count(const unsigned long *mask, size_t words)
{
	size_t count = 0;

	for (size_t i = 0; i < words; i++)
		count += (size_t)__builtin_popcountl(mask[i]);
	return count;
}

bool affinity_is_single(const unsigned long *mask, size_t words, int cpu)
{
	for (size_t i = 0; i < words; i++) {
		unsigned long wanted = 0;

		if (i == (size_t)cpu / BITS_PER_WORD)
			wanted = 1UL << ((size_t)cpu % BITS_PER_WORD);
		if (mask[i] != wanted)
			return false;
	}
	return true;
}

static bool affinity_write_all(int tid, unsigned long *scratch, size_t words)
{
	memset(scratch, 0xff, words * sizeof(*scratch));
	return affinity_write(tid, scratch, words);
}

static void loan_set_state(struct loan *loan, enum loan_state state)
{
	__atomic_store_n(&loan->state, (int)state, __ATOMIC_SEQ_CST);
}

/*
 * A mask that a thread never asked for follows its cpuset when that changes and when CPUs come and
 * go; one that was set with sched_setaffinity(2) only narrows it (cpuset(7)).  What we give back must
 * behave as what we took: a thread that had all that its cpuset allows gets a mask of all ones, which
 * the kernel cuts to the cpuset, now and later.  Whether it had all that is found by asking for it.
 */
bool affinity_lend(struct loan *loan, int tid, int cpu, unsigned long *scratch, size_t words)
{
	size_t bytes = words * sizeof(*scratch);
	unsigned long *now = scratch + words;

	if (!affinity_get(tid, loan->mask, words) || !affinity_has(loan->mask, words, cpu) ||
	    affinity_is_single(loan->mask, words, cpu))
		return false;
	loan->tid = tid;
	loan->cpu = cpu;
	loan->whole = false;
	loan_set_state(loan, LOAN_PROBING);
	if (affinity_write_all(tid, scratch, words) && affinity_get(tid, now, words)) {
		loan->whole = memcmp(now, loan->mask, bytes) == 0;
		affinity_make_single(scratch, words, cpu);
		loan_set_state(loan, LOAN_PINNED);
		if (affinity_write(tid, scratch, words))
			return true;
		loan_set_state(loan, LOAN_PROBING);
	}
	affinity_give_back(loan, scratch, words);
	return false;
}

/* What is left if the thread's own mask has no CPU in its cpuset any more (cpuset(7)). */
static void affinity_restore(const struct loan *loan, unsigned long *scratch, size_t words)
{
	if (loan->whole || (!affinity_write(loan->tid, loan->mask, words) && errno == EINVAL))
		affinity_write_all(loan->tid, scratch, words);
}

/*
 * The mask is not the one that we set: another process has changed it, and it stays; or the cpuset
 * or the set of CPUs was changed so that ours had no CPU left.  In the second case asking for all
 * CPUs changes nothing, but for what comes later.
 */
static void affinity_respect(const struct loan *loan, const unsigned long *now,
			     unsigned long *scratch, size_t words)
{
	if (!loan->whole || !affinity_write_all(loan->tid, scratch, words) ||
	    !affinity_get(loan->tid, scratch, words))
		return;
	if (memcmp(scratch, now, words * sizeof(*now)) != 0)
		affinity_write(loan->tid, now, words);
}

void affinity_give_back(struct loan *loan, unsigned long *scratch, size_t words)
{
	unsigned long *now = scratch + words;

	if (loan->state == LOAN_PROBING)
		affinity_restore(loan, scratch, words);
	else if (loan->state == LOAN_PINNED && affinity_get(loan->tid, now, words)) {
		if (affinity_is_single(now, words, loan->cpu))
			affinity_restore(loan, scratch, words);
		else
			affinity_respect(loan, now, scratch, words);
	}
	loan_set_state(loan, LOAN_NONE);
}
