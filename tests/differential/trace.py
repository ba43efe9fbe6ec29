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
NAME = re.compile(r"[a-z_0-9]+(?=\()|--- (?:stopped by )?SIG\w+|\+\+\+ \w+|strace: |mtrace: ")
BIRTH = re.compile(r"(?:clone|clone3|fork|vfork)\(.*\) += (\d+|0x[0-9a-f]+)(?:<[^>]*>)?$", re.S)


def number(text):
    """The value of a decimal, hexadecimal or octal number."""
    if text.startswith("0x"):
        return int(text, 16)
    if len(text) > 1 and text[0] == "0" and not re.search("[89]", text):
        return int(text, 8)
    return int(text)


class Line:
    """One call, signal or exit of a process."""

    __slots__ = ("text", "name", "split")

    def __init__(self, text, split):
        found = NAME.match(text)
        self.text = text
        self.name = found.group(0) if found else text
        self.split = split


def tokens(text, base=0):
    """The tokens of a text with their offsets."""
    return [(m.group(0), base + m.start()) for m in TOKEN.finditer(text)]


class Trace:
    """lines: those of each process by its place in the tree of births: 1, 1.1, 1.1.2, ..."""

    def __init__(self, text, tracer_pid):
        self.pids = {tracer_pid: "tracer"}
        self.lines = {}
        self.malformed = []
        self._join(text)

    def _join(self, text):
        open_calls = {}
        children = {}
        early = {}
        for raw in text.splitlines():
            found = PREFIX.match(raw)
            pid, line = (int(found.group(1)), found.group(2)) if found else (0, raw)
            if not self.lines:
                self.pids[pid] = "1"
                self.lines["1"] = []
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
            item = Line(line, split)
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
