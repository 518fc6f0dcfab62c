"""What of a node can be looked at while it trains: by the types at its ports, and what its layer adds."""

from __future__ import annotations

from chalknet.datasets.base import DataSource
from chalknet.graph.flat import Flat, FlatNode
from chalknet.layers.base import Loss


def offered(flat: Flat, node: FlatNode, points: bool) -> list[str]:
    """Names of views, the one that says most first. ``points``: the board learns from points in the plane, so that
    every unit is a function of the plane. The node's types must be known."""
    layer = node.layer
    assert layer is not None
    found: list[str] = list(layer.views)
    if isinstance(layer, DataSource):
        found.append("samples")
    elif isinstance(layer, Loss):
        arriving = [
            flat.types[wire.source][wire.out] for wires in flat.wires.get(node.path, {}).values() for wire in wires
        ]
        if points:
            found.append("plane")
        if any(each.element == "boxes" for each in arriving):
            found.append("boxes")
        elif any(each.element == "index" for each in arriving):
            found.append("matrix")
    else:
        outputs = flat.types[node.path].values()
        if points and any(each.is_vector for each in outputs):
            found.append("plane")
        if any(each.is_image or each.is_vector or each.is_sequence for each in outputs):
            found.append("maps")
    return list(dict.fromkeys(found))
