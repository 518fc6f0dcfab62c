"""What a node puts out for chosen samples: a map or a line a channel, a row of numbers, or a row of vectors (V-010)."""

from __future__ import annotations

from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, as_bytes, output, register
from chalknet.wire import Subscription

MOST = 64


@register
class Maps(View):
    """``maps`` uint8 [n,C,H,W]; signals [n,C,1,L]; vectors [n,1,1,D]; sequences [n,1,T,D]; each map with a scale of its
    own.

    ``size``: the most channels, 64 by default; about {layout, channels: total}.
    """

    name = "maps"
    over = "samples"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        value = output(scene, wanted)
        type = scene.type(value)
        if type.element != "float" or not (type.is_image or type.is_signal or type.is_vector or type.is_sequence):
            raise Unwatchable(f"{wanted.node!r} puts out {type}, which has no maps")
        self.values = (value,)
        self.samples = scene.chosen(wanted)
        kinds = {"vector": type.is_vector, "sequence": type.is_sequence, "signal": type.is_signal}
        self.layout = next((name for name, fits in kinds.items() if fits), "image")
        self.channels = type.sizes[0] if self.layout in ("image", "signal") else 1
        self.most = wanted.size or MOST

    def draw(self, values: Values) -> Drawn:
        found = values[self.values[0]]
        if self.layout == "image":
            maps = found[:, : self.most]
        elif self.layout == "signal":
            maps = found[:, : self.most].unsqueeze(2)
        else:
            maps = found.reshape(len(found), 1, -1, found.shape[-1])
        quantised, lo, hi = as_bytes(maps, 2)
        return Drawn(
            [Picture("maps", quantised, lo, hi)],
            {"layout": self.layout, "channels": self.channels},
            list(self.samples),
        )
