/* SPDX-License-Identifier: MIT */
/*
 * Joins the tracer's events, the filters, the decoder and a renderer: the one file that knows them
 * all.  Called by main.
 *
 * The session owns what is remembered of each tracee's call and the decision what is shown and when
 * it is written; sink.c owns where to.
 */
#include "mtrace/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mtrace/choice.h"
#include "mtrace/decode.h"
#include "mtrace/filter.h"
#include "mtrace/log.h"
#include "mtrace/render.h"
#include "mtrace/tracer.h"
#include "mtrace/xalloc.h"
#include "injector.h"
#include "sink.h"
#include "tally.h"

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

/* CHOICE_ABBREV, CHOICE_VERBOSE and CHOICE_RAW, which are neighbours, have so many values. */
#define SESSION_LIMITS 8

/* Buffered output is written at the latest when there is so much of it. */
#define SESSION_BUFFER (64 * 1024)

/* What the session remembers of a tracee. */
struct session_tracee {
	struct arena arena;          /* of the call */
	struct decode_source source; /* of its calls */
	struct call *call;           /* the call that it is in and that is shown; else NULL */
	struct render_state state;
	struct tally_thread tally;
	struct injection injection;
	struct sink *sink; /* where its lines go */
	uint64_t entered;  /* event.time of the call's entry */
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
	struct tally tally;
	struct sinks sinks;
	struct choices choices;
	struct decode_limits limits[SESSION_LIMITS]; /* by choice */
	struct arena scratch;                        /* for values that belong to no call */
	size_t attached;                             /* threads, by the -p that is at work */
	bool counts_only;                            /* -c: nothing is decoded or shown */
	bool late;                                   /* a call is not shown before it has ended */
	bool quiet_children; /* no message when a child is followed or changes its ABI */
	bool plain_pids;
	uint64_t calls_left; /* of --syscall-limit */
	struct tracer_split split;
};

static void session_flush(struct session *session)
{
	if (!sinks_flush(&session->sinks))
		tracer_stop(session->tracer);
}

static uint64_t session_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What the renderer says now goes to `sink`. */
static void session_turn_to(struct session *session, struct sink *sink)
{
	session->renderer.out = &sink->output.buf;
}

static void session_begin_sink(struct session *session, struct sink *sink)
{
	session_turn_to(session, sink);
	if (session->renderer.ops->begin != NULL)
		session->renderer.ops->begin(&session->renderer, session_now());
}

static struct session_tracee *session_tracee_new(struct session *session, struct tracee *tracee)
{
	struct session_tracee *state = xcalloc(1, sizeof(*state));

	arena_init(&state->arena);
	state->source = (struct decode_source){
		.arena = &state->arena,
		.memory = tracee->memory,
		.resolver = tracee->resolver,
	};
	state->tracee = tracee;
	state->mode = SESSION_ABI;
	state->sink = sinks_add(&session->sinks, &session->renderer, tracee->tid);
	if (state->sink->is_own)
		session_begin_sink(session, state->sink);
	tracee->session = state;
	return state;
}

static struct session_tracee *session_tracee_of(struct session *session, struct tracee *tracee)
{
	if (tracee->session == NULL)
		return session_tracee_new(session, tracee);
	return tracee->session;
}

static void session_tracee_free(struct session *session, struct tracee *tracee)
{
	struct session_tracee *state = tracee->session;

	if (state == NULL)
		return;
	if (state->sink->open == state)
		state->sink->open = NULL;
	sinks_remove(&session->sinks, state->sink);
	arena_free(&state->arena);
	injector_free(&state->injection);
	free(state);
	tracee->session = NULL;
}

static bool session_is_quiet(const struct session *session, enum quiet_message message)
{
	return (session->options->quiet_messages & (unsigned)message) != 0;
}

