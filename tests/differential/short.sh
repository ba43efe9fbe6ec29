#!/bin/sh
# SPDX-License-Identifier: MIT
# The short set of commands under the system's strace and under mtrace, for `make check`: the two traces say
# the same but for what tests/differential/accepted.txt accepts.
#
# Needs MTRACE and srcdir.

command -v python3 >/dev/null || {
	echo "no python3"
	exit 77
}
python3 "${srcdir:?}/tests/differential/selftest.py" || exit 1
exec python3 "${srcdir:?}/tests/differential/differential.py"
