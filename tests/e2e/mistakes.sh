#!/bin/sh
# SPDX-License-Identifier: MIT
# A value that an option does not take: status 1, and one line that names the option, the value and what
# is allowed; the program is not run.  As strace we say what strace says, and nothing more.
# usage: mistakes.sh; MTRACE is the program

. "$(dirname "$0")/../lib.sh"
mtrace=${MTRACE:-./mtrace}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
ln -s "$mtrace" "$dir/strace"
evidence="err"

# refuse PROGRAM WORDS: it ends with 1 before the command is run, and says one line
refuse()
{
	# shellcheck disable=SC2086
	timeout 30 "$1" $2 touch "$dir/ran" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	[ $status = 1 ]
	result $? "$2: status $status"
	[ ! -e "$dir/ran" ] && [ ! -s "$dir/out" ]
	result $? "$2: the program was run, or something was printed"
	rm -f "$dir/ran"
	[ "$(grep -c -v "^Try '.* -h' for more information\.\$" "$dir/err")" = 1 ]
	result $? "$2: not one line"
	line=$(head -n 1 "$dir/err")
}

# What is allowed is known from strace(1) and mtrace(1), and what an error number or a signal can be
# from errno(3) and signal(7).  Each row: words | option | value | part of what is allowed.
rows="
-p 0 | -p | 0 | process ids
-p x | -p | x | process ids
-p -1 | -p | -1 | process ids
-p 99999999,,x | -p |  | process ids
--attach=99999999,x | -p | x | process ids
-p 4294967297 | -p | 4294967297 | process ids
-o $dir/none/x | -o | $dir/none/x | |COMMAND
-o $dir | -o | $dir | !COMMAND
-A -o $dir/none/x | -o | $dir/none/x | !COMMAND
-I 0 | -I | 0 | 4 or never_tstp
-I 5 | -I | 5 | 4 or never_tstp
-I nonsense | -I | nonsense | 1 or anywhere
--interruptible=x | --interruptible | x | 2 or waiting
-b open | -b | open | takes execve only
--detach-on=x | -b | x | takes execve only
--daemonize=x | --daemonize | x | grandchild, pgroup, pgrp or session
--daemonized=x | --daemonize | x | grandchild, pgroup, pgrp or session
-u no-such-user | -u | no-such-user | UID:GID
-u 1:x | -u | 1:x | UID:GID
--user=4294967295:1 | -u | 4294967295:1 | name of a user
--syscall-limit=0 | --syscall-limit | 0 | a number from 1
--syscall-limit=x | --syscall-limit | x | a number from 1
--syscall-limit=-1 | --syscall-limit | -1 | a number from 1
-e inject=getpid | inject | getpid | SET:ACTION
-e inject=getpid:nonsense=1 | inject | getpid:nonsense=1 | delay_enter=TIME
-e inject=getpid:error=0 | inject | getpid:error=0 | 1 to 4095
-e inject=getpid:error=4096 | inject | getpid:error=4096 | 1 to 4095
-e inject=getpid:error=EX | inject | getpid:error=EX | error=NAME
-e inject=getpid:retval=x | inject | getpid:retval=x | retval=VALUE
-e inject=getpid:signal=x | inject | getpid:signal=x | signal=NAME
-e inject=getpid:syscall=x | inject | getpid:syscall=x | syscall=NAME
-e inject=getpid:delay_enter=x | inject | getpid:delay_enter=x | delay_enter=TIME
-e inject=getpid:delay_exit=-1 | inject | getpid:delay_exit=-1 | delay_exit=TIME
-e inject=getpid:poke_enter=x | inject | getpid:poke_enter=x | poke_enter=@argN=HEX
-e inject=getpid:poke_exit=@arg1=0 | inject | getpid:poke_exit=@arg1=0 | poke_exit=@argN=HEX
-e inject=getpid:error=EIO:when=0 | inject | getpid:error=EIO:when=0 | when=FIRST
-e inject=getpid:error=EIO:when=2..1 | inject | getpid:error=EIO:when=2..1 | [..LAST]
-e inject=getpid:error=EIO:retval=1 | inject | getpid:error=EIO:retval=1 | error=NAME
-e inject=nonsense:error=EIO | inject | nonsense | SET as with -e trace=
--inject=getpid | inject | getpid | SET:ACTION
-e fault=nonsense | fault | nonsense | SET as with -e trace=
-e fault=getpid:retval=1 | fault | getpid:retval=1 | [:error=ERRNO]
--fault=getpid:error=x | fault | getpid:error=x | [:error=ERRNO]
-e status=x | status | x | successful, failed, unfinished
-e status= | status |  | unavailable, detached
--status=!x | status | x | all or none
--timestamps=x | --timestamps | x | format:]none, time or unix
--timestamps=us,x | --timestamps | us,x | precision:]s, ms, us or ns
--timestamps=format:us | --timestamps | format:us | time or unix
--absolute-timestamps=precision: | --absolute-timestamps | precision: | ms, us or ns
--relative-timestamps=none | --relative-timestamps | none | s, ms, us or ns
--relative-timestamps= | --relative-timestamps |  | s, ms, us or ns
--syscall-times=1 | --syscall-times | 1 | s, ms, us or ns
-e signal=x | signal | x | SIGINT
-e signal=256 | signal | 256 | from 0 to 255
-e signal=SIGINT,x | signal | x | SIGINT
--signal=%x | signal | %x | SIGINT
-e trace=nonsense | -e trace= | nonsense | %CLASS
"

