/* SPDX-License-Identifier: MIT */
/*
 * The filter of src/tracer/seccomp_program.c, run here as the kernel would run it: its answer for each
 * number must be that of the sets it was made from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "mtrace/cli.h"
#include "mtrace/desc.h"
#include "mtrace/filter.h"

#include "../../src/tracer/seccomp.h"

#define STOP (SECCOMP_RET_TRACE | SECCOMP_OURS)

static const struct {
	uint32_t arch;
	enum abi_id abi;
	uint32_t base;
} archs[] = {
#if defined(__x86_64__) || defined(__i386__)
	{ AUDIT_ARCH_X86_64, ABI_X86_64, 0 },
	{ AUDIT_ARCH_X86_64, ABI_X32, ABI_X32_BIT },
	{ AUDIT_ARCH_I386, ABI_I386, 0 },
#elif defined(__aarch64__) || defined(__arm__)
	{ AUDIT_ARCH_AARCH64, ABI_AARCH64, 0 },
	{ AUDIT_ARCH_ARM, ABI_ARM, 0 },
#else
	{ AUDIT_ARCH_RISCV64, ABI_RISCV64, 0 },
#endif
};

/* seccomp(2): classic BPF over struct seccomp_data.  Fails on what the kernel would refuse. */
static uint32_t run(const struct sock_filter *code, unsigned short length,
		    const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < length;) {
		const struct sock_filter *here = &code[at++];
		bool yes = false;

		switch (here->code) {
		case BPF_RET | BPF_K:
			return here->k;
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(here->k % 4 == 0 && here->k + 4 <= sizeof(*data));
			memcpy(&a, (const char *)data + here->k, 4);
			continue;
		case BPF_JMP | BPF_JA:
			at += here->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == here->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= here->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = (a & here->k) != 0;
			break;
		default:
			fail_msg("instruction %zu has code %#x", at - 1, here->code);
		}
		at += yes ? here->jt : here->jf;
	}
	fail_msg("the end was reached");
	return 0;
}

struct fixture {
	struct options options;
	struct sock_filter *code;
	unsigned short length;
	bool restarts; /* restart_syscall is asked for */
};

static struct fixture compile(char *expression)
{
	char *words[] = { "mtrace", "-f", "--colocate=never", "-e", expression, "true", NULL };
	struct fixture f = { 0 };
	int status = 0;

	assert_int_equal(options_parse(&f.options, 6, words, &status), CLI_RUN);
	assert_true(f.options.seccomp.wanted);
	f.code = seccomp_compile(&f.options.seccomp, &f.length);
	assert_non_null(f.code);
	f.restarts = strstr(expression, "restart_syscall") != NULL ||
		     strstr(expression, "!getpid") != NULL;
	return f;
}

static void release(struct fixture *f)
{
	free(f->code);
	options_free(&f->options);
}

static uint32_t answer(const struct fixture *f, uint32_t arch, uint32_t nr, uint64_t first)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch, .args = { first } };

	return run(f->code, f->length, &data);
}

static bool is_one_of(const struct desc_row *row, const char *names)
{
	char name[64];

	if (row == NULL || row->name == NULL)
		return false;
	snprintf(name, sizeof(name), " %s ", row->name);
	return strstr(names, name) != NULL;
}

/* Is it asked for, or one that always stops? */
static bool expected(const struct fixture *f, enum abi_id abi, uint64_t nr)
{
	const struct call_set *trace = &f->options.trace;
	const struct desc_row *row = desc_find_row(abi, nr);

	if (is_one_of(row, " seccomp clone3 ") || call_set_has(trace, abi, nr))
		return true;
	if (is_one_of(row, " socketcall "))
		return trace->socketcalls.count > 0;
	if (is_one_of(row, " ipc "))
		return trace->ipccalls.count > 0;
	/* restart_syscall(2): by what it can be preceded (grep restart_block in the kernel). */
	return is_one_of(row, " poll nanosleep clock_nanosleep clock_nanosleep_time64 futex "
			      "futex_time64 ") &&
	       f->restarts;
}

