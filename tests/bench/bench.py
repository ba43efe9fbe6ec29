#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures what tracing costs, against the program alone, the barest ptrace loop and strace.

Called by `make bench`, `make bench-full` and tests/bench/smoke.sh; `bench.py --help` lists the options.
Everything is measured in one run, interleaved, and told as ratios with their quartiles: an absolute time
would say more of the machine than of the tool.
"""

import argparse
import os
import re
import resource
import shutil
import signal
import sys
import time
from collections import namedtuple

import chart
import measure
import plan
import report

# sample: seconds of one run; seconds: for the rounds of one workload; least, most: rounds.
Plan = namedtuple("Plan", "sample seconds least most")

QUIET = 10  # per cent of the machine that others may use

NOT_ALL = ("many", "one", "mtrace-1cpu")  # only in bench-full, or by name
BEGIN, END = "<!-- bench: begin, written by make bench-readme -->\n", "<!-- bench: end -->\n"


def say(text):
    """Progress, for who waits."""
    print(f"bench: {time.strftime('%T')} {text}", file=sys.stderr, flush=True)


def read_first(path, pattern):
    """The first match in a file, or an empty text."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            match = re.search(pattern, file.read(), re.M)
            return match[1].strip() if match else ""
    except OSError:
        return ""


def mitigations():
    """What the kernel does about its processor, in its own words, without what does not concern it."""
    folder = "/sys/devices/system/cpu/vulnerabilities"
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        state = read_first(os.path.join(folder, name), r"^(.*)$")
        if not state.startswith("Not affected"):
            found.append(f"{name}: {state.replace('Mitigation: ', '')}")
    return "; ".join(found) or "none needed or none told"


def first_line(bench, command):
    """The first line that a command prints, or an empty text."""
    try:
        _, out, _ = bench.run(command, limit=20)
    except measure.Failure:
        return ""
    return out.splitlines()[0] if out else ""


def busy_others(before, after, own):
    """The share of the machine that others used meanwhile, in per cent, by /proc/stat."""
    ticks = os.sysconf("SC_CLK_TCK")
    # user nice system idle iowait irq softirq steal
    spent = [b - a for a, b in zip(before, after)]
    used = spent[0] + spent[1] + spent[2] + spent[5] + spent[6] + spent[7]
    return max(0.0, 100 * (used - own * ticks) / max(1, sum(spent[:8])))


def cpu_ticks():
    """The line "cpu" of /proc/stat."""
    return [int(word) for word in read_first("/proc/stat", r"^cpu +(.*)$").split()]


