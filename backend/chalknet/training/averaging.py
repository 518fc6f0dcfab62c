"""Means of the weights over the updates (T-041): steadier than the last ones, which jump about.

Running mean (EMA): m ← d·m + (1 − d)·w with d = min(decay, (1 + n)/(10 + n)) after n updates, so that the beginning is
soon forgotten. Plain mean (Polyak and Juditsky 1992): of all updates from a share of the run on. Running statistics of
norms are averaged likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from chalknet.training.plan import Plan

LEAD = "mean."
"""Before the names of the means among a checkpoint's tensors."""


class Averaged:
    """The means of one run's weights."""

    def __init__(self, plan: Plan) -> None:
        part = plan.document.recipe.averaging
        self.running = part.kind == "ema"
        self.decay = part.decay
        self.first = 0 if self.running else round(part.start * plan.steps)
        found: dict[int, tuple[str, Tensor]] = {}
        for name, tensor in plan.compiled.module.state_dict(keep_vars=True).items():
            if tensor.is_floating_point():
                found.setdefault(id(tensor), (name, tensor.detach()))
        self.names = [name for name, _ in found.values()]
        self.live = [tensor for _, tensor in found.values()]
        self.means = [tensor.clone() for tensor in self.live]

    def begin(self) -> None:
        """The weights have been replaced: there is nothing of the ones before in the means."""
        torch._foreach_copy_(self.means, self.live)

    def update(self, step: int) -> None:
        """After update number ``step``, counted from 0."""
        count = step - self.first
        if count >= 0:
            new = 1 - min(self.decay, (1 + step) / (10 + step)) if self.running else 1 / (count + 1)
            torch._foreach_lerp_(self.means, self.live, new)

    def begun(self, step: int) -> bool:
        """Whether there is a mean after so many updates."""
        return step > self.first

    @contextmanager
    def instead(self, step: int) -> Iterator[None]:
        """The means stand in the network's place meanwhile; before there are any, the weights do."""
        if not self.begun(step):
            yield
            return
        with torch.no_grad():
            last = [tensor.clone() for tensor in self.live]
            torch._foreach_copy_(self.live, self.means)
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self.live, last)

    def settle(self, step: int) -> None:
        """The means take the network's place for good."""
        if self.begun(step):
            with torch.no_grad():
                torch._foreach_copy_(self.live, self.means)

    def kept(self) -> dict[str, Tensor]:
        return {LEAD + name: mean.to("cpu", copy=True) for name, mean in zip(self.names, self.means, strict=True)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        for name, mean in zip(self.names, self.means, strict=True):
            mean.copy_(tensors[LEAD + name])
