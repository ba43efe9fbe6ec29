/* SPDX-License-Identifier: MIT */
/*
 * The status word that wait(2) fills: the macros of the manual page that hold for it, as a condition:
 * {WIFEXITED(s) && WEXITSTATUS(s) == 3}.
 */
#include <signal.h>
#include <sys/wait.h>

#include "build.h"
#include "desc_hooks.h"

/* PTRACE_EVENT_* lie in bits 16 to 23 of a stop status (ptrace(2)). */
#define EVENT_SHIFT 16

static const char *event_text(struct builder *b, unsigned event)
{
	static const char *const names[] = {
		NULL,
		"PTRACE_EVENT_FORK",
		"PTRACE_EVENT_VFORK",
		"PTRACE_EVENT_CLONE",
		"PTRACE_EVENT_EXEC",
		"PTRACE_EVENT_VFORK_DONE",
		"PTRACE_EVENT_EXIT",
		"PTRACE_EVENT_SECCOMP",
	};

	if (!event)
		return "";
	if (event < sizeof(names) / sizeof(*names))
		return build_printf(b, " | %s << 16", names[event]);
	if (event == 128)
		return " | PTRACE_EVENT_STOP << 16";
	return build_printf(b, " | %#x", event << EVENT_SHIFT);
}

static const char *signal_name(struct builder *b, unsigned signal)
{
	const char *name = desc_set_name(desc_signals, build_abi(b), signal);

	return name ? name : build_printf(b, "%u", signal);
}

static struct value *stopped(struct builder *b, unsigned status)
{
	unsigned signal = WSTOPSIG(status);
	bool system_call = signal == (SIGTRAP | 0x80);

	return build_text(b, "{WIFSTOPPED(s) && WSTOPSIG(s) == %s%s}%s",
			  signal_name(b, system_call ? SIGTRAP : signal),
			  system_call ? " | 0x80" : "", event_text(b, status >> EVENT_SHIFT));
}

void hook_wait_status(struct builder *b, uint64_t number)
{
	unsigned status = (unsigned)number;
	unsigned rest = status & ~0xffffu;
	const char *more = rest ? build_printf(b, " | %#x", rest) : "";

	if (status == 0xffff)
		build_result(b, build_text(b, "{WIFCONTINUED(s)}"));
	else if (WIFSTOPPED(status))
		build_result(b, stopped(b, status));
	else if (WIFSIGNALED(status))
		build_result(b, build_text(b, "{WIFSIGNALED(s) && WTERMSIG(s) == %s%s}%s",
					   signal_name(b, WTERMSIG(status)),
					   WCOREDUMP(status) ? " && WCOREDUMP(s)" : "", more));
	else
		build_result(b, build_text(b, "{WIFEXITED(s) && WEXITSTATUS(s) == %d}%s",
					   WEXITSTATUS(status), more));
}
