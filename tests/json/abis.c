/* SPDX-License-Identifier: MIT */
/*
 * Tracee: a 64-bit program that makes calls of i386, one of no table, and one that the kernel is asked to
 * begin again while a thread waits in another one.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int fds[2];

static void *wait_in_read(void *arg)
{
	char c;

	return read(fds[0], &c, 1) == 1 ? arg : NULL;
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
	usleep(20000);
	/* The thread's read has no end. */
	_exit(3);
}
