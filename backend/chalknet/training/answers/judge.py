"""A whole part of the data judged: in sum and by class, sample by sample, and by what a person calls the mistakes."""

from __future__ import annotations

import math
from typing import Any
from weakref import WeakKeyDictionary

import numpy
import torch
from torch import nn

from chalknet import wire
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.answers.given import several, showable
from chalknet.training.evaluate import most
from chalknet.training.judged import Array, Judged, TooLong, averages, judge, table
from chalknet.training.probe import Probe
from chalknet.training.views.base import Drawn, Picture
from chalknet.training.views.choice import named

MOST_CLASSES = 256
"""Classes of which every pair is counted out."""
MOST_LISTED = 5_000
"""Classes, or outputs, that a table has a row for."""
MOST_DRAWN = 2_000
"""Points of a picture of residuals."""

_kept: WeakKeyDictionary[nn.Module, tuple[Any, Judged]] = WeakKeyDictionary()
"""Of each network the last judgement, with what it holds for: one asks page by page about the same."""


@answers(wire.Judge)
def judged(desk: Desk, question: wire.Judge) -> Drawn:
    found = _judged(desk, question)
    about = _about(desk, found)
    if found.kind == "classes":
        return Drawn(_classes(desk, found, about), about)
    if found.kind == "numbers":
        return Drawn(_numbers(desk, found, about, question.drawn), about)
    return Drawn([], about)


@answers(wire.Cases)
def cases(desk: Desk, question: wire.Cases) -> Drawn:
    found = _judged(desk, question)
    about = _about(desk, found)
    chosen = _chosen(found, question)
    if question.order != "number":
        loss = numpy.nan_to_num(found.losses[chosen].astype(float), nan=math.inf)
        chosen = chosen[numpy.argsort(loss if question.order == "best" else -loss, kind="stable")]
    about["total"] = len(chosen)
    page = chosen[question.first : question.first + question.count]
    pictures = [
        Picture("samples", page.astype(numpy.int32)),
        Picture("losses", numpy.nan_to_num(found.losses[page])),
        Picture("wrong", found.wrong[page].astype(numpy.int32)),
    ]
    kind = numpy.int32 if found.kind == "classes" else numpy.float32
    if found.truth is not None and found.answer is not None:
        pictures += [
            Picture("truth", found.truth[page].astype(kind)),
            Picture("answer", found.answer[page].astype(kind)),
        ]
    if found.confidence is not None:
        pictures.append(Picture("confidence", found.confidence[page]))
        about["names"] = _names(desk, len(found.counts))
    if len(page) and not question.bare:
        pictures += _samples(desk, found, page, question.part, about)
    return Drawn(pictures, about)


@answers(wire.Tally)
def tally(desk: Desk, question: wire.Tally) -> Drawn:
    found = _judged(desk, question)
    about = _about(desk, found)
    weigh: Array
    if found.kind == "classes":
        weigh = found.wrong.astype(float)
    else:
        weigh = found.squares if found.kind == "numbers" else numpy.nan_to_num(found.losses.astype(float))
    whole = float(weigh.sum())

    def without(weight: float) -> float:
        rest = max(0.0, whole - weight)
        return found.rmse(rest) if found.kind == "numbers" else rest / found.count

    told = {}
    for tag, numbers in question.tags.items():
        rows = numpy.unique([each for each in numbers if each < found.count]).astype(int)
        weight = float(weigh[rows].sum())
        now = without(weight)
        told[tag] = {
            "count": len(rows),
            "wrong": int(found.wrong[rows].sum()),
            "share": weight / whole if whole else 0.0,
            "ceiling": 1 - now if found.kind == "classes" else now,
        }
    now = without(0.0)
    about |= {"now": 1 - now if found.kind == "classes" else now, "wrong": int(found.wrong.sum()), "tags": told}
    return Drawn([], about)


def _judged(desk: Desk, question: wire.Judge | wire.Cases | wire.Tally) -> Judged:
    """Raises Unanswerable."""
    plan = desk.plan
    compiled = plan.compiled
    path = question.loss or next(iter(compiled.losses))
    if path not in compiled.losses:
        raise Unanswerable(f"{path!r} is no loss of this board.")
    learned = isinstance(question, wire.Judge) and question.learned
    sources = plan.train if learned else plan.test if question.part == "test" else plan.validation
    if not most(sources):
        told = "test" if question.part == "test" else "validate"
        raise Unanswerable(f"No samples were left out to {told} on.")
    # Whatever is written into a tensor is counted there: the same counts are the same weights.
    written = tuple(each._version for each in compiled.module.state_dict(keep_vars=True).values())
    holds = ("train" if learned else question.part, path, written)
    kept = _kept.get(compiled.module)
    if kept is None or kept[0] != holds:
        try:
            kept = _kept[compiled.module] = holds, judge(compiled, sources, path)
        except TooLong as words:
            raise Unanswerable(str(words)) from None
    return kept[1]


