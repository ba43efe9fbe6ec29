/* SPDX-License-Identifier: MIT */
/* Records that are not calls: the header, signals, stops, ends.  Called through json_renderer. */
#include "config.h"
#include "json.h"

void json_begin(struct buf *out, const char *type)
{
	buf_add_char(out, '{');
	json_string_member(out, "type", type);
}

void json_process(struct buf *out, int pid, int tid)
{
	if (pid != 0)
		json_signed_member(out, "pid", pid);
	json_signed_member(out, "tid", tid);
}

void json_end(struct buf *out)
{
	buf_add(out, "}\n", 2);
}

static void begin_event(struct buf *out, const char *type, int tid, const struct event *event)
{
	json_begin(out, type);
	json_process(out, event->tracee != NULL ? event->tracee->pid : 0, tid);
	json_unsigned_member(out, "time_ns", event->wall);
}

/* Signals have the same names and numbers in all ABIs of a machine. */
static void signal_members(struct buf *out, const struct event *event)
{
	enum abi_id abi = event->abi < ABI_COUNT ? event->abi : ABI_X86_64;
	const char *name = desc_set_name(desc_signals, abi, (uint64_t)event->signal);

	if (name != NULL)
		json_string_member(out, "signal", name);
	json_signed_member(out, "number", event->signal);
}

void json_event(struct renderer *renderer, int tid, const struct event *event,
		const struct value *siginfo)
{
	static const char *const types[] = {
		[EVENT_SIGNAL] = "signal",   [EVENT_STOPPED] = "stopped",
		[EVENT_EXITED] = "exit",     [EVENT_KILLED] = "killed",
		[EVENT_BORN] = "born",       [EVENT_ATTACHED] = "attach",
		[EVENT_DETACHED] = "detach", [EVENT_EXEC] = "exec",
		[EVENT_ABI] = "abi",         [EVENT_SUPERSEDED] = "superseded",
	};
	struct buf *out = renderer->out;

	if (event->kind >= sizeof(types) / sizeof(types[0]) || types[event->kind] == NULL)
		return;
	begin_event(out, types[event->kind], tid, event);
	switch (event->kind) {
	case EVENT_SIGNAL:
		signal_members(out, event);
		if (siginfo != NULL) {
			json_key(out, "siginfo");
			json_value(out, siginfo);
		}
		break;
	case EVENT_STOPPED:
		signal_members(out, event);
		break;
	case EVENT_EXITED:
		json_signed_member(out, "status", event->status);
		break;
	case EVENT_KILLED:
		signal_members(out, event);
		if (event->core_dumped)
			json_true_member(out, "core_dumped");
		break;
	case EVENT_BORN:
		if (event->parent != NULL && event->parent->pid != 0)
			json_signed_member(out, "parent_pid", event->parent->pid);
		if (event->parent_tid != 0)
			json_signed_member(out, "parent_tid", event->parent_tid);
		break;
	case EVENT_ABI:
		json_string_member(out, "abi", abi_name(event->abi));
		break;
	case EVENT_SUPERSEDED:
		json_signed_member(out, "by_tid", event->by_tid);
		break;
	default:
		break;
	}
	json_end(out);
}

/* What a program is launched with; its bytes are the user's, and need not be UTF-8. */
static void command_member(struct buf *out, char *const *command)
{
	json_key(out, "command");
	buf_add_char(out, '[');
	for (size_t i = 0; command[i] != NULL; i++) {
		size_t len = 0;

		while (command[i][len] != '\0')
			len++;
		json_separate(out);
		json_bytes(out, command[i], len);
	}
	buf_add_char(out, ']');
}

void json_header(struct renderer *renderer, uint64_t wall)
{
	const struct options *options = renderer->options;
	struct buf *out = renderer->out;

	json_begin(out, "header");
	json_signed_member(out, "schema", JSON_SCHEMA_VERSION);
	json_string_member(out, "program", "mtrace");
	json_string_member(out, "version", PACKAGE_VERSION);
	json_unsigned_member(out, "start_ns", wall);
	if (options->command != NULL)
		command_member(out, options->command);
	if (options->pid_count > 0) {
		json_key(out, "attached");
		buf_add_char(out, '[');
		for (size_t i = 0; i < options->pid_count; i++) {
			json_separate(out);
			buf_add_dec(out, options->pids[i]);
		}
		buf_add_char(out, ']');
	}
	json_end(out);
}
