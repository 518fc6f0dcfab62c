"""Handwritten digits: the 1,797 of the UCI repository that come with scikit-learn (D-004)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import kept
from chalknet.datasets.base import Parts, Split
from chalknet.datasets.readied import Pictured
from chalknet.datasets.split import divide
from chalknet.layers.base import Inputs, Port, Source, TensorType, image, index, register

if TYPE_CHECKING:
    from torch import Tensor

COUNT = 1797


def digits(size: int, variants: int) -> dict[str, Tensor]:
    """The UCI digits and distorted copies: ``image`` float32 [n, 1, size, size], ``label`` and ``copy_of`` int64 [n].

    The 8×8 pictures of 17 grey levels are enlarged between pixels linearly; a digit is light on dark, the originals
    have mean 0 and deviation 1 over all. n = 1,797 · (1 + variants): the originals come first, then each as often as
    ``variants`` says, turned up to 15°, moved, stretched and slanted up to 15 %. ``copy_of`` is the original's row,
    -1 for an original.
    """
    import torch
    from sklearn.datasets import load_digits
    from torch.nn.functional import affine_grid, grid_sample, interpolate

    small, label = load_digits(return_X_y=True)
    ink = torch.from_numpy(small).float().reshape(-1, 1, 8, 8) / 16
    ink = interpolate(ink, size=(size, size), mode="bilinear")
    count, mean, deviation = len(ink), ink.mean(), ink.std()
    drawn = torch.Generator().manual_seed(20260101)
    images = [ink]
    for _ in range(variants):
        turn, wide, high, slant, right, down = 0.3 * torch.rand((6, count), generator=drawn) - 0.15
        turn = turn * torch.pi * 5 / 9
        across = torch.stack([(1 + wide) * turn.cos(), slant - turn.sin(), right], 1)
        along = torch.stack([turn.sin(), (1 + high) * turn.cos(), down], 1)
        grid = affine_grid(torch.stack([across, along], 1), list(ink.shape), align_corners=False)
        images.append(grid_sample(ink, grid, align_corners=False))
    return {
        "image": (torch.cat(images) - mean) / deviation,
        "label": torch.from_numpy(label).long().repeat(1 + variants),
        "copy_of": torch.cat([torch.full((count,), -1), torch.arange(count).repeat(variants)]),
    }


@register
class Digits(Pictured):
    """UCI "Optical Recognition of Handwritten Digits", 8×8, by 43 people; read from scikit-learn, so never fetched.

    Importing scikit-learn takes a second, so the parts are kept under the cache.
    """

    type: ClassVar[str] = "digits"
    title: ClassVar[str] = "Digits"
    sentence: ClassVar[str] = "1,797 digits written by hand by 43 people, each with its class 0 to 9."
    formula: ClassVar[str] = r"x \in \mathbb{R}^{1 \times H \times W},\quad y \in \{0, \dots, 9\}"
    icon: ClassVar[str] = "pencil-line"
    aliases: ClassVar[tuple[str, ...]] = ("UCI digits", "handwriting", "MNIST", "numbers", "images")
    outputs: ClassVar[tuple[Port, ...]] = (Port("image", "Picture"), Port("label", "Digit"))
    sample: ClassVar[Literal["points", "image", "tokens"]] = "image"

    size: int = Field(
        32,
        ge=8,
        le=128,
        title="Size",
        description="Height and width of the pictures; they were scanned at 8×8 and are enlarged to this.",
        json_schema_extra={"unit": "px"},
    )
    variants: int = Field(
        0,
        ge=0,
        le=16,
        title="Variants",
        description="Copies of each training picture, each turned, moved, stretched and slanted a little.",
    )

    def schema(self) -> dict[str, TensorType]:
        return {"image": image(1, self.size, self.size), "label": index(10)}

    def count(self) -> int:
        """The originals; variants are made for training alone."""
        return COUNT

    def stored(self) -> int:
        return (1 + self.variants) * super().stored()

    def class_names(self) -> list[str]:
        return [str(digit) for digit in range(10)]

    def summary(self) -> str:
        return f"{COUNT:,}, {self.size}×{self.size}" + (f", +{self.variants} each" if self.variants else "")

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rf"1{{,}}797 \text{{ pictures}} \in \mathbb{{R}}^{{1 \times {self.size} \times {self.size}}}"

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        return kept.load(self, split, cache, lambda: digits(self.size, self.variants), digits)

    def source(self, inputs: Inputs) -> Source:
        return Source(init=f"digits(size={self.size}, variants={self.variants})", functions=(digits, divide))
