# SPDX-License-Identifier: MIT
"""
The table of accepted differences between the two versions of the format, tests/differential/accepted.txt:
reads it, checks that each row is what it says, and applies rows to a pair of lines.
"""

import re

FIELDS = ("calls", "old", "new", "constant", "why", "shown", "basis")
NEEDED = ("calls", "why")


class Row:
    """One accepted difference: where `old` stands in strace 6.1's line, `new` stands in ours."""

    def __init__(self, name, fields, place):
        missing = [f for f in NEEDED if f not in fields]
        if not fields.get("shown") and not fields.get("basis"):
            missing.append("evidence")
        if missing:
            raise ValueError(f"{place}: {name}: lacks {', '.join(missing)}")
        self.name = name
        self.calls = set(fields["calls"][0].split())
        self.pairs = [tuple(re.compile(x) for x in pair)
                      for pair in zip(fields.get("old", ()), fields.get("new", ()))]
        for constant in fields.get("constant", ()):
            self.pairs += constant_pairs(*constant.split())
        self.used = 0
        if not self.pairs:
            raise ValueError(f"{place}: {name}: lacks old and new")
        for line in fields.get("shown", ()):
            if not any(new.search(line) for _, new in self.pairs):
                raise ValueError(f"{place}: {name}: `new` does not match what is shown: {line}")
            if "*" not in self.calls and not any(line.startswith(c) for c in self.calls):
                raise ValueError(f"{place}: {name}: `shown` is another call")


def constant_pairs(number, unknown, name):
    """What a constant without a name looks like, and with it: by default and with -X verbose."""
    old = re.compile(rf"(?<![\w]){number} /\* {re.escape(unknown)} \*/")
    return [(old, re.compile(rf"(?<!/\* )\b{name}\b")), (old, re.compile(rf"(?<![\w]){number} /\* {name} \*/"))]


def read_rows(path):
    """The rows of the file: `row NAME`, then indented `field value` lines."""
    rows = []
    name, fields, place = None, {}, None
    with open(path, encoding="ascii") as file:
        for count, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            word, _, rest = line.strip().partition(" ")
            if word == "row" and not line[0].isspace():
                if name:
                    rows.append(Row(name, fields, place))
                name, fields, place = rest, {}, f"{path}:{count}"
            elif name and word in FIELDS:
                fields.setdefault(word, []).append(rest.strip())
            else:
                raise ValueError(f"{path}:{count}: neither a row nor a field: {line}")
    if name:
        rows.append(Row(name, fields, place))
    return rows


def same_number(old, new):
    """One number, whatever its base; bytes are those of a little-endian one."""
    return value_of(old) == value_of(new)


def value_of(text):
    """12, 0xc and "\\x0c\\x00"."""
    if text.startswith('"'):
        return int.from_bytes(bytes.fromhex(text.strip('"').replace("\\x", "")), "little")
    return int(text, 0)


def apply_rows(rows, name, pieces, related):
    """
    What is left of two lines once accepted differences are cut out, as pieces (text and offset in
    the one, text and offset in the other), and the rows that were used.  `related` tells whether two
    groups of the same name say the same.
    """
    used = []
    for row in rows:
        if "*" not in row.calls and name not in row.calls:
            continue
        for old, new in row.pairs:
            if cut_pieces(old, new, pieces, related):
                used.append(row)
    return pieces, used


def cut_pieces(old, new, pieces, related):
    """Cuts out every place where `old` stands in one text and `new` in the other; how many."""
    cuts = index = 0
    while index < len(pieces):
        a, at_a, b, at_b = pieces[index]
        index += 1
        in_a, in_b = old.search(a), new.search(b)
        if not in_a or not in_b or in_a.group(0) == in_b.group(0):
            continue
        groups = [g for g, text in in_a.groupdict().items() if text is not None]
        if not all(same_number(in_a.group(g), in_b.group(g)) if g.startswith("number") else
                   related(in_a.group(g), at_a + in_a.start(g), in_b.group(g), at_b + in_b.start(g))
                   for g in groups):
            continue
        pieces[index - 1:index] = [
            (a[:in_a.start()], at_a, b[:in_b.start()], at_b),
            (a[in_a.end():], at_a + in_a.end(), b[in_b.end():], at_b + in_b.end())]
        cuts += 1
    return cuts
