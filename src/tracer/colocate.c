/* SPDX-License-Identifier: MIT */
/*
 * Tracer and tracee on one CPU.  Called by loop.c, follow.c, spawn.c and detach.c.
 *
 * A tracee that stops wakes the tracer and the tracer wakes the tracee; while one runs the other
 * sleeps.  The kernel moves whom it wakes to an idle CPU, which then takes far longer to wake up than
 * all that a stop needs (src/README.md has figures).  So a tracee that stops often and the tracer are
 * confined to one CPU; a thread that computes is let go again.
 *
 * The tracee does not see it: before it enters a call that would look at its mask or hand it on
 * (options->births, options->placing), it has its own mask again.  What is owed stands in memory that
 * the watcher shares.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mtrace/xalloc.h"
#include "busy.h"
#include "colocate.h"
#include "tracer_internal.h"

#define COLOCATE_SLOTS 1024
/* How often those that are pinned are looked after. */
#define COLOCATE_TICK_NS (5 * 1000 * 1000)
/* So many looks without any stop, and nobody is looked after until there is one. */
#define COLOCATE_IDLE_LOOKS 20
/* So many looks without a crowd, and the next truce is a short one again. */
#define COLOCATE_CALM_LOOKS 100
/* At most so many are looked after at a time: a look at /proc takes as long as a stop. */
#define COLOCATE_LOOKS 32
/*
 * A tracee is pinned if in so many calls it computed no longer than that between two of them.  CPU time,
 * not time: that also passes for who waits its turn.  A wake-up across CPUs costs about as much.
 */
#define COLOCATE_CALLS 16
/* ... or in so many after its birth: threads often live for few calls. */
#define COLOCATE_FIRST_CALLS 4
#define COLOCATE_COMPUTE_NS (25 * 1000)
/* ... and if nobody else could use its CPU meanwhile, as long as that. */
#define COLOCATE_ALONE_NS (1000 * 1000)
/* What a newborn has computed: nothing, but 0 stands for what is not known. */
#define COLOCATE_NEWBORN_NS 1
/* One that makes no call and computes for so long wants a CPU of its own choice. */
#define COLOCATE_BUSY_NS (1000 * 1000)

struct colocate {
	const struct options *options;
	struct bitset noted[ABI_COUNT]; /* calls in options->births, openings or placing */
	struct busy busy;
	size_t cpus; /* that the tracer may use */
	struct watcher watcher;
	bool watched; /* the watcher is there */
	bool given_up;
	unsigned long *scratch; /* two masks */
	struct tracee_record *pinned[COLOCATE_SLOTS]; /* who has the loan in that slot */
	uint16_t free[COLOCATE_SLOTS];                /* slots; used as a stack */
	size_t free_count;
	size_t pinned_count;
	size_t look; /* the slot that is looked at next */
	size_t holders;
	struct loan *own; /* the tracer's own mask, if lent; in the last slot */
	int home;         /* the CPU */
	timer_t timer;
	bool have_timer;
	bool ticking;
	uint64_t stops; /* of all tracees */
	uint64_t seen;  /* ... at the last look */
	unsigned idle_looks;
	uint64_t last_look; /* CLOCK_MONOTONIC, ns */
	uint64_t waited;    /* ns that the tracer has waited for its CPU, at the last look */
	unsigned crowded;   /* looks in a row that found that it waited long */
	uint64_t truce;     /* CLOCK_MONOTONIC, ns: nobody is pinned before that */
	uint64_t truce_ns;  /* how long the last truce lasted */
	unsigned calm;      /* looks in a row that found nothing of the kind */
};

static volatile sig_atomic_t colocate_ticked;

static void colocate_on_tick(int signal)
{
	(void)signal;
	colocate_ticked = 1;
}

static uint64_t colocate_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool colocate_make_timer(struct colocate *colocate)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = interrupt_look_signal() };
	/* Without SA_RESTART: wait4 is to return. */
	struct sigaction action = { .sa_handler = colocate_on_tick };

	sigemptyset(&action.sa_mask);
	sigaction(interrupt_look_signal(), &action, NULL);
	return timer_create(CLOCK_MONOTONIC, &event, &colocate->timer) == 0;
}

static void colocate_tick(struct colocate *colocate, bool on)
{
	long ns = on ? COLOCATE_TICK_NS : 0;
	struct itimerspec period = { .it_interval.tv_nsec = ns, .it_value.tv_nsec = ns };

	if (colocate->ticking == on)
		return;
	colocate->ticking = on;
	timer_settime(colocate->timer, 0, &period, NULL);
}

