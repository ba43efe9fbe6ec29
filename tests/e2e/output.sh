#!/bin/sh
# SPDX-License-Identifier: MIT
# Where the trace goes and which calls are in it: -o, -A, -ff, commands, --join, -z, -Z, -e status=.
# usage: output.sh; MTRACE is the program

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
sources=$(dirname "$0")/tracees
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

need_ptrace

trace -o "|cat >$dir/piped" sh -c 'exit 4'
test $status = 4
result $? "-o |COMMAND: exit status of the program is $status"
test "$(tail -n 1 "$dir/piped")" = "+++ exited with 4 +++"
result $? "-o |COMMAND: the command has the whole trace when mtrace ends"
trace -o "!cat >$dir/piped" -f sh -c 'true & wait'
test "$(lines "$dir/piped" '^[0-9]+ +\+\+\+ exited with 0 \+\+\+$')" = 2
result $? "-o !COMMAND -f"
trace -o '|exit 3' sh -c 'sleep 0.1; echo done; exit 5'
test $status = 5 && test "$(cat "$dir/out")" = done
result $? "a command that ends early does not disturb the program: status $status"
test "$(wc -l <"$dir/err")" -le 1
result $? "... and is spoken of at most once"
trace -ff -o '|cat' true
test $status = 1 && grep -q 'mutually exclusive' "$dir/err"
result $? "-ff with a command is refused"

trace -o "$dir/kept" -e trace=none sh -c 'exit 1'
trace -A -o "$dir/kept" -e trace=none sh -c 'exit 2'
printf '%s\n' '+++ exited with 1 +++' '+++ exited with 2 +++' | cmp -s - "$dir/kept"
result $? "-A keeps what the file holds"

trace -ff -o "$dir/own" sh -c 'true & true & wait'
test "$(find "$dir" -name 'own.*' | wc -l)" = 3
result $? "-ff: a file for each process"
test "$(cat "$dir"/own.* | lines - '^\+\+\+ exited with 0 \+\+\+$')" = 3
result $? "-ff: each begins without a pid and ends with the end"
test "$(cat "$dir"/own.* | lines - 'unfinished|resumed')" = 0
result $? "-ff: no line gives way to another file's"

${CC:-cc} -O1 -pthread -o "$dir/thread_exec" "$sources/thread_exec.c" || exit 1
trace -ff -o "$dir/exec" -e trace=execve "$dir/thread_exec" 1
leader=$(grep -l 'superseded by' "$dir"/exec.*)
test "$(echo "$leader" | wc -l)" = 1
result $? "-ff: a superseded leader is told of in its file"
test "$(lines "$leader" '^<\.\.\. execve resumed>\) += 0$')" = 1
result $? "-ff: the new program goes on in the file of its number"
test "$(lines "$leader" '^\+\+\+ exited with [0-9]+ \+\+\+$')" = 1
result $? "-ff: ... to its end"
test "$(cat "$dir"/exec.* | lines - ' <pid changed to [0-9]+ \.\.\.>$')" = 1
result $? "-ff: the file of the thread says where it went on"

${CC:-cc} -O1 -pthread -o "$dir/threads" "$sources/threads.c" || exit 1
trace -f -o "$dir/plain" "$dir/threads"
trace -f --join -o "$dir/joined" "$dir/threads"
test "$(lines "$dir/joined" '<\.\.\. .* resumed>|<unfinished \.\.\.>$')" = 0
result $? "--join: whole lines only"
test "$(lines "$dir/joined" '^[0-9]+ +[a-z0-9_]+\(.*\) += ')" -gt 20
result $? "--join: calls are there"

trace -o "$dir/z" -z -e trace=openat cat /nonexistent
test "$(lines "$dir/z" '= [0-9]+$')" -gt 0 && test "$(lines "$dir/z" 'ENOENT')" = 0
result $? "-z prints what succeeded"
trace -o "$dir/Z" -Z -e trace=openat,exit_group cat /nonexistent
test "$(lines "$dir/Z" '"/nonexistent".* = -1 ENOENT')" = 1 &&
	test "$(lines "$dir/Z" '= [0-9?]+$')" = 0
result $? "-Z prints what failed"
trace -o "$dir/u" -e status=unfinished true
printf '%s\n' 'exit_group(0)                           = ?' '+++ exited with 0 +++' |
	cmp -s - "$dir/u"
result $? "-e status=unfinished prints the call without an end"
trace -o "$dir/n" --status=none true
test "$(cat "$dir/n")" = '+++ exited with 0 +++'
result $? "--status=none prints no call"
trace -e status=foo true
test $status = 1 && grep -q "^mtrace: invalid status 'foo' (.*successful, failed, .*)\$" "$dir/err"
result $? "a status that there is not"

# A call that is under way when mtrace lets go: in a line held back as in one that is open.
for options in "" --join "--status=detached"; do
	sleep 60 &
	sleeper=$!
	"$mtrace" $options -q -o "$dir/detached" -p $sleeper 2>"$dir/err" &
	tracer=$!
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -q "^TracerPid:[[:space:]]*[1-9]" /proc/$sleeper/status && break
		sleep 0.1
	done
	sleep 0.3
	kill -INT $tracer
	wait $tracer 2>/dev/null
	test "$(lines "$dir/detached" '<detached \.\.\.>$')" = 1
	result $? "detached in a call with '$options'"
	kill $sleeper
	wait $sleeper 2>/dev/null
done

finish
