"""Draws settings and inputs for any registered layer from nothing but its declared fields and ports.

A new layer is therefore tested by existing. What it may need here is one more kind of type in ``scene``.
"""

from __future__ import annotations

import collections.abc
import math
import random
import types
import typing
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import pytest
from pydantic import BaseModel

import chalknet.layers  # noqa: F401 (fills the registry)
from chalknet.layers.base import (
    Axis,
    Fault,
    Inputs,
    Layer,
    TensorType,
    boxes,
    image,
    index,
    registry,
    scalar,
    sequence,
    signal,
    vector,
)

ENOUGH = 24
LEAST_ATTEMPTS = 3_000
MOST_ATTEMPTS = 60_000


@dataclass(frozen=True)
class Draw:
    """A layer with its fields, and the types that arrive at its ports."""

    layer: Layer
    wires: dict[str, list[TensorType]]
    outputs: dict[str, TensorType] = field(default_factory=dict)
    """What its module gives."""
    fault: Fault | None = None
    wanted: frozenset[str] = frozenset()
    """Spare outputs that something is wired to."""

    @property
    def inputs(self) -> Inputs:
        return Inputs(self.wires, self.wanted)

    def arguments(self, make: Callable[[TensorType], Any]) -> list[Any]:
        """What the module is called with: a value a port, None for an empty one, a many port splatted."""
        ports = type(self.layer).inputs
        if any(port.many for port in ports):
            return [make(kind) for kind in self.wires[ports[0].name]]
        return [make(self.wires[port.name][0]) if self.wires.get(port.name) else None for port in ports]

    def __str__(self) -> str:
        wires = {port: [str(kind) for kind in kinds] for port, kinds in self.wires.items()}
        return f"{type(self.layer).type}({self.layer.model_dump(exclude_defaults=True)}) on {wires}"


def bounds(metadata: list[Any]) -> tuple[float, float]:
    """The smallest and largest value that annotated-types constraints (or a FieldInfo that holds them) allow."""
    low, high = -math.inf, math.inf
    for constraint in metadata:
        inner = bounds(constraint.metadata) if getattr(constraint, "metadata", None) else (-math.inf, math.inf)
        low, high = max(low, inner[0]), min(high, inner[1])
        for name in ("ge", "gt"):
            low = max(low, getattr(constraint, name, None) if getattr(constraint, name, None) is not None else low)
        for name in ("le", "lt"):
            high = min(high, getattr(constraint, name, None) if getattr(constraint, name, None) is not None else high)
    return low, high


