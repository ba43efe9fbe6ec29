/* SPDX-License-Identifier: MIT */
/*
 * What options take, for the messages on what they do not take.  strace's own wording names neither
 * the option always nor what it allows; we add both, but not if called as strace.  Used by the handlers
 * of options.
 */
#include "option.h"

#include <string.h>

#include "mtrace/log.h"

#define WHEN "when=FIRST[..LAST][+[STEP]], from 1"
#define WALL_TIMES " ([format:]none, time or unix, [precision:]s, ms, us or ns, separated by commas)"

static const struct {
	const char *option; /* as handlers get it in `given`, or a qualifier of -e */
	const char *allowed;
} rows[] = {
	{ "-a", " (a number from 0 to 2147483647)" },
	{ "--columns", " (a number from 0 to 2147483647)" },
	{ "--absolute-timestamps", WALL_TIMES },
	{ "--timestamps", WALL_TIMES },
	{ "-b", " (-b takes execve only)" },
	{ "--daemonize", " (grandchild, pgroup, pgrp or session)" },
	{ "--daemonised", " (grandchild, pgroup, pgrp or session)" },
	{ "--daemonized", " (grandchild, pgroup, pgrp or session)" },
	{ "-I", " (1 or anywhere, 2 or waiting, 3 or never, 4 or never_tstp)" },
	{ "--interruptible", " (1 or anywhere, 2 or waiting, 3 or never, 4 or never_tstp)" },
	{ "--json", " (enter or nothing)" },
	{ "-o", " (-o takes a file that can be written, |COMMAND or !COMMAND)" },
	{ "-p", " (-p takes process ids, from 1, with one comma or white space between two)" },
	{ "--relative-timestamps", " (s, ms, us or ns)" },
	{ "-s", " (a number from 0 to 1073741823)" },
	{ "--string-limit", " (a number from 0 to 1073741823)" },
	{ "--strings-in-hex", " (none, non-ascii-chars, non-ascii or all)" },
	{ "--syscall-limit", " (a number from 1)" },
	{ "--syscall-times", " (s, ms, us or ns)" },
	{ "-u", " (-u takes the name of a user or UID:GID)" },
	{ "-X", " (abbrev, raw or verbose)" },
	{ "--const-print-style", " (abbrev, raw or verbose)" },
	{ "decode-fds",
	  " (-e decode-fds= takes path, socket, dev, pidfd, eventfd, signalfd, all or "
	  "none)" },
	{ "fault", " (-e fault= takes SET[:error=ERRNO][:" WHEN "]; SET as with -e trace=)" },
	{ "inject",
	  " (-e inject= takes SET:ACTION[:ACTION]... of error=NAME or 1 to 4095, retval=VALUE, "
	  "syscall=NAME, signal=NAME or a number, delay_enter=TIME, delay_exit=TIME, "
	  "poke_enter=@argN=HEX, poke_exit=@argN=HEX, " WHEN "; SET as with -e trace=)" },
	{ "quiet",
	  " (-e quiet= takes attach, exit, path-resolution, personality, superseded, all or "
	  "none)" },
	{ "set",
	  " (sets as of -e trace= have names, numbers, %CLASS, /REGEX, all or none; ! in front of "
	  "it all: all others)" },
	{ "signal", " (-e signal= takes names such as SIGINT or INT, numbers from 0 to 255, all or "
		    "none; ! in front of it all: all others)" },
	{ "status",
	  " (-e status= takes successful, failed, unfinished, unavailable, detached, all or "
	  "none)" },
};

const char *option_allowed(const char *option)
{
	if (!strcmp(log_name(), "strace"))
		return "";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].option, option))
			return rows[i].allowed;
	return "";
}
