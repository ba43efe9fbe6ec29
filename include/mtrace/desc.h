/* SPDX-License-Identifier: MIT */
/*
 * The tables that syscalls/compile generates from the descriptions: const data, no code.  The
 * engine (src/decode) interprets them; filters and renderers look at names and sets only.
 *
 * Everything that differs between ABIs (offsets, sizes, argument slots, set values) is an array
 * indexed by enum abi_id.
 */
#ifndef MTRACE_DESC_H
#define MTRACE_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtrace/abi.h"

struct desc_type;
struct desc_struct;
struct builder;

/* ---- numbers and names ------------------------------------------------------------------- */

enum desc_base {
	BASE_DEC,
	BASE_HEX,     /* 0x1f, 0 */
	BASE_OCT,     /* 0644, 0 */
	BASE_OCT3,    /* at least three digits: 000, 022, 0644 (file modes) */
	BASE_PAD_HEX, /* 0x and zeros to the full width of the type */
	BASE_ADDR,    /* an address: NULL or 0x7ffe... */
};

/* What an integer means beyond its number. */
enum desc_role {
	ROLE_NONE,
	ROLE_FD,    /* file descriptor, annotated by -y */
	ROLE_DIRFD, /* the same, AT_FDCWD included */
	ROLE_PID,   /* process or thread, annotated by -Y */
	ROLE_TIME,  /* seconds since the epoch, the date as a comment; `length`: nanoseconds */
	ROLE_DATE,  /* the same as a date only */
	ROLE_ID,    /* user or group: unsigned, but all ones is -1 */
};

struct desc_entry {
	const char *name;
	uint64_t value; /* flags and enums; sign-extended to 64 bits for negative ones */
};

enum desc_set_kind { SET_ENUM, SET_FLAGS };

struct desc_set {
	const char *name;
	uint8_t kind; /* enum desc_set_kind */
	uint8_t base; /* enum desc_base of the raw number */
	bool comment; /* ENUM: the number is shown, its name as a comment */
	const char
		*unknown; /* comment of a value that no entry covers: "O_???"; NULL: no comment */
	const char *zero; /* FLAGS: name for 0; NULL: "0" */
	/* FLAGS in order of showing; ENUM sorted by value.  ABIs without differences share one list. */
	struct {
		const struct desc_entry *entries;
		unsigned count;
	} by_abi[ABI_COUNT];
};

/* ---- expressions ------------------------------------------------------------------------- */

/*
 * Postfix code over a stack of signed 64-bit numbers, each with a mark "known".  An operation on
 * an unknown number yields unknown, && and || as in three-valued logic; an unknown condition
 * counts as false, an unknown length as 0.
 */
enum desc_op_code {
	OP_END,
	OP_CONST,     /* k */
	OP_ABI_CONST, /* table[abi]: a set constant or sizeof that differs between ABIs */
	OP_FIELD,     /* member `index` of the frame `depth` lexical levels up (0: innermost) */
	OP_PARAM,     /* parameter `index` of that frame */
	OP_DEREF,     /* the scalar that pointer member `index` of that frame points to: *arg */
	OP_OLD_FIELD, /* the same three, as they were when the call was entered */
	OP_OLD_DEREF,
	OP_RET,       /* the call's result; unknown before its end */
	OP_ERR,       /* 0 or the errno; unknown before its end */
	OP_INDEX,     /* of the array element being decoded */
	OP_AVAIL,     /* bytes from here to the end of the window */
	OP_SELF,      /* the number being decoded (bits, computed members of a scalar) */
	OP_ABI,       /* enum abi_id of the call */
	OP_SP,        /* stack pointer at entry */
	OP_VIA_IPC,   /* 1 if the call came through ipc() or socketcall() */
	OP_FIELD_AND, /* OP_FIELD, OP_CONST and OP_AND in one, as most conditions begin: FIELD & k */
	OP_NOT,
	OP_NEG,
	OP_INV,
	OP_EQ_CONST, /* OP_CONST and OP_EQ in one: == k */
	OP_NE_CONST,
	OP_NETLINK, /* NETLINK_* protocol of the socket whose descriptor is on the stack; -1: none */
	OP_MUL,
	OP_DIV,
	OP_MOD,
	OP_ADD,
	OP_SUB,
	OP_SHL,
	OP_SHR,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_EQ,
	OP_NE,
	OP_AND,
	OP_XOR,
	OP_OR,
	OP_LAND,
	OP_LOR,  /* both operands are evaluated: expressions have no side effects */
	OP_COND, /* a ? b : c from three stack entries */
};

