/* SPDX-License-Identifier: MIT */
/* How a probe measures: batches, medians, quartiles.  Called by the probes and by boundary.c. */
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "boundary.h"
#include "mtrace/xalloc.h"

#define BATCH_NS (200 * 1000.0) /* long enough that reading the clock is nothing beside it */
#define TIMES_MOST (1u << 24)
#define BUDGET_NS (60 * 1000 * 1000.0)
#define SAMPLES_LEAST 5
#define MOST_NS (150 * 1000 * 1000.0) /* what takes so long has fewer samples than the least */

double sample_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double sample_batch(boundary_loop *loop, void *context, unsigned times)
{
	double begun = sample_now();

	loop(context, times);
	return sample_now() - begun;
}

void sample_measure(struct boundary_run *run, boundary_loop *loop, void *context,
		    unsigned operations)
{
	double begun = sample_now();
	double now;
	unsigned times = 1;

	/* Finding out how many fit into a batch warms up caches and predictors as well. */
	while (sample_batch(loop, context, times) < BATCH_NS && times < TIMES_MOST)
		times *= 2;
	do {
		double took = sample_batch(loop, context, times);

		run->samples[run->count++] = took / times / operations;
		now = sample_now();
	} while (run->count < BOUNDARY_SAMPLES && now < begun + MOST_NS &&
		 (now < begun + BUDGET_NS || run->count < SAMPLES_LEAST));
}

void sample_refuse(struct boundary_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(run->reason, sizeof(run->reason), format, args);
	va_end(args);
	run->count = 0;
}

static int sample_compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The value below which the share `part` lies, between neighbours by their distance. */
static double sample_quantile(const struct boundary_run *run, double part)
{
	double at = part * (run->count - 1);
	unsigned below = (unsigned)at;

	if (below + 1 >= run->count)
		return run->samples[run->count - 1];
	return run->samples[below] + (at - below) * (run->samples[below + 1] - run->samples[below]);
}

void sample_conclude(struct boundary_run *run, struct boundary_result *result)
{
	result->samples = run->count;
	if (run->count == 0)
		return;
	qsort(run->samples, run->count, sizeof(run->samples[0]), sample_compare);
	result->least = run->samples[0];
	result->low = sample_quantile(run, 0.25);
	result->median = sample_quantile(run, 0.5);
	result->high = sample_quantile(run, 0.75);
}

bool sample_pin(int cpu)
{
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	cpu_set_t *set = xcalloc(1, size);
	bool pinned;

	CPU_SET_S(cpu, size, set);
	pinned = sched_setaffinity(0, size, set) == 0;
	free(set);
	return pinned;
}
