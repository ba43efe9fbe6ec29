# SPDX-License-Identifier: MIT
"""
A trace as strace and mtrace write it with -o, taken apart: processes in the order of birth, calls
whose lines were split put together again, lines as tokens.  compare.py uses it.
"""

import re

# A word, a number, a string with its quotes, what -y shows behind a descriptor, white space, a sign.
TOKEN = re.compile(r"""[A-Za-z_][A-Za-z_0-9]*|0x[0-9a-f]+|\d+|"(?:[^"\\]|\\.)*"|(?<=\d)<[^<>]+>|\s+|.""",
                   re.S)
INNER = re.compile(r"[A-Za-z_]+|0x[0-9a-f]+|\d+|\s+|.", re.S)
UNFINISHED = " <unfinished ...>"
RESUMED = re.compile(r"<\.\.\. ([^ ]+) resumed>")
PREFIX = re.compile(r"(\d+) +(.*)", re.S)
PID_WIDTH = 5
NAME = re.compile(r"[a-z_0-9]+(?=\()|--- (?:stopped by )?SIG\w+|\+\+\+ \w+|strace: |mtrace: ")
BIRTH = re.compile(r"(?:clone|clone3|fork|vfork)\(.*\) += (\d+|0x[0-9a-f]+)(?:<[^>]*>)?$", re.S)

# What times look like at the beginning of a line, by option, and those of -T at its end.
OF_DAY = {
    "-t": r"\d\d:\d\d:\d\d",
    "-tt": r"\d\d:\d\d:\d\d\.\d{6}",
    "-ttt": r"\d{10}\.\d{6}",
    "--timestamps=ms": r"\d\d:\d\d:\d\d\.\d{3}",
    "--timestamps=unix,ns": r"\d{10}\.\d{9}",
}
SINCE = {"-r": r"[ \d]{5}\d\.\d{6}", "--relative-timestamps=ns": r"[ \d]{5}\d\.\d{9}"}
DURATION = {"-T": re.compile(r" <\d+\.\d{6}>$"), "--syscall-times=ns": re.compile(r" <\d+\.\d{9}>$")}


def leader_of(options):
    """What each line begins with behind the process id under these options; None if with nothing."""
    of_day, since = ([forms[o] for o in options if o in forms] for forms in (OF_DAY, SINCE))
    if of_day and since:
        return re.compile(rf"{of_day[0]} \(\+{since[0]}\) ")
    return re.compile((of_day + since)[0] + " ") if of_day or since else None


def number(text):
    """The value of a decimal, hexadecimal or octal number."""
    if text.startswith("0x"):
        return int(text, 16)
    if len(text) > 1 and text[0] == "0" and not re.search("[89]", text):
        return int(text, 8)
    return int(text)


class Line:
    """One call, signal or exit of a process; times apart, of which the form is kept."""

    __slots__ = ("text", "name", "split", "times")

    def __init__(self, text, split, times=("", "")):
        found = NAME.match(text)
        self.text = text
        self.name = found.group(0) if found else text
        self.split = split
        self.times = times

    def whole(self):
        """As it was printed, but for the figures of its times."""
        return self.times[0] + self.text + self.times[1]


def tokens(text, base=0):
    """The tokens of a text with their offsets."""
    return [(m.group(0), base + m.start()) for m in TOKEN.finditer(text)]


class Trace:
    """lines: those of each process by its place in the tree of births: 1, 1.1, 1.1.2, ..."""

    def __init__(self, text, tracer_pid, options=""):
        self.pids = {tracer_pid: "tracer"}
        self.lines = {}
        self.malformed = []
        options = options.split()
        self.leader = leader_of(options)
        self.duration = ([DURATION[o] for o in options if o in DURATION] or [None])[0]
        self._join(text)

    def _take_times(self, line):
        """A line without its times, and their forms: digits and blanks before them as #; None if it has none."""
        leader = duration = ""
        if self.leader:
            found = self.leader.match(line)
            if not found:
                return None
            leader = re.sub(r"[\d ]", "#", found.group(0))
            line = line[found.end():]
        if self.duration:
            found = self.duration.search(line)
            if found:
                duration = re.sub(r"\d", "#", re.sub(r"\d+\.", "#.", found.group(0)))
                line = line[:found.start()]
        return line, (leader, duration)

    def _join(self, text):
        open_calls = {}
        children = {}
        early = {}
        for raw in text.splitlines():
            found = PREFIX.match(raw)
            pid, line = (int(found.group(1)), found.group(2)) if found else (0, raw)
            if found and self.leader:
                line = raw[max(PID_WIDTH, found.end(1)) + 1:]  # a time may begin with blanks
            if not self.lines:
                self.pids[pid] = "1"
                self.lines["1"] = []
            taken = self._take_times(line)
            if not taken:
                self.malformed.append(raw)
                continue
            line, times = taken
            split = False
            if line.startswith("<..."):
                found = RESUMED.match(line)
                if not found or pid not in open_calls:
                    self.malformed.append(raw)
                    continue
                line = open_calls.pop(pid) + line[found.end():]
                split = True
            if line.endswith(UNFINISHED):
                open_calls[pid] = line[:-len(UNFINISHED)]
                continue
            item = Line(line, split, times)
            if pid in self.pids and self.pids[pid] != "tracer":
                self._add(self.pids[pid], item, children, early)
            else:
                early.setdefault(pid, []).append(item)
        for pid, line in open_calls.items():
            if pid in self.pids and self.pids[pid] in self.lines:
                self.lines[self.pids[pid]].append(Line(line + UNFINISHED, True))
        # Where the calls that give birth are not traced: in the order of process ids.
        for count, pid in enumerate(sorted(early), 1):
            self.pids[pid] = f"1.x{count}"
            for line in early[pid]:
                self._add(self.pids[pid], line, children, {})

    def _add(self, key, item, children, early):
        """A line of the process `key`; one that tells of a birth names the child."""
        self.lines.setdefault(key, []).append(item)
        found = BIRTH.match(item.text)
        if not found or number(found.group(1)) == 0:
            return
        pid = number(found.group(1))
        children[key] = children.get(key, 0) + 1
        self.pids[pid] = f"{key}.{children[key]}"
        self.lines.setdefault(self.pids[pid], [])
        for line in early.pop(pid, []):
            self._add(self.pids[pid], line, children, early)
