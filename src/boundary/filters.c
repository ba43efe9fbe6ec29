/* SPDX-License-Identifier: MIT */
/*
 * Probes: getpid(2) under seccomp filters, seccomp(2).  A filter cannot be taken out again: the
 * child that has it ends.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#include "boundary.h"

/* Allowed one by one, as a container's list has it; numbers below this are calls everywhere. */
#define LISTED 300
#define MOST (2 * LISTED + 8)

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)

struct filter {
	struct sock_filter steps[MOST];
	unsigned short count;
};

static void filter_add(struct filter *filter, struct sock_filter step)
{
	filter->steps[filter->count++] = step;
}

/* If the number is `nr` the answer is `action`; otherwise on with what follows. */
static void filter_add_call(struct filter *filter, unsigned nr, uint32_t action)
{
	filter_add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1));
	filter_add(filter, (struct sock_filter)RETURN(action));
}

static bool filter_install(struct filter *filter)
{
	struct sock_fprog program = { filter->count, filter->steps };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool filters_install_trace(void)
{
	struct filter filter = { .count = 0 };

	filter_add(&filter, (struct sock_filter)LOAD(nr));
	filter_add_call(&filter, SYS_getpid, SECCOMP_RET_TRACE);
	filter_add(&filter, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	return filter_install(&filter);
}

static void filters_loop(void *context, unsigned times)
{
	(void)context;
	for (unsigned i = 0; i < times; i++)
		call_getpid(0);
}

static void filters_measure(struct boundary_run *run, struct filter *filter)
{
	if (filter_install(filter))
		sample_measure(run, filters_loop, NULL, 1);
	else
		sample_refuse(run, "the kernel refuses a filter: %s", strerror(errno));
}

void filters_measure_allow(struct boundary_run *run)
{
	struct filter filter = { .count = 0 };

	filter_add(&filter, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	filters_measure(run, &filter);
}

/* A list of calls that are allowed, getpid(2) the last, so that all of it is run through. */
static void filters_list(struct filter *filter)
{
	filter_add(filter, (struct sock_filter)LOAD(arch));
	filter_add(filter, (struct sock_filter)LOAD(nr));
	for (unsigned nr = 0; nr < LISTED; nr++)
		if (nr != SYS_getpid)
			filter_add_call(filter, nr, SECCOMP_RET_ALLOW);
	filter_add_call(filter, SYS_getpid, SECCOMP_RET_ALLOW);
	filter_add(filter, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM));
}

void filters_measure_docker(struct boundary_run *run)
{
	struct filter filter = { .count = 0 };

	filters_list(&filter);
	filters_measure(run, &filter);
}

/*
 * Since Linux 5.11 the kernel notes for which numbers a filter always answers "allow", and does not
 * run it for them.  A filter that looks at an argument has no such numbers.
 */
void filters_measure_arguments(struct boundary_run *run)
{
	struct filter filter = { .count = 0 };

	filter_add(&filter, (struct sock_filter)LOAD(args[0]));
	filters_list(&filter);
	filters_measure(run, &filter);
}
