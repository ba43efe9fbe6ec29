#!/bin/sh
# SPDX-License-Identifier: MIT
# Attaches to busy servers and detaches from them, again and again, while clients check every answer:
# redis-server with several threads under redis-benchmark, nginx with two workers under wrk,
# PostgreSQL under pgbench.  A server that is not installed is a skip.
#
# usage: servers.sh [ROUNDS]; MTRACE is the program; 15 rounds by default

. "$(dirname "$0")/../lib.sh"
rounds=${1:-15}
mtrace=${MTRACE:-./mtrace}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) || exit 1
chmod 755 "$dir"
PATH=$PATH:/usr/sbin:/sbin
started=

clean_up()
{
	for pid in $started; do
		kill "$pid" 2>/dev/null
	done
	for pid in $started; do
		wait "$pid" 2>/dev/null
	done
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

have()
{
	for program; do
		command -v "$program" >/dev/null || return 1
	done
}

# A port that nobody listens on.
free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_port PORT: until somebody listens
wait_port()
{
	python3 -c '
import socket, sys, time
for _ in range(200):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.05)
sys.exit(1)' "$1"
}

# The threads of processes that have a tracer.
traced_threads()
{
	for pid; do
		grep -l '^TracerPid:[[:space:]]*[1-9]' /proc/"$pid"/task/*/status 2>/dev/null
	done
}

# harass PIDS OF WHOM: attaches and lets go $rounds times, in every way there is
harass()
{
	processes=$(echo "$1" | tr ' ' ',')
	round=0
	bad=0
	empty=0
	while [ $round -lt "$rounds" ]; do
		case $((round % 3)) in
		0) signal=INT ;;
		1) signal=TERM ;;
		*) signal=HUP ;;
		esac
		case $((round % 5)) in
		4) options="-e trace=read,write" ;;
		*) options= ;;
		esac
		"$mtrace" -q -f $options -o "$dir/trace" -p "$processes" 2>"$dir/err" &
		tracer=$!
		# Before it is at work, a signal may find it as the shell made it: deaf to SIGINT.
		while [ -z "$(traced_threads ${1%% *})" ] && kill -0 $tracer 2>/dev/null; do
			sleep 0.01
		done
		sleep "0.0$((round % 7 + 2))"
		kill -$signal $tracer 2>/dev/null
		wait $tracer 2>/dev/null
		[ -s "$dir/err" ] && bad=$((bad + 1)) && head -n 1 "$dir/err"
		[ -s "$dir/trace" ] || [ -n "$options" ] || empty=$((empty + 1))
		round=$((round + 1))
	done
	[ $bad = 0 ]
	result $? "$2: mtrace complained in $bad of $rounds rounds"
	[ -z "$(traced_threads $1)" ]
	result $? "$2: threads are still traced"
	# A server may be at rest for the moment that we look, but not often.
	[ $empty -le $((rounds / 3)) ]
	result $? "$2: nothing was traced in $empty of $rounds rounds"
}

# end_client PID NAME: its line, and whether all was well
end_client()
{
	kill -TERM "$1"
	wait "$1"
	status=$?
	echo "# $2, $rounds rounds: $(cat "$dir/client")"
	[ $status = 0 ]
	result $? "$2: $(cat "$dir/client")"
}

test_redis()
{
	have redis-server redis-benchmark || { skip "redis-server is not installed"; return; }
	port=$(free_port)
	redis-server --port "$port" --bind 127.0.0.1 --save '' --dir "$dir" --io-threads 3 \
		--io-threads-do-reads yes >"$dir/redis.log" 2>&1 &
	server=$!
	started="$started $server"
	wait_port "$port" || { result 1 "redis-server does not answer"; return; }
	redis-benchmark -p "$port" -q -l -c 8 -t set,get,lpush >/dev/null 2>&1 &
	load=$!
	started="$started $load"
	python3 "$here/client.py" redis "$port" 4 >"$dir/client" 2>&1 &
	client=$!
	harass "$server" redis
	end_client $client redis
	kill $load $server
	wait $load $server 2>/dev/null
}

test_nginx()
{
	have nginx wrk || { skip "nginx or wrk is not installed"; return; }
	port=$(free_port)
	mkdir -p "$dir/www"
	python3 "$here/client.py" page >"$dir/www/page"
	cat >"$dir/nginx.conf" <<-END
	daemon off;
	worker_processes 2;
	pid $dir/nginx.pid;
	error_log $dir/nginx.err;
	events { worker_connections 64; }
	http {
		access_log off;
		keepalive_requests 100000000;
		server { listen 127.0.0.1:$port; root $dir/www; }
	}
	END
	nginx -p "$dir" -c "$dir/nginx.conf" >"$dir/nginx.log" 2>&1 &
	server=$!
	started="$started $server"
	wait_port "$port" || { result 1 "nginx does not answer"; return; }
	wrk -t 1 -c 8 -d 600 "http://127.0.0.1:$port/page" >/dev/null 2>&1 &
	load=$!
	started="$started $load"
	python3 "$here/client.py" http "$port" 4 >"$dir/client" 2>&1 &
	client=$!
	harass "$(echo $server $(cat /proc/$server/task/$server/children))" nginx
	end_client $client nginx
	kill $load $server
	wait $load $server 2>/dev/null
}

# What runs a command as the user that PostgreSQL wants to be.  No function: in the background, $! would
# be the pid of a shell.
as_postgres="setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=$dir"

test_postgres()
{
	bin=$(find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | sort | tail -n 1)
	bin=${bin%/postgres}
	[ -x "$bin/postgres" ] && [ "$(id -u)" = 0 ] && have setpriv && id postgres >/dev/null 2>&1 ||
		{ skip "PostgreSQL is not installed, or we are not root"; return; }
	PATH=$bin:$PATH
	port=$(free_port)
	mkdir -m 700 "$dir/pg" && chown postgres "$dir/pg"
	$as_postgres initdb -D "$dir/pg/data" -A trust --no-sync >"$dir/initdb.log" 2>&1
	$as_postgres postgres -D "$dir/pg/data" -p "$port" -k "$dir/pg" -c listen_addresses=127.0.0.1 \
		-c fsync=off >"$dir/pg.log" 2>&1 &
	server=$!
	started="$started $server"
	wait_port "$port" || { result 1 "PostgreSQL does not answer"; return; }
	$as_postgres pgbench -h 127.0.0.1 -p "$port" -i -q postgres >"$dir/pginit.log" 2>&1
	$as_postgres pgbench -h 127.0.0.1 -p "$port" -c 3 -T 600 postgres >"$dir/pgbench" 2>&1 &
	load=$!
	started="$started $load"
	sleep 0.5
	harass "$(echo $server $(cat /proc/$server/task/$server/children))" postgres
	kill -0 $load
	result $? "postgres: pgbench has ended: $(tail -n 3 "$dir/pgbench")"
	kill $load
	wait $load 2>/dev/null
	grep -q -i -E 'error|aborted|lost' "$dir/pgbench"
	[ $? = 1 ]
	result $? "postgres: $(grep -i -E 'error|aborted|lost' "$dir/pgbench" | head -n 2)"
	# What pgbench wrote must balance: each transaction changed all four tables or none.
	sums=$($as_postgres psql -h 127.0.0.1 -p "$port" -At -F ' ' -c 'select
		(select sum(abalance) from pgbench_accounts), (select sum(tbalance) from pgbench_tellers),
		(select sum(bbalance) from pgbench_branches), (select coalesce(sum(delta), 0) from pgbench_history),
		(select count(*) from pgbench_history)' postgres)
	echo "# postgres, $rounds rounds: $sums (four sums, number of transactions)"
	set -- $sums
	[ "$1" = "$2" ] && [ "$2" = "$3" ] && [ "$3" = "$4" ] && [ "${5:-0}" -gt 0 ]
	result $? "postgres: the books do not balance: $sums"
	kill -INT $server # fast shutdown
	wait $server 2>/dev/null
}

sleep 60 &
started=$!
"$mtrace" --version >/dev/null || exit 1
timeout -s INT 1 "$mtrace" -o /dev/null -p $started 2>"$dir/err"
if grep -q 'PTRACE_SEIZE.*not permitted' "$dir/err"; then
	echo "SKIP: ptrace is forbidden here"
	exit 77
fi
if ! have python3; then
	echo "SKIP: python3 is not installed"
	exit 77
fi
test_redis
test_nginx
test_postgres

finish
