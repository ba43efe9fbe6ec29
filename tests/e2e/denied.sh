#!/bin/sh
# SPDX-License-Identifier: MIT
# What the machine denies, as containers do: calls that a seccomp filter refuses to mtrace, processes
# in other namespaces.  Either mtrace does without, or it says in one line why it cannot.
# Yama's scopes are in tests/vm.
#
# usage: denied.sh; MTRACE is the program

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
sources=$(dirname "$0")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
# Other users come here, too.
chmod 755 "$dir"
evidence="trace err"
# The leak check of a sanitizer build needs ptrace itself.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

need_ptrace
forbid=$dir/forbid
${CC:-cc} -O1 -o "$forbid" "$sources/tracees/forbid.c" &&
	${CC:-cc} -O1 -pthread -o "$dir/filters" "$sources/tracees/filters.c" || exit 1
cp "$mtrace" "$dir/mtrace" || exit 1
mtrace=$dir/mtrace

# says WHAT REGEX: the one line of the last command
says()
{
	test "$(wc -l <"$dir/err")" = 1 && grep -qE -e "$2" "$dir/err"
	result $? "$1: not the one line '$2'"
}

sleep 100 &
sleeper=$!
here='[0-9]+\): '

# ---- a filter that refuses ptrace ------------------------------------------------------------------------

altogether="ptrace\(2\) is forbidden here altogether, as by a container's seccomp profile; start the"
altogether="$altogether container with --cap-add=SYS_PTRACE or --security-opt seccomp=unconfined, or run mtrace"
for error in EPERM ENOSYS; do
	case $error in
	EPERM) words="Operation not permitted" ;;
	*) words="Function not implemented" ;;
	esac
	refused="^mtrace: attach: ptrace\(PTRACE_SEIZE, $here$words: $altogether outside of it$"
	for options in "" "-f -e trace=openat" "-D"; do
		expect "ptrace $error $options" 1 "$forbid" ptrace $error "$mtrace" $options \
			-o "$dir/trace" touch "$dir/ran"
		says "ptrace $error $options" "$refused"
		test ! -e "$dir/ran"
		result $? "ptrace $error $options: the program ran"
		rm -f "$dir/ran"
	done
	expect "ptrace $error -p" 1 "$forbid" ptrace $error "$mtrace" -p $sleeper
	says "ptrace $error -p" "$refused"

	# ... and one that lets us attach, but not ask what a stop is about.
	refused="^mtrace: ptrace\(PTRACE_GET_SYSCALL_INFO\): $words: it is forbidden here, as by a container's"
	for options in "" "-f -e trace=openat" "--kill-on-exit"; do
		expect "syscall_info $error $options" 1 "$forbid" syscall_info $error "$mtrace" $options \
			-o "$dir/trace" touch "$dir/ran"
		says "syscall_info $error $options" "$refused seccomp profile$"
		test ! -e "$dir/ran" && test ! -s "$dir/trace"
		result $? "syscall_info $error $options: the program ran, or there is a trace"
		rm -f "$dir/ran"
	done
	expect "syscall_info $error -p" 1 "$forbid" syscall_info $error "$mtrace" -q -o "$dir/trace" -p $sleeper
	says "syscall_info $error -p" "$refused seccomp profile$"
	grep -q '^State:.S' /proc/$sleeper/status && grep -q '^TracerPid:.0' /proc/$sleeper/status
	result $? "syscall_info $error -p: it does not sleep on"
done

# ---- filters that refuse what we can do without -----------------------------------------------------------

# The trace without what differs from one run to another.
comparable()
{
	sed -E 's/^[0-9]+ +//; s/(si_pid|si_uid|si_.time)=[0-9]+[^,}]*/\1/g; s/0x[0-9a-f]+/ADDR/g' "$dir/trace"
}

# traces WHAT OPTIONS...: the same as without a filter
traces()
{
	what=$1
	shift
	expect "$what" 4 "$forbid" "$what" $error "$mtrace" -o "$dir/trace" "$@" \
		sh -c 'cat /dev/null; : </dev/null; exit 4'
	test ! -s "$dir/err"
	result $? "$what: something is said"
	comparable >"$dir/seen"
	cmp -s "$dir/seen" "$dir/wanted"
	result $? "$what $error $*: $(diff "$dir/wanted" "$dir/seen" | head -n 4)"
}

