#!/bin/sh
# SPDX-License-Identifier: MIT
# Everyday programs under `mtrace --json -f`: every record is what the schema says, and there are as many of each
# call as there should be.
#
# In one run, for all programs: as many records that ended, and as many that failed, as --summary counted (-C), and
# as many lines in text as -C counted there.
# Between runs: as many records as lines in text and in the trace of the system's strace.  Programs whose calls are
# up to chance are compared with strace but for those calls by name whose number varied between strace's own
# runs, of which half are on one CPU; which these were is printed.
#
# Needs MTRACE and srcdir; python3 with jsonschema, and jq; strace if its counts are to be compared.

set -u
: "${srcdir:?}"
mtrace=${MTRACE:?}
top=$(cd "$srcdir" && pwd)
case $mtrace in
/*) ;;
*) mtrace=$PWD/$mtrace ;;
esac
for program in python3 jq; do
	command -v $program >/dev/null 2>&1 || {
		echo "SKIP no $program"
		exit 77
	}
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C TZ=UTC HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0
passed=0
failed=0
skipped=0
timeout 20 "$mtrace" -o /dev/null true 2>err
grep -q 'PTRACE_SEIZE.*not permitted' err && {
	echo "SKIP ptrace is forbidden here"
	exit 77
}
# Where memory lies decides how often some programs ask for more.
fixed=
setarch -R true 2>/dev/null && fixed='setarch -R'
# The calls of threads depend on where they run.
pin=
command -v taskset >/dev/null && pin="taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')"
tracers="mtrace"
if command -v strace >/dev/null 2>&1 && strace -o /dev/null true 2>/dev/null; then
	tracers="mtrace strace"
else
	echo "no strace: counts are compared with those of text only"
fi

fail()
{
	echo "FAIL $1"
	failed=$((failed + 1))
}

# Runs the program under $1, which writes to $2; leaves its answers in $2.out.
run()
{
	tracer=$1 into=$2
	shift 2
	case $tracer in
	json) tracer="$mtrace --json -C --overhead=no" ;;
	text) tracer="$mtrace -C --overhead=no" ;;
	mtrace) tracer=$mtrace ;;
	one-cpu) tracer="$pin strace" ;;
	esac
	rm -rf there && mkdir there && cd there || exit 1
	# shellcheck disable=SC2086
	timeout -k 5 100 $fixed $tracer -f -o "../$into" "$@" >"../$into.out" 2>&1 </dev/null
	echo "exit status $?" >>"../$into.out"
	cd ..
}

count_lines()
{
	sed -E -n 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' "$1" | sort | uniq -c
}

# How many of each call ended, and how many of them failed, as NAME CALLS ERRORS: as lines of text or records are counted ...
ended_in_text()
{
	sed -E -n -e '/ <unfinished \.\.\.>$/d' -e '/ = \?( <unavailable>)?$/d' \
		-e 's/^[0-9]+ +(<\.\.\. )?([a-z_0-9]+)(\(| resumed>).*\) += (-1 E[A-Z]|\? ERESTART).*/\2 1/p; t' \
		-e 's/^[0-9]+ +(<\.\.\. )?([a-z_0-9]+)(\(| resumed>).*/\2 0/p' "$1" |
		awk '{ calls[$1]++; errors[$1] += $2 } END { for (n in calls) print n, calls[n], errors[n] }' | sort
}

ended_in_records()
{
	jq -r 'select(.type == "call" and (.unfinished | not)) | "\(.name) \(if .errno then 1 else 0 end)"' "$1" |
		awk '{ calls[$1]++; errors[$1] += $2 } END { for (n in calls) print n, calls[n], errors[n] }' | sort
}

# ... and as the summary of the same run has it.
summary_in_text()
{
	awk '/^% time/ { table = 1; next } table && !/^-/ && $NF != "total" { print $NF, $4, (NF > 5 ? $5 : 0) }' "$1" | sort
}

summary_in_records()
{
	jq -r 'select(.type == "summary") | "\(.name) \(.calls) \(.errors)"' "$1" | sort
}

# one_run text|records FILE: what was shown in this run is what was counted in it
one_run()
{
	"ended_in_$1" "$2" >shown
	"summary_in_$1" "$2" >summary
	test -s shown && cmp -s shown summary && return
	fail "$name: $1 and the summary of the same run differ"
	diff shown summary | head -n 10
	return 1
}

# Did the runs make the same calls as often?  A difference by chance does not come three times.
counts_agree()
{
	for other in $tracers; do
		for try in 1 2 3; do
			run $other text "$@"
			count_lines text >counts.text
			cmp -s counts.records counts.text && continue 2
			run json "$name.json" "$@"
			jq -r 'select(.type == "call") | .name' "$name.json" | sort | uniq -c >counts.records
		done
		fail "$name: counts differ from those of $other"
		diff counts.records counts.text | head -n 10
		return 1
	done
}

# by_chance FILES...: calls whose number varies between strace's runs, as NAME LEAST MOST
by_chance()
{
	awk '{ n[$2]++; if (n[$2] == 1 || $1 < least[$2]) least[$2] = $1; if ($1 > most[$2]) most[$2] = $1 }
		END { for (name in n) { if (n[name] < files) least[name] = 0
			if (least[name] != most[name]) print name, least[name], most[name] } }' files=$# "$@" | sort
}

