/* SPDX-License-Identifier: MIT */
/* Options on how tracees are traced, and what the tracer derives from them.  Called by parse.c. */
#include "option.h"

#include <stdlib.h>
#include <string.h>

#include "mtrace/filter.h"
#include "mtrace/log.h"

/*
 * After these a mask of CPUs is another thread's as well, or a thread's number another: fork(2),
 * clone(2) and execve(2) by their nature, the others because we may lose the right to change it.
 */
#define BIRTHS \
	"?fork,?vfork,?clone,?clone3,?execve,?execveat,?setuid,?setreuid,?setresuid,?setuid32," \
	"?setreuid32,?setresuid32"
static const char births[] = BIRTHS;
static const char births_and_waits[] = BIRTHS ",?wait4,?waitpid,?waitid";
/* These show or change a mask, or depend on one (sched_setattr(2): SCHED_DEADLINE wants it whole). */
static const char placing[] = "?sched_getaffinity,?sched_setaffinity,?sched_setattr,"
			      "?sched_setscheduler,?sched_setparam";

bool handle_colocate(struct parser *parser, const char *given, const char *argument)
{
	static const char *const modes[] = {
		[COLOCATE_AUTO] = "auto",
		[COLOCATE_ALWAYS] = "always",
		[COLOCATE_NEVER] = "never",
	};

	for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argument, modes[i]) == 0) {
			parser->options->colocate = (enum colocate_mode)i;
			return true;
		}
	}
	return usage_error("invalid %s argument: '%s' (auto, always or never)", given, argument);
}

static bool select_or_say(struct call_set *set, const char *text)
{
	char *error = select_calls(set, text);

	if (error != NULL)
		log_error("%s", error);
	free(error);
	return error == NULL;
}

bool finish_tracing(struct options *options)
{
	/* Who waits for a child that is not followed may be looked at by it. */
	return select_or_say(&options->births, options->follow ? births : births_and_waits) &&
	       select_or_say(&options->placing, placing);
}
