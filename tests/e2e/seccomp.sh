#!/bin/sh
# SPDX-License-Identifier: MIT
# Calls that nobody asked for run without a stop: the trace must be the one that stops give, programs
# must not notice, and nobody may be left alone with the filter.
#
# usage: seccomp.sh [ROUNDS]   how often mtrace is killed; 6 by default, and with 100 more sets of calls.
# Needs MTRACE and srcdir, takes CC and CC_I386.

set -u
. "$(dirname "$0")/../lib.sh"
: "${srcdir:?}"
mtrace=${MTRACE:?}
rounds=${1:-6}
failures=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
tracees=$srcdir/tests/e2e/tracees
for name in busy filters killed signals stop_cont thread_exec threads vforks; do
	${CC:-cc} -O1 -pthread -o "$dir/$name" "$tracees/$name.c" || exit 1
done
cc_i386=${CC_I386-i686-linux-gnu-gcc}
cat >"$dir/int80.c" <<'EOF'
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	(void)argv;
	for (int i = 0; i < 3; i++) {
		getppid();
		if (write(1, "hello\n", 6) != 6)
			return 1;
	}
	if (argc > 1)
		execl("/bin/echo", "echo", "native", (char *)0);
	return 0;
}
EOF

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

need_ptrace
if [ "$("$mtrace" -f -e trace=exit -o /dev/null sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)" != 2 ]; then
	echo "SKIP: there are no seccomp filters here"
	exit 77
fi

check_nothing_left()
{
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		left=$(left_behind)
		[ -z "$left" ] && return
		sleep 0.1
	done
	fail "$*: left behind: $left"
	# shellcheck disable=SC2086
	kill -KILL $left
}

# Each process for itself, sorted by what it did, since numbers of processes begin anew; no addresses,
# no times, nothing that looks like the
# number of a process, and no SIGCHLD, which comes when it likes.
normalize()
{
	awk '
	{ pid = $1; sub(/^[0-9]+ +/, "") }
	/ <unfinished \.\.\.>$/ && !/^<\.\.\./ { sub(/ <unfinished \.\.\.>$/, ""); begun[pid] = $0; next }
	/^<\.\.\. [a-z0-9_]+ resumed>/ { sub(/^<\.\.\. [a-z0-9_]+ resumed>/, ""); $0 = begun[pid] $0 }
	/^--- SIGCHLD|^getrandom/ { next }
	{
		gsub(/0x[0-9a-f]+/, "ADDRESS")
		gsub(/[0-9][0-9][0-9]+/, "N")
		gsub(/ +=/, " =")
		did[pid] = did[pid] $0 "\001"
	}
	END { for (pid in did) print did[pid] }' "$1" | sort | tr '\001' '\n'
}

# same_trace OPTIONS... -- PROGRAM...: with the filter and without.
same_trace()
{
	# When a SIGCHLD is taken is a matter of chance: the same difference would be there each time.
	for attempt in 1 2 3 4; do
		setarch -R timeout 60 "$mtrace" -f -o "$dir/trace.filter" "$@" >"$dir/out.filter" 2>&1
		with=$?
		setarch -R timeout 60 "$mtrace" -f --no-seccomp-bpf -o "$dir/trace.stops" "$@" \
			>"$dir/out.stops" 2>&1
		without=$?
		[ $with = $without ] || fail "$*: status $with, without a filter $without"
		cmp -s "$dir/out.filter" "$dir/out.stops" || {
			fail "$*: the output differs"
			diff "$dir/out.filter" "$dir/out.stops"
		}
		normalize "$dir/trace.filter" >"$dir/filter"
		normalize "$dir/trace.stops" >"$dir/stops"
		cmp -s "$dir/filter" "$dir/stops" && break
	done
	cmp -s "$dir/filter" "$dir/stops" || {
		fail "$*: traces differ: filter -, stops +"
		diff -U 2 "$dir/filter" "$dir/stops" | head -n 30
	}
	check_nothing_left "$*"
}

sets='openat %process !mmap,brk,rt_sigaction none'
[ "$rounds" -lt 100 ] || sets="$sets %file execve,exit_group write /^e restart_syscall,wait4
	getpid,getppid clone,clone3,vfork,fork %signal"
for set in $sets; do
	# shellcheck disable=SC2016
	same_trace -e "trace=$set" -- sh -c 'trap "echo caught" USR1; ls /; (exit 3); /bin/echo $?; kill -USR1 $$; exit 4'
	same_trace -e "trace=$set" -- "$dir/vforks"
	same_trace -e "trace=$set" -- "$dir/filters"
done
for options in "-z" "--join -y" "--colocate=never" "--colocate=always -e signal=none"; do
	# shellcheck disable=SC2086
	same_trace -e trace=openat,execve,exit_group $options -- "$dir/filters"
done

