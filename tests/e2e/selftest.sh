#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that print the trace that is expected of them (tracee_*.c), for the native ABI and, where
# there is a compiler for it, for i386.
#
# Needs MTRACE and srcdir, takes CC, CC_I386 and TRACEES (names, by default all).

set -u
: "${srcdir:?}"
mtrace=${MTRACE:?}
case $mtrace in
*/*) mtrace=$(cd "$(dirname "$mtrace")" && pwd)/$(basename "$mtrace") ;;
esac
here=$(cd "$srcdir/tests/e2e" && pwd)
cc_i386=${CC_I386-i686-linux-gnu-gcc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC
passed=0
failed=0
skipped=0

# The trace between the marks, each process for itself; a line that was interrupted is one line again.
normalize()
{
	awk '
	{ pid = $1; line = $0; sub(/^[0-9]+ +/, "", line) }
	line ~ / <unfinished \.\.\.>$/ && line !~ /^<\.\.\./ {
		sub(/ <unfinished \.\.\.>$/, "", line)
		begun[pid] = line
		next
	}
	line ~ /^<\.\.\. [a-z0-9_]+ resumed>/ {
		sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", line)
		line = begun[pid] line
	}
	line ~ /^close\(-77\)/ { inside[pid] = 1; next }
	line ~ /^close\(-78\)/ { inside[pid] = 0; next }
	inside[pid] { print pid " " line }
	' "$1" | sort -s -n -k 1,1
}

tracee_run()
{
	name=$1
	compiler=$2
	flags=$3
	label=$name${flags:+ i386}
	# shellcheck disable=SC2086
	if ! $compiler -std=gnu11 -D_GNU_SOURCE -O1 -w $flags -o "$work/$name" "$here/$name.c"; then
		echo "FAIL $label does not compile"
		failed=$((failed + 1))
		return
	fi
	rm -rf "$work/dir" && mkdir "$work/dir"
	(cd "$work/dir" && timeout -k 5 60 "$mtrace" -f -a 0 -o "$work/trace" "$work/$name" "$work/dir") \
		>"$work/expected" 2>"$work/err" </dev/null
	status=$?
	if test $status = 77; then
		echo "SKIP $label: $(sed -n 's/^SKIP //p' "$work/expected")"
		skipped=$((skipped + 1))
		return
	fi
	sort -s -n -k 1,1 "$work/expected" >"$work/want"
	normalize "$work/trace" >"$work/got"
	if test $status != 0 || ! test -s "$work/want" || ! cmp -s "$work/want" "$work/got"; then
		echo "FAIL $label (status $status): expected -, got +"
		diff -U 0 "$work/want" "$work/got" | sed 1,2d | grep -v '^@@' | head -n 60
		cat "$work/err"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

echo 'int main(void) { return 0; }' >"$work/empty.c"
if test -n "$cc_i386" && $cc_i386 -static -o "$work/empty" "$work/empty.c" 2>"$work/err" &&
	"$work/empty" 2>>"$work/err"; then
	have_i386=1
else
	have_i386=0
fi
for source in "$here"/tracee_*.c; do
	name=$(basename "$source" .c)
	case " ${TRACEES-$name} " in
	*" $name "*) ;;
	*) continue ;;
	esac
	tracee_run "$name" "${CC:-cc}" ''
	if test $have_i386 = 1; then
		tracee_run "$name" "$cc_i386" -static
	else
		skipped=$((skipped + 1))
		echo "SKIP $name i386: no static programs for i386 here ($(head -n 1 "$work/err"))"
	fi
done
echo "$passed passed, $failed failed, $skipped skipped"
test $failed = 0
