#!/bin/sh
# SPDX-License-Identifier: MIT
# How traces begin and end: who is whose child, as whom programs run, what is left after detaching,
# what is said when it cannot be done.
#
# usage: startup.sh; MTRACE is the program

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
sources=$(dirname "$0")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# Other users come here, too.
chmod 755 "$dir"
evidence="out err"

need_ptrace
# shellcheck disable=SC2086
${CC:-cc} -O1 -pthread -o "$dir/busy" "$sources/tracees/busy.c" &&
	${CC:-cc} -O1 -pthread -o "$dir/clones" "$sources/tracees/clones.c" &&
	${CC:-cc} -shared -fPIC -O1 -o "$dir/vanish.so" "$sources/preload/vanish.c" -ldl || exit 1

# says WHAT FILE REGEX: a line of the last command's output
says()
{
	grep -qE -e "$3" "$dir/$2"
	result $? "$1: $2 has no line '$3'"
}

# A wrong value is one line, a second one may say where help is.
wrong()
{
	text=$1
	shift
	expect "$*" 1 "$mtrace" "$@"
	says "$*" err "^mtrace: $text( \\(.*\\))?\$"
	test "$(grep -cv "^Try 'mtrace -h'" "$dir/err")" = 1 && test ! -s "$dir/out"
	result $? "$*: more than one line"
}

# until WHAT COMMAND...: it succeeds within 10 s
until_so()
{
	what=$1
	shift
	came=1
	for try in $(seq 200); do
		"$@" && came=0 && break
		sleep 0.05
	done
	result $came "$what: it does not come to pass"
}

is_traced() { grep -q '^TracerPid:.*[1-9]' "/proc/$1/status" 2>/dev/null; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }
is_asleep() { grep -q '^State:.[SD]' "/proc/$1/status" 2>/dev/null; }
is_stopped() { grep -q '^State:.T' "/proc/$1/status" 2>/dev/null; }

# ---- wrong values: in strace's words where it has them ------------------------------------------

wrong "Syscall 'open' for -b isn't supported" -b open true
wrong "Syscall '' for -b isn't supported" --detach-on= true
wrong "invalid -I argument: '0'" -I 0 true
wrong "invalid -I argument: '1x'" -I 1x true
wrong "invalid --interruptible argument: 'foo'" --interruptible=foo true
wrong "Too many -D's \(4\), maximum supported -D count is 3" -DDDD true
wrong "-D and --daemonize cannot be provided simultaneously" -D --daemonize=session true
wrong "invalid --daemonised argument: 'foo'" --daemonised=foo true
wrong "PROG \[ARGS\] must be specified with -D/--daemonize" -D -p 1
wrong "Invalid process id: '0'" -p 0
wrong "Invalid process id: ''" -p 1,,2
wrong "invalid --syscall-limit argument: '-1'" --syscall-limit=-1 true
wrong "invalid --detach-after argument: '5d' is not a time such as 10, 1.5s, 200ms or 2m" \
	--detach-after=5d true
wrong "--kill-on-exit and -p/--attach are mutually exclusive options" --kill-on-exit -p 1
if test "$(id -u)" = 0; then
	wrong "Cannot find user 'no such user'" -u 'no such user' true
	wrong "Cannot find user '5'" --user=5 true
else
	wrong "You must be root to use the -u/--user option" -u root true
fi

# ---- the program's environment ------------------------------------------------------------------

expect "-E" 0 "$mtrace" -qq -e trace=none -E FOO=a=b -E GONE -E BAR=1 -E BAR env
GONE=1 BAR=0 expect "-E" 0 "$mtrace" -qq -e trace=none -E FOO=a=b -E GONE -E BAR=1 -E BAR env
says "-E" out '^FOO=a=b$'
test "$(grep -cE '^(GONE|BAR)' "$dir/out")" = 0
result $? "-E removes"
expect "-E PATH" 0 "$mtrace" -qq -e trace=none -E PATH=/nowhere true
expect "--argv0" 0 "$mtrace" -qq -e trace=execve --argv0=other sh -c 'echo "$0"'
says "--argv0" out '^other$'
says "--argv0" err '^execve\("[^"]*/sh", \["other", "-c", '
expect "--always-show-pid" 0 "$mtrace" -e trace=execve --always-show-pid true
test "$(grep -cvE '^[0-9]+ +(execve|\+\+\+)' "$dir/err")" = 0
result $? "--always-show-pid"

