"""What a network says of one sample, one's own or a fixed one, why, and all that happens on the way."""

from __future__ import annotations

import base64
import math
from dataclasses import replace
from typing import Any

import numpy
import torch
from torch import Tensor

from chalknet import wire
from chalknet.datasets.readied import Readied
from chalknet.layers.base import Loss, TensorType
from chalknet.training import chance, explained
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.batches import Source
from chalknet.training.compile import Compiled, Value
from chalknet.training.probe import Probe
from chalknet.training.relevance import NoRule, relevance
from chalknet.training.views.base import Drawn, Picture, Scene, as_bytes, numbers
from chalknet.training.views.choice import named

LOOKED = 256
"""Samples whose least and largest number say what black and white are."""
MOST_DRAWN = 12
"""Classes, or numbers, of which every single pass is told."""


class Own(Source):
    """One's own sample: its tensors are as ``prepare`` gives them."""

    def ready(self, batch: Any, seed: int | None = None) -> dict[str, Tensor]:
        return self.layer.scaled(batch, self.measured) if isinstance(self.layer, Readied) else dict(batch)


@answers(wire.Predict)
def predict(desk: Desk, question: wire.Predict) -> Drawn:
    plan = desk.plan
    compiled = plan.compiled
    probe = Probe(plan)
    scene = probe.scene
    source = scene.samples.get(question.node)
    if source is None:
        raise Unanswerable(f"{question.node!r} holds no data.")
    if scene.count == 0:
        raise Unanswerable("There is no sample to look at.")
    loss, score = _score(compiled)
    data = _leading(scene, question.node, score)
    own = bool(question.picture or question.numbers)
    scene.samples = {
        path: _one(each, question.sample, data[1] if path == question.node else "", question)
        for path, each in scene.samples.items()
    }
    batch = {value: each for one in scene.samples.values() for value, each in one.rows(slice(0, 1)).items()}
    (scores,) = explained.forward(compiled, batch, score)
    about: dict[str, Any] = {"kind": "numbers", "target": None}
    module = compiled.modules[loss]
    count = scores.numel()
    classes = hasattr(module, "scores")

    def told(scores: Tensor) -> Tensor:
        """[n, K]: shares of classes, or the numbers themselves."""
        values = module.scores(scores) if classes else scores
        return values.flatten(1) if values.dim() > 1 else values[:, None]

    said = told(scores)
    alone: list[Tensor] = []
    if question.mirror:
        alone = [said, told(explained.forward(compiled, _turned(batch, data, compiled), score)[0])]
        said = torch.stack(alone).mean(0)
    pictures = [Picture("scores", numbers(scores if classes else said).reshape(-1))]
    if classes:
        pictures.append(Picture("shares", numbers(said[0])))
        about |= {"kind": "classes", "names": named(scene, said.shape[1]), "winner": int(said[0].argmax())}
    if alone:
        pictures.append(Picture("alone", numbers(torch.cat(alone))))
    about["drops"] = chance.dropping(compiled, score[0])
    if question.passes:
        pictures += _passes(told(_many(compiled, batch, score, question)), classes, about)
    if not own:
        about["target"] = _target(compiled, loss, batch)
    # Of a yes or no there is one score, and it speaks for yes.
    of = question.of if question.of >= 0 else about.get("winner", 0)
    of = min(of, count - 1)
    about |= {"of": of, "why": question.why}
    pictures += _sample(scene, data, about)
    if question.why:
        pictures.append(Picture("map", _why(compiled, batch, score, of, data, question, about)))
    if question.views:
        probe.watch([each.model_copy(update={"samples": [0]}) for each in question.views])
        pictures += [
            Picture(each.key, numpy.frombuffer(each, numpy.uint8)) for each in probe.frames(desk.step, 0, force=True)
        ]
        probe.watch([])
    return Drawn(pictures, about)


