/* SPDX-License-Identifier: MIT */
/* Files and what is read and written: paths, flags, modes, buffers that cannot be read. */
#include "tracee.h"

#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/uio.h>

/* A 64-bit offset as the kernel takes it: one register, or two. */
#if defined(__i386__)
#define OFFSET(n) (long)(n), (long)((uint64_t)(n) >> 32)
#else
#define OFFSET(n) (long)(n)
#endif

static void test_open(const char *folder)
{
	long fd;

	line(CALL(SYS_openat, AT_FDCWD, "none", O_RDONLY), "openat(AT_FDCWD, \"none\", O_RDONLY)");
	line(CALL(SYS_openat, -1, "none", O_WRONLY | O_APPEND | O_NONBLOCK),
	     "openat(-1, \"none\", O_WRONLY|O_APPEND|O_NONBLOCK)");
	line(CALL(SYS_openat, AT_FDCWD, NULL, O_RDWR | O_CLOEXEC),
	     "openat(AT_FDCWD, NULL, O_RDWR|O_CLOEXEC)");
	line(CALL(SYS_openat, AT_FDCWD, tracee_hole, O_RDONLY | O_DIRECTORY),
	     "openat(AT_FDCWD, %s, O_RDONLY|O_DIRECTORY)", ptr(tracee_hole));
	/* No NUL before the page ends. */
	line(CALL(SYS_openat, AT_FDCWD, at_end("abc", 3), O_RDONLY),
	     "openat(AT_FDCWD, %s, O_RDONLY)", ptr(tracee_hole - 3));
	line(CALL(SYS_openat, AT_FDCWD, at_end("abc", 4), O_RDONLY),
	     "openat(AT_FDCWD, \"abc\", O_RDONLY)");
	line(CALL(SYS_openat, AT_FDCWD, "a \"b\"\\\n\t\1\0012\177\200", O_RDONLY | O_NOFOLLOW),
	     "openat(AT_FDCWD, \"a \\\"b\\\"\\\\\\n\\t\\1\\0012\\177\\200\", O_RDONLY|O_NOFOLLOW)");
	fd = CALL(SYS_openat, AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
	line(fd, "openat(AT_FDCWD, \"%s\", O_RDONLY|O_DIRECTORY)", folder);
	line(CALL(SYS_fchdir, fd), "fchdir(%ld)", fd);
	line(CALL(SYS_close, fd), "close(%ld)", fd);
	line(CALL(SYS_close, fd), "close(%ld)", fd);
	line(CALL(SYS_openat, AT_FDCWD, "f", O_RDWR | O_CREAT | O_TRUNC, 0640),
	     "openat(AT_FDCWD, \"f\", O_RDWR|O_CREAT|O_TRUNC, 0640)");
	line(CALL(SYS_openat, AT_FDCWD, "f", O_RDWR | O_CREAT | O_EXCL, 07777),
	     "openat(AT_FDCWD, \"f\", O_RDWR|O_CREAT|O_EXCL, 07777)");
	line(CALL(SYS_openat, AT_FDCWD, "f", 3), "openat(AT_FDCWD, \"f\", O_ACCMODE)");
}

static void test_read_write(long fd)
{
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	static char buf[100];
	const char *end = at_end("xyz", 3);

	line(CALL(SYS_write, fd, text, 32), "write(%ld, \"%.32s\", 32)", fd, text);
	line(CALL(SYS_write, fd, text, 33), "write(%ld, \"%.32s\"..., 33)", fd, text);
	line(CALL(SYS_write, fd, "\0\1\377\"\\\r\n", 7),
	     "write(%ld, \"\\0\\1\\377\\\"\\\\\\r\\n\", 7)", fd);
	line(CALL(SYS_write, fd, end, 3), "write(%ld, \"xyz\", 3)", fd);
	line(CALL(SYS_write, fd, NULL, 0), "write(%ld, NULL, 0)", fd);
	line(CALL(SYS_write, fd, tracee_hole, 5), "write(%ld, %s, 5)", fd, ptr(tracee_hole));
	line(CALL(SYS_write, -1, end, 4), "write(-1, %s, 4)", ptr(end));
	line(CALL(SYS_write, 1000, "", 0), "write(1000, \"\", 0)");
	line(CALL(SYS_lseek, fd, 0, SEEK_SET), "lseek(%ld, 0, SEEK_SET)", fd);
	line(CALL(SYS_lseek, fd, -1, SEEK_CUR), "lseek(%ld, -1, SEEK_CUR)", fd);
	line(CALL(SYS_lseek, fd, 0, 77), "lseek(%ld, 0, 0x4d /* SEEK_??? */)", fd);
	line(CALL(SYS_read, fd, buf, 10), "read(%ld, \"%.10s\", 10)", fd, text);
	line(CALL(SYS_read, fd, buf, 0), "read(%ld, \"\", 0)", fd);
	line(CALL(SYS_read, fd, tracee_hole, 10), "read(%ld, %s, 10)", fd, ptr(tracee_hole));
	line(CALL(SYS_read, -1, buf, 10), "read(-1, %s, 10)", ptr(buf));
	line(CALL(SYS_lseek, fd, 68, SEEK_SET), "lseek(%ld, 68, SEEK_SET)", fd);
	line(CALL(SYS_read, fd, buf, 100), "read(%ld, \"\\\"\\\\\\r\\nxyz\", 100)", fd);
	line(CALL(SYS_read, fd, buf, 100), "read(%ld, \"\", 100)", fd);
}

static void test_offsets(long fd)
{
	static char buf[100];

	line(CALL(SYS_pread64, fd, buf, 4, OFFSET(2)), "pread64(%ld, \"2345\", 4, 2)", fd);
	line(CALL(SYS_pread64, fd, buf, 4, OFFSET(0x100000002)),
	     "pread64(%ld, \"\", 4, 4294967298)", fd);
	line(CALL(SYS_pread64, fd, buf, 4, OFFSET(-1)), "pread64(%ld, %s, 4, -1)", fd, ptr(buf));
	line(CALL(SYS_pwrite64, fd, "ab", 2, OFFSET(1)), "pwrite64(%ld, \"ab\", 2, 1)", fd);
#if defined(__i386__)
	line(CALL(SYS_ftruncate64, fd, OFFSET(0x100000000)), "ftruncate64(%ld, 4294967296)", fd);
	line(CALL(SYS_ftruncate64, fd, OFFSET(50)), "ftruncate64(%ld, 50)", fd);
#else
	line(CALL(SYS_ftruncate, fd, 0x100000000), "ftruncate(%ld, 4294967296)", fd);
	line(CALL(SYS_ftruncate, fd, 50), "ftruncate(%ld, 50)", fd);
#endif
	line(CALL(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, OFFSET(0),
		  OFFSET(0)),
	     "fallocate(%ld, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 0)", fd);
	line(CALL(SYS_fsync, fd), "fsync(%ld)", fd);
	line(CALL(SYS_fdatasync, -1), "fdatasync(-1)");
}

static void test_vectors(long fd)
{
	static char one[4], two[20];
	struct iovec out[] = { { "one", 3 }, { tracee_hole, 5 }, { "two", 3 } };
	struct iovec in[] = { { one, 4 }, { two, 20 } };
	struct iovec *end = at_end(out, sizeof(out[0]));

	CALL(SYS_lseek, fd, 44, SEEK_SET);
	line(44, "lseek(%ld, 44, SEEK_SET)", fd);
	line(CALL(SYS_writev, fd, out, 1), "writev(%ld, [{iov_base=\"one\", iov_len=3}], 1)", fd);
	line(CALL(SYS_writev, -1, out, 3),
	     "writev(-1, [{iov_base=\"one\", iov_len=3}, {iov_base=%s, iov_len=5}, "
	     "{iov_base=\"two\", iov_len=3}], 3)",
	     ptr(tracee_hole));
	line(CALL(SYS_writev, fd, out, 0), "writev(%ld, [], 0)", fd);
	line(CALL(SYS_writev, fd, NULL, 1), "writev(%ld, NULL, 1)", fd);
	line(CALL(SYS_writev, fd, tracee_hole, 1), "writev(%ld, %s, 1)", fd, ptr(tracee_hole));
	line(CALL(SYS_writev, -1, end, 2),
	     "writev(-1, [{iov_base=\"one\", iov_len=3}, ... /* %s */], 2)", ptr(tracee_hole));
	CALL(SYS_lseek, fd, 43, SEEK_SET);
	line(43, "lseek(%ld, 43, SEEK_SET)", fd);
	/* Seven bytes: the second buffer has three of them. */
	line(CALL(SYS_readv, fd, in, 2),
	     "readv(%ld, [{iov_base=\"bone\", iov_len=4}, {iov_base=\"fgh\", iov_len=20}], 2)", fd);
	line(CALL(SYS_readv, -1, in, 2),
	     "readv(-1, [{iov_base=%s, iov_len=4}, {iov_base=%s, iov_len=20}], 2)", ptr(one),
	     ptr(two));
	line(CALL(SYS_preadv, fd, in, 1, 44, 0),
	     "preadv(%ld, [{iov_base=\"onef\", iov_len=4}], 1, 44)", fd);
	line(CALL(SYS_pwritev2, fd, out, 1, 44, 0, 2),
	     "pwritev2(%ld, [{iov_base=\"one\", iov_len=3}], 1, 44, RWF_DSYNC)", fd);
}

static void test_descriptors(long fd)
{
	static int pipe_fds[2];
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -5, .l_len = 3 };
	long copy = CALL(SYS_dup, fd);

	line(copy, "dup(%ld)", fd);
	line(CALL(SYS_dup3, fd, copy, O_CLOEXEC), "dup3(%ld, %ld, O_CLOEXEC)", fd, copy);
	line(CALL(SYS_dup3, fd, fd, 0), "dup3(%ld, %ld, 0)", fd, fd);
	line(CALL(SYS_dup, -5), "dup(-5)");
	CALL(SYS_fcntl, copy, F_GETFD);
	other_line("fcntl(%ld, F_GETFD) = 0x1 (flags FD_CLOEXEC)", copy);
	line(CALL(SYS_fcntl, copy, F_SETFD, 0), "fcntl(%ld, F_SETFD, 0)", copy);
	line(CALL(SYS_fcntl, copy, F_SETFL, O_RDWR | O_APPEND),
	     "fcntl(%ld, F_SETFL, O_RDWR|O_APPEND)", copy);
	line(CALL(SYS_fcntl, fd, F_DUPFD, 100), "fcntl(%ld, F_DUPFD, 100)", fd);
	line(CALL(SYS_fcntl, 100, F_DUPFD_CLOEXEC, 200), "fcntl(100, F_DUPFD_CLOEXEC, 200)");
	line(CALL(SYS_fcntl, fd, F_SETLK, &lock),
	     "fcntl(%ld, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_END, l_start=-5, l_len=3})", fd);
	line(CALL(SYS_fcntl, fd, F_SETLK, NULL), "fcntl(%ld, F_SETLK, NULL)", fd);
	line(CALL(SYS_fcntl, fd, 9999, 0x1234), "fcntl(%ld, 0x270f /* F_??? */, 0x1234)", fd);
	line(CALL(SYS_close, 200), "close(200)");
	line(CALL(SYS_close, 100), "close(100)");
	line(CALL(SYS_close, copy), "close(%ld)", copy);
	line(CALL(SYS_pipe2, pipe_fds, O_NONBLOCK | O_CLOEXEC),
	     "pipe2([%ld, %ld], O_NONBLOCK|O_CLOEXEC)", copy, copy + 1);
	line(CALL(SYS_read, pipe_fds[0], &lock, 1), "read(%d, %s, 1)", pipe_fds[0], ptr(&lock));
	line(CALL(SYS_write, pipe_fds[1], "pipe", 4), "write(%d, \"pipe\", 4)", pipe_fds[1]);
	line(CALL(SYS_close, pipe_fds[0]), "close(%d)", pipe_fds[0]);
	line(CALL(SYS_close, pipe_fds[1]), "close(%d)", pipe_fds[1]);
	line(CALL(SYS_pipe2, NULL, 0), "pipe2(NULL, 0)");
	line(CALL(SYS_pipe2, pipe_fds, 1), "pipe2(%s, 0x1 /* O_??? */)", ptr(pipe_fds));
}

