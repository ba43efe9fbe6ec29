/* SPDX-License-Identifier: MIT */
/* The result of a call as text: number, errno, notes.  Called by text.c. */
#include <string.h>

#include "restart.h"
#include "text.h"

static void result_reason(struct text *text, const char *name, const char *reason)
{
	buf_add_str(text->out, name);
	buf_add(text->out, " (", 2);
	buf_add_str(text->out, reason);
	buf_add_char(text->out, ')');
}

static void result_restart(struct text *text, int error, bool is_raw)
{
	if (is_raw) {
		buf_printf(text->out, "-1 %s (Unknown error %d)", restart_name(error), error);
		return;
	}
	buf_add(text->out, "? ", 2);
	result_reason(text, restart_name(error), restart_reason(error));
}

static void result_error(struct text *text, int error, bool is_raw)
{
	const char *name;
	const char *reason;

	if (restart_name(error) != NULL) {
		result_restart(text, error, is_raw);
		return;
	}
	buf_add(text->out, "-1 ", 3);
	name = desc_set_name(desc_errnos, text->abi, (uint64_t)error);
	/* Without setlocale(3) these are the C library's own, English, words. */
	reason = strerror(error);
	if (name == NULL)
		buf_printf(text->out, "(errno %d)", error);
	else
		result_reason(text, name, reason);
}

/*
 * An enum's name that is itself the note (a signal) is a gloss on the number before it, which -X does
 * not touch, and so are the flags of an open file (F_GETFL); other symbols are.
 */
static bool note_is_gloss(const struct value *note)
{
	bool is_bits = note->type != NULL && note->type->kind == TYPE_BITS;

	return note->kind == VALUE_FLAGS && (note->name != NULL) == is_bits;
}

static bool note_is_empty(const struct value *note)
{
	return note->kind == VALUE_TEXT && note->len == 0;
}

static void result_note(struct text *text, const struct value *note)
{
	enum xlat_style style = text->xlat;

	if (note->name != NULL && (note->flags & VALUE_BARE) == 0) {
		size_t len = strlen(note->name);

		buf_add(text->out, note->name, len);
		if (!note_is_empty(note) && len > 0 && strchr("= ", note->name[len - 1]) == NULL)
			buf_add_char(text->out, ' ');
	}
	if (note_is_gloss(note))
		text->xlat = XLAT_ABBREV;
	if (note->kind == VALUE_CALL) {
		struct value call = *note;

		call.width = 0; /* the number that it stands for is the result */
		text_whole(text, &call);
	} else {
		text_whole(text, note);
	}
	text->xlat = style;
}

static void result_notes(struct text *text, const struct value *notes)
{
	const char *separator = " (";

	for (const struct value *note = notes; note != NULL; note = note->next) {
		if (note->kind == VALUE_NONE ||
		    (note->kind == VALUE_CALL && text->xlat == XLAT_RAW))
			continue;
		buf_add(text->out, separator, 2);
		separator = ", ";
		result_note(text, note);
	}
	if (separator[0] == ',')
		buf_add_char(text->out, ')');
}

static void result_tampering(struct text *text, unsigned tampering)
{
	switch (tampering & (CALL_INJECTED | CALL_POKED)) {
	case CALL_INJECTED:
		buf_add_str(text->out, " (INJECTED)");
		break;
	case CALL_POKED:
		buf_add_str(text->out, " (INJECTED: args)");
		break;
	case CALL_INJECTED | CALL_POKED:
		buf_add_str(text->out, " (INJECTED: args, retval)");
		break;
	}
	if ((tampering & CALL_DELAYED) != 0)
		buf_add_str(text->out, " (DELAYED)");
}

/*
 * What a user puts there may be wider than what the call would return, and calls that do not return
 * (exit_group) do so if they are not made.
 */
static bool result_injected(struct text *text, const struct call *call)
{
	const struct value *value = call->result.value;
	bool is_none = value == NULL || value->kind == VALUE_NONE;
	uint64_t number = call->raw_result;

	if ((call->tampering & CALL_INJECTED) == 0 || call->is_raw ||
	    (!is_none &&
	     (value->kind != VALUE_INT || (value->flags & (VALUE_FD | VALUE_PID)) != 0)))
		return false;
	if (abi_word_size(call->abi) == 4 && call->abi != ABI_X32)
		number = (uint32_t)number; /* all that such a program sees */
	text_number(text, number, is_none ? BASE_DEC : value->base, true, 0);
	return true;
}

static void result_value(struct text *text, const struct call *call)
{
	const struct value *value = call->result.value;

	if (value == NULL || value->kind == VALUE_NONE)
		buf_add_char(text->out, '?');
	else if (call->is_raw)
		buf_add_hex(text->out, call->raw_result);
	else if (value->kind == VALUE_ADDR && value->num == 0)
		buf_add_char(text->out, '0'); /* a number to brk(2), not a pointer */
	else if (text_is_plain(value))
		text_plain(text, value);
	else
		text_whole(text, value);
}

void text_result(struct text *text, const struct call *call)
{
	const struct call_result *result = &call->result;

	buf_add(text->out, " = ", 3);
	if (!call->finished) {
		buf_add_str(text->out, call->unavailable ? "? <unavailable>" : "?");
		return;
	}
	if (result->failed)
		result_error(text, result->error, call->is_raw);
	else if (!result_injected(text, call))
		result_value(text, call);
	if (!call->is_raw)
		result_notes(text, result->notes);
	if (call->tampering != 0)
		result_tampering(text, call->tampering);
	if (text->options->times.duration)
		text_duration(text, call);
}
