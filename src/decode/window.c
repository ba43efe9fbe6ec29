/* SPDX-License-Identifier: MIT */
/*
 * Windows: how the engine reads a tracee's memory.  What was read once is a copy in the arena of the
 * call, so that a length that was checked is the length that is used, whatever the tracee does.
 */
#include <string.h>

#include "decoder.h"

/* Memory is fetched in such pieces, so that a lying length costs no more than what is readable. */
#define FETCH_STEP ((size_t)1 << 20)

/* What this call may still take of its arena. */
static size_t room(const struct decoder *d)
{
	size_t used = arena_used(d->arena) - d->arena_start;

	return used < DECODE_CALL_BYTES ? DECODE_CALL_BYTES - used : 0;
}

bool window_avail(const struct decoder *d, size_t size)
{
	return size <= room(d);
}

static void record(struct decoder *d, uint64_t addr, size_t len, const uint8_t *bytes)
{
	struct snapshot *snapshot = arena_alloc(d->arena, sizeof(*snapshot));

	*snapshot = (struct snapshot){ d->call->snapshots, addr, len, bytes };
	d->call->snapshots = snapshot;
}

struct window window_before(const struct decoder *d, struct window window)
{
	for (const struct snapshot *s = d->call ? d->call->snapshots : NULL; s; s = s->next)
		if (window.addr >= s->addr && window.addr < s->addr + s->len) {
			size_t offset = (size_t)(window.addr - s->addr);

			window.bytes = s->bytes + offset;
			if (window.len > s->len - offset)
				window.len = s->len - offset;
			break;
		}
	return window;
}

static const uint8_t *fetch(struct decoder *d, uint64_t addr, size_t len, size_t *got)
{
	size_t done = 0;
	uint8_t *bytes;

	*got = 0;
	if (addr + len < addr)
		len = (size_t)(UINT64_MAX - addr);
	/* More than the call may take is not even looked for. */
	if (len > room(d))
		len = room(d);
	if (len > FETCH_STEP) {
		/* Is it there at all?  The last byte of a step decides before memory is taken. */
		uint8_t probe;

		for (done = 0; len - done > FETCH_STEP; done += FETCH_STEP)
			if (d->memory->read(d->memory, addr + done + FETCH_STEP - 1, &probe, 1) !=
			    1) {
				len = done + FETCH_STEP;
				break;
			}
	}
	if (!len)
		return NULL;
	bytes = arena_alloc(d->arena, len);
	*got = d->memory->read(d->memory, addr, bytes, len);
	if (d->recording && *got)
		record(d, addr, *got, bytes);
	return *got ? bytes : NULL;
}

const uint8_t *window_read(struct decoder *d, struct window window, size_t offset, size_t len,
			   size_t *got)
{
	*got = 0;
	if (offset > window.len)
		return NULL;
	if (len > window.len - offset)
		len = window.len - offset;
	if (!window.bytes)
		return fetch(d, window.addr + offset, len, got);
	*got = len;
	return window.bytes + offset;
}

struct window window_of_number(struct decoder *d, uint64_t number)
{
	uint8_t *bytes = arena_alloc(d->arena, sizeof(number));

	/* All ABIs of abi.h are little-endian, and so is every host that runs them natively. */
	memcpy(bytes, &number, sizeof(number));
	return (struct window){ .bytes = bytes, .len = sizeof(number) };
}