/* Nearly no call is in any of the three sets: one question tells. */
static void colocate_note_calls(struct colocate *colocate, const struct bitset numbers[ABI_COUNT])
{
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		for (size_t i = 0; i < numbers[abi].count; i++) {
			for (uint64_t word = numbers[abi].words[i]; word != 0; word &= word - 1)
				bitset_add(&colocate->noted[abi],
					   i * 64 + (unsigned)__builtin_ctzll(word));
		}
	}
}

struct colocate *colocate_new(const struct options *options)
{
	struct colocate *colocate;
	size_t words = affinity_words();
	unsigned long *mask;
	int cpu = sched_getcpu();

	if (options->colocate == COLOCATE_NEVER || words == 0 || cpu < 0)
		return NULL;
	mask = xcalloc(words * 2, sizeof(*mask));
	if (!affinity_get(0, mask, words) || affinity_is_single(mask, words, cpu)) {
		free(mask);
		return NULL;
	}
	colocate = xcalloc(1, sizeof(*colocate));
	colocate->options = options;
	colocate_note_calls(colocate, options->births.numbers);
	colocate_note_calls(colocate, options->openings.numbers);
	colocate_note_calls(colocate, options->placing.numbers);
	colocate->scratch = mask;
	colocate->cpus = affinity_count(mask, words);
	colocate->home = -1;
	for (size_t i = 0; i < COLOCATE_SLOTS - 1; i++)
		colocate->free[i] = (uint16_t)(COLOCATE_SLOTS - 2 - i);
	colocate->free_count = COLOCATE_SLOTS - 1;
	colocate->have_timer = colocate_make_timer(colocate);
	colocate->given_up = !colocate->have_timer;
	return colocate;
}

static void colocate_give_back_own(struct colocate *colocate)
{
	if (colocate->own == NULL)
		return;
	affinity_give_back(colocate->own, colocate->scratch, colocate->watcher.loans.words);
	colocate->own = NULL;
	colocate->home = -1;
}

static void colocate_drop(struct colocate *colocate, struct tracee_record *record)
{
	uint16_t slot = (uint16_t)(record->placement.slot - 1);

	colocate->pinned[slot] = NULL;
	colocate->free[colocate->free_count++] = slot;
	colocate->pinned_count--;
	record->placement.slot = 0;
}

static void colocate_unpin(struct colocate *colocate, struct tracee_record *record, bool again)
{
	if (record->placement.slot == 0)
		return;
	affinity_give_back(loan_at(&colocate->watcher.loans, record->placement.slot - 1U),
			   colocate->scratch, colocate->watcher.loans.words);
	colocate_drop(colocate, record);
	record->placement.again = again;
}

/*
 * Somebody is about to look at its mask, or has opened a file that tells the mask of the moment of
 * reading: not before twice COLOCATE_CALLS calls from now.
 */
static void colocate_unpin_for_a_look(struct colocate *colocate, struct tracee_record *record)
{
	record->placement.seen = record->placement.stops;
	record->placement.used = 0;
	colocate_unpin(colocate, record, false);
}

static void colocate_unpin_all(struct colocate *colocate, bool again)
{
	for (size_t i = 0; i < COLOCATE_SLOTS - 1 && colocate->pinned_count > 0; i++) {
		if (colocate->pinned[i] != NULL)
			colocate_unpin(colocate, colocate->pinned[i], again);
	}
}

/* From now on everybody has his own mask. */
static void colocate_give_up(struct colocate *colocate)
{
	colocate_unpin_all(colocate, false);
	if (colocate->watched)
		colocate_give_back_own(colocate);
	colocate->given_up = true;
	colocate_tick(colocate, false);
}

void colocate_free(struct colocate *colocate)
{
	if (colocate == NULL)
		return;
	colocate_give_up(colocate);
	if (colocate->have_timer)
		timer_delete(colocate->timer);
	if (colocate->watched)
		watcher_stop(&colocate->watcher);
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		bitset_free(&colocate->noted[abi]);
	free(colocate->scratch);
	free(colocate);
}

/*
 * The first figure of /proc/TID/schedstat is the CPU time of the thread, the second how long it has
 * waited for a CPU, in ns (proc(5) does not have it; Documentation/scheduler/sched-stats.rst does).
 * False: the kernel does not tell.
 */
