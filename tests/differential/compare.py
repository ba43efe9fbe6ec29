# SPDX-License-Identifier: MIT
"""
Compares what strace printed of a command with what mtrace printed of it, process by process.

What varies from run to run is not written down anywhere but seen: strace traces the command twice,
and a word in which these two traces differ may differ in mtrace's trace too; it must still be of the
same kind.  Where the lines themselves vary (threads, timers), a line of mtrace's must have the form
of one that strace printed in one of its runs.
"""

import re
import subprocess
import tempfile

from rows import apply_rows
from trace import INNER, Line, number, tokens

# Words that are given by the clock, by the file system or by the machine's load; what stands before them.
VARYING = re.compile(
    r"(?:st_[amc]time(?:_nsec)?=|stx_[amcb]time=\{tv_sec=|tv_u?sec=|tv_nsec=|st_ino=|stx_ino=|d_ino=|d_off="
    r"|/\* [-0-9T:.+]*|(?:pipe|socket|mnt|pid|net|user|uts|ipc|cgroup):\[|si_utime=|si_stime="
    r"|tms_[a-z]+=|nlmsg_seq=|nlmsg_pid=-?|uptime=|loads=\[(?:\d+, )*|freeram=|sharedram=|bufferram=|totalswap=|freeswap=|procs=|freehigh="
    r"|f_bfree=|f_bavail=|f_ffree=|stx_mnt_id=|AT_RANDOM[^,]*|ru_\w+=)$")


# Clock ticks, with their comment unless there are none.
TICKS = re.compile(r"(?<=[us]time=)(\d+)( /\* \d+\.\d\d s \*/)?")


def cut_ticks(pieces):
    """Cuts CPU times out of two lines where one of them is zero, and so lacks the comment."""
    index = 0
    while index < len(pieces):
        a, at_a, b, at_b = pieces[index]
        index += 1
        for in_a, in_b in zip(TICKS.finditer(a), TICKS.finditer(b)):
            if "0" in (in_a.group(0), in_b.group(0)):
                pieces[index - 1:index] = [
                    (a[:in_a.start()], at_a, b[:in_b.start()], at_b),
                    (a[in_a.end():], at_a + in_a.end(), b[in_b.end():], at_b + in_b.end())]
                break
    return pieces

# Whether these are called at all, or what they return to, depends on which thread runs when.
SCHEDULED = {"futex", "sched_yield", "--- SIGCHLD", "rt_sigreturn"}
RESULT = re.compile(r"= (?:-?\d+|0x[0-9a-f]+|\? ERESTART\w+ \(.*\)|-1 E[A-Z]+ \([A-Z].*\))")


