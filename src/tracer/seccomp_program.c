/* SPDX-License-Identifier: MIT */
/*
 * The seccomp filter: a decision tree over numbers of calls, for each ABI.  Called by seccomp.c.
 *
 * Numbers fall into ranges with one answer each, which a binary search finds in some eight steps.
 * The kernel runs the filter once for each number and remembers where the answer is ALLOW whatever
 * the arguments are (Linux 5.11), so that most calls run no filter at all.
 */
#include "seccomp.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "mtrace/xalloc.h"

/* Jumps that decide have 8 bits for a distance. */
#define NEAR 255

enum answer {
	ANSWER_ALLOW,
	ANSWER_STOP,
	ANSWER_PRCTL, /* STOP if it installs a filter */
	ANSWER_CLONE, /* STOP if the child would not be traced */
};

/* Numbers from `first` to the next range's, as struct seccomp_data has them. */
struct range {
	uint32_t first;
	enum answer answer;
};

struct program {
	struct sock_filter *code;
	size_t length;
	size_t size;
	struct range *ranges; /* of the ABI at work */
	size_t range_count;
	size_t range_size;
};

static void program_add(struct program *program, uint16_t code, uint32_t k, size_t if_true,
			size_t if_false)
{
	if (program->length == program->size) {
		program->size = program->size * 2 + 64;
		program->code = xrealloc(program->code, program->size, sizeof(*program->code));
	}
	program->code[program->length++] = (struct sock_filter){
		.code = code, .jt = (uint8_t)if_true, .jf = (uint8_t)if_false, .k = k
	};
}

static void program_return(struct program *program, bool stop)
{
	program_add(program, BPF_RET | BPF_K,
		    stop ? SECCOMP_RET_TRACE | SECCOMP_OURS : SECCOMP_RET_ALLOW, 0, 0);
}

/* The lower half of the first argument decides: both of these are ints. */
static void program_test_argument(struct program *program, uint16_t test, uint32_t k)
{
	uint32_t low = offsetof(struct seccomp_data, args);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	low += sizeof(uint32_t);
#endif
	program_add(program, BPF_LD | BPF_W | BPF_ABS, low, 0, 0);
	program_add(program, BPF_JMP | test | BPF_K, k, 1, 0);
	program_return(program, false);
	program_return(program, true);
}

static void program_answer(struct program *program, enum answer answer)
{
	switch (answer) {
	case ANSWER_ALLOW:
	case ANSWER_STOP:
		program_return(program, answer == ANSWER_STOP);
		break;
	case ANSWER_PRCTL:
		program_test_argument(program, BPF_JEQ, PR_SET_SECCOMP);
		break;
	case ANSWER_CLONE:
		program_test_argument(program, BPF_JSET, CLONE_UNTRACED);
		break;
	}
}

/* Decides among ranges [from, to): what is below the middle one comes next, the rest behind it. */
static void program_search(struct program *program, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2;
	size_t test;
	size_t distance;

	if (to - from == 1) {
		program_answer(program, program->ranges[from].answer);
		return;
	}
	test = program->length;
	program_add(program, BPF_JMP | BPF_JGE | BPF_K, program->ranges[middle].first, 0, 1);
	program_add(program, BPF_JMP | BPF_JA, 0, 0, 0);
	program_search(program, from, middle);
	distance = program->length - test - 2;
	if (distance + 1 <= NEAR) {
		/* Near enough without the long jump: it becomes a step to the next instruction. */
		program->code[test].jt = (uint8_t)(distance + 1);
	} else {
		program->code[test + 1].k = (uint32_t)distance;
	}
	program_search(program, middle, to);
}

static void program_add_range(struct program *program, uint32_t first, enum answer answer)
{
	if (program->range_count > 0) {
		struct range *last = &program->ranges[program->range_count - 1];

		if (last->answer == answer)
			return;
		if (last->first == first) {
			last->answer = answer;
			return;
		}
	}
	if (program->range_count == program->range_size) {
		program->range_size = program->range_size * 2 + 64;
		program->ranges = xrealloc(program->ranges, program->range_size,
					   sizeof(*program->ranges));
	}
	program->ranges[program->range_count++] = (struct range){ first, answer };
}

static enum answer plan_answer(const struct seccomp_plan *plan, enum abi_id abi, uint64_t nr)
{
	const struct seccomp_numbers *numbers = &plan->numbers[abi];

	if (bitset_has(&plan->stops.numbers[abi], nr))
		return ANSWER_STOP;
	if ((int64_t)nr == numbers->prctl)
		return ANSWER_PRCTL;
	if ((int64_t)nr == numbers->clone)
		return ANSWER_CLONE;
	return ANSWER_ALLOW;
}

/* The ranges of one ABI, from number `base` on. */
static void program_add_abi(struct program *program, const struct seccomp_plan *plan,
			    enum abi_id abi, uint32_t base)
{
	uint64_t limit = plan->numbers[abi].limit;

	for (uint64_t nr = 0; nr < limit; nr++)
		program_add_range(program, base + (uint32_t)nr, plan_answer(plan, abi, nr));
	program_add_range(program, base + (uint32_t)limit,
			  plan->stops.rest ? ANSWER_STOP : ANSWER_ALLOW);
}

/* Calls with `arch`, an AUDIT_ARCH_* constant; ABI_X32 shares that of ABI_X86_64 (abi_of_call()). */
static void program_add_arch(struct program *program, const struct seccomp_plan *plan,
			     uint32_t arch, enum abi_id abi)
{
	size_t test = program->length;

	program_add(program, BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0);
	program_add(program, BPF_JMP | BPF_JA, 0, 0, 0);
	program_add(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	program->range_count = 0;
	program_add_abi(program, plan, abi, 0);
	if (abi == ABI_X86_64) {
		program_add_abi(program, plan, ABI_X32, ABI_X32_BIT);
		program_add_range(program, ABI_X32_BIT << 1,
				  plan->stops.rest ? ANSWER_STOP : ANSWER_ALLOW);
	}
	program_search(program, 0, program->range_count);
	program->code[test + 1].k = (uint32_t)(program->length - test - 2);
}

struct sock_filter *seccomp_compile(const struct seccomp_plan *plan, unsigned short *length)
{
	struct program program = { 0 };

	program_add(&program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
#if defined(__x86_64__) || defined(__i386__)
	program_add_arch(&program, plan, AUDIT_ARCH_X86_64, ABI_X86_64);
	program_add_arch(&program, plan, AUDIT_ARCH_I386, ABI_I386);
#elif defined(__aarch64__) || defined(__arm__)
	program_add_arch(&program, plan, AUDIT_ARCH_AARCH64, ABI_AARCH64);
	program_add_arch(&program, plan, AUDIT_ARCH_ARM, ABI_ARM);
#elif defined(__riscv)
	program_add_arch(&program, plan, AUDIT_ARCH_RISCV64, ABI_RISCV64);
#endif
	program_return(&program, false);
	free(program.ranges);
	if (program.length > BPF_MAXINSNS) {
		free(program.code);
		return NULL;
	}
	*length = (unsigned short)program.length;
	return program.code;
}
