/* SPDX-License-Identifier: MIT */
/*
 * Why the kernel refused to let us trace a process, and what helps: a search through /proc after the
 * fact, since ptrace(2) says EPERM to everything.  Called by attach.c and spawn.c.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mtrace/log.h"
#include "tracer_internal.h"

#define CAPABILITY_SYS_PTRACE 19            /* capabilities(7) */
#define PF_KTHREAD 0x00200000               /* in field 9 of /proc/PID/stat */
#define INITIAL_PID_NAMESPACE 0xEFFFFFFCUL  /* the inode of /proc/PID/ns/pid, a constant of Linux */
#define INITIAL_USER_NAMESPACE 0xEFFFFFFDUL /* the same of /proc/PID/ns/user */
#define OVERFLOW_UID 65534 /* who has no number in our user namespace (user_namespaces(7)) */

/* Root as it is in many containers. */
#define BARE_ROOT \
	"root lacks CAP_SYS_PTRACE here, as in a container; start that with --cap-add=SYS_PTRACE"

/* A reason: true if it applies, with `why` saying so. */
typedef bool explain_reason(int pid, struct buf *why);

/* A user, for people: the name if there is one, and the number. */
static void explain_add_user(struct buf *why, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	if (entry != NULL)
		buf_printf(why, "%s (uid %u)", entry->pw_name, uid);
	else
		buf_printf(why, "uid %u", uid);
}

/* The command name of a process, for people: what is not printable becomes '?'. */
static void explain_add_name(struct buf *why, int pid)
{
	char name[64];
	struct tracee_resolver resolver;
	size_t len;

	tracee_resolver_init(&resolver, pid);
	len = resolver.resolver.pid(&resolver.resolver, pid, name, sizeof(name));
	for (size_t i = 0; i < len; i++)
		if (!isprint((unsigned char)name[i]))
			name[i] = '?';
	buf_printf(why, "%.*s (pid %d)", len > 0 ? (int)len : 7, len > 0 ? name : "process", pid);
}

static unsigned long long explain_capabilities(int pid, const char *key)
{
	char text[32];

	return proc_status_value(pid, key, text, sizeof(text)) ? strtoull(text, NULL, 16) : 0;
}

static bool explain_may_trace_all(void)
{
	return explain_capabilities(getpid(), "CapEff") >> CAPABILITY_SYS_PTRACE & 1;
}

static bool reason_self(int pid, struct buf *why)
{
	if (proc_status_number(pid, "Tgid") != getpid())
		return false;
	buf_printf(why, "that is %s itself, which nobody would resume", log_name());
	return true;
}

static bool reason_ended(int pid, struct buf *why)
{
	char state[32];

	if (!proc_status_value(pid, "State", state, sizeof(state)) ||
	    (state[0] != 'Z' && state[0] != 'X'))
		return false;
	if (proc_status_number(pid, "Threads") > 1) {
		buf_printf(why,
			   "its first thread has ended; attach to another one, see /proc/%d/task",
			   pid);
		return true;
	}
	buf_add_str(why, "it has ended and only waits for its parent, ");
	explain_add_name(why, proc_status_number(pid, "PPid"));
	buf_add_str(why, ", to collect its status");
	return true;
}

