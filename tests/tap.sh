#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a test script or a runner of cases and reports it as TAP to automake's test driver.
# usage: tap.sh COMMAND [ARGUMENT]...
#
# A last line "N passed, N failed[, N skipped]" counts each; otherwise it is one test: status 0 is
# a success, 77 a skip with the last line as its reason.  TAP is handed on as it is.  A test that
# hangs is ended.

set -u
case $1 in
*.sh) set -- "${SHELL:-/bin/sh}" "$@" ;;
esac
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
timeout -k 10 "${TEST_TIMEOUT:-400}" "$@" >"$out" 2>&1 </dev/null
status=$?
if grep -qE '^1\.\.[0-9]+' "$out"; then
	cat "$out"
	exit $status
fi
sed 's/^/# /' "$out"
counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$out" | tail -n 1)

if test $status = 77; then
	echo "1..0 # SKIP $(tail -n 1 "$out" | sed 's/^SKIP:* *//')"
elif test -n "$counts"; then
	# Failures carry the text of their FAIL line, skips that of their SKIP line.
	awk -v status=$status -v counts="$counts" '
		sub(/^FAIL:? */, "") { failure[++failures] = " - " $0 }
		sub(/^SKIP:? */, "") { reason[++reasons] = " " $0 }
		END {
			split(counts, count, /[ ,]+/)
			passed = count[1]
			failed = count[3]
			skipped = count[6] == "skipped" ? count[5] : 0
			if (status && !failed)
				failed = 1
			print "1.." passed + failed + skipped
			for (i = 1; i <= passed; i++)
				print "ok " ++n
			for (i = 1; i <= failed; i++)
				print "not ok " ++n failure[i]
			for (i = 1; i <= skipped; i++)
				print "ok " ++n " # SKIP" reason[i]
		}' "$out"
else
	echo 1..1
	test $status = 0 && echo "ok 1" || echo "not ok 1 - status $status"
fi
