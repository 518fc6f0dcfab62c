"""What of a node can be looked at while it trains: by the types at its ports, and what its layer adds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from chalknet.datasets.base import DataSource
from chalknet.graph.flat import Flat
from chalknet.layers.base import Layer, Loss, TensorType
from chalknet.layers.combine import Flatten
from chalknet.layers.dense import Linear
from chalknet.layers.regression import Distance

Given = Literal["samples", "points", "numbers"]
"""What a board learns from: points in the plane make every unit a function of the plane; of numbers that were typed in
alone, every number is written out."""
COMPARED = ("activation", "normalisation")
"""Families of layers whose input and output are drawn beside each other: how numbers lie that go through them."""
MOST_WRITTEN = 36
"""Numbers of an output that are written out."""
MOST_COMPARED = 16
"""Numbers a sample that a regression's fit is drawn of."""


def offered(layer: Layer, inputs: Iterable[TensorType], outputs: Iterable[TensorType], given: Given) -> list[str]:
    """Names of views, the one that says most first."""
    arriving, leaving = list(inputs), list(outputs)
    points = given == "points"
    found: list[str] = list(layer.views)
    if leaving and leaving[0].element == "float" and _written(layer, leaving[0], given):
        found.append("numbers")
    if isinstance(layer, DataSource):
        if layer.parted:
            found.append("samples")
    elif isinstance(layer, Loss):
        if points:
            found.append("plane")
        if any(each.element == "boxes" for each in arriving):
            found.append("boxes")
        elif any(each.element == "index" for each in arriving):
            found.append("matrix")
            if any(each.element == "index" and each.classes == 2 for each in arriving):
                found.append("threshold")
        elif isinstance(layer, Distance) and arriving and arriving[-1].numel <= MOST_COMPARED:
            found.append("fit")
        found.append("terrain")
    else:
        if points and any(each.is_vector for each in leaving):
            found.append("plane")
        tables = any(each.is_image or each.is_signal or each.is_vector or each.is_sequence for each in leaving)
        if tables and not (given == "numbers" and "numbers" in found):
            found.append("maps")
        if layer.family in COMPARED and leaving and leaving[0].element == "float":
            found.append("through")
    return list(dict.fromkeys(found))


def flattened(flat: Flat, value: tuple[str, str]) -> TensorType | None:
    """The image that a value is the row of, right behind a Flatten; None for any other value."""
    node = flat.nodes.get(value[0])
    if node is None or not isinstance(node.layer, Flatten):
        return None
    wires = flat.wires.get(value[0], {}).get("x", [])
    types = [flat.types.get(wire.source, {}).get(wire.out) for wire in wires]
    return types[0] if len(types) == 1 and types[0] is not None and types[0].is_image else None


def templates(flat: Flat, path: str) -> bool:
    """Whether the weights of a node are pictures: a fully connected layer that reads an image, row by row (A-005)."""
    node = flat.nodes[path]
    if not isinstance(node.layer, Linear):
        return False
    return any(flattened(flat, (wire.source, wire.out)) for wire in flat.wires.get(path, {}).get("x", []))


def _written(layer: Layer, leaving: TensorType, given: Given) -> bool:
    """Whether an output's numbers are written out: where there are few and nothing else, or it is just one."""
    if given == "numbers" or (isinstance(layer, DataSource) and not layer.parted):
        return leaving.numel <= MOST_WRITTEN and not any(axis.varies for axis in leaving.axes)
    return not leaving.axes and not isinstance(layer, Loss)
