/* SPDX-License-Identifier: MIT */
/*
 * What a stop costs here and now: a child makes the cheapest of calls, alone and traced as loop.c
 * does it; and what it costs the code after it, which finds the caches cold.  Called by tally.c before
 * anything else is traced.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mtrace/xalloc.h"
#include "tracer_internal.h"

#define CALIBRATE_ALONE 4000                  /* calls without a tracer, in ten parts; of work a quarter */
#define CALIBRATE_CALLS 3000                  /* at most so many traced */
#define CALIBRATE_WARM 60                     /* the first are not counted */
#define CALIBRATE_NS (14 * 1000 * 1000)       /* nor does tracing take longer, */
#define CALIBRATE_MOST_NS (60 * 1000 * 1000)  /* ... unless too little of it is good, */
#define CALIBRATE_LAST_NS (250 * 1000 * 1000) /* ... or there is too little of it */
#define CALIBRATE_TURN 60 /* calls of which so many are cheap, and the others have work before them */
#define CALIBRATE_CHEAP 40
#define CALIBRATE_PARTS (CALIBRATE_CALLS / CALIBRATE_CHEAP) /* turns */
#define CALIBRATE_LEAST_PARTS 3
#define CALIBRATE_ENOUGH_PARTS 25

/* Of a turn: CPU time of the child. */
struct calibrate_sums {
	double enter_cpu, exit_cpu; /* of cheap calls */
	double work_cpu;            /* of calls with work before them */
	double gaps; /* of cheap calls: from letting it go on to its next stop */
	unsigned calls, work_calls;
};

struct calibrate {
	struct calibrate_sums parts[CALIBRATE_PARTS];
	double enter_gaps[CALIBRATE_CALLS];
	double exit_gaps[CALIBRATE_CALLS];
	bool busy;      /* the call that the child is in has work before it */
	unsigned calls; /* of the others, that have begun */
	unsigned good_parts;
	double cpu;     /* at the stop before */
	double resumed;
	double begun;
	double tracer_cpu; /* when the warm-up was over */
	unsigned long stops;
	unsigned long first; /* the stop that is the first to count */
};

static double calibrate_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int calibrate_compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static int calibrate_compare_numbers(const void *left, const void *right)
{
	unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

	return a < b ? -1 : a > b;
}

static double calibrate_median(double *numbers, unsigned count)
{
	qsort(numbers, count, sizeof(*numbers), calibrate_compare);
	return numbers[count / 2];
}

/* As much code of the C library as a program may use between two calls. */
static void calibrate_work(unsigned i)
{
	volatile double sink;
	char text[128];
	unsigned numbers[24];

	for (unsigned k = 0; k < 24; k++)
		numbers[k] = (i + k) * 2654435761u;
	qsort(numbers, 24, sizeof(*numbers), calibrate_compare_numbers);
	snprintf(text, sizeof(text), "%u %s %.3f %#lx", numbers[0], "name", numbers[1] / 7.0,
		 (unsigned long)numbers[2]);
	sink = strtod(text, NULL);
	(void)sink;
}

static void calibrate_getpid(unsigned i, int fd)
{
	(void)i;
	(void)fd;
	syscall(SYS_getpid);
}

/*
 * The i-th of the cheap calls.  A loop of one call runs from the innermost caches, as no program does:
 * its stops are a tenth cheaper than those of cheap calls in turn.
 */
static void calibrate_cheap(unsigned i, int fd)
{
	struct stat st;
	char bytes[64];

	switch (i % 4) {
	case 0:
		syscall(SYS_getpid);
		break;
	case 1:
		fstat(fd, &st);
		break;
	case 2:
		lseek(fd, 0, SEEK_SET);
		break;
	default:
		/* What comes is of no interest. */
		if (read(fd, bytes, sizeof(bytes)) < 0)
			break;
	}
}

/* A call with work before it; the tracer knows it by its number. */
static void calibrate_busy(unsigned i, int fd)
{
	char path[64];

	(void)fd;
	calibrate_work(i);
	syscall(SYS_readlinkat, AT_FDCWD, "/usr/bin", path, sizeof(path));
}

/* ns per call of a loop of so many that is not traced. */
static double calibrate_alone(void (*call)(unsigned, int), unsigned count, int fd)
{
	double parts[10];

	for (unsigned part = 0; part < 10; part++) {
		double begun = calibrate_now(CLOCK_MONOTONIC);

		for (unsigned i = 0; i < count / 10; i++)
			call(i, fd);
		parts[part] = (calibrate_now(CLOCK_MONOTONIC) - begun) * 10 / count;
	}
	return calibrate_median(parts, 10);
}

/* In the child: the calls, when `go` says that it is traced. */
static void __attribute__((noreturn)) calibrate_child(int go, int fd)
{
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(0);
	for (unsigned i = 0; i < 2 * CALIBRATE_CALLS; i++) {
		if (i % CALIBRATE_TURN < CALIBRATE_CHEAP)
			calibrate_cheap(i, fd);
		else
			calibrate_busy(i, fd);
	}
	_exit(0);
}

