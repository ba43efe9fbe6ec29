/* SPDX-License-Identifier: MIT */
/* The pid column, the first thing in a line of text.  Called wherever a line begins. */
#include "text.h"

#define PID_WIDTH 5

static void leader_pad(struct buf *out, int tid)
{
	int width = 1;

	for (int rest = tid / 10; rest != 0; rest /= 10)
		width++;
	for (; width < PID_WIDTH; width++)
		buf_add_char(out, ' ');
}

void text_pid_column(const struct renderer *renderer, int tid)
{
	struct buf *out = renderer->out;

	switch (renderer->pid_column) {
	case PID_NONE:
		break;
	case PID_BRACKETS:
		buf_add(out, "[pid ", 5);
		leader_pad(out, tid);
		buf_add_dec(out, tid);
		buf_add(out, "] ", 2);
		break;
	case PID_PLAIN:
		buf_add_dec(out, tid);
		leader_pad(out, tid);
		buf_add_char(out, ' ');
		break;
	}
}
