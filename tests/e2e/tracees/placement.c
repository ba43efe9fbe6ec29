/* SPDX-License-Identifier: MIT */
/*
 * Prints what can be known of masks of CPUs: its own, its children's, its parent's, before and after
 * it has set one; between that it makes many calls.  With a file as argument: makes calls, threads,
 * children and execs until that file exists, and complains of every mask that is not as at the start.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static cpu_set_t begun;

static void hurry(int calls)
{
	for (int i = 0; i < calls; i++)
		syscall(SYS_getppid);
}

static void show(const char *what, int pid)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(pid, sizeof(set), &set) < 0)
		perror(what);
	printf("%s:", what);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			printf(" %d", i);
	printf("\n");
	fflush(stdout);
}

/* As libnuma finds out what it may use. */
static void show_status(const char *path)
{
	char line[256];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "Cpus_allowed", 12) == 0)
			printf("%s: %s", path, line);
	if (file)
		fclose(file);
}

static void compare(const char *what)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	/* The watcher needs a moment, on a machine that is busy. */
	if (!CPU_EQUAL(&set, &begun)) {
		usleep(50000);
		sched_getaffinity(0, sizeof(set), &set);
	}
	if (!CPU_EQUAL(&set, &begun)) {
		show(what, 0);
		_exit(99);
	}
}

static void child(void (*body)(void))
{
	int pid = fork();
	int status;

	if (pid == 0) {
		body();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		printf("child: status %d\n", status);
}

static void vchild(const char *self, const char *argument)
{
	int pid = vfork();
	int status;

	if (pid == 0) {
		execl(self, self, "-", argument, NULL);
		_exit(98);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		printf("vfork: status %d\n", status);
}

static void *thread(void *unused)
{
	compare("thread");
	hurry(100);
	compare("thread");
	return unused;
}

static void all_in_child(void)
{
	show("child", 0);
	hurry(500);
	show("child", 0);
	show("parent", getppid());
}

static void look(const char *self)
{
	struct sched_param param = { 0 };
	int first = 0;
	cpu_set_t one;

	show("self", 0);
	hurry(500);
	show("self by number", getpid());
	hurry(500);
	show_status("/proc/self/status");
	hurry(500);
	show_status("/proc/thread-self/status");
	hurry(500);
	child(all_in_child);
	hurry(500);
	vchild(self, "show");
	while (!CPU_ISSET(first, &begun))
		first++;
	for (int i = 0; i < 2; i++) {
		CPU_ZERO(&one);
		for (; first < CPU_SETSIZE; first++)
			if (CPU_ISSET(first, &begun))
				break;
		CPU_SET(first < CPU_SETSIZE ? first : 0, &one);
		first++;
		printf("set: %d\n", sched_setaffinity(0, sizeof(one), &one));
		show("set", 0);
		hurry(500);
		show("set", 0);
		child(all_in_child);
	}
	printf("batch: %d\n", sched_setscheduler(0, SCHED_BATCH, &param));
	hurry(500);
	show("end", 0);
}

static void in_child(void)
{
	compare("child");
	hurry(100);
	compare("child");
}

int main(int argc, char **argv)
{
	pthread_t id;

	sched_getaffinity(0, sizeof(begun), &begun);
	if (argc == 1) {
		look(argv[0]);
		return 0;
	}
	if (argc == 3) {
		if (strcmp(argv[2], "show") == 0)
			show("vfork", 0);
		return 0;
	}
	while (access(argv[1], F_OK) < 0) {
		hurry(200);
		compare("self");
		pthread_create(&id, NULL, thread, NULL);
		hurry(50);
		pthread_join(id, NULL);
		child(in_child);
		hurry(50);
		vchild(argv[0], "-");
	}
	printf("done\n");
	return 0;
}
