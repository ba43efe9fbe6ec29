/* SPDX-License-Identifier: MIT */
/* What a wait status of a seized tracee says: a pure function.  Called by loop.c and detach.c. */
#include <sys/wait.h>

#include "tracer_internal.h"

/*
 * PTRACE_EVENT_STOP stands for three things (ptrace(2), "Group-stop" and "PTRACE_SEIZE"): with one
 * of the four stopping signals it is a group-stop; with SIGTRAP it is the first stop of an
 * automatically attached child, the answer to PTRACE_INTERRUPT, or the end of a group-stop that was
 * kept with PTRACE_LISTEN.
 */
static enum stop_kind stop_of_event(int event, int signal)
{
	switch (event) {
	case PTRACE_EVENT_STOP:
		switch (signal) {
		case SIGSTOP:
		case SIGTSTP:
		case SIGTTIN:
		case SIGTTOU:
			return STOP_GROUP;
		default:
			return STOP_TRAP;
		}
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		return STOP_BIRTH;
	case PTRACE_EVENT_EXEC:
		return STOP_EXEC;
	case PTRACE_EVENT_SECCOMP:
		return STOP_SECCOMP;
	case PTRACE_EVENT_EXIT:
		return STOP_EXITING;
	default:
		return STOP_OTHER;
	}
}

struct stop stop_classify_status(int wait_status)
{
	struct stop stop = { .kind = STOP_OTHER };

	if (WIFEXITED(wait_status)) {
		stop.kind = STOP_EXITED;
		stop.status = WEXITSTATUS(wait_status);
	} else if (WIFSIGNALED(wait_status)) {
		stop.kind = STOP_KILLED;
		stop.signal = WTERMSIG(wait_status);
		stop.core_dumped = WCOREDUMP(wait_status);
	} else if (WIFSTOPPED(wait_status)) {
		int event = (int)((unsigned)wait_status >> 16);

		stop.signal = WSTOPSIG(wait_status);
		if (event != 0)
			stop.kind = stop_of_event(event, stop.signal);
		else if (stop.signal == (SIGTRAP | 0x80)) /* PTRACE_O_TRACESYSGOOD */
			stop.kind = STOP_SYSCALL;
		else
			stop.kind = STOP_SIGNAL;
	}
	return stop;
}