# ---- -u --------------------------------------------------------------------------------------------

if test "$(id -u)" = 0; then
	expect "-u" 0 "$mtrace" -o "$dir/trace" -u nobody id
	id nobody | sed 's/,.*//' >"$dir/wanted"
	cmp -s "$dir/out" "$dir/wanted"
	result $? "-u nobody: not what id says of it"
	expect "-u UID:GID" 0 "$mtrace" -o "$dir/trace" -u 12345:54321 id
	says "-u UID:GID" out '^uid=12345 gid=54321 groups=54321$'
	cp "$(command -v id)" "$dir/setuid" && chmod 4755 "$dir/setuid"
	expect "-u, set-user-ID" 0 "$mtrace" -o "$dir/trace" -u 12345:54321 "$dir/setuid"
	if mount | grep -q " on $(df "$dir" | awk 'END { print $NF }') .*nosuid"; then
		skip "-u with set-user-ID programs: no such programs in $dir"
	else
		says "-u, set-user-ID" out '^uid=12345 gid=54321 euid=0'
	fi
	# Without -u, an ordinary user's tracer takes the privilege away.
	if command -v setpriv >/dev/null && su=$(command -v setpriv); then
		expect "set-user-ID without -u" 0 "$su" --reuid 12345 --regid 54321 --clear-groups \
			"$mtrace" -o /dev/null "$dir/setuid"
		says "set-user-ID without -u" out '^uid=12345 gid=54321 groups=54321$'
	fi
else
	skip "-u: needs root"
fi

# ---- -D: the program is the caller's child --------------------------------------------------------

for options in -D -DD -DDD --daemonize=pgroup; do
	expect "$options" 7 "$mtrace" $options -o "$dir/trace" -e trace=exit_group sh -c \
		'echo "$PPID"; read -r _ _ _ _ group session _ <"/proc/$$/stat"; echo "$group $session"
		tracer=$(sed -n "s/^TracerPid:.//p" /proc/$$/status)
		read -r _ _ _ _ group session _ <"/proc/$tracer/stat"; echo "$group $session"; exit 7'
	parent=$(sed -n 1p "$dir/out")
	program=$(sed -n 2p "$dir/out")
	tracer=$(sed -n 3p "$dir/out")
	test "${program% *}" = "$parent" # timeout's group
	result $? "$options: the program is not in its caller's group"
	case $options in
	-D) test "$tracer" = "$program" ;;
	-DDD) test "${tracer#* }" != "${program#* }" ;;
	*) test "${tracer% *}" != "${program% *}" && test "${tracer#* }" = "${program#* }" ;;
	esac
	result $? "$options: group and session of the tracer are $tracer, of the program $program"
	until_so "$options: the trace" grep -q '^+++ exited with 7 +++$' "$dir/trace"
done
# Signals to the tracer do nothing, unless -I says otherwise; without it, who has a filter or is to be
# killed with it is, others go on.
for options in "-D" "-DD -f --seccomp-bpf" "-DDD --kill-on-exit"; do
	# shellcheck disable=SC2016
	signal_tracer='tracer=$(sed -n "s/^TracerPid:.//p" /proc/$$/status); kill -$0 $tracer; sleep 0.3
		cat /dev/null || exit 6; exit 7'
	for signal in INT TERM HUP; do
		expect "$options, SIG$signal" 7 "$mtrace" $options -o "$dir/trace" -e trace=openat,exit_group \
			sh -c "$signal_tracer" $signal
		until_so "$options, SIG$signal: the trace" grep -q '+++ exited with 7 +++$' "$dir/trace"
	done
	case $options in
	-D) kept=7 killed=7 ;;
	*--seccomp-bpf) kept=7 killed=137 ;;
	*) kept=137 killed=137 ;;
	esac
	expect "$options -I 1, SIGTERM" $kept "$mtrace" $options -I 1 -o "$dir/trace" \
		-e trace=openat,exit_group sh -c "$signal_tracer" TERM
	! grep -q '+++ exited with 7' "$dir/trace"
	result $? "$options -I 1, SIGTERM: traced to the end"
	expect "$options, SIGKILL" $killed "$mtrace" $options -o "$dir/trace" \
		-e trace=openat,exit_group sh -c "$signal_tracer" KILL
