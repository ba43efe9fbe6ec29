#!/bin/sh
# SPDX-License-Identifier: MIT
# Times in lines of text: -t, -r, -T and their long names, wherever lines begin and whatever they are about.
# usage: times.sh; MTRACE is the program

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
sources=$(dirname "$0")/tracees
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export LC_ALL=C TZ=UTC0

need_ptrace
${CC:-cc} -O1 -pthread -o "$dir/waits" "$sources/waits.c" || exit 1

# all FILE PATTERN WHAT: every line matches, and there are some
all()
{
	test -s "$1" && ! grep -vE -e "$2" "$1" >"$dir/other"
	result $? "$3: $(head -n 2 "$dir/other" 2>/dev/null)"
}

time='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]'
calls=trace=clock_nanosleep,kill,close,read,write,exit_group

# Every kind of line has them: calls, parts of calls, signals, ends.
trace -f -tt -r -e $calls -o "$dir/f" "$dir/waits"
all "$dir/f" "^[0-9]+ +$time\.[0-9]{6} \(\+     0\.[0-9]{6}\) [a-z+<-]" "-f -tt -r -o"
trace -f -t -e $calls "$dir/waits"
grep -v ' attached$' "$dir/err" >"$dir/shown"
all "$dir/shown" "^(\[pid +[0-9]+\] )?$time [a-z+<-]" "-f -t"
trace -ff --rel=ms -e $calls -o "$dir/ff" "$dir/waits"
test "$(find "$dir" -name 'ff.*' | wc -l)" = 2
result $? "-ff -r: two files"
cat "$dir"/ff.* >"$dir/shown"
all "$dir/shown" "^     0\.[0-9]{3} [a-z+<-]" "-ff -r"
test "$(lines "$dir/shown" '^ +0\.000 .*')" -lt "$(wc -l <"$dir/shown")"
result $? "-ff -r: time passes"
test "$(lines "$dir/f" "\) --- SIG|\) \+\+\+ exited")" -ge 2
result $? "-f -tt -r: signals and ends are among the lines"

# The time of day is the clock's, in the time zone of TZ.
before=$(date +%s)
trace -ttt -e trace=execve -o "$dir/ttt" true
after=$(date +%s)
all "$dir/ttt" '^[0-9]{10}\.[0-9]{6} [a-z+]' "-ttt"
awk -v a="$before" -v b="$((after + 1))" '$1 < a || $1 > b { exit 1 }' "$dir/ttt"
result $? "-ttt: not between $before and $after: $(cat "$dir/ttt")"
for zone in UTC0 XXX-5:45 YYY8; do
	first=$(TZ=$zone date +%H:%M:%S)
	TZ=$zone trace -t -e trace=none -o "$dir/zone" true
	last=$(TZ=$zone date +%H:%M:%S)
	shown=$(cut -d ' ' -f 1 "$dir/zone")
	# A test that runs through midnight of a zone has the day end between two of the three.
	printf '%s\n' "$first" "$shown" "$last" | sort -c 2>/dev/null || test "$first" ">" "$last"
	result $? "-t with TZ=$zone: $shown is not between $first and $last"
done
trace --absolute-timestamps=format:unix,precision:ns -o "$dir/ns" true
all "$dir/ns" '^[0-9]{10}\.[0-9]{9} [a-z+]' "--absolute-timestamps=format:unix,precision:ns"
trace --timestamps=none -o "$dir/none" true
all "$dir/none" '^[a-z+]' "--timestamps=none"

# Since the line before: times add up to what the time of day says, but for what an adjusted clock does.
trace --timestamps=unix,ns --relative-timestamps=ns -o "$dir/sum" "$dir/waits"
all "$dir/sum" '^[0-9]{10}\.[0-9]{9} \(\+     [0-9]\.[0-9]{9}\) ' "--timestamps=unix,ns -r"
test "$(head -n 1 "$dir/sum" | cut -d ' ' -f 2-)" = \
	"(+     0.000000000) $(head -n 1 "$dir/sum" | sed 's/^[^)]*) //')"
result $? "-r: the first line has 0"
tail -n +2 "$dir/sum" | sed 's/.*(+ *//; s/).*//' | awk '{ sum += $1 } END { exit !(sum >= 0.1) }'
result $? "-r: the nap of 100 ms is not in the sum"

# -T: behind all that is said of the result; not behind calls that do not end.
trace -T -e trace=clock_nanosleep,close,exit_group -e inject=close:retval=7:when=1 -o "$dir/T" \
	"$dir/waits"
all "$dir/T" '(= -?[0-9].* <[0-9]+\.[0-9]{6}>|^exit_group\(0\) += \?|^\+\+\+ .* \+\+\+|^--- .* ---)$' "-T"
test "$(lines "$dir/T" '^close\(.* = 7 \(INJECTED\) <0\.[0-9]{6}>$')" = 1 &&
	test "$(lines "$dir/T" 'EBADF \(Bad file descriptor\) <0\.[0-9]{6}>$')" = 1
