#!/bin/sh
# SPDX-License-Identifier: MIT
# What the project promises about itself, in numbers.  Printed at the end of `make check`.

set -u
root=${srcdir:-$(dirname "$0")/..}

lines()
{
	find "$@" | sort | xargs cat 2>/dev/null | wc -l | tr -d ' '
}

data=$(lines "$root/syscalls" -name '*.desc' -o -name '*.set' -o -name '*.tbl')
mechanism=$(lines "$root/syscalls/compile" "$root/src/decode" -name '*.[ch]')
hooks=$(find "$root/src/decode/hooks" -name '*.c' | wc -l | tr -d ' ')
hook_lines=$(lines "$root/src/decode/hooks" -name '*.[ch]')
cases=$(find "$root/tests/decode" -name '*.case' -exec cat {} + | grep -c '^case ')

echo "descriptions: $data lines of data, $mechanism of mechanism ($(awk -v d="$data" -v m="$mechanism" 'BEGIN { printf "%.1f", m ? d / m : 0 }') to 1)"
echo "hooks: $hooks (at most 25), $hook_lines lines (at most 1500)"
echo "golden cases: $cases"
# Each log says at its end what its test skipped, and why.
skips=$(find tests -name '*.log' -exec grep -h '^SKIP: ' {} + 2>/dev/null | sort)
if test -n "$skips"; then
	echo "$skips"
else
	echo "skipped: nothing"
fi
test "$hooks" -le 25 && test "$hook_lines" -le 1500
