/* SPDX-License-Identifier: MIT */
/* Options for times in lines of text: -t, -r, -T.  Called by the table of options and by parse.c. */
#include "option.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mtrace/log.h"
#include "mtrace/xalloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DEFAULT_PLACES 6 /* of -r and -T */

/* As strace does, whatever the case of letters. */
static bool parse_precision(const char *text, uint8_t *places)
{
	static const char *const units[] = { "s", "ms", "us", "ns" };

	for (unsigned i = 0; i < COUNT(units); i++) {
		if (!strcasecmp(text, units[i])) {
			*places = (uint8_t)(3 * i);
			return true;
		}
	}
	return false;
}

static bool parse_format(const char *text, enum wall_format *format)
{
	static const char *const names[] = {
		[WALL_NONE] = "none",
		[WALL_TIME] = "time",
		[WALL_UNIX] = "unix",
	};

	for (unsigned i = 0; i < COUNT(names); i++) {
		if (!strcasecmp(text, names[i])) {
			*format = (enum wall_format)i;
			return true;
		}
	}
	return false;
}

/* "[format:]FORMAT" or "[precision:]PRECISION" */
static bool parse_wall_word(const char *word, struct time_columns *times)
{
	static const char format[] = "format:";
	static const char precision[] = "precision:";

	if (!strncasecmp(word, format, strlen(format)))
		return parse_format(word + strlen(format), &times->wall);
	if (!strncasecmp(word, precision, strlen(precision)))
		return parse_precision(word + strlen(precision), &times->wall_places);
	return parse_format(word, &times->wall) || parse_precision(word, &times->wall_places);
}

/* -t: each one more makes more of it, a fourth changes nothing. */
static void handle_wall_letter(struct parser *parser)
{
	struct time_columns *times = &parser->options->times;

	parser->wall_letters++;
	times->wall = parser->wall_letters > 2 ? WALL_UNIX : WALL_TIME;
	times->wall_places = parser->wall_letters > 1 ? 6 : 0;
}

/*
 * What an earlier one of these options said stays, but for "none", and but for the format if there is
 * no argument: so strace has it.  Words may be empty.
 */
bool handle_wall_times(struct parser *parser, const char *given, const char *argument)
{
	struct time_columns *times = &parser->options->times;
	const char *rest = argument;
	bool valid = true;

	if (given[1] != '-') {
		handle_wall_letter(parser);
		return true;
	}
	parser->wall_named = true;
	if (rest == NULL || times->wall == WALL_NONE)
		times->wall = WALL_TIME;
	while (rest != NULL && *rest != '\0' && valid) {
		size_t len = strcspn(rest, ",");
		char *word = xmemdup(rest, len);

		valid = len == 0 || parse_wall_word(word, times);
		free(word);
		rest += len + (rest[len] != '\0');
	}
	return valid || invalid_argument(given, argument);
}

bool handle_relative_times(struct parser *parser, const char *given, const char *argument)
{
	struct time_columns *times = &parser->options->times;

	times->since = true;
	times->since_places = DEFAULT_PLACES;
	return argument == NULL || parse_precision(argument, &times->since_places) ||
	       invalid_argument(given, argument);
}

bool handle_call_times(struct parser *parser, const char *given, const char *argument)
{
	struct time_columns *times = &parser->options->times;

	times->duration = true;
	times->duration_places = DEFAULT_PLACES;
	return argument == NULL || parse_precision(argument, &times->duration_places) ||
	       invalid_argument(given, argument);
}

void finish_times(struct options *options)
{
	struct time_columns *times = &options->times;

	times->leading = times->since || times->wall != WALL_NONE;
	if ((times->leading || times->duration) && options->summary.mode != SUMMARY_ONLY)
		options->clocks |= CLOCKS_STOP;
}

void note_unused_times(const struct options *options)
{
	const struct {
		bool wanted;
		const char *option;
	} rows[] = {
		{ options->times.since, "-r/--relative-timestamps" },
		{ options->times.wall != WALL_NONE, "-t/--absolute-timestamps" },
		{ options->times.duration, "-T/--syscall-times" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].wanted)
			log_note("%s has no effect with -c/--summary-only", rows[i].option);
}
