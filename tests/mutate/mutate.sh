#!/bin/sh
# SPDX-License-Identifier: MIT
# Changes the descriptions in one place at a time and says which changes no test notices.
# usage: mutate.sh [-n COUNT] [-s SEED] [-j JOBS] PROGRAM...
#
# Runs in the build directory, after everything there was built; PROGRAM... are test programs, of which
# those are used that contain the tables.  Needs srcdir and CC, takes MAKE.  The status is 1 if a
# change survived that tests/mutate/accepted.txt does not list.

set -u
: "${srcdir:?}"
count=300
seed=1
jobs=$(nproc 2>/dev/null || echo 2)
while getopts n:s:j: option; do
	case $option in
	n) count=$OPTARG ;;
	s) seed=$OPTARG ;;
	j) jobs=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

build=$PWD
source=$(cd "${srcdir:?}" && pwd)
work=$build/tests/mutate/work
compiler=$build/syscalls/compile/mtrace-desc
mutate=$build/tests/mutate/mutate
workers=
mkdir -p "$work" || exit 1
export TZ=UTC ASAN_OPTIONS=detect_leaks=0 LC_ALL=C

cd "$source" || exit 1
descriptions=$(find syscalls -name '*.desc' -o -name '*.set' | sort)
inputs="$descriptions $(find syscalls -name '*.tbl' | sort)"
cases=$(find "$source/tests/decode" -name '*.case' | sort)
cd "$build" || exit 1

die()
{
	echo "mutate.sh: $1" >&2
	exit 1
}

# How a program is linked, with other tables before the library: make knows.
# shellcheck disable=SC2086
links_note()
{
	: >"$work/links"
	for program; do
		nm "$program" 2>/dev/null | grep -q ' [DRBdr] desc_sets$' || continue
		case $program in
		*/hostile | */list_constants) continue ;;
		esac
		${MAKE:-make} -n V=1 -W libmtrace.a "$program" 2>/dev/null |
			grep -e " -o $program " | sed -e "s, -o $program , -o DIR/program ," \
			-e 's, libmtrace\.a , DIR/desc_tables.o libmtrace.a ,' -e "s,^,$program	," \
			>>"$work/links"
	done
	test -s "$work/links" || die 'no test program contains the tables'
}

# Compiles the tree in $1 to tables; false if the compiler of descriptions refuses.
# shellcheck disable=SC2086
tables_make()
{
	(cd "$1/tree" && timeout 60 "$compiler" -p -o ../desc_tables.c -H ../desc_hooks.h $inputs) \
		>"$1/diagnostics" 2>&1
}

# What the test programs say about the tables in $1, one after the other.  With a second argument:
# compares with what they said there, and ends at the first difference, false.
# shellcheck disable=SC2086
tests_run()
{
	${CC:-cc} -std=gnu11 -w -O0 -D_GNU_SOURCE -I. -I"$source/include" -I"$1" \
		-c "$1/desc_tables.c" -o "$1/desc_tables.o" 2>"$1/errors" || return 1
	while IFS='	' read -r program link; do
		name=$(basename "$program")
		eval "$(printf '%s' "$link" | sed "s,DIR/,$1/,g")" >/dev/null 2>"$1/errors" ||
			return 1
		case $name in
		run_cases) set -- "$1" "${2-}" $cases ;;
		*) set -- "$1" "${2-}" ;;
		esac
		dir=$1 expected=$2
		shift 2
		srcdir=$source CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 60 "$dir/program" "$@" \
			</dev/null >"$dir/$name.out" 2>&1
		echo "status $?" >>"$dir/$name.out"
		set -- "$dir" $expected
		test $# = 1 && continue
		sed "s,$dir/,,g" "$dir/$name.out" | cmp -s - "$work/base/$name.expected" || return 1
	done <"$work/links"
}

# Worker $1 takes every mutation whose number leaves that rest.
work_on()
{
	dir=$work/$1
	rm -rf "$dir" && mkdir -p "$dir" && cp -R "$work/base/tree" "$dir/tree" || exit 1
	number=$1
	while test "$number" -lt "$count"; do
		# shellcheck disable=SC2086
		changed=$(cd "$source" && "$mutate" apply "$seed" "$number" "$dir/tree" $descriptions) ||
			exit 0
		if ! tables_make "$dir"; then
			verdict=compiler
		elif cmp -s "$dir/desc_tables.c" "$work/base/desc_tables.c"; then
			verdict=same
		elif tests_run "$dir" compare; then
			verdict=survived
		else
			verdict=tests
		fi
		echo "$((number + 1)) $verdict" >>"$dir/verdicts"
		cp "$source/$changed" "$dir/tree/$changed" || exit 1
		number=$((number + jobs))
	done
}

workers_stop()
{
	for worker in $workers; do
		kill "$worker" 2>/dev/null
	done
	rm -rf "$work"
}

verdict_count()
{
	awk -v verdict="$1" '$2 == verdict { n++ } END { print n + 0 }' "$work/verdicts"
}

# The survivors, without those that are accepted.
survivors_print()
{
	awk '$2 == "survived" { print $1 }' "$work/verdicts" | while read -r number; do
		sed -n "${number}p" "$work/list"
	done | sed 's/^\([a-z]*\)	\([^:]*\):\([0-9]*\): /\2: &/' >"$work/survivors"
	while IFS= read -r line; do
		file=${line%%: *}
		rest=${line#*	}
		change=${rest#*: }
		grep -qFx -e "$file: $change" "$source/tests/mutate/accepted.txt" || echo "$rest"
	done <"$work/survivors"
}

trap workers_stop EXIT
trap 'exit 1' INT TERM
mkdir -p "$work/base/tree"
cp -R "$source/syscalls" "$work/base/tree/syscalls" || exit 1
links_note "$@"
# shellcheck disable=SC2086
(cd "$source" && "$mutate" list "$seed" "$count" $descriptions) >"$work/list" || exit 1
count=$(wc -l <"$work/list")
tables_make "$work/base" || { cat "$work/base/diagnostics"; die 'the descriptions have errors'; }
tests_run "$work/base" || die 'the test programs cannot be linked'
for out in "$work"/base/*.out; do
	sed "s,$work/base/,,g" "$out" >"${out%.out}.expected"
	grep -q '^status 0$' "$out" || echo "$(basename "${out%.out}") fails without a mutation" >&2
done
i=0
while test "$i" -lt "$jobs"; do
	work_on "$i" &
	workers="$workers $!"
	i=$((i + 1))
done
# shellcheck disable=SC2086
wait $workers
workers=
cat "$work"/[0-9]*/verdicts | sort -n >"$work/verdicts"
test "$(wc -l <"$work/verdicts")" = "$count" || die 'a worker gave up'
left=$(survivors_print)
accepted=$(($(verdict_count survived) - $(printf '%s' "$left" | grep -c .)))
echo "$count mutations: $(verdict_count compiler) noticed by the compiler, $(verdict_count tests) by" \
	"tests, $(verdict_count same) without effect, $accepted accepted," \
	"$(($(verdict_count survived) - accepted)) survived"
test -z "$left" && exit 0
printf '%s\n' "$left"
exit 1
