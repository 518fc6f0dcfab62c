"""What excites a unit: the samples in which it is excited most, and a sample that is made for it (V-019).

A unit is a channel of a node at a place. The made sample begins as noise around the middle of what the data hold and
goes up the slope of the unit's activation (Erhan, Bengio, Courville, Vincent 2009), with the regularisers of Yosinski
et al. 2015 ("Understanding Neural Networks Through Deep Visualization"): after each step it is drawn back to the middle
a little, and a picture is blurred every few steps; and no number leaves the range that the data have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from chalknet.layers.base import TensorType
from chalknet.training.compile import Compiled, Value
from chalknet.training.evaluate import BATCH_BYTES, MOST, rows
from chalknet.training.views.base import Scene

SAMPLES = 9
"""That are shown."""
STEPS, LEAST_STEPS = 160, 24
RATE = 0.06
"""Of the range of the data, that a number whose slope is as large as the slopes' root mean square goes in a step."""
DECAY = 0.01
BLUR = 4
"""Every so many steps; not in the last quarter, in which the unit is followed as it is."""
NOISE = 0.1
SEED = 0
MACS = 2 * 10**11
"""Multiply-adds that looking through the samples, and that making one, may take."""


@dataclass(frozen=True)
class Unit:
    """A channel of a node's output, wherever it is."""

    value: Value
    type: TensorType
    channel: int

    @property
    def channels(self) -> int:
        return self.type.sizes[self.type.feature or 0]

    def activations(self, found: Tensor) -> Tensor:
        """[n, H, W] of the channel; H 1 of a signal or a sequence, both 1 of a row."""
        picked = found.select(1 + (self.type.feature or 0), self.channel)
        return picked if picked.dim() == 3 else picked.reshape(len(picked), 1, -1)


@dataclass
class Strongest:
    """The samples in which a unit is excited most, the strongest first; of each the place where it is."""

    samples: list[int]
    activations: list[float]
    units: list[tuple[int, int]]
    looked: int


def macs(compiled: Compiled, value: Value) -> int:
    """Of one sample, up to a value."""
    nodes = compiled.facts.nodes
    return max(1, sum(nodes[path].macs for path in compiled.way(value[0]) if path in nodes))


def strongest(compiled: Compiled, scene: Scene, unit: Unit) -> Strongest:
    """Looks through the fixed samples, as many of them as ``MACS`` allow."""
    looked = min(scene.count, max(SAMPLES, MACS // macs(compiled, unit.value)))
    size = max(1, min(MOST, BATCH_BYTES // max(1, compiled.facts.activation_bytes)))
    graph = compiled.select([unit.value])
    best, places = [], []
    columns = 1
    for first in range(0, looked, size):
        batch = rows(scene.samples, first, min(first + size, looked))
        (found,) = graph.forward(*[batch[value] for value in compiled.inputs])
        maps = unit.activations(found)
        columns = maps.shape[2]
        most, place = maps.reshape(len(maps), -1).max(1)
        best.append(most.cpu())
        places.append(place.cpu())
    every = torch.nan_to_num(torch.cat(best).float(), nan=-torch.inf)
    order = every.argsort(descending=True, stable=True)[:SAMPLES]
    where = torch.cat(places)[order].tolist()
    return Strongest(order.tolist(), every[order].tolist(), [divmod(place, columns) for place in where], looked)


@dataclass
class Made:
    """``input`` [1, …] as the network is given it, ``course``: the unit's activation from step to step."""

    input: Tensor
    course: list[float]
    reached: float
    unit: tuple[int, int]
    steps: int
    begun: str


@dataclass(frozen=True)
class Range:
    """What the data have, at each channel of a picture or number of a row, as the network is given it: [1, C, 1, 1] or
    [1, D]."""

    low: Tensor
    high: Tensor

    @staticmethod
    def of(values: Tensor) -> Range:
        """Of some samples [n, …]."""
        axes = (0, *range(2, values.dim()))
        return Range(values.amin(axes, keepdim=True), values.amax(axes, keepdim=True))

    @property
    def middle(self) -> Tensor:
        return (self.low + self.high) / 2

    @property
    def width(self) -> Tensor:
        return self.high - self.low


def maximise(
    compiled: Compiled,
    batch: Mapping[Value, Tensor],
    unit: Unit,
    data: Value,
    within: Range,
    strongest: tuple[int, int],
) -> Made:
    """A sample made for the unit in the middle of its map, the rest of the batch as it is, from noise. Where that does
    not come beyond the batch's own sample (a ReLU may be shut, or a hill be low), it is made from that sample, for the
    unit at the place that is ``strongest`` there; where that has no slope either, it stays so."""
    graph = compiled.select([unit.value])
    steps = max(LEAST_STEPS, min(STEPS, MACS // (3 * macs(compiled, unit.value))))

    def look(x: Tensor, place: tuple[int, int] | None) -> tuple[float, Tensor, tuple[int, int]]:
        """The activation, its slope, and the place of the unit: in the middle, where none is named."""
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            (found,) = graph.forward(*[x if value == data else batch.get(value) for value in compiled.inputs])
            (maps,) = unit.activations(found)
            place = place or (maps.shape[0] // 2, maps.shape[1] // 2)
            activation = maps[place]
            (slope,) = torch.autograd.grad(activation, x, allow_unused=True)
        return float(activation), torch.zeros_like(x) if slope is None else slope.nan_to_num(), place

    def climb(x: Tensor, begun: str, place: tuple[int, int] | None = None) -> Made:
        reached, slope, place = look(x, place)
        course, best, kept = [reached], reached, x
        for step in range(steps):
            size = slope[slope != 0].square().mean().sqrt().nan_to_num()
            if size == 0:
                break
            x = x + RATE * within.width * slope / size
            x = within.middle + (x - within.middle) * (1 - DECAY)
            if x.dim() == 4 and step % BLUR == BLUR - 1 and step < steps * 3 // 4:
                x = blurred(x)
            x = torch.clamp(x, within.low, within.high)
            reached, slope, _ = look(x, place)
            course.append(reached)
            if reached > best:
                best, kept = reached, x
        return Made(kept.detach(), course, best, place, steps, begun)

    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn((1, *batch[data].shape[1:]), generator=generator).to(batch[data])
    made = climb(within.middle + NOISE * within.width * noise, "noise")
    if made.reached > look(batch[data], strongest)[0]:
        return made
    made = climb(batch[data], "sample", strongest)
    return made if len(made.course) > 1 else replace(made, begun="nothing")


def blurred(x: Tensor) -> Tensor:
    """Each pixel of [n, C, H, W] the mean of itself and those around it, weighed 1 2 1 down and across."""
    channels = x.shape[1]
    row = torch.tensor([1.0, 2.0, 1.0], device=x.device) / 4
    kernel = (row[:, None] * row[None, :]).expand(channels, 1, 3, 3).to(x)
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), kernel, groups=channels)


def patches(compiled: Compiled, node: str, units: list[tuple[int, int]], sides: tuple[int, int]) -> Iterator[list[int]]:
    """Of each unit all that it sees of a picture: top, left, height and width; where that cannot be told, all of it."""
    field = compiled.facts.nodes[node].receptive_field if node in compiled.facts.nodes else None
    for unit in units:
        seen = [field.seen(axis, unit[axis]) if field and not field.whole else None for axis in (0, 1)]
        (top, bottom), (left, right) = (each or (0, sides[axis] - 1) for axis, each in enumerate(seen))
        yield [top, left, max(0, bottom - top + 1), max(0, right - left + 1)]
