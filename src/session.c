/* SPDX-License-Identifier: MIT */
/*
 * Joins the tracer's events, the filters, the decoder and a renderer: the one file that knows them
 * all.  Called by main.
 *
 * The session owns what is remembered of each tracee's call, the buffer that renderers write to,
 * and the decision when it is written.
 */
#include "mtrace/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mtrace/decode.h"
#include "mtrace/filter.h"
#include "mtrace/log.h"
#include "mtrace/output.h"
#include "mtrace/render.h"
#include "mtrace/tracer.h"
#include "mtrace/xalloc.h"

/* The kernel hands siginfo to a tracer in the layout of the tracer's own ABI. */
#if defined(__x86_64__) && defined(__ILP32__)
#define SESSION_ABI ABI_X32
#elif defined(__x86_64__)
#define SESSION_ABI ABI_X86_64
#elif defined(__i386__)
#define SESSION_ABI ABI_I386
#elif defined(__aarch64__)
#define SESSION_ABI ABI_AARCH64
#elif defined(__arm__)
#define SESSION_ABI ABI_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define SESSION_ABI ABI_RISCV64
#else
#error "mtrace does not know this architecture"
#endif

/* Buffered output is written at the latest when there is so much of it. */
#define SESSION_BUFFER (64 * 1024)

/* What the session remembers of a tracee. */
struct session_tracee {
	struct arena arena;          /* of the call */
	struct decode_source source; /* of the call */
	struct call *call;           /* the call that it is in and that is shown; else NULL */
	struct render_state state;
	uint64_t entered;            /* event.time of the call's entry */
	const struct tracee *tracee;
	enum abi_id abi; /* the last call that was entered, shown or not: */
	uint64_t nr;
	bool called;      /* ... if there was one */
	enum abi_id mode; /* what was last said of it */
};

struct session {
	const struct options *options;
	struct tracer *tracer;
	struct renderer renderer;
	struct output output;
	struct arena scratch;        /* for values that belong to no call */
	struct session_tracee *open; /* whose line is open on paper; NULL: none */
	size_t attached;             /* threads, by the -p that is at work */
	bool quiet_children;         /* no message when a child is followed or changes its ABI */
	bool plain_pids;
};

static struct session_tracee *session_tracee_of(struct tracee *tracee)
{
	if (tracee->session == NULL) {
		struct session_tracee *state = xcalloc(1, sizeof(*state));

		arena_init(&state->arena);
		state->tracee = tracee;
		state->mode = SESSION_ABI;
		tracee->session = state;
	}
	return tracee->session;
}

static void session_tracee_free(struct session *session, struct tracee *tracee)
{
	struct session_tracee *state = tracee->session;

	if (state == NULL)
		return;
	if (session->open == state)
		session->open = NULL;
	arena_free(&state->arena);
	free(state);
	tracee->session = NULL;
}

static bool session_is_quiet(const struct session *session, enum quiet_message message)
{
	return (session->options->quiet_messages & (unsigned)message) != 0;
}

static void session_flush(struct session *session)
{
	if (!output_flush(&session->output))
		tracer_stop(session->tracer);
}

/* Ends the line that is open, unless it is `keep`'s own. */
static void session_give_way(struct session *session, const struct session_tracee *keep)
{
	struct session_tracee *open = session->open;

	if (open == NULL || open == keep)
		return;
	session->renderer.ops->interrupt(&session->renderer, open->tracee->tid, &open->state,
					 open->call);
	session->open = NULL;
}

/* A message about a tracee, in the place in the trace where it belongs. */
static void session_note(struct session *session, int tid, const char *what)
{
	session_flush(session);
	log_note("Process %d %s", tid, what);
}

static struct decode_limits session_limits(const struct options *options, enum abi_id abi,
					   uint64_t nr)
{
	return (struct decode_limits){
		.string_limit = options->string_limit,
		.abbrev = call_set_has(&options->abbrev, abi, nr),
		.verbose = call_set_has(&options->verbose, abi, nr),
		.raw = call_set_has(&options->raw, abi, nr),
		.fds = (options->fds & FD_PATH) != 0,
	};
}

/*
 * restart_syscall has no arguments; strace shows the call that it goes on with.  That is the one
 * entered before it, or "read" if we attached in the middle of it and cannot know.
 */
