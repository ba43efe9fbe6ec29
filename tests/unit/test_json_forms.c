/* SPDX-License-Identifier: MIT */
/*
 * Objects of JSON that are not structs are told by their keys (mtrace-json(5)).  No description may have a
 * struct that could be taken for one of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mtrace/desc.h"

/* Keys that tell a form: all of `needed` are there. */
static const struct {
	const char *name;
	const char *needed[2];
} forms[] = {
	{ "number", { "value", "names" } },   { "number", { "value", "text" } },
	{ "number", { "value", "path" } },    { "number", { "value", "command" } },
	{ "number", { "value", "comment" } }, { "string", { "string", NULL } },
	{ "address", { "address", NULL } },   { "function", { "call", "args" } },
	{ "change", { "before", "after" } },  { "complement", { "not", NULL } },
	{ "text", { "text", NULL } },
};

static bool struct_has(const struct desc_struct *body, const char *name)
{
	for (unsigned i = 0; i < body->show_count; i++) {
		const struct desc_field *field = &body->fields[body->show[i]];

		if (field->name != NULL && strcmp(field->name, name) == 0)
			return true;
	}
	return false;
}

static const char *form_of(const struct desc_struct *body)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (struct_has(body, forms[i].needed[0]) &&
		    (forms[i].needed[1] == NULL || struct_has(body, forms[i].needed[1])))
			return forms[i].name;
	}
	return NULL;
}

static void test_structs_are_told_apart(void **unused)
{
	(void)unused;
	assert_true(desc_struct_count > 100);
	for (unsigned i = 0; i < desc_struct_count; i++) {
		const struct desc_struct *body = desc_structs[i]->body;
		const char *form = body != NULL ? form_of(body) : NULL;

		if (form != NULL)
			fail_msg("struct %s looks like %s", body->name, form);
	}
}

static void test_the_test(void **unused)
{
	static const struct desc_field fields[] = { { .name = "value" }, { .name = "names" } };
	static const uint16_t show[] = { 0, 1 };
	struct desc_struct body = { .fields = fields, .show = show, .show_count = 2 };

	(void)unused;
	assert_string_equal(form_of(&body), "number");
	body.show_count = 1;
	assert_null(form_of(&body));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structs_are_told_apart),
		cmocka_unit_test(test_the_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
