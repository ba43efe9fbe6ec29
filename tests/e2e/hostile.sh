#!/bin/sh
# SPDX-License-Identifier: MIT
# Bad input from live programs: mtrace ends, shows no control character, bounded lines and nothing but
# well-formed ones; where hostile_calls.c knows the line, it is that line.
# usage: hostile.sh [long]
#
# Needs MTRACE and srcdir, takes CC and CC_I386.

set -u
: "${srcdir:?}" "${MTRACE:?}"
case $MTRACE in
*/*) mtrace=$(cd "$(dirname "$MTRACE")" && pwd)/$(basename "$MTRACE") ;;
*) mtrace=$MTRACE ;;
esac
here=$(cd "$srcdir/tests/e2e" && pwd)
cc_i386=${CC_I386-i686-linux-gnu-gcc}
call_rounds=1
thread_rounds=100
test "${1:-}" = long && call_rounds=10 thread_rounds=5000
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC
passed=0
failed=0
skipped=0

fail()
{
	echo "FAIL $1"
	failed=$((failed + 1))
}

# Lines that are no lines of a trace, and lines without bounds.
odd_lines()
{
	awk '
	length > 10000000 { print "line " NR ": " length " bytes"; next }
	/[^ -~]/ { print "line " NR ": control character"; next }
	!/^[0-9]+ +([a-z0-9_]+\(.*( <unfinished \.\.\.>|\) += (-?[0-9]+|0x[0-9a-f]+|\?)(<.*>)?( .*)?)|<\.\.\. [a-z0-9_]+ resumed>.*\) += .*|--- .* ---|\+\+\+ .* \+\+\+)$/ {
		print "line " NR ": " substr($0, 1, 200)
	}' "$1" | head -n 10
}

# hostile LABEL OPTIONS PROGRAM ARGUMENT...
hostile()
{
	label=$1 options=$2
	shift 2
	# shellcheck disable=SC2086
	(cd "$work" && exec timeout -k 5 "${HOSTILE_TIMEOUT:-200}" "$mtrace" -f -a 0 $options \
		-o "$work/trace" "$@") >"$work/expected" 2>"$work/err" </dev/null
	status=$?
	odd=$(odd_lines "$work/trace")
	if test $status != 0; then
		fail "$label: status $status"
		head -n 5 "$work/err"
		tail -n 1 "$work/trace" | cut -c 1-200
	elif test -n "$odd"; then
		fail "$label"
		echo "$odd"
	elif ! grep -q '^[0-9]* *+++ exited with 0 +++$' "$work/trace"; then
		fail "$label: the trace has no end"
	else
		passed=$((passed + 1))
	fi
}

# What hostile_calls.c expects, of the lines between its marks.
expected_lines()
{
	sed -n '/ close(-77)/,/ close(-78)/p' "$work/trace" | sed -e 1d -e '$d' -e 's/  */ /' >"$work/got"
	sed 's/  */ /' "$work/expected" >"$work/want"
	if test -s "$work/want" && cmp -s "$work/want" "$work/got"; then
		passed=$((passed + 1))
	else
		fail "$1: expected -, got +"
		diff -U 0 "$work/want" "$work/got" | sed 1,2d | grep -v '^@@' | head -n 40
	fi
}

run_abi()
{
	suffix=$1
	shift
	for name in hostile_calls hostile_threads; do
		if ! "$@" -std=gnu11 -D_GNU_SOURCE -O1 -w -pthread -o "$work/$name" "$here/$name.c"; then
			fail "$name$suffix does not compile"
			return
		fi
	done
	hostile "calls$suffix" '' "$work/hostile_calls" $call_rounds
	expected_lines "lines$suffix"
	hostile "calls -v$suffix" '-v -s 100' "$work/hostile_calls" $call_rounds
	hostile "calls -X verbose$suffix" '-X verbose -y' "$work/hostile_calls" $call_rounds
	hostile "threads$suffix" '' "$work/hostile_threads" $thread_rounds
	hostile "threads -v$suffix" -v "$work/hostile_threads" $thread_rounds
}

run_abi '' "${CC:-cc}"
echo 'int main(void) { return 0; }' >"$work/empty.c"
if test -n "$cc_i386" && $cc_i386 -static -o "$work/empty" "$work/empty.c" 2>"$work/err" &&
	"$work/empty" 2>>"$work/err"; then
	run_abi ' i386' "$cc_i386" -static
else
	echo "SKIP i386: no static programs for i386 here ($(head -n 1 "$work/err"))"
	skipped=$((skipped + 6))
fi
echo "$passed passed, $failed failed, $skipped skipped"
test $failed = 0
