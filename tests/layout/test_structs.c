/* SPDX-License-Identifier: MIT */
/*
 * Layouts of described structs against the system's headers: for the ABI of this compiler, as
 * compiled in (system_*.c), for others by tests/data/layout-*.txt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "facts.h"
#include "layout.h"
#include "mtrace/desc.h"

/* Structs of one name share it between ABIs: the one that this ABI has. */
static const struct desc_type *find_struct(const char *name, enum abi_id abi)
{
	const struct desc_type *found = NULL;

	for (unsigned i = 0; i < desc_struct_count; i++) {
		const struct desc_type *type = desc_structs[i];

		if (strcmp(type->name, name))
			continue;
		found = type;
		if (type->size && type->size[abi])
			break;
	}
	return found;
}

/* A member by name, and where it is: members of spliced structs are members too. */
static const struct desc_field *find_member(const struct desc_type *type, enum abi_id abi,
					    const char *name, unsigned *offset)
{
	for (unsigned i = 0; i < type->body->field_count; i++) {
		const struct desc_field *field = &type->body->fields[i];
		const struct desc_field *inner;

		if (field->flags & (FIELD_COMPUTED | FIELD_AT))
			continue;
		*offset = field->place[abi];
		if (field->name && !strcmp(field->name, name))
			return field;
		if (!(field->flags & FIELD_SPLICED) || !field->alts[0].type->body)
			continue;
		inner = find_member(field->alts[0].type, abi, name, offset);
		if (inner) {
			*offset += field->place[abi];
			return inner;
		}
	}
	return NULL;
}

/* A size of 0 is one that is not fixed, or not known. */
static bool size_differs(const struct desc_type *type, enum abi_id abi, unsigned size)
{
	return size && type->size && type->size[abi] && type->size[abi] != size;
}

/* Returns 1 if the description differs from the row. */
static unsigned check_row(enum abi_id abi, const struct layout_row *row)
{
	const struct desc_type *type = find_struct(row->name, abi);
	const struct desc_field *field;
	unsigned offset;

	if (!type) {
		print_error("struct %s is not described\n", row->name);
		return 1;
	}
	if (!row->member) {
		if (!size_differs(type, abi, row->size))
			return 0;
		print_error("%s struct %s: has %u bytes, should have %u\n", abi_name(abi),
			    row->name, type->size[abi], row->size);
		return 1;
	}
	field = find_member(type, abi, row->member, &offset);
	if (!field) {
		print_error("struct %s has no member %s\n", row->name, row->member);
		return 1;
	}
	if (offset != row->offset) {
		print_error("%s %s.%s: is at %u, should be at %u\n", abi_name(abi), row->name,
			    row->member, offset, row->offset);
		return 1;
	}
	if (size_differs(field->alts[0].type, abi, row->size)) {
		print_error("%s %s.%s: has %u bytes, should have %u\n", abi_name(abi), row->name,
			    row->member, field->alts[0].type->size[abi], row->size);
		return 1;
	}
	return 0;
}

static enum abi_id own_abi(void)
{
#if defined(__x86_64__) && defined(__ILP32__)
	return ABI_X32;
#elif defined(__x86_64__)
	return ABI_X86_64;
#elif defined(__i386__)
	return ABI_I386;
#elif defined(__aarch64__)
	return ABI_AARCH64;
#elif defined(__arm__)
	return ABI_ARM;
#elif defined(__riscv)
	return ABI_RISCV64;
#else
	return ABI_COUNT;
#endif
}

static void check_own_abi(void **state)
{
	unsigned wrong = 0;

	(void)state;
	if (own_abi() == ABI_COUNT)
		skip();
	for (unsigned i = 0; i < kernel_layout_count; i++)
		wrong += check_row(own_abi(), &kernel_layout[i]);
	for (unsigned i = 0; i < libc_layout_count; i++)
		wrong += check_row(own_abi(), &libc_layout[i]);
	assert_int_equal(wrong, 0);
}

static void check_other_abi(void **state)
{
	enum abi_id abi = (enum abi_id)(uintptr_t)*state;
	unsigned wrong = 0, rows = 0;
	struct facts facts;
	char name[64];

	snprintf(name, sizeof(name), "layout-%s.txt", abi_name(abi));
	facts_open(&facts, name);
	while (facts_next(&facts)) {
		struct layout_row row;

		assert_int_equal(facts.count, 4);
		row.name = facts.words[0];
		row.member = strcmp(facts.words[1], "-") ? facts.words[1] : NULL;
		row.offset = (unsigned)strtoul(facts.words[2], NULL, 10);
		row.size = (unsigned)strtoul(facts.words[3], NULL, 10);
		wrong += check_row(abi, &row);
		rows++;
	}
	assert_true(rows > 100);
	assert_int_equal(wrong, 0);
}

#define ABI_TEST(abi) \
	{ \
		"structs of " #abi, check_other_abi, NULL, NULL, (void *)(uintptr_t)(abi) \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_own_abi),
		ABI_TEST(ABI_I386),
		ABI_TEST(ABI_X32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
