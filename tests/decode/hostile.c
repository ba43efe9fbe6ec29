/* SPDX-License-Identifier: MIT */
/*
 * Hostile input: every call of every ABI with pointers that are NULL, odd, unmapped or end at a page
 * that is not there, lengths up to 2^63, and memory that gives different bytes at every read.  What is
 * asked for: an end, no byte on paper that a terminal would obey, bounded memory.  Run it under
 * AddressSanitizer and UndefinedBehaviorSanitizer for the rest.
 *
 * usage: hostile [-j RECORDS] [rounds [seed]]
 *
 * -j writes to RECORDS what becomes of each call as JSON, behind its name and a tab, unless it is long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/decode.h"
#include "mtrace/options.h"
#include "mtrace/render.h"

/* Readable memory; what lies behind its end is not. */
#define BASE 0x10000000u
#define SIZE 0x6000u

/* One call with -v may show this much: buffers are cut, arrays are not. */
#define OUTPUT_MAX ((size_t)256 << 20)

/* Longer records are not kept: a validator takes its time. */
#define RECORD_MAX ((size_t)16 << 10)

enum content { CONTENT_ZERO, CONTENT_ONES, CONTENT_RANDOM, CONTENT_POINTERS, CONTENT_KINDS };

struct liar {
	struct memory memory;
	struct resolver resolver;
	uint64_t random;
	enum content content;
	uint64_t reads;
};

static uint64_t next(struct liar *liar)
{
	/* xorshift64* (Vigna): the same run for the same seed everywhere. */
	liar->random ^= liar->random >> 12;
	liar->random ^= liar->random << 25;
	liar->random ^= liar->random >> 27;
	return liar->random * UINT64_C(0x2545F4914F6CDD1D);
}

static uint64_t some_number(struct liar *liar)
{
	static const uint64_t numbers[] = {
		0,
		1,
		2,
		3,
		4,
		5,
		8,
		16,
		31,
		32,
		64,
		4095,
		4096,
		65536,
		INT32_MAX,
		(uint64_t)1 << 31,
		UINT32_MAX,
		(uint64_t)1 << 32,
		INT64_MAX,
		(uint64_t)1 << 63,
		UINT64_MAX,
		(uint64_t)-100,
		BASE,
		BASE + 1,
		BASE + 7,
		BASE + SIZE - 1,
		BASE + SIZE - 4,
		BASE + SIZE - 8,
		BASE + SIZE - 20,
		BASE + SIZE,
		BASE + 0x1000 - 3,
		BASE + 0x5000,
		0x7,
		UINT64_MAX - 4095,
	};
	uint64_t r = next(liar);

	if (r % 4 == 0)
		return next(liar) % 64;
	if (r % 4 == 1)
		return BASE + next(liar) % SIZE;
	return numbers[next(liar) % (sizeof(numbers) / sizeof(*numbers))];
}

static size_t lying_read(struct memory *self, uint64_t addr, void *to, size_t len)
{
	struct liar *liar = (struct liar *)self;
	unsigned char *bytes = to;
	size_t got;

	liar->reads++;
	if (addr < BASE || addr >= BASE + SIZE)
		return 0;
	got = BASE + SIZE - addr < len ? (size_t)(BASE + SIZE - addr) : len;
	for (size_t i = 0; i < got; i++) {
		switch (liar->content) {
		case CONTENT_ZERO:
			bytes[i] = 0;
			break;
		case CONTENT_ONES:
			bytes[i] = 0xff;
			break;
		case CONTENT_RANDOM:
			bytes[i] = (unsigned char)(next(liar) >> 32);
			break;
		default:
			/* Small numbers and pointers, at offsets that change from read to read. */
			if ((i & 7) == 0 && got - i >= 8) {
				uint64_t number = some_number(liar);

				memcpy(bytes + i, &number, 8);
				i += 7;
			} else {
				bytes[i] = 0;
			}
		}
	}
	return got;
}

static size_t lying_name(struct resolver *self, int fd, char *buf, size_t size)
{
	static const char name[] = "/a\033[31m<b>\n\177\200";
	size_t len = sizeof(name) - 1 < size ? sizeof(name) - 1 : size;

	(void)self;
	(void)fd;
	memcpy(buf, name, len);
	return len;
}

static int lying_netlink(struct resolver *self, int fd)
{
	(void)self;
	return fd % 3 ? fd % 24 : -1;
}

static size_t lying_ifname(struct resolver *self, unsigned index, char *buf, size_t size)
{
	return lying_name(self, (int)index, buf, size);
}

static void complain(const char *what, const struct call *call, const struct buf *out)
{
	fprintf(stderr, "%s: %s of ABI %s\n%.*s\n", what, call->name, abi_name(call->abi),
		out->len > 4000 ? 4000 : (int)out->len, out->data);
	exit(1);
}

