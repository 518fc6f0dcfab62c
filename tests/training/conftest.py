"""Boards to train, written down briefly."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from chalknet import wire
from chalknet.graph.document import Document, load
from chalknet.training.loop import Event, loop
from chalknet.training.plan import Plan, plan


class Board:
    """Builds a document: ``add`` puts a layer behind others and returns its id."""

    def __init__(self, **recipe: Any) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: dict[str, dict[str, Any]] = {}
        self.blocks: dict[str, dict[str, Any]] = {}
        self.recipe: dict[str, Any] = {"epochs": 2, "batch": 10, **recipe}

    def add(self, id: str, type: str, *after: str, more: dict[str, Any] | None = None, **fields: Any) -> str:
        """``after``: ``node``, ``node.out`` or ``node.out>in``, where wires come from. ``more``: what a node holds
        besides."""
        self.nodes[id] = {"type": type, "fields": fields, **(more or {})}
        return self.wire(id, *after)

    def wire(self, id: str, *after: str) -> str:
        for each in after:
            start, _, into = each.partition(">")
            node, _, out = start.partition(".")
            self.edges[f"e{len(self.edges):03}"] = {"from": node, "out": out or "y", "to": id, "in": into or "x"}
        return id

    def document(self, **recipe: Any) -> Document:
        value = {"nodes": self.nodes, "edges": self.edges, "recipe": {**self.recipe, **recipe}}
        return load({**value, "blocks": self.blocks} if self.blocks else value)


@pytest.fixture
def board() -> type[Board]:
    return Board


@pytest.fixture
def spiral() -> Callable[..., Document]:
    """2-8-8-2 tanh on a spiral of 200 points; ``optimizer`` and what else the phase holds, and the recipe's fields."""

    def make(
        *,
        optimizer: dict[str, Any] | None = None,
        phase: dict[str, Any] | None = None,
        dropout: float = 0,
        **recipe: Any,
    ) -> Document:
        board = Board(**recipe)
        board.add("data", "points", kind="spiral", samples=200)
        board.add("fc1", "linear", "data.x", units=8)
        board.add("act1", "tanh", "fc1")
        last = board.add("drop", "dropout", "act1", rate=dropout) if dropout else "act1"
        board.add("fc2", "linear", last, units=8)
        board.add("act2", "tanh", "fc2")
        board.add("out", "linear", "act2", units=2)
        board.add("loss", "cross_entropy", "out>logits", "data.label>target")
        chosen = optimizer or {"type": "adam", "fields": {"lr": 0.01}}
        return board.document(phases={"main": {"optimizer": chosen, **(phase or {})}})

    return make


@pytest.fixture
def pictures() -> Callable[..., Document]:
    """A small convolutional network with BatchNorm and dropout on handwritten digits."""

    def make(**recipe: Any) -> Document:
        board = Board(batch=64, **recipe)
        board.add("data", "digits", size=8)
        board.add("conv1", "conv2d", "data.image", channels=4, kernel=3, padding=1)
        board.add("norm1", "batch_norm2d", "conv1")
        board.add("act1", "relu", "norm1")
        board.add("pool1", "max_pool2d", "act1")
        board.add("flat", "flatten", "pool1")
        board.add("drop", "dropout", "flat", rate=0.25)
        board.add("out", "linear", "drop", units=10)
        board.add("loss", "cross_entropy", "out>logits", "data.label>target")
        return board.document()

    return make


@pytest.fixture
def words() -> Callable[..., Document]:
    """An attention layer in a repeated block, on sequences to be reversed."""

    def make(**recipe: Any) -> Document:
        board = Board(batch=16, **recipe)
        board.blocks["layer"] = {
            "title": "Layer",
            "nodes": {
                "x": {"type": "block_input"},
                "mask": {"type": "block_input", "fields": {"order": 1}},
                "attention": {"type": "attention", "fields": {"heads": 2}},
                "add": {"type": "add"},
                "norm": {"type": "layer_norm"},
                "y": {"type": "block_output"},
            },
            "edges": {
                "a": {"from": "x", "to": "attention", "in": "x"},
                "b": {"from": "mask", "to": "attention", "in": "mask"},
                "c": {"from": "attention", "to": "add"},
                "d": {"from": "x", "to": "add"},
                "e": {"from": "add", "to": "norm"},
                "f": {"from": "norm", "to": "y"},
            },
        }
        board.add("data", "reversal", length=6, symbols=5, samples=300)
        board.add("embedding", "embedding", "data.tokens", units=16)
        board.add("position", "positional_encoding", "embedding")
        board.nodes["encoder"] = {"type": "block", "block": "layer", "mode": "repeat", "times": 2}
        board.wire("encoder", "position>x", "data.mask>mask")
        board.add("out", "linear", "encoder.y", units=6)
        board.add("loss", "cross_entropy", "out>logits", "data.target>target", "data.mask>mask")
        return board.document()

    return make


@pytest.fixture
def detector() -> Callable[..., Document]:
    """A tiny one-shot detector on 40 generated pictures."""

    def make(**recipe: Any) -> Document:
        board = Board(batch=8, **recipe)
        board.add("data", "shapes", size=32, samples=40, objects=2)
        board.add("conv1", "conv2d", "data.image", channels=8, kernel=3, stride=2, padding=1)
        board.add("act1", "leaky_relu", "conv1")
        board.add("conv2", "conv2d", "act1", channels=8, kernel=3, stride=2, padding=1)
        board.add("act2", "leaky_relu", "conv2")
        board.add("pool", "max_pool2d", "act2")
        board.add("head", "yolo_head", "pool", boxes=2, classes=3)
        board.add("loss", "yolo_loss", "head.grid>grid", "data.boxes>target")
        return board.document()

    return make


class Trained:
    """A run that went to its end, or as far as it was let."""

    def __init__(self, plan: Plan, events: list[Event]) -> None:
        self.plan = plan
        self.events = events

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def curves(self) -> list[wire.Curve]:
        return [point for event in self.of(wire.Metrics) for point in event.points]

    @property
    def end(self) -> wire.End:
        end = self.events[-1]
        assert isinstance(end, wire.End)
        return end

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        return {name: tensor.clone() for name, tensor in self.plan.compiled.module.state_dict().items()}


Commands = queue.SimpleQueue


@pytest.fixture
def train() -> Callable[..., Trained]:
    """Runs a document, or a plan, to its end on one thread."""

    def run(document: Document | Plan, *commands: wire.RunCommand, resume: bool = False, **options: Any) -> Trained:
        made = document if isinstance(document, Plan) else plan(document, threads=1, **options)
        waiting: Commands[wire.RunCommand] = queue.SimpleQueue()
        for command in commands:
            waiting.put(command)
        return Trained(made, list(loop(made, waiting, resume=resume)))

    return run


@pytest.fixture
def same() -> Callable[[dict[str, torch.Tensor], dict[str, torch.Tensor]], bool]:
    """Whether two states are equal bit for bit."""

    def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
        return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)

    return equal


@pytest.fixture(autouse=True)
def _process_state() -> Iterator[None]:
    """Whatever a run sets in the whole process is set back."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    assert torch.get_num_threads() == threads
    assert torch.are_deterministic_algorithms_enabled() == deterministic
