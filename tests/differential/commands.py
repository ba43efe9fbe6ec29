# SPDX-License-Identifier: MIT
"""
What the differential test runs, and under which options.  Each command is a script for /bin/sh, run in an
empty directory with its input in ../in; it reaches nothing but the loopback interface, ends by itself and
leaves no process behind.
"""

# The options that both tracers have; `short` ones also run in `make check`.
OPTION_SETS = {
    "plain": "",
    "follow": "-f",
    "verbose": "-f -v",
    "paths": "-f -y",
    "raw-const": "-f -X raw",
    "verbose-const": "-f -X verbose",
    "long-strings": "-f -s 200",
    "hex": "-f -x",
    "all-hex": "-f -xx -s 40",
    "file": "-f -e trace=%file",
    "classes": "-f -e trace=%process,%network,%signal,%ipc",
    "desc-full": "-f -y -v -s 1000 -e trace=%desc,%process",
    "raw": "-f -e raw=all",
    "abbrev-none": "-f -e abbrev=none -e verbose=!read,write,ioctl",
    "successful": "-f -z -y",
    "failed": "-f -Z -v",
    "time": "-f -t",
    "time-us": "-f -tt",
    "time-unix": "-f -ttt",
    "relative": "-f -r",
    "durations": "-f -T",
    "all-times": "-f -tt -r -T -y",
    "times-ns": "-f --timestamps=unix,ns --relative-timestamps=ns --syscall-times=ns",
    "quiet": "-f -qq -a 60 -e signal=none -e trace=!read,write,mmap",
}

