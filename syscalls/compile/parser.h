/* SPDX-License-Identifier: MIT */
/* What the parse_*.c files share: the cursor over tokens. */
#ifndef COMPILE_PARSER_H
#define COMPILE_PARSER_H

#include <setjmp.h>

#include "ast.h"

struct parser {
	struct program *program;
	const struct token *at;
	jmp_buf recover;   /* a syntax error ends the item at top level that it is in */
	bool in_arguments; /* `|` before a name and a colon is the split, not an operator */
	bool in_part;      /* `shifted` belongs to the part of a `bits`, not to its type */
};

/* parse.c: tokens */
_Noreturn void parse_fail(struct parser *p, const char *wanted);
bool parse_at(const struct parser *p, const char *text);
bool parse_at_name(const struct parser *p, unsigned ahead);
bool parse_mark_ahead(const struct parser *p, unsigned ahead, const char *text);
bool parse_take(struct parser *p, const char *text);
void parse_expect(struct parser *p, const char *text);
const char *parse_name(struct parser *p, const char *what);
struct name_node parse_name_node(struct parser *p, const char *what);
const char *parse_string(struct parser *p);
uint64_t parse_number(struct parser *p);
void parse_separators(struct parser *p);
/* After an item in braces: a separator or the closing brace must follow. */
void parse_item_end(struct parser *p);
/* ABI names as far as they go; an error if there is none. */
unsigned parse_abis(struct parser *p);
bool parse_base(struct parser *p, enum desc_base *base);

/* parse_expr.c */
struct expr *parse_expr(struct parser *p);
/* Without ?: on the outside, for keys that end in a colon. */
struct expr *parse_key_expr(struct parser *p);

/* parse_type.c */
struct type_node *parse_type(struct parser *p);
struct key_node parse_key(struct parser *p);
struct bits_node *parse_bits(struct parser *p);
struct struct_node *parse_fields(struct parser *p);

/* parse_decl.c */
void parse_enum(struct parser *p);
void parse_flags(struct parser *p);
void parse_const(struct parser *p);
void parse_alias(struct parser *p);
void parse_struct(struct parser *p);
void parse_overlay(struct parser *p);
void parse_fields_decl(struct parser *p);
void parse_bits_decl(struct parser *p);
void parse_view(struct parser *p);
void parse_record(struct parser *p);
void parse_hook(struct parser *p);

/* parse_member.c */
/* as TYPE, or as hex and the like on a plain number. */
struct type_node *parse_computed_type(struct parser *p);
struct member_node *parse_member(struct parser *p, bool argument);
void parse_members(struct parser *p, member_list *members);
/* A view's member: its type may be left out. */
struct member_node *parse_view_member(struct parser *p);
/* The name of an argument or of a member follows, not an alternative. */
bool parse_at_member(const struct parser *p);
/* A mark that takes nothing behind it. */
bool parse_plain_mark(struct parser *p, unsigned *flags);
void parse_member_marks(struct parser *p, struct member_node *member, struct alt_node *alt);

/* parse_call.c */
void parse_syscall(struct parser *p);

#endif
