#!/bin/sh
# SPDX-License-Identifier: MIT
# -e inject= and -e fault=: what a program gets (inject_calls.c says it), what the trace shows of it,
# and that a program whose calls are tampered with can be killed and let go at any time.  The lines
# are strace 6.1's for the same options; where it does otherwise, that is said.
# usage: inject.sh; MTRACE is the program, takes CC and CC_I386

set -u
. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
source=$(dirname "$0")/inject_calls.c
cc_i386=${CC_I386-i686-linux-gnu-gcc}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export LC_ALL=C
umask 022

need_ptrace

# expect OPTIONS WORDS; standard input: the trace, a line --, what the program says.  Programs that
# begin, exits with 0 and who sent a signal are left out of the trace.
expect()
{
	cat >"$dir/want"
	sed '/^--$/,$d' "$dir/want" >"$dir/want.trace"
	sed '1,/^--$/d' "$dir/want" >"$dir/want.out"
	# shellcheck disable=SC2086
	timeout -k 5 60 "$mtrace" -a 0 -o "$dir/trace" --quiet=personality,attach \
		-e trace=$traced $1 "$program" $2 >"$dir/out" 2>"$dir/err" </dev/null
	sed -E -e 's/^[0-9]+ +//' -e '/^\+\+\+ exited with 0 \+\+\+$/d' -e '/^execve\(.* = 0$/d' \
		-e 's/si_pid=[0-9]+, si_uid=[0-9]+/.../' "$dir/trace" >"$dir/got.trace"
	if cmp -s "$dir/want.trace" "$dir/got.trace" && cmp -s "$dir/want.out" "$dir/out" &&
		! test -s "$dir/err"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "FAIL$label: $1: $2"
	diff "$dir/want.trace" "$dir/got.trace"
	diff "$dir/want.out" "$dir/out"
	cat "$dir/err"
}

traced=execve,chdir,getpid,umask,read,write,dup,pause,rt_sigreturn,connect

run_results()
{
	expect '-e inject=chdir:error=EPERM' 'chdir chdir' <<'EOF'
chdir("/") = -1 EPERM (Operation not permitted) (INJECTED)
chdir("/") = -1 EPERM (Operation not permitted) (INJECTED)
--
chdir -1 1 0
chdir -1 1 0
EOF
	expect '--inject=getpid:retval=42' 'getpid' <<'EOF'
getpid() = 42 (INJECTED)
--
getpid 42 0 0
EOF
	expect '-e fault=dup' 'dup' <<'EOF'
dup(-1) = -1 ENOSYS (Function not implemented) (INJECTED)
--
dup -1 38 0
EOF
	expect '--fault=chdir:error=4095:syscall=getuid:when=2' 'chdir chdir' <<'EOF'
chdir("/") = 0
chdir("/") = -1 (errno 4095) (INJECTED)
--
chdir 0 0 0
chdir -1 4095 0
EOF
	# The number of the call that is skipped is -1, which is never restarted.
	expect '-e inject=chdir:error=ERESTARTSYS' 'chdir' <<'EOF'
chdir("/") = ? ERESTARTSYS (To be restarted if SA_RESTART is set) (INJECTED)
--
chdir -1 512 0
EOF
	# A call that is not made does not block, does not end the program and does not replace it.
	expect '-e trace=pause,exit_group -e inject=pause:retval=0 -e inject=exit_group:error=EPERM:when=1' \
		'pause exit_group' <<'EOF'
pause() = 0 (INJECTED)
exit_group(3) = -1 EPERM (Operation not permitted) (INJECTED)
exit_group(0) = ?
--
pause 0 0 0
exit_group -1 1 0
EOF
	expect '-e trace=exit_group -e inject=exit_group:retval=5:when=1' 'exit_group' <<'EOF'
exit_group(3) = 5 (INJECTED)
exit_group(0) = ?
--
exit_group 5 0 0
EOF
	expect '-e inject=execve:retval=7' 'execve' <<'EOF'
execve("/nonexistent", NULL, NULL) = 7 (INJECTED)
--
execve 7 0 0
EOF
	expect '-f -e trace=fork -e inject=fork:error=EAGAIN' 'fork' <<'EOF'
fork() = -1 EAGAIN (Resource temporarily unavailable) (INJECTED)
--
fork -1 11 0
EOF
	# On i386 through socketcall.
	expect '-e inject=connect:retval=3:when=2' 'connect connect' <<'EOF'
connect(-1, NULL, 0) = -1 EBADF (Bad file descriptor)
connect(-1, NULL, 0) = 3 (INJECTED)
--
connect -1 9 0
connect 3 0 0
EOF
}

