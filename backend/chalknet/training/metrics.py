"""Metrics: what a loss's inputs say about how good a network is, in words that people use (C-055…C-058).

A metric gathers one batch after another and then says its values. Which ones a loss has stands in its layer's
``metrics``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeVar

from torch import Tensor, nn

from chalknet.layers.base import Inputs, Loss


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
