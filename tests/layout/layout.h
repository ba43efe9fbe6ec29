/* SPDX-License-Identifier: MIT */
/*
 * Where the system's headers place the members of structs that are described too.  The rows are
 * made by whatever compiler compiles system_*.c, so the same source tells the layout of any ABI.
 */
#ifndef TESTS_LAYOUT_LAYOUT_H
#define TESTS_LAYOUT_LAYOUT_H

#include <stddef.h>

struct layout_row {
	const char *name;   /* of the description */
	const char *member; /* NULL: the struct as a whole */
	unsigned offset;
	unsigned size; /* 0: not compared */
};

extern const struct layout_row kernel_layout[];
extern const unsigned kernel_layout_count;
extern const struct layout_row libc_layout[];
extern const unsigned libc_layout_count;

#define MEMBER(name, type, member) \
	{ \
		name, #member, offsetof(type, member), sizeof(((type *)NULL)->member) \
	}
/* A member that is described narrower than it is, because its upper half is always 0. */
#define OFFSET(name, type, member) \
	{ \
		name, #member, offsetof(type, member), 0 \
	}
#define WHOLE(name, type) \
	{ \
		name, NULL, 0, sizeof(type) \
	}

#endif
