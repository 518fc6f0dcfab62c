"""Who looks at whom in an attention layer (V-011); which gates are open; which class is taken for which (V-016)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from chalknet.layers.base import Loss
from chalknet.training.compile import Value
from chalknet.training.metrics import classes
from chalknet.training.views.base import Drawn, Picture, Scene, Unwatchable, Values, View, numbers, register, scaled
from chalknet.wire import Subscription


def ports_of(scene: Scene, path: str) -> dict[str, Value]:
    return {port: found[0] for port, found in scene.compiled.sources(path).items()}


class Asked:
    """A module that can be asked about what arrives at its ports."""

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        self.module = scene.compiled.modules[wanted.node]
        self.ports = ports_of(scene, wanted.node)
        self.order = [port.name for port in scene.layer(wanted.node).inputs]
        self.values = tuple(dict.fromkeys(self.ports.values()))
        self.samples = scene.chosen(wanted)

    def arguments(self, values: Values) -> list[Tensor | None]:
        """What the module is called with: None for an empty port."""
        return [values[self.ports[port]] if port in self.ports else None for port in self.order]

    def tokens(self, scene: Scene, value: Value) -> list[list[str]]:
        return self.named(scene, value, self.samples)

    @staticmethod
    def named(scene: Scene, value: Value, samples: Sequence[int]) -> list[list[str]]:
        """For every chosen sample, what the places of a sequence are called: by the nearest data of that length."""
        type = scene.type(value)
        length = type.sizes[0] if type.names[:1] == ("T",) else 1
        for origin in scene.upstream(value):
            known, source = scene.type(origin), scene.source(origin)
            if source is not None and known.element == "index" and known.sizes == (length,):
                names = source.layer.token_names()
                chosen = [each % source.count for each in samples]
                tokens = source.samples[origin[1]][chosen].tolist()
                return [[names[token] if token < len(names) else str(token) for token in row] for row in tokens]
        return [[str(place + 1) for place in range(length)]] * len(samples)


class _Attention(Asked):
    """``weights`` uint8 [n, heads, Tq, Tk] from 0 to 1; about {kind, rows, columns}: the tokens of queries and
    memory. The first port of the layer asks, the second is looked at; empty, the first is."""

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        super().__init__(scene, wanted)
        first, second, *_ = self.order
        self.rows = self.tokens(scene, self.ports[first])
        self.columns = self.tokens(scene, self.ports.get(second, self.ports[first]))

    def draw(self, values: Values) -> Drawn:
        weights = self.module.weights(*self.arguments(values))
        return Drawn(
            [Picture("weights", scaled(numbers(weights), 0.0, 1.0), [0.0], [1.0])],
            {"kind": "attention", "rows": self.rows, "columns": self.columns},
            list(self.samples),
        )


class _Gates(Asked):
    """``weights`` uint8 [n, gates, T, units] from 0, shut, to 1, open; about {kind, heads, rows, columns}: names of the
    gates, the tokens, numbers of the units."""

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        super().__init__(scene, wanted)
        self.rows = self.tokens(scene, self.ports[self.order[0]])

    def draw(self, values: Values) -> Drawn:
        gates = self.module.gates(*self.arguments(values))
        opened = torch.stack(list(gates.values()), 1)  # (n, gates, T, units)
        units = [str(number + 1) for number in range(opened.shape[3])]
        return Drawn(
            [Picture("weights", scaled(numbers(opened), 0.0, 1.0), [0.0], [1.0])],
            {"kind": "gates", "heads": list(gates), "rows": self.rows, "columns": [units] * len(self.samples)},
            list(self.samples),
        )


class _Confusion:
    """``counts`` int32 [K, K], rows the truth, columns the prediction, over the validation part."""

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        self.module = scene.compiled.modules[wanted.node]
        self.ports = ports_of(scene, wanted.node)
        target = scene.type(self.ports["target"]) if "target" in self.ports else None
        if target is None or target.element != "index" or not hasattr(self.module, "scores"):
            raise Unwatchable(f"{wanted.node!r} tells no classes apart")
        self.values = tuple(dict.fromkeys(self.ports.values()))
        self.count = target.classes or 0
        self.names = scene.class_names(self.ports["target"], self.count)

    def draw(self, values: Values) -> Drawn:
        given = {port: values[value] for port, value in self.ports.items()}
        truth = classes(given["target"])
        predicted = self.module.scores(given["logits"]).argmax(1)
        if "mask" in given:
            truth, predicted = truth[given["mask"]], predicted[given["mask"]]
        pairs = torch.bincount((truth * self.count + predicted).flatten(), minlength=self.count**2)
        counts = pairs.reshape(self.count, self.count).to(torch.int32).cpu().numpy()
        return Drawn([Picture("counts", counts)], {"kind": "confusion", "classes": self.names, "part": "validation"})


@register
class Matrix(View):
    """Of an attention node its weights, of a gated one its gates, of a loss with classes its confusion matrix."""

    name = "matrix"

    def __init__(self, scene: Scene, wanted: Subscription) -> None:
        layer = scene.layer(wanted.node)
        if isinstance(layer, Loss):
            self.of: _Attention | _Gates | _Confusion = _Confusion(scene, wanted)
            self.over = "validation"
            self.least_rate = 0.25  # of all samples, it moves slowly
        elif "matrix" in layer.views:
            module = scene.compiled.modules[wanted.node]
            self.of = (_Gates if hasattr(module, "gates") else _Attention)(scene, wanted)
            self.over = "samples"
            self.samples = self.of.samples
        else:
            raise Unwatchable(f"{wanted.node!r} has no matrix")
        self.values = self.of.values

    def draw(self, values: Values) -> Drawn:
        return self.of.draw(values)