done
expect "-D" 0 "$mtrace" -D -e trace=none true
says "-D" err '^mtrace: Process [0-9]+ attached$'
expect "-D, no such program" 1 "$mtrace" -D "$dir/none"
says "-D, no such program" err "^mtrace: Can't stat '.*/none': No such file or directory\$"
expect "-D, no such file" 1 "$mtrace" -D -o "$dir/none/none" true
test "$(wc -l <"$dir/err")" = 1
result $? "-D, no such file: one line"
# The tracer is killed before the program knows: nothing runs on untraced by surprise, nothing hangs.
expect "-D and no output" 0 "$mtrace" -D -o /dev/full -e trace=none sh -c 'sleep 0.2'

# ---- signals to mtrace: -I ---------------------------------------------------------------------------

begin_busy()
{
	rm -f "$dir/end"
	"$dir/busy" "$dir/end" >"$dir/out" 2>"$dir/err" &
	busy=$!
	until_so "$*: busy runs" is_asleep $busy
}

end_busy()
{
	: >"$dir/end"
	wait $busy
	status=$?
	test $status = 26
	result $? "$*: status $status"
}

for kind in 1:PIPE 2:QUIT waiting:TERM anywhere:INT; do
	begin_busy "-I $kind"
	"$mtrace" -f -I "${kind%:*}" -o "$dir/trace" -p $busy 2>"$dir/err" &
	tracer=$!
	until_so "-I $kind: attached" is_traced $busy
	kill -"${kind#*:}" $tracer
	wait $tracer 2>/dev/null
	status=$?
	test $status -gt 128
	result $? "-I $kind: status $status"
	! is_traced $busy
	result $? "-I $kind: still traced"
	end_busy "-I $kind"
done
for kind in 3:TERM 4:HUP never:INT never_tstp:TSTP; do
	begin_busy "-I $kind"
	"$mtrace" -f -I "${kind%:*}" -o "$dir/trace" -p $busy 2>"$dir/err" &
	tracer=$!
	until_so "-I $kind: attached" is_traced $busy
	kill -"${kind#*:}" $tracer
	sleep 0.1
	is_traced $busy && ! is_stopped $tracer
	result $? "-I $kind: the signal had an effect"
	end_busy "-I $kind"
	wait $tracer
	result $? "-I $kind: exit status"
done

# ---- limits ----------------------------------------------------------------------------------------

expect "--syscall-limit" 9 "$mtrace" --syscall-limit=3 -e trace=%process,read sh -c 'sleep 0.1; exit 9'
test "$(grep -cE '\) += ' "$dir/err")" = 3
result $? "--syscall-limit: not three calls"
says "--syscall-limit" err '^mtrace: System call limit has been reached, detaching tracees$'
says "--syscall-limit" err '^mtrace: Process [0-9]+ detached$'
expect "--syscall-limit -c" 0 "$mtrace" --syscall-limit=3 -c -U calls,name true
says "--syscall-limit -c" err '^ *3 +total$'
expect "--detach-after" 8 "$mtrace" --detach-after=100ms -e trace=exit_group sh -c 'sleep 0.4; exit 8'
says "--detach-after" err '^mtrace: The time to detach has come, detaching tracees$'
! grep -q exit_group "$dir/err"
result $? "--detach-after: still traced"
begin_busy "--detach-after -p"
"$mtrace" -f --detach-after=.2s -o "$dir/trace" -p $busy 2>"$dir/err"
result $? "--detach-after -p: exit status"
! is_traced $busy
result $? "--detach-after -p: still traced"
end_busy "--detach-after -p"
begin_busy "--syscall-limit -p"
"$mtrace" -f --syscall-limit=500 -o "$dir/trace" -p $busy 2>"$dir/err"
result $? "--syscall-limit -p: exit status"
end_busy "--syscall-limit -p"