/* Ends the line that is open where `state`'s go, unless it is `keep`'s own. */
static inline void session_give_way(struct session *session, const struct session_tracee *state,
				    const struct session_tracee *keep)
{
	struct session_tracee *open = state->sink->open;

	session_turn_to(session, state->sink);
	if (open == NULL || open == keep)
		return;
	session->renderer.ops->interrupt(&session->renderer, open->tracee->tid, &open->state,
					 open->call);
	state->sink->open = NULL;
}

/* A message about a tracee, in the place in the trace where it belongs. */
static void session_note(struct session *session, int tid, const char *what)
{
	if (session->renderer.ops->all_events)
		return; /* a record says it */
	session_flush(session);
	log_note("Process %d %s", tid, what);
}

/* What is decoded, and how much of it, follows from three bits of a call's choice: all eight cases. */
static void session_prepare_limits(struct session *session)
{
	for (unsigned i = 0; i < SESSION_LIMITS; i++) {
		session->limits[i] = (struct decode_limits){
			.string_limit = session->options->string_limit,
			.abbrev = (i * CHOICE_ABBREV & CHOICE_ABBREV) != 0,
			.verbose = (i * CHOICE_ABBREV & CHOICE_VERBOSE) != 0,
			.raw = (i * CHOICE_ABBREV & CHOICE_RAW) != 0,
			.fds = (session->options->fds & FD_PATH) != 0,
		};
	}
}

