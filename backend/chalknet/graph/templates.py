"""Library blocks: subgraphs of primitive layers that one drag inserts, and a double click opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalknet.graph.document import Block, Edge, Exposed, Node

Field = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Template:
    """A block of the library. ``type`` is also the id that a board gives the block; ``instance`` its first instance."""

    type: str
    title: str
    sentence: str
    icon: str
    block: Block
    instance: Node
    aliases: tuple[str, ...] = ()


def _node(type: str, **fields: Field) -> Node:
    return Node(type=type, fields=dict(fields))


def _edges(*wires: str) -> dict[str, Edge]:
    """Wires from texts such as ``x > norm1`` or ``attention > add1 b``: from, to, and the order at a port of several.
    A port is named behind a dot where it is not the usual one."""
    edges = {}
    for number, wire in enumerate(wires):
        start, end = wire.split(" > ")
        end, _, order = end.partition(" ")
        source, _, out = start.partition(".")
        to, _, into = end.partition(".")
        edges[f"w{number:02}"] = Edge(source=source, out=out or "y", to=to, into=into or "x", order=order)
    return edges


def _block(title: str, nodes: Mapping[str, Node], wires: Sequence[str], exposed: Mapping[str, Exposed]) -> Block:
    return Block(title=title, nodes=dict(nodes), edges=_edges(*wires), exposed=dict(exposed))


def _expose(title: str, field: str, node: str, *others: str) -> Exposed:
    return Exposed(node=node, field=field, title=title, others=list(others))


def _encoder_layer(pre: bool) -> Block:
    """Self-attention and a feed-forward network, each with a skip connection and a normalisation: after the sum as in
    Vaswani et al. 2017, or before the layer (pre-norm, Xiong et al. 2020). 512 wide with an inner width of 2048 it has
    3,152,384 parameters (C-030)."""
    nodes = {
        "x": _node("block_input", order=0),
        "mask": _node("block_input", order=1, optional=True),
        "norm1": _node("layer_norm"),
        "attention": _node("attention", heads=4),
        "dropout1": _node("dropout", rate=0.1),
        "add1": _node("add"),
        "norm2": _node("layer_norm"),
        "inner": _node("linear", units=128),
        "activation": _node("relu"),
        "outer": _node("linear", units=64),
        "dropout2": _node("dropout", rate=0.1),
        "add2": _node("add"),
        "y": _node("block_output"),
    }
    feed_forward = ["inner > activation", "activation > outer", "outer > dropout2"]
    masked = ["mask > attention.mask"]
    if pre:
        wires = [
            *("x > norm1", "norm1 > attention", *masked, "attention > dropout1"),
            *("x > add1 a", "dropout1 > add1 b"),
            *("add1 > norm2", "norm2 > inner", *feed_forward),
            *("add1 > add2 a", "dropout2 > add2 b", "add2 > y"),
        ]
    else:
        wires = [
            *("x > attention", *masked, "attention > dropout1", "x > add1 a", "dropout1 > add1 b", "add1 > norm1"),
            *("norm1 > inner", *feed_forward, "norm1 > add2 a", "dropout2 > add2 b", "add2 > norm2", "norm2 > y"),
        ]
    exposed = {
        "width": _expose("Width", "units", "outer"),
        "heads": _expose("Heads", "heads", "attention"),
        "inner": _expose("Inner width", "units", "inner"),
        "dropout": _expose("Dropout", "rate", "dropout1", "dropout2"),
    }
    return _block("Encoder layer" + (" (pre-norm)" if pre else ""), nodes, wires, exposed)


def _decoder_layer(pre: bool) -> Block:
    """Causal self-attention, attention to the encoder's output, and a feed-forward network, each with a skip connection
    and a normalisation: after the sum (Vaswani et al. 2017), or before the layer (pre-norm, Xiong et al. 2020).
    ``mask`` marks the memory's real tokens."""
    nodes = {
        "x": _node("block_input", order=0),
        "memory": _node("block_input", order=1),
        "mask": _node("block_input", order=2, optional=True),
        "self_attention": _node("attention", heads=4, causal=True),
        "dropout1": _node("dropout", rate=0.1),
        "add1": _node("add"),
        "norm1": _node("layer_norm"),
        "cross_attention": _node("attention", heads=4),
        "dropout2": _node("dropout", rate=0.1),
        "add2": _node("add"),
        "norm2": _node("layer_norm"),
        "inner": _node("linear", units=128),
        "activation": _node("relu"),
        "outer": _node("linear", units=64),
        "dropout3": _node("dropout", rate=0.1),
        "add3": _node("add"),
        "norm3": _node("layer_norm"),
        "y": _node("block_output"),
    }
    remembered = ["memory > cross_attention.memory", "mask > cross_attention.mask"]
    feed_forward = ["inner > activation", "activation > outer", "outer > dropout3"]
    if pre:
        wires = [
            *("x > norm1", "norm1 > self_attention", "self_attention > dropout1", "x > add1 a", "dropout1 > add1 b"),
            *("add1 > norm2", "norm2 > cross_attention", *remembered, "cross_attention > dropout2"),
            *("add1 > add2 a", "dropout2 > add2 b", "add2 > norm3", "norm3 > inner", *feed_forward),
            *("add2 > add3 a", "dropout3 > add3 b", "add3 > y"),
        ]
    else:
        wires = [
            *("x > self_attention", "self_attention > dropout1", "x > add1 a", "dropout1 > add1 b", "add1 > norm1"),
            *("norm1 > cross_attention", *remembered, "cross_attention > dropout2"),
            *("norm1 > add2 a", "dropout2 > add2 b", "add2 > norm2", "norm2 > inner", *feed_forward),
            *("norm2 > add3 a", "dropout3 > add3 b", "add3 > norm3", "norm3 > y"),
        ]
    exposed = {
        "width": _expose("Width", "units", "outer"),
        "heads": _expose("Heads", "heads", "self_attention", "cross_attention"),
        "inner": _expose("Inner width", "units", "inner"),
        "dropout": _expose("Dropout", "rate", "dropout1", "dropout2", "dropout3"),
    }
    return _block("Decoder layer" + (" (pre-norm)" if pre else ""), nodes, wires, exposed)


