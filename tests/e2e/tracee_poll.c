/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors: what is asked for, what comes back, how much time is left. */
#include "tracee.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>

struct kernel_timespec {
	long sec;
	long nsec;
};

static void test_poll(int in, int out)
{
	struct pollfd fds[] = { { in, POLLIN | POLLPRI, 0 },
				{ out, POLLOUT, 0 },
				{ -1, POLLIN, 0 } };
	struct pollfd *end = at_end(fds, sizeof(fds[0]));

	CALL(SYS_poll, fds, 3, 0);
	other_line(
		"poll([{fd=%d, events=POLLIN|POLLPRI}, {fd=%d, events=POLLOUT}, {fd=-1}], 3, 0) = 1 "
		"([{fd=%d, revents=POLLOUT}])",
		in, out, out);
	CALL(SYS_poll, fds, 1, 0);
	other_line("poll([{fd=%d, events=POLLIN|POLLPRI}], 1, 0) = 0 (Timeout)", in);
	CALL(SYS_poll, NULL, 0, 1);
	other_line("poll(NULL, 0, 1) = 0 (Timeout)");
	line(CALL(SYS_poll, NULL, 1, 0), "poll(NULL, 1, 0)");
	line(CALL(SYS_poll, end, 2, 0),
	     "poll([{fd=%d, events=POLLIN|POLLPRI}, ... /* %s */], 2, 0)", in, ptr(tracee_hole));
	line(CALL(SYS_poll, tracee_hole, 1, 0), "poll(%s, 1, 0)", ptr(tracee_hole));
}

static void test_select(int in, int out)
{
	fd_set read_set, write_set;
	struct kernel_timespec zero = { 0, 0 }, bad = { -1, 5 };

	FD_ZERO(&read_set);
	FD_ZERO(&write_set);
	FD_SET(in, &read_set);
	FD_SET(out, &write_set);
	CALL(SYS_pselect6, out + 1, &read_set, &write_set, NULL, &zero, NULL);
	other_line("pselect6(%d, [%d], [%d], NULL, {tv_sec=0, tv_nsec=0}, NULL) = 1 "
		   "(out [%d], left {tv_sec=0, tv_nsec=0})",
		   out + 1, in, out, out);
	FD_SET(in, &read_set);
	CALL(SYS_pselect6, in + 1, &read_set, NULL, NULL, &zero, NULL);
	other_line("pselect6(%d, [%d], NULL, NULL, {tv_sec=0, tv_nsec=0}, NULL) = 0 (Timeout)",
		   in + 1, in);
	line(CALL(SYS_pselect6, 0, NULL, NULL, NULL, &bad, NULL),
	     "pselect6(0, NULL, NULL, NULL, {tv_sec=-1, tv_nsec=5}, NULL)");
	line(CALL(SYS_pselect6, -1, NULL, NULL, NULL, NULL, NULL),
	     "pselect6(-1, NULL, NULL, NULL, NULL, NULL)");
}

static void test_epoll(int in, int out)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = 0x123456789 };
	static struct epoll_event got[3];
	long fd = CALL(SYS_epoll_create1, EPOLL_CLOEXEC);

	line(fd, "epoll_create1(EPOLL_CLOEXEC)");
	line(CALL(SYS_epoll_create1, 1), "epoll_create1(0x1 /* EPOLL_??? */)");
	line(CALL(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, in, &event),
	     "epoll_ctl(%ld, EPOLL_CTL_ADD, %d, {events=EPOLLIN|EPOLLET, data=0x123456789})", fd,
	     in);
	event.events = EPOLLOUT;
	event.data.u64 = 0;
	line(CALL(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, out, &event),
	     "epoll_ctl(%ld, EPOLL_CTL_ADD, %d, {events=EPOLLOUT, data=0})", fd, out);
	line(CALL(SYS_epoll_pwait, fd, got, 3, 0, NULL, 8),
	     "epoll_pwait(%ld, [{events=EPOLLOUT, data=0}], 3, 0, NULL, 8)", fd);
	line(CALL(SYS_epoll_ctl, fd, EPOLL_CTL_DEL, out, NULL),
	     "epoll_ctl(%ld, EPOLL_CTL_DEL, %d, NULL)", fd, out);
	line(CALL(SYS_epoll_pwait, fd, got, 3, 0, NULL, 8), "epoll_pwait(%ld, [], 3, 0, NULL, 8)",
	     fd);
	line(CALL(SYS_epoll_ctl, fd, 9, out, NULL),
	     "epoll_ctl(%ld, 0x9 /* EPOLL_CTL_??? */, %d, NULL)", fd, out);
	line(CALL(SYS_epoll_pwait, -1, got, 3, 0, NULL, 8), "epoll_pwait(-1, %s, 3, 0, NULL, 8)",
	     ptr(got));
	CALL(SYS_close, fd);
	line(0, "close(%ld)", fd);
}

static void test_eventfd(void)
{
	uint64_t count = 5;
	long fd = CALL(SYS_eventfd2, 3, EFD_NONBLOCK | EFD_SEMAPHORE);

	line(fd, "eventfd2(3, EFD_SEMAPHORE|EFD_NONBLOCK)");
	line(CALL(SYS_write, fd, &count, 8), "write(%ld, \"\\5\\0\\0\\0\\0\\0\\0\\0\", 8)", fd);
	line(CALL(SYS_read, fd, &count, 8), "read(%ld, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8)", fd);
	CALL(SYS_close, fd);
	line(0, "close(%ld)", fd);
}

int main(void)
{
	int fds[2];

	tracee_start();
	if (pipe(fds))
		return 2;
#ifndef SYS_poll
	tracee_skip("this ABI has no poll");
#else
	tracee_begin();
	test_poll(fds[0], fds[1]);
	test_select(fds[0], fds[1]);
	test_epoll(fds[0], fds[1]);
	test_eventfd();
	tracee_end();
#endif
	return tracee_finish();
}
