/* SPDX-License-Identifier: MIT */
/* The ways to cross, each measured in a child of its own.  Called by main (--boundary). */
#include "mtrace/boundary.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "boundary.h"
#include "mtrace/xalloc.h"

#define CHILD_SECONDS 3 /* then a probe is ended */
#define CPUS_MOST 8192  /* that a mask has room for; larger machines count as having one */

static const char no_emulation[] = "this kernel runs no 32-bit calls (SIGSEGV)";
static const char no_page[] = "this kernel has no vsyscall page (SIGSEGV; vsyscall=none)";
static const char no_call[] = "a filter that we run under forbids it (SIGSYS)";

/* clang-format off */
static const struct boundary_probe probes[] = {
	{ "function", "empty function call", calls_measure_function, 0, NULL },
	{ "clock_gettime_vdso", "clock_gettime, vDSO", calls_measure_vdso, 0, NULL },
	{ "clock_gettime", "clock_gettime, real call", calls_measure_clock, 0, NULL },
	{ "getpid_raw", "getpid, raw instruction", calls_measure_raw, 0, NULL },
	{ "getpid_libc", "getpid, libc", calls_measure_libc, 0, NULL },
	{ "getpid_int80", "getpid, int 0x80", calls_measure_int80, SIGSEGV, no_emulation },
	{ "getpid_sysenter", "getpid, sysenter", calls_measure_sysenter, 0, NULL },
	{ "time_vsyscall", "time, vsyscall page", calls_measure_vsyscall, SIGSEGV, no_page },
	{ "getpid_dispatch_passed", "getpid, user dispatch, let pass",
	  dispatch_measure_passed, SIGSYS, no_call },
	{ "getpid_dispatch_caught", "getpid, user dispatch, to SIGSYS",
	  dispatch_measure_caught, SIGSYS, no_call },
	{ "write_null", "write 1 byte to /dev/null", files_measure_write, 0, NULL },
	{ "read_cached", "read 64 bytes, page cache", files_measure_read, 0, NULL },
	{ "readv_cached", "readv 64 x 64 bytes, per buffer", files_measure_readv, 0, NULL },
	{ "read_page_cached", "read 4 KiB, page cache", files_measure_page, 0, NULL },
	{ "read_page_direct", "read 4 KiB, disk (O_DIRECT)", files_measure_disk, 0, NULL },
	{ "io_uring_1", "io_uring read 64 bytes, 1 at a time", uring_measure_1, SIGSYS, no_call },
	{ "io_uring_8", "io_uring read 64 bytes, 8 at a time", uring_measure_8, SIGSYS, no_call },
	{ "io_uring_64", "io_uring read 64 bytes, 64 at a time", uring_measure_64, SIGSYS, no_call },
	{ "getpid_seccomp_allow", "getpid, seccomp: allow all",
	  filters_measure_allow, SIGSYS, no_call },
	{ "getpid_seccomp_docker", "getpid, seccomp: list of 300",
	  filters_measure_docker, SIGSYS, no_call },
	{ "getpid_seccomp_arguments", "getpid, seccomp: list and arguments",
	  filters_measure_arguments, SIGSYS, no_call },
	{ "getpid_ptrace_1_same", "getpid, ptrace, 1 stop, same CPU",
	  ptraced_measure_1_same, SIGSYS, no_call },
	{ "getpid_ptrace_2_same", "getpid, ptrace, 2 stops, same CPU",
	  ptraced_measure_2_same, SIGSYS, no_call },
	{ "getpid_ptrace_1_other", "getpid, ptrace, 1 stop, other CPU",
	  ptraced_measure_1_other, SIGSYS, no_call },
	{ "getpid_ptrace_2_other", "getpid, ptrace, 2 stops, other CPU",
	  ptraced_measure_2_other, SIGSYS, no_call },
};
/* clang-format on */
#define PROBES (sizeof(probes) / sizeof(probes[0]))

