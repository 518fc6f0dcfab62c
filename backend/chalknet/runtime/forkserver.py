"""The process that has imported torch and forks workers in milliseconds.

``python -m chalknet.runtime.forkserver FD MODULE…``

Own, not ``multiprocessing``'s: that one is a singleton of its process with a fixed list of imports, imports the main
script of the server again in every worker, and unpickles what it is sent. Here a server may have several, and a worker
starts from nothing but its connection.

On the control socket: in, one byte with a descriptor for every worker wanted; out, lines ``ready``, ``started PID`` in
the order of the wishes, and ``exited PID STATUS`` (negative: the signal). End of file ends it; workers see their own.

Only imports happen here: an operation on several threads, or an autograd step, would hang every child.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys

from chalknet.runtime.work import work


def main(descriptor: int, modules: list[str]) -> None:
    control = socket.socket(fileno=descriptor)
    os.set_inheritable(descriptor, False)
    for module in modules:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a collection in a child must not touch, and so copy, every page of the imports
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    _say(control, "ready")
    while True:
        ready, _, _ = select.select([descriptor, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _reap(control)
        if descriptor in ready:
            wishes, descriptors, _, _ = socket.recv_fds(control, 64, 64)
            if not wishes:
                return
            for worker in descriptors:
                os.set_inheritable(worker, False)
            for index, worker in enumerate(descriptors):
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    os.setsid()  # so that a worker ends together with what it may have started
                    for unused in (wake, waker, descriptor, *descriptors[index + 1 :]):
                        os.close(unused)
                    work(worker)
                os.close(worker)
                _say(control, f"started {pid}")


def _reap(control: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _say(control, f"exited {pid} {os.waitstatus_to_exitcode(status)}")


def _say(control: socket.socket, line: str) -> None:
    with contextlib.suppress(OSError):
        control.sendall(line.encode() + b"\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(int(sys.argv[1]), sys.argv[2:])
