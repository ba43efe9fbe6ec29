/* SPDX-License-Identifier: MIT */
/* Mutations of the descriptions: what mutate.c and find.c share. */
#ifndef TESTS_MUTATE_MUTATE_H
#define TESTS_MUTATE_MUTATE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind { TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_MARK, TOKEN_LINE };

struct token {
	enum token_kind kind;
	size_t offset;
	size_t len;
	unsigned depth; /* ( [ and { that are open */
	char inside;    /* the innermost of them, 0 at top level */
};

struct source {
	const char *path;
	char *text;
	size_t len;
	struct token *tokens;
	size_t count;
};

/* Replaces `len` bytes at `offset`. */
struct edit {
	size_t offset;
	size_t len;
	char *text;
};

struct mutation {
	const struct source *source;
	struct edit edits[2]; /* by offset, apart from each other */
	unsigned edit_count;
};

enum mutation_kind {
	KIND_VALUE,     /* a number */
	KIND_CONDITION, /* of `if`, `when`, `where`: an operator, or gone */
	KIND_PHASE,     /* in, out, inout; where the exit half begins */
	KIND_LENGTH,    /* of an array, a buffer, a struct */
	KIND_MARK,      /* of a member, gone */
	KIND_BASE,      /* hexadecimal, decimal */
	KIND_WIDTH,     /* of a number in memory, its sign */
	KIND_ROLE,      /* descriptor, process, path */
	KIND_SET,       /* another one of the same kind */
	KIND_KEY,       /* two arms exchanged */
	KIND_TEXT,      /* a string */
	KIND_COUNT
};

struct set_name {
	char *name;
	bool is_enum;
};

struct mutator {
	struct source *sources;
	size_t source_count;
	struct set_name *sets;
	size_t set_count;
	struct mutation *found[KIND_COUNT];
	size_t counts[KIND_COUNT];
	uint64_t random;
};

/* mutate.c */

/* A list with room for one more than `count`. */
void *grow(void *list, size_t count, size_t size);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t chance(struct mutator *m);

/* tokens.c */

void tokens_scan(struct source *source);
/* Is token `i` this word or mark?  False outside the file. */
bool token_is(const struct source *source, size_t i, const char *text);
bool token_is_one_of(const struct source *source, size_t i, const char *const *texts);
/* The token that ends what token `i` opens; the file's end if nothing does. */
size_t token_closing(const struct source *source, size_t i);
/* Notes the sets that the file defines. */
void sets_note(struct mutator *m, const struct source *source);

/* find.c */

/* Adds every mutation of the file to m->found. */
void mutations_find(struct mutator *m, const struct source *source);

#endif
