"""Metrics: what a loss's inputs say about how good a network is, in words that people use (C-055…C-058).

A metric gathers one batch after another and then says its values. Which ones a loss has stands in its layer's
``metrics``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy
import torch
from torch import Tensor, nn

from chalknet.layers.base import Inputs, Loss
from chalknet.training.suppression import kept


class Metric(ABC):
    """Gathers batches of a loss's inputs. ``names``: the values that it gives."""

    names: ClassVar[tuple[str, ...]]
    limit: ClassVar[int | None] = None
    """Most samples that it is worth computing from during a run; all are used for the test at the end."""

    def __init__(self, layer: Loss, inputs: Inputs, module: nn.Module) -> None:
        """``inputs`` are the types at the loss's ports, ``module`` is what it was built to."""
        self.layer = layer
        self.inputs = inputs
        self.module = module

    @abstractmethod
    def add(self, ports: Mapping[str, Tensor | None]) -> None:
        """One batch: the tensors at the loss's ports, by name."""

    @abstractmethod
    def values(self) -> dict[str, float]:
        """Of all that was added; empty where nothing was."""


metrics: dict[str, type[Metric]] = {}
M = TypeVar("M", bound=type[Metric])


def register(cls: M) -> M:
    """Class decorator: makes a metric known by each of its names."""
    for name in cls.names:
        if name in metrics:
            raise ValueError(f"metric {name!r} is registered twice")
        metrics[name] = cls
    return cls


def of(layer: Loss, inputs: Inputs, module: nn.Module) -> list[Metric]:
    """The metrics of a loss, each once. Raises KeyError for a name that is not registered."""
    kinds = dict.fromkeys(metrics[name] for name in layer.metrics)
    return [kind(layer, inputs, module) for kind in kinds]


class _Mean(Metric):
    """A mean over everything that counts. The sum stays on the device until it is asked for."""

    def __init__(self, layer: Loss, inputs: Inputs, module: nn.Module) -> None:
        super().__init__(layer, inputs, module)
        self._sums: list[Tensor] = []
        self._counts: list[Tensor | int] = []

    def gather(self, values: Tensor, mask: Tensor | None) -> None:
        """``values`` of any shape; where a ``mask`` of the same shape is false, they do not count."""
        if mask is None:
            self._sums.append(values.sum())
            self._counts.append(values.numel())
        else:
            self._sums.append((values * mask).sum())
            self._counts.append(mask.sum())

    def values(self) -> dict[str, float]:
        count = sum(float(each) for each in self._counts)
        return {self.names[0]: sum(float(each) for each in self._sums) / count} if count else {}


@register
class Accuracy(_Mean):
    """Share of predictions that are right, 0…1: the class of the largest share; places outside a mask do not count."""

    names = ("accuracy",)

    def add(self, ports: Mapping[str, Tensor | None]) -> None:
        logits, target = ports["logits"], ports["target"]
        assert logits is not None and target is not None
        self.gather(self.module.scores(logits).argmax(1) == classes(target), ports.get("mask"))


def classes(target: Tensor) -> Tensor:
    """A target as classes: shares of yes are rounded."""
    return (target > 0.5).long() if target.is_floating_point() else target


@register
class MeanSquaredError(_Mean):
    """Mean of (prediction − target)²."""

    names = ("mse",)

    def add(self, ports: Mapping[str, Tensor | None]) -> None:
        prediction, target = ports["prediction"], ports["target"]
        assert prediction is not None and target is not None
        self.gather((prediction - target.reshape(prediction.shape)).square(), None)


@register
class MeanAbsoluteError(_Mean):
    """Mean of |prediction − target|."""

    names = ("mae",)

    def add(self, ports: Mapping[str, Tensor | None]) -> None:
        prediction, target = ports["prediction"], ports["target"]
        assert prediction is not None and target is not None
        self.gather((prediction - target.reshape(prediction.shape)).abs(), None)


@register
class MeanAveragePrecision(Metric):
    """Average precision, mean over classes (C-056): ``map50`` at an overlap of 0.5, ``map`` COCO's mean of 0.5 … 0.95.

    Boxes below a score of 0.01 are left out and overlapping ones suppressed at 0.5 before they are counted.
    """

    names = ("map50", "map")
    limit = 200
    LEAST_SCORE = 0.01
    SIDE = 1000.0
    """What a picture's side is called: the library thinks in pixels."""

    def __init__(self, layer: Loss, inputs: Inputs, module: nn.Module) -> None:
        super().__init__(layer, inputs, module)
        self._pictures = 0
        self._truth: list[dict[str, Any]] = []
        self._found: list[numpy.ndarray[Any, Any]] = []

    def add(self, ports: Mapping[str, Tensor | None]) -> None:
        grid, target = ports["grid"], ports["target"]
        assert grid is not None and target is not None
        boxes = self.module.decode(grid)
        stay = kept(boxes) & (boxes[..., 4] >= self.LEAST_SCORE)
        picture, _ = stay.nonzero(as_tuple=True)
        rows = boxes[stay]
        corner, size = rows[:, :2] * self.SIDE, (rows[:, 2:4] - rows[:, :2]) * self.SIDE
        first = self._pictures + 1  # the library numbers from 1
        self._found.append(
            torch.cat([(picture + first)[:, None], corner, size, rows[:, 4:6]], 1).double().cpu().numpy()
        )
        for number, rows_of_one in enumerate(target.tolist(), first):
            for kind, x, y, w, h in rows_of_one:
                if kind >= 0:
                    self._truth.append(self._box(number, int(kind), x, y, w, h))
        self._pictures += len(target)

    def _box(self, picture: int, kind: int, x: float, y: float, w: float, h: float) -> dict[str, Any]:
        box = [side * self.SIDE for side in (x - w / 2, y - h / 2, w, h)]
        return {
            "id": len(self._truth) + 1,
            "image_id": picture,
            "category_id": kind,
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": 0,
        }

    def values(self) -> dict[str, float]:
        if not self._pictures:
            return {}
        from faster_coco_eval import COCO, COCOeval_faster

        def silent(*_: object) -> None:
            return None

        classes = self.inputs["target"].classes or 0
        truth = COCO(
            {
                "images": [
                    {"id": number, "width": self.SIDE, "height": self.SIDE} for number in range(1, self._pictures + 1)
                ],
                "categories": [{"id": kind, "name": str(kind)} for kind in range(classes)],
                "annotations": self._truth,
            },
            print_function=silent,
        )
        found = numpy.concatenate(self._found)
        evaluation = COCOeval_faster(truth, truth.loadRes(found), iouType="bbox", print_function=silent)
        # Boxes of all sizes together: the library would go over small, medium and large ones besides.
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [100]
        evaluation.evaluate()
        evaluation.accumulate()
        precision = evaluation.eval["precision"]  # [overlap, recall, class, area, most boxes]
        precision = numpy.where(precision > -1, precision, numpy.nan)
        if numpy.isnan(precision).all():
            return {}
        return {"map50": float(numpy.nanmean(precision[0])), "map": float(numpy.nanmean(precision))}
