#!/bin/sh
# SPDX-License-Identifier: MIT
# Everyday programs under `mtrace -f -o FILE`: what they print and how they exit is as without it, and every
# line of the trace is well-formed.
# usage: programs.sh [long]
#
# Needs MTRACE and srcdir.  Calls that were shown without a description are listed at the end.

set -u
: "${srcdir:?}"
mtrace=${MTRACE:?}
top=$(cd "${srcdir:?}" && pwd)
size=${1:-short}
case $mtrace in
/*) ;;
*) mtrace=$PWD/$mtrace ;;
esac
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat PYTHONDONTWRITEBYTECODE=1
passed=0
failed=0
skipped=0
: >"$work/undescribed"

fail()
{
	echo "FAIL $1"
	failed=$((failed + 1))
}

# What a line of a trace may be; and what one process was in the middle of, it goes on with.
check_lines()
{
	awk '
	function bad(why) { if (bad_count++ < 10) print "line " NR ": " why ": " $0 }
	/[^ -~]/ { bad("control character"); next }
	!/^[0-9]+ +/ { bad("no process"); next }
	{ pid = $1; line = $0; sub(/^[0-9]+ +/, "", line) }
	line ~ /syscall_0x/ { bad("unknown call"); next }
	line ~ /^(---|\+\+\+) / {
		if (line ~ /^--- (SIG[A-Z0-9_]+ \{si_signo=.*\}|stopped by SIG[A-Z0-9_]+) ---$/)
			next
		if (line !~ /^\+\+\+ (exited with [0-9]+|killed by SIG[A-Z0-9_]+( \(core dumped\))?|superseded by execve in pid [0-9]+) \+\+\+$/)
			bad("neither signal nor exit")
		if (open[pid] != "" && line ~ /exited/)
			bad("exited within " open[pid])
		delete open[pid]
		next
	}
	line ~ /^<\.\.\. / {
		name = line
		sub(/^<\.\.\. /, "", name)
		sub(/ resumed>.*/, "", name)
		if (open[pid] != name)
			bad("resumes what was not left")
		delete open[pid]
		if (line ~ / <unfinished \.\.\.>\) += \?$/)
			next
		sub(/^<\.\.\. [a-z0-9_]+ resumed>/, name "(", line)
	}
	line ~ /^[a-z0-9_]+\(.* <unfinished \.\.\.>$/ || line ~ /^[a-z0-9_]+\( <unfinished \.\.\.>$/ {
		if (open[pid] != "")
			bad("enters within " open[pid])
		name = line
		sub(/\(.*/, "", name)
		open[pid] = name
		next
	}
	{
		if (open[pid] != "")
			bad("enters within " open[pid])
		if (line !~ /^[a-z0-9_]+\(.*\) += (-?[0-9]+|0x[0-9a-f]+|\?)( .*)?$/)
			bad("not a call")
		else if (line ~ /\) += -1 / && line !~ /\) += -1 E[A-Z0-9]+ \(.*\)( \(.*\))?$/)
			bad("-1 without an error")
		calls++
	}
	END {
		if (!calls)
			print "no call at all"
		if (bad_count > 10)
			print "... " bad_count " in all"
		exit !calls || bad_count > 0
	}' "$1"
}

# Calls in the trace that the descriptions only name.
note_undescribed()
{
	sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$1" | sort -u |
		grep -Fx -f "$work/declared" >>"$work/undescribed"
}

# traced NAME PROGRAM COMMAND...: COMMAND with and without; PROGRAM is what it takes.  The command may
# leave something to compare in $PWD.
traced()
{
	name=$1 program=$2
	shift 2
	if ! command -v "$program" >/dev/null; then
		echo "SKIP $name: no $program"
		skipped=$((skipped + 1))
		return
	fi
	for how in plain traced; do
		rm -rf "$work/$how" && mkdir "$work/$how" && cd "$work/$how" || exit 1
		if test $how = plain; then
			timeout -k 5 240 "$@" >"$work/$how.out" 2>"$work/$how.err" </dev/null
		else
			timeout -k 5 240 "$mtrace" -f -o "$work/trace" "$@" >"$work/$how.out" \
				2>"$work/$how.err" </dev/null
		fi
		echo "exit status $?" >>"$work/$how.out"
		find . -type f -exec cksum {} + | sort >"$work/$how.files"
		cd "$work" || exit 1
	done
	for what in out err files; do
		cmp -s "$work/plain.$what" "$work/traced.$what" && continue
		fail "$name: $what differs when traced"
		diff "$work/plain.$what" "$work/traced.$what" | head -n 10
		return
	done
	if check_lines "$work/trace"; then
		passed=$((passed + 1))
	else
		fail "$name"
	fi
	note_undescribed "$work/trace"
}

make_inputs()
{
	mkdir -p "$work/in/tree/deep" && cd "$work/in" || exit 1
	seq 1 200 | while read -r n; do
		echo "file $n" >"tree/$n"
	done
	ln -s ../1 tree/deep/link
	awk -v n="$lines" 'BEGIN { for (i = 0; i < n; i++) print (i * 7919) % 1000003 }' >numbers
	echo 'int main(void) { return 0; }' >main.c
	touch -d @1700000000 tree/* tree main.c
	if command -v git >/dev/null; then
		git init -q repo &&
			git -C repo -c user.name=a -c user.email=a@b -c commit.gpgsign=false \
				commit -q --allow-empty -m one --date=@1700000000 >/dev/null
	fi
	cd "$work" || exit 1
}

lines=20000
tree=/usr/include/linux
test "$size" = long && lines=1000000 tree=/usr/include
sed -n 's/^syscall \([a-z0-9_]*\)\/.*/\1/p' "$top/syscalls/undescribed.desc" >"$work/declared"
make_inputs

traced ls ls ls -lR "$tree"
traced cp cp cp -a "$work/in/tree" copy
traced tar tar tar --sort=name -czf archive.tgz -C "$work/in" tree
traced compiler gcc gcc -c -o main.o "$work/in/main.c"
traced shell bash bash -c 'for i in 1 2 3; do date -u -d @$i; done; exit 3'
traced perl perl perl -e 'print join(",", map { $_ * 2 } 1 .. 5), "\n"; kill 15, $$'
traced sqlite3 sqlite3 sqlite3 data.db 'create table t(a); insert into t values (1), (2); select sum(a) from t'
traced sort sort sort -n "$work/in/numbers"
traced git git git -C "$work/in/repo" log --format=%s
traced threads python3 python3 -S -c 'import threading
done = []
threads = [threading.Thread(target=done.append, args=(i,)) for i in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(done))'
traced find find find "$work/in" -xdev -name '1*' -newermt @1
traced missing sh sh -c 'exec /nonexistent'
if test "$size" = long; then
	traced python python3 python3 -c 'import json, ssl; print(json.dumps({"a": [1, 2]}))'
	traced find-all find find / -xdev -name x -not -path '/proc/*' -not -path '/tmp/*'
	traced compile-all gcc gcc -O2 -c -o large.o -x c /dev/null
	traced pipeline xargs sh -c 'seq 200 | xargs -P 4 -n 10 echo | sort'
	traced sort-many sort sort -n --parallel=4 -S 1M "$work/in/numbers"
fi

if test -s "$work/undescribed"; then
	echo "shown without a description: $(sort -u "$work/undescribed" | tr '\n' ' ')"
fi
echo "$passed passed, $failed failed, $skipped skipped"
test $failed = 0
