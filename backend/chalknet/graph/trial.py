"""What edits would make of a board that was judged: only what lies downstream of them is judged again, where that can
be told apart (``patch.py``), and the whole board where it cannot."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from chalknet.graph import budget, recipe
from chalknet.graph.complaints import Complaint
from chalknet.graph.document import Budget, Document
from chalknet.graph.edits import apply
from chalknet.graph.flat import sort
from chalknet.graph.judge import Judged, Totals, judge, of_rule, overall, ruled
from chalknet.graph.patch import Patched, Patches
from chalknet.graph.problems import Edit
from chalknet.graph.rules import Rule

About = tuple[str, ...]

WHOLE = 10
"""Times as much as looking at a node downstream takes a node of a whole board, which is flattened first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a board would be after edits. ``new_errors``: that were not there before; ``errors``: that are there in all.
    The costs are what the edits add: of what was there but not known before, nothing is counted."""

    about: frozenset[About]
    new_errors: int
    errors: int
    adds_parameters: int
    adds_macs: int

    def still(self, complaint: Complaint) -> bool:
        """Whether the complaint is there, whatever its numbers."""
        return about(complaint) in self.about


class Trials:
    """Of one board."""

    def __init__(self, document: Document, judged: Judged, memory: int) -> None:
        self.document = document
        self.judged = judged
        self.memory = memory
        self.effort = 0
        """Nodes that were looked at so far, about a microsecond each."""
        self._patches = Patches(document, judged)
        self._before = {about(each) for each in judged.complaints}
        self._fixed = Counter(map(about, judged.flat.complaints))
        self._fixed.update(about(each) for told in judged.at.values() for each in told)
        self._errors = {about(each) for each in judged.complaints if each.severity == "error"}
        self._order: dict[str, float] = {path: number for number, path in enumerate(judged.flat.nodes)}
        self._consumers: dict[str, list[str]] | None = None

    def outcome(self, edits: Sequence[Edit]) -> Outcome:
        """Raises Unreadable where the edits do not fit the document."""
        document = apply(self.document, edits)
        # Nodes are weighed against a budget, whatever lies downstream.
        plain = document.recipe.budget == self.document.recipe.budget == Budget()
        patched = self._patches.after(document, edits) if plain else None
        found = self._downstream(document, patched) if patched is not None else None
        if found is None:
            return self.whole(document)
        return found

    # --- the whole board -----

    def whole(self, document: Document) -> Outcome:
        """The outcome by judging the whole of another document."""
        before, after = self.judged, judge(document, memory=self.memory)
        after.complaints += budget.complaints(document, after)
        self.effort += WHOLE * len(after.flat.nodes)
        unknown = {path for path in before.flat.nodes if path not in before.flat.types}
        totals = Totals()
        for path in after.flat.types:
            if path not in unknown:
                node = after.flat.nodes[path]
                totals.add(node, after.rules[path], after.times(node.loop))
        errors = {about(each) for each in after.complaints if each.severity == "error"}
        return Outcome(
            frozenset(map(about, after.complaints)),
            len(errors - self._before),
            len(errors),
            totals.parameters - before.totals.parameters,
            totals.macs - before.totals.macs,
        )

    # --- what lies downstream -----

    def _downstream(self, document: Document, patched: Patched) -> Outcome | None:
        """None where a circle came to be, or where there is too little memory: then the whole board is looked at."""
        before, flat = self.judged, patched.flat
        places = self._places(patched) or self._places_anew(patched)
        if places is None:
            return None
        after = Judged(flat, rules=dict(before.rules), at=dict(before.at), ends=patched.ends)
        stale = set(patched.touched)
        judged = list(patched.gone)
        for path in patched.gone:
            after.rules.pop(path, None)
            after.at.pop(path, None)
            flat.types.pop(path, None)
            stale.update(path for path in self._followers(patched, path) if path in flat.nodes)
        waiting = [(places[path], path) for path in stale]
        heapify(waiting)
        while waiting:
            _, path = heappop(waiting)
            judged.append(path)
            _judge(after, path)
            # The same rule is the same object: what follows from it is as it was.
            if before.rules.get(path) is not after.rules.get(path):
                for follower in self._followers(patched, path):
                    if follower not in stale:
                        stale.add(follower)
                        heappush(waiting, (places[follower], follower))
        self.effort += len(judged) + len(self._fixed)
        return self._outcome(document, after, patched, judged)

    def _places(self, patched: Patched) -> Mapping[str, float] | None:
        """Every node's place, behind all that it needs: where it stood before, and new ones between; None where a wire
        leads back in the order of before."""
        wires = patched.flat.wires
        new: dict[str, float] = {}
        places: ChainMap[str, float] = ChainMap(new, self._order)
        left = [path for path in patched.touched if path not in self._order]
        for turn in range(len(left)):
            for path in left:
                sources = [wire.source for at_port in wires.get(path, {}).values() for wire in at_port]
                if path not in new and all(source in places for source in sources):
                    new[path] = max((places[source] for source in sources), default=-1) + (turn + 1) / (len(left) + 2)
        for path in patched.touched:
            for at_port in wires.get(path, {}).values():
                for wire in at_port:
                    if path not in places or wire.source not in places or places[wire.source] >= places[path]:
                        return None
        return places

    def _places_anew(self, patched: Patched) -> Mapping[str, float] | None:
        """The same of the touched nodes and all that follows them, sorted anew; None for a circle."""
        seen = dict.fromkeys(patched.touched)
        queue = list(seen)
        for gone in patched.gone:
            queue += [path for path in self._followers(patched, gone) if path not in seen]
        for path in queue:
            seen.setdefault(path)
            for follower in self._followers(patched, path):
                if follower not in seen:
                    seen[follower] = None
                    queue.append(follower)
        nodes = {path: patched.flat.nodes[path] for path in seen}
        wires = {
            path: {
                port: [wire for wire in at_port if wire.source in seen]
                for port, at_port in patched.flat.wires.get(path, {}).items()
            }
            for path in seen
        }
        order, cyclic = sort(nodes, wires)
        self.effort += len(order)
        return None if cyclic else {path: number for number, path in enumerate(order)}

    def _followers(self, patched: Patched, path: str) -> Iterator[str]:
        """The nodes that a node's wires lead to, some perhaps only before the edit."""
        if self._consumers is None:
            self._consumers = self.judged.flat.consumers()
        for follower in self._consumers.get(path, ()):
            if follower in patched.flat.nodes:
                yield follower
        yield from patched.led.get(path, ())

    def _outcome(self, document: Document, after: Judged, patched: Patched, judged: list[str]) -> Outcome | None:
        before = self.judged
        parameters = macs = 0
        totals = replace(before.totals)
        for path in judged:
            old, new = _cost(before, path), _cost(after, path)
            for side, rule, sign in ((before, old, -1), (after, new, 1)):
                totals.parameters += sign * rule.parameters
                if rule.parameters and side.flat.nodes[path].trainable:
                    totals.trainable_parameters += sign * rule.parameters
            totals.activation_bytes += new.activation_bytes - old.activation_bytes
            if path in before.flat.nodes and path not in before.flat.types:
                continue
            parameters += new.parameters - old.parameters
            macs += new.macs - old.macs
        if max(_bytes(self.document, before.totals), _bytes(document, totals)) > self.memory:
            return None
        there = self._fixed.copy()
        severities: dict[About, str] = {}
        for told in (patched.untold, *(before.at.get(path, ()) for path in judged)):
            there.subtract(map(about, told))
        overall_told = list(overall(document, after))
        for told in (patched.told, overall_told, *(after.at.get(path, ()) for path in judged)):
            there.update(map(about, told))
            severities.update((about(each), each.severity) for each in told)
        found = frozenset(each for each, count in there.items() if count > 0)
        errors = {each for each in found if each in self._errors or severities.get(each) == "error"}
        return Outcome(found, len(errors - self._before), len(errors), parameters, macs)


def _judge(judged: Judged, path: str) -> None:
    """A node, whatever was known of it."""
    flat = judged.flat
    node = flat.nodes[path]
    found = ruled(flat, node) if node.layer is not None else None
    for known in (judged.rules, judged.at, flat.types):
        known.pop(path, None)
    if isinstance(found, Complaint):
        judged.at[path] = [found]
    elif found is not None:
        judged.rules[path] = found
        if told := of_rule(flat, node, found):
            judged.at[path] = told
        if found.fault is None:
            flat.types[path] = found.outputs


def _cost(judged: Judged, path: str) -> Rule:
    """What a node costs; nothing where that is not known."""
    return judged.rules[path] if path in judged.flat.types else _NOTHING


_NOTHING = Rule()


def _bytes(document: Document, totals: Totals) -> int:
    return totals.training_bytes(document.recipe.batch, recipe.state_slots(document))


def about(complaint: Complaint) -> About:
    """What a complaint is about, whatever its numbers."""
    return (
        complaint.code,
        complaint.block,
        complaint.id,
        complaint.edge or "",
        complaint.field or "",
        complaint.port or "",
    )