static void session_name_restarted(struct session_tracee *state)
{
	static const char format[] = "<... resuming interrupted %s ...>";
	const struct desc_row *row = NULL;
	const char *name = "read";
	struct value *value;

	if (state->call->args != NULL || strcmp(state->call->name, "restart_syscall") != 0)
		return;
	if (state->called)
		row = desc_find_row(state->abi, state->nr);
	if (row != NULL)
		name = row->name;
	value = arena_alloc(&state->arena, sizeof(*value));
	value->kind = VALUE_TEXT;
	value->state = VALUE_READY;
	value->bytes = (const uint8_t *)arena_printf(&state->arena, format, name);
	value->len = strlen((const char *)value->bytes);
	state->call->args = value;
	state->call->split = 1;
}

static void session_show(struct session *session, const struct event *event,
			 const struct value *siginfo)
{
	session_give_way(session, NULL);
	session->renderer.ops->event(&session->renderer, event->tracee->tid, event, siginfo);
}

/* Says so when a tracee makes a call in another ABI than before; our own is what it begins with. */
static void session_note_abi(struct session *session, struct session_tracee *state,
			     const struct event *event)
{
	struct event changed = { .kind = EVENT_ABI, .tracee = event->tracee, .abi = event->abi };

	if (event->abi == state->mode || event->abi >= ABI_COUNT)
		return;
	state->mode = event->abi;
	if (!session_is_quiet(session, QUIET_PERSONALITY) && !session->quiet_children)
		session_show(session, &changed, NULL);
}

static void session_enter(struct session *session, struct session_tracee *state,
			  const struct event *event)
{
	struct decode_limits limits;

	/* The end of a call that was begun before may have been missed. */
	state->call = NULL;
	session_note_abi(session, state, event);
	if (event->abi < ABI_COUNT &&
	    select_has_call(&session->options->trace, event->abi, event->nr, event->args)) {
		session_give_way(session, NULL);
		arena_reset(&state->arena);
		state->state = (struct render_state){ .pid = event->tracee->pid };
		state->source = (struct decode_source){
			.arena = &state->arena,
			.memory = event->tracee->memory,
			.resolver = event->tracee->resolver,
			.sp = event->sp,
		};
		limits = session_limits(session->options, event->abi, event->nr);
		state->call = decode_enter(&state->source, &limits, event->abi, event->nr,
					   event->args);
		state->call->ip = event->ip;
		state->call->wall = event->wall;
		state->entered = event->time;
		session_name_restarted(state);
		session->renderer.ops->enter(&session->renderer, event->tracee->tid, &state->state,
					     state->call);
		session->open = state;
	}
	state->abi = event->abi;
	state->nr = event->nr;
	state->called = event->abi < ABI_COUNT;
}

static void session_exit(struct session *session, struct session_tracee *state,
			 const struct event *event)
{
	if (state->call == NULL)
		return;
	session_give_way(session, state);
	decode_exit(state->call, &state->source, event->result, event->is_error);
	state->call->duration = event->time - state->entered;
	session->renderer.ops->exit(&session->renderer, event->tracee->tid, &state->state,
				    state->call);
	session->open = NULL;
	state->call = NULL;
}

/* The call that the tracee is in will have no end. */
static void session_abandon(struct session *session, struct session_tracee *state)
{
	if (state->call == NULL)
		return;
	session_give_way(session, state);
	session->renderer.ops->abandon(&session->renderer, state->tracee->tid, &state->state,
				       state->call);
	session->open = NULL;
	state->call = NULL;
}

static void session_signal(struct session *session, const struct event *event)
{
	const struct value *siginfo = NULL;

	if (!bitset_has(&session->options->signals, (uint64_t)event->signal))
		return;
	if (event->kind == EVENT_SIGNAL && event->have_siginfo) {
		struct decode_source source = {
			.arena = &session->scratch,
			.memory = event->tracee->memory,
			.resolver = event->tracee->resolver,
		};
		struct decode_limits limits = {
			.string_limit = session->options->string_limit,
			.abbrev = true,
			.verbose = true,
		};

		arena_reset(&session->scratch);
		siginfo = decode_siginfo(&source, &limits, SESSION_ABI, &event->siginfo,
					 sizeof(event->siginfo));
	}
	session_show(session, event, siginfo);
}

static void session_detached(struct session *session, struct session_tracee *state,
			     const struct event *event)
{
	if (!session_is_quiet(session, QUIET_ATTACH))
		session_note(session, event->tracee->tid, "detached");
	if (session->open == state)
		session->renderer.ops->event(&session->renderer, event->tracee->tid, event, NULL);
}

/*
 * The thread that called execve goes on under the leader's number; if its line is open, that is
 * said there.
 */