# name, programs it takes, script, in the short set?
COMMANDS = [
    ("ls", "ls", "ls -lR ../in/tree"),
    ("ls-dev", "ls", "ls -la /dev /proc/self/fd/ . >out"),
    ("cp", "cp", "cp -a ../in/tree copy"),
    ("tar", "tar gzip", "tar --sort=name -czf a.tgz -C ../in tree && tar -tzf a.tgz"),
    ("find", "find", "find ../in -xdev -name '1*' -newermt @1"),
    ("git-log", "git", "git -C ../in/repo log --format=%s"),
    ("git-commit", "git", "git init -q r && cd r && echo x >f && git add f && "
     "git -c user.name=a -c user.email=a@b commit -q -m one --date=@1700000000 && git status --short"),
    ("gcc", "gcc", "gcc -c -o main.o ../in/main.c"),
    ("gcc-link", "gcc", "gcc -o main ../in/main.c && ./main"),
    ("make", "make gcc", "make -s -f ../in/Makefile"),
    ("python", "python3", "python3 -S -c 'print(sum(range(10)))'"),
    ("python-modules", "python3", "python3 -c 'import json, ssl, socket, subprocess; "
     "subprocess.run([\"true\"]); print(json.dumps([1]))'"),
    ("python-threads", "python3", "python3 -S ../in/threads.py"),
    ("python-sockets", "python3", "python3 -S ../in/sockets.py"),
    ("python-calls", "python3", "python3 -S ../in/calls.py"),
    ("perl", "perl", "perl -e 'print join(\",\", map { $_ * 2 } 1 .. 5), \"\\n\"; kill 15, $$'"),
    ("sqlite3", "sqlite3", "sqlite3 data.db 'create table t(a); insert into t values (1), (2); "
     "select sum(a) from t'"),
    ("curl", "curl", "curl -sS http://127.0.0.1:$PORT/main.c"),
    ("ssh", "ssh", "ssh -V"),
    ("ip-addr", "ip", "ip addr"),
    ("ip-link", "ip", "ip -s link"),
    ("ip-route", "ip", "ip route; ip -6 route; ip rule; ip neigh"),
    ("ss", "ss", "ss -tulnx >out"),
    ("apt-get", "apt-get", "apt-get -v"),
    ("systemctl", "systemctl", "systemctl --version"),
    ("gdb", "gdb", "gdb -nx -batch -ex 'info line main' /bin/true"),
    ("node", "node", "node -e 1"),
    ("nginx-test", "nginx", "mkdir logs; nginx -p . -c $IN/nginx.conf -t"),
    ("nginx", "nginx curl", "mkdir logs; nginx -p . -c $IN/nginx.conf & "
     "curl -sS --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:$PORT2/main.c; "
     "kill -QUIT $!; wait"),
    ("redis", "redis-server redis-cli", "redis-server --port 0 --unixsocket ./s --save '' --daemonize no "
     ">log & n=0; until test -S s || test $n = 50; do sleep 0.1; n=$((n + 1)); done; "
     "redis-cli -s ./s ping; redis-cli -s ./s set a b; redis-cli -s ./s shutdown nosave; wait"),
    ("dd", "dd", "dd if=/dev/zero of=f bs=1k count=5 conv=fsync && dd if=f of=/dev/null bs=512 skip=2"),
    ("sort", "sort", "sort -n ../in/numbers >out"),
    ("awk", "awk", "awk '{ n += $1 } END { print n }' ../in/numbers"),
    ("sed", "sed", "cp ../in/main.c . && sed -i s/return/exit/ main.c"),
    ("pipeline", "bash seq tr wc", "bash -c 'seq 20 | tr 1 x | wc -l; for i in 1 2; do echo $i; done | cat; exit 3'"),
    ("here-document", "bash", "bash -c 'cat <<E\nhello\nE\nread -r a < <(echo b); echo $a; ulimit -n; umask; trap : USR1; "
     "kill -USR1 $$'"),
    ("timeout", "timeout sleep", "timeout 0.2 sleep 5; timeout -s INT 0.1 sleep 5; timeout 5 true; "
     "sleep 5 & sleep 0.3; kill -KILL $!; wait"),
    ("nice", "nice", "nice -n 5 nice; ionice -c 3 true; chrt -b 0 true; taskset -p $$"),
    ("env", "env", "env -i A=b env"),
    ("mount", "mount", "mount >out; findmnt / >out"),
    ("df", "df", "df -h . /proc /sys >out; stat -f /; stat ."),
    # In a namespace of its own: ps(1) reads of all processes, its tracer among them, what differs between tracers.
    ("ps", "ps unshare", "unshare -pf --mount-proc sh -c 'ps -e -o pid=,comm=,stat=; ps -o args= -p $$'; "
     "uptime >out; free >out"),
    ("id", "id", "id; whoami; groups; getent passwd root; hostname >out"),
    ("date", "date", "date -u -d @5; date +%s%N >out; TZ=Europe/Berlin date -d @5"),
    ("files", "touch", "touch -d @5 a; chmod 640 a; ln a b; ln -s a c; mv b d; truncate -s 9999 a; mkfifo p; "
     "mkdir -m 700 e; rmdir e; install -m 600 a f; readlink c; rm -rf a c; chown 1:2 d; setfattr -n user.a -v b d; "
     "getfattr -d d; flock d true; sync d; mktemp -u >out; cmp d f; shred -u f; fallocate -l 5000 g; chattr +d g; lsattr g"),
    ("xz", "xz zstd", "xz -k -c ../in/numbers >n.xz; xz -dc n.xz | cmp - ../in/numbers; zstd -q -c ../in/numbers >n.zst"),
    ("openssl", "openssl", "openssl sha256 ../in/main.c; openssl rand -hex 4 >out"),
    ("unshare", "unshare", "unshare -m sh -c 'mount -t tmpfs none . && ls'; setpriv --nnp true; "
     "capsh --print >out; nsenter -t $$ -m true; prlimit >out"),
    ("tools", "lscpu", "lscpu >out; lsblk >out; tty; stty -a; dmesg >out; ipcs >out; lsipc >out; nproc"),
    ("no-program", "sh", "exec /nonexistent"),
    ("clang", "clang", "clang -c -o main.o ../in/main.c"),
    ("wget", "wget", "wget -q -O out http://localhost:$PORT/main.c"),
    ("aslr-off", "setarch", "setarch -R true; setarch i386 uname -m"),
]

