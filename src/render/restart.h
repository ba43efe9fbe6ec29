/* SPDX-License-Identifier: MIT */
/*
 * Errors that a kernel function returns to ask for a restart.  They never reach the program, only a
 * tracer sees them: include/linux/errno.h of the kernel, not part of its user interface.  Private to
 * src/render.
 */
#ifndef MTRACE_RENDER_RESTART_H
#define MTRACE_RENDER_RESTART_H

/* The name of such an error, positive; NULL if it is another one. */
const char *restart_name(int error);

/* What it asks for, in words; NULL as above. */
const char *restart_reason(int error);

#endif
