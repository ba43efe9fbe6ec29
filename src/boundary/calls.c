/* SPDX-License-Identifier: MIT */
/* Probes: a function, and the cheapest calls by each of the ways that lead to one. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "boundary.h"

static void __attribute__((noinline)) calls_do_nothing(void)
{
	/* Keeps the compiler from seeing that the call could be left out. */
	__asm__ volatile("");
}

static void calls_loop_function(void *context, unsigned times)
{
	(void)context;
	for (unsigned i = 0; i < times; i++)
		calls_do_nothing();
}

void calls_measure_function(struct boundary_run *run)
{
	sample_measure(run, calls_loop_function, NULL, 1);
}

static void calls_loop_vdso(void *context, unsigned times)
{
	struct timespec now;

	(void)context;
	for (unsigned i = 0; i < times; i++)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

/* libc goes through the vDSO wherever there is one, vdso(7). */
void calls_measure_vdso(struct boundary_run *run)
{
	sample_measure(run, calls_loop_vdso, NULL, 1);
}

static void calls_loop_clock(void *context, unsigned times)
{
	struct timespec now;

	(void)context;
	for (unsigned i = 0; i < times; i++)
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
}

void calls_measure_clock(struct boundary_run *run)
{
	sample_measure(run, calls_loop_clock, NULL, 1);
}

static void calls_loop_libc(void *context, unsigned times)
{
	(void)context;
	for (unsigned i = 0; i < times; i++)
		getpid();
}

void calls_measure_libc(struct boundary_run *run)
{
	sample_measure(run, calls_loop_libc, NULL, 1);
}

static void calls_loop_raw(void *context, unsigned times)
{
	(void)context;
	for (unsigned i = 0; i < times; i++)
		call_getpid(0);
}

void calls_measure_raw(struct boundary_run *run)
{
	sample_measure(run, calls_loop_raw, NULL, 1);
}

#ifdef __x86_64__

#define I386_GETPID 20

/* A 64-bit program may use it too; the call is one of the i386 ABI then. */
static long calls_int80(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(I386_GETPID)
			 : "r8", "r9", "r10", "r11", "memory");
	return result;
}

static void calls_loop_int80(void *context, unsigned times)
{
	(void)context;
	for (unsigned i = 0; i < times; i++)
		calls_int80();
}

void calls_measure_int80(struct boundary_run *run)
{
	long result = calls_int80();

	if (result != getpid())
		sample_refuse(run, "the kernel does not answer it: %s", strerror((int)-result));
	else
		sample_measure(run, calls_loop_int80, NULL, 1);
}

/* The page that old programs jump into; the kernel catches the jump and makes the call. */
#define VSYSCALL_TIME 0xffffffffff600400ul

typedef time_t calls_time(time_t *seconds);

static void calls_loop_vsyscall(void *context, unsigned times)
{
	calls_time *call = (calls_time *)VSYSCALL_TIME;

	(void)context;
	for (unsigned i = 0; i < times; i++)
		call(NULL);
}

void calls_measure_vsyscall(struct boundary_run *run)
{
	sample_measure(run, calls_loop_vsyscall, NULL, 1);
}

void calls_measure_sysenter(struct boundary_run *run)
{
	sample_refuse(run, "only 32-bit programs can use it, this is a 64-bit one");
}

#else

void calls_measure_int80(struct boundary_run *run)
{
	sample_refuse(run, "only x86 has this instruction");
}

void calls_measure_vsyscall(struct boundary_run *run)
{
	sample_refuse(run, "only x86-64 has this page");
}

void calls_measure_sysenter(struct boundary_run *run)
{
	sample_refuse(run, "only x86 has this instruction");
}

#endif
