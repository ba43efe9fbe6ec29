/* SPDX-License-Identifier: MIT */
/* Processes and threads: birth, death and waiting; each process says what is expected of itself. */
#include "tracee.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static int uid;

/* In the child: marks, one line, and an end of the chosen kind. */
static void child(int pid, int status, int signal)
{
	tracee_begin();
	tracee_pid = pid;
	line(CALL(SYS_getppid), "getppid()");
	if (signal) {
		tracee_end();
		CALL(SYS_kill, pid, signal);
	}
	tracee_end();
	CALL(SYS_exit_group, status);
}

/* The child's number is known to it by the time it needs it, without a call of its own. */
static long fork_child(int status, int signal)
{
	static volatile int *number;
	long pid;

	if (!number)
		number = (volatile int *)(tracee_shared->text + TRACEE_ROOM - 64);
	*number = 0;
	pid = CALL(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, NULL, number, NULL, NULL);
	if (!pid)
		child(*number, status, signal);
	other_line(
		"clone(child_stack=NULL, flags=CLONE_PARENT_SETTID|SIGCHLD, parent_tid=[%ld]) = %ld",
		pid, pid);
	return pid;
}

/* CPU time as siginfo has it. */
static const char *ticks(long number)
{
	char *text = tracee_room(60);

	if (number)
		snprintf(text, 60, "%ld /* %.2f s */", number, (double)number / 100);
	else
		snprintf(text, 60, "0");
	return text;
}

static void test_exit(void)
{
	long pid = fork_child(42, 0);

	CALL(SYS_wait4, pid, NULL, 0, NULL);
	line(pid, "wait4(%ld, NULL, 0, NULL)", pid);
}

static void test_status(void)
{
	static int status;
	long pid = fork_child(42, 0);

	CALL(SYS_wait4, pid, &status, 0, NULL);
	line(pid, "wait4(%ld, [{WIFEXITED(s) && WEXITSTATUS(s) == 42}], 0, NULL)", pid);
	line(CALL(SYS_wait4, pid, &status, WNOHANG, NULL), "wait4(%ld, %s, WNOHANG, NULL)", pid,
	     ptr(&status));
	pid = fork_child(0, SIGKILL);
	CALL(SYS_wait4, pid, &status, __WALL, NULL);
	line(pid, "wait4(%ld, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], __WALL, NULL)", pid);
}

static void test_waitid(void)
{
	static siginfo_t info;
	long pid = fork_child(7, 0);

	CALL(SYS_waitid, P_PID, pid, &info, WEXITED, NULL);
	line(0,
	     "waitid(P_PID, %ld, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=%ld, si_uid=%d, "
	     "si_status=7, si_utime=%s, si_stime=%s}, WEXITED, NULL)",
	     pid, pid, uid, ticks(info.si_utime), ticks(info.si_stime));
	line(CALL(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG, NULL),
	     "waitid(P_ALL, 0, %s, WNOHANG|WEXITED, NULL)", ptr(&info));
}

static void test_futex(void)
{
	static uint32_t word = 5;
	struct {
		long sec, nsec;
	} zero = { 0, 0 };

	line(CALL(SYS_futex, &word, FUTEX_WAKE, INT_MAX), "futex(%s, FUTEX_WAKE, 2147483647)",
	     ptr(&word));
	line(CALL(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 6, NULL),
	     "futex(%s, FUTEX_WAIT_PRIVATE, 6, NULL)", ptr(&word));
	line(CALL(SYS_futex, &word, FUTEX_WAIT, 5, &zero),
	     "futex(%s, FUTEX_WAIT, 5, {tv_sec=0, tv_nsec=0})", ptr(&word));
	line(CALL(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 6, NULL, NULL, -1),
	     "futex(%s, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 6, NULL, FUTEX_BITSET_MATCH_ANY)",
	     ptr(&word));
	line(CALL(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, 2, NULL, 5),
	     "futex(%s, FUTEX_CMP_REQUEUE, 1, 2, NULL, 5)", ptr(&word));
	line(CALL(SYS_futex, tracee_hole, 99, 1, 2, 3, 4),
	     "futex(%s, 0x63 /* FUTEX_??? */, 1, 0x2, 0x3, 0x4)", ptr(tracee_hole));
}

#if defined(__x86_64__) || defined(__i386__)

static volatile int thread_id;
static int thread_parent_id;
static uint32_t thread_word;
static char thread_stack[65536] __attribute__((aligned(16)));

#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)

/* What the thread does; main waits meanwhile, so that it may share errno and buffers. */
void __attribute__((noreturn, used)) thread_main(void)
{
	int main_pid = tracee_pid;

	tracee_begin();
	tracee_pid = thread_id;
	line(CALL(SYS_futex, &thread_word, FUTEX_WAIT_PRIVATE, 1, NULL),
	     "futex(%s, FUTEX_WAIT_PRIVATE, 1, NULL)", ptr(&thread_word));
	line(CALL(SYS_getpid), "getpid()");
	tracee_pid = main_pid;
	tracee_end();
	CALL(SYS_exit, 0);
	__builtin_unreachable();
}

/* Without libc, whose clone() begins the stack elsewhere. */
static long thread_start(void *stack)
{
	long result;

#if defined(__x86_64__)
	register volatile int *child __asm__("r10") = &thread_id;

	__asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\tcall thread_main\n1:"
			 : "=a"(result)
			 : "0"(SYS_clone), "D"(THREAD_FLAGS), "S"(stack), "d"(&thread_parent_id),
			   "r"(child)
			 : "rcx", "r11", "memory");
#else
	__asm__ volatile("int $0x80\n\ttest %%eax, %%eax\n\tjnz 1f\n\tcall thread_main\n1:"
			 : "=a"(result)
			 : "0"(SYS_clone), "b"(THREAD_FLAGS), "c"(stack), "d"(&thread_parent_id),
			   "S"(0), "D"(&thread_id)
			 : "memory");
#endif
	return result;
}

static void test_thread(void)
{
	void *stack = thread_stack + sizeof(thread_stack);
	long tid = thread_start(stack), result;

	/* The kernel clears the number when the thread ends. */
	result = CALL(SYS_futex, &thread_id, FUTEX_WAIT, tid, NULL);
	other_line(
		"clone(child_stack=%s, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|"
		"CLONE_SYSVSEM|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID, "
		"parent_tid=[%ld], child_tidptr=%s) = %ld",
		ptr(stack), tid, ptr(&thread_id), tid);
	line(result, "futex(%s, FUTEX_WAIT, %ld, NULL)", ptr(&thread_id), tid);
}

#else

static void test_thread(void)
{
}

#endif

int main(void)
{
	sigset_t chld;

	/* Children's deaths are announced at any time: not between the marks. */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	uid = (int)getuid();
	tracee_start();
	tracee_begin();
	test_exit();
	test_status();
	test_waitid();
	test_futex();
	test_thread();
	tracee_end();
	return tracee_finish();
}
