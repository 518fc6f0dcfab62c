"""Ways out that were tried: each is made on a copy of the board (``trial.py``) and kept if the problem is gone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalknet.graph.case import Case, Way
from chalknet.graph.complaints import Complaint
from chalknet.graph.document import Document, Unreadable
from chalknet.graph.edits import apply
from chalknet.graph.judge import Judged
from chalknet.graph.problems import Fix
from chalknet.graph.trial import Outcome, Trials
from chalknet.graph.ways import propose, resort

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
    """A way that helps, with what the board would be then."""

    way: Way
    outcome: Outcome

    @property
    def rank(self) -> tuple[int, ...]:
        """Least is best. Small costs are no reason against the order in which the layer names its remedies."""
        then = self.outcome
        parameters = then.adds_parameters if then.adds_parameters > SMALL_PARAMETERS else 0
        macs = then.adds_macs if then.adds_macs > SMALL_MACS else 0
        return (then.errors, then.new_errors, parameters, macs)

    def fix(self) -> Fix:
        return Fix(
            title=self.way.title,
            adds_parameters=self.outcome.adds_parameters,
            adds_macs=self.outcome.adds_macs,
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
        case = Case(document, judged, complaint, memory)
        kept = _helping(trials, complaint, propose(case)) or _helping(trials, complaint, resort(case))
        kept.sort(key=lambda tried: tried.rank)
        # What trades one problem for another is offered only where nothing better is known.
        kept = [tried for tried in kept if tried.outcome.errors == kept[0].outcome.errors]
        yield number, [tried.fix() for tried in kept[:MOST_KEPT]]


def _helping(trials: Trials, complaint: Complaint, ways: Iterable[Way]) -> list[_Tried]:
    """Of some ways those that remove the complaint."""
    kept: list[_Tried] = []
    seen: set[str] = set()
    for way in ways:
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
            kept.append(_Tried(way, outcome))
    return kept