static struct calibrate_sums *calibrate_part(struct calibrate *c)
{
	return &c->parts[(c->calls - 1) / CALIBRATE_CHEAP];
}

/*
 * The scheduler may have the child preempt us while we are still letting it go on: then part of what
 * that takes is on its account, and it has stopped again by the time that we look at the clock, sooner than
 * it could have.  The child does so at first, since it has used less CPU time than we; tracees that run
 * for longer do not.
 */
static bool calibrate_is_good(const struct calibrate_sums *part)
{
	return part->gaps > part->enter_cpu + part->exit_cpu;
}

static void calibrate_exit_stop(struct calibrate *c, double cpu, double gap)
{
	struct calibrate_sums *part;

	if (c->calls == 0)
		return;
	part = calibrate_part(c);
	if (c->busy) {
		part->work_cpu += cpu;
		part->work_calls++;
		return;
	}
	part->exit_cpu += cpu;
	part->gaps += gap;
	part->calls++;
	c->exit_gaps[c->calls - 1] = gap;
}

static void calibrate_enter_stop(struct calibrate *c, double cpu, double gap, bool busy)
{
	/* What is measured begins with a turn. */
	if (c->calls == 0) {
		if (c->stops < 2ul * CALIBRATE_WARM || busy || !c->busy) {
			c->busy = busy;
			return;
		}
		c->tracer_cpu = calibrate_now(CLOCK_PROCESS_CPUTIME_ID);
		c->first = c->stops;
	}
	c->busy = busy;
	if (busy) {
		calibrate_part(c)->work_cpu += cpu;
		return;
	}
	if (c->calls > 0 && c->calls % CALIBRATE_CHEAP == 0)
		c->good_parts += calibrate_is_good(calibrate_part(c));
	c->calls++;
	calibrate_part(c)->enter_cpu += cpu;
	calibrate_part(c)->gaps += gap;
	c->enter_gaps[c->calls - 1] = gap;
}

static bool calibrate_has_least(const struct calibrate *c)
{
	return c->calls > (CALIBRATE_LEAST_PARTS + 1) * CALIBRATE_CHEAP;
}

static bool calibrate_is_enough(const struct calibrate *c, double ns)
{
	if (!calibrate_has_least(c))
		return ns > CALIBRATE_LAST_NS;
	return c->calls == CALIBRATE_CALLS || c->good_parts >= CALIBRATE_ENOUGH_PARTS ||
	       ns > CALIBRATE_MOST_NS ||
	       (ns > CALIBRATE_NS && c->good_parts >= CALIBRATE_LEAST_PARTS);
}

static double calibrate_cpu(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e9 +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e3;
}

/* One stop, as loop.c would deal with it.  False: enough, or the child is gone. */
static bool calibrate_stop(struct calibrate *c, int pid)
{
	struct __ptrace_syscall_info info = { .op = PTRACE_SYSCALL_INFO_NONE };
	struct rusage usage;
	double seen, cpu;
	int status, signal = 0;

	if (wait4(pid, &status, __WALL, &usage) != pid)
		return errno == EINTR;
	if (!WIFSTOPPED(status))
		return false;
	seen = calibrate_now(CLOCK_MONOTONIC);
	cpu = calibrate_cpu(&usage);
	if (status >> 8 == (SIGTRAP | 0x80))
		ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
	else if (status >> 16 == 0)
		signal = WSTOPSIG(status);
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		calibrate_enter_stop(c, cpu - c->cpu, seen - c->resumed,
				     info.entry.nr == SYS_readlinkat);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		calibrate_exit_stop(c, cpu - c->cpu, seen - c->resumed);
	c->stops++;
	c->cpu = cpu;
	/* The last entry has no exit that counts. */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && calibrate_is_enough(c, seen - c->begun))
		return false;
	ptrace(PTRACE_SYSCALL, pid, 0, (long)signal);
	c->resumed = calibrate_now(CLOCK_MONOTONIC);
	return true;
}

static bool calibrate_trace(struct calibrate *c, int pid, int go)
{
	bool seized = ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) == 0;

	c->begun = calibrate_now(CLOCK_MONOTONIC);
	if (seized && ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0 && write(go, "", 1) == 1)
		while (calibrate_stop(c, pid))
			;
	if (c->calls > 0)
		c->tracer_cpu = calibrate_now(CLOCK_PROCESS_CPUTIME_ID) - c->tracer_cpu;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return calibrate_has_least(c);
}

/*
 * What is in the middle of the turns.  Not the mean: what happens now and then, an interrupt or another
 * process, happens without a tracer as well.  Nor the median: CPU time comes in microseconds.  *apart:
 * half of what is between the quartiles.
 */
