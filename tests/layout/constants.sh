#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The values in the sets against the system's headers.  For each header, a program is compiled
# that compares what the header defines with what tests/layout/list_constants says; a name that
# no header of this system has is left to test_constants.  Run with CC, perhaps CC_I386, in the
# build directory.

# shellcheck disable=SC2046,SC2086 # headers are lists of words
headers='
asm-generic/errno.h asm/mman.h asm/poll.h asm/prctl.h asm/ptrace-abi.h asm/resource.h
asm/signal.h asm/socket.h asm/siginfo.h asm/termbits.h asm/ioctls.h linux/aio_abi.h linux/audit.h
linux/bpf.h linux/capability.h linux/close_range.h linux/elf.h linux/eventpoll.h linux/falloc.h
linux/fanotify.h linux/fcntl.h linux/fib_rules.h linux/fs.h linux/futex.h linux/genetlink.h
linux/hw_breakpoint.h linux/if_addr.h linux/if_arp.h linux/if_ether.h linux/if_link.h
linux/if_packet.h linux/in.h linux/in6.h linux/inet_diag.h linux/inotify.h linux/io_uring.h
linux/ioprio.h linux/ipc.h linux/ipv6.h linux/kcmp.h linux/kexec.h linux/keyctl.h
linux/landlock.h linux/lsm.h linux/magic.h linux/membarrier.h linux/memfd.h linux/mempolicy.h
linux/module.h linux/mount.h linux/mqueue.h linux/msg.h linux/neighbour.h linux/net.h
linux/netfilter/nf_tables.h linux/netfilter/nfnetlink.h linux/netlink.h linux/netlink_diag.h
linux/openat2.h linux/packet_diag.h linux/perf_event.h linux/personality.h linux/pidfd.h
linux/prctl.h linux/ptrace.h linux/quota.h linux/dqblk_xfs.h linux/random.h linux/reboot.h
linux/resource.h linux/rseq.h linux/rtnetlink.h linux/sched.h linux/seccomp.h linux/securebits.h
linux/sem.h linux/shm.h linux/sock_diag.h linux/stat.h linux/tcp.h linux/time.h linux/timerfd.h
linux/timex.h linux/tls.h linux/tty.h linux/udp.h linux/unix_diag.h linux/userfaultfd.h
linux/vm_sockets.h linux/wait.h linux/xattr.h
dirent.h errno.h fcntl.h netinet/in.h netinet/tcp.h sched.h signal.h sys/epoll.h sys/eventfd.h
sys/file.h sys/ipc.h sys/klog.h sys/mman.h sys/mount.h sys/msg.h sys/personality.h sys/poll.h
sys/prctl.h sys/ptrace.h sys/quota.h sys/random.h sys/reboot.h sys/resource.h sys/sem.h sys/shm.h
sys/signalfd.h sys/socket.h sys/stat.h sys/statvfs.h sys/swap.h sys/timerfd.h sys/timex.h
sys/wait.h sys/xattr.h termios.h time.h unistd.h
'

# Where a C library says something else than the kernel: O_LARGEFILE is 0 for 64-bit programs and
# F_GETLK64 is F_GETLK, __O_TMPFILE includes O_DIRECTORY, the first real-time signals are its own;
# where time_t has 32 bits, video4linux names the codes with times of 64 bits, headers those of 32.
libc_differs=' O_LARGEFILE __O_TMPFILE F_GETLK64 F_SETLK64 F_SETLKW64 SIGRTMIN VIDIOC_DQBUF
VIDIOC_DQEVENT VIDIOC_PREPARE_BUF VIDIOC_QBUF VIDIOC_QUERYBUF '

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# Names that a header defines and a set has: macros, and words that look like enumerators.
common_names()
{
	printf '#define _GNU_SOURCE\n#include <%s>\n' "$2" >"$work/header.c"
	$1 -E -dM "$work/header.c" 2>/dev/null |
		sed -n 's/^#define \([A-Za-z_][A-Za-z_0-9]*\) .*/\1/p' >"$work/names" || return 1
	if [ "$3" = all ]; then
		$1 -E -P "$work/header.c" 2>/dev/null | tr ',{}' '[\n*]' |
			sed -n 's/^[ \t]*\([A-Z_][A-Za-z_0-9]*\)[ \t]*\(=.*\)*$/\1/p' >>"$work/names"
	fi
	awk 'NR == FNR { defined[$1] = 1; next } $2 in defined' "$work/names" "$work/list" >"$work/common"
	[ -s "$work/common" ]
}

