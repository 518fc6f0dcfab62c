"""Torch is the oracle: whole random boards against the modules that they are built of."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from chalknet.catalogue import describe
from chalknet.datasets.base import DataSource
from chalknet.graph import forms
from chalknet.graph.connect import key_of
from chalknet.graph.document import Document, load
from chalknet.graph.infer import infer_flat
from chalknet.graph.rules import rule
from chalknet.layers.base import Layer, Loss, TensorType, registry, signal, vector

BATCH = 3
ROUNDS, EACH = 10, 50
MOST_BYTES = 4_000_000
MOST_STEPS = 200
"""Places in a sequence: a recurrent layer is run over each, on the meta device too."""

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")

COMPUTING = [layer for layer in describe().layers if layer.family not in ("data", "block")]
DATA = [layer for layer in describe().layers if layer.family == "data"]
CLASSED = [layer for layer in DATA if layer.type in ("points", "digits", "pictures")]
"""Data with a class a sample."""


def fields(rng: random.Random, info: Any) -> dict[str, Any]:
    """Some fields of a layer, at values that are often right."""
    chosen: dict[str, Any] = {}
    for field in info.fields:
        if rng.random() < 0.4:
            continue
        if field.kind == "bool":
            chosen[field.name] = rng.random() < 0.5
        elif field.kind == "choice" or (field.choices and rng.random() < 0.4):
            chosen[field.name] = rng.choice(field.choices)
        elif field.kind in ("int", "size"):
            low = int(field.minimum or 0)
            number = rng.choice([low, low + 1, low + 2, 4, 8, 12])
            chosen[field.name] = (
                [number, max(low, number - 1)] if field.kind == "size" and rng.random() < 0.3 else number
            )
        elif field.kind == "text":
            chosen[field.name] = rng.choice(registry[info.type].model_fields[field.name].examples or [""])
        else:
            chosen[field.name] = rng.uniform(field.minimum or 0, min(field.maximum or 1, 1))
    return chosen


class Growth:
    """A board that grows by a node at a time, so that every node accepts its inputs."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.wish = rng.choice(COMPUTING)
        """A layer that is tried again and again until it fits: else those that ask for much would hardly occur."""
        self.nodes: dict[str, Any] = {}
        self.edges: dict[str, Any] = {}
        self.outputs: list[tuple[str, str, TensorType]] = []
        scored = any(port.name == "logits" for port in self.wish.inputs)
        worded = [layer for layer in DATA if layer.type == "reversal"]
        info = rng.choice(CLASSED if scored else worded if self.wish.family == "attention" else DATA)
        small = {"size": 32, "samples": 20} if info.type == "shapes" else {"size": 32} if info.type == "digits" else {}
        layer = forms.layer(info.type, small)
        if not isinstance(layer, DataSource):  # a data source without these fields
            small, layer = {}, forms.layer(info.type, {})
        assert isinstance(layer, DataSource)
        self.nodes["data"] = {"type": info.type, "fields": small}
        self.outputs = [("data", port, type) for port, type in layer.schema().items()]

    def make_signal(self) -> None:
        """Begins with a signal, which no data give and few layers make."""
        picture = next(((node, port, type) for node, port, type in self.outputs if type.is_image), None)
        if picture is None:
            return
        node, port, type = picture
        self.nodes |= {
            "flat": {"type": "flatten"},
            "signal": {"type": "conv1d", "fields": {"channels": 4, "kernel": 8, "stride": 8}},
        }
        self.edges |= {"flat": {"from": node, "out": port, "to": "flat"}, "signal": {"from": "flat", "to": "signal"}}
        self.outputs += [("flat", "y", vector(type.numel)), ("signal", "y", signal(4, (type.numel - 8) // 8 + 1))]

    def make_ready(self) -> None:
        """Lays out what the wish asks for and chance hardly ever makes: scores of as many classes as the data have, a
        pooling whose places are kept."""
        classes = next((type.classes for _, _, type in self.outputs if type.element == "index" and not type.axes), None)
        start = next(((node, port) for node, port, type in self.outputs if type.is_image or type.is_vector), None)
        ready: list[tuple[str, dict[str, Any]]] = []
        if any(port.name == "logits" for port in self.wish.inputs) and classes:
            ready = [("flatten", {}), ("linear", {"units": classes}), ("relu", {})]
        elif self.wish.family == "attention":
            start = next((node, port) for node, port, type in self.outputs if type.element == "index" and type.axes)
            ready = [("embedding", {})]
        elif self.wish.type == "max_unpool2d":
            ready = [("max_pool2d", {"kernel": 2, "stride": 2})]
        elif self.wish.type == "max_unpool1d":
            ready = [("flatten", {}), ("conv1d", {"channels": 4, "kernel": 8, "stride": 8}), ("max_pool1d", {})]
        if start is None:
            return
        for number, (kind, chosen) in enumerate(ready):
            layer = forms.layer(kind, chosen)
            assert isinstance(layer, Layer)
            node, port = start
            type = next(type for each, out, type in self.outputs if (each, out) == start)
            found = rule(layer, key_of(layer, {layer.inputs[0].name: (type,)}))
            if found.fault is not None:  # a vector need not be flattened
                continue
            id = f"ready{number}"
            self.nodes[id] = {"type": kind, "fields": chosen}
            self.edges[id] = {"from": node, "out": port, "to": id, "in": layer.inputs[0].name}
            self.outputs += [(id, out, type) for out, type in found.outputs.items()]
            start = (id, next(iter(found.outputs)))

    def grow(self, prefix: str = "n") -> bool:
        """Tries one layer on random outputs; says whether it took them."""
        rng = self.rng
        wished = rng.random() < 0.5 and all(node["type"] != self.wish.type for node in self.nodes.values())
        info = self.wish if wished else rng.choice(COMPUTING)
        chosen = fields(rng, info)
        layer = forms.layer(info.type, chosen)
        if not isinstance(layer, Layer):
            return False
        wires: dict[str, list[tuple[str, str, TensorType]]] = {}
        for port in layer.inputs:
            if port.optional and rng.random() < 0.6:
                continue
            # What was made last is the likeliest to go on from; of a wish each type is as likely.
            recent = [rng.choice(self.outputs[-3:]) if rng.random() < 0.6 else rng.choice(self.outputs)]
            if wished:
                types = sorted({str(type) for _, _, type in self.outputs})
                type = rng.choice(types)
                recent = [rng.choice([output for output in self.outputs if str(output[2]) == type])]
            like = [output for output in self.outputs if output[2] == recent[0][2]]
            wires[port.name] = recent + [rng.choice(like) for _ in range(rng.randint(0, 2))] if port.many else recent
        found = rule(layer, key_of(layer, {port: tuple(o[2] for o in outs) for port, outs in wires.items()}))
        if found.fault is not None or found.activation_bytes > MOST_BYTES or found.parameters * 4 > MOST_BYTES:
            return False
        if any(axis.name == "T" and axis.size > MOST_STEPS for type in found.outputs.values() for axis in type.axes):
            return False
        id = f"{prefix}{len(self.nodes)}"
        self.nodes[id] = {"type": info.type, "fields": chosen}
        for port, outs in wires.items():
            for number, (node, out, _) in enumerate(outs):
                self.edges[f"e{len(self.edges)}"] = {
                    "from": node, "out": out, "to": id, "in": port, "order": str(number)
                }  # fmt: skip
        if info.family != "loss":
            self.outputs += [(id, port, type) for port, type in found.outputs.items()]
        return True


def changing(rng: random.Random, type: TensorType) -> list[tuple[str, dict[str, Any]]]:
    """Layers that give what they take, for the inside of a residual block; none for what no block is made for."""
    if type.numel > 100_000 or max(type.sizes, default=0) > MOST_STEPS:
        return []
    bend = (rng.choice(["relu", "prelu", "tanh"]), {})
    if type.is_vector:
        return [("linear", {"units": type.sizes[0]}), bend]
    if type.is_image:
        convolution = {"channels": type.sizes[0], "kernel": rng.choice([1, 3]), "padding": "same"}
        return [("conv2d", convolution), ("batch_norm2d", {}), bend, ("conv2d", convolution)]
    if type.is_sequence:
        return [("layer_norm", {}), ("attention", {"heads": 1}), ("linear", {"units": type.sizes[1]}), bend]
    return []


def residual(layers: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """A block that adds what layers in a row make of its input to that input."""
    names = [f"l{number}" for number in range(len(layers))]
    nodes = {name: {"type": type, "fields": fields} for name, (type, fields) in zip(names, layers, strict=True)}
    nodes |= {"x": {"type": "block_input"}, "add": {"type": "add"}, "y": {"type": "block_output"}}
    way = ["x", *names, "add", "y"]
    edges = {f"e{number}": {"from": way[number], "to": way[number + 1]} for number in range(len(way) - 1)}
    return {"nodes": nodes, "edges": {**edges, "skip": {"from": "x", "to": "add"}}}


def grown(rng: random.Random) -> Document:
    """A random valid board of up to 25 nodes, some of them a repeated block, some sharing their weights."""
    growth = Growth(rng)
    if rng.random() < 0.3:
        growth.make_signal()
    growth.make_ready()
    target = rng.randint(3, 25)
    for _ in range(1500):
        if len(growth.nodes) >= target:
            break
        growth.grow()
    blocks = {}
    fitting = [(node, out, type) for node, out, type in growth.outputs if changing(rng, type)]
    if fitting and rng.random() < 0.6:
        kinds = sorted({type.names for _, _, type in fitting})
        kind = rng.choice(kinds)  # as often for an image or a sequence as for a vector
        node, out, type = rng.choice([each for each in fitting if each[2].names == kind])
        blocks["res"] = residual(changing(rng, type))
        growth.nodes["block"] = {
            "type": "block",
            "block": "res",
            "mode": "repeat",
            "times": rng.randint(1, 4),
            "weights": rng.choice(["", "shared"]),
        }
        growth.edges["into"] = {"from": node, "out": out, "to": "block"}
    for id, twin in [(id, f"{id}_twin") for id, each in growth.nodes.items() if each["type"] in ("linear", "conv2d")][
        :1
    ]:
        growth.nodes[id]["weights"] = "w"
        growth.nodes[twin] = dict(growth.nodes[id])
        wire = next(edge for edge in growth.edges.values() if edge["to"] == id)
        growth.edges["twin"] = {**wire, "to": twin}
    return load({"nodes": growth.nodes, "edges": growth.edges, "blocks": blocks})


def meta(kind: TensorType) -> Any:
    dtype = {"bool": torch.bool, "index": torch.int64, "place": torch.int64}.get(kind.element, torch.float32)
    return torch.zeros(BATCH, *kind.shape, dtype=dtype, device="meta")


STRUCTURAL = {"no_loss", "nothing_to_learn", "no_slope"}
"""Errors that a random board may well have: it need not be fit for training."""


def agree(document: Document) -> None:
    """Holds types on every wire, parameters with shared ones once, and MACs to the modules, by building each."""
    flat, inference = infer_flat(document)
    wrong = [problem for problem in inference.problems if problem.severity == "error"]
    assert {problem.code for problem in wrong} <= STRUCTURAL, (wrong, document.dump())
    values: dict[tuple[str, str], Any] = {}
    modules: dict[str, torch.nn.Module] = {}
    with FlopCounterMode(display=False) as counter:
        for path, node in flat.nodes.items():
            layer = node.layer
            assert layer is not None
            if isinstance(layer, DataSource):
                values |= {(path, port): meta(type) for port, type in layer.schema().items()}
                if layer.learned:
                    with torch.device("meta"):
                        modules[node.weights or path] = layer.build(flat.inputs(path))
                continue
            name = node.weights or path
            if name not in modules:
                with torch.device("meta"):
                    modules[name] = layer.build(flat.inputs(path))
            wires = flat.wires.get(path, {})
            arguments: list[Any] = []
            for port in layer.inputs:
                arriving = [values[wire.source, wire.out] for wire in wires.get(port.name, [])]
                arguments += arriving if arriving or port.many else [None]
            made = modules[name](*arguments)
            results = made if isinstance(made, tuple) else (made,)
            for port, result in zip(layer.gives(flat.inputs(path)), results, strict=True):
                values[path, port.name] = result
                type = flat.types[path][port.name]
                expected = () if isinstance(layer, Loss) else (BATCH, *type.shape)
                assert tuple(result.shape) == expected, (path, document.dump())
    parameters = sum(each.numel() for module in modules.values() for each in module.parameters())
    assert inference.parameters == parameters, document.dump()
    assert inference.flops * BATCH == counter.get_total_flops(), document.dump()
    assert inference.macs * 2 == inference.flops


@pytest.mark.parametrize("round", range(ROUNDS))
def test_random_boards_agree_with_torch(round: int) -> None:
    """500 random valid boards; ``make bench`` takes 10,000."""
    rng = random.Random(round)
    for _ in range(EACH):
        agree(grown(rng))


def test_the_random_boards_are_worth_something() -> None:
    """Nearly every layer type occurs in the boards of the test above, and they are deep."""
    boards = [grown(rng) for rng in map(random.Random, range(ROUNDS)) for _ in range(EACH)]
    seen = {node.type for board in boards for node in board.nodes.values()}
    missing = {layer.type for layer in COMPUTING} - seen - {"yolo_loss"}
    assert len(missing) <= 3, missing
    assert sum(len(board.nodes) for board in boards) > 10 * len(boards)
    inside = {node.type for board in boards for block in board.blocks.values() for node in block.nodes.values()}
    assert {"linear", "conv2d", "attention"} <= inside, "blocks on vectors, images and sequences"
    assert registry.keys() > seen - {"block"}
