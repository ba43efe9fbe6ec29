#!/bin/sh
# SPDX-License-Identifier: MIT
# Does what syscalls/README.md says under "Add a system call in four steps", to the letter: takes its
# example out of a copy of the tree, adds it again as the text there has it, builds the tables and runs
# its golden case.
#
# Runs in the build directory; needs srcdir and MTRACE_DESC, takes CC and MAKE.

set -u
: "${srcdir:?}"
top=$(cd "${srcdir:?}" && pwd)
compiler=$(cd "$(dirname "$MTRACE_DESC")" && pwd)/$(basename "$MTRACE_DESC")
build=$PWD
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export ASAN_OPTIONS=detect_leaks=0

die()
{
	echo "FAIL: $1"
	exit 1
}

# Lines between the fences of step $1.
block()
{
	awk -v step="^$1\\\\. " '
		/^## /   { in_section = /Add a system call in four steps/ }
		!in_section { next }
		/^[0-9]+\. / { here = $0 ~ step }
		/^ *```$/    { fenced = !fenced; next }
		here && fenced { sub(/^   /, ""); print }
	' "$top/syscalls/README.md"
}

# The text of step $1 in backquotes that matches $2.
quoted()
{
	awk -v step="^$1\\\\. " '
		/^## / { in_section = /Add a system call in four steps/ }
		/^[0-9]+\. / { here = in_section && $0 ~ step }
		here { print }
	' "$top/syscalls/README.md" | tr '`' '\n' | grep -x -e "$2" | head -n 1
}

tables_build()
{
	# shellcheck disable=SC2046
	(cd "$work" && "$compiler" -l syscalls/files.am -o desc_tables.c -H desc_hooks.h \
		$(find syscalls -name '*.desc' -o -name '*.set' -o -name '*.tbl')) || return 1
	${CC:-cc} -std=gnu11 -w -D_GNU_SOURCE -I"$build" -I"$top/include" -I"$work" \
		-c "$work/desc_tables.c" -o "$work/desc_tables.o" || return 1
	# As make links it, with other tables.
	link=$(${MAKE:-make} -n V=1 -W libmtrace.a tests/decode/run_cases 2>/dev/null |
		grep -e ' -o tests/decode/run_cases ' |
		sed "s,-o tests/decode/run_cases ,-o $work/run_cases $work/desc_tables.o ,")
	test -n "$link" && eval "$link"
}

row=$(quoted 1 '[0-9][0-9]* [a-z0-9_]*')
table=$(quoted 1 'numbers/[a-z0-9_]*\.tbl')
file=$(quoted 2 '[a-z_]*\.desc')
name=${row#* }
block 2 >"$work/description"
block 3 >"$work/example.case"
test -n "$row" -a -n "$table" -a -n "$file" || die 'the steps of README.md were not found'
grep -q "^syscall $name(" "$work/description" || die "step 2 does not describe $name"
grep -q "^call $name(" "$work/example.case" || die "step 3 does not call $name"

mkdir "$work/syscalls" && cp -R "$top"/syscalls/* "$work/syscalls" || exit 1
cd "$work/syscalls" || exit 1
for changed in $(find . -name '*.desc' -o -name '*.tbl'); do
	sed -e "/^syscall $name[(\/]/d" -e "/^[0-9][0-9]* $name\$/d" "$changed" >"$work/changed" &&
		cp "$work/changed" "$changed" || exit 1
done
cd "$build" || exit 1
tables_build || die "the tree without $name does not build"
"$work/run_cases" "$work/example.case" >"$work/out" 2>&1 && die "the case passes without $name"

awk -v row="$row" -v number="${row%% *}" '
	!done && $1 ~ /^[0-9]+$/ && $1 + 0 > number + 0 { print row; done = 1 }
	{ print }
	END { if (!done) print row }
' "$work/syscalls/$table" >"$work/changed" && cp "$work/changed" "$work/syscalls/$table" || exit 1
cat "$work/description" >>"$work/syscalls/$file"
tables_build || die "the tree with $name does not build"
"$work/run_cases" "$work/example.case" || die "the golden case of $name"
