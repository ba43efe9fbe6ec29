/* SPDX-License-Identifier: MIT */
/*
 * What the user asked for: filled by src/cli, read by everyone, changed by no one after main.
 */
#ifndef MTRACE_OPTIONS_H
#define MTRACE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mtrace/abi.h"
#include "mtrace/bitset.h"
#include "mtrace/summary.h"

/* How numbers that have names are shown (-X). */
enum xlat_style { XLAT_ABBREV, XLAT_RAW, XLAT_VERBOSE };

/* Which strings are shown with hexadecimal escapes (-x, -xx, --strings-in-hex). */
enum hex_style {
	HEX_NONE,            /* octal escapes */
	HEX_NON_ASCII_CHARS, /* hexadecimal escapes, only where an escape is needed */
	HEX_NON_ASCII,       /* -x: a string with a byte that is not printable is all hex */
	HEX_ALL,             /* -xx */
};

/* What is shown behind a file descriptor (-y, -yy, --decode-fds=SET); bits. */
enum fd_detail {
	FD_PATH = 1 << 0,
	FD_DEV = 1 << 1,
	FD_SOCKET = 1 << 2,
	FD_PIDFD = 1 << 3,
	FD_EVENTFD = 1 << 4,
	FD_SIGNALFD = 1 << 5,
	FD_ALL = (1 << 6) - 1,
};

/* Messages that can be left out (-q, -e quiet=SET); bits. */
enum quiet_message {
	QUIET_ATTACH = 1 << 0,          /* attached, detached */
	QUIET_EXIT = 1 << 1,            /* +++ exited with 0 +++ */
	QUIET_PATH_RESOLUTION = 1 << 2, /* of -P */
	QUIET_PERSONALITY = 1 << 3,     /* changes of ABI */
	QUIET_SUPERSEDED = 1 << 4,      /* +++ superseded by execve in pid 7 +++ */
	QUIET_ALL = (1 << 5) - 1,
};

/* How a call ended (-z, -Z, -e status=SET); bits. */
enum call_status {
	STATUS_SUCCESSFUL = 1 << 0,
	STATUS_FAILED = 1 << 1,
	STATUS_UNFINISHED = 1 << 2,  /* the process ended in it */
	STATUS_UNAVAILABLE = 1 << 3, /* it ended, but its result could not be fetched */
	STATUS_DETACHED = 1 << 4,    /* the tracee was let go in it */
	STATUS_ALL = (1 << 5) - 1,
};

/* Records instead of lines (--json). */
enum json_mode {
	JSON_NONE,
	JSON_CALLS, /* one record for each call, when it has ended */
	JSON_ENTER, /* another one when it begins */
};

/* How the time of day is printed (-t). */
enum wall_format {
	WALL_NONE,
	WALL_TIME, /* in the time zone that TZ says: 14:43:12 */
	WALL_UNIX, /* seconds since the epoch */
};

/* Times in lines of text; places are digits behind the point: 0, 3, 6 or 9, what is beyond is cut. */
struct time_columns {
	bool leading; /* lines begin with a time: -t or -r */
	enum wall_format wall;
	uint8_t wall_places;
	bool since; /* -r: since the line before was begun */
	uint8_t since_places;
	bool duration; /* -T: of the call */
	uint8_t duration_places;
};

/* What an event says of time; bits. */
enum clock_wanted {
	CLOCKS_STOP = 1 << 0,    /* event.time and event.wall */
	CLOCKS_SYSTEM = 1 << 1,  /* event.system_time, cpu_time, switches */
	CLOCKS_RESUMED = 1 << 2, /* event.resumed, loose; tracer_cost(); needs event.time */
	CLOCKS_TIME = 1 << 3,    /* event.time, even if nobody wants event.wall */
};

/* What the tracer is to the program that it launches (-D). */
enum daemonize {
	DAEMONIZE_NO,         /* its parent */
	DAEMONIZE_GRANDCHILD, /* its grandchild: the program is the child of whoever called us */
	DAEMONIZE_PGROUP,     /* in a process group of its own, too */
	DAEMONIZE_SESSION,    /* in a session of its own, too */
};

/* Which signals to mtrace itself end the trace (-I), by strace's numbers. */
enum interruptible {
	INTERRUPTIBLE_DEFAULT, /* while the command line is read */
	INTERRUPTIBLE_ANYWHERE,
	INTERRUPTIBLE_WAITING, /* to us the same: a signal takes effect between two stops */
	INTERRUPTIBLE_NEVER,
	INTERRUPTIBLE_NEVER_TSTP, /* nor does SIGTSTP stop us */
};

