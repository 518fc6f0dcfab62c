"""How the numbers lie that go into a layer and that come out: below an activation's curve (V-030), around a
normalisation (V-044)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from chalknet.layers.activation import Activation
from chalknet.training.views.base import (
    Drawn,
    Picture,
    Scene,
    Unwatchable,
    Values,
    View,
    numbers,
    output,
    register,
)
from chalknet.wire import Subscription

BINS = 64
MOST = 200_000
"""Numbers that are counted: of more every second, third … one."""


@register
class Through(View):
    """``before`` and ``after`` int32 [B]: how many numbers of the input and of the output lie in each of B equal bins
    from −``reach`` to ``reach``, in evaluation mode, over several samples.

    ``curve`` and ``slope`` float32 [B]: of an activation that one number decides, f and f′ in the middle of each bin;
    else empty. ``size``: B, 64 by default; about {reach, before, after: {mean, deviation}, numbers: counted, samples}.
    ``reach`` is 1, 2 or 5 times a power of ten, so that the picture does not move at every step.
    """

    name = "through"
    over = "several"
    least_rate = 0.5

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        layer = scene.layer(wanted.node)
        if "through" not in scene.compiled.facts.nodes[wanted.node].views:
            raise Unwatchable(f"{wanted.node!r} is no layer whose input is compared with its output")
        self.before = scene.compiled.sources(wanted.node)["x"][0]
        self.after = output(scene, wanted)
        self.values = (self.before, self.after)
        self.layer = layer if isinstance(layer, Activation) else None
        self.bins = wanted.size or BINS

    def draw(self, values: Values) -> Drawn:
        found = {"before": _some(values[self.before]), "after": _some(values[self.after])}
        reach = rounded(max(float(each.abs().max()) for each in found.values()))
        pictures = [
            Picture(name, torch.histc(each, self.bins, -reach, reach).to(torch.int32).cpu().numpy())
            for name, each in found.items()
        ]
        pictures += [Picture(name, numbers(each)) for name, each in self._curve(reach).items()]
        return Drawn(
            pictures,
            {
                "reach": reach,
                **{name: _about(each) for name, each in found.items()},
                "numbers": found["before"].numel(),
                "samples": len(values[self.before]),
            },
        )

    def _curve(self, reach: float) -> dict[str, Tensor]:
        middles = [reach * ((2 * at + 1) / self.bins - 1) for at in range(self.bins)]
        drawn = [(self.layer.value(x), self.layer.derivative(x)) for x in middles] if self.layer is not None else []
        known = [(y, slope) for y, slope in drawn if y is not None and slope is not None]
        whole = torch.tensor(known if len(known) == self.bins else []).reshape(-1, 2)
        return {"curve": whole[:, 0], "slope": whole[:, 1]}


def _some(found: Tensor) -> Tensor:
    """Finite numbers of a tensor in a row, of very many an even choice."""
    row = found.detach().float().reshape(-1)
    row = row[:: max(1, math.ceil(row.numel() / MOST))]
    return torch.nan_to_num(row)


def _about(found: Tensor) -> dict[str, Any]:
    deviation, mean = torch.std_mean(found, correction=0)
    return {"mean": float(mean), "deviation": float(deviation)}


def rounded(reach: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is not below ``reach``."""
    if not 1e-30 < reach < 1e30:
        return 1.0
    power = 10.0 ** math.floor(math.log10(reach))
    return next((power * each for each in (1, 2, 5, 10) if power * each >= reach), 10 * power)
