/* SPDX-License-Identifier: MIT */
/*
 * The descriptions as parsed: what scan.c and parse*.c build and the checker (model.h) resolves.
 * Nothing here is ever freed: the compiler runs once, briefly, on the build machine.
 */
#ifndef COMPILE_AST_H
#define COMPILE_AST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtrace/desc.h"

#define ALL_ABIS ((1u << ABI_COUNT) - 1)

struct pos {
	const char *file;
	unsigned line;
	unsigned column;
};

/* ---- memory, lists, maps (ast.c) --------------------------------------------------------- */

void *mem_alloc(size_t size);
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_copy_text(const char *text, size_t len);
void *list_grow(void *at, unsigned *count, unsigned *room, size_t size);

/* A growing array; elements move when it grows, so nodes are kept by pointer. */
#define LIST(type) \
	struct { \
		type *at; \
		unsigned count, room; \
	}
/* clang-format off */
#define LIST_ADD(list, value) \
	do { \
		const size_t list_size_ = sizeof(*(list)->at); /* NOLINT(bugprone-sizeof-expression) */ \
		(list)->at = list_grow((list)->at, &(list)->count, &(list)->room, list_size_); \
		(list)->at[(list)->count - 1] = (value); \
	} while (0)
/* clang-format on */

struct map {
	struct map_slot {
		const char *key;
		void *value;
	} * slots;
	unsigned count, room;
};

void *map_get(const struct map *map, const char *key);
void map_put(struct map *map, const char *key, void *value);

/* ---- tokens (scan.c) --------------------------------------------------------------------- */

enum token_kind { TOKEN_END, TOKEN_NEWLINE, TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_MARK };

struct token {
	enum token_kind kind;
	unsigned depth;   /* of open brackets */
	const char *text; /* a newline's is "end of line" */
	uint64_t number;
	struct pos pos;
};

/* ---- expressions ------------------------------------------------------------------------- */

enum expr_kind {
	EXPR_NUMBER,
	EXPR_NAME,   /* name */
	EXPR_PART,   /* name.part */
	EXPR_DEREF,  /* *name */
	EXPR_OLD,    /* old a, where a is one of the three above */
	EXPR_SIZEOF, /* type */
	EXPR_IOC,    /* name(a, b, type): the ioctl code that IO, IOR, IOW, IOWR make */
	EXPR_UNARY,  /* op a */
	EXPR_BINARY, /* a op b */
	EXPR_COND,   /* a ? b : c */
};

struct expr {
	enum expr_kind kind;
	struct pos pos;
	enum desc_op_code op;
	int64_t number;
	const char *name;
	const char *part;
	struct type_node *type;
	struct expr *a, *b, *c;
};

typedef LIST(struct expr *) expr_list;

/* ---- types ------------------------------------------------------------------------------- */

enum type_node_kind {
	NODE_NAME,    /* name or name.view, args */
	NODE_POINTER, /* phase, of */
	NODE_CHANGE,  /* of => then */
	NODE_ARRAY,   /* of, extent, length, where; name: the set of indices or NULL */
	NODE_STRING,  /* name: cstr or path; length or NULL */
	NODE_BYTES,   /* length; NULL: to the end of the window */
	NODE_BITSET,  /* length */
	NODE_BY,      /* choice */
	NODE_STRUCT,  /* body: anonymous struct, overlay or fields */
	NODE_BITS,    /* bits */
	NODE_NOTHING,
	NODE_OF,     /* of, name */
	NODE_AS,     /* of, name; time: length or NULL */
	NODE_FLAG,   /* of, flag: shifted, complement; 0: aligned */
	NODE_BUDGET, /* of, length */
};

struct type_node {
	enum type_node_kind kind;
	struct pos pos;
	const char *name;
	const char *view;
	expr_list args;
	enum desc_phase phase;
	enum desc_extent extent;
	unsigned flag;
	unsigned first; /* NODE_BITSET */
	struct type_node *of;
	struct type_node *then;
	struct expr *length;
	struct expr *where;
	struct choice_node *choice;
	struct struct_node *body;
	struct bits_node *bits;
};

