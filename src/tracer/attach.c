/* SPDX-License-Identifier: MIT */
/* Attaching to running processes.  Called by session.c for -p. */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mtrace/log.h"
#include "tracer_internal.h"

bool attach_is_ours(int tid)
{
	siginfo_t info;

	/* Asks without waiting and without taking anything from the queue. */
	return waitid(P_PID, (id_t)tid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) ==
	       0;
}

/*
 * PTRACE_INTERRUPT makes the tracee stop, so that PTRACE_SYSCALL can follow.  A call that it is
 * blocked in is restarted without the program's noticing; a few fail with EINTR, as they do after
 * SIGSTOP and SIGCONT (signal(7)).
 */
static enum outcome attach_seize(struct tracer *tracer, int tid)
{
	struct tracee_record *record;
	struct event event;

	if (ptrace(PTRACE_SEIZE, tid, 0, tracer->ptrace_options) < 0)
		return errno == ESRCH ? OUTCOME_GONE : OUTCOME_FAILED;
	record = tracee_add(&tracer->tracees, &tracer->cache, tid);
	record->tracee.pid = follow_process(tid);
	colocate_begin(tracer->colocate, record, NULL, false);
	ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	event = tracer_event(tracer, record, EVENT_ATTACHED);
	tracer_report_population(tracer, tracer->tracees.count);
	tracer_emit(tracer, &event);
	return OUTCOME_OK;
}

static int attach_yama_scope(void)
{
	char digit = '0';
	int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &digit, 1) != 1)
			digit = '0';
		close(fd);
	}
	return digit - '0';
}

/* Says why the kernel refused, as far as it can be told, and what helps. */
static void attach_explain(int pid)
{
	int tracer_pid = proc_status_number(pid, "TracerPid");
	int uid = proc_status_number(pid, "Uid");
	int scope = attach_yama_scope();

	if (tracer_pid > 0)
		log_note("process %d is traced by process %d already; it can have one tracer", pid,
			 tracer_pid);
	else if (proc_status_number(pid, "Kthread") == 1)
		log_note("process %d is a kernel thread", pid);
	else if (uid >= 0 && geteuid() != 0 && (uid_t)uid != geteuid())
		log_note("process %d belongs to user %d; try again as that user or as root", pid,
			 uid);
	else if (scope == 3)
		log_note("/proc/sys/kernel/yama/ptrace_scope is 3: nobody may attach until reboot");
	else if (scope > 0 && geteuid() != 0)
		log_note("/proc/sys/kernel/yama/ptrace_scope is %d: only %s may attach; try again "
			 "as root, or start the program under %s",
			 scope, scope == 1 ? "ancestors and root" : "root", log_name());
}

static enum outcome attach_refuse(int pid)
{
	bool refused = errno == EPERM;

	log_errno("attach: ptrace(PTRACE_SEIZE, %d)", pid);
	if (refused)
		attach_explain(pid);
	return OUTCOME_FAILED;
}

struct attach_walk {
	struct tracer *tracer;
	size_t seized; /* in this pass */
};

static void attach_thread(void *context, int tid)
{
	struct attach_walk *walk = context;

	/*
	 * A thread that a tracee of ours has made in the meantime is ours already; its first stop
	 * tells of it.
	 */
	if (tracee_find(&walk->tracer->tracees, tid) == NULL && !attach_is_ours(tid) &&
	    attach_seize(walk->tracer, tid) == OUTCOME_OK)
		walk->seized++;
}

enum outcome tracer_attach(struct tracer *tracer, int pid)
{
	struct attach_walk walk = { .tracer = tracer };

	if (pid == getpid()) {
		log_error("attach: %d is %s itself, which nobody would resume", pid, log_name());
		return OUTCOME_FAILED;
	}
	if (attach_seize(tracer, pid) != OUTCOME_OK)
		return attach_refuse(pid);
	if (!tracer->options->follow)
		return OUTCOME_OK;
	/* Threads that are not ours yet may make others: until a pass finds no new one. */
	do {
		walk.seized = 0;
		if (proc_each_thread(pid, attach_thread, &walk) < 0)
			break;
	} while (walk.seized > 0);
	return OUTCOME_OK;
}
