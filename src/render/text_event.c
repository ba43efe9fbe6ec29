/* SPDX-License-Identifier: MIT */
/* Lines that are not calls: signals, stops, ends.  Called by the session through text_renderer. */
#include <string.h>

#include "text.h"

static void event_signal_name(struct text *text, int signal)
{
	const char *name = desc_set_name(desc_signals, text->abi, (uint64_t)signal);

	if (name != NULL)
		buf_add_str(text->out, name);
	else
		buf_printf(text->out, "SIG_%d", signal);
}

static void event_signal(struct text *text, const struct event *event, const struct value *siginfo)
{
	buf_add_str(text->out, "--- ");
	event_signal_name(text, event->signal);
	if (siginfo != NULL) {
		buf_add_char(text->out, ' ');
		text_whole(text, siginfo);
	}
	buf_add_str(text->out, " ---\n");
}

static void event_killed(struct text *text, const struct event *event)
{
	buf_add_str(text->out, "+++ killed by ");
	event_signal_name(text, event->signal);
	if (event->core_dumped)
		buf_add_str(text->out, " (core dumped)");
	buf_add_str(text->out, " +++\n");
}

static const char *event_mode(enum abi_id abi)
{
	if (abi == ABI_X32)
		return "x32";
	return abi_word_size(abi) == 8 ? "64 bit" : "32 bit";
}

void text_event(struct renderer *renderer, int tid, const struct event *event,
		const struct value *siginfo)
{
	struct text text = {
		.out = renderer->out,
		.options = renderer->options,
		.xlat = renderer->options->xlat,
		/* A stop outside of a call has no ABI; signals have the same names in all. */
		.abi = event->abi < ABI_COUNT ? event->abi : ABI_X86_64,
	};

	switch (event->kind) {
	case EVENT_SIGNAL:
		text_leader(renderer, tid);
		event_signal(&text, event, siginfo);
		break;
	case EVENT_STOPPED:
		text_leader(renderer, tid);
		buf_add_str(text.out, "--- stopped by ");
		event_signal_name(&text, event->signal);
		buf_add_str(text.out, " ---\n");
		break;
	case EVENT_EXITED:
		text_leader(renderer, tid);
		buf_add_str(text.out, "+++ exited with ");
		buf_add_dec(text.out, event->status);
		buf_add_str(text.out, " +++\n");
		break;
	case EVENT_KILLED:
		text_leader(renderer, tid);
		event_killed(&text, event);
		break;
	case EVENT_SUPERSEDED:
		text_leader(renderer, tid);
		buf_add_str(text.out, "+++ superseded by execve in pid ");
		buf_add_dec(text.out, event->by_tid);
		buf_add_str(text.out, " +++\n");
		break;
	case EVENT_ABI:
		text_leader(renderer, tid);
		buf_printf(text.out, "[ Process PID=%d runs in %s mode. ]\n", tid,
			   event_mode(event->abi));
		break;
	case EVENT_EXEC:
		/* Ends the line that the caller has open: its process goes on as `by_tid`. */
		buf_printf(text.out, " <pid changed to %d ...>\n", event->by_tid);
		break;
	case EVENT_DETACHED:
		/* Ends the line that the tracee has open: it lives on, so its call has no result. */
		buf_add_str(text.out, " <detached ...>\n");
		break;
	default:
		break;
	}
}
