/* SPDX-License-Identifier: MIT */
/*
 * A program whose result does not depend on timing, but whose way there is full of what is hard to
 * trace: threads that fork, vfork, exec and are killed, signals that are masked, queued and taken,
 * processes that stop and continue each other.  Prints a line; a wrong result prints more and ends
 * with 1.  Run by stress.sh, with and without a tracer.
 *
 * usage: stress mixed THREADS ROUNDS [SEED] | threads N | processes N | depth N
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *self;
static int mistakes; /* atomic */

static void wrong(const char *what, long got, long wanted)
{
	__atomic_add_fetch(&mistakes, 1, __ATOMIC_RELAXED);
	dprintf(STDOUT_FILENO, "wrong: %s: %ld, not %ld\n", what, got, wanted);
}

static void expect(const char *what, long got, long wanted)
{
	if (got != wanted)
		wrong(what, got, wanted);
}

/* Waits for a child and returns its status, whatever signals come. */
static int wait_for(pid_t pid, int options)
{
	int status = -1;

	while (waitpid(pid, &status, options) < 0) {
		if (errno != EINTR) {
			wrong("waitpid", errno, 0);
			return -1;
		}
	}
	return status;
}

static void expect_exit(const char *what, pid_t pid, int code)
{
	int status = wait_for(pid, 0);

	expect(what, WIFEXITED(status) ? WEXITSTATUS(status) : -status, code);
}

static void run_exit(int code)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", code);
	execl(self, self, "exit", text, (char *)NULL);
	_exit(99);
}

static void round_fork(unsigned salt)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit((int)(salt % 90));
	expect_exit("fork", pid, (int)(salt % 90));
}

static void round_fork_exec(unsigned salt)
{
	pid_t pid = fork();

	if (pid == 0)
		run_exit((int)(salt % 90));
	expect_exit("fork, exec", pid, (int)(salt % 90));
}

static void round_vfork(unsigned salt)
{
	pid_t pid = vfork();

	if (pid == 0) {
		if (salt % 2 != 0)
			_exit(7);
		execl(self, self, "exit", "7", (char *)NULL);
		_exit(99);
	}
	expect_exit("vfork", pid, 7);
}

static void round_killed(unsigned salt)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGUSR1, SIGHUP };
	int signal = signals[salt % 4];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		for (;;)
			pause();
	}
	kill(pid, signal);
	status = wait_for(pid, 0);
	expect("killed", WIFSIGNALED(status) ? WTERMSIG(status) : -status, signal);
}

static void round_stopped(unsigned salt)
{
	static const int signals[] = { SIGSTOP, SIGTSTP, SIGTTIN };
	int signal = signals[salt % 3];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		/* In an orphaned process group, all but SIGSTOP would be ignored. */
		setpgid(0, 0);
		raise(signal);
		_exit(5);
	}
	status = wait_for(pid, WUNTRACED);
	expect("stopped", WIFSTOPPED(status) ? WSTOPSIG(status) : -status, signal);
	kill(pid, SIGCONT);
	expect_exit("continued", pid, 5);
}

static void on_nothing(int signal)
{
	(void)signal;
}

/* Queued real-time signals arrive all, in order, with their values. */
static void child_queue(void)
{
	union sigval value;
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (value.sival_int = 0; value.sival_int < 20; value.sival_int++)
		sigqueue(getpid(), SIGRTMIN + 1, value);
	for (int i = 0; i < 20; i++) {
		if (sigwaitinfo(&set, &info) < 0 || info.si_value.sival_int != i)
			_exit(1);
	}
	_exit(0);
}

static int handled;

static void on_count(int signal)
{
	(void)signal;
	handled++;
}

