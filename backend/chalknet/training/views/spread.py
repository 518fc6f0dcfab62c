"""How the numbers of a layer lie, over the run (T-045, V-004): weights, what it puts out, the weights' gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import torch
from torch import Tensor

from chalknet.training.views.base import (
    Bytes,
    Drawn,
    Picture,
    Scene,
    Unwatchable,
    Values,
    View,
    numbers,
    output,
    register,
)
from chalknet.training.views.history import History
from chalknet.wire import Subscription

BINS = 48
MOST_ROWS = 120
MOST = 200_000
"""Numbers that are counted; of more, so many at even distances."""
WHAT = ("weights", "outputs", "gradients")


@dataclass
class Row:
    """Counts of each of ``WHAT`` in equal bins from ``low`` to ``high``, 255 in the fullest."""

    counts: dict[str, Bytes]
    low: dict[str, float]
    high: dict[str, float]


@register
class Spread(View):
    """For each of ``weights``, ``outputs`` and ``gradients`` that there are: uint8 [T, bins], 255 in the fullest, of
    equal bins over ``<name>_range`` float32 [T, 2]; ``steps`` int32 [T]. Outputs are those of several samples, always
    the same; gradients are of the weights, of one batch. about {what: names, samples}.
    """

    name = "spread"
    over = "several"
    least_rate = 0.2

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        value = output(scene, wanted)
        self.scene = scene
        module = scene.compiled.modules.get(wanted.node)
        self.parameters = list(module.parameters()) if module is not None else []
        # A loss is one number, whatever the samples.
        shown = scene.type(value).element == "float" and bool(scene.type(value).axes)
        self.values = (value,) if shown else ()
        if not self.values and not self.parameters:
            raise Unwatchable(f"{wanted.node!r} has no numbers whose spread says something")
        self.history: History[Row] = History.of(scene, f"{self.name}|{wanted.node}", MOST_ROWS)
        self._ask()

    def _ask(self) -> None:
        mine = {id(each) for each in self.parameters}
        self.phases = [phase for phase in self.scene.phases if any(id(each) in mine for each in phase.parameters)]
        for phase in self.phases:
            phase.record()

    def _slopes(self) -> list[Tensor]:
        """This layer's gradients in the step that was recorded last."""
        mine = {id(each) for each in self.parameters}
        for phase in reversed(self.phases):
            if phase.recorded is not None:
                pairs = zip(phase.parameters, phase.recorded.slopes, strict=True)
                return [slope for each, slope in pairs if id(each) in mine]
        return []

    def draw(self, values: Values) -> Drawn:
        slopes = self._slopes()
        found = {"weights": [each.detach() for each in self.parameters], "gradients": slopes}
        samples = 0
        if self.values:
            found["outputs"] = [values[self.values[0]]]
            samples = len(values[self.values[0]])
        told = {name: counted(tensors) for name, tensors in found.items() if tensors}
        self.history.add(
            self.scene.step,
            Row(
                {name: counts for name, (counts, _, _) in told.items()},
                {name: low for name, (_, low, _) in told.items()},
                {name: high for name, (_, _, high) in told.items()},
            ),
        )
        self._ask()
        pictures = [Picture("steps", numpy.array(self.history.steps, numpy.int32))]
        shown = [name for name in WHAT if any(name in row.counts for row in self.history)]
        empty = numpy.zeros(BINS, numpy.uint8)
        for name in shown:
            counts = numpy.stack([row.counts.get(name, empty) for row in self.history])
            ends = [(row.low.get(name, 0.0), row.high.get(name, 0.0)) for row in self.history]
            pictures += [Picture(name, counts), Picture(f"{name}_range", numpy.array(ends, numpy.float32))]
        return Drawn(pictures, {"what": shown, "samples": samples})


def counted(tensors: list[Tensor]) -> tuple[Bytes, float, float]:
    """Counts of all numbers in equal bins between the least and the most, 255 in the fullest."""
    flat = torch.cat([each.detach().flatten().float() for each in tensors])
    if len(flat) > MOST:
        flat = flat[:: -(-len(flat) // MOST)]
    found = numbers(flat)
    low, high = float(found.min()), float(found.max())
    counts, _ = numpy.histogram(found, BINS, (low, high if high > low else low + 1e-6))
    return (counts * (255 / max(1, counts.max()))).round().astype(numpy.uint8), low, high
