"""Handwritten digits: the 1,797 of the UCI repository that come with scikit-learn (D-004)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import kept
from chalknet.datasets.base import DataSource, Parts, Split
from chalknet.datasets.split import divide
from chalknet.layers.base import Inputs, Port, Source, TensorType, image, index, register

if TYPE_CHECKING:
    from torch import Tensor

COUNT = 1797


def digits(size: int) -> dict[str, Tensor]:
    """The UCI digits: ``image`` float32 [1797, 1, size, size] and ``label`` int64 [1797].

    The 8×8 pictures of 17 grey levels are enlarged between pixels linearly and shifted and scaled to mean 0 and
    deviation 1 over all; a digit is light on dark.
    """
    import torch
    from sklearn.datasets import load_digits
    from torch.nn.functional import interpolate

    small, label = load_digits(return_X_y=True)
    image = torch.from_numpy(small).float().reshape(-1, 1, 8, 8) / 16
    image = interpolate(image, size=(size, size), mode="bilinear")
    return {"image": (image - image.mean()) / image.std(), "label": torch.from_numpy(label).long()}


@register
class Digits(DataSource):
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

    def schema(self) -> dict[str, TensorType]:
        return {"image": image(1, self.size, self.size), "label": index(10)}

    def count(self) -> int:
        return COUNT

    def class_names(self) -> list[str]:
        return [str(digit) for digit in range(10)]

    def summary(self) -> str:
        return f"{COUNT:,}, {self.size}×{self.size}"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rf"1{{,}}797 \text{{ pictures}} \in \mathbb{{R}}^{{1 \times {self.size} \times {self.size}}}"

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        return kept.load(self, split, cache, lambda: digits(self.size), digits)

    def source(self, inputs: Inputs) -> Source:
        return Source(init=f"digits(size={self.size})", functions=(digits, divide))
