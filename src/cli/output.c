/* SPDX-License-Identifier: MIT */
/* Writing the trace: standard error or a file.  Called by session.c. */
#include "mtrace/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "mtrace/log.h"

bool output_open(struct output *output, const char *path)
{
	*output = (struct output){ .fd = STDERR_FILENO, .path = path, .direct = true };
	if (path == NULL)
		return true;
	/* The program to be launched must not find it among its descriptors. */
	output->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	/* Nor may it take the place of a standard descriptor that is closed: messages would go there. */
	if (output->fd >= 0 && output->fd <= STDERR_FILENO) {
		int low = output->fd;

		output->fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(low);
	}
	if (output->fd < 0) {
		log_errno("Can't fopen '%s'", path);
		return false;
	}
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
	if (output->path != NULL && close(output->fd) < 0 && written) {
		output_fail(output);
		written = false;
	}
	buf_free(&output->buf);
	return written;
}
