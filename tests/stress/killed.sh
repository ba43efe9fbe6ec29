#!/bin/sh
# SPDX-License-Identifier: MIT
# mtrace is killed with SIGKILL at any moment: who was attached to, or launched without a filter, runs
# on as if nothing had been; who has a filter, or was to be killed with mtrace, is gone.
#
# usage: killed.sh [ROUNDS [DIRECTORY]]; MTRACE is the program; 12 rounds by default

. "$(dirname "$0")/../lib.sh"
rounds=${1:-12}
mtrace=${MTRACE:-./mtrace}
sources=$(dirname "$0")
dir=${2:-}

if [ -z "$dir" ]; then
	dir=$(mktemp -d) || exit 1
	trap 'rm -rf "$dir"' EXIT
fi
mkdir -p "$dir" && dir=$(cd "$dir" && pwd -P) || exit 1
survivor=$dir/survivor
${CC:-cc} -O1 -pthread -o "$survivor" "$sources/survivor.c" || exit 1
# A copy, so that whatever is left of it is known by the file that it runs.
cp "$mtrace" "$dir/mtrace" || exit 1
mtrace=$dir/mtrace

need_ptrace

# Processes that run a program of $dir, or mtrace's copy there: stopped ones and watchers among them.
running()
{
	find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname "$dir/${1:-*}" 2>/dev/null | cut -d/ -f3
}

# states PID...: what they do
states()
{
	for pid; do
		echo "$pid ($(sed -n 's/^State:[[:space:]]*//p; s/^PPid:[[:space:]]*/child of /p' /proc/"$pid"/status | tr '\n' ' '))"
	done
}

# await SECONDS COMMAND...: until it says nothing
await()
{
	tries=$(($1 * 20))
	shift
	while [ $tries -gt 0 ]; do
		[ -z "$("$@")" ] && return
		tries=$((tries - 1))
		sleep 0.05
	done
	return 1
}

# Threads that have a tracer, or a mask other than ours; watchers and the like.
held()
{
	running mtrace
	for pid in $(running); do
		grep -H -E '^(TracerPid:[[:space:]]*[1-9]|Cpus_allowed_list:)' /proc/"$pid"/task/*/status \
			2>/dev/null | grep -v "Cpus_allowed_list:[[:space:]]$whole\$"
	done
}

# random FROM TO: so many milliseconds, in seconds
random()
{
	seed=$((seed + 1))
	awk "BEGIN { srand($seed); printf \"%.3f\", ($1 + rand() * ($2 - $1)) / 1000 }"
}

# start OPTIONS [ARGUMENT]: mtrace and the survivor, the former in $tracer
start()
{
	case " $1 " in
	*" -p "*)
		"$survivor" "$dir/result" >"$dir/err" 2>&1 &
		program=$!
		while [ ! -e "$dir/result.ready" ]; do
			sleep 0.01
		done
		# shellcheck disable=SC2086
		"$mtrace" -q --output=/dev/null $1 $program 2>"$dir/err" &
		;;
	*)
		# shellcheck disable=SC2086
		"$mtrace" --output=/dev/null $1 "$survivor" "$dir/result" $2 >"$dir/err" 2>&1 &
		;;
	esac
	tracer=$!
}

# once FATE OPTIONS: kills mtrace in its first moments or later; FATE of the survivor: "lives" or "dies"
once()
{
	what="round $round, '$2'"
	rm -f "$dir"/result*
	start "$2"
	if [ $((round % 3)) = 0 ]; then
		sleep "$(random 0 40)"
		what="$what, killed at once"
	else
		for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			[ -e "$dir/result.ready" ] && break
			sleep 0.05
		done
		sleep "$(random 20 300)"
	fi
	kill -KILL "$tracer" 2>/dev/null
	wait "$tracer" 2>/dev/null
	[ $? = 137 ]
	result $? "$what: mtrace had ended before: $(cat "$dir/err")"
	begun=
	[ -n "$(running)" ] && begun=1
	[ -e "$dir/result.ready" ] && begun=1
	"$1" "$what"
	reckon "$what"
}

# reckon WHAT: ends what is left, and says what the survivor found wrong
reckon()
{
	for pid in $(running); do
		kill -KILL "$pid" 2>/dev/null
	done
	[ -n "$program" ] && wait "$program" 2>/dev/null
	program=
	[ ! -s "$dir/result.wrong" ]
	result $? "$1: $(head -n 5 "$dir/result.wrong" 2>/dev/null)"
}

# The survivor is let go with its own mask, goes on, and ends by itself with nothing wrong.
lives()
{
	await 5 held
	result $? "$1: held: $(held | head -n 3)"
	sleep 0.1
	: >"$dir/result.end"
	await 30 running
	result $? "$1: left behind: $(running | head -n 3)"
	# It is not born yet if mtrace dies at once; then there was nobody to attach to either.
	if [ -n "$begun" ] && [ -e "$dir/result.ready" ]; then
		[ "$(cat "$dir/result" 2>/dev/null)" = "$plain" ]
		result $? "$1: '$(cat "$dir/result" 2>/dev/null)', not '$plain'"
	fi
}

# All are gone, without having been told.
dies()
{
	await 5 running
	result $? "$1: still there: $(states $(running))"
	[ ! -e "$dir/result" ]
	result $? "$1: it has ended by itself"
}

# A machine that is busy lets the watcher wait for a CPU.  Who was born meanwhile gets its mask, too.
late_watcher()
{
	what="the watcher is late"
	rm -f "$dir"/result*
	start "-f --colocate=always" breed
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		watcher=$(running mtrace | grep -v -x "$tracer")
		[ -e "$dir/result.ready" ] && [ -n "$watcher" ] && break
		sleep 0.05
	done
	if [ -z "$watcher" ]; then
		skipped=$((skipped + 1))
		echo "SKIP: there is no watcher: there is but one CPU"
	else
		kill -STOP "$watcher"
	fi
	kill -KILL "$tracer"
	wait "$tracer" 2>/dev/null
	sleep 0.5
	[ -n "$watcher" ] && kill -CONT "$watcher"
	begun=1
	lives "$what"
	reckon "$what"
}

seed=$$
program=
whole=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
: >"$dir/result.end"
"$survivor" "$dir/result"
plain=$(cat "$dir/result")
late_watcher
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	case $((round % 13)) in
	1) once lives "-f" ;;
	2) once lives "-f -p" ;;
	3) once dies "-f -e trace=openat" ;;
	4) once lives "--colocate=always" ;;
	5) once lives "-f -c" ;;
	6) once lives "-p" ;;
	7) once dies "-f --seccomp-bpf -e trace=execve" ;;
	8) once lives "-f --colocate=always" ;;
	9) once lives "-c" ;;
	10) once lives "-f --colocate=always -p" ;;
	11) once lives "" ;;
	12) once dies "-f --kill-on-exit" ;;
	0) once dies "--kill-on-exit" ;;
	esac
done

finish
