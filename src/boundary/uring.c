/* SPDX-License-Identifier: MIT */
/*
 * Probes: small reads through io_uring(7), several at one call.  Raw calls; the layout of the rings
 * is that of io_uring_setup(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "boundary.h"

#define ENTRIES 64
#define SMALL 64

struct uring {
	int fd;
	int file;
	unsigned batch;
	bool failed;
	unsigned *sq_tail, *cq_head, *cq_tail;
	unsigned *sq_array;
	unsigned sq_mask, cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	char bytes[ENTRIES][SMALL];
};

static char *uring_map(const struct uring *uring, size_t size, off_t what)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, uring->fd,
			 what);

	return map == MAP_FAILED ? NULL : map;
}

static unsigned *uring_field(char *ring, uint32_t offset)
{
	return (unsigned *)(void *)(ring + offset);
}

static bool uring_map_rings(struct uring *uring, const struct io_uring_params *params)
{
	char *sq = uring_map(uring, params->sq_off.array + params->sq_entries * sizeof(unsigned),
			     IORING_OFF_SQ_RING);
	char *cq = uring_map(uring,
			     params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe),
			     IORING_OFF_CQ_RING);
	char *sqes = uring_map(uring, params->sq_entries * sizeof(struct io_uring_sqe),
			       IORING_OFF_SQES);

	if (sq == NULL || cq == NULL || sqes == NULL)
		return false;
	uring->sq_tail = uring_field(sq, params->sq_off.tail);
	uring->sq_mask = *uring_field(sq, params->sq_off.ring_mask);
	uring->sq_array = uring_field(sq, params->sq_off.array);
	uring->cq_head = uring_field(cq, params->cq_off.head);
	uring->cq_tail = uring_field(cq, params->cq_off.tail);
	uring->cq_mask = *uring_field(cq, params->cq_off.ring_mask);
	uring->cqes = (struct io_uring_cqe *)(void *)(cq + params->cq_off.cqes);
	uring->sqes = (struct io_uring_sqe *)(void *)sqes;
	return true;
}

static void uring_submit(struct uring *uring)
{
	unsigned tail = *uring->sq_tail;

	for (unsigned i = 0; i < uring->batch; i++, tail++) {
		unsigned slot = tail & uring->sq_mask;

		uring->sqes[slot] = (struct io_uring_sqe){
			.opcode = IORING_OP_READ,
			.fd = uring->file,
			.addr = (uint64_t)(uintptr_t)uring->bytes[i],
			.len = SMALL,
		};
		uring->sq_array[slot] = slot;
	}
	__atomic_store_n(uring->sq_tail, tail, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, uring->fd, uring->batch, uring->batch,
		    IORING_ENTER_GETEVENTS, NULL, 0) != (long)uring->batch)
		uring->failed = true;
}

static void uring_reap(struct uring *uring)
{
	unsigned head = *uring->cq_head;
	unsigned tail = __atomic_load_n(uring->cq_tail, __ATOMIC_ACQUIRE);

	for (; head != tail; head++)
		if (uring->cqes[head & uring->cq_mask].res != SMALL)
			uring->failed = true;
	__atomic_store_n(uring->cq_head, head, __ATOMIC_RELEASE);
}

static void uring_loop(void *context, unsigned times)
{
	struct uring *uring = context;

	for (unsigned i = 0; i < times && !uring->failed; i++) {
		uring_submit(uring);
		uring_reap(uring);
	}
}

static void uring_refuse(struct boundary_run *run, int error)
{
	if (error == ENOSYS)
		sample_refuse(run, "this kernel has no io_uring, or a filter hides it");
	else if (error == EPERM)
		sample_refuse(run, "not permitted: see /proc/sys/kernel/io_uring_disabled, or a "
				   "container's filter");
	else
		sample_refuse(run, "io_uring_setup: %s", strerror(error));
}

static void uring_measure(struct boundary_run *run, unsigned batch)
{
	struct io_uring_params params = { 0 };
	struct uring uring = { .batch = batch };

	uring.fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
	if (uring.fd < 0) {
		uring_refuse(run, errno);
		return;
	}
	uring.file = open(BOUNDARY_FILE, O_RDONLY | O_CLOEXEC);
	if (uring.file < 0 || !uring_map_rings(&uring, &params)) {
		sample_refuse(run, "the rings cannot be set up: %s", strerror(errno));
		return;
	}
	uring_loop(&uring, 1);
	if (!uring.failed)
		sample_measure(run, uring_loop, &uring, batch);
	if (uring.failed)
		sample_refuse(run, "this kernel's io_uring does not read (Linux 5.6)");
}

void uring_measure_1(struct boundary_run *run)
{
	uring_measure(run, 1);
}

void uring_measure_8(struct boundary_run *run)
{
	uring_measure(run, 8);
}

void uring_measure_64(struct boundary_run *run)
{
	uring_measure(run, ENTRIES);
}
