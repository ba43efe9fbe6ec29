/* SPDX-License-Identifier: MIT */
/*
 * What the files of the engine share: the state of decoding one call, frames for expressions, and
 * windows on memory.  Private to src/decode.
 */
#ifndef MTRACE_DECODE_DECODER_H
#define MTRACE_DECODE_DECODER_H

#include <string.h>

#include "mtrace/decode.h"

/*
 * A stretch of tracee memory.  `bytes` is a copy that will not change; where it is NULL the memory is
 * read when asked for and `len` says how much may be (SIZE_MAX: as far as it goes).
 */
struct window {
	const uint8_t *bytes;
	size_t len;
	uint64_t addr;
};

/* A number that may be unknown: unreadable, or not there before the call ends. */
struct number {
	int64_t value;
	bool known;
};

/* Arguments that a call can have over all its forms; the compiler's limit as well. */
#define FRAME_ARGS_MAX 16

/*
 * What an expression sees: the members of a struct, the arguments of the call, or the parameters of
 * a type.  Frames live as long as the call, since what is PENDING is decoded in its frame.
 */
struct frame {
	struct frame *parent;
	const struct desc_struct *body; /* of a struct or record head; NULL otherwise */
	bool is_call;
	bool partial;    /* members beyond the window are left out */
	bool big_endian; /* the number that the struct is shown on */
	bool inout;      /* members marked `in` are known at entry, others at exit */
	struct window now;
	struct window before;                    /* inout, at exit: the same bytes at entry */
	struct number *params;                   /* as known when the type was entered ... */
	const struct desc_op *const *param_code; /* ... and how to ask again for what was not */
	const struct desc_field **args;          /* call: arguments along the path of forms */
	unsigned arg_count;
	struct number *saved; /* call: what `keep` pointers pointed to; NULL: there are none */
};

/* A value that will be decoded when the call has ended, and what is needed for it. */
struct pending {
	struct pending *next;
	struct value *value;
	const struct desc_field *field;
	const struct desc_type *type; /* CHANGE: the second half; else NULL */
	bool kept;                    /* the second half of a `keep` member */
	struct frame *frame;
	uint64_t addr; /* CHANGE */
	int64_t index;
	int64_t budget;
	unsigned arg; /* call frame: which argument */
};

struct decoder {
	struct arena *arena;
	struct memory *memory;
	struct resolver *resolver;
	const struct decode_limits *limits;
	struct decoded_call *call; /* NULL for siginfo */
	enum abi_id abi;
	bool at_exit;
	bool deferred;   /* what was just decoded must wait for the end of the call */
	unsigned depth;  /* of nesting, against descriptions that recurse on data */
	int64_t index;   /* of the array element */
	size_t avail;    /* bytes from the current member to the end of its window */
	bool partial;    /* the struct that is next need not be there as a whole */
	bool recording;  /* reading ahead at entry for what will be `old` at exit */
	bool count_only; /* arrays are counted, not decoded */
	const struct desc_field *field; /* the member being decoded */
	int64_t budget;                 /* bytes left for buffers; -1: no limit */
	uint64_t sp;
	size_t arena_start; /* what the arena had handed out before this call */
};

/* Memory as it was at entry. */
struct snapshot {
	struct snapshot *next;
	uint64_t addr;
	size_t len;
	const uint8_t *bytes;
};

/* A call with what the engine keeps between its entry and its end. */
struct decoded_call {
	struct call call; /* first member: what is handed out */
	struct decode_limits limits;
	const struct desc_form *forms[4]; /* path: the call's form, then its arms */
	unsigned form_count;
	struct frame frame;
	const struct desc_field **args; /* of all forms of the path */
	uint64_t *numbers;              /* of the arguments, put together from slots */
	struct pending *pending;
	struct pending **pending_end;
	struct snapshot *snapshots; /* memory that `keep` and `old` will want at exit */
	uint64_t *slots;            /* 6: call.raw, unless the arguments are elsewhere */
	bool via_multiplex;
	struct decoder decoder; /* of this call, at entry and at exit */
	int64_t result;
	bool is_error;
};

