"""Filters that were designed, not learned (notes 2:162-168, 2:236): the ancestors of convolutional layers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from chalknet.layers import kernels
from chalknet.layers.base import (
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Replace,
    SetField,
    Source,
    TensorType,
    Warn,
    Window,
    register,
)
from chalknet.layers.words import call, product, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class ImageFilter(Layer):
    """float[C c, H h, W w], kept: every channel by itself, the border repeated outwards. No trainable parameters.

    Sobel's magnitude is √(gₓ² + g_y²).
    """

    type = "image_filter"
    title = "Image filter"
    family: ClassVar[Family] = "convolution"
    sentence = "Slides a kernel over every channel that somebody thought out: blur, edges, sharpen, or one's own."
    formula = r"y_c[i, j] = \sum_{u,v} k[u, v]\; x_c[i + u,\, j + v]"
    icon = "scan-search"
    aliases = ("blur", "edge detection", "sobel", "gaussian", "laplacian", "log", "sharpen", "average", "kernel")
    purposes = ("find edges", "blur", "remove noise", "preprocess images")
    keeps_width = True
    beware = (
        "A convolutional layer learns such kernels itself; what it learns first often looks like these.",
        "A kernel of rank 1 is two thin ones: Sobel's is [1, 2, 1] down the rows and [−1, 0, 1] along the columns.",
    )
    examples = (
        Example(
            "Sobel across a step from 0 to 1: the slope stands where the step is.",
            inputs={"x": [[[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]]},
            fields={"filter": "sobel x"},
            outputs={"y": [[[0, 4, 4, 0], [0, 4, 4, 0], [0, 4, 4, 0]]]},
        ),
        Example(
            "The mean of a pixel and its neighbours: one bright pixel is spread over nine.",
            inputs={"x": [[[0, 0, 0], [0, 9, 0], [0, 0, 0]]]},
            fields={"filter": "average"},
            outputs={"y": [[[1, 1, 1], [1, 1, 1], [1, 1, 1]]]},
        ),
    )

    filter: Literal[
        "average", "gaussian", "laplacian of gaussian", "sobel x", "sobel y", "sobel magnitude", "sharpen", "custom"
    ] = Field("gaussian", title="Filter", description="Which kernel slides over the image.")
    side: int = Field(
        3,
        ge=1,
        le=kernels.MOST_SIDE,
        title="Side",
        description="How wide the kernel of average, Gaussian and Laplacian is.",
        json_schema_extra={"unit": "px"},
    )
    sigma: float = Field(
        1.0,
        ge=0.2,
        le=20,
        title="σ",
        description="How far Gaussian and Laplacian spread.",
        json_schema_extra={"unit": "px"},
    )
    kernel: str = Field(
        "-1 0 1; -2 0 2; -1 0 1",
        max_length=1000,
        title="Kernel",
        description="Of the custom filter: rows apart by semicolons, numbers by spaces.",
        examples=["1 2 1; 2 4 2; 1 2 1", "-1 0 1; -2 0 2; -1 0 1", "1 -1", "0 1/4 0; 1/4 0 1/4; 0 1/4 0", "2"],
    )

    @field_validator("kernel")
    @classmethod
    def _readable(cls, text: str) -> str:
        kernels.parse(text)
        return text

    def weights(self) -> kernels.Kernel:
        """The kernel; of Sobel's magnitude the one across."""
        match self.filter:
            case "average":
                return kernels.average(self.side)
            case "gaussian":
                return kernels.gaussian(self.side, self.sigma)
            case "laplacian of gaussian":
                return kernels.laplacian_of_gaussian(self.side, self.sigma)
            case "sobel y":
                return kernels.SOBEL_Y
            case "sharpen":
                return kernels.SHARPEN
            case "custom":
                return kernels.parse(self.kernel)
            case _:
                return kernels.SOBEL_X

    @property
    def shape(self) -> tuple[int, int]:
        weights = self.weights()
        return len(weights), len(weights[0])

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        return {"y": x.resized()}

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        found = kernels.factors(self.weights()) if self.filter == "custom" else None
        both, whole = sum(self.shape), math.prod(self.shape)
        if found is not None and both < whole:
            column, row = "; ".join(map(str, found[0])), " ".join(map(str, found[1]))
            thin = [{"filter": "custom", "kernel": text} for text in (column, row)]
            title = f"Use a {times((self.shape[0], 1))} and a {times((1, self.shape[1]))} kernel"
            return [
                Warn(
                    "rank_one",
                    f"the {times(self.shape)} kernel has rank 1: it is a column times a row, "
                    f"{both} multiplications a pixel instead of {whole}.",
                    hint="One after the other they give the same picture.",
                    field="kernel",
                    remedies=(Replace(tuple((self.type, fields) for fields in thin), title),)
                    if all(map(kernels.readable, (column, row)))
                    else (),
                    severity="info",
                )
            ]
        return ()

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        each = self.shape[0] * self.shape[1] * (2 if self.filter == "sobel magnitude" else 1)
        return outputs["y"].numel * each

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * (4 if self.filter == "sobel magnitude" else 0)  # two squares, a sum, its root

    def window(self, inputs: Inputs) -> Window:
        high, wide = self.shape
        return Window(self.shape, padding=((high - 1) // 2, (wide - 1) // 2))

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        weights = self.weights()
        body = r" \\ ".join(" & ".join(f"{value:.3g}" for value in row) for row in weights)
        found = kernels.factors(weights)
        split = ""
        if found is not None and min(self.shape) > 1:
            column, row = (r" \\ ".join(_short(v) for v in found[0]), " & ".join(_short(v) for v in found[1]))
            split = rf"\begin{{bmatrix}} {column} \end{{bmatrix}} \begin{{bmatrix}} {row} \end{{bmatrix}}"
        return rows(
            ("kernel", rf"\begin{{bmatrix}} {body} \end{{bmatrix}}" if max(self.shape) <= 7 else ""),
            ("of rank 1", split if max(self.shape) <= 7 else ""),
            ("multiply-adds", rf"{product((outputs['y'].numel,))} \cdot {product(self.shape)}"
             + (r" \cdot 2" if self.filter == "sobel magnitude" else "") + f" = {tex(self.macs(inputs, outputs))}"),
        )  # fmt: skip

    def summary(self) -> str:
        return f"{self.filter}, {times(self.shape)}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class ImageFilter(nn.Module):
            """A fixed kernel over every channel of (B, C, H, W); of two kernels the length of both answers."""

            kernel: Tensor

            def __init__(self, channels: int, *kernels: tuple[tuple[float, ...], ...]) -> None:
                super().__init__()
                self.channels = channels
                stacked = torch.tensor(kernels)[:, None]  # (n, 1, h, w)
                self.register_buffer("kernel", stacked, persistent=False)
                high, wide = stacked.shape[2:]
                self.margins = ((wide - 1) // 2, wide // 2, (high - 1) // 2, high // 2)

            def forward(self, x: Tensor) -> Tensor:
                padded = F.pad(x, self.margins, mode="replicate")
                parts = [
                    F.conv2d(padded, kernel.expand(self.channels, 1, -1, -1), groups=self.channels)
                    for kernel in self.kernel[:, None]
                ]
                return parts[0] if len(parts) == 1 else (parts[0] ** 2 + parts[1] ** 2 + 1e-12).sqrt()

        return ImageFilter(inputs["x"].sizes[0], *self._kernels())

    def _kernels(self) -> tuple[kernels.Kernel, ...]:
        both = (kernels.SOBEL_X, kernels.SOBEL_Y) if self.filter == "sobel magnitude" else (self.weights(),)
        return tuple(tuple(tuple(float(value) for value in row) for row in kernel) for kernel in both)

    def source(self, inputs: Inputs) -> Source:
        arguments = ", ".join(repr(kernel) for kernel in self._kernels())
        return Source(f"ImageFilter({inputs['x'].sizes[0]}, {arguments})", classes=("ImageFilter",))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 8 else f"{float(value):.3g}"  # type: ignore[arg-type]


@register
class Hog(Layer):
    """Histograms of oriented gradients (Dalal and Triggs 2005): float[C c, H h, W w] →
    float[C bins·block², H ⌊h/cell⌋ − block + 1, W …].

    The channel with the steepest slope counts at every pixel; its slope is shared between the two nearest of ``bins``
    directions over 180° and added up over cells. Blocks of ``block``×``block`` cells move by one cell; the histograms
    of a block's cells, row by row, stand one after another and are brought to one length together.
    """

    type = "hog"
    title = "Oriented gradients"
    family: ClassVar[Family] = "convolution"
    sentence = (
        "Counts in every cell of an image which way its edges run: what detectors saw before networks learned to."
    )
    formula = (
        r"h_b = \sum_{(i,j) \in \text{cell}} \lVert \nabla x_{ij} \rVert\; w_b(\angle \nabla x_{ij}), \quad "
        r"v = (h^{(1)}, \dots, h^{(n)}), \quad y = \dfrac{v}{\sqrt{\lVert v \rVert^2 + \varepsilon}}"
    )
    icon = "compass"
    aliases = ("hog", "histogram of oriented gradients", "features", "edge histogram", "block normalisation", "l2-hys")
    purposes = ("hand-made features", "find edges")
    beware = ("Nothing in it is learned: a network's first layers find such features, and better ones, by themselves.",)
    examples = (
        Example(
            "An upright edge: all of the slope runs across, the first of two directions.",
            inputs={"x": [[[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]]},
            fields={"cell": 4, "bins": 2},
            outputs={"y": [[[1]], [[0]]]},
        ),
        Example(
            "A ramp to the right, four cells in one block: each has the same slope, so each has half of the length.",
            inputs={"x": [[[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]]},
            fields={"cell": 2, "bins": 2, "block": 2},
            outputs={"y": [[[0.5]], [[0]], [[0.5]], [[0]], [[0.5]], [[0]], [[0.5]], [[0]]]},
        ),
    )

    cell: int = Field(8, ge=2, le=64, title="Cell", description="Side of a cell.", json_schema_extra={"unit": "px"})
    bins: int = Field(9, ge=2, le=36, title="Directions", description="How many directions are told apart, over 180°.")
    block: int = Field(
        1,
        ge=1,
        le=8,
        title="Block",
        description="How many cells high and wide a block is whose histograms are brought to one length together.",
        json_schema_extra={"unit": "cells"},
    )
    norm: Literal["L2", "L2-Hys", "L1", "L1-sqrt"] = Field(
        "L2",
        title="Length",
        description="L2: root of the squares. L2-Hys: the same, cut off at 0.2, and once more. L1: the sum.",
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        high, wide = (size // self.cell for size in x.sizes[1:])
        if min(high, wide) < 1:
            most = min(x.sizes[1:])
            raise Fault(
                "cell_too_large",
                f"its cells of {times((self.cell, self.cell))} are larger than the {times(x.sizes[1:])} image.",
                field="cell",
                port="x",
                remedies=[SetField("cell", most, f"Set the cell to {most}")] if most >= 2 else [],
            )
        if self.block > min(high, wide):
            most = min(high, wide)
            smaller = min(x.sizes[1:]) // self.block
            remedies = [SetField("block", most, f"Set the block to {most}")]
            if smaller >= 2:
                remedies.append(SetField("cell", smaller, f"Set the cell to {smaller}"))
            raise Fault(
                "block_too_large",
                f"its blocks of {times((self.block, self.block))} cells are larger than the {times((high, wide))} "
                "cells of the image.",
                field="block",
                port="x",
                remedies=remedies,
            )
        over = self.block - 1
        return {"y": x.resized(C=self.bins * self.block**2, H=high - over, W=wide - over)}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        pixels = math.prod(inputs["x"].sizes[1:])
        # Two differences a channel and their lengths; the steepest, its root and angle.
        slope = 5 * inputs["x"].sizes[0] + (inputs["x"].sizes[0] - 1) + 3
        # How far each direction is from it, round the circle, its share of the slope, and the cell's sum.
        # A square, a sum and a quotient for every number of a block; a cut and the same again; a sum and a quotient.
        each = {"L2": 3, "L2-Hys": 7, "L1": 2, "L1-sqrt": 3}[self.norm]
        return pixels * (slope + 8 * self.bins) + each * outputs["y"].numel

    def window(self, inputs: Inputs) -> Window:
        side = self.cell * self.block + 2
        return Window((side, side), (self.cell, self.cell), padding=(1, 1))

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        over = rf" - {self.block} + 1" if self.block > 1 else ""
        sizes = [
            (axis.name, rf"\lfloor {tex(axis.size)} / {self.cell} \rfloor{over} = {tex(behind.size)}")
            for axis, behind in zip(inputs["x"].axes[1:], outputs["y"].axes[1:], strict=True)
        ]
        together = rf"{self.block}^2 \cdot {self.bins} = {tex(outputs['y'].sizes[0])}"
        return rows(*sizes, ("C", together if self.block > 1 else ""))

    def summary(self) -> str:
        block = f", blocks of {times((self.block, self.block))}" if self.block > 1 else ""
        norm = f", {self.norm}" if self.norm != "L2" else ""
        return f"{self.bins} directions, {times((self.cell, self.cell))}{block}{norm}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class OrientedGradients(nn.Module):
            """Cells' histograms of the directions of slopes, (B, C, H, W) → (B, block²·bins, H/cell − block + 1, W …):
            those of a block's cells, brought to one length."""

            def __init__(self, cell: int, bins: int, block: int = 1, norm: str = "L2") -> None:
                super().__init__()
                self.cell, self.bins, self.block, self.norm = cell, bins, block, norm

            def forward(self, x: Tensor) -> Tensor:
                padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
                across = padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]
                down = padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]
                steep = (across**2 + down**2).argmax(1, keepdim=True)  # of the channels
                across, down = across.gather(1, steep), down.gather(1, steep)  # (B, 1, H, W)
                length = (across**2 + down**2 + 1e-12).sqrt()
                place = torch.atan2(down, across + 1e-12) / torch.pi % 1 * self.bins
                bins = torch.arange(self.bins, device=x.device, dtype=x.dtype)[:, None, None]
                apart = (place - bins).abs()
                share = (1 - torch.minimum(apart, self.bins - apart)).clamp(min=0)  # (B, bins, H, W)
                cells = F.avg_pool2d(share * length, self.cell)
                blocks = cells.unfold(2, self.block, 1).unfold(3, self.block, 1)  # (B, bins, H', W', block, block)
                y = blocks.permute(0, 4, 5, 1, 2, 3).flatten(1, 3)
                if self.norm in ("L1", "L1-sqrt"):
                    y = y / y.sum(1, keepdim=True).add(3e-3)
                    return y if self.norm == "L1" else (y + 1e-12).sqrt()
                y = self.shortened(y)
                return self.shortened(y.clamp(max=0.2)) if self.norm == "L2-Hys" else y

            def shortened(self, y: Tensor) -> Tensor:
                return y / (y**2).sum(1, keepdim=True).add(1e-5).sqrt()  # an even block stays near 0

        return OrientedGradients(*self._arguments())

    def _arguments(self) -> tuple[int, int, int, str]:
        return self.cell, self.bins, self.block, self.norm

    def source(self, inputs: Inputs) -> Source:
        cell, bins, block, norm = self._arguments()
        text = call("OrientedGradients", cell, bins, block=(block, 1), norm=(norm, "L2"))
        return Source(text, classes=("OrientedGradients",))
