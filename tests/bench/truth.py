#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does `mtrace -c` tell the truth about the time that a program takes without it?

Runs each workload alone, seven times, and under `mtrace -c --json`, interleaved, and holds the estimate
of the record "overhead" against the median of the runs alone.  An estimate is good if it is off by no
more than a tenth (a quarter for what runs on several CPUs) or the spread between the quartiles of the
runs alone, whichever is more; its uncertainty covers the truth if it is no less than the error.  Then
calls that take 0.1, 3, 20 and 1000 us: their corrected times against their own without a tracer.

Called by `make truth`; `truth.py --help` lists the options.  It measures times: run it on a machine that
has nothing else to do.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import namedtuple

import bench
import measure
import plan

# command: the program; follow: traced with -f; band: the share that the estimate may be off by.
Case = namedtuple("Case", "name command follow band env")

SERIAL, PARALLEL = 0.10, 0.25
ALONE = 7


def make_cases(programs, directory):
    """The workloads of plan.py, so long that their own starting does not count."""
    rounds = {"getpid": 100000, "five": 10000, "dd": 50000, "futex": 10000, "compute": 20000}
    cases = []
    for workload in plan.make_workloads(programs, directory, 500):
        if workload.command and (not workload.rounds or workload.name in rounds):
            cases.append(Case(workload.name, workload.command(rounds.get(workload.name, 0)),
                              workload.follow, PARALLEL if workload.follow else SERIAL, workload.env))
    return cases + [Case("redis", None, True, PARALLEL, None)]


def read_overhead(path):
    """The record of what tracing cost."""
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    for record in reversed(records):
        if record["type"] == "overhead":
            return record
    raise measure.Failure("mtrace wrote no record of what it cost")


class Runner:
    """Runs one case alone or traced; ns that it took, or the record."""

    def __init__(self, bench, requests):
        self.bench = bench
        self.requests = requests
        self.redis = measure.Redis(bench)

    def run(self, command, env):
        """Wall time in ns, from launch.c."""
        result = self.bench.path("result")
        status, _, err = self.bench.run([self.bench.programs["launch"], result] + command, env)
        if status == 0:
            with open(result, encoding="ascii") as file:
                wall, _, _, _, status = map(int, file.read().split())
        if status:
            raise measure.Failure((err.strip().splitlines() or [f"status {status}"])[-1])
        return wall

    def alone(self, case):
        """Without a tracer."""
        if case.command:
            return self.run(case.command, case.env)
        return self.redis_load()

    def redis_load(self):
        """How long the server needs for the requests."""
        if not self.redis.server:
            self.redis.start()
        sample = self.redis.sample(plan.Tool("none", "", None, None), None, self.requests)
        return sample.ns * self.requests

    def traced(self, case):
        """The record and the truth's counterpart in it, (untraced_ns, record)."""
        path = self.bench.path("record")
        options = ["-c", "--json", "-o", path]
        program = self.bench.programs["mtrace"]
        if case.command:
            self.run([program] + options + (["-f"] if case.follow else []) + case.command, case.env)
            record = read_overhead(path)
            return record["untraced_ns"], record
        tool = plan.Tool("mtrace-c", "", None,
                         lambda pid: [program] + options + ["-f", "-p", str(pid)])
        sample = self.redis.sample(tool, None, self.requests)
        record = read_overhead(path)
        # Before and after the load the server sleeps: that is no part of what it took.
        rest = max(0, record["traced_ns"] - sample.ns * self.requests)
        return record["untraced_ns"] - rest, record


def judge(case, alone, traced, others):
    """One line of figures, and (estimates in the band, covered, narrow enough, all)."""
    low, truth, high = statistics.quantiles(alone, n=4)
    band = max(case.band * truth, high - low)
    ratios = [estimate / truth for estimate, _ in traced]
    inside = sum(abs(estimate - truth) <= band for estimate, _ in traced)
    covered = sum(abs(estimate - truth) <= record["uncertainty_ns"] for estimate, record in traced)
    narrow = sum(record["uncertainty_ns"] <= record["untraced_ns"] / 4 for _, record in traced)
    doubt = statistics.median(record["uncertainty_ns"] / max(1, record["untraced_ns"])
                              for _, record in traced)
    slower = statistics.median(record["traced_ns"] for _, record in traced) / truth
    print(f"{case.name:8} {truth / 1e6:9.2f} {100 * (high - low) / truth:5.0f}% {slower:7.1f} "
          f"{statistics.median(ratios):6.2f} {min(ratios):6.2f} {max(ratios):6.2f} "
          f"{doubt * 100:5.0f}%  {inside}/{len(traced)}  {covered}/{len(traced)}  "
          f"{narrow}/{len(traced)} {others:5.0f}%", flush=True)
    return inside, covered, narrow, len(traced)


HEAD = ("workload  alone/ms quart. slowdown  est./truth: median, least, most; +-  in band  covered  "
        "+- at most 1/4  others")


