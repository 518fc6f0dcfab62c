"""The kernels that a convolution has learned (V-009)."""

from __future__ import annotations

from torch import Tensor, nn

from chalknet.training.compile import Compiled
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, numbers, register, scaled
from chalknet.wire import Subscription

MOST = 64


@register
class Filters(View):
    """``filters`` uint8 [out, in, height, width], one scale for all, symmetrical, so that the middle grey is 0.

    ``size``: the most of each, 64 by default; about {out, in: totals}. A convolution along a line has height 1.
    """

    name = "filters"
    over = "nothing"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        scene.layer(wanted.node)
        self.compiled: Compiled = scene.compiled
        module = self.compiled.modules.get(wanted.node)
        weight = getattr(module, "weight", None)
        if not isinstance(module, nn.Conv1d | nn.Conv2d) or not isinstance(weight, Tensor):
            raise Unwatchable(f"{wanted.node!r} has no filters")
        self.weight = weight
        self.most = wanted.size or MOST

    def draw(self, values: Values) -> Drawn:
        weight = numbers(self.weight)
        if weight.ndim == 3:
            weight = weight[:, :, None]
        shown = weight[: self.most, : self.most]
        reach = float(abs(shown).max())
        return Drawn(
            [Picture("filters", scaled(shown, -reach, reach), [-reach], [reach])],
            {"out": weight.shape[0], "in": weight.shape[1]},
        )