static void test_every_number(void **state)
{
	static const char *const expressions[] = {
		"trace=openat", "trace=%file", "trace=!getpid", "trace=connect", "trace=none",
		"trace=/^[a-m]", "trace=restart_syscall", "trace=?nonsense",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++) {
		char text[64];
		struct fixture f;

		strcpy(text, expressions[i]);
		f = compile(text);
		for (size_t j = 0; j < sizeof(archs) / sizeof(archs[0]); j++) {
			for (uint32_t nr = 0; nr < 1200; nr++) {
				uint32_t got = answer(&f, archs[j].arch, archs[j].base + nr, 0);
				bool want = expected(&f, archs[j].abi, nr);

				if (got != (want ? STOP : (uint32_t)SECCOMP_RET_ALLOW))
					fail_msg("%s, %s %u: %#x", text,
						 abi_name(archs[j].abi), nr, got);
			}
		}
		release(&f);
	}
}

/* Far beyond the tables, and negative: `rest`. */
static void test_unknown_numbers(void **state)
{
	char some[] = "trace=openat";
	char others[] = "trace=!openat";
	struct fixture few = compile(some);
	struct fixture many = compile(others);
	static const uint32_t numbers[] = { 5000, 0x3fffffff, 0x40002000, 0x80000000, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_int_equal(answer(&few, archs[0].arch, numbers[i], 0), SECCOMP_RET_ALLOW);
		assert_int_equal(answer(&many, archs[0].arch, numbers[i], 0), STOP);
	}
	/* An architecture that we have no tables for. */
	assert_int_equal(answer(&many, AUDIT_ARCH_PPC, 1, 0), SECCOMP_RET_ALLOW);
	release(&few);
	release(&many);
}

static void test_arguments(void **state)
{
	char some[] = "trace=openat";
	struct fixture f = compile(some);

	(void)state;
	for (size_t j = 0; j < sizeof(archs) / sizeof(archs[0]); j++) {
		const struct seccomp_numbers *numbers =
			&f.options.seccomp.numbers[archs[j].abi];
		uint32_t arch = archs[j].arch;
		uint32_t prctl_nr = archs[j].base + (uint32_t)numbers->prctl;
		uint32_t clone_nr = archs[j].base + (uint32_t)numbers->clone;

		assert_int_equal(answer(&f, arch, prctl_nr, PR_SET_NAME), SECCOMP_RET_ALLOW);
		assert_int_equal(answer(&f, arch, prctl_nr, PR_SET_SECCOMP), STOP);
		/* The kernel looks at the lower half only. */
		assert_int_equal(answer(&f, arch, prctl_nr, PR_SET_SECCOMP | 1ULL << 32), STOP);
		assert_int_equal(answer(&f, arch, clone_nr, CLONE_VM | CLONE_THREAD),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(answer(&f, arch, clone_nr, CLONE_VM | CLONE_UNTRACED), STOP);
	}
	release(&f);
}

/* When there is to be a filter at all. */
static void expect_wanted(bool wanted, char *option, char *other)
{
	char *words[] = { "mtrace", "-e", "trace=openat", option, other, "true", NULL };
	struct options options = { 0 };
	int status = 0;

	assert_int_equal(options_parse(&options, 6, words, &status), CLI_RUN);
	assert_int_equal(options.seccomp.wanted, wanted);
	options_free(&options);
}

static void test_wanted(void **state)
{
	(void)state;
	expect_wanted(true, "-f", "-q");
	expect_wanted(true, "-f", "--seccomp-bpf");
	expect_wanted(false, "-f", "--no-seccomp-bpf");
	expect_wanted(false, "-q", "-q");
	expect_wanted(false, "-f", "-p1");
	expect_wanted(false, "-f", "--trace=all");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_number),
		cmocka_unit_test(test_unknown_numbers),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
