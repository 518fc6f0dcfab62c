"""A network judged on every sample of a part of the data: which it gets wrong, by how much, and what it takes for what
(C-055, C-058, V-015, V-016).

Of every sample a few numbers are kept: its loss, and what was wanted and what was said at each of its places, in as few
bytes as they need.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy
import torch
from torch import Tensor, nn

from chalknet.layers.regression import Distance
from chalknet.training.batches import Source
from chalknet.training.compile import Compiled
from chalknet.training.evaluate import Evaluator, most, untouched
from chalknet.training.metrics import classes

MOST_KEPT = 2**24
"""Places of all samples of which it is kept what was wanted and what was said; of more only sums are."""
SECONDS = 45.0
"""That judging may take; whoever asks waits, and what else is asked of this process too."""
OUTSIDE = -1
"""In place of a class where the loss is masked."""

Array = numpy.ndarray[Any, Any]


class TooLong(ValueError):
    """There are too many samples to be judged; the words say how many would be too many."""


@dataclass
class Judged:
    """``losses`` float32 [n]: of every sample alone."""

    path: str
    kind: Literal["classes", "numbers", "loss"]
    losses: Array
    wrong: Array
    """bool [n]: a place at least that counts is wrong; of numbers and plain losses every sample is."""
    truth: Array | None = None
    """[n,P] at each place: a class, or ``OUTSIDE``; a number. None where they are too many to be kept."""
    answer: Array | None = None
    confidence: Array | None = None
    """float32 [n]: the share of the answered class, at the least sure place that counts."""
    counts: Array = field(default_factory=lambda: numpy.zeros((0, 0), numpy.int64))
    """int64 [K,K]: how often a class (row) was taken for another (column), over all places that count."""
    squares: Array = field(default_factory=lambda: numpy.zeros(0))
    """float64 [n]: the sum of a sample's squared errors."""
    outputs: dict[str, Array] = field(default_factory=dict)
    """float64 [D] of each output: ``squared`` and ``absolute`` sums of errors, ``spread``: Σ(target − mean)²."""

    @property
    def count(self) -> int:
        return len(self.losses)

    @property
    def right(self) -> float:
        """Share of samples without a mistake."""
        return 1 - float(self.wrong.mean())

    def rmse(self, squared: float) -> float:
        """Root of the mean over all numbers of squared errors that add up so."""
        return float(numpy.sqrt(squared / max(1, self.count * len(self.outputs["squared"]))))


def judge(compiled: Compiled, sources: Mapping[str, Source], path: str) -> Judged:
    """Judges a part by one of the board's losses. The part must not be empty. Raises TooLong as soon as that shows."""
    begun = time.perf_counter()
    layer, module = compiled.layer(path), compiled.modules[path]
    evaluator = Evaluator(compiled)
    order = [port.name for port in layer.inputs]
    count = most(sources)
    losses: list[Tensor] = []
    gathered: _Classes | _Numbers | None = None
    alone = _Alone(module)
    with untouched(compiled):
        for first, last, values in evaluator.each(sources):
            ports = evaluator.ports(path, values)
            losses.append(alone([ports.get(name) for name in order]).float().cpu())
            if gathered is None:
                if "accuracy" in layer.metrics:  # type: ignore[attr-defined]
                    gathered = _Classes(module, count)
                elif isinstance(layer, Distance):
                    gathered = _Numbers(count)
            if gathered is not None:
                gathered.add(first, last, ports)
            spent = time.perf_counter() - begun
            if spent * count > SECONDS * last and spent > min(1.0, SECONDS):
                raise TooLong(
                    f"To judge {count:,} samples would take about {spent * count / last:,.0f} seconds here, and at "
                    f"most {SECONDS:,.0f} are spent on it: leave out a smaller share of the data."
                )
    found = torch.cat(losses).numpy()
    if gathered is None:
        return Judged(path, "loss", found, numpy.ones(count, bool))
    return gathered.judged(path, found)


