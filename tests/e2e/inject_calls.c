/* SPDX-License-Identifier: MIT */
/*
 * Makes the calls that its arguments name and says what came back, for inject.sh: one line for each,
 * "name result errno signal", with what else there is to tell.  Lines are written by writev(2), which
 * nobody tampers with.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The shortest delay that is told of. */
#define LATE_MS 50

static volatile sig_atomic_t signals;
static struct timespec begun;
static int tell_late; /* the word "late" came: a busy machine makes any call late */

static void on_signal(int signal)
{
	(void)signal;
	signals++;
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[200];
	struct iovec part = { .iov_base = line };
	va_list args;

	va_start(args, format);
	part.iov_len = (size_t)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (writev(1, &part, 1) < 0)
		_exit(99);
}

static void begin(void)
{
	clock_gettime(CLOCK_MONOTONIC, &begun);
	errno = 0;
	signals = 0;
}

static void end(const char *name, long result)
{
	int error = result == -1 ? errno : 0;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	say("%s %ld %d %d%s\n", name, result, error, (int)signals,
	    tell_late && (now.tv_sec - begun.tv_sec) * 1000 +
					    (now.tv_nsec - begun.tv_nsec) / 1000000 >=
				    LATE_MS
		    ? " late"
		    : "");
}

#define CALL(name, ...) \
	do { \
		begin(); \
		end(#name, syscall(SYS_##name, ##__VA_ARGS__)); \
	} while (0)

/* The number of a pipe's first end, the other's is one more: none that who started us has open. */
#define PIPE 200

static int make_pipe(int ends[2])
{
	if (pipe(ends) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (dup2(ends[i], PIPE + i) < 0)
			return -1;
		close(ends[i]);
		ends[i] = PIPE + i;
	}
	return 0;
}

static void read_pipe(void)
{
	char bytes[9] = "........";
	int ends[2];

	if (make_pipe(ends) < 0 || writev(ends[1], &(struct iovec){ "abcdefgh", 8 }, 1) != 8)
		_exit(98);
	CALL(read, ends[0], bytes, 8);
	say("has %s\n", bytes);
	close(ends[0]);
	close(ends[1]);
}

static void write_pipe(void)
{
	char bytes[9] = "abcdefgh";
	char arrived[9] = "........";
	int ends[2];

	if (make_pipe(ends) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		_exit(98);
	CALL(write, ends[1], bytes, 8);
	(void)!readv(ends[0], &(struct iovec){ arrived, 8 }, 1);
	say("has %s, sent %s\n", bytes, arrived);
	close(ends[0]);
	close(ends[1]);
}

static void connect_nowhere(void)
{
	begin();
#ifdef SYS_socketcall
	unsigned long args[] = { (unsigned long)-1, 0, 0 };

	end("connect", syscall(SYS_socketcall, 3, args));
#else
	end("connect", syscall(SYS_connect, -1, 0, 0));
#endif
}

/* A 32-bit call of any program. */
static void int80(void)
{
#ifdef __x86_64__
	long result;

	begin();
	/* 60 is umask for i386. */
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(60), "b"(022) : "memory", "cc");
	end("int80", result);
#endif
}

static void fork_twice(void)
{
	int status = 0;
	int pid;

	begin();
	pid = (int)syscall(SYS_fork);
	if (pid == 0) {
		CALL(chdir, "/");
		CALL(chdir, "/");
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	end("fork", pid > 0 ? 1 : pid);
}

/* A child that hangs in chdir does not keep its parent from anything. */
static void kill_child(int signal)
{
	int status = 0;
	int pid = fork();

	if (pid == 0) {
		syscall(SYS_chdir, "/");
		_exit(0);
	}
	usleep(100000);
	kill(pid, signal);
	waitpid(pid, &status, 0);
	say("child %s %d\n", WIFSIGNALED(status) ? "killed by" : "exited with",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void *exec_umask(void *unused)
{
	usleep(100000);
	execl("/proc/self/exe", "inject_calls", "umask", (char *)NULL);
	return unused;
}

/* The leader hangs in chdir while another thread replaces the program. */
static void thread_exec(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exec_umask, NULL);
	syscall(SYS_chdir, "/");
	say("the leader lives on\n");
}

/* Makes one call when somebody has attached. */
static void wait_for_tracer(void)
{
	char status[4096];
	char *traced = NULL;

	for (int i = 0; i < 100 && (traced == NULL || traced[0] == '0'); i++) {
		int fd = open("/proc/self/status", O_RDONLY);
		ssize_t len = read(fd, status, sizeof(status) - 1);

		close(fd);
		status[len > 0 ? len : 0] = '\0';
		traced = strstr(status, "TracerPid:\t");
		if (traced != NULL)
			traced += strlen("TracerPid:\t");
		usleep(50000);
	}
	CALL(chdir, "/");
}

static void make_call(const char *name)
{
	if (strcmp(name, "late") == 0)
		tell_late = 1;
	else if (strcmp(name, "chdir") == 0)
		CALL(chdir, "/");
	else if (strcmp(name, "umask") == 0)
		CALL(umask, 022);
	else if (strcmp(name, "getpid") == 0)
		CALL(getpid);
	else if (strcmp(name, "getuid") == 0)
		CALL(getuid);
	else if (strcmp(name, "pause") == 0)
		CALL(pause);
	else if (strcmp(name, "nanosleep") == 0)
		CALL(nanosleep, NULL, NULL);
	else if (strcmp(name, "dup") == 0)
		CALL(dup, -1);
	else if (strcmp(name, "exit_group") == 0)
		CALL(exit_group, 3);
	else if (strcmp(name, "kill") == 0)
		CALL(kill, (int)syscall(SYS_gettid), SIGUSR1);
	else if (strcmp(name, "execve") == 0)
		CALL(execve, "/nonexistent", NULL, NULL);
	else if (strcmp(name, "exec") == 0)
		execl("/proc/self/exe", "inject_calls", "chdir", "chdir", (char *)NULL);
	else if (strcmp(name, "read") == 0)
		read_pipe();
	else if (strcmp(name, "write") == 0)
		write_pipe();
	else if (strcmp(name, "connect") == 0)
		connect_nowhere();
	else if (strcmp(name, "int80") == 0)
		int80();
	else if (strcmp(name, "fork") == 0)
		fork_twice();
	else if (strcmp(name, "kill_child") == 0)
		kill_child(SIGKILL);
	else if (strcmp(name, "thread_exec") == 0)
		thread_exec();
	else if (strcmp(name, "detach") == 0)
		wait_for_tracer();
	else
		say("no call %s\n", name);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	for (int i = 1; i < argc; i++)
		make_call(argv[i]);
	return 0;
}
