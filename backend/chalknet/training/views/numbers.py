"""What a node computes of one sample, written out, and the slope of the losses there: forward and backward (V-005)."""

from __future__ import annotations

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
    slope,
)
from chalknet.wire import Subscription

MOST = 64
"""Numbers that a view writes out."""


@register
class Numbers(View):
    """``values`` float32 [n] of the first sample that is asked for, row by row, and ``gradients`` float32 [n]: of the
    sum of all losses; left out where none comes back. about {sizes}.
    """

    name = "numbers"
    over = "one"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        value = output(scene, wanted)
        type = scene.type(value)
        if type.element != "float" or type.numel > MOST or any(axis.varies for axis in type.axes):
            raise Unwatchable(f"{wanted.node!r} puts out {type}, which is not written out")
        if scene.count == 0:
            raise Unwatchable("there is no sample to look at")
        self.values = (value,)
        self.sizes = list(type.sizes)
        self.which = wanted.samples[0] % scene.count if wanted.samples else 0

    def draw(self, values: Values) -> Drawn:
        value = self.values[0]
        found = {"values": values[value], "gradients": values.get(slope(value))}
        # A loss is one number, whatever the batch.
        pictures = [
            Picture(name, numbers(each if each.dim() == 0 else each[0]).reshape(-1))
            for name, each in found.items()
            if each is not None
        ]
        return Drawn(pictures, {"sizes": self.sizes}, [self.which])
