/* SPDX-License-Identifier: MIT */
/*
 * Inside --boundary: the probes (calls.c, dispatch.c, files.c, filters.c, ptraced.c, uring.c), how
 * they measure (sample.c) and what becomes of the figures (table.c, records.c).
 */
#ifndef BOUNDARY_BOUNDARY_H
#define BOUNDARY_BOUNDARY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mtrace/buf.h"

#define BOUNDARY_SAMPLES 256 /* at most so many batches */
#define BOUNDARY_REASON 160

/* One measurement, in memory that the child shares with us. */
struct boundary_run {
	int cpu;       /* on which it runs */
	int other_cpu; /* another one that may be used; -1: none */
	unsigned count;
	double samples[BOUNDARY_SAMPLES]; /* ns per operation, of a batch each */
	char reason[BOUNDARY_REASON];     /* why there are none; empty: no reason known */
};

/* A way to cross.  `measure` runs in a child, and may end it by whatever it likes. */
struct boundary_probe {
	const char *name;  /* in records */
	const char *title; /* in the table, at most 36 columns */
	void (*measure)(struct boundary_run *run);
	int signal;         /* by which a child dies on machines that lack this way; 0: none */
	const char *killed; /* what that means */
};

/* What came out.  Times in ns per operation. */
struct boundary_result {
	const struct boundary_probe *probe;
	double least, low, median, high; /* of the batches; low and high: the quartiles */
	unsigned samples;                /* 0: not measured */
	char reason[BOUNDARY_REASON];
};

struct boundary_mitigation {
	char *name; /* of the vulnerability, as the kernel has it */
	char *text; /* "Not affected", "Vulnerable...", "Mitigation: ..." */
};

/* What the figures depend on.  Strings are owned. */
struct boundary_machine {
	char *cpu;
	char *kernel;
	char *clock; /* the clock source */
	long cpus;
	bool is_virtual;
	bool is_filtered; /* we run under a seccomp filter ourselves, as in a container */
	double ghz;       /* cycles per ns; 0: not known */
	bool is_counted;  /* by perf_event_open(2) rather than by the time stamp counter */
	struct boundary_mitigation *mitigations;
	size_t mitigation_count;
};

/* The probes, in families. */
void calls_measure_function(struct boundary_run *run);
void calls_measure_vdso(struct boundary_run *run);
void calls_measure_clock(struct boundary_run *run);
void calls_measure_libc(struct boundary_run *run);
void calls_measure_raw(struct boundary_run *run);
void calls_measure_int80(struct boundary_run *run);
void calls_measure_sysenter(struct boundary_run *run);
void calls_measure_vsyscall(struct boundary_run *run);
void dispatch_measure_passed(struct boundary_run *run);
void dispatch_measure_caught(struct boundary_run *run);
void files_measure_write(struct boundary_run *run);
void files_measure_read(struct boundary_run *run);
void files_measure_readv(struct boundary_run *run);
void files_measure_page(struct boundary_run *run);
void files_measure_disk(struct boundary_run *run);
void uring_measure_1(struct boundary_run *run);
void uring_measure_8(struct boundary_run *run);
void uring_measure_64(struct boundary_run *run);
void filters_measure_allow(struct boundary_run *run);
void filters_measure_docker(struct boundary_run *run);
void filters_measure_arguments(struct boundary_run *run);
void ptraced_measure_1_same(struct boundary_run *run);
void ptraced_measure_2_same(struct boundary_run *run);
void ptraced_measure_1_other(struct boundary_run *run);
void ptraced_measure_2_other(struct boundary_run *run);

/* A file that is there without our making one, in the page cache and on a disk: our own program. */
#define BOUNDARY_FILE "/proc/self/exe"

/* The filter that RET_TRACEs getpid(2) and allows the rest; false with errno (filters.c). */
bool filters_install_trace(void);

/* The operation, `times` in a row. */
typedef void boundary_loop(void *context, unsigned times);

/*
 * Runs `loop` in batches, after a warm-up, for some 60 ms, and notes ns per operation; each of
 * `times` stands for `operations` of them.
 */
void sample_measure(struct boundary_run *run, boundary_loop *loop, void *context,
		    unsigned operations);
/* Nothing was measured, for this reason: no capital, no full stop. */
void sample_refuse(struct boundary_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Median and quartiles; sorts the samples. */
void sample_conclude(struct boundary_run *run, struct boundary_result *result);
/* CLOCK_MONOTONIC in ns. */
double sample_now(void);
/* To one CPU; false with errno (sched_setaffinity(2)). */
bool sample_pin(int cpu);

void machine_describe(struct boundary_machine *machine);
void machine_free(struct boundary_machine *machine);
/* PTI, as the file on Meltdown has it: "on", "off (...)"; NULL if the kernel does not tell. */
const char *machine_kpti(const struct boundary_machine *machine);

/* Both print `results` in their order; `base`: the median of an empty function call, 0: not known. */
void table_print_boundary(struct buf *out, const struct boundary_machine *machine,
			  const struct boundary_result *results, size_t count, double base);
void records_print_boundary(struct buf *out, const struct boundary_machine *machine,
			    const struct boundary_result *results, size_t count);

/* getpid(2) by the instruction itself, nothing of libc's around it. */
static inline long call_getpid(long ignored)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_getpid), "D"(ignored)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long number __asm__("x8") = SYS_getpid;
	register long result __asm__("x0") = ignored;

	__asm__ volatile("svc #0" : "+r"(result) : "r"(number) : "memory");
	return result;
#elif defined(__riscv)
	register long number __asm__("a7") = SYS_getpid;
	register long result __asm__("a0") = ignored;

	__asm__ volatile("ecall" : "+r"(result) : "r"(number) : "memory");
	return result;
#else
	return syscall(SYS_getpid, ignored);
#endif
}

#endif
