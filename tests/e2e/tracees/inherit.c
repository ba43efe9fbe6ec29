/* SPDX-License-Identifier: MIT */
/*
 * Tracee: prints what a program inherits: signal mask and dispositions, descriptors, directory,
 * umask, priority, limits, CPUs, environment.  Must be the same with and without a tracer.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void show_signals(void)
{
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i <= SIGRTMAX; i++) {
		struct sigaction action;

		if (sigaction(i, NULL, &action) < 0)
			continue;
		if (sigismember(&mask, i) || action.sa_handler != SIG_DFL)
			printf("signal %d blocked %d ignored %d\n", i, sigismember(&mask, i),
			       action.sa_handler == SIG_IGN);
	}
	sigpending(&mask);
	for (int i = 1; i <= SIGRTMAX; i++) {
		if (sigismember(&mask, i))
			printf("pending %d\n", i);
	}
}

static void show_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir))
			printf("fd %s\n", entry->d_name);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	cpu_set_t cpus;
	mode_t mask = umask(0);

	for (int i = 0; i < argc; i++)
		printf("argument %s\n", argv[i]);
	show_signals();
	show_descriptors();
	printf("umask %o nice %d\n", (unsigned)mask, getpriority(PRIO_PROCESS, 0));
	getrlimit(RLIMIT_CORE, &limit);
	printf("core %lld\n", (long long)limit.rlim_cur);
	getrlimit(RLIMIT_NOFILE, &limit);
	printf("files %lld\n", (long long)limit.rlim_cur);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	printf("cpus %d\n", CPU_COUNT(&cpus));
	for (char **variable = environ; *variable != NULL; variable++) {
		if (strncmp(*variable, "_=", 2) != 0)
			printf("environment %s\n", *variable);
	}
	printf("group %s session %s\n", getpgrp() == getpid() ? "own" : "shared",
	       getsid(0) == getpid() ? "own" : "shared");
	return 0;
}
