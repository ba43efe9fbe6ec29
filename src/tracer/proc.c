/* SPDX-License-Identifier: MIT */
/*
 * What /proc says about a tracee: struct resolver for decoders, threads and numbers for the tracer.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tracer_internal.h"

/* Reads the beginning of a small file; returns the length, 0 on failure. */
static size_t proc_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return 0;
	got = read(fd, buf, size);
	close(fd);
	return got > 0 ? (size_t)got : 0;
}

static size_t resolve_fd(struct resolver *self, int fd, char *buf, size_t size)
{
	int tid = ((struct tracee_resolver *)self)->tid;
	char path[48];
	ssize_t len;

	if (fd == AT_FDCWD)
		snprintf(path, sizeof(path), "/proc/%d/cwd", tid);
	else if (fd >= 0)
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, fd);
	else
		return 0;
	len = readlink(path, buf, size);
	return len > 0 ? (size_t)len : 0;
}

static size_t resolve_pid(struct resolver *self, int pid, char *buf, size_t size)
{
	char path[32];
	size_t len;

	(void)self;
	if (pid <= 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	len = proc_read(path, buf, size);
	return len > 0 && buf[len - 1] == '\n' ? len - 1 : len;
}

/* Looks the socket up in the table of the tracee's network namespace, which need not be ours. */
static int netlink_protocol_of(int tid, unsigned long inode)
{
	char path[40];
	char line[256];
	int family = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/net/netlink", tid);
	file = fopen(path, "re");
	if (file == NULL)
		return -1;
	while (family < 0 && fgets(line, sizeof(line), file) != NULL) {
		unsigned long entry;
		int protocol;

		/* sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode */
		if (sscanf(line, "%*s %d %*s %*s %*s %*s %*s %*s %*s %lu", &protocol, &entry) ==
			    2 &&
		    entry == inode)
			family = protocol;
	}
	fclose(file);
	return family;
}

static int resolve_netlink_family(struct resolver *self, int fd)
{
	int tid = ((struct tracee_resolver *)self)->tid;
	char name[64];
	char path[48];
	unsigned long inode;
	size_t len = resolve_fd(self, fd, name, sizeof(name) - 1);
	int family;

	name[len] = '\0';
	if (sscanf(name, "socket:[%lu]", &inode) != 1)
		return -1;
	family = netlink_protocol_of(tid, inode);
	if (family >= 0)
		return family;
	/*
	 * The table lists bound sockets only; the kind of any socket is an attribute of its file.
	 */
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, fd);
	if (getxattr(path, "system.sockprotoname", name, sizeof(name)) >= 7 &&
	    memcmp(name, "NETLINK", 7) == 0)
		return -2;
	return -1;
}

static size_t resolve_ifname(struct resolver *self, unsigned index, char *buf, size_t size)
{
	char ours[64];
	char theirs[64];
	char path[40];
	char name[IF_NAMESIZE];
	ssize_t ours_len;
	size_t len;

	/* Only the interfaces of our own network namespace can be asked for by number. */
	snprintf(path, sizeof(path), "/proc/%d/ns/net", ((struct tracee_resolver *)self)->tid);
	ours_len = readlink("/proc/self/ns/net", ours, sizeof(ours));
	if (ours_len <= 0 || readlink(path, theirs, sizeof(theirs)) != ours_len ||
	    memcmp(ours, theirs, (size_t)ours_len) != 0 || if_indextoname(index, name) == NULL)
		return 0;
	len = strlen(name);
	if (len > size)
		len = size;
	memcpy(buf, name, len);
	return len;
}

void tracee_resolver_init(struct tracee_resolver *resolver, int tid)
{
	resolver->resolver.fd = resolve_fd;
	resolver->resolver.pid = resolve_pid;
	resolver->resolver.netlink_family = resolve_netlink_family;
	resolver->resolver.ifname = resolve_ifname;
	resolver->tid = tid;
}

int proc_status_number(int tid, const char *key)
{
	char path[32];
	char text[4096];
	size_t len;
	const char *line = text;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	len = proc_read(path, text, sizeof(text) - 1);
	text[len] = '\0';
	while (line != NULL) {
		size_t key_len = strlen(key);

		if (strncmp(line, key, key_len) == 0 && line[key_len] == ':')
			return atoi(line + key_len + 1);
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return -1;
}

bool tracer_thread_cpu(int tid, uint64_t *cpu_ns)
{
	char path[32];
	char text[128];
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", tid);
	len = proc_read(path, text, sizeof(text) - 1);
	text[len] = '\0';
	*cpu_ns = strtoull(text, NULL, 10);
	return len > 0;
}

bool proc_status_value(int tid, const char *key, char *value, size_t size)
{
	char path[32];
	char *line = NULL;
	size_t room = 0;
	size_t key_len = strlen(key);
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		if (strncmp(line, key, key_len) != 0 || line[key_len] != ':')
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(value, size, "%s", line + key_len + 1 + strspn(line + key_len + 1, "\t "));
		found = true;
	}
	free(line);
	fclose(file);
	return found;
}

int proc_yama_scope(void)
{
	char digit;

	return proc_read("/proc/sys/kernel/yama/ptrace_scope", &digit, 1) == 1 ? digit - '0' : 0;
}

/* Calls `each` for the numbers in directory `path`; returns how many, -1 with errno. */
static int proc_each_number(const char *path, void (*each)(void *context, int number),
			    void *context)
{
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	dir = opendir(path);
	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		each(context, atoi(entry->d_name));
		count++;
	}
	closedir(dir);
	return count;
}

int proc_each_thread(int pid, void (*each)(void *context, int tid), void *context)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	return proc_each_number(path, each, context);
}

int proc_each_process(void (*each)(void *context, int pid), void *context)
{
	return proc_each_number("/proc", each, context);
}
