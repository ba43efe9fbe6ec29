/* SPDX-License-Identifier: MIT */
/*
 * The number tables that mtrace was built with against tests/data/numbers-*.txt: every number of
 * every ABI has the right name, argument count and classes, and there are no others.
 */
#include <linux/ipc.h>
#include <linux/net.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts.h"
#include "mtrace/desc.h"

static const struct {
	const char *name;
	uint32_t class;
} class_names[] = {
	{ "desc", CLASS_DESC },       { "file", CLASS_FILE },
	{ "memory", CLASS_MEMORY },   { "process", CLASS_PROCESS },
	{ "signal", CLASS_SIGNAL },   { "ipc", CLASS_IPC },
	{ "network", CLASS_NETWORK }, { "creds", CLASS_CREDS },
	{ "clock", CLASS_CLOCK },     { "stat", CLASS_STAT },
	{ "lstat", CLASS_LSTAT },     { "fstat", CLASS_FSTAT },
	{ "%stat", CLASS_STAT_LIKE }, { "statfs", CLASS_STATFS },
	{ "fstatfs", CLASS_FSTATFS }, { "%statfs", CLASS_STATFS_LIKE },
	{ "pure", CLASS_PURE },       { "never_fails", CLASS_NEVER_FAILS },
};

/* "desc,file" as bits; "-" is none. */
static uint32_t parse_classes(char *words)
{
	uint32_t classes = 0;
	char *rest = NULL;

	if (!strcmp(words, "-"))
		return 0;
	for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		size_t i = 0;

		while (i < sizeof(class_names) / sizeof(*class_names) &&
		       strcmp(class_names[i].name, word))
			i++;
		if (i == sizeof(class_names) / sizeof(*class_names))
			fail_msg("class %s is unknown", word);
		classes |= class_names[i].class;
	}
	return classes;
}

/* One line of the file against the table.  Returns how many of its columns differ. */
static unsigned check_row(enum abi_id abi, struct facts *facts)
{
	uint64_t nr = strtoull(facts->words[0], NULL, 0);
	const char *name = facts->words[1];
	unsigned count = (unsigned)strtoul(facts->words[2], NULL, 0);
	uint32_t classes = parse_classes(facts->words[3]);
	const struct desc_row *row = desc_find_row(abi, nr);
	unsigned wrong = 0;

	if (!row) {
		print_error("%s %llu: not in the table, should be %s\n", abi_name(abi),
			    (unsigned long long)nr, name);
		return 1;
	}
	if (strcmp(row->name, name)) {
		print_error("%s %llu: is %s, should be %s\n", abi_name(abi), (unsigned long long)nr,
			    row->name, name);
		wrong++;
	}
	if (row->arg_count != count) {
		print_error("%s %s: has %u arguments, should have %u\n", abi_name(abi), name,
			    row->arg_count, count);
		wrong++;
	}
	if (row->call->classes != classes) {
		print_error("%s %s: classes are 0x%x, should be 0x%x\n", abi_name(abi), name,
			    row->call->classes, classes);
		wrong++;
	}
	return wrong;
}

static unsigned count_rows(const struct desc_abi *table)
{
	unsigned count = 0;

	for (unsigned i = 0; i < table->row_count; i++)
		count += table->rows[i].name != NULL;
	for (unsigned i = 0; i < table->private_count; i++)
		count += table->private_rows[i].name != NULL;
	return count;
}

static void check_abi(void **state)
{
	enum abi_id abi = (enum abi_id)(uintptr_t)*state;
	unsigned rows = 0, wrong = 0;
	struct facts facts;
	char name[64];

	snprintf(name, sizeof(name), "numbers-%s.txt", abi_name(abi));
	facts_open(&facts, name);
	while (facts_next(&facts)) {
		assert_int_equal(facts.count, 4);
		wrong += check_row(abi, &facts);
		rows++;
	}
	assert_true(rows > 300);
	assert_int_equal(wrong, 0);
	assert_int_equal(count_rows(&desc_abis[abi]), rows);
}

/* What a multiplexer leads to, by the system's own names for its first argument. */
struct multiplexed {
	unsigned key;
	const char *name;
};

