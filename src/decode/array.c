/* SPDX-License-Identifier: MIT */
/*
 * Arrays and sets of bits: how many elements there are, how many are shown, and what happens where
 * memory ends before the elements do.
 */
#include "decoder.h"

/* Elements are fetched in runs of this many bytes. */
#define RUN_BYTES ((size_t)16 << 10)

struct array_state {
	struct decoder *d;
	const struct desc_type *type;
	struct frame *frame;
	struct window window;
	size_t element;     /* bytes of an element */
	uint64_t count;     /* elements there are said to be; UINT64_MAX: until a zero */
	struct window run;  /* bytes at hand */
	uint64_t run_start; /* offset of the run in the array */
	struct value *array;
	struct value **end;
	unsigned shown;
};

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

/* The bytes of element `index`; false if they cannot be read. */
static bool element_window(struct array_state *s, uint64_t index, struct window *element)
{
	uint64_t offset = index * s->element;
	size_t want, got;

	if (offset / s->element != index || offset > s->window.len)
		return false;
	if (offset < s->run_start || offset + s->element > s->run_start + s->run.len) {
		want = RUN_BYTES < s->element ? s->element : RUN_BYTES - RUN_BYTES % s->element;
		if (s->count != UINT64_MAX && want / s->element > s->count - index)
			want = (size_t)(s->count - index) * s->element;
		s->run = window_sub(s->window, (size_t)offset, want);
		s->run.bytes = window_read(s->d, s->run, 0, want, &got);
		s->run.len = got;
		s->run_start = offset;
		if (got < s->element)
			return false;
	}
	*element = window_sub(s->run, (size_t)(offset - s->run_start), s->element);
	return true;
}

static void append(struct array_state *s, struct value *value)
{
	*s->end = value;
	while (*s->end)
		s->end = &(*s->end)->next;
}

/*
 * [VINTR]=0x3: the element's index by its name, or its number.  Where the set says what to call numbers
 * without a name, indices are constants like others: [59 with DEVCONF_??? as a comment]=0.
 */
static void index_name(struct array_state *s, struct value *value)
{
	struct decoder *d = s->d;
	const struct desc_set *set = s->type->set;
	const char *name = desc_set_name(set, d->abi, (uint64_t)d->index);

	value->flags |= VALUE_INDEXED;
	if (set->unknown)
		value->flags |= VALUE_INDEX_CONST;
	if (!name && set->unknown)
		value->flags |= VALUE_INDEX_UNKNOWN;
	if (!name)
		name = arena_printf(d->arena, "%lld%c%s", (long long)d->index, 0,
				    set->unknown ? set->unknown : "");
	value->name = name;
}

/* Decodes one element if `where` selects it. */
static void element_decode(struct array_state *s, struct window element)
{
	struct decoder *d = s->d;
	struct frame *frame = s->frame;
	const struct desc_type *of = type_resolve(d, s->type->of, &frame);
	struct value *value;

	if (!of)
		return;
	if (s->type->where && of->kind == TYPE_STRUCT) {
		struct window copy = element;
		struct frame *probe = struct_frame(d, of, &copy, frame);

		if (!probe || !expr_true(d, s->type->where, probe))
			return;
	}
	value = decode_type(d, of, element, frame);
	if (!value)
		return;
	value->name = NULL;
	if (s->type->set)
		index_name(s, value);
	append(s, value);
	s->shown++;
}

/* How many elements are shown before "...". */
static uint64_t element_limit(const struct decoder *d)
{
	return d->limits->abbrev ? d->limits->string_limit : UINT64_MAX;
}

static void cut(struct array_state *s)
{
	append(s, value_more(s->d));
}

/* Memory ends inside the array: "..." and where. */
static void unreadable_at(struct array_state *s, uint64_t index)
{
	struct value *more = value_more(s->d);

	more->num = s->window.addr + index * s->element;
	more->comment = arena_printf(s->d->arena, "%#llx", (unsigned long long)more->num);
	append(s, more);
}

static struct value *elements_decode(struct array_state *s)
{
	struct decoder *d = s->d;
	uint64_t limit = element_limit(d);
	int64_t outer = d->index;
	uint64_t i;

	for (i = 0; i < s->count; i++) {
		struct window element;

		if (!element_window(s, i, &element)) {
			if (!i)
				return value_address(d, s->window.addr, true);
			unreadable_at(s, i);
			s->array->flags |= VALUE_TRUNCATED;
			break;
		}
		if (s->type->extent == EXTENT_UNTIL_ZERO && is_zero(element.bytes, element.len))
			break;
		if (d->count_only)
			continue;
		if (s->shown >= limit || !window_avail(d, sizeof(struct value))) {
			cut(s);
			break;
		}
		d->index = (int64_t)i;
		element_decode(s, element);
	}
	s->array->counted = i > UINT32_MAX ? UINT32_MAX : (unsigned)i;
	d->index = outer;
	return s->array;
}

