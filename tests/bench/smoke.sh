#!/bin/sh
# SPDX-License-Identifier: MIT
# Does the runner of `make bench` work?  Its own tests, then one tiny run: every row is there, and a
# figure in every cell.  No figure is judged here.
#
# Needs MTRACE, srcdir and builddir.

set -u
: "${srcdir:?}" "${builddir:?}" "${MTRACE:?}"
here=$(cd "$srcdir/tests/bench" && pwd)
# Sources may be on a disk that is not ours to write; a sanitizer may not look for leaks under ptrace.
export PYTHONDONTWRITEBYTECODE=1 MTRACE
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
passed=0
failed=0

complain()
{
	echo "FAIL $*"
	failed=$((failed + 1))
}

python3 -c '' 2>/dev/null || {
	echo "SKIP: there is no python3"
	exit 77
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

if (cd "$here" && python3 -m unittest -q test_bench) >"$work/unit" 2>&1; then
	passed=$((passed + 1))
else
	cat "$work/unit"
	complain "tests/bench/test_bench.py"
fi

# The bare loop hands signals, stops and statuses on: it must not change what it measures.
bare=$builddir/tests/bench/bare
"$bare" -f sh -c 'sh -c "kill -USR1 \$PPID"; exit 3' >"$work/out" 2>&1
status=$?
if test $status = 138; then
	passed=$((passed + 1))
else
	cat "$work/out"
	complain "bare: status $status instead of 138, killed by SIGUSR1"
fi

python3 "$here/bench.py" --build "$builddir" --out "$work" --sample 0.005 --seconds 0 --least 2 --most 2 \
	--no-counts --workloads 'getpid five futex compute' --tools 'none bare mtrace' \
	>"$work/out" 2>"$work/err" || {
	cat "$work/err"
	complain "bench.py ended with an error"
}
# The first table is complete: a head, a rule, four workloads; futex and the like with figures for all
# tools but the computing one, where the bare loop says nothing.
if awk -F '|' '
	function complain(text) { print text ": " $0; bad = 1 }
	/^\| workload \| bare loop \| mtrace \|$/ { first = 1; next }
	/^$/ { first = 0 }
	!first || /^\|---/ { next }
	{ rows++ }
	NF != 5 { complain("not three cells") }
	$3 !~ /^ [0-9.,]+ \([0-9.,]+–[0-9.,]+\) $/ && !($2 ~ /computes/ && $3 == " – ") {
		complain("no figure for the bare loop")
	}
	$4 !~ /^ [0-9.,]+ \([0-9.,]+–[0-9.,]+\) $/ { complain("no figure for mtrace") }
	/nan|inf/ { complain("no number") }
	END {
		if (rows != 4)
			print rows + 0 " rows instead of 4"
		exit bad || rows != 4
	}' "$work/bench.md" && grep -q '</svg>' "$work/bench.svg"; then
	passed=$((passed + 1))
else
	cat "$work/err" "$work/out"
	complain "the table of bench.py"
fi

echo "$passed passed, $failed failed"
test $failed = 0
