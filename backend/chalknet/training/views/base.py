"""What a view is: one thing that can be looked at while a network learns.

A view is one class in a file of its own: which values it needs, and how they become arrays of a frame. The probe
computes the values of all watched views together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeVar

import numpy
import torch
from torch import Tensor

from chalknet import wire
from chalknet.layers.base import Layer, TensorType
from chalknet.training.batches import Source
from chalknet.training.compile import Compiled, Value
from chalknet.training.phases import Phase
from chalknet.training.stages import Staged
from chalknet.wire import Subscription

Values = Mapping[Value, Tensor]
Floats = numpy.ndarray[Any, numpy.dtype[numpy.float32]]
Bytes = numpy.ndarray[Any, numpy.dtype[numpy.uint8]]


class Unwatchable(ValueError):
    """A subscription asks for what is not there: an unknown node, a sample beyond the last, a view that it does not
    have."""


@dataclass
class Scene:
    """What views look at. ``samples`` are the run's fixed samples: its validation part, or what it trains on where
    there is none."""

    compiled: Compiled
    samples: dict[str, Source]
    train: dict[str, Source]
    validation: dict[str, Source]
    phases: Sequence[Phase] = ()
    staged: Staged | None = None
    """The step that is being taken part by part."""
    step: int = 0
    """After how many updates the pictures are drawn."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What views remember of earlier pictures, also when nobody looks for a while; by a name of their own."""

    @property
    def count(self) -> int:
        """How many fixed samples there are."""
        return max((source.count for source in self.samples.values()), default=0)

    def layer(self, path: str) -> Layer:
        """A node's layer. Raises Unwatchable."""
        node = self.compiled.flat.nodes.get(path)
        if node is None or node.layer is None:
            raise Unwatchable(f"there is no node {path!r}")
        return node.layer

    def type(self, value: Value) -> TensorType:
        return self.compiled.flat.types[value[0]][value[1]]

    def source(self, value: Value) -> Source | None:
        """The data node that a value comes from."""
        return self.samples.get(value[0])

    def chosen(self, wanted: Subscription) -> list[int]:
        """The samples that a subscription asks for and that there are. Raises Unwatchable where none is."""
        found = [each for each in wanted.samples if each < self.count]
        if not found:
            raise Unwatchable(f"there are {self.count} samples to look at")
        return found

    def upstream(self, start: Value) -> list[Value]:
        """The values of data nodes that a value depends on, nearest first; numbers typed in, which are the same for
        every sample, are left out."""
        found: list[Value] = []
        waiting, seen = [start], {start}
        for value in waiting:
            source = self.source(value)
            if source is not None:
                found += [value] if source.layer.parted else []
                continue
            for wires in self.compiled.sources(value[0]).values():
                for each in wires:
                    if each not in seen:
                        seen.add(each)
                        waiting.append(each)
        return found

    def class_names(self, target: Value, count: int) -> list[str]:
        """Names of the classes of a target."""
        source = self.source(target)
        names = source.layer.class_names() if source is not None else []
        return names if len(names) == count else [str(number) for number in range(count)]

    @cached_property
    def plane(self) -> tuple[Value, tuple[float, float, float, float]]:
        """The value that holds points of the plane, and the extent (x0, x1, y0, y1) to be drawn: a square that holds
        all of them with a margin. Raises Unwatchable where the board's data are no points."""
        for path, source in self.train.items():
            if source.layer.sample == "points":
                port = next(port.name for port in source.layer.outputs if self.type((path, port.name)).is_vector)
                # As the network is given them: scaled, where they are.
                parts = [part[path].rows(slice(None))[path, port] for part in (self.train, self.validation)]
                points = torch.cat(parts).float()
                low, high = points.amin(0), points.amax(0)
                reach = float((high - low).max()) * 0.55 or 1.0
                (x, y) = ((low + high) / 2).tolist()
                return (path, port), (x - reach, x + reach, y - reach, y + reach)
        raise Unwatchable("the board's data are no points of the plane")


@dataclass
class Picture:
    """One array of a frame: uint8, int32 or float32. ``lo``, ``hi``: what 0 and 255 stand for."""

    name: str
    values: numpy.ndarray[Any, Any]
    lo: list[float] = field(default_factory=list)
    hi: list[float] = field(default_factory=list)


