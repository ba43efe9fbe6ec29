/* SPDX-License-Identifier: MIT */
/*
 * What decoding yields and rendering consumes: a tree of values in the arena of the call's tracee.
 * A value says what is there, never how it looks: renderers own quoting, -X and separators.
 *
 * A READY value never changes.  What only the kernel's answer will tell is PENDING until the call
 * ends and is then filled in place, so a renderer that has shown a prefix of the tree at entry can
 * continue behind it at exit.
 */
#ifndef MTRACE_VALUE_H
#define MTRACE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtrace/desc.h"

enum value_kind {
	VALUE_INT,    /* num, shown in `base`; sign already applied */
	VALUE_FLAGS,  /* groups: one number each, with the names that cover it */
	VALUE_STRING, /* bytes and len */
	VALUE_ADDR,   /* num: NULL or an address that was not followed or could not be read */
	VALUE_STRUCT, /* named children in braces */
	VALUE_ARRAY,  /* children in brackets; a pointer to one scalar is an array of one */
	VALUE_CALL,   /* children as arguments of `callee`: makedev(0x1, 0x3) */
	VALUE_CHANGE, /* two children: before => after; the second may be PENDING or absent */
	VALUE_MORE,   /* something was left out: "..." */
	VALUE_TEXT,   /* bytes and len: a word that stands for itself (8*ORIG_RAX), never quoted;
		       * `first` is a STRING if it stands for bytes */
	VALUE_NONE,   /* turned out not to be shown when the call ended: renderers skip it */
};

enum value_state {
	VALUE_READY,
	VALUE_PENDING,    /* known when the call ends */
	VALUE_UNREADABLE, /* a VALUE_ADDR whose memory could not be read */
};

enum value_flag {
	VALUE_UNSIGNED = 1 << 0,   /* INT: num is unsigned */
	VALUE_TRUNCATED = 1 << 1,  /* STRING: the limit of -s cut it, or no NUL was found */
	VALUE_SPACED = 1 << 2,     /* ARRAY: children are separated by a blank: [HUP INT] */
	VALUE_COMPLEMENT = 1 << 3, /* ARRAY: children are those left out: ~[RTMIN RT_1] */
	VALUE_BARE = 1 << 4,       /* shown without its name in text; the name is there for JSON */
	VALUE_PATH = 1 << 5,       /* STRING: names a file (-P) */
	VALUE_IN_HEX = 1 << 6,     /* STRING: every byte as \xNN whatever -x says (getrandom) */
	VALUE_FD = 1 << 7,         /* INT: a file descriptor; `note` is what it refers to */
	VALUE_PID = 1 << 8,        /* INT: a process; `note` is its command */
	VALUE_INDEXED = 1 << 9,    /* name is an array index shown in brackets: [VINTR]=0x3 */
	VALUE_ABSTRACT = 1 << 11,  /* STRING: an abstract socket name: @"..." */
	VALUE_NUL_BEHIND = 1 << 12, /* STRING: bytes[len] is a NUL that -x and -xx show as "\x00"... */
	VALUE_INDEX_CONST = 1 << 14, /* INDEXED: the index is a constant, which -X shows as a number */
	VALUE_INDEX_UNKNOWN = 1 << 15, /* INDEXED: one without a name; a comment lies behind name's NUL */
	VALUE_EXPLAINED = 1 << 13,  /* INT: `comment` says what num means; -X raw leaves it out */
	VALUE_SUFFIXED = 1 << 10,  /* INT: `comment` is a word that replaces num unless -X raw */
};

/* One name that covers part of a number. */
struct value_part {
	struct value_part *next;
	const char *name; /* NULL: a number, `num` in `base` */
	uint64_t num;
	const char *shift;   /* after the name or number: 21<<MAP_HUGE_SHIFT; NULL if none */
	const char *comment; /* behind a number without a name: 0x5 with SHM_???; NULL if none */
	uint8_t base;        /* enum desc_base, where name is NULL */
};

/*
 * A number and the names that make it up.  -X raw shows num in `base`, -X abbrev the parts,
 * -X verbose both.  A number that no name covers has no parts: it is shown with the set's
 * `unknown` as a comment.  Parts without a name are what names do not cover.
 */