/* Nothing that a terminal obeys in ASCII, and what else there is is UTF-8 or was made so. */
static void check_records(const struct call *call, const struct buf *out, FILE *records)
{
	const char *at = out->data;
	const char *end = out->data + out->len;

	if (out->len > OUTPUT_MAX)
		complain("records without bounds", call, out);
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop || *at != '{' || stop[-1] != '}')
			complain("not a record", call, out);
		for (const char *c = at; c < stop; c++)
			if ((unsigned char)*c < ' ' || *c == 0x7f)
				complain("control character", call, out);
		if (records && (size_t)(stop - at) <= RECORD_MAX)
			fprintf(records, "%s [%s]\t%.*s\n", call->name, abi_name(call->abi),
				(int)(stop - at), at);
		at = stop + 1;
	}
}

/* A newline ends the line; nothing else below a blank, no DEL and no byte above it may appear. */
static void check_output(const struct call *call, const struct buf *out)
{
	if (out->len > OUTPUT_MAX)
		complain("output without bounds", call, out);
	if (!out->len || out->data[out->len - 1] != '\n')
		complain("line without end", call, out);
	for (size_t i = 0; i + 1 < out->len; i++)
		if ((unsigned char)out->data[i] < ' ' || (unsigned char)out->data[i] > '~')
			complain("control character", call, out);
}

static void decode_one(struct liar *liar, enum abi_id abi, uint64_t nr, struct arena *arena,
		       FILE *records)
{
	struct options options = { .string_limit = next(liar) % 64,
				   .column = 40,
				   .json = JSON_ENTER };
	struct decode_limits limits = {
		.string_limit = options.string_limit,
		.abbrev = next(liar) % 2,
		.verbose = next(liar) % 8 != 0,
		.raw = next(liar) % 32 == 0,
		.fds = next(liar) % 2,
	};
	struct decode_source source = { .arena = arena,
					.memory = &liar->memory,
					.resolver = &liar->resolver,
					.sp = BASE + 0x100 };
	struct buf out = { 0 };
	struct renderer renderer = { .ops = &text_renderer, .options = &options, .out = &out };
	struct render_state state = { 0 };
	struct buf json_out = { 0 };
	struct renderer json = { .ops = &json_renderer, .options = &options, .out = &json_out };
	struct render_state json_state = { 0 };
	bool failed = next(liar) % 3 == 0;
	int64_t result = failed ? -(int64_t)(1 + next(liar) % 133) : (int64_t)some_number(liar);
	uint64_t args[6];
	struct call *call;

	options.xlat = (enum xlat_style)(next(liar) % 3);
	options.hex = (enum hex_style)(next(liar) % 4);
	options.fds = limits.fds ? FD_PATH : 0;
	for (unsigned i = 0; i < 6; i++)
		args[i] = some_number(liar);
	call = decode_enter(&source, &limits, abi, nr, args);
	renderer.ops->enter(&renderer, 1, &state, call);
	json.ops->enter(&json, 1, &json_state, call);
	if (next(liar) % 16 == 0) {
		renderer.ops->abandon(&renderer, 1, &state, call);
		json.ops->abandon(&json, 1, &json_state, call);
	} else {
		decode_exit(call, &source, result, failed);
		renderer.ops->exit(&renderer, 1, &state, call);
		json.ops->exit(&json, 1, &json_state, call);
	}
	check_output(call, &out);
	check_records(call, &json_out, records);
	buf_free(&out);
	buf_free(&json_out);
	arena_reset(arena);
}

int main(int argc, char **argv)
{
	bool keep = argc > 2 && !strcmp(argv[1], "-j");
	FILE *records = keep ? fopen(argv[2], "w") : NULL;
	char **words = argv + (keep ? 2 : 0);
	int count = argc - (keep ? 2 : 0);
	unsigned long rounds = count > 1 ? strtoul(words[1], NULL, 0) : 20;
	struct liar liar = {
		.memory.read = lying_read,
		.resolver = { .fd = lying_name,
			      .pid = lying_name,
			      .netlink_family = lying_netlink,
			      .ifname = lying_ifname },
		.random = count > 2 ? strtoull(words[2], NULL, 0) | 1 : 88172645463325252u,
	};
	static const uint64_t odd_numbers[] = { UINT64_MAX, 1000000, (uint64_t)1 << 63 };
	struct arena arena = { 0 };
	unsigned long calls = 0;

	for (unsigned long round = 0; round < rounds; round++)
		for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
			const struct desc_abi *table = &desc_abis[abi];

			for (unsigned nr = 0; nr < table->row_count; nr++) {
				if (!table->rows[nr].name)
					continue;
				liar.content = (enum content)(next(&liar) % CONTENT_KINDS);
				decode_one(&liar, (enum abi_id)abi, nr, &arena, records);
				calls++;
			}
			for (size_t i = 0; i < sizeof(odd_numbers) / sizeof(*odd_numbers); i++)
				decode_one(&liar, (enum abi_id)abi, odd_numbers[i], &arena,
					   records);
		}
	arena_free(&arena);
	if (records && fclose(records))
		return 1;
	printf("%lu hostile calls survived\n", calls);
	return 0;
}