static bool colocate_measure(int tid, uint64_t *used, uint64_t *waited)
{
	char text[96];
	char *end;
	ssize_t got;
	int fd;

	snprintf(text, sizeof(text), "/proc/%d/task/%d/schedstat", tid, tid);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	*used = strtoull(text, &end, 10);
	*waited = strtoull(end, NULL, 10);
	return true;
}

static uint64_t colocate_used(int tid)
{
	uint64_t used = 0;
	uint64_t waited = 0;

	colocate_measure(tid, &used, &waited);
	return used;
}

/*
 * Confines the tracer itself.  It goes where it is if the tracee may run there.  Otherwise the tracee
 * is left alone: whoever chose its CPUs had a reason.
 */
static bool colocate_settle(struct colocate *colocate)
{
	struct loan_table *loans = &colocate->watcher.loans;
	struct loan *own;
	int cpu = sched_getcpu();

	if (colocate->own != NULL)
		return true;
	own = loan_at(loans, COLOCATE_SLOTS - 1);
	if (cpu < 0 || !affinity_lend(own, getpid(), cpu, colocate->scratch, loans->words))
		return false;
	colocate->own = own;
	colocate->home = cpu;
	return true;
}

/* Does each CPU but the tracer's have a tracee that computes? */
static bool colocate_is_crowded(struct colocate *colocate, const struct tracee_record *record)
{
	return colocate->options->colocate != COLOCATE_ALWAYS && colocate->busy.count > 0 &&
	       busy_others(&colocate->busy, record->tracee.tid, colocate_now(), colocate_used) + 1 >=
		       colocate->cpus;
}

static bool colocate_may_pin(struct colocate *colocate, const struct tracee_record *record)
{
	int policy;

	if (colocate->free_count == 0 || colocate->holders > 0 || colocate_is_crowded(colocate, record) ||
	    (colocate->truce != 0 && colocate_now() < colocate->truce))
		return false;
	/* A real-time thread on the tracer's CPU would not let the tracer run. */
	policy = sched_getscheduler(record->tracee.tid);
	if (policy != SCHED_OTHER && policy != SCHED_BATCH)
		return false;
	if (!colocate->watched) {
		colocate->watched = watcher_start(&colocate->watcher, COLOCATE_SLOTS);
		colocate->given_up = !colocate->watched;
	}
	return colocate->watched && colocate_settle(colocate);
}

/* To be called only while the tracee is stopped, and not at the entry of a call that births. */
static void colocate_pin(struct colocate *colocate, struct tracee_record *record)
{
	struct placement *placement = &record->placement;
	struct loan_table *loans = &colocate->watcher.loans;
	uint16_t slot;

	if (!colocate_may_pin(colocate, record))
		return;
	slot = colocate->free[colocate->free_count - 1];
	placement->again = false;
	watcher_note_alive(loans);
	if (!affinity_lend(loan_at(loans, slot), record->tracee.tid, colocate->home,
			   colocate->scratch, loans->words))
		return;
	colocate->free_count--;
	colocate->pinned[slot] = record;
	colocate->pinned_count++;
	placement->slot = (uint16_t)(slot + 1);
	placement->seen = placement->stops;
	placement->used = 0; /* not known */
	colocate_tick(colocate, true);
}

void colocate_begin(struct colocate *colocate, struct tracee_record *record,
		    const struct tracee_record *parent, bool launched)
{
	struct placement *placement = &record->placement;

	if (colocate == NULL)
		return;
	if (colocate->options->colocate == COLOCATE_ALWAYS) {
		placement->again = true;
		return;
	}
	if (parent == NULL) {
		placement->barred = !launched;
		placement->again = launched;
		return;
	}
	placement->barred = parent->placement.barred;
	placement->used = COLOCATE_NEWBORN_NS;
	/* A process begins with many calls, a thread with work as a rule. */
	placement->again = record->tracee.pid == record->tracee.tid &&
			   (parent->placement.slot != 0 || parent->placement.again);
}

/* Nobody is pinned until this call has ended. */
static void colocate_hold(struct colocate *colocate, struct tracee_record *record)
{
	if (!record->placement.holding) {
		record->placement.holding = true;
		colocate->holders++;
	}
}

static void colocate_end_hold(struct colocate *colocate, struct tracee_record *record)
{
	if (record->placement.holding) {
		record->placement.holding = false;
		colocate->holders--;
	}
}

/*
 * Does the call open the file of /proc that tells the caller's mask (Cpus_allowed in proc_pid_status(5))?
 * libnuma reads it.  Only for those that are pinned: the path is mostly read anyway, for the trace.
 */
