"""A step part by part (T-058): what flows along every wire and back, and what the update does to the weights."""

from __future__ import annotations

from typing import Any

import numpy

from chalknet.training.compile import Value
from chalknet.training.stages import Moved, Spread, Staged
from chalknet.training.views.base import Drawn, Floats, Picture, Scene, Unwatchable, Values, View, register
from chalknet.wire import Subscription

TERMS = {
    "momentum": "momentum",
    "sum": "sum of squares",
    "square": "mean square",
    "mean": "mean gradient",
    "delta": "mean square of steps",
}
"""What an optimizer keeps for every weight, in words."""


@register
class Stage(View):
    """Of the whole board: ``values`` and ``slopes`` float32 [n, 4]: mean, spread, least and most over the batch of each
    of the ``ports``, NaN where there is none; ``weights`` float32 [p, 4]: the size (norm) before, of the gradient, of
    what the update adds, and after it, of each of the ``parameters``, NaN before they are known.

    about {part: what was done last, empty where no step is looked at; phase: its name where there are several; step:
    counted from 1; ports: [node, port]; parameters: {node, name, numbers, before, after}, the last two the number of a
    parameter that is one}.
    """

    name = "stage"
    over = "parts"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        self.scene = scene

    def draw(self, values: Values) -> Drawn:
        staged = self.scene.staged
        if staged is None:
            return Drawn([], {"part": ""})
        ports = _ports(staged)
        parameters = [
            {"node": each.path, "name": each.name.rpartition(".")[2], "numbers": _count(each), **_single(each)}
            for each in staged.moved
        ]
        weights = [
            [each.norm_before, each.gradient_norm, each.change, each.norm_after]
            if each.before is not None
            else [numpy.nan, each.gradient_norm, numpy.nan, numpy.nan]
            for each in staged.moved
        ]
        return Drawn(
            [
                Picture("values", _table([staged.values.get(value) for _, value in ports])),
                Picture("slopes", _table([staged.slopes.get(value) for _, value in ports])),
                Picture("weights", numpy.array(weights, numpy.float32).reshape(-1, 4)),
            ],
            {**_about(staged), "ports": [list(port) for port, _ in ports], "parameters": parameters},
        )


@register
class Parts(View):
    """Of one node: ``values`` and ``slopes`` float32 [n] of the batch's first sample at its first output, of a dropout
    ``mask`` float32 [n], 1 where a number is let through and 0 where it is switched off in this step, and of each
    of its ``parameters`` number i the first numbers: ``gradient.i``, ``before.i``, ``after.i``, and of the optimizer's
    terms number j ``term.i.j.before``, ``term.i.j.after``. What is not known yet is left out.

    about {part, phase, step, sizes: of the output; parameters: {name, sizes, terms}; dropped: of a dropout how many
    numbers of the whole batch are switched off, and of how many}.
    """

    name = "parts"
    over = "parts"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        layer = scene.layer(wanted.node)
        ports = layer.gives(scene.compiled.flat.inputs(wanted.node))
        if not ports:
            raise Unwatchable(f"{wanted.node!r} gives nothing")
        self.scene = scene
        self.value = (wanted.node, ports[0].name)

    def draw(self, values: Values) -> Drawn:
        staged = self.scene.staged
        if staged is None:
            return Drawn([], {"part": ""})
        pictures = [
            Picture(name, found.first.numpy())
            for name, known in (("values", staged.values), ("slopes", staged.slopes))
            if (found := known.get(self.value)) is not None
        ]
        mask = staged.masks.get(self.value[0])
        if mask is not None:
            pictures.insert(0, Picture("mask", mask.first.float().numpy()))
        parameters = []
        for place, moved in enumerate(each for each in staged.moved if each.path == self.value[0]):
            pictures += _moved(place, moved)
            parameters.append(
                {
                    "name": moved.name.rpartition(".")[2],
                    "sizes": list(moved.shape),
                    "terms": [TERMS.get(term, term) for term in moved.terms],
                }
            )
        sizes = list(self.scene.type(self.value).sizes)
        about: dict[str, Any] = {**_about(staged), "sizes": sizes, "parameters": parameters}
        if mask is not None:
            about["dropped"] = [mask.off, mask.of]
        return Drawn(pictures, about)


def _about(staged: Staged) -> dict[str, Any]:
    several = len(staged.plan.phases) > 1
    return {"part": staged.part, "phase": staged.phase.id if several else "", "step": staged.step + 1}


def _ports(staged: Staged) -> list[tuple[Value, Value]]:
    """Every output that a wire may begin at, those of blocks too, with the value that leaves it."""
    flat = staged.plan.compiled.flat
    found = [(value, value) for value in staged.values]
    for path, instance in flat.instances.items():
        found += [((path, port), (inner, "y")) for port, inner in instance.outputs.items()]
    return [(port, value) for port, value in found if value in staged.values]


def _table(spreads: list[Spread | None]) -> Floats:
    rows = [(each.mean, each.std, each.low, each.high) if each else (numpy.nan,) * 4 for each in spreads]
    return numpy.array(rows, numpy.float32).reshape(-1, 4)


def _count(moved: Moved) -> int:
    return int(numpy.prod(moved.shape))


def _single(moved: Moved) -> dict[str, float]:
    """A parameter that is one number is shown as that."""
    if _count(moved) != 1 or moved.before is None or moved.after is None:
        return {}
    return {"before": float(moved.before), "after": float(moved.after)}


def _moved(place: int, moved: Moved) -> list[Picture]:
    pictures = [Picture(f"gradient.{place}", moved.gradient.first.numpy())]
    if moved.before is not None and moved.after is not None:
        pictures.append(Picture(f"before.{place}", moved.before.numpy()))
        pictures.append(Picture(f"after.{place}", moved.after.numpy()))
    for term, (before, after) in enumerate(moved.terms.values()):
        pictures.append(Picture(f"term.{place}.{term}.before", before.numpy()))
        pictures.append(Picture(f"term.{place}.{term}.after", after.numpy()))
    return pictures