for error in EPERM ENOSYS; do
	for options in "-e trace=openat,exit_group" "-f -e trace=openat,exit_group,execve"; do
		"$mtrace" -o "$dir/trace" $options sh -c 'cat /dev/null; : </dev/null; exit 4' 2>/dev/null
		comparable >"$dir/wanted"
		grep -q '^openat(AT_FDCWD, "/dev/null"' "$dir/wanted"
		result $? "$options: no path in the trace"
		# Memory is read by way of /proc/PID/mem then.
		traces process_vm_readv $options
		traces process_vm_readv,process_vm_writev $options
		# No filter of ours: all calls stop.
		traces seccomp $options
		traces sched_setaffinity $options
		traces timer_create $options
	done
	# A filter of ours must not outlive us in a child that asks for not being traced (clone3).
	"$forbid" process_vm_readv,process_vm_writev $error "$dir/filters" short >"$dir/plain"
	expect "untraced $error" 0 "$forbid" process_vm_readv,process_vm_writev $error \
		"$mtrace" -f -e trace=openat -o "$dir/trace" "$dir/filters" short
	cmp -s "$dir/plain" "$dir/out"
	result $? "untraced $error: $(diff "$dir/plain" "$dir/out" | head -n 4)"
	# What is written goes word by word then.
	expect "poke $error" 0 "$forbid" process_vm_writev $error "$mtrace" -o "$dir/trace" \
		-e trace=openat -e inject=openat:poke_enter=@arg2=2f6465762f6e756c6c00:when=3+ cat /etc/passwd
	test ! -s "$dir/out"
	result $? "poke $error: cat reads what it was to read"
done

# ---- other namespaces --------------------------------------------------------------------------------------

attached="^mtrace: attach: ptrace\(PTRACE_SEIZE, $here"
if unshare --user --map-root-user true 2>/dev/null; then
	# Root of a user namespace is nobody outside of it.
	expect "from a user namespace" 1 unshare --user --map-root-user "$mtrace" -p $sleeper
	says "from a user namespace" "${attached}Operation not permitted: it is outside of our user namespace, where"
	expect "from a user namespace without a map" 1 unshare --user "$mtrace" -p $sleeper
	says "from a user namespace without a map" "${attached}Operation not permitted: it is outside of our user"
	expect "in a user namespace" 0 unshare --user --map-root-user "$mtrace" -o "$dir/trace" -e trace=execve true
	test ! -s "$dir/err" && grep -q '^+++ exited with 0 +++$' "$dir/trace"
	result $? "in a user namespace: no trace"
	# From outside, root sees into it; who is not root does not.
	unshare --user --map-root-user sleep 100 &
	inside=$!
	until test "$(cat /proc/$inside/comm)" = sleep; do
		sleep 0.05
	done
	expect "into a user namespace" 0 "$mtrace" -q --detach-after=0.1 -o "$dir/trace" -p $inside
	says "into a user namespace" "^mtrace: The time to detach has come"
	if test "$(id -u)" = 0 && command -v setpriv >/dev/null; then
		expect "into root's user namespace" 1 setpriv --reuid 12345 --regid 54321 --clear-groups \
			"$mtrace" -p $inside
		says "into root's user namespace" "${attached}Operation not permitted: it belongs to root"
	else
		skip "into root's user namespace: needs root and setpriv"
	fi
	kill $inside
	wait $inside 2>/dev/null
else
	skip "user namespaces: not permitted"
fi
if unshare --pid --fork --mount-proc true 2>/dev/null; then
	expect "from a pid namespace" 1 unshare --pid --fork --mount-proc "$mtrace" -p 999999
	says "from a pid namespace" "${attached}No such process: this is a pid namespace of its own, as of a"
	expect "in a pid namespace" 0 unshare --pid --fork --mount-proc "$mtrace" -f -o "$dir/trace" \
		sh -c 'sh -c true; :'
	grep -q '+++ exited with 0 +++$' "$dir/trace" && test ! -s "$dir/err"
	result $? "in a pid namespace: no trace"
	# Without its own /proc, the numbers there are those of others.
	expect "in a pid namespace with another /proc" 0 unshare --pid --fork "$mtrace" -f -y \
		-o "$dir/trace" -e trace=openat sh -c 'cat /dev/null; :'
	grep -q '"/dev/null"' "$dir/trace"
	result $? "in a pid namespace with another /proc: no path in the trace"
else
	skip "pid namespaces: not permitted"
fi

kill $sleeper
wait $sleeper 2>/dev/null
finish
