/* SPDX-License-Identifier: MIT */
/* What the files of src/tracer share.  Included by nobody else but their unit tests. */
#ifndef MTRACE_TRACER_INTERNAL_H
#define MTRACE_TRACER_INTERNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "colocate.h"
#include "mtrace/buf.h"
#include "mtrace/tracer.h"
#include "seccomp.h"

/* glibc's sys/ptrace.h leaves it out, and linux/ptrace.h cannot be included beside it. */
#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

/*
 * ptrace(2) for what is asked at each stop: none of it is a PTRACE_PEEK*, for which glibc's
 * ptrace() prepares each time.
 */
static inline long tracer_ptrace(long request, int tid, unsigned long addr, void *data)
{
	return syscall(SYS_ptrace, request, (long)tid, addr, data);
}

/* ---- stop.c: what a wait status says ------------------------------------------------------- */

enum stop_kind {
	STOP_SYSCALL, /* entry or exit: PTRACE_GET_SYSCALL_INFO tells */
	STOP_SECCOMP, /* a filter wants a tracer to know */
	STOP_SIGNAL,  /* signal-delivery-stop of `signal` */
	STOP_GROUP,   /* group-stop by `signal` */
	STOP_TRAP,    /* PTRACE_EVENT_STOP without a group-stop: newborn, interrupted, continued */
	STOP_BIRTH,   /* fork, vfork or clone made a child that is followed */
	STOP_EXEC,    /* execve succeeded */
	STOP_EXITING, /* about to exit */
	STOP_OTHER,   /* an event that asks for nothing but to be resumed */
	STOP_EXITED,  /* gone, with `status` */
	STOP_KILLED,  /* gone, by `signal` */
};

struct stop {
	enum stop_kind kind;
	int signal;
	int status;
	bool core_dumped;
};

/* The status of every syscall-stop, with PTRACE_O_TRACESYSGOOD: WIFSTOPPED, SIGTRAP | 0x80. */
#define STOP_SYSCALL_STATUS ((SIGTRAP | 0x80) << 8 | 0x7f)

/* All statuses; the slow half of stop_classify(). */
struct stop stop_classify_status(int wait_status);

/* What a wait status says.  Nearly all are syscall-stops, and are told at a glance. */
static inline struct stop stop_classify(int wait_status)
{
	if (wait_status == STOP_SYSCALL_STATUS)
		return (struct stop){ .kind = STOP_SYSCALL, .signal = SIGTRAP | 0x80 };
	return stop_classify_status(wait_status);
}

/* ---- mem.c: a tracee's memory --------------------------------------------------------------- */

struct cached_page {
	uint64_t number; /* address / page size */
	bool readable;
};

/*
 * Pages seen during one stop, readable or not.  One cache serves all tracees, since one stop is
 * dealt with at a time; nothing leaves it before the stop is over, so that what was read once does
 * not change under the decoder while other threads run.
 */
struct page_cache {
	int tid; /* whose pages; 0: none */
	struct cached_page *pages;
	unsigned char *bytes; /* page_size for each */
	size_t count;
	size_t size;     /* pages there is room for */
	uint32_t *index; /* open hash of page numbers: position + 1, 0 for none */
	size_t index_size;
	size_t page_size;
	unsigned page_shift; /* log2 of it */
	bool via_proc; /* process_vm_readv is refused here */
};

struct tracee_memory {
	struct memory memory; /* first: what decoders are given */
	struct page_cache *cache;
	int tid;
};

void page_cache_init(struct page_cache *cache);
/* The slow half of page_cache_begin(): there are pages. */
void page_cache_forget(struct page_cache *cache);

/* A new stop: nothing read before counts any more. */
static inline void page_cache_begin(struct page_cache *cache)
{
	if (cache->count > 0)
		page_cache_forget(cache);
	cache->tid = 0;
}

void page_cache_free(struct page_cache *cache);
void tracee_memory_init(struct tracee_memory *memory, struct page_cache *cache, int tid);

/* ---- proc.c: /proc --------------------------------------------------------------------------- */

struct tracee_resolver {
	struct resolver resolver; /* first */
	int tid;
};

void tracee_resolver_init(struct tracee_resolver *resolver, int tid);

/* A number from /proc/TID/status ("Tgid", "PPid", "TracerPid"); -1 if it cannot be told. */
int proc_status_number(int tid, const char *key);