# A command that shows under these options what is the tracer's own affair.
UNFAIR = {
    ("ps", "desc-full"): "/proc/PID/status tells how often the tracer stopped it (voluntary_ctxt_switches)",
}

# In `make check`: below a minute together.
SHORT = {
    "commands": ["ls", "cp", "find", "pipeline", "perl", "sqlite3", "python-calls", "python-sockets", "ip-addr",
                 "timeout"],
    "options": ["plain", "all-times", "verbose", "paths", "raw-const", "verbose-const", "all-hex", "raw"],
}

# Commands whose calls depend on which process or thread runs when, and where that comes from: a line that is not
# there in strace's trace is compared by its form.
RACES = {
    "tar": "how much is in the pipe to gzip when it is read",
    "python-threads": "threads, and which of their stacks is used again",
    "node": "threads",
    "gdb": "threads",
    "nginx": "a server and its client",
    "redis": "a server and its client, threads",
    "pipeline": "how much is in a pipe when it is read",
    "xz": "a pipe, threads of zstd",
    "timeout": "signals against the ends of processes",
    "here-document": "the end of a child against what its parent does next",
    "curl": "a client and its server: how much has come when it is read",
    "wget": "a client and its server: how much has come when it is read",
}

THREADS = """\
import threading
done = []
threads = [threading.Thread(target=done.append, args=(i,)) for i in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(done))
"""

SOCKETS = """\
import array, os, select, socket, struct
a, b = socket.socketpair()
socket.send_fds(a, [b'x'], [0, 1])
print(socket.recv_fds(b, 10, 5)[0])
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 2))
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 1, 2))
print(s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), len(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 300)))
print(len(a.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))
s.bind(('127.0.0.1', 0)); s.listen(5)
c = socket.create_connection(s.getsockname())
d, address = s.accept()
c.sendall(b'hello'); print(d.recv(10, socket.MSG_PEEK), d.recvmsg(10, 100))
d.shutdown(socket.SHUT_WR)
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
u.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
u.bind(('::1', 0)); u.sendto(b'y', u.getsockname()); print(u.recvfrom(5)[0])
x = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); x.bind('\\0abstract-name'); x.close()
x = socket.socket(socket.AF_UNIX); x.bind('s'); x.listen(); x.setblocking(False)
try: x.accept()
except BlockingIOError: pass
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); n.bind((0, 0))
e = select.epoll(); e.register(a, select.EPOLLIN | select.EPOLLET); b.send(b'z'); print(len(e.poll(1)))
p = select.poll(); p.register(a); print(len(p.poll(0))); print(len(select.select([a], [b], [], 1)[0]))
"""

