/* SPDX-License-Identifier: MIT */
/* What the files of the JSON renderer share.  Private to src/render. */
#ifndef MTRACE_RENDER_JSON_H
#define MTRACE_RENDER_JSON_H

#include "mtrace/render.h"

/* Raised when a reader of the old format could be misled; new members and types do not count. */
#define JSON_SCHEMA_VERSION 1

/*
 * Commas need no state: one belongs before every member and element but the first, and the first is
 * what follows a bracket that opens.  So one record is built without being written in between.
 */

/* json_text.c */

/* The comma, unless this is the first member or element. */
void json_separate(struct buf *out);
/* Separator, the key of a member, and its colon. */
void json_key(struct buf *out, const char *key);
/* A string; every byte that is not part of valid UTF-8 becomes U+FFFD. */
void json_string(struct buf *out, const void *bytes, size_t len);
/* Is it valid UTF-8, so that json_string loses nothing? */
bool json_is_whole(const void *bytes, size_t len);
/* A string of base64 (RFC 4648, with padding). */
void json_base64(struct buf *out, const void *bytes, size_t len);
/* A string, or where that would lose something an object with the very bytes beside it. */
void json_bytes(struct buf *out, const void *bytes, size_t len);

/* Members whose value is not a tracee's. */
void json_unsigned_member(struct buf *out, const char *key, uint64_t number);
void json_signed_member(struct buf *out, const char *key, int64_t number);
void json_string_member(struct buf *out, const char *key, const char *text);
void json_true_member(struct buf *out, const char *key);

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
