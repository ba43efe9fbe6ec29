#!/bin/sh
# SPDX-License-Identifier: MIT
# The summary of -c and -C as a user meets it: what is counted, what is printed and where.
# usage: summary.sh; MTRACE is the program

mtrace=${MTRACE:-./mtrace}
case $mtrace in
/*) ;;
*) mtrace=$PWD/$mtrace ;;
esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0
cd "$dir" || exit 1

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# What strace would print is printed under strace's name.
ln -s "$mtrace" strace
strace=$dir/strace

"$strace" -c -o table true 2>err
if grep -q 'not permitted' err; then
	echo "SKIP: ptrace is forbidden here"
	exit 77
fi

# is WHAT FILE LINE-NUMBER TEXT
is()
{
	line=$(sed -n "$3p" "$2")
	test "$line" = "$4" || fail "$1: line $3 is '$line', not '$4'"
}

is "heading" table 1 "% time     seconds  usecs/call     calls    errors syscall"
is "rule" table 2 "------ ----------- ----------- --------- --------- ----------------"
tail -n 2 table | head -n 1 | grep -q '^------ ' || fail "no rule above the total"
grep -qE '^100\.00 +[0-9]+\.[0-9]{6} +[0-9]+ +[0-9]+ +[0-9]* total$' table ||
	fail "no total: $(tail -n 1 table)"
grep -qv '^[ 0-9%-].*' table && fail "lines that are no part of a table"
test -s err && fail "-c -o writes to standard error: $(cat err)"

# Without -o the table goes to standard error, and the program's exit status is ours.
"$strace" -c sh -c 'exit 7' 2>err
test $? = 7 || fail "-c changes the exit status"
grep -q ' total$' err || fail "no table on standard error"

# counts FILE: "calls errors name" of each row of a table of -U calls,errors,name
counts()
{
	sed -e '1,/^-/d' -e '/^-/,$d' "$1" |
		awk '{ print $1, (NF == 3 ? $2 : 0), $NF }' | sort -k 3
}

# The same run traced and counted: each line that ends with a result is one call.  The trace ends
# where the table's heading begins.
same_counts()
{
	what=$1
	shift
	"$strace" -C -U calls,errors,name "$@" >/dev/null 2>err || fail "$what: status $?"
	sed -n '/^    calls    errors syscall$/,$p' both >table
	sed '/^    calls    errors syscall$/,$d' both |
		sed -e 's/^[0-9]* *//' -e '/^[a-z_0-9]*(.* = ?/d' |
		awk '/^[a-z_0-9]+\(/ {
			name = $0
			sub(/\(.*/, "", name)
			calls[name]++
			if ($0 ~ / = -1 E[A-Z0-9]+ \([^()]*\)$/ || $0 ~ / = \? E/)
				errors[name]++
		}
		END {
			for (name in calls)
				print calls[name], errors[name] + 0, name
		}' | sort -k 3 >traced
	counts table >counted
	test -s traced || fail "$what: no trace"
	cmp -s traced counted || {
		fail "$what: the table is not what the trace has"
		diff traced counted
	}
}

same_counts "ls" -o both ls -lR /etc/default
same_counts "shell" -f --join -o both sh -c 'for i in 1 2 3; do cat /etc/passwd | sort; done; ls /nonexistent; true'
same_counts "one call" -o both -e trace=openat ls /
test "$(counts table | awk '{ print $3 }')" = openat || fail "-e trace= counts other calls"
same_counts "failures" -o both -z ls -l /etc /root
counts table | awk '$2 > 0 { found = 1 } END { exit !found }' && fail "-z counts failures"

# -c counts the same: the shell's kill is of our making and its only one.
"$strace" -c -e trace=chdir -U calls,errors,name -o table sh -c 'cd /; cd /tmp; cd /nonexistent' \
	2>/dev/null
test "$(counts table)" = "3 1 chdir" || fail "three chdir: $(counts table)"
"$strace" -c -e trace=chdir -o table true
test -s table && fail "a table without calls"

# Wall time: a sleep of 30 ms is that long; in the kernel it takes next to nothing.
"$strace" -c -w -U wall-total,total-time,name -S name -e trace=clock_nanosleep -o table sleep 0.03
awk '$3 == "clock_nanosleep" && $1 >= 0.03 && $1 == $2 { found = 1 } END { exit !found }' table ||
	fail "-w: $(cat table)"
"$strace" -c -U wall-total,total-time,name -e trace=clock_nanosleep -o table sleep 0.03
awk '$3 == "clock_nanosleep" && $1 >= 0.03 && $2 < 0.03 { found = 1 } END { exit !found }' table ||
	fail "system time: $(cat table)"
"$strace" -c -w -O 1s -U total-time,name -e trace=clock_nanosleep -o table sleep 0.03
is "-O" table 3 "   0.000000 clock_nanosleep"