# Two ABIs in one filter, and a change of ABI is reported where it happens.
if $cc_i386 -static -w -o "$dir/int80" "$dir/int80.c" 2>/dev/null && "$dir/int80" >/dev/null 2>&1; then
	same_trace -e trace=write -- "$dir/int80"
	for set in write openat exit_group; do
		setarch -R "$mtrace" -f -e trace=$set "$dir/int80" exec >/dev/null 2>"$dir/filter"
		setarch -R "$mtrace" -f -e trace=$set --no-seccomp-bpf "$dir/int80" exec >/dev/null 2>"$dir/stops"
		sed 's/PID=[0-9]*//; s/0x[0-9a-f]*//g' "$dir/filter" >"$dir/filter2"
		sed 's/PID=[0-9]*//; s/0x[0-9a-f]*//g' "$dir/stops" >"$dir/stops2"
		cmp "$dir/filter2" "$dir/stops2" || fail "trace=$set: changes of ABI differ"
		grep -q 'runs in 32 bit mode' "$dir/filter" || fail "trace=$set: no change of ABI"
	done
	same_trace -e trace=getppid -- "$dir/int80"
else
	echo "SKIP: no static programs for i386 here"
fi

# Programs do not notice.
same_program()
{
	timeout 60 "$@" >"$dir/out.plain" 2>&1
	plain=$?
	timeout 60 "$mtrace" -f -e trace=openat,exit_group -o /dev/null "$@" >"$dir/out.traced" 2>&1
	traced=$?
	[ $plain = $traced ] || fail "$*: status $traced, without mtrace $plain"
	cmp -s "$dir/out.plain" "$dir/out.traced" || {
		fail "$*: output differs"
		diff "$dir/out.plain" "$dir/out.traced"
	}
	check_nothing_left "$*"
}

same_program "$dir/threads" 200
same_program "$dir/thread_exec" 6
same_program "$dir/killed" 12
same_program "$dir/stop_cont"
same_program "$dir/vforks"
same_program "$dir/signals"
same_program "$dir/filters"

# What is asked for is there, every one of it.
count=$(timeout 60 "$mtrace" -f -e trace=/^rename -o "$dir/trace" sh -c 'for i in 1 2 3 4 5 6 7 8 9; do
	: >"$0/a"; mv "$0/a" "$0/b"; done' "$dir"; grep -c "rename.*= 0\$" "$dir/trace")
[ "$count" = 9 ] || fail "$count of 9 calls of rename"

# No privileges are given up that need not be.
nnp=$("$mtrace" -f -e trace=openat -o /dev/null sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/self/status)
[ "$(id -u)" != 0 ] || [ "$nnp" = 0 ] || fail "NO_NEW_PRIVS is set without need"

# Asked to go, mtrace stays as a keeper.
for signal in INT TERM HUP; do
	rm -f "$dir/end"
	"$mtrace" -f -e trace=openat,getppid "$dir/busy" "$dir/end" >"$dir/out" 2>"$dir/err" &
	tracer=$!
	sleep 0.3
	kill -$signal $tracer
	sleep 0.1
	kill -$signal $tracer 2>/dev/null
	sleep 0.1
	kill -0 $tracer 2>/dev/null || fail "SIG$signal: mtrace has left tracees with a filter alone"
	lines=$(wc -l <"$dir/err")
	sleep 0.1
	[ "$lines" = "$(wc -l <"$dir/err")" ] || fail "SIG$signal: the keeper goes on printing"
	: >"$dir/end"
	wait $tracer 2>/dev/null
	status=$?
	[ $status -gt 128 ] || fail "SIG$signal: status $status"
	[ "$(sed -n 's/^wrong //p' "$dir/out")" = 0 ] || fail "SIG$signal: $(cat "$dir/out")"
	check_nothing_left "SIG$signal to mtrace"
done

# A trace that cannot be written.
"$mtrace" -f -e trace=openat -o /dev/full "$dir/threads" 20 >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 21 ] || fail "/dev/full: status $status"
grep -q '^20 of 20 threads$' "$dir/out" || fail "/dev/full: $(cat "$dir/out")"

# Killed outright, it takes them along, and no call has failed for want of a tracer.
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	rm -f "$dir/end"
	"$mtrace" -f -e trace=openat,getppid,futex,wait4 -o /dev/null "$dir/busy" "$dir/end" >"$dir/out" 2>&1 &
	tracer=$!
	sleep "0.$(awk "BEGIN { srand($$ + $round); printf \"%03d\", 10 + rand() * 300 }")"
	kill -KILL $tracer
	wait $tracer 2>/dev/null
	check_nothing_left "SIGKILL of mtrace, round $round"
	[ -s "$dir/out" ] && fail "round $round: $(cat "$dir/out")"
done

# What strace says when it cannot.
say()
{
	expected=$1
	shift
	"$mtrace" --seccomp-bpf "$@" true >/dev/null 2>"$dir/err"
	grep -q "$expected" "$dir/err" || fail "$*: said $(cat "$dir/err")"
}
say "^[^ ]*: --seccomp-bpf cannot be used without -f/--follow-forks, disabling\$" -e trace=openat
say "^[^ ]*: Seccomp filter is requested but there are no syscalls to filter.  See -e trace to filter syscalls.\$" -f

[ $failures = 0 ] || exit 1
echo "PASS"