static bool colocate_is_status(const struct colocate *colocate, struct tracee_record *record,
			       const struct event *event)
{
	static const char *const owners[] = { "self", "thread-self" };
	struct memory *memory = record->tracee.memory;
	char path[64] = "";
	char own[32];
	size_t got;

	if (!call_set_has(&colocate->options->openings, event->abi, event->nr))
		return false;
	/* openat has the path behind a descriptor, open before flags: neither is an address. */
	got = memory->read(memory, event->args[1], path, sizeof(path) - 1);
	if (got == 0)
		got = memory->read(memory, event->args[0], path, sizeof(path) - 1);
	path[got] = '\0';
	if (strncmp(path, "/proc/", 6) != 0 || strstr(path, "/status") == NULL)
		return false;
	snprintf(own, sizeof(own), "%d", record->tracee.pid);
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		if (strncmp(path + 6, owners[i], strlen(owners[i])) == 0)
			return true;
	}
	return strncmp(path + 6, own, strlen(own)) == 0;
}

void colocate_enter(struct colocate *colocate, struct tracee_record *record,
		    const struct event *event)
{
	colocate_end_hold(colocate, record); /* the end of the call before was missed */
	if (event->abi >= ABI_COUNT || !bitset_has(&colocate->noted[event->abi], event->nr))
		return;
	if (record->placement.slot != 0 &&
	    call_set_has(&colocate->options->births, event->abi, event->nr)) {
		/* A child that is not followed may ask for its parent's mask, and we would not know. */
		if (colocate->options->follow)
			colocate_unpin(colocate, record, true);
		else
			colocate_unpin_for_a_look(colocate, record);
	} else if (record->placement.slot != 0 && colocate_is_status(colocate, record, event)) {
		colocate_unpin_for_a_look(colocate, record);
	} else if (colocate->pinned_count > 0 &&
		   call_set_has(&colocate->options->placing, event->abi, event->nr)) {
		/* All of them take a thread first; 0 is the caller. */
		if (event->args[0] == 0 || event->args[0] == (uint64_t)record->tracee.tid) {
			colocate_unpin(colocate, record, true);
		} else {
			colocate_unpin_all(colocate, true);
			colocate_hold(colocate, record);
		}
	}
}

/* How long a tracee may compute between two calls, in ns of CPU time. */
static uint64_t colocate_patience(const struct tracee_table *tracees)
{
	return tracees->count == 1 ? COLOCATE_ALONE_NS : COLOCATE_COMPUTE_NS;
}

/* Has the tracee been making so many calls that the tracer should be near it? */
static bool colocate_is_worth_it(struct colocate *colocate, struct tracee_record *record,
				 const struct tracee_table *tracees)
{
	struct placement *placement = &record->placement;
	uint32_t calls = placement->stops - placement->seen;
	uint64_t before = placement->used;

	if (calls < (before == COLOCATE_NEWBORN_NS ? COLOCATE_FIRST_CALLS : COLOCATE_CALLS))
		return false;
	placement->seen = placement->stops;
	placement->used = colocate_used(record->tracee.tid);
	if (before == 0)
		return false;
	if (placement->used - before < calls * colocate_patience(tracees))
		return true;
	busy_note(&colocate->busy, record->tracee.tid, placement->used, colocate_now());
	return false;
}

void colocate_exit(struct colocate *colocate, struct tracee_record *record,
		   const struct tracee_table *tracees)
{
	struct placement *placement = &record->placement;

	colocate->stops++;
	placement->stops++;
	colocate_end_hold(colocate, record);
	if (placement->slot != 0 || placement->barred || colocate->given_up)
		return;
	if (placement->again || colocate_is_worth_it(colocate, record, tracees))
		colocate_pin(colocate, record);
}

void colocate_release(struct colocate *colocate, struct tracee_record *record)
{
	if (colocate == NULL)
		return;
	colocate_end_hold(colocate, record);
	colocate_unpin(colocate, record, false);
	record->placement.barred = true;
}

void colocate_forget(struct colocate *colocate, struct tracee_record *record)
{
	if (colocate == NULL)
		return;
	colocate_end_hold(colocate, record);
	busy_forget(&colocate->busy, record->tracee.tid);
	if (record->placement.slot != 0) {
		__atomic_store_n(&loan_at(&colocate->watcher.loans, record->placement.slot - 1U)
					  ->state,
				 (int)LOAN_NONE, __ATOMIC_SEQ_CST);
		colocate_drop(colocate, record);
	}
	/* Its death may leave others of whom nothing will be heard. */
	if (colocate->watched && !colocate->given_up)
		colocate_tick(colocate, true);
}

