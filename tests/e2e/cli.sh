#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line as a user meets it: names, exit statuses, where text goes.
# usage: cli.sh; MTRACE is the program

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
evidence="out err"

# has WHAT FILE TEXT: the file of the last command has such a line
has()
{
	grep -qxF -e "$3" "$dir/$2"
	result $? "$1: no line '$3'"
}

expect version 0 "$mtrace" -V
grep -qE '^mtrace -- version [0-9]+\.[0-9]+$' "$dir/out"
result $? "first line of -V"

ln -s "$mtrace" "$dir/strace"
expect "no program" 1 "$dir/strace"
has "no program" err "strace: must have PROG [ARGS] or -p PID"
has "no program" err "Try 'strace -h' for more information."
expect "bad option" 1 "$dir/strace" --nonsense
has "bad option" err "strace: unrecognized option '--nonsense'"
expect "not yet" 1 "$dir/strace" --tips true
has "not yet" err "strace: --tips is not implemented yet"
expect "help" 0 "$mtrace" --help
test ! -s "$dir/err"
result $? "--help goes to standard output"
test "$(awk 'length > 79' "$dir/out" | wc -l)" = 0
result $? "--help fits into 80 columns"
expect "describe" 0 "$mtrace" --describe openat
has "describe" out "openat"
if test -w /dev/full; then
	expect "output that cannot be written" 1 sh -c '"$1" -V >/dev/full' sh "$mtrace"
fi

"$mtrace" -o /dev/null true 2>"$dir/err"
if grep -q 'PTRACE_SEIZE.*not permitted' "$dir/err"; then
	echo "SKIP: ptrace is forbidden here"
	echo "$passed passed, $failed failed, 1 skipped"
	test $failed = 0
	exit
fi

expect "exit status" 7 "$mtrace" -o /dev/null sh -c 'exit 7'
expect "program that is missing" 1 "$mtrace" "$dir/nothing"
expect "output that cannot be opened" 1 "$mtrace" -o "$dir/none/file" true
expect "trace in a file" 0 "$mtrace" -o "$dir/trace" -e trace=none true
test "$(cat "$dir/trace")" = "+++ exited with 0 +++"
result $? "-e trace=none leaves the exit"
test ! -s "$dir/err"
result $? "-o leaves standard error to the program"
expect "quiet" 0 "$mtrace" -qq -e trace=none true
test ! -s "$dir/err"
result $? "-qq leaves out the exit"
expect "a set of calls" 0 "$mtrace" -o "$dir/trace" -qq -e trace=execve true
test "$(wc -l <"$dir/trace")" = 1 && grep -q '^execve(' "$dir/trace"
result $? "-e trace=execve prints it alone"
expect "death by a signal" 143 "$mtrace" -o "$dir/trace" -qq -e trace=none sh -c 'kill -TERM $$'
grep -qx '+++ killed by SIGTERM +++' "$dir/trace"
result $? "-qq leaves the death by a signal"
expect "death by a signal, hidden" 143 "$mtrace" -o "$dir/trace" -e signal=none -e trace=none \
	sh -c 'kill -TERM $$'
test ! -s "$dir/trace"
result $? "-e signal=none hides the death by a signal"
expect "options end at the program" 0 "$mtrace" -o /dev/null sh -c 'test "$1" = -f' sh -f

finish