def _about(desk: Desk, found: Judged) -> dict[str, Any]:
    mean = float(found.losses.astype(float).mean())
    return {
        "loss": found.path,
        "losses": list(desk.plan.compiled.losses),
        "kind": found.kind,
        "count": found.count,
        "mean": mean if math.isfinite(mean) else None,
    }


def _classes(desk: Desk, found: Judged, about: dict[str, Any]) -> list[Picture]:
    counts = found.counts
    about |= {
        "classes": _names(desk, len(counts))[:MOST_LISTED],
        "accuracy": float(numpy.trace(counts)) / max(1, int(counts.sum())),
        "right": found.right,
        "wrong": int(found.wrong.sum()),
        "places": int(counts.sum()),
        "averages": averages(counts),
    }
    pictures = [Picture("table", table(counts)[:MOST_LISTED].astype(numpy.float32))]
    if len(counts) <= MOST_CLASSES:
        pictures.append(Picture("counts", counts.astype(numpy.int32)))
    return pictures


def _numbers(desk: Desk, found: Judged, about: dict[str, Any], drawn: int) -> list[Picture]:
    sums = found.outputs
    squared, absolute, spread = (sums[name] for name in ("squared", "absolute", "spread"))
    told = spread > 1e-12 * numpy.maximum(1, squared)
    explained = numpy.where(told, 1 - squared / numpy.where(told, spread, 1), numpy.nan)
    outputs = len(squared)
    about |= {
        "outputs": outputs,
        "columns": [f"y{number + 1}" for number in range(min(outputs, MOST_LISTED))] if outputs > 1 else ["y"],
        "rmse": found.rmse(float(squared.sum())),
        "mae": float(absolute.sum()) / (found.count * outputs),
        "r2": float(explained.mean()) if told.all() else None,
    }
    rows = numpy.stack([numpy.sqrt(squared / found.count), absolute / found.count, explained], 1)
    pictures = [Picture("table", rows[:MOST_LISTED].astype(numpy.float32))]
    if found.truth is not None and found.answer is not None:
        drawn = min(drawn, outputs - 1)
        shown = numpy.linspace(0, found.count - 1, min(MOST_DRAWN, found.count)).astype(int)
        about["drawn"] = drawn
        pictures += [
            Picture("samples", shown.astype(numpy.int32)),
            Picture("truth", found.truth[shown, drawn]),
            Picture("answer", found.answer[shown, drawn]),
        ]
    return pictures


def _chosen(found: Judged, question: wire.Cases) -> Array:
    """Numbers of the samples that are asked for, in order."""
    stays = numpy.ones(found.count, bool)
    if question.among is not None:
        stays[:] = False
        stays[[each for each in question.among if each < found.count]] = True
    if question.wrong:
        stays &= found.wrong
    if question.truth >= 0 or question.answer >= 0:
        if found.kind != "classes" or found.truth is None or found.answer is None:
            raise Unanswerable("These are no classes, or at too many places to go through.")
        there = found.truth >= 0
        if question.truth >= 0:
            there &= found.truth == question.truth
        if question.answer >= 0:
            there &= found.answer == question.answer
        stays &= there.any(1)
    return numpy.flatnonzero(stays)


def _samples(desk: Desk, found: Judged, page: Array, part: wire.Part, about: dict[str, Any]) -> list[Picture]:
    """The samples themselves: of the data that the loss comes from."""
    plan = desk.plan
    scene = Probe(plan).scene
    sources = plan.test if part == "test" else plan.validation
    wires = plan.compiled.sources(found.path)
    for port in plan.compiled.layer(found.path).inputs:
        for start in wires.get(port.name, []):
            for data in scene.upstream(start):
                type, source = scene.type(data), sources[data[0]]
                if showable(type):
                    return several(source, data[1], type, torch.from_numpy(page) % source.count, about)
    return []


def _names(desk: Desk, count: int) -> list[str]:
    return named(Probe(desk.plan).scene, count)
