/* SPDX-License-Identifier: MIT */
/*
 * Calls: from six registers to arguments, at entry; to a result with its notes, at exit.  Slots,
 * pairs of slots for 64-bit numbers, and the calls that socketcall(2) and ipc(2) wrap are owned
 * here; everything else sees arguments as members of a frame.
 */
#include <string.h>

#include "decoder.h"

/* Slots of a call whose number is in no table. */
#define RAW_SLOTS 6

/* socketcall(2) and ipc(2) lead to calls with at most this many words. */
#define MULTIPLEX_WORDS 6

/* What a decoder, all zeros but for this, begins with at entry and again at exit. */
static void decoder_start(struct decoder *d, const struct decode_source *source)
{
	d->arena = source->arena;
	d->memory = source->memory;
	d->resolver = source->resolver;
	d->sp = source->sp;
	d->index = 0;
	d->budget = -1;
	d->avail = SIZE_MAX;
}

/* A 64-bit number in two 32-bit slots, the low half first on all little-endian ABIs. */
static uint64_t arg_number_narrow(const struct decoder *d, const struct desc_field *field,
				  const uint64_t *slots, unsigned slot)
{
	const struct desc_type *type = field_type(field);
	uint64_t number = (uint32_t)slots[slot];

	if (type && slot < 5 && type_size(d, type) == 8)
		number |= slots[slot + 1] << 32;
	return number;
}

/* The number in the argument's slot, or in its two slots. */
static inline uint64_t arg_number(const struct decoder *d, const struct desc_field *field,
				  const uint64_t *slots, bool wide)
{
	unsigned slot = field->place[d->abi];

	if (slot >= 6)
		return 0;
	return wide ? slots[slot] : arg_number_narrow(d, field, slots, slot);
}

static struct value *hex_number(struct decoder *d, uint64_t number)
{
	struct value *value = value_new(d, VALUE_INT);

	value->num = number;
	value->base = BASE_HEX;
	value->flags = VALUE_UNSIGNED;
	return value;
}

/* A call without a description: its registers. */
static void raw_args(struct decoder *d, struct call *call)
{
	struct value **end = &call->args;

	for (unsigned i = 0; i < call->raw_count && i < 6; i++) {
		*end = hex_number(d, call->raw[i]);
		end = &(*end)->next;
	}
	call->split = call->raw_count;
}

static const struct desc_form *form_arm(struct decoder *d, const struct desc_form *form,
					struct frame *frame)
{
	struct number key = expr_eval(d, form->key, frame);

	for (unsigned i = 0; key.known && i < form->arm_count; i++) {
		const struct desc_form_arm *arm = &form->arms[i];

		if (key.value == (arm->by_abi ? arm->by_abi[d->abi] : arm->value))
			return arm->form;
	}
	return form->otherwise;
}

/* Room for the arguments of all forms of the path. */
static void args_reserve(struct decoder *d, struct decoded_call *call, unsigned room)
{
	call->args = arena_alloc(d->arena, room * (sizeof(*call->args) + sizeof(*call->numbers)));
	call->numbers = (uint64_t *)(call->args + room);
	call->call.numbers = call->numbers;
	call->frame.args = call->args;
}

/* Names the arguments of the form and its arms to expressions: all are known before any is shown. */
static void forms_collect(struct decoder *d, struct decoded_call *call,
			  const struct desc_form *form)
{
	const bool wide = desc_abis[d->abi].klong == 8;
	const unsigned room = form->key ? FRAME_ARGS_MAX : form->arg_count + 1;
	const uint64_t *slots = call->slots;
	unsigned count = 0;

	args_reserve(d, call, room);
	while (form && call->form_count < 4) {
		const struct desc_field *field = form->args, *end = field + form->arg_count;

		call->forms[call->form_count++] = form;
		call->call.may_have_notes |= form->note_count > 0;
		for (; field < end && count < room; field++, count++) {
			call->numbers[count] = arg_number(d, field, slots, wide);
			call->args[count] = field;
		}
		call->frame.arg_count = count;
		form = form->key ? form_arm(d, form, &call->frame) : NULL;
	}
}

/* Both at once, of a form whose arguments are registers and nothing else. */
static void plain_collect(struct decoder *d, struct decoded_call *call,
			  const struct desc_form *form)
{
	const bool wide = desc_abis[d->abi].klong == 8;
	const unsigned count = form->arg_count;
	struct value **end = &call->call.args;

	call->forms[call->form_count++] = form;
	call->call.may_have_notes = form->note_count > 0;
	call->call.split = UINT32_MAX;
	if (!count)
		return;
	args_reserve(d, call, count);
	call->frame.arg_count = count;
	for (unsigned i = 0; i < count; i++) {
		const struct desc_field *field = &form->args[i];

		call->args[i] = field;
		call->numbers[i] = arg_number(d, field, call->slots, wide);
		*end = plain_decode_number(d, field, &call->frame, i);
		(*end)->arg = (uint8_t)(i + 1);
		end = &(*end)->next;
	}
}