result $? "-T: behind errors and notes"
sed -n 's/^clock_nanosleep.*<\(.*\)>$/\1/p' "$dir/T" | awk '{ n++ } $1 < 0.1 { exit 1 } END { exit n != 1 }'
result $? "-T: the nap takes 100 ms: $(grep nanosleep "$dir/T")"
trace --syscall-times=s -e trace=clock_nanosleep -o "$dir/s" "$dir/waits"
test "$(lines "$dir/s" '= 0 <0>$')" = 1
result $? "--syscall-times=s: no point"
trace -T -r -e trace=clock_nanosleep,kill -e inject=clock_nanosleep:delay_exit=50ms -o "$dir/delayed" "$dir/waits"
sed -n 's/ *\([0-9.]*\) kill.*/\1/p' "$dir/delayed" | awk '{ exit $1 < 0.15 }'
result $? "-r: a delay is time that passes: $(cat "$dir/delayed")"

# A line that is resumed has the time at which it goes on, and then that of the whole call.
trace -f --timestamps=unix,ns -T -e trace=read,close,write -o "$dir/split" "$dir/waits"
test "$(lines "$dir/split" '^[0-9]+ +[0-9.]{20} read\([0-9]+ <unfinished \.\.\.>$')" = 1 &&
	test "$(lines "$dir/split" '<\.\.\. read resumed>, "x", 1\) += 1 <0\.[0-9]{6}>$')" = 1
result $? "a split line"
awk '/ read\([0-9]+ <unf/ { begin = $2 } /read resumed>, "x"/ { gsub(/[<>]/, "", $NF); took = $2 - begin
	exit !($NF > 0 && $NF - took < 0.01 && took - $NF < 0.01) }' "$dir/split"
result $? "a split line: times of its parts and of the call: $(grep read "$dir/split")"
trace -f -T -tt -e trace=read,exit_group -o "$dir/unfinished" "$dir/waits" exit
test "$(lines "$dir/unfinished" "$time\.[0-9]{6} <\.\.\. read resumed> <unfinished \.\.\.>\) = \?\$")" = 1
result $? "a call that its process's end cuts short has a time of day, and no duration"

# Lines that are held back have the time at which their call began: the thread's is the oldest.
for late in --join -z; do
	trace -f $late --timestamps=unix,ns --relative-timestamps=ns -T -e trace=read,close,write -o "$dir/late" \
		"$dir/waits"
	grep -E ' (read\([0-9]+, "x"|write)' "$dir/late" >"$dir/pair"
	test "$(sed 's/.*) \([a-z]*\)(.*/\1/' "$dir/pair" | tr '\n' ' ')" = "write read "
	result $? "$late: the call that waited is printed last: $(cat "$dir/pair")"
	test "$(sort -k 2,2 "$dir/pair" | head -n 1 | grep -c ' read(')" = 1
	result $? "$late: ... with the earlier time: $(cat "$dir/pair")"
	awk '/ write\(/ { begin = $2 } / read\([0-9]+, "x"/ { gsub(/[<>]/, "", $NF)
		exit !($2 + $NF >= begin && $2 < begin) }' "$dir/pair"
	result $? "$late: begin and duration fit together: $(cat "$dir/pair")"
	test "$(lines "$dir/late" '\(\+ *-')" = 0
	result $? "$late: no time is negative"
done
# Each is measured from what began before it, in whatever order they are printed.
trace -f --join --timestamps=unix,ns --relative-timestamps=ns -e trace=read,close,write,exit_group -o "$dir/order" \
	"$dir/waits"
sort -k 2,2 "$dir/order" | sed 's/(+ *//; s/)//' | awk 'NR > 1 { n++; d = $2 - last - $3
	if (d > 0.002 || d < -0.002) exit 1 } { last = $2 } END { exit !n }'
result $? "--join -r: since what began before: $(cat "$dir/order")"

# A tracee that is let go in a call: no duration.
sleep 60 &
sleeper=$!
"$mtrace" -q -T -tt -r -o "$dir/detached" -p $sleeper 2>"$dir/err" &
tracer=$!
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	grep -q "^TracerPid:[[:space:]]*[1-9]" /proc/$sleeper/status && break
	sleep 0.1
done
sleep 0.3
kill -INT $tracer
wait $tracer 2>/dev/null
kill $sleeper
wait 2>/dev/null
tail -n 1 "$dir/detached" >"$dir/shown"
all "$dir/shown" "^$time\.[0-9]{6} \(\+     [0-9]\.[0-9]{6}\) [a-z_]+\(.* <detached \.\.\.>\$" "-p"

# Records have all times anyway: the same members with these options as without.
trace --json -o "$dir/plain.json" true
trace --json -ttt -r -T -o "$dir/times.json" true
for file in plain times; do
	sed 's/[0-9][0-9]*/0/g' "$dir/$file.json" >"$dir/$file"
done
test -s "$dir/plain" && diff "$dir/plain" "$dir/times" >"$dir/diff"
result $? "--json -ttt -r -T: $(head -n 3 "$dir/diff")"

# Without a trace there is no line for them; with one below which there is a table, there is.
trace -c -rtT -o "$dir/c" true
test "$(lines "$dir/err" '^mtrace: -[rtT]/--[a-z-]+ has no effect with -c/--summary-only$')" = 3 &&
	test "$(lines "$dir/c" "^$time|[a-z]\(|<0\.[0-9]{6}>\$")" = 0
result $? "-c: $(cat "$dir/err")"
trace -C -tT -e trace=execve -o "$dir/C" true
test "$(lines "$dir/C" "^$time execve\(.* = 0 <0\.[0-9]{6}>\$")" = 1 && test "$(lines "$dir/C" '^100\.00 .* total$')" = 1
result $? "-C"

finish
