"""Units through which no gradient passes, or hardly any: dead ReLUs, saturated sigmoids (L-004 to L-008)."""

from __future__ import annotations

import torch
from torch import Tensor

from chalknet.layers.activation import FLAT, Activation
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, numbers, register, scaled
from chalknet.wire import Subscription

MOST = 256


@register
class Flat(View):
    """``flat`` uint8 [units] from 0 to 1: of each unit, the share of its answers where the curve is flat.

    A unit is a number of a vector, a feature of a sequence, a channel of an image: what has weights of its own. It
    answers once for every sample and place. Where a layer's units can be ``dead``, flat means a slope of exactly 0;
    where they are ``saturated``, one below 5 % of the steepest. ``size``: the most units, 256 by default; about {kind,
    units, all: units that are flat for every sample, share: of all answers, samples}.
    """

    name = "flat"
    over = "several"
    least_rate = 0.05

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        layer = scene.layer(wanted.node)
        if not isinstance(layer, Activation) or not layer.flat:
            raise Unwatchable(f"{wanted.node!r} has no flat places")
        curve = layer.curve()
        self.kind = layer.flat
        self.limit = FLAT * max(map(abs, curve.slope)) if curve and self.kind == "saturated" else 0.0
        self.module = scene.compiled.modules[wanted.node]
        (self.value,) = scene.compiled.sources(wanted.node)["x"]
        self.feature = scene.type(self.value).feature
        self.values = (self.value,)
        self.most = wanted.size or MOST

    def slopes(self, x: Tensor) -> Tensor:
        """f′ at every number, from the module itself."""
        with torch.enable_grad():
            given = x.detach().requires_grad_()
            (found,) = torch.autograd.grad(self.module(given).sum(), given)
        return found

    def draw(self, values: Values) -> Drawn:
        x = values[self.value]
        flat = self.slopes(x).abs() <= self.limit
        units = flat.unsqueeze(1) if self.feature is None else flat.movedim(self.feature + 1, 1)
        shares = numbers(units.transpose(0, 1).flatten(1).float().mean(1))
        return Drawn(
            [Picture("flat", scaled(shares[: self.most], 0.0, 1.0), [0.0], [1.0])],
            {
                "kind": self.kind,
                "units": len(shares),
                "all": int((shares == 1).sum()),
                "share": float(shares.mean()),
                "samples": len(x),
            },
        )
