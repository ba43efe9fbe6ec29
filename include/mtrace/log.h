/* SPDX-License-Identifier: MIT */
/*
 * Messages to people, on standard error: one line each, prefixed with the name that we were called
 * by ("mtrace: ", "strace: ").  Each says what failed, why, and what can be done.
 */
#ifndef MTRACE_LOG_H
#define MTRACE_LOG_H

/* Sets the prefix, once, in main.  The string is kept, not copied. */
void log_set_name(const char *name);
const char *log_name(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with ": " and strerror(errno) behind it. */
void log_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Something the user should know that is not an error; -q silences some of them at the caller. */
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* log_error, then exit(1).  Only for src/cli, main.c and exhausted memory. */
void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
