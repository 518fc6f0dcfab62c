"""A run in a process of its own: commands come in over a connection, events and pictures go out.

Messages are msgpack: to the server ``[0, event]``, ``[1, frame]`` and ``[2, [id, answer]]``, from it a
``wire.WorkerCommand`` as a dict.
"""

from __future__ import annotations

import gc
import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgpack
from pydantic import ValidationError

from chalknet import wire
from chalknet.graph.document import Unreadable, read
from chalknet.graph.problems import Problem
from chalknet.training import start
from chalknet.training.answers.base import Answered
from chalknet.training.compile import Refused
from chalknet.training.loop import Event, loop
from chalknet.training.plan import plan
from chalknet.training.probe import Frame

log = logging.getLogger(__name__)

JSON, FRAME, ANSWER = 0, 1, 2


def _end_process() -> None:
    os._exit(0)


def main(
    connection: Connection, document: bytes, options: dict[str, Any], *, ended: Callable[[], None] = _end_process
) -> None:
    """Trains a document and tells everything over ``connection``; returns when the last event is sent.

    ``options``: ``directory`` for checkpoints, ``cache`` for data sets, ``resume``, ``device`` (``cpu``, ``cuda:0``,
    ``auto``), ``threads`` (the most), ``epochs`` and ``seed`` (in place of the recipe's). When the other end closes,
    the process ends: the last checkpoint is what is left of the run.
    """
    if str(options.get("device", "")).startswith("cuda"):
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS adds in a fixed order only with this
    commands: queue.SimpleQueue[wire.WorkerCommand] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, commands, ended), name="commands", daemon=True).start()
    sender = Sender(connection)
    try:
        _run(sender, commands, document, options)
    finally:
        sender.close()


def _run(
    sender: Sender, commands: queue.SimpleQueue[wire.WorkerCommand], document: bytes, options: dict[str, Any]
) -> None:
    directory = Path(options["directory"]) if options.get("directory") else None
    cache = Path(options["cache"]) if options.get("cache") else None

    def preparing(label: str, share: float) -> None:
        sender.send(wire.State(state="preparing", message=f"{label}: {share:.0%} made"))

    try:
        planned = plan(
            read(document),
            epochs=options.get("epochs"),
            seed=options.get("seed"),
            device=options.get("device") or "auto",
            threads=options.get("threads"),
            directory=directory,
            cache=cache,
            progress=preparing,
            start=start.found(directory),
        )
    except (Refused, Unreadable) as refused:
        problem = (
            refused.problems[0] if isinstance(refused, Refused) else Problem(code="unreadable", message=str(refused))
        )
        sender.send(wire.Failed(problem=problem))
        sender.send(wire.End(state="failed"))
        return
    gc.collect()
    gc.freeze()  # what is here now stays: later collections need not look at it
    if planned.document.recipe.stepwise and not options.get("resume"):
        commands.put(wire.Pause())
    for event in loop(planned, commands, resume=bool(options.get("resume"))):
        sender.send(event)


def _listen(connection: Connection, commands: queue.SimpleQueue[wire.WorkerCommand], ended: Callable[[], None]) -> None:
    """Takes commands as they come, to the end of the connection."""
    while True:
        try:
            raw = connection.recv_bytes()
        except (EOFError, OSError):
            return ended()
        try:
            commands.put(wire.worker_command.validate_python(msgpack.unpackb(raw)))
        except (ValidationError, ValueError):
            log.warning("a command that is none was left out", exc_info=True)


class Sender:
    """Sends in a thread of its own, so that training never waits for the server.

    Events are never dropped and keep their order; of pictures with the same key only the latest waits.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: deque[tuple[int, Any]] = deque()
        self._frames: dict[str, bytes] = {}
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._carry, name="events", daemon=True)
        self._thread.start()

    def send(self, event: Event) -> None:
        if isinstance(event, Answered):
            self._waiting.append((ANSWER, [event.id, event]))
        elif isinstance(event, Frame):
            with self._lock:
                new = event.key not in self._frames
                self._frames[event.key] = event
            if new:
                self._waiting.append((FRAME, event.key))
        else:
            self._waiting.append((JSON, event))
        self._ready.set()

    def _carry(self) -> None:
        while True:
            self._ready.wait()
            self._ready.clear()
            while self._waiting:
                kind, what = self._waiting.popleft()
                if kind == FRAME:
                    with self._lock:
                        payload: Any = self._frames.pop(what)
                elif kind == ANSWER:
                    payload = what
                else:
                    payload = what.model_dump(mode="json", exclude={"run", "seq"})
                try:
                    self._connection.send_bytes(msgpack.packb([kind, payload]))
                except OSError:
                    return  # nobody is there any more; the listener ends the process
            if self._closed:
                return

    def close(self) -> None:
        """Waits until everything is sent."""
        self._closed = True
        self._ready.set()
        self._thread.join()