@dataclass
class Drawn:
    """What a frame holds."""

    pictures: list[Picture]
    about: dict[str, Any] = field(default_factory=dict)
    samples: list[int] = field(default_factory=list)


def pictured(drawn: Drawn) -> tuple[list[wire.Array], dict[str, bytes]]:
    """A frame's arrays and their bytes."""
    arrays, raw = [], {}
    for picture in drawn.pictures:
        values = picture.values
        arrays.append(
            # Not validated: these are our own values, and pictures are many.
            wire.Array.model_construct(
                name=picture.name,
                dtype=values.dtype.name,
                shape=list(values.shape),
                offset=0,
                lo=picture.lo,
                hi=picture.hi,
            )
        )
        raw[picture.name] = values.tobytes()
    return arrays, raw


class View(ABC):
    """Made for one subscription; the constructor raises Unwatchable where it does not fit.

    ``values``: what it needs of the network, computed on what ``over`` says: the subscription's ``samples``, a grid
    over the ``plane``, all ``validation`` samples, ``several`` of them (the first, always the same ones), nothing, or
    ``one`` sample alone: then with the gradient of the board's losses at every value (``slope``). What is over the
    ``parts`` of a step is drawn after each of them, and when there is none to look at any more.
    """

    name: ClassVar[str]
    over: Literal["samples", "plane", "validation", "several", "one", "nothing", "parts"]
    once: ClassVar[bool] = False
    """It does not change while the network learns."""
    least_rate: float = 2.0
    """Times a second that it should be drawn even where that costs more than its share."""
    values: tuple[Value, ...] = ()
    samples: Sequence[int] = ()
    which: int = 0
    """What tells views of one ``over`` apart: the side of the plane's grid; the number of the one sample."""

    @abstractmethod
    def __init__(self, scene: Scene, wanted: Subscription) -> None: ...

    @abstractmethod
    def draw(self, values: Values) -> Drawn:
        """The frame's content; a value's first axis are the samples, in order. Called without gradients."""

    def close(self) -> None:  # noqa: B027 — most views hold on to nothing
        """Nobody looks at it any more: it lets go of what it holds on to in the network."""


registry: dict[str, type[View]] = {}
V = TypeVar("V", bound=type[View])


def register(cls: V) -> V:
    """Class decorator: makes a view known by its name."""
    if cls.name in registry:
        raise ValueError(f"view {cls.name!r} is registered twice")
    registry[cls.name] = cls
    return cls


def as_bytes(values: Tensor, axes: int) -> tuple[Bytes, list[float], list[float]]:
    """Numbers as bytes, each index of the first ``axes`` axes with a scale of its own: (uint8 of the same shape, the
    values of 0, the values of 255, flattened over those axes). What is not finite is drawn as the nearest that is."""
    shown = numbers(values)
    flat = shown.reshape(*shown.shape[:axes], -1)
    low, high = flat.min(-1, keepdims=True), flat.max(-1, keepdims=True)
    return scaled(flat, low, high).reshape(shown.shape), low.ravel().tolist(), high.ravel().tolist()


def numbers(values: Tensor) -> Floats:
    """Finite numbers in numpy, which is quicker than torch at arrays as small as pictures."""
    found: Floats = values.detach().float().cpu().numpy()
    return found if numpy.isfinite(found).all() else numpy.nan_to_num(found)


def scaled(values: Floats, low: Floats | float, high: Floats | float) -> Bytes:
    """Numbers from ``low`` to ``high`` as bytes from 0 to 255; all 0 where the two are equal."""
    span = numpy.maximum(numpy.subtract(high, low), 1e-30, dtype=numpy.float32)
    quantised = (values - low) * (255 / span)
    quantised += 0.5
    return quantised.clip(0, 255, out=quantised).astype(numpy.uint8)


def slope(value: Value) -> Value:
    """Where, among the values of ``one`` sample, the gradient of the board's losses with respect to a value stands."""
    return value[0], f"∂{value[1]}"


def output(scene: Scene, wanted: Subscription) -> Value:
    """The value that a subscription names: its port, or the node's first. Raises Unwatchable."""
    layer = scene.layer(wanted.node)
    ports = [port.name for port in layer.gives(scene.compiled.flat.inputs(wanted.node))]
    port = wanted.port or ports[0]
    if port not in ports:
        raise Unwatchable(f"{wanted.node!r} has no output {port!r}")
    return wanted.node, port
