"""Samples made ready for a network: scaled by what was measured of the training part, and changed for training (T-037,
T-044)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import augmentation
from chalknet.datasets.augmentation import Augmentation, OfNumbers, OfPictures
from chalknet.datasets.base import DataSource

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Scaling = Literal["none", "standard", "range"]


def measure(batches: Iterable[Tensor]) -> Tensor:
    """Mean, deviation, lowest and highest of every channel or column, float32 [4, C]; of batches [n, C, …]."""
    import torch

    count, total, squares, low, high = 0, 0.0, 0.0, None, None
    for batch in batches:
        rows = batch.double().flatten(2).transpose(0, 1).flatten(1) if batch.dim() > 2 else batch.double().T
        count += rows.shape[1]
        total, squares = total + rows.sum(1), squares + (rows * rows).sum(1)
        low = rows.amin(1) if low is None else torch.minimum(low, rows.amin(1))
        high = rows.amax(1) if high is None else torch.maximum(high, rows.amax(1))
    mean = total / count
    return torch.stack([mean, (squares / count - mean * mean).clamp(min=0).sqrt(), low, high]).float()


def scaled(values: Tensor, measured: Tensor, kind: str) -> Tensor:
    """Values [n, C, …] with every channel or column of mean 0 and deviation 1 (standard), or from 0 to 1 (range), of
    the samples that were measured; one that never changes is only moved."""
    import torch

    mean, deviation, low, high = measured
    middle, width = (mean, deviation) if kind == "standard" else (low, high - low)
    width = torch.where(width > 1e-12, width, 1.0)
    shape = (-1, *[1] * (values.dim() - 2))
    return (values - middle.view(shape)) / width.view(shape)


def _augment() -> Any:
    return Field(
        default_factory=dict,
        max_length=augmentation.MOST,
        title="Augmentation",
        description="What is done to training samples at random, each time they are seen, in this order.",
        json_schema_extra={"kind": "forms", "late": True},
    )


class Readied(DataSource):
    """Base of the sources of which one port is scaled and, in training, changed."""

    measured: ClassVar[str]
    """That port."""

    scaling: Scaling = Field(
        "none",
        title="Scaled",
        description="To mean 0 and deviation 1, or from 0 to 1, each channel or column by itself; "
        "measured of the training samples alone.",
        json_schema_extra={"labels": ["as it is", "standardised", "0 to 1"], "late": True},
    )
    augment: Mapping[str, Augmentation] = _augment()

    def augmentations(self) -> list[Augmentation]:
        """What is done to training samples, in its order."""
        return [each for _, each in sorted(self.augment.items(), key=lambda item: (item[1].order, item[0]))]

    def measures(self) -> bool:
        """Whether the training samples must be measured before they can be made ready."""
        return self.scaling != "none" or any(each.measures for each in self.augmentations())

    def spreads(self) -> list[tuple[str, float, float]]:
        """(name, mean, deviation) of each column of numbers that a network is given, as far as they are known."""
        return []

    def functions(self) -> list[Callable[..., Any]]:
        """Whatever exported PyTorch needs for it."""
        used = [measure] if self.measures() else []
        for each in self.augmentations():
            used += [*type(each).uses, type(each).function]
        return [*used, scaled] if self.scaling != "none" else used

    def made_of(self) -> dict[str, Any]:
        return self.model_dump(exclude={"scaling", "augment"})

    def augmented(
        self,
        batch: Mapping[str, Tensor],
        measured: Tensor | None,
        generator: torch.Generator | None = None,
        strength: float = 1.0,
    ) -> dict[str, Tensor]:
        """A prepared batch as it is trained on, not yet scaled."""
        made = dict(batch)
        if strength <= 0:
            return made
        for each in self.augmentations():
            more = {"measured": measured} if each.measures else {}
            made = type(each).function(made, **each.arguments(strength), **more, generator=generator)
        return made

    def scaled(self, batch: Mapping[str, Tensor], measured: Tensor | None) -> dict[str, Tensor]:
        """A prepared batch as the network wants it."""
        if self.scaling == "none" or measured is None:
            return dict(batch)
        return {**batch, self.measured: scaled(batch[self.measured], measured, self.scaling)}


class Pictured(Readied):
    """A source of pictures, at the port ``image``."""

    measured: ClassVar[str] = "image"

    augment: Mapping[str, OfPictures] = _augment()


class Numbered(Readied):
    """A source of rows of numbers, at the port ``x``."""

    measured: ClassVar[str] = "x"

    augment: Mapping[str, OfNumbers] = _augment()