/* A blocked signal is taken by sigsuspend, once. */
static void child_suspend(void)
{
	struct sigaction action = { .sa_handler = on_count };
	sigset_t blocked;
	sigset_t open;

	sigaction(SIGUSR2, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	sigdelset(&open, SIGUSR2);
	for (int i = 1; i <= 10; i++) {
		kill(getpid(), SIGUSR2);
		kill(getpid(), SIGUSR2);
		if (handled != i - 1)
			_exit(2);
		if (sigsuspend(&open) != -1 || errno != EINTR || handled != i)
			_exit(3);
	}
	_exit(0);
}

/* A read that signals interrupt is restarted and gets its byte; a sleep sleeps to its end. */
static void child_restart(void)
{
	struct sigaction action = { .sa_handler = on_nothing, .sa_flags = SA_RESTART };
	struct timespec left = { .tv_nsec = 20 * 1000 * 1000 };
	struct itimerspec period = { { 0, 500000 }, { 0, 500000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	timer_t timer;
	int ends[2];
	char byte = 0;
	pid_t pid;

	sigaction(SIGALRM, &action, NULL);
	if (pipe(ends) < 0)
		_exit(4);
	pid = fork();
	if (pid == 0) {
		struct timespec pause_for = { .tv_nsec = 10 * 1000 * 1000 };

		nanosleep(&pause_for, NULL);
		_exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
	}
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &period, NULL);
	if (read(ends[0], &byte, 1) != 1 || byte != 'x')
		_exit(5);
	while (nanosleep(&left, &left) < 0) {
		if (errno != EINTR)
			_exit(6);
	}
	timer_delete(timer);
	_exit(waitpid(pid, NULL, 0) == pid ? 0 : 7);
}

static void round_signals(unsigned salt)
{
	void (*const children[])(void) = { child_queue, child_suspend, child_restart };
	pid_t pid = fork();

	if (pid == 0)
		children[salt % 3]();
	expect_exit("signals", pid, 0);
}

static void *thread_value(void *arg)
{
	syscall(SYS_getppid);
	return arg;
}

static void *thread_busy(void *arg)
{
	for (;;)
		syscall(SYS_getppid);
	return arg;
}

static void *thread_exec(void *arg)
{
	(void)arg;
	run_exit(23);
	return NULL;
}

static void *thread_end(void *arg)
{
	(void)arg;
	syscall(SYS_exit_group, 24);
	return NULL;
}

static void round_join(unsigned salt)
{
	void *got = NULL;
	pthread_t thread;
	int error = pthread_create(&thread, NULL, thread_value, (void *)(uintptr_t)salt);

	expect("pthread_create", error, 0);
	if (error != 0)
		return;
	pthread_join(thread, &got);
	expect("thread", (long)(uintptr_t)got, (long)salt);
}

/* A process of several threads whose end comes from one that is not the leader. */
static void round_threads_end(unsigned salt)
{
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t thread;

		for (int i = 0; i < 2; i++)
			pthread_create(&thread, NULL, thread_busy, NULL);
		pthread_create(&thread, NULL, salt % 2 ? thread_exec : thread_end, NULL);
		if (salt % 3 == 0)
			pthread_exit(NULL);
		thread_busy(NULL);
	}
	expect_exit("end of threads", pid, salt % 2 ? 23 : 24);
}

/* Killed while its threads fork. */
static void *thread_forks(void *arg)
{
	for (;;) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return arg;
}

static void round_kill_threads(unsigned salt)
{
	struct timespec moment = { .tv_nsec = (long)(salt % 4) * 1000 * 1000 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		pthread_t thread;

		for (int i = 0; i < 2; i++)
			pthread_create(&thread, NULL, thread_forks, NULL);
		thread_busy(NULL);
	}
	nanosleep(&moment, NULL);
	kill(pid, SIGKILL);
	status = wait_for(pid, 0);
	expect("killed threads", WIFSIGNALED(status) ? WTERMSIG(status) : -status, SIGKILL);
}

static void (*const rounds[])(unsigned salt) = {
	round_fork,    round_fork_exec,   round_vfork,        round_killed, round_stopped,
	round_signals, round_threads_end, round_kill_threads, round_join,
};

struct worker {
	pthread_t thread;
	unsigned seed;
	int rounds;
};

static void *worker_run(void *arg)
{
	struct worker *worker = arg;

	for (int i = 0; i < worker->rounds; i++) {
		unsigned salt;

		worker->seed = worker->seed * 1103515245 + 12345;
		salt = worker->seed >> 16;
		rounds[salt % (sizeof(rounds) / sizeof(rounds[0]))](salt >> 4);
	}
	return NULL;
}

static void run_mixed(int threads, int count, unsigned seed)
{
	struct worker *workers = calloc((size_t)threads, sizeof(*workers));

	for (int i = 0; i < threads; i++) {
		workers[i].seed = seed + (unsigned)i * 7919;
		workers[i].rounds = count;
		expect("worker", pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]),
		       0);
	}
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	free(workers);
}

static pthread_barrier_t barrier;

static void *thread_meets(void *arg)
{
	pthread_barrier_wait(&barrier);
	syscall(SYS_getppid);
	return arg;
}

/* All at the same time. */
static void run_threads(int count)
{
	pthread_t *threads = calloc((size_t)count, sizeof(*threads));
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	pthread_barrier_init(&barrier, NULL, (unsigned)count + 1);
	for (int i = 0; i < count; i++) {
		if (pthread_create(&threads[i], &attributes, thread_meets, NULL) != 0) {
			wrong("threads", i, count);
			exit(1);
		}
	}
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

static void run_processes(int count)
{
	for (int i = 0; i < count; i++)
		round_fork((unsigned)i);
}

/* Each process makes the next and hands its status on. */
static int run_depth(int depth)
{
	pid_t pid;
	int status;

	if (depth == 0)
		return 17;
	pid = fork();
	if (pid == 0)
		_exit(run_depth(depth - 1));
	status = wait_for(pid, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 0;

	self = argv[0];
	if (strcmp(mode, "exit") == 0)
		return count;
	if (strcmp(mode, "mixed") == 0)
		run_mixed(count, argc > 3 ? atoi(argv[3]) : 10,
			  argc > 4 ? (unsigned)atoi(argv[4]) : 1);
	else if (strcmp(mode, "threads") == 0)
		run_threads(count);
	else if (strcmp(mode, "processes") == 0)
		run_processes(count);
	else if (strcmp(mode, "depth") == 0)
		expect("depth", run_depth(count), 17);
	else
		return 2;
	printf("%s %d: %d wrong\n", mode, count, mistakes);
	return mistakes != 0;
}
