#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Processes in the ways that Python has; prints what became of each and ends with 3.  Run by same.sh."""
import multiprocessing
import os
import signal
import subprocess
import sys
import threading


def square(number):
    return number * number


def main():
    with multiprocessing.Pool(6) as pool:
        print("pool", sum(pool.map(square, range(500))))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print("spawned pool", sum(pool.map(square, range(50))))

    queue = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=queue.put, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    print("queue", sorted(queue.get() for _ in workers))
    for worker in workers:
        worker.join()
    print("exit codes", [worker.exitcode for worker in workers])

    for command in (["true"], ["false"], ["sh", "-c", "kill -TERM $$"], ["sh", "-c", "exit 42"]):
        print(command, subprocess.run(command, check=False).returncode)
    piped = subprocess.run("seq 1000 | sort -rn | head -n 1", shell=True, capture_output=True, check=False)
    print("pipe", piped.returncode, piped.stdout)
    try:
        subprocess.run(["sleep", "100"], timeout=0.2, check=False)
    except subprocess.TimeoutExpired:
        print("sleep was ended")
    status = os.waitpid(os.spawnlp(os.P_NOWAIT, "true", "true"), 0)[1]
    print("spawnlp", status)

    # Stopped, continued and killed, seen by the parent each time.
    child = subprocess.Popen(["sleep", "100"])
    child.send_signal(signal.SIGSTOP)
    print("stopped", os.WSTOPSIG(os.waitpid(child.pid, os.WUNTRACED)[1]))
    child.send_signal(signal.SIGCONT)
    print("continued", os.WIFCONTINUED(os.waitpid(child.pid, os.WCONTINUED)[1]))
    child.kill()
    print("killed", child.wait())

    # An alarm among threads; a handler runs in the main one.
    seen = threading.Event()
    signal.signal(signal.SIGALRM, lambda *_: seen.set())
    threads = [threading.Thread(target=seen.wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    while not seen.is_set():
        signal.sigtimedwait([], 0.05)
    for thread in threads:
        thread.join()
    print("alarm")
    return 3


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    sys.exit(main())
