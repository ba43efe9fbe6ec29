/* SPDX-License-Identifier: MIT */
/* Values as JSON, in the forms of mtrace-json(5).  Called by json.c and json_event.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

static uint64_t width_mask(unsigned width)
{
	return width == 0 || width >= 8 ? UINT64_MAX : (UINT64_C(1) << width * 8) - 1;
}

/* ---- keys ---- */

bool json_is_shown(const struct value *value)
{
	return value->kind != VALUE_NONE && value->state != VALUE_PENDING;
}

/* "..." is a key that no member can have: names are words. */
static const char *value_name(const struct value *value)
{
	return value->name == NULL && value->kind == VALUE_MORE ? "..." : value->name;
}

/*
 * Members that are spliced in from several structs may share a name: the second gets ".2".  Who has no
 * name is counted from 0.  What is hidden counts too, so that a key is the same at entry and at exit.
 */
void json_value_key(struct buf *out, const struct value *first, const struct value *value,
		    const char *unnamed)
{
	const char *name = value_name(value);
	unsigned index = 0;
	unsigned same = 1;
	char key[32];

	if (name != NULL && (value->flags & VALUE_INDEXED) != 0) {
		json_key(out, name);
		return;
	}
	for (const struct value *other = first; other != value; other = other->next) {
		const char *taken = value_name(other);

		index++;
		if (name != NULL && taken != NULL && (taken == name || strcmp(taken, name) == 0))
			same++;
	}
	if (name == NULL) {
		snprintf(key, sizeof(key), "%s%u", unnamed, index);
		json_key(out, key);
	} else if (same == 1) {
		json_key(out, name);
	} else {
		json_key(out, name);
		out->len -= 2; /* the quotation mark and the colon */
		buf_printf(out, ".%u\":", same);
	}
}

void json_members(struct buf *out, const struct value *first, const char *unnamed)
{
	buf_add_char(out, '{');
	for (const struct value *value = first; value != NULL; value = value->next) {
		if (!json_is_shown(value))
			continue;
		json_value_key(out, first, value, unnamed);
		if (value->kind == VALUE_MORE && value->name == NULL && value->num == 0)
			buf_add(out, "true", 4);
		else
			json_value(out, value);
	}
	buf_add_char(out, '}');
}

/* ---- what stands beside a number ---- */

/* The three pieces of a note (value.h) as members. */
static void note_members(struct buf *out, const struct value *value)
{
	static const char deleted[] = " (deleted)";
	const size_t deleted_len = strlen(deleted);
	const char *note = value->note;
	const char *end = note + value->note_len;
	const char *inside = memchr(note, '\0', value->note_len);
	const char *behind = NULL;
	size_t len = inside != NULL ? (size_t)(inside - note) : value->note_len;
	bool is_fd = (value->flags & VALUE_FD) != 0;

	if (inside != NULL)
		behind = memchr(inside + 1, '\0', (size_t)(end - inside - 1));
	else if (is_fd && len > deleted_len && memcmp(end - deleted_len, deleted, deleted_len) == 0)
		len -= deleted_len;
	json_key(out, is_fd ? "path" : "command");
	json_bytes(out, note, len);
	if (inside != NULL && inside + 1 < (behind != NULL ? behind : end)) {
		json_key(out, "detail");
		json_bytes(out, inside + 1, (size_t)((behind != NULL ? behind : end) - inside - 1));
	}
	if (inside == NULL && len < value->note_len) {
		json_true_member(out, "deleted");
	} else if (behind != NULL && behind + 1 < end) {
		size_t behind_len = (size_t)(end - behind - 1);

		if (behind_len == deleted_len - 1 &&
		    memcmp(behind + 1, deleted + 1, behind_len) == 0) {
			json_true_member(out, "deleted");
		} else {
			json_key(out, "suffix");
			json_bytes(out, behind + 1, behind_len);
		}
	}
}

static bool has_note(const struct value *value)
{
	return (value->flags & (VALUE_FD | VALUE_PID)) != 0 && value->note != NULL;
}

/* A date says nothing that the number does not. */
static bool has_comment(const struct value *value)
{
	return value->comment != NULL &&
	       (value->type == NULL || value->type->role != ROLE_TIME || value->kind != VALUE_INT);
}

static void beside(struct buf *out, const struct value *value)
{
	if (has_note(value))
		note_members(out, value);
	if (has_comment(value))
		json_string_member(out, "comment", value->comment);
}

/* ---- numbers ---- */

static void add_number(struct buf *out, uint64_t number, bool is_unsigned)
{
	if (is_unsigned)
		buf_add_udec(out, number);
	else
		buf_add_dec(out, (int64_t)number);
}

