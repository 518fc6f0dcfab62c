"""What a network says of one sample, one's own or a fixed one, why, and all that happens on the way."""

from __future__ import annotations

from typing import Any

import numpy
import torch
from torch import Tensor

from chalknet import wire
from chalknet.layers.base import Loss
from chalknet.training import chance, explained
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.answers.given import Given, given, shown
from chalknet.training.compile import Compiled, Value
from chalknet.training.explained import Score
from chalknet.training.relevance import NoRule, relevance
from chalknet.training.views.base import Drawn, Floats, Picture, numbers
from chalknet.training.views.choice import named

MOST_DRAWN = 12
"""Classes, or numbers, of which every single pass is told."""


@answers(wire.Predict)
def predict(desk: Desk, question: wire.Predict) -> Drawn:
    compiled = desk.plan.compiled
    loss, judged = _judged(compiled)
    it = given(desk, question, judged)
    (found,) = explained.forward(compiled, it.batch, judged)
    type = it.scene.type(judged)
    about: dict[str, Any] = {"why": question.why}
    if type.is_sequence:
        if question.why or question.passes:
            raise Unanswerable("An answer at every place of a sequence is neither explained nor asked for many times.")
        pictures = _steps(compiled, loss, it, found, about)
    else:
        pictures, score = _row(compiled, loss, it, found, judged, question, about)
        if question.why:
            pictures.append(Picture("map", _why(compiled, it, score, question, about)))
    pictures += shown(it, about)
    if question.views:
        probe = it.probe
        probe.watch([each.model_copy(update={"samples": [0]}) for each in question.views])
        pictures += [
            Picture(each.key, numpy.frombuffer(each, numpy.uint8)) for each in probe.frames(desk.step, 0, force=True)
        ]
        probe.watch([])
    return Drawn(pictures, about)


def _judged(compiled: Compiled) -> tuple[str, Value]:
    """The first loss that judges a row of numbers a sample, or classes at the places of a sequence, and what it judges.
    Raises Unanswerable."""
    for path in compiled.losses:
        layer = compiled.layer(path)
        assert isinstance(layer, Loss)
        wires = compiled.sources(path).get(layer.inputs[0].name, [])
        if wires:
            type = compiled.flat.types[wires[0][0]][wires[0][1]]
            steps = type.is_sequence and hasattr(compiled.modules[path], "scores")
            if steps or type.is_vector or (type.element == "float" and not type.axes):
                return path, wires[0]
    raise Unanswerable("This board's answer is no row of numbers: look at it among the predictions, sample by sample.")


def _row(
    compiled: Compiled,
    loss: str,
    it: Given,
    found: Tensor,
    judged: Value,
    question: wire.Predict,
    about: dict[str, Any],
) -> tuple[list[Picture], Score]:
    """A row of numbers, of classes the shares of each; and which of them is explained."""
    module = compiled.modules[loss]
    # Of several yes and no at once there is no row of shares.
    classes = hasattr(module, "scores") and module.scores(found).dim() == 2

    def told(scores: Tensor) -> Tensor:
        """[n, K]: shares of classes, or the numbers themselves."""
        values = module.scores(scores) if classes else scores
        return values.flatten(1) if values.dim() > 1 else values[:, None]

    said = told(found)
    alone: list[Tensor] = []
    if question.mirror:
        alone = [said, told(explained.forward(compiled, _turned(it), judged)[0])]
        said = torch.stack(alone).mean(0)
    pictures = [Picture("scores", numbers(found if classes else said).reshape(-1))]
    about |= {"kind": "numbers", "target": None if it.own else _target(compiled, loss, it.batch)}
    count = said.shape[1]
    if classes:
        pictures.append(Picture("shares", numbers(said[0])))
        about |= {"kind": "classes", "names": named(it.scene, count), "winner": int(said[0].argmax())}
    if alone:
        pictures.append(Picture("alone", numbers(torch.cat(alone))))
    about["drops"] = chance.dropping(compiled, judged[0])
    if question.passes:
        pictures += _passes(told(_many(compiled, it, judged, question)), classes, about)
    of = min(question.of if question.of >= 0 else about.get("winner", 0), count - 1)
    about["of"] = of
    if found.numel() == 1:
        # Of yes and no there is one score, and it speaks for yes.
        return pictures, Score(judged, 0, -1 if classes and of == 0 else 1)
    return pictures, Score(judged, of)