static void session_superseded(struct session *session, struct session_tracee *state,
			       const struct event *event)
{
	struct session_tracee *open = session->open;

	if (open != NULL && open->tracee->tid == event->by_tid) {
		struct event renumbered = {
			.kind = EVENT_EXEC,
			.tracee = event->tracee,
			.by_tid = event->tracee->tid,
		};

		session->renderer.ops->event(&session->renderer, event->by_tid, &renumbered, NULL);
		open->state.interrupted = true;
		session->open = NULL;
	}
	session_abandon(session, state);
	if (!session_is_quiet(session, QUIET_SUPERSEDED))
		session_show(session, event, NULL);
}

static enum verdict session_event(void *context, const struct event *event)
{
	struct session *session = context;
	struct session_tracee *state = session_tracee_of(event->tracee);

	switch ((enum event_kind)event->kind) {
	case EVENT_ENTER:
		session_enter(session, state, event);
		break;
	case EVENT_EXIT:
		session_exit(session, state, event);
		break;
	case EVENT_SIGNAL:
	case EVENT_STOPPED:
		session_signal(session, event);
		break;
	case EVENT_EXITING:
		session_abandon(session, state);
		break;
	case EVENT_EXITED:
	case EVENT_KILLED:
		session_abandon(session, state);
		if (event->kind == EVENT_KILLED || !session_is_quiet(session, QUIET_EXIT))
			session_show(session, event, NULL);
		session_tracee_free(session, event->tracee);
		break;
	case EVENT_BORN:
		if (event->parent != NULL)
			state->mode = session_tracee_of(event->parent)->mode;
		if (!session->quiet_children)
			session_note(session, event->tracee->tid, "attached");
		break;
	case EVENT_ATTACHED:
		session->attached++;
		break;
	case EVENT_DETACHED:
		session_detached(session, state, event);
		session_tracee_free(session, event->tracee);
		break;
	case EVENT_EXEC:
	case EVENT_ABI:
		break;
	case EVENT_SUPERSEDED:
		session_superseded(session, state, event);
		session_tracee_free(session, event->tracee);
		break;
	}
	if (session->output.direct || session->output.buf.len >= SESSION_BUFFER)
		session_flush(session);
	return VERDICT_CONTINUE;
}

static void session_idle(void *context)
{
	session_flush(context);
}

static void session_population(void *context, size_t tracees)
{
	struct session *session = context;

	if (session->plain_pids)
		session->renderer.pid_column = PID_PLAIN;
	else
		session->renderer.pid_column = tracees > 1 ? PID_BRACKETS : PID_NONE;
}

/* Attaches to the processes of -p; returns how many there are. */
static size_t session_attach(struct session *session)
{
	const struct options *options = session->options;
	size_t count = 0;

	for (size_t i = 0; i < options->pid_count; i++) {
		int pid = options->pids[i];
		char what[48] = "attached";

		session->attached = 0;
		if (tracer_attach(session->tracer, pid) != OUTCOME_OK)
			continue;
		count++;
		if (session->attached > 1)
			snprintf(what, sizeof(what), "attached with %zu threads",
				 session->attached);
		if (!session_is_quiet(session, QUIET_ATTACH))
			session_note(session, pid, what);
	}
	return count;
}

/* Finds something to trace.  False: there is nothing, and a message said why. */
static bool session_begin(struct session *session)
{
	if (session->options->command != NULL && tracer_launch(session->tracer) != OUTCOME_OK)
		return false;
	return session_attach(session) > 0 || session->options->command != NULL;
}

int session_run(const struct options *options, int *signal)
{
	struct session session = { .options = options };
	const struct tracer_client client = {
		.context = &session,
		.event = session_event,
		.idle = session_idle,
		.population = session_population,
	};
	size_t tracees = options->pid_count + (options->command != NULL);
	int status = 1;

	*signal = 0;
	if (!output_open(&session.output, options->output))
		return 1;
	session.renderer = (struct renderer){
		.ops = &text_renderer,
		.options = options,
		.out = &session.output.buf,
	};
	session.quiet_children = session_is_quiet(&session, QUIET_ATTACH) ||
				 (options->output != NULL && options->command != NULL);
	session.plain_pids = options->output != NULL && (options->follow || tracees > 1);
	arena_init(&session.scratch);
	session.tracer = tracer_new(options, &client);
	if (session_begin(&session)) {
		tracer_run(session.tracer);
		status = tracer_exit_status(session.tracer, signal);
	}
	if (!output_close(&session.output) && options->command == NULL && status == 0)
		status = 1;
	tracer_free(session.tracer);
	arena_free(&session.scratch);
	return status;
}