class _Alone:
    """The loss of every sample alone, [n]: all at once where the module can be mapped over them, else one by one."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.mapped = True

    def __call__(self, ports: Sequence[Tensor | None]) -> Tensor:
        given = [None if each is None else each.unsqueeze(1) for each in ports]
        if self.mapped:
            try:
                axes = tuple(None if each is None else 0 for each in given)
                return torch.func.vmap(self.module, in_dims=axes)(*given)
            except (RuntimeError, NotImplementedError, ValueError):
                self.mapped = False  # what it does depends on the numbers
        rows = range(len(next(each for each in given if each is not None)))
        return torch.stack([self.module(*[None if each is None else each[row] for each in given]) for row in rows])


class _Classes:
    """Wanted and answered classes, at every place."""

    def __init__(self, module: nn.Module, count: int) -> None:
        self.module = module
        self.count = count
        self.truth: Array | None = None
        self.answer: Array | None = None
        self.wrong = numpy.zeros(count, bool)
        self.confidence = numpy.zeros(count, numpy.float32)
        self.counts: Tensor | None = None

    def add(self, first: int, last: int, ports: Mapping[str, Tensor]) -> None:
        shares = self.module.scores(ports["logits"])
        kinds = shares.shape[1]
        surest, answer = (each.reshape(last - first, -1) for each in shares.max(1))
        truth = classes(ports["target"]).reshape(last - first, -1)
        mask = ports["mask"].reshape(last - first, -1) if "mask" in ports else torch.ones_like(truth, dtype=torch.bool)
        pairs = torch.bincount((truth * kinds + answer)[mask], minlength=kinds**2).reshape(kinds, kinds)
        self.counts = pairs if self.counts is None else self.counts + pairs
        if self.truth is None and first == 0 and self.count * truth.shape[1] <= MOST_KEPT:
            width = numpy.int8 if kinds <= 127 else numpy.int16 if kinds <= 32_767 else numpy.int32
            self.truth = numpy.full((self.count, truth.shape[1]), OUTSIDE, width)
            self.answer = numpy.full((self.count, truth.shape[1]), OUTSIDE, width)
        self.wrong[first:last] = ((truth != answer) & mask).any(1).cpu().numpy()
        self.confidence[first:last] = surest.masked_fill(~mask, 1).amin(1).float().cpu().numpy()
        if self.truth is not None and self.answer is not None:
            self.truth[first:last] = truth.masked_fill(~mask, OUTSIDE).cpu().numpy()
            self.answer[first:last] = answer.masked_fill(~mask, OUTSIDE).cpu().numpy()

    def judged(self, path: str, losses: Array) -> Judged:
        assert self.counts is not None
        return Judged(
            path, "classes", losses, self.wrong, self.truth, self.answer, self.confidence, self.counts.cpu().numpy()
        )


class _Numbers:
    """Wanted and answered numbers; sums over samples in doubles, the targets' about those of the first batch."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.truth: Array | None = None
        self.answer: Array | None = None
        self.squares = numpy.zeros(count)
        self.sums: dict[str, Tensor] = {}
        self.about: Tensor | None = None

    def add(self, first: int, last: int, ports: Mapping[str, Tensor]) -> None:
        answer = ports["prediction"].reshape(last - first, -1).double()
        truth = ports["target"].reshape(last - first, -1).double()
        if self.about is None:
            self.about = truth.mean(0)
            if self.count * truth.shape[1] <= MOST_KEPT:
                self.truth = numpy.zeros((self.count, truth.shape[1]), numpy.float32)
                self.answer = numpy.zeros((self.count, truth.shape[1]), numpy.float32)
        off, moved = answer - truth, truth - self.about
        found = {"squared": off.square(), "absolute": off.abs(), "moved": moved, "spread": moved.square()}
        for name, each in found.items():
            self.sums[name] = each.sum(0) + self.sums.get(name, 0)
        self.squares[first:last] = off.square().sum(1).cpu().numpy()
        if self.truth is not None and self.answer is not None:
            self.truth[first:last] = truth.float().cpu().numpy()
            self.answer[first:last] = answer.float().cpu().numpy()

    def judged(self, path: str, losses: Array) -> Judged:
        sums = {name: each.cpu().numpy() for name, each in self.sums.items()}
        sums["spread"] = sums["spread"] - sums.pop("moved") ** 2 / self.count
        return Judged(
            path, "numbers", losses, numpy.ones(self.count, bool), self.truth, self.answer,
            squares=self.squares, outputs=sums,
        )  # fmt: skip


def table(counts: Array) -> Array:
    """float64 [K,4] of a confusion matrix: precision, recall, F1 and support of every class (C-055); a quotient without
    a divisor is 0."""
    hits, truth, answers = numpy.diag(counts).astype(float), counts.sum(1), counts.sum(0)
    return numpy.stack(
        [_share(hits, answers), _share(hits, truth), _share(2 * hits, truth + answers), truth.astype(float)], 1
    )


def averages(counts: Array) -> dict[str, list[float]]:
    """[precision, recall, F1] over classes that are there: ``macro`` all alike, ``micro`` of all places together,
    ``weighted`` by their support."""
    rows = table(counts)
    there = (counts.sum(0) + counts.sum(1)) > 0
    support, all = rows[:, 3], max(1, int(counts.sum()))
    hit = float(numpy.trace(counts)) / all
    return {
        "macro": rows[there, :3].mean(0).tolist() if there.any() else [0.0] * 3,
        "micro": [hit] * 3,
        "weighted": (support @ rows[:, :3] / all).tolist(),
    }


def _share(part: Array, whole: Array) -> Array:
    return numpy.divide(part, whole, out=numpy.zeros(len(part)), where=whole > 0)
