"""Doubtful choices that no layer can see by itself, because they lie in what it is wired to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from chalknet.graph.complaints import Complaint
from chalknet.graph.flat import Flat, FlatNode, Wire
from chalknet.layers.activation import Activation

SQUASHING = {"sigmoid": (3, 0.25), "tanh": (6, 1.0)}
"""From how many in a row a gradient fades, and the steepest slope (L-004, L-005): σ′ ≤ 1/4."""
RESTORING = frozenset({"normalisation", "attention"})
"""Families that give a fading signal its spread back, or lead past it."""
MOST_BETWEEN = 100
"""Layers in a row that only rearrange numbers and are looked through."""


def may_fade(types: Mapping[str, int]) -> bool:
    """Whether there are enough of these layers for a gradient to fade. ``types``: how many there are of each."""
    return any(types.get(type, 0) >= most for type, (most, _) in SQUASHING.items())


def fading(flat: Flat) -> Iterator[Complaint]:
    """L-004: sigmoids deep in hidden use. The gradient behind n of them is at most (1/4)ⁿ of what it was."""
    types = Counter(node.node.type for node in flat.nodes.values())
    if not may_fade(types):
        return
    for type, (most, slope) in SQUASHING.items():
        if types[type] < most:
            continue
        consumers = flat.consumers()
        rows: dict[str, int] = {}
        for path, node in flat.nodes.items():
            rows[path] = _row(flat, node, rows, type)
        deepest = max(rows.values())
        if deepest < most:
            continue
        path = next(path for path, row in rows.items() if row == deepest and flat.nodes[path].node.type == type)
        node = flat.nodes[path]
        if not consumers[path] or path not in flat.types:
            continue
        share = slope**deepest
        because = (
            f"each passes on at most 1/4 of the gradient, all together at most {share:.2g} of it"
            if slope < 1
            else "each passes on less of the gradient the further its input is from 0"
        )
        yield Complaint(
            "fading_gradient",
            f"{node.label}: it is the last of {deepest} {type}s in a row; {because}, so the first layers hardly learn.",
            path,
            node.block,
            node.id,
            hint="Use ReLU in hidden layers, or a normalisation between them.",
            severity="warning",
        )


def _row(flat: Flat, node: FlatNode, rows: dict[str, int], type: str) -> int:
    """How many of a type a gradient passes between the data and this node, by the easiest way (a skip connection)."""
    layer = node.layer
    if layer is None or layer.family in RESTORING:
        return 0
    before = [rows.get(wire.source, 0) for at_port in flat.wires.get(node.path, {}).values() for wire in at_port]
    return min(before, default=0) + (node.node.type == type)


def heads(flat: Flat, losses: Iterable[str]) -> Iterator[Complaint]:
    """L-010: an activation right before the loss of a regression, which cannot reach every number."""
    for path in losses:
        if path not in flat.types:
            continue
        for wire in flat.wires.get(path, {}).get("prediction", ()):
            source = _head(flat, wire)
            vector = flat.types[wire.source][wire.out].is_vector
            if vector and isinstance(source.layer, Activation) and source.layer.reach:
                yield _bounded(source, source.layer)


def _head(flat: Flat, wire: Wire) -> FlatNode:
    """The last layer before a wire that does something to its numbers."""
    for _ in range(MOST_BETWEEN):
        node = flat.nodes[wire.source]
        before = flat.wires.get(node.path, {}).get("x")
        if node.layer is None or not node.layer.rearranges or not before:
            break
        wire = before[0]
    return flat.nodes[wire.source]


def _bounded(source: FlatNode, layer: Activation) -> Complaint:
    return Complaint(
        "bounded_head",
        f"{source.label}: behind {layer.title} the prediction is {layer.reach}; a regression may need any number.",
        source.path,
        source.block,
        source.id,
        hint=f"Remove this {layer.title}, unless every target lies in that range.",
        severity="warning",
    )