def _score(compiled: Compiled) -> tuple[str, Value]:
    """The first loss, and what it judges: a row of numbers a sample. Raises Unanswerable."""
    for path in compiled.losses:
        layer = compiled.layer(path)
        assert isinstance(layer, Loss)
        wires = compiled.sources(path).get(layer.inputs[0].name, [])
        if wires:
            type = compiled.flat.types[wires[0][0]][wires[0][1]]
            if type.is_vector or (type.element == "float" and not type.axes):
                return path, wires[0]
    raise Unanswerable("This board's answer is no row of numbers: look at it among the predictions, sample by sample.")


def _leading(scene: Scene, node: str, score: Value) -> Value:
    """The data node's output that the answer depends on. Raises Unanswerable."""
    for value in scene.upstream(score):
        if value[0] == node:
            type = scene.type(value)
            if type.is_image or type.is_vector or (type.element == "index" and len(type.axes) == 1):
                return value
    raise Unanswerable(f"The answer does not depend on {node!r}.")


def _one(source: Source, number: int, port: str, question: wire.Predict) -> Source:
    """A data node with one sample: a fixed one, in which the ``port`` is one's own where there is such a one."""
    row = {name: values[number % source.count :][:1] for name, values in source.samples.items()}
    if not port or not (question.picture or question.numbers):
        return replace(source, samples=row)
    ready = source.layer.prepare(row)
    type = source.layer.schema()[port]
    ready[port] = _own(source, port, type, question).to(ready[port])
    return Own(source.path, source.layer, ready, source.measured, source.strength)


def _own(source: Source, port: str, type: TensorType, question: wire.Predict) -> Tensor:
    """[1, …] as ``prepare`` would give it. Raises Unanswerable where it is none of the data's kind."""
    sizes = list(type.sizes)
    if type.is_image:
        try:
            raw = base64.b64decode(question.picture, validate=True)
        except ValueError:  # not base64
            raw = b""
        if len(raw) != math.prod(sizes):
            raise Unanswerable(
                f"A picture of {sizes[0]} × {sizes[1]} × {sizes[2]} numbers is expected, which are "
                f"{math.prod(sizes):,}; {len(raw):,} came."
            )
        some = source.layer.prepare({name: values[:LOOKED] for name, values in source.samples.items()})[port]
        low, high = float(some.min()), float(some.max())
        ink = torch.frombuffer(bytearray(raw), dtype=torch.uint8).float() / 255
        return (low + ink * (high - low)).reshape(1, *sizes)
    typed = question.numbers
    if len(typed) != math.prod(sizes):
        raise Unanswerable(f"{math.prod(sizes):,} numbers are expected; {len(typed):,} came.")
    if type.element == "index":
        kinds = type.classes or 0
        if any(each != int(each) or not 0 <= each < kinds for each in typed):
            raise Unanswerable(f"Tokens are whole numbers from 0 to {kinds - 1:,}.")
    if any(not math.isfinite(each) or abs(each) > 1e9 for each in typed):
        raise Unanswerable("Numbers from −1,000,000,000 to 1,000,000,000 are expected.")
    return torch.tensor(typed).reshape(1, *sizes)


def _target(compiled: Compiled, loss: str, batch: dict[Value, Tensor]) -> int | float | None:
    """What the answer should have been: the class, or the number where it is one."""
    wires = compiled.sources(loss).get("target", [])
    found = batch.get(wires[0]) if wires else None
    if found is None or found.numel() != 1:
        return None
    return float(found) if found.is_floating_point() else int(found)


def _sample(scene: Scene, data: Value, about: dict[str, Any]) -> list[Picture]:
    """The sample, unscaled, as a person reads it."""
    source = scene.samples[data[0]]
    plain = source.samples if isinstance(source, Own) else source.layer.prepare(source.samples)
    value, type = plain[data[1]][0], scene.type(data)
    if type.is_image:
        about["sample"] = "image"
        bytes, lo, hi = as_bytes(value, 0)
        return [Picture("image", bytes, lo, hi)]
    if type.element == "index":
        about |= {"sample": "tokens", "tokens": source.layer.token_names()}
        return [Picture("tokens", value.to(torch.int32).cpu().numpy())]
    about |= {"sample": "row", "columns": source.layer.column_names()}
    return [Picture("row", numbers(value))]


