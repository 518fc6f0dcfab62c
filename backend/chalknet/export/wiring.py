"""Questions about a flat graph that is to be written as nested classes."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from chalknet.datasets.base import DataSource
from chalknet.graph.flat import Flat, Wire
from chalknet.layers.base import Layer, Loss, Source
from chalknet.layers.block import BlockPort

Value = tuple[str, str]
"""What leaves a node: its path and the name of its output port."""


class Wiring:
    """A flat graph without errors, seen level by level: the board itself (prefix empty), or one copy of a block."""

    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        self.levels: dict[str, list[str]] = {"": []}
        self.orders: dict[str, list[str] | None] = {}
        for path in [*flat.nodes, *flat.instances]:
            self.levels.setdefault(above(path), []).append(path)
        self.data = self._outputs(DataSource)
        self.losses = self._outputs(Loss)
        self.learned = {path for path, _ in self.data if not self.is_data(path)}
        """Data with a module: numbers that are learned."""

    def layer(self, path: str) -> Layer:
        layer = self.flat.nodes[path].layer
        assert layer is not None, f"{path}: a board with errors is not written"
        return layer

    def source(self, path: str) -> Source:
        """How a node's module is spoken of; data have one only where they are learned."""
        layer, inputs = self.layer(path), self.flat.inputs(path)
        return layer.module(inputs) if isinstance(layer, DataSource) else layer.source(inputs)

    def is_data(self, path: str) -> bool:
        """Whether a node's samples are what leaves it: no module makes anything of them."""
        layer = self.layer(path)
        return isinstance(layer, DataSource) and not layer.learned

    def _outputs(self, kind: type[Layer]) -> list[Value]:
        return [
            (path, port.name)
            for path, node in self.flat.nodes.items()
            if isinstance(node.layer, kind)
            for port in node.layer.outputs
        ]

    def value(self, wire: Wire) -> Value:
        """What arrives by a wire: data under their own name, also where blocks pass them on; else what the wire begins
        at, which may be a block's output."""
        origin = wire
        while isinstance(port := self.layer(origin.source), BlockPort) and port.passes:
            (origin,) = self.flat.wires[origin.source]["x"]
        known = origin if self.is_data(origin.source) else wire
        return known.source, known.out

    def outside(self) -> list[str]:
        """Losses that need not be part of the network: on the board itself, and read by nobody."""
        read = {wire.source for _, wire in self.flat.all_wires()}
        return [path for path, _ in self.losses if "/" not in path and path not in read]

    def border(self, outside: Iterable[str]) -> tuple[list[Value], list[Value]]:
        """The data that the network takes; what it gives: values for the losses outside, then the losses inside."""
        apart = frozenset(outside)
        taken: set[Value] = {value for value in self.data if value[0] in self.learned}
        given: set[Value] = {value for value in self.losses if value[0] not in apart}
        for path, wire in self.flat.all_wires():
            value = self.value(wire)
            if not self.is_data(value[0]):
                given |= {value} if path in apart else set()
            elif path not in apart:
                taken.add(value)
        place = {path: number for number, path in enumerate(self.flat.nodes)}
        return [value for value in self.data if value in taken], sorted(given, key=lambda value: place[value[0]])

    def order(self, prefix: str) -> list[str] | None:
        """Nodes and instances of a level, each behind what feeds it. None where blocks feed each other in a ring, which
        is no circle of layers when they do so through different ports."""
        if not self.orders:
            self._sort()
        return self.orders.get(prefix, [])

    def _sort(self) -> None:
        """Kahn's algorithm on every level; of several that are ready, the first in the flat graph goes first."""
        place: dict[str, int] = {}
        for number, path in enumerate(self.flat.nodes):
            while path:
                place.setdefault(path, number)
                path = above(path)
        before: dict[str, set[str]] = {}
        after: dict[str, set[str]] = {}
        for path, wire in self.flat.all_wires():
            source, target = _siblings(wire.source, path)
            if source != target:
                before.setdefault(target, set()).add(source)
                after.setdefault(source, set()).add(target)
        for prefix, members in self.levels.items():
            waiting = {path: len(before.get(path, ())) for path in members}
            ready = [(place.get(path, len(place)), path) for path, count in waiting.items() if count == 0]
            heapq.heapify(ready)
            ordered: list[str] = []
            while ready:
                _, path = heapq.heappop(ready)
                ordered.append(path)
                for follower in after.get(path, ()):
                    waiting[follower] -= 1
                    if waiting[follower] == 0:
                        heapq.heappush(ready, (place.get(follower, len(place)), follower))
            self.orders[prefix] = ordered if len(ordered) == len(members) else None


def above(path: str) -> str:
    """The prefix of the level that holds a path."""
    return path.rpartition("/")[0]


def _siblings(source: str, target: str) -> tuple[str, str]:
    """The two members of the deepest level that holds both ends of a wire."""
    a, b = source.split("/"), target.split("/")
    depth = next((i for i, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))
    return "/".join(a[: depth + 1]), "/".join(b[: depth + 1])
