/* SPDX-License-Identifier: MIT */
/* The times that calls would have taken without the stops.  Called by tally.c. */
#include "counts.h"

#define CORRECT_FEW 50
#define CORRECT_GRAIN_NS 2000
#define CORRECT_FEW_DOUBT 0.2

static double correct_positive(double ns)
{
	return ns > 0 ? ns : 0;
}

/*
 * A call that did not sleep took its CPU time: what other processes did meanwhile does not matter.
 * In a process of several threads that is the CPU time of them all, so it took at most the time
 * that went by.  Of a call that slept, only the latter is known.
 */
static void correct_call(struct call_counts *counts, const struct stats_prices *prices)
{
	double calls = (double)counts->calls;
	double slept_calls = (double)counts->slept_calls;
	double awake_calls = calls - slept_calls;
	double slept = correct_positive(counts->slept_gap - slept_calls * prices->exit_gap_ns);
	double cpu = counts->awake_cpu - awake_calls * prices->exit_cpu_ns;
	double gap = counts->awake_gap - awake_calls * prices->exit_gap_ns;
	double awake;

	/* CPU time comes in microseconds: of few calls, wall time tells more. */
	if (counts->calls < CORRECT_FEW)
		cpu += CORRECT_GRAIN_NS;
	awake = cpu < gap ? cpu : gap;

	if (awake < awake_calls * prices->call_ns)
		awake = awake_calls * prices->call_ns;
	counts->true_total = slept + awake;
	counts->true_bound = calls * prices->doubt_ns;
	if (counts->calls < CORRECT_FEW)
		counts->true_bound = calls * CORRECT_FEW_DOUBT * prices->exit_gap_ns;
	/* What other threads computed meanwhile cannot be told from it. */
	if (counts->shared_calls * 2 > counts->calls && counts->true_bound < counts->true_total)
		counts->true_bound = counts->true_total + 1;
}

void stats_correct(struct stats *stats, const struct stats_prices *prices)
{
	stats->corrected = true;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		struct abi_counts *counts = &stats->abis[abi];

		for (size_t i = 0; i < counts->slot_count; i++)
			if (counts->calls[i] != NULL)
				correct_call(counts->calls[i], prices);
		for (size_t i = 0; i <= ODD_NUMBERS; i++)
			if (counts->odd[i] != NULL)
				correct_call(counts->odd[i], prices);
	}
	for (size_t i = 0; i < stats->groups.count; i++)
		correct_call(stats->groups.rows[i], prices);
}
