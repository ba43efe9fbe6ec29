/* SPDX-License-Identifier: MIT */
/*
 * The descriptions as resolved: names are pointers, expressions are code, types have layouts.
 * resolve*.c builds it from the syntax tree (ast.h), layout.c and phase.c judge it, emit*.c writes
 * it.  Resolving begins at the calls, so what is never reached is unused.
 */
#ifndef COMPILE_MODEL_H
#define COMPILE_MODEL_H

#include <stdio.h>

#include "ast.h"

/* One operation; constants carry their value for each ABI until they are written. */
struct rop {
	enum desc_op_code code;
	unsigned depth;
	unsigned index;
	int64_t values[ABI_COUNT]; /* OP_CONST */
	struct rtype *size_of;     /* OP_CONST whose value the layout will tell */
	struct rtype *ioc_of;      /* the same, shifted to where an ioctl code has a size */
};

struct rexpr {
	struct expr *ast;
	struct scope *scope;
	struct rtype *element; /* of `where`: the element's members are seen instead */
	LIST(struct rop) ops;
	bool uses_result; /* ret or err */
	bool folded;      /* size_of is known now */
	const char *ref;
};

/* What names mean at a place. */
struct scope {
	struct scope *parent;    /* lexically enclosing; NULL for what is named */
	struct rstruct *body;    /* members; NULL for the parameters of an alias and for calls */
	const struct decl *decl; /* parameters; NULL if there are none */
	struct rform *form;      /* call: arguments of this form */
	bool same_frame;         /* an arm: its arguments continue those of parent */
	unsigned first;          /* index of the first argument of this form */
};

struct ralt {
	struct rtype *type;
	struct rexpr *shown_if;
	struct rexpr *follow;
};

struct rfield {
	struct pos pos;
	const char *name;
	unsigned flags;
	unsigned abis;
	LIST(struct ralt) alts;
	struct rexpr *from;
	struct rexpr *keep;
	const char *count_one;
	const char *count_many;
	unsigned place[ABI_COUNT];
};

struct rstruct {
	struct pos pos;
	const char *name; /* NULL if it has none */
	enum struct_kind kind;
	LIST(struct rfield *) fields;
	LIST(unsigned) show;
	LIST(struct rfield *) bodies;
	const char *callee;
	struct rexpr *sized;
	struct rexpr *min;
	unsigned fill;
	struct rexpr *align_items;
	unsigned packed;
	unsigned align;
	unsigned abis;
	struct scope *scope;
	bool has_in;
	bool flat, tail, numbered, decimal, deep;
	struct rexpr *date_seconds;
	struct rexpr *date_fraction;
	unsigned date_digits;
	/* layout */
	bool laid, laying;
	unsigned size[ABI_COUNT];
	unsigned alignment[ABI_COUNT];
	bool varies[ABI_COUNT];
	unsigned second[ABI_COUNT]; /* offset of the second member */
	const char *ref;
};

struct rpart {
	const char *name;
	uint64_t mask;
	unsigned shift;
	enum desc_base base;
	bool nonzero, apart, is_signed;
	struct set *set;
	const char *shown_shift;
};

struct rarm {
	struct pos pos;
	struct key_node keys[2];
	int64_t values[2][ABI_COUNT];
	int64_t masks[2];
	struct rtype *type;
};

struct rchoice {
	struct pos pos;
	struct scope *scope;
	LIST(struct rexpr *) keys;
	LIST(struct rarm) arms;
	struct rtype *otherwise;
	bool by_abi; /* arms are variants of one name */
	struct table *table;
	const char *ref;
};

struct rtype {
	enum desc_type_kind kind;
	struct pos pos;
	unsigned width;
	bool is_signed;
	enum desc_base base;
	enum desc_role role;
	enum desc_phase phase;
	enum desc_extent extent;
	unsigned flags;
	unsigned first;
	const char *name;
	struct set *set;
	struct rtype *of;
	struct rtype *then;
	struct rexpr *length;
	struct rexpr *budget;
	struct rexpr *where;
	struct rstruct *body;
	LIST(struct rpart) parts;
	const char *bits_unknown;
	const char *bits_zero;
	bool has_bits_set;
	struct rchoice *choice;
	LIST(struct rexpr *) args;
	struct hook *hook;
	const struct decl *decl; /* the declaration that this is the type of; NULL: anonymous */
	bool aligned;            /* to its size, whatever the ABI does */
	struct rtype *layout_of; /* WALK_HOOK on a struct: the struct */
	unsigned abis;           /* where it exists */
	/* layout */
	bool laid, laying;
	unsigned size[ABI_COUNT];
	unsigned alignment[ABI_COUNT];
	bool varies[ABI_COUNT];
	unsigned phases_seen; /* phase.c */
	unsigned abis_seen;
	const char *ref; /* emit.c */
};

struct rnote {
	struct pos pos;
	struct rfield *field;
};

struct rform {
	struct form_node *node;
	struct scope *scope;
	LIST(struct rfield *) args;
	unsigned split;
	bool above_split; /* all arguments are behind that of the form above */
	struct rexpr *split_if;
	struct rtype *ret;
	LIST(struct rfield *) notes;
	struct rexpr *key;
	LIST(struct rform_arm {
		struct pos pos;
		struct expr *ast;
		int64_t values[ABI_COUNT];
		struct rform *form;
	})
	arms;
	struct rform *otherwise;
	const char *ref;
};

