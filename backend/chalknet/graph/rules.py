"""What one layer makes of its inputs, remembered: an edit changes few layers, and the others answer from memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from chalknet.graph.flat import NOTHING
from chalknet.layers.base import Fault, Inputs, Layer, TensorType, Warn, Window

MOST_REMEMBERED = 50_000
ROWS, COLUMNS = frozenset({"H"}), frozenset({"W", "L", "T"})
PLACES = ROWS | COLUMNS
"""Axes in which a unit can see a part of the input: a picture's rows; its columns, or the positions of a sequence."""

Places = tuple[int, int]
Key = tuple[tuple[str, tuple[TensorType, ...], tuple[str, ...]], ...]
"""For every port the types there, and their meanings, which equality of types leaves out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A layer's answers. With a ``fault`` there is little else. ``outputs`` has the spare ones too; ``output_texts``
    and ``activation_bytes``, for one sample, only what is computed."""

    outputs: dict[str, TensorType] = field(default_factory=dict)
    output_texts: dict[str, str] = field(default_factory=dict)
    input_texts: dict[str, list[str]] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    parameters: int = 0
    macs: int = 0
    operations: int = 0
    activation_bytes: int = 0
    window: Window | Literal["whole"] = "whole"
    warns: tuple[Warn, ...] = ()
    numbers: str = ""
    summary: str = ""
    ports: tuple[Sequence[TensorType], Sequence[TensorType]] = ((), ())
    """The types at its inputs and at those outputs that are computed, in order."""
    arriving: Places | None = None
    """Of the first input that has places, how many."""
    leaving: Places | None = None
    """Of the first output that has places, how many: a unit behind it may see a part of them."""
    fault: Fault | None = None


_rules: dict[tuple[int, Key, frozenset[str]], tuple[Layer, Rule]] = {}


def rule(layer: Layer, key: Key, wanted: frozenset[str] = NOTHING) -> Rule:
    """The rule of a layer for these input types; every required port must be there. ``wanted``: the spare outputs that
    something is wired to."""
    # By identity, which is faster than comparing fields; the entry holds the layer, so that no other can take its id.
    known = _rules.get((id(layer), key, wanted))
    if known is not None:
        return known[1]
    made = _apply(layer, key, wanted)
    if len(_rules) >= MOST_REMEMBERED:
        _rules.clear()
    _rules[id(layer), key, wanted] = (layer, made)
    return made


def forget() -> None:
    """Empties the memory (to measure the time without it)."""
    _rules.clear()


def _apply(layer: Layer, key: Key, wanted: frozenset[str]) -> Rule:
    inputs = Inputs({port: types for port, types, _ in key}, wanted)
    input_texts = {port: [str(each) for each in types] for port, types, _ in key}
    try:
        outputs = layer.infer(inputs)
    except Fault as fault:
        return Rule(input_texts=input_texts, summary=layer.summary(), fault=fault.with_traceback(None))
    arriving = [type for _, types, _ in key for type in types]
    given = {port.name: outputs[port.name] for port in layer.gives(inputs)}
    shapes = layer.parameters(inputs)
    return Rule(
        outputs=outputs,
        output_texts={port: str(type) for port, type in given.items()},
        input_texts=input_texts,
        shapes=shapes,
        parameters=sum(math.prod(shape) for shape in shapes.values()),
        macs=layer.macs(inputs, outputs),
        operations=layer.operations(inputs, outputs),
        # A block's ports pass on what is held already.
        activation_bytes=0 if layer.family == "block" else sum(type.bytes for type in given.values()),
        window=layer.window(inputs),
        warns=tuple(layer.check(inputs)),
        numbers=layer.numbers(inputs, outputs),
        summary=layer.summary(),
        ports=(arriving, tuple(given.values())),
        arriving=next(filter(None, map(places, arriving)), None),
        leaving=next(filter(None, map(places, outputs.values())), None),
    )


def places(type: TensorType) -> Places | None:
    """(height, width) of what can be seen a part of: an image's pixels, a sequence's positions (1, length)."""
    if PLACES.isdisjoint(type.names):
        return None
    rows = columns = 1
    for name, size in zip(type.names, type.sizes, strict=True):
        if name in ROWS:
            rows *= size
        elif name in COLUMNS:
            columns *= size
    return rows, columns