void colocate_note_death(struct colocate *colocate, int pid)
{
	if (colocate != NULL && colocate->watched && pid == colocate->watcher.pid)
		colocate_give_up(colocate);
}

/*
 * The tracer waits for its CPU while others could be idle: somebody else is at work there.  All are
 * let go for a while, so that the kernel can move them, and the tracer settles anew where it finds
 * itself; if that does not help, the next truce is longer.
 */
static void colocate_look_at_crowd(struct colocate *colocate, uint64_t now)
{
	uint64_t used;
	uint64_t waited = 0;
	bool crowded;

	if (colocate->options->colocate == COLOCATE_ALWAYS ||
	    !colocate_measure(getpid(), &used, &waited))
		return;
	/* Tracer and tracee wait for each other as well, for less than half of the time. */
	crowded = colocate->waited != 0 &&
		  (waited - colocate->waited) * 10 > (now - colocate->last_look) * 7;
	colocate->waited = waited;
	colocate->crowded = crowded ? colocate->crowded + 1 : 0;
	colocate->calm = crowded ? 0 : colocate->calm + 1;
	if (colocate->calm >= COLOCATE_CALM_LOOKS)
		colocate->truce_ns = 0;
	if (colocate->crowded < 2)
		return;
	colocate->crowded = 0;
	colocate->waited = 0;
	colocate_unpin_all(colocate, true);
	colocate_give_back_own(colocate);
	colocate->truce_ns = colocate->truce_ns == 0 ? COLOCATE_TICK_NS : colocate->truce_ns * 2;
	if (colocate->truce_ns > 64 * (uint64_t)COLOCATE_TICK_NS)
		colocate->truce_ns = 64 * (uint64_t)COLOCATE_TICK_NS;
	colocate->truce = now + colocate->truce_ns;
}

/* Does a pinned tracee compute?  Then it may go where it likes. */
static void colocate_look_at(struct colocate *colocate, struct tracee_record *record,
			     const struct tracee_table *tracees, uint64_t now)
{
	struct placement *placement = &record->placement;
	uint32_t calls = placement->stops - placement->seen;
	uint64_t before = placement->used;
	uint64_t used = colocate_used(record->tracee.tid);
	bool computes;

	placement->seen = placement->stops;
	placement->used = used;
	if (before == 0 || used < before)
		return;
	if (calls == 0)
		computes = used - before > COLOCATE_BUSY_NS;
	else
		computes = used - before > calls * 2 * colocate_patience(tracees);
	if (!computes)
		return;
	busy_note(&colocate->busy, record->tracee.tid, used, now);
	colocate_unpin(colocate, record, false);
}

static void colocate_look_around(struct colocate *colocate, const struct tracee_table *tracees,
				 uint64_t now)
{
	size_t most = COLOCATE_LOOKS;
	size_t looked = 0;

	if (colocate->pinned_count <= most) {
		/* All of them each time; the slots that are taken first have the lowest numbers. */
		most = colocate->pinned_count;
		colocate->look = 0;
	}
	for (size_t i = 0; i < COLOCATE_SLOTS && looked < most; i++) {
		struct tracee_record *record = colocate->pinned[colocate->look];

		colocate->look = (colocate->look + 1) % COLOCATE_SLOTS;
		if (record != NULL) {
			colocate_look_at(colocate, record, tracees, now);
			looked++;
		}
	}
}

bool colocate_tend(struct colocate *colocate, const struct tracee_table *tracees)
{
	uint64_t now;
	bool idle;

	if (colocate_ticked == 0)
		return false;
	colocate_ticked = 0;
	now = colocate_now();
	idle = colocate->stops == colocate->seen;
	colocate->idle_looks = idle ? colocate->idle_looks + 1 : 0;
	colocate->seen = colocate->stops;
	if (colocate->options->colocate != COLOCATE_ALWAYS)
		colocate_look_around(colocate, tracees, now);
	if (colocate->own != NULL)
		colocate_look_at_crowd(colocate, now);
	colocate->last_look = now;
	if (colocate->watched)
		watcher_note_alive(&colocate->watcher.loans);
	if (colocate->idle_looks < COLOCATE_IDLE_LOOKS)
		return false;
	colocate->idle_looks = 0;
	if (colocate->options->colocate != COLOCATE_ALWAYS) {
		colocate_unpin_all(colocate, true);
		if (colocate->watched)
			colocate_give_back_own(colocate);
	}
	colocate_tick(colocate, false);
	return true;
}
