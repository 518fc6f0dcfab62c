"""What a 1×1 convolution saves that makes channels fewer for a larger one behind it (L-015, C-026)."""

from __future__ import annotations

from dataclasses import replace

from chalknet.graph.flat import Flat, FlatNode
from chalknet.graph.judge import Judged
from chalknet.layers.base import Axis, Inputs, TensorType
from chalknet.layers.block import BlockPort
from chalknet.layers.convolution import Convolution
from chalknet.layers.words import product, tex, times

Lines = tuple[tuple[str, str], ...]

MOST_BETWEEN = 8
"""Activations, norms and ports of blocks between the two that are looked through."""


def savings(judged: Judged) -> dict[str, Lines]:
    """For every such 1×1 convolution, by its path, the multiply-adds of the larger one with and without it, as titled
    lines of KaTeX; none where both together cost more than the larger one alone."""
    narrow = [node for node in judged.flat.nodes.values() if _narrows(judged, node)]
    if not narrow:
        return {}
    behind = judged.flat.consumers()
    return {node.path: lines for node in narrow if (lines := _saving(judged, behind, node))}


def _narrows(judged: Judged, node: FlatNode) -> bool:
    layer = node.layer
    if not isinstance(layer, Convolution) or node.path not in judged.flat.types:
        return False
    if max(layer.spatial("kernel")) > 1 or max(layer.spatial("stride")) > 1 or layer.groups > 1:
        return False
    return layer.channels < layer.seen(_arriving(judged.flat, node.path)).sizes[0]


def _arriving(flat: Flat, path: str) -> TensorType:
    wire = flat.wires[path]["x"][0]
    return flat.types[wire.source][wire.out]


def _saving(judged: Judged, behind: dict[str, list[str]], narrow: FlatNode) -> Lines:
    flat = judged.flat
    path = narrow.path
    for _ in range(MOST_BETWEEN):
        if len(behind[path]) != 1:
            return ()
        path = behind[path][0]
        node = flat.nodes[path]
        if path not in flat.types or node.loop != narrow.loop or sum(map(len, flat.wires[path].values())) > 1:
            return ()
        if isinstance(node.layer, Convolution):
            break
        if not isinstance(node.layer, BlockPort) and not (node.layer is not None and node.layer.keeps_width):
            return ()
    else:
        return ()
    large = node.layer
    assert isinstance(large, Convolution)
    if max(large.spatial("kernel")) == 1 or large.groups > 1:
        return ()
    before = large.seen(_arriving(flat, path))
    wide = flat.nodes[narrow.path].layer
    assert isinstance(wide, Convolution)
    channels = wide.seen(_arriving(flat, narrow.path)).sizes[0]
    alone = Inputs({"x": [replace(before, axes=(Axis("C", channels), *before.axes[1:]))]})
    y = flat.types[path]["y"]
    direct = large.macs(alone, {"y": y})
    first, second = judged.rules[narrow.path].macs, judged.rules[path].macs
    if first + second >= direct:
        return ()
    kernel = large.spatial("kernel")
    return (
        (
            f"{times(kernel)} behind it, without it",
            rf"{product(y.sizes)} \cdot {product((channels, *kernel))} = {tex(direct)}",
        ),
        ("both together", rf"{tex(first)} + {tex(second)} = {tex(first + second)}"),
        ("saved", rf"{100 * (1 - (first + second) / direct):.1f}\,\% \text{{ of the multiply-adds}}"),
    )
