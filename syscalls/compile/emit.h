/* SPDX-License-Identifier: MIT */
/*
 * What the emit_*.c files share: text that grows, and a pool of definitions.  What is written twice
 * the same is defined once.
 */
#ifndef COMPILE_EMIT_H
#define COMPILE_EMIT_H

#include "model.h"

struct text {
	char *at;
	size_t len, room;
};

struct emitter {
	struct checker *checker;
	struct text out;
	struct map pool; /* kind and initializer -> name */
	unsigned serial;
	LIST(struct rtype *) named; /* declared, to be defined */
	LIST(const struct rtype *) structs;
};

/* emit.c */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A definition `static const KIND NAME = INITIALIZER;`, or the one like it; answers NAME. */
const char *emit_define(struct emitter *e, const char *kind, const char *prefix, bool array,
			const char *initializer);
/* "text" or NULL, as C writes it. */
const char *emit_string(const char *text);
const char *emit_number(int64_t number);
/* A name that C takes: struct.view becomes struct__view. */
const char *emit_name(const char *name);
/* An int64_t for each ABI. */
const char *emit_table(struct emitter *e, const int64_t *values);
bool emit_same(const int64_t *values);

/* emit_type.c; answers are expressions: "&t7", "NULL". */
const char *emit_expr(struct emitter *e, struct rexpr *expr);
const char *emit_set(struct emitter *e, struct set *set);
const char *emit_type(struct emitter *e, struct rtype *type);
/* An initializer of an array of fields: "NULL" if there are none. */
const char *emit_fields(struct emitter *e, struct rfield *const *fields, unsigned count,
			bool places);
/* The marks of a field that the engine can go by without looking at alternatives and types (desc.h). */
unsigned field_shape(const struct rfield *field);
/* Defines all types that were referred to by name so far. */
void emit_named_types(struct emitter *e);

/* emit_call.c */
void emit_calls(struct emitter *e);
void emit_numbers(struct emitter *e);

#endif
