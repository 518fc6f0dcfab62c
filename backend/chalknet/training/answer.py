"""A process that only answers: it opens a run at one of its kept checkpoints, or a board, and trains nothing.

Messages are msgpack: from the server a ``wire.Ask`` as a dict, to it ``[1, frame]`` for every view that was asked for,
and ``[2, [id, answer]]``, which comes after all frames of its question.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgpack
import torch

from chalknet import wire
from chalknet.graph.document import Document, Unreadable, read
from chalknet.training import checkpoint
from chalknet.training.answers.base import Answered, answer
from chalknet.training.compile import refuse
from chalknet.training.loop import settings
from chalknet.training.plan import Plan, plan
from chalknet.training.probe import Frame, Probe
from chalknet.training.worker import ANSWER, FRAME

NICENESS = 5
"""Training goes first."""


def main(connection: Connection, document: bytes, options: dict[str, Any]) -> None:
    """Answers until the other end closes. ``options``: ``directory`` of the run (none: the board as it is), ``cache``
    for data sets, ``threads`` (the most, as for the run: other sums would round otherwise)."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with contextlib.closing(Opened(document, options)) as opened:
        while True:
            try:
                raw = connection.recv_bytes()
            except (EOFError, OSError):
                return
            command = wire.worker_command.validate_python(msgpack.unpackb(raw))
            if isinstance(command, wire.Ask):
                for made in opened.answers(command):
                    what = [FRAME, made] if isinstance(made, Frame) else [ANSWER, [made.id, made]]
                    connection.send_bytes(msgpack.packb(what))


class Opened:
    """A run's frozen board, or a board, on a CPU: ``answers.base.Desk``."""

    def __init__(self, document: bytes, options: dict[str, Any]) -> None:
        self.directory = Path(options["directory"]) if options.get("directory") else None
        self.cache = Path(options["cache"]) if options.get("cache") else None
        self.step = 0
        self._raw = document
        self._threads: int | None = options.get("threads")
        self._document: Document | None = None
        self._plan: Plan | None = None
        self._shown: Path | None = None
        """The checkpoint whose weights are in the network."""
        self._open = ExitStack()

    @property
    def document(self) -> Document:
        if self._document is None:
            try:
                self._document = read(self._raw)
            except Unreadable as error:
                raise refuse("unreadable", str(error)) from None
        return self._document

    @property
    def planned(self) -> bool:
        return self._plan is not None

    @property
    def plan(self) -> Plan:
        if self._plan is None:
            made = plan(self.document, device="cpu", threads=self._threads, cache=self.cache)
            self._open.enter_context(settings(made))
            torch.set_num_threads(made.threads)
            made.compiled.module.eval()
            self._plan = made
        return self._plan

    def close(self) -> None:
        self._open.close()

    def answers(self, ask: wire.Ask) -> Iterator[Frame | Answered]:
        """The frames that a question asks for, if it does, then its answer."""
        if isinstance(ask.question, wire.Looks):
            yield from self._frames(ask.question.views)
            yield Answered(wire.pack(wire.Answer(question="looks", step=self.step), {}), ask.id)
        else:
            yield self._answer(ask)

    def _answer(self, ask: wire.Ask) -> Answered:
        if self.directory is not None:
            self._show(ask.at)
        return answer(self, ask)

    def _frames(self, views: Sequence[wire.Subscription]) -> Iterator[Frame]:
        """Each view as it was at the checkpoint that it looks at. A checkpoint is opened once for all its views."""
        for at, chosen in groupby(sorted(views, key=lambda view: view.at), key=lambda view: view.at):
            self._show(at)
            probe = Probe(self.plan)
            probe.watch(list(chosen))
            yield from probe.frames(self.step, self.step / self.plan.batches.per_epoch, force=True)
            probe.watch([])

    def _show(self, at: int) -> None:
        """Puts a kept checkpoint's weights into the network, unless they are there; where none is kept, the first
        weights are shown."""
        assert self.directory is not None
        path = checkpoint.nearest(self.directory, at)
        # The newest one is replaced by another of the same name while a run goes on.
        if path is not None and (path != self._shown or path.name == checkpoint.FILE):
            self.step = checkpoint.show(path, self.plan)
            self._shown = path
