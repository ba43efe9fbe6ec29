#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks a server without a pause and checks every answer; prints what it saw when it is told to stop.

usage: client.py redis|http PORT CONNECTIONS      until SIGTERM; used by servers.sh

The line it prints: `ANSWERS answers, LOST lost, WRONG wrong; latency p50 US us, p99 US us, max US us`.
"""
import select
import signal
import socket
import sys
import threading
import time

stopping = threading.Event()


class Stream:
    """A connection.  An answer is lost after 30 waits of a second without a byte: waits are counted, since
    all of us may have been frozen or suspended for longer than that.
    """

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.settimeout(None)
        self.buffer = b""

    def fill(self):
        for _ in range(30):
            if select.select([self.socket], [], [], 1)[0]:
                more = self.socket.recv(1 << 16)
                if not more:
                    raise ConnectionError("closed")
                self.buffer += more
                return
        raise ConnectionError("no answer")

    def read(self, size):
        while len(self.buffer) < size:
            self.fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def readline(self):
        while b"\n" not in self.buffer:
            self.fill()
        return self.read(self.buffer.index(b"\n") + 1)


class Redis:
    def __init__(self, port, name):
        self.stream = Stream(port)
        self.key = b"key:%s" % name
        self.count = 0

    def command(self, *words):
        text = b"*%d\r\n" % len(words)
        for word in words:
            text += b"$%d\r\n%s\r\n" % (len(word), word)
        self.stream.socket.sendall(text)

    def ask(self):
        """A value is set, counted up and read again: any answer lost or doubled shows."""
        self.count += 1
        value = b"%d" % self.count
        self.command(b"SET", self.key, value)
        self.command(b"INCR", self.key)
        self.command(b"GET", self.key)
        wanted = [b"+OK\r\n", b":%d\r\n" % (self.count + 1)]
        text = b"%d" % (self.count + 1)
        wanted += [b"$%d\r\n" % len(text), text + b"\r\n"]
        return [self.stream.readline() for _ in wanted] == wanted


class Http:
    def __init__(self, port, name):
        self.stream = Stream(port)

    def ask(self):
        """The page is its own check: 20000 bytes of a counting text."""
        self.stream.socket.sendall(b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n")
        status = self.stream.readline()
        length = 0
        while True:
            line = self.stream.readline()
            if line == b"\r\n":
                break
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return status.startswith(b"HTTP/1.1 200") and self.stream.read(length) == PAGE


PAGE = b"".join(b"%d\n" % number for number in range(4096))[:20000]


def run(kind, port, number, seen):
    try:
        server = kind(port, b"%d" % number)
        while not stopping.is_set():
            begin = time.monotonic()
            if not server.ask():
                seen["wrong"] += 1
                return
            seen["latencies"].append(time.monotonic() - begin)
    except OSError as error:
        print("connection %d: %s" % (number, error), file=sys.stderr)
        seen["lost"] += 1


def main():
    if sys.argv[1] == "page":
        sys.stdout.buffer.write(PAGE)
        return 0
    kind = {"redis": Redis, "http": Http}[sys.argv[1]]
    port = int(sys.argv[2])
    seen = [{"wrong": 0, "lost": 0, "latencies": []} for _ in range(int(sys.argv[3]))]
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threads = [
        threading.Thread(target=run, args=(kind, port, number, mine)) for number, mine in enumerate(seen)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    latencies = sorted(us for mine in seen for us in mine["latencies"])
    if not latencies:
        latencies = [0.0]
    print(
        "%d answers, %d lost, %d wrong; latency p50 %d us, p99 %d us, max %d us"
        % (
            len(latencies),
            sum(mine["lost"] for mine in seen),
            sum(mine["wrong"] for mine in seen),
            latencies[len(latencies) // 2] * 1e6,
            latencies[len(latencies) * 99 // 100] * 1e6,
            latencies[-1] * 1e6,
        )
    )
    return any(mine["lost"] or mine["wrong"] for mine in seen)


sys.exit(main())
