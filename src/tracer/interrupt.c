/* SPDX-License-Identifier: MIT */
/*
 * Signals to mtrace itself: those that ask it to stop tracing, and a tick that gets it out of
 * wait4. Used by loop.c and detach.c; spawn.c undoes it for the launched program.
 */
#include <time.h>

#include "tracer_internal.h"

#define INTERRUPT_TICK_NS (40 * 1000 * 1000)
/* The first wake-up may come just before wait4 blocks: see interrupt_on_ending. */
#define INTERRUPT_WAKE_AGAIN_NS (1000 * 1000)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct interrupt_flags interrupt_flags;

/* What the handlers need. */
static timer_t interrupt_timer;
static bool interrupt_have_timer;
static timer_t interrupt_deadline_timer;
static bool interrupt_have_deadline;
static timer_t interrupt_waker;
static bool interrupt_have_waker;

static const int interrupt_ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM };
static const int interrupt_ignored[] = { SIGTTIN, SIGTTOU };

/* Which timer a tick is of. */
enum interrupt_timer_kind { TIMER_TICK, TIMER_DEADLINE };

/* Neither used by libc nor sent by people. */
static int interrupt_tick_signal(void)
{
	return SIGRTMAX - 7;
}

static void interrupt_set_timer(long ns)
{
	struct itimerspec period = { .it_interval.tv_nsec = ns, .it_value.tv_nsec = ns };

	if (interrupt_have_timer)
		timer_settime(interrupt_timer, 0, &period, NULL);
}

/*
 * A signal may come after the flag was looked at and before wait4 blocks; nothing would end that
 * wait.  wait4 takes no signal mask, so the handler starts a periodic timer: a later tick does.
 * The alternatives, a signalfd or sigtimedwait, would cost a system call at every stop.
 */
static void interrupt_on_ending(int signal)
{
	interrupt_flags.ending = signal;
	interrupt_set_timer(INTERRUPT_TICK_NS);
}

static void interrupt_on_tick(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	if (info->si_code == SI_TIMER && info->si_value.sival_int == TIMER_DEADLINE)
		interrupt_flags.deadline = 1;
	else
		interrupt_flags.tick = 1;
}

int interrupt_look_signal(void)
{
	return SIGRTMAX - 6;
}

/*
 * The signals that interrupt_setup touches, one by one; 0 behind the last.  SIGCHLD is among them:
 * if it is ignored, children end without a word to wait4.
 */
static int interrupt_touched(size_t i)
{
	if (i < COUNT(interrupt_ending))
		return interrupt_ending[i];
	i -= COUNT(interrupt_ending);
	if (i < COUNT(interrupt_ignored))
		return interrupt_ignored[i];
	i -= COUNT(interrupt_ignored);
	switch (i) {
	case 0:
		return SIGCHLD;
	case 1:
		return interrupt_tick_signal();
	case 2:
		return interrupt_look_signal();
	case 3:
		return SIGTSTP;
	default:
		return 0;
	}
}

static void interrupt_handle(int signal, void (*handler)(int))
{
	/* Without SA_RESTART: wait4 is to return. */
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

static bool interrupt_create_timer(enum interrupt_timer_kind kind, timer_t *timer)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = interrupt_tick_signal(),
				  .sigev_value.sival_int = (int)kind };

	return timer_create(CLOCK_MONOTONIC, &event, timer) == 0;
}

void interrupt_setup(struct interrupt_saved *saved, enum interruptible interruptible)
{
	struct sigaction tick = { .sa_sigaction = interrupt_on_tick, .sa_flags = SA_SIGINFO };
	bool ignore = interruptible >= INTERRUPTIBLE_NEVER;
	sigset_t mask;

	interrupt_have_timer = interrupt_create_timer(TIMER_TICK, &interrupt_timer);
	sigprocmask(SIG_BLOCK, NULL, &saved->mask);
	mask = saved->mask;
	for (size_t i = 0; interrupt_touched(i) != 0; i++) {
		sigaction(interrupt_touched(i), NULL, &saved->actions[i]);
		sigdelset(&mask, interrupt_touched(i));
	}
	for (size_t i = 0; i < COUNT(interrupt_ending); i++) {
		/* nohup(1) means what it says. */
		bool nohup = interrupt_ending[i] == SIGHUP &&
			     saved->actions[i].sa_handler == SIG_IGN;

		interrupt_handle(interrupt_ending[i],
				 ignore || nohup ? SIG_IGN : interrupt_on_ending);
	}
	for (size_t i = 0; i < COUNT(interrupt_ignored); i++)
		interrupt_handle(interrupt_ignored[i], SIG_IGN);
	interrupt_handle(SIGCHLD, SIG_DFL);
	if (interruptible == INTERRUPTIBLE_NEVER_TSTP)
		interrupt_handle(SIGTSTP, SIG_IGN);
	sigemptyset(&tick.sa_mask);
	sigaction(interrupt_tick_signal(), &tick, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

void interrupt_restore(const struct interrupt_saved *saved)
{
	for (size_t i = 0; interrupt_touched(i) != 0; i++)
		sigaction(interrupt_touched(i), &saved->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &saved->mask, NULL);
}

/* Periodic, since the first may come just before wait4 blocks: see interrupt_on_ending. */
bool interrupt_after(uint64_t ns)
{
	struct itimerspec when = { .it_interval.tv_nsec = ns > 0 ? INTERRUPT_TICK_NS : 0,
				   .it_value.tv_sec = (time_t)(ns / 1000000000),
				   .it_value.tv_nsec = (long)(ns % 1000000000) };

	if (!interrupt_have_deadline)
		interrupt_have_deadline = interrupt_create_timer(TIMER_DEADLINE,
								 &interrupt_deadline_timer);
	return interrupt_have_deadline &&
	       timer_settime(interrupt_deadline_timer, 0, &when, NULL) == 0;
}

void interrupt_tick_start(void)
{
	interrupt_set_timer(INTERRUPT_TICK_NS);
}

void interrupt_tick_stop(void)
{
	/* Once asked to stop, the ticks go on: see interrupt_on_ending. */
	if (interrupt_flags.ending == 0)
		interrupt_set_timer(0);
}

bool interrupt_wake_at(uint64_t when)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = interrupt_tick_signal() };
	struct itimerspec time = {
		.it_value = { .tv_sec = (time_t)(when / 1000000000),
			      .tv_nsec = (long)(when % 1000000000) },
		.it_interval.tv_nsec = INTERRUPT_WAKE_AGAIN_NS,
	};

	if (!interrupt_have_waker)
		interrupt_have_waker = timer_create(CLOCK_MONOTONIC, &event, &interrupt_waker) == 0;
	return interrupt_have_waker &&
	       timer_settime(interrupt_waker, TIMER_ABSTIME, &time, NULL) == 0;
}
