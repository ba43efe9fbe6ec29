#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Runs commands under the system's strace and under mtrace with the same options, and reports every
difference between the two traces that no row of accepted.txt accepts.  README.md says more.

usage: differential.py [--long] [--command NAME]... [--options NAME]... [--keep DIR] [--list]

Needs MTRACE, the program to test.  Ends with "N passed, N failed[, N skipped]", one test for each command
under each set of options.
"""

import argparse
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import commands
from compare import Comparison
from rows import read_rows
from trace import Trace

ADDR_NO_RANDOMIZE = 0x0040000
ATTEMPTS = 3
RACING_ATTEMPTS = 8  # of commands in RACES, whose rarer outcomes strace may not meet in three
HERE = pathlib.Path(__file__).resolve().parent
PATH = "/usr/bin:/bin:/usr/sbin:/sbin"


def free_port():
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def prepare_tracer():
    """In the child: no address randomisation, and one CPU, so that runs differ as little as they can."""
    ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.umask(0o022)


class Workshop:
    """The directory that commands run in, their environment, a web server beside them."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="mtrace-differential."))
        self.run_dir = self.top / "run"
        self.ports = [free_port(), free_port()]
        inputs = self.top / "in"
        inputs.mkdir()
        self.environment = {
            "PATH": PATH, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.top), "IN": str(inputs),
            "PORT": str(self.ports[0]), "PORT2": str(self.ports[1]), "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1", "PERL_HASH_SEED": "0", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PAGER": "cat", "GIT_COMMITTER_DATE": "@1700000000 +0000", "TMPDIR": str(self.run_dir),
        }
        commands.make_inputs(inputs, self.ports, lambda script: subprocess.run(
            ["sh", "-c", script], cwd=inputs, env=self.environment, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        self.server = subprocess.Popen(
            [sys.executable, "-m", "http.server", "-b", "127.0.0.1", str(self.ports[0])], cwd=inputs,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_server()

    def wait_for_server(self):
        """Until it answers, five seconds at most."""
        for _ in range(50):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.ports[0])) == 0:
                    return
            time.sleep(0.1)

    def close(self):
        """Ends the server, removes everything."""
        self.server.kill()
        self.server.wait()
        shutil.rmtree(self.top, ignore_errors=True)

    def trace(self, tracer, options, script):
        """Runs the script under the tracer: its trace, exit status and output."""
        shutil.rmtree(self.run_dir, ignore_errors=True)
        self.run_dir.mkdir()
        output = self.top / "trace"
        # One name for both tracers: it is in their stack, in /proc and in what ps prints.
        name = self.top / "tracer"
        name.unlink(missing_ok=True)
        name.symlink_to(tracer)
        with open(self.top / "out", "w+b") as out:
            # pylint: disable=subprocess-popen-preexec-fn,consider-using-with
            process = subprocess.Popen(
                [str(name), "-o", str(output), *options.split(), "/bin/sh", "-c", script], cwd=self.run_dir,
                env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=prepare_tracer)
            try:
                status = process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                status = "timeout"
            finally:
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            out.seek(0)
            said = out.read().decode(errors="replace")
        text = output.read_text(encoding="ascii", errors="backslashreplace") if output.exists() else ""
        output.unlink(missing_ok=True)
        return Trace(text, process.pid, options), status, said, text


def compare_once(rows, races, references, mine):
    """Compares mtrace's last trace with strace's."""
    mine = mine[::-1]
    result = Comparison(rows, races)
    result.compare([r[0] for r in references], [m[0] for m in mine])
    if mine[0][1] not in [r[1] for r in references]:
        result.differences.append(("exit status", str(references[0][1]), str(mine[0][1]), None))
    if "mtrace: " in mine[0][2]:
        result.differences.append(("message", "", mine[0][2], None))
    return result


def compare_command(workshop, rows, races, tracers, options, script):
    """
    What varies is told by each tracer's own runs; where two of strace's were not enough to see it, more
    are made of both.  A difference that is mtrace's stays.
    """
    references = [workshop.trace(tracers[0], options, script)]
    mine = []
    best = None
    for _ in range(RACING_ATTEMPTS if races else ATTEMPTS):
        references.append(workshop.trace(tracers[0], options, script))
        mine.append(workshop.trace(tracers[1], options, script))
        result = compare_once(rows, races, references, mine)
        if best is None or len(result.differences) < len(best[0].differences):
            best = result, references[:], mine[-1]
        if not result.differences:
            break
    return best


def around(old, new):
    """Two texts, cut down to where they differ if they are long; other digits are no difference."""
    if len(old) + len(new) < 400:
        return old, new
    same = [x == y or x.isdigit() and y.isdigit() for x, y in zip(old, new)]
    start = max(0, same.index(False) - 80) if False in same else 0
    return old[start:start + 240], new[start:start + 240]


def show(differences, limit):
    """Differences as pairs of lines; of long ones the part that no row explains."""
    for key, old, new, rest in differences[:limit]:
        print(f"  process {key}")
        if old is None or new is None:
            print(f"  - {old[:400]}" if old is not None else "  - (no line)")
            print(f"  + {new[:400]}" if new is not None else "  + (no line)")
            continue
        name = f"{old.partition('(')[0]}: ..." if rest and len(old) + len(new) >= 400 else ""
        old, new = around(*rest) if name else around(old, new)
        print(f"  - {name}{old}")
        print(f"  + {name}{new}")
    if len(differences) > limit:
        print(f"  ... {len(differences)} in all")


def keep_traces(directory, name, found):
    """For a person to look at."""
    path = pathlib.Path(directory)
    path.mkdir(parents=True, exist_ok=True)
    for count, reference in enumerate(found[1]):
        (path / f"{name}.strace{count + 1}").write_text(reference[3], encoding="ascii")
    (path / f"{name}.mtrace").write_text(found[2][3], encoding="ascii")


def arguments():
    """Of the command line."""
    parser = argparse.ArgumentParser(description="compare mtrace with the system's strace")
    parser.add_argument("--long", action="store_true", help="all commands under all options")
    parser.add_argument("--command", action="append", default=[], help="only this command")
    parser.add_argument("--options", action="append", default=[], help="only this set of options")
    parser.add_argument("--keep", help="leave the traces of what differs in this directory")
    parser.add_argument("--limit", type=int, default=12, help="differences to show for each")
    parser.add_argument("--list", action="store_true", help="list commands and sets of options")
    return parser.parse_args()


def choose(given):
    """The commands and the sets of options to run."""
    known = {c[0]: c for c in commands.COMMANDS}
    if given.long or given.command or given.options:
        names, sets = list(known), list(commands.OPTION_SETS)
    else:
        names, sets = commands.SHORT["commands"], commands.SHORT["options"]
    names, sets = given.command or names, given.options or sets
    for name in [n for n in names if n not in known] + [s for s in sets if s not in commands.OPTION_SETS]:
        sys.exit(f"differential: there is no '{name}', see --list")
    return [known[n] for n in names], sets


def unusable(strace, mtrace):
    """Why nothing can be compared here, or None."""
    if not strace:
        return "no strace"
    for tracer in (strace, mtrace):
        done = subprocess.run([tracer, "-o", "/dev/null", "true"], check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode:
            return f"{tracer} cannot trace here: {done.stderr.decode(errors='replace').strip()}"
    return None


def run(workshop, rows, tracers, given):
    """All that was chosen; returns the number of failures."""
    chosen, sets = choose(given)
    count = {"passed": 0, "failed": 0, "skipped": 0, "lines": 0, "loose": 0}
    for name, needs, script in chosen:
        missing = [p for p in needs.split() if not shutil.which(p, path=PATH)]
        if missing:
            print(f"SKIP {name}: no {', '.join(missing)}")
            count["skipped"] += 1
            continue
        for options in sets:
            if (name, options) in commands.UNFAIR:
                print(f"SKIP {name} {commands.OPTION_SETS[options]}: {commands.UNFAIR[name, options]}")
                count["skipped"] += 1
                continue
            found = compare_command(workshop, rows, name in commands.RACES, tracers, commands.OPTION_SETS[options], script)
            result = found[0]
            count["lines"] += result.lines
            count["loose"] += result.loose
            for row in result.used:
                row.used += 1
            if not result.differences:
                count["passed"] += 1
                continue
            count["failed"] += 1
            print(f"FAIL {name} {commands.OPTION_SETS[options]}: {len(result.differences)} differences "
                  f"in {result.lines} lines")
            show(result.differences, given.limit)
            sys.stdout.flush()
            if given.keep:
                keep_traces(given.keep, f"{name}.{options}", found)
    stale = [r.name for r in rows if not r.used] if given.long and not given.command and not given.options else []
    for row in stale:
        print(f"FAIL stale row of accepted.txt: {row}")
    for row in rows:
        if row.used:
            print(f"# accepted {row.used} times: {row.name}")
    print(f"# {count['lines']} lines compared, {count['loose']} of them by their form only")
    print(f"{count['passed']} passed, {count['failed'] + len(stale)} failed, {count['skipped']} skipped")
    return count["failed"] + len(stale)


def main():
    """Status 0: no difference; 1: differences; 77: cannot be run here."""
    given = arguments()
    if given.list:
        print("commands:", *[c[0] for c in commands.COMMANDS])
        for name, options in commands.OPTION_SETS.items():
            print(f"{name}: {options}")
        return 0
    strace = shutil.which("strace", path=PATH)
    mtrace = os.path.abspath(os.environ.get("MTRACE", "./mtrace"))
    reason = unusable(strace, mtrace)
    if reason:
        print(f"SKIP {reason}")
        return 77
    rows = read_rows(HERE / "accepted.txt")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is cleaned up
    workshop = Workshop()
    try:
        return 1 if run(workshop, rows, (strace, mtrace), given) else 0
    finally:
        workshop.close()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