struct key_node {
	struct expr *value; /* NULL: any */
	struct expr *mask;  /* NULL: all bits */
};

struct arm_node {
	struct pos pos;
	struct key_node keys[2];
	struct type_node *type;
};

struct choice_node {
	struct pos pos;
	expr_list keys;
	const char *table; /* NULL: arms are here */
	LIST(struct arm_node *) arms;
	struct type_node *otherwise;
};

/* ---- members ----------------------------------------------------------------------------- */

struct alt_node {
	struct type_node *type; /* NULL: a view keeps what the struct says */
	struct expr *shown_if;
	struct expr *follow;
};

struct member_node {
	struct pos pos;
	const char *name; /* "_": spliced, or a slot that is not shown */
	unsigned flags;   /* enum desc_field_flag */
	unsigned abis;
	LIST(struct alt_node *) alts;
	struct expr *from;
	struct expr *keep;
	const char *count_one;
	const char *count_many;
	unsigned bits; /* of `fields` */
};

typedef LIST(struct member_node *) member_list;

struct name_node {
	const char *name;
	struct pos pos;
};

typedef LIST(struct name_node) name_list;

enum struct_kind { KIND_STRUCT, KIND_OVERLAY, KIND_FIELDS, KIND_RECORD };

struct struct_node {
	enum struct_kind kind;
	struct pos pos;
	member_list members;
	bool has_show;
	bool flat, tail, numbered, decimal, deep;
	struct expr *date_seconds;
	struct expr *date_fraction;
	unsigned date_digits;
	name_list show;
	const char *callee;
	struct expr *sized;
	struct expr *min;
	unsigned fill;
	unsigned packed; /* ABIs */
	unsigned align;
	unsigned width; /* KIND_FIELDS: of the number, as in desc_type */
	/* KIND_RECORD */
	struct expr *len;
	struct expr *align_items;
	member_list bodies;
	bool merged;
};

struct part_node {
	struct pos pos;
	struct expr *mask;      /* NULL: rest */
	struct type_node *type; /* a name is that of a set or of a type */
	const char *name;
	bool shifted;
	const char *shown_shift;
	bool apart;
	bool nonzero;
};

struct bits_node {
	struct pos pos;
	unsigned width;
	bool is_signed;
	bool has_base;
	enum desc_base base;
	const char *unknown;
	const char *zero;
	LIST(struct part_node *) parts;
};

/* ---- declarations ------------------------------------------------------------------------ */

enum decl_kind {
	DECL_ALIAS,  /* alias */
	DECL_STRUCT, /* body */
	DECL_VIEW,   /* of, body->members: those shown */
	DECL_BITS,   /* bits */
	DECL_HOOK,   /* walk hook used as a type */
};

/* Anything that a type can be called by. */
struct decl {
	enum decl_kind kind;
	struct pos pos;
	const char *name; /* struct.view for a view */
	unsigned abis;
	name_list params;
	struct type_node *alias;
	struct struct_node *body;
	struct bits_node *bits;
	const char *of;
	struct hook *hook;
	struct decl *next; /* the same name for other ABIs */
	/* resolved */
	struct rtype *type;
	struct scope *scope;
	bool resolving, resolved, used;
};

struct entry {
	const char *name;
	struct pos pos;
	struct set *set; /* NULL: a const */
	struct expr *value;
	LIST(struct override_node {
		unsigned abis;
		struct expr *value;
	})
	overrides;
	unsigned abis;
	bool covers;
	/* resolved */
	int64_t values[ABI_COUNT];
	bool valued, valuing, used;
	struct entry *next; /* the same name in another set */
};

struct set {
	const char *name;
	struct pos pos;
	enum desc_set_kind kind;
	enum desc_base base;
	const char *unknown;
	const char *zero;
	bool comment;
	LIST(struct entry *) entries;
	struct map by_name;
	bool used, valued;
	const char *ref; /* emitted as */
};

struct table {
	const char *name;
	struct pos pos;
	LIST(struct type_node *) keys;
	LIST(struct arm_node *) rows;
	struct type_node *otherwise;
	LIST(struct rtype *) key_types;
	bool used, resolving;
};