struct desc_op {
	uint8_t code; /* enum desc_op_code */
	uint8_t depth;
	uint16_t index;
	int64_t k;
	const int64_t *table;
};

/* The deepest stack that any expression needs; the compiler rejects more. */
#define DESC_EXPR_STACK 16

/* ---- types --------------------------------------------------------------------------------- */

enum desc_type_kind {
	TYPE_INT,     /* width, is_signed, base, role; `set` if its values have names */
	TYPE_BITS,    /* width; parts; `set` has no entries but what `unknown` and `zero` say */
	TYPE_POINTER, /* width 8 or WIDTH_WORD (0 means that too); phase; of */
	TYPE_CHANGE,  /* one address seen twice: of at entry => then at exit, both pointers */
	TYPE_STRING,  /* bytes up to a NUL, at most `length` of them if given */
	TYPE_BYTES,   /* `length` bytes */
	TYPE_ARRAY,   /* of; how many says `extent` with `length` */
	TYPE_STRUCT,  /* body; with a width: all members are computed from the number (OP_SELF) */
	TYPE_RECORD, /* self-delimiting items: body is the head, `length` the item's whole length */
	TYPE_BITSET, /* numbers of set bits, named by `set` or by role */
	TYPE_CHOICE, /* one of arms, by keys */
	TYPE_APPLY,  /* of, a type with parameters: args are evaluated in the frame here */
	TYPE_SCALAR_HOOK, /* width; the hook turns the number into a value */
	TYPE_WALK_HOOK,   /* the hook reads the window */
	TYPE_NOTHING,     /* shown as nothing at all; a result: "?" */
};

/* Widths beyond 1, 2, 4 and 8 bytes: those that the ABI decides. */
enum { WIDTH_WORD = 16, WIDTH_KLONG = 17 };

enum desc_phase {
	PHASE_PASS,  /* that of the enclosing pointer */
	PHASE_IN,    /* read when the call is entered */
	PHASE_OUT,   /* read when it has ended */
	PHASE_INOUT, /* members marked `in` at entry, the rest at exit */
};

enum desc_extent {
	EXTENT_COUNT,      /* `length` elements */
	EXTENT_UNTIL_ZERO, /* up to an element that is zero, which is not shown */
	EXTENT_BYTES,      /* elements in `length` bytes */
	EXTENT_WINDOW,     /* elements to the end of the window */
};

enum desc_type_flag {
	TYPE_BIG_ENDIAN = 1 << 0,
	TYPE_PATH = 1 << 1,       /* STRING: names a file */
	TYPE_IN_HEX = 1 << 2,     /* BYTES: shown as \xNN always */
	TYPE_MERGED = 1 << 3,     /* RECORD: head and body are one struct; else [{head}, body] */
	TYPE_SHIFTED = 1 << 4,    /* FLAGS set of bit numbers: 1<<CAP_CHOWN */
	TYPE_COMPLEMENT = 1 << 5, /* BITSET: shown as ~[...] if two thirds are set */
};

/* One sub-field of TYPE_BITS, in order of showing. */
struct desc_part {
	const char *name; /* for JSON and --describe; may be NULL */
	uint64_t mask;
	uint8_t shift; /* the part's number is (n & mask) >> shift; names of a set
	                              * that are already in place have shift 0 */
	uint8_t base;  /* if there is no set */
	bool nonzero;  /* not shown when 0 */
	bool apart;    /* a group of its own; else joined to the group before */
	bool is_signed;
	const struct desc_set *set;
	const char *shown_shift; /* "MAP_HUGE_SHIFT": 21<<MAP_HUGE_SHIFT; "28": 1<<28 */
};

