"""The flat graph after a small edit, made from the one before: only what the edit names is flattened again.

Equal, but for the order of its nodes, to flattening the whole board anew; None where that is the only way: a block's
ports change, weights are shared, something runs over time or is left out.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from chalknet.graph import advice
from chalknet.graph.blocks import BLOCK_INPUT, BLOCK_OUTPUT, INSTANCE
from chalknet.graph.complaints import Complaint
from chalknet.graph.document import Block, Document, Node
from chalknet.graph.expand import MOST_EXPANDED, Copy, Expansion, may_stay_empty
from chalknet.graph.flat import NOTHING, Flat, is_data, is_loss, spare_ports
from chalknet.graph.judge import Judged
from chalknet.graph.problems import Edit
from chalknet.graph.structure import Ends
from chalknet.layers.dense import Linear

_PORTS = (BLOCK_INPUT, BLOCK_OUTPUT)


@dataclass(frozen=True, slots=True)
class Patched:
    """The flat graph after an edit. ``touched``: nodes whose layer or wires are not those of before, or that are asked
    for other spare outputs; ``gone``: those that are no more; ``told`` and ``untold``: complaints of flattening that
    are new, and that are gone."""

    flat: Flat
    ends: Ends
    touched: list[str]
    gone: list[str]
    led: dict[str, list[str]]
    """By node, touched nodes that a wire leads to from it."""
    told: list[Complaint]
    untold: list[Complaint]


@dataclass(frozen=True, slots=True)
class _Change:
    """Ids on one level that edits name."""

    nodes: set[str] = field(default_factory=set)
    edges: set[str] = field(default_factory=set)


class Patches:
    """Makes the flat graphs after edits of one board, which was judged."""

    def __init__(self, document: Document, judged: Judged) -> None:
        assert judged.expansion is not None
        self.document = document
        self.flat = judged.flat
        self.ends = judged.ends
        self.expansion = judged.expansion
        self.uses = Counter(wire.source for _, wire in judged.flat.all_wires())
        self.spare_uses = Counter(
            (wire.source, wire.out) for _, wire in judged.flat.all_wires() if wire.out in self.flat.wanted(wire.source)
        )
        self.types = Counter(node.node.type for node in judged.flat.nodes.values())
        self.is_plain = _is_plain_board(judged)
        self._wires: dict[str, tuple[dict[str, list[str]], dict[str, list[str]]]] = {}

    def after(self, document: Document, edits: Iterable[Edit]) -> Patched | None:
        """``document`` is the board with the edits made."""
        changes = _changes(edits) if self.is_plain else None
        if changes is None:
            return None
        work = copy.copy(self.expansion)
        work.document = document
        work.nodes, work.wires = dict(self.flat.nodes), dict(self.flat.wires)
        work.complaints, work.refused = [], {}
        touched: dict[str, None] = {}
        redone: set[tuple[str, str]] = set()
        remade: set[tuple[str, str]] = set()
        types = Counter[str]()
        for block, change in changes.items():
            done = self._level(work, document, block, change, touched)
            if done is None:
                return None
            redone |= {(block, edge) for edge in done}
            remade |= {(block, id) for id in change.nodes}
            self._count(types, document, block, change)
        total = work.total + sum(types.values())
        if total > MOST_EXPANDED or advice.may_fade(self.types) or advice.may_fade(self.types + types):
            return None
        if any(
            path in work.nodes and may_stay_empty(work.nodes[path]) and not work.wires[path].get("x")
            for path in touched
        ):
            return None
        return self._patched(work, touched, redone, remade)

    def _count(self, types: Counter[str], document: Document, block: str, change: _Change) -> None:
        """How many more nodes of each type there are, in all copies of a level."""
        times = len(self.expansion.copies.get(block, ()))
        for level, sign in ((_level(self.document, block), -times), (_level(document, block), times)):
            for id in change.nodes & level.nodes.keys():
                types[level.nodes[id].type] += sign

    def _level(
        self, work: Expansion, document: Document, block: str, change: _Change, touched: dict[str, None]
    ) -> list[str] | None:
        """Flattens what changes on one level, in all its copies; the wires that were led anew. None where the whole
        board must be flattened."""
        if block and block not in document.blocks:
            return None
        old, new = _level(self.document, block), _level(document, block)
        arriving, leaving = self._wires_of(block)
        targets = set(change.nodes)
        targets |= {level.edges[edge].to for level in (old, new) for edge in change.edges & level.edges.keys()}
        targets |= {old.edges[edge].to for id in change.nodes for edge in leaving.get(id, ())}
        if not all(_is_plain(level.nodes.get(id)) for level in (old, new) for id in change.nodes):
            return None
        if any(id in level.nodes and level.nodes[id].type in _PORTS for level in (old, new) for id in targets):
            return None
        led = {edge for id in targets for edge in arriving.get(id, ())} | change.edges
        order = sorted((new.edges[edge].order, edge) for edge in led & new.edges.keys())
        for each in self.expansion.copies.get(block, ()):
            for id in targets:
                for path in _places(work, each, id):
                    work.wires[path] = {}
                    touched[path] = None
            for id in change.nodes:
                work.nodes.pop(each.prefix + id, None)
                if id in new.nodes:
                    work.place(each, new, id)
            for _, edge in order:
                work.wire(each, new, edge, new.edges[edge])
        return list(led)

    def _wires_of(self, block: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Of a level before the edit, the edges that end at each node, and that begin there."""
        known = self._wires.get(block)
        if known is None:
            known = self._wires[block] = ({}, {})
            for id, edge in _level(self.document, block).edges.items():
                known[0].setdefault(edge.to, []).append(id)
                known[1].setdefault(edge.source, []).append(id)
        return known

    def _patched(
        self, work: Expansion, touched: dict[str, None], redone: set[tuple[str, str]], remade: set[tuple[str, str]]
    ) -> Patched:
        before = self.flat
        work.refused |= {key: paths for key, paths in self.expansion.refused.items() if key not in redone}
        silenced = work.silenced if work.refused or before.silenced else before.silenced
        touched |= dict.fromkeys(silenced ^ before.silenced)
        uses: dict[str, int] = {}
        led: dict[str, list[str]] = {}
        begun = Counter[tuple[str, str]]()
        for path in touched:
            for wires, sign in ((before.wires.get(path, {}), -1), (work.wires.get(path, {}), 1)):
                for at_port in wires.values():
                    for wire in at_port:
                        uses[wire.source] = uses.get(wire.source, self.uses[wire.source]) + sign
                        begun[wire.source, wire.out] += sign
                        if sign > 0:
                            led.setdefault(wire.source, []).append(path)
        there = [path for path in touched if path in work.nodes]
        gone = [path for path in touched if path in before.nodes and path not in work.nodes]
        for path in touched:
            if path not in work.nodes:
                work.wires.pop(path, None)
        for path in there:
            if path not in before.nodes:
                uses.setdefault(path, 0)
        spares, asked = self._spares(work, {*touched, *(source for source, _ in begun)}, begun)
        return Patched(
            Flat(work.nodes, work.wires, before.instances, silenced=silenced, spares=spares, types=dict(before.types)),
            self._ends(work, uses, there, gone),
            [*there, *(path for path in asked if path not in touched)],
            gone,
            led,
            work.complaints,
            [
                each
                for each in before.complaints
                if (each.block, each.edge) in redone or (each.edge is None and (each.block, each.id) in remade)
            ],
        )

    def _spares(
        self, work: Expansion, paths: Iterable[str], begun: Counter[tuple[str, str]]
    ) -> tuple[dict[str, frozenset[str]], list[str]]:
        """The spare outputs that are wired, and the nodes that are asked for others than before. ``begun``: how many
        more wires begin at an output."""
        spares = dict(self.flat.spares)
        asked = []
        for path in paths:
            able = spare_ports(work.nodes[path]) if path in work.nodes else NOTHING
            wired = frozenset(name for name in able if self.spare_uses[path, name] + begun[path, name] > 0)
            if wired != self.flat.wanted(path):
                spares[path] = wired
                asked += [path] if path in work.nodes else []
        return spares, asked

    def _ends(self, work: Expansion, uses: dict[str, int], there: list[str], gone: list[str]) -> Ends:
        made = [work.nodes[path] for path in there if work.nodes[path] is not self.flat.nodes.get(path)]
        away = {*gone, *(node.path for node in made)}
        return Ends(
            [path for path in self.ends.data if path not in away] + [node.path for node in made if is_data(node)],
            [path for path in self.ends.losses if path not in away] + [node.path for node in made if is_loss(node)],
            [path for path in self.ends.loose if path not in uses and path in work.nodes]
            + [path for path, count in uses.items() if count == 0 and path in work.nodes],
            [path for path in self.ends.linears if path not in away]
            + [node.path for node in made if node.node.type == Linear.type],
        )


