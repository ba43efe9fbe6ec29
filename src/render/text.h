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

/* text_leader.c: what a line begins with. */
void text_leader(const struct renderer *renderer, int tid);

/* text_value.c */

/* What the walk visits; `context` is a struct text. */
struct walk_item;
void text_item(void *context, const struct walk_item *item);
/* A whole value, without its name. */
void text_whole(struct text *text, const struct value *value);

/* text_number.c */

/* `number` in `base`; `width` is its size in bytes, 0 for 8. */
void text_number(struct text *text, uint64_t number, enum desc_base base, bool is_unsigned,
		 unsigned width);
void text_int(struct text *text, const struct value *value);
void text_flags(struct text *text, const struct value *value);
void text_comment(struct text *text, const char *comment);

/* text_result.c: what follows the parenthesis and the padding, " = " included. */
void text_result(struct text *text, const struct call *call);

/* text_event.c */
void text_event(struct renderer *renderer, int tid, const struct event *event,
		const struct value *siginfo);

#endif
