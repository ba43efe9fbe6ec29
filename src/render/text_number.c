/* SPDX-License-Identifier: MIT */
/* Numbers and the names that they have, in the three styles of -X.  Called by text_value.c. */
#include <string.h>

#include "mtrace/quote.h"
#include "text.h"

/* As printf's %#0*x has it: the 0x counts towards the width, and zero has none. */
static void number_padded(struct text *text, uint64_t number, unsigned columns)
{
	unsigned used = number != 0 ? 2 : 0;

	for (uint64_t rest = number; rest != 0; rest >>= 4)
		used++;
	if (number != 0)
		buf_add(text->out, "0x", 2);
	for (; used < columns; used++)
		buf_add_char(text->out, '0');
	if (number != 0)
		buf_add_hex_digits(text->out, number);
}

void text_number(struct text *text, uint64_t number, enum desc_base base, bool is_unsigned,
		 unsigned width)
{
	if (width == 0 || width > 8)
		width = 8;
	/* Numbers are widened with their sign; what shows bits shows those that there were. */
	if (base != BASE_DEC && width < 8)
		number &= (UINT64_C(1) << (width * 8)) - 1;
	switch (base) {
	case BASE_DEC:
		if (is_unsigned)
			buf_add_udec(text->out, number);
		else
			buf_add_dec(text->out, (int64_t)number);
		break;
	case BASE_HEX:
		buf_add_hex(text->out, number);
		break;
	case BASE_OCT3:
		if (number == 0)
			buf_add_char(text->out, '0');
		if (number < 010)
			buf_add_char(text->out, '0');
		buf_add_oct(text->out, number);
		break;
	case BASE_OCT:
		buf_add_oct(text->out, number);
		break;
	case BASE_PAD_HEX:
		number_padded(text, number, width * 2);
		break;
	case BASE_ADDR:
		if (number == 0)
			buf_add(text->out, "NULL", 4);
		else
			buf_add_hex(text->out, number);
		break;
	}
}

void text_comment(struct text *text, const char *comment)
{
	buf_add(text->out, "/* ", 3);
	quote_add_plain(text->out, comment, strlen(comment));
	buf_add(text->out, " */", 3);
}

void text_int(struct text *text, const struct value *value)
{
	bool is_suffixed = (value->flags & VALUE_SUFFIXED) != 0 && value->comment != NULL;

	if (is_suffixed && text->xlat == XLAT_ABBREV) {
		buf_add_str(text->out, value->comment);
		return;
	}
	text_number(text, value->num, value->base, (value->flags & VALUE_UNSIGNED) != 0,
		    value->width);
	if (is_suffixed && text->xlat == XLAT_VERBOSE) {
		buf_add_char(text->out, ' ');
		text_comment(text, value->comment);
	}
}

static void flags_shift(struct text *text, const char *shift)
{
	if (shift == NULL)
		return;
	if (strncmp(shift, "<<", 2) != 0)
		buf_add(text->out, "<<", 2);
	buf_add_str(text->out, shift);
}

/* 53<<MAP_HUGE_SHIFT has a name, if not for the number. */
static bool group_has_name(const struct value_group *group)
{
	for (const struct value_part *part = group->parts; part != NULL; part = part->next) {
		if (part->name != NULL || part->shift != NULL)
			return true;
	}
	return false;
}

static void group_parts(struct text *text, const struct value_group *group)
{
	const char *joiner = group->joiner != NULL ? group->joiner : "|";

	for (const struct value_part *part = group->parts; part != NULL; part = part->next) {
		if (part != group->parts)
			buf_add_str(text->out, joiner);
		if (part->name != NULL)
			buf_add_str(text->out, part->name);
		else
			text_number(text, part->num, part->base, !group->is_signed, group->width);
		if (part->comment != NULL) {
			buf_add_char(text->out, ' ');
			text_comment(text, part->comment);
		}
		flags_shift(text, part->shift);
	}
}

static void flags_group(struct text *text, const struct value_group *group)
{
	bool has_name = text->xlat != XLAT_RAW && group_has_name(group);
	bool has_parts = group->parts != NULL;

	if (text->xlat == XLAT_ABBREV && (has_name || (has_parts && group->unknown == NULL))) {
		group_parts(text, group);
	} else {
		text_number(text, group->num, group->base, !group->is_signed, group->width);
		if (has_name) {
			buf_add(text->out, " /* ", 4);
			group_parts(text, group);
			buf_add(text->out, " */", 3);
		} else if (text->xlat != XLAT_RAW && group->unknown != NULL) {
			flags_shift(text, group->shift);
			buf_add_char(text->out, ' ');
			text_comment(text, group->unknown);
			return;
		}
	}
	flags_shift(text, group->shift);
}

/* The name of a number that has one and nothing else to say; NULL if there is more to it. */
static const char *flags_name(const struct value_group *group)
{
	const struct value_part *part = group->parts;

	if (group->next != NULL || group->shift != NULL || part == NULL || part->next != NULL ||
	    part->shift != NULL || part->comment != NULL)
		return NULL;
	return part->name;
}

void text_flags(struct text *text, const struct value *value)
{
	const char *name = NULL;

	if (text->xlat == XLAT_ABBREV && value->groups != NULL)
		name = flags_name(value->groups);
	if (name != NULL) {
		buf_add_str(text->out, name);
		return;
	}
	if (value->groups == NULL)
		text_number(text, value->num, value->base, (value->flags & VALUE_UNSIGNED) != 0,
			    value->width);
	for (const struct value_group *group = value->groups; group != NULL; group = group->next) {
		if (group != value->groups)
			buf_add_char(text->out, '|');
		flags_group(text, group);
	}
}
