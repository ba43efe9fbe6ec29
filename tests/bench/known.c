/* SPDX-License-Identifier: MIT */
/*
 * Calls of which it is known how long they take: truth.py holds the corrected times of `mtrace -c`
 * against what this says of itself without a tracer.
 *
 *	known ROUNDS SHORT LONG
 *
 * Makes ROUNDS calls each of getpid, of read for SHORT bytes and of pread64 for LONG bytes of /dev/zero, and a
 * twentieth as many of poll for 1 ms.  Prints for each its name and the ns per call, by a clock that is read
 * twice (vdso(7)).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define POLL_SHARE 20

static int zero;
static char *room;

static int64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static long call_getpid(size_t size)
{
	(void)size;
	return syscall(SYS_getpid);
}

static long call_read(size_t size)
{
	return read(zero, room, size);
}

static long call_pread(size_t size)
{
	return pread(zero, room, size, 0);
}

static long call_poll(size_t size)
{
	(void)size;
	return poll(NULL, 0, 1);
}

static void measure(const char *name, long (*call)(size_t), size_t size, long rounds)
{
	int64_t begun = now_ns();

	for (long i = 0; i < rounds; i++) {
		if (call(size) < 0) {
			fprintf(stderr, "known: %s: %s\n", name, strerror(errno));
			exit(1);
		}
	}
	printf("%s %" PRId64 "\n", name, (now_ns() - begun) / rounds);
}

int main(int argc, char **argv)
{
	size_t less = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	size_t more = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	long rounds = argc == 4 ? strtol(argv[1], NULL, 10) : 0;

	if (rounds < POLL_SHARE || less == 0 || more == 0) {
		fputs("usage: known ROUNDS SHORT LONG\n", stderr);
		return 2;
	}
	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	room = malloc(more > less ? more : less);
	if (zero < 0 || !room) {
		perror("known");
		return 1;
	}
	memset(room, 1, more > less ? more : less);
	measure("getpid", call_getpid, 0, rounds);
	measure("read", call_read, less, rounds);
	measure("pread64", call_pread, more, rounds);
	measure("poll", call_poll, 0, rounds / POLL_SHARE);
	free(room);
	return 0;
}
