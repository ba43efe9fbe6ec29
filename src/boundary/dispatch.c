/* SPDX-License-Identifier: MIT */
/*
 * Probes: a call of a thread under syscall user dispatch, PR_SET_SYSCALL_USER_DISPATCH(2const): let
 * pass, and turned into SIGSYS.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include "boundary.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif

/* What the kernel reads at every call: whether it passes. */
enum { DISPATCH_ALLOW = 0, DISPATCH_BLOCK = 1 };

static bool dispatch_begin(struct boundary_run *run, volatile char *selector)
{
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, selector) == 0)
		return true;
	if (errno == EINVAL)
		sample_refuse(run, "this kernel has no syscall user dispatch (Linux 5.11)");
	else
		sample_refuse(run, "prctl(PR_SET_SYSCALL_USER_DISPATCH): %s", strerror(errno));
	return false;
}

static void dispatch_loop_passed(void *context, unsigned times)
{
	(void)context;
	for (unsigned i = 0; i < times; i++)
		call_getpid(0);
}

void dispatch_measure_passed(struct boundary_run *run)
{
	volatile char selector = DISPATCH_ALLOW;

	if (!dispatch_begin(run, &selector))
		return;
	sample_measure(run, dispatch_loop_passed, NULL, 1);
	/* The selector lives no longer than this function. */
	prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);
}

#ifdef __x86_64__

/*
 * The call carries the selector's address where getpid(2) takes no argument.  The handler must let
 * calls pass before it returns, since returning is one (sigreturn(2)).
 */
static void dispatch_handle(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *interrupted = context;
	volatile char *selector = (volatile char *)interrupted->uc_mcontext.gregs[REG_RDI];

	(void)signal;
	(void)info;
	*selector = DISPATCH_ALLOW;
}

static void dispatch_loop_caught(void *context, unsigned times)
{
	volatile char *selector = context;

	for (unsigned i = 0; i < times; i++) {
		*selector = DISPATCH_BLOCK;
		call_getpid((long)selector);
	}
}

void dispatch_measure_caught(struct boundary_run *run)
{
	volatile char selector = DISPATCH_ALLOW;
	struct sigaction action = { .sa_sigaction = dispatch_handle, .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	sigaction(SIGSYS, &action, NULL);
	if (!dispatch_begin(run, &selector))
		return;
	sample_measure(run, dispatch_loop_caught, (void *)&selector, 1);
	prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);
}

#else

void dispatch_measure_caught(struct boundary_run *run)
{
	sample_refuse(run, "measured on x86-64 only");
}

#endif
