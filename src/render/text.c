/* SPDX-License-Identifier: MIT */
/* Calls as lines of text, in the format of strace(1).  Called by the session through text_renderer. */
#include "text.h"

#include <string.h>

#include "walk.h"

static struct text text_of(const struct renderer *renderer, const struct call *call)
{
	return (struct text){
		.out = renderer->out,
		.options = renderer->options,
		.xlat = renderer->options->xlat,
		.abi = call->abi,
		.named = call->named,
	};
}

static void text_name(struct buf *out, const struct call *call)
{
	if (call->row != NULL && call->row->name_len != 0)
		buf_add_name(out, call->name, call->row->name_len);
	else
		buf_add_str(out, call->name);
}

/*
 * Brings the line to where the rest of the call belongs: behind what was shown when it was entered,
 * on a line of its own if that one had to give way, or at the beginning if nothing was.  Returns the
 * offset in the buffer at which the line began or, if that part is written already, would have begun.
 */
static size_t text_resume(struct renderer *renderer, int tid, struct render_state *state,
			  const struct call *call)
{
	size_t before = state->open && !state->interrupted ? state->column : 0;
	size_t start = renderer->out->len;

	if (state->interrupted) {
		text_leader(renderer, tid);
		buf_add(renderer->out, "<... ", 5);
		buf_add_str(renderer->out, call->name);
		buf_add(renderer->out, " resumed>", 9);
	} else if (!state->open) {
		state->shown = 0;
		state->whole = false;
		text_call_leader(renderer, tid, call);
		buf_add_str(renderer->out, call->name);
		buf_add_char(renderer->out, '(');
	}
	return start - before; /* may wrap around; only differences are used */
}

/* Between the parenthesis and the result of most lines there are fewer blanks. */
#define TEXT_BLANKS 48

/*
 * The end of a line whose result is a number that is not negative and nothing else, as most are: one
 * look at the room in the buffer.  `blanks`: how many there are before "= ", at most TEXT_BLANKS.
 */
static void text_finish_number(struct buf *out, size_t blanks, uint64_t number)
{
	char *const begin = buf_reserve(out, TEXT_BLANKS + BUF_DIGITS_MAX + 4);
	char *to = begin;

	*to++ = ')';
	memset(to, ' ', TEXT_BLANKS);
	to += blanks;
	*to++ = '=';
	*to++ = ' ';
	to = buf_put_udec(to, number);
	*to++ = '\n';
	out->len += (size_t)(to - begin);
}

/* The parenthesis, the padding, the result; the line is over and the state as new. */
static void text_finish(struct text *text, struct render_state *state, const struct call *call,
			size_t start)
{
	size_t column = text->out->len - start + 1;
	/* " = " takes one blank of the padding. */
	size_t blanks = column + 1 < text->options->column ? text->options->column - column : 1;

	if (blanks <= TEXT_BLANKS && text_result_is_number(text, call)) {
		text_finish_number(text->out, blanks, call->result.value->num);
	} else {
		buf_add_char(text->out, ')');
		buf_pad(text->out, text->out->len, blanks - 1, ' ');
		text_result(text, call);
		buf_add_char(text->out, '\n');
	}
	*state = (struct render_state){ .pid = state->pid };
}

static void text_enter(struct renderer *renderer, int tid, struct render_state *state,
		       const struct call *call)
{
	struct text text = text_of(renderer, call);
	struct walk walk = { 0 };
	size_t start = renderer->out->len;

	text_call_leader(renderer, tid, call);
	text_name(text.out, call);
	buf_add_char(text.out, '(');
	state->whole = call->args == NULL || text_args(&text, &walk, call);
	state->shown = walk.count;
	state->column = text.out->len - start;
	state->open = true;
	state->interrupted = false;
}

static void text_exit(struct renderer *renderer, int tid, struct render_state *state,
		      const struct call *call)
{
	struct text text = text_of(renderer, call);
	size_t start = text_resume(renderer, tid, state, call);
	struct walk walk = { .skip = state->shown, .at_exit = true };

	if (!state->whole)
		text_args(&text, &walk, call);
	text_finish(&text, state, call, start);
}

static void text_abandon(struct renderer *renderer, int tid, struct render_state *state,
			 const struct call *call)
{
	struct text text = text_of(renderer, call);
	size_t start;

	if (!state->open)
		text_enter(renderer, tid, state, call);
	start = text_resume(renderer, tid, state, call);
	/* The notes of a call (poll's answer) are the rest of its arguments, not known any more. */
	if (!call->unavailable && (call->may_have_notes || walk_has_more(call, state->shown)))
		buf_add_str(text.out, " <unfinished ...>");
	text_finish(&text, state, call, start);
}

static void text_interrupt(struct renderer *renderer, int tid, struct render_state *state,
			   const struct call *call)
{
	(void)tid;
	(void)call;
	if (!state->open || state->interrupted)
		return;
	buf_add_str(renderer->out, " <unfinished ...>\n");
	state->interrupted = true;
}

static void text_separate(struct renderer *renderer, int tid)
{
	buf_printf(renderer->out, "+++ another process with pid %d +++\n", tid);
}

const struct render_ops text_renderer = {
	.separate = text_separate,
	.enter = text_enter,
	.exit = text_exit,
	.abandon = text_abandon,
	.interrupt = text_interrupt,
	.event = text_event,
};

void text_value(struct renderer *renderer, const struct value *value)
{
	struct text text = {
		.out = renderer->out,
		.options = renderer->options,
		.xlat = renderer->options->xlat,
	};

	text_whole(&text, value);
}
