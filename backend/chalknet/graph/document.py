"""The document: one board, as keyed maps, so that two people editing at once merge.

Meaning (nodes, edges, blocks, recipe) and drawing (positions, comments) are kept apart; the hash covers meaning only.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from chalknet.datasets.base import Split

VERSION = 1
MOST_BYTES = 1_000_000
MOST_NODES = 5_000
"""Nodes written in one document; expanded by blocks, ``expand.MOST_EXPANDED``."""

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, validate_by_name=True, validate_by_alias=True)


class Init(_Part):
    """How the first weights of a layer are drawn (T-045): those with two axes or more; biases then begin at 0."""

    how: Literal["torch", "zeros", "normal", "uniform", "xavier", "he", "orthogonal"] = Field(
        "torch",
        title="First weights",
        description="How they are drawn. Xavier keeps the spread through a linear or tanh layer, He through a ReLU.",
        json_schema_extra={
            "labels": ["PyTorch's own", "zeros", "normal", "uniform", "Xavier", "He", "orthogonal"],
        },
    )
    scale: float = Field(
        0.05, gt=0, le=10, title="Scale", description="Spread of the normal numbers; reach of the uniform ones."
    )


class Node(_Part):
    """A layer, a data source, a loss, or an instance of a block (``type: "block"``)."""

    type: str = Field(max_length=64)
    fields: dict[str, JsonValue] = {}
    """Only those that differ from the layer's defaults; for a block, values of its exposed fields."""
    name: str = Field("", max_length=80)
    trainable: bool = True
    weights: str = Field("", max_length=64)
    """Nodes of the same non-empty name share their parameters."""
    init: Init = Init()
    block: str = Field("", max_length=64)
    mode: Literal["once", "repeat", "over_time"] = "once"
    """Over time, a block runs once for every step of a sequence, always with the same weights."""
    times: int = Field(1, ge=1, le=1000)
    ablation: Literal["", "mute", "bypass"] = ""
    """For a comparison without it: muted it gives nothing, bypassed it passes on what arrives (``ablation.py``)."""


class Edge(_Part):
    """A wire. ``order`` sorts the wires of a port that takes several (a fractional key); ties are sorted by the
    edge's id."""

    source: str = Field(alias="from", max_length=64)
    out: str = Field("y", max_length=64)
    to: str = Field(max_length=64)
    into: str = Field("x", alias="in", max_length=64)
    order: str = Field("", max_length=64)


class Exposed(_Part):
    """An inner node's field, offered on the block's instances. ``others``: further inner nodes whose field of the same
    name follows (one dropout rate for three Dropouts), or ``node.field`` for one of another name (a depthwise
    convolution has as many groups as channels)."""

    node: str = Field(max_length=64)
    field: str = Field(max_length=64)
    others: list[str] = []
    title: str = Field("", max_length=80)

    def targets(self) -> list[tuple[str, str]]:
        """Every inner node that is set, with its field."""
        parts = [other.partition(".") for other in self.others]
        return [(self.node, self.field), *((node, field or self.field) for node, _, field in parts)]


class Block(_Part):
    """A named subgraph. Its ports are its inner nodes of type ``block_input`` and ``block_output``: the port's name
    is the inner node's id. Repeated, its first output feeds its first input; its other inputs see the same wire each
    time."""

    title: str = Field("", max_length=80)
    nodes: dict[Id, Node] = {}
    edges: dict[Id, Edge] = {}
    exposed: dict[Id, Exposed] = {}


class Optimizer(_Part):
    type: str = Field("adam", max_length=32)
    fields: dict[str, JsonValue] = {}


class Schedule(_Part):
    type: str = Field("constant", max_length=32)
    fields: dict[str, JsonValue] = {}


class Penalty(_Part):
    """What large weights cost: λ₁ Σ|w| + λ₂/2 Σw² (T-035). It is minimised beside the losses, and told apart."""

    l1: float = Field(
        0.0, ge=0, le=10, title="L1", description="λ₁ of λ₁ Σ|w|: pulls every weight by the same amount, many to 0.",
        json_schema_extra={"log": True},
    )  # fmt: skip
    l2: float = Field(
        0.0, ge=0, le=10, title="L2", description="λ₂ of λ₂/2 Σw²: pulls large weights most, and spreads them.",
        json_schema_extra={"log": True},
    )  # fmt: skip
    biases: bool = Field(False, title="Biases too", description="Otherwise what is called a bias is left out.")


