#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Does the comparison notice what it should, and only that?  Pairs of small traces, and the number of differences
between them.  Ends with "N passed, N failed".
"""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

# pylint: disable=wrong-import-position
from compare import Comparison
from rows import read_rows
from trace import Trace

TABLE = r"""
row hexadecimal
  calls epoll_ctl
  old data=\{u32=\d+, u64=(?P<number>\d+)\}
  new data=(?P<number>0x[0-9a-f]+)
  why a test
  shown epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN, data=0x5}) = 0

row named
  calls read
  constant 0x3e X_??? X_NAME
  why a test
  basis a test
"""

BASE = """\
10 execve("/bin/sh", ["sh"], 0x7ffc00001000 /* 3 vars */) = 0
10 openat(AT_FDCWD, "/proc/10/stat", O_RDONLY) = 3
10 read(3, "10 (sh) S 9 10 9"..., 64)      = 16
10 fork()                                  = 11
11 write(1, "child\\n", 6)                  = 6
10 wait4(-1,  <unfinished ...>
11 +++ exited with 0 +++
10 --- SIGCHLD {si_signo=SIGCHLD} ---
10 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
10 +++ exited with 0 +++
"""

# What the test is about, strace's second run, mtrace's run (as changes of BASE), differences to be found.
CASES = [
    ("the same", [], [], 0),
    ("other process ids", [], [("11", "57"), ("10", "56"), ("56 execve", "56 execve")], 0),
    ("another pointer of the first execve", [], [("0x7ffc00001000", "0x7ffc00002000")], 0),
    ("a split elsewhere", [], [
        ("10 wait4(-1,  <unfinished ...>\n", ""),
        ("<... wait4 resumed>[{WIF", "wait4(-1, [{WIF")], 0),
    ("another order of processes", [], [
        ('11 write(1, "child\\n", 6)                  = 6\n', ""),
        ("11 +++", '11 write(1, "child\\n", 6)                  = 6\n11 +++')], 0),
    ("a child that ends later", [], [
        ("10 --- SIGCHLD {si_signo=SIGCHLD} ---\n", ""),
        ("10 +++", "10 --- SIGCHLD {si_signo=SIGCHLD} ---\n10 +++")], 0),
    ("another flag", [], [("O_RDONLY", "O_RDWR")], 1),
    ("another number", [], [(", 64)", ", 65)")], 1),
    ("a number in hexadecimal", [], [("64)      = 16", "64)      = 0x10")], 1),
    ("another string", [], [("child", "chill")], 1),
    ("the pid of another process", [], [("/proc/10/", "/proc/11/")], 1),
    ("another column", [], [("fork()  ", "fork() ")], 1),
    ("a line that is missing", [], [("10 fork()                                  = 11\n"
                                     "11 write(1, \"child\\n\", 6)                  = 6\n", "")], 4),
    ("a line too many", [], [("10 fork()", "10 getpid()                                = 10\n10 fork()")], 1),
    ("another exit status", [], [("11 +++ exited with 0", "11 +++ exited with 1")], 1),
    ("a word that varies", [(", 64)", ", 63)")], [(", 64)", ", 65)")], 0),
    ("a varying number that turned into a string", [(", 64)", ", 63)")], [(", 64)", ', "65")')], 1),
    ("a word beside one that varies", [(", 64)", ", 63)")], [("= 16", "= 17")], 1),
    ("a line that comes and goes", [("10 fork()", "10 getpid()                                = 10\n10 fork()")],
     [("10 fork()", "10 getpid()                                = 10\n10 fork()")], 0),
    ("a line of another form where lines come and go",
     [("10 fork()", "10 getpid()                                = 10\n10 fork()")],
     [("10 fork()", "10 getpid(NULL)                            = 10\n10 fork()")], 1),
]

# Of one line: strace's, mtrace's, differences to be found.
ROWS = [
    ("epoll_ctl(5, 1, 4, {data={u32=5, u64=5}}) = 0", "epoll_ctl(5, 1, 4, {data=0x5}) = 0", 0),
    ("epoll_ctl(5, 1, 4, {data={u32=5, u64=5}}) = 0", "epoll_ctl(5, 1, 4, {data=0x6}) = 0", 1),
    ("epoll_ctl(5, 1, 4, {data={u32=5, u64=5}}) = 0", "epoll_ctl(5, 2, 4, {data=0x5}) = 0", 1),
    ("epoll_wait(5, 1, 4, {data={u32=5, u64=5}}) = 0", "epoll_wait(5, 1, 4, {data=0x5}) = 0", 1),
    ("read(3, 0x3e /* X_??? */) = 0", "read(3, X_NAME) = 0", 0),
    ("read(3, 0x3e /* X_??? */) = 0", "read(3, 0x3e /* X_NAME */) = 0", 0),
    ("read(3, 0x3f /* X_??? */) = 0", "read(3, X_NAME) = 0", 1),
    ("read(3, 0x3e /* X_??? */) = 0", "read(3, X_OTHER) = 0", 1),
    ("times({tms_utime=0}) = 1", "times({tms_utime=3 /* 0.03 s */}) = 1", 0),
    ("times({tms_utime=2 /* 0.02 s */}) = 1", "times({tms_utime=3}) = 1", 1),
]

# Of one line under these options: strace's, mtrace's, differences to be found.
TIMES = [
    ("-t", "14:43:12 getpid() = 5", "09:00:00 getpid() = 5", 0),
    ("-t", "14:43:12 getpid() = 5", "14:43:12.000001 getpid() = 5", 2),
    ("-t", "14:43:12 getpid() = 5", "14:43:12  getpid() = 5", 2),
    ("-t", "14:43:12 getpid()         = 5", "14:43:12 getpid()        = 5", 1),
    ("-tt", "14:43:12.465332 getpid() = 5", "14:43:12.465331 getpid() = 5", 0),
    ("-ttt", "1795185792.487130 getpid() = 5", "1795185799.000000 getpid() = 5", 0),
    ("-r", "     0.000416 getpid() = 5", "    12.000000 getpid() = 5", 0),
    ("-r", "     0.000416 getpid() = 5", "0.000416 getpid() = 5", 2),
    ("-r -tt", "14:43:12.465332 (+     0.000001) getpid() = 5", "14:43:12.465332 (+     9.000001) getpid() = 5", 0),
    ("-r -tt", "14:43:12.465332 (+     0.000001) getpid() = 5", "14:43:12.465332      0.000001 getpid() = 5", 2),
    ("-T", "getpid() = 5 <0.000001>", "getpid() = 5 <10.000002>", 0),
    ("-T", "getpid() = 5 <0.000001>", "getpid() = 5", 1),
    ("-T", "getpid() = 5 <0.000001>", "getpid() = 5 <0.00001>", 1),
    ("-T", "getpid() = 5 <0.000001>", "getpid() = 6 <0.000001>", 1),
    ("--timestamps=unix,ns --syscall-times=ns", "1795185792.487130001 getpid() = 5 <0.000000001>",
     "1795185792.487130002 getpid() = 5 <0.000000002>", 0),
]


def changed(changes):
    """BASE with texts replaced."""
    text = BASE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def count(rows, strace, again, mtrace, options=""):
    """Differences between strace's trace and mtrace's."""
    result = Comparison(rows)
    result.compare([Trace(x, 9, options) for x in (strace, again)], [Trace(mtrace, 9, options)])
    return len(result.differences)


def main():
    """Status 0 if all is as expected."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as table:
        table.write(TABLE)
        table.flush()
        rows = read_rows(table.name)
    read_rows(pathlib.Path(__file__).resolve().parent / "accepted.txt")
    found = [(name, wanted, count(rows, BASE, changed(again), changed(mtrace)))
             for name, again, mtrace, wanted in CASES]
    found += [(new, wanted, count(rows, f"1 start() = 0\n1 {old}\n", f"1 start() = 0\n1 {old}\n",
                                  f"1 start() = 0\n1 {new}\n")) for old, new, wanted in ROWS]
    for options, old, new, wanted in TIMES:
        # A line before it, which has its own times, as any trace has one.
        first = old.replace("getpid() ", "start() ")
        found.append((f"{options}: {new}", wanted, count(rows, *(f"1     {first}\n1     {x}\n" for x in (old, old, new)),
                                                         options)))
    failed = 0
    for name, wanted, got in found:
        if wanted != got:
            failed += 1
            print(f"FAIL {name}: {got} differences, not {wanted}")
    print(f"{len(found) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