static double calibrate_middle(const struct calibrate *c, unsigned turns,
			       double (*cost)(const struct calibrate_sums *), double *apart)
{
	double costs[CALIBRATE_PARTS] = { 0 };
	double sum = 0;
	unsigned from = turns / 4, to = turns - turns / 4;

	for (unsigned i = 0; i < turns; i++)
		costs[i] = cost(&c->parts[i]);
	qsort(costs, turns, sizeof(*costs), calibrate_compare);
	for (unsigned i = from; i < to; i++)
		sum += costs[i];
	*apart = (costs[to - 1] - costs[from]) / 2;
	return sum / (to - from);
}

static double calibrate_enter_cost(const struct calibrate_sums *part)
{
	return part->enter_cpu / part->calls;
}

static double calibrate_exit_cost(const struct calibrate_sums *part)
{
	return part->exit_cpu / part->calls;
}

static double calibrate_call_cost(const struct calibrate_sums *part)
{
	return calibrate_enter_cost(part) + calibrate_exit_cost(part);
}

/* How much more a call with work took than one without, in the same turn. */
static double calibrate_work_cost(const struct calibrate_sums *part)
{
	return part->work_cpu / part->work_calls - calibrate_call_cost(part);
}

/* Leaves the good turns only, if there are enough; returns how many turns are left. */
static unsigned calibrate_choose(struct calibrate *c, unsigned turns)
{
	unsigned good = 0;

	if (c->good_parts < CALIBRATE_LEAST_PARTS)
		return turns;
	for (unsigned i = 0; i < turns; i++)
		if (calibrate_is_good(&c->parts[i]))
			c->parts[good++] = c->parts[i];
	return good;
}

/* `alone`: what a cheap call takes by itself; `busy`: one with work before it. */
static void calibrate_conclude(struct calibrate *c, double alone, double busy,
			       struct tracer_calibration *result)
{
	unsigned turns = c->calls / CALIBRATE_CHEAP; /* that are whole, */
	unsigned calls = c->calls - 1;               /* but for work that was to come */
	double apart, work;

	if (c->parts[turns - 1].work_calls < CALIBRATE_TURN - CALIBRATE_CHEAP)
		turns--;
	turns = calibrate_choose(c, turns);
	result->enter_cpu_ns = calibrate_middle(c, turns, calibrate_enter_cost, &apart);
	result->exit_cpu_ns = calibrate_middle(c, turns, calibrate_exit_cost, &apart) - alone;
	calibrate_middle(c, turns, calibrate_call_cost, &apart);
	result->doubt = apart / (result->enter_cpu_ns + result->exit_cpu_ns);
	work = calibrate_middle(c, turns, calibrate_work_cost, &apart) - (busy - alone);
	result->work_ns = busy;
	result->cold_ns = work > 0 ? work : 0;
	result->enter_gap_ns = calibrate_median(c->enter_gaps, calls);
	result->exit_gap_ns = calibrate_median(c->exit_gaps, calls) - alone;
	result->tracer_cpu_ns = c->tracer_cpu / (double)(c->stops - c->first);
}

/*
 * What is traced will mostly share our CPU (colocate.c); so does the child meanwhile.  It is ours, and
 * nobody else's mask is touched; ours is put back.
 */
static bool calibrate_together(struct calibrate *c, int pid, int go)
{
	size_t words = affinity_words();
	struct loan *own = xcalloc(1, sizeof(*own) + words * sizeof(unsigned long));
	struct loan *child = xcalloc(1, sizeof(*own) + words * sizeof(unsigned long));
	unsigned long *scratch = xcalloc(words, 2 * sizeof(unsigned long));
	int cpu = sched_getcpu();
	bool done;

	if (cpu >= 0 && affinity_lend(own, getpid(), cpu, scratch, words))
		affinity_lend(child, pid, cpu, scratch, words);
	done = calibrate_trace(c, pid, go);
	affinity_give_back(own, scratch, words);
	free(scratch);
	free(child);
	free(own);
	return done;
}

bool tracer_calibrate(const struct options *options, struct tracer_calibration *calibration)
{
	bool together = options->colocate == COLOCATE_ALWAYS ||
			(options->colocate == COLOCATE_AUTO && options->command != NULL);
	struct calibrate *c;
	double alone, busy;
	bool done = false;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int go[2];
	int pid;

	memset(calibration, 0, sizeof(*calibration));
	if (fd < 0 || pipe2(go, O_CLOEXEC) < 0) {
		close(fd);
		return false;
	}
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		calibrate_child(go[0], fd);
	}
	close(go[0]);
	if (pid > 0) {
		c = xcalloc(1, sizeof(*c));
		calibration->call_ns = calibrate_alone(calibrate_getpid, CALIBRATE_ALONE, fd);
		alone = calibrate_alone(calibrate_cheap, CALIBRATE_ALONE, fd);
		busy = calibrate_alone(calibrate_busy, CALIBRATE_ALONE / 4, fd);
		done = together ? calibrate_together(c, pid, go[1]) :
				  calibrate_trace(c, pid, go[1]);
		if (done)
			calibrate_conclude(c, alone, busy, calibration);
		free(c);
	}
	close(go[1]);
	close(fd);
	return done;
}