/* The text behind "`key`:" there, cut off at `size`; false if it cannot be told. */
bool proc_status_value(int tid, const char *key, char *value, size_t size);

/* /proc/sys/kernel/yama/ptrace_scope: 0 to 3; 0 without Yama. */
int proc_yama_scope(void);

/* Calls `each` for every thread of `pid`; returns how many there were, -1 with errno. */
int proc_each_thread(int pid, void (*each)(void *context, int tid), void *context);

/* The same for every process of the machine. */
int proc_each_process(void (*each)(void *context, int pid), void *context);

/* ---- tracee.c: who is traced ----------------------------------------------------------------- */

/*
 * A launched tracee runs our own code up to its execve, and again if that fails.  Nothing of this
 * is shown.
 */
enum launch_phase {
	LAUNCH_NONE,   /* the user's program, or not launched by us */
	LAUNCH_SETUP,  /* before execve */
	LAUNCH_EXEC,   /* in execve */
	LAUNCH_FAILED, /* execve failed: says so and exits */
};

struct tamper_state;

struct tracee_record {
	struct tracee tracee; /* first: what events name */
	struct tracee_record *in_bucket;
	struct tracee_record *older;
	struct tracee_record *newer;
	struct tracee_memory memory;
	struct tracee_resolver resolver;
	uint64_t resumed; /* as in struct event */
	uint64_t loose;   /* ... up to the stop before */
	uint8_t launch; /* enum launch_phase */
	bool exiting;   /* its PTRACE_EVENT_EXIT was seen; the death notice may come much later */
	bool leaving;   /* detached or given up, but not reported yet */
	bool killed;    /* by detach_by_killing */
	unsigned round; /* of turns, the last in which it was dealt with; how often */
	unsigned turns;
	struct placement placement;
	bool in_call;     /* the beginning of a call was reported, and its end is awaited */
	/* Of a tracee with a filter (seccomp.c): */
	bool every_call;  /* stops at each call all the same */
	bool one_more;    /* ... at the next one: the first of a program tells its ABI */
	bool silent;      /* nothing of it is reported */
	bool installing;  /* in a call that gives it a filter */
	bool hides_child; /* in a call with CLONE_UNTRACED among clone_flags */
	bool clone_taken; /* ... which has been taken out */
	uint8_t clone_abi;
	uint64_t clone_flags;
	uint64_t clone_at; /* where in its memory they are; 0: in a register */
	struct tamper_state *tamper; /* tamper.c's; NULL: no call of it was tampered with */
};

struct tracee_table {
	struct tracee_record **buckets;
	size_t bucket_count; /* a power of two */
	size_t count;
	struct tracee_record *oldest;
	struct tracee_record *newest;
};

static inline struct tracee_record **tracee_bucket(const struct tracee_table *table, int tid)
{
	/* Numbers are handed out in sequence: their low bits spread well enough. */
	return &table->buckets[(unsigned)tid & (table->bucket_count - 1)];
}

/* The record of a tracee, NULL if it is none.  Asked at every stop. */
static inline struct tracee_record *tracee_find(const struct tracee_table *table, int tid)
{
	struct tracee_record *record;

	if (table->count == 0)
		return NULL;
	for (record = *tracee_bucket(table, tid); record != NULL; record = record->in_bucket) {
		if (record->tracee.tid == tid)
			return record;
	}
	return NULL;
}

struct tracee_record *tracee_add(struct tracee_table *table, struct page_cache *cache, int tid);
/* Gives a tracee another number; there must be no other of that number. */
void tracee_rename(struct tracee_table *table, struct tracee_record *record, int tid);
void tracee_remove(struct tracee_table *table, struct tracee_record *record);
void tracee_table_free(struct tracee_table *table);

/* ---- interrupt.c: signals to mtrace itself --------------------------------------------------- */

/* What the signals were before, for the launched program and for mtrace's own end. */
struct interrupt_saved {
	struct sigaction actions[12];
	sigset_t mask;
};

/* Takes over the signals that end a trace. */
void interrupt_setup(struct interrupt_saved *saved, enum interruptible interruptible);
void interrupt_restore(const struct interrupt_saved *saved);
/* What signals have left; asked at every stop. */
extern struct interrupt_flags {
	volatile sig_atomic_t ending; /* the signal that asked to stop */
	volatile sig_atomic_t tick;
	volatile sig_atomic_t deadline;
} interrupt_flags;

