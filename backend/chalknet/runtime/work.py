"""What a worker process does around the training: reads its job, sets its limits, ends when the server does.

This runs in the worker only. Nothing of the training is imported here; it is named by the job.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import select
import signal
import sys
import threading
import traceback
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgpack

GRACE = 5.0
"""Seconds between the server's end and that of a worker that does not end by itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """The first message on a worker's connection."""

    module: str
    """Its ``main(connection, document, options)`` trains."""
    document: bytes
    options: dict[str, Any]
    log: str
    """File that takes what is written to stdout and stderr."""
    memory: int = 0
    """Most bytes of its own memory; 0: no limit."""

    def pack(self) -> dict[str, Any]:
        return asdict(self)


def work(descriptor: int) -> None:
    """Serve the one job that comes over the connection, then end this process. Never returns."""
    status = 1
    try:
        connection = Connection(descriptor)
        job = Job(**msgpack.unpackb(connection.recv_bytes()))
        _log_to(Path(job.log))
        if job.memory:
            limit_memory(job.memory)
        threading.Thread(target=_end_with_server, args=(descriptor,), name="end with the server", daemon=True).start()
        try:
            importlib.import_module(job.module).main(connection, job.document, job.options)
            status = 0
        except Exception as error:
            traceback.print_exc()
            _tell(connection, error, job.memory)
    except EOFError:
        status = 0  # the server ended before it had a job
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        # Interpreter teardown would cost time and could hang on a daemon thread; the kernel closes the connection.
        os._exit(status)


def limit_memory(bytes_: int) -> None:
    """A limit on private memory above what the process was born with, so that a runaway allocation raises in the worker
    instead of taking the machine. Linux counts private writable pages; elsewhere it is without effect."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except (OSError, IndexError):
        return
    limit = bytes_ + pages * os.sysconf("SC_PAGE_SIZE")
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def reads_as_out_of_memory(error: BaseException) -> bool:
    """Whether it is a failed allocation: Python's, torch's on a CPU, or torch's on a GPU."""
    words = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in words
        or "out of memory" in words
    )


def _tell(connection: Connection, error: Exception, memory: int) -> None:
    if reads_as_out_of_memory(error):
        most = f" The limit is {memory / 2**20:,.0f} MB for a run." if memory else ""
        problem = {
            "code": "out_of_memory",
            "message": f"Training needed more memory than it may have.{most}",
            "hint": "Lower the batch size, or make the largest layers smaller.",
        }
    else:
        problem = {
            "code": "crashed",
            "message": f"Training broke off: {type(error).__name__}: {str(error)[:500]}",
            "hint": "The run's worker.log has the details.",
        }
    with contextlib.suppress(OSError):
        connection.send_bytes(msgpack.packb([0, {"event": "failed", "problem": problem}]))
        connection.send_bytes(msgpack.packb([0, {"event": "end", "state": "failed"}]))


def _log_to(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _end_with_server(descriptor: int) -> None:
    """Waits for the other end to close. The training reads that too and ends by itself; this is for one that hangs."""
    poll = select.poll()
    poll.register(descriptor, 0)  # a hang-up is always reported, and nothing is read from the training's connection
    poll.poll()
    threading.Event().wait(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