static const struct decode_limits *session_limits(struct session *session, enum abi_id abi,
						  uint64_t nr)
{
	uint8_t choice = choice_of(&session->choices, abi, nr);

	return &session->limits[choice / CHOICE_ABBREV % SESSION_LIMITS];
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

	if (state->call->args != NULL || state->call->name[0] != 'r' ||
	    strcmp(state->call->name, "restart_syscall") != 0)
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

static void session_show(struct session *session, const struct session_tracee *state,
			 const struct event *event, const struct value *siginfo)
{
	session_give_way(session, state, NULL);
	session->renderer.ops->event(&session->renderer, event->tracee->tid, event, siginfo);
}

/* What text says nothing of, but records do. */
static void session_record(struct session *session, const struct session_tracee *state,
			   const struct event *event)
{
	if (session->renderer.ops->all_events && !session->counts_only)
		session_show(session, state, event, NULL);
}

/* Says so when a tracee makes a call in another ABI than before; our own is what it begins with. */
static void session_note_abi(struct session *session, struct session_tracee *state,
			     const struct event *event)
{
	struct event changed;

	if (event->abi == state->mode || event->abi >= ABI_COUNT)
		return;
	state->mode = event->abi;
	changed = *event;
	changed.kind = EVENT_ABI;
	if (session->counts_only && session->renderer.ops->all_events)
		return;
	if (session->renderer.ops->all_events ||
	    (!session_is_quiet(session, QUIET_PERSONALITY) && !session->quiet_children))
		session_show(session, state, &changed, NULL);
}

/* Shows the beginning of the call that the tracee is in. */
static inline void session_show_call(struct session *session, struct session_tracee *state)
{
	session_give_way(session, state, NULL);
	session->renderer.ops->enter(&session->renderer, state->tracee->tid, &state->state,
				     state->call);
	if (state->state.open)
		state->sink->open = state;
}

static void session_begin_call(struct session *session, struct session_tracee *state,
			       const struct event *event)
{
	const struct decode_limits *limits = session_limits(session, event->abi, event->nr);

	arena_reset(&state->arena);
	state->state = (struct render_state){ .pid = event->tracee->pid };
	state->source.sp = event->sp;
	state->call = decode_enter(&state->source, limits, event->abi, event->nr, event->args);
	state->call->ip = event->ip;
	state->call->wall = event->wall;
	state->entered = event->time;
	session_name_restarted(state);
}

/* A call that is shown or counted may be one to tamper with; it is decoded, as far as that takes. */
static void session_tamper(struct session *session, struct session_tracee *state,
			   const struct event *event)
{
	struct injection *injection = &state->injection;

	if (!injector_match(injection, session->options->inject, event))
		return;
	if (state->call == NULL && injector_pokes(injection))
		session_begin_call(session, state, event);
	if ((injection->rule->actions & INJECT_POKE_ENTER) != 0) {
		session_flush(session);
		if (injector_poke(injection, session->tracer, event, state->call))
			session_begin_call(session, state, event);
	}
	injector_tamper(injection, session->tracer, event);
	injection->call = state->call;
	if (state->call != NULL)
		state->call->tampering = (uint8_t)injection->marks;
}

/* The call has ended: what its rule says of that. */
static void session_tamper_end(struct session *session, struct session_tracee *state,
			       const struct event *event)
{
	struct injection *injection = &state->injection;

	if ((injection->rule->actions & INJECT_POKE_EXIT) != 0) {
		session_flush(session);
		injector_poke(injection, session->tracer, event, injection->call);
	}
	if (event->injected)
		injection->marks |= CALL_INJECTED;
	if (state->call != NULL)
		state->call->tampering = (uint8_t)injection->marks;
	injection->rule = NULL;
}

static void session_enter(struct session *session, struct session_tracee *state,
			  const struct event *event)
{
	bool selected;

	/* The end of a call that was begun before may have been missed. */
	state->call = NULL;
	state->injection.rule = NULL;
	session_note_abi(session, state, event);
	selected = event->abi < ABI_COUNT &&
		   choice_is_traced(&session->choices, event->abi, event->nr, event->args);
	tally_event(&session->tally, &state->tally, event, selected);
	if (selected && !session->counts_only) {
		session_begin_call(session, state, event);
		if (session->options->inject != NULL)
			session_tamper(session, state, event);
		if (session->options->times.since)
			state->call->since = text_since(&session->renderer, event->time);
		if (!session->late)
			session_show_call(session, state);
	} else if (selected && session->options->inject != NULL) {
		session_tamper(session, state, event);
		state->call = NULL; /* nobody shows it */
	}
	state->abi = event->abi;
	state->nr = event->nr;
	state->called = event->abi < ABI_COUNT;
}

/* Forgets the call that the tracee was in; its line is over. */
static void session_end_call(struct session_tracee *state)
{
	if (state->sink->open == state)
		state->sink->open = NULL;
	state->call = NULL;
}

static bool session_wants(const struct session *session, enum call_status status)
{
	return (session->options->statuses & (unsigned)status) != 0;
}

/* A call was shown or counted: --syscall-limit says how many may be. */
static void session_count_call(struct session *session)
{
	if (session->calls_left == 0 || --session->calls_left > 0)
		return;
	session_flush(session);
	log_note("System call limit has been reached, detaching tracees");
	tracer_stop(session->tracer);
}

static void session_exit(struct session *session, struct session_tracee *state,
			 const struct event *event)
{
	bool wanted = session_wants(session, event->is_error ? STATUS_FAILED : STATUS_SUCCESSFUL);
	bool counted = wanted && (state->call != NULL || state->tally.counted);

	if (state->injection.rule != NULL)
		session_tamper_end(session, state, event);
	tally_event(&session->tally, &state->tally, event, wanted);
	if (state->call != NULL && wanted) {
		session_give_way(session, state, state);
		decode_exit(state->call, &state->source, event->result, event->is_error);
		state->call->duration = event->time - state->entered;
		session->renderer.ops->exit(&session->renderer, event->tracee->tid, &state->state,
					    state->call);
	}
	session_end_call(state);
	if (counted)
		session_count_call(session);
}

/* The call that the tracee is in will have no end, or one without a result. */
static void session_abandon(struct session *session, struct session_tracee *state,
			    enum call_status status)
{
	if (state->call == NULL)
		return;
	state->call->unavailable = status == STATUS_UNAVAILABLE;
	if (session_wants(session, status)) {
		session_give_way(session, state, state);
		session->renderer.ops->abandon(&session->renderer, state->tracee->tid,
					       &state->state, state->call);
	}
	session_end_call(state);
}

static void session_signal(struct session *session, const struct session_tracee *state,
			   const struct event *event)
{
	const struct value *siginfo = NULL;

	if (session->counts_only ||
	    !bitset_has(&session->options->signals, (uint64_t)event->signal))
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
	session_show(session, state, event, siginfo);
}

/* The line that the tracee has open ends without a result; one held back is shown so far. */
static void session_detached(struct session *session, struct session_tracee *state,
			     const struct event *event)
{
	const struct render_ops *ops = session->renderer.ops;

	if (!session_is_quiet(session, QUIET_ATTACH))
		session_note(session, event->tracee->tid, "detached");
	if (state->call != NULL && session->late && session_wants(session, STATUS_DETACHED))
		session_show_call(session, state);
	session_give_way(session, state, state);
	if (state->call != NULL && ops->all_events && session_wants(session, STATUS_DETACHED))
		ops->abandon(&session->renderer, event->tracee->tid, &state->state, state->call);
	if ((ops->all_events && !session->counts_only) || state->sink->open == state)
		ops->event(&session->renderer, event->tracee->tid, event, NULL);
	session_end_call(state);
}

/*
 * A thread that called execve goes on under its leader's number: so does its trace, in the leader's
 * file if each has its own.  If its line is open, that is said there.
 */
static void session_superseded(struct session *session, struct session_tracee *state,
			       const struct event *event)
{
	struct session_tracee *caller = session_tracee_of(session, event->by);
	struct sink *sink = caller->sink;

	if (sink->open == caller) {
		struct event renumbered = *event;

		renumbered.kind = EVENT_EXEC;
		renumbered.by_tid = event->tracee->tid;
		session_turn_to(session, sink);
		session->renderer.ops->event(&session->renderer, event->by_tid, &renumbered, NULL);
		caller->state.interrupted = true;
		sink->open = NULL;
	}
	session_abandon(session, state, STATUS_UNFINISHED);
	if (!session->counts_only &&
	    (session->renderer.ops->all_events || !session_is_quiet(session, QUIET_SUPERSEDED)))
		session_show(session, state, event, NULL);
	caller->sink = state->sink;
	state->sink = sink;
}

static void session_ended(struct session *session, struct session_tracee *state,
			  const struct event *event)
{
	/* A death by a signal is a line about that signal: -e signal= hides it, -qq does not. */
	bool shown = event->kind == EVENT_KILLED
			     ? bitset_has(&session->options->signals, (uint64_t)event->signal)
			     : !session_is_quiet(session, QUIET_EXIT);

	session_abandon(session, state, STATUS_UNFINISHED);
	if (session->counts_only)
		return;
	if (shown || session->renderer.ops->all_events)
		session_show(session, state, event, NULL);
}

static void session_born(struct session *session, struct session_tracee *state,
			 const struct event *event)
{
	if (event->parent != NULL)
		state->mode = session_tracee_of(session, event->parent)->mode;
	if (!session->quiet_children)
		session_note(session, event->tracee->tid, "attached");
	session_record(session, state, event);
}

static void __attribute__((noinline))
session_print_interval(struct session *session, const struct event *event)
{
	struct output *output = &session->sinks.shared.output;
	bool live = session->counts_only && isatty(output->fd) == 1;

	session_give_way(session, session_tracee_of(session, event->tracee), NULL);
	tally_print_interval(&session->tally, event, live, &output->buf);
	session_flush(session);
}

/* What is neither the beginning nor the end of a call; returns whether it was the tracee's last. */
static bool __attribute__((noinline))
session_rare_event(struct session *session, struct session_tracee *state, const struct event *event)
{
	tally_event(&session->tally, &state->tally, event, false);
	switch ((enum event_kind)event->kind) {
	case EVENT_ENTER:
	case EVENT_EXIT:
	case EVENT_ABI:
		return false;
	case EVENT_SIGNAL:
	case EVENT_STOPPED:
		session_signal(session, state, event);
		return false;
	case EVENT_LOST:
		session_abandon(session, state, STATUS_UNAVAILABLE);
		return false;
	case EVENT_EXITING:
		session_abandon(session, state, STATUS_UNFINISHED);
		return false;
	case EVENT_EXITED:
	case EVENT_KILLED:
		session_ended(session, state, event);
		return true;
	case EVENT_BORN:
		session_born(session, state, event);
		return false;
	case EVENT_ATTACHED:
		session->attached++;
		session_record(session, state, event);
		return false;
	case EVENT_DETACHED:
		session_detached(session, state, event);
		return true;
	case EVENT_EXEC:
		session_record(session, state, event);
		return false;
	case EVENT_SUPERSEDED:
		session_superseded(session, state, event);
		return true;
	}
	return false;
}

static enum verdict session_event(void *context, const struct event *event)
{
	struct session *session = context;
	struct session_tracee *state = session_tracee_of(session, event->tracee);
	bool over = false;

	session->renderer.now = event;
	if (event->kind == EVENT_ENTER)
		session_enter(session, state, event);
	else if (event->kind == EVENT_EXIT)
		session_exit(session, state, event);
	else
		over = session_rare_event(session, state, event);
	if (tally_is_due(&session->tally, event))
		session_print_interval(session, event);
	if (state->sink->output.direct || state->sink->output.buf.len >= SESSION_BUFFER ||
	    session->sinks.failed)
		session_flush(session);
	if (over)
		session_tracee_free(session, event->tracee);
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
	else if (sinks_are_separate(&session->sinks))
		session->renderer.pid_column = PID_NONE;
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
	if (session->options->command != NULL &&
	    tracer_launch(session->tracer, &session->split) != OUTCOME_OK)
		return false;
	if (session->split.pid != 0 && !session_is_quiet(session, QUIET_ATTACH))
		session_note(session, session->split.pid, "attached");
	return session_attach(session) > 0 || session->options->command != NULL;
}

static const struct render_ops *session_renderer(const struct options *options)
{
	return options->json != JSON_NONE ? &json_renderer : &text_renderer;
}

int session_run(const struct options *options, int *signal)
{
	struct session session = {
		.options = options,
		.choices.options = options,
		.calls_left = options->syscall_limit,
	};
	const struct tracer_client client = {
		.context = &session,
		.event = session_event,
		.idle = session_idle,
		.population = session_population,
	};
	size_t tracees = options->pid_count + (options->command != NULL);
	int status = 1;

	*signal = 0;
	if (options->daemonize != DAEMONIZE_NO && !tracer_daemonize(options, &session.split))
		return 1;
	if (!sinks_open(&session.sinks, options))
		return 1;
	session.renderer = (struct renderer){
		.ops = session_renderer(options),
		.options = options,
	};
	/* Records are whole anyway. */
	session.late = (options->join && options->json == JSON_NONE) ||
		       options->statuses != STATUS_ALL;
	session.quiet_children = session_is_quiet(&session, QUIET_ATTACH) ||
				 (options->output != NULL && options->command != NULL);
	session.plain_pids = options->always_show_pid ||
			     (options->output != NULL && !options->separate &&
			      (options->follow || tracees > 1));
	session.counts_only = options->summary.mode == SUMMARY_ONLY;
	session_prepare_limits(&session);
	arena_init(&session.scratch);
	session.tracer = tracer_new(options, &client);
	tally_begin(&session.tally, options);
	if (!sinks_are_separate(&session.sinks))
		session_begin_sink(&session, &session.sinks.shared);
	if (session_begin(&session)) {
		tracer_run(session.tracer);
		status = tracer_exit_status(session.tracer, signal);
		tally_print(&session.tally, session.tracer, &session.sinks.shared.output.buf);
	}
	tally_end(&session.tally);
	if (!sinks_close(&session.sinks) && options->command == NULL && status == 0)
		status = 1;
	tracer_free(session.tracer);
	arena_free(&session.scratch);
	return status;
}