struct desc_choice {
	const struct desc_op *const *keys; /* one or two expressions */
	unsigned key_count;
	const struct desc_arm *arms; /* in the order written; the first match wins */
	unsigned arm_count;
	const struct desc_type *otherwise; /* NULL: shown as nothing */
};

struct desc_arm {
	/* Each key matches if (key & mask) == value; mask -1 for exact, 0 for any. */
	struct {
		int64_t value;
		int64_t mask;
		const int64_t *by_abi; /* value where it differs between ABIs; else NULL */
	} match[2];
	const struct desc_type *type;
};

struct desc_type {
	uint8_t kind;  /* enum desc_type_kind */
	uint8_t width; /* 1, 2, 4, 8, WIDTH_WORD, WIDTH_KLONG; BITSET: of its unit */
	bool is_signed;
	uint8_t base;     /* enum desc_base */
	uint8_t role;     /* enum desc_role */
	uint8_t phase;    /* POINTER: enum desc_phase */
	uint8_t extent;   /* ARRAY: enum desc_extent */
	uint8_t first;    /* BITSET: the number that bit 0 stands for */
	uint16_t flags;   /* enum desc_type_flag */
	const char *name; /* of the alias or struct; NULL if it has none */
	const struct desc_set
		*set; /* of the values; ARRAY: of the indices, shown as [NAME]=value */
	const struct desc_type *of;   /* POINTER, CHANGE, ARRAY, APPLY */
	const struct desc_type *then; /* CHANGE */
	const struct desc_op *length;
	const struct desc_op *budget; /* POINTER, ARRAY: bytes for all buffers inside; NULL: none */
	const struct desc_op *where;  /* ARRAY: elements for which it holds; NULL: all */
	const struct desc_struct *body;
	const struct desc_part *parts;
	unsigned part_count;
	const struct desc_choice *choice;
	const struct desc_op *const *args; /* APPLY */
	unsigned arg_count;
	void (*scalar)(struct builder *, uint64_t number);
	void (*walk)(struct builder *);
	/* Bytes in memory per ABI; 0: varies, or the type does not exist there.  RECORD: of the head. */
	const uint32_t *size;
};

/* ---- members and arguments ----------------------------------------------------------------- */

/* One alternative of a member: the first whose condition holds is shown. */
struct desc_alt {
	const struct desc_op *shown_if; /* NULL: always */
	const struct desc_op *follow;   /* `when`: follow the pointer only then; NULL: default */
	const struct desc_type *type;
};

enum desc_field_flag {
	FIELD_VERBOSE = 1 << 0,  /* with -v only; otherwise "..." at the end */
	FIELD_NONZERO = 1 << 1,  /* only if a bit of it is set */
	FIELD_KEEP = 1 << 2,     /* old => new where they differ */
	FIELD_IN = 1 << 3,       /* within inout: known at entry */
	FIELD_OUT = 1 << 4,      /* within inout: known at exit, left out if the call failed */
	FIELD_HIDDEN = 1 << 5,   /* layout only */
	FIELD_SPLICED = 1 << 6,  /* members of its struct are members here */
	FIELD_BARE = 1 << 7,     /* text shows it without its name */
	FIELD_BRIEF = 1 << 8,    /* pointer: the address unless -v */
	FIELD_COMPUTED = 1 << 9, /* no memory: `from` is its number */
	FIELD_AT = 1 << 10,      /* memory at address `from` (notes) or offset `from` (members) */
	FIELD_SKIPPED = 1 << 11, /* argument slot that is not shown: _ */
	/*
	 * What the compiler finds out, so that the engine need not ask each time: the field has one
	 * alternative and no mark but `verbose` and `bare`; its type is ...
	 */
	FIELD_PLAIN = 1 << 12,   /* an integer or bits in the byte order of the ABI */
	FIELD_POINTER = 1 << 13, /* a pointer of the word's width, of any phase but PHASE_INOUT */
	FIELD_ALWAYS = 1 << 14,  /* with one of these: it is shown whatever the others are */
};

