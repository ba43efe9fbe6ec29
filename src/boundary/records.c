/* SPDX-License-Identifier: MIT */
/* The figures of --boundary as records, one per line (--json).  Called by boundary.c. */
#include <time.h>

#include "boundary.h"
#include "mtrace/json.h"

#include "config.h"

/* Picoseconds: a function call takes a few hundred of them, and numbers are integers. */
static void records_add_time(struct buf *out, const char *key, double ns)
{
	json_unsigned_member(out, key, (uint64_t)(ns * 1000 + 0.5));
}

static void records_print_header(struct buf *out, const struct boundary_machine *machine)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	buf_add_str(out, "{\"type\":\"header\"");
	json_signed_member(out, "schema", JSON_SCHEMA_VERSION);
	json_string_member(out, "program", "mtrace");
	json_string_member(out, "version", PACKAGE_VERSION);
	json_unsigned_member(out, "start_ns", (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec);
	json_key(out, "machine");
	buf_add_char(out, '{');
	json_string_member(out, "cpu", machine->cpu);
	json_string_member(out, "kernel", machine->kernel);
	json_unsigned_member(out, "cpus", (uint64_t)machine->cpus);
	if (machine->clock != NULL)
		json_string_member(out, "clock_source", machine->clock);
	if (machine->is_virtual)
		json_true_member(out, "virtual");
	if (machine->is_filtered)
		json_true_member(out, "seccomp");
	if (machine->ghz > 0) {
		json_unsigned_member(out, "khz", (uint64_t)(machine->ghz * 1e6 + 0.5));
		json_string_member(out, "cycles_of", machine->is_counted ? "perf_event" : "tsc");
	}
	json_key(out, "vulnerabilities");
	buf_add_char(out, '{');
	for (size_t i = 0; i < machine->mitigation_count; i++)
		json_string_member(out, machine->mitigations[i].name, machine->mitigations[i].text);
	buf_add_str(out, "}}}\n");
}

static void records_print_result(struct buf *out, const struct boundary_machine *machine,
				 const struct boundary_result *result)
{
	buf_add_str(out, "{\"type\":\"boundary\"");
	json_string_member(out, "name", result->probe->name);
	json_string_member(out, "title", result->probe->title);
	if (result->samples > 0) {
		json_unsigned_member(out, "samples", result->samples);
		records_add_time(out, "least_ps", result->least);
		records_add_time(out, "low_ps", result->low);
		records_add_time(out, "median_ps", result->median);
		records_add_time(out, "high_ps", result->high);
		if (machine->ghz > 0)
			json_unsigned_member(out, "cycles",
					     (uint64_t)(result->median * machine->ghz + 0.5));
	} else {
		json_string_member(out, "reason", result->reason);
	}
	buf_add_str(out, "}\n");
}

void records_print_boundary(struct buf *out, const struct boundary_machine *machine,
			    const struct boundary_result *results, size_t count)
{
	records_print_header(out, machine);
	for (size_t i = 0; i < count; i++)
		records_print_result(out, machine, &results[i]);
}