def _residual() -> Block:
    """Two 3×3 convolutions with a skip connection round them (He et al. 2016, basic block). The 1×1 convolution on the
    skip lets the channels change."""
    nodes = {
        "x": _node("block_input"),
        "conv1": _node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm1": _node("batch_norm2d"),
        "relu1": _node("relu"),
        "conv2": _node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm2": _node("batch_norm2d"),
        "skip": _node("conv2d", channels=16, kernel=1, bias=False),
        "add": _node("add"),
        "relu2": _node("relu"),
        "y": _node("block_output"),
    }
    wires = [
        *("x > conv1", "conv1 > norm1", "norm1 > relu1", "relu1 > conv2", "conv2 > norm2", "norm2 > add a"),
        *("x > skip", "skip > add b", "add > relu2", "relu2 > y"),
    ]
    exposed = {
        "channels": _expose("Channels", "channels", "conv1", "conv2", "skip"),
        "stride": _expose("Stride", "stride", "conv1", "skip"),
    }
    return _block("Residual block", nodes, wires, exposed)


TEMPLATES: tuple[Template, ...] = (
    Template(
        "encoder_layer",
        "Encoder layer",
        "Every token looks at all others, then thinks for itself: one layer of a transformer's encoder.",
        "layers",
        _encoder_layer(pre=False),
        Node(type="block", block="encoder_layer"),
        ("transformer", "self-attention", "bert"),
    ),
    Template(
        "encoder_layer_pre_norm",
        "Encoder layer (pre-norm)",
        "The encoder layer with its normalisation first, which trains more calmly when many are stacked.",
        "layers",
        _encoder_layer(pre=True),
        Node(type="block", block="encoder_layer_pre_norm"),
        ("transformer", "self-attention", "gpt"),
    ),
    Template(
        "decoder_layer",
        "Decoder layer",
        "Looks at the tokens so far, then at what the encoder made of the input: one layer of a transformer's decoder.",
        "layers-2",
        _decoder_layer(pre=False),
        Node(type="block", block="decoder_layer"),
        ("transformer", "cross-attention", "seq2seq"),
    ),
    Template(
        "decoder_layer_pre_norm",
        "Decoder layer (pre-norm)",
        "The decoder layer with its normalisation first, which trains more calmly when many are stacked.",
        "layers-2",
        _decoder_layer(pre=True),
        Node(type="block", block="decoder_layer_pre_norm"),
        ("transformer", "cross-attention", "seq2seq"),
    ),
    Template(
        "residual",
        "Residual block",
        "Two convolutions learn what to add to their input, which a skip connection carries past them.",
        "git-merge",
        _residual(),
        Node(type="block", block="residual"),
        ("resnet", "skip connection", "basic block"),
    ),
)