# A process that runs already, until we are told to stop.
dd if=/dev/zero of=/dev/null bs=1 2>/dev/null &
busy=$!
"$strace" -c -o table -p $busy 2>err &
tracer=$!
sleep 0.5
first=$(awk '/^VmHWM/ { print $2 }' /proc/$tracer/status)
sleep 1
second=$(awk '/^VmHWM/ { print $2 }' /proc/$tracer/status)
kill -INT $tracer
wait $tracer
test $? = 130 || fail "-c -p ended by SIGINT: status $?"
kill $busy || fail "the process did not outlive -c -p"
wait $busy 2>/dev/null
calls=$(awk '$NF == "read" || $NF == "write" { calls += $4 } END { print calls }' table)
test "${calls:-0}" -gt 1000 || fail "-c -p: $(cat table)"
test "$second" -le $((first + 128)) || fail "memory grew from $first to $second kB"
test "$(cat err)" = "strace: Process $busy attached
strace: Process $busy detached" || fail "-c -p: $(cat err)"

# refused OPTIONS MESSAGE
refused()
{
	# shellcheck disable=SC2086
	"$strace" $1 true 2>err && fail "$1: status 0"
	test "$(head -n 1 err)" = "strace: $2" || fail "$1: $(head -n 1 err)"
}

must="(-c/--summary-only or -C/--summary)"
refused "-c -C" "-c/--summary-only and -C/--summary are mutually exclusive"
refused "-w" "-w/--summary-wall-clock must be given with $must"
refused "-U name" "-U/--summary-columns must be given with $must"
refused "-c -ff -o table" "$must and -ff/--output-separately are mutually exclusive"
refused "-c -S foo" "invalid sortby: 'foo'"
refused "-c -U calls,foo,name" "unknown column name: 'foo'"
refused "-c -U ," "unknown column name: ''"
refused "-c -U count,calls,name" "call summary column has been provided more than once: 'calls' (-U option residual: 'calls,name')"
for time in -1 1x 0x10 nan inf 1e400 5m "" 1e30s; do
	"$strace" -c -O "$time" true 2>err && fail "-O $time: status 0"
	test "$(head -n 1 err)" = "strace: invalid -O argument: '$time'" || fail "-O $time: $(cat err)"
done
for time in 0 1 1.5us 1e3ns 2ms .5s +5; do
	"$strace" -c -O "$time" -o table true || fail "-O $time is refused"
done
"$strace" -S name -o table true 2>err || fail "-S alone is refused"
test "$(cat err)" = "strace: -S/--summary-sort-by has no effect without $must" || fail "-S: $(cat err)"

# What is ours: under our own name the cost of tracing and corrected times come below the table.
# Which numbers come out is a matter of the machine; that they are there and make sense is not.
# shellcheck disable=SC2016
"$mtrace" -c -o table sh -c 'i=0; while test $i -lt 300; do i=$((i + 1)); kill -0 $$; done' ||
	fail "-c with the report: status $?"
is "strace's table comes first" table 1 "% time     seconds  usecs/call     calls    errors syscall"
grep -q '^ *true-total  *true-avg  *calls syscall$' table || fail "no corrected times"
test "$(awk 'length > 80' table)" = "" || fail "lines of more than 80 columns: $(cat table)"
for line in stops "per stop" "tracer CPU" stopped "wall time" slowdown crossings; do
	grep -q "^  $line  " table || fail "no line '$line' in the report: $(cat table)"
done
stops=$(awk '$1 == "stops" { print $2 + 0 }' table)
enter=$(awk '$1 == "stops" { print $4 + 0 }' table)
calls=$(awk '/ total$/ { print $4; exit }' table)
if test "$enter" -le "$calls" || test "$stops" -le $((2 * calls)); then
	fail "$stops stops for $calls calls: $(cat table)"
fi
grep -q -e '-[0-9.]* [mu]*s' table && fail "a negative time: $(cat table)"
"$mtrace" -c --overhead=no -o table true
grep -qv '^[-% 0-9]' table && fail "--overhead=no: $(cat table)"
tail -n 1 table | grep -q ' total$' || fail "--overhead=no: $(cat table)"
"$strace" -c --overhead=yes -o table true
grep -q '^Cost of tracing' table || fail "--overhead=yes is not obeyed"
"$mtrace" --overhead=maybe -c true 2>err && fail "--overhead=maybe: status 0"

# However a process is got at, what a stop costs can be measured: three times, since CPUs differ.
sleep 60 &
idle=$!
for try in 1 2 3; do
	"$mtrace" -c -o table -p $idle 2>err &
	tracer=$!
	tries=0
	until grep -q ' attached$' err || test $tries = 200; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill -INT $tracer
	wait $tracer
	grep -q '^Cost of tracing' table || fail "no report of -p, try $try: $(cat err table)"
