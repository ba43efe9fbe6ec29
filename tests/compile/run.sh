#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The compiler of descriptions: what it rejects, and that what it accepts is C.
#
#   run.sh [COMPILER SRCDIR]      by default $MTRACE_DESC and $srcdir, as `make check` sets them
#
# A case is a file beside this script or a folder of files.  Every `#! message` must be reported on
# its line, and nothing else.  Prints TAP; CC is the C compiler (default: cc).
set -u
compiler=${1:-$MTRACE_DESC}
top=$(cd "${2:-$srcdir}" && pwd)
# It runs once and frees nothing.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
case $compiler in */*) compiler=$(cd "$(dirname "$compiler")" && pwd)/$(basename "$compiler") ;; esac
cc=${CC:-cc}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
count=0
failed=0

result() { # status name
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=$((failed + 1))
	fi
}

# file:line: message, as the comments say and as the compiler says
expected() {
	awk '{ n = split($0, part, /[ \t]*#! /)
	       for (i = 2; i <= n; i++) print FILENAME ":" FNR ": " part[i] }' "$@"
}
reported() {
	sed 's/^\([^:]*:[0-9]*\):[0-9]*: error: /\1: /' "$1"
}

diagnostics() { # name options file...
	name=$1 options=$2
	shift 2
	expected "$@" | sort >"$tmp/expected"
	# shellcheck disable=SC2086
	"$compiler" -a $options -o "$tmp/never.c" "$@" "$top/syscalls/abi.desc" 2>"$tmp/errors"
	status=$?
	reported "$tmp/errors" | sort >"$tmp/reported"
	cmp -s "$tmp/expected" "$tmp/reported" && [ $status -eq 1 ] && [ ! -e "$tmp/never.c" ]
	ok=$?
	[ $ok -eq 0 ] || diff "$tmp/expected" "$tmp/reported" | sed 's/^/# /'
	rm -f "$tmp/never.c"
	result $ok "$name"
}

cd "$top/tests/compile" || exit 1
for file in *.desc; do
	case $file in
	unused.desc) diagnostics "$file" "" "$file" ;;
	*) diagnostics "$file" -p "$file" ;;
	esac
done
diagnostics numbers "" numbers/*.desc numbers/*.tbl
diagnostics abis "" abis/*.desc abis/*.tbl

"$compiler" -p -l list/files.am list/*.desc "$top/syscalls/abi.desc" 2>"$tmp/errors"
grep -q '^list/files.am:1:1: error: beta.desc is not listed$' "$tmp/errors" &&
	[ "$(wc -l <"$tmp/errors")" -eq 1 ]
result $? "a file that is not listed"

"$compiler" -p -o "$tmp/desc_tables.c" -H "$tmp/desc_hooks.h" good/* "$top/syscalls/abi.desc" &&
	"$cc" -std=gnu11 -Wall -Wextra -Werror -I "$top/include" -I "$tmp" \
		-o "$tmp/check" good.c "$tmp/desc_tables.c"
result $? "the tables are C"
"$tmp/check" >"$tmp/out"
ok=$?
sed 's/^/# /' "$tmp/out"
result $ok "the tables say what the descriptions say"

mkdir "$tmp/again"
"$compiler" -p -o "$tmp/again/desc_tables.c" -H "$tmp/again/desc_hooks.h" \
	good/x86_64.tbl "$top/syscalls/abi.desc" good/calls.desc good/arm.tbl &&
	cmp -s "$tmp/desc_tables.c" "$tmp/again/desc_tables.c"
result $? "the order of files does not matter"

echo "1..$count"
echo "# $((count - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
