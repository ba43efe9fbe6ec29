/* SPDX-License-Identifier: MIT */
/*
 * The tracee that a case describes: blocks that end at an unmapped page, registers, descriptors.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

/* Block i ends at FIRST_END + i * STRIDE; below 2^31, so that 32-bit ABIs can have it. */
#define FIRST_END 0x10010000u
#define STRIDE 0x100000u
#define PAGE 4096u

static char *message(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *message(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	return text;
}

static const struct mapped_block *find_label(const struct case_memory *m, const char *label,
					     size_t len)
{
	for (unsigned i = 0; i < m->test->block_count; i++)
		if (strlen(m->test->blocks[i].label) == len &&
		    !strncmp(m->test->blocks[i].label, label, len))
			return &m->blocks[i];
	return NULL;
}

/* @label, @label+N; advances *text. */
static bool parse_label(const struct case_memory *m, const char **text, uint64_t *number)
{
	const char *label = *text + 1, *p = label;
	const struct mapped_block *block;
	char *end;

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	block = find_label(m, label, (size_t)(p - label));
	if (!block)
		return false;
	*number = block->addr;
	if ((*p == '+' || *p == '-') && isdigit((unsigned char)p[1])) {
		*number += strtoull(p, &end, 0);
		p = end;
	}
	*text = p;
	return true;
}

/* A number, 'c', or a label; advances *text; false if it is none of them. */
static bool parse_number(const struct case_memory *m, const char **text, uint64_t *number)
{
	const char *p = *text;
	char *end;

	if (*p == '@')
		return parse_label(m, text, number);
	if (*p == '\'' && p[1] && p[2] == '\'') {
		*number = (unsigned char)p[1];
		*text = p + 3;
		return true;
	}
	if (*p == '-')
		*number = (uint64_t)strtoll(p, &end, 0);
	else
		*number = strtoull(p, &end, 0);
	if (end == p)
		return false;
	*text = end;
	return true;
}

static unsigned char unescape_char(const char **text)
{
	static const char names[] = "abtnvfr", values[] = { 7, 8, 9, 10, 11, 12, 13 };
	const char *p = *text;
	const char *name;
	unsigned c = 0;

	if (*p == 'x') {
		char digits[3] = { p[1], p[1] ? p[2] : '\0', '\0' };

		*text = p + strlen(digits) + 1;
		return (unsigned char)strtoul(digits, NULL, 16);
	}
	if (*p >= '0' && *p <= '7') {
		for (unsigned n = 0; n < 3 && *p >= '0' && *p <= '7'; n++)
			c = c * 8 + (unsigned)(*p++ - '0');
		*text = p;
		return (unsigned char)c;
	}
	*text = p + 1;
	if (*p == 'e')
		return 27;
	name = *p ? strchr(names, *p) : NULL;
	return (unsigned char)(name ? values[name - names] : *p);
}

/* "text" with C escapes; advances *text behind the closing quote. */
static size_t unescape(const char **text, unsigned char *to)
{
	const char *p = *text + 1;
	size_t len = 0;

	while (*p && *p != '"') {
		unsigned char c;

		if (*p == '\\') {
			p++;
			c = unescape_char(&p);
		} else {
			c = (unsigned char)*p++;
		}
		if (to)
			to[len] = c;
		len++;
	}
	*text = *p ? p + 1 : p;
	return len;
}

static bool word_is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !strncmp(word, name, len);
}

static unsigned item_width(const struct case_memory *m, const char *type, size_t len, bool *big)
{
	static const struct {
		const char *name;
		unsigned width;
	} types[] = { { "u8", 1 },    { "s8", 1 },    { "u16", 2 },  { "s16", 2 },
		      { "u32", 4 },   { "s32", 4 },   { "u64", 8 },  { "s64", 8 },
		      { "u16be", 2 }, { "u32be", 4 }, { "u64be", 8 } };

	*big = len > 2 && !strncmp(type + len - 2, "be", 2);
	if (word_is(type, len, "word"))
		return desc_abis[m->abi].word;
	if (word_is(type, len, "klong"))
		return desc_abis[m->abi].klong;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (word_is(type, len, types[i].name))
			return types[i].width;
	return 0;
}

