"""Which class wins: of shares, of a decision, of a class written as a row of zeros and a 1 (L-009, L-044, L-078)."""

from __future__ import annotations

import torch
from torch import Tensor

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
    scaled,
)
from chalknet.wire import Subscription

MOST = 256


@register
class Choice(View):
    """``winner`` int32 [n], [n,T] for a sequence or [n,H,W] for an image: the class with the largest number, of equal
    ones the first.

    Of a vector or a sequence of numbers also ``shares`` uint8 [n,K] or [n,T,K] from ``lo`` to ``hi``, of a decision
    without numbers the winner's alone. ``size``: the most classes that are drawn, 256 by default; about {layout:
    vector | sequence | image, classes: names, total: how many there are}.
    """

    name = "choice"
    over = "samples"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        value = output(scene, wanted)
        type = scene.type(value)
        if "choice" not in scene.layer(wanted.node).views:
            raise Unwatchable(f"{wanted.node!r} chooses between no classes")
        self.feature = type.feature if type.element == "float" else None
        places = [axis.name for at, axis in enumerate(type.axes) if at != self.feature]
        layouts = {(): "vector", ("T",): "sequence", ("H", "W"): "image"}
        layout = layouts.get(tuple(places))
        if layout is None:
            raise Unwatchable(f"{wanted.node!r} puts out {type}, which is no choice between classes")
        self.layout = layout
        self.total = (type.classes or 0) if self.feature is None else type.sizes[self.feature]
        self.most = wanted.size or MOST
        self.names = named(scene, self.total)[: self.most]
        self.values = (value,)
        self.samples = scene.chosen(wanted)

    def draw(self, values: Values) -> Drawn:
        found = values[self.values[0]]
        winner = found if self.feature is None else found.argmax(self.feature + 1)
        pictures = [Picture("winner", winner.to(torch.int32).cpu().numpy())]
        if self.layout != "image":
            pictures.append(self._shares(found, winner))
        about = {"layout": self.layout, "classes": self.names, "total": self.total}
        return Drawn(pictures, about, list(self.samples))

    def _shares(self, found: Tensor, winner: Tensor) -> Picture:
        if self.feature is None:
            found = (winner.unsqueeze(-1) == torch.arange(self.total, device=winner.device)).float()
        shares = numbers(found[..., : self.most])
        # From 0 to 1 wherever they are shares; scores may be anything.
        low, high = min(0.0, float(shares.min())), max(1.0, float(shares.max()))
        return Picture("shares", scaled(shares, low, high), [low], [high])


def named(scene: Scene, count: int) -> list[str]:
    """What ``count`` classes are called: as a data node of the board names as many classes or tokens, else by
    number."""
    for source in scene.samples.values():
        for names in (source.layer.class_names(), source.layer.token_names()):
            if len(names) == count:
                return list(names)
    return [str(number) for number in range(count)]
