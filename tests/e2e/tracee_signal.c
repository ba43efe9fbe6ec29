/* SPDX-License-Identifier: MIT */
/* Signals: masks, handlers, what is delivered and what a handler returns to. */
#include "tracee.h"

#include <signal.h>

/* The kernel's struct has sa_restorer where the kernel has SA_RESTORER; libc hides both. */
#if !defined(SA_RESTORER) && (defined(__x86_64__) || defined(__i386__) || defined(__arm__))
#define SA_RESTORER 0x04000000
#endif

struct kernel_action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
#ifdef SA_RESTORER
	void (*restorer)(void);
#endif
	uint64_t mask;
};

static volatile int handled;

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	handled = signal;
}

static uint64_t bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

/* libc's way back from a handler, which a bare rt_sigaction needs as well. */
static struct kernel_action libc_action(int signal)
{
	struct kernel_action action = { 0 };

	CALL(SYS_rt_sigaction, signal, NULL, &action, 8);
	return action;
}

static const char *restorer(const struct kernel_action *action)
{
#ifdef SA_RESTORER
	char *text = tracee_room(60);

	if (!(action->flags & SA_RESTORER))
		return "";
	snprintf(text, 60, ", sa_restorer=%s", ptr((void *)action->restorer));
	return text;
#else
	(void)action;
	return "";
#endif
}

#ifndef SA_RESTORER
#define SA_RESTORER 0
#endif

static void test_masks(void)
{
	uint64_t two = bit(SIGUSR1) | bit(SIGUSR2), all = ~UINT64_C(0), old = 0, none = 0, most;

	most = all & ~bit(SIGUSR1);
	line(CALL(SYS_rt_sigprocmask, SIG_BLOCK, &two, NULL, 8),
	     "rt_sigprocmask(SIG_BLOCK, [USR1 USR2], NULL, 8)");
	line(CALL(SYS_rt_sigprocmask, SIG_UNBLOCK, &two, &old, 8),
	     "rt_sigprocmask(SIG_UNBLOCK, [USR1 USR2], [USR1 USR2], 8)");
	line(CALL(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, 8),
	     "rt_sigprocmask(SIG_SETMASK, ~[], [], 8)");
	line(CALL(SYS_rt_sigprocmask, SIG_SETMASK, &none, &old, 8),
	     "rt_sigprocmask(SIG_SETMASK, [], ~[KILL STOP], 8)");
	line(CALL(SYS_rt_sigprocmask, 77, &most, &old, 8),
	     "rt_sigprocmask(0x4d /* SIG_??? */, ~[USR1], %s, 8)", ptr(&old));
	line(CALL(SYS_rt_sigprocmask, SIG_BLOCK, &two, NULL, 3),
	     "rt_sigprocmask(SIG_BLOCK, %s, NULL, 3)", ptr(&two));
	line(CALL(SYS_rt_sigprocmask, SIG_BLOCK, tracee_hole, NULL, 8),
	     "rt_sigprocmask(SIG_BLOCK, %s, NULL, 8)", ptr(tracee_hole));
	line(CALL(SYS_rt_sigpending, &old, 8), "rt_sigpending([], 8)");
}

static void test_actions(struct kernel_action *libc)
{
	struct kernel_action set = *libc, old;

	set.handler = handler;
	set.flags = (libc->flags & SA_RESTORER) | SA_NODEFER;
	set.mask = bit(SIGINT) | bit(SIGRTMIN);
	line(CALL(SYS_rt_sigaction, SIGUSR2, &set, NULL, 8),
	     "rt_sigaction(SIGUSR2, {sa_handler=%s, sa_mask=[INT RT_2], sa_flags=%sSA_NODEFER%s}, NULL, 8)",
	     ptr((void *)handler), *restorer(&set) ? "SA_RESTORER|" : "", restorer(&set));
	line(CALL(SYS_rt_sigaction, SIGUSR2, NULL, &old, 8),
	     "rt_sigaction(SIGUSR2, NULL, {sa_handler=%s, sa_mask=[INT RT_2], sa_flags=%sSA_NODEFER%s}, 8)",
	     ptr((void *)handler), *restorer(&set) ? "SA_RESTORER|" : "", restorer(&set));
	line(CALL(SYS_rt_sigaction, SIGKILL, NULL, &old, 8),
	     "rt_sigaction(SIGKILL, NULL, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8)");
	line(CALL(SYS_rt_sigaction, SIGKILL, &set, NULL, 8),
	     "rt_sigaction(SIGKILL, {sa_handler=%s, sa_mask=[INT RT_2], sa_flags=%sSA_NODEFER%s}, NULL, 8)",
	     ptr((void *)handler), *restorer(&set) ? "SA_RESTORER|" : "", restorer(&set));
	line(CALL(SYS_rt_sigaction, 77, NULL, NULL, 8), "rt_sigaction(77, NULL, NULL, 8)");
}

