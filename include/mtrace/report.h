/* SPDX-License-Identifier: MIT */
/* The report on what tracing cost, as text and as a record.  Facts in, bytes out. */
#ifndef MTRACE_REPORT_H
#define MTRACE_REPORT_H

#include <stdint.h>

#include "mtrace/buf.h"
#include "mtrace/overhead.h"

struct report {
	const struct overhead *overhead; /* refined */
	struct overhead_estimate estimate;
	uint64_t signal_stops;   /* of overhead->others */
	uint64_t handling_ns;    /* that tracees waited for the tracer to deal with their stops */
	uint64_t tracer_user_ns; /* CPU time of the tracer */
	uint64_t tracer_system_ns;
};

/* Lines of at most 80 columns. */
void report_print(const struct report *report, struct buf *out);

/* {"type":"overhead",...}, one line; times are integers in ns. */
void report_print_json(const struct report *report, struct buf *out);

#endif
