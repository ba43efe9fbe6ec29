/* SPDX-License-Identifier: MIT */
/*
 * Allocation that does not fail: exhausted memory ends the program with a message, here and nowhere
 * else.  Used by whoever allocates.
 */
#ifndef MTRACE_XALLOC_H
#define MTRACE_XALLOC_H

#include <stddef.h>

/* As malloc(3); a `size` of 0 yields a pointer to free as well. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));

/* As calloc(3). */
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* As reallocarray(3): room for `count` objects of `size` bytes. */
void *xrealloc(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* As strdup(3). */
char *xstrdup(const char *str) __attribute__((malloc, returns_nonnull));

/* A copy of `len` bytes, followed by a NUL. */
char *xmemdup(const void *bytes, size_t len) __attribute__((malloc, returns_nonnull));

/* A formatted string, to be freed. */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

#endif
