/* SPDX-License-Identifier: MIT */
/*
 * Probes: getpid(2) of a traced child, one stop for a call (a seccomp filter that asks for the
 * tracer) or two (entry and exit), ptrace(2).  The tracer does the least that one can do at a stop:
 * wait4, PTRACE_GET_SYSCALL_INFO, resume.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "boundary.h"

struct ptraced {
	pid_t pid;
	unsigned stops; /* per call */
	bool failed;
};

static void __attribute__((noreturn)) ptraced_child(const int *go, unsigned stops, int cpu)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(go[1]);
	if (!sample_pin(cpu) || (stops == 1 && !filters_install_trace()))
		_exit(1);
	/* No byte: the tracer could not, or is gone. */
	if (read(go[0], &byte, 1) == 1)
		for (;;)
			call_getpid(0);
	_exit(1);
}

/* Waits for a stop of ours and looks at it.  Other stops are let go on with their signal. */
static bool ptraced_wait(struct ptraced *ptraced)
{
	struct __ptrace_syscall_info info;
	int status;

	for (;;) {
		int signal = 0;

		if (wait4(ptraced->pid, &status, __WALL, NULL) < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		if (!WIFSTOPPED(status))
			return false;
		if (status >> 8 == (SIGTRAP | 0x80) ||
		    status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
			break;
		if (status >> 16 == 0)
			signal = WSTOPSIG(status);
		if (ptrace(ptraced->stops == 1 ? PTRACE_CONT : PTRACE_SYSCALL, ptraced->pid, 0,
			   signal) < 0)
			return false;
	}
	return ptrace(PTRACE_GET_SYSCALL_INFO, ptraced->pid, sizeof(info), &info) > 0;
}

static void ptraced_loop(void *context, unsigned times)
{
	struct ptraced *ptraced = context;

	for (unsigned i = 0; i < times * ptraced->stops && !ptraced->failed; i++)
		if (!ptraced_wait(ptraced) ||
		    ptrace(ptraced->stops == 1 ? PTRACE_CONT : PTRACE_SYSCALL, ptraced->pid, 0, 0) <
			    0)
			ptraced->failed = true;
}

static void ptraced_trace(struct boundary_run *run, struct ptraced *ptraced, int go)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP;

	if (ptrace(PTRACE_SEIZE, ptraced->pid, 0, options) < 0) {
		sample_refuse(run, "ptrace is not possible here: %s", strerror(errno));
		return;
	}
	if (ptraced->stops == 2)
		ptrace(PTRACE_INTERRUPT, ptraced->pid, 0, 0);
	if (write(go, "", 1) == 1)
		ptraced_loop(ptraced, 8);
	if (!ptraced->failed)
		sample_measure(run, ptraced_loop, ptraced, 1);
	if (ptraced->failed)
		sample_refuse(run, ptraced->stops == 1 ? "the kernel refuses a filter that asks "
							 "for a tracer"
						       : "the traced child ended");
}

static void ptraced_measure(struct boundary_run *run, unsigned stops, int cpu)
{
	struct ptraced ptraced = { .stops = stops };
	int go[2];

	if (cpu < 0) {
		sample_refuse(run, "there is only one CPU to run on");
		return;
	}
	if (pipe2(go, O_CLOEXEC) < 0) {
		sample_refuse(run, "pipe: %s", strerror(errno));
		return;
	}
	ptraced.pid = fork();
	if (ptraced.pid == 0)
		ptraced_child(go, stops, cpu);
	if (ptraced.pid < 0) {
		sample_refuse(run, "fork: %s", strerror(errno));
		return;
	}
	ptraced_trace(run, &ptraced, go[1]);
	kill(ptraced.pid, SIGKILL);
	while (waitpid(ptraced.pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

void ptraced_measure_1_same(struct boundary_run *run)
{
	ptraced_measure(run, 1, run->cpu);
}

void ptraced_measure_2_same(struct boundary_run *run)
{
	ptraced_measure(run, 2, run->cpu);
}

void ptraced_measure_1_other(struct boundary_run *run)
{
	ptraced_measure(run, 1, run->other_cpu);
}

void ptraced_measure_2_other(struct boundary_run *run)
{
	ptraced_measure(run, 2, run->other_cpu);
}
