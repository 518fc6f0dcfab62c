"""Library blocks: subgraphs of primitive layers that one drag inserts, and a double click opens."""

from __future__ import annotations

from chalknet.graph.document import Block, Node
from chalknet.graph.image_templates import IMAGE_TEMPLATES
from chalknet.graph.template import Template
from chalknet.graph.template import block as _block
from chalknet.graph.template import expose as _expose
from chalknet.graph.template import node as _node


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


TEMPLATES: tuple[Template, ...] = (
    Template(
        "encoder_layer",
        "Encoder layer",
        "Every token looks at all others, then thinks for itself: one layer of a transformer's encoder.",
        "layers",
        _encoder_layer(pre=False),
        Node(type="block", block="encoder_layer"),
        ("transformer", "bert"),
    ),
    Template(
        "encoder_layer_pre_norm",
        "Encoder layer (pre-norm)",
        "The encoder layer with its normalisation first, which trains more calmly when many are stacked.",
        "layers",
        _encoder_layer(pre=True),
        Node(type="block", block="encoder_layer_pre_norm"),
        ("transformer", "gpt"),
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
    *IMAGE_TEMPLATES,
)
