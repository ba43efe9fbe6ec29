/* SPDX-License-Identifier: MIT */
/* Sockets: addresses, messages, options; on the loopback and in a folder of the test. */
#include "tracee.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

static void test_unix(void)
{
	struct sockaddr_un named = { .sun_family = AF_UNIX, .sun_path = "sock" };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0mtrace\1x" };
	struct sockaddr_un answer;
	socklen_t len = sizeof(answer), short_len = 5;
	long server, client, accepted;

	server = CALL(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	line(server, "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0)");
	line(CALL(SYS_bind, server, &named, sizeof(named)),
	     "bind(%ld, {sa_family=AF_UNIX, sun_path=\"sock\"}, 110)", server);
	line(CALL(SYS_bind, server, NULL, 110), "bind(%ld, NULL, 110)", server);
	line(CALL(SYS_bind, server, tracee_hole, 110), "bind(%ld, %s, 110)", server,
	     ptr(tracee_hole));
	line(CALL(SYS_bind, server, at_end(&named, 2), 2), "bind(%ld, {sa_family=AF_UNIX}, 2)",
	     server);
	line(CALL(SYS_bind, server, &named, 1), "bind(%ld, %s, 1)", server, ptr(&named));
	line(CALL(SYS_listen, server, 5), "listen(%ld, 5)", server);
	client = CALL(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	line(client, "socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)");
	line(CALL(SYS_connect, client, &abstract, 2 + 9),
	     "connect(%ld, {sa_family=AF_UNIX, sun_path=@\"mtrace\\1x\"}, 11)", client);
	line(CALL(SYS_connect, client, &named, sizeof(named)),
	     "connect(%ld, {sa_family=AF_UNIX, sun_path=\"sock\"}, 110)", client);
	accepted = CALL(SYS_accept4, server, &answer, &len, SOCK_CLOEXEC);
	line(accepted, "accept4(%ld, {sa_family=AF_UNIX}, [110 => 2], SOCK_CLOEXEC)", server);
	len = sizeof(answer);
	line(CALL(SYS_getsockname, server, &answer, &len),
	     "getsockname(%ld, {sa_family=AF_UNIX, sun_path=\"sock\"}, [110 => 7])", server);
	line(CALL(SYS_getpeername, client, &answer, &short_len),
	     "getpeername(%ld, {sa_family=AF_UNIX, sun_path=\"soc\"}, [5 => 7])", client);
	line(CALL(SYS_getsockname, -1, &answer, &len), "getsockname(-1, %s, [7])", ptr(&answer));
	line(CALL(SYS_getsockname, server, &answer, NULL), "getsockname(%ld, %s, NULL)", server,
	     ptr(&answer));
	line(CALL(SYS_shutdown, client, SHUT_WR), "shutdown(%ld, SHUT_WR)", client);
	line(CALL(SYS_shutdown, client, 3), "shutdown(%ld, 0x3 /* SHUT_??? */)", client);
	CALL(SYS_close, accepted);
	line(0, "close(%ld)", accepted);
	CALL(SYS_close, client);
	line(0, "close(%ld)", client);
	CALL(SYS_close, server);
	line(0, "close(%ld)", server);
	line(CALL(SYS_unlinkat, AT_FDCWD, "sock", 0), "unlinkat(AT_FDCWD, \"sock\", 0)");
}

static void test_inet(void)
{
	struct sockaddr_in local = { .sin_family = AF_INET }, answer;
	struct sockaddr_in6 local6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	socklen_t len = sizeof(answer);
	static char buf[20];
	long fd = CALL(SYS_socket, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	unsigned port;

	line(fd, "socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)");
	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	line(CALL(SYS_bind, fd, &local, sizeof(local)),
	     "bind(%ld, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}, 16)",
	     fd);
	CALL(SYS_getsockname, fd, &local, &len);
	port = ntohs(local.sin_port);
	line(0,
	     "getsockname(%ld, {sa_family=AF_INET, sin_port=htons(%u), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, [16])",
	     fd, port);
	line(CALL(SYS_sendto, fd, "datagram", 8, MSG_DONTWAIT, &local, sizeof(local)),
	     "sendto(%ld, \"datagram\", 8, MSG_DONTWAIT, {sa_family=AF_INET, sin_port=htons(%u), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, 16)",
	     fd, port);
	len = sizeof(answer);
	line(CALL(SYS_recvfrom, fd, buf, 4, MSG_PEEK, &answer, &len),
	     "recvfrom(%ld, \"data\", 4, MSG_PEEK, {sa_family=AF_INET, sin_port=htons(%u), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, [16])",
	     fd, port);
	line(CALL(SYS_recvfrom, fd, buf, 20, MSG_TRUNC, NULL, NULL),
	     "recvfrom(%ld, \"datagram\", 20, MSG_TRUNC, NULL, NULL)", fd);
	line(CALL(SYS_recvfrom, fd, buf, 20, MSG_DONTWAIT, NULL, NULL),
	     "recvfrom(%ld, %s, 20, MSG_DONTWAIT, NULL, NULL)", fd, ptr(buf));
	inet_pton(AF_INET6, "fe80::1:2", &local6.sin6_addr);
	local6.sin6_flowinfo = htonl(7);
	local6.sin6_scope_id = 1;
	line(CALL(SYS_connect, -1, &local6, sizeof(local6)),
	     "connect(-1, {sa_family=AF_INET6, sin6_port=htons(9), sin6_flowinfo=htonl(7), "
	     "inet_pton(AF_INET6, \"fe80::1:2\", &sin6_addr), "
	     "sin6_scope_id=if_nametoindex(\"lo\")}, 28)");
	CALL(SYS_close, fd);
	line(0, "close(%ld)", fd);
}

static void test_options(void)
{
	struct linger linger = { 1, 5 };
	int one = 1, got = 0;
	socklen_t len = 4, two = 2;
	long fd = CALL(SYS_socket, AF_INET, SOCK_STREAM, 0);

	line(fd, "socket(AF_INET, SOCK_STREAM, IPPROTO_IP)");
	line(CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &one, 4),
	     "setsockopt(%ld, SOL_SOCKET, SO_REUSEADDR, [1], 4)", fd);
	line(CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, &linger, 8),
	     "setsockopt(%ld, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8)", fd);
	line(CALL(SYS_setsockopt, fd, SOL_TCP, TCP_NODELAY, NULL, 4),
	     "setsockopt(%ld, SOL_TCP, TCP_NODELAY, NULL, 4)", fd);
	line(CALL(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &got, &len),
	     "getsockopt(%ld, SOL_SOCKET, SO_TYPE, [1], [4])", fd);
	line(CALL(SYS_getsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &got, &two),
	     "getsockopt(%ld, SOL_SOCKET, SO_REUSEADDR, \"\\1\\0\", [2])", fd);
	line(CALL(SYS_getsockopt, fd, SOL_SOCKET, 999, &got, &len),
	     "getsockopt(%ld, SOL_SOCKET, 0x3e7 /* SO_??? */, %s, [4])", fd, ptr(&got));
	CALL(SYS_close, fd);
	line(0, "close(%ld)", fd);
}

static void test_messages(void)
{
	static int pair[2];
	static char in[4];
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec out_iov[] = { { "ab", 2 }, { "cd", 2 } }, in_iov = { in, 4 };
	struct msghdr out = { .msg_iov = out_iov,
			      .msg_iovlen = 2,
			      .msg_control = control,
			      .msg_controllen = CMSG_LEN(sizeof(int)) };
	struct msghdr answer = { .msg_iov = &in_iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&out);
	long free_fd = CALL(SYS_dup, 0);
	unsigned len = CMSG_LEN(sizeof(int));

	line(free_fd, "dup(0)");
	CALL(SYS_close, free_fd);
	line(0, "close(%ld)", free_fd);
	CALL(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET, 0, pair);
	line(0, "socketpair(AF_UNIX, SOCK_SEQPACKET, 0, [%d, %d])", pair[0], pair[1]);
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	memset(CMSG_DATA(cmsg), 0, sizeof(int));
	line(CALL(SYS_sendmsg, pair[0], &out, MSG_EOR),
	     "sendmsg(%d, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"ab\", iov_len=2}, "
	     "{iov_base=\"cd\", iov_len=2}], msg_iovlen=2, msg_control=[{cmsg_len=%u, "
	     "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[0]}], msg_controllen=%u, "
	     "msg_flags=0}, MSG_EOR)",
	     pair[0], len, len);
	memset(control, 0, sizeof(control));
	answer.msg_control = control;
	answer.msg_controllen = sizeof(control);
	/* What comes back is as long as one descriptor, aligned. */
	line(CALL(SYS_recvmsg, pair[1], &answer, MSG_CMSG_CLOEXEC),
	     "recvmsg(%d, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abcd\", iov_len=4}], "
	     "msg_iovlen=1, msg_control=[{cmsg_len=%u, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
	     "cmsg_data=[%d]}], msg_controllen=%zu, msg_flags=MSG_CMSG_CLOEXEC}, "
	     "MSG_CMSG_CLOEXEC)",
	     pair[1], len, pair[1] + 1, sizeof(control));
	answer.msg_control = NULL;
	answer.msg_controllen = 0;
	answer.msg_flags = 0;
	line(CALL(SYS_recvmsg, pair[1], &answer, MSG_DONTWAIT),
	     "recvmsg(%d, {msg_namelen=0}, MSG_DONTWAIT)", pair[1]);
	line(CALL(SYS_recvmsg, pair[1], NULL, 0), "recvmsg(%d, NULL, 0)", pair[1]);
	line(CALL(SYS_sendmsg, -1, tracee_hole, 0), "sendmsg(-1, %s, 0)", ptr(tracee_hole));
	line(CALL(SYS_sendto, pair[0], tracee_hole, 3, 0, NULL, 0), "sendto(%d, %s, 3, 0, NULL, 0)",
	     pair[0], ptr(tracee_hole));
	for (int fd = pair[0]; fd <= pair[1] + 1; fd++) {
		CALL(SYS_close, fd);
		line(0, "close(%d)", fd);
	}
}

int main(void)
{
	tracee_start();
	tracee_begin();
	line(CALL(SYS_socket, 1000, 77, 99), "socket(0x3e8 /* AF_??? */, 0x4d /* SOCK_??? */, 99)");
	test_unix();
	test_inet();
	test_options();
	test_messages();
	tracee_end();
	return tracee_finish();
}