/* Memory that values of one call may take; beyond it arrays end with "...". */
#define DECODE_CALL_BYTES ((size_t)64 << 20)
/* Nesting of values; netlink attributes and msghdrs are the deepest real ones, under ten. */
#define DECODE_DEPTH 32

/* types.c */

/* Bytes that a type takes in memory, 0 if that varies. */
size_t type_size(const struct decoder *d, const struct desc_type *type);

/* Bytes of an integer of that width code. */
static inline unsigned width_bytes(const struct decoder *d, unsigned width)
{
	if (width < WIDTH_WORD)
		return width;
	return width == WIDTH_WORD ? desc_abis[d->abi].word : desc_abis[d->abi].klong;
}

/*
 * `size` bytes as a number: 8, 4, 2 or 1.  All ABIs of abi.h are little-endian, and so is every
 * host that runs them natively.
 */
static inline uint64_t number_load(const uint8_t *bytes, unsigned size)
{
	uint64_t number = 0;
	uint32_t half;
	uint16_t quarter;

	switch (size) {
	case 8:
		memcpy(&number, bytes, 8);
		return number;
	case 4:
		memcpy(&half, bytes, 4);
		return half;
	case 2:
		memcpy(&quarter, bytes, 2);
		return quarter;
	default:
		return bytes[0];
	}
}

/* The low `size` bytes of a number, widened with their sign if they have one. */
static inline int64_t number_narrow(uint64_t number, unsigned size, bool is_signed)
{
	unsigned shift = 64 - 8 * size;

	return is_signed ? (int64_t)(number << shift) >> shift
			 : (int64_t)(number << shift >> shift);
}

/* The number that an integer, bits or pointer type reads from the window. */
struct number type_number(const struct decoder *d, const struct desc_type *type,
			  struct window window);

/* The same as type_resolve(), of types that lead to others. */
const struct desc_type *type_resolve_deep(struct decoder *d, const struct desc_type *type,
					  struct frame **frame);

/* Follows TYPE_APPLY and TYPE_CHOICE to a concrete type; *frame becomes the one with its params. */
static inline const struct desc_type *type_resolve(struct decoder *d, const struct desc_type *type,
						   struct frame **frame)
{
	if (!type || (type->kind != TYPE_APPLY && type->kind != TYPE_CHOICE))
		return type;
	return type_resolve_deep(d, type, frame);
}

/* values.c */
static inline struct value *value_new(struct decoder *d, enum value_kind kind)
{
	struct value *value = arena_alloc(d->arena, sizeof(*value));

	value->kind = (uint8_t)kind;
	return value;
}

/* An integer without names: `number` as `size` bytes of `type`. */
static inline struct value *value_integer(struct decoder *d, const struct desc_type *type,
					  unsigned size, int64_t number)
{
	struct value *value = value_new(d, VALUE_INT);

	value->type = type;
	value->num = (uint64_t)number;
	value->base = type->base;
	value->width = (uint8_t)size;
	value->flags = type->is_signed ? 0 : VALUE_UNSIGNED;
	return value;
}

/* An address that is not followed, or cannot be. */
struct value *value_address(struct decoder *d, uint64_t addr, bool unreadable);
struct value *value_more(struct decoder *d);
struct value *value_number(struct decoder *d, const struct desc_type *type, struct number number,
			   struct frame *frame);

/* frame.c */

/* Bytes of a member or argument of the frame, now or at entry. */
struct window field_window(struct decoder *d, const struct frame *frame, unsigned index, bool old);

/* Member or argument `index` of the frame, NULL if there is none. */
static inline const struct desc_field *frame_field(const struct frame *frame, unsigned index)
{
	if (frame->is_call)
		return index < frame->arg_count ? frame->args[index] : NULL;
	if (!frame->body || index >= frame->body->field_count)
		return NULL;
	return &frame->body->fields[index];
}

