/* SPDX-License-Identifier: MIT */
/* Options about how a trace begins and ends.  Called by the table of options and by parse.c. */
#include "option.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mtrace/log.h"
#include "mtrace/xalloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The largest uid or gid: -1 means "leave as it is" to setresuid(2). */
#define ID_MAX (UINT32_MAX - 1L)

struct named_value {
	const char *name;
	int value;
};

/* The value of that name; -1 if there is none. */
static int find_value(const struct named_value *values, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(values[i].name, name))
			return values[i].value;
	return -1;
}

/*
 * One or more process ids, each followed by a comma or white space or nothing: as pidof(1) and
 * pgrep(1) print them.
 */
bool handle_attach(struct parser *parser, const char *given, const char *argument)
{
	static const char separators[] = ", \t\n";
	struct options *options = parser->options;

	(void)given;
	while (*argument) {
		size_t len = strcspn(argument, separators);
		char *text = xmemdup(argument, len);
		long pid = parse_number(text, INT_MAX);

		if (pid <= 0)
			log_error("Invalid process id: '%s'%s", text, option_allowed("-p"));
		free(text);
		if (pid <= 0)
			return false;
		options->pids = xrealloc(options->pids, options->pid_count + 1, sizeof(int));
		options->pids[options->pid_count++] = (int)pid;
		argument += len + (argument[len] != '\0');
	}
	return true;
}

bool handle_argv0(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	parser->options->argv0 = argument;
	return true;
}

bool handle_environment(struct parser *parser, const char *given, const char *argument)
{
	struct options *options = parser->options;

	(void)given;
	options->environment = xrealloc(options->environment, options->environment_count + 1,
					sizeof(*options->environment));
	options->environment[options->environment_count++] = (char *)argument;
	return true;
}

/* "UID:GID" */
static bool parse_ids(const char *argument, struct run_as *run_as)
{
	const char *colon = strchr(argument, ':');
	char *text;
	long uid, gid;

	if (colon == NULL)
		return false;
	text = xmemdup(argument, (size_t)(colon - argument));
	uid = parse_number(text, ID_MAX);
	gid = parse_number(colon + 1, ID_MAX);
	free(text);
	if (uid < 0 || gid < 0)
		return false;
	*run_as = (struct run_as){ .wanted = true, .uid = (uid_t)uid, .gid = (gid_t)gid };
	return true;
}

bool handle_user(struct parser *parser, const char *given, const char *argument)
{
	struct run_as *run_as = &parser->options->run_as;
	const struct passwd *entry;

	(void)given;
	if (geteuid() != 0) {
		log_error("You must be root to use the -u/--user option");
		return false;
	}
	if (parse_ids(argument, run_as))
		return true;
	entry = getpwnam(argument);
	if (entry == NULL) {
		log_error("Cannot find user '%s'%s", argument, option_allowed("-u"));
		return false;
	}
	*run_as = (struct run_as){
		.wanted = true,
		.uid = entry->pw_uid,
		.gid = entry->pw_gid,
		.name = argument,
	};
	return true;
}

bool handle_daemonize(struct parser *parser, const char *given, const char *argument)
{
	static const struct named_value values[] = {
		{ "grandchild", DAEMONIZE_GRANDCHILD },
		{ "pgroup", DAEMONIZE_PGROUP },
		{ "pgrp", DAEMONIZE_PGROUP },
		{ "session", DAEMONIZE_SESSION },
	};
	int value;

	if (given[1] != '-') {
		parser->daemonize_letters++;
		return true;
	}
	value = find_value(values, COUNT(values), argument ? argument : "grandchild");
	if (value < 0)
		return invalid_argument(given, argument);
	parser->daemonize_named = true;
	parser->options->daemonize = (enum daemonize)value;
	return true;
}