# Is all that does not vary between strace's runs the same in mtrace's?  If not, it may be that too few runs were
# seen; a difference that is mtrace's stays.
counts_agree_but_for_chance()
{
	test "$tracers" = mtrace && return
	runs=
	for round in 1 2 3 4 5; do
		for how_run in strace one-cpu; do
			run $how_run trace "$@"
			count_lines trace >"counts.$how_run.$round"
			runs="$runs counts.$how_run.$round"
		done
		if test $round != 1; then
			run text text "$@"
			one_run text text || return 1
		fi
		count_lines text >counts.text
		# shellcheck disable=SC2086
		by_chance $runs >varying
		cut -d ' ' -f 1 varying >names
		for side in strace.1 text; do
			awk 'FILENAME == "names" { varies[$1]; next } !($2 in varies)' names counts.$side >fixed.$side
		done
		cmp -s fixed.strace.1 fixed.text && break
	done
	# shellcheck disable=SC2086
	rm -f $runs
	if ! test -s fixed.text; then
		fail "$name: all calls vary between strace's runs"
	elif ! cmp -s fixed.strace.1 fixed.text; then
		fail "$name: counts differ from those of strace"
		diff fixed.strace.1 fixed.text | head -n 10
	else
		echo "# $name: $(wc -l <fixed.text) calls by name agree with strace; varied in its $((round * 2)) runs:" \
			"$(sed 's/ /: /; s/ \([0-9]*\)$/ to \1/' varying | paste -s -d ',' | sed 's/,/, /g; s/^$/none/')"
		return
	fi
	return 1
}

# traced same|any NAME PROGRAM COMMAND...: `any`: how often it calls is up to chance.
traced()
{
	how=$1 name=$2 program=$3
	shift 3
	if ! command -v "$program" >/dev/null; then
		echo "SKIP $name: no $program"
		skipped=$((skipped + 1))
		return
	fi
	run json "$name.json" "$@"
	jq -r 'select(.type == "call") | .name' "$name.json" | sort | uniq -c >counts.records
	run text text "$@"
	if ! test -s counts.records; then
		fail "$name: no record of a call"
	elif one_run records "$name.json" && one_run text text; then
		if test $how = any; then
			counts_agree_but_for_chance "$@"
		else
			counts_agree "$@"
		fi && passed=$((passed + 1))
	fi
}

mkdir -p in/tree/deep
seq 1 40 | while read -r n; do
	echo "file $n" >"in/tree/$n"
done
ln -s ../1 in/tree/deep/link
seq 3000 -1 1 >in/numbers
echo 'int main(void) { return 0; }' >in/main.c
touch -d @1700000000 in/tree/* in/tree in/main.c
if command -v git >/dev/null; then
	git init -q in/repo && git -C in/repo -c user.name=a -c user.email=a@b -c commit.gpgsign=false \
		commit -q --allow-empty -m one --date=@1700000000 >/dev/null
fi

# Those of tests/e2e/programs.sh.
traced same ls ls ls -lR ../in/tree
traced same cp cp cp -a ../in/tree copy
traced any tar tar tar --sort=name -czf archive.tgz -C ../in tree
traced any compiler gcc gcc -c -o main.o ../in/main.c
traced any shell bash bash -c 'for i in 1 2 3; do date -u -d @$i; done; exit 3'
traced same perl perl perl -e 'print join(",", map { $_ * 2 } 1 .. 5), "\n"; kill 15, $$'
traced any sqlite3 sqlite3 sqlite3 data.db 'create table t(a); insert into t values (1), (2); select sum(a) from t'
traced same sort sort sort --parallel=1 -n ../in/numbers
traced any git git git -C ../in/repo log --format=%s
# python3 in PATH may be a script that looks for one (pyenv).
python=$(python3 -c 'import sys; print(sys.executable)')
traced any threads python3 "$python" -S -c 'import threading
done = []
threads = [threading.Thread(target=done.append, args=(i,)) for i in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(done))'
traced same find find find ../in/tree -xdev -name '1*' -newermt @1
traced same missing sh sh -c 'exec /nonexistent'
# And more.
traced same true true true
traced same cat cat cat ../in/main.c /nonexistent
traced same wc wc wc ../in/numbers
traced same grep grep grep -r -c 1 ../in/tree
traced same sed sed sed -n '$p' ../in/numbers
traced same awk awk awk '{ sum += $1 } END { print sum }' ../in/numbers
traced same dd dd dd if=/dev/zero of=zeros bs=1000 count=20 status=none
traced same stat stat stat -c %n:%s ../in/main.c
traced same date date date -u -d @1
traced same du du du -a ../in/tree
traced same install install install -m 755 ../in/main.c installed
traced same sha256sum sha256sum sha256sum ../in/numbers
traced same python python3 "$python" -S -E -c 'import json; print(json.dumps({"a": [1, 2]}))'
traced any pipeline sh sh -c 'cat ../in/numbers | sort -n | head -n 3'

python3 "$top/tests/json/validate.py" "$top/src/render/mtrace.schema.json" ./*.json >valid
case $? in
0) passed=$((passed + 1)) ;;
77)
	cat valid
	skipped=$((skipped + 1))
	;;
*)
	cat valid
	failed=$((failed + 1))
	;;
esac
echo "$passed passed, $failed failed, $skipped skipped"
test $failed = 0
