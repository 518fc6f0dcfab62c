"""How large gradients, weights and updates are, layer by layer, over the run (V-004): where a gradient fades or
explodes on its way back, and whether updates fit their weights."""

from __future__ import annotations

import numpy
import torch

from chalknet.training.stages import owners
from chalknet.training.views.base import Drawn, Floats, Picture, Scene, Unwatchable, Values, View, register
from chalknet.training.views.history import History
from chalknet.wire import Subscription

MOST_NUMBERS = 9_000
"""Rows times layers that a frame holds …"""
MOST_ROWS = 200
"""… and rows, at most."""


@register
class Norms(View):
    """Of the whole board: ``norms`` float32 [T, layers, 3]: of each layer that learns the size (norm) of its gradient,
    of its weights, and of what an update added over that of the weights; ``steps`` int32 [T]: of which update.

    about {nodes: paths, in the order in which they are computed}. What several phases update is told of the last.
    """

    name = "norms"
    over = "nothing"
    least_rate = 0.2

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        self.scene = scene
        whose = owners(scene.compiled)
        known = {whose[id(each)] for phase in scene.phases for each in phase.parameters}
        self.nodes = [path for path in scene.compiled.modules if path in known]
        if not self.nodes:
            raise Unwatchable("nothing of the board learns")
        most = max(2, min(MOST_ROWS, MOST_NUMBERS // len(self.nodes)))
        self.history: History[Floats] = History.of(scene, self.name, most)
        self.whose = whose
        self._ask()

    def _ask(self) -> None:
        for phase in self.scene.phases:
            phase.record()

    def draw(self, values: Values) -> Drawn:
        found = [phase for phase in self.scene.phases if phase.recorded is not None]
        if found:
            self.history.add(max(phase.recorded.step for phase in found if phase.recorded) + 1, self._row())
        self._ask()
        rows = list(self.history)
        norms = numpy.stack(rows) if rows else numpy.zeros((0, len(self.nodes), 3), numpy.float32)
        return Drawn(
            [Picture("norms", norms), Picture("steps", numpy.array(self.history.steps, numpy.int32))],
            {"nodes": self.nodes},
        )

    def _row(self) -> Floats:
        places = {path: place for place, path in enumerate(self.nodes)}
        squares = numpy.zeros((len(self.nodes), 3))
        for phase in self.scene.phases:
            if phase.recorded is None:
                continue
            sizes = torch.stack([phase.recorded.gradients, phase.recorded.weights, phase.recorded.changes], 1).tolist()
            here = numpy.zeros_like(squares)
            for parameter, row in zip(phase.parameters, sizes, strict=True):
                here[places[self.whose[id(parameter)]]] += numpy.square(row)
            told = here[:, 1] > 0
            squares[told] = here[told]
        sizes = numpy.sqrt(squares)
        sizes[:, 2] = sizes[:, 2] / numpy.maximum(sizes[:, 1], 1e-12)
        return sizes.astype(numpy.float32)
