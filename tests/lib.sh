# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What test scripts share: counting, trying, and whether tracing is allowed here.  To be read with "."
# by scripts whose $mtrace is the program and whose $dir is their own directory.

passed=0
failed=0
skipped=0
# Files of $dir of which a failure shows the beginning.
evidence=

# result STATUS WHAT: one test, which passed if STATUS is 0
result()
{
	if test "$1" = 0; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "FAIL: $2"
	for file in $evidence; do
		sed "s/^/  $file: /" "$dir/$file" 2>/dev/null | head -n 20
	done
}

skip()
{
	skipped=$((skipped + 1))
	echo "SKIP: $*"
}

# The last command of a script.
finish()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	test $failed = 0
}

# Nothing can be tested where a sandbox forbids ptrace.
need_ptrace()
{
	case $("$mtrace" -o /dev/null true 2>&1) in
	*PTRACE_SEIZE*"not permitted"*)
		echo "SKIP: ptrace is forbidden here"
		exit 77
		;;
	esac
}

# trace WORDS...: runs mtrace with them; out and err of $dir are what was said, $status the exit status
trace()
{
	timeout 60 "$mtrace" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
}

# expect WHAT STATUS COMMAND...: the same for any command, which must end with STATUS
expect()
{
	what=$1
	wanted=$2
	shift 2
	rm -f "$dir/trace"
	timeout -s KILL 60 "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	test $status = "$wanted"
	result $? "$what: status $status, not $wanted"
}

# lines FILE PATTERN: how many lines match
lines()
{
	grep -cE -e "$2" "$1"
}

# Processes that run a program of $dir, stopped ones and zombies among them.
left_behind()
{
	for process in /proc/[0-9]*; do
		case $(readlink "$process/exe" 2>/dev/null) in
		"$dir"/*) echo "${process#/proc/}" ;;
		esac
	done
}
