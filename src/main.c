/* SPDX-License-Identifier: MIT */
/* From the command line to the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "mtrace/boundary.h"
#include "mtrace/cli.h"
#include "mtrace/log.h"
#include "mtrace/output.h"
#include "mtrace/session.h"

/* Dies as the traced program died, so that whoever waits for us sees the same; without a core. */
static void main_die_of(int signal)
{
	struct rlimit no_core = { 0, 0 };
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t mask;

	setrlimit(RLIMIT_CORE, &no_core);
	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, signal);
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
	raise(signal);
}

static const char *main_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/*
 * A standard descriptor that is closed would become the output file's, and messages would go there.
 * The program that we launch still finds it closed.
 */
static void main_hold_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* --boundary: to standard output, or where -o says.  Returns the exit status. */
static int main_measure_boundary(const struct options *options)
{
	struct output output = { .fd = -1 };
	struct buf out = { 0 };
	bool written;

	/* A file that cannot be written is told before two seconds have passed. */
	if (options->output != NULL && !output_open(&output, options->output, options->append))
		return 1;
	boundary_run(&out, options->json != JSON_NONE);
	if (options->output != NULL) {
		buf_add(&output.buf, out.data, out.len);
		written = output_close(&output);
	} else {
		written = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
		if (!written)
			log_errno("standard output");
	}
	buf_free(&out);
	return written ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	int signal = 0;
	int status = 0;

	main_hold_descriptors();
	if (argc > 0)
		log_set_name(main_name(argv[0]));
	if (options_parse(&options, argc, argv, &status) != CLI_RUN)
		return status;
	status = options.boundary ? main_measure_boundary(&options)
				  : session_run(&options, &signal);
	options_free(&options);
	if (signal != 0)
		main_die_of(signal);
	return status;
}
