/* SPDX-License-Identifier: MIT */
/*
 * The command line: argv to struct options.  Called once, by main, after log_set_name().
 */
#ifndef MTRACE_CLI_H
#define MTRACE_CLI_H

#include "mtrace/options.h"

enum cli_result {
	CLI_RUN,  /* trace what `options` says */
	CLI_EXIT, /* everything is done or wrong, and said: exit with *exit_status */
};

/*
 * Fills `options` from the command line, defaults included.  Strings in it point into `argv`, which
 * must outlive it.  What --help, --version and --describe print goes to standard output, mistakes
 * to standard error.
 */
enum cli_result options_parse(struct options *options, int argc, char **argv, int *exit_status);

/* Releases what options_parse() allocated. */
void options_free(struct options *options);

#endif