struct desc_field {
	const char *name;
	uint16_t flags; /* enum desc_field_flag */
	uint8_t abis;   /* bit 1 << abi_id: exists there */
	const struct desc_alt *alts;
	unsigned alt_count;
	const struct desc_op *from; /* COMPUTED, AT */
	const struct desc_op *keep; /* condition of `keep`; NULL: always */
	const char *count_one;      /* BRIEF: comment with the count: "var", "vars" */
	const char *count_many;
	/* Member: byte offset.  Argument: number of its first slot. */
	const uint16_t *place; /* [ABI_COUNT] */
};

enum desc_struct_flag {
	STRUCT_HAS_IN = 1 << 0,   /* a member is marked `in`: shown piecewise within inout */
	STRUCT_OVERLAY = 1 << 1,  /* members share their bytes, all are shown */
	STRUCT_FLAT = 1 << 2,     /* the one member that is shown stands for the struct */
	STRUCT_NUMBERED = 1 << 3, /* shown as a call, but is a number for -X raw */
	STRUCT_TAIL = 1 << 4, /* sized: bytes behind the members always in hex, not only with -v */
	STRUCT_FIXED =
		1 << 5, /* found by the compiler: of the same size always, that of its type */
	STRUCT_DECIMAL = 1 << 6, /* NUMBERED: a decimal number */
	STRUCT_DEEP = 1 << 7,    /* NUMBERED: -X verbose shows the members' numbers as well */
};

struct desc_struct {
	const char *name;
	const struct desc_field *fields; /* memory order: what OP_FIELD counts */
	unsigned field_count;
	const uint16_t *show; /* indices in order of showing */
	unsigned show_count;
	const uint16_t *brief; /* those of `show` that abbreviation does not leave out; NULL: all */
	unsigned brief_count;
	uint8_t left_out; /* bit 1 << abi_id: abbreviation leaves a member out there */
	uint8_t flags;
	const char *callee;          /* shown as a call: makedev; NULL: in braces */
	const struct desc_op *sized; /* bytes that the tracee says there are; NULL: fixed */
	const uint32_t *min;         /* [ABI_COUNT] sized: fewer than that is an address */
	uint32_t fill;               /* sized: missing bytes below this offset are zeros */
	/* The date that the struct tells, as a comment; NULL: none. */
	const struct desc_op *date_seconds;
	const struct desc_op *date_fraction;
	uint8_t date_digits; /* of the fraction: 9 or 6 */
	/* RECORD only. */
	const struct desc_op *align;     /* items begin at multiples of it */
	const struct desc_field *bodies; /* one field per shown body, after the head */
	unsigned body_count;
};

/* ---- calls --------------------------------------------------------------------------------- */

enum desc_class {
	CLASS_DESC = 1 << 0,
	CLASS_FILE = 1 << 1,
	CLASS_MEMORY = 1 << 2,
	CLASS_PROCESS = 1 << 3,
	CLASS_SIGNAL = 1 << 4,
	CLASS_IPC = 1 << 5,
	CLASS_NETWORK = 1 << 6,
	CLASS_CREDS = 1 << 7,
	CLASS_CLOCK = 1 << 8,
	CLASS_STAT = 1 << 9,
	CLASS_LSTAT = 1 << 10,
	CLASS_FSTAT = 1 << 11,
	CLASS_STAT_LIKE = 1 << 12, /* %%stat */
	CLASS_STATFS = 1 << 13,
	CLASS_FSTATFS = 1 << 14,
	CLASS_STATFS_LIKE = 1 << 15, /* %%statfs */
	CLASS_PURE = 1 << 16,
	CLASS_NEVER_FAILS = 1 << 17,
};

