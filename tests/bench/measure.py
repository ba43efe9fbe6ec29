# SPDX-License-Identifier: MIT
"""Runs tools over workloads and collects what they cost.  Used by bench.py; prints nothing."""

import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections import namedtuple

# ns: per call of a loop, else of the whole; seconds: how long that was measured; peak: KiB; cpu: as ns,
# but CPU time, of the tool and the program together.  See launch.c.
Sample = namedtuple("Sample", "ns seconds peak cpu")


class Failure(Exception):
    """A run that gave no figure; the text says why."""


class Bench:
    """Where programs are and where files may be written; one for a run of bench.py."""

    def __init__(self, programs, directory, limit):
        self.programs = programs
        self.directory = directory
        self.limit = limit  # seconds that one run may take
        self.chance = random.Random(1)

    def path(self, name):
        """A file of this run."""
        return os.path.join(self.directory, name)

    def run(self, command, env=None, limit=None):
        """Runs a command to its end; (status, standard output, standard error).  What hangs is ended
        with everything that it started, and is a Failure."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                           env=env, start_new_session=True)
            except OSError as error:
                raise Failure(str(error)) from error
            try:
                status = process.wait(limit or self.limit)
            except BaseException as error:
                # Too long, or ^C: nothing that was started is left.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                raise Failure(f"it took more than {limit or self.limit} s") from None
            out.seek(0)
            err.seek(0)
            return (status, out.read().decode(errors="replace"), err.read().decode(errors="replace"))

    def probe(self, command):
        """(status, last line of its messages): does a tool work at all?"""
        try:
            status, _, message = self.run(command, limit=20)
        except Failure as failure:
            return 1, str(failure)
        return status, (message.strip().splitlines() or [""])[-1]

    def sample(self, tool, workload, rounds):
        """One run of a workload under a tool."""
        result = self.path("result")
        command = tool.prefix(workload.follow) + workload.command(rounds)
        status, out, err = self.run([self.programs["launch"], result] + command, workload.env)
        if status == 0:
            with open(result, encoding="ascii") as file:
                wall, user, system, peak, status = map(int, file.read().split())
        if status:
            message = (err.strip().splitlines() or [""])[-1]
            raise Failure(message or f"it ended with status {status}")
        if not workload.own_clock:
            return Sample(wall / (rounds or 1), wall / 1e9, peak, (user + system) / (rounds or 1))
        match = re.fullmatch(r"(\d+) (\d+)\n", out)
        if not match or int(match[1]) == 0:
            raise Failure("the workload did not say how long it took")
        calls, ns = int(match[1]), int(match[2])
        units = calls if workload.rounds else 1
        return Sample(ns / units, ns / 1e9, peak, (user + system) / units)

    @staticmethod
    def warm_up(sample, tool, workload, seconds):
        """Runs the workload until its files are in the caches, and finds how many rounds take about
        the wanted time, but never less than it began with; 0 for a workload of fixed size."""
        rounds = workload.rounds
        for _ in range(8):
            taken = sample(tool, workload, rounds).seconds
            if not rounds or taken > seconds / 2:
                break
            rounds = int(rounds * min(50, seconds / taken)) + 1
        return max(workload.rounds, int(rounds * min(1, seconds / taken)) + 1) if rounds else 0

    def measure(self, workloads, tools, plan):
        """Tools over workloads, interleaved: each round runs every pair once, in an order of its own,
        so that what changes on the machine meanwhile meets all of them.  tools: workload name -> its
        tools.  Returns (workload name, tool name) -> samples, round by round, and the same -> why
        there are none."""
        samples, failures, rounds = {}, {}, {}
        pairs = [(workload, tool) for workload in workloads for tool in tools[workload.name]]
        redis = Redis(self)
        begin = time.monotonic()
        try:
            for workload, tool in pairs:
                sample = self.sample if workload.command else redis.sample
                key = workload.name, tool.name
                rounds[key] = 0
                # What has a fixed size needs no second run to fill the caches.
                if not workload.rounds and tool.name != "none":
                    continue
                try:
                    rounds[key] = self.warm_up(sample, tool, workload, plan.sample)
                except Failure as failure:
                    failures[key] = str(failure)
            for done in range(plan.most):
                taken = time.monotonic() - begin
                # On a machine that is busy three rounds must do.
                if taken > plan.seconds and done >= (plan.least if taken < 2 * plan.seconds
                                                     else min(plan.least, 3)):
                    break
                # Ratios are of neighbours, so what failed once is out.
                pairs = [pair for pair in pairs if (pair[0].name, pair[1].name) not in failures]
                for workload, tool in self.chance.sample(pairs, len(pairs)):
                    sample = self.sample if workload.command else redis.sample
                    key = workload.name, tool.name
                    try:
                        samples.setdefault(key, []).append(sample(tool, workload, rounds[key]))
                    except Failure as failure:
                        failures[key] = str(failure)
        finally:
            redis.stop()
        return {key: taken for key, taken in samples.items() if key not in failures}, failures

    # ---- exact counts: the difference of two runs, so that start and end cancel out -----------------

    def count_instructions(self, tool, workload, less, more):
        """The tracer's own instructions per call, in user space: callgrind counts the tracer, the
        program that it launches runs outside it."""
        def total(rounds):
            name = self.path("callgrind.%p")
            prefix = tool.prefix(False)
            if prefix[0] == "taskset":
                prefix = prefix[3:]
            command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={name}"] + prefix
            counts = []
            try:
                status, out, err = self.run(command + workload.command(rounds), workload.env)
                for entry in os.listdir(self.directory):
                    if entry.startswith("callgrind."):
                        counts += read_totals(self.path(entry))
            finally:
                for entry in os.listdir(self.directory):
                    if entry.startswith("callgrind."):
                        os.unlink(self.path(entry))
            if status or not counts:
                raise Failure((err.strip().splitlines() or ["callgrind wrote nothing"])[-1])
            # A watcher or the like that the tracer started would count too: its share is the smaller.
            return max(counts), int(out.split()[0])
        few, few_calls = total(less)
        many, many_calls = total(more)
        return (many - few) / (many_calls - few_calls)

    def memory_growth(self, tool, workload, few, many):
        """The peak memory of a long run in units of that of a short one."""
        return (self.sample(tool, workload, many).peak / self.sample(tool, workload, few).peak)

    def count_calls(self, tool, workload, less, more):
        """The tracer's own system calls per call: strace -c over the tracer alone, without -f."""
        def total(rounds):
            name = self.path("strace-c")
            prefix = tool.prefix(False)
            if prefix[0] == "taskset":
                prefix = prefix[3:]
            # What mtrace measures before and after a run takes as many calls as there is time for.
            if tool.name == "mtrace-c":
                prefix = prefix + ["--overhead=no"]
            status, out, err = self.run(["strace", "-c", "-o", name] + prefix
                                        + workload.command(rounds), workload.env)
            if status:
                raise Failure((err.strip().splitlines() or [f"it ended with status {status}"])[-1])
            with open(name, encoding="ascii") as file:
                return read_call_counts(file.read()), int(out.split()[0])
        few, few_calls = total(less)
        many, many_calls = total(more)
        counts = {name: (many[name] - few.get(name, 0)) / (many_calls - few_calls) for name in many}
        return {name: count for name, count in counts.items() if count >= 0.005}