/* The first type of a field, without its parameters: what expressions read it as. */
static inline const struct desc_type *field_type(const struct desc_field *field)
{
	const struct desc_type *type = field->alt_count ? field->alts[0].type : NULL;

	while (type && type->kind == TYPE_APPLY)
		type = type->of;
	return type;
}

/* expr.c */
struct number expr_eval(struct decoder *d, const struct desc_op *code, struct frame *frame);
/* Conditions: NULL is true, unknown is false. */
bool expr_true(struct decoder *d, const struct desc_op *code, struct frame *frame);
/* Lengths: unknown and negative are 0. */
uint64_t expr_length(struct decoder *d, const struct desc_op *code, struct frame *frame);

/* engine.c */

/*
 * Decodes `type` from `window`.  Returns a value or a list of values (spliced members), NULL if
 * nothing is shown.  Sets d->deferred if it must wait for the end of the call.
 */
struct value *decode_type(struct decoder *d, const struct desc_type *type, struct window window,
			  struct frame *frame);

/* Follows a pointer whose address is known, within the budget that it may have. */
struct value *decode_pointer(struct decoder *d, const struct desc_type *type, uint64_t addr,
			     struct frame *frame);

/* Decodes what lies at `addr`: NULL, an address if it cannot be read, `[5]` for a scalar. */
struct value *decode_pointee(struct decoder *d, const struct desc_type *type, uint64_t addr,
			     struct frame *frame);

/* members.c */

/* The same as field_decode(), of a field of any shape. */
struct value *field_decode_any(struct decoder *d, const struct desc_field *field,
			       struct frame *frame, unsigned index);

/* Is the argument a pointer to what only the end of the call will tell, be it NULL? */
bool field_waits(struct decoder *d, const struct desc_field *field, struct frame *frame);

/* A value that waits for the end of the call; `what` is copied. */
struct value *pending_add(struct decoder *d, const struct pending *what);

/* Decodes what waited, in place. */
void pending_fill(struct decoder *d, struct pending *pending);

/* plain.c: fields of the shapes that the compiler has marked, without detours */

/* A FIELD_PLAIN field; NULL if its bytes are not at hand: the general way knows what to show. */
struct value *plain_decode_number(struct decoder *d, const struct desc_field *field,
				  struct frame *frame, unsigned index);

/* Decodes one member or argument: a list of values, often of one, PENDING ones among them. */
static inline struct value *field_decode(struct decoder *d, const struct desc_field *field,
					 struct frame *frame, unsigned index)
{
	struct value *value = NULL;

	if (!(field->abis & 1u << d->abi) || (field->flags & (FIELD_HIDDEN | FIELD_SKIPPED)))
		return NULL;
	if (field->flags & FIELD_PLAIN && field->flags & FIELD_ALWAYS && !frame->inout)
		value = plain_decode_number(d, field, frame, index);
	return value ? value : field_decode_any(d, field, frame, index);
}

/*
 * A FIELD_POINTER field; false if its bytes are not at hand.  *value may be NULL, with d->deferred
 * set, if it must wait for the end of the call.
 */
bool plain_decode_pointer(struct decoder *d, const struct desc_field *field, struct frame *frame,
			  unsigned index, struct value **value);

/* struct.c */

/* Bytes that the members of fixed size take. */
size_t members_size(const struct decoder *d, const struct desc_struct *body);

/* The frame of the struct in the window, NULL if it cannot be read. */
struct frame *struct_frame(struct decoder *d, const struct desc_type *type, struct window *window,
			   struct frame *frame);

/* Decodes the members of the frame's struct in order of showing and appends them to *list. */
void members_decode(struct decoder *d, struct frame *frame, struct value **list);

/* The struct in the window; `type` is TYPE_STRUCT. */
struct value *struct_decode(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *frame, bool inout);

/* array.c */
struct value *array_decode(struct decoder *d, const struct desc_type *type, struct window window,
			   struct frame *frame);
struct value *bitset_decode(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *frame);

/* record.c */

