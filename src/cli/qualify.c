/* SPDX-License-Identifier: MIT */
/* -e QUALIFIER=SET and the long options that stand for it.  Called by parse.c through table.c. */
#include "option.h"

#include <stdlib.h>
#include <string.h>

#include "mtrace/filter.h"
#include "mtrace/inject.h"
#include "mtrace/log.h"

/* Signal numbers that a set can hold: wait statuses have seven bits for them. */
#define SIGNAL_LIMIT 256

static bool set_calls(struct call_set *set, const char *text)
{
	char *error = select_calls(set, text);

	if (error)
		log_error("%s%s", error, option_allowed("set"));
	free(error);
	return !error;
}

bool handle_trace(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return set_calls(&parser->options->trace, argument);
}

bool handle_abbrev(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return set_calls(&parser->options->abbrev, argument);
}

bool handle_verbose(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return set_calls(&parser->options->verbose, argument);
}

bool handle_raw(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return set_calls(&parser->options->raw, argument);
}

/* Reads a set of names; what is no name is a "`what` '...'" that is invalid. */
static bool set_names(struct bitset *members, const char *text, uint64_t limit, const char *what,
		      int (*number_of)(const char *name))
{
	char *unknown = select_names(members, text, limit, number_of);

	if (unknown)
		log_error("invalid %s '%s'%s", what, unknown, option_allowed(what));
	free(unknown);
	return !unknown;
}

bool handle_signal(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return set_names(&parser->options->signals, argument, SIGNAL_LIMIT, "signal",
			 select_signal_number);
}

static bool add_rule(struct parser *parser, const char *text, bool is_fault)
{
	char *warning;
	char *error = inject_add(&parser->options->inject, text, is_fault, &warning);

	if (error)
		log_error("%s%s", error, option_allowed(is_fault ? "fault" : "inject"));
	else if (warning)
		log_note("%s", warning);
	free(warning);
	free(error);
	return !error;
}

bool handle_inject(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return add_rule(parser, argument, false);
}

bool handle_fault(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return add_rule(parser, argument, true);
}

struct bit_name {
	const char *name;
	unsigned bit;
};

/* The number of the only bit that is set in `bit`. */
static int bit_number(unsigned bit)
{
	int number = 0;

	while (!(bit >> number & 1))
		number++;
	return number;
}

static int find_bit(const struct bit_name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(name, names[i].name))
			return bit_number(names[i].bit);
	return -1;
}

static int quiet_number(const char *name)
{
	static const struct bit_name names[] = {
		{ "attach", QUIET_ATTACH },
		{ "exit", QUIET_EXIT },
		{ "path-resolution", QUIET_PATH_RESOLUTION },
		{ "personality", QUIET_PERSONALITY },
		{ "superseded", QUIET_SUPERSEDED },
		{ "thread-execve", QUIET_SUPERSEDED },
	};

	return find_bit(names, sizeof(names) / sizeof(names[0]), name);
}

static int fd_detail_number(const char *name)
{
	static const struct bit_name names[] = {
		{ "path", FD_PATH },   { "dev", FD_DEV },         { "socket", FD_SOCKET },
		{ "pidfd", FD_PIDFD }, { "eventfd", FD_EVENTFD }, { "signalfd", FD_SIGNALFD },
	};

	return find_bit(names, sizeof(names) / sizeof(names[0]), name);
}

/* The same as set_names() for sets that are bits of a number; `all` is all of them. */
static bool set_bits(unsigned *bits, unsigned all, const char *text, const char *what,
		     int (*number_of)(const char *name))
{
	struct bitset members = { 0 };

	if (!set_names(&members, text, (uint64_t)bit_number(all + 1), what, number_of))
		return false;
	*bits = members.count ? (unsigned)members.words[0] : 0;
	bitset_free(&members);
	return true;
}

bool handle_quiet(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	parser->quiet_named = true;
	return set_bits(&parser->options->quiet_messages, QUIET_ALL,
			argument ? argument : "attach,personality", "quiet", quiet_number);
}

bool handle_decode_fds(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	parser->fds_named = true;
	return set_bits(&parser->options->fds, FD_ALL, argument ? argument : "path", "decode-fds",
			fd_detail_number);
}

static int status_number(const char *name)
{
	static const struct bit_name names[] = {
		{ "successful", STATUS_SUCCESSFUL }, { "failed", STATUS_FAILED },
		{ "unfinished", STATUS_UNFINISHED }, { "unavailable", STATUS_UNAVAILABLE },
		{ "detached", STATUS_DETACHED },
	};

	return find_bit(names, sizeof(names) / sizeof(names[0]), name);
}

bool handle_status(struct parser *parser, const char *given, const char *argument)
{
	(void)given;
	return set_bits(&parser->options->statuses, STATUS_ALL, argument, "status", status_number);
}

/* Qualifiers and their short forms; those without a handler are strace's. */
static const struct qualifier {
	const char *name;
	bool (*handle)(struct parser *parser, const char *given, const char *argument);
} qualifiers[] = {
	{ "trace", handle_trace },
	{ "t", handle_trace },
	{ "abbrev", handle_abbrev },
	{ "a", handle_abbrev },
	{ "verbose", handle_verbose },
	{ "v", handle_verbose },
	{ "raw", handle_raw },
	{ "x", handle_raw },
	{ "signal", handle_signal },
	{ "signals", handle_signal },
	{ "s", handle_signal },
	{ "quiet", handle_quiet },
	{ "silent", handle_quiet },
	{ "silence", handle_quiet },
	{ "q", handle_quiet },
	{ "decode-fds", handle_decode_fds },
	{ "decode-fd", handle_decode_fds },
	{ "decode-pids", NULL },
	{ "decode-pid", NULL },
	{ "fault", handle_fault },
	{ "inject", handle_inject },
	{ "kvm", NULL },
	{ "read", NULL },
	{ "reads", NULL },
	{ "r", NULL },
	{ "status", handle_status },
	{ "trace-fd", NULL },
	{ "trace-fds", NULL },
	{ "write", NULL },
	{ "writes", NULL },
	{ "w", NULL },
};

bool handle_expression(struct parser *parser, const char *given, const char *argument)
{
	const char *equals = strchr(argument, '=');
	size_t len = equals ? (size_t)(equals - argument) : 0;

	for (size_t i = 0; equals && i < sizeof(qualifiers) / sizeof(qualifiers[0]); i++) {
		const struct qualifier *qualifier = &qualifiers[i];

		if (strlen(qualifier->name) != len || strncmp(argument, qualifier->name, len) != 0)
			continue;
		if (qualifier->handle)
			return qualifier->handle(parser, given, equals + 1);
		log_error("-e %s= is not implemented yet", qualifier->name);
		return false;
	}
	return handle_trace(parser, given, argument);
}
