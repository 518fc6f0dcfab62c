"""What inference answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from chalknet.graph.problems import Problem
from chalknet.layers.base import Multiplying

MacsByKind = dict[Multiplying, int]
"""Multiply-adds by what they are spent on; kinds that there are none of are left out."""


class ReceptiveField(BaseModel):
    """Input pixels that one unit sees, pairs are (height, width).

    The unit at place y sees ``size`` pixels from y·stride + start on, of them those from ``first`` to ``last``.
    Behind a layer that makes its input larger, windows are alike only ``every`` so many units, and move ``stride``
    pixels in that time: the unit at y sees the pixels from (y ÷ every)·stride + the first to that + the last number of
    ``windows`` at y mod every, none where the last is less; ``size`` is that of the largest. ``start`` is None where it
    cannot be told where the windows lie; ``whole``: it sees everything.
    """

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    size: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    every: tuple[int, int] = (1, 1)
    start: tuple[int, int] | None = (0, 0)
    windows: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    """Along rows and columns, where not all are alike."""
    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)
    whole: bool = False

    def seen(self, axis: int, unit: int) -> tuple[int, int] | None:
        """First and last input pixel that the unit at a place of an axis sees, of those that there are; none where the
        last is less. None where it cannot be told."""
        if self.start is None:
            return None
        turn, place = divmod(unit, self.every[axis])
        begin = self.start[axis]
        low, high = self.windows[axis][place] if self.windows[axis] else (begin, begin + self.size[axis] - 1)
        moved = turn * self.stride[axis]
        return max(low + moved, self.first[axis]), min(high + moved, self.last[axis])


class Memory(BaseModel):
    """Bytes that training takes. ``activations``: of a whole batch, since the way back needs them."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    parameters: int = 0
    gradients: int = 0
    optimizer: int = 0
    activations: int = 0


class NodeFacts(BaseModel):
    """Of one node, by its path. Types are texts such as ``float[C 6, H 28, W 28]``; counts are for one sample."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    type: str
    inputs: dict[str, list[str]] = {}
    outputs: dict[str, str] = {}
    parameters: int = 0
    trainable_parameters: int = 0
    macs: int = 0
    macs_by_kind: MacsByKind = {}
    flops: int = 0
    operations: int = 0
    """What it computes besides its multiply-adds: functions, comparisons, norms, sums of wires."""
    activation_bytes: int = 0
    memory: Memory = Memory()
    receptive_field: ReceptiveField | None = None
    numbers: str = ""
    summary: str = ""
    views: list[str] = []
    """What of it can be looked at while it trains."""
    idle: Literal["", "muted", "bypassed", "starved"] = ""
    """Why it is not computed: by hand, or since everything that it needs is muted (``starved``). It costs nothing."""


class Inference(BaseModel):
    """Of a whole board. Shared parameters are counted once. ``training_bytes``: all of ``memory``, for the recipe's
    batch."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    parameters: int = 0
    trainable_parameters: int = 0
    macs: int = 0
    macs_by_kind: MacsByKind = {}
    flops: int = 0
    operations: int = 0
    activation_bytes: int = 0
    training_bytes: int = 0
    memory: Memory = Memory()
    narrowest: str = ""
    """Of what arrives at the losses, the node that sees least of the picture; empty without pictures."""
    problems: list[Problem] = []
    nodes: dict[str, NodeFacts] = {}


class Fit(BaseModel):
    """A layer or a library block that fits where a wire was dropped, with the type that it would put out."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    type: str
    title: str
    output: str
    """Empty for a loss."""
    port: str
    """The port of the new node that the wire would end at (or begin from)."""
    fields: dict[str, JsonValue] = {}
    """Fields that it needs to fit, besides its defaults."""
