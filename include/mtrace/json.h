/* SPDX-License-Identifier: MIT */
/*
 * Writing JSON (RFC 8259): strings, keys and plain members.  Used by the JSON renderer and by the records of
 * the summary.
 */
#ifndef MTRACE_JSON_H
#define MTRACE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mtrace/buf.h"

/*
 * In the header of every sequence of records, mtrace-json(5).  Raised when a reader of the old format
 * could be misled; new members and types do not count.
 */
#define JSON_SCHEMA_VERSION 1

/*
 * Commas need no state: one belongs before every member and element but the first, and the first is
 * what follows a bracket that opens.  So one record is built without being written in between.
 */

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

#endif