run_rules()
{
	expect '-e inject=chdir,umask:error=EPERM:when=2' 'chdir umask chdir umask chdir' <<'EOF'
chdir("/") = 0
umask(022) = 022
chdir("/") = -1 EPERM (Operation not permitted) (INJECTED)
umask(022) = -1 EPERM (Operation not permitted) (INJECTED)
chdir("/") = 0
--
chdir 0 0 0
umask 18 0 0
chdir -1 1 0
umask -1 1 0
chdir 0 0 0
EOF
	expect '-e inject=chdir,umask:error=EPERM -e inject=chdir:retval=9:when=2+2' \
		'chdir chdir umask chdir chdir' <<'EOF'
chdir("/") = 0
chdir("/") = 9 (INJECTED)
umask(022) = -1 EPERM (Operation not permitted) (INJECTED)
chdir("/") = 0
chdir("/") = 9 (INJECTED)
--
chdir 0 0 0
chdir 9 0 0
umask -1 1 0
chdir 0 0 0
chdir 9 0 0
EOF
	# A child begins to count anew; execve goes on with the count.
	expect '-f -e inject=chdir:error=EPERM:when=2' 'chdir fork' <<'EOF'
chdir("/") = 0
chdir("/") = 0
chdir("/") = -1 EPERM (Operation not permitted) (INJECTED)
--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, ..., si_status=0, si_utime=0, si_stime=0} ---
--
chdir 0 0 0
chdir 0 0 0
chdir -1 1 0
fork 1 0 0
EOF
	expect '-e inject=chdir:error=EPERM:when=2..3' 'chdir exec' <<'EOF'
chdir("/") = 0
chdir("/") = -1 EPERM (Operation not permitted) (INJECTED)
chdir("/") = -1 EPERM (Operation not permitted) (INJECTED)
--
chdir 0 0 0
chdir -1 1 0
chdir -1 1 0
EOF
	# What is not traced is not tampered with.
	expect '-e trace=umask -e inject=chdir:error=EPERM' 'chdir umask' <<'EOF'
umask(022) = 022
--
chdir 0 0 0
umask 18 0 0
EOF
}

run_signals()
{
	expect '-e inject=chdir:signal=USR1' 'chdir' <<'EOF'
chdir("/") = 0
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_KERNEL} ---
rt_sigreturn({mask=[]}) = 0
--
chdir 0 0 1
EOF
	expect '-e inject=chdir:signal=10:error=EIO' 'chdir' <<'EOF'
chdir("/") = -1 EIO (Input/output error) (INJECTED)
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_KERNEL} ---
rt_sigreturn({mask=[]}) = -1 EIO (Input/output error)
--
chdir -1 5 1
EOF
	expect '-e inject=pause:signal=SIGUSR1' 'pause' <<'EOF'
pause() = ? ERESTARTNOHAND (To be restarted if no handler)
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_KERNEL} ---
rt_sigreturn({mask=[]}) = -1 EINTR (Interrupted system call)
--
pause -1 4 1
EOF
	expect '-f -e signal=KILL -e trace=chdir -e inject=chdir:signal=KILL' 'kill_child' <<'EOF'
chdir("/") = ?
+++ killed by SIGKILL +++
--
child killed by 9
EOF
	# The kernel restarts the call that was made in the place of the other.
	expect '-e trace=getpid,getuid -e inject=getpid:syscall=getuid:error=ERESTARTNOINTR:signal=USR1' \
		'getpid' <<EOF