/* The CPU that we are on, and another one that we may use. */
static void boundary_choose_cpus(int *cpu, int *other)
{
	size_t size = CPU_ALLOC_SIZE(CPUS_MOST);
	cpu_set_t *mask = xcalloc(1, size);

	*cpu = sched_getcpu();
	*other = -1;
	if (sched_getaffinity(0, size, mask) == 0)
		for (int i = 0; i < CPUS_MOST && *other < 0; i++)
			if (i != *cpu && CPU_ISSET_S(i, size, mask))
				*other = i;
	free(mask);
}

/*
 * Whatever we inherited, a signal ends the child; a probe that hangs is ended by SIGALRM, and one
 * whose parent was killed by SIGKILL.
 */
static void __attribute__((noreturn))
boundary_child(const struct boundary_probe *probe, struct boundary_run *run)
{
	static const int deadly[] = { SIGALRM, SIGBUS, SIGILL, SIGSEGV, SIGSYS, SIGTRAP };
	struct rlimit no_core = { 0, 0 };
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaction(deadly[i], &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(CHILD_SECONDS);
	/* Where that is forbidden the figures are what they are. */
	sample_pin(run->cpu);
	probe->measure(run);
	_exit(0);
}

static void boundary_tell_death(const struct boundary_probe *probe, struct boundary_run *run,
				int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (signal == SIGALRM)
		sample_refuse(run, "it took longer than %d s", CHILD_SECONDS);
	else if (signal != 0 && signal == probe->signal)
		sample_refuse(run, "%s", probe->killed);
	else if (signal != 0)
		sample_refuse(run, "the child that tried was killed by signal %d", signal);
	else if (run->count == 0 && run->reason[0] == '\0')
		sample_refuse(run, "the child that tried ended without a figure");
}

static void boundary_measure(const struct boundary_probe *probe, struct boundary_run *run,
			     struct boundary_result *result)
{
	int status = 0;
	pid_t pid;

	run->count = 0;
	run->reason[0] = '\0';
	pid = fork();
	if (pid == 0)
		boundary_child(probe, run);
	if (pid < 0) {
		sample_refuse(run, "fork: %s", strerror(errno));
	} else {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		boundary_tell_death(probe, run, status);
	}
	result->probe = probe;
	sample_conclude(run, result);
	memcpy(result->reason, run->reason, sizeof(result->reason));
}

/* From cheap to dear; what was not measured comes last, in the order of the probes. */
static int boundary_compare(const void *left, const void *right)
{
	const struct boundary_result *a = left, *b = right;

	if ((a->samples == 0) != (b->samples == 0))
		return a->samples == 0 ? 1 : -1;
	if (a->samples == 0 || a->median == b->median)
		return (a->probe > b->probe) - (a->probe < b->probe);
	return a->median < b->median ? -1 : 1;
}

static struct boundary_run *boundary_share_run(void)
{
	void *map = mmap(NULL, sizeof(struct boundary_run), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

void boundary_run(struct buf *out, bool json)
{
	struct boundary_result results[PROBES] = { 0 };
	struct boundary_machine machine;
	struct boundary_run *run = boundary_share_run();
	double base;

	signal(SIGCHLD, SIG_DFL);
	machine_describe(&machine);
	if (run != NULL)
		boundary_choose_cpus(&run->cpu, &run->other_cpu);
	for (size_t i = 0; i < PROBES; i++) {
		results[i].probe = &probes[i];
		if (run != NULL)
			boundary_measure(&probes[i], run, &results[i]);
		else
			snprintf(results[i].reason, sizeof(results[i].reason), "mmap: no memory");
	}
	base = results[0].median;
	qsort(results, PROBES, sizeof(results[0]), boundary_compare);
	if (json)
		records_print_boundary(out, &machine, results, PROBES);
	else
		table_print_boundary(out, &machine, results, PROBES, base);
	machine_free(&machine);
	if (run != NULL)
		munmap(run, sizeof(*run));
}
