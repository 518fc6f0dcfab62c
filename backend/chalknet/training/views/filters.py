"""The kernels that a convolution has learned (V-009), the templates of a layer that reads a whole image (A-005)."""

from __future__ import annotations

from torch import Tensor, nn

from chalknet.graph.views import flattened
from chalknet.training.compile import Compiled
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, numbers, register, scaled
from chalknet.wire import Subscription

MOST = 64


@register
class Filters(View):
    """``filters`` uint8 [out, in, height, width], one scale for all, symmetrical, so that the middle grey is 0.

    ``size``: the most of each, 64 by default; about {out, in: totals}. A convolution along a line has height 1. Of a
    fully connected layer right behind a Flatten a filter is what one unit weighs the image with, laid out as that is.
    """

    name = "filters"
    over = "nothing"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        scene.layer(wanted.node)
        self.compiled: Compiled = scene.compiled
        module = self.compiled.modules.get(wanted.node)
        weight = getattr(module, "weight", None)
        self.sizes: tuple[int, ...] = ()
        if isinstance(module, nn.Linear):
            image = flattened(scene.compiled.flat, scene.compiled.sources(wanted.node)["x"][0])
            if image is None:
                raise Unwatchable(f"{wanted.node!r} reads no image")
            self.sizes = image.shape
        elif not isinstance(module, nn.Conv1d | nn.Conv2d):
            raise Unwatchable(f"{wanted.node!r} has no filters")
        assert isinstance(weight, Tensor)
        self.weight = weight
        self.most = wanted.size or MOST

    def draw(self, values: Values) -> Drawn:
        weight = numbers(self.weight)
        if self.sizes:
            weight = weight.reshape(-1, *self.sizes)
        elif weight.ndim == 3:
            weight = weight[:, :, None]
        shown = weight[: self.most, : self.most]
        reach = float(abs(shown).max())
        return Drawn(
            [Picture("filters", scaled(shown, -reach, reach), [-reach], [reach])],
            {"out": weight.shape[0], "in": weight.shape[1]},
        )
