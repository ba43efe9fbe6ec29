#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs must not notice that they are traced: same output, same exit status, nothing left behind,
# whatever they do and however mtrace ends.
#
# usage: tracer.sh [MTRACE [DIRECTORY]]; by default $MTRACE and a temporary directory.

mtrace=${1:-${MTRACE:-./mtrace}}
sources=$(dirname "$0")/tracees
dir=${2:-}
failures=0

if [ -z "$dir" ]; then
	dir=$(mktemp -d) || exit 1
	trap 'rm -rf "$dir"' EXIT
fi
mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || exit 1

for source in "$sources"/*.c; do
	program=$dir/$(basename "$source" .c)
	${CC:-cc} -O1 -pthread -o "$program" "$source" || exit 1
done

"$mtrace" -o /dev/null "$dir/vforks" >/dev/null 2>"$dir/err"
if grep -q 'PTRACE_SEIZE.*not permitted' "$dir/err"; then
	echo "SKIP: ptrace is forbidden here"
	exit 77
fi

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# Processes that run one of our programs.
left_behind() {
	for process in /proc/[0-9]*; do
		case $(readlink "$process/exe" 2>/dev/null) in
		"$dir"/*) echo "${process#/proc/}" ;;
		esac
	done
}

check_nothing_left() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		left=$(left_behind)
		[ -z "$left" ] && return
		sleep 0.1
	done
	fail "$*: left behind: $left"
	kill -KILL $left
}

# same "MTRACE OPTIONS" PROGRAM [ARGUMENT...]
same() {
	options=$1
	program=$dir/$2
	shift 2
	timeout 60 "$program" "$@" >"$dir/out.plain" 2>&1
	plain=$?
	timeout 60 "$mtrace" -o "$dir/trace" $options "$program" "$@" >"$dir/out.traced" 2>&1
	traced=$?
	what="$options $program $*"
	[ $plain = $traced ] || fail "$what: status $traced, without mtrace $plain"
	cmp -s "$dir/out.plain" "$dir/out.traced" || {
		fail "$what: output differs"
		diff "$dir/out.plain" "$dir/out.traced"
	}
	check_nothing_left "$what"
}

for options in "" "-f"; do
	same "$options" threads 200
	same "$options" thread_exec 6
	same "$options" killed 12
	same "$options" stop_cont
	same "$options" vforks
	same "$options" signals
	same "$options" inherit a "b c"
done
same "-f" threads 1000
for options in "" "-f" "-D" "-fD"; do
	for kind in children leader untraced_thread untraced_exec; do
		same "$options" clones $kind
	done
done
for options in "-D" "-fDD" "-DDD"; do
	same "$options" stop_cont
	same "$options" signals
	same "$options" inherit a "b c"
done

# Each execve is seen once, also by a thread that takes another number with it.
"$mtrace" -f -o "$dir/trace" -e trace=execve "$dir/thread_exec" 6 >/dev/null
[ "$(grep -c 'superseded by execve' "$dir/trace")" -le 6 ] || fail "an execve is reported twice"
[ "$(grep -c 'execve(' "$dir/trace")" = 7 ] || fail "not seven calls of execve: $(cat "$dir/trace")"
[ "$(grep -cE '(execve resumed>.*|execve\(.*\)) = 0$' "$dir/trace")" = 7 ] ||
	fail "not seven execve succeed: $(cat "$dir/trace")"

# Dispositions that the shell was asked to hand on; SIGCHLD ignored would hide deaths from wait4.
(
	trap '' HUP INT PIPE TERM TTIN USR1 CHLD ALRM
	same "-f" inherit
	same "-DD" inherit
	exit $failures
) || failures=$((failures + 1))
# Without -o, mtrace catches signals that it ignores otherwise.
"$dir/inherit" >"$dir/out.plain"
timeout 20 "$mtrace" "$dir/inherit" >"$dir/out.traced" 2>/dev/null
cmp "$dir/out.plain" "$dir/out.traced" || fail "inherit differs with the trace on standard error"

# Waits until process $1 has a tracer, at most 10 s: on a busy machine mtrace may be slow to start.
wait_traced() {
	for try in $(seq 200); do
		grep -q '^TracerPid:.*[1-9]' "/proc/$1/status" 2>/dev/null && break
		sleep 0.05
	done
	sleep 0.1
}

# Attaching and detaching, again and again, by a signal and by sudden death.
begin_busy() {
	rm -f "$dir/end"
	"$dir/busy" "$dir/end" >"$dir/out.busy" &
	busy=$!
	sleep 0.1
}

end_busy() {
	: >"$dir/end"
	wait $busy
	status=$?
	[ $status = 26 ] || fail "$*: status $status, $(cat "$dir/out.busy")"
	check_nothing_left "$*"
}

begin_busy
for options in "" "-f" "-f" "-f"; do
	for signal in INT TERM HUP; do
		"$mtrace" $options -o "$dir/trace" -p $busy 2>/dev/null &
		tracer=$!
		wait_traced $busy
		kill -$signal $tracer
		wait $tracer 2>/dev/null
		status=$?
		[ $status -gt 128 ] || fail "-p ended by SIG$signal: status $status"
		if grep -q '^TracerPid:.*[1-9]' /proc/$busy/task/*/status 2>/dev/null; then
			fail "$options, SIG$signal: still traced"
		fi
	done