class Phase(_Part):
    """Who learns what: which losses are minimised, which nodes or blocks are updated (empty: all), how, and how
    often."""

    order: str = Field("", max_length=64)
    losses: list[str] = []
    updates: list[str] = []
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    clip: float | None = Field(None, gt=0, le=1e6, title="Clip the gradient's norm")
    clip_value: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Clip each slope",
        description="No number of the gradient is let past ± this; before the norm is clipped.",
    )
    penalty: Penalty = Penalty()
    every: int = Field(1, ge=1, le=10_000, title="Runs every … steps")


class Budget(_Part):
    """What the board may cost at most, and how much of the picture its outputs are to see at least; None: any."""

    parameters: int | None = Field(None, ge=0, le=10**15, title="Parameters at most", description="Learned numbers.")
    macs: int | None = Field(
        None, ge=0, le=10**15, title="Multiply-adds at most", description="Of one sample, forwards; each is 2 FLOPs."
    )
    memory: int | None = Field(
        None,
        ge=0,
        le=10**15,
        title="Memory to train at most",
        description="Weights, gradients, the optimizer's numbers, and a batch's outputs.",
        json_schema_extra={"unit": "B"},
    )
    receptive_field: int | None = Field(
        None,
        ge=1,
        le=10**6,
        title="Seen at least",
        description="How wide and high a part of the picture reaches the loss.",
        json_schema_extra={"unit": "px"},
    )


class Stopping(_Part):
    """When training ends before its last epoch (T-036)."""

    patience: int = Field(
        0,
        ge=0,
        le=100_000,
        title="Patience",
        description="Stop after so many epochs without a lower validation loss, and bring the best weights back. "
        "0: train to the end.",
        json_schema_extra={"unit": "epochs"},
    )
    least: float = Field(
        0.0, ge=0, le=1e6, title="Least gain", description="How much lower a validation loss must be to be a new best."
    )


class Averaging(_Part):
    """Weights that are validated, tested and kept: those of the last update, or a mean of many (T-041)."""

    kind: Literal["none", "ema", "mean"] = Field(
        "none",
        title="Weights that count",
        description="Those of the last update, their running mean, or the plain mean of the updates from a point on.",
        json_schema_extra={"labels": ["the last", "running mean (EMA)", "mean (Polyak)"]},
    )
    decay: float = Field(
        0.999, ge=0, lt=1, title="Memory", description="Share of the running mean that each update keeps."
    )
    start: float = Field(
        0.5, ge=0, lt=1, title="Mean from", description="Share of the run after which the plain mean begins."
    )


class Ensemble(_Part):
    """Several answers as one, told at the test beside the network's own (T-038 to T-040)."""

    snapshots: int = Field(
        0, ge=0, le=20, title="Snapshots",
        description="Keeps the network at the end of so many equal parts of the run; the test also tells of the mean "
        "of their answers. They differ most where the rate falls and starts again.",
    )  # fmt: skip
    mirror: bool = Field(
        False,
        title="Mirror images at the test",
        description="The test also tells of the mean of the answers to a picture and to its mirror image.",
    )


class Recipe(_Part):
    """What cannot be drawn."""

    batch: int = Field(32, ge=1, le=65_536, title="Batch size")
    epochs: int = Field(10, ge=1, le=100_000, title="Epochs")
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed")
    stepwise: bool = Field(
        False,
        title="Step by step",
        description="Waits before the first update, so that its numbers can be read; Step makes one update.",
    )
    precision: Literal["fp32", "bf16"] = Field(
        "fp32",
        title="Precision",
        description="Bits of a number in the forward and backward pass. 16 take half the memory and are faster where "
        "the machine has them; weights and losses keep 32.",
        json_schema_extra={"labels": ["32 bits (fp32)", "16 bits (bf16)"]},
    )
    split: Split = Split()
    test: Literal["at_end", "locked"] = Field(
        "at_end",
        title="Test samples",
        description="Locked, nothing is computed from them until somebody opens them for a run that has ended: who "
        "chooses by them has none left to be judged by.",
        json_schema_extra={"labels": ["tested at every end", "locked until asked for"]},
    )
    """New boards are made with it locked; a board that does not say was made when every run was tested at its end."""
    stopping: Stopping = Stopping()
    averaging: Averaging = Averaging()
    ensemble: Ensemble = Ensemble()
    budget: Budget = Budget()
    phases: dict[Id, Phase] = Field(default_factory=lambda: {"main": Phase()})