def read_totals(path):
    """The sums of instructions in a file of callgrind's."""
    with open(path, encoding="ascii", errors="replace") as file:
        return [int(line.split()[1]) for line in file if line.startswith("totals:")]


def read_call_counts(text):
    """The table of strace -c: name -> calls."""
    lines = text.splitlines()
    heads = lines[0].split()
    column = heads.index("calls") - 1  # "% time" is two words
    return {words[-1]: int(words[column]) for words in (line.split() for line in lines[2:])
            if len(words) >= 5 and words[-1] != "total" and words[0][0] != "-"}


class Redis:
    """redis-server on the loopback device with redis-benchmark as its client.  The server is started
    when the first sample is asked for."""

    def __init__(self, bench):
        self.bench = bench
        self.server = None
        self.port = 0

    def start(self):
        """Starts the server and waits until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                   "--appendonly", "no", "--dir", self.bench.directory]
        try:
            self.server = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                           start_new_session=True)
        except OSError as error:
            raise Failure("redis-server is not installed") from error
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise Failure("redis-server does not answer")

    def stop(self):
        """Ends the server, if there is one."""
        if self.server:
            self.server.terminate()
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
            self.server = None

    def traced(self):
        """Is every thread of the server traced?"""
        pid = self.server.pid
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
                if re.search(r"^TracerPid:\s+0$", file.read(), re.M):
                    return False
        return True

    def attach(self, tool):
        """Attaches a tool, if it is one; returns its process."""
        if tool.name == "none":
            return None
        tracer = subprocess.Popen(tool.attach(self.server.pid), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  start_new_session=True)
        # perf attaches nothing that could be seen: it gets a second to open its events.
        deadline = time.monotonic() + (1 if tool.name == "perf" else 5)
        while time.monotonic() < deadline and tracer.poll() is None:
            if tool.name != "perf" and self.traced():
                return tracer
            time.sleep(0.01)
        if tool.name == "perf" and tracer.poll() is None:
            return tracer
        self.detach(tracer)
        raise Failure("it did not attach")

    @staticmethod
    def detach(tracer):
        """Ends a tool as ^C does."""
        if tracer is None:
            return
        tracer.send_signal(signal.SIGINT)
        try:
            tracer.wait(10)
        except subprocess.TimeoutExpired:
            tracer.kill()
            tracer.wait()
            raise Failure("it did not end on SIGINT") from None

    def sample(self, tool, _workload, rounds):
        """The time that a request takes while the tool is attached."""
        if not self.server:
            self.start()
        tracer = self.attach(tool)
        try:
            status, out, err = self.bench.run(["redis-benchmark", "-p", str(self.port), "-c", "20",
                                               "-n", str(rounds), "-t", "get", "--csv"])
        finally:
            self.detach(tracer)
        match = re.search(r'^"GET","([0-9.]+)"', out, re.M)
        if status or not match or float(match[1]) == 0:
            raise Failure((err.strip().splitlines() or ["redis-benchmark gave no figure"])[-1])
        return Sample(1e9 / float(match[1]), rounds / float(match[1]), 0, 0)
