"""What every neuron makes of the plane, and the decision boundary (V-007): for boards that learn from points."""

from __future__ import annotations

import torch

from chalknet.layers.base import Loss
from chalknet.training.compile import Value
from chalknet.training.views.base import (
    Drawn,
    Picture,
    Scene,
    Unwatchable,
    Values,
    View,
    as_bytes,
    numbers,
    output,
    register,
    scaled,
)
from chalknet.wire import Subscription

SIDE = 40
MOST_UNITS = 64
MOST_POINTS = 5000


@register
class Plane(View):
    """On a node that puts out vectors ``units`` uint8 [n,G,G], each unit with a scale of its own; row 0 is the
    largest y.

    On a loss with classes ``probability`` uint8 [K,G,G] from 0 to 1, and ``points`` float32 [N,2], ``labels`` int32
    [N], ``part`` int32 [N] (0 training, 1 validation). ``size``: G, 40 by default; about {extent: [x0, x1, y0, y1],
    classes, shift: [x, y], unit: [x, y]}: a place is shift + unit · (x, y) in the data's own units.
    """

    name = "plane"
    over = "plane"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        self.points, self.extent = scene.plane
        self.which = wanted.size or SIDE
        layer = scene.layer(wanted.node)
        self.module = None
        if isinstance(layer, Loss):
            self._boundary(scene, wanted.node)
        else:
            value = output(scene, wanted)
            if not scene.type(value).is_vector:
                raise Unwatchable(f"{wanted.node!r} puts out {scene.type(value)}, which is no row of units")
            if any(each != self.points for each in scene.upstream(value)):
                raise Unwatchable(f"{wanted.node!r} depends on more than the position in the plane")
            self.values: tuple[Value, ...] = (value,)

    def _boundary(self, scene: Scene, path: str) -> None:
        ports = {port: found[0] for port, found in scene.compiled.sources(path).items()}
        self.module = scene.compiled.modules[path]
        if "logits" not in ports or not hasattr(self.module, "scores"):
            raise Unwatchable(f"{path!r} tells no classes apart")
        if any(each != self.points for each in scene.upstream(ports["logits"])):
            raise Unwatchable(f"{path!r} depends on more than the position in the plane")
        self.values = (ports["logits"],)
        source = self.points[0]
        label = ports["target"][1] if ports["target"][0] == source else None
        points, labels, parts = [], [], []
        for number, part in enumerate((scene.train, scene.validation)):
            samples = part[source].samples
            found = part[source].rows(slice(0, MOST_POINTS))[self.points]
            points.append(found.float())
            labels.append(samples[label][: len(found)] if label else torch.zeros(len(found), device=found.device))
            parts.append(torch.full((len(found),), number, dtype=torch.int32))
        self.drawn = [
            Picture("points", numbers(torch.cat(points))),
            Picture("labels", torch.cat(labels).to(torch.int32).cpu().numpy()),
            Picture("part", torch.cat(parts).numpy()),
        ]
        self.names = scene.samples[source].layer.class_names()
        ends = scene.samples[source].plain(self.points[1], torch.tensor([[0.0, 0.0], [1.0, 1.0]], device=found.device))
        self.units = {"shift": ends[0].tolist(), "unit": (ends[1] - ends[0]).tolist()}

    def draw(self, values: Values) -> Drawn:
        found, side = values[self.values[0]], self.which
        about = {"extent": list(self.extent)}
        if self.module is None:
            units = found[:, :MOST_UNITS].t().reshape(-1, side, side)
            quantised, lo, hi = as_bytes(units, 1)
            return Drawn([Picture("units", quantised, lo, hi)], about)
        shares = self.module.scores(found).t().reshape(-1, side, side)
        probability = Picture("probability", scaled(numbers(shares), 0.0, 1.0), [0.0], [1.0])
        return Drawn([probability, *self.drawn], {**about, **self.units, "classes": self.names})


def grid(extent: tuple[float, float, float, float], side: int, device: torch.device) -> torch.Tensor:
    """Centres of side × side cells, float32 [side·side, 2], row by row from the largest y down."""
    x0, x1, y0, y1 = extent
    across = (torch.arange(side, device=device) + 0.5) / side
    x = x0 + (x1 - x0) * across
    y = y1 - (y1 - y0) * across
    return torch.stack([x.repeat(side), y.repeat_interleave(side)], 1)