static const char *skip_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* One item "type number": writes it to `to` (NULL: only counts), returns its size. */
static size_t parse_item(const struct case_memory *m, const char **text, unsigned char *to,
			 char **error)
{
	const char *word = *text, *p = word;
	uint64_t number, fill = 0;
	size_t word_len;
	unsigned width;
	bool big;

	while (*p && !isspace((unsigned char)*p))
		p++;
	word_len = (size_t)(p - word);
	p = skip_blanks(p);
	if (!parse_number(m, &p, &number)) {
		*error = message("not a number: %s", p);
		return 0;
	}
	if (word_is(word, word_len, "pad") || word_is(word, word_len, "bytes")) {
		p = skip_blanks(p);
		if (*word == 'b' && !parse_number(m, &p, &fill))
			*error = message("bytes COUNT VALUE: %s", p);
		if (to)
			memset(to, (int)fill, (size_t)number);
		*text = p;
		return (size_t)number;
	}
	width = item_width(m, word, word_len, &big);
	if (!width)
		*error = message("unknown item: %.*s", (int)word_len, word);
	for (unsigned i = 0; to && i < width; i++)
		to[i] = (unsigned char)(number >> 8 * (big ? width - 1 - i : i));
	*text = p;
	return width;
}

/* Writes items to `to` (NULL: only counts); *error is set if they are not understood. */
static size_t parse_items(const struct case_memory *m, const char *items, unsigned char *to,
			  char **error)
{
	const char *p = skip_blanks(items);
	size_t len = 0;

	while (*p && !*error) {
		if (*p == '"')
			len += unescape(&p, to ? to + len : NULL);
		else
			len += parse_item(m, &p, to ? to + len : NULL, error);
		p = skip_blanks(p);
	}
	return len;
}

static size_t memory_read(struct memory *self, uint64_t addr, void *to, size_t len)
{
	const struct case_memory *m = (const struct case_memory *)self;

	for (unsigned i = 0; i < m->test->block_count; i++) {
		const struct mapped_block *block = &m->blocks[i];
		/* Memory before a block, to the start of its page, is readable zeros. */
		uint64_t start = block->addr & ~(uint64_t)(PAGE - 1),
			 end = block->addr + block->len;
		size_t got;

		if (block->unmapped || addr < start || addr >= end)
			continue;
		got = end - addr < len ? (size_t)(end - addr) : len;
		for (size_t b = 0; b < got; b++)
			((unsigned char *)to)[b] = addr + b < block->addr
							   ? 0
							   : block->now[addr + b - block->addr];
		return got;
	}
	return 0;
}

static const struct case_memory *memory_of(struct resolver *resolver)
{
	return (const struct case_memory *)((char *)resolver -
					    offsetof(struct case_memory, resolver));
}

static size_t resolver_fd(struct resolver *self, int fd, char *buf, size_t size)
{
	const struct test_case *c = memory_of(self)->test;

	for (unsigned i = 0; i < c->fd_count; i++) {
		const char *path = c->fds[i].path;

		if (c->fds[i].fd == fd && path) {
			size_t len = strlen(path) < size ? strlen(path) : size;

			memcpy(buf, path, len);
			return len;
		}
	}
	return 0;
}

static int resolver_netlink(struct resolver *self, int fd)
{
	const struct test_case *c = memory_of(self)->test;

	for (unsigned i = 0; i < c->fd_count; i++)
		if (c->fds[i].fd == fd)
			return c->fds[i].netlink;
	return -1;
}

/* Process 7 is "cat". */
static size_t resolver_pid(struct resolver *self, int pid, char *buf, size_t size)
{
	(void)self;
	if (pid != 7 || size < 3)
		return 0;
	memcpy(buf, "cat", 3);
	return 3;
}

/* Interface 1 is "lo", as everywhere. */
static size_t resolver_ifname(struct resolver *self, unsigned index, char *buf, size_t size)
{
	(void)self;
	if (index != 1 || size < 2)
		return 0;
	memcpy(buf, "lo", 2);
	return 2;
}

static bool find_number(struct case_memory *m, const char *name, size_t len)
{
	const struct desc_abi *abi = &desc_abis[m->abi];

	if (len > 8 && !strncmp(name, "syscall_", 8)) {
		m->nr = strtoull(name + 8, NULL, 0);
		return true;
	}
	for (unsigned i = 0; i < abi->row_count; i++)
		if (abi->rows[i].name && word_is(name, len, abi->rows[i].name)) {
			m->nr = i;
			return true;
		}
	for (unsigned i = 0; i < abi->private_count; i++)
		if (word_is(name, len, abi->private_rows[i].name)) {
			m->nr = abi->private_rows[i].nr;
			return true;
		}
	return false;
}

static char *parse_result(struct case_memory *m, const char *p)
{
	p = skip_blanks(p);
	if (*p == '?')
		return NULL;
	if (*p == '-' && p[1] == 'E') {
		const struct desc_set *set = desc_errnos;

		for (unsigned i = 0; i < set->by_abi[m->abi].count; i++)
			if (!strcmp(set->by_abi[m->abi].entries[i].name, p + 1)) {
				m->result = -(int64_t)set->by_abi[m->abi].entries[i].value;
				m->is_error = true;
				return NULL;
			}
		return message("unknown errno %s", p + 1);
	}
	if (!parse_number(m, &p, (uint64_t *)&m->result))
		return message("result not understood: %s", p);
	return NULL;
}

