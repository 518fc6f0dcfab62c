"""Which numbers win in the windows of a max pooling: they alone go on, and they alone get a gradient (L-024, L-025)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, as_bytes, register
from chalknet.wire import Subscription

MOST = 16


@register
class Winners(View):
    """``maps`` uint8 [n,C,H,W]: what arrives, each map with a scale of its own. ``won`` uint8 [n,C,H,W]: in how many
    windows a number is the largest; of equal ones the first, as torch takes it.

    ``size``: the most channels, 16 by default; about {channels: total}.
    """

    name = "winners"
    over = "samples"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        scene.layer(wanted.node)
        module = scene.compiled.modules.get(wanted.node)
        if not isinstance(module, nn.MaxPool2d):
            raise Unwatchable(f"{wanted.node!r} has no windows in which one number wins")
        self.module = module
        (self.value,) = scene.compiled.sources(wanted.node)["x"]
        self.values = (self.value,)
        self.samples = scene.chosen(wanted)
        self.channels = scene.type(self.value).sizes[0]
        self.most = wanted.size or MOST

    def draw(self, values: Values) -> Drawn:
        x = values[self.value][:, : self.most]
        pool = self.module
        _, places = F.max_pool2d(
            x, pool.kernel_size, pool.stride, pool.padding, pool.dilation, pool.ceil_mode, return_indices=True
        )
        won = torch.zeros_like(x, dtype=torch.int16).flatten(2)
        places = places.flatten(2)
        won.scatter_add_(2, places, torch.ones_like(places, dtype=torch.int16))
        maps, lo, hi = as_bytes(x, 2)
        counts = won.clamp(max=255).to(torch.uint8).reshape(x.shape).cpu().numpy()
        return Drawn(
            [Picture("maps", maps, lo, hi), Picture("won", counts)],
            {"channels": self.channels},
            list(self.samples),
        )
