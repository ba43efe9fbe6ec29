/* SPDX-License-Identifier: MIT */
/* Errors that ask for a restart.  Called by the renderers for the result of a call. */
#include "restart.h"

#include <stddef.h>

struct restart {
	int error;
	const char *name;
	const char *reason;
};

static const struct restart *restart_find(int error)
{
	static const struct restart restarts[] = {
		{ 512, "ERESTARTSYS", "To be restarted if SA_RESTART is set" },
		{ 513, "ERESTARTNOINTR", "To be restarted" },
		{ 514, "ERESTARTNOHAND", "To be restarted if no handler" },
		{ 516, "ERESTART_RESTARTBLOCK", "Interrupted by signal" },
	};

	for (size_t i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++) {
		if (restarts[i].error == error)
			return &restarts[i];
	}
	return NULL;
}

const char *restart_name(int error)
{
	const struct restart *restart = restart_find(error);

	return restart != NULL ? restart->name : NULL;
}

const char *restart_reason(int error)
{
	const struct restart *restart = restart_find(error);

	return restart != NULL ? restart->reason : NULL;
}