def _turned(batch: dict[Value, Tensor], data: Value, compiled: Compiled) -> dict[Value, Tensor]:
    """The batch with its picture mirrored. Raises Unanswerable where it is none."""
    if not compiled.flat.types[data[0]][data[1]].is_image:
        raise Unanswerable("Only a picture has a mirror image.")
    return {**batch, data: batch[data].flip(-1)}


def _many(compiled: Compiled, batch: dict[Value, Tensor], score: Value, question: wire.Predict) -> Tensor:
    """[passes, …] with dropout on. Raises Unanswerable where nothing is dropped."""
    if not chance.dropping(compiled, score[0]):
        raise Unanswerable(
            "No layer on the way to this answer drops anything, so every pass would say the same. "
            "Put a Dropout layer before the last layer that learns, and train again."
        )
    return chance.passes(compiled, batch, score, question.passes, question.draw)


def _passes(told: Tensor, classes: bool, about: dict[str, Any]) -> list[Picture]:
    """What every pass says [n, K], and how far they differ."""
    mean = told.double().mean(0)
    spread = told.double().std(0, correction=1) if len(told) > 1 else torch.zeros_like(mean)
    drawn = list(range(len(mean)))
    if len(drawn) > MOST_DRAWN:
        drawn = mean.topk(MOST_DRAWN).indices.tolist() if classes else drawn[:MOST_DRAWN]
    about["drawn"] = drawn
    if classes:
        found = chance.doubt(told)
        about |= {"entropy": found.whole, "entropy_each": found.each}
    return [
        Picture("passes", numbers(told[:, drawn])),
        Picture("mean", numbers(mean)),
        Picture("spread", numbers(spread)),
    ]


def _why(
    compiled: Compiled,
    batch: dict[Value, Tensor],
    score: Value,
    of: int,
    data: Value,
    question: wire.Predict,
    about: dict[str, Any],
) -> numpy.ndarray[Any, numpy.dtype[numpy.float32]]:
    """The map of an explanation. Raises Unanswerable."""
    type = compiled.flat.types[data[0]][data[1]]
    if type.element != "float":
        raise Unanswerable("A token is a name and no amount: there is no slope at it.")
    if question.why == "saliency":
        found = explained.saliency(compiled, batch, score, of, data)
        # Of a picture's colours the strongest.
        return numbers(found.abs().amax(0) if type.is_image else found)
    if question.why == "relevance":
        try:
            handed = relevance(compiled, batch, score, of, data)
        except NoRule as words:
            raise Unanswerable(str(words)) from None
        about |= {"score": handed.score, "sum": handed.sum, "absorbed": handed.absorbed}
        return numbers(handed.shares.sum(0) if type.is_image else handed.shares)
    if not type.is_image:
        raise Unanswerable("This explanation is of pictures.")
    if question.why == "occlusion":
        return numbers(explained.occlusion(compiled, batch, score, of, data))
    maps = _maps(compiled, score)
    layer = question.layer or (maps[-1][0] if maps else "")
    value = next((each for each in maps if each[0] == layer), None)
    if value is None:
        raise Unanswerable("No layer on the way to the answer has maps." if not maps else f"{layer!r} has no maps.")
    about |= {"layer": layer, "layers": [path for path, _ in maps]}
    return numbers(explained.grad_cam(compiled, batch, score, of, value))


def _maps(compiled: Compiled, score: Value) -> list[Value]:
    """Outputs with maps of the layers that learn on the way to a score, from the data on."""
    flat = compiled.flat
    needed = compiled.way(score[0])
    return [
        (path, port)
        for path, node in flat.nodes.items()
        if path in needed and not node.loop and path in compiled.modules and type(node.layer).type.find("conv") >= 0
        for port, kind in flat.types[path].items()
        if kind.is_image
    ]
