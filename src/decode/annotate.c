/* SPDX-License-Identifier: MIT */
/*
 * What a number stands for beyond itself: the file behind a descriptor, the command of a process,
 * the date of a time.  Resolved when the value is decoded, never when it is shown: after close(2)
 * the answer would be another one.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "decoder.h"

#define NOTE_MAX 4400 /* a path of PATH_MAX, " (deleted)", and room */

static void note_set(struct decoder *d, struct value *value, const char *text, size_t len)
{
	if (!len)
		return;
	value->note = arena_copy(d->arena, text, len);
	value->note_len = len;
}

static void annotate_fd(struct decoder *d, struct value *value)
{
	char text[NOTE_MAX];

	if (!d->resolver || !d->resolver->fd)
		return;
	note_set(d, value, text,
		 d->resolver->fd(d->resolver, (int)(int32_t)value->num, text, sizeof(text)));
}

static void annotate_pid(struct decoder *d, struct value *value)
{
	char text[64];

	if (!d->resolver || !d->resolver->pid || (int32_t)value->num <= 0)
		return;
	note_set(d, value, text,
		 d->resolver->pid(d->resolver, (int)(int32_t)value->num, text, sizeof(text)));
}

/*
 * A date in the user's time zone: 2026-11-20T14:43:12.244679378+0000, the fraction left out where it
 * is 0; NULL for the epoch itself, which stands for "no time" nearly everywhere.
 */
static char *date_text(struct decoder *d, int64_t seconds, int64_t fraction, unsigned digits)
{
	int64_t limit = digits == 6 ? 1000000 : 1000000000;
	time_t when = (time_t)seconds;
	char date[64], zone[16], part[32] = "";
	struct tm tm;

	if ((!seconds && !fraction) || fraction < 0 || fraction >= limit ||
	    !localtime_r(&when, &tm))
		return NULL;
	if (!strftime(date, sizeof(date), "%FT%T", &tm) || !strftime(zone, sizeof(zone), "%z", &tm))
		return NULL;
	if (fraction > 0)
		snprintf(part, sizeof(part), digits == 6 ? ".%06u" : ".%09u", (unsigned)fraction);
	return arena_printf(d->arena, "%s%s%s", date, part, zone);
}

static void annotate_time(struct decoder *d, const struct desc_type *type, struct value *value,
			  struct frame *frame)
{
	struct number fraction = { 0 };
	char *date;

	if (type->length && type->role == ROLE_TIME)
		fraction = expr_eval(d, type->length, frame);
	date = date_text(d, (int64_t)value->num, fraction.known ? fraction.value : 0, 9);
	if (!date)
		return;
	if (type->role == ROLE_TIME) {
		value->comment = date;
		return;
	}
	value->kind = VALUE_TEXT;
	value->bytes = (uint8_t *)date;
	value->len = strlen(date);
}

void annotate_struct(struct decoder *d, struct frame *frame, struct value *value)
{
	const struct desc_struct *body = frame->body;
	struct number seconds, fraction;

	if (!body->date_seconds)
		return;
	seconds = expr_eval(d, body->date_seconds, frame);
	fraction = expr_eval(d, body->date_fraction, frame);
	if (seconds.known && fraction.known)
		value->comment = date_text(d, seconds.value, fraction.value, body->date_digits);
}

/* (uid_t)-1 means "leave it" to chown(2) and the like. */
static void annotate_id(struct decoder *d, const struct desc_type *type, struct value *value)
{
	unsigned bytes = width_bytes(d, type->width);
	uint64_t all = bytes < 8 ? ((uint64_t)1 << bytes * 8) - 1 : UINT64_MAX;

	if ((value->num & all) == all && value->kind == VALUE_INT) {
		value->num = UINT64_MAX;
		value->flags &= (uint16_t)~VALUE_UNSIGNED;
	}
}

void annotate_fully(struct decoder *d, const struct desc_type *type, struct value *value,
		    struct frame *frame)
{
	switch (type->role) {
	case ROLE_FD:
	case ROLE_DIRFD:
		annotate_fd(d, value);
		break;
	case ROLE_PID:
		annotate_pid(d, value);
		break;
	case ROLE_TIME:
	case ROLE_DATE:
		annotate_time(d, type, value, frame);
		break;
	case ROLE_ID:
		annotate_id(d, type, value);
		break;
	default:
		break;
	}
}

int64_t netlink_family(struct decoder *d, int64_t fd)
{
	if (!d->resolver || !d->resolver->netlink_family)
		return -1;
	return d->resolver->netlink_family(d->resolver, (int)fd);
}
