/* SPDX-License-Identifier: MIT */
/*
 * A process that waits for the tracer's end and gives threads their masks back, if any are owed: the
 * tracer may be killed by SIGKILL.  Started by colocate.c with the first loan.
 *
 * It must be quicker than the kernel, which lets the tracees run on when it gets to that part of the
 * tracer's end.  So it waits for a robust mutex (pthread_mutexattr_setrobust(3)) that the tracer
 * holds: such mutexes are released first of all, long before the tracer's descriptors are closed and
 * its tracees freed.  If it is late all the same, a tracee may have had children in between.
 *
 * It holds nothing that belongs to others: no descriptor, no terminal, no directory; and it cannot be
 * ended by what is sent to the tracer, to its process group or to its name.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "colocate.h"
#include "tracer_internal.h"

/* In front of the slots. */
struct watcher_head {
	pthread_mutex_t held;
	long long alive;
};

#define WATCHER_HEAD ((sizeof(struct watcher_head) + 63) & ~(size_t)63)

struct loan *loan_at(const struct loan_table *table, size_t i)
{
	return (struct loan *)(void *)(table->slots + i * table->size);
}

/* Behind the slots. */
static unsigned long *loan_scratch(const struct loan_table *table)
{
	return (unsigned long *)(void *)loan_at(table, table->count);
}

static bool loan_table_init(struct loan_table *table, size_t count)
{
	void *memory;

	table->count = count;
	table->words = affinity_words();
	if (table->words == 0)
		return false;
	table->size = sizeof(struct loan) + table->words * sizeof(unsigned long);
	/* Two more for the scratch, and one for a loan that was never made. */
	table->bytes = WATCHER_HEAD + table->size * (count + 3);
	memory = mmap(NULL, table->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (memory == MAP_FAILED)
		return false;
	table->held = &((struct watcher_head *)memory)->held;
	table->alive = &((struct watcher_head *)memory)->alive;
	table->slots = (unsigned char *)memory + WATCHER_HEAD;
	return true;
}

static void loan_table_free(struct loan_table *table)
{
	munmap(table->slots - WATCHER_HEAD, table->bytes);
}

void watcher_note_alive(const struct loan_table *table)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	__atomic_store_n(table->alive, now.tv_sec * 1000000000LL + now.tv_nsec, __ATOMIC_SEQ_CST);
}

static bool watcher_hold(pthread_mutex_t *held)
{
	pthread_mutexattr_t attributes;
	bool done;

	if (pthread_mutexattr_init(&attributes) != 0)
		return false;
	done = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
	       pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
	       pthread_mutex_init(held, &attributes) == 0 && pthread_mutex_lock(held) == 0;
	pthread_mutexattr_destroy(&attributes);
	return done;
}

static void watcher_let_go(void)
{
	/* Only root may have that; it is for a machine that is busy. */
	struct sched_param first = { .sched_priority = 1 };

	if (syscall(SYS_close_range, 0, ~0U, 0) < 0) {
		/* Linux before 5.9. */
		for (int fd = 0; fd < sysconf(_SC_OPEN_MAX); fd++)
			close(fd);
	}
	setsid();
	if (chdir("/") < 0)
		errno = 0; /* it stays where it is */
	/* So that nobody takes it for the tracer. */
	prctl(PR_SET_NAME, "mtrace-watch", 0, 0, 0);
	memset(program_invocation_name, '-', strlen(program_invocation_name));
	sched_setscheduler(0, SCHED_FIFO, &first);
}

/* When `tid` began, in clock ticks since the machine did: field 22 of proc_pid_stat(5); else -1. */
static long long watcher_birth(int tid)
{
	char text[1024];
	const char *at;
	size_t got;
	FILE *file;

	snprintf(text, sizeof(text), "/proc/%d/stat", tid);
	file = fopen(text, "re");
	if (file == NULL)
		return -1;
	got = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[got] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at != NULL ? strtoll(at, NULL, 10) : -1;
}