/* Does the exit half of the line begin before argument `i` of the form, form->split or later? */
static bool splits_at(struct decoder *d, const struct desc_form *form, unsigned i,
		      struct frame *frame)
{
	if (form->split_implied)
		return i < form->arg_count && field_waits(d, &form->args[i], frame);
	return i == form->split && (!form->split_if || expr_true(d, form->split_if, frame));
}

static inline struct value *arg_decode(struct decoder *d, struct decoded_call *call,
				       const struct desc_field *field, unsigned index)
{
	struct value *value = field_decode(d, field, &call->frame, index);

	if (value && !(field->flags & (FIELD_COMPUTED | FIELD_AT)))
		value->arg = (uint8_t)(index + 1);
	return value;
}

static void args_decode(struct decoder *d, struct decoded_call *call)
{
	struct value **end = &call->call.args;
	unsigned index = 0, shown = 0;

	call->call.split = UINT32_MAX;
	for (unsigned f = 0; f < call->form_count; f++) {
		const struct desc_form *form = call->forms[f];
		/* The first argument that it is worth asking splits_at() for. */
		unsigned ask = call->call.split == UINT32_MAX ? form->split : UINT32_MAX;
		unsigned count = form->arg_count;

		if (count > call->frame.arg_count - index)
			count = call->frame.arg_count - index;
		for (unsigned i = 0; i < count; i++) {
			if (i >= ask && splits_at(d, form, i, &call->frame)) {
				call->call.split = shown;
				ask = UINT32_MAX;
			}
			*end = arg_decode(d, call, &form->args[i], index++);
			for (; *end; end = &(*end)->next)
				shown++;
		}
		if (count >= ask && splits_at(d, form, count, &call->frame))
			call->call.split = shown;
	}
}

/* Where ipc(2)'s arguments go: by subcall number, the slot of each of the call's own. */
enum { IPC_FIRST = 1, IPC_SECOND, IPC_THIRD, IPC_PTR, IPC_FIFTH };
static const struct {
	uint8_t nr;
	uint8_t slots[4];
} ipc_order[] = {
	{ 1, { IPC_FIRST, IPC_PTR, IPC_SECOND } },             /* semop */
	{ 2, { IPC_FIRST, IPC_SECOND, IPC_THIRD } },           /* semget */
	{ 3, { IPC_FIRST, IPC_SECOND, IPC_THIRD, IPC_PTR } },  /* semctl */
	{ 4, { IPC_FIRST, IPC_PTR, IPC_SECOND, IPC_FIFTH } },  /* semtimedop */
	{ 11, { IPC_FIRST, IPC_PTR, IPC_SECOND, IPC_THIRD } }, /* msgsnd */
	{ 12, { IPC_FIRST, IPC_PTR, IPC_SECOND, IPC_FIFTH } }, /* msgrcv; flags follow */
	{ 13, { IPC_FIRST, IPC_SECOND } },                     /* msgget */
	{ 14, { IPC_FIRST, IPC_SECOND, IPC_PTR } },            /* msgctl */
	{ 21, { IPC_FIRST, IPC_PTR, IPC_SECOND, IPC_THIRD } }, /* shmat */
	{ 22, { IPC_PTR } },                                   /* shmdt */
	{ 23, { IPC_FIRST, IPC_SECOND, IPC_THIRD } },          /* shmget */
	{ 24, { IPC_FIRST, IPC_SECOND, IPC_PTR } },            /* shmctl */
};

static bool read_words(struct decoder *d, uint64_t addr, unsigned count, uint64_t *words)
{
	unsigned word = desc_abis[d->abi].word;
	size_t got;
	const uint8_t *bytes = window_read(d, window_at(addr), 0, (size_t)count * word, &got);

	if (!bytes || got < (size_t)count * word)
		return false;
	for (unsigned i = 0; i < count; i++) {
		words[i] = 0;
		for (unsigned b = word; b--;)
			words[i] = words[i] << 8 | bytes[i * word + b];
	}
	return true;
}

/*
 * msgrcv in the old version of ipc (upper half of the number 0) has its buffer and type behind the
 * pointer (ipc/syscall.c).
 */