def _is_plain_board(judged: Judged) -> bool:
    flat, expansion = judged.flat, judged.expansion
    return (
        expansion is not None
        and not expansion.dropped
        and judged.idle is None
        and not flat.cyclic
        and not any(instance.over_time for instance in flat.instances.values())
        and not any(node.weights for node in flat.nodes.values())
        and not any(complaint.code == "too_many_nodes" for complaint in flat.complaints)
    )


def _is_plain(node: Node | None) -> bool:
    """Whether a node is a layer for itself, or none."""
    return node is None or (node.type not in (*_PORTS, INSTANCE) and not node.ablation and not node.weights)


def _places(work: Expansion, copy: Copy, id: str) -> list[str]:
    """Where the wires to a node of a level end: at itself, or at what is behind an instance's inputs."""
    instance = work.instances.get(copy.prefix + id)
    if instance is None:
        return [copy.prefix + id]
    return [inner for inners in instance.inputs.values() for inner in inners]


def _level(document: Document, block: str) -> Document | Block:
    return document.blocks[block] if block else document


def _changes(edits: Iterable[Edit]) -> dict[str, _Change] | None:
    """What edits name, by block (empty: the board itself); None where that is more than nodes and edges."""
    found: dict[str, _Change] = {}
    for edit in edits:
        block, path = "", edit.path
        if path[0] == "blocks" and len(path) > 3:
            block, path = path[1], path[2:]
        if path[0] in ("nodes", "edges") and len(path) > 1:
            change = found.setdefault(block, _Change())
            (change.nodes if path[0] == "nodes" else change.edges).add(path[1])
        elif block or path[0] not in ("drawing", "recipe"):
            return None
    return found
