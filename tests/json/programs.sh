#!/bin/sh
# SPDX-License-Identifier: MIT
# Everyday programs under `mtrace --json -f`: every record is what the schema says, and there are as many of each
# call as there are lines in text and in the trace of the system's strace.
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
	json) tracer="$mtrace --json" ;;
	mtrace) tracer=$mtrace ;;
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

# Did the runs make the same calls as often?  A difference by chance does not come three times.
counts_agree()
{
	for tracer in $tracers; do
		for try in 1 2 3; do
			run $tracer text "$@"
			count_lines text >counts.text
			cmp -s counts.records counts.text && continue 2
			run json "$name.json" "$@"
			jq -r 'select(.type == "call") | .name' "$name.json" | sort | uniq -c >counts.records
		done
		fail "$name: counts differ from those of $tracer"
		diff counts.records counts.text | head -n 10
		return 1
	done
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
	if ! test -s counts.records; then
		fail "$name: no record of a call"
	elif test $how = any || counts_agree "$@"; then
		passed=$((passed + 1))
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
traced any threads python3 python3 -S -c 'import threading
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
traced same python python3 python3 -S -E -c 'import json; print(json.dumps({"a": [1, 2]}))'
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
