/* SPDX-License-Identifier: MIT */
/*
 * What hooks may do: look at a number or a bounded window, and build values.  A hook never makes
 * text that a renderer would make, and has no FILE, no pid and no ptrace, so that -X, -v and every
 * output format work for it as for everything else.  Values live as long as the call.
 */
#ifndef MTRACE_DECODE_BUILD_H
#define MTRACE_DECODE_BUILD_H

#include "mtrace/value.h"

struct builder;

/* What the hook found: one value.  Without it the hook shows nothing. */
void build_result(struct builder *b, struct value *value);

/* A number; it counts as unsigned unless base is BASE_DEC and it was made by build_signed. */
struct value *build_number(struct builder *b, uint64_t number, enum desc_base base);
struct value *build_signed(struct builder *b, int64_t number);

/* A number that names make up: parts are added in order of showing. */
struct value *build_symbols(struct builder *b, uint64_t number, enum desc_base base);
/* `name` is kept, not copied; NULL shows `number` in hexadecimal. */
void build_part(struct builder *b, struct value *symbols, const char *name, uint64_t number);
/* A part without a name, with a comment behind it: 0xf0 with BPF_???. */
void build_part_unknown(struct builder *b, struct value *symbols, uint64_t number,
			const char *comment);
/* Puts `joiner` between parts instead of "|". */
void build_joiner(struct value *symbols, const char *joiner);

/* A word that stands for itself. */
struct value *build_text(struct builder *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Bytes that are shown quoted; they are copied. */
struct value *build_string(struct builder *b, const void *bytes, size_t len);
/*
 * A string of `len` bytes as -s lets it through.  `ended`: a NUL follows it in memory, which counts as one
 * of its bytes for the limit and for -x and -xx.
 */
struct value *build_text_field(struct builder *b, const uint8_t *bytes, size_t len, bool ended);
/* callee(...): arguments are appended. */
struct value *build_call(struct builder *b, const char *callee);
/* The bytes that a call stands for, which -X raw shows; they are copied. */
void build_stands_for(struct builder *b, struct value *call, const void *bytes, size_t len);
/* The number that a call stands for, which -X raw shows. */
void build_stands_for_number(struct builder *b, struct value *call, uint64_t number,
			     enum desc_base base);
/* Appends an argument to a call; `name` may be NULL. */
void build_append(struct value *parent, const char *name, struct value *child);
/* Adds what is shown as a comment behind the value. */
void build_comment(struct builder *b, struct value *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A formatted string that lives as long as the call. */
const char *build_printf(struct builder *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A walk hook's bytes: *len of them, a copy that does not change. */
const uint8_t *build_window(struct builder *b, size_t *len);
/* The name of the member that the hook stands for, if text shows it without (`bare`); else NULL. */
const char *build_bare_member(const struct builder *b);
enum abi_id build_abi(const struct builder *b);
/* Bytes of the type that the number was read from. */
unsigned build_width(const struct builder *b);
/* The name of a network interface, NULL if there is none. */
const char *build_interface(struct builder *b, unsigned index);

#endif
