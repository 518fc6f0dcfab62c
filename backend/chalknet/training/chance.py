"""One sample asked many times with dropout on (T-042, V-045: Gal and Ghahramani 2016, "Dropout as a Bayesian
approximation"): every pass leaves out other units and so asks another network; where they disagree, the answer is
doubtful.

Only what drops is in training mode: batch norm keeps its running statistics, and noise that is added stays out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from chalknet.layers.base import Layer
from chalknet.layers.noise import Drop
from chalknet.training import explained
from chalknet.training.compile import Compiled, Value


def dropping(compiled: Compiled, path: str) -> list[str]:
    """The nodes on the way to a node that drop something while training: dropout of every kind, stochastic depth, and
    what attention and stacked recurrent layers drop inside."""
    nodes = compiled.flat.nodes
    way = compiled.way(path)
    loops = {nodes[each].loop for each in way if each in nodes} - {""}
    return [
        each
        for each, node in nodes.items()
        if (each in way or node.loop in loops) and each in compiled.modules and node.layer and _drops(node.layer)
    ]


def passes(compiled: Compiled, batch: explained.Batch, score: Value, count: int, seed: int) -> Tensor:
    """What the network says of the batch's only sample, ``count`` times with dropout on: [count, …]. The same for the
    same seed. Draws random numbers; modes are afterwards as they were."""
    room = max(1, explained.AT_ONCE_BYTES // max(1, compiled.facts.activation_bytes))
    torch.manual_seed(seed)
    found = []
    with _on(compiled, dropping(compiled, score[0])):
        for first in range(0, count, room):
            some = min(room, count - first)
            # Each row is dropped from by itself, so that many rows are many passes.
            many = {value: each.expand(some, *each.shape[1:]) for value, each in batch.items()}
            found.append(explained.forward(compiled, many, score)[0])
    return torch.cat(found)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Entropies in nats. ``whole``: of the mean of the shares; ``each``: the mean of every pass's own. What is left,
    ``whole − each``, is what the passes disagree about: 0 where all say the same."""

    whole: float
    each: float


def doubt(shares: Tensor) -> Doubt:
    """Of shares [n, K] that add up to 1."""
    shares = shares.double()
    return Doubt(float(_entropy(shares.mean(0))), float(_entropy(shares).mean()))


def _entropy(shares: Tensor) -> Tensor:
    return -torch.special.xlogy(shares, shares).sum(-1)


def _drops(layer: Layer) -> bool:
    if isinstance(layer, Drop):
        return layer.rate > 0
    # Of a single recurrent layer nothing lies between two.
    return getattr(layer, "dropout", 0) > 0 and getattr(layer, "layers", 2) > 1


@contextmanager
def _on(compiled: Compiled, paths: list[str]) -> Iterator[None]:
    dropped = [module for path in paths for module in compiled.modules[path].modules()]
    before = [module.training for module in dropped]
    for module in dropped:
        module.training = True
    try:
        yield
    finally:
        for module, was in zip(dropped, before, strict=True):
            module.training = was
