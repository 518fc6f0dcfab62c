"""What of a node can be looked at while it trains: by the types at its ports, and what its layer adds."""

from __future__ import annotations

from collections.abc import Iterable

from chalknet.datasets.base import DataSource
from chalknet.layers.base import Layer, Loss, TensorType


def offered(layer: Layer, inputs: Iterable[TensorType], outputs: Iterable[TensorType], points: bool) -> list[str]:
    """Names of views, the one that says most first. ``points``: the board learns from points in the plane, so that
    every unit is a function of the plane."""
    arriving, leaving = list(inputs), list(outputs)
    found: list[str] = list(layer.views)
    if isinstance(layer, DataSource):
        found.append("samples")
    elif isinstance(layer, Loss):
        if points:
            found.append("plane")
        if any(each.element == "boxes" for each in arriving):
            found.append("boxes")
        elif any(each.element == "index" for each in arriving):
            found.append("matrix")
    else:
        if points and any(each.is_vector for each in leaving):
            found.append("plane")
        if any(each.is_image or each.is_signal or each.is_vector or each.is_sequence for each in leaving):
            found.append("maps")
    return list(dict.fromkeys(found))