def own_seconds():
    """The CPU time of everything that was started here and has ended."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def warning(others):
    """What to say of a run beside other programs."""
    if others < QUIET:
        return ""
    return ("**Other programs were running:** what involves two CPUs says little here; CPU times, "
            "instructions and system calls hold.\n")


def describe_machine(bench, others):
    """The machine that the figures belong to, after a warning if it was not quiet."""
    model = read_first("/proc/cpuinfo", r"^model name\s*:\s*(.*)$") or os.uname().machine
    virtual = read_first("/proc/cpuinfo", r"^flags\s*:.*\b(hypervisor)\b")
    count = len(os.sched_getaffinity(0))
    lines = [
        f"- {count} CPU{'' if count == 1 else 's'} ({model}{', virtual machine' if virtual else ''}), "
        f"Linux {os.uname().release}",
        f"- mitigations: {mitigations()}",
        f"- {first_line(bench, [bench.programs['mtrace'], '-V']) or 'mtrace'}; "
        f"{first_line(bench, [bench.programs['strace'], '-V']) or 'no strace'}",
        f"- {time.strftime('%Y-%m-%d', time.gmtime())}; other programs used {others:.0f} % of the "
        "machine meanwhile",
    ]
    return warning(others) + "\nMeasured on\n\n" + "\n".join(lines) + "\n"


def choose(items, names, what):
    """Those of the items that are named, all but NOT_ALL if none is."""
    known = {item.name for item in items}
    for name in names:
        if name not in known:
            sys.exit(f"bench: there is no {what} {name}; there are: "
                     + " ".join(item.name for item in items))
    return [item for item in items if item.name in names]


def probe_tools(bench, tools):
    """Those that work here, and why the others do not."""
    working, notes = [], []
    for tool in tools:
        why = plan.find_missing(tool, bench.programs, bench.probe)
        if why:
            notes.append(f"{tool.title}: not measured: {why}")
        else:
            working.append(tool)
    return working, notes


def measure_all(bench, workloads, tools, timing, notes):
    """workload name -> tool name -> samples."""
    results = {workload.name: {} for workload in workloads}
    titles = {workload.name: workload.title for workload in workloads}
    titles.update((tool.name, tool.title) for tool in tools)
    groups = list(dict.fromkeys(workload.group for workload in workloads))
    end = time.monotonic() + timing.seconds * len(groups)
    for group in list(groups):
        say(group)
        members = [workload for workload in workloads if workload.group == group]
        chosen = {workload.name: [tool for tool in tools if tool.name in workload.tools]
                  for workload in members}
        # What earlier groups took too long is taken from the later ones.
        groups.remove(group)
        share = max(0, end - time.monotonic()) / (len(groups) + 1)
        samples, failures = bench.measure(members, chosen,
                                          timing._replace(seconds=min(timing.seconds, share)))
        for (workload, tool), taken in samples.items():
            results[workload][tool] = taken
        notes += [f"{titles[workload]}, {titles[tool]}: not measured: {why}"
                  for (workload, tool), why in failures.items()]
    return results


def count_all(bench, workloads, tools, notes):
    """(tool, kind, workload) -> figure per call, for the two loops."""
    counts = {}
    kinds = [("instructions", "valgrind", bench.count_instructions),
             ("calls", "strace", lambda *some: sum(bench.count_calls(*some).values()))]
    for kind, program, count in kinds:
        if not plan.which(program):
            notes.append(f"tracer's {kind} per call: not measured: {program} is not installed")
            continue
        say(f"tracers' {kind} per call")
        for workload in workloads:
            if workload.name not in ("getpid", "five"):
                continue
            # The start of a program varies by some 100,000 instructions, but not by system calls.
            # Both runs of mtrace -c are long enough for it to measure the price of a stop twice.
            less, more = (5000, 17000) if kind == "instructions" else (100, 1100)
            if workload.name == "five":
                less, more = less // 5, more // 5
            for tool in tools:
                # What filters drop, perf, and one CPU or two: nothing that belongs here.
                if tool.name not in ("bare", "mtrace", "mtrace-c", "strace", "strace-c"):
                    continue
                try:
                    counts[tool.name, kind, workload.name] = count(tool, workload, less, more)
                except measure.Failure as failure:
                    notes.append(f"{workload.title}, {tool.title}, {kind}: not measured: {failure}")
    return counts


def measure_memory(bench, workloads, tools, counts, notes):
    """Does mtrace -c need more memory for a long run than for a short one?"""
    tool = next((tool for tool in tools if tool.name == "mtrace-c"), None)
    workload = next((workload for workload in workloads if workload.name == "getpid"), None)
    if tool and workload:
        say("memory")
        try:
            growth = bench.memory_growth(tool, workload, 1000, 1000000)
            counts[tool.name, "memory", workload.name] = growth
        except measure.Failure as failure:
            notes.append(f"{tool.title}, memory of a long run: not measured: {failure}")


def rounds_told(results):
    """How many rounds a workload had, for the heading."""
    counts = [len(taken) for samples in results.values() for taken in samples.values()]
    if not counts:
        return "no run"
    least, most = min(counts), max(counts)
    return f"{least} runs" if least == most else f"{least} to {most} runs"


def write_report(results, counts, workloads, tools, notes, machine, targets):
    """The whole text of bench.md."""
    parts = [
        "How many times as long as alone; the median of "
        f"{rounds_told(results)}, the quartiles behind it. Interleaved: each run of a tool is compared "
        "with the run of the program alone in the same round.\n",
        report.slowdown_table(results, workloads, tools),
    ]
    comparison = report.comparison_table(results, workloads)
    if comparison:
        parts += ["One tool in units of another; below 1, the first is faster.\n", comparison]
    cpu = report.cpu_table(results, workloads, tools)
    if cpu:
        parts += ["CPU time of tracer and program together, in units of the bare loop's. Waiting does "
                  "not count here, nor what else the machine does.\n", cpu]
    effort = report.effort_table(counts, results, tools)
    if effort:
        parts += ["What a tracer does for one traced call: its own instructions in user space, by "
                  "callgrind, and its own system calls; and the larger of its and the program's peak "
                  "memory over the getpid loop.\n", effort]
    if targets:
        parts += ["What is promised.\n", report.target_table(results, counts)]
    if any(f"| {report.ABSENT} " in part for part in parts):
        parts.append(f"{report.ABSENT} is what was not measured, or what would say nothing: on one "
                     "CPU a parallel program loses more than a tracer takes, and not every tool "
                     "attaches.\n")
    if notes:
        parts.append("".join(f"- {note}\n" for note in notes))
    parts.append(machine + "\nRatios differ between machines, most of all those of "
                 "tools whose tracer runs on another CPU than the program; times cannot be compared at "
                 "all, so there are none here.\n")
    return "\n".join(parts)


def write_readme(path, text):
    """Puts the tables between the marks."""
    with open(path, encoding="utf-8") as file:
        old = file.read()
    head, begin, rest = old.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"bench: {path} has no marks {BEGIN.strip()} and {END.strip()}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + BEGIN + "\n" + text + "\n" + END + tail)


def write_file(path, text):
    """Writes a whole file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def parse_arguments(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=".", help="where mtrace and tests/bench were built")
    parser.add_argument("--out", help="directory for bench.md and bench.svg (default: --build)")
    parser.add_argument("--workloads", default="", help="names, separated by spaces")
    parser.add_argument("--tools", default="", help="names, separated by spaces")
    parser.add_argument("--sample", type=float, default=0.15, help="seconds of one run")
    parser.add_argument("--seconds", type=float, default=15, help="seconds for one workload")
    parser.add_argument("--least", type=int, default=5, help="rounds at least")
    parser.add_argument("--most", type=int, default=25, help="rounds at most")
    parser.add_argument("--full", action="store_true", help="everything, and what is promised")
    parser.add_argument("--no-counts", action="store_true", help="no callgrind, no strace -c")
    parser.add_argument("--readme", help="write the tables between the marks of this file")
    parser.add_argument("--only-readme", action="store_true", help="of the last run; measure nothing")
    return parser.parse_args(arguments)


