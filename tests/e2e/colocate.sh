#!/bin/sh
# SPDX-License-Identifier: MIT
# Tracees that share the tracer's CPU: they must not be able to tell, whatever becomes of the tracer.
#
# usage: colocate.sh [ROUNDS]   how often mtrace is killed; 6 by default.
# Needs MTRACE and srcdir, takes CC.

set -u
. "$(dirname "$0")/../lib.sh"
: "${srcdir:?}"
mtrace=${MTRACE:?}
rounds=${1:-6}
failures=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
program=$dir/placement
${CC:-cc} -O1 -pthread -o "$program" "$srcdir/tests/e2e/tracees/placement.c" || exit 1

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

allowed()
{
	sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null
}

case $(allowed self) in
*[-,]*) ;;
*)
	echo "SKIP: there is but one CPU to run on"
	exit 77
	;;
esac
need_ptrace

# The watcher of tracer $1: its number.
watcher_of()
{
	for status in $(grep -ls "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status); do
		grep -qs '^Name:[[:space:]]*mtrace-watch$' "$status" && basename "${status%/status}"
	done
}

# What a program sees, with and without.
"$program" >"$dir/plain" 2>&1
for options in "" "-f" "--colocate=always" "-f --colocate=always" "-f --colocate=never"; do
	# shellcheck disable=SC2086
	timeout 60 "$mtrace" -o /dev/null $options "$program" >"$dir/traced" 2>&1
	cmp -s "$dir/plain" "$dir/traced" || {
		fail "masks differ with '$options'"
		diff "$dir/plain" "$dir/traced"
	}
done
plain=$(nproc)
traced=$("$mtrace" -f -o /dev/null sh -c 'nproc')
[ "$plain" = "$traced" ] || fail "nproc says $traced instead of $plain"
# A program that chose one CPU is traced all the same, and keeps it.
one=$(sed -n 's/^set: //p; s/^set: \([0-9]*\)$/\1/p' "$dir/plain" | tail -n 1)
traced=$(timeout 60 taskset -c "$one" "$mtrace" -f -o /dev/null sh -c 'nproc')
[ "$traced" = 1 ] || fail "taskset -c $one: nproc says '$traced'"

# It happens at all; and stops when the tracer detaches.
rm -f "$dir/end"
"$mtrace" --colocate=always -f -o /dev/null "$program" "$dir/end" >"$dir/out" 2>&1 &
tracer=$!
seen=
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	sleep 0.05
	[ -n "$seen" ] && break
	for pid in $(left_behind); do
		case $(allowed "$pid") in
		*[-,]* | "") ;;
		*) seen=1 ;;
		esac
	done
done
[ -n "$seen" ] || fail "no tracee was ever seen on one CPU with --colocate=always"
watcher=$(watcher_of $tracer)
[ -n "$watcher" ] || fail "there is no watcher"
: >"$dir/end"
wait $tracer
[ "$(cat "$dir/out")" = done ] || fail "--colocate=always: $(cat "$dir/out")"
[ -n "$watcher" ] && kill -0 "$watcher" 2>/dev/null && fail "the watcher is still there"

# The tracer is killed, or asked to go, at any moment: everybody gets his own mask back, and from then
# on complains of none.
whole=$(allowed self)
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	rm -f "$dir/end"
	case $((round % 4)) in
	0) signal=TERM how=auto follow=-f ;;
	1) signal=KILL how=auto follow=-f ;;
	2) signal=KILL how=always follow= ;;
	3) signal=KILL how=always follow=-f ;;
	esac
	# shellcheck disable=SC2086
	"$mtrace" $follow --colocate=$how --output=/dev/null "$program" "$dir/end" >"$dir/out" 2>&1 &
	tracer=$!
	sleep "0.$(awk "BEGIN { srand($$ + $round); printf \"%03d\", 20 + rand() * 300 }")"
	# -o FILE makes it ignore SIGTERM: that is for the program.
	[ $signal = TERM ] && signal=KILL
	kill -$signal $tracer
	wait $tracer 2>/dev/null
	sleep 0.1
	for pid in $(left_behind); do
		for task in "/proc/$pid/task"/*; do
			mask=$(allowed "${task#/proc/}")
			[ "$mask" = "$whole" ] || [ -z "$mask" ] ||
				fail "round $round, $how $follow: $task keeps mask $mask"
		done
	done
	: >"$dir/end"
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -z "$(left_behind)" ] && break
		sleep 0.1
	done
	for pid in $(left_behind); do
		fail "round $round, $how $follow: $pid is still there"
		kill -KILL "$pid"
	done
	[ "$(cat "$dir/out")" = done ] || fail "round $round, $how $follow: $(cat "$dir/out")"
done

[ $failures = 0 ] || exit 1
echo "PASS"
