/* SPDX-License-Identifier: MIT */
/*
 * The programs that bench.py lets tracers trace.
 *
 *	work getpid ROUNDS            getpid, the cheapest call
 *	work five ROUNDS FILE         open, fstat, read, lseek, close
 *	work futex ROUNDS             8 threads, each with ROUNDS calls of futex
 *	work many ROUNDS THREADS      THREADS threads, each with ROUNDS calls of getpid
 *	work short ROUNDS             ROUNDS processes that end at once
 *	work compute ROUNDS           arithmetic, no call
 *	work threads ROUNDS           8 threads of arithmetic, with a call now and then
 *	work exit                     nothing
 *
 * Prints "CALLS NANOSECONDS": how many calls the loop made and how long it took by its own clock,
 * which is read without a system call (vdso(7)), so that start and end of the program do not count.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, STACK = 64 * 1024, STEPS_PER_CALL = 4096 };

struct work {
	uint64_t rounds;
	const char *argument; /* of the kind of work: a file, a number, or NULL */
	uint64_t calls;       /* made in the loop, all threads together */
	int64_t begin, end;   /* ns, CLOCK_MONOTONIC */
	pthread_barrier_t barrier;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "work: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void work_getpid(struct work *work)
{
	work->begin = now_ns();
	for (uint64_t i = 0; i < work->rounds; i++)
		syscall(SYS_getpid);
	work->end = now_ns();
	work->calls = work->rounds;
}

static void work_five(struct work *work)
{
	struct stat status;
	char buffer[512];

	if (!work->argument) {
		errno = EINVAL;
		die("five: which file");
	}
	work->begin = now_ns();
	for (uint64_t i = 0; i < work->rounds; i++) {
		int fd = open(work->argument, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || fstat(fd, &status) || read(fd, buffer, sizeof(buffer)) < 0 ||
		    lseek(fd, 0, SEEK_SET) < 0 || close(fd))
			die(work->argument);
	}
	work->end = now_ns();
	work->calls = work->rounds * 5;
}

/* Arithmetic that a compiler cannot leave out; its result is used. */
static uint64_t compute(uint64_t steps, uint64_t seed)
{
	for (uint64_t i = 0; i < steps; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
	}
	return seed;
}

static void work_compute(struct work *work)
{
	uint64_t result;

	work->begin = now_ns();
	result = compute(work->rounds * STEPS_PER_CALL, 88172645463325252u);
	work->end = now_ns();
	work->calls = result ? work->rounds : 0;
}

/* ---- threads: all begin together; the time is from the first begin to the last end ---------------- */

struct thread {
	pthread_t thread;
	struct work *work;
	int64_t begin, end;
};

static void *thread_futex(void *argument)
{
	struct thread *thread = argument;
	uint32_t word = 0;

	pthread_barrier_wait(&thread->work->barrier);
	thread->begin = now_ns();
	for (uint64_t i = 0; i < thread->work->rounds; i++)
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	thread->end = now_ns();
	return NULL;
}

static void *thread_getpid(void *argument)
{
	struct thread *thread = argument;

	pthread_barrier_wait(&thread->work->barrier);
	thread->begin = now_ns();
	for (uint64_t i = 0; i < thread->work->rounds; i++)
		syscall(SYS_getpid);
	thread->end = now_ns();
	return NULL;
}

/* Eight pieces with a call after each: few calls, as in a program that computes. */
static void *thread_compute(void *argument)
{
	struct thread *thread = argument;
	uint64_t result = (uint64_t)(uintptr_t)argument | 1;

	pthread_barrier_wait(&thread->work->barrier);
	thread->begin = now_ns();
	for (int piece = 0; piece < 8; piece++) {
		result = compute(thread->work->rounds * STEPS_PER_CALL / 8, result);
		syscall(SYS_getpid);
	}
	thread->end = now_ns();
	return result ? NULL : argument;
}

static void run_threads(struct work *work, void *(*body)(void *), unsigned count)
{
	struct thread *threads = calloc(count, sizeof(*threads));
	pthread_attr_t attributes;

	if (!threads || pthread_attr_init(&attributes) ||
	    pthread_attr_setstacksize(&attributes, STACK) ||
	    pthread_barrier_init(&work->barrier, NULL, count))
		die("threads");
	for (unsigned i = 0; i < count; i++) {
		threads[i].work = work;
		errno = pthread_create(&threads[i].thread, &attributes, body, &threads[i]);
		if (errno)
			die("pthread_create");
	}
	for (unsigned i = 0; i < count; i++) {
		pthread_join(threads[i].thread, NULL);
		if (!i || threads[i].begin < work->begin)
			work->begin = threads[i].begin;
		if (!i || threads[i].end > work->end)
			work->end = threads[i].end;
	}
	work->calls = work->rounds * count;
	free(threads);
}

static void work_futex(struct work *work)
{
	run_threads(work, thread_futex, THREADS);
}

static void work_many(struct work *work)
{
	int threads = work->argument ? atoi(work->argument) : 0;

	if (threads < 1) {
		errno = EINVAL;
		die("many: how many threads");
	}
	run_threads(work, thread_getpid, (unsigned)threads);
}

static void work_threads(struct work *work)
{
	run_threads(work, thread_compute, THREADS);
}

/* fork and not posix_spawn, whose child asks for the handler of every signal. */
static void work_short(struct work *work)
{
	int status;
	pid_t pid;

	work->begin = now_ns();
	for (uint64_t i = 0; i < work->rounds; i++) {
		pid = fork();
		if (!pid) {
			execl("/proc/self/exe", "work", "exit", (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			die("a short process");
	}
	work->end = now_ns();
	work->calls = work->rounds;
}

static const struct {
	const char *name;
	void (*run)(struct work *);
} kinds[] = {
	{"getpid", work_getpid},   {"five", work_five},   {"futex", work_futex},
	{"many", work_many},       {"short", work_short}, {"compute", work_compute},
	{"threads", work_threads},
};

int main(int argc, char **argv)
{
	struct work work = {0};

	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0;
	for (size_t i = 0; argc >= 3 && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		work.rounds = strtoull(argv[2], NULL, 10);
		work.argument = argv[3];
		kinds[i].run(&work);
		printf("%" PRIu64 " %" PRId64 "\n", work.calls, work.end - work.begin);
		return fflush(stdout) ? 1 : 0;
	}
	fputs("usage: work KIND ROUNDS [ARGUMENT]\n", stderr);
	return 2;
}