CALLS = """\
import ctypes, fcntl, mmap, os, resource, signal, struct, termios, time
libc = ctypes.CDLL(None, use_errno=True)
m = mmap.mmap(-1, 8192); m.madvise(mmap.MADV_DONTNEED); m.close()
fd = os.memfd_create('name', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
fcntl.fcntl(fd, 1033, 1); print(fcntl.fcntl(fd, 1034), fcntl.fcntl(fd, fcntl.F_GETFL))
os.ftruncate(fd, 100); os.posix_fallocate(fd, 0, 50); os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
os.pwrite(fd, b'abc', 5); print(os.pread(fd, 3, 5), os.preadv(fd, [bytearray(2), bytearray(2)], 4)); os.writev(fd, [b'a', b'b'])
os.lseek(fd, 0, os.SEEK_DATA); fcntl.lockf(fd, fcntl.LOCK_EX); fcntl.flock(fd, fcntl.LOCK_SH)
signal.signal(signal.SIGALRM, lambda *a: None); signal.setitimer(signal.ITIMER_REAL, 0.05); signal.pause()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, 40]); os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigwaitinfo([signal.SIGUSR1]).si_signo, signal.sigtimedwait([signal.SIGUSR2], 0.01))
print(resource.getrlimit(resource.RLIMIT_CORE)); resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); resource.getrusage(0)
os.sched_getaffinity(0); os.sched_yield(); os.sched_getscheduler(0); os.sched_getparam(0); os.getpriority(0, 0)
os.statvfs('.'); os.uname(); os.getloadavg(); os.getgroups(); os.getresuid(); os.umask(0o22); os.times(); os.getsid(0)
os.mkdir('d'); os.rename('d', 'e'); os.rmdir('e'); os.symlink('a', 'b'); os.readlink('b'); os.utime('.', ns=(1, 2))
open('f', 'w').close(); os.setxattr('f', 'user.a', b'b'); print(os.getxattr('f', 'user.a'), os.listxattr('f'))
os.copy_file_range(fd, os.open('f', os.O_RDWR), 2); os.chmod('f', 0o600); os.access('f', os.X_OK); os.truncate('f', 5)
r, w = os.pipe2(os.O_NONBLOCK); fcntl.fcntl(w, 1031, 8192); print(os.splice(fd, w, 3, 0)); os.sendfile(w, fd, 0, 4)
try: termios.tcgetattr(0)
except termios.error: pass
time.sleep(0.01); time.clock_getres(time.CLOCK_MONOTONIC); time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
pid = os.fork()
if not pid: os._exit(3)
print(os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_status, os.wait4(pid, 0)[1])
pid = os.fork()
if not pid: os.kill(os.getpid(), signal.SIGSTOP); os.abort()
print(os.waitpid(pid, os.WUNTRACED)[1]); os.kill(pid, signal.SIGCONT); print(os.waitpid(pid, os.WCONTINUED)[1]); print(os.waitpid(pid, 0)[1])
os.pidfd_open(os.getpid()); os.eventfd(1); libc.prctl(15, b'name', 0, 0, 0); libc.prctl(16, ctypes.create_string_buffer(16), 0, 0, 0)
libc.syscall(332, -100, b'f', 0, 0xfff, ctypes.create_string_buffer(256)); libc.personality(0xffffffff); libc.inotify_init1(0)
libc.timerfd_create(1, 0); libc.sysinfo(ctypes.create_string_buffer(200)); libc.getcpu(None, None, None); libc.mlock(None, 0)
libc.shmget(0, 4096, 0o1600); libc.semget(0, 1, 0o600); libc.msgget(0, 0o600); libc.capget(None, None); libc.sync_file_range(fd, 0, 0, 0)
"""


def make_inputs(directory, ports, run):
    """What the commands read, the same for both tracers."""
    (directory / "tree" / "deep").mkdir(parents=True)
    for n in range(1, 60):
        (directory / "tree" / str(n)).write_text(f"file {n}\n", encoding="ascii")
    (directory / "tree" / "deep" / "link").symlink_to("../1")
    (directory / "numbers").write_text("".join(f"{i * 7919 % 1000003}\n" for i in range(5000)), encoding="ascii")
    (directory / "main.c").write_text("int main(void) { return 0; }\n", encoding="ascii")
    (directory / "Makefile").write_text(
        "all: one two\none two: %: %.o\n\tgcc -o $@ $<\n%.o:\n\tgcc -c -o $@ ../in/main.c\n", encoding="ascii")
    (directory / "threads.py").write_text(THREADS, encoding="ascii")
    (directory / "sockets.py").write_text(SOCKETS, encoding="ascii")
    (directory / "calls.py").write_text(CALLS, encoding="ascii")
    (directory / "nginx.conf").write_text(
        "daemon off; pid logs/pid; error_log logs/error; worker_processes 1; events { }\n"
        "http { access_log off; client_body_temp_path logs/a; proxy_temp_path logs/b; fastcgi_temp_path logs/c;\n"
        "uwsgi_temp_path logs/d; scgi_temp_path logs/e;\n"
        f"server {{ listen 127.0.0.1:{ports[1]}; root {directory}; }} }}\n", encoding="ascii")
    run("git init -q repo && git -C repo -c user.name=a -c user.email=a@b -c commit.gpgsign=false "
        "commit -q --allow-empty -m one --date=@1700000000")
    run("find . -exec touch -h -d @1700000000 {} +")