def run_all(bench, options):
    """Measures what was chosen; returns the tables and the chart."""
    write_file(bench.path("some-file"), "some text for who reads it\n" * 40)
    plan.make_project(bench.path("project"), os.environ.get("CC", "cc"))

    tools = plan.make_tools(bench.programs, max(os.sched_getaffinity(0)))
    workloads = plan.make_workloads(bench.programs, bench.directory, 500 if options.full else 100)
    keep = () if options.full else NOT_ALL
    # Everything is told in units of the program alone.
    tools = choose(tools, options.tools.split() and ["none"] + options.tools.split()
                   or [tool.name for tool in tools if tool.name not in keep], "tool")
    workloads = choose(workloads, options.workloads.split()
                       or [workload.name for workload in workloads if workload.name not in keep],
                       "workload")
    timing = Plan(options.sample, options.seconds, options.least, options.most)

    ticks, own = cpu_ticks(), own_seconds()
    tools, notes = probe_tools(bench, tools)
    results = measure_all(bench, workloads, tools, timing, notes)
    others = busy_others(ticks, cpu_ticks(), own_seconds() - own)
    counts = {} if options.no_counts else count_all(bench, workloads, tools, notes)
    if options.full:
        measure_memory(bench, workloads, tools, counts, notes)
    text = write_report(results, counts, workloads, tools, notes, describe_machine(bench, others),
                        options.full)
    return text, chart.draw(results, workloads, tools)


def main(arguments):
    """Measures, writes bench.md and bench.svg, prints the tables."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = parse_arguments(arguments)
    out = options.out or options.build
    table_file = os.path.join(out, "bench.md")
    if options.only_readme:
        with open(table_file, encoding="utf-8") as file:
            write_readme(options.readme, file.read())
        return
    folder = os.path.join(os.path.abspath(out), "bench.work")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    build = os.path.abspath(options.build)
    programs = {name: os.path.join(build, "tests/bench", name) for name in ("bare", "work", "launch")}
    programs.update(mtrace=os.environ.get("MTRACE", os.path.join(build, "mtrace")), strace="strace",
                    perf="perf")
    bench = measure.Bench(programs, folder, 120)
    try:
        text, drawing = run_all(bench, options)
    finally:
        shutil.rmtree(folder)
    write_file(table_file, text)
    write_file(os.path.join(out, "bench.svg"), drawing)
    if options.readme:
        write_readme(options.readme, text)
    print(text)
    say(f"written to {table_file} and {os.path.join(out, 'bench.svg')}")


if __name__ == "__main__":
    main(sys.argv[1:])
