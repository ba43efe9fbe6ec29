/* SPDX-License-Identifier: MIT */
/*
 * What crossing from user space into the kernel costs on this machine, in its several ways, without
 * a tracee: --boundary.  Called by main.
 */
#ifndef MTRACE_BOUNDARY_H
#define MTRACE_BOUNDARY_H

#include <stdbool.h>

#include "mtrace/buf.h"

/*
 * Measures, about 2 s long, and appends a table of at most 80 columns, or with `json` records as in
 * mtrace-json(5).  Each way is measured in a child of its own, so that nothing is left behind:
 * filters, masks of CPUs, tracees.  What cannot be measured is told with its reason; there is no
 * error.  SIGCHLD gets its default action, since children are waited for.
 */
void boundary_run(struct buf *out, bool json);

#endif