static char *parse_call(struct case_memory *m, const char *text)
{
	const char *p = strchr(text, '(');
	unsigned count = 0;

	if (!p)
		return message("call without parenthesis");
	if (!find_number(m, text, (size_t)(p - text)))
		return message("no call %.*s in this ABI", (int)(p - text), text);
	p++;
	for (;;) {
		while (isspace((unsigned char)*p) || *p == ',')
			p++;
		if (*p == ')')
			break;
		if (count == 6 || !parse_number(m, &p, &m->args[count++]))
			return message("argument not understood: %s", p);
	}
	p = strchr(p, '=');
	if (!p)
		return message("call without result");
	return parse_result(m, p + 1);
}

static char *fill_block(struct case_memory *m, struct mapped_block *block,
			const struct case_block *source)
{
	char *error = NULL;

	block->at_entry = calloc(1, block->len + 1);
	block->at_exit = calloc(1, block->len + 1);
	block->now = block->at_entry;
	parse_items(m, source->items, block->at_entry, &error);
	memcpy(block->at_exit, block->at_entry, block->len);
	if (error || !source->items_at_exit)
		return error;
	if (parse_items(m, source->items_at_exit, NULL, &error) > block->len)
		return message("%s is larger at exit", source->label);
	parse_items(m, source->items_at_exit, block->at_exit, &error);
	return error;
}

static char *build_blocks(struct case_memory *m)
{
	const struct test_case *c = m->test;
	char *error = NULL;

	/* Sizes first: labels stand for addresses, and addresses follow from sizes. */
	for (unsigned i = 0; i < c->block_count && !error; i++) {
		struct mapped_block *block = &m->blocks[i];

		block->unmapped = c->blocks[i].unmapped || !c->blocks[i].items;
		block->addr = FIRST_END + i * STRIDE;
		if (!block->unmapped) {
			block->len = parse_items(m, c->blocks[i].items, NULL, &error);
			block->addr -= block->len;
		}
	}
	for (unsigned i = 0; i < c->block_count && !error; i++)
		if (!m->blocks[i].unmapped)
			error = fill_block(m, &m->blocks[i], &c->blocks[i]);
	return error;
}

char *case_memory_build(struct case_memory *m, const struct test_case *c, enum abi_id abi)
{
	char *error;

	*m = (struct case_memory){ .test = c, .abi = abi };
	m->memory.read = memory_read;
	m->resolver.fd = resolver_fd;
	m->resolver.netlink_family = resolver_netlink;
	m->resolver.ifname = resolver_ifname;
	m->resolver.pid = resolver_pid;
	error = build_blocks(m);
	if (!error)
		error = parse_call(m, c->call);
	if (!error && c->sp) {
		const char *p = c->sp;

		if (!parse_number(m, &p, &m->sp))
			error = message("sp not understood");
	}
	if (error)
		case_memory_free(m);
	return error;
}

void case_memory_enter(struct case_memory *m)
{
	for (unsigned i = 0; i < m->test->block_count; i++)
		m->blocks[i].now = m->blocks[i].at_entry;
}

void case_memory_exit(struct case_memory *m)
{
	for (unsigned i = 0; i < m->test->block_count; i++)
		m->blocks[i].now = m->blocks[i].at_exit;
}

void case_memory_free(struct case_memory *m)
{
	for (unsigned i = 0; i < m->test->block_count; i++) {
		free(m->blocks[i].at_entry);
		free(m->blocks[i].at_exit);
	}
}

static char *substitute(const struct case_memory *m, const char *text,
			void (*add)(struct buf *, uint64_t))
{
	struct buf out = { 0 };
	char *result;

	while (*text) {
		const char *p = text;
		uint64_t number;

		/* An '@' that is no label stands for itself (abstract socket names). */
		if (*text == '@' && parse_number(m, &p, &number)) {
			add(&out, number);
			text = p;
		} else {
			buf_add_char(&out, *text++);
		}
	}
	buf_add_char(&out, 0);
	result = strdup(out.data);
	buf_free(&out);
	return result;
}

char *case_substitute(const struct case_memory *m, const char *text)
{
	return substitute(m, text, buf_add_hex);
}

char *case_substitute_json(const struct case_memory *m, const char *text)
{
	return substitute(m, text, buf_add_udec);
}