/* The state of resolving; `program` is what it is about. */
struct checker {
	struct program *program;
	bool rooted;  /* what is reached now is used */
	bool partial; /* an unfinished tree: unused is no error */
	LIST(struct decl *) pending_decls;
	LIST(struct rexpr *) pending_exprs;
	LIST(struct rchoice *) pending_choices;
	LIST(struct rform *) pending_forms;
	struct map type_cache; /* builtin types by name */
	LIST(struct rtype *) types;
	LIST(struct rstruct *) structs;
	LIST(struct rexpr *) exprs;
	LIST(struct decl *) resolved; /* used declarations in order */
	struct rtype *siginfo;
	struct set *errnos;
	struct set *signals;
};

/* sets.c: values of entries, overlapping flags, lookup by bare name. */
void sets_resolve(struct checker *c);
struct set *set_find(struct checker *c, const char *name, struct pos pos);
/* Sets that a name is looked up in first. */
struct set_hint {
	struct set *sets[8];
	unsigned count;
};
struct entry *entry_find(struct checker *c, const char *name, const struct set_hint *hint,
			 struct pos pos);
/* Its value in the ABI; where it does not exist, 0 for flags and a number that nothing equals else. */
int64_t entry_value(const struct entry *entry, unsigned abi);
#define NO_VALUE INT64_MIN

/* resolve.c: from the roots to everything. */
void checker_run(struct checker *c);

/* types.c */
struct rtype *type_new(struct checker *c, enum desc_type_kind kind, struct pos pos);
struct rtype *type_resolve(struct checker *c, const struct type_node *node, struct scope *scope);
struct rtype *type_of_decl(struct checker *c, struct decl *decl);
void decl_resolve_members(struct checker *c, struct decl *decl);
struct rexpr *expr_later(struct checker *c, struct expr *ast, struct scope *scope);
struct rtype *type_builtin(struct checker *c, const char *name);
/* `of SET`, `as X` and the like on a type, which is copied. */
struct rtype *type_with_set(struct checker *c, struct rtype *type, struct set *set, struct pos pos);
struct rtype *type_shown_as(struct checker *c, struct rtype *type, const char *as,
			    struct rexpr *fraction, struct pos pos);
struct rtype *type_with_flag(struct checker *c, struct rtype *type, unsigned flag, struct pos pos);
struct rtype *type_with_budget(struct checker *c, struct rtype *type, struct rexpr *budget,
			       struct pos pos);
struct rtype *type_of_bits(struct checker *c, const struct bits_node *node, struct scope *scope);

/* structs.c */
struct rstruct *struct_new(struct checker *c, const struct struct_node *node, const char *name,
			   struct scope *parent, const struct decl *decl);
void struct_resolve(struct checker *c, struct rstruct *body, const struct struct_node *node);
void view_resolve(struct checker *c, struct decl *decl);
struct rfield *field_new(struct checker *c, const struct member_node *node);
void field_resolve(struct checker *c, struct rfield *field, const struct member_node *node,
		   struct scope *scope);

/* calls.c */
void call_resolve(struct checker *c, struct call *call);
void calls_place_arguments(struct checker *c);

/* exprs.c */
/* A member, argument or parameter that a name means. */
struct found {
	struct rfield *field;
	unsigned depth;
	unsigned index;
	bool is_param;
};
bool scope_find(const struct scope *scope, const char *name, struct found *found);
void expr_resolve(struct checker *c, struct rexpr *e);
/* Appends the code of `ast` to e. */
void code_expr(struct checker *c, struct rexpr *e, const struct scope *scope,
	       const struct expr *ast, const struct set_hint *hint);
/* Once layouts are known: sizeof becomes a number, constants fold. */
void expr_fold(struct checker *c, struct rexpr *e);
/* The value if it is one, the same whatever the tracee does. */
bool expr_constant(struct checker *c, struct rexpr *e, unsigned abi, int64_t *value);
/* Three-valued with nothing known but the ABI. */
bool expr_known(struct checker *c, struct rexpr *e, unsigned abi, int64_t *value);
/* The same with parameters that are known. */
bool expr_known_with(struct checker *c, struct rexpr *e, unsigned abi, const int64_t *params,
		     int64_t *value);
unsigned expr_depth(const struct rexpr *e);
/* The members that a type has as a frame: what `where` sees. */
struct rstruct *type_struct(struct rtype *type);

/* keys.c */
void choice_resolve(struct checker *c, struct rchoice *choice);
void form_resolve_keys(struct checker *c, struct rform *form);
/* The sets of a type, or of what an expression names. */
void hint_type(struct set_hint *hint, const struct rtype *type, const char *part);
void hint_expr(struct set_hint *hint, const struct scope *scope, const struct expr *e);
void hint_join(struct set_hint *hint, const struct set_hint *other);

/* layout.c */
void layout_type(struct checker *c, struct rtype *type);
unsigned width_of(const struct checker *c, unsigned width, unsigned abi);
void layout_all(struct checker *c);

/* phase.c: what is read at entry may not use the result; types exist where rows lead to them. */
void phases_check(struct checker *c);

/* emit.c */
bool emit_files(struct checker *c, const char *tables, const char *header);

#endif
