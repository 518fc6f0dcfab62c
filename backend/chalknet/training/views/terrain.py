"""The loss as a function of one or two weights, all others as they are, and the way that the run takes there (R-014,
R-015, V-035)."""

from __future__ import annotations

import math
from typing import Any

import numpy
import torch
from torch import nn
from torch.func import functional_call

from chalknet.layers.base import Loss
from chalknet.training.evaluate import rows
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, numbers, register
from chalknet.wire import Subscription

SIDE, LEAST_SIDE, LINE = 25, 9, 81
"""Places along each of two weights, the fewest in a large network, and along one weight."""
SAMPLES, LEAST_SAMPLES = 256, 32
GOOD_MACS, MOST_MACS = 1_000_000_000, 10_000_000_000
"""Multiply-adds of one picture: as many as this while there is a choice, and never more than that."""
OVERHEAD = 20_000
"""Multiply-adds that calling the network once for a sample takes at least as long as."""
MOST_PATH = 2_000
MOST_CHOICES = 200


@register
class Terrain(View):
    """On a loss: ``loss`` float32 [S, S] over two weights, row 0 the largest of the second, or [S] over one; ``path``
    float32 [N, 1 or 2]: where the weights were before each update since one looks, the newest last, and where they
    are.

    ``port``: numbers of the one or two weights among all that learn, ``17`` or ``3,17``; the first two where it is
    empty. about {axes: [{name, number, low, high}], choices: [{name, first, count}], samples}: the first samples
    that the run trains on, in evaluation mode.
    """

    name = "terrain"
    over = "nothing"
    least_rate = 0.2
    which = 1
    """Drawn apart from views that cost next to nothing, so that those need not wait for it."""

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        layer = scene.layer(wanted.node)
        if not isinstance(layer, Loss):
            raise Unwatchable(f"{wanted.node!r} is no loss")
        compiled = scene.compiled
        self.scene = scene
        self.learned = list(compiled.parameters().values())
        owners = {id(each): (path, name) for path, module in compiled.modules.items()
                  for name, each in module.named_parameters()}  # fmt: skip
        self.names = [owners[id(each)] for each in self.learned]
        self.firsts = [0, *numpy.cumsum([each.numel() for each in self.learned]).tolist()]
        chosen = _read(wanted.port, self.firsts[-1])
        self.chosen = [self._place(number) for number in chosen]
        self.graph = compiled.select([(wanted.node, layer.outputs[0].name)])
        self.within = {id(each): name for name, each in self.graph.named_parameters()}
        self.samples, self.side = self._affordable(wanted.size)
        self.path: list[tuple[float, ...]] = []
        self.every = 1
        self.seen = 0
        module = compiled.modules[self.names[self.chosen[0][0]][0]]
        self.hook = module.register_forward_pre_hook(self._keep)

    def _place(self, number: int) -> tuple[int, int]:
        """Which of the learned tensors a number lies in, and where in it."""
        at = next(at for at, end in enumerate(self.firsts[1:]) if number < end)
        return at, number - self.firsts[at]

    def _affordable(self, size: int) -> tuple[int, int]:
        macs = max(OVERHEAD, self.scene.compiled.facts.macs)
        there = max((source.count for source in self.scene.train.values()), default=0)
        if there == 0:
            raise Unwatchable("there is no sample to train on")
        two = len(self.chosen) == 2
        fewest, usual = (LEAST_SIDE**2, size or SIDE) if two else (LEAST_SIDE, size or LINE)
        samples = min(there, max(LEAST_SAMPLES, min(SAMPLES, GOOD_MACS // (macs * fewest))))
        if samples * fewest * macs > MOST_MACS:
            raise Unwatchable(f"the network is too large to be computed at {fewest} places at a time")
        places = max(fewest, min(usual**2 if two else usual, GOOD_MACS // (macs * samples)))
        return samples, math.isqrt(places) if two else places

    def _here(self) -> tuple[float, ...]:
        return tuple(float(self.learned[at].detach().reshape(-1)[place]) for at, place in self.chosen)

    def _keep(self, module: nn.Module, given: tuple[Any, ...]) -> None:
        """Once a step, where the weights are: the module is called before they change."""
        if not module.training:
            return
        self.seen += 1
        if self.seen % self.every:
            return
        self.path.append(self._here())
        if len(self.path) >= MOST_PATH:
            self.path = self.path[::2]
            self.every *= 2

    def close(self) -> None:
        self.hook.remove()

    def draw(self, values: Values) -> Drawn:
        here = self._here()
        path = numpy.array([*self.path, here], numpy.float32)
        spans = [span(path[:, axis]) for axis in range(len(here))]
        batch = rows(self.scene.train, 0, self.samples)
        given = [batch.get(value) for value in self.scene.compiled.inputs]
        across = [torch.linspace(low, high, self.side).tolist() for low, high in spans]
        if len(here) == 1:
            found = [self._loss(given, (x,)) for x in across[0]]
        else:
            found = [self._loss(given, (x, y)) for y in reversed(across[1]) for x in across[0]]
        loss = numbers(torch.stack(found)).reshape([self.side] * len(here))
        axes = [
            {"name": self._title(at, place), "number": self.firsts[at] + place, "low": low, "high": high}
            for (at, place), (low, high) in zip(self.chosen, spans, strict=True)
        ]
        choices = [
            {"name": self._name(at), "first": self.firsts[at], "count": self.learned[at].numel()}
            for at in range(min(MOST_CHOICES, len(self.learned)))
        ]
        about = {"axes": axes, "choices": choices, "samples": self.samples}
        return Drawn([Picture("loss", loss), Picture("path", numpy.nan_to_num(path))], about)

    def _loss(self, given: list[Any], at: tuple[float, ...]) -> torch.Tensor:
        """With other numbers in the chosen places; nothing of the network itself is changed."""
        changed: dict[str, torch.Tensor] = {}
        for (tensor, place), value in zip(self.chosen, at, strict=True):
            parameter = self.learned[tensor]
            name = self.within.get(id(parameter))
            if name is not None:
                other = changed.get(name)
                other = changed[name] = parameter.detach().clone() if other is None else other
                other.view(-1)[place] = value
        (loss,) = functional_call(self.graph, changed, tuple(given))
        return loss.reshape(()).float()

    def _name(self, at: int) -> str:
        """``hidden weight``; of a learned number, which has no other, that of its node."""
        node, name = self.names[at]
        label = self.scene.compiled.flat.nodes[node].label
        return label if name == "value" else f"{label} {name}"

    def _title(self, at: int, place: int) -> str:
        """``hidden weight [3, 1]``, places counted from 1; ``x`` where there is only one."""
        shape = self.learned[at].shape
        if self.learned[at].numel() == 1:
            return self._name(at)
        index = ", ".join(str(int(each) + 1) for each in numpy.unravel_index(place, shape))
        return f"{self._name(at)} [{index}]"


def _read(port: str, count: int) -> list[int]:
    """The numbers that are asked for. Raises Unwatchable."""
    if count == 0:
        raise Unwatchable("nothing of the board learns")
    if not port:
        return list(range(min(2, count)))
    try:
        found = [int(each) for each in port.split(",")]
    except ValueError:
        raise Unwatchable(f"{port!r} are no numbers of weights") from None
    if len(set(found)) != len(found) or not 1 <= len(found) <= 2 or not all(0 <= each < count for each in found):
        raise Unwatchable(f"{port!r} are not one or two different weights of {count}")
    return found


def span(values: numpy.ndarray[Any, Any]) -> tuple[float, float]:
    """From where to where to look: all places where a weight was, with as much again on both sides, at least 1 to each;
    in round steps, so that the picture does not move with every update."""
    known = values[numpy.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    low, high = max(low, -1e6), min(high, 1e6)
    wide = max(1.0, high - low)
    step = 2.0 ** math.ceil(math.log2(wide)) / 2
    return math.floor((low - wide) / step) * step, math.ceil((high + wide) / step) * step
