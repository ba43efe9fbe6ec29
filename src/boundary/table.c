/* SPDX-License-Identifier: MIT */
/* The figures of --boundary for people, in 80 columns.  Called by boundary.c. */
#include <stdio.h>
#include <string.h>

#include "boundary.h"

#define WIDTH 79
#define LABEL 14 /* columns before the text of a line on the machine */
#define TITLE 36

/* A number with three digits that count, and none behind the point from 100 on. */
static int table_format(char *text, size_t size, double number)
{
	int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;

	return snprintf(text, size, "%.*f", decimals, number);
}

/* The unit that suits `ns`, and how many ns it has. */
static const char *table_unit(double ns, double *scale)
{
	if (ns < 999.5) {
		*scale = 1;
		return "ns";
	}
	if (ns < 999.5e3) {
		*scale = 1e3;
		return "us";
	}
	*scale = 1e6;
	return "ms";
}

/* "Label       words", which begin in `column` and go on in further lines below themselves. */
static void table_print_words(struct buf *out, const char *label, size_t column, const char *text)
{
	size_t start = out->len;

	buf_add_str(out, label);
	buf_pad(out, start, column, ' ');
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (out->len - start + len > WIDTH && out->len - start > column) {
			/* The blank behind the word before. */
			out->len--;
			buf_add_char(out, '\n');
			start = out->len;
			buf_pad(out, start, column, ' ');
		}
		buf_add(out, text, len);
		text += len;
		if (*text == ' ') {
			buf_add_char(out, ' ');
			text++;
		}
	}
	buf_add_char(out, '\n');
}

/* A line for each vulnerability that something is done about. */
static void table_print_mitigations(struct buf *out, const struct boundary_machine *machine)
{
	static const char state[] = "Mitigation";
	const char *label = "mitigations";
	struct buf words = { 0 };

	for (size_t i = 0; i < machine->mitigation_count; i++) {
		const struct boundary_mitigation *one = &machine->mitigations[i];

		if (strncmp(one->text, state, strlen(state)) != 0)
			continue;
		buf_reset(&words);
		buf_printf(&words, "%s%s", one->name, one->text + strlen(state));
		buf_add_char(&words, '\0');
		table_print_words(out, label, LABEL, words.data);
		label = "";
	}
	buf_free(&words);
}

/* The vulnerabilities that nothing is done about, in one line. */
static void table_print_vulnerable(struct buf *out, const struct boundary_machine *machine)
{
	struct buf words = { 0 };

	for (size_t i = 0; i < machine->mitigation_count; i++) {
		if (strncmp(machine->mitigations[i].text, "Vulnerable", 10) != 0)
			continue;
		if (words.len > 0)
			buf_add_str(&words, ", ");
		buf_add_str(&words, machine->mitigations[i].name);
	}
	buf_add_char(&words, '\0');
	if (words.len > 1)
		table_print_words(out, "vulnerable to", LABEL, words.data);
	buf_free(&words);
}

static void table_print_machine(struct buf *out, const struct boundary_machine *machine)
{
	struct buf words = { 0 };

	buf_printf(&words, "%s, %ld CPU%s%s", machine->cpu, machine->cpus,
		   machine->cpus == 1 ? "" : "s", machine->is_virtual ? ", a virtual machine" : "");
	buf_add_char(&words, '\0');
	table_print_words(out, "CPU", LABEL, words.data);
	buf_free(&words);
	table_print_words(out, "kernel", LABEL, machine->kernel);
	table_print_words(out, "clock source", LABEL,
			  machine->clock != NULL ? machine->clock : "?");
	if (machine_kpti(machine) != NULL)
		table_print_words(out, "KPTI", LABEL, machine_kpti(machine));
	table_print_mitigations(out, machine);
	table_print_vulnerable(out, machine);
	if (machine->is_filtered)
		table_print_words(out, "seccomp", LABEL,
				  "each call below also passes a filter that mtrace was started "
				  "under");
	if (machine->ghz > 0)
		buf_printf(out, "%-*s%.2f GHz, %s\n", LABEL, "cycles", machine->ghz,
			   machine->is_counted ? "as perf_event counted them while computing"
					       : "of the time stamp counter");
}

static void table_print_row(struct buf *out, const struct boundary_machine *machine,
			    const struct boundary_result *result, double base)
{
	char time[24], low[24], high[24], cycles[24] = "-", ratio[24] = "-";
	char range[sizeof(low) + sizeof(high)];
	double scale;
	const char *unit = table_unit(result->median, &scale);

	table_format(time, sizeof(time), result->median / scale);
	table_format(low, sizeof(low), result->low / scale);
	table_format(high, sizeof(high), result->high / scale);
	snprintf(range, sizeof(range), "%s-%s", low, high);
	if (machine->ghz > 0)
		snprintf(cycles, sizeof(cycles), "%.0f", result->median * machine->ghz);
	if (base > 0)
		snprintf(ratio, sizeof(ratio), "%.0f", result->median / base);
	buf_printf(out, "%-*s %5s %s %13s %8s %10s\n", TITLE, result->probe->title, time, unit,
		   range, cycles, ratio);
}

static void table_print_reasons(struct buf *out, const struct boundary_result *results,
				size_t count)
{
	struct buf words = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (results[i].samples > 0)
			continue;
		if (words.len == 0)
			buf_add_str(out, "\nnot measured:\n");
		buf_reset(&words);
		buf_printf(&words, "%s: %s", results[i].probe->title, results[i].reason);
		buf_add_char(&words, '\0');
		table_print_words(out, "  - ", 4, words.data);
	}
	buf_free(&words);
}

void table_print_boundary(struct buf *out, const struct boundary_machine *machine,
			  const struct boundary_result *results, size_t count, double base)
{
	table_print_machine(out, machine);
	buf_printf(out, "\n%-*s %8s %13s %8s %10s\n", TITLE, "to do this", "takes", "quartiles",
		   "cycles", "x function");
	for (size_t i = 0; i < count; i++)
		if (results[i].samples > 0)
			table_print_row(out, machine, &results[i], base);
	table_print_reasons(out, results, count);
}
