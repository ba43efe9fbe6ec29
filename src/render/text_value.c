/* SPDX-License-Identifier: MIT */
/* Values as text: separators, names, brackets, strings, annotations.  Called by text.c. */
#include <string.h>

#include "mtrace/quote.h"
#include "text.h"
#include "walk.h"

static enum quote_style value_quote_style(const struct text *text, const struct value *value)
{
	if ((value->flags & VALUE_IN_HEX) != 0)
		return QUOTE_HEX_ALL;
	switch (text->options->hex) {
	case HEX_NON_ASCII_CHARS:
		return QUOTE_HEX;
	case HEX_NON_ASCII:
		return QUOTE_HEX_IF_NEEDED;
	case HEX_ALL:
		return QUOTE_HEX_ALL;
	case HEX_NONE:
		break;
	}
	return QUOTE_OCTAL;
}

static void __attribute__((noinline))
value_string(struct text *text, const struct value *value, enum quote_style style)
{
	/* A NUL is not ASCII: for -x as for -xx it makes the whole string hexadecimal. */
	bool with_nul = (value->flags & VALUE_NUL_BEHIND) != 0 &&
			(style == QUOTE_HEX_ALL || style == QUOTE_HEX_IF_NEEDED);

	if ((value->flags & VALUE_ABSTRACT) != 0)
		buf_add_char(text->out, '@');
	buf_add_char(text->out, '"');
	quote_add(text->out, value->bytes, value->len + with_nul, style, NULL);
	buf_add_char(text->out, '"');
	if ((value->flags & VALUE_TRUNCATED) != 0 || with_nul)
		buf_add(text->out, "...", 3);
}

/*
 * What a descriptor or process stands for, in angle brackets.  A note is up to three pieces with a
 * NUL between them: a name, which a tracee can choose and is escaped so that it cannot end the
 * bracket; more of ours inside the bracket; more behind it.  With one piece only it is what readlink
 * of /proc/PID/fd/N gave, where the kernel marks a file that was removed by a suffix.
 */
static void __attribute__((noinline)) value_note(struct text *text, const struct value *value)
{
	static const char deleted[] = " (deleted)";
	const char *note = value->note;
	size_t len = value->note_len;
	const char *inside = memchr(note, '\0', len);
	size_t name_len = inside != NULL ? (size_t)(inside - note) : len;
	const char *behind = NULL;
	size_t inside_len = 0;

	if (inside != NULL) {
		inside++;
		inside_len = (size_t)(note + len - inside);
		behind = memchr(inside, '\0', inside_len);
		if (behind != NULL)
			inside_len = (size_t)(behind++ - inside);
	} else if ((value->flags & VALUE_FD) != 0 && len > strlen(deleted) &&
		   memcmp(note + len - strlen(deleted), deleted, strlen(deleted)) == 0) {
		name_len -= strlen(deleted);
		behind = note + name_len + 1;
	}
	buf_add_char(text->out, '<');
	quote_add(text->out, note, name_len, value_quote_style(text, value), "<>");
	quote_add_plain(text->out, inside, inside_len);
	buf_add_char(text->out, '>');
	if (behind != NULL)
		quote_add_plain(text->out, behind, (size_t)(note + len - behind));
}

/* In a comment, where the member's name stands before it, &NAME is left out. */
static void call_arguments(struct text *text, const struct value *first, bool in_comment)
{
	for (const struct value *value = first; value != NULL; value = value->next) {
		if (in_comment && value->kind == VALUE_TEXT && value->len > 0 &&
		    value->bytes[0] == '&')
			continue;
		if (value != first)
			buf_add(text->out, ", ", 2);
		text_whole(text, value);
	}
}

/*
 * A CALL stands for a number or for bytes, which are what -X raw shows; one that stands for
 * neither looks the same in all styles.
 */
static void __attribute__((noinline)) value_call(struct text *text, const struct value *value)
{
	enum xlat_style style = text->xlat;
	bool stands_for = value->bytes != NULL || value->width != 0;
	bool is_deep = value->type != NULL && value->type->body != NULL &&
		       (value->type->body->flags & STRUCT_DEEP) != 0;

	if (!stands_for)
		style = XLAT_ABBREV;
	if (style != XLAT_ABBREV) {
		if (value->bytes != NULL)
			value_string(text, value, QUOTE_HEX_ALL);
		else
			text_number(text, value->num, value->base,
				    (value->flags & VALUE_UNSIGNED) != 0, value->width);
		if (style == XLAT_RAW)
			return;
		buf_add(text->out, " /* ", 4);
	}
	if (stands_for && !is_deep)
		text->xlat = XLAT_ABBREV;
	buf_add_str(text->out, value->callee);
	buf_add_char(text->out, '(');
	call_arguments(text, value->first, style != XLAT_ABBREV);
	buf_add_char(text->out, ')');
	if (stands_for && style != XLAT_ABBREV) {
		text->xlat = style;
		buf_add(text->out, " */", 3);
	}
}

/* A word that stands for bytes (a hardware address) has them as its child: -X raw shows those. */
static void value_word(struct text *text, const struct value *value)
{
	if (value->first != NULL && text->xlat != XLAT_ABBREV) {
		value_string(text, value->first, QUOTE_HEX_ALL);
		if (text->xlat == XLAT_RAW)
			return;
		buf_add(text->out, " /* ", 4);
	}
	quote_add_plain(text->out, value->bytes, value->len);
	if (value->first != NULL && text->xlat != XLAT_ABBREV)
		buf_add(text->out, " */", 3);
}