getpid() = ? ERESTARTNOINTR (To be restarted) (INJECTED)
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_KERNEL} ---
getuid() = $(id -u)
--
getpid $(id -u) 0 1
EOF
	expect '-e inject=rt_sigreturn:delay_exit=1' 'kill' <<'EOF'
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, ...} ---
rt_sigreturn({mask=[]}) = 0 (DELAYED)
--
kill 0 0 1
EOF
}

run_memory()
{
	expect '-e inject=read:poke_enter=@arg2=585858' 'read' <<'EOF'
read(200, "abcdefgh", 8) = 8 (INJECTED: args)
--
read 8 0 0
has abcdefgh
EOF
	expect '-e inject=read:poke_exit=@arg2=585858' 'read' <<'EOF'
read(200, "XXXdefgh", 8) = 8 (INJECTED: args)
--
read 8 0 0
has XXXdefgh
EOF
	expect '-e inject=write:poke_enter=@arg2=5858:poke_exit=@arg2=5959595959595959' 'write' <<'EOF'
write(201, "XXcdefgh", 8) = 8 (INJECTED: args)
--
write 8 0 0
has YYYYYYYY, sent XXcdefgh
EOF
	expect '-e inject=write:poke_enter=@arg2=58:error=EIO' 'write' <<'EOF'
write(201, "Xbcdefgh", 8) = -1 EIO (Input/output error) (INJECTED: args, retval)
--
write -1 5 0
has Xbcdefgh, sent ........
EOF
	# A string in read-only memory, which stays so.
	expect '-e inject=chdir:poke_enter=@arg1=2e:when=1' 'chdir chdir' <<'EOF'
chdir(".") = 0 (INJECTED: args)
chdir(".") = 0
--
chdir 0 0 0
chdir 0 0 0
EOF
}

run_delays()
{
	expect '-e inject=chdir:delay_enter=60ms:when=2' 'chdir late chdir' <<'EOF'
chdir("/") = 0
chdir("/") = 0 (DELAYED)
--
chdir 0 0 0
chdir 0 0 0 late
EOF
	expect '-e inject=chdir:delay_exit=60000' 'late chdir' <<'EOF'
chdir("/") = 0 (DELAYED)
--
chdir 0 0 0 late
EOF
	expect '-e inject=chdir:delay_enter=0.03s:delay_exit=30e6ns:retval=7' 'late chdir' <<'EOF'
chdir("/") = 7 (INJECTED) (DELAYED)
--
chdir 7 0 0 late
EOF
	# strace 6.1 loses the signal.
	expect '-e inject=chdir:delay_enter=60ms:signal=USR1:error=EIO' 'late chdir' <<'EOF'
chdir("/") = -1 EIO (Input/output error) (INJECTED) (DELAYED)
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_KERNEL} ---
rt_sigreturn({mask=[]}) = -1 EIO (Input/output error)
--
chdir -1 5 1 late
EOF
	# Others run on, and SIGKILL comes through.  Which comes first, death or SIGCHLD, is open.
	expect '-f -e signal=KILL -e trace=chdir -e inject=chdir:delay_enter=40s' 'kill_child' <<'EOF'
chdir("/") = ?
+++ killed by SIGKILL +++
--
child killed by 9
EOF
	expect '-f -e signal=KILL -e trace=chdir -e inject=chdir:delay_exit=40s' 'kill_child' <<'EOF'
chdir("/") = 0 (DELAYED)
+++ killed by SIGKILL +++
--
child killed by 9
EOF
}