/* As whom the program runs (-u). */
struct run_as {
	bool wanted;
	uid_t uid;
	gid_t gid;
	const char *name; /* whose supplementary groups it gets; NULL: none */
};

/* Whether tracer and tracee share a CPU (--colocate). */
enum colocate_mode {
	COLOCATE_AUTO,   /* a launched program and its children, while they stop often */
	COLOCATE_ALWAYS, /* all tracees, whatever they do */
	COLOCATE_NEVER,
};

/* A set of calls per ABI, by number; what -e trace=, abbrev=, verbose= and raw= select. */
struct call_set {
	struct bitset numbers[ABI_COUNT];
	bool rest;                 /* numbers that no table has are members */
	struct bitset socketcalls; /* what socketcall and ipc lead to, by their first argument */
	struct bitset ipccalls;
};

/* --seccomp-bpf, --no-seccomp-bpf. */
enum seccomp_mode {
	SECCOMP_AUTO, /* wherever a filter does no harm */
	SECCOMP_ASKED,
	SECCOMP_NEVER,
};

/* Numbers of one ABI that a filter looks at; -1: there is no such call. */
struct seccomp_numbers {
	uint64_t limit; /* from here on, struct call_set's `rest` decides */
	int64_t prctl;
	int64_t seccomp;
	int64_t clone;
	int64_t clone3;
};

/* The filter that a launched program gets (seccomp(2)). */
struct seccomp_plan {
	enum seccomp_mode mode;
	bool wanted;           /* is there to be one? */
	struct call_set stops; /* calls that must stop, whatever their arguments */
	struct seccomp_numbers numbers[ABI_COUNT];
};

struct options {
	const char *program; /* argv[0]'s last component: the prefix of messages */
	char **command; /* program to launch with its arguments, NULL-terminated; NULL: -p only */
	int *pids;      /* -p */
	size_t pid_count;
	const char *argv0;  /* --argv0; NULL: command[0] */
	char **environment; /* -E, in order: "NAME=VALUE" sets, "NAME" removes */
	size_t environment_count;
	struct run_as run_as;             /* -u */
	enum daemonize daemonize;         /* -D */
	enum interruptible interruptible; /* -I; never the default after parsing */
	bool follow;                      /* -f */
	bool detach_on_exec;              /* -b execve */
	bool kill_on_exit;                /* tracees do not outlive us */
	bool always_show_pid;
	uint64_t syscall_limit;  /* calls to show before detaching; 0: no limit */
	uint64_t detach_after;   /* ns from the start of the trace; 0: never */
	const char *output;      /* -o; NULL: standard error */
	bool append;             /* -A */
	bool separate;           /* -ff: an output for each tracee, if there is `output` */
	bool join;               /* --join: a line is held back until its call has ended */
	enum json_mode json;     /* --json */
	bool boundary;           /* --boundary: nothing is traced */
	unsigned statuses;       /* -z, -Z, -e status=: enum call_status: calls that are shown */
	size_t string_limit;     /* -s, 32 */
	unsigned column;         /* -a, 40 */
	enum xlat_style xlat;    /* -X */
	enum hex_style hex;      /* -x */
	struct time_columns times; /* -t, -r, -T; JSON has them all */
	unsigned fds;            /* -y: enum fd_detail */
	struct call_set trace;   /* -e trace= */
	struct call_set abbrev;  /* -v, -e abbrev=: calls whose structs are shortened */
	struct call_set verbose; /* -e verbose=: calls whose structs are shown at all */
	struct call_set raw;     /* -e raw= */
	struct bitset signals;   /* -e signal=: signals whose lines are shown */
	struct inject_rules *inject; /* -e inject=, -e fault=; NULL: none */
	struct summary summary;  /* -c, -C */
	unsigned clocks;         /* enum clock_wanted: what other options need of it */
	enum colocate_mode colocate; /* --colocate */
	struct call_set births;   /* calls that hand on the caller's mask of CPUs, or its number */
	struct call_set openings; /* calls that open a file by its path */
	struct call_set placing;  /* calls that can tell that a mask is not what it should be */
	struct seccomp_plan seccomp;
	unsigned quiet;          /* -q: 0 to 3; the level that quiet_messages amounts to */
	unsigned quiet_messages; /* enum quiet_message: what -q and -e quiet= leave out */
};

/* The same as call_set_has(), of a call that is not among the numbers of a set with `rest`. */
bool call_set_has_rest(enum abi_id abi, uint64_t nr);

/* Is call `nr` of `abi` in the set? */
static inline bool call_set_has(const struct call_set *set, enum abi_id abi, uint64_t nr)
{
	if (abi < ABI_COUNT && bitset_has(&set->numbers[abi], nr))
		return true;
	return set->rest && call_set_has_rest(abi, nr);
}

#endif
