/* SPDX-License-Identifier: MIT */
/*
 * Words of the descriptions, as far as mutations need them: no grammar, only what opens and closes.
 * Called by mutate.c and find.c.
 */
#include "mutate.h"

#include <ctype.h>
#include <string.h>

/* Deeper nesting than any description has. */
#define MUTATE_DEPTH 64

static size_t word_end(const char *text, size_t at)
{
	while (isalnum((unsigned char)text[at]) || text[at] == '_')
		at++;
	return at;
}

static size_t quoted_end(const char *text, size_t at)
{
	char quote = text[at++];

	while (text[at] && text[at] != quote && text[at] != '\n')
		at += text[at] == '\\' && text[at + 1] ? 2 : 1;
	return text[at] == quote ? at + 1 : at;
}

static size_t mark_end(const char *text, size_t at)
{
	static const char *const two[] = {"&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "=>", "->",
					  ".."};

	for (size_t i = 0; i < sizeof(two) / sizeof(*two); i++)
		if (!strncmp(text + at, two[i], 2))
			return at + 2;
	return at + 1;
}

static struct token *token_add(struct source *source, enum token_kind kind, size_t offset, size_t end)
{
	struct token *token;

	source->tokens = grow(source->tokens, source->count, sizeof(*source->tokens));
	token = &source->tokens[source->count++];
	*token = (struct token){.kind = kind, .offset = offset, .len = end - offset};
	return token;
}

/* One token, or none; returns where it ends. */
static size_t token_scan(struct source *source, size_t at)
{
	const char *text = source->text;
	char c = text[at];
	size_t end;

	if (c == '#') {
		while (text[at] && text[at] != '\n')
			at++;
		return at;
	}
	if (c == '\n' || c == ';') {
		token_add(source, TOKEN_LINE, at, at + 1);
		return at + 1;
	}
	if (isspace((unsigned char)c))
		return at + 1;
	if (isalpha((unsigned char)c) || c == '_') {
		end = word_end(text, at);
		token_add(source, TOKEN_NAME, at, end);
	} else if (isdigit((unsigned char)c)) {
		end = word_end(text, at);
		token_add(source, TOKEN_NUMBER, at, end);
	} else if (c == '"' || c == '\'') {
		end = quoted_end(text, at);
		token_add(source, TOKEN_STRING, at, end);
	} else {
		end = mark_end(text, at);
		token_add(source, TOKEN_MARK, at, end);
	}
	return end;
}

/* What opens and what closes are both as deep as what is around them. */
static void tokens_nest(struct source *source)
{
	char open[MUTATE_DEPTH] = {0};
	unsigned depth = 0;

	for (size_t i = 0; i < source->count; i++) {
		struct token *token = &source->tokens[i];
		char c = source->text[token->offset];

		if (token->kind != TOKEN_MARK)
			c = ' ';
		if (strchr(")]}", c) && depth)
			depth--;
		token->depth = depth;
		token->inside = depth ? open[depth - 1] : '\0';
		if (strchr("([{", c) && depth < MUTATE_DEPTH)
			open[depth++] = c;
	}
}

void tokens_scan(struct source *source)
{
	for (size_t at = 0; at < source->len;)
		at = token_scan(source, at);
	tokens_nest(source);
}

bool token_is(const struct source *source, size_t i, const char *text)
{
	const struct token *token;

	if (i >= source->count)
		return false;
	token = &source->tokens[i];
	return token->len == strlen(text) && !strncmp(source->text + token->offset, text, token->len);
}

bool token_is_one_of(const struct source *source, size_t i, const char *const *texts)
{
	for (; *texts; texts++)
		if (token_is(source, i, *texts))
			return true;
	return false;
}

size_t token_closing(const struct source *source, size_t i)
{
	unsigned depth = source->tokens[i].depth;

	for (i++; i < source->count; i++)
		if (source->tokens[i].depth <= depth)
			return i;
	return source->count;
}

void sets_note(struct mutator *m, const struct source *source)
{
	for (size_t i = 0; i + 1 < source->count; i++) {
		const struct token *name = &source->tokens[i + 1];
		bool is_enum = token_is(source, i, "enum");

		if (source->tokens[i].depth || (!is_enum && !token_is(source, i, "flags")) ||
		    name->kind != TOKEN_NAME)
			continue;
		m->sets = grow(m->sets, m->set_count, sizeof(*m->sets));
		m->sets[m->set_count].name = text_format("%.*s", (int)name->len,
							 source->text + name->offset);
		m->sets[m->set_count++].is_enum = is_enum;
	}
}