/* The signal that asked to stop, 0 if none did. */
static inline int interrupt_signal(void)
{
	return interrupt_flags.ending;
}

/*
 * Makes interrupt_expired true in `ns`, and wait4 return with EINTR from then on; 0 ends that.
 * False with errno.
 */
bool interrupt_after(uint64_t ns);

static inline bool interrupt_expired(void)
{
	return interrupt_flags.deadline != 0;
}

/* Makes wait4 return with EINTR every few hundredths of a second, until turned off. */
void interrupt_tick_start(void);
void interrupt_tick_stop(void);
/* The signal of colocate.c's timer; interrupt_setup unblocks it, and restores what it was. */
int interrupt_look_signal(void);
/* Has there been a tick since the last question? */
static inline bool interrupt_ticked(void)
{
	if (interrupt_flags.tick == 0)
		return false;
	interrupt_flags.tick = 0;
	return true;
}

/*
 * Makes wait4 return with EINTR at `when`, in ns of CLOCK_MONOTONIC, and again and again until asked
 * for another time; 0: never.  False, with errno, if there is no timer to be had (timer_create(2)).
 */
bool interrupt_wake_at(uint64_t when);

/* ---- loop.c ---------------------------------------------------------------------------------- */

struct waited {
	int tid;
	int status;
	/* As in struct event. */
	uint64_t time;
	uint64_t wall;
	uint64_t system_time;
	uint64_t cpu_time;
	uint64_t switches;
};

struct tracer {
	const struct options *options;
	struct tracer_client client;
	struct tracee_table tracees;
	struct page_cache cache;
	struct interrupt_saved saved;
	struct colocate *colocate; /* NULL: everybody runs where he likes */
	long ptrace_options;
	struct waited *queue; /* stops that wait for their turn (wait.c) */
	size_t queue_size;
	size_t queued;
	unsigned round;        /* of turns */
	size_t round_stops;    /* in this round, since the first was queued */
	int last;              /* the tid of the stop before */
	unsigned guess_misses; /* in a row */
	unsigned guess_pause;
	bool at_is_kernels;   /* `at` was looked at with WNOWAIT and not waited for */
	struct waited at;     /* the stop that is dealt with */
	struct tracer_cost cost;
	/*
	 * What syscall-stops are told with, kept because clearing an event costs more than filling it:
	 * what other kinds have stays zero, what ENTER and EXIT have is set by the next of its kind.
	 */
	struct event syscall;
	int launched;        /* pid; 0: none */
	bool launched_gone;  /* launched_status is there */
	int launched_status; /* as wait4 reports it */
	size_t leaving;      /* tracees whose `leaving` is set */
	bool filtered;       /* tracees have a seccomp filter */
	bool keeping;        /* seccomp_keep_all is at work */
	size_t hidden;       /* tracees that are silent from birth */
	bool stopping;       /* no more events are wanted */
	bool failed;         /* for a reason that was told; the exit status is 1 */
	bool dirty;          /* an event was reported since the client was last told to be idle */
	bool ticking;        /* a tick was asked for, to tell it */
	/* For tamper.c: */
	uint8_t syscall_op;       /* PTRACE_SYSCALL_INFO_* of the syscall-stop that is dealt with */
	bool no_set_syscall_info; /* the kernel has no PTRACE_SET_SYSCALL_INFO */
	struct tamper_state *held; /* tracees that are held back, the first to be let go first */
	struct tamper_state *held_last;
	uint64_t wake; /* when wait4 is to return for them; 0: never */
};

/* Fills what every event has. */
struct event tracer_event(const struct tracer *tracer, struct tracee_record *record,
			  enum event_kind kind);
enum verdict tracer_emit(struct tracer *tracer, const struct event *event);
void tracer_report_population(struct tracer *tracer, size_t count);
/* Lets a stopped tracee go on. */
void tracer_resume(struct tracer *tracer, struct tracee_record *record,
		   const struct stop *stop);
void tracer_idle(struct tracer *tracer);
/* Waits for a tracee; `tid` and `flags` as wait_for takes them. */
int tracer_wait(const struct tracer *tracer, int tid, struct waited *waited, int flags);
/* Deals with one wait status. */
void tracer_handle(struct tracer *tracer, const struct waited *waited);

/* ---- wait.c ---------------------------------------------------------------------------------- */

