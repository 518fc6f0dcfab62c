"""Why a network says what it says of one sample: the slope of a score, Grad-CAM, and what happens where a patch is
covered. Relevance is in ``relevance``.

A batch holds one sample, a tensor a data port, as the network wants it. The network is in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from chalknet.training.compile import Compiled, Value

Batch = Mapping[Value, Tensor]

PATCH = 7
"""A covering patch is this part of the shorter side, and moves by half of itself."""
AT_ONCE_BYTES = 128 * 2**20
"""Activations of the covered pictures that go through the network together."""


@dataclass(frozen=True)
class Score:
    """The number that is explained: one of a value's, of the batch's only sample. ``sign`` −1: its opposite, as where a
    single score speaks for yes and no is to be explained."""

    value: Value
    index: int
    sign: int = 1

    def of(self, scores: Tensor) -> Tensor:
        """[n] of the samples of a batch, in order."""
        return self.sign * scores.reshape(len(scores), -1)[:, self.index]


def forward(compiled: Compiled, batch: Batch, *values: Value) -> tuple[Tensor, ...]:
    """What these values are for a batch."""
    found: tuple[Tensor, ...] = compiled.select(values).forward(*[batch.get(value) for value in compiled.inputs])
    return found


def saliency(compiled: Compiled, batch: Batch, score: Score, data: Value) -> Tensor:
    """The slope of a score at the sample, in the sample's shape: how much the score changes with each number."""
    with torch.enable_grad():
        x = batch[data].detach().requires_grad_()
        (scores,) = forward(compiled, {**batch, data: x}, score.value)
        (slope,) = torch.autograd.grad(score.of(scores)[0], x, allow_unused=True)
    return torch.zeros_like(x[0]) if slope is None else slope[0]


def grad_cam(compiled: Compiled, batch: Batch, score: Score, maps: Value) -> Tensor:
    """Selvaraju et al. 2017: the maps of a node added up, each weighed by the mean of the score's slope over it, and
    what is below 0 left out; [H, W] of the node."""
    with torch.enable_grad():
        given = {
            value: each.detach().requires_grad_() if each.is_floating_point() else each for value, each in batch.items()
        }
        scores, found = forward(compiled, given, score.value, maps)
        (slope,) = torch.autograd.grad(score.of(scores)[0], found, allow_unused=True)
    if slope is None:
        return torch.zeros_like(found[0, 0].detach())
    return (slope.mean((2, 3), keepdim=True) * found.detach()).sum(1)[0].clamp(min=0)


def places(height: int, width: int) -> tuple[int, int, list[tuple[int, int]]]:
    """Side of a covering patch, how many there are in a row, and where each begins: (down, across)."""
    side = max(1, min(height, width) // PATCH)
    stride = max(1, side // 2)

    def starts(length: int) -> list[int]:
        found = list(range(0, length - side + 1, stride))
        return found if found[-1] == length - side else [*found, length - side]

    down, across = starts(height), starts(width)
    return side, len(across), [(y, x) for y in down for x in across]


def occlusion(compiled: Compiled, batch: Batch, score: Score, data: Value) -> Tensor:
    """How much a score falls where a patch of the picture is covered with its mean, a number a place of the patch
    (Zeiler and Fergus 2014)."""
    x = batch[data]
    height, width = x.shape[-2:]
    side, columns, found = places(height, width)
    grey = x.mean((2, 3), keepdim=True)[0]
    room = max(1, AT_ONCE_BYTES // max(1, compiled.facts.activation_bytes))
    (scores,) = forward(compiled, batch, score.value)
    fallen = []
    for first in range(0, len(found), room):
        some = found[first : first + room]
        covered = x.repeat(len(some), 1, 1, 1)
        for number, (down, across) in enumerate(some):
            covered[number, :, down : down + side, across : across + side] = grey
        many = {value: each.expand(len(some), *each.shape[1:]) for value, each in batch.items() if len(each) == 1}
        (now,) = forward(compiled, {**batch, **many, data: covered}, score.value)
        fallen.append(score.of(scores) - score.of(now))
    return torch.cat(fallen).reshape(-1, columns)