# name -> how far off its corrected time may be: ns, share.
CALLS = {"getpid": (500, 0), "read": (0, 0.1), "pread64": (0, 0.05), "poll": (0, 0.02)}
ROUNDS, SHORT_NS, LONG_NS = 2000, 3000, 20000


class Known:
    """The calls of known.c, each as long as it is to be."""

    def __init__(self, bench_of, run):
        self.bench, self.sizes = bench_of, [20000, 100000]
        for _ in range(4):
            taken = run(self.command())
            self.sizes = [max(1, int(size * wanted / taken[name])) for size, wanted, name in
                          zip(self.sizes, (SHORT_NS, LONG_NS), ("read", "pread64"))]

    def command(self):
        """The program."""
        return [self.bench.programs["known"], str(ROUNDS)] + [str(size) for size in self.sizes]


def measure_calls(bench_of, runs):
    """Prints the figures of CALLS; (within, all)."""
    def alone(command):
        status, out, err = bench_of.run(command)
        if status:
            raise measure.Failure(err.strip() or f"status {status}")
        return {name: int(ns) for name, ns in (line.split() for line in out.splitlines())}

    known = Known(bench_of, alone)
    path = bench_of.path("record")
    native, seen = [], []
    for i in range(max(ALONE, runs)):
        native.append(alone(known.command()))
        if i < runs:
            alone([bench_of.programs["mtrace"], "-c", "--json", "-o", path] + known.command())
            with open(path, encoding="utf-8") as file:
                records = [json.loads(line) for line in file]
            seen.append({record["name"]: record["true_ns"] / record["calls"] for record in records
                         if record["type"] == "summary" and record["name"] in CALLS})
    within = 0
    for name, (ns, share) in CALLS.items():
        truth = statistics.median(sample[name] for sample in native)
        off = [sample[name] - truth for sample in seen]
        inside = sum(abs(error) <= max(ns, share * truth) for error in off)
        within += inside
        print(f"{name:8} {truth:9.0f} ns alone; corrected, off by {min(off) / truth * 100:+.1f} % to "
              f"{max(off) / truth * 100:+.1f} %; allowed {max(ns, share * truth):.0f} ns: {inside}/{runs}")
    ordered = sum(sorted(CALLS, key=sample.get) == list(CALLS) for sample in seen)
    print(f"in the right order: {ordered}/{runs}", flush=True)
    return within, runs * len(CALLS)


def main():
    """See the top."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=".", help="where mtrace was built")
    parser.add_argument("--workloads", default="", help="names, by default all; calls: those of known length")
    parser.add_argument("--runs", type=int, default=5, help="traced runs of each (default: 5)")
    parser.add_argument("--records", help="append every record to this file")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    programs = {"mtrace": os.environ.get("MTRACE") or os.path.join(build, "mtrace"),
                "strace": "strace", "perf": "perf"}
    programs.update((name, os.path.join(build, "tests/bench", name))
                    for name in ("bare", "known", "launch", "work"))
    names = options.workloads.split()
    totals, failed = [], 0
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "some-file"), "wb") as file:
            file.write(bytes(4096))
        plan.make_project(os.path.join(directory, "project"), os.environ.get("CC") or "cc")
        where = measure.Bench(programs, directory, 60)
        runner = Runner(where, 3000)
        print(HEAD)
        try:
            for case in make_cases(programs, directory):
                if names and case.name not in names:
                    continue
                try:
                    totals.append(measure_case(runner, case, options))
                except measure.Failure as failure:
                    print(f"{case.name:8} not measured: {failure}", flush=True)
                    failed += 1
            if not names or "calls" in names:
                measure_calls(where, options.runs)
        except measure.Failure as failure:
            print(f"calls not measured: {failure}", flush=True)
            failed += 1
        finally:
            runner.redis.stop()
    print("in all: in the band {}, covered {}, narrow {} of {}".format(
        *(sum(column) for column in zip(*totals)) if totals else (0, 0, 0, 0)))
    sys.exit(1 if failed else 0)


def measure_case(runner, case, options):
    """Alone and traced in turn, after two runs that fill the caches."""
    alone, traced = [], []
    runner.alone(case)
    runner.alone(case)
    before, own = bench.cpu_ticks(), bench.own_seconds()
    for i in range(max(ALONE, options.runs)):
        if i < ALONE:
            alone.append(runner.alone(case))
        if i < options.runs:
            traced.append(runner.traced(case))
    # The server is waited for at the very end, and is no other.
    others = (bench.busy_others(before, bench.cpu_ticks(), bench.own_seconds() - own)
              if case.command else 0)
    if options.records:
        with open(options.records, "a", encoding="utf-8") as file:
            for estimate, record in traced:
                json.dump({"case": case.name, "truth": statistics.median(alone),
                           "estimate": estimate, "time": time.time(), **record}, file)
                file.write("\n")
    return judge(case, alone, traced, others)


if __name__ == "__main__":
    main()
