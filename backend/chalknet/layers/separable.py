"""Convolutions that save weights, split in two, or spend them, not shared at all (notes 0:503, 2:384, 2:214)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from chalknet.layers.base import Example, Inputs, Source, TensorType, Window, register
from chalknet.layers.convolution import Conv2d, Sliding
from chalknet.layers.sizes import pair
from chalknet.layers.words import call, product, rows, tex

if TYPE_CHECKING:
    from torch import Tensor, nn


class Variant(Sliding):
    """Base: an image convolution of another kind, its costs set beside the plain one's."""

    wants: ClassVar[str] = "an image (channels × height × width)"
    rank: ClassVar[int] = 2

    def accepts(self, x: TensorType) -> bool:
        return x.is_image

    def window(self, inputs: Inputs) -> Window:
        return self.plain().window(inputs)

    def plain(self) -> Conv2d:
        names = ("channels", "kernel", "stride", "padding", "dilation", "bias")
        return Conv2d(**{name: getattr(self, name) for name in names})

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        plain = self.plain()
        usual = sum(math.prod(shape) for shape in plain.parameters(inputs).values())
        work = plain.macs(inputs, outputs)
        parameters = self.parameters(inputs)
        own = sum(math.prod(shape) for shape in parameters.values())
        cost = self.macs(inputs, outputs)
        return rows(
            *self.sizes_tex(inputs, outputs),
            ("parameters", f"{' + '.join(product(shape) for shape in parameters.values())} = {tex(own)}"),
            ("multiply-adds", self.macs_tex(inputs, outputs)),
            ("against a plain convolution", rf"{tex(own)} : {tex(usual)} \approx {own / usual:.3g}"),
            ("its multiply-adds", rf"{tex(cost)} : {tex(work)} \approx {cost / work:.3g}"),
            *self.reasons(),
        )

    def macs_tex(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return tex(self.macs(inputs, outputs))

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Further rows of ``numbers``: why it costs what it costs."""
        return ()


@register
class SeparableConv2d(Variant):
    """Depthwise, then pointwise (Howard et al. 2017): one K×K kernel a channel, then a 1×1 convolution that mixes them.

    c·K² + c·channels (+ biases) parameters; its work is 1/channels + 1/K² of the plain convolution's (C-027).
    """

    type = "separable_conv2d"
    title = "Separable conv 2d"
    sentence = "A convolution in two cheap steps: first each channel by itself, then a 1×1 convolution that mixes them."
    formula = r"y_k = b_k + \sum_c p_{k,c}\,(d_c \star x_c), \qquad \text{cost} = \tfrac{1}{C_{out}} + \tfrac{1}{K^2}"
    icon = "split"
    aliases = ("depthwise separable", "depthwise", "pointwise", "mobilenet", "xception", "cheap convolution")
    purposes = ("save parameters", "save computation", "make faster", "run on a phone")
    beware = (
        "Nothing acts between its two steps. MobileNet puts a norm and a ReLU there: draw a depthwise Conv2d "
        "(as many groups as channels) and a 1×1 Conv2d for that.",
    )
    examples = (
        Example(
            "Each channel is added up over its window; then the two sums are mixed as 1·a + 10·b.",
            inputs={"x": [[[1, 2], [3, 4]], [[1, 0], [0, 1]]]},
            fields={"channels": 1, "kernel": 2, "bias": False},
            weights={
                "depthwise.weight": [[[[1, 1], [1, 1]]], [[[1, 1], [1, 1]]]],
                "pointwise.weight": [[[[1]], [[10]]]],
            },
            outputs={"y": [[[30]]]},
        ),
    )

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        arriving = inputs["x"].sizes[0]
        shapes: dict[str, tuple[int, ...]] = {"depthwise.weight": (arriving, 1, *pair(self.kernel))}
        if self.bias:
            shapes["depthwise.bias"] = (arriving,)
        shapes["pointwise.weight"] = (self.channels, arriving, 1, 1)
        if self.bias:
            shapes["pointwise.bias"] = (self.channels,)
        return shapes

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        places = math.prod(outputs["y"].sizes[1:])
        return places * inputs["x"].sizes[0] * (math.prod(pair(self.kernel)) + self.channels)

    def macs_tex(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        places = product((*outputs["y"].sizes[1:], inputs["x"].sizes[0]))
        total = tex(self.macs(inputs, outputs))
        return rf"{places} \cdot ({product(pair(self.kernel))} + {tex(self.channels)}) = {total}"

    def reasons(self) -> tuple[tuple[str, str], ...]:
        area = math.prod(pair(self.kernel))
        rule = r"\tfrac{1}{C_{out}} + \tfrac{1}{K^2}"
        own = rf"\tfrac{{1}}{{{tex(self.channels)}}} + \tfrac{{1}}{{{tex(area)}}}"
        return (("as the rule says", rf"{rule} = {own} \approx {1 / self.channels + 1 / area:.3g}"),)

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class SeparableConv2d(nn.Module):
            """Every channel by itself (B, C, H, W), then a 1×1 convolution that mixes them."""

            def __init__(self, arriving: int, channels: int, bias: bool = True, **window: Any) -> None:
                super().__init__()
                self.depthwise = nn.Conv2d(arriving, arriving, groups=arriving, bias=bias, **window)
                self.pointwise = nn.Conv2d(arriving, channels, 1, bias=bias)

            def forward(self, x: Tensor) -> Tensor:
                return self.pointwise(self.depthwise(x))

        (arriving, channels), keywords = self.arguments(inputs)
        del keywords["groups"]
        return SeparableConv2d(arriving, channels, **{name: value for name, (value, _) in keywords.items()})

    def source(self, inputs: Inputs) -> Source:
        channels, keywords = self.arguments(inputs)
        return Source(call("SeparableConv2d", *channels, **keywords), classes=("SeparableConv2d",))


@register
class SpatiallySeparableConv2d(Variant):
    """K×1, then 1×K: c·channels·K + channels²·K instead of c·channels·K² weights (Szegedy et al. 2016)."""

    type = "spatial_separable_conv2d"
    title = "Rows then columns conv"
    sentence = "A convolution in two thin steps: a tall kernel down the rows, then a wide one along the columns."
    formula = r"y = v^{\top} \star (u \star x), \qquad K \times K \to K \times 1,\; 1 \times K"
    icon = "columns-2"
    aliases = ("spatially separable", "asymmetric convolution", "factorised", "inception v3", "1×n", "n×1")
    purposes = ("save parameters", "save computation")
    beware = (
        "Only a kernel of rank 1 is split without loss: Sobel's is [1, 2, 1]ᵀ·[−1, 0, 1]. Most learned ones are not.",
    )
    examples = (
        Example(
            "Sobel: [1, 2, 1] down the rows, then [−1, 0, 1] along the columns, on a ramp that rises by 1.",
            inputs={"x": [[[0, 1, 2], [0, 1, 2], [0, 1, 2]]]},
            fields={"channels": 1, "kernel": 3, "bias": False},
            weights={"down.weight": [[[[1], [2], [1]]]], "across.weight": [[[[-1, 0, 1]]]]},
            outputs={"y": [[[8]]]},
        ),
    )

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        tall, wide = pair(self.kernel)
        shapes: dict[str, tuple[int, ...]] = {"down.weight": (self.channels, inputs["x"].sizes[0], tall, 1)}
        if self.bias:
            shapes["down.bias"] = (self.channels,)
        shapes["across.weight"] = (self.channels, self.channels, 1, wide)
        if self.bias:
            shapes["across.bias"] = (self.channels,)
        return shapes

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        tall, wide = pair(self.kernel)
        (high, broad), x = outputs["y"].sizes[1:], inputs["x"]
        first = high * x.sizes[2] * self.channels * x.sizes[0] * tall
        return first + high * broad * self.channels**2 * wide

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class RowsThenColumns(nn.Module):
            """Down the rows, then along the columns of (B, C, H, W)."""

            def __init__(
                self,
                arriving: int,
                channels: int,
                kernel: tuple[int, int],
                stride: tuple[int, int],
                padding: tuple[Any, Any],
                dilation: tuple[int, int],
                bias: bool,
            ) -> None:
                super().__init__()
                (tall, wide), (down, across), (below, beside) = kernel, stride, dilation
                self.down = nn.Conv2d(
                    arriving, channels, (tall, 1), (down, 1), padding[0], dilation=(below, 1), bias=bias
                )
                self.across = nn.Conv2d(
                    channels, channels, (1, wide), (1, across), padding[1], dilation=(1, beside), bias=bias
                )

            def forward(self, x: Tensor) -> Tensor:
                return self.across(self.down(x))

        return RowsThenColumns(*self._places(inputs))

    def _halves(self) -> tuple[Any, Any]:
        """Padding (before and after) of a module for rows and one for columns; ``same`` stays ``same``."""
        if self.same:
            return "same", "same"
        down, across = pair(self.padding)  # type: ignore[arg-type]
        return (down, 0), (0, across)

    def _places(self, inputs: Inputs) -> tuple[Any, ...]:
        return (
            inputs["x"].sizes[0],
            self.channels,
            pair(self.kernel),
            pair(self.stride),
            self._halves(),
            pair(self.dilation),
            self.bias,
        )

    def source(self, inputs: Inputs) -> Source:
        return Source(call("RowsThenColumns", *self._places(inputs)), classes=("RowsThenColumns",))


@register
class LocallyConnected2d(Variant):
    """A convolution without sharing: every place has kernels of its own (notes 2:214).

    Weights (H'·W', channels, c·K²), biases (channels, H', W'): H'·W' times as many as the convolution's.
    """

    type = "locally_connected2d"
    title = "Locally connected"
    sentence = "Looks at small windows as a convolution does, but every place has its own weights: nothing is shared."
    formula = r"y_k[i,j] = b_k[i,j] + \sum_{c,u,v} w_{k,c}^{(i,j)}[u,v]\; x_c[i s + u,\, j s + v]"
    icon = "grid-2x2"
    aliases = ("unshared convolution", "local", "no weight sharing")
    purposes = ("see what weight sharing saves",)
    beware = ("What is learned at one place is not known at another: a cat has to be learned everywhere anew.",)
    examples = (
        Example(
            "Two places, each with a weight of its own: 10 for the left number, 1 for the right one.",
            inputs={"x": [[[3, 4]]]},
            fields={"channels": 1, "kernel": 1, "bias": False},
            weights={"weight": [[[10]], [[1]]]},
            outputs={"y": [[[30, 4]]]},
        ),
    )

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        high, broad = self.infer(inputs)["y"].sizes[1:]
        window = inputs["x"].sizes[0] * math.prod(pair(self.kernel))
        shapes: dict[str, tuple[int, ...]] = {"weight": (high * broad, self.channels, window)}
        if self.bias:
            shapes["bias"] = (self.channels, high, broad)
        return shapes

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return math.prod(self.parameters(inputs)["weight"])

    def margins(self) -> tuple[int, int, int, int]:
        """Zeros to the left, right, above, below, as torch pads for ``same``: the odd one right and below."""
        if not self.same:
            down, across = pair(self.padding)  # type: ignore[arg-type]
            return across, across, down, down
        (down, across) = (d * (k - 1) for k, d in zip(pair(self.kernel), pair(self.dilation), strict=True))
        return across // 2, across - across // 2, down // 2, down - down // 2

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        import torch.nn.functional as F
        from torch import nn

        class LocallyConnected2d(nn.Module):
            """Weights (places, channels, window) for every place of (B, C, H, W)."""

            def __init__(
                self,
                window: int,
                channels: int,
                places: tuple[int, int],
                kernel: tuple[int, int],
                stride: tuple[int, int],
                margins: tuple[int, int, int, int],
                dilation: tuple[int, int],
                bias: bool,
            ) -> None:
                super().__init__()
                self.places, self.kernel, self.stride, self.margins, self.dilation = (
                    places,
                    kernel,
                    stride,
                    margins,
                    dilation,
                )
                bound = window**-0.5  # as torch begins a convolution
                self.weight = nn.Parameter(torch.empty(places[0] * places[1], channels, window).uniform_(-bound, bound))
                self.bias = nn.Parameter(torch.empty(channels, *places).uniform_(-bound, bound)) if bias else None

            def forward(self, x: Tensor) -> Tensor:
                padded = F.pad(x, self.margins)
                windows = F.unfold(
                    padded, self.kernel, dilation=self.dilation, stride=self.stride
                )  # (B, window, places)
                y = torch.bmm(windows.permute(2, 0, 1), self.weight.transpose(1, 2))  # (places, B, C)
                y = y.permute(1, 2, 0).unflatten(2, self.places)  # (B, C, H, W)
                return y if self.bias is None else y + self.bias

        if self.same and max(pair(self.stride)) > 1:
            raise ValueError("padding 'same' keeps the size, a stride divides it")
        return LocallyConnected2d(*self._places(inputs))

    def _places(self, inputs: Inputs) -> tuple[Any, ...]:
        places = self.places(inputs["x"].sizes[1:])
        window = inputs["x"].sizes[0] * math.prod(pair(self.kernel))
        return (
            window,
            self.channels,
            places,
            pair(self.kernel),
            pair(self.stride),
            self.margins(),
            pair(self.dilation),
            self.bias,
        )

    def source(self, inputs: Inputs) -> Source:
        return Source(call("LocallyConnected2d", *self._places(inputs)), classes=("LocallyConnected2d",))