/* An enum whose numbers come first in text, its names as a comment. */
static bool is_named_by_comment(const struct value *value)
{
	return value->type != NULL && value->type->set != NULL && value->type->set->comment;
}

static void value_int(struct buf *out, const struct value *value)
{
	bool is_unsigned = (value->flags & VALUE_UNSIGNED) != 0;
	bool by_comment = is_named_by_comment(value);

	if (!by_comment && !has_note(value) && !has_comment(value)) {
		add_number(out, value->num, is_unsigned);
		return;
	}
	buf_add(out, "{\"value\":", 9);
	add_number(out, value->num, is_unsigned);
	if (by_comment) {
		json_key(out, "names");
		buf_add_char(out, '[');
		if (value->comment != NULL && value->comment != value->type->set->unknown)
			json_string(out, value->comment, strlen(value->comment));
		buf_add_char(out, ']');
		if (has_note(value))
			note_members(out, value);
	} else {
		beside(out, value);
	}
	buf_add_char(out, '}');
}

/* ---- names ---- */

static void part_name(struct buf *out, const struct value_part *part)
{
	const char *shift = part->shift;

	json_separate(out);
	if (part->name != NULL)
		json_string(out, part->name, strlen(part->name));
	else
		buf_printf(out, "\"%" PRIu64 "\"", part->num);
	if (shift != NULL) {
		out->len--; /* the quotation mark */
		buf_printf(out, "%s%s\"", strncmp(shift, "<<", 2) == 0 ? "" : "<<", shift);
	}
}

/* The names in a group, and in *rest what they leave; returns whether there are any. */
static bool group_names(struct buf *out, const struct value_group *group, uint64_t *rest)
{
	bool named = false;

	for (const struct value_part *part = group->parts; part != NULL; part = part->next) {
		if (part->name != NULL || part->shift != NULL) {
			part_name(out, part);
			named = true;
		} else {
			*rest |= part->num;
		}
	}
	return named;
}

static void names_and_rest(struct buf *out, const struct value_group *group)
{
	uint64_t rest = 0;
	bool named;

	json_key(out, "names");
	buf_add_char(out, '[');
	named = group_names(out, group, &rest);
	buf_add_char(out, ']');
	if (named && rest != 0)
		json_unsigned_member(out, "rest", rest);
}

static void group_number(struct buf *out, const struct value_group *group)
{
	uint64_t number = group->is_signed ? group->num : group->num & width_mask(group->width);

	add_number(out, number, !group->is_signed);
}

/* A number whose parts are shown apart from each other: each with what it is moved by. */
static void several_groups(struct buf *out, const struct value *value)
{
	uint64_t rest = 0;

	json_key(out, "names");
	buf_add_char(out, '[');
	for (const struct value_group *group = value->groups; group != NULL; group = group->next)
		group_names(out, group, &rest);
	buf_add_char(out, ']');
	json_key(out, "parts");
	buf_add_char(out, '[');
	for (const struct value_group *group = value->groups; group != NULL; group = group->next) {
		json_separate(out);
		buf_add(out, "{\"value\":", 9);
		group_number(out, group);
		names_and_rest(out, group);
		if (group->shift != NULL)
			json_string_member(out, "shift",
					   group->shift + (strncmp(group->shift, "<<", 2) ? 0 : 2));
		buf_add_char(out, '}');
	}
	buf_add_char(out, ']');
}

/* An enum is signed as its type is; flags are bits. */
static bool is_signed_enum(const struct value *value)
{
	const struct desc_type *type = value->type;

	if (value->groups->is_signed)
		return true;
	return type != NULL && type->kind == TYPE_INT && type->is_signed && type->set != NULL &&
	       type->set->kind == SET_ENUM && (type->flags & TYPE_SHIFTED) == 0;
}

static void value_flags(struct buf *out, const struct value *value)
{
	const struct value_group *group = value->groups;

	buf_add(out, "{\"value\":", 9);
	if (group == NULL) {
		add_number(out, value->num, true);
		json_key(out, "names");
		buf_add(out, "[]", 2);
	} else if (group->next != NULL) {
		add_number(out, value->num, true);
		several_groups(out, value);
	} else {
		if (is_signed_enum(value))
			add_number(out, value->num, false);
		else
			group_number(out, group);
		names_and_rest(out, group);
	}
	beside(out, value);
	buf_add_char(out, '}');
}

/* ---- the rest ---- */

