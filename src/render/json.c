/* SPDX-License-Identifier: MIT */
/*
 * Calls as JSON Lines, in the format of mtrace-json(5).  Called by the session through json_renderer.
 *
 * A call is one record, written when it has ended; another one when it is entered for who asked.  So
 * records never interrupt each other, and nothing is held back.
 */
#include "json.h"

#include <string.h>

#include "restart.h"

/* Does `number`, of that many bytes, say all that the register does?  0: it is not known how many. */
static bool same_number(uint64_t number, unsigned width, uint64_t raw)
{
	unsigned bits = width == 0 ? 32 : width * 8;
	uint64_t upper;

	if (number == raw || bits >= 64)
		return number == raw;
	/* Above its bits a register has zeros, or copies of the sign. */
	upper = UINT64_MAX << bits;
	return ((number ^ raw) & ~upper) == 0 &&
	       ((raw & upper) == 0 || ((raw & upper) == upper && (raw >> (bits - 1) & 1) != 0));
}

static bool shows_number(const struct value *value, uint64_t raw)
{
	if (value->state == VALUE_PENDING)
		return false;
	switch (value->kind) {
	case VALUE_INT:
		return same_number(value->num, value->width, raw);
	case VALUE_FLAGS:
		return same_number(value->num, value->groups != NULL ? value->groups->width : 0,
				   raw);
	case VALUE_ADDR:
		return value->num == raw;
	case VALUE_TEXT:
	case VALUE_CALL:
		return value->width != 0 && same_number(value->num, value->width, raw);
	default:
		return false;
	}
}

/*
 * The registers behind arguments that show something else, the address of a buffer above all; and of
 * what is not known (yet).
 */
static void raw_member(struct buf *out, const struct call *call, const char *unnamed)
{
	bool open = false;

	for (const struct value *arg = call->args; arg != NULL; arg = arg->next) {
		if (arg->arg == 0 || arg->kind == VALUE_NONE ||
		    shows_number(arg, call->numbers[arg->arg - 1]))
			continue;
		if (!open) {
			json_key(out, "raw");
			buf_add_char(out, '{');
			open = true;
		}
		json_value_key(out, call->args, arg, unnamed);
		buf_add_udec(out, call->numbers[arg->arg - 1]);
	}
	if (open)
		buf_add_char(out, '}');
}

static void result_error(struct buf *out, const struct call *call)
{
	int error = call->result.error;
	const char *name = restart_name(error);

	/* The program will not see it: the kernel makes the call again, or turns it into EINTR. */
	if (name != NULL) {
		json_key(out, "ret");
		buf_add(out, "null", 4);
	} else {
		json_signed_member(out, "ret", -1);
		name = desc_set_name(desc_errnos, call->abi, (uint64_t)error);
	}
	if (name != NULL)
		json_string_member(out, "errno", name);
	json_signed_member(out, "error", error);
}

static void result_value(struct buf *out, const struct value *value)
{
	json_key(out, "ret");
	if (value == NULL || !json_is_shown(value))
		buf_add(out, "null", 4);
	else if (value->kind == VALUE_ADDR)
		buf_add_udec(out, value->num); /* nobody would have followed it */
	else
		json_value(out, value);
}

/* The word before a note, without what text puts between them; "note" if there is none. */
static size_t note_word(const struct value *note, const char **word)
{
	bool has_word = note->name != NULL && (note->flags & VALUE_BARE) == 0;

	*word = has_word ? note->name : "note";
	return strcspn(*word, "=");
}

static void note_key(struct buf *out, const struct value *first, const struct value *note)
{
	const char *word, *taken;
	size_t len = note_word(note, &word);
	unsigned same = 1;

	for (const struct value *other = first; other != note; other = other->next) {
		if (json_is_shown(other) && note_word(other, &taken) == len &&
		    memcmp(taken, word, len) == 0)
			same++;
	}
	json_separate(out);
	json_string(out, word, len);
	if (same > 1) {
		out->len--; /* the quotation mark */
		buf_printf(out, ".%u\"", same);
	}
	buf_add_char(out, ':');
}

/* What stands in parentheses behind the result: words, values, and values with a word before them. */
static void notes_member(struct buf *out, const struct value *notes)
{
	bool open = false;

	for (const struct value *note = notes; note != NULL; note = note->next) {
		if (!json_is_shown(note))
			continue;
		if (!open) {
			json_key(out, "notes");
			buf_add_char(out, '{');
			open = true;
		}
		note_key(out, notes, note);
		json_value(out, note);
	}
	if (open)
		buf_add_char(out, '}');
}

static void call_begin(struct renderer *renderer, const char *type, int tid,
		       const struct render_state *state, const struct call *call)
{
	struct buf *out = renderer->out;
	/* Calls that are shown by their registers have no names for them. */
	const char *unnamed = call->args != NULL && call->args->name == NULL ? "arg" : "#";

	json_begin(out, type);
	json_unsigned_member(out, "id", state->id);
	json_process(out, state->pid, tid);
	json_unsigned_member(out, "start_ns", call->wall);
	if (call->finished)
		json_unsigned_member(out, "duration_ns", call->duration);
	json_string_member(out, "abi", abi_name(call->abi));
	json_unsigned_member(out, "nr", call->nr);
	json_string_member(out, "name", call->name);
	json_key(out, "args");
	json_members(out, call->args, unnamed);
	raw_member(out, call, unnamed);
}

static void tampering_members(struct buf *out, const struct call *call)
{
	if ((call->tampering & CALL_INJECTED) != 0)
		json_true_member(out, "injected");
	if ((call->tampering & CALL_DELAYED) != 0)
		json_true_member(out, "delayed");
	if ((call->tampering & CALL_POKED) != 0)
		json_true_member(out, "poked");
}

/* Calls are counted as they begin, or as they are shown where that is later. */
static void state_begin(struct renderer *renderer, struct render_state *state)
{
	if (state->id == 0)
		state->id = ++renderer->calls;
}

static void state_end(struct render_state *state)
{
	*state = (struct render_state){ .pid = state->pid };
}

static void json_enter(struct renderer *renderer, int tid, struct render_state *state,
		       const struct call *call)
{
	state->id = 0;
	state_begin(renderer, state);
	if (renderer->options->json != JSON_ENTER)
		return;
	call_begin(renderer, "enter", tid, state, call);
	json_end(renderer->out);
}

static void json_exit(struct renderer *renderer, int tid, struct render_state *state,
		      const struct call *call)
{
	struct buf *out = renderer->out;

	state_begin(renderer, state);
	call_begin(renderer, "call", tid, state, call);
	if (call->result.failed)
		result_error(out, call);
	else
		result_value(out, call->result.value);
	if (!call->is_raw)
		notes_member(out, call->result.notes);
	tampering_members(out, call);
	json_end(out);
	state_end(state);
}

static void json_abandon(struct renderer *renderer, int tid, struct render_state *state,
			 const struct call *call)
{
	state_begin(renderer, state);
	call_begin(renderer, "call", tid, state, call);
	json_true_member(renderer->out, "unfinished");
	tampering_members(renderer->out, call);
	json_end(renderer->out);
	state_end(state);
}

/* A record is whole, so there is none that could give way. */
static void json_interrupt(struct renderer *renderer, int tid, struct render_state *state,
			   const struct call *call)
{
	(void)renderer;
	(void)tid;
	(void)state;
	(void)call;
}

const struct render_ops json_renderer = {
	.all_events = true,
	.begin = json_header,
	.enter = json_enter,
	.exit = json_exit,
	.abandon = json_abandon,
	.interrupt = json_interrupt,
	.event = json_event,
};
