/* SPDX-License-Identifier: MIT */
/*
 * struct memory over process_vm_readv(2), through a cache of the pages seen during one stop.
 * Decoders call it by way of struct tracee; loop.c starts a new stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mtrace/xalloc.h"
#include "tracer_internal.h"

/* So few pages are looked through, newest first; that is quicker than to keep an index of them. */
#define CACHE_UNINDEXED_PAGES 8
/* What a cache keeps room for between stops, and how many pages one fetch asks for. */
#define CACHE_KEPT_PAGES 64
#define CACHE_FETCH_PAGES 64
/*
 * Memory that one stop may take.  What lies beyond counts as unreadable: lengths and addresses are a
 * tracee's, which can have terabytes of zeros at no cost to itself.
 */
#define CACHE_BYTES_MAX ((size_t)128 << 20)

void page_cache_init(struct page_cache *cache)
{
	*cache = (struct page_cache){ .page_size = (size_t)sysconf(_SC_PAGESIZE) };
	cache->page_shift = (unsigned)__builtin_ctzl(cache->page_size);
}

void page_cache_free(struct page_cache *cache)
{
	free(cache->pages);
	free(cache->bytes);
	free(cache->index);
	page_cache_init(cache);
}

void page_cache_forget(struct page_cache *cache)
{
	if (cache->size > CACHE_KEPT_PAGES) {
		bool via_proc = cache->via_proc;

		page_cache_free(cache);
		cache->via_proc = via_proc;
	} else if (cache->count > CACHE_UNINDEXED_PAGES) {
		memset(cache->index, 0, cache->index_size * sizeof(*cache->index));
	}
	cache->count = 0;
}

static uint32_t *page_cache_slot(const struct page_cache *cache, uint64_t number)
{
	size_t i = (size_t)(number * 0x9e3779b97f4a7c15u >> 32);

	for (;; i++) {
		uint32_t *slot = &cache->index[i & (cache->index_size - 1)];

		if (*slot == 0 || cache->pages[*slot - 1].number == number)
			return slot;
	}
}

/* Position of a page in the cache, -1 if it was not seen in this stop. */
static ptrdiff_t page_cache_find(const struct page_cache *cache, uint64_t number)
{
	if (cache->count <= CACHE_UNINDEXED_PAGES) {
		ptrdiff_t position = (ptrdiff_t)cache->count - 1;

		while (position >= 0 && cache->pages[position].number != number)
			position--;
		return position;
	}
	return (ptrdiff_t)*page_cache_slot(cache, number) - 1;
}

/* Makes the index that of the pages there are. */
static void page_cache_index(const struct page_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		*page_cache_slot(cache, cache->pages[i].number) = (uint32_t)i + 1;
}

static void __attribute__((noinline)) page_cache_reserve(struct page_cache *cache, size_t more)
{
	size_t size = cache->size > 0 ? cache->size : 8;

	while (size < cache->count + more)
		size *= 2;
	cache->pages = xrealloc(cache->pages, size, sizeof(*cache->pages));
	cache->bytes = xrealloc(cache->bytes, size, cache->page_size);
	free(cache->index);
	cache->size = size;
	cache->index_size = size * 4;
	cache->index = xcalloc(cache->index_size, sizeof(*cache->index));
	if (cache->count > CACHE_UNINDEXED_PAGES)
		page_cache_index(cache);
}

/* Readable leading bytes of `count` pages, by way of /proc/TID/mem. */
static size_t fetch_via_proc(const struct page_cache *cache, int tid, uint64_t addr,
			     unsigned char *to, size_t len)
{
	char path[32];
	size_t done = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while (done < len) {
		ssize_t got = pread(fd, to + done, cache->page_size, (off_t)(addr + done));

		if (got <= 0)
			break;
		done += (size_t)got;
	}
	close(fd);
	return done;
}

/* Is the answer of process_vm_readv final?  A sandbox around us refuses the call, to all tracees alike. */
static bool fetch_is_answered(struct page_cache *cache, ssize_t got)
{
	if (got < 0 && (errno == EPERM || errno == ENOSYS))
		cache->via_proc = true;
	return !cache->via_proc;
}

/*
 * The same by process_vm_readv.  Each page is an element of its own: the manual promises partial
 * transfers only at that granularity.
 */
static size_t fetch_pages(struct page_cache *cache, int tid, uint64_t addr, unsigned char *to,
			  size_t count)
{
	size_t len = count * cache->page_size;
	struct iovec local = { .iov_base = to, .iov_len = len };
	struct iovec remote[CACHE_FETCH_PAGES];
	ssize_t got;

	if (!cache->via_proc) {
		for (size_t i = 0; i < count; i++) {
			remote[i].iov_base = (void *)(uintptr_t)(addr + i * cache->page_size);
			remote[i].iov_len = cache->page_size;
		}
		got = process_vm_readv(tid, &local, 1, remote, count, 0);
		if (fetch_is_answered(cache, got))
			return got > 0 ? (size_t)got : 0;
	}
	return fetch_via_proc(cache, tid, addr, to, len);
}

