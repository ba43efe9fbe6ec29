/* SPDX-License-Identifier: MIT */
/* Golden cases: reading them, and the tracee that they describe.  For run_cases.c. */
#ifndef MTRACE_TESTS_CASE_H
#define MTRACE_TESTS_CASE_H

#include <stdbool.h>
#include <stdio.h>

#include "mtrace/decode.h"
#include "mtrace/options.h"
#include "mtrace/render.h"

#define CASE_BLOCKS 64
#define CASE_FDS 16

/* A block of memory as written: items are parsed for each ABI anew. */
struct case_block {
	char *label;
	char *items;
	char *items_at_exit;
	bool unmapped;
};

struct case_fd {
	int fd;
	char *path;
	int netlink; /* -1: none */
};

struct test_case {
	unsigned line;
	char *name;
	unsigned abis; /* bit 1 << abi_id */
	char *call;
	char *text;
	char *entry;
	char *json;       /* the record from "args" on */
	char *json_entry; /* the same of the one when the call is entered */
	char *sp;
	bool no_return;
	struct options options;
	struct decode_limits limits;
	struct case_block blocks[CASE_BLOCKS];
	unsigned block_count;
	struct case_fd fds[CASE_FDS];
	unsigned fd_count;
};

struct case_reader {
	FILE *file;
	unsigned line;
	const char *error;
	char *next; /* a "case" line that was read ahead */
};

struct mapped_block {
	uint64_t addr;
	size_t len;
	unsigned char *now;
	unsigned char *at_entry;
	unsigned char *at_exit;
	bool unmapped;
};

/* The tracee of a case under one ABI. */
struct case_memory {
	struct memory memory;
	struct resolver resolver;
	const struct test_case *test;
	enum abi_id abi;
	struct mapped_block blocks[CASE_BLOCKS];
	uint64_t nr;
	uint64_t args[6];
	uint64_t sp;
	int64_t result;
	bool is_error;
};

bool case_open(struct case_reader *reader, const char *path);
/* The next case, NULL at the end or after an error (reader->error). */
struct test_case *case_next(struct case_reader *reader);
void case_free(struct test_case *c);
void case_close(struct case_reader *reader);

/* Lays out memory and arguments.  Returns NULL, or a message to be freed. */
char *case_memory_build(struct case_memory *memory, const struct test_case *c, enum abi_id abi);
void case_memory_enter(struct case_memory *memory);
void case_memory_exit(struct case_memory *memory);
void case_memory_free(struct case_memory *memory);

/* `text` with @label replaced by addresses; to be freed. */
char *case_substitute(const struct case_memory *memory, const char *text);
/* The same with addresses as JSON has them. */
char *case_substitute_json(const struct case_memory *memory, const char *text);

#endif
