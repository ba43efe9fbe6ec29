/* SPDX-License-Identifier: MIT */
/*
 * What a stop costs here and now: a child makes the cheapest of calls, alone and traced as loop.c
 * does it.  Called by session.c before anything else is traced.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
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

#define CALIBRATE_ALONE 4000                 /* calls without a tracer, in ten parts */
#define CALIBRATE_CALLS 1200                 /* at most so many traced */
#define CALIBRATE_WARM 60                    /* the first are not counted */
#define CALIBRATE_NS (14 * 1000 * 1000)      /* nor does tracing take longer, */
#define CALIBRATE_LEAST 100                  /* ... unless the machine is so busy, */
#define CALIBRATE_MOST_NS (80 * 1000 * 1000) /* ... and never than this */
#define CALIBRATE_PARTS 6

struct calibrate_sums {
	double enter_cpu, exit_cpu;
	unsigned calls;
};

struct calibrate {
	struct calibrate_sums parts[CALIBRATE_PARTS];
	double enter_gaps[CALIBRATE_CALLS];
	double exit_gaps[CALIBRATE_CALLS];
	unsigned calls; /* that have ended */
	double cpu;     /* at the stop before */
	double resumed;
	double begun;
	double tracer_cpu; /* when the warm-up was over */
	unsigned long stops;
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

static double calibrate_median(double *numbers, unsigned count)
{
	qsort(numbers, count, sizeof(*numbers), calibrate_compare);
	return numbers[count / 2];
}

/*
 * The i-th of the calls that are traced.  A loop of one call runs from the innermost caches, as no
 * program does: its stops are a tenth cheaper than those of cheap calls in turn.
 */
static void calibrate_call(unsigned i, int fd)
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

/* ns per call of a loop that is not traced; fd -1: of getpid(2) alone. */
static double calibrate_alone(int fd)
{
	double parts[10];

	for (unsigned part = 0; part < 10; part++) {
		double begun = calibrate_now(CLOCK_MONOTONIC);

		for (unsigned i = 0; i < CALIBRATE_ALONE / 10; i++)
			calibrate_call(fd < 0 ? 0 : i, fd);
		parts[part] = (calibrate_now(CLOCK_MONOTONIC) - begun) * 10 / CALIBRATE_ALONE;
	}
	return calibrate_median(parts, 10);
}

/* In the child: the calls, when `go` says that it is traced. */
static void __attribute__((noreturn)) calibrate_child(int go, int fd)
{
	char byte;

	if (read(go, &byte, 1) == 1)
		for (unsigned i = 0; i < CALIBRATE_CALLS + CALIBRATE_WARM; i++)
			calibrate_call(i, fd);
	_exit(0);
}

static void calibrate_exit_stop(struct calibrate *c, double cpu, double gap)
{
	if (c->calls == 0 || c->stops < 2ul * CALIBRATE_WARM)
		return;
	c->parts[c->calls % CALIBRATE_PARTS].exit_cpu += cpu;
	c->parts[c->calls % CALIBRATE_PARTS].calls++;
	c->exit_gaps[c->calls - 1] = gap;
}

static void calibrate_enter_stop(struct calibrate *c, double cpu, double gap)
{
	if (c->stops < 2ul * CALIBRATE_WARM)
		return;
	if (c->calls == 0)
		c->tracer_cpu = calibrate_now(CLOCK_PROCESS_CPUTIME_ID);
	c->calls++;
	c->parts[c->calls % CALIBRATE_PARTS].enter_cpu += cpu;
	c->enter_gaps[c->calls - 1] = gap;
}

static bool calibrate_is_enough(const struct calibrate *c, double ns)
{
	return c->calls == CALIBRATE_CALLS || ns > CALIBRATE_MOST_NS ||
	       (ns > CALIBRATE_NS && c->calls >= CALIBRATE_LEAST);
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
		calibrate_enter_stop(c, cpu - c->cpu, seen - c->resumed);
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
	return c->calls > 2 * CALIBRATE_PARTS;
}

/* `alone`: what a call takes by itself. */
static void calibrate_conclude(struct calibrate *c, double alone, struct tracer_calibration *result)
{
	double parts[CALIBRATE_PARTS];
	double enter = 0, leave = 0;
	unsigned calls = c->calls - 1;
	unsigned counted = 0;

	for (unsigned i = 0; i < CALIBRATE_PARTS; i++) {
		enter += c->parts[i].enter_cpu;
		leave += c->parts[i].exit_cpu;
		counted += c->parts[i].calls;
		parts[i] = (c->parts[i].enter_cpu + c->parts[i].exit_cpu) / c->parts[i].calls;
	}
	result->enter_cpu_ns = enter / counted;
	result->exit_cpu_ns = leave / counted - alone;
	result->enter_gap_ns = calibrate_median(c->enter_gaps, calls);
	result->exit_gap_ns = calibrate_median(c->exit_gaps, calls) - alone;
	result->tracer_cpu_ns = c->tracer_cpu / (2.0 * calls);
	qsort(parts, CALIBRATE_PARTS, sizeof(*parts), calibrate_compare);
	result->doubt = (parts[CALIBRATE_PARTS - 2] - parts[1]) / (parts[CALIBRATE_PARTS / 2] * 2);
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
	double alone;
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
		calibration->call_ns = calibrate_alone(-1);
		alone = calibrate_alone(fd);
		done = together ? calibrate_together(c, pid, go[1]) :
				  calibrate_trace(c, pid, go[1]);
		if (done)
			calibrate_conclude(c, alone, calibration);
		free(c);
	}
	close(go[1]);
	close(fd);
	return done;
}