static void __attribute__((noinline)) value_leaf(struct text *text, const struct value *value)
{
	switch (value->kind) {
	case VALUE_INT:
		text_int(text, value);
		break;
	case VALUE_FLAGS:
		text_flags(text, value);
		break;
	case VALUE_STRING:
		if (value->comment != NULL) {
			text_comment(text, value->comment);
			buf_add_char(text->out, ' ');
		}
		value_string(text, value, value_quote_style(text, value));
		return;
	case VALUE_ADDR:
		text_number(text, value->num, BASE_ADDR, true, 8);
		break;
	case VALUE_CALL:
		value_call(text, value);
		break;
	case VALUE_MORE:
		buf_add(text->out, "...", 3);
		break;
	case VALUE_TEXT:
		value_word(text, value);
		break;
	default:
		break;
	}
	if ((value->flags & (VALUE_FD | VALUE_PID)) != 0 && value->note != NULL)
		value_note(text, value);
	if (value->comment != NULL && (value->flags & VALUE_SUFFIXED) == 0 &&
	    ((value->flags & VALUE_EXPLAINED) == 0 || text->xlat != XLAT_RAW)) {
		buf_add_char(text->out, ' ');
		text_comment(text, value->comment);
	}
}

static void __attribute__((noinline)) value_open(struct text *text, const struct value *value)
{
	if (value->kind == VALUE_STRUCT)
		buf_add_char(text->out, '{');
	else if (value->kind == VALUE_ARRAY && (value->flags & VALUE_COMPLEMENT) != 0)
		buf_add(text->out, "~[", 2);
	else if (value->kind == VALUE_ARRAY)
		buf_add_char(text->out, '[');
}

static void __attribute__((noinline)) value_close(struct text *text, const struct value *value)
{
	if (value->kind == VALUE_STRUCT)
		buf_add_char(text->out, '}');
	else if (value->kind == VALUE_ARRAY)
		buf_add_char(text->out, ']');
	if (value->comment != NULL) {
		buf_add_char(text->out, ' ');
		text_comment(text, value->comment);
	}
}

/* A separator belongs to the item behind it, so that an interrupted line never ends in one. */
static void item_separator(struct text *text, const struct walk_item *item)
{
	const struct value *parent = item->parent;

	if (item->index == 0)
		return;
	if (parent != NULL && parent->kind == VALUE_CHANGE)
		buf_add(text->out, " => ", 4);
	else if (parent != NULL && (parent->flags & VALUE_SPACED) != 0)
		buf_add_char(text->out, ' ');
	else
		buf_add(text->out, ", ", 2);
}

/* inet_pton(AF_INET6, "::1", &sin6_addr) names its member itself, the bytes do not. */
static bool item_is_bare(const struct text *text, const struct value *value)
{
	if (value->kind == VALUE_CALL && value->bytes != NULL && text->xlat != XLAT_ABBREV)
		return false;
	return (value->flags & VALUE_BARE) != 0;
}

/* [VINTR]=, [DEVCONF_MTU6]=, or [2]= with -X raw; the index of an element is its place in the array. */
static void item_index(struct text *text, const struct walk_item *item)
{
	const char *name = item->value->name;
	bool is_const = (item->value->flags & VALUE_INDEX_CONST) != 0;
	bool is_unknown = (item->value->flags & VALUE_INDEX_UNKNOWN) != 0;

	buf_add_char(text->out, '[');
	if (is_const && text->xlat == XLAT_RAW) {
		buf_printf(text->out, "%zu", item->index);
	} else if (is_unknown) {
		buf_add_str(text->out, name);
		buf_add_char(text->out, ' ');
		text_comment(text, name + strlen(name) + 1);
	} else if (is_const && text->xlat == XLAT_VERBOSE) {
		buf_printf(text->out, "%zu ", item->index);
		text_comment(text, name);
	} else {
		buf_add_str(text->out, name);
	}
	buf_add(text->out, "]=", 2);
}

static void item_name(struct text *text, const struct walk_item *item)
{
	const struct value *value = item->value;
	bool indexed = (value->flags & VALUE_INDEXED) != 0;

	if (!indexed && !(item->parent != NULL ? item->parent->kind == VALUE_STRUCT : text->named))
		return;
	if (value->name == NULL || item_is_bare(text, value))
		return;
	if (indexed) {
		item_index(text, item);
		return;
	}
	buf_add_str(text->out, value->name);
	buf_add_char(text->out, '=');
}

/* What the walk visits; to be inlined there, where the step is known. */
static inline void text_item(void *context, const struct walk_item *item)
{
	struct text *text = context;

	if (item->step == WALK_CLOSE) {
		value_close(text, item->value);
		return;
	}
	item_separator(text, item);
	item_name(text, item);
	if (item->step == WALK_OPEN)
		value_open(text, item->value);
	else if (text_is_plain(item->value))
		text_plain(text, item->value);
	else
		value_leaf(text, item->value);
}

/* always_inline on text_item would say it too, but gcc refuses that through a pointer below -O2. */
__attribute__((flatten))
bool text_args(struct text *text, struct walk *walk, const struct call *call)
{
	walk->context = text;
	return walk_each_arg(walk, text_item, call);
}

void text_whole(struct text *text, const struct value *value)
{
	struct walk walk = { .context = text, .at_exit = true };
	bool named = text->named;

	text->named = false;
	walk_each_value(&walk, text_item, value);
	text->named = named;
}