def elements(text):
    """The forms of what is between the commas in front of braces, brackets and strings."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    return set(re.split(r', (?=[\[{"])', re.sub(r"0x[0-9a-f]+|\d+", "0", text)))


class Side:
    """A trace and the names of its processes, for relating words of two traces."""

    def __init__(self, trace):
        self.trace = trace
        self.keys = trace.pids


def kind(word):
    """What a token is."""
    if word[0] == '"':
        return "string"
    if word[0] == "<" and len(word) > 1:
        return "note"
    if word[0].isdigit():
        return "hex" if word.startswith("0x") else "number"
    return "word" if word[0].isalpha() or word[0] == "_" else "sign"


class Comparison:
    """Of one command under one set of options."""

    def __init__(self, rows, races=False):
        """races: what the command does depends on which of its processes runs when."""
        self.rows = rows
        self.races = races
        self.lines = 0
        self.loose = 0
        self.differences = []
        self.used = []
        self.pool = {}
        self.rest = None  # of the last two lines: the part of them that no row explains

    # -- words -------------------------------------------------------------------------------------

    @staticmethod
    def same_word(a, b, side_a, side_b):
        """Are two tokens the same, process ids taken by their place in the tree?"""
        if a == b:
            return True
        if kind(a) != kind(b):
            return False
        if a[0].isdigit():
            key = side_a.keys.get(number(a))
            return key is not None and key == side_b.keys.get(number(b))
        if kind(a) in ("string", "note"):
            inner_a, inner_b = INNER.findall(a), INNER.findall(b)
            return len(inner_a) == len(inner_b) and all(
                x == y or x[0].isdigit() and y[0].isdigit() and
                (side_a.keys.get(number(x)) or "?") == side_b.keys.get(number(y))
                for x, y in zip(inner_a, inner_b))
        return False

    def unequal(self, text_a, text_b, side_a, side_b):
        """Pairs of tokens with their offsets that differ; None if the lines differ in form."""
        list_a, list_b = tokens(text_a), tokens(text_b)
        if len(list_a) != len(list_b):
            return None
        found = []
        for (a, at_a), (b, at_b) in zip(list_a, list_b):
            if self.same_word(a, b, side_a, side_b):
                continue
            if a.isspace() and b.isspace():
                if text_a[:at_a].rstrip().endswith(")"):
                    continue  # padding, see check_padding
                return None
            if kind(a) != kind(b) or kind(a) in ("sign", "word"):
                return None
            found.append((a, at_a, b, at_b))
        return found

    # -- lines -------------------------------------------------------------------------------------

    @staticmethod
    def check_padding(a, b):
        """The result stands in the same column if what is before it is equally long."""
        at_a, at_b = re.search(r"\) +(?== [^=]*$)", a.text), re.search(r"\) +(?== [^=]*$)", b.text)
        if a.split or b.split or not at_a or not at_b or at_a.start() != at_b.start():
            return True
        return at_a.end() == at_b.end()

    def same_line(self, a, b, sides, noise, any_number=False):
        """Does b say what a says?  noise: offsets of words in each that vary; any_number: all may."""
        side_a, side_b = sides

        def allowed(at_a, at_b):
            return (any_number or at_a in noise[0] or at_b in noise[1]
                    or VARYING.search(a.text[max(0, at_a - 60):at_a]) is not None)

        def related(text, at_a, other, at_b):
            differing = self.unequal(text, other, side_a, side_b)
            return differing is not None and all(
                allowed(at_a + in_a, at_b + in_b) for _, in_a, _, in_b in differing)

        if a.times != b.times or not any_number and not self.check_padding(a, b):
            return False
        if related(a.text, 0, b.text, 0):
            return True
        pieces = cut_ticks([(a.text, 0, b.text, 0)])
        pieces, used = apply_rows(self.rows, a.name, pieces, related)
        for piece in pieces:
            if not related(*piece):
                self.rest = piece[0], piece[2]
                return False
        self.used.extend(used)
        return True

    # -- traces ------------------------------------------------------------------------------------

    def key(self, line, side):
        """A line for the alignment: process ids and what varies by itself are left out."""
        out = []
        for word, at in tokens(line.text):
            if word[0].isdigit():
                name = side.keys.get(number(word))
                if name is not None:
                    word = "pid" + name
                elif VARYING.search(line.text[max(0, at - 40):at]):
                    word = "#"
            elif word.isspace():
                word = " "
            out.append(word)
        return "".join(out).replace("\n", " ")

    def align(self, key, side_a, side_b):
        """
        Pairs of lines of a process, one of them None where there is no counterpart.  Between which of its
        parent's calls a child ends is a matter of time: SIGCHLD is paired apart.
        """
        pairs = []
        for of_children in (False, True):
            pairs += self.align_lists(
                *([x for x in side.trace.lines.get(key, []) if (x.name == "--- SIGCHLD") == of_children]
                  for side in (side_a, side_b)), side_a, side_b)
        return pairs

    def align_lists(self, list_a, list_b, side_a, side_b):
        """Pairs of lines of two lists, in order."""
        pairs = []
        at_a = at_b = 0
        keys_a = [self.key(x, side_a) for x in list_a]
        keys_b = [self.key(x, side_b) for x in list_b]
        for from_a, to_a, from_b, to_b in hunks(keys_a, keys_b) + [
                (len(list_a), len(list_a), len(list_b), len(list_b))]:
            pairs += zip(list_a[at_a:from_a], list_b[at_b:from_b])
            pairs += pair_by_name(list_a[from_a:to_a], list_b[from_b:to_b])
            at_a, at_b = to_a, to_b
        return pairs

    def find_noise(self, key, first, others):
        """Offsets that vary per line of strace's first trace, and whether the lines themselves do."""
        noise = {}
        unstable = False
        for other in others:
            for a, b in self.align(key, first, other):
                if a is None or b is None:
                    unstable = True
                    continue
                differing = self.unequal(a.text, b.text, first, other)
                if differing is None:
                    unstable = True
                else:
                    noise.setdefault(id(a), set()).update(x[1] for x in differing)
        if key == "1" and first.trace.lines.get("1"):
            # The first execve is the tracer's own: what it points to lies in the tracer's memory.
            line = first.trace.lines["1"][0]
            noise.setdefault(id(line), set()).update(
                at for word, at in tokens(line.text) if kind(word) == "hex")
        return noise, unstable

    def compare(self, traces, mine):
        """strace's traces of some runs and mtrace's; the first of each are compared."""
        sides = [Side(t) for t in traces]
        others = [Side(t) for t in mine[1:]]
        mine = Side(mine[0])
        first = sides[0]
        for where, side in (("strace", first), ("mtrace", mine)):
            for line in side.trace.malformed:
                self.differences.append((where + ": malformed", line, "", None))
        for side in sides:
            for lines in side.trace.lines.values():
                for line in lines:
                    self.pool.setdefault(line.name, []).append((line, side))
        for key in sorted(set(first.trace.lines) | set(mine.trace.lines)):
            noise, unstable = self.find_noise(key, first, sides[1:])
            mine_noise, mine_unstable = self.find_noise(key, mine, others)
            unstable = self.races or unstable or mine_unstable
            for a, b in self.align(key, first, mine):
                self.lines += 1
                self.rest = None
                if a and b and self.same_line(a, b, (first, mine),
                                              (noise.get(id(a), ()), mine_noise.get(id(b), ()))):
                    continue
                rest, self.rest = self.rest, None
                varies = unstable or (a or b).name in SCHEDULED
                if varies and (b is None or self.like_any(b, mine)):
                    self.loose += 1
                    continue
                self.differences.append((key, a.whole() if a else None, b.whole() if b else None, rest))

    def like_any(self, line, mine):
        """Has strace printed a line of this form, in any process of any run?"""
        seen = set()
        for candidate, side in self.pool.get(line.name, []):
            if candidate.times != line.times or candidate.text in seen:
                continue
            seen.add(candidate.text)
            if self.same_line(candidate, line, (side, mine), None, any_number=True):
                return True
        if line.name in SCHEDULED and self.like_any_arguments(line, mine):
            return True
        # A list whose length varies: each of its elements has been seen.
        known = set().union(*(elements(text) for text in seen)) if seen else set()
        return elements(line.text) <= known

    def like_any_arguments(self, line, mine):
        """The same but for the result: whether a wait succeeds is a matter of time."""
        arguments, found, result = line.text.rpartition(") ")
        if not found or not RESULT.fullmatch(result.strip()):
            return False
        short = Line(arguments, True)
        return any(self.same_line(Line(candidate.text.rpartition(") ")[0], True), short, (side, mine), None,
                                  any_number=True)
                   for candidate, side in self.pool.get(line.name, []))


