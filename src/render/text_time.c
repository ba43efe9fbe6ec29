/* SPDX-License-Identifier: MIT */
/*
 * Times in lines of text: of the day (-t), since the line before (-r), of a call (-T).  Called where
 * a line begins and by text_result.c.
 */
#include <string.h>
#include <time.h>

#include "text.h"

#define SECOND 1000000000u
#define PLACES_MAX 9
#define SECONDS_WIDTH 6 /* of -r */

/* What `ns` has below the second, with so many places; what is beyond them is cut, not rounded. */
static void time_add_fraction(struct buf *out, uint64_t ns, unsigned places)
{
	char digits[PLACES_MAX];
	uint32_t rest = (uint32_t)(ns % SECOND);

	if (places == 0)
		return;
	for (unsigned i = PLACES_MAX; i > 0; i--) {
		digits[i - 1] = (char)('0' + rest % 10);
		rest /= 10;
	}
	buf_add_char(out, '.');
	buf_add(out, digits, places);
}

static void time_add_hms(struct renderer *renderer, uint64_t second)
{
	time_t then = (time_t)second;
	struct tm local;

	/* The conversion is too slow to be made for each line. */
	if (renderer->second != second || renderer->hms[0] == '\0') {
		if (localtime_r(&then, &local) == NULL)
			memset(&local, 0, sizeof(local));
		strftime(renderer->hms, sizeof(renderer->hms), "%T", &local);
		renderer->second = second;
	}
	buf_add(renderer->out, renderer->hms, 8);
}

static void time_add_wall(struct renderer *renderer, uint64_t wall)
{
	const struct time_columns *times = &renderer->options->times;

	if (times->wall == WALL_UNIX)
		buf_add_udec(renderer->out, wall / SECOND);
	else
		time_add_hms(renderer, wall / SECOND);
	time_add_fraction(renderer->out, wall, times->wall_places);
	buf_add_char(renderer->out, ' ');
}

static void time_add_since(struct buf *out, uint64_t since, unsigned places)
{
	uint64_t seconds = since / SECOND;
	unsigned digits = 1;

	for (uint64_t rest = seconds / 10; rest != 0; rest /= 10)
		digits++;
	if (digits < SECONDS_WIDTH)
		buf_pad(out, out->len, SECONDS_WIDTH - digits, ' ');
	buf_add_udec(out, seconds);
	time_add_fraction(out, since, places);
}

void text_time_columns(struct renderer *renderer, uint64_t wall, uint64_t since)
{
	const struct time_columns *times = &renderer->options->times;
	struct buf *out = renderer->out;

	if (times->wall != WALL_NONE)
		time_add_wall(renderer, wall);
	if (!times->since)
		return;
	if (times->wall != WALL_NONE)
		buf_add(out, "(+", 2);
	time_add_since(out, since, times->since_places);
	if (times->wall != WALL_NONE)
		buf_add_char(out, ')');
	buf_add_char(out, ' ');
}

uint64_t text_since(struct renderer *renderer, uint64_t time)
{
	uint64_t before = renderer->marked;

	/* A stop that waited for its turn (tracer/wait.c) is older than others that were shown. */
	if (before >= time)
		return 0;
	renderer->marked = time;
	return before != 0 ? time - before : 0;
}

void text_time_columns_now(struct renderer *renderer)
{
	const struct event *now = renderer->now;

	text_time_columns(renderer, now->wall, text_since(renderer, now->time));
}

void text_duration(struct text *text, const struct call *call)
{
	buf_add(text->out, " <", 2);
	buf_add_udec(text->out, call->duration / SECOND);
	time_add_fraction(text->out, call->duration, text->options->times.duration_places);
	buf_add_char(text->out, '>');
}