/*
 * wait4(2) for the child or tracee `tid`, 0 for any; `flags` may be WNOHANG and WNOWAIT.  With WNOWAIT a
 * stop is reported and left with the kernel, which will report it again unless it is ended before;
 * deaths and PTRACE_EVENT_EXEC are taken.
 */
int wait_for(int tid, int *status, int flags, struct rusage *usage);
/* For who does not end the stop that is dealt with: `tid` is to stay as it is, and is not seen again. */
void wait_keep_stop(const struct tracer *tracer, int tid);
/* Waits for a stop and deals with it, each tracee in its turn; false: there is none left. */
bool wait_and_handle(struct tracer *tracer);
/* Deals with the stops that wait for their turn. */
void wait_end_round(struct tracer *tracer);

/* ---- spawn.c, daemonize.c -------------------------------------------------------------------- */

/* The file that options->command names, in `path`; false: a message says why there is none. */
bool spawn_find_program(const struct options *options, struct buf *path);
/* Becomes the program, as options say: environment, user, argument 0.  Returns only to fail. */
void spawn_become_program(const struct options *options, const char *path);
/* Traces `pid`, which executes the program when it has read a byte from `go`. */
enum outcome spawn_seize(struct tracer *tracer, int pid, int go);
/* The same for what tracer_daemonize has left. */
enum outcome daemonize_seize(struct tracer *tracer, const struct tracer_split *split);
/* ---- tamper.c -------------------------------------------------------------------------------- */

/* A call begins that nobody has tampered with yet. */
void tamper_begin_call(struct tracee_record *record);
/* The call has ended: gives it the result that was asked for and says so in `event`. */
void tamper_end_call(struct tracer *tracer, struct tracee_record *record, struct event *event);
/* A tracee in a syscall-stop is about to be resumed: the signal that goes with that, 0 for none. */
int tamper_take_signal(struct tracee_record *record);
/* Holds a tracee in a syscall-stop back if that was asked for; false: resume it. */
bool tamper_hold(struct tracer *tracer, struct tracee_record *record);
/* It is not held back any more: it has reported something, or is gone. */
void tamper_unhold(struct tracer *tracer, struct tracee_record *record);
/* Lets those go whose time has come, and sees to it that wait4 returns when the next one's has. */
void tamper_release_due(struct tracer *tracer);
/*
 * Before detaching a stopped tracee.  False: it was resumed to the end of a call that is
 * skipped, for its result to be put in place; detach it at its next stop.
 */
bool tamper_settle(struct tracer *tracer, struct tracee_record *record);
/* Was `record` to be detached at an earlier stop, which tamper_settle() put off? */
bool tamper_is_leaving(const struct tracee_record *record);
bool tamper_is_held(const struct tracee_record *record);
/* Is it in a call that was skipped and has not got its result yet? */
bool tamper_is_pending(const struct tracee_record *record);
/* Lets all go that are held back. */
void tamper_release_all(struct tracer *tracer);

/* ---- attach.c, follow.c, detach.c ------------------------------------------------------------ */

/* Prints in one line that PTRACE_SEIZE of `pid` failed with `error`, why, and what can be done. */
void explain_refusal(int pid, int error);

/* Says why PTRACE_GET_SYSCALL_INFO failed with `error`: without it, there is nothing to show. */
void explain_no_syscall_info(int error);

/* Is `tid` a child or tracee of ours, alive or not reaped yet? */
bool attach_is_ours(int tid);

/* The process that thread `tid` belongs to; 0 if it cannot be told. */
int follow_process(int tid);

/* The tracee that reported a stop and is not known: a newborn. */
struct tracee_record *follow_newborn(struct tracer *tracer, int tid, int parent_tid);
/* PTRACE_EVENT_FORK, VFORK, CLONE. */
void follow_birth(struct tracer *tracer, struct tracee_record *parent);
/* PTRACE_EVENT_EXEC reported by `tid`; returns who called execve, by its new number. */
struct tracee_record *follow_exec(struct tracer *tracer, int tid);

/*
 * Lets one stopped tracee go, with the signal that it was stopped for.  While all are being
 * detached, the report waits until the end.
 */
void detach_one(struct tracer *tracer, struct tracee_record *record, const struct stop *stop);
/* Lets all tracees go, however long they take to stop. */
void detach_all(struct tracer *tracer);
/* Kills all tracees instead, and reports their ends. */
void detach_by_killing(struct tracer *tracer);

#endif
