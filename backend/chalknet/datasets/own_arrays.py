"""Arrays of one's own, of any shape, as NumPy's .npz holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import shelf
from chalknet.datasets.base import Parts, Split
from chalknet.datasets.own import Own
from chalknet.datasets.shelf import Kind
from chalknet.datasets.split import divide
from chalknet.layers.base import (
    Axis,
    Inputs,
    Port,
    Source,
    TensorType,
    image,
    index,
    register,
    sequence,
    signal,
    vector,
)

if TYPE_CHECKING:
    from torch import Tensor


def own_arrays(file: Any, channel: bool, tested: int) -> dict[str, Tensor]:
    """``x`` float32 [n, …] and ``y``, int64 [n] or float32 [n, …], of an .npz; single numbers become rows of one.
    ``channel``: x, a row of numbers, is a signal of one channel. The last ``tested`` are marked as the test part."""
    import numpy
    import torch

    held = numpy.load(file) if isinstance(file, str) else file
    x, y = (torch.as_tensor(held[name]) for name in ("x", "y"))
    x = x[:, None] if channel or x.dim() == 1 else x
    y = y[:, None] if y.dim() == 1 and y.is_floating_point() else y
    samples = {"x": x, "y": y}
    if tested:
        samples["tested"] = torch.arange(len(y)) >= len(y) - tested
    return samples


@register
class OwnArrays(Own):
    """Samples and answers as they are: whoever brings arrays has made them ready."""

    type: ClassVar[str] = "own_arrays"
    title: ClassVar[str] = "Arrays"
    sentence: ClassVar[str] = "Arrays of any shape that you brought from NumPy, each sample with its answer."
    formula: ClassVar[str] = r"x \in \mathbb{R}^{n_1 \times \dots \times n_k},\quad y \approx f(x)"
    icon: ClassVar[str] = "boxes"
    aliases: ClassVar[tuple[str, ...]] = ("own data", "upload", "npz", "NumPy", "tensor", "signal", "time series")
    purposes: ClassVar[tuple[str, ...]] = ("use my own data",)
    outputs: ClassVar[tuple[Port, ...]] = (Port("x", "Given"), Port("y", "Wanted"))
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]] = "numbers"
    reads: ClassVar[Kind] = "arrays"

    data: str = Field(
        "waves",
        max_length=32,
        title="Data set",
        description="Which arrays: chosen on the data page, or the waves that come with Chalknet.",
        examples=["waves"],
    )
    axes: Literal["auto", "signal"] = Field(
        "auto",
        title="Axes",
        description="What they mean: one is a row of numbers, two are a sequence of rows, three an image; "
        "or one and two are a signal and its channels.",
        json_schema_extra={"labels": ["by their number", "a signal"]},
    )
    keep_test: bool = Field(
        True,
        title="Test part as brought",
        description="Where some samples were brought as the test part, they are it, whatever the split says.",
    )

    def _type(self, shape: list[int], signals: bool) -> TensorType:
        if len(shape) <= 1:
            size = shape[0] if shape else 1
            return signal(1, size) if signals and shape else vector(size)
        if len(shape) == 2:
            return signal(*shape) if signals else sequence(*shape)
        if len(shape) == 3:
            return image(*shape)
        return TensorType(axes=tuple(Axis(f"D{place}", size) for place, size in enumerate(shape, 1)))

    def schema(self) -> dict[str, TensorType]:
        about = self.there()
        x, y = (about.arrays[name].shape[1:] for name in ("x", "y"))
        target = index(len(about.classes)) if about.classes else self._type(y, False)
        return {"x": self._type(x, self.axes == "signal"), "y": target}

    def summary(self) -> str:
        about = self.about()
        return f"{about.count:,} of {self.schema()['x'].compact}"[:40] if about else "no data"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        about = self.there()
        shape = r" \times ".join(map(str, self.schema()["x"].sizes))
        return rf"{about.count:,} \text{{ samples}} \in \mathbb{{R}}^{{{shape}}}".replace(",", "{,}")

    def _arguments(self) -> tuple[bool, int]:
        about = self.there()
        channel = self.axes == "signal" and len(about.arrays["x"].shape) == 2
        return channel, about.tested if self.keep_test else 0

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = own_arrays(shelf.tensors(self.data), *self._arguments())
        return divide(samples, split.validation, split.test, split.seed, split.drawn)

    def source(self, inputs: Inputs) -> Source:
        written = ", ".join(map(repr, (self.file(), *self._arguments())))
        return Source(init=f"own_arrays({written})", functions=(own_arrays, divide))
