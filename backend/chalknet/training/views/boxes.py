"""Boxes that a detector sees, beside the true ones (V-012)."""

from __future__ import annotations

import torch
from torch import Tensor

from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, as_bytes, numbers, register
from chalknet.wire import Subscription


def corners(rows: Tensor) -> Tensor:
    """Rows (class, cx, cy, w, h) as (x0, y0, x1, y1, class), float32."""
    half = rows[..., 3:5] / 2
    return torch.cat([rows[..., 1:3] - half, rows[..., 1:3] + half, rows[..., :1]], -1).float()


@register
class Boxes(View):
    """``images`` uint8 [n,3,H,W], ``predicted`` float32 [n,M,6] (x0, y0, x1, y1 from 0 to 1, score, class), best
    first and before any is suppressed, ``truth`` float32 [n,K,5] (x0, y0, x1, y1, class, −1 where there is none);
    about {classes}."""

    name = "boxes"
    over = "samples"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        scene.layer(wanted.node)
        module = scene.compiled.modules.get(wanted.node)
        ports = {port: found[0] for port, found in scene.compiled.sources(wanted.node).items()}
        if module is None or not hasattr(module, "decode") or not {"grid", "target"} <= set(ports):
            raise Unwatchable(f"{wanted.node!r} finds no boxes")
        self.module = module
        self.grid_value, self.target = ports["grid"], ports["target"]
        # Boxes are relative to the picture that they leave a node with: cropped boxes to the cropped picture.
        beside = [(self.target[0], port) for port in scene.compiled.flat.types[self.target[0]]]
        images = [value for value in (*beside, *scene.upstream(self.grid_value)) if scene.type(value).is_image]
        if not images:
            raise Unwatchable(f"{wanted.node!r} sees no pictures")
        self.image = images[0]
        self.values = (self.image, self.grid_value, self.target)
        self.samples = scene.chosen(wanted)
        labels = next(
            (value for value in scene.upstream(self.target) if scene.type(value).element == "boxes"), self.target
        )
        self.classes = scene.class_names(labels, scene.type(self.target).classes or 0)

    def draw(self, values: Values) -> Drawn:
        # One scale for all pictures: their own brightness is what was fed to the network.
        images, lo, hi = as_bytes(values[self.image], 0)
        return Drawn(
            [
                Picture("images", images, lo, hi),
                Picture("predicted", numbers(self.module.decode(values[self.grid_value]))),
                Picture("truth", numbers(corners(values[self.target]))),
            ],
            {"classes": self.classes},
            list(self.samples),
        )
