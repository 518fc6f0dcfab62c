"""What a place where runs execute can do. The local one is ``runtime.local``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chalknet import wire

Publish = Callable[[str, dict[str, Any] | bytes], None]
"""Told of everything that happens to a run: its id, and an event (a ``wire.RunMessage`` without run and seq) or a
binary frame. Called in the event loop, in order, never at the same time."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training: a frozen board plus a seed."""

    id: str
    owner: str
    """Whose turn it takes in the queue."""
    board: str
    document: bytes
    """The board's JSON text; the recipe, and with it the seed, is part of it."""
    directory: Path
    """For checkpoints and logs; made when missing."""
    epochs: int = 0
    """Only told along while the run waits; training reads the recipe."""
    restarts: int = 0
    """Deaths that it has survived before."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about: a run as it is kept in its folder, or a board that was never trained."""

    key: str
    """The run's id; for a board one that is its own."""
    document: bytes
    """The board's JSON text; for a run the frozen one."""
    directory: Path | None = None
    """The run's folder."""


class Executor(Protocol):
    """Every method but ``open`` and ``close`` is a plain function of the event loop's thread and returns at once; what
    comes of it is told through the ``Publish`` callback that the executor was made with. Commands for runs that have
    ended, or never were, are ignored: they cross with the end on the wire."""

    slots: int
    """How many runs it executes at once."""

    async def open(self) -> None:
        """Begin to make ready, in the background."""
        ...

    def start(self, run: Run, *, resume: bool = False) -> None:
        """Queue a run; with ``resume`` it goes on from its newest checkpoint. Raises ValueError if it is here."""
        ...

    def command(self, run: str, command: wire.RunCommand) -> None: ...

    def watch(self, run: str, subscriptions: Sequence[wire.Subscription]) -> None:
        """Replaces what is computed for the run's watchers; survives the worker."""
        ...

    def executes(self, run: str) -> bool:
        """Whether the run waits for its turn or is under way; not when it has ended, or has given its place away and
        stands still."""
        ...

    async def ask(self, subject: Subject, question: wire.Asked, at: int = wire.NOW) -> bytes:
        """The answer to a question (``wire.opened`` reads it): of a run under way between two of its steps, else, and
        for a kept checkpoint, by a process that is opened for it. Raises Unanswered."""
        ...

    def draw(self, subject: Subject, wanted: Callable[[], Sequence[wire.Subscription]]) -> None:
        """Has views of kept checkpoints drawn, each once, by a process that is opened for it; the frames are told
        through ``Publish``. ``wanted`` is called when there is one."""
        ...

    def shut(self, key: str) -> None:
        """Ends the process that answers for a subject, if there is one."""
        ...

    def stop(self, run: str) -> None:
        """End the run: politely, then not."""
        ...

    async def close(self) -> None:
        """End every process. Unfinished runs get no ``End``: they can be resumed."""
        ...
