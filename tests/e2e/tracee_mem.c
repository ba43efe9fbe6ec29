/* SPDX-License-Identifier: MIT */
/* Memory: mapping it, protecting it, asking about it. */
#include "tracee.h"

#if defined(SYS_mmap2)
/* Offsets are in pages in the register and in bytes on the line. */
#define MAP_CALL SYS_mmap2
#define MAP_NAME "mmap2"
#define MAP_UNIT 4096
#else
#define MAP_CALL SYS_mmap
#define MAP_NAME "mmap"
#define MAP_UNIT 1
#endif

/* The line of a call that returned an address. */
static void mapped(long result, const char *call)
{
	if (result == -1)
		line(result, "%s", call);
	else
		other_line("%s = %s", call, ptr((void *)result));
}

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text(const char *format, ...)
{
	char *room = tracee_room(300);
	va_list args;

	va_start(args, format);
	vsnprintf(room, 300, format, args);
	va_end(args);
	return room;
}

static long test_map(long fd)
{
	long at;

	at = CALL(MAP_CALL, NULL, 3 * TRACEE_PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mapped(at,
	       MAP_NAME "(NULL, 12288, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)");
	mapped(CALL(MAP_CALL, at, TRACEE_PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
		    8192 / MAP_UNIT),
	       text(MAP_NAME "(%s, 4096, PROT_READ, MAP_SHARED|MAP_FIXED, %ld, 0x2000)",
		    ptr((void *)at), fd));
	mapped(CALL(MAP_CALL, NULL, TRACEE_PAGE, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
	       MAP_NAME "(NULL, 4096, PROT_NONE, MAP_FILE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0)");
	mapped(CALL(MAP_CALL, NULL, 0, PROT_EXEC, MAP_PRIVATE, -1, 0),
	       MAP_NAME "(NULL, 0, PROT_EXEC, MAP_PRIVATE, -1, 0)");
	mapped(CALL(MAP_CALL, NULL, TRACEE_PAGE, 0x40 | PROT_READ, MAP_PRIVATE, 1000, 0),
	       MAP_NAME "(NULL, 4096, PROT_READ|0x40, MAP_PRIVATE, 1000, 0)");
	mapped(CALL(MAP_CALL, NULL, TRACEE_PAGE, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 33 << 26, -1, 0),
	       MAP_NAME "(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|"
			"33<<MAP_HUGE_SHIFT, -1, 0)");
	return at;
}

static void test_change(long at)
{
	unsigned char *vector = at_end("\0", 1);
	long moved;

	line(CALL(SYS_mprotect, at, TRACEE_PAGE, PROT_NONE), "mprotect(%s, 4096, PROT_NONE)",
	     ptr((void *)at));
	line(CALL(SYS_mprotect, at + 1, TRACEE_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC),
	     "mprotect(%s, 4096, PROT_READ|PROT_WRITE|PROT_EXEC)", ptr((void *)(at + 1)));
	line(CALL(SYS_madvise, at + 4096, 8192, MADV_DONTNEED), "madvise(%s, 8192, MADV_DONTNEED)",
	     ptr((void *)(at + 4096)));
	line(CALL(SYS_madvise, at, 4096, 12345), "madvise(%s, 4096, 0x3039 /* MADV_??? */)",
	     ptr((void *)at));
	line(CALL(SYS_mincore, at + 4096, 4096, vector), "mincore(%s, 4096, [0])",
	     ptr((void *)(at + 4096)));
	line(CALL(SYS_mincore, at + 4096, 8192, vector), "mincore(%s, 8192, %s)",
	     ptr((void *)(at + 4096)), ptr(vector));
	line(CALL(SYS_msync, at, 4096, MS_SYNC | MS_INVALIDATE),
	     "msync(%s, 4096, MS_SYNC|MS_INVALIDATE)", ptr((void *)at));
	line(CALL(SYS_mlock, at + 4096, 4096), "mlock(%s, 4096)", ptr((void *)(at + 4096)));
	line(CALL(SYS_munlock, at + 4096, 4096), "munlock(%s, 4096)", ptr((void *)(at + 4096)));
	moved = CALL(SYS_mremap, at + 8192, 4096, 8192, MREMAP_MAYMOVE);
	mapped(moved, text("mremap(%s, 4096, 8192, MREMAP_MAYMOVE)", ptr((void *)(at + 8192))));
	mapped(CALL(SYS_mremap, moved, 8192, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, 1),
	       text("mremap(%s, 8192, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x1)",
		    ptr((void *)moved)));
	line(CALL(SYS_munmap, moved, 8192), "munmap(%s, 8192)", ptr((void *)moved));
	line(CALL(SYS_munmap, at, 8192), "munmap(%s, 8192)", ptr((void *)at));
	line(CALL(SYS_munmap, 1, 8192), "munmap(0x1, 8192)");
}

int main(void)
{
	long fd, at;

	tracee_start();
	fd = CALL(SYS_memfd_create, "m", 0);
	if (fd < 0)
		tracee_skip("no memfd_create");
	ftruncate((int)fd, 16384);
	tracee_begin();
	other_line("brk(NULL) = %s", ptr((void *)CALL(SYS_brk, NULL)));
	at = test_map(fd);
	test_change(at);
	line(CALL(SYS_memfd_create, NULL, MFD_CLOEXEC), "memfd_create(NULL, MFD_CLOEXEC)");
	line(CALL(SYS_memfd_create, "name", 0x100), "memfd_create(\"name\", 0x100 /* MFD_??? */)");
	tracee_end();
	return tracee_finish();
}