/* Is the page readable?  As fetch_pages(), of one, which is what most values take. */
static inline bool fetch_page(struct page_cache *cache, int tid, uint64_t addr, unsigned char *to)
{
	struct iovec local = { .iov_base = to, .iov_len = cache->page_size };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)addr, .iov_len = cache->page_size };
	ssize_t got;

	if (!cache->via_proc) {
		got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
		if (fetch_is_answered(cache, got))
			return got == (ssize_t)cache->page_size;
	}
	return fetch_via_proc(cache, tid, addr, to, cache->page_size) == cache->page_size;
}

static void page_cache_enter(struct page_cache *cache, uint64_t number, bool readable)
{
	cache->pages[cache->count++] = (struct cached_page){ number, readable };
	if (cache->count == CACHE_UNINDEXED_PAGES + 1)
		page_cache_index(cache);
	else if (cache->count > CACHE_UNINDEXED_PAGES)
		*page_cache_slot(cache, number) = (uint32_t)cache->count;
}

/*
 * Brings pages `number` and on into the cache, behind those that it has: `wanted` of them, or up to
 * the first that is there already.
 */
static inline void page_cache_fetch(struct page_cache *cache, int tid, uint64_t number,
				    uint64_t wanted)
{
	size_t count = 1;
	size_t readable;
	unsigned char *to;

	while (count < wanted && count < CACHE_FETCH_PAGES &&
	       page_cache_find(cache, number + count) < 0)
		count++;
	if (cache->count + count > cache->size)
		page_cache_reserve(cache, count);
	to = cache->bytes + cache->count * cache->page_size;
	readable = fetch_pages(cache, tid, number << cache->page_shift, to, count) >>
		   cache->page_shift;
	for (size_t i = 0; i < readable; i++)
		page_cache_enter(cache, number + i, true);
	/* What lies behind the first unreadable page is fetched when it is asked for. */
	if (readable < count)
		page_cache_enter(cache, number + readable, false);
}

/* The same of one page, which the cache does not have. */
static inline void page_cache_fetch_one(struct page_cache *cache, int tid, uint64_t number)
{
	unsigned char *to;

	if (cache->count == cache->size)
		page_cache_reserve(cache, 1);
	to = cache->bytes + (cache->count << cache->page_shift);
	page_cache_enter(cache, number,
			 fetch_page(cache, tid, number << cache->page_shift, to));
}

/* What lies in one page, as most that is read does. */
static inline size_t memory_read_page(const struct tracee_memory *memory, uint64_t addr, void *to,
				      size_t len)
{
	struct page_cache *cache = memory->cache;
	size_t offset = (size_t)addr & (cache->page_size - 1);
	ptrdiff_t position = page_cache_find(cache, addr >> cache->page_shift);

	if (position < 0) {
		position = (ptrdiff_t)cache->count;
		page_cache_fetch_one(cache, memory->tid, addr >> cache->page_shift);
	}
	if (!cache->pages[position].readable)
		return 0;
	memcpy(to, cache->bytes + ((size_t)position << cache->page_shift) + offset, len);
	return len;
}

static size_t tracee_memory_read(struct memory *self, uint64_t addr, void *to, size_t len)
{
	struct tracee_memory *memory = (struct tracee_memory *)self;
	struct page_cache *cache = memory->cache;
	size_t done = 0;

	if (cache->tid != memory->tid) {
		page_cache_begin(cache);
		cache->tid = memory->tid;
	}
	/* 0 bytes are not in one page. */
	if (len - 1 < cache->page_size - ((size_t)addr & (cache->page_size - 1)) &&
	    cache->count <= CACHE_UNINDEXED_PAGES)
		return memory_read_page(memory, addr, to, len);
	if (len > 0 && addr + (len - 1) < addr)
		len = (size_t)(0 - addr); /* to the end of the address space */
	while (done < len) {
		uint64_t at = addr + done;
		size_t offset = (size_t)at & (cache->page_size - 1);
		size_t part = cache->page_size - offset;
		uint64_t number = at >> cache->page_shift;
		ptrdiff_t position = page_cache_find(cache, number);

		if (position < 0) {
			uint64_t last = (addr + (len - 1)) >> cache->page_shift;

			position = (ptrdiff_t)cache->count;
			if (cache->count + CACHE_FETCH_PAGES > CACHE_BYTES_MAX >> cache->page_shift)
				break;
			page_cache_fetch(cache, memory->tid, number, last - number + 1);
		}
		if (!cache->pages[position].readable)
			break;
		if (part > len - done)
			part = len - done;
		memcpy((char *)to + done,
		       cache->bytes + (size_t)position * cache->page_size + offset, part);
		done += part;
	}
	return done;
}

void tracee_memory_init(struct tracee_memory *memory, struct page_cache *cache, int tid)
{
	memory->memory.read = tracee_memory_read;
	memory->cache = cache;
	memory->tid = tid;
}
