/* SPDX-License-Identifier: MIT */
/*
 * What decoders may ask about a tracee beyond its memory.  The tracer answers from /proc; tests
 * answer from a table.
 */
#ifndef MTRACE_RESOLVER_H
#define MTRACE_RESOLVER_H

#include <stddef.h>
#include <stdint.h>

struct resolver {
	/*
	 * What descriptor `fd` of the tracee refers to, as text ("/etc/passwd", "pipe:[12]"), written
	 * to `buf` without a terminating NUL.  AT_FDCWD (-100) asks for the working directory.
	 * Returns the length, at most `size`; 0 if it cannot be told.
	 */
	size_t (*fd)(struct resolver *self, int fd, char *buf, size_t size);
	/* The command name of process `pid`, in the same way. */
	size_t (*pid)(struct resolver *self, int pid, char *buf, size_t size);
	/*
	 * The NETLINK_* protocol of socket `fd` (/proc/PID/net/netlink); -1 if it is not a netlink
	 * socket, -2 if it is one whose protocol cannot be told.
	 */
	int (*netlink_family)(struct resolver *self, int fd);
	/* The name of network interface `index`, in the same way as `fd`. */
	size_t (*ifname)(struct resolver *self, unsigned index, char *buf, size_t size);
};

#endif
