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


class Executor(Protocol):
    """Every method but ``open`` and ``close`` is a plain function of the event loop's thread and returns at once; what
    comes of it is told through the ``Publish`` callback that the executor was made with. Commands for runs that have
    ended, or never were, are ignored: they cross with the end on the wire."""

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

    def stop(self, run: str) -> None:
        """End the run: politely, then not."""
        ...

    async def close(self) -> None:
        """End every process. Unfinished runs get no ``End``: they can be resumed."""
        ...