static void test_delivery(const char *uid)
{
	uint64_t usr1 = bit(SIGUSR1), none = 0;
	struct timespec {
		long sec, nsec;
	} zero = { 0, 0 };
	siginfo_t info;
	int pid = tracee_pid;

	line(CALL(SYS_kill, pid, 0), "kill(%d, 0)", pid);
	line(CALL(SYS_kill, 0x7ffffff0, SIGTERM), "kill(%d, SIGTERM)", 0x7ffffff0);
	/* Ignored: delivered all the same. */
	CALL(SYS_kill, pid, SIGURG);
	line(0, "kill(%d, SIGURG)", pid);
	other_line("--- SIGURG {si_signo=SIGURG, si_code=SI_USER, si_pid=%d, si_uid=%s} ---", pid,
		   uid);
	CALL(SYS_tgkill, pid, pid, SIGUSR1);
	line(0, "tgkill(%d, %d, SIGUSR1)", pid, pid);
	other_line("--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=%d, si_uid=%s} ---",
		   pid, uid);
	other_line("rt_sigreturn({mask=[]}) = 0");
	CALL(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8);
	line(0, "rt_sigprocmask(SIG_BLOCK, [USR1], NULL, 8)");
	CALL(SYS_kill, pid, SIGUSR1);
	line(0, "kill(%d, SIGUSR1)", pid);
	line(CALL(SYS_rt_sigpending, &none, 8), "rt_sigpending([USR1], 8)");
	none = 0;
	CALL(SYS_rt_sigtimedwait, &usr1, &info, &zero, 8);
	other_line(
		"rt_sigtimedwait([USR1], {si_signo=SIGUSR1, si_code=SI_USER, si_pid=%d, si_uid=%s}, "
		"{tv_sec=0, tv_nsec=0}, 8) = 10 (SIGUSR1)",
		pid, uid);
	line(CALL(SYS_rt_sigtimedwait, &usr1, NULL, &zero, 8),
	     "rt_sigtimedwait([USR1], NULL, {tv_sec=0, tv_nsec=0}, 8)");
	CALL(SYS_kill, pid, SIGUSR1);
	line(0, "kill(%d, SIGUSR1)", pid);
	CALL(SYS_rt_sigsuspend, &none, 8);
	other_line("rt_sigsuspend([], 8) = ? ERESTARTNOHAND (To be restarted if no handler)");
	other_line("--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=%d, si_uid=%s} ---", pid,
		   uid);
	other_line("rt_sigreturn({mask=[USR1]}) = -1 EINTR (Interrupted system call)");
	CALL(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
	line(0, "rt_sigprocmask(SIG_SETMASK, [], NULL, 8)");
}

static void test_stack(void)
{
	stack_t stack = { .ss_sp = tracee_hole - TRACEE_PAGE, .ss_size = 4096 }, old;
	stack_t off = { .ss_flags = SS_DISABLE };

	line(CALL(SYS_sigaltstack, NULL, &old),
	     "sigaltstack(NULL, {ss_sp=NULL, ss_flags=SS_DISABLE, "
	     "ss_size=0})");
	line(CALL(SYS_sigaltstack, &stack, NULL),
	     "sigaltstack({ss_sp=%s, ss_flags=0, ss_size=4096}, NULL)", ptr(stack.ss_sp));
	line(CALL(SYS_sigaltstack, &off, &old),
	     "sigaltstack({ss_sp=NULL, ss_flags=SS_DISABLE, "
	     "ss_size=0}, {ss_sp=%s, ss_flags=0, ss_size=4096})",
	     ptr(stack.ss_sp));
}

int main(void)
{
	/* With SA_SIGINFO the way back is rt_sigreturn on i386 too. */
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	struct kernel_action libc;
	char uid[20];

	sigaction(SIGUSR1, &action, NULL);
	libc = libc_action(SIGUSR1);
	snprintf(uid, sizeof(uid), "%d", (int)getuid());
	tracee_start();
	tracee_begin();
	test_masks();
	test_actions(&libc);
	test_delivery(uid);
	test_stack();
	tracee_end();
	return handled == SIGUSR1 ? tracee_finish() : 3;
}