done
end_busy "attach and detach"

# SIGKILL: the program goes on, untraced, and has its signals.
begin_busy
for options in "" "-f" "-f" "-f" "-f" "-f" "-f" "-f"; do
	"$mtrace" $options -o "$dir/trace" -p $busy 2>/dev/null &
	tracer=$!
	wait_traced $busy
	kill -KILL $tracer
	wait $tracer 2>/dev/null
	if grep -q '^TracerPid:.*[1-9]' /proc/$busy/task/*/status 2>/dev/null; then
		fail "$options, SIGKILL: still traced"
	fi
done
: >"$dir/end"
wait $busy
wrong=$(sed -n 's/^wrong //p' "$dir/out.busy")
[ "$wrong" = 0 ] || fail "SIGKILL of mtrace: $(cat "$dir/out.busy")"
check_nothing_left "SIGKILL of mtrace"

# A process that is stopped stays stopped, traced or not, and afterwards.
begin_busy
kill -STOP $busy
for options in "" "-f"; do
	"$mtrace" $options -o "$dir/trace" -p $busy 2>/dev/null &
	tracer=$!
	wait_traced $busy
	kill -INT $tracer
	wait $tracer 2>/dev/null
	sleep 0.05
	grep -q '^State:.T' /proc/$busy/status || fail "$options: no longer stopped after detaching"
done
kill -CONT $busy
end_busy "detach from a stopped process"

# mtrace dies while the program that it launched runs: the program goes on.
for signal in KILL INT TERM; do
	rm -f "$dir/end" "$dir/out.busy"
	"$mtrace" -f "$dir/busy" "$dir/end" >"$dir/out.busy" 2>/dev/null &
	tracer=$!
	sleep 0.3
	kill -$signal $tracer
	wait $tracer 2>/dev/null
	sleep 0.1
	[ -n "$(left_behind)" ] || fail "SIG$signal to mtrace: the program is gone"
	: >"$dir/end"
	check_nothing_left "SIG$signal to mtrace"
	wrong=$(sed -n 's/^wrong //p' "$dir/out.busy")
	[ "$wrong" = 0 ] || fail "SIG$signal to mtrace: $(cat "$dir/out.busy")"
done

# With -o FILE PROG mtrace ignores signals, and the program's status is handed on.
rm -f "$dir/end"
"$mtrace" -f -o "$dir/trace" "$dir/busy" "$dir/end" >"$dir/out.busy" 2>&1 &
busy=$!
sleep 0.2
kill -TERM $busy
kill -INT $busy
sleep 0.1
end_busy "-o FILE ignores SIGTERM"

# A trace that cannot be written does not harm the program.
"$mtrace" -o /dev/full "$dir/threads" 20 >"$dir/out.traced" 2>"$dir/err"
status=$?
[ $status = 21 ] || fail "/dev/full: status $status"
grep -q '^20 of 20 threads$' "$dir/out.traced" || fail "/dev/full: $(cat "$dir/out.traced")"
grep -q '/dev/full: No space left on device' "$dir/err" || fail "/dev/full: no message"
[ "$(wc -l <"$dir/err")" = 1 ] || fail "/dev/full: more than one message"
rm -f "$dir/written"
# shellcheck disable=SC2016
{ "$mtrace" sh -c 'sleep 0.3; echo yes >"$0"' "$dir/written" 2>&1 >/dev/null; } | head -n 1 >/dev/null
sleep 0.6
[ -s "$dir/written" ] || fail "a broken pipe ended the program"

# What cannot be launched.
expect_refusal() {
	status=$1
	message=$2
	shift 2
	"$mtrace" "$@" >"$dir/out.traced" 2>"$dir/err"
	result=$?
	[ $result = "$status" ] || fail "$*: status $result"
	grep -q "$message" "$dir/err" || fail "$*: said $(cat "$dir/err")"
}

: >"$dir/plain_file"
expect_refusal 1 ": Can't stat 'no_such_program': No such file" no_such_program
expect_refusal 1 ": Can't stat '$dir/none': No such file" "$dir/none"
expect_refusal 1 "exec: Permission denied" "$dir/plain_file"
expect_refusal 1 "exec: Permission denied" "$dir"
expect_refusal 1 "PTRACE_SEIZE, 999999999" -p 999999999

[ $failures = 0 ] || exit 1
echo "PASS"