def hunks(old, new):
    """Where two lists differ: (from, to) in each, by diff(1)."""
    if old == new:
        return []
    with tempfile.NamedTemporaryFile("w", errors="replace") as a, \
            tempfile.NamedTemporaryFile("w", errors="replace") as b:
        a.write("\n".join(old) + "\n")
        b.write("\n".join(new) + "\n")
        a.flush()
        b.flush()
        output = subprocess.run(["diff", "-a", "-U0", a.name, b.name], stdout=subprocess.PIPE,
                                check=False).stdout.decode(errors="replace")
    found = []
    for line in output.splitlines():
        match = re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line)
        if not match:
            continue
        start_a, count_a, start_b, count_b = (int(x) if x is not None else 1 for x in match.groups())
        start_a -= count_a > 0
        start_b -= count_b > 0
        found.append((start_a, start_a + count_a, start_b, start_b + count_b))
    return found


def pair_by_name(list_a, list_b):
    """Within a hunk: lines of the same call, in order."""
    pairs = []
    at_a = at_b = 0
    names = hunks([x.name for x in list_a], [x.name for x in list_b]) if list_a and list_b else []
    if not (list_a and list_b):
        return [(x, None) for x in list_a] + [(None, x) for x in list_b]
    for from_a, to_a, from_b, to_b in names + [(len(list_a), len(list_a), len(list_b), len(list_b))]:
        pairs += zip(list_a[at_a:from_a], list_b[at_b:from_b])
        pairs += [(x, None) for x in list_a[from_a:to_a]] + [(None, x) for x in list_b[from_b:to_b]]
        at_a, at_b = to_a, to_b
    return pairs