static void value_string(struct buf *out, const struct value *value)
{
	bool is_whole = json_is_whole(value->bytes, value->len);
	bool is_cut = (value->flags & VALUE_TRUNCATED) != 0;
	bool is_abstract = (value->flags & VALUE_ABSTRACT) != 0;

	if (is_whole && !is_cut && !is_abstract && value->comment == NULL) {
		json_string(out, value->bytes, value->len);
		return;
	}
	buf_add(out, "{\"string\":", 10);
	json_string(out, value->bytes, value->len);
	if (!is_whole) {
		json_key(out, "base64");
		json_base64(out, value->bytes, value->len);
	}
	if (is_cut) {
		json_true_member(out, "truncated");
		if (value->total > value->len)
			json_unsigned_member(out, "length", value->total);
	}
	if (is_abstract)
		json_true_member(out, "abstract");
	if (value->comment != NULL)
		json_string_member(out, "comment", value->comment);
	buf_add_char(out, '}');
}

static void value_address(struct buf *out, const struct value *value)
{
	if (value->num == 0) {
		buf_add(out, "null", 4);
		return;
	}
	buf_add(out, "{\"address\":", 11);
	buf_add_udec(out, value->num);
	if (value->state == VALUE_UNREADABLE)
		json_true_member(out, "unreadable");
	if (value->comment != NULL) {
		json_unsigned_member(out, "count", value->counted);
		json_string_member(out, "comment", value->comment);
	}
	buf_add_char(out, '}');
}

static void value_elements(struct buf *out, const struct value *first)
{
	buf_add_char(out, '[');
	for (const struct value *value = first; value != NULL; value = value->next) {
		if (!json_is_shown(value))
			continue;
		json_separate(out);
		json_value(out, value);
	}
	buf_add_char(out, ']');
}

static void value_array(struct buf *out, const struct value *value)
{
	if ((value->flags & VALUE_COMPLEMENT) != 0) {
		buf_add(out, "{\"not\":", 7);
		value_elements(out, value->first);
		buf_add_char(out, '}');
	} else if (value->type != NULL && value->type->kind == TYPE_ARRAY &&
		   value->type->set != NULL) {
		json_members(out, value->first, "#");
	} else {
		value_elements(out, value->first);
	}
}

static void add_hex(struct buf *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	buf_add_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		buf_add_char(out, digits[bytes[i] >> 4]);
		buf_add_char(out, digits[bytes[i] & 15]);
	}
	buf_add_char(out, '"');
}

static void value_call(struct buf *out, const struct value *value)
{
	buf_add(out, "{\"call\":", 8);
	json_string(out, value->callee, strlen(value->callee));
	json_key(out, "args");
	value_elements(out, value->first);
	if (value->bytes != NULL) {
		json_key(out, "hex");
		add_hex(out, value->bytes, value->len);
	} else if (value->width != 0) {
		json_key(out, "value");
		add_number(out, value->num & width_mask(value->width),
			   (value->flags & VALUE_UNSIGNED) != 0);
	}
	beside(out, value);
	buf_add_char(out, '}');
}

/* A second half that is not there says that nothing changed. */
static void value_change(struct buf *out, const struct value *value)
{
	const struct value *before = value->first;
	const struct value *after = before != NULL ? before->next : NULL;

	if (before == NULL) {
		buf_add(out, "null", 4);
	} else if (after == NULL || !json_is_shown(after)) {
		json_value(out, before);
	} else {
		buf_add(out, "{\"before\":", 10);
		json_value(out, before);
		json_key(out, "after");
		json_value(out, after);
		buf_add_char(out, '}');
	}
}

static void value_text(struct buf *out, const struct value *value)
{
	buf_add_char(out, '{');
	if (value->width != 0) {
		json_key(out, "value");
		add_number(out, value->num, (value->flags & VALUE_UNSIGNED) != 0);
	}
	json_key(out, "text");
	json_string(out, value->bytes, value->len);
	buf_add_char(out, '}');
}

static void value_more(struct buf *out, const struct value *value)
{
	buf_add(out, "{\"...\":true", 11);
	if (value->num != 0)
		json_unsigned_member(out, "address", value->num);
	buf_add_char(out, '}');
}

void json_value(struct buf *out, const struct value *value)
{
	switch ((enum value_kind)value->kind) {
	case VALUE_INT:
		value_int(out, value);
		break;
	case VALUE_FLAGS:
		value_flags(out, value);
		break;
	case VALUE_STRING:
		value_string(out, value);
		break;
	case VALUE_ADDR:
		value_address(out, value);
		break;
	case VALUE_STRUCT:
		json_members(out, value->first, "#");
		break;
	case VALUE_ARRAY:
		value_array(out, value);
		break;
	case VALUE_CALL:
		value_call(out, value);
		break;
	case VALUE_CHANGE:
		value_change(out, value);
		break;
	case VALUE_MORE:
		value_more(out, value);
		break;
	case VALUE_TEXT:
		value_text(out, value);
		break;
	case VALUE_NONE:
		buf_add(out, "null", 4);
		break;
	}
}
