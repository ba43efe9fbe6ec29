# SPDX-License-Identifier: MIT
"""What is measured: the tools and the workloads, by name.  Used by bench.py and measure.py."""

import os
import subprocess
from collections import namedtuple

# prefix: the command that goes before the workload's, as a function of "follow children?";
# attach: the same for a process that runs, or None; probe: what tells that it works here.
Tool = namedtuple("Tool", "name title prefix attach")

# command: of the workload as a function of the number of rounds, None for redis; rounds: 0 for one
# that has a fixed size, else how many to begin with; own_clock: it prints "CALLS NANOSECONDS";
# follow: with -f; tools: those that say something here; group: those of one group are interleaved
# with each other.
Workload = namedtuple("Workload", "name title command rounds own_clock follow tools env group")

SERIAL = ("none", "bare", "mtrace", "mtrace-c", "mtrace-openat", "mtrace-1cpu", "strace",
          "strace-1cpu", "strace-c", "strace-seccomp", "perf")
# On one CPU a parallel program would lose more than the tracer takes, so no bare loop here.
PARALLEL = ("none", "mtrace", "mtrace-c", "mtrace-openat", "strace", "strace-c", "strace-seccomp",
            "perf")
ATTACHED = ("none", "mtrace", "mtrace-c", "mtrace-openat", "strace", "strace-c", "perf")
FEW = ("none", "bare", "mtrace", "strace")


def make_tools(programs, cpu):
    """The tools in the order of the tables.  programs: "mtrace", "strace" and so on to their paths."""
    null = ["-o", "/dev/null"]
    only = ["-f", "-e", "trace=openat"]

    def tracer(program, *options, before=()):
        path = programs[program]
        return lambda follow: (list(before) + [path] + null + (["-f"] if follow else [])
                               + [option for option in options if not (follow and option == "-f")])

    def attached(program, *options):
        path = programs[program]
        return lambda pid: [path] + null + ["-f"] + list(options) + ["-p", str(pid)]

    pinned = ["taskset", "-c", str(cpu)]
    bare = programs["bare"]
    return [
        Tool("none", "the program alone", lambda follow: [], None),
        Tool("bare", "bare loop",
             lambda follow: [bare, "-c", str(cpu)] + (["-f"] if follow else []), None),
        Tool("mtrace", "mtrace", tracer("mtrace"), attached("mtrace")),
        Tool("mtrace-c", "mtrace -c", tracer("mtrace", "-c"), attached("mtrace", "-c")),
        Tool("mtrace-openat", "mtrace -f -e trace=openat", tracer("mtrace", *only),
             attached("mtrace", "-e", "trace=openat")),
        Tool("mtrace-1cpu", "mtrace, one CPU", tracer("mtrace", before=pinned), None),
        Tool("strace", "strace", tracer("strace"), attached("strace")),
        Tool("strace-1cpu", "strace, one CPU", tracer("strace", before=pinned), None),
        Tool("strace-c", "strace -c", tracer("strace", "-c"), attached("strace", "-c")),
        Tool("strace-seccomp", "strace -f --seccomp-bpf -e trace=openat",
             tracer("strace", "--seccomp-bpf", *only), None),
        Tool("perf", "perf trace",
             lambda follow: [programs["perf"], "trace", "-o", "/dev/null"],
             lambda pid: [programs["perf"], "trace", "-o", "/dev/null", "-p", str(pid)]),
    ]


def make_project(directory, compiler):
    """A small C project for the workload "compile": three files and a makefile."""
    os.makedirs(directory, exist_ok=True)
    names = ["one", "two"]
    for name in names:
        with open(os.path.join(directory, name + ".c"), "w", encoding="ascii") as file:
            file.write("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
                       "#include <sys/socket.h>\n#include <unistd.h>\n\n"
                       f"int {name}(int a);\n\nint {name}(int a)\n{{\n"
                       f"\tprintf(\"%d\\n\", a);\n\treturn a + (int)strlen(\"{name}\");\n}}\n")
    with open(os.path.join(directory, "main.c"), "w", encoding="ascii") as file:
        file.write("".join(f"int {name}(int a);\n" for name in names)
                   + "int main(void)\n{\n\treturn "
                   + " + ".join(f"{name}(1)" for name in names) + " == 0;\n}\n")
    with open(os.path.join(directory, "Makefile"), "w", encoding="ascii") as file:
        objects = " ".join(name + ".o" for name in names + ["main"])
        file.write(f"CC = {compiler}\nCFLAGS = -O1\nprogram: {objects}\n\t$(CC) -o $@ {objects}\n")


def make_workloads(programs, directory, processes):
    """The workloads in the order of the tables.  directory: where they may write; processes: how many
    short ones."""
    work = programs["work"]
    some_file = os.path.join(directory, "some-file")
    project = os.path.join(directory, "project")
    # The caller's make is not to reach into ours.
    clean = {name: value for name, value in os.environ.items()
             if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")}

    def loop(kind, *arguments):
        return lambda rounds: [work, kind, str(rounds)] + list(arguments)

    def row(name, title, command, rounds, own_clock=True, follow=False, tools=SERIAL, group=None):
        return Workload(name, title, command, rounds, own_clock, follow, tools, clean, group or name)

    return [
        row("getpid", "getpid loop", loop("getpid"), 500),
        row("five", "open, fstat, read, lseek, close loop", loop("five", some_file), 100),
        row("dd", "dd bs=1", lambda rounds: ["dd", "if=/dev/zero", "of=/dev/null", "bs=1",
                                             f"count={rounds}", "status=none"], 300, own_clock=False),
        row("find", "find /usr, three levels", lambda rounds: ["find", "/usr", "-maxdepth", "3"], 0,
            own_clock=False),
        row("compile", "make of a small C project",
            lambda rounds: ["make", "-s", "-B", "-C", project], 0, own_clock=False, follow=True),
        row("redis", "redis-server under load, attached to", None, 300, follow=True, tools=ATTACHED),
        row("futex", "8 threads that call futex", loop("futex"), 50, follow=True),
        row("short", f"{processes} short processes", lambda rounds: [work, "short", str(processes)], 0,
            follow=True),
        row("compute", "a program that computes", loop("compute"), 2000, tools=PARALLEL),
        row("threads", "8 threads that compute", loop("threads"), 2000, follow=True, tools=PARALLEL),
        row("many", "1,000 threads that call getpid", loop("many", "1000"), 100, follow=True,
            tools=FEW),
        row("one", "one thread that calls getpid", loop("many", "1"), 500, follow=True, tools=FEW,
            group="many"),
    ]


def find_missing(tool, programs, run):
    """Why the tool cannot be measured here, or None.  run(command) gives (status, message)."""
    prefix = tool.prefix(True)
    for program in prefix[:1] + [programs.get(tool.name.split("-", maxsplit=1)[0])]:
        if program and not which(program):
            return f"{os.path.basename(program)} is not installed"
    status, message = run(prefix + [programs["work"], "exit"])
    if status:
        return message or f"it ended with status {status}"
    return None


def which(program):
    """Is there such a program?"""
    return subprocess.run(["sh", "-c", 'command -v "$1"', "sh", program], stdout=subprocess.DEVNULL,
                          check=False).returncode == 0
