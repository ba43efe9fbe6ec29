#!/bin/sh
# SPDX-License-Identifier: MIT
# Files of at most 800 lines, functions of at most 100.  Run by `make check`.
# Usage: check-limits.sh [FILE]...   without files: the whole tree, after checking itself

set -u
root=${srcdir:-$(dirname "$0")/..}

# Prints what is too long; status 1 if anything is.  The style makes functions easy to find: a brace
# alone in column 1 opens the body, the next one there closes it.
check_files()
{
	awk '
	function complain(text) {
		print text
		failed = 1
	}
	FNR == 1 {
		finish()
		file = FILENAME
		is_c = file ~ /\.[ch]$/
		start = 0
		body = 0
	}
	{ lines = FNR }
	is_c && !body && /^[A-Za-z_].*\(/ && !/;$/ { start = FNR; name = $0 }
	is_c && !body && start && /^{$/ { body = 1 }
	is_c && /^}/ {
		if (body && FNR - start + 1 > 100) {
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
			complain(file ":" start ": " name "() has " FNR - start + 1 " lines, at most 100 are allowed")
		}
		body = 0
		start = 0
	}
	is_c && !body && /^$/ { start = 0 }
	function finish() {
		if (file != "" && lines > 800)
			complain(file ": " lines " lines, at most 800 are allowed")
	}
	END {
		finish()
		exit failed
	}' "$@"
}

# A file with `$1` lines, among them one function of `$2`.
make_file()
{
	awk -v lines="$1" -v function_lines="$2" 'BEGIN {
		print "int f(int a)"
		print "{"
		for (n = 3; n < function_lines; n++)
			print "\ta++;"
		print "}"
		for (n = function_lines + 1; n <= lines; n++)
			print "int g" n ";"
	}'
}

check_itself()
{
	dir=$(mktemp -d) || exit 1
	trap 'rm -rf "$dir"' EXIT
	make_file 800 100 >"$dir/good.c"
	make_file 801 100 >"$dir/long.c"
	make_file 800 101 >"$dir/function.c"
	check_files "$dir/good.c" || {
		echo "check-limits.sh finds fault with a file that has none"
		return 1
	}
	for file in long function; do
		if check_files "$dir/$file.c" >/dev/null; then
			echo "check-limits.sh did not notice what is wrong in $file.c"
			return 1
		fi
	done
}

if test $# -gt 0; then
	check_files "$@"
	exit
fi
check_itself || exit 1
# shellcheck disable=SC2046
check_files $(find "$root/src" "$root/include" "$root/syscalls/compile" "$root/tests" \
	-name '*.[ch]' -o -name '*.sh' | sort) "$root/bootstrap" "$root/Makefile.am" || exit 1
echo "limits: files and functions are short enough"
