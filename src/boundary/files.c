/* SPDX-License-Identifier: MIT */
/*
 * Probes: reading and writing.  What is read is our own program: it is in the page cache, and no
 * file needs to be made.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include "boundary.h"

#define SMALL 64
#define BUFFERS 64
#define PAGE 4096

struct files {
	int fd;
	off_t size; /* of the file, in whole pages */
	off_t at;
	struct iovec *vector;
	char *page;
};

static bool files_open(struct boundary_run *run, struct files *files, const char *path, int flags)
{
	files->fd = open(path, flags | O_CLOEXEC);
	if (files->fd < 0)
		sample_refuse(run, "open(%s): %s", path, strerror(errno));
	return files->fd >= 0;
}

static void files_loop_write(void *context, unsigned times)
{
	const struct files *files = context;

	for (unsigned i = 0; i < times; i++)
		if (write(files->fd, "", 1) != 1)
			return;
}

void files_measure_write(struct boundary_run *run)
{
	struct files files = { 0 };

	if (files_open(run, &files, "/dev/null", O_WRONLY))
		sample_measure(run, files_loop_write, &files, 1);
}

static void files_loop_read(void *context, unsigned times)
{
	const struct files *files = context;
	char bytes[SMALL];

	for (unsigned i = 0; i < times; i++)
		if (pread(files->fd, bytes, sizeof(bytes), 0) < 0)
			return;
}

void files_measure_read(struct boundary_run *run)
{
	struct files files = { 0 };

	if (files_open(run, &files, BOUNDARY_FILE, O_RDONLY))
		sample_measure(run, files_loop_read, &files, 1);
}

static void files_loop_readv(void *context, unsigned times)
{
	const struct files *files = context;

	for (unsigned i = 0; i < times; i++)
		if (preadv(files->fd, files->vector, BUFFERS, 0) < 0)
			return;
}

void files_measure_readv(struct boundary_run *run)
{
	struct files files = { 0 };
	char bytes[BUFFERS][SMALL];
	struct iovec vector[BUFFERS];

	for (unsigned i = 0; i < BUFFERS; i++)
		vector[i] = (struct iovec){ &bytes[i], SMALL };
	files.vector = vector;
	if (files_open(run, &files, BOUNDARY_FILE, O_RDONLY))
		sample_measure(run, files_loop_readv, &files, BUFFERS);
}

static void files_loop_page(void *context, unsigned times)
{
	struct files *files = context;

	for (unsigned i = 0; i < times; i++) {
		if (pread(files->fd, files->page, PAGE, files->at) < 0)
			return;
		files->at = (files->at + PAGE) % files->size;
	}
}

/* Pages of the file in turn; false if there are none. */
static bool files_prepare_pages(struct boundary_run *run, struct files *files)
{
	struct stat st;

	if (fstat(files->fd, &st) < 0 || st.st_size < PAGE) {
		sample_refuse(run, "the program's file has no whole page");
		return false;
	}
	files->size = st.st_size / PAGE * PAGE;
	/* Direct reading wants memory aligned as the disk's blocks are, open(2). */
	files->page = aligned_alloc(PAGE, PAGE);
	if (files->page == NULL)
		sample_refuse(run, "no memory");
	return files->page != NULL;
}

void files_measure_page(struct boundary_run *run)
{
	struct files files = { 0 };

	if (!files_open(run, &files, BOUNDARY_FILE, O_RDONLY) || !files_prepare_pages(run, &files))
		return;
	sample_measure(run, files_loop_page, &files, 1);
	free(files.page);
}

void files_measure_disk(struct boundary_run *run)
{
	struct files files = { 0 };
	struct statfs fs;

	if (!files_open(run, &files, BOUNDARY_FILE, O_RDONLY | O_DIRECT))
		return;
	/* A file system in memory may take O_DIRECT and has no disk all the same. */
	if (fstatfs(files.fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)) {
		sample_refuse(run, "the program's file is in memory, not on a disk");
		return;
	}
	if (!files_prepare_pages(run, &files))
		return;
	if (pread(files.fd, files.page, PAGE, 0) != PAGE)
		sample_refuse(run, "the file system cannot read past its cache: %s",
			      strerror(errno));
	else
		sample_measure(run, files_loop_page, &files, 1);
	free(files.page);
}
