/* SPDX-License-Identifier: MIT */
/* What the files of the JSON renderer share.  Private to src/render. */
#ifndef MTRACE_RENDER_JSON_H
#define MTRACE_RENDER_JSON_H

#include "mtrace/json.h"
#include "mtrace/render.h"

/* json_value.c */

/* One value. */
void json_value(struct buf *out, const struct value *value);
/* An object of the values by name; those that are not known are left out. */
void json_members(struct buf *out, const struct value *first, const char *unnamed);
/* Is the value there to be shown? */
bool json_is_shown(const struct value *value);
/* The key of `value` among its siblings, of which `first` is the first. */
void json_value_key(struct buf *out, const struct value *first, const struct value *value,
		    const char *unnamed);

/* json_event.c */
void json_header(struct renderer *renderer, uint64_t wall);
void json_event(struct renderer *renderer, int tid, const struct event *event,
		const struct value *siginfo);
/* Begins a record: its type and whose it is. */
void json_begin(struct buf *out, const char *type);
void json_process(struct buf *out, int pid, int tid);
/* Ends the record and its line. */
void json_end(struct buf *out);

#endif
