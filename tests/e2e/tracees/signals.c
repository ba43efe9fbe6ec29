/* SPDX-License-Identifier: MIT */
/*
 * Tracee: signals of every origin, with their siginfo: sent by kill, queued with a value, by a
 * timer, by a fault, SIGTRAP by a breakpoint, blocked and taken later, interrupting and restarting
 * a read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t seen[65];
static volatile sig_atomic_t value;
static volatile sig_atomic_t code;
static char *page;
static int out;

static void on_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen[signal]++;
	value = info->si_value.sival_int;
	code = info->si_code;
	if (signal == SIGSEGV)
		mprotect(page, 4096, PROT_READ | PROT_WRITE);
	if (signal == SIGALRM && write(out, "y", 1) != 1)
		_exit(1);
}

static void handle(int signal, int flags)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags };

	sigaction(signal, &action, NULL);
}

static void alarm_soon(void)
{
	struct itimerval soon = { .it_value.tv_usec = 150000 };

	setitimer(ITIMER_REAL, &soon, NULL);
}

int main(void)
{
	struct timespec pause_time = { 0, 40 * 1000 * 1000 };
	union sigval queued = { .sival_int = 4711 };
	sigset_t set;
	siginfo_t info;
	int fds[2];
	char c;

	if (pipe(fds) < 0)
		return 1;
	out = fds[1];
	for (int i = 1; i < SIGRTMAX; i++)
		handle(i, 0);
	kill(getpid(), SIGUSR1);
	printf("usr1 %d code %d\n", (int)seen[SIGUSR1], (int)code);
	sigqueue(getpid(), SIGRTMIN + 3, queued);
	printf("queued %d value %d code %d\n", (int)seen[SIGRTMIN + 3], (int)value, (int)code);
	raise(SIGTRAP);
#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("int3");
#else
	raise(SIGTRAP);
#endif
	printf("trap %d\n", (int)seen[SIGTRAP]);
	page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[7] = 1;
	printf("segv %d code %d\n", (int)seen[SIGSEGV], (int)code);
	handle(SIGALRM, 0);
	alarm_soon();
	errno = 0;
	printf("interrupted %zd", read(fds[0], &c, 1));
	printf(" %s\n", strerror(errno));
	if (read(fds[0], &c, 1) != 1)
		return 1;
	handle(SIGALRM, SA_RESTART);
	alarm_soon();
	printf("restarted %zd\n", read(fds[0], &c, 1));
	alarm_soon();
	printf("nanosleep %d", nanosleep(&pause_time, &pause_time));
	printf(" remainder %s\n", pause_time.tv_nsec > 0 ? "yes" : "no");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR2);
	printf("waited %d handled %d\n", sigwaitinfo(&set, &info), (int)seen[SIGUSR2]);
	fflush(stdout);
	signal(SIGTERM, SIG_DFL);
	kill(getpid(), SIGTERM);
	return 1;
}