static bool reason_kernel_thread(int pid, struct buf *why)
{
	unsigned flags = 0;
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	/* pid (comm) state ppid pgrp session tty_nr tpgid flags; comm may have blanks and ')'. */
	for (int c = getc(file); c != EOF; c = getc(file)) {
		long at = ftell(file);

		if (c != ')')
			continue;
		if (fscanf(file, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
			flags = 0;
		fseek(file, at, SEEK_SET);
	}
	fclose(file);
	if ((flags & PF_KTHREAD) == 0)
		return false;
	buf_add_str(why, "it is a thread of the kernel, which makes no system calls");
	return true;
}

static bool reason_traced(int pid, struct buf *why)
{
	int tracer = proc_status_number(pid, "TracerPid");

	if (tracer <= 0)
		return false;
	if (tracer == getpid()) {
		buf_printf(why, "%s traces it already", log_name());
		return true;
	}
	buf_add_str(why, "it is traced already, by ");
	explain_add_name(why, tracer);
	buf_add_str(why, "; end that one first, a process can have one tracer only");
	return true;
}

/* Without a filter there is no process of that number: it is beyond what pid_max can be. */
static bool reason_filter(int pid, struct buf *why)
{
	(void)pid;
	if (ptrace(PTRACE_SEIZE, INT_MAX, 0, 0) == 0 || errno == ESRCH)
		return false;
	buf_printf(why,
		   "ptrace(2) is forbidden here altogether, as by a container's seccomp profile; "
		   "start the container with --cap-add=SYS_PTRACE or --security-opt "
		   "seccomp=unconfined, or run %s outside of it",
		   log_name());
	return true;
}

static bool reason_scope_of_nobody(int pid, struct buf *why)
{
	(void)pid;
	if (proc_yama_scope() != 3)
		return false;
	buf_add_str(why, "/proc/sys/kernel/yama/ptrace_scope is 3: nobody may trace until the next "
			 "boot");
	return true;
}

/* The inode of a process's user namespace, which stands for it; 0 if we may not know. */
static ino_t explain_user_namespace(const char *pid)
{
	char path[40];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/user", pid);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* The real, effective and saved id behind `key` ("Uid", "Gid"). */
static bool explain_ids(int pid, const char *key, unsigned ids[3])
{
	char text[64];

	return proc_status_value(pid, key, text, sizeof(text)) &&
	       sscanf(text, "%u %u %u", &ids[0], &ids[1], &ids[2]) == 3;
}

static bool explain_all_are(const unsigned ids[3], unsigned id)
{
	return ids[0] == id && ids[1] == id && ids[2] == id;
}

/* ptrace(2), "Ptrace access mode checking": all ids of the tracee must be the tracer's real one. */
static bool reason_user(int pid, struct buf *why)
{
	unsigned uids[3];
	unsigned gids[3];

	if (explain_may_trace_all() || !explain_ids(pid, "Uid", uids) ||
	    !explain_ids(pid, "Gid", gids))
		return false;
	if (explain_all_are(uids, getuid()) && explain_all_are(gids, getgid()))
		return false;
	if (geteuid() == 0) {
		buf_add_str(why, "it belongs to ");
		explain_add_user(why, uids[1]);
		buf_add_str(why, ", and " BARE_ROOT);
	} else if (explain_all_are(uids, uids[0]) && uids[0] != getuid()) {
		buf_add_str(why, "it belongs to ");
		explain_add_user(why, uids[0]);
		buf_add_str(why, ", we are ");
		explain_add_user(why, getuid());
		buf_add_str(why, "; try again as ");
		/* Yama does not let its own user in either. */
		if (uids[0] != 0 && proc_yama_scope() == 0) {
			explain_add_user(why, uids[0]);
			buf_add_str(why, " or ");
		}
		buf_add_str(why, "root");
	} else {
		buf_add_str(why,
			    "it runs with other user or group ids than ours, as set-user-ID and "
			    "set-group-ID programs do; try again as root");
	}
	return true;
}

/* Of the files in /proc/PID all but the directory belong to root then (proc(5)). */
static bool reason_undumpable(int pid, struct buf *why)
{
	unsigned uids[3];
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (explain_may_trace_all() || !explain_ids(pid, "Uid", uids) || stat(path, &st) < 0 ||
	    st.st_uid == uids[1])
		return false;
	buf_add_str(
		why,
		"it protects itself from its user (it is not \"dumpable\", see prctl(2): it was "
		"privileged once, its file cannot be read, or it asked for it); try again as root");
	return true;
}

static bool reason_capabilities(int pid, struct buf *why)
{
	unsigned long long theirs = explain_capabilities(pid, "CapPrm");
	unsigned long long ours = explain_capabilities(getpid(), "CapPrm");

	if (explain_may_trace_all() || (theirs & ~ours) == 0)
		return false;
	buf_printf(why,
		   "it has capabilities that we lack (0x%llx, see capabilities(7)); try again %s",
		   theirs & ~ours,
		   geteuid() == 0 ? "outside of this container, or start that with "
				    "--cap-add=SYS_PTRACE"
				  : "as root");
	return true;
}

static bool reason_scope(int pid, struct buf *why)
{
	int scope = proc_yama_scope();

	(void)pid;
	if (scope <= 0 || explain_may_trace_all())
		return false;
	buf_printf(why, "/proc/sys/kernel/yama/ptrace_scope is %d: only %s may trace; ", scope,
		   scope == 1 ? "a process's ancestors and root" : "root");
	if (geteuid() == 0) {
		buf_add_str(why, BARE_ROOT);
		return true;
	}
	buf_add_str(why, "try again as root, ");
	if (scope == 1)
		buf_printf(why, "start the program under %s, ", log_name());
	buf_add_str(why, "or allow it: sudo sysctl kernel.yama.ptrace_scope=0");
	return true;
}

/*
 * Whose namespace we may not know, though we have the capability in ours or see a user that ours has no
 * number for, is outside.
 */
static bool reason_user_namespace(int pid, struct buf *why)
{
	ino_t ours = explain_user_namespace("self");
	unsigned uids[3];
	char number[16];
	ino_t theirs;

	snprintf(number, sizeof(number), "%d", pid);
	theirs = explain_user_namespace(number);
	if (ours == 0 || ours == theirs)
		return false;
	if (theirs != 0) {
		buf_printf(why,
			   "it is in another user namespace, where we have no privileges; run %s "
			   "there (nsenter -U -t %d) or in an enclosing one",
			   log_name(), pid);
		return true;
	}
	if (ours == INITIAL_USER_NAMESPACE || !explain_ids(pid, "Uid", uids) ||
	    (!explain_may_trace_all() && uids[0] != OVERFLOW_UID))
		return false;
	buf_printf(
		why,
		"it is outside of our user namespace, where we have no privileges; run %s outside "
		"of this container",
		log_name());
	return true;
}

static bool reason_module(int pid, struct buf *why)
{
	(void)pid;
	buf_add_str(why, "perhaps a security module forbids it (AppArmor, SELinux; see dmesg)");
	return true;
}

/* The process whose own pid namespace calls it `pid` (proc(5), NSpid); 0 if there is none. */
static int explain_find_namesake(int pid)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	while (dir != NULL && found == 0 && (entry = readdir(dir)) != NULL) {
		int other = atoi(entry->d_name);
		char numbers[256];
		const char *last;

		if (other <= 0 || !proc_status_value(other, "NSpid", numbers, sizeof(numbers)))
			continue;
		last = strrchr(numbers, '\t');
		if (last != NULL && atoi(last + 1) == pid)
			found = other;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static bool reason_namesake(int pid, struct buf *why)
{
	int found = explain_find_namesake(pid);

	if (found == 0)
		return false;
	buf_printf(why, "but %d is what its own pid namespace calls ", pid);
	explain_add_name(why, found);
	buf_printf(why, "; if you meant that one, use -p %d", found);
	return true;
}

static bool reason_pid_namespace(int pid, struct buf *why)
{
	struct stat st;

	(void)pid;
	if (stat("/proc/self/ns/pid", &st) < 0 || st.st_ino == INITIAL_PID_NAMESPACE)
		return false;
	buf_add_str(why, "this is a pid namespace of its own, as of a container, where the numbers "
			 "that are seen outside mean nothing");
	return true;
}

static explain_reason *const reasons_refused[] = {
	reason_self,
	reason_ended,
	reason_kernel_thread,
	reason_traced,
	reason_filter,
	reason_scope_of_nobody,
	reason_user_namespace,
	reason_user,
	reason_undumpable,
	reason_capabilities,
	reason_scope,
	reason_module,
	NULL,
};

static explain_reason *const reasons_missing[] = {
	reason_namesake,
	reason_pid_namespace,
	NULL,
};

void explain_refusal(int pid, int error)
{
	explain_reason *const *reasons = error == ESRCH ? reasons_missing : reasons_refused;
	struct buf why = { 0 };

	while (*reasons != NULL && !(*reasons)(pid, &why))
		reasons++;
	buf_add_char(&why, '\0');
	log_error("attach: ptrace(PTRACE_SEIZE, %d): %s%s%s", pid, strerror(error),
		  *reasons != NULL ? ": " : "", why.data);
	buf_free(&why);
}

void explain_no_syscall_info(int error)
{
	/* EIO is what ptrace(2) says to a request that it does not know. */
	log_error("ptrace(PTRACE_GET_SYSCALL_INFO): %s: %s", strerror(error),
		  error == EIO || error == EINVAL
			  ? "Linux has it since 5.3, this is an older one"
			  : "it is forbidden here, as by a container's seccomp profile");
}