/* Items of a self-delimiting record in a window. */
struct value *records_decode(struct decoder *d, const struct desc_type *type, struct window window,
			     struct frame *frame);

/* string.c */
struct value *string_decode(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *frame);
struct value *bytes_decode(struct decoder *d, const struct desc_type *type, struct window window,
			   struct frame *frame);
/* What a window holds, as a string of bytes. */
struct value *bytes_of_window(struct decoder *d, struct window window);

/* symbols.c */

/* The name that the type's enum has for the number, NULL if none. */
const char *symbol_name(const struct decoder *d, const struct desc_type *type, uint64_t number);
/* A number by the names of the type's set. */
struct value *symbol_decode(struct decoder *d, const struct desc_type *type, uint64_t number);
/* A number by its sub-fields. */
struct value *bits_decode(struct decoder *d, const struct desc_type *type, uint64_t number);

/* annotate.c */

/* The same as annotate(), of what there is more to say about. */
void annotate_fully(struct decoder *d, const struct desc_type *type, struct value *value,
		    struct frame *frame);

/* Adds what a number stands for; descriptors and processes only if the user asked. */
static inline void annotate(struct decoder *d, const struct desc_type *type, struct value *value,
			    struct frame *frame)
{
	bool wanted = true;

	if (type->role == ROLE_FD || type->role == ROLE_DIRFD) {
		value->flags |= VALUE_FD;
		wanted = d->limits->fds;
	} else if (type->role == ROLE_PID) {
		value->flags |= VALUE_PID;
		wanted = d->limits->pids;
	}
	if (wanted)
		annotate_fully(d, type, value, frame);
}

/* What an integer type, which nothing but its low bytes counts for, makes of a number. */
static inline struct value *value_scalar(struct decoder *d, const struct desc_type *type,
					 uint64_t raw, struct frame *frame)
{
	unsigned size = width_bytes(d, type->width);
	struct number number = { number_narrow(raw, size, type->is_signed), true };
	struct value *value;

	if (type->set || type->base == BASE_ADDR)
		return value_number(d, type, number, frame);
	value = value_integer(d, type, size, number.value);
	if (type->role)
		annotate(d, type, value, frame);
	return value;
}

/* The date that a struct tells, as its comment. */
void annotate_struct(struct decoder *d, struct frame *frame, struct value *value);
/* NETLINK_* protocol of a socket; -1: not a netlink socket, -2: which one cannot be told. */
int64_t netlink_family(struct decoder *d, int64_t fd);

/* window.c */

/*
 * `len` bytes at `offset` of the window, fewer at its end or where memory ends: *got says how many.
 * The bytes are copies that live as long as the call.
 */
const uint8_t *window_read(struct decoder *d, struct window window, size_t offset, size_t len,
			   size_t *got);
/* The part of a window from `offset` on, at most `len` bytes. */
static inline struct window window_sub(struct window window, size_t offset, size_t len)
{
	if (offset > window.len)
		offset = window.len;
	if (len > window.len - offset)
		len = window.len - offset;
	if (window.bytes)
		window.bytes += offset;
	if (window.addr)
		window.addr += offset;
	window.len = len;
	return window;
}

/* Eight bytes that hold a number, as memory would. */
struct window window_of_number(struct decoder *d, uint64_t number);
/* Memory at an address, as far as it goes. */
static inline struct window window_at(uint64_t addr)
{
	return (struct window){ .len = SIZE_MAX, .addr = addr };
}

/* Are there `size` bytes left of what a call may take? */
bool window_avail(const struct decoder *d, size_t size);
/* The same bytes as they were at entry, if they were read then; else the window itself. */
struct window window_before(const struct decoder *d, struct window window);

/* The number of an argument, as call.c has put it together from slots. */
static inline struct window arg_window(const struct decoder *d, unsigned index)
{
	return (struct window){ .bytes = (const uint8_t *)&d->call->numbers[index],
				.len = sizeof(d->call->numbers[index]) };
}

#endif