struct hook {
	const char *name;
	struct pos pos;
	bool walk;
	bool used;
};

struct abi_info {
	bool defined;
	struct pos pos;
	unsigned word, klong, align64;
	bool pairs_even;
};

/* ---- calls ------------------------------------------------------------------------------- */

struct note_node {
	struct pos pos;
	const char *label;
	struct expr *at; /* or */
	struct expr *value;
	struct type_node *type;
	struct expr *shown_if;
	unsigned flags; /* enum desc_field_flag */
};

struct form_arm_node {
	struct pos pos;
	struct expr *value;
	struct form_node *form;
};

struct form_node {
	struct pos pos;
	member_list args;
	bool has_split;
	unsigned split;
	struct expr *split_if;
	struct type_node *ret;
	LIST(struct note_node *) notes;
	struct expr *key;
	LIST(struct form_arm_node *) arms;
	struct form_node *otherwise;
};

struct regs_node {
	struct pos pos;
	unsigned abis;
	name_list names;
};

struct call {
	const char *name;
	struct pos pos;
	unsigned classes;
	bool named;
	bool declared_only;
	unsigned slots;      /* 0: counted */
	const char *same_as; /* arguments are `memory_args` words where the one argument points */
	unsigned memory_args;
	struct form_node *form;
	LIST(struct regs_node *) regs;
	/* resolved */
	struct rform *rform;
	unsigned slot_count[ABI_COUNT];
	bool has_row;
	const char *ref;
};

/* ---- numbers ----------------------------------------------------------------------------- */

struct row {
	struct pos pos;
	uint64_t nr;
	const char *name;
	const char *call_name;
	struct call *call;
	enum desc_multiplex multiplex;
	bool compat;
	bool included; /* from generic.tbl */
};

struct number_table {
	const char *name;
	struct pos pos;
	LIST(struct row *) rows;
	LIST(struct row *) private_rows;
	bool has_private;
	uint64_t private_base;
	LIST(struct use_node {
		struct pos pos;
		const char *name;
		uint64_t from;
		uint64_t to;
	})
	uses;
	name_list drops;
};

/* ---- everything -------------------------------------------------------------------------- */

struct diagnostic {
	struct pos pos;
	const char *text;
};

#define DIAGNOSTICS_MAX 100u

struct program {
	LIST(struct diagnostic) diagnostics;
	struct abi_info abis[ABI_COUNT];
	struct map decls;   /* name -> struct decl */
	struct map sets;    /* name -> struct set */
	struct map entries; /* name -> struct entry, sets' and consts */
	struct map tables;
	struct map hooks; /* scalar ones */
	struct map
		walks; /* walk hooks, as struct decl: they are types where no type is called so */
	struct map calls;
	LIST(struct decl *) decl_list;
	LIST(struct set *) set_list;
	LIST(struct entry *) const_list;
	LIST(struct table *) table_list;
	LIST(struct arm_row {
		const char *table;
		struct pos pos;
		struct arm_node *arm;
		struct type_node *otherwise;
	})
	row_list;
	LIST(struct hook *) hook_list;
	LIST(struct call *) call_list;
	LIST(struct number_table *) number_list;
};

/* main.c: one diagnostic at a place; the same one is kept once. */
void report(struct program *program, struct pos pos, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ast.c: an ABI or a group of them as a mask, 0 if `name` is none. */
unsigned abis_by_name(const char *name);
/* The name of the ABI in enum abi_id. */
const char *abi_text(unsigned abi);

/* scan.c: all tokens of a file's text, newlines only where they end an item. */
struct token *scan_text(struct program *program, const char *file, const char *text);

/* parse.c: adds what a file declares. */
void parse_file(struct program *program, const char *file, const char *text);

/* numbers.c: the same for a number table; then the rows of all tables put together. */
void numbers_parse_file(struct program *program, const char *file, const char *text);
/* `partial`: rows whose call is not there are left out. */
void numbers_join(struct program *program, bool partial);

#endif
