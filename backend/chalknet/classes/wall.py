"""The teacher's wall: every board of the class in small, made anew a second after something happened on it.

Nothing is made while no teacher looks; then all cards, each at most once a second, in the order in which they changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import NamedTuple, Protocol

import pydantic_core

from chalknet.boards import binding
from chalknet.classes.drawing import difference, sketch
from chalknet.classes.hall import Hall
from chalknet.graph.document import load
from chalknet.graph.infer import infer
from chalknet.store.classes import Given
from chalknet.wire import RunSummary
from chalknet.wire.classes import Card

log = logging.getLogger(__name__)

PACE = 1.0
"""Seconds from one look at what has changed to the next."""
MOST_LOSSES = 24
GOODNESS = ("accuracy", "map", "r2", "loss")
"""Which metric tells how good a run is: the first of these that its validation has, or its training."""


class Seen(Protocol):
    """What the wall asks of the house."""

    async def text(self, board: str) -> bytes | None:
        """The board's JSON as it is now; None when there is none any more."""

    async def newest_run(self, board: str) -> RunSummary | None: ...

    async def losses(self, run: RunSummary) -> list[float]:
        """The run's training loss so far."""

    async def edited(self, board: str) -> float:
        """When the board was changed last, in seconds since 1970; 0: it never was."""


class _Drawn(NamedTuple):
    """What follows from a board's text alone."""

    added: int
    changed: int
    removed: int
    strokes: list[tuple[int, int, str]]
    wires: list[tuple[int, int]]
    problems: int
    parameters: int


class Wall:
    """Of one class; ``look`` begins to paint, ``away`` stops."""

    def __init__(self, hall: Hall, seen: Seen) -> None:
        self._hall = hall
        self._seen = seen
        self._stale: dict[str, None] = {}
        """In the order in which they changed."""
        self._news = asyncio.Event()
        self._drawn: dict[str, tuple[tuple[bytes, bytes], _Drawn]] = {}
        self._losses: dict[str, tuple[tuple[str, int], list[float]]] = {}
        self._painter: asyncio.Task[None] | None = None

    def touch(self, board: str) -> None:
        """Something happened on a board."""
        if self._painter is not None and board in self._hall.register.boards:
            self._stale[board] = None
            self._news.set()

    def look(self) -> None:
        """A teacher looks at the wall."""
        if self._painter is None:
            self._painter = asyncio.create_task(self._paint())
        for board in self._hall.register.boards:
            self.touch(board)

    def away(self) -> None:
        """Nobody looks any more."""
        if self._painter is not None:
            self._painter.cancel()
            self._painter = None
        self._stale.clear()

    async def _paint(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            stale, self._stale = self._stale, {}
            for board in stale:
                try:
                    with contextlib.suppress(LookupError):  # it is gone meanwhile
                        self._hall.put(await self.card(board))
                except Exception:
                    log.exception("a card of the wall could not be made")
            await asyncio.sleep(PACE)

    async def card(self, board: str) -> Card:
        """The card of a board as it is now. Raises LookupError when it is gone."""
        given = self._hall.register.boards[board]
        drawn = await self._draw(given)
        card = Card(
            board=board,
            handout=given.handout,
            group=given.group,
            people=list(given.people),
            edited=await self._seen.edited(board),
            **drawn._asdict(),
        )
        run = await self._seen.newest_run(board)
        if run is None:
            return card
        metric, value = _goodness(run)
        about = {"run": run.state, "epoch": run.epoch, "epochs": run.epochs, "metric": metric, "value": value}
        return card.model_copy(update={**about, "losses": await self._curve(board, run)})

    async def _draw(self, given: Given) -> _Drawn:
        text = await self._seen.text(given.board)
        if text is None:
            raise LookupError(given.board)
        handed_out = self._hall.register.handouts[given.handout][1]
        known = self._drawn.get(given.board)
        if known is None or known[0] != (text, handed_out):
            known = self._drawn[given.board] = (text, handed_out), await asyncio.to_thread(_draw, text, handed_out)
        return known[1]

    async def _curve(self, board: str, run: RunSummary) -> list[float]:
        known = self._losses.get(board)
        if known is None or known[0] != (run.id, run.step):
            values = await self._seen.losses(run)
            thin = values[:: -(-len(values) // MOST_LOSSES)] if values else []
            known = self._losses[board] = (run.id, run.step), [float(f"{value:.4g}") for value in thin]
        return known[1]


def _draw(text: bytes, handed_out: bytes) -> _Drawn:
    document, unread = binding.read(text)
    strokes, wires = sketch(document)
    inference = infer(document)
    became = difference(load(pydantic_core.from_json(handed_out)), document)
    problems = len(unread) + sum(problem.severity == "error" for problem in inference.problems)
    return _Drawn(*became, strokes, wires, problems, inference.parameters)


def _goodness(run: RunSummary) -> tuple[str, float | None]:
    """The metric by which a run is called good, and its latest value."""
    for name in GOODNESS:
        for part in ("validation", "train"):
            if (value := run.metrics.get(f"{part}.{name}")) is not None:
                return f"{part}.{name}", value
    return "", None
