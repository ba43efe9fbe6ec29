#!/bin/sh
# SPDX-License-Identifier: MIT
# What is hard to trace gives the same result with a tracer and without, every time, also if the
# tracer is slow at random moments; nothing is left behind.
#
# usage: stress.sh [RUNS [DIRECTORY]]; MTRACE is the program; 2 runs of each kind by default

. "$(dirname "$0")/../lib.sh"
runs=${1:-2}
mtrace=${MTRACE:-./mtrace}
sources=$(dirname "$0")
dir=${2:-}

if [ -z "$dir" ]; then
	dir=$(mktemp -d) || exit 1
	trap 'rm -rf "$dir"' EXIT
fi
mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || exit 1
stress=$dir/stress
${CC:-cc} -O1 -pthread -o "$stress" "$sources/stress.c" || exit 1

need_ptrace

# once WHAT PRELOAD OPTIONS MODE NUMBER...: one run, compared with the one without a tracer
once()
{
	what=$1
	preload=$2
	options=$3
	shift 3
	timeout -s KILL 300 env LD_PRELOAD="$preload" JITTER_SEED=$run JITTER_COUNT="$dir/delays" \
		"$mtrace" $options -o "$dir/trace" "$stress" "$@" >"$dir/traced" 2>"$dir/err"
	status=$?
	[ $status = 0 ] && cmp -s "$dir/plain" "$dir/traced"
	result $? "$what $* (run $run): status $status, $(cat "$dir/traced" "$dir/err" | head -n 3)"
	for try in 1 2 3 4 5 6 7 8 9 10; do
		left=$(left_behind)
		[ -z "$left" ] && break
		sleep 0.2
	done
	[ -z "$left" ]
	result $? "$what $* (run $run): left behind: $left"
	for pid in $left; do
		kill -KILL "$pid"
	done
}

# all PRELOAD WHAT OPTIONS
all()
{
	run=1
	while [ $run -le "$runs" ]; do
		for mode in "mixed 6 12 $run" "threads $threads" "processes $processes" "depth $depth"; do
			"$stress" $mode >"$dir/plain"
			once "$2" "$1" "$3" $mode
		done
		run=$((run + 1))
	done
}

if [ "$runs" -gt 10 ]; then
	threads=1000 processes=2000 depth=200
else
	threads=200 processes=200 depth=60
fi
all "" "traced with -f" -f
all "" "traced with -ff" -ff
all "" "traced with -f --join" "-f --join"
rm -f "$dir"/trace*
if nm -D "$mtrace" 2>/dev/null | grep -q __asan_init; then
	echo "# delays are left out: another library is first in this mtrace"
elif ${CC:-cc} -shared -fPIC -O1 -o "$dir/jitter.so" "$sources/jitter.c" -ldl; then
	all "$dir/jitter.so" "slow, with -f" -f
	delays=$(wc -c <"$dir/delays")
	[ "$delays" -gt $((runs * 100)) ]
	result $? "the tracer was made to wait $delays times only"
fi

finish