/* Bytes that elements may take: as told, and within what the call transferred. */
static uint64_t bytes_length(struct decoder *d, const struct desc_type *type, struct frame *frame)
{
	uint64_t len = expr_length(d, type->length, frame);

	if (d->budget < 0)
		return len;
	if (len > (uint64_t)d->budget)
		len = (uint64_t)d->budget;
	d->budget -= (int64_t)len;
	return len;
}

struct value *array_decode(struct decoder *d, const struct desc_type *type, struct window window,
			   struct frame *frame)
{
	struct frame *inner = frame;
	const struct desc_type *of = type_resolve(d, type->of, &inner);
	struct array_state s = { .d = d, .type = type, .frame = frame, .window = window };
	struct number count;
	uint64_t bytes;

	if (!of)
		return NULL;
	if (of->kind == TYPE_RECORD) {
		if (type->extent == EXTENT_BYTES)
			window = window_sub(window, 0, (size_t)bytes_length(d, type, frame));
		return records_decode(d, of, window, inner);
	}
	s.element = type_size(d, of);
	if (!s.element)
		return value_address(d, window.addr, false);
	switch (type->extent) {
	case EXTENT_COUNT:
		count = expr_eval(d, type->length, frame);
		if (count.known && count.value < 0)
			return value_address(d, window.addr, false);
		s.count = count.known ? (uint64_t)count.value : 0;
		break;
	case EXTENT_UNTIL_ZERO:
		s.count = UINT64_MAX;
		break;
	case EXTENT_BYTES:
		s.count = bytes_length(d, type, frame) / s.element;
		break;
	default:
		bytes = window.bytes ? window.len : 0;
		s.count = bytes / s.element;
	}
	s.array = value_new(d, VALUE_ARRAY);
	s.array->type = type;
	s.array->addr = window.addr;
	s.end = &s.array->first;
	return elements_decode(&s);
}

static unsigned count_bits(const uint8_t *bytes, uint64_t bits)
{
	unsigned count = 0;

	for (uint64_t i = 0; i < bits; i++)
		count += bytes[i / 8] >> i % 8 & 1;
	return count;
}

/* A bit's value: a name, a descriptor, or a plain number. */
static struct value *bit_value(struct decoder *d, const struct desc_type *type, uint64_t bit,
			       struct frame *frame)
{
	struct value *value = NULL;

	if (type->set && desc_set_name(type->set, d->abi, bit)) {
		value = symbol_decode(d, type, bit);
		value->groups->base = BASE_DEC;
	} else {
		value = value_new(d, VALUE_INT);
		value->num = bit;
	}
	if (type->role)
		annotate(d, type, value, frame);
	return value;
}

/* Bits that a set may have: what the kernel's own limits allow (FD_SETSIZE is not one of them). */
#define BITSET_BITS_MAX 65536u

struct value *bitset_decode(struct decoder *d, const struct desc_type *type, struct window window,
			    struct frame *frame)
{
	struct number length = type->length ? expr_eval(d, type->length, frame)
					    : (struct number){ 0 };
	unsigned unit = width_bytes(d, type->width ? type->width : WIDTH_WORD) * 8;
	uint64_t bits = length.known ? (uint64_t)length.value : 0;
	bool complement = false;
	struct value *array, **end;
	const uint8_t *bytes;
	size_t got, size;

	if (!length.known || length.value < 0 || bits > BITSET_BITS_MAX)
		return value_address(d, window.addr, false);
	size = (size_t)((bits + unit - 1) / unit * unit / 8);
	bytes = window_read(d, window, 0, size, &got);
	if (got < size)
		return value_address(d, window.addr, true);
	if (type->flags & TYPE_COMPLEMENT)
		complement = count_bits(bytes, bits) >= bits * 2 / 3;
	array = value_new(d, VALUE_ARRAY);
	array->flags = VALUE_SPACED;
	if (complement)
		array->flags |= VALUE_COMPLEMENT;
	array->type = type;
	array->addr = window.addr;
	end = &array->first;
	for (uint64_t i = 0; i < bits; i++) {
		bool set = bytes[i / 8] >> i % 8 & 1;

		if (set == complement)
			continue;
		*end = bit_value(d, type, i + type->first, frame);
		end = &(*end)->next;
	}
	return array;
}
