/* SPDX-License-Identifier: MIT */
/*
 * Tracee: a 64-bit program that makes a call of i386 and one of no table, and ends while a thread waits in
 * another one.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fds[2];
static volatile int waiter;

static void *wait_in_read(void *arg)
{
	char c;

	waiter = (int)syscall(SYS_gettid);
	return read(fds[0], &c, 1) == 1 ? arg : NULL;
}

/* The thread sleeps in its one call that can sleep. */
static int is_waiting(void)
{
	char name[64], state = 0;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", waiter);
	file = waiter ? fopen(name, "r") : NULL;
	if (!file)
		return 0;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state == 'S';
}

int main(void)
{
	pthread_t thread;
	long answer = -1;

	if (pipe(fds) < 0)
		return 1;
#ifdef __x86_64__
	/* getpid is 20 there (arch/x86/entry/syscalls/syscall_32.tbl). */
	__asm__ volatile("int $0x80"
			 : "=a"(answer)
			 : "a"(20L)
			 : "r8", "r9", "r10", "r11", "memory");
	if (answer != getpid())
		fprintf(stderr, "no calls of i386 here\n");
#endif
	syscall(4095, 1, 2, 3, 4, 5, 6);
	pthread_create(&thread, NULL, wait_in_read, NULL);
	while (!is_waiting())
		usleep(1000);
	/* The thread's read has no end. */
	_exit(3);
}
