/* SPDX-License-Identifier: MIT */
/* Writing the trace: standard error, a file or a command.  Called by sink.c. */
#include "mtrace/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mtrace/log.h"
#include "mtrace/xalloc.h"
#include "option.h"

/* A trace may not take the place of a standard descriptor that is closed: messages would go there. */
static int output_lift(int fd)
{
	int lifted;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	lifted = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return lifted;
}

/* The program to be launched must not find the file among its descriptors. */
static int output_open_file(const char *path, bool append)
{
	return output_lift(
		open(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC) | O_CLOEXEC, 0666));
}

static int output_run(struct output *output, const char *command)
{
	int ends[2];
	int pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(ends[0], STDIN_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return -1;
	}
	output->command = pid;
	return output_lift(ends[1]);
}

bool output_open(struct output *output, const char *path, bool append)
{
	bool is_command = path != NULL && (path[0] == '|' || path[0] == '!');

	*output = (struct output){ .fd = STDERR_FILENO, .direct = true };
	if (path == NULL)
		return true;
	output->fd = is_command ? output_run(output, path + 1) : output_open_file(path, append);
	if (output->fd < 0) {
		if (errno != EMFILE && errno != ENFILE)
			log_error("%s '%s': %s%s", is_command ? "Can't run" : "Can't fopen", path,
				  strerror(errno), option_allowed("-o"));
		return false;
	}
	output->path = xstrdup(path);
	output->direct = isatty(output->fd) == 1;
	return true;
}

static void output_fail(struct output *output)
{
	output->broken = true;
	if (output->path != NULL)
		log_errno("%s", output->path);
	else if (errno != EPIPE)
		log_errno("standard error");
}

void output_suspend(struct output *output)
{
	struct stat st;

	if (output->fd < 0 || output->path == NULL || output->command != 0 ||
	    fstat(output->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	output_flush(output);
	if (close(output->fd) < 0 && !output->broken)
		output_fail(output);
	output->fd = -1;
}

static void output_resume(struct output *output)
{
	if (output->fd >= 0 || output->broken)
		return;
	output->fd = output_open_file(output->path, true);
	if (output->fd < 0)
		output_fail(output);
}

/*
 * Whoever shares our terminal or pipe, a tracee among them, may have made it non-blocking: O_NONBLOCK
 * belongs to the open file, not to the descriptor (fcntl(2)).  That must not end the trace.
 */
static void output_wait(const struct output *output)
{
	struct pollfd room = { .fd = output->fd, .events = POLLOUT };

	poll(&room, 1, -1);
}

bool output_flush(struct output *output)
{
	const char *from = output->buf.data;
	size_t left = output->buf.len;

	if (left > 0)
		output_resume(output);
	while (left > 0 && !output->broken) {
		ssize_t written = write(output->fd, from, left);

		if (written >= 0) {
			from += written;
			left -= (size_t)written;
		} else if (errno == EAGAIN) {
			output_wait(output);
		} else if (errno != EINTR) {
			output_fail(output);
		}
	}
	buf_reset(&output->buf);
	return !output->broken;
}

bool output_close(struct output *output)
{
	bool written = output_flush(output);

	/* A full disk or a lost server may come to light only now. */
	if (output->path != NULL && output->fd >= 0 && close(output->fd) < 0 && written) {
		output_fail(output);
		written = false;
	}
	/* Its last words belong before our end; the tracer may have reaped it already. */
	while (output->command != 0 && waitpid(output->command, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(output->path);
	output->path = NULL;
	buf_free(&output->buf);
	return written;
}