static bool ipc_special(struct decoder *d, unsigned nr, unsigned version, const uint64_t *args,
			uint64_t slots[6])
{
	uint64_t words[2];

	if (nr != 12)
		return true;
	slots[4] = args[IPC_THIRD];
	if (version)
		return true;
	if (!read_words(d, args[IPC_PTR], 2, words))
		return false;
	slots[1] = words[0];
	slots[3] = words[1];
	return true;
}

static const struct desc_row *ipc_demultiplex(struct decoder *d, const uint64_t *args,
					      uint64_t slots[6])
{
	unsigned nr = args[0] & 0xffff, version = (unsigned)(args[0] >> 16) & 0xffff;

	if (nr >= desc_ipccall_count || !desc_ipccalls[nr].name)
		return NULL;
	for (size_t i = 0; i < sizeof(ipc_order) / sizeof(*ipc_order); i++) {
		if (ipc_order[i].nr != nr)
			continue;
		for (unsigned s = 0; s < 4; s++)
			if (ipc_order[i].slots[s])
				slots[s] = args[ipc_order[i].slots[s]];
		return ipc_special(d, nr, version, args, slots) ? &desc_ipccalls[nr] : NULL;
	}
	return NULL;
}

static const struct desc_row *socket_demultiplex(struct decoder *d, const uint64_t *args,
						 uint64_t slots[6])
{
	const struct desc_row *row;

	if (args[0] >= desc_socketcall_count || !desc_socketcalls[args[0]].name)
		return NULL;
	row = &desc_socketcalls[args[0]];
	if (row->arg_count > MULTIPLEX_WORDS || !read_words(d, args[1], row->arg_count, slots))
		return NULL;
	return row;
}

/* The call behind socketcall or ipc, its arguments in slots; `row` itself if it cannot be told. */
static const struct desc_row *demultiplex(struct decoder *d, const struct desc_row *row,
					  struct decoded_call *call)
{
	uint64_t slots[6] = { 0 };
	const struct desc_row *inner = NULL;

	if (row->multiplex == MULTIPLEX_SOCKETCALL)
		inner = socket_demultiplex(d, call->call.raw, slots);
	else if (row->multiplex == MULTIPLEX_IPC)
		inner = ipc_demultiplex(d, call->call.raw, slots);
	if (!inner || !inner->call || !inner->call->form)
		return row;
	call->slots = (uint64_t *)arena_copy(d->arena, slots, sizeof(slots));
	call->via_multiplex = true;
	return inner;
}

/* What -e raw shows of a call behind socketcall or ipc: the words that lead to it, in their order. */
static void multiplexed_raw(struct decoded_call *call, const struct desc_row *outer,
			    const struct desc_row *inner)
{
	struct call *shown = &call->call;
	unsigned nr = shown->raw[0] & 0xffff;

	if (outer->multiplex == MULTIPLEX_SOCKETCALL) {
		memcpy(shown->raw, call->slots, sizeof(shown->raw));
		shown->raw_count = inner->arg_count;
		return;
	}
	memmove(shown->raw, shown->raw + 1, 5 * sizeof(*shown->raw));
	shown->raw[5] = 0;
	shown->raw_count = 0;
	for (size_t i = 0; i < sizeof(ipc_order) / sizeof(*ipc_order); i++)
		for (unsigned s = 0; ipc_order[i].nr == nr && s < 4; s++)
			if (ipc_order[i].slots[s] > shown->raw_count)
				shown->raw_count = ipc_order[i].slots[s];
}

static void call_name(struct decoder *d, struct call *call, const struct desc_row *row)
{
	call->row = row;
	if (row) {
		call->name = row->name;
		call->raw_count = row->arg_count;
	} else {
		call->name = arena_printf(d->arena, "syscall_%#llx", (unsigned long long)call->nr);
		call->raw_count = RAW_SLOTS;
	}
}

struct call *decode_enter(const struct decode_source *source, const struct decode_limits *limits,
			  enum abi_id abi, uint64_t nr, const uint64_t args[6])
{
	size_t arena_start = arena_used(source->arena);
	struct decoded_call *call = arena_alloc(source->arena, sizeof(*call));
	const struct desc_row *row = desc_find_row(abi, nr), *outer;
	struct decoder *d = &call->decoder;

