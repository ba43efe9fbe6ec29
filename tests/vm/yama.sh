#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may trace whom under each of Yama's four scopes, and what is said to whom that is refused: in a
# machine of its own, since many kernels have no Yama, and none lets go of scope 3.
#
# usage: yama.sh DIRECTORY      a machine is made there if there is none (setup); MTRACE is the program
#        yama.sh inside         in the machine, as root; changes its settings

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
here=$(cd "$(dirname "$0")" && pwd)
if test "$1" != inside; then
	"$here/setup" "$1" || exit 1
	tmp=$(mktemp -d) || exit 1
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 1' HUP INT TERM
	${CC:-cc} -O1 -pthread -o "$tmp/clones" "$here/../e2e/tracees/clones.c" || exit 1
	"$here/run" "$1" env MTRACE="$mtrace" CLONES="$tmp/clones" sh "$here/yama.sh" inside
	exit
fi

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
evidence="err"
# Where everybody can run them.
cp "$mtrace" "$dir/mtrace" && cp "$CLONES" "$dir/clones" && cp /bin/sleep "$dir/sleep" &&
	cp /bin/sleep "$dir/setuid" && chmod 4755 "$dir/setuid" || exit 1
mtrace=$dir/mtrace
scope_file=/proc/sys/kernel/yama/ptrace_scope

user="setpriv --reuid 12345 --regid 54321 --clear-groups"
other="setpriv --reuid 23456 --regid 54321 --clear-groups"
bare_root="setpriv --bounding-set -sys_ptrace"

# become PID NAME UID: waits until it is that
become()
{
	for try in $(seq 100); do
		test "$(cat "/proc/$1/comm")" = "$2" && grep -q "^Uid:.$3[[:space:]]" "/proc/$1/status" &&
			return
		sleep 0.1
	done
	echo "FAIL: $1 does not become $2 of uid $3"
	exit 1
}

# may WHO COMMAND...: WHO is a prefix; status 0 and not a word from mtrace
may()
{
	what="scope $scope, may: $*"
	who=$1
	shift
	# shellcheck disable=SC2086
	timeout 60 $who "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	test $status = 0 && ! grep -q '^[^ ]*: attach' "$dir/err"
	result $? "$what: status $status"
}

# may_not WHO WHY COMMAND...: status 1, one line that ends with WHY, which is a pattern
may_not()
{
	what="scope $scope, may not: $*"
	who=$1
	why=$2
	shift 2
	# shellcheck disable=SC2086
	timeout 60 $who "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	test $status = 1 && test "$(wc -l <"$dir/err")" = 1 && test ! -s "$dir/out" && grep -qE \
		"^mtrace: attach: ptrace\(PTRACE_SEIZE, [0-9]+\): Operation not permitted: $why\$" "$dir/err"
	result $? "$what: status $status"
}


launch="$mtrace -qqq -e trace=none true"
behind="$mtrace -qqq -D -e trace=none true"
following="$mtrace -qqq -f -o /dev/null -e trace=exit_group sh -c true"
attach="$mtrace -qqq -e trace=none --detach-after=0.1 -p"

# set_scope NUMBER: with a process that is not dumpable, which ends by itself after 30 s
set_scope()
{
	scope=$1
	echo "$scope" >$scope_file
	test "$(cat $scope_file)" = "$scope"
	result $? "the scope is not $scope"
	$user "$dir/clones" undumpable &
	undumpable=$!
	become $undumpable clones 12345
	until test "$(stat -c %u /proc/$undumpable/stat)" = 0; do
		sleep 0.1
	done
}

$user "$dir/sleep" 10000 &
mine=$!
$other "$dir/sleep" 10000 &
others=$!
"$dir/sleep" 10000 &
roots=$!
$user "$dir/setuid" 10000 &
setuid=$!
become $mine sleep 12345
become $others sleep 23456
become $roots sleep 0
become $setuid setuid 12345

we="we are uid 12345; try again as"
of_root="it belongs to root \(uid 0\), $we root"
protected='it protects itself from its user \(it is not "dumpable", .*\); try again as root'
privileged="it runs with other user or group ids than ours, as set-user-ID .*; try again as root"
lacking="root lacks CAP_SYS_PTRACE here, as in a container; start that with --cap-add=SYS_PTRACE"
scope_is="$scope_file is"
allow="or allow it: sudo sysctl kernel.yama.ptrace_scope=0"

set_scope 0
may "$user" $launch
may "$user" $behind
may "$user" $attach $mine
may_not "$user" "it belongs to uid 23456, $we uid 23456 or root" $attach $others
may_not "$user" "$of_root" $attach $roots
may_not "$user" "$protected" $attach $undumpable
may_not "$user" "$privileged" $attach $setuid
may "" $attach $mine,$others,$roots,$undumpable,$setuid
may "$bare_root" $launch
may_not "$bare_root" "it belongs to uid 12345, and $lacking" $attach $mine

# Descendants only; -D has the program name its tracer (PR_SET_PTRACER).
set_scope 1
why="$scope_is 1: only a process's ancestors and root may trace; try again as root, start the program under mtrace, $allow"
may "$user" $launch
may "$user" $behind
may "$user" $following
may_not "$user" "$why" $attach $mine
may_not "$user" "it belongs to uid 23456, $we root" $attach $others
may_not "$user" "$of_root" $attach $roots
may_not "$user" "$protected" $attach $undumpable
may_not "$user" "$privileged" $attach $setuid
may "" $attach $mine,$others,$roots,$undumpable,$setuid
may "$bare_root" $launch
may "$bare_root" $behind
$bare_root "$dir/sleep" 10000 &
bare=$!
become $bare sleep 0
may_not "$bare_root" "$scope_is 1: only a process's ancestors and root may trace; $lacking" $attach $bare

# Nobody without the capability, and launching is tracing.
set_scope 2
why="$scope_is 2: only root may trace; try again as root, $allow"
may_not "$user" "$why" $launch
may_not "$user" "$why" $behind
may_not "$user" "$why" $following
may_not "$user" "$why" $attach $mine
may_not "$user" "it belongs to uid 23456, $we root" $attach $others
may "" $launch
may "" $behind
may "" $attach $mine,$others,$roots,$undumpable,$setuid
may "" "$mtrace" -qqq -u nobody -e trace=none true
may_not "$bare_root" "$scope_is 2: only root may trace; $lacking" $launch
may_not "$bare_root" "$scope_is 2: only root may trace; $lacking" $attach $bare
cp "$mtrace" "$dir/capable" && setcap cap_sys_ptrace+ep "$dir/capable"
may "$user" "$dir/capable" -qqq -e trace=none true
may "$user" "$dir/capable" -qqq -e trace=none --detach-after=0.1 -p $mine,$others,$roots

# There is no way back from this one.
set_scope 3
why="$scope_is 3: nobody may trace until the next boot"
for who in "$user" "$bare_root" ""; do
	may_not "$who" "$why" $launch
	may_not "$who" "$why" $behind
	may_not "$who" "$why" $attach $mine
done

kill $mine $others $roots $setuid $bare
finish
