/* SPDX-License-Identifier: MIT */
/*
 * A program that is to outlive its tracer: threads and children that make calls, send each other
 * signals, stop and continue, and check every result.  Makes FILE.ready at its
 * beginning and goes on until FILE.end is there; then FILE holds "done" and its mask of CPUs.  What was wrong is
 * written to FILE.wrong at once: a call that failed, a signal that was lost, another mask.
 * Run by killed.sh, which kills the tracer meanwhile.
 *
 * usage: survivor FILE [breed]      breed: nothing but children and children of these
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Whoever waits longer for a signal or a child takes it for lost: for a machine that is busy.  Waiting is
 * counted in naps, not read off a clock, so that what all of us were frozen or suspended for is no more
 * than one of them.
 */
enum { PATIENCE_MS = 10000, PATIENCE_MASK_MS = 2000, NAP_MS = 100, LIFE_S = 120 };

static char *path_end;
static int wrong_fd;
static cpu_set_t begun;
static int stopping; /* atomic */

static void wrong(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0)
		dprintf(wrong_fd, "%d/%ld: %s\n", getpid(), syscall(SYS_gettid), text);
	va_end(args);
	free(text);
}

static void expect(const char *what, long got, long wanted)
{
	int error = errno;

	if (got != wanted)
		wrong("%s: %ld (errno %d), not %ld", what, got, got < 0 ? error : 0, wanted);
}

static long now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void nap(long us)
{
	struct timespec time = { .tv_nsec = us * 1000 };

	/* clock_nanosleep(2) returns the error, and no handler runs in the threads that call this. */
	expect("clock_nanosleep", clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL), 0);
}

static bool go_on(void)
{
	return !__atomic_load_n(&stopping, __ATOMIC_ACQUIRE);
}

/* ---- masks --------------------------------------------------------------------------------------- */

static bool same_mask(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	expect("sched_getaffinity", sched_getaffinity(0, sizeof(set), &set), 0);
	return CPU_EQUAL(&set, &begun);
}

/* Who restores the masks of a tracer that was killed needs a moment. */
static void check_mask(const char *who)
{
	for (int naps = 0; !same_mask(); naps++) {
		if (naps > PATIENCE_MASK_MS) {
			wrong("the mask of %s has changed", who);
			return;
		}
		nap(1000);
	}
}

/* ---- children ------------------------------------------------------------------------------------- */

/* Waits for what `options` say, not longer than patience allows; the status, -1 if nothing came. */
static int wait_for(const char *what, pid_t pid, int options)
{
	int status = -1;
	pid_t answer;

	/* Short naps first, for what comes soon. */
	for (int naps = 0; (answer = waitpid(pid, &status, options | WNOHANG)) == 0; naps++) {
		if (naps > 1000 + PATIENCE_MS) {
			wrong("lost: %s: nothing to wait for", what);
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		nap(naps < 1000 ? 50 : 1000);
	}
	expect(what, answer, pid);
	return answer == pid ? status : -1;
}

static void expect_exit(const char *what, pid_t pid, int code)
{
	int status = wait_for(what, pid, 0);

	if (status != -1 && (!WIFEXITED(status) || WEXITSTATUS(status) != code))
		wrong("%s: status %#x, not exit %d", what, (unsigned)status, code);
}

/* A child ends with its parent, so that a tracer that takes one along takes all. */
static pid_t child(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	if (pid < 0)
		wrong("fork: errno %d", errno);
	return pid;
}

static void round_fork(int salt)
{
	pid_t pid = child();

	if (pid == 0) {
		check_mask("a child");
		expect("getpid in a child", syscall(SYS_getpid), getpid());
		_exit(salt);
	}
	expect_exit("fork", pid, salt);
}

/* A child and a child of that, born one right after the other. */
static void round_breed(void)
{
	pid_t pid = child();

	if (pid == 0) {
		pid = child();
		check_mask("a child or grandchild");
		if (pid == 0)
			_exit(3);
		expect_exit("fork in a child", pid, 3);
		_exit(4);
	}
	expect_exit("fork", pid, 4);
}

static void round_exec(const char *self)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl(self, self, (char *)NULL);
		_exit(99);
	}
	expect_exit("vfork, exec", pid, 7);
}

/*
 * The child is stopped only when it has said that it will end with its parent: one that is stopped before
 * would outlive a parent that is killed then.
 */
static void round_stop(void)
{
	int ends[2];
	char byte;
	pid_t pid;
	int status;

	expect("pipe2", pipe2(ends, O_CLOEXEC), 0);
	pid = child();
	if (pid == 0) {
		close(ends[0]);
		close(ends[1]);
		for (;;)
			pause();
	}
	close(ends[1]);
	expect("end of file", read(ends[0], &byte, 1), 0);
	close(ends[0]);
	expect("kill", kill(pid, SIGSTOP), 0);
	status = wait_for("SIGSTOP", pid, WUNTRACED);
	if (status == -1)
		return;
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
		wrong("stopped: status %#x", (unsigned)status);
	expect("kill", kill(pid, SIGCONT), 0);
	status = wait_for("SIGCONT", pid, WCONTINUED);
	if (status == -1)
		return;
	if (!WIFCONTINUED(status))
		wrong("continued: status %#x", (unsigned)status);
	expect("kill", kill(pid, SIGTERM), 0);
	status = wait_for("SIGTERM", pid, 0);
	if (status != -1 && (!WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM))
		wrong("killed: status %#x", (unsigned)status);
}

