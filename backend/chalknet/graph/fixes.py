"""Ways out that were tried: each is made on a copy of the board and kept if the problem is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chalknet.graph.complaints import Complaint
from chalknet.graph.document import Document, Unreadable
from chalknet.graph.edits import apply
from chalknet.graph.judge import Judged, judge
from chalknet.graph.problems import Fix
from chalknet.graph.ways import Case, Way, propose

__all__ = ["apply", "search"]

MOST_PROBLEMS = 20
"""Problems for which ways out are looked for; the others get theirs when those are gone."""
MOST_WAYS = 6
"""Ways that are tried for one problem."""
MOST_KEPT = 4
SMALL_PARAMETERS, SMALL_MACS = 1_000, 100_000
EFFORT = 3_000
"""Nodes that are judged again, all trials together, so that a large broken board is answered as fast as a whole one."""


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

    A way that does not remove its problem is not offered. The whole costs about as much as judging the board once more
    (``EFFORT``), so that on a large board only the first problems get fixes.
    """
    trials = EFFORT // max(1, len(judged.flat.nodes))
    for number, complaint in enumerate(judged.complaints[:MOST_PROBLEMS]):
        if trials <= 0:
            break
        kept: list[_Tried] = []
        seen: set[str] = set()
        for way in propose(Case(document, judged, complaint, memory)):
            text = json.dumps([edit.model_dump() for edit in way.edits], sort_keys=True)
            if text in seen or not way.edits:
                continue
            if len(seen) >= MOST_WAYS or trials <= 0:
                break
            seen.add(text)
            trials -= 1
            tried = _try(document, judged, complaint, way, memory)
            if tried is not None:
                kept.append(tried)
        kept.sort(key=lambda tried: tried.rank)
        # What trades one problem for another is offered only where nothing better is known.
        kept = [tried for tried in kept if tried.errors == kept[0].errors]
        yield number, [tried.fix() for tried in kept[:MOST_KEPT]]


def _try(document: Document, judged: Judged, complaint: Complaint, way: Way, memory: int) -> _Tried | None:
    """What a way does; None if the problem is still there."""
    try:
        after = judge(apply(document, way.edits), memory=memory)
    except Unreadable:
        return None
    about = _about(complaint)
    if any(_about(each) == about for each in after.complaints):
        return None
    before = {_about(each) for each in judged.complaints}
    errors = {_about(each) for each in after.complaints if each.severity == "error"}
    parameters = macs = 0
    for path, rule in after.rules.items():
        old = judged.rules.get(path)
        # What was there but not known before is no cost of this way.
        if path in judged.flat.nodes and path not in judged.flat.types:
            continue
        parameters += rule.parameters - (old.parameters if old is not None else 0)
        macs += rule.macs - (old.macs if old is not None else 0)
    for path, old in judged.rules.items():
        if path not in after.flat.nodes:
            parameters -= old.parameters
            macs -= old.macs
    return _Tried(way, len(errors - before), len(errors), parameters, macs)


def _about(complaint: Complaint) -> tuple[str, ...]:
    """What a complaint is about, whatever its numbers."""
    return (
        complaint.code,
        complaint.block,
        complaint.id,
        complaint.edge or "",
        complaint.field or "",
        complaint.port or "",
    )
