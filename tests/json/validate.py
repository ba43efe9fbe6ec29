#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks records of mtrace --json, one per line of the files: that each parses, has no key twice, holds no
control character and no number that is not an integer, and is what the schema says.

usage: validate.py [--tagged] SCHEMA FILE...

--tagged: each line begins with the name of a test case and a tab, and is no part of a trace.  Otherwise the
first record of a file must be a header, the numbers of calls must be unique, and records of calls that are
entered must agree with those of their end.
"""
import json
import sys

try:
    import jsonschema
except ImportError:
    print("SKIP no python3-jsonschema")
    sys.exit(77)

class Bad(Exception):
    pass


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Bad("a key twice: %s" % keys)
    return dict(pairs)


def not_integer(text):
    raise Bad("not an integer: %s" % text)


class Run:
    """What must hold between the records of one trace."""

    def __init__(self):
        self.first = True
        self.entered = {}
        self.ended = set()

    def check(self, record):
        if (record["type"] == "header") != self.first:
            raise Bad("a header must be the first record, and only that")
        self.first = False
        if record["type"] == "enter":
            if record["id"] in self.entered or record["id"] in self.ended:
                raise Bad("an id twice")
            self.entered[record["id"]] = record
        elif record["type"] == "call":
            self.check_call(record)

    def check_call(self, record):
        if record["id"] in self.ended:
            raise Bad("an id twice")
        self.ended.add(record["id"])
        entered = self.entered.pop(record["id"], None)
        if entered is None:
            return
        for key in ("name", "nr", "abi", "start_ns"):
            if record[key] != entered[key]:
                raise Bad("%s is not what it was at entry" % key)
        for key, value in entered["args"].items():
            if key not in record["args"]:
                raise Bad("argument %s is gone" % key)


def parse(line):
    for character in line:
        if character < " " or "\x7f" <= character < "\xa0" or character in "\u2028\u2029":
            raise Bad("control character %r" % character)
    record = json.loads(line, object_pairs_hook=unique, parse_float=not_integer, parse_constant=not_integer)
    if not isinstance(record, dict):
        raise Bad("not an object")
    return record


class Validator:
    """The whole schema for the first of each type; then what is quicker and the same: the definition of the type,
    and arguments that were found good at entry, or in another line, count as good."""

    def __init__(self, schema):
        self.schema = schema
        self.whole = jsonschema.Draft7Validator(schema)
        self.by_type = {}
        self.seen = {}
        self.good = set()

    def check(self, record):
        kind = record.get("type")
        seen = self.seen[kind] = self.seen.get(kind, 0) + 1
        if seen <= 50 or not isinstance(kind, str):
            self.report(self.whole, record)
            return
        if kind not in self.by_type:
            definition = {"$ref": "#/definitions/" + kind, "definitions": self.schema["definitions"]}
            self.by_type[kind] = jsonschema.Draft7Validator(definition)
        args = json.dumps(record.get("args"))
        if "args" in record and args in self.good:
            record = dict(record, args={})
        self.report(self.by_type[kind], record)
        self.good.add(args)

    @staticmethod
    def report(validator, record):
        for error in validator.iter_errors(record):
            raise Bad("%s at %s" % (error.message[:300], list(error.absolute_path)))


def check_file(name, tagged, validator):
    run = Run()
    bad = count = 0
    with open(name, encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            where = "%s:%d" % (name, number)
            try:
                if not line.endswith("\n"):
                    raise Bad("no newline at the end")
                line = line[:-1]
                if tagged:
                    where, line = line.split("\t", 1)
                record = parse(line)
                validator.check(record)
                if not tagged:
                    run.check(record)
                count += 1
            except (Bad, ValueError) as error:
                bad += 1
                if bad <= 20:
                    print("FAIL %s: %s: %s" % (where, error, line[:1000]))
    if not tagged and run.first:
        print("FAIL %s: no record" % name)
        bad += 1
    return count, bad


def main():
    words = sys.argv[1:]
    tagged = "--tagged" in words
    schema, *names = [word for word in words if word != "--tagged"]
    with open(schema, encoding="utf-8") as text:
        schema = json.load(text)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = Validator(schema)
    passed = failed = 0
    for name in names:
        count, bad = check_file(name, tagged, validator)
        passed += count
        failed += bad
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
