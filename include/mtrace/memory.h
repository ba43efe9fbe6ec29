/* SPDX-License-Identifier: MIT */
/*
 * How decoders see a tracee's memory: a live process, an image in a test, or bytes captured
 * earlier.  Nothing in src/decode knows which.
 */
#ifndef MTRACE_MEMORY_H
#define MTRACE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct memory {
	/*
	 * Copies up to `len` bytes from tracee address `addr` to `to` and returns how many leading
	 * bytes were readable: `len`, less where an unmapped page intervenes, 0 if nothing is
	 * readable or the tracee is gone.  Within one stop the same address yields the same bytes.
	 * Never blocks, never fails otherwise.
	 */
	size_t (*read)(struct memory *self, uint64_t addr, void *to, size_t len);
};

#endif