static void round_pipe(int salt)
{
	unsigned char out = (unsigned char)salt, in = 0;
	int ends[2];

	expect("pipe2", pipe2(ends, O_CLOEXEC), 0);
	expect("write", write(ends[1], &out, 1), 1);
	expect("read", read(ends[0], &in, 1), 1);
	expect("what was read", in, out);
	expect("close", close(ends[0]), 0);
	expect("close", close(ends[1]), 0);
}

/* ---- signals -------------------------------------------------------------------------------------- */

static __thread volatile sig_atomic_t handled;
static int answers; /* where a child tells that it has handled a signal */

static void on_count(int signal)
{
	(void)signal;
	handled++;
}

static void on_answer(int signal)
{
	int error = errno;

	(void)signal;
	expect("write in a handler", write(answers, "", 1), 1);
	errno = error;
}

static void take(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	expect("sigaction", sigaction(signal, &action, NULL), 0);
}

/* A signal that a thread sends itself has been handled when the call that sends it returns. */
static void *signal_itself(void *unused)
{
	while (go_on()) {
		sig_atomic_t before = handled;

		expect("pthread_kill", pthread_kill(pthread_self(), SIGRTMIN + 1), 0);
		if (handled != before + 1)
			wrong("lost: a signal that a thread sent itself");
		check_mask("a thread");
	}
	return unused;
}

/* Waits for one byte; false if none comes. */
static bool await(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int naps = 0;
	char byte;

	while (poll(&ready, 1, NAP_MS) == 0)
		if (++naps > PATIENCE_MS / NAP_MS)
			return false;
	return read(fd, &byte, 1) == 1;
}

/* A child answers every signal with a byte. */
static void *signal_child(void *unused)
{
	int ends[2];
	pid_t pid;

	expect("pipe2", pipe2(ends, O_CLOEXEC), 0);
	answers = ends[1];
	pid = child();
	if (pid == 0) {
		for (;;)
			pause();
	}
	while (go_on()) {
		expect("kill", kill(pid, SIGRTMIN + 2), 0);
		if (!await(ends[0]))
			wrong("lost: a signal to a child");
	}
	expect("kill", kill(pid, SIGKILL), 0);
	wait_for("SIGKILL", pid, 0);
	return unused;
}

struct reader {
	pthread_t thread;
	int ends[2];
	int back[2];
};

/*
 * A read that signals interrupt begins again.  Each byte was written after a signal was sent, so that
 * whoever has the byte has had the signal.
 */
static void *read_on(void *argument)
{
	struct reader *reader = argument;
	unsigned char byte, wanted = 0;

	for (;;) {
		ssize_t got = read(reader->ends[0], &byte, 1);

		if (got == 0)
			return NULL;
		expect("read with signals", got, 1);
		if (handled != 1)
			wrong("lost: %d signals to a thread that reads, not 1", (int)handled);
		expect("byte", byte, wanted++);
		handled = 0;
		expect("write", write(reader->back[1], "", 1), 1);
	}
}

static void *signal_reader(void *unused)
{
	struct reader reader;
	unsigned char byte = 0;

	expect("pipe2", pipe2(reader.ends, O_CLOEXEC), 0);
	expect("pipe2", pipe2(reader.back, O_CLOEXEC), 0);
	expect("pthread_create", pthread_create(&reader.thread, NULL, read_on, &reader), 0);
	while (go_on()) {
		expect("pthread_kill", pthread_kill(reader.thread, SIGRTMIN + 1), 0);
		expect("write", write(reader.ends[1], &byte, 1), 1);
		byte++;
		if (!await(reader.back[0])) {
			wrong("the thread that reads does not answer");
			break;
		}
	}
	close(reader.ends[1]);
	pthread_join(reader.thread, NULL);
	return unused;
}

/* ---- all together ----------------------------------------------------------------------------------- */

static void begin(const char *path)
{
	char *name;

	CPU_ZERO(&begun);
	sched_getaffinity(0, sizeof(begun), &begun);
	if (asprintf(&path_end, "%s.end", path) < 0 || asprintf(&name, "%s.wrong", path) < 0)
		exit(2);
	wrong_fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	free(name);
	take(SIGRTMIN + 1, on_count);
	take(SIGRTMIN + 2, on_answer);
	if (asprintf(&name, "%s.ready", path) < 0)
		exit(2);
	close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
	free(name);
}

static void end(const char *path)
{
	FILE *file = fopen(path, "w");

	check_mask("the main thread");
	fputs("done:", file);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &begun))
			fprintf(file, " %d", i);
	fputs("\n", file);
	fclose(file);
}

int main(int argc, char **argv)
{
	static void *(*const bodies[])(void *) = { signal_itself, signal_child, signal_reader };
	enum { BODIES = sizeof(bodies) / sizeof(bodies[0]) };
	pthread_t threads[BODIES];
	long deadline = now_ms() + LIFE_S * 1000L;
	pid_t pid = getpid();

	if (argc < 2)
		return 7;
	begin(argv[1]);
	while (argc > 2 && access(path_end, F_OK) != 0)
		round_breed();
	for (int i = 0; i < BODIES; i++)
		expect("pthread_create", pthread_create(&threads[i], NULL, bodies[i], NULL), 0);
	for (int round = 0; access(path_end, F_OK) != 0; round++) {
		expect("access", errno, ENOENT);
		expect("getpid", syscall(SYS_getpid), pid);
		round_fork(round % 90);
		round_exec(argv[0]);
		round_stop();
		round_pipe(round);
		check_mask("the main thread");
		if (now_ms() > deadline) {
			wrong("nobody ended it");
			break;
		}
	}
	__atomic_store_n(&stopping, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < BODIES; i++)
		expect("pthread_join", pthread_join(threads[i], NULL), 0);
	end(argv[1]);
	return 0;
}
