/* SPDX-License-Identifier: MIT */
/* What the files of the text renderer share.  Private to src/render. */
#ifndef MTRACE_RENDER_TEXT_H
#define MTRACE_RENDER_TEXT_H

#include "mtrace/render.h"

/* How values are written at this moment. */
struct text {
	struct buf *out;
	const struct options *options;
	enum xlat_style xlat; /* options->xlat, but results' notes and comments are abbreviated */
	enum abi_id abi;
	bool named; /* NAME=VALUE for arguments as well */
};

/* text_time.c */

/* -t and -r; `wall` in ns since the epoch, `since` in ns. */
void text_time_columns(struct renderer *renderer, uint64_t wall, uint64_t since);
/* The same of a line about this moment, which begins now. */
void text_time_columns_now(struct renderer *renderer);
/* -T: " <0.000012>" */
void text_duration(struct text *text, const struct call *call);

/* text_leader.c */

/* The column with the number of the tracee, where there is one. */
void text_pid_column(const struct renderer *renderer, int tid);

/* What a line of a call that begins, or began a while ago, begins with. */
static inline void text_call_leader(struct renderer *renderer, int tid, const struct call *call)
{
	if (renderer->pid_column != PID_NONE)
		text_pid_column(renderer, tid);
	if (renderer->options->times.leading)
		text_time_columns(renderer, call->wall, call->since);
}

/* What any other line begins with: it is about this moment. */
static inline void text_leader(struct renderer *renderer, int tid)
{
	if (renderer->pid_column != PID_NONE)
		text_pid_column(renderer, tid);
	if (renderer->options->times.leading)
		text_time_columns_now(renderer);
}

/* text_value.c */

/* The arguments of the call, from where the walk is; as walk_args(). */
struct walk;
bool text_args(struct text *text, struct walk *walk, const struct call *call);
/* A whole value, without its name. */
void text_whole(struct text *text, const struct value *value);

/* text_number.c */

/* `number` in `base`; `width` is its size in bytes, 0 for 8. */
void text_number(struct text *text, uint64_t number, enum desc_base base, bool is_unsigned,
		 unsigned width);
void text_int(struct text *text, const struct value *value);

/* Is the value a decimal number and nothing else, as most are?  text_plain() shows it. */
static inline bool text_is_plain(const struct value *value)
{
	return value->kind == VALUE_INT && value->base == BASE_DEC && value->comment == NULL &&
	       value->note == NULL;
}

static inline void text_plain(struct text *text, const struct value *value)
{
	if ((value->flags & VALUE_UNSIGNED) != 0)
		buf_add_udec(text->out, value->num);
	else
		buf_add_dec(text->out, (int64_t)value->num);
}

void text_flags(struct text *text, const struct value *value);
void text_comment(struct text *text, const char *comment);

/* text_result.c: what follows the parenthesis and the padding, " = " included. */
void text_result(struct text *text, const struct call *call);

/* Is the result a decimal number that is not negative, and is there nothing else to be said of it? */
static inline bool text_result_is_number(const struct text *text, const struct call *call)
{
	const struct value *value = call->result.value;

	return call->finished && !text->options->times.duration && !call->result.failed &&
	       !call->is_raw && call->tampering == 0 && call->result.notes == NULL && value != NULL &&
	       text_is_plain(value) && (int64_t)value->num >= 0;
}

/* text_event.c */
void text_event(struct renderer *renderer, int tid, const struct event *event,
		const struct value *siginfo);

#endif
