"""From few places to many: repeating, blending, spreading out (notes 2:374, 3:298)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import Example, Family, Inputs, Layer, Source, TensorType, Window, register
from chalknet.layers.sizes import Size, pair, size
from chalknet.layers.words import call, product, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class Enlarge(Layer):
    """Base: float[C c, H h, W w] → float[C c, H h·s, W w·s]."""

    family: ClassVar[Family] = "pooling"
    per_number: ClassVar[int] = 0
    keeps_width: ClassVar[bool] = True

    if TYPE_CHECKING:  # a field of each
        scale: Any

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        down, across = pair(self.scale)
        return {"y": x.resized(H=x.sizes[1] * down, W=x.sizes[2] * across)}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        axes = zip(inputs["x"].axes[1:], pair(self.scale), strict=True)
        return rows(*((axis.name, rf"{tex(axis.size)} \cdot {s} = {tex(axis.size * s)}") for axis, s in axes))

    def summary(self) -> str:
        return f"×{times(tuple(dict.fromkeys(pair(self.scale))))}"


def repeated(down: int, across: int) -> Window:
    """How one looks at space who repeats every place so often."""
    return Window((down, across), (down, across)).back()


def blended(down: int, across: int) -> Window:
    """How one looks at space who blends neighbours: as a transposed convolution with the kernel that does it."""
    sides = (2 * down - down % 2, 2 * across - across % 2)
    return Window(sides, (down, across), padding=(down // 2, across // 2)).back()


def scale() -> Any:
    """The field that holds how many times as large the image becomes."""
    return size(2, "Scale", "How many times as high and as wide the image becomes.", unit="×")


@register
class Upsample(Enlarge):
    """Nearest: every number is repeated s×s times; bilinear: numbers between are blended from their four neighbours."""

    type = "upsample"
    title = "Upsample"
    sentence = "Makes the image larger: by repeating every pixel, or by blending neighbours."
    formula = r"y_c[i, j] = x_c\left[\lfloor i / s \rfloor,\, \lfloor j / s \rfloor\right]"
    icon = "maximize-2"
    aliases = ("upsampling", "nearest", "bilinear", "unpool", "enlarge", "interpolate", "decoder")
    purposes = ("make larger", "enlarge an image")
    beware = ("It learns nothing and adds no detail: what pooling threw away does not come back.",)
    examples = (
        Example(
            "Every number is repeated 2×2 times.",
            inputs={"x": [[[1, 2], [3, 4]]]},
            outputs={"y": [[[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]]},
        ),
        Example(
            "Blended: a quarter and three quarters of the way from 0 to 4.",
            inputs={"x": [[[0, 4]]]},
            fields={"scale": [1, 2], "mode": "bilinear"},
            outputs={"y": [[[0, 1, 3, 4]]]},
        ),
    )

    scale: Size = scale()
    mode: Literal["nearest", "bilinear"] = Field(
        "nearest", title="Kind", description="Repeat every pixel, or blend neighbours."
    )

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * (7 if self.mode == "bilinear" else 0)  # 4 products, 3 sums

    def window(self, inputs: Inputs) -> Window:
        return blended(*pair(self.scale)) if self.mode == "bilinear" else repeated(*pair(self.scale))

    def summary(self) -> str:
        return f"{super().summary()}, {self.mode}"

    def arguments(self) -> dict[str, tuple[Any, Any]]:
        """Keyword arguments of the torch module, each with its default there."""
        factor = self.scale if isinstance(self.scale, int) else tuple(map(float, self.scale))
        return {"scale_factor": (factor, None), "mode": (self.mode, "nearest")}

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Upsample(**{name: value for name, (value, _) in self.arguments().items()})

    def source(self, inputs: Inputs) -> Source:
        return Source(call("nn.Upsample", **self.arguments()))


@register
class BedOfNails(Enlarge):
    """Every number stands in the top left corner of an s×s cell, the rest of which is 0."""

    type = "bed_of_nails"
    title = "Bed of nails"
    sentence = "Makes the image larger: every number stands in the corner of its cell, and the rest is zero."
    formula = r"y_c[i, j] = \begin{cases} x_c[i/s,\, j/s] & s \mid i,\ s \mid j \\ 0 & \text{otherwise} \end{cases}"
    icon = "grip"
    aliases = ("upsampling", "unpool", "zero insertion", "decoder")
    purposes = ("make larger",)
    beware = (
        "It is not max unpooling: the number always stands in the same corner. Max unpooling remembers where the "
        "largest stood when it was pooled, and puts it back there.",
    )
    examples = (
        Example(
            "Every number in the corner of a 2×2 cell.",
            inputs={"x": [[[1, 2], [3, 4]]]},
            outputs={"y": [[[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]]},
        ),
    )

    scale: Size = scale()

    def window(self, inputs: Inputs) -> Window:
        return Window(stride=pair(self.scale)).back()

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class BedOfNails(nn.Module):
            """(B, C, H, W) → (B, C, H·down, W·across): numbers in the corners of cells of zeros."""

            def __init__(self, down: int, across: int) -> None:
                super().__init__()
                self.down = down
                self.across = across

            def forward(self, x: Tensor) -> Tensor:
                batch, channels, height, width = x.shape
                y = x.new_zeros(batch, channels, height * self.down, width * self.across)
                y[:, :, :: self.down, :: self.across] = x
                return y

        return BedOfNails(*pair(self.scale))

    def source(self, inputs: Inputs) -> Source:
        return Source(call("BedOfNails", *pair(self.scale)), classes=("BedOfNails",))


@register
class BilinearTransposed(Layer):
    """float[C c, H h, W w] → float[C c, H h·s, W w·s]: a transposed convolution, one kernel of side 2s − s mod 2 a
    channel, that starts as bilinear interpolation and may learn better (Long et al. 2015)."""

    type = "bilinear_transposed"
    title = "Bilinear transposed convolution"
    family: ClassVar[Family] = "convolution"
    per_number: ClassVar[int] = 0
    sentence = "Makes the image larger by blending neighbours at first, and learns how best to blend."
    formula = (
        r"k = 2s - (s \bmod 2), \quad w[u, v] = \left(1 - \tfrac{|u - c|}{s}\right)\left(1 - \tfrac{|v - c|}{s}\right)"
    )
    icon = "maximize-2"
    aliases = ("upsampling", "bilinear", "deconv", "fcn", "learned upsampling", "decoder")
    purposes = ("make larger", "learn to enlarge")
    keeps_width = True
    beware = ("At the edges it fades, because beyond them there is nothing to blend with; Upsample repeats the edge.",)

    scale: int = Field(2, ge=1, le=64, title="Scale", description="How many times as high and wide the image becomes.",
                       json_schema_extra={"unit": "×"})  # fmt: skip

    @property
    def side(self) -> int:
        """Of the kernel."""
        return 2 * self.scale - self.scale % 2

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        return {"y": x.resized(H=x.sizes[1] * self.scale, W=x.sizes[2] * self.scale)}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": (inputs["x"].sizes[0], 1, self.side, self.side)}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].numel * self.side**2

    def window(self, inputs: Inputs) -> Window:
        return blended(self.scale, self.scale)

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x, k = inputs["x"], self.side
        return rows(
            ("H", rf"{tex(x.sizes[1])} \cdot {self.scale} = {tex(x.sizes[1] * self.scale)}"),
            ("W", rf"{tex(x.sizes[2])} \cdot {self.scale} = {tex(x.sizes[2] * self.scale)}"),
            ("parameters", rf"{tex(x.sizes[0])} \cdot {k}^2 = {tex(x.sizes[0] * k * k)}"),
            ("multiply-adds", rf"{product(x.sizes)} \cdot {k}^2 = {tex(self.macs(inputs, outputs))}"),
        )

    def summary(self) -> str:
        return f"×{self.scale}, {self.side}×{self.side}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class BilinearTransposed(nn.ConvTranspose2d):
            """(B, C, H, W) → (B, C, H·scale, W·scale), starting as bilinear interpolation."""

            def __init__(self, channels: int, scale: int) -> None:
                side = 2 * scale - scale % 2
                padding = scale // 2
                super().__init__(channels, channels, side, scale, padding, groups=channels, bias=False)
                near = 1 - (torch.arange(side) - (side - 1) / 2).abs() / scale
                with torch.no_grad():
                    self.weight.copy_(near[:, None] * near)

        return BilinearTransposed(inputs["x"].sizes[0], self.scale)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("BilinearTransposed", inputs["x"].sizes[0], self.scale), classes=("BilinearTransposed",))
