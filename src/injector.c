/* SPDX-License-Identifier: MIT */
/* What a rule of -e inject= does to a call, in terms of the tracer.  Called by session.c. */
#include "injector.h"

#include "mtrace/log.h"

bool injector_match(struct injection *injection, const struct inject_rules *rules,
		    const struct event *event)
{
	injection->marks = 0;
	injection->rule = NULL;
	/* The execve that starts the program is ours as much as the program's. */
	if (!event->launching)
		injection->rule = inject_next(rules, &injection->counts, event->abi, event->nr,
					      event->args);
	return injection->rule != NULL;
}

bool injector_pokes(const struct injection *injection)
{
	return (injection->rule->actions & (INJECT_POKE_ENTER | INJECT_POKE_EXIT)) != 0;
}

static bool injector_poke_one(struct tracer *tracer, const struct event *event,
			      const struct call *call, const struct inject_poke *poke)
{
	static const char failed[] = "poke_tcb: Failed to tamper with process";
	int tid = event->tracee->tid;
	enum outcome outcome;

	if (poke->arg >= call->raw_count) {
		log_error("%s %d: requested to tamper with argument #%u, but system call '%s' has "
			  "only %u arguments",
			  failed, tid, poke->arg + 1, call->name, call->raw_count);
		return false;
	}
	outcome = tracer_poke(tracer, event->tracee, call->raw[poke->arg], poke->bytes, poke->len);
	if (outcome == OUTCOME_FAILED)
		log_error("%s %d: couldn't poke", failed, tid);
	return outcome == OUTCOME_OK;
}

bool injector_poke(struct injection *injection, struct tracer *tracer, const struct event *event,
		   const struct call *call)
{
	const struct inject_rule *rule = injection->rule;
	const struct inject_pokes *pokes = event->kind == EVENT_ENTER ? &rule->poke_enter
								      : &rule->poke_exit;
	bool poked = false;

	/* From the last to the first, as strace does: where they overlap, the first stays. */
	for (size_t i = pokes->count; i > 0; i--)
		poked |= injector_poke_one(tracer, event, call, &pokes->items[i - 1]);
	if (poked)
		injection->marks |= CALL_POKED;
	return poked;
}

void injector_tamper(struct injection *injection, struct tracer *tracer, const struct event *event)
{
	const struct inject_rule *rule = injection->rule;
	struct tamper tamper = {
		.skip = (rule->actions & (INJECT_ERROR | INJECT_RETVAL)) != 0,
		.is_error = (rule->actions & INJECT_ERROR) != 0,
		.signal = rule->signal,
		.before = rule->delay_enter,
		.after = rule->delay_exit,
	};

	if ((rule->actions & (INJECT_DELAY_ENTER | INJECT_DELAY_EXIT)) != 0)
		injection->marks |= CALL_DELAYED;
	tamper.nr = abi_kernel_number(event->abi, inject_call_number(rule, event->abi));
	tamper.result = tamper.is_error ? -rule->error : inject_retval(rule, event->abi);
	if (tracer_tamper(tracer, event, &tamper) == OUTCOME_FAILED)
		log_errno("the call of process %d is made: it could not be replaced",
			  event->tracee->tid);
}

void injector_free(struct injection *injection)
{
	inject_counts_free(&injection->counts);
}