static void test_names(const char *folder)
{
	static char buf[4096];
	size_t len = strlen(folder) + 1;

	line(CALL(SYS_mkdirat, AT_FDCWD, "d", 0755), "mkdirat(AT_FDCWD, \"d\", 0755)");
	line(CALL(SYS_mkdirat, AT_FDCWD, "d", 0), "mkdirat(AT_FDCWD, \"d\", 000)");
	line(CALL(SYS_symlinkat, "f", AT_FDCWD, "link"), "symlinkat(\"f\", AT_FDCWD, \"link\")");
	line(CALL(SYS_readlinkat, AT_FDCWD, "link", buf, 100),
	     "readlinkat(AT_FDCWD, \"link\", \"f\", 100)");
	line(CALL(SYS_readlinkat, AT_FDCWD, "f", buf, 100), "readlinkat(AT_FDCWD, \"f\", %s, 100)",
	     ptr(buf));
	line(CALL(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "g", AT_SYMLINK_FOLLOW),
	     "linkat(AT_FDCWD, \"f\", AT_FDCWD, \"g\", AT_SYMLINK_FOLLOW)");
	line(CALL(SYS_renameat2, AT_FDCWD, "g", AT_FDCWD, "f", 1),
	     "renameat2(AT_FDCWD, \"g\", AT_FDCWD, \"f\", RENAME_NOREPLACE)");
	line(CALL(SYS_faccessat, AT_FDCWD, "f", R_OK | W_OK),
	     "faccessat(AT_FDCWD, \"f\", R_OK|W_OK)");
	line(CALL(SYS_faccessat, AT_FDCWD, "none", F_OK), "faccessat(AT_FDCWD, \"none\", F_OK)");
	line(CALL(SYS_fchmodat, AT_FDCWD, "f", 04711), "fchmodat(AT_FDCWD, \"f\", 04711)");
	line(CALL(SYS_fchmodat, AT_FDCWD, "f", 010), "fchmodat(AT_FDCWD, \"f\", 010)");
	line(CALL(SYS_fchownat, AT_FDCWD, "f", -1, -1, AT_SYMLINK_NOFOLLOW),
	     "fchownat(AT_FDCWD, \"f\", -1, -1, AT_SYMLINK_NOFOLLOW)");
	line(CALL(SYS_unlinkat, AT_FDCWD, "g", 0), "unlinkat(AT_FDCWD, \"g\", 0)");
	line(CALL(SYS_unlinkat, AT_FDCWD, "link", 0), "unlinkat(AT_FDCWD, \"link\", 0)");
	line(CALL(SYS_unlinkat, AT_FDCWD, "d", AT_REMOVEDIR),
	     "unlinkat(AT_FDCWD, \"d\", AT_REMOVEDIR)");
	line(CALL(SYS_unlinkat, AT_FDCWD, "d", 0), "unlinkat(AT_FDCWD, \"d\", 0)");
	line(CALL(SYS_getcwd, buf, 4096), "getcwd(\"%s\", 4096)", folder);
	line(CALL(SYS_getcwd, buf, len - 1), "getcwd(%s, %zu)", ptr(buf), len - 1);
	line(CALL(SYS_chdir, "none"), "chdir(\"none\")");
	line(CALL(SYS_chdir, folder), "chdir(\"%s\")", folder);
}

