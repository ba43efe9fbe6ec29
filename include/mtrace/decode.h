/* SPDX-License-Identifier: MIT */
/*
 * Decoding: from numbers and a tracee's memory to values, by the generated tables.  Never fails,
 * never blocks; what cannot be read is a value too.
 */
#ifndef MTRACE_DECODE_H
#define MTRACE_DECODE_H

#include "mtrace/arena.h"
#include "mtrace/memory.h"
#include "mtrace/resolver.h"
#include "mtrace/value.h"

/* How much is decoded; fixed for a call when it is entered. */
struct decode_limits {
	size_t string_limit; /* bytes of a string, elements of an array if `abbrev` */
	bool abbrev;         /* leave out what is marked verbose */
	bool verbose;        /* follow pointers to structs and arrays at all */
	bool raw;            /* arguments as plain hexadecimal numbers */
	bool fds;            /* annotate file descriptors */
	bool pids;           /* annotate processes */
};

/* What decoding one call draws on; all of it outlives the call. */
struct decode_source {
	struct arena *arena; /* values live here until it is reset */
	struct memory *memory;
	struct resolver *resolver; /* NULL: no annotations */
	uint64_t sp;               /* stack pointer, for rt_sigreturn */
};

/*
 * The call as far as it is known when it is entered.  `nr` is the number as the ABI's table counts
 * it.  The result lives in source->arena.
 */
struct call *decode_enter(const struct decode_source *source, const struct decode_limits *limits,
			  enum abi_id abi, uint64_t nr, const uint64_t args[6]);

/* Fills what was PENDING.  `result` is -errno if is_error. */
void decode_exit(struct call *call, const struct decode_source *source, int64_t result,
		 bool is_error);

/*
 * A signal's siginfo as strace shows it: {si_signo=SIGCHLD, ...}.  `bytes` is the kernel's siginfo
 * of the tracer's own ABI.
 */
struct value *decode_siginfo(const struct decode_source *source, const struct decode_limits *limits,
			     enum abi_id abi, const void *bytes, size_t len);

#endif
