#!/bin/sh
# SPDX-License-Identifier: MIT
# mtrace --json on real programs: bytes can be recovered, every kind of record is there and as the schema has it,
# and options mean what they mean in text.
# Needs MTRACE and srcdir; python3 with jsonschema, and jq.

set -u
: "${srcdir:?}"
mtrace=${MTRACE:?}
top=$(cd "$srcdir" && pwd)
case $mtrace in
/*) ;;
*) mtrace=$PWD/$mtrace ;;
esac
for program in python3 jq; do
	command -v $program >/dev/null 2>&1 || {
		echo "SKIP no $program"
		exit 77
	}
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C
passed=0
failed=0

check()
{
	what=$1
	shift
	if "$@" >check.out 2>&1; then
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		head -n 20 check.out
		failed=$((failed + 1))
	fi
}

# has "WHAT" FILE FILTER: the filter of jq, over all records as one array, yields true.
has()
{
	check "$1" jq -s -e "$3" "$2"
}

for source in "$top"/tests/json/*.c "$top"/tests/e2e/tracees/signals.c \
	"$top"/tests/e2e/tracees/thread_exec.c "$top"/tests/e2e/tracees/stop_cont.c \
	"$top"/tests/e2e/tracees/busy.c; do
	${CC:-cc} -O1 -pthread -o "$(basename "$source" .c)" "$source" || exit 1
done
timeout 20 "$mtrace" --json -o try.json true 2>try.err
grep -q 'PTRACE_SEIZE.*not permitted' try.err && {
	echo "SKIP ptrace is forbidden here"
	exit 77
}

# trace NAME STATUS OPTIONS... PROGRAM...: records in NAME.json
trace()
{
	name=$1 wanted=$2
	shift 2
	timeout -k 5 100 "$mtrace" --json -o "$name.json" "$@" >"$name.out" 2>"$name.err"
	status=$?
	check "$name: exit status $status, $wanted is right" test "$status" = "$wanted"
}

# ---- bytes ----

for limit in 2000000 32 7; do
	trace writer-$limit 0 -s $limit ./writer
	check "bytes of strings, -s $limit" python3 "$top/tests/json/recover.py" \
		writer-$limit.json writer-$limit.out $limit
done
trace command 0 sh -c 'exit 0' "$(printf 'a\377"\nb')" é
has "bytes of the command" command.json '.[0].command[3].base64 == "Yf8iCmI=" and .[0].command[4] == "é"'
has "bytes of arguments" command.json \
	'[.[] | select(.name == "execve")][0].args.argv[3].base64 == "Yf8iCmI="'

# ---- records ----

trace abis 3 -f ./abis
has "header" abis.json '.[0] | .type == "header" and .program == "mtrace" and .command == ["./abis"]'
has "exec" abis.json '[.[] | select(.type == "exec")] | length == 1'
has "born, with its parent" abis.json \
	'. as $all | [.[] | select(.type == "born")] | length == 1 and (.[0].parent_tid | . == $all[1].tid)
	and .[0].pid == $all[1].pid and .[0].tid != .[0].pid'
has "a call without a table" abis.json '[.[] | select(.name == "syscall_0xfff")] | length == 1 and
	.[0].nr == 4095 and .[0].args == {"arg0": 1, "arg1": 2, "arg2": 3, "arg3": 4, "arg4": 5, "arg5": 6}
	and .[0].errno == "ENOSYS"'
has "a call without an end" abis.json '[.[] | select(.name == "read" and .unfinished)] | length == 1 and
	(.[0] | has("ret") or has("duration_ns") | not) and .[0].raw.buf > 0'
has "exits" abis.json '[.[] | select(.type == "exit")] | length == 2 and all(.status == 3)'
has "times go on" abis.json '[.[] | .time_ns // empty] | . == sort and .[0] > 1700000000000000000'
if [ "$(uname -m)" = x86_64 ] && ! grep -q . abis.err; then
	has "another ABI" abis.json '[.[] | select(.type == "abi")] | map(.abi) == ["i386", "x86_64"]'
	has "a call of another ABI" abis.json \
		'[.[] | select(.abi == "i386" and .type == "call")] | length == 1 and .[0].name == "getpid"
		and .[0].nr == 20 and .[0].ret == .[0].pid'
fi

trace signals 143 ./signals
# SIGRTMIN + 3 is 37 to the kernel, which counts from 32 (signal(7)).
has "signals" signals.json '[.[] | select(.type == "signal")] | map(.signal) |
	contains(["SIGUSR1", "SIGRT_5", "SIGTRAP", "SIGSEGV", "SIGALRM", "SIGTERM"])'
has "siginfo" signals.json '[.[] | select(.signal == "SIGSEGV")][0] | .number == 11 and
	.siginfo.si_signo == {"value": 11, "names": ["SIGSEGV"]} and
	.siginfo.si_code.names == ["SEGV_ACCERR"] and .siginfo.si_addr.address % 4096 == 7'
has "a value with a signal" signals.json '[.[] | select(.type == "signal" and .signal == "SIGRT_5")][0].siginfo.si_int
	== 4711'
has "killed" signals.json '.[-1] | .type == "killed" and .signal == "SIGTERM" and .number == 15'
has "a call that is made again" signals.json \
	'[.[] | select(.errno == "ERESTARTSYS")] | length >= 1 and all(.ret == null and .error == 512)'

trace thread_exec 22 -f ./thread_exec 2
has "superseded" thread_exec.json '[.[] | select(.type == "superseded")] | length >= 1 and
	all(.by_tid != .tid and .pid == .tid)'
has "an exec of a thread goes on in its process" thread_exec.json \
	'[.[] | select(.type == "exec")] | length == 3 and all(.tid == .pid)'
has "and is a call there" thread_exec.json '[.[] | select(.name == "execve" and .type == "call")] | length == 3
	and all(.ret == 0 and .tid == .pid)'

trace stop_cont 24 -f ./stop_cont
has "stopped" stop_cont.json '[.[] | select(.type == "stopped") | .signal] | unique ==
	["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"]'

# Attached to while it sleeps, and let go.
sleep 100 &
sleeper=$!
timeout -k 5 20 "$mtrace" --json -o attach.json -p $sleeper 2>attach.err &
tracer=$!
for try in $(seq 100); do
	grep -q '"attach"' attach.json 2>/dev/null && break
	sleep 0.1
done
kill -INT $tracer
wait $tracer
has "attached" attach.json ".[0].attached == [$sleeper] and .[1].type == \"attach\" and .[1].pid == $sleeper"
has "detached, its call before it" attach.json \
	'.[-1].type == "detach" and .[-2].unfinished and (.[-2].name | test("nanosleep|restart_syscall"))'
check "attached to: lives on" kill -0 $sleeper
kill $sleeper
wait $sleeper 2>/dev/null

# ---- options ----

script='ls /nonexistent; cat /dev/null; (exit 3); echo done'
trace plain 0 -f sh -c "$script"
has "calls have unique numbers" plain.json '[.[] | .id // empty] | length == (unique | length)'

"$mtrace" --json=enter -f -o enter.json sh -c "$script" >/dev/null 2>&1
has "a record when a call begins, one when it ends" enter.json \
	'[.[] | select(.type == "enter") | .id] as $a | [.[] | select(.type == "call") | .id] as $b |
	($a | sort) == ($b | sort) and ($a == ($a | sort))'
has "what is known when it begins" enter.json '[.[] | select(.type == "enter" and .name == "read")][0] |
	(.args | has("buf") | not) and .raw.buf > 0 and (has("ret") | not)'

trace trace-set 0 -f -e trace=openat,close sh -c "$script"
has "-e trace=" trace-set.json '[.[] | select(.type == "call") | .name] | unique == ["close", "openat"]'

trace successful 0 -f -z -e signal=none sh -c "$script"
has "-z" successful.json '[.[] | select(.type == "call")] | length > 10 and all(.ret != -1 and (.unfinished | not))'
trace failed 0 -f -Z sh -c "$script"
has "-Z" failed.json '[.[] | select(.type == "call")] | length > 0 and all(.ret == -1 and .error > 0)'
has "-e signal=none" successful.json '[.[] | select(.type == "signal")] == []'
has "signals are there otherwise" failed.json '[.[] | select(.type == "signal" and .signal == "SIGCHLD")] != []'

trace paths 0 -y cat /dev/null
has "-y" paths.json '[.[] | select(.name == "openat" and .args.pathname == "/dev/null")][0] |
	.ret.path == "/dev/null" and .ret.value > 2 and (.args.dirfd | .names == ["AT_FDCWD"] and .path != null)'

trace whole 0 -v true
has "-v" whole.json '[.[] | select(.name == "execve")][0].args.envp | type == "array" and length > 0 and
	(all(type == "string") or any(type == "object"))'

trace raw 0 -e raw=openat true
has "-e raw=" raw.json '[.[] | select(.name == "openat")] | length > 0 and
	all(.args | keys[0] == "arg0" and (map(type) | unique) == ["number"])'

trace addresses 0 -e verbose=none true
has "-e verbose=none" addresses.json '[.[] | select(.name == "execve")][0].args.argv.address > 0'

# -X, -x, -a and --join are about text.
names='[.[] | select(.type == "call") | {name, args: (.args | map_values(type))}]'
trace quiet 0 -f -q -q -q true
trace styled 0 -f -X raw -xx -a 100 --join true
jq -s "$names" quiet.json >quiet.names
jq -s "$names" styled.json >styled.names
check "-X, -x, -a, --join change nothing" cmp quiet.names styled.names
has "-q leaves nothing out" quiet.json '.[-1].type == "exit" and .[-1].status == 0'

timeout 20 "$mtrace" --json -ff -o separate sh -c "$script" >/dev/null 2>&1
for file in separate.*; do
	mv "$file" "$file.json"
	has "-ff: one process a file" "$file.json" '.[0].type == "header" and
		([.[] | .tid // empty] | unique | length == 1) and .[-1].type == "exit"'
done
check "-ff: files" test "$(ls separate.*.json | wc -l)" -ge 3
jq -s '[.[] | .id // empty] | length == (unique | length)' separate.*.json >ids
check "-ff: calls have unique numbers over all files" grep -qx true ids

timeout 20 "$mtrace" --json true 2>stderr.json
has "to standard error" stderr.json '.[0].type == "header" and .[-1].type == "exit"'

trace summary 0 -c -f --summary-errors --summary-by=fd --summary-interval=1ms sh -c "$script"
has "-c: nothing but the header, the summary and its cost" summary.json \
	'[.[].type] | unique | . == ["header", "interval", "overhead", "overhead_thread", "summary", "summary_by"]'
has "-c: estimates are bounded" summary.json '[.[] | select(.type | startswith("overhead"))] |
	length > 2 and .[0].type == "overhead" and all(.untraced_ns <= .traced_ns and .stops > 0)'
has "-c: what threads cost is what all cost" summary.json '[.[] | select(.type == "overhead_thread")] as $threads |
	(.[] | select(.type == "overhead")) as $all |
	([$threads[].calls] | add) == $all.calls and ([$threads[].stops] | add) == $all.stops'
has "-c: errors by name" summary.json \
	'[.[] | select(.by_error) | .errors == ([.by_error[]] | add)] | length > 0 and all'
has "-c: the sum of the intervals is at most that of the calls" summary.json \
	'([.[] | select(.type == "interval") | .calls] | add) <= ([.[] | select(.type == "summary") | .calls] | add)'
trace both 0 -C -f --overhead=no sh -c "$script"
has "-C: quantiles are those of the records, within 1 %" both.json '. as $all | [.[] | select(.type == "summary")] |
	length > 10 and all(. as $sum | ([$all[] | select(.type == "call" and .ret != null and
		.name == $sum.name and .abi == $sum.abi) | .duration_ns] | sort) as $times |
	($times | length) == $sum.calls and
	([[50, $sum.p50_ns], [95, $sum.p95_ns], [99, $sum.p99_ns]] | all(. as [$percent, $told] |
		$times[(($times | length) * $percent / 100 | ceil) - 1] as $seen |
		($told - $seen | fabs) <= $seen * 0.01 + 1)))'
has "-C: as many calls as there are records" both.json \
	'([.[] | select(.type == "summary") | .calls] | add) == ([.[] | select(.type == "call" and .ret != null)] | length)'

timeout 20 "$mtrace" --json=leave true 2>wrong.err
check "a wrong mode is refused" test $? = 1
check "a wrong mode is named" grep -q "json.*leave" wrong.err
timeout 20 "$mtrace" --jso true 2>wrong.err
check "no abbreviation" test $? = 1

# ---- all of it is what the schema says ----

python3 "$top/tests/json/validate.py" "$top/src/render/mtrace.schema.json" ./*.json >valid
case $? in
0) passed=$((passed + 1)) ;;
77) echo "$(cat valid): records were not validated" ;;
*)
	cat valid
	failed=$((failed + 1))
	;;
esac
echo "$passed passed, $failed failed"
test $failed = 0