expect "-b" 4 "$mtrace" -b execve -e trace=execve sh -c 'exec /bin/sh -c "exit 4"'
says "-b" err '^execve\("/bin/sh", .*\*/mtrace: Process [0-9]+ detached$'
says "-b" err '^ <detached \.\.\.>$'
expect "-b, failed execve" 127 "$mtrace" -b execve -e trace=execve sh -c "exec '$dir/none'"
says "-b, failed execve" err '^\+\+\+ exited with 127 \+\+\+$'
expect "-b -f" 5 "$mtrace" -f -b execve -o "$dir/trace" -e trace=exit_group sh -c \
	'/bin/sh -c "exit 3"; /bin/true; exit 5'
test "$(grep -c 'exit_group(' "$dir/trace")" = 1
result $? "-b -f: children are traced after execve"
expect "-b, another thread" 21 "$mtrace" -f -b execve -o "$dir/trace" "$dir/clones" leader
says "-b, another thread" trace '^[0-9]+ +\+\+\+ superseded by execve in pid [0-9]+ \+\+\+$'
! grep -q 'exit_group' "$dir/trace"
result $? "-b, another thread: still traced"

# ---- --kill-on-exit ---------------------------------------------------------------------------------

for signal in INT KILL; do
	"$mtrace" --kill-on-exit -I 1 -f -o "$dir/trace" sh -c \
		'echo $$ >"$0"; sleep 50 & sleep 50; wait' "$dir/pid" 2>"$dir/err" &
	tracer=$!
	until_so "--kill-on-exit: runs" test -s "$dir/pid"
	kill -$signal $tracer
	wait $tracer 2>/dev/null
	until_so "--kill-on-exit, SIG$signal: the program is killed" is_gone "$(cat "$dir/pid")"
	rm -f "$dir/pid"
	test $signal = KILL || says "--kill-on-exit" trace '\+\+\+ killed by SIGKILL \+\+\+$'
done

# ---- calls that detaching interrupts ------------------------------------------------------------------

sleep 3 &
sleeper=$!
until_so "sleep sleeps" is_asleep $sleeper
for times in 1 2 3; do
	"$mtrace" --detach-after=0.1 -o "$dir/trace" -p $sleeper 2>"$dir/err"
	says "restart_syscall" trace '^restart_syscall\(<\.\.\. resuming interrupted read \.\.\.> <detached \.\.\.>$'
done
wait $sleeper
result $? "sleep(1) after attaching thrice"

# SIGSTOP while attaching: the process is stopped, and stays so when mtrace has gone.
for options in "" -f; do
	begin_busy "SIGSTOP"
	for try in 1 2 3 4 5; do
		kill -STOP $busy &
		"$mtrace" $options --detach-after=0.1 -o "$dir/trace" -p $busy 2>"$dir/err"
		until_so "SIGSTOP while attaching" is_stopped $busy
		kill -CONT $busy
	done
	end_busy "SIGSTOP while attaching"
done

# ---- a tracee that is killed in its stop: after some 40 stops before execve ---------------------------

if nm -D "$mtrace" 2>/dev/null | grep -q __asan_init; then
	echo "# a tracee that is killed in its stop is left out: another library is first in this mtrace"
else
	: >"$dir/vanished"
	for n in 60 61 62 63; do
		LD_PRELOAD=$dir/vanish.so VANISH=$n timeout 20 "$mtrace" -o "$dir/trace" \
			sh -c 'exit 3' 2>"$dir/err"
		status=$?
		test $status = 137 && test "$(tail -n 1 "$dir/trace")" = "+++ killed by SIGKILL +++"
		result $? "killed in its stop: status $status"
		cat "$dir/trace" >>"$dir/vanished"
	done
	says "killed in its stop" vanished '\) += \? <unavailable>$'
