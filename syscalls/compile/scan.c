/* SPDX-License-Identifier: MIT */
/*
 * Text to tokens.  A newline is a token only where it ends an item (syscalls/README.md, lexical
 * rules), so the parser need not know about lines.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ast.h"

struct scanner {
	struct program *program;
	const char *at;
	const char *line_start;
	struct pos pos;
	struct pos line_end; /* of the line before */
	LIST(struct token) tokens;
	LIST(char) open; /* brackets that are open */
};

static void scan_add(struct scanner *s, enum token_kind kind, const char *text, size_t len,
		     uint64_t number)
{
	struct token token = { kind, s->open.count, mem_copy_text(text, len), number, s->pos };

	token.pos.column = (unsigned)(s->at - s->line_start) + 1;
	LIST_ADD(&s->tokens, token);
}

static void scan_newline(struct scanner *s)
{
	if (s->open.count == 0 || s->open.at[s->open.count - 1] == '{')
		scan_add(s, TOKEN_NEWLINE, "end of line", 11, 0);
}

static struct pos scan_here(const struct scanner *s)
{
	struct pos pos = s->pos;

	pos.column = (unsigned)(s->at - s->line_start) + 1;
	return pos;
}

static int escaped_byte(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '0':
		return 0;
	default:
		return (unsigned char)c;
	}
}

/* 'E', '\n'. */
static void scan_character(struct scanner *s)
{
	const char *p = s->at + 1;
	int byte = (unsigned char)*p;

	if (*p == '\\' && p[1])
		byte = escaped_byte(*++p);
	if (!*p || *p == '\n' || p[1] != '\'') {
		report(s->program, scan_here(s), "character without closing quote");
		s->at++;
		return;
	}
	scan_add(s, TOKEN_NUMBER, s->at, (size_t)(p + 2 - s->at), (uint64_t)byte);
	s->at = p + 2;
}

static void scan_string(struct scanner *s)
{
	const char *end = s->at + 1;

	while (*end && *end != '"' && *end != '\n')
		end++;
	if (*end != '"') {
		report(s->program, scan_here(s), "string without closing quote");
		s->at = end;
		return;
	}
	scan_add(s, TOKEN_STRING, s->at + 1, (size_t)(end - s->at - 1), 0);
	s->at = end + 1;
}

static void scan_number(struct scanner *s)
{
	char *end;
	uint64_t number = strtoull(s->at, &end, 0);

	if (isalnum((unsigned char)*end) || *end == '_') {
		while (isalnum((unsigned char)*end) || *end == '_')
			end++;
		report(s->program, scan_here(s), "bad number %.*s", (int)(end - s->at), s->at);
	}
	scan_add(s, TOKEN_NUMBER, s->at, (size_t)(end - s->at), number);
	s->at = end;
}

static void scan_bracket(struct scanner *s)
{
	static const char pairs[] = "(){}[]";
	char c = *s->at;
	size_t which = (size_t)(strchr(pairs, c) - pairs);

	if (which % 2 == 0) {
		scan_add(s, TOKEN_MARK, s->at, 1, 0);
		LIST_ADD(&s->open, c);
	} else {
		unsigned open = s->open.count;

		while (open && s->open.at[open - 1] != pairs[which - 1])
			open--;
		if (open)
			s->open.count = open - 1;
		else
			report(s->program, scan_here(s), "%c closes nothing", c);
		scan_add(s, TOKEN_MARK, s->at, 1, 0);
	}
	s->at++;
}

static void scan_mark(struct scanner *s)
{
	static const char *const pairs[] = { "=>", "->", "<<", ">>", "<=", ">=",
					     "==", "!=", "&&", "||", ".." };
	size_t len = 1;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strncmp(s->at, pairs[i], 2) == 0)
			len = 2;
	if (!strchr("=-<>!&|.,;:?+*/%^~", *s->at)) {
		report(s->program, scan_here(s), "stray character %c", *s->at);
	} else if (*s->at == ';') {
		scan_add(s, TOKEN_NEWLINE, ";", 1, 0);
	} else {
		scan_add(s, TOKEN_MARK, s->at, len, 0);
	}
	s->at += len;
}

