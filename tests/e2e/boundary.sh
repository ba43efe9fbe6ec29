#!/bin/sh
# SPDX-License-Identifier: MIT
# --boundary as a user meets it: a table in 80 columns, records that the schema allows, no complaint
# about what the machine lacks, and nothing left behind.
# usage: boundary.sh; MTRACE is the program

mtrace=${MTRACE:-./mtrace}
case $mtrace in
/*) ;;
*) mtrace=$PWD/$mtrace ;;
esac
top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0

fail()
{
	echo "FAIL: $*"
	failures=$((failures + 1))
}

timeout 60 "$mtrace" --boundary >table 2>err </dev/null || fail "--boundary: status $?"
test -s err && fail "--boundary complains: $(cat err)"
test "$(awk 'length > 79' table | wc -l)" = 0 || fail "a line is too long for 80 columns"
for line in 'CPU  *[^ ]' "kernel  *Linux $(uname -r)" 'clock source  *[a-z]'; do
	grep -q "^$line" table || fail "no line '$line'"
done

# These need nothing that a machine could lack.
for what in 'empty function call' 'getpid, libc' 'getpid, raw instruction' \
	'clock_gettime, real call' 'write 1 byte to /dev/null' 'read 64 bytes, page cache' \
	'readv 64 x 64 bytes, per buffer'; do
	grep -qE "^$what +[0-9.]+ [num]s +[0-9.]+-[0-9.]+ +[0-9-]+ +[0-9]+\$" table ||
		fail "no figure for: $what"
done

# Each of the 25 ways has a figure or a reason.
ways=$(awk '/^to do this/ { on = 1; next } on && NF && !/^not measured/ && !/^    /' table | wc -l)
test "$ways" = 25 || fail "$ways ways to cross, not 25"

# From cheap to dear.
awk '/^to do this/ { on = 1; next }
	on && !NF { exit }
	on {
		unit = substr($0, 44, 2)
		ns = substr($0, 37, 6) * (unit == "us" ? 1000 : unit == "ms" ? 1000000 : 1)
		if (ns < before)
			exit 1
		before = ns
	}' table || fail "not from cheap to dear"

# A program that may use one CPU has no other.
cpu=$(taskset -cp $$ 2>/dev/null | sed 's/.*: *//; s/[-,].*//')
if test -n "$cpu"; then
	timeout 60 taskset -c "$cpu" "$mtrace" --boundary >one </dev/null 2>&1 ||
		fail "on one CPU: status $?"
	grep -q '^  - getpid, ptrace, 2 stops, other CPU: there is only one CPU to run on$' one ||
		fail "a second CPU on one CPU"
	grep -qE '^getpid, libc +[0-9]' one || fail "no figures on one CPU"
fi
# Records.
timeout 60 "$mtrace" --boundary --json -o records </dev/null || fail "--json: status $?"
test "$(grep -c '^{"type":"boundary","name":"' records)" = 25 || fail "not 25 records"
head -n 1 records | grep -q '^{"type":"header",.*"machine":{"cpu":"' || fail "no header"
if command -v python3 >/dev/null 2>&1; then
	python3 "$top/tests/json/validate.py" "$top/src/render/mtrace.schema.json" records >out 2>&1
	status=$?
	test $status = 0 || test $status = 77 || fail "the schema does not allow it: $(head -n 5 out)"
fi

# processes: how many run this copy of the program
cp "$mtrace" crossing
processes()
{
	find /proc/[0-9]*/exe -maxdepth 0 -lname "$dir/crossing" 2>/dev/null | wc -l
}

# Killed half-way, nothing is left of it: neither the child that measures nor one that is traced.
for moment in 0.3 1.2; do
	./crossing --boundary >killed 2>&1 </dev/null &
	pid=$!
	sleep $moment
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	tries=0
	while test "$(processes)" != 0 && test $tries -lt 50; do
		sleep 0.1
		tries=$((tries + 1))
	done
	test "$(processes)" = 0 || fail "killed after $moment s it leaves processes behind"
done

# Refused by the kernel: a tracer of its own is what a tracee cannot have, io_uring what we forbid.
"$mtrace" -o /dev/null true 2>err
if grep -q 'not permitted' err; then
	echo "ptrace is forbidden here: what is refused was not tried"
else
	# A tracee cannot look for its own leaks.
	ASAN_OPTIONS=detect_leaks=0 timeout 120 "$mtrace" -f -o /dev/null -e trace=io_uring_setup \
		-e inject=io_uring_setup:error=EPERM "$mtrace" --boundary >refused 2>err </dev/null ||
		fail "--boundary as a tracee: status $?"
	for size in 1 8 64; do
		grep -q "^  - io_uring read 64 bytes, $size at a time: not permitted: see" refused ||
			fail "no reason why there is no io_uring"
	done
	for stops in '1 stop' '2 stops'; do
		grep -q "^  - getpid, ptrace, $stops, same CPU: ptrace is not possible here:" refused ||
			fail "no reason why there is no tracing"
	done
	test "$(awk 'length > 79' refused | wc -l)" = 0 || fail "a reason is too long for 80 columns"
fi

# What makes no sense, or cannot be written, is told, at once.
for arguments in 'true' '-p 1'; do
	# shellcheck disable=SC2086
	timeout 60 "$mtrace" --boundary $arguments >out 2>err </dev/null
	test $? = 1 || fail "--boundary $arguments is taken"
	grep -q -- '--boundary measures the machine' err || fail "--boundary $arguments: $(cat err)"
	test -s out && fail "--boundary $arguments measures"
done
timeout 60 "$mtrace" --boundary -o none/file 2>err </dev/null && fail "a file that cannot be opened"
grep -q 'none/file' err || fail "which file? $(cat err)"
if test -w /dev/full; then
	timeout 60 "$mtrace" --boundary >/dev/full 2>err </dev/null && fail "a full disk is no error"
	grep -q 'standard output' err || fail "a full disk: $(cat err)"
fi
ln -s "$mtrace" strace
timeout 60 ./strace --bound >out 2>err </dev/null && fail "--boundary may be abbreviated"

echo "$failures failures"
test $failures = 0