static void check_multiplexer(const struct multiplexed *expected, size_t expected_count,
			      const struct desc_row *rows, unsigned row_count)
{
	unsigned found = 0;

	for (size_t i = 0; i < expected_count; i++) {
		unsigned key = expected[i].key;

		assert_true(key < row_count);
		assert_non_null(rows[key].name);
		assert_string_equal(rows[key].name, expected[i].name);
	}
	for (unsigned i = 0; i < row_count; i++)
		found += rows[i].name != NULL;
	assert_int_equal(found, expected_count);
}

static void check_socketcall(void **state)
{
	static const struct multiplexed expected[] = {
		{ SYS_SOCKET, "socket" },
		{ SYS_BIND, "bind" },
		{ SYS_CONNECT, "connect" },
		{ SYS_LISTEN, "listen" },
		{ SYS_ACCEPT, "accept" },
		{ SYS_GETSOCKNAME, "getsockname" },
		{ SYS_GETPEERNAME, "getpeername" },
		{ SYS_SOCKETPAIR, "socketpair" },
		{ SYS_SEND, "send" },
		{ SYS_RECV, "recv" },
		{ SYS_SENDTO, "sendto" },
		{ SYS_RECVFROM, "recvfrom" },
		{ SYS_SHUTDOWN, "shutdown" },
		{ SYS_SETSOCKOPT, "setsockopt" },
		{ SYS_GETSOCKOPT, "getsockopt" },
		{ SYS_SENDMSG, "sendmsg" },
		{ SYS_RECVMSG, "recvmsg" },
		{ SYS_ACCEPT4, "accept4" },
		{ SYS_RECVMMSG, "recvmmsg" },
		{ SYS_SENDMMSG, "sendmmsg" },
	};

	(void)state;
	check_multiplexer(expected, sizeof(expected) / sizeof(*expected), desc_socketcalls,
			  desc_socketcall_count);
}

static void check_ipc(void **state)
{
	static const struct multiplexed expected[] = {
		{ SEMOP, "semop" },           { SEMGET, "semget" }, { SEMCTL, "semctl" },
		{ SEMTIMEDOP, "semtimedop" }, { MSGSND, "msgsnd" }, { MSGRCV, "msgrcv" },
		{ MSGGET, "msgget" },         { MSGCTL, "msgctl" }, { SHMAT, "shmat" },
		{ SHMDT, "shmdt" },           { SHMGET, "shmget" }, { SHMCTL, "shmctl" },
	};

	(void)state;
	check_multiplexer(expected, sizeof(expected) / sizeof(*expected), desc_ipccalls,
			  desc_ipccall_count);
}

/* ipc and socketcall multiplex where 32-bit ABIs have them, and nothing else does. */
static void check_multiplex_marks(void **state)
{
	(void)state;
	for (unsigned abi = 0; abi < ABI_COUNT; abi++)
		for (unsigned i = 0; i < desc_abis[abi].row_count; i++) {
			const struct desc_row *row = &desc_abis[abi].rows[i];
			unsigned expected = MULTIPLEX_NONE;

			if (row->name && !strcmp(row->name, "socketcall"))
				expected = MULTIPLEX_SOCKETCALL;
			if (row->name && !strcmp(row->name, "ipc"))
				expected = MULTIPLEX_IPC;
			assert_int_equal(row->multiplex, expected);
			if (row->name)
				assert_int_equal(row->compat, abi == ABI_X32 && i >= 512);
		}
}

#define ABI_TEST(abi) \
	{ \
		"numbers of " #abi, check_abi, NULL, NULL, (void *)(uintptr_t)(abi) \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ABI_TEST(ABI_X86_64),
		ABI_TEST(ABI_X32),
		ABI_TEST(ABI_I386),
		ABI_TEST(ABI_AARCH64),
		ABI_TEST(ABI_ARM),
		ABI_TEST(ABI_RISCV64),
		cmocka_unit_test(check_socketcall),
		cmocka_unit_test(check_ipc),
		cmocka_unit_test(check_multiplex_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