class Point(_Part):
    x: float = 0
    y: float = 0


class Comment(_Part):
    text: str = Field("", max_length=2000)
    x: float = 0
    y: float = 0


class Drawing(_Part):
    """Where things stand; no part of the meaning. Keys are node ids at the top level, ``block/node`` inside a block."""

    positions: dict[str, Point] = {}
    comments: dict[Id, Comment] = {}


class Passage(_Part):
    """A question of a lesson with its answer, in plain text."""

    question: str = Field(max_length=200)
    answer: str = Field(max_length=2000)


class About(_Part):
    """What a gallery board says of itself. ``declared``: counts that a test holds the board to."""

    section: str = Field("", max_length=40)
    """Where it stands in the gallery: one of ``gallery.SECTIONS``."""
    origin: str = Field("", max_length=120)
    """Who thought of it, and when."""
    summary: str = Field("", max_length=2000)
    tries: list[str] = []
    lesson: list[Passage] = Field([], max_length=20)
    declared: dict[str, int] = {}


class Document(_Part):
    version: Literal[1] = 1
    title: str = Field("Untitled board", max_length=120)
    about: About = About()
    nodes: dict[Id, Node] = {}
    edges: dict[Id, Edge] = {}
    blocks: dict[Id, Block] = {}
    recipe: Recipe = Recipe()
    drawing: Drawing = Drawing()

    def hash(self, *, seed: bool = True) -> str:
        """SHA-256 of the meaning: the same for two drawings of one network, and for 0.0 and 0, which a browser does not
        tell apart. When it is tested changes nothing about what is learned. ``seed``: whether it covers the seed."""
        meaning = self.model_dump(by_alias=True, include={"nodes", "edges", "blocks", "recipe"}, exclude_defaults=True)
        recipe = meaning.get("recipe", {})
        for field in ("test",) if seed else ("test", "seed"):
            recipe.pop(field, None)
        if not recipe:
            meaning.pop("recipe", None)
        text = json.dumps(_whole(meaning), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def dump(self) -> dict[str, Any]:
        """Plain JSON values, defaults left out."""
        return {"version": self.version, **self.model_dump(by_alias=True, exclude_defaults=True, mode="json")}


def _whole(value: Any) -> Any:
    """Plain JSON values with whole floats as integers."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Unreadable(ValueError):
    """The text is no board; the message says in words why."""


def read(text: bytes | str) -> Document:
    """A document from its JSON text, upgraded to this version. Raises Unreadable; never costs more than its size
    allows."""
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"The board is {len(raw):,} bytes; at most {MOST_BYTES:,} are read.")
    try:
        value = pydantic_core.from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Unreadable(f"This is no valid JSON: {error}.") from None
    return load(value)


def load(value: object) -> Document:
    """A document from JSON values. Raises Unreadable."""
    if not isinstance(value, dict):
        raise Unreadable("A board is a JSON object with nodes and edges.")
    version = value.get("version", VERSION)
    if version != VERSION:
        raise Unreadable(f"The board has version {version!r}; this Chalknet reads up to version {VERSION}.")
    count = len(value.get("nodes") or ()) if isinstance(value.get("nodes"), dict) else 0
    blocks = value.get("blocks")
    if isinstance(blocks, dict):
        for block in blocks.values():
            inner = block.get("nodes") if isinstance(block, dict) else None
            count += len(inner) if isinstance(inner, dict) else 0
    if count > MOST_NODES:
        raise Unreadable(f"The board has {count:,} nodes; at most {MOST_NODES:,} are read.")
    try:
        return Document.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = " › ".join(map(str, first["loc"])) or "the board"
        more = f" ({error.error_count() - 1} more like it)" if error.error_count() > 1 else ""
        raise Unreadable(f"{where}: {first['msg'].lower()}{more}.") from None
