#!/bin/sh
# SPDX-License-Identifier: MIT
# Every golden case of tests/decode as records, at entry and at exit, against the schema, and what hostile memory
# becomes: one test.
# Needs srcdir and builddir.

set -u
: "${srcdir:?}"
build=${builddir:-.}
command -v python3 >/dev/null 2>&1 || {
	echo "SKIP no python3"
	exit 77
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$build/tests/decode/run_cases" -q -j "$work/records" "$srcdir"/tests/decode/*.case \
	"$srcdir"/tests/json/*.case >"$work/cases" || {
	cat "$work/cases"
	exit 1
}
"$build/tests/decode/hostile" -j "$work/hostile" 1 >/dev/null || exit 1
python3 "$srcdir/tests/json/validate.py" --tagged "$srcdir/src/render/mtrace.schema.json" "$work/records" \
	"$work/hostile" >"$work/result"
status=$?
# Thousands of records would drown the count of tests.
sed 's/^\([0-9]*\) passed, /records: \1 good, /' "$work/result"
exit $status
