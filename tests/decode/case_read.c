/* SPDX-License-Identifier: MIT */
/* Reads .case files: one directive a line, as tests/decode/README.md has them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

bool case_open(struct case_reader *reader, const char *path)
{
	*reader = (struct case_reader){ .file = fopen(path, "r") };
	return reader->file != NULL;
}

void case_close(struct case_reader *reader)
{
	free(reader->next);
	fclose(reader->file);
}

static char *read_line(struct case_reader *reader)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, reader->file);

	if (len < 0) {
		free(line);
		return NULL;
	}
	reader->line++;
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		line[--len] = 0;
	return line;
}

/* Splits off the first word; returns the rest. */
static char *split_word(char *line, char **word)
{
	while (isspace((unsigned char)*line))
		line++;
	*word = line;
	while (*line && !isspace((unsigned char)*line))
		line++;
	if (*line)
		*line++ = 0;
	while (isspace((unsigned char)*line))
		line++;
	return line;
}

static bool set_option(struct test_case *c, const char *name, char **rest)
{
	char *value;

	if (!strcmp(name, "-v")) {
		c->limits.abbrev = false;
	} else if (!strcmp(name, "-x")) {
		c->options.hex = HEX_NON_ASCII;
	} else if (!strcmp(name, "-xx")) {
		c->options.hex = HEX_ALL;
	} else if (!strcmp(name, "-y")) {
		c->limits.fds = true;
		c->options.fds = FD_PATH;
	} else if (!strcmp(name, "-Y")) {
		c->limits.pids = true;
	} else if (!strcmp(name, "-s")) {
		*rest = split_word(*rest, &value);
		c->limits.string_limit = c->options.string_limit = strtoul(value, NULL, 0);
	} else if (!strcmp(name, "-X")) {
		*rest = split_word(*rest, &value);
		c->options.xlat = !strcmp(value, "raw")       ? XLAT_RAW
				  : !strcmp(value, "verbose") ? XLAT_VERBOSE
							      : XLAT_ABBREV;
	} else if (!strcmp(name, "-e")) {
		*rest = split_word(*rest, &value);
		if (!strcmp(value, "raw=all"))
			c->limits.raw = true;
		else if (!strcmp(value, "verbose=none"))
			c->limits.verbose = false;
		else
			return false;
	} else {
		return false;
	}
	return true;
}

static bool set_abis(struct test_case *c, char *names)
{
	char *word;

	c->abis = 0;
	while (*names) {
		enum abi_id abi;

		names = split_word(names, &word);
		abi = abi_by_name(word);
		if (abi == ABI_COUNT)
			return false;
		c->abis |= 1u << abi;
	}
	return c->abis != 0;
}

static struct case_block *block_of(struct test_case *c, const char *label, bool add)
{
	for (unsigned i = 0; i < c->block_count; i++)
		if (!strcmp(c->blocks[i].label, label))
			return &c->blocks[i];
	if (!add || c->block_count == CASE_BLOCKS)
		return NULL;
	c->blocks[c->block_count].label = strdup(label);
	return &c->blocks[c->block_count++];
}

static struct case_fd *fd_of(struct test_case *c, int fd)
{
	for (unsigned i = 0; i < c->fd_count; i++)
		if (c->fds[i].fd == fd)
			return &c->fds[i];
	if (c->fd_count == CASE_FDS)
		return NULL;
	c->fds[c->fd_count] = (struct case_fd){ .fd = fd, .netlink = -1 };
	return &c->fds[c->fd_count++];
}

static bool read_block(struct test_case *c, const char *word, char *rest)
{
	struct case_block *block;
	char *label;

	rest = split_word(rest, &label);
	block = block_of(c, label, strcmp(word, "memexit") != 0);
	if (!block)
		return false;
	if (!strcmp(word, "unmapped"))
		block->unmapped = true;
	else if (!strcmp(word, "mem"))
		block->items = strdup(rest);
	else
		block->items_at_exit = strdup(rest);
	return true;
}

static bool read_fd(struct test_case *c, bool path, char *rest)
{
	struct case_fd *fd;
	char *number;

	rest = split_word(rest, &number);
	fd = fd_of(c, atoi(number));
	if (!fd)
		return false;
	if (path)
		fd->path = strdup(rest);
	else
		fd->netlink = atoi(rest);
	return true;
}

static bool read_options(struct test_case *c, char *rest)
{
	char *word;

	while (*rest) {
		rest = split_word(rest, &word);
		if (!set_option(c, word, &rest))
			return false;
	}
	return true;
}

static bool read_directive(struct test_case *c, const char *word, char *rest)
{
	size_t len = strlen(rest);

	if (!strcmp(word, "abi"))
		return set_abis(c, rest);
	if (!strcmp(word, "set"))
		return read_options(c, rest);
	if (!strcmp(word, "call")) {
		c->no_return = len && rest[len - 1] == '?';
		return (c->call = strdup(rest)) != NULL;
	}
	if (!strcmp(word, "text"))
		return (c->text = strdup(rest)) != NULL;
	if (!strcmp(word, "entry"))
		return (c->entry = strdup(rest)) != NULL;
	if (!strcmp(word, "json"))
		return (c->json = strdup(rest)) != NULL;
	if (!strcmp(word, "jsonentry"))
		return (c->json_entry = strdup(rest)) != NULL;
	if (!strcmp(word, "sp"))
		return (c->sp = strdup(rest)) != NULL;
	if (!strcmp(word, "mem") || !strcmp(word, "memexit") || !strcmp(word, "unmapped"))
		return read_block(c, word, rest);
	if (!strcmp(word, "fd") || !strcmp(word, "netlink"))
		return read_fd(c, *word == 'f', rest);
	return false;
}

static struct test_case *case_new(const char *name, unsigned line)
{
	struct test_case *c = calloc(1, sizeof(*c));

	c->name = strdup(name);
	c->line = line;
	c->abis = 1u << ABI_X86_64;
	c->limits = (struct decode_limits){ .string_limit = 32, .abbrev = true, .verbose = true };
	c->options.string_limit = 32;
	c->options.json = JSON_ENTER; /* text does not look at it */
	return c;
}

struct test_case *case_next(struct case_reader *reader)
{
	struct test_case *c = NULL;
	char *line, *word, *rest;

	for (;;) {
		line = reader->next ? reader->next : read_line(reader);
		reader->next = NULL;
		if (!line)
			return c;
		if (!strncmp(line, "case ", 5)) {
			if (c) {
				reader->next = line;
				return c;
			}
			c = case_new(line + 5, reader->line);
		} else if (*line && *line != '#') {
			rest = split_word(line, &word);
			if (!c || !read_directive(c, word, rest)) {
				reader->error = "directive not understood";
				free(line);
				return NULL;
			}
		}
		free(line);
	}
}

void case_free(struct test_case *c)
{
	for (unsigned i = 0; i < c->block_count; i++) {
		free(c->blocks[i].label);
		free(c->blocks[i].items);
		free(c->blocks[i].items_at_exit);
	}
	for (unsigned i = 0; i < c->fd_count; i++)
		free(c->fds[i].path);
	free(c->name);
	free(c->call);
	free(c->text);
	free(c->entry);
	free(c->json);
	free(c->json_entry);
	free(c->sp);
	free(c);
}
