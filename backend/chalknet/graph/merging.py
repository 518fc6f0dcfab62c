"""Linear layers in a row with nothing curved between them: together they are one (V-031)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chalknet.graph.complaints import ONE_LINEAR, Complaint
from chalknet.graph.document import Document
from chalknet.graph.edits import Level
from chalknet.graph.flat import Flat, FlatNode
from chalknet.layers.dense import Linear


def complaints(
    document: Document, flat: Flat, linears: Iterable[str], parameters: Mapping[str, int]
) -> Iterator[Complaint]:
    """An idea at the second of two that one layer with fewer parameters could replace. ``linears``: the paths of all
    Linear layers; ``parameters``: how many each has. A narrow layer between two wide ones, which has fewer than the
    one would, is meant so and nothing is said of it."""
    for path in linears:
        if path not in flat.types:
            continue
        second = flat.nodes[path]
        first = before(document, flat, second)
        if first is None or not isinstance(second.layer, Linear) or not isinstance(first.layer, Linear):
            continue
        together = parameters[first.path] + parameters[path]
        wire = flat.wires[first.path]["x"][0]
        biased = first.layer.bias or second.layer.bias
        width = flat.types[wire.source][wire.out].sizes[-1]
        alone = second.layer.units * (width + biased)
        if alone < together:
            yield Complaint(
                ONE_LINEAR,
                f"{second.label}: nothing bends between it and {first.label}, so both compute what one layer does: "
                f"{_formula(first.layer.bias, second.layer.bias)}. {together:,} parameters do the work of {alone:,}.",
                path,
                second.block,
                second.id,
                port="x",
                hint="Put an activation between them, or merge them.",
                severity="info",
            )


def before(document: Document, flat: Flat, second: FlatNode) -> FlatNode | None:
    """The Linear layer whose output goes to another and nowhere else, if both can be changed together."""
    wires = flat.wires.get(second.path, {}).get("x", ())
    if len(wires) != 1 or not wires[0].edge or wires[0].block != second.block:
        return None
    first = flat.nodes[wires[0].source]
    if not isinstance(first.layer, Linear) or first.parent != second.parent or first.path not in flat.types:
        return None
    if first.weights or second.weights or first.trainable != second.trainable:
        return None
    if any(
        (first.path in phase.updates) != (second.path in phase.updates) for phase in document.recipe.phases.values()
    ):
        return None
    level = Level(document, second.block)
    edge = level.edges[wires[0].edge]
    leaving = sum(each.source == first.id for each in level.edges.values())
    exposed = document.blocks[second.block].exposed.values() if second.block else ()
    set_outside = {id for each in exposed for id, _ in each.targets()}
    if (edge.source, edge.to) != (first.id, second.id) or leaving != 1 or {first.id, second.id} & set_outside:
        return None
    return first


def _formula(first: bool, second: bool) -> str:
    """Both layers written as one; of a bias that is not there nothing is written."""
    inside = "(W₁x + b₁)" if first else "(W₁x)"
    shift = " + ".join((["W₂b₁"] if first else []) + (["b₂"] if second else []))
    one = f"(W₂W₁)x{f' + ({shift})' if first and second else f' + {shift}' if shift else ''}"
    return f"y = W₂{inside}{' + b₂' if second else ''} = {one}"
