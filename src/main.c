/* SPDX-License-Identifier: MIT */
/* From the command line to the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "mtrace/cli.h"
#include "mtrace/log.h"
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
	status = session_run(&options, &signal);
	options_free(&options);
	if (signal != 0)
		main_die_of(signal);
	return status;
}
