"""Pooling to a size that is given, whatever comes in: one number a map, a grid, a pyramid of grids."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    WHOLE,
    Example,
    Family,
    Inputs,
    Layer,
    Source,
    TensorType,
    Window,
    register,
    vector,
)
from chalknet.layers.sizes import Positive, Size, pair, size
from chalknet.layers.words import call, product, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class GlobalPool(Layer):
    """Base: float[C c, H h, W w] → float[D c] · float[C c, L l] → float[D c] · float[T t, D d] → float[D d].

    Of a sequence every position counts, padding too.
    """

    family: ClassVar[Family] = "pooling"
    keeps_width: ClassVar[bool] = True
    reduction: ClassVar[str]
    """Name of the tensor's method."""
    what: ClassVar[str]

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_image or x.is_signal or x.is_sequence):
            raise unfit("x", "an image, a signal or a sequence", x)
        return {"y": vector(x.sizes[x.feature or 0])}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        x, y = inputs["x"], outputs["y"]
        return x.numel if self.reduction == "mean" else x.numel - y.numel

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        places = inputs["x"].numel // outputs["y"].numel
        return rows((f"{self.what} of", tex(places)))

    def summary(self) -> str:
        return f"{self.what} of each map"

    def axes(self, x: TensorType) -> tuple[int, ...]:
        """Axes of the batched tensor that are taken together."""
        return tuple(i + 1 for i in range(len(x.axes)) if i != x.feature)

    def source(self, inputs: Inputs) -> Source:
        axes = self.axes(inputs["x"])
        return Source(call=f"{{0}}.{self.reduction}({axes if len(axes) > 1 else axes[0]})")


@register
class GlobalAvgPool(GlobalPool):
    """The mean of every map."""

    type = "global_avg_pool"
    title = "Global average pooling"
    sentence = "Takes the mean of every map, so that an image of any size becomes one vector."
    formula = r"y_c = \dfrac{1}{HW} \sum_{i,j} x_c[i,j]"
    icon = "circle-dot"
    aliases = ("gap", "avgpool", "mean", "squeeze")
    purposes = ("vector from any size", "replace flatten")
    reduction = "mean"
    what = "mean"
    beware = (
        "A Linear layer usually follows it: the means are features, and the classes are still to be made from them.",
    )
    examples = (
        Example(
            "Two maps become two numbers, the mean of each.",
            inputs={"x": [[[1, 2], [3, 4]], [[0, 0], [0, 8]]]},
            outputs={"y": [2.5, 2]},
        ),
    )

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        axes = self.axes(inputs["x"])

        class GlobalAvgPool(nn.Module):
            """(B, C, H, W) → (B, C); (B, T, D) → (B, D)."""

            def forward(self, x: Tensor) -> Tensor:
                return x.mean(axes)

        return GlobalAvgPool()


@register
class GlobalMaxPool(GlobalPool):
    """The largest number of every map; the gradient goes to it alone (equal ones share it)."""

    type = "global_max_pool"
    title = "Global max pooling"
    sentence = "Keeps the largest number of every map: whether something was found, no matter where."
    formula = r"y_c = \max_{i,j} x_c[i,j]"
    icon = "chevrons-up"
    aliases = ("gmp", "maxpool", "maximum", "squeeze")
    purposes = ("vector from any size", "whether it is there")
    reduction = "amax"
    what = "largest"
    examples = (
        Example(
            "Two maps become two numbers, the largest of each.",
            inputs={"x": [[[1, 2], [3, 4]], [[0, 0], [0, 8]]]},
            outputs={"y": [4, 8]},
        ),
    )

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        axes = self.axes(inputs["x"])

        class GlobalMaxPool(nn.Module):
            """(B, C, H, W) → (B, C); (B, T, D) → (B, D)."""

            def forward(self, x: Tensor) -> Tensor:
                return x.amax(axes)

        return GlobalMaxPool()