def _turned(it: Given) -> dict[Value, Tensor]:
    """The batch with its picture mirrored. Raises Unanswerable where it is none."""
    if not it.scene.type(it.data).is_image:
        raise Unanswerable("Only a picture has a mirror image.")
    return {**it.batch, it.data: it.batch[it.data].flip(-1)}


def _many(compiled: Compiled, it: Given, judged: Value, question: wire.Predict) -> Tensor:
    """[passes, …] with dropout on. Raises Unanswerable where nothing is dropped."""
    if not chance.dropping(compiled, judged[0]):
        raise Unanswerable(
            "No layer on the way to this answer drops anything, so every pass would say the same. "
            "Put a Dropout layer before the last layer that learns, and train again."
        )
    return chance.passes(compiled, it.batch, judged, question.passes, question.draw)


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


def _steps(compiled: Compiled, loss: str, it: Given, found: Tensor, about: dict[str, Any]) -> list[Picture]:
    """A class at each place of a sequence."""
    shares = compiled.modules[loss].scores(found)[0].movedim(0, -1)
    best, winners = shares.max(-1)
    pictures = [Picture("winners", winners.to(torch.int32).cpu().numpy()), Picture("shares", numbers(best))]
    sources = compiled.sources(loss)
    for name, port, known in (("targets", "target", not it.own), ("counted", "mask", True)):
        values = it.batch.get(sources[port][0]) if known and sources.get(port) else None
        if values is not None and values.shape[1:] == winners.shape:
            pictures.append(Picture(name, values[0].to(torch.int32).cpu().numpy()))
    about |= {"kind": "steps", "names": named(it.scene, shares.shape[-1]), "target": None, "of": 0, "drops": []}
    return pictures


def _target(compiled: Compiled, loss: str, batch: dict[Value, Tensor]) -> int | float | None:
    """What the answer should have been: the class, or the number where it is one."""
    wires = compiled.sources(loss).get("target", [])
    found = batch.get(wires[0]) if wires else None
    if found is None or found.numel() != 1:
        return None
    return float(found) if found.is_floating_point() else int(found)


def _why(compiled: Compiled, it: Given, score: Score, question: wire.Predict, about: dict[str, Any]) -> Floats:
    """The map of an explanation. Raises Unanswerable."""
    batch, data = it.batch, it.data
    type = it.scene.type(data)
    if type.element != "float":
        raise Unanswerable("A token is a name and no amount: there is no slope at it.")
    if question.why == "saliency":
        found = explained.saliency(compiled, batch, score, data)
        # Of a picture's colours the strongest.
        return numbers(found.abs().amax(0) if type.is_image else found)
    if question.why == "relevance":
        try:
            handed = relevance(compiled, batch, score, data)
        except NoRule as words:
            raise Unanswerable(str(words)) from None
        about |= {"score": handed.score, "sum": handed.sum, "absorbed": handed.absorbed}
        return numbers(handed.shares.sum(0) if type.is_image else handed.shares)
    if not type.is_image:
        raise Unanswerable("This explanation is of pictures.")
    if question.why == "occlusion":
        return numbers(explained.occlusion(compiled, batch, score, data))
    maps = _maps(compiled, score.value)
    layer = question.layer or (maps[-1][0] if maps else "")
    value = next((each for each in maps if each[0] == layer), None)
    if value is None:
        raise Unanswerable("No layer on the way to the answer has maps." if not maps else f"{layer!r} has no maps.")
    about |= {"layer": layer, "layers": [path for path, _ in maps]}
    return numbers(explained.grad_cam(compiled, batch, score, value))


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