fi

# ---- why attaching failed -----------------------------------------------------------------------------

refused="^mtrace: attach: ptrace\(PTRACE_SEIZE, [0-9]+\): Operation not permitted: "
expect "no such process" 1 "$mtrace" -p 999999999
says "no such process" err '^mtrace: attach: ptrace\(PTRACE_SEIZE, 999999999\): No such process'
sleep 30 &
sleeper=$!
"$mtrace" -o "$dir/trace" -p $sleeper 2>/dev/null &
tracer=$!
until_so "traced" is_traced $sleeper
expect "traced already" 1 "$mtrace" -p $sleeper
says "traced already" err "${refused}it is traced already, by mtrace \(pid $tracer\); end that one"
kill -TERM $tracer
wait $tracer 2>/dev/null
expect "twice" 0 "$mtrace" --detach-after=0.1 -o "$dir/trace" -p $sleeper,999999999,$sleeper
says "twice" err "${refused}mtrace traces it already$"
says "twice" err "PTRACE_SEIZE, 999999999\): No such process"
sh -c 'sleep 0 & echo $!; exec sleep 20' >"$dir/zombie" &
parent=$!
until_so "zombie" test -s "$dir/zombie"
zombie=$(cat "$dir/zombie")
until_so "zombie" grep -q '^State:.Z' "/proc/$zombie/status"
expect "zombie" 1 "$mtrace" -p "$zombie"
says "zombie" err "${refused}it has ended and only waits for its parent, sleep \(pid $parent\)"
kill $parent
wait $parent 2>/dev/null
kthread=$(ps -o pid= --ppid 2 2>/dev/null | head -n 1 | tr -d ' ')
if test -n "$kthread"; then
	expect "kernel thread" 1 "$mtrace" -p "$kthread"
	says "kernel thread" err "${refused}it is a thread of the kernel"
else
	skip "kernel threads: none to be seen"
fi
if test "$(id -u)" = 0 && command -v setpriv >/dev/null; then
	plain="setpriv --reuid 12345 --regid 54321 --clear-groups"
	expect "another user's" 1 $plain "$mtrace" -p $sleeper
	says "another user's" err "${refused}it belongs to root \(uid 0\), we are uid 12345; try again as root\$"
	$plain sleep 20 &
	other=$!
	until_so "no capability" grep -q '^Uid:.12345' /proc/$other/status
	expect "no capability" 1 setpriv --bounding-set -sys_ptrace "$mtrace" -p $other
	says "no capability" err "${refused}it belongs to uid 12345, and root lacks CAP_SYS_PTRACE"
	kill $other
	wait $other 2>/dev/null
	$plain "$dir/clones" undumpable &
	undumpable=$!
	until_so "undumpable" sh -c 'grep -q "^Uid:.12345" "$0/status" && test "$(stat -c %u "$0/stat")" = 0' \
		/proc/$undumpable
	expect "not dumpable" 1 $plain "$mtrace" -p $undumpable
	says "not dumpable" err "${refused}it protects itself from its user"
	kill $undumpable
	wait $undumpable 2>/dev/null
else
	skip "other users: needs root and setpriv"
fi
# A number that is free here and means a process in a pid namespace below.
if unshare --pid --fork true 2>/dev/null; then
	unshare --pid --fork --kill-child sh -c \
		'while test "$(sh -c "echo \$\$")" -lt 40; do :; done; sleep 20 & echo $! >"$0"; wait' \
		"$dir/inner" &
	unshared=$!
	until_so "namespace" test -s "$dir/inner"
	inner=$(cat "$dir/inner")
	if test -e "/proc/$inner"; then
		skip "pid namespaces: $inner is a process here, too"
	else
		expect "another namespace" 1 "$mtrace" -p "$inner"
		says "another namespace" err \
			"No such process: but $inner is what its own pid namespace calls sleep \(pid [0-9]+\)"
	fi
	kill $unshared
	wait $unshared 2>/dev/null
else
	skip "pid namespaces: not permitted"
fi
kill $sleeper
wait $sleeper 2>/dev/null

finish