bool handle_interruptible(struct parser *parser, const char *given, const char *argument)
{
	static const struct named_value values[] = {
		{ "1", INTERRUPTIBLE_ANYWHERE },   { "anywhere", INTERRUPTIBLE_ANYWHERE },
		{ "2", INTERRUPTIBLE_WAITING },    { "waiting", INTERRUPTIBLE_WAITING },
		{ "3", INTERRUPTIBLE_NEVER },      { "never", INTERRUPTIBLE_NEVER },
		{ "4", INTERRUPTIBLE_NEVER_TSTP }, { "never_tstp", INTERRUPTIBLE_NEVER_TSTP },
	};
	int value = find_value(values, COUNT(values), argument);

	if (value < 0)
		return invalid_argument(given, argument);
	parser->options->interruptible = (enum interruptible)value;
	return true;
}

bool handle_detach_on(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	if (strcmp(argument, "execve") != 0) {
		log_error("Syscall '%s' for -b isn't supported%s", argument,
			  option_allowed("-b"));
		return false;
	}
	parser->options->detach_on_exec = true;
	return true;
}

/* A positive decimal fraction and a unit, in ns; 0 if `text` is no such time. */
static uint64_t parse_time(const char *text)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = {
		{ "", 1e9 }, { "s", 1e9 },      { "ms", 1e6 },       { "us", 1e3 },
		{ "ns", 1 }, { "m", 60 * 1e9 }, { "h", 3600 * 1e9 },
	};
	size_t digits = strspn(text, "0123456789.");
	char *end;
	double number;

	/* strtod(3) would take signs, exponents and names as well. */
	number = strtod(text, &end);
	if (end != text + digits || digits == 0)
		return 0;
	for (size_t i = 0; i < COUNT(units); i++) {
		double ns = number * units[i].ns;

		if (!strcmp(end, units[i].unit) && ns >= 1 && ns < 9e18)
			return (uint64_t)ns;
	}
	return 0;
}

bool handle_detach_after(struct parser *parser, const char *given, const char *argument)
{
	parser->options->detach_after = parse_time(argument);
	if (parser->options->detach_after > 0)
		return true;
	return usage_error("invalid %s argument: '%s' is not a time such as 10, 1.5s, 200ms or 2m",
			   given, argument);
}

bool handle_syscall_limit(struct parser *parser, const char *given, const char *argument)
{
	long limit = parse_number(argument, LONG_MAX);

	if (limit <= 0)
		return invalid_argument(given, argument);
	parser->options->syscall_limit = (uint64_t)limit;
	return true;
}

bool handle_kill_on_exit(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->kill_on_exit = true;
	return true;
}

bool handle_always_show_pid(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	(void)argument;
	parser->options->always_show_pid = true;
	return true;
}

/* Settles what depends on several of these options. */
bool startup_finish(struct parser *parser)
{
	struct options *options = parser->options;

	if (parser->daemonize_letters > DAEMONIZE_SESSION)
		return usage_error("Too many -D's (%u), maximum supported -D count is %d",
				   parser->daemonize_letters, DAEMONIZE_SESSION);
	if (parser->daemonize_letters && parser->daemonize_named) {
		log_error("-D and --daemonize cannot be provided simultaneously");
		return false;
	}
	if (parser->daemonize_letters)
		options->daemonize = (enum daemonize)parser->daemonize_letters;
	if (options->daemonize != DAEMONIZE_NO && options->command == NULL)
		return usage_error("PROG [ARGS] must be specified with -D/--daemonize");
	if (options->kill_on_exit && options->pid_count > 0) {
		log_error("--kill-on-exit and -p/--attach are mutually exclusive options");
		return false;
	}
	if (options->interruptible != INTERRUPTIBLE_DEFAULT)
		return true;
	/* With -o FILE PROG the terminal is the program's: what is typed there is not for us. */
	if (options->daemonize != DAEMONIZE_NO)
		options->interruptible = INTERRUPTIBLE_NEVER_TSTP;
	else if (options->command != NULL && options->output != NULL)
		options->interruptible = INTERRUPTIBLE_NEVER;
	else
		options->interruptible = INTERRUPTIBLE_WAITING;
	return true;
}
