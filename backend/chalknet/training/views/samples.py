"""The run's fixed samples themselves: pictures, tokens or points, with their classes."""

from __future__ import annotations

import torch

from chalknet.datasets.base import DataSource
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, as_bytes, numbers, register
from chalknet.wire import Subscription

MOST = 64


@register
class Samples(View):
    """``images`` uint8 [n,C,H,W], ``tokens`` int32 [n,T] or ``points`` float32 [n,2]: the first 64 of them, with
    ``labels`` int32 [n] where each has a class. Sent once."""

    name = "samples"
    over = "nothing"
    once = True

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        layer = scene.layer(wanted.node)
        if not isinstance(layer, DataSource):
            raise Unwatchable(f"{wanted.node!r} holds no data")
        self.layer = layer
        source = scene.samples[wanted.node]
        if source.count == 0:
            raise Unwatchable(f"{wanted.node!r} has no samples to look at")
        self.types = layer.schema()
        self.samples = range(min(MOST, source.count))
        self.rows = source.rows(slice(0, MOST))
        self.path = wanted.node

    def draw(self, values: Values) -> Drawn:
        pictures = []
        for port, type in self.types.items():
            rows = self.rows[self.path, port]
            if self.layer.sample == "image" and type.is_image:
                images, lo, hi = as_bytes(rows, 1)
                pictures.append(Picture("images", images, lo, hi))
            elif self.layer.sample == "points" and type.is_vector:
                pictures.append(Picture("points", numbers(rows)))
            elif self.layer.sample == "tokens" and type.element == "index" and type.axes and not pictures:
                pictures.append(Picture("tokens", rows.to(torch.int32).cpu().numpy()))
            elif type.element == "index" and not type.axes:
                pictures.append(Picture("labels", rows.to(torch.int32).cpu().numpy()))
        about = {
            "sample": self.layer.sample,
            "classes": self.layer.class_names(),
            "tokens": self.layer.token_names(),
        }
        return Drawn(pictures, about, list(self.samples))