/* The arguments that follow a key, and the result that goes with them. */
struct desc_form {
	const struct desc_field *args; /* the arguments that this form adds, in order of showing */
	unsigned arg_count;
	/* Index among args where the exit half begins; UINT32_MAX: nowhere in this form. */
	uint32_t split;
	const struct desc_op *split_if; /* it does so only if this holds; NULL: always */
	bool split_implied; /* by an argument that waits for the end; none if it does not */
	bool plain; /* found by the compiler: no arms, no split; arguments PLAIN and ALWAYS */
	const struct desc_type *ret; /* NULL: given by an arm */
	const struct desc_field *notes;
	unsigned note_count;
	/* Arms; keys NULL if there are none. */
	const struct desc_op *key;
	const struct desc_form_arm *arms;
	unsigned arm_count;
	const struct desc_form *otherwise;
};

struct desc_form_arm {
	int64_t value;
	const int64_t *by_abi; /* NULL: value everywhere */
	const struct desc_form *form;
};

enum desc_multiplex { MULTIPLEX_NONE, MULTIPLEX_SOCKETCALL, MULTIPLEX_IPC };

struct desc_syscall {
	const char *name;
	uint32_t classes;    /* enum desc_class */
	uint8_t arg_count;   /* slots that -e raw shows */
	bool named;          /* text shows the arguments' names (clone) */
	uint8_t memory_args; /* the first slot points to this many words, the arguments (i386 mmap) */
	const struct desc_form *form; /* NULL: declared, not described yet */
};

/* One row of a number table. */
struct desc_row {
	const char *name; /* NULL: no such call in this ABI */
	uint32_t nr;      /* in private_rows, where numbers have gaps */
	const struct desc_syscall *call;
	uint8_t arg_count; /* of this row, pairs counted as the kernel does */
	uint8_t name_len;  /* of `name`; 0: not counted */
	uint8_t multiplex; /* enum desc_multiplex */
	bool compat;       /* x32: arguments are those of the 32-bit kernel entry */
};

struct desc_abi {
	const char *name;
	uint8_t word;
	uint8_t klong;
	const struct desc_row *rows;
	unsigned row_count;
	const struct desc_row *private_rows; /* arm: numbers from private_base on, sorted by nr */
	uint32_t private_base;
	unsigned private_count;
};

extern const struct desc_abi desc_abis[ABI_COUNT];
/* Every call described or declared, sorted by name. */
extern const struct desc_syscall *const desc_syscalls[];
extern const unsigned desc_syscall_count;
/* Rows that socketcall and ipc lead to, indexed by the first argument. */
extern const struct desc_row desc_socketcalls[];
extern const unsigned desc_socketcall_count;
extern const struct desc_row desc_ipccalls[];
extern const unsigned desc_ipccall_count;
/* All sets, and all structs and views without parameters, sorted by name: for tests. */
extern const struct desc_set *const desc_sets[];
extern const unsigned desc_set_count;
extern const struct desc_type *const desc_structs[];
extern const unsigned desc_struct_count;
/* Errors and signals, for renderers and filters. */
extern const struct desc_set *const desc_errnos;
extern const struct desc_set *const desc_signals;
/* The view of struct siginfo that signal lines show; its one parameter is unused. */
extern const struct desc_type *const desc_siginfo;

/* The same as desc_find_row(), of numbers beyond an ABI's dense table. */
const struct desc_row *desc_find_private_row(enum abi_id abi, uint64_t nr);

/* The row of call number `nr` (as the table counts), NULL if the ABI has none. */
static inline const struct desc_row *desc_find_row(enum abi_id abi, uint64_t nr)
{
	const struct desc_row *row;

	if (abi >= ABI_COUNT)
		return NULL;
	if (nr >= desc_abis[abi].row_count)
		return desc_find_private_row(abi, nr);
	row = &desc_abis[abi].rows[nr];
	return row->name ? row : NULL;
}

/* The described or declared call of that name, NULL if there is none. */
const struct desc_syscall *desc_find_syscall(const char *name);

/* The name of `value` in an enum, NULL if it has none. */
const char *desc_set_name(const struct desc_set *set, enum abi_id abi, uint64_t value);

#endif