	call->limits = *limits;
	call->pending_end = &call->pending;
	call->frame.is_call = true;
	call->call.nr = nr;
	call->call.abi = abi;
	decoder_start(d, source);
	d->limits = &call->limits;
	d->call = call;
	d->abi = abi;
	d->arena_start = arena_start;
	memcpy(call->call.raw, args, sizeof(call->call.raw));
	for (unsigned i = 0; desc_abis[abi].klong == 4 && i < 6; i++)
		call->call.raw[i] = (uint32_t)args[i];
	call->slots = call->call.raw;
	outer = row;
	if (row && row->multiplex)
		row = demultiplex(d, row, call);
	call_name(d, &call->call, row);
	if (limits->raw && row != outer)
		multiplexed_raw(call, outer, row);
	call->call.is_raw = limits->raw;
	if (!row || limits->raw || !row->call || !row->call->form) {
		raw_args(d, &call->call);
		return &call->call;
	}
	if (row->call->memory_args) {
		uint64_t at = call->slots[0];

		call->slots = (uint64_t *)arena_copy(d->arena, call->call.raw,
						     sizeof(call->call.raw));
		if (!read_words(d, at, row->call->memory_args, call->slots)) {
			call->call.args = value_address(d, at, true);
			call->call.split = UINT32_MAX;
			return &call->call;
		}
	}
	call->call.named = row->call->named;
	if (row->call->form->plain) {
		plain_collect(d, call, row->call->form);
		return &call->call;
	}
	forms_collect(d, call, row->call->form);
	args_decode(d, call);
	return &call->call;
}

static const struct desc_type *result_type(const struct decoded_call *call)
{
	for (unsigned f = call->form_count; f--;)
		if (call->forms[f]->ret)
			return call->forms[f]->ret;
	return NULL;
}

/* A note: a word, a value, or a word with a value behind it. */
static void note_decode(struct decoder *d, struct decoded_call *call,
			const struct desc_field *field)
{
	struct value **list = &call->call.result.notes;
	const struct desc_type *type = field_type(field);
	struct value *value;

	/* What a pointer leads to is not shown here either; sets of descriptors (select) are. */
	if (!d->limits->verbose && field->flags & FIELD_AT && type && type->kind != TYPE_BITSET)
		return;
	if (field->alt_count && field->alts[0].type && field->alts[0].type->kind != TYPE_NOTHING) {
		value = field_decode(d, field, &call->frame, 0);
	} else if (field->alt_count && !expr_true(d, field->alts[0].shown_if, &call->frame)) {
		return;
	} else {
		value = value_new(d, VALUE_TEXT);
		value->bytes = (const uint8_t *)field->name;
		while (field->name && field->name[value->len])
			value->len++;
	}
	while (*list)
		list = &(*list)->next;
	*list = value;
}

static void result_decode(struct decoder *d, struct decoded_call *call)
{
	struct call_result *result = &call->call.result;
	const struct desc_type *type = result_type(call);

	result->failed = call->is_error;
	result->error = call->is_error ? (int)-call->result : 0;
	if (!call->form_count) {
		result->value = value_new(d, VALUE_INT);
		result->value->num = (uint64_t)call->result;
	} else if (type && type->kind == TYPE_INT && !(type->flags & TYPE_BIG_ENDIAN)) {
		result->value = value_scalar(d, type, (uint64_t)call->result, &call->frame);
	} else if (type) {
		result->value = decode_type(
			d, type,
			(struct window){ .bytes = (const uint8_t *)&call->result,
					 .len = sizeof(call->result) },
			&call->frame);
	}
	for (unsigned f = 0; call->call.may_have_notes && f < call->form_count; f++)
		for (unsigned i = 0; i < call->forms[f]->note_count; i++)
			note_decode(d, call, &call->forms[f]->notes[i]);
}

void decode_exit(struct call *handed_out, const struct decode_source *source, int64_t result,
		 bool is_error)
{
	struct decoded_call *call = (struct decoded_call *)handed_out;
	struct decoder *d = &call->decoder;

	decoder_start(d, source);
	d->at_exit = true;
	call->result = result;
	call->is_error = is_error;
	call->call.raw_result = (uint64_t)result;
	for (struct pending *pending = call->pending; pending; pending = pending->next)
		pending_fill(d, pending);
	call->pending = NULL;
	d->index = 0;
	d->budget = -1;
	result_decode(d, call);
	call->call.finished = true;
}

struct value *decode_siginfo(const struct decode_source *source, const struct decode_limits *limits,
			     enum abi_id abi, const void *bytes, size_t len)
{
	struct window window = { .bytes = bytes, .len = len };
	struct decoder d = { .limits = limits,
			     .abi = abi,
			     .at_exit = true,
			     .arena_start = arena_used(source->arena) };

	decoder_start(&d, source);
	return decode_type(&d, desc_siginfo, window, NULL);
}
