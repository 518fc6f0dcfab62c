"""Ways out that were tried: each is made on a copy of the board (``trial.py``) and kept if the problem is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chalknet.graph.document import Document, Unreadable
from chalknet.graph.edits import apply
from chalknet.graph.judge import Judged
from chalknet.graph.problems import Fix
from chalknet.graph.trial import Trials
from chalknet.graph.ways import Case, Way, propose

__all__ = ["apply", "search"]

MOST_PROBLEMS = 20
"""Problems for which ways out are looked for; the others get theirs when those are gone."""
MOST_WAYS = 6
"""Ways that are tried for one problem."""
MOST_KEPT = 4
SMALL_PARAMETERS, SMALL_MACS = 1_000, 100_000
EFFORT = 30_000
"""Nodes that are looked at again, all trials together, so that a large broken board is answered soon too."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """A way that helps. ``adds_errors``: that were not there before; ``errors``: that are there in all."""

    way: Way
    adds_errors: int
    errors: int
    adds_parameters: int
    adds_macs: int

    @property
    def rank(self) -> tuple[int, ...]:
        """Least is best. Small costs are no reason against the order in which the layer names its remedies."""
        parameters = self.adds_parameters if self.adds_parameters > SMALL_PARAMETERS else 0
        macs = self.adds_macs if self.adds_macs > SMALL_MACS else 0
        return (self.errors, self.adds_errors, parameters, macs)

    def fix(self) -> Fix:
        return Fix(
            title=self.way.title,
            adds_parameters=self.adds_parameters,
            adds_macs=self.adds_macs,
            edits=list(self.way.edits),
        )


def search(document: Document, judged: Judged, memory: int) -> Iterator[tuple[int, list[Fix]]]:
    """The number of each complaint with its fixes: first those that leave the fewest errors, then the cheapest.

    A way that does not remove its problem is not offered. There is an end to it (``EFFORT``), so that on a large board
    it may be that only the first problems get fixes.
    """
    trials = Trials(document, judged, memory)
    for number, complaint in enumerate(judged.complaints[:MOST_PROBLEMS]):
        if trials.effort >= EFFORT:
            break
        kept: list[_Tried] = []
        seen: set[str] = set()
        for way in propose(Case(document, judged, complaint, memory)):
            text = json.dumps([edit.model_dump() for edit in way.edits], sort_keys=True)
            if text in seen or not way.edits:
                continue
            if len(seen) >= MOST_WAYS or trials.effort >= EFFORT:
                break
            seen.add(text)
            try:
                outcome = trials.outcome(way.edits)
            except Unreadable:
                continue
            if not outcome.still(complaint):
                kept.append(_Tried(way, outcome.new_errors, outcome.errors, outcome.adds_parameters, outcome.adds_macs))
        kept.sort(key=lambda tried: tried.rank)
        # What trades one problem for another is offered only where nothing better is known.
        kept = [tried for tried in kept if tried.errors == kept[0].errors]
        yield number, [tried.fix() for tried in kept[:MOST_KEPT]]