struct watcher_search {
	const struct loan_table *loans;
	long long since; /* clock ticks */
	int process;     /* whose children and threads are wanted */
	const struct loan *parent;
};

/* Gives a thread its mask back that it has from a parent who had none of its own. */
static void watcher_free_newborn(void *context, int tid)
{
	struct watcher_search *search = context;
	const struct loan_table *loans = search->loans;
	unsigned long *scratch = loan_scratch(loans);
	struct loan *loan = loan_at(loans, loans->count + 2);

	if (!affinity_get(tid, scratch, loans->words) ||
	    !affinity_is_single(scratch, loans->words, search->parent->cpu) ||
	    watcher_birth(tid) < search->since)
		return;
	memcpy(loan, search->parent, loans->size);
	loan->tid = tid;
	loan->state = LOAN_PINNED;
	affinity_give_back(loan, scratch, loans->words);
}

static void watcher_look_at_child(void *context, int pid);

/* The threads of a process, then its children: one that is born meanwhile is found among them. */
static void watcher_look_below(struct watcher_search *search, int process)
{
	int above = search->process;

	search->process = process;
	proc_each_thread(process, watcher_free_newborn, search);
	proc_each_process(watcher_look_at_child, search);
	search->process = above;
}

static void watcher_look_at_child(void *context, int pid)
{
	struct watcher_search *search = context;

	if (proc_status_number(pid, "PPid") == search->process &&
	    watcher_birth(pid) >= search->since)
		watcher_look_below(search, pid);
}

/*
 * Threads, children and theirs that were born between the tracer's end and ours.  When it ended is not
 * known, and it may be long ago, if we had to wait for a CPU; but not before it last said that it was
 * alive.  Whoever is younger than that has its mask from a parent that was lent one, if it has just
 * this mask.
 */
static void watcher_find_newborn(const struct loan_table *loans)
{
	struct watcher_search search = { .loans = loans };

	search.since = *loans->alive / (1000000000 / sysconf(_SC_CLK_TCK));
	for (size_t i = 0; i < loans->count; i++) {
		const struct loan *loan = loan_at(loans, i);
		int process;

		if (loan->tid == 0 || loan->cpu < 0)
			continue;
		search.parent = loan;
		process = proc_status_number(loan->tid, "Tgid");
		if (process > 0)
			watcher_look_below(&search, process);
	}
}

static void __attribute__((noreturn)) watcher_run(const struct loan_table *loans)
{
	bool owed = false;
	bool died;

	watcher_let_go();
	died = pthread_mutex_lock(loans->held) == EOWNERDEAD;
	for (size_t i = 0; i < loans->count; i++) {
		struct loan *loan = loan_at(loans, i);

		if (loan->state == LOAN_NONE)
			loan->tid = 0;
		owed = owed || loan->state != LOAN_NONE;
		affinity_give_back(loan, loan_scratch(loans), loans->words);
	}
	if (died && owed)
		watcher_find_newborn(loans);
	_exit(0);
}

bool watcher_start(struct watcher *watcher, size_t slots)
{
	struct loan_table *loans = &watcher->loans;
	sigset_t all;
	sigset_t mask;

	if (!loan_table_init(loans, slots))
		return false;
	if (!watcher_hold(loans->held)) {
		loan_table_free(loans);
		return false;
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	watcher->pid = fork();
	if (watcher->pid == 0)
		watcher_run(loans);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (watcher->pid > 0)
		return true;
	pthread_mutex_unlock(loans->held);
	loan_table_free(loans);
	return false;
}

void watcher_stop(struct watcher *watcher)
{
	pthread_mutex_unlock(watcher->loans.held);
	while (waitpid(watcher->pid, NULL, __WALL) < 0 && errno == EINTR) {
	}
	loan_table_free(&watcher->loans);
}
