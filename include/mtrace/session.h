/* SPDX-License-Identifier: MIT */
/* One run of mtrace, from the options to the exit status.  Called by main. */
#ifndef MTRACE_SESSION_H
#define MTRACE_SESSION_H

#include "mtrace/options.h"

/*
 * Traces what the options say, to the end.  Returns the status to exit with; *signal is a signal to
 * die of instead, or 0.
 */
int session_run(const struct options *options, int *signal);

#endif