# The program: the numbers may differ in sign only, by how wide the header has them.
write_program()
{
	printf '#define _GNU_SOURCE\n#include <%s>\n' "$1"
	printf 'int printf(const char *, ...);\nint main(void)\n{\n'
	printf '\tint bad = 0;\n\tunsigned long long is;\n'
	awk '{
		printf "\tis = (unsigned long long)(%s);\n", $2
		printf "\tif (is != %sULL && !(is >> 32 == 0xffffffff && (is & 0xffffffff) == %sULL))\n", $3, $3
		printf "\t\tbad = 1, printf(\"%s: %s is %s, <%s> has 0x%%llx\\n\", is);\n", $1, $2, $3, header
	}' header="$1" "$work/common"
	printf '\treturn bad;\n}\n'
}

build()
{
	common_names "$1" "$2" "$3" || return 1
	write_program "$2" >"$work/test.c"
	$1 -w -o "$work/test" "$work/test.c" 2>/dev/null
}

# "set name value"; an entry named "A or B" is two, names that are no identifiers are left out.
list_entries()
{
	tests/layout/list_constants "$1" | awk '{
		for (i = 2; i < NF; i += 2)
			if ($i !~ /[^A-Za-z_0-9]/ && (NF == 3 || $(i + 1) == "or" || i + 1 == NF) &&
			    !index(differs, " " $i " "))
				print $1, $i, $NF
	}' differs="$(echo "$libc_differs" | tr '\n' ' ')"
}

# Drivers' headers are many: those in which a word of the list stands.
ioctl_headers()
{
	awk '{ print $2 }' "$work/list" >"$work/words"
	(cd /usr/include && grep -rlwF -f "$work/words" linux sound scsi mtd rdma misc video) | sort
	echo asm/ioctls.h
}

check_headers()
{
	compiler=$1
	shift
	for header in "$@"; do
		build "$compiler" "$header" all || build "$compiler" "$header" macros || continue
		if ! "$work/test"; then
			failed=1
		fi
		awk '{ print $2 }' "$work/common" >>"$work/checked"
	done
}

check_abi()
{
	list_entries "$2" >"$work/all" || exit 1
	: >"$work/checked"
	grep -v '^ioctl_codes ' "$work/all" >"$work/list"
	check_headers "$1" $headers
	grep '^ioctl_codes ' "$work/all" >"$work/list"
	check_headers "$1" $(ioctl_headers)
	checked=$(sort -u "$work/checked" | wc -l)
	echo "$2: $checked of $(awk '{ print $2 }' "$work/all" | sort -u | wc -l) names are in the headers"
	# Far fewer mean that the headers were not read at all.
	if [ "$checked" -lt 1000 ]; then
		failed=1
	fi
	sort -u "$work/checked" >"${CHECKED:-/dev/null}"
}

: "${CC:=cc}"
native=$(echo __x86_64__ __aarch64__ | $CC -E -P - |
	awk '{ print $1 == 1 ? "x86_64" : $2 == 1 ? "aarch64" : "" }')
if [ -z "$native" ]; then
	echo "no sets for the ABI of $CC"
	exit 77
fi
check_abi "$CC" "$native"
if [ -n "$CC_I386" ]; then
	check_abi "$CC_I386 -static" i386
fi
exit $failed