struct value_group {
	struct value_group *next;
	uint64_t num;
	struct value_part *parts;
	const char *joiner;  /* between parts: "|" as a rule */
	const char *unknown; /* comment if no part has a name: "O_???"; NULL for none */
	const char *shift;   /* after the whole group: <<28 in FUTEX_OP */
	uint8_t base;        /* of num: enum desc_base */
	uint8_t width;       /* bytes of num in memory */
	bool is_signed;
};

struct value {
	uint8_t kind;  /* enum value_kind */
	uint8_t state; /* enum value_state */
	uint8_t base;  /* INT: enum desc_base */
	uint8_t width; /* INT: bytes in memory; CALL: the same of the number `num` that it stands for,
			* shown by -X raw in `base`, or 0; TEXT: of such a `num`, which text leaves out */
	uint8_t arg;   /* of an argument: its place in call->numbers, from 1; else 0 */
	uint16_t flags;
	const char *name;             /* of the argument or member; NULL in arrays */
	const struct desc_type *type; /* what it was decoded by; NULL if a hook built it */
	uint64_t num;                 /* INT (widened to 64 bits), ADDR; FLAGS: the whole number;
				       * MORE: where memory ended, or 0 */
	uint64_t addr;                /* where it was read; 0: a register or computed */
	const uint8_t *bytes; /* STRING, TEXT; CALL: what it stands for, "\x00\x4d" by -X raw */
	size_t len;           /* of bytes */
	uint64_t total;       /* STRING: bytes that the call is about, shown or not */
	unsigned counted;     /* ARRAY, ADDR: elements there were, where they were only counted */
	struct value_group *groups; /* FLAGS */
	struct value *first;        /* children, in order of showing */
	struct value *next;         /* sibling */
	const char *callee;         /* CALL: the name before the parenthesis */
	const char *comment;        /* shown behind the value: 3 entries; before a STRING */
	const char *note;           /* FD, PID: the annotation: NAME [NUL INSIDE [NUL BEHIND]] for
					* 3<NAME INSIDE>BEHIND without the blanks; only NAME may
					* hold bytes that a tracee chose */
	size_t note_len;
};

/* The outcome of a call. */
struct call_result {
	bool failed;
	int error;           /* errno, positive; ERESTART* (512..516) among them */
	struct value *value; /* NULL for a call that returns nothing (exit) */
	struct value *notes; /* shown in parentheses behind the result, joined by ", " */
};

/* What was done to a call on the user's orders (-e inject=); bits. */
enum call_tampering {
	CALL_INJECTED = 1 << 0, /* it was not made: its result is the user's */
	CALL_DELAYED = 1 << 1,
	CALL_POKED = 1 << 2, /* memory that its arguments point to was overwritten */
};

/* One system call as decoded: what a renderer is given at entry and again at exit. */
struct call {
	const char *name;           /* "read", "syscall_0x1f5" */
	const struct desc_row *row; /* NULL if the number is not in the ABI's table */
	uint64_t nr;                /* as the tracee gave it */
	uint64_t raw[6];            /* argument registers */
	unsigned raw_count;         /* how many of them the call has */
	enum abi_id abi;
	const uint64_t *numbers; /* of described arguments: what their registers hold */
	struct value *args;  /* linked by next; names are the parameters' */
	unsigned split;      /* index of the first argument that text shows at exit */
	bool named;          /* text shows NAME=VALUE for the arguments (clone) */
	bool is_raw;         /* -e raw: arguments and result are hexadecimal */
	bool finished;       /* `result` is there */
	bool unavailable;    /* it has ended, and `result` could not be fetched */
	bool may_have_notes; /* what is known at exit only may show behind the result */
	uint8_t tampering;   /* enum call_tampering */
	uint64_t raw_result; /* what the kernel left in the result register */
	uint64_t ip;         /* address of the instruction that follows the one that called */
	uint64_t wall;       /* when it was entered: ns since the epoch; 0 if nobody asked */
	uint64_t since;      /* ns from the line or call before to its entry, for -r */
	uint64_t duration;   /* ns from its entry to its end, once that is there; 0 if nobody asked */
	struct call_result result;
};

#endif