/*
 * A declaration at the start of a line ends what a forgotten bracket left open; the parser reports
 * that bracket at the end of the line before.
 */
static void scan_resync(struct scanner *s)
{
	static const char *const words[] = {
		"enum ", "flags ", "const ",  "type ", "struct ", "overlay ", "fields ",
		"bits ", "view ",  "record ", "hook ", "table ",  "abi ",     "syscall ",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct token newline = { TOKEN_NEWLINE, 0, "end of line", 0, s->line_end };

		if (strncmp(s->at, words[i], strlen(words[i])) != 0)
			continue;
		s->open.count = 0;
		LIST_ADD(&s->tokens, newline);
		return;
	}
}

static void scan_one(struct scanner *s)
{
	char c = *s->at;

	if (s->at == s->line_start && s->open.count)
		scan_resync(s);

	if (c == '\n') {
		scan_newline(s);
		s->line_end = scan_here(s);
		s->at++;
		s->line_start = s->at;
		s->pos.line++;
	} else if (c == ' ' || c == '\t' || c == '\r') {
		s->at++;
	} else if (c == '#') {
		s->at += strcspn(s->at, "\n");
	} else if (isalpha((unsigned char)c) || c == '_') {
		size_t len = 1;

		while (isalnum((unsigned char)s->at[len]) || s->at[len] == '_')
			len++;
		scan_add(s, TOKEN_NAME, s->at, len, 0);
		s->at += len;
	} else if (isdigit((unsigned char)c)) {
		scan_number(s);
	} else if (c == '\'') {
		scan_character(s);
	} else if (c == '"') {
		scan_string(s);
	} else if (strchr("(){}[]", c)) {
		scan_bracket(s);
	} else {
		scan_mark(s);
	}
}

static bool is_mark(const struct token *token, const char *const *marks)
{
	if (token->kind != TOKEN_MARK)
		return false;
	for (; *marks; marks++)
		if (strcmp(token->text, *marks) == 0)
			return true;
	return false;
}

/* A line that begins so continues the one before. */
static bool continues_line(const struct token *token, const struct token *next)
{
	static const char *const marks[] = { "}", "{", "->", "=>", "|", "||", "&&", "?", NULL };
	static const char *const words[] = { "class", "note", "regs", "if", "when" };
	static const char *const member[] = { ":", NULL }, *const computed[] = { "=", NULL };

	if (is_mark(token, marks))
		return true;
	if (token->kind != TOKEN_NAME || is_mark(next, member))
		return false;
	if (strcmp(token->text, "note") != 0 && is_mark(next, computed))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(token->text, words[i]) == 0)
			return true;
	return false;
}

/* Takes out the newlines that do not end an item. */
static struct token *drop_newlines(struct token *tokens, unsigned count)
{
	static const char *const before[] = { ",",  "|",  "=>", "->", "{",  "||", "&&", "&",
					      "^",  "+",  "-",  "/",  "%",  "<<", ">>", "=",
					      "==", "!=", "<",  "<=", ">=", "?",  NULL };
	struct token *kept = mem_alloc((count + 2) * sizeof(*kept));
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		if (tokens[i].kind == TOKEN_NEWLINE) {
			unsigned next = i + 1;

			while (tokens[next].kind == TOKEN_NEWLINE)
				next++;
			if (n == 0 || kept[n - 1].kind == TOKEN_NEWLINE ||
			    is_mark(&kept[n - 1], before))
				continue;
			if (tokens[next].kind != TOKEN_END &&
			    continues_line(&tokens[next], &tokens[next + 1]))
				continue;
		}
		kept[n++] = tokens[i];
	}
	return kept;
}

struct token *scan_text(struct program *program, const char *file, const char *text)
{
	struct scanner s = {
		.program = program, .at = text, .line_start = text, .pos = { file, 1, 1 }
	};

	while (*s.at)
		scan_one(&s);
	s.open.count = 0;
	scan_newline(&s);
	scan_add(&s, TOKEN_END, "end of file", 11, 0);
	return drop_newlines(s.tokens.at, s.tokens.count);
}
