/* SPDX-License-Identifier: MIT */
/*
 * Where the trace goes: standard error or the file of -o.  Renderers append to `buf`; the session
 * says when it is written.
 */
#ifndef MTRACE_OUTPUT_H
#define MTRACE_OUTPUT_H

#include <stdbool.h>

#include "mtrace/buf.h"

struct output {
	struct buf buf; /* not written yet */
	int fd;
	const char *path; /* as the user gave it; NULL: standard error */
	bool direct;      /* people watch, or the tracees write there too: write at every stop */
	bool broken;      /* writing failed: nothing more is written */
};

/* Opens `path` for writing, NULL for standard error.  False: a message was printed. */
bool output_open(struct output *output, const char *path);

/*
 * Writes what is buffered.  False if that cannot be done: the first time a message is printed (but
 * not for a broken pipe on standard error, of which the signal speaks); what is buffered is dropped
 * from then on.
 */
bool output_flush(struct output *output);

/* Writes what is left and closes.  False as output_flush. */
bool output_close(struct output *output);

#endif
