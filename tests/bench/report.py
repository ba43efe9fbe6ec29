# SPDX-License-Identifier: MIT
"""Ratios and their spread, and the tables made of them.  Used by bench.py; runs nothing."""

from collections import namedtuple

# Median and quartiles of the ratios of pairs, each pair from one round.
Ratio = namedtuple("Ratio", "median low high count")

ABSENT = "–"


def quantile(ordered, part):
    """The value below which that part of a sorted list lies, between neighbours in proportion."""
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(samples, tool, other, field="ns"):
    """What tool costs in units of other, or None if one of them was not measured."""
    taken, units = ([getattr(sample, field) for sample in samples.get(name, [])]
                    for name in (tool, other))
    if not taken or not all(units):
        return None
    pairs = sorted(a / b for a, b in zip(taken, units))
    if not pairs:
        return None
    return Ratio(quantile(pairs, 0.5), quantile(pairs, 0.25), quantile(pairs, 0.75), len(pairs))


def number(value):
    """Three digits: 1.02, 11.3, 118, 1,880."""
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def cell(value):
    """A ratio with its quartiles, as a cell of a table."""
    if value is None:
        return ABSENT
    return f"{number(value.median)} ({number(value.low)}–{number(value.high)})"


def table(heads, rows):
    """A Markdown table; the first column is text, the others are figures."""
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def slowdown_table(results, workloads, tools):
    """Workloads down, tools across: how many times the program alone."""
    columns = [tool for tool in tools if tool.name != "none"
               and any(tool.name in results[workload.name] for workload in workloads)]
    rows = [[workload.title] + [cell(ratio(results[workload.name], tool.name, "none"))
                                for tool in columns] for workload in workloads]
    return table(["workload"] + [tool.title for tool in columns], rows)


# Of two tools, what a reader compares.
COMPARISONS = [
    ("mtrace", "bare", "mtrace : bare loop"),
    ("mtrace-c", "bare", "mtrace -c : bare loop"),
    ("mtrace", "strace-1cpu", "mtrace : strace on one CPU"),
    ("mtrace", "strace", "mtrace : strace"),
    ("mtrace-c", "strace-c", "mtrace -c : strace -c"),
    ("mtrace-openat", "strace-seccomp", "mtrace -f -e trace=openat : strace with --seccomp-bpf"),
]


def comparison_table(results, workloads):
    """Workloads down, pairs of tools across."""
    columns = [pair for pair in COMPARISONS
               if any(ratio(results[workload.name], *pair[:2]) for workload in workloads)]
    rows = [[workload.title] + [cell(ratio(results[workload.name], *pair[:2])) for pair in columns]
            for workload in workloads]
    rows = [row for row in rows if any(text != ABSENT for text in row[1:])]
    return table(["workload"] + [pair[2] for pair in columns], rows) if columns and rows else ""


def cpu_table(results, workloads, tools):
    """Workloads down, tools across: CPU time of tracer and program in units of the bare loop's."""
    columns = [tool for tool in tools if tool.name not in ("none", "bare", "perf")]

    def values(workload):
        return [ratio(results[workload.name], tool.name, "bare", "cpu") for tool in columns]

    used = [place for place in range(len(columns))
            if any(values(workload)[place] for workload in workloads)]
    rows = [[workload.title] + [cell(values(workload)[place]) for place in used]
            for workload in workloads if any(values(workload))]
    return table(["workload"] + [columns[place].title for place in used], rows) if rows else ""


def effort_table(counts, results, tools):
    """What a tracer does for one traced call, and its memory.  counts: (tool, kind, workload) ->
    value."""
    def count(tool, kind, workload):
        value = counts.get((tool.name, kind, workload))
        return ABSENT if value is None else number(value)

    def memory(tool):
        taken = results.get("getpid", {}).get(tool.name)
        return f"{max(sample.peak for sample in taken) / 1024:.1f} MiB" if taken else ABSENT

    rows = [[tool.title, count(tool, "instructions", "getpid"), count(tool, "instructions", "five"),
             count(tool, "calls", "getpid"), count(tool, "calls", "five"), memory(tool)]
            for tool in tools if tool.name != "none"]
    rows = [row for row in rows if any(text != ABSENT for text in row[1:])]
    return table(["tracer", "instructions, getpid", "instructions, five calls", "system calls, getpid",
                  "system calls, five calls", "peak memory"], rows) if rows else ""


# What is promised: (text, workload, tool, in units of, at most).
TARGETS = [
    ("mtrace : bare loop, getpid", "getpid", "mtrace", "bare", 1.10),
    ("mtrace : bare loop, five calls", "five", "mtrace", "bare", 1.10),
    ("mtrace : strace on one CPU, getpid", "getpid", "mtrace", "strace-1cpu", 0.95),
    ("mtrace : strace on one CPU, five calls", "five", "mtrace", "strace-1cpu", 0.95),
    ("mtrace : strace, getpid", "getpid", "mtrace", "strace", 0.20),
    ("mtrace : strace, five calls", "five", "mtrace", "strace", 0.20),
    ("mtrace -c : bare loop, getpid", "getpid", "mtrace-c", "bare", 1.05),
    ("mtrace -c : bare loop, five calls", "five", "mtrace-c", "bare", 1.05),
    ("calls filtered out : alone, getpid", "getpid", "mtrace-openat", "none", 1.50),
    ("-f -e trace=openat : alone, make", "compile", "mtrace-openat", "none", 1.10),
    ("mtrace : alone, a program that computes", "compute", "mtrace", "none", 1.03),
    ("mtrace : alone, 8 threads that compute", "threads", "mtrace", "none", 1.03),
]
LIMITS = [
    ("instructions per call, getpid", "mtrace", "instructions", "getpid", 1500),
    ("instructions per call, mean of five calls", "mtrace", "instructions", "five", 3000),
    ("peak memory of mtrace -c, 1,000,000 calls : 1,000 calls", "mtrace-c", "memory", "getpid", 1.05),
]
PEAK_MIB = 64  # of tracing 1,000 threads
PER_TRACEE = 1.2  # a call with 1,000 tracees, in units of one with one tracee


def target_rows(results, counts):
    """Each promise: what it is, its limit, what was measured, and whether it is kept."""
    rows = []

    def add(text, limit, value, shown, spread=None):
        met = ABSENT if value is None else "yes" if value <= limit else "**no**"
        # Where the limit lies between the quartiles, another run may say otherwise.
        if spread and spread.low <= limit < spread.high:
            met += ", but not for sure"
        rows.append([text, f"≤ {number(limit)}", "not measured" if value is None else shown, met])

    for text, workload, tool, other, limit in TARGETS:
        value = ratio(results.get(workload, {}), tool, other)
        add(text, limit, value and value.median, cell(value), value)
    for text, tool, kind, workload, limit in LIMITS:
        value = counts.get((tool, kind, workload))
        add(text, limit, value, number(value or 0))
    many, one = (results.get(name, {}).get("mtrace") for name in ("many", "one"))
    peak = max(sample.peak for sample in many) / 1024 if many else None
    add("peak memory with 1,000 threads, MiB", PEAK_MIB, peak, number(peak or 0))
    value = None
    if many and one:
        value = ratio({"many": many, "one": one}, "many", "one")
    add("a call with 1,000 tracees : with one", PER_TRACEE, value and value.median, cell(value),
        value)
    return rows


def target_table(results, counts):
    """The promises as a Markdown table."""
    return table(["target", "at most", "measured", "met"], target_rows(results, counts))
