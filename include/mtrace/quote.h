/* SPDX-License-Identifier: MIT */
/*
 * Bytes of a tracee's as printable ASCII.  Whatever the bytes are, what is appended holds no control
 * character and no byte above 0x7e, so that a trace cannot drive the terminal it is shown on.
 */
#ifndef MTRACE_QUOTE_H
#define MTRACE_QUOTE_H

#include <stddef.h>
#include <stdint.h>

#include "mtrace/buf.h"

enum quote_style {
	QUOTE_OCTAL,         /* \t \n \v \f \r, else octal, as few digits as are unambiguous */
	QUOTE_HEX,           /* the same with \xNN in place of octal */
	QUOTE_HEX_IF_NEEDED, /* every byte as \xNN if one is neither printable nor white space */
	QUOTE_HEX_ALL,       /* every byte as \xNN */
};

/*
 * Appends `bytes`, without quotation marks around them.  '"' and '\' get a backslash; characters of
 * `also` (ASCII, may be NULL) are escaped by number.
 */
void quote_add(struct buf *buf, const void *bytes, size_t len, enum quote_style style,
	       const char *also);

/*
 * Appends text that is ours but may have a foreign byte in it: what is printable stands as it is,
 * anything else is escaped in octal.
 */
void quote_add_plain(struct buf *buf, const void *bytes, size_t len);

#endif
