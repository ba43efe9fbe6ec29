#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Are the very bytes that a traced program wrote in the records, up to the limit?

usage: recover.py RECORDS WRITTEN LIMIT

RECORDS is of tests/json/writer.c, WRITTEN what it wrote, LIMIT that of -s.
"""
import base64
import json
import sys


def bytes_of(value):
    """As mtrace-json(5) says."""
    if isinstance(value, str):
        return value.encode()
    if "base64" in value:
        return base64.b64decode(value["base64"], validate=True)
    return value["string"].encode()


def text_is_right(value):
    """Beside the bytes stands a string: the same, with U+FFFD for what is not UTF-8."""
    if isinstance(value, str):
        return True
    data = bytes_of(value)
    try:
        return value["string"] == data.decode()
    except UnicodeDecodeError:
        return value["string"].replace("\ufffd", "") == data.decode(errors="ignore").replace("\ufffd", "")


def main():
    records, written, limit = sys.argv[1:]
    limit = int(limit)
    with open(written, "rb") as file:
        written = file.read()
    at = failed = passed = 0
    opened = None
    with open(records, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["type"] != "call":
                continue
            if record["name"] in ("open", "openat"):
                opened = record["args"]["pathname"]
            if record["name"] != "write" or record["args"]["fd"] != 1:
                continue
            buf, count = record["args"]["buf"], record["args"]["count"]
            wanted = written[at:at + min(count, limit)]
            cut = isinstance(buf, dict) and buf.get("truncated", False)
            at += count
            if bytes_of(buf) == wanted and text_is_right(buf) and cut == (count > limit) and (
                    not cut or buf["length"] == count):
                passed += 1
            else:
                failed += 1
                print("FAIL -s %d: %s" % (limit, line[:400]))
    if at != len(written) or passed < 17:
        failed += 1
        print("FAIL -s %d: %d bytes of %d in %d records" % (limit, at, len(written), passed))
    if bytes_of(opened) != b'name \xff\n"':
        failed += 1
        print("FAIL a name of a file: %s" % opened)
    return 1 if failed else 0


sys.exit(main())
