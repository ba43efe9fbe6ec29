#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs of many processes end under mtrace -f as they do alone: the same exit status, and the same
# results as far as they are reproducible.  Each is run alone and under each of some sets of options.
#
# usage: same.sh [long]; MTRACE is the program.  Long: more sets, and programs that take minutes.

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
long=${1:-}
sources=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

need_ptrace

# run NAME COMMAND...: its output in NAME.out, what `results` says of it in NAME.res, its status last
run()
{
	name=$dir/$1
	shift
	timeout -s KILL 900 "$@" >"$name.out" 2>&1 </dev/null
	echo "status $?" >"$name.status"
	results "$name.out" >"$name.res"
	cat "$name.status" >>"$name.res"
}

# alike WHAT STATUS COMMAND...: alone it ends with STATUS, and always in the same way
alike()
{
	what=$1
	wanted=$2
	shift 2
	run plain "$@"
	grep -qx "status $wanted" "$dir/plain.status"
	result $? "$what, alone: $(cat "$dir/plain.status"), not $wanted: $(tail -n 3 "$dir/plain.out")"
	for options in "-f" "-f -e trace=openat,execve" ${long:+"-ff" "-f -c"}; do
		run traced "$mtrace" $options -o "$dir/log" "$@"
		rm -f "$dir"/log*
		cmp -s "$dir/plain.res" "$dir/traced.res"
		result $? "$what, $options: $(diff "$dir/plain.res" "$dir/traced.res" | head -n 5)"
	done
}

# ---- a project is built --------------------------------------------------------------------------------------

# What was built, to the byte.
results()
{
	(cd "$dir/project" && find . -name '*.o' -o -name all -type f | sort | xargs cksum)
}

mkdir -p "$dir/project"
for name in one two three four five six; do
	printf '#include <stdio.h>\n#include <stdlib.h>\n#include "all.h"\nint %s(void) { return puts("%s") < 0; }\n' \
		$name $name >"$dir/project/$name.c"
	echo "int $name(void);" >>"$dir/project/all.h"
done
cat >"$dir/project/main.c" <<'END'
#include "all.h"
int main(void) { return one() + two() + three() + four() + five() + six() + 5; }
END
printf 'run: all\n\t./all\nall: main.o one.o two.o three.o four.o five.o six.o\n\t$(CC) -o $@ $^\n' \
	>"$dir/project/Makefile"
# The program that it builds and runs ends with 5, so make does with 2.
alike "make" 2 make -B -j2 -C "$dir/project" CC="${CC:-cc}" CFLAGS=-O1

# ---- processes of Python ---------------------------------------------------------------------------------------

results()
{
	cat "$1"
}
if command -v python3 >/dev/null; then
	alike "processes of Python" 3 python3 "$sources/processes.py"
else
	skip "python3 is not installed"
fi

# ---- stress-ng --------------------------------------------------------------------------------------------------

# What it says of its success; times and counts differ.
results()
{
	grep -E -o 'successful run completed|unsuccessful|fail(ed)?:.*|passed: [0-9]+: .*|skipped: .*' "$1"
}
if command -v stress-ng >/dev/null; then
	alike "stress-ng" 0 stress-ng --clone 2 --clone-ops 50 --fork 2 --fork-ops 200 --vfork 2 --vfork-ops 100 \
		--sigq 2 --sigq-ops 1000 --timer 2 --timer-ops 1000 --sigsuspend 2 --sigsuspend-ops 200 -t 60
	if [ -n "$long" ]; then
		alike "stress-ng for 5 s" 0 stress-ng --clone 2 --fork 2 --vfork 2 --signal 2 --timer 2 -t 5
	fi
else
	skip "stress-ng is not installed"
fi

# ---- what takes long --------------------------------------------------------------------------------------------

# The verdict on each of the tests, by name.
results()
{
	grep -E ' \.\.\. (ok|FAIL|ERROR|skipped|expected failure)' "$1" | sed 's/ (.*) \.\.\. / ... /; s/skipped.*/skipped/' |
		sort
	grep -E 'tests? (OK|failed|skipped)|^(Tests )?[Rr]esult' "$1"
}
if [ -n "$long" ]; then
	python=
	for candidate in python3 /usr/bin/python3; do
		$candidate -c 'import test.test_subprocess' 2>/dev/null && python=$candidate && break
	done
	if [ -n "$python" ]; then
		alike "Python's own tests" 0 "$python" -m test -v test_subprocess test_os test_fork1 test_wait3 \
			test_wait4 test_posix test_pty test_poll test_threadsignals
	else
		skip "Python's own tests are not installed (libpython3.11-testsuite)"
	fi

	# Objects of our own tree, each to the byte.
	results()
	{
		(cd "$dir/tree" && find . -name '*.o' | sort | xargs cksum)
	}
	mkdir -p "$dir/tree"
	(cd "$dir/tree" && "$sources/../../configure" -q CFLAGS=-O2 && make -s syscalls/generated/stamp) >"$dir/err" 2>&1
	result $? "configure: $(tail -n 3 "$dir/err")"
	# Not -B, which would make configure as well.
	cat >"$dir/rebuild" <<-END
		cd "$dir/tree" && rm -f mtrace *.a && find . -name '*.o' -exec rm -f {} + && exec make -s -j2 mtrace
	END
	alike "our own tree" 0 sh "$dir/rebuild"
fi

finish
