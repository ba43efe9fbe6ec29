#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tests/data/layout-i386.txt, which test_structs compares the descriptions with, against what a
# compiler for i386 says.

if [ -z "$CC_I386" ]; then
	echo "no compiler for i386 (CC_I386)"
	exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
here=${srcdir:-.}/tests/layout
if ! $CC_I386 -static -std=gnu11 -D_GNU_SOURCE -o "$work/print" "$here/print_layout.c" \
	"$here/system_kernel.c" "$here/system_libc.c"; then
	exit 1
fi
if ! "$work/print" >"$work/layout"; then
	echo "this machine does not run programs of i386"
	exit 77
fi
grep -v '^#' "${srcdir:-.}/tests/data/layout-i386.txt" | diff - "$work/layout"