# Detached by SIGTERM while it is held back for long, the program goes on at once, with the result and
# the signal that were asked for.  With strace 6.1 calls fail with ENOSYS, and signals are lost.
detach()
{
	rm -f "$dir/trace"
	"$program" detach >"$dir/out" &
	running=$!
	timeout -k 5 60 "$mtrace" -o "$dir/trace" -e trace=chdir -e "inject=chdir:$1" -p $running \
		2>"$dir/err" &
	tracer=$!
	# shellcheck disable=SC2034
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		sleep 0.1
		grep -q '^chdir(' "$dir/trace" 2>/dev/null && break
	done
	kill -TERM $tracer
	wait $tracer 2>/dev/null
	wait $running
	test $? = 0 && test "$(cat "$dir/out")" = "$2"
	result $? "detach$label: $1: $(cat "$dir/out" "$dir/trace")"
}

run_detaching()
{
	detach delay_enter=40s 'chdir 0 0 0'
	detach delay_exit=40s 'chdir 0 0 0'
	detach delay_enter=40s:retval=7 'chdir 7 0 0'
	detach delay_exit=40s:error=EIO 'chdir -1 5 0'
	detach delay_enter=40s:signal=USR1 'chdir 0 0 1'
	detach delay_enter=40s:signal=USR1:error=EIO 'chdir -1 5 1'
}

run_all()
{
	run_results
	run_rules
	run_signals
	run_memory
	run_delays
	run_detaching
}

program=$dir/inject_calls
label=
# Static: nobody else makes the calls that are counted here.
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O1 -pthread -static -w -o "$program" "$source" || exit 1
run_all
if test "$(uname -m)" = x86_64; then
	expect '-e inject=umask@32:retval=5' 'umask int80' <<'EOF'
umask(022) = 022
umask(022) = 005 (INJECTED)
--
umask 18 0 0
int80 5 0 0
EOF
fi
# The leader is held back when another thread takes its place.
timeout -k 5 60 "$mtrace" -f -o "$dir/trace" -e trace=chdir -e inject=chdir:delay_enter=40s \
	"$program" thread_exec >"$dir/out" 2>"$dir/err"
test $? = 0 && test "$(cat "$dir/out")" = 'umask 18 0 0'
result $? "execve while the leader is held back: $(cat "$dir/out" "$dir/err" "$dir/trace")"

# Where memory cannot be written, the call is made as it is, and somebody is told.
timeout 60 "$mtrace" -a 0 -e trace=dup -e inject=dup:poke_enter=@arg1=00,@arg4=00 "$program" dup \
	>"$dir/out" 2>"$dir/err"
sed -E "s/^[a-z]+: //;s/process [0-9]+/process PID/" "$dir/err" >"$dir/got"
cat >"$dir/want" <<'EOF'
poke_tcb: Failed to tamper with process PID: requested to tamper with argument #4, but system call 'dup' has only 1 arguments
poke_tcb: Failed to tamper with process PID: couldn't poke
dup(-1) = -1 EBADF (Bad file descriptor)
+++ exited with 0 +++
EOF
cmp -s "$dir/want" "$dir/got" && test "$(cat "$dir/out")" = 'dup -1 9 0'
result $? "memory that cannot be written: $(cat "$dir/out" "$dir/err")"

# Calls that are only counted are tampered with as well.
timeout 60 "$mtrace" -c -U calls,errors,name -e trace=write,dup -e inject=dup:retval=5:when=2 \
	-e inject=write:poke_enter=@arg2=58:poke_exit=@arg2=59 "$program" dup dup write \
	>"$dir/out" 2>"$dir/err"
printf '%s\n' 'dup -1 9 0' 'dup 5 0 0' 'write 8 0 0' 'has Ybcdefgh, sent Xbcdefgh' | cmp -s - "$dir/out" &&
	grep -qE '^ +2 +1 dup$' "$dir/err"
result $? "-c: $(cat "$dir/out" "$dir/err")"

if test -n "$cc_i386" &&
	$cc_i386 -std=gnu11 -D_GNU_SOURCE -O1 -pthread -static -w -o "$program" "$source" 2>"$dir/err" &&
	"$program" 2>>"$dir/err"; then
	label=" i386"
	run_all
else
	skipped=$((skipped + 1))
	echo "SKIP i386: no static programs for it here ($(head -n 1 "$dir/err"))"
fi
finish