static void test_metadata(mode_t mask)
{
	static struct statx stx;
	static struct statx *bad;

	CALL(SYS_umask, 077);
	other_line("umask(077) = %#03o", (unsigned)mask);
	bad = (struct statx *)tracee_hole;
	line(CALL(SYS_statx, AT_FDCWD, "none", AT_SYMLINK_NOFOLLOW, STATX_SIZE, &stx),
	     "statx(AT_FDCWD, \"none\", AT_STATX_SYNC_AS_STAT|AT_SYMLINK_NOFOLLOW, STATX_SIZE, %s)",
	     ptr(&stx));
	line(CALL(SYS_statx, AT_FDCWD, "f", AT_STATX_DONT_SYNC, STATX_MODE, bad),
	     "statx(AT_FDCWD, \"f\", AT_STATX_DONT_SYNC, STATX_MODE, %s)", ptr(bad));
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : ".";
	mode_t mask = umask(022);
	long fd;

	umask(mask);
	tracee_start();
	fd = CALL(SYS_dup, 0);
	CALL(SYS_close, fd);
	tracee_begin();
	test_open(folder);
	test_read_write(fd);
	test_offsets(fd);
	test_vectors(fd);
	test_descriptors(fd);
	test_names(folder);
	test_metadata(mask);
	line(CALL(SYS_close, fd), "close(%ld)", fd);
	line(CALL(SYS_unlinkat, AT_FDCWD, "f", 0), "unlinkat(AT_FDCWD, \"f\", 0)");
	tracee_end();
	return tracee_finish();
}
