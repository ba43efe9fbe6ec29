/* SPDX-License-Identifier: MIT */
/*
 * What the figures depend on: the CPU, the kernel, its mitigations and its clock.  Called by
 * boundary.c.  Files are those of proc(5) and of the kernel's Documentation/ABI on /sys/devices.
 */
#include <dirent.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>

#include "boundary.h"
#include "mtrace/xalloc.h"

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities"
#define CLOCK_SOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

/* The first line of a file that begins with `key`, from behind it and blanks; NULL: none. */
static char *machine_read(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *found = NULL;
	size_t size = 0;

	if (file == NULL)
		return NULL;
	while (found == NULL && getline(&line, &size, file) > 0) {
		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		found = xstrdup(line + strlen(key) + strspn(line + strlen(key), " \t:"));
	}
	free(line);
	fclose(file);
	return found;
}

static int machine_compare(const void *left, const void *right)
{
	const struct boundary_mitigation *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void machine_read_mitigations(struct boundary_machine *machine)
{
	DIR *dir = opendir(VULNERABILITIES);
	const struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		char path[sizeof(VULNERABILITIES) + sizeof(entry->d_name)];
		char *text;

		snprintf(path, sizeof(path), VULNERABILITIES "/%s", entry->d_name);
		text = entry->d_name[0] == '.' ? NULL : machine_read(path, "");
		if (text == NULL)
			continue;
		machine->mitigations = xrealloc(machine->mitigations, machine->mitigation_count + 1,
						sizeof(*machine->mitigations));
		machine->mitigations[machine->mitigation_count++] = (struct boundary_mitigation){
			xstrdup(entry->d_name), text
		};
	}
	closedir(dir);
	if (machine->mitigation_count > 0)
		qsort(machine->mitigations, machine->mitigation_count,
		      sizeof(*machine->mitigations), machine_compare);
}

/* Counts the CPU cycles of this thread in user space; -1: not permitted, or not to be had. */
static int machine_open_counter(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_HW_CPU_CYCLES,
					.exclude_kernel = 1,
					.exclude_hv = 1 };

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The time stamp counter; 0 where there is none that counts cycles. */
static uint64_t machine_read_tsc(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

static uint64_t machine_read_cycles(int counter)
{
	uint64_t cycles;

	if (counter < 0)
		return machine_read_tsc();
	return read(counter, &cycles, sizeof(cycles)) == sizeof(cycles) ? cycles : 0;
}

/* A counter counts while we run, the time stamp counter always. */
static double machine_read_time(int counter)
{
	struct timespec now;

	if (counter < 0)
		return sample_now();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Cycles per ns of a CPU that computes: the largest of several attempts, after some warming up. */
static double machine_measure_ghz(int counter)
{
	double most = 0;

	for (int i = 0; i < 8; i++) {
		double begun = machine_read_time(counter);
		uint64_t before = machine_read_cycles(counter);
		double ghz;

		for (volatile unsigned spin = 0; spin < 1000000; spin = spin + 1)
			;
		ghz = (double)(machine_read_cycles(counter) - before) /
		      (machine_read_time(counter) - begun);
		if (i > 0 && ghz > most)
			most = ghz;
	}
	return most;
}

static void machine_find_ghz(struct boundary_machine *machine)
{
	int counter = machine_open_counter();

	if (counter >= 0) {
		machine->ghz = machine_measure_ghz(counter);
		close(counter);
	}
	/* A virtual machine may offer a counter that stands still. */
	machine->is_counted = machine->ghz > 0.05;
	if (!machine->is_counted)
		machine->ghz = machine_measure_ghz(-1);
}

/* x86 has the name of the model, other architectures numbers at best. */
static char *machine_read_cpu(void)
{
	static const char *const keys[] = { "model name", "uarch", "Model", "isa" };
	char *found = NULL;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && found == NULL; i++)
		found = machine_read("/proc/cpuinfo", keys[i]);
	return found;
}

void machine_describe(struct boundary_machine *machine)
{
	struct utsname name;
	char *text;

	*machine = (struct boundary_machine){ 0 };
	uname(&name);
	text = xmalloc(sizeof(name.sysname) + sizeof(name.release) + sizeof(name.machine) + 2);
	sprintf(text, "%s %s %s", name.sysname, name.release, name.machine);
	machine->kernel = text;
	machine->cpu = machine_read_cpu();
	if (machine->cpu == NULL)
		machine->cpu = xstrdup(name.machine);
	machine->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	machine->clock = machine_read(CLOCK_SOURCE, "");
	text = machine_read("/proc/cpuinfo", "flags");
	machine->is_virtual = text != NULL && strstr(text, " hypervisor") != NULL;
	free(text);
	text = machine_read("/proc/self/status", "Seccomp:");
	machine->is_filtered = text != NULL && text[0] != '0';
	free(text);
	machine_read_mitigations(machine);
	machine_find_ghz(machine);
}

void machine_free(struct boundary_machine *machine)
{
	for (size_t i = 0; i < machine->mitigation_count; i++) {
		free(machine->mitigations[i].name);
		free(machine->mitigations[i].text);
	}
	free(machine->mitigations);
	free(machine->cpu);
	free(machine->kernel);
	free(machine->clock);
}

const char *machine_kpti(const struct boundary_machine *machine)
{
	for (size_t i = 0; i < machine->mitigation_count; i++) {
		const char *text = machine->mitigations[i].text;

		if (strcmp(machine->mitigations[i].name, "meltdown") != 0)
			continue;
		if (strstr(text, "PTI") != NULL)
			return "on";
		return strncmp(text, "Vulnerable", 10) == 0
			       ? "off, though the CPU is open to Meltdown"
			       : "off (this CPU does not need it)";
	}
	return NULL;
}
