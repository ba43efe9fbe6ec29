#!/bin/sh
# SPDX-License-Identifier: MIT
# A value that an option does not take: status 1, and one line that names the option, the value and what
# is allowed; the program is not run.  As strace we say what strace says, and nothing more.
# usage: mistakes.sh; MTRACE is the program

mtrace=${MTRACE:-./mtrace}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
ln -s "$mtrace" "$dir/strace"
passed=0
failed=0

result()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $2"
		sed 's/^/  /' "$dir/err"
	fi
}

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
-o $dir/none/x | -o | $dir/none/x | |COMMAND
-o $dir | -o | $dir | !COMMAND
-A -o $dir/none/x | -o | $dir/none/x | !COMMAND
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
"

# The options that take no value, or need one: getopt_long(3) has the words, as for strace.
bare="
--seccomp-bpf=x | --seccomp-bpf | doesn't allow an argument
--no-seccomp-bpf=x | --no-seccomp-bpf | doesn't allow an argument
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

echo "$passed passed, $failed failed"
[ $failed = 0 ]
