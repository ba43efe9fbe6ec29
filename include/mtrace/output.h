/* SPDX-License-Identifier: MIT */
/*
 * Where a trace goes: standard error, a file or a command's standard input.  Renderers append to
 * `buf`; the session says when it is written.
 */
#ifndef MTRACE_OUTPUT_H
#define MTRACE_OUTPUT_H

#include <stdbool.h>

#include "mtrace/buf.h"

struct output {
	struct buf buf; /* not written yet */
	int fd;         /* -1: suspended */
	char *path;     /* as messages name it; NULL: standard error.  Owned */
	int command;    /* pid of the command that reads it; 0: none */
	bool direct;    /* people watch, or the tracees write there too: write at every stop */
	bool broken;    /* writing failed: nothing more is written */
};

/*
 * Opens `path` for writing, NULL for standard error; `append` keeps what a file holds.  A path that
 * begins with '|' or '!' is a command for the shell, which reads the trace.  False, with errno: a
 * message was printed, unless errno is EMFILE or ENFILE: then the caller may make room and try again.
 */
bool output_open(struct output *output, const char *path, bool append);

/*
 * Writes what is buffered and closes the file until more is to be written, so that more files can be
 * open than descriptors.  Does nothing to what is no regular file.
 */
void output_suspend(struct output *output);

/*
 * Writes what is buffered.  False if that cannot be done: the first time a message is printed (but
 * not for a broken pipe on standard error, of which the signal speaks); what is buffered is dropped
 * from then on.
 */
bool output_flush(struct output *output);

/* Writes what is left, closes, waits for the command.  False as output_flush. */
bool output_close(struct output *output);

#endif