# strace has no such options; what is wrong with their values is said with what is allowed.
own="
--colocate=x | --colocate | x | auto, always or never
--colocate= | --colocate |  | auto, always or never
--detach-after=x | --detach-after | x | 1.5s
--detach-after=0 | --detach-after | 0 | 200ms
--detach-after=-1 | --detach-after | -1 | 2m
"

# The options that take no value, or need one: getopt_long(3) has the words, as for strace.
bare="
-DDDD | -D | maximum supported -D count is 3
--seccomp-bpf=x | --seccomp-bpf | doesn't allow an argument
--no-seccomp-bpf=x | --no-seccomp-bpf | doesn't allow an argument
--kill-on-exit=x | --kill-on-exit | doesn't allow an argument
--output-append-mode=x | --output-append-mode | doesn't allow an argument
-ff -o |cat | -ff | mutually exclusive
-ff -o !cat | -ff | mutually exclusive
"

# field N: of $row; the separator is " | ", as a value may begin with a bar
field()
{
	echo "$row" | awk -F ' [|] ' -v n="$1" '{ print $n }'
}

# has TEXT WHAT: the line has it
has()
{
	case $line in
	*"$1"*) result 0 ;;
	*) result 1 "$words: no '$1', $2, in: $line" ;;
	esac
}

# each ROWS FUNCTION: for each of them, with $words, $option, $value and $allowed
each()
{
	echo "$1" >"$dir/rows"
	while read -r row; do
		[ -n "$row" ] || continue
		words=$(field 1)
		option=$(field 2)
		value=$(field 3)
		allowed=$(field 4)
		"$2"
	done <"$dir/rows"
}

check_own()
{
	refuse "$mtrace" "$words"
	has "mtrace: " "our name"
	has "$option" "the option"
	has "'$value'" "the value"
	has "$allowed" "what is allowed"
}

check_row()
{
	check_own
	refuse "$dir/strace" "$words"
	has "strace: " "our name"
	case $line in
	*"$allowed"*) result 1 "$words: strace does not say what is allowed: $line" ;;
	*) result 0 ;;
	esac
}

check_bare()
{
	refuse "$mtrace" "$words"
	has "$option" "the option"
	has "$value" "what is wrong"
}

each "$rows" check_row
each "$own" check_own
each "$bare" check_bare

finish
