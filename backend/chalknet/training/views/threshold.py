"""A question of yes or no, at any threshold (A-004, C-055): which samples are found, and which are found wrongly."""

from __future__ import annotations

import numpy

from chalknet.training.metrics import classes
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, numbers, register
from chalknet.training.views.matrix import ports_of
from chalknet.wire import Subscription

MOST = 20_000
"""Answers that are sent; of more, evenly chosen ones."""


@register
class Threshold(View):
    """On a loss that tells two classes apart, over the validation part: ``shares`` float32 [N], what the network gives
    yes (the second class), in falling order, and ``truth`` int32 [N] beside it, 1 for yes. about {classes}.
    """

    name = "threshold"
    over = "validation"
    least_rate = 0.25

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        self.module = scene.compiled.modules[wanted.node]
        self.ports = ports_of(scene, wanted.node)
        target = scene.type(self.ports["target"]) if "target" in self.ports else None
        if target is None or target.classes != 2 or not hasattr(self.module, "scores"):
            raise Unwatchable(f"{wanted.node!r} asks no question of yes or no")
        self.values = tuple(dict.fromkeys(self.ports.values()))
        self.names = scene.class_names(self.ports["target"], 2)

    def draw(self, values: Values) -> Drawn:
        given = {port: values[value] for port, value in self.ports.items()}
        truth, shares = classes(given["target"]), self.module.scores(given["logits"])[:, 1]
        if "mask" in given:
            truth, shares = truth[given["mask"]], shares[given["mask"]]
        told, right = numbers(shares.flatten()), truth.flatten().cpu().numpy().astype(numpy.int32)
        order = numpy.argsort(-told, kind="stable")
        if len(order) > MOST:
            order = order[numpy.linspace(0, len(order) - 1, MOST).astype(int)]
        return Drawn([Picture("shares", told[order]), Picture("truth", right[order])], {"classes": self.names})