def value(rng: random.Random, annotation: Any, metadata: list[Any]) -> Any:
    """A value of a field's type within its bounds: mostly small, now and then its largest."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return value(rng, arguments[0], [*metadata, *arguments[1:]])
    if origin in (typing.Union, types.UnionType):
        return value(rng, rng.choice(arguments), metadata)
    if origin is Literal:
        return rng.choice(arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return {name: value(rng, info.annotation, list(info.metadata)) for name, info in fields if name != "order"}
    if origin is collections.abc.Mapping:
        return {f"a{number}": value(rng, arguments[1], []) for number in range(rng.randint(0, 2))}
    if origin is tuple:
        return tuple(value(rng, argument, []) for argument in arguments)
    low, high = bounds(metadata)
    if annotation is bool:
        return rng.random() < 0.5
    if annotation is int:
        if rng.random() < 0.04:
            return int(high)
        return rng.randint(int(low), int(min(high, low + rng.choice((1, 2, 4, 16)))))
    if annotation is float:
        return rng.uniform(max(low, 1e-6 if low == 0 else low), high)
    raise AssertionError(f"no way to draw a {annotation}")


def places(x: TensorType) -> list[TensorType]:
    """What a max pooling remembers of a type, with windows that reach over the edge; nothing of a single pixel."""
    if 1 in x.sizes[1:]:
        return []
    pool = registry["max_pool2d" if x.is_image else "max_pool1d"]
    return [pool(ceil=True).infer(Inputs({"x": [x]}))["indices"]]


def scene(rng: random.Random) -> list[TensorType]:
    """Types of one small world: lengths, widths and classes come from a few numbers, so that they often agree."""
    c, d, k, n = (rng.choice((1, 2, 3, 4, 6, 8, 12)) for _ in range(4))
    t, s = rng.sample(range(2, 9), 2)
    h, w = rng.choice(((1, 1), (4, 4), (5, 7), (9, 8), (28, 28), (17, 3)))
    varies = rng.random() < 0.3
    return [
        image(c, h, w),
        image(c, (h + 1) // 2, (w + 1) // 2),
        image(k, h, w),
        signal(c, t),
        signal(c, 40),
        vector(d),
        vector(k),
        vector(1),
        sequence(t, d, varies),
        sequence(s, d),
        sequence(t, k, varies),
        sequence(t, 1),
        scalar(),
        index(k),
        index(2),
        index(k, Axis("T", t, varies)),
        index(2, Axis("T", t, varies)),
        index(k, Axis("H", h), Axis("W", w)),
        TensorType("bool", (Axis("T", t, varies),)),
        TensorType("bool", (Axis("T", s),)),
        TensorType("bool", (Axis("H", h), Axis("W", w))),
        boxes(k, n),
        *places(image(c, h, w)),
        *places(signal(c, 40)),
        signal(c, 20),
        TensorType(axes=(Axis("H", h), Axis("W", w), Axis("P", 5 * rng.randint(1, 3) + k))),
        TensorType(axes=(Axis("H", h), Axis("W", w), Axis("P", k + 7))),
    ]


def attempts(cls: type[Layer]) -> Iterator[Draw]:
    """Draws without end, the same for the same layer type."""
    rng = random.Random(zlib.crc32(cls.type.encode()))
    while True:
        chosen = {
            # What a person may type has no bounds to draw from: the field names some texts.
            name: rng.choice(info.examples)
            if info.annotation is str
            else value(rng, info.annotation, list(info.metadata))
            for name, info in cls.model_fields.items()
            if rng.random() < 0.6
        }
        layer, world = cls(**chosen), scene(rng)
        # Most kinds fit most layers badly: try each port with a few of the world's.
        for _ in range(12):
            wires: dict[str, list[TensorType]] = {}
            for port in cls.inputs:
                if port.optional and rng.random() < 0.5:
                    continue
                kinds = [rng.choice(world)]
                if port.many:
                    kinds += [kinds[0] if rng.random() < 0.7 else rng.choice(world) for _ in range(rng.randint(0, 2))]
                wires[port.name] = kinds
            wanted = frozenset(port.name for port in cls.outputs if port.spare and rng.random() < 0.5)
            inputs = Inputs(wires, wanted)
            try:
                outputs = layer.infer(inputs)
            except Fault as fault:
                yield Draw(layer, wires, fault=fault, wanted=wanted)
            else:
                given = {port.name: outputs[port.name] for port in layer.gives(inputs)}
                yield Draw(layer, wires, given, wanted=wanted)


@cache
def drawn(type_: str) -> tuple[list[Draw], list[Draw]]:
    """Draws that the layer's rule accepts, at least 20, and draws that it refuses."""
    accepted: list[Draw] = []
    refused: dict[str, list[Draw]] = {}
    for number, draw in zip(range(MOST_ATTEMPTS), attempts(registry[type_]), strict=False):
        if draw.fault is None:
            if len(accepted) < ENOUGH:
                accepted.append(draw)
        else:
            of_this_code = refused.setdefault(draw.fault.code, [])
            if len(of_this_code) < ENOUGH:
                of_this_code.append(draw)
        # Some refusals are rare: a few thousand attempts find them all.
        if len(accepted) == ENOUGH and number >= LEAST_ATTEMPTS:
            break
    return accepted, [draw for draws in refused.values() for draw in draws]


def layer_types() -> list[str]:
    """Every registered layer that computes: all but data sources, which have no inputs."""
    return sorted(name for name, cls in registry.items() if cls.inputs)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "layer_type" in metafunc.fixturenames:
        metafunc.parametrize("layer_type", layer_types())


@pytest.fixture
def accepted(layer_type: str) -> list[Draw]:
    return drawn(layer_type)[0]


@pytest.fixture
def refused(layer_type: str) -> list[Draw]:
    return drawn(layer_type)[1]


@pytest.fixture
def every_refusal() -> list[Draw]:
    return [draw for name in layer_types() for draw in drawn(name)[1]]