done
kill $idle
wait $idle 2>/dev/null

# A sleep is not corrected away.
"$mtrace" -c -U true-total,name -S true-total -e trace=clock_nanosleep -o table sleep 0.05
awk '$2 == "clock_nanosleep" && $1 >= 0.049 { found = 1 } END { exit !found }' table ||
	fail "true-total of a sleep: $(cat table)"

# member NAME FILE: of the record of what tracing cost
member()
{
	sed -n "s/^{\"type\":\"overhead\".*\"$1\":\([0-9]*\).*/\1/p" "$2"
}

# What the report rests on: each call was seen to begin and to end, and the sleep to be one.
"$mtrace" -c --json -o records sleep 0.05
calls=$(sed -n 's/^{"type":"summary".*"calls":\([0-9]*\),"errors".*/\1/p' records |
	awk '{ calls += $1 } END { print calls }')
test "$(member calls records)" = "$calls" || fail "of $calls calls: $(cat records)"
for name in idle_ns untraced_ns; do
	test "$(member $name records)" -ge 49000000 || fail "$name of a sleep: $(cat records)"
done

# Of more threads than are told one by one the rest is told together, and none is forgotten.
"$mtrace" -c -f --json -o records sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do (cd /); done'
calls=$(sed -n 's/^{"type":"overhead_thread","threads":\([0-9]*\),.*"calls":\([0-9]*\),.*/\1 \2/p' records |
	awk '{ rows++; threads += $1; calls += $2 } END { print rows, threads, calls }')
test "$calls" = "11 14 $(member calls records)" || fail "threads, $calls: $(grep overhead records)"

# Who called, and what failed.
"$mtrace" -c -f --overhead=no --summary-errors --summary-by=comm -e trace=chdir -o table \
	sh -c 'cd /; cd /nonexistent; sh -c "cd /dev/null"; cat /dev/null' 2>/dev/null
grep -qx '        1 chdir            ENOENT' table || fail "--summary-errors: $(cat table)"
grep -qx '        1 chdir            ENOTDIR' table || fail "--summary-errors: $(cat table)"
grep -qE '^ +3 +[0-9.]+ +2 +sh$' table || fail "--summary-by=comm: $(cat table)"
"$mtrace" -c -f --summary-by=pid -e trace=chdir -o table \
	sh -c 'cd /; cd /nonexistent; sh -c "cd /dev/null; :"; :' 2>/dev/null
test "$(grep -cE '^ +[12] +[0-9.<]+ +1 +[0-9]+ sh$' table)" = 2 || fail "--summary-by=pid: $(cat table)"

# On what: dd's own descriptors, whatever else it opens.
"$mtrace" -c --overhead=no --summary-by=path -e trace=read,write -o table \
	dd if=/dev/zero of=/dev/null bs=1000 count=10 2>/dev/null
grep -qE '^ +10 +[0-9.]+ +10000 /dev/zero$' table || fail "--summary-by=path: $(cat table)"
: >'odd
name'
"$mtrace" -c --overhead=no --summary-by=fd -e trace=read -o table cat 'odd
name' >/dev/null
grep -qE '^ +1 +[0-9.]+ +[0-9]+ [0-9]+<.*/odd\\nname>$' table || fail "--summary-by=fd: $(cat table)"

# Bytes, and quantiles that are in order.
"$mtrace" -c -U bytes,p50,p95,p99,calls,name -e trace=read -o table \
	dd if=/dev/zero of=/dev/null bs=1000 count=200 2>/dev/null
awk '$NF == "read" && $1 >= 200000 && $2 <= $3 && $3 <= $4 { found = 1 } END { exit !found }' table ||
	fail "bytes and quantiles: $(cat table)"

# Totals as it goes on; the bytes of the intervals are all that there are but for the last one's.
"$mtrace" -c --overhead=no --summary-interval=10ms -o table \
	dd if=/dev/zero of=/dev/null bs=1 count=20000 2>/dev/null
awk '/^ *[0-9]+\.[0-9]+ s: [0-9]+ calls, [0-9]+ errors, [0-9]+ bytes$/ {
	lines++
	calls += $3
	if ($1 < before)
		exit
	before = $1
}
/ total$/ { total = $4 }
END { exit !(lines > 1 && calls > 0 && calls <= total) }' table || fail "--summary-interval: $(cat table)"
for time in 0 1us x; do
	"$mtrace" -c --summary-interval=$time true 2>err && fail "--summary-interval=$time: status 0"
done
refused "--summary-errors" "--summary-errors, -by and -interval must be given with $must"

test $failures = 0 && echo "summary: as strace prints it, and ours below"
test $failures = 0