def shares(length: int, parts: int) -> list[tuple[int, int]]:
    """The windows [from, to) of torch's adaptive pooling: ⌊i·I/O⌋ to ⌈(i+1)·I/O⌉. They overlap where O does not divide
    I, and repeat where O is larger."""
    return [(i * length // parts, -(-(i + 1) * length // parts)) for i in range(parts)]


def looked(length: int, parts: int) -> int:
    """How many places all those windows look at together, those in two of them twice."""
    return sum(end - start for start, end in shares(length, parts))


class AdaptivePool(Layer):
    """Base: any size of space becomes the size that is asked for; no parameters."""

    family: ClassVar[Family] = "pooling"
    keeps_width: ClassVar[bool] = True
    rank: ClassVar[int]
    mean: ClassVar[bool] = False
    """Not the largest number of each window, but the mean."""
    module: ClassVar[str]
    """Name of the class in torch.nn."""
    formula = (
        r"y_c[i] = \operatorname{pool}\; x_c\left[\left\lfloor \tfrac{i\,I}{O} \right\rfloor \ldots "
        r"\left\lceil \tfrac{(i+1)\,I}{O} \right\rceil - 1\right]"
    )
    icon = "fullscreen"
    beware: ClassVar[tuple[str, ...]] = (
        "Its windows are as large as they must be: where the output does not divide the input they overlap, and they "
        "differ in size.",
    )

    if TYPE_CHECKING:  # a field of the ranks
        output: Any

    @property
    def parts(self) -> tuple[int, ...]:
        """The output's size along every axis of space."""
        return pair(self.output) if self.rank == 2 else (self.output,)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_image if self.rank == 2 else x.is_signal):
            wants = "an image (channels × height × width)" if self.rank == 2 else "a signal (channels × length)"
            raise unfit("x", wants, x)
        return {"y": x.resized(**dict(zip(x.names[1:], self.parts, strict=True)))}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        x, y = inputs["x"], outputs["y"]
        looks = x.sizes[0] * math.prod(map(looked, x.sizes[1:], self.parts))
        return looks if self.mean else looks - y.numel

    def window(self, inputs: Inputs) -> Window:
        """From ⌊i·I/O⌋ to ⌈(i+1)·I/O⌉ − 1: over an input spread by O, windows of I + O − 1 that move by I."""
        each = [(1, 1)]
        for length, parts in zip(inputs["x"].sizes[1:], self.parts, strict=True):
            common = math.gcd(length, parts)
            each.append((length // common, parts // common))
        (sh, uh), (sw, uw) = each[-2:]
        return Window((sh + uh - 1, sw + uw - 1), (sh, sw), padding=(uh - 1, uw - 1), up=(uh, uw))

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        lines = []
        for axis, parts in zip(inputs["x"].axes[1:], self.parts, strict=True):
            sizes = sorted({end - start for start, end in shares(axis.size, parts)})
            each = " or ".join(map(str, sizes)) if len(sizes) < 3 else f"{sizes[0]} to {sizes[-1]}"
            lines.append((axis.name, rf"{tex(axis.size)} \to {tex(parts)}, \text{{ windows of {each}}}"))
        return rows(*lines)

    def summary(self) -> str:
        return f"to {times(self.parts)}"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        built: nn.Module = getattr(nn, self.module)(self.output)
        return built

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.{self.module}", self.output))


class AdaptivePool2d(AdaptivePool):
    """Base: float[C c, H h, W w] → float[C c, H o, W o]."""

    rank = 2
    output: Size = size(1, "Output", "Height and width that come out, whatever comes in.")


class AdaptivePool1d(AdaptivePool):
    """Base: float[C c, L l] → float[C c, L o]."""

    rank = 1
    output: Positive = Field(1, title="Output", description="The length that comes out, whatever comes in.")


@register
class AdaptiveAvgPool2d(AdaptivePool2d):
    """The mean under each window."""

    type = "adaptive_avg_pool2d"
    title = "Adaptive average pooling"
    sentence = "Makes an image of any size one of the size that you name, by means."
    aliases = ("adaptive pooling", "avgpool", "resize by mean")
    purposes = ("fixed size from any size",)
    module = "AdaptiveAvgPool2d"
    mean = True
    examples = (
        Example(
            "From 3 columns to 2: the windows are columns 1 and 2, and columns 2 and 3.",
            inputs={"x": [[[1, 2, 6]]]},
            fields={"output": [1, 2]},
            outputs={"y": [[[1.5, 4]]]},
        ),
    )


@register
class AdaptiveMaxPool2d(AdaptivePool2d):
    """The largest number under each window."""

    type = "adaptive_max_pool2d"
    title = "Adaptive max pooling"
    sentence = "Makes an image of any size one of the size that you name, by largest numbers."
    aliases = ("adaptive pooling", "maxpool")
    purposes = ("fixed size from any size",)
    module = "AdaptiveMaxPool2d"
    examples = (
        Example(
            "From 3 columns to 2: the windows are columns 1 and 2, and columns 2 and 3.",
            inputs={"x": [[[1, 2, 6]]]},
            fields={"output": [1, 2]},
            outputs={"y": [[[2, 6]]]},
        ),
    )


@register
class AdaptiveAvgPool1d(AdaptivePool1d):
    """The mean under each window of a signal."""

    type = "adaptive_avg_pool1d"
    title = "Adaptive average pooling 1d"
    sentence = "Makes a signal of any length one of the length that you name, by means."
    aliases = ("adaptive pooling", "avgpool")
    purposes = ("fixed size from any size",)
    module = "AdaptiveAvgPool1d"
    mean = True


@register
class AdaptiveMaxPool1d(AdaptivePool1d):
    """The largest number under each window of a signal."""

    type = "adaptive_max_pool1d"
    title = "Adaptive max pooling 1d"
    sentence = "Makes a signal of any length one of the length that you name, by largest numbers."
    aliases = ("adaptive pooling", "maxpool")
    purposes = ("fixed size from any size",)
    module = "AdaptiveMaxPool1d"


@register
class SpatialPyramidPool(Layer):
    """float[C c, H h, W w] → float[D c·(1 + 4 + … + 4ˡ⁻¹)]: grids of 1×1, 2×2, 4×4 … cells, pooled and laid end to end
    (He et al. 2014, notes 2:351)."""

    type = "spatial_pyramid_pool"
    title = "Spatial pyramid pooling"
    family: ClassVar[Family] = "pooling"
    sentence = (
        "Pools an image of any size over coarse and fine grids, so that always the same number of features results."
    )
    formula = r"D = C \left(1 + 4 + 16 + \dots + 4^{l-1}\right)"
    icon = "grid-2x2"
    aliases = ("spp", "pyramid", "any size", "fixed length")
    purposes = ("vector from any size",)
    examples = (
        Example(
            "Two levels: the largest of the whole map, then of each quarter.",
            inputs={"x": [[[1, 2], [3, 4]]]},
            fields={"levels": 2},
            outputs={"y": [4, 1, 2, 3, 4]},
        ),
    )

    levels: int = Field(3, ge=1, le=6, title="Levels", description="How many grids: 1×1, 2×2, 4×4 and so on.")
    kind: Literal["max", "mean"] = Field("max", title="Kind", description="What each cell keeps.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        return {"y": vector(x.sizes[0] * sum(4**level for level in range(self.levels)))}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        (channels, high, wide), y = inputs["x"].sizes, outputs["y"]
        sides = [2**level for level in range(self.levels)]
        looks = channels * sum(looked(high, side) * looked(wide, side) for side in sides)
        return looks if self.kind == "mean" else looks - y.numel

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        cells = [4**level for level in range(self.levels)]
        inside = f"({' + '.join(map(tex, cells))})" if len(cells) > 1 else "1"
        return rows(("D", rf"{product([inputs['x'].sizes[0]])} \cdot {inside} = {tex(outputs['y'].numel)}"))

    def summary(self) -> str:
        finest = 2 ** (self.levels - 1)
        return f"{self.kind}, 1×1 to {finest}×{finest}" if self.levels > 1 else f"{self.kind}, 1×1"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class SpatialPyramidPool(nn.Module):
            """(B, C, H, W) → (B, C·(1 + 4 + ...)): pooled over finer and finer grids, laid end to end."""

            def __init__(self, levels: int, kind: str = "max") -> None:
                super().__init__()
                self.levels = levels
                self.pool = F.adaptive_max_pool2d if kind == "max" else F.adaptive_avg_pool2d

            def forward(self, x: Tensor) -> Tensor:
                return torch.cat([self.pool(x, 2**level).flatten(1) for level in range(self.levels)], 1)

        return SpatialPyramidPool(self.levels, self.kind)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("SpatialPyramidPool", self.levels, kind=(self.kind, "max")), classes=("SpatialPyramidPool",))
