#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may include whom (src/README.md), and what a folder may not know.  Run by `make check`.
# Usage: check-layers.sh [ROOT]   checks itself first, on a copy with a mistake in it

set -u
root=${1:-${srcdir:-$(dirname "$0")/..}}
failures=0

# folder, then the headers of include/mtrace and its own that its files may include
layers='
base         abi arena bitset buf json log quote xalloc
arch         abi arch arena bitset buf log quote xalloc
tracer       abi arch arena bitset buf log quote xalloc event memory resolver options tracer tracer_internal.h busy.h colocate.h seccomp.h
decode       abi arena bitset buf log quote xalloc desc value memory resolver decode decoder.h hooks/hook.h hooks/build.h desc_hooks.h
decode/hooks build.h desc_hooks.h
boundary     buf json xalloc boundary boundary.h config.h
render       abi arena bitset buf json log quote xalloc desc value event options render json.h restart.h text.h walk.h config.h
filter       abi arena bitset buf log quote xalloc desc options filter choice inject
cli          abi arena bitset buf log quote xalloc desc options filter inject output cli option.h config.h
stats        abi arena bitset buf json log quote xalloc desc event overhead report summary stats counts.h
'
# Where hooks and the engine meet: the headers of what hooks may call.
exceptions='decode/hooks/hook.h decode/hooks/build.h'

# folder, what its files may not name, why
forbidden='
decode ptrace[[:space:]]*\(|"/proc|\bFILE\b|\bpid_t\b|process_vm_readv decoders know no process
render struct[[:space:]]memory|->memory|"/proc|ptrace[[:space:]]*\(|\bFILE\b renderers cannot go back for more
tracer struct[[:space:]](value|call|desc_|renderer) the tracer knows no descriptions
base ptrace[[:space:]]*\(|struct[[:space:]](tracee|value|desc_) base knows nothing of tracing
stats ptrace[[:space:]]*\(|"/proc|\bFILE\b|struct[[:space:]](tracee|value) statistics are fed with numbers
filter ptrace[[:space:]]*\(|struct[[:space:]](tracee|value) filters see numbers and names
'

complain()
{
	echo "$*"
	failures=$((failures + 1))
}

files_of()
{
	find "$1" -maxdepth 1 -name '*.[ch]' | sort
}

check_includes()
{
	folder=$1
	shift
	for file in $(files_of "$root/src/$folder"); do
		name=${file#"$root"/src/}
		case " $exceptions " in
		*" $name "*) continue ;;
		esac
		for header in $(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\(.*\)".*/\1/p' "$file"); do
			short=${header#mtrace/}
			test "$short" != "$header" && short=${short%.h}
			case " $* " in
			*" $short "*) ;;
			*) complain "src/$name includes \"$header\", which $folder may not see" ;;
			esac
		done
	done
}

check_words()
{
	folder=$1 words=$2
	shift 2
	for file in $(find "$root/src/$folder" -name '*.[ch]' | sort); do
		# Comments may name what the code may not.
		found=$(sed -e 's,/\*.*\*/,,' -e '/^[[:space:]]*\/\*/,/\*\//d' "$file" |
			grep -nE -- "$words" | head -n 1)
		test -z "$found" || complain "src/${file#"$root"/src/}: $found: $*"
	done
}

check_tree()
{
	while read -r folder headers; do
		# shellcheck disable=SC2086
		test -z "$folder" || check_includes "$folder" $headers
	done <<EOF
$layers
EOF
	while read -r folder words why; do
		test -z "$folder" || check_words "$folder" "$words" "$why"
	done <<EOF
$forbidden
EOF
	# A new folder has to say what it may see.
	for folder in $(find "$root/src" -mindepth 1 -type d | sort); do
		ls "$folder"/*.[ch] >/dev/null 2>&1 || continue
		echo "$layers" | grep -q "^${folder#"$root"/src/} " ||
			complain "src/${folder#"$root"/src/} has no line in tests/check-layers.sh"
	done
}

# Variables that change belong to the stack: one in a file needs a reason and a line here.
globals='log.o:log_prefix interrupt.o:.* colocate.o:colocate_ticked'

check_globals()
{
	test -f libmtrace.a && command -v objdump >/dev/null 2>&1 || return 0
	# A sanitizer or coverage adds variables of its own.
	nm libmtrace.a 2>/dev/null | grep -qE '__asan|__gcov' && return 0
	found=$(objdump -t libmtrace.a | awk -v allowed="$globals" '
		BEGIN { n = split(allowed, rules, " ") }
		/file format/ { sub(":$", "", $1); object = $1; sub(/.*-/, "", object) }
		/ O +(\.data|\.bss|\.tbss|\.tdata|\*COM\*)[^.]/ {
			for (i = 1; i <= n; i++)
				if ((object ":" $NF) ~ ("^" rules[i] "$"))
					next
			print object ":" $NF
		}')
	for variable in $found; do
		complain "$variable is a variable that outlives its function"
	done
}

# A copy of the tree with one more line must fail, or this script sees nothing.
check_itself()
{
	copy=$(mktemp -d) || exit 1
	trap 'rm -rf "$copy"' EXIT
	while read -r file line; do
		test -z "$file" && continue
		rm -rf "$copy/src"
		mkdir -p "$copy/src"
		cp -R "$root"/src/. "$copy/src/"
		chmod -R u+w "$copy/src"
		echo "$line" >>"$copy/src/$file"
		if CHECK_LAYERS_INNER=1 "${SHELL:-/bin/sh}" "$0" "$copy" >/dev/null; then
			complain "check-layers.sh did not notice '$line' in src/$file"
		fi
	done <<'EOF'
base/buf.c #include "mtrace/value.h"
tracer/loop.c #include "mtrace/desc.h"
render/text.c #include "mtrace/memory.h"
decode/engine.c int f(void) { return ptrace(0, 0, 0, 0); }
decode/hooks/sun_path.c #include "../decoder.h"
EOF
}

test -d "$root/src" || {
	echo "check-layers.sh: no sources in $root"
	exit 1
}
check_tree
if test -z "${CHECK_LAYERS_INNER-}"; then
	check_globals
	test $failures = 0 && check_itself
fi
test $failures = 0 && echo "layers: every include is allowed"
test $failures = 0
