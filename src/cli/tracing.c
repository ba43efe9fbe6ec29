/* SPDX-License-Identifier: MIT */
/* Options on how tracees are traced, and what the tracer derives from them.  Called by parse.c. */
#include "option.h"

#include <stdlib.h>
#include <string.h>

#include "mtrace/desc.h"
#include "mtrace/filter.h"
#include "mtrace/inject.h"
#include "mtrace/log.h"

/*
 * After these a mask of CPUs is another thread's as well, or a thread's number another: fork(2),
 * clone(2) and execve(2) by their nature, the others because we may lose the right to change it.
 */
#define BIRTHS \
	"?fork,?vfork,?clone,?clone3,?execve,?execveat,?setuid,?setreuid,?setresuid,?setuid32," \
	"?setreuid32,?setresuid32"
static const char births[] = BIRTHS;
static const char births_and_waits[] = BIRTHS ",?wait4,?waitpid,?waitid";
/* These show or change a mask, or depend on one (sched_setattr(2): SCHED_DEADLINE wants it whole). */
static const char placing[] = "?sched_getaffinity,?sched_setaffinity,?sched_setattr,"
			      "?sched_setscheduler,?sched_setparam";

static const char openings[] = "?open,?openat,?openat2";

bool handle_colocate(struct parser *parser, const char *given, const char *argument)
{
	static const char *const modes[] = {
		[COLOCATE_AUTO] = "auto",
		[COLOCATE_ALWAYS] = "always",
		[COLOCATE_NEVER] = "never",
	};

	for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argument, modes[i]) == 0) {
			parser->options->colocate = (enum colocate_mode)i;
			return true;
		}
	}
	return usage_error("invalid %s argument: '%s' (auto, always or never)", given, argument);
}

bool handle_seccomp_bpf(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->seccomp.mode = SECCOMP_ASKED;
	return true;
}

bool handle_no_seccomp_bpf(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->seccomp.mode = SECCOMP_NEVER;
	return true;
}

static bool select_or_say(struct call_set *set, const char *text)
{
	char *error = select_calls(set, text);

	if (error != NULL)
		log_error("%s", error);
	free(error);
	return error == NULL;
}

static int64_t number_of(enum abi_id abi, const char *name)
{
	const struct desc_abi *table = &desc_abis[abi];

	for (unsigned nr = 0; nr < table->row_count; nr++) {
		if (table->rows[nr].name && strcmp(table->rows[nr].name, name) == 0)
			return nr;
	}
	return -1;
}

static bool is_empty(const struct bitset *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->words[i] != 0)
			return false;
	return true;
}

/* May the user want to see a call with that number? */
static bool is_traced(const struct options *options, enum abi_id abi, uint64_t nr)
{
	const struct desc_row *row = desc_find_row(abi, nr);

	if (row && row->multiplex == MULTIPLEX_SOCKETCALL && !is_empty(&options->trace.socketcalls))
		return true;
	if (row && row->multiplex == MULTIPLEX_IPC && !is_empty(&options->trace.ipccalls))
		return true;
	return call_set_has(&options->trace, abi, nr);
}

/* Calls that must stop for what the tracer owes to those that the user wants to see. */
static void add_companions(const struct options *options, enum abi_id abi, struct bitset *stops)
{
	/* What restart_syscall goes on with is the call that was entered before it. */
	static const char *const restarted[] = { "nanosleep",	   "clock_nanosleep",
						 "poll",	   "futex",
						 "clock_nanosleep_time64", "futex_time64" };
	const struct seccomp_numbers *numbers = &options->seccomp.numbers[abi];
	int64_t restart = number_of(abi, "restart_syscall");

	if (restart >= 0 && bitset_has(stops, (uint64_t)restart)) {
		for (unsigned i = 0; i < sizeof(restarted) / sizeof(restarted[0]); i++) {
			int64_t nr = number_of(abi, restarted[i]);

			if (nr >= 0)
				bitset_add(stops, (uint64_t)nr);
		}
	}
	if (numbers->seccomp >= 0)
		bitset_add(stops, (uint64_t)numbers->seccomp);
	if (numbers->clone3 >= 0)
		bitset_add(stops, (uint64_t)numbers->clone3);
}

/* Fills the plan; returns whether there is any call that need not stop. */
static bool plan_stops(struct options *options)
{
	struct seccomp_plan *plan = &options->seccomp;
	bool all = options->trace.rest; /* what the user traces */

	plan->stops.rest = options->trace.rest;
	for (enum abi_id abi = 0; abi < ABI_COUNT; abi++) {
		struct bitset *stops = &plan->stops.numbers[abi];
		const struct desc_abi *table = &desc_abis[abi];

		if (!abi_runs_here(abi))
			continue;
		/* Far above the table, arm has a few of its own: with one of them, all beyond stop. */
		for (unsigned i = 0; i < table->private_count; i++)
			plan->stops.rest |= is_traced(options, abi, table->private_rows[i].nr);
		plan->numbers[abi] = (struct seccomp_numbers){
			.limit = table->row_count,
			.prctl = number_of(abi, "prctl"),
			.seccomp = number_of(abi, "seccomp"),
			.clone = number_of(abi, "clone"),
			.clone3 = number_of(abi, "clone3"),
		};
		for (uint64_t nr = 0; nr < plan->numbers[abi].limit; nr++) {
			bool placed = options->colocate != COLOCATE_NEVER &&
				      (bitset_has(&options->births.numbers[abi], nr) ||
				       bitset_has(&options->placing.numbers[abi], nr));
			bool traced = is_traced(options, abi, nr);

			if (traced || placed)
				bitset_add(stops, nr);
			all = all && traced;
		}
		add_companions(options, abi, stops);
	}
	return !all;
}

/* Does anything speak against a filter?  Says what, if it was asked for by name. */
static bool seccomp_is_possible(const struct options *options)
{
	bool asked = options->seccomp.mode == SECCOMP_ASKED;

	if (!options->follow && asked)
		log_note("--seccomp-bpf cannot be used without -f/--follow-forks, disabling");
	else if (options->pid_count > 0 && asked)
		log_note("--seccomp-bpf is not enabled for processes attached with -p");
	/* A tracee with a filter cannot be left alone. */
	if (options->syscall_limit > 0 || options->detach_after > 0 || options->detach_on_exec) {
		if (asked)
			log_note("--seccomp-bpf cannot be used with options that detach early, "
				 "disabling");
		return false;
	}
	/* ptrace(2) sends a signal where it resumes a syscall-stop, not a PTRACE_EVENT stop. */
	return options->follow && options->pid_count == 0 && options->command != NULL &&
	       !inject_sends_signals(options->inject);
}

static void finish_seccomp(struct options *options)
{
	struct seccomp_plan *plan = &options->seccomp;

	if (plan->mode == SECCOMP_NEVER || !seccomp_is_possible(options))
		return;
	plan->wanted = plan_stops(options);
	if (!plan->wanted && plan->mode == SECCOMP_ASKED)
		log_note("Seccomp filter is requested but there are no syscalls to filter.  See -e "
			 "trace to filter syscalls.");
}

bool finish_tracing(struct options *options)
{
	/* Who waits for a child that is not followed may be looked at by it. */
	if (!select_or_say(&options->births, options->follow ? births : births_and_waits) ||
	    !select_or_say(&options->placing, placing) ||
	    !select_or_say(&options->openings, openings))
		return false;
	finish_seccomp(options);
	return true;
}
