"""Transposed convolutions: every input stamps a weighted kernel on a larger output, and overlaps add up (notes 3:306).

It undoes the shape of a convolution with the same fields, not its values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chalknet.layers.base import (
    Axis,
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Remedy,
    SetField,
    Source,
    TensorType,
    Window,
    register,
)
from chalknet.layers.convolution import uneven_groups
from chalknet.layers.sizes import MOST, Margin, Natural, Positive, Size, pair, size
from chalknet.layers.words import call, product, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import nn


class TransposedConvolution(Layer):
    """Base of the transposed convolutions over ``float[C c, L l]`` and ``float[C c, H h, W w]``.

    Weights (c, channels/groups, *kernel); output size (h−1)s − 2p + d(k−1) + op + 1 along every axis (C-005).
    """

    family: ClassVar[Family] = "convolution"
    per_number: ClassVar[int] = 0
    width = "channels"
    wants: ClassVar[str]
    rank: ClassVar[int]
    purposes = ("make larger", "upsample", "decode", "generate images")

    channels: int = Field(
        16, ge=1, le=10**6, title="Channels", description="How many maps come out, each with its own kernel."
    )
    kernel: Size = size(2, "Kernel", "How large the patch is that every input stamps.")
    stride: Size = size(2, "Stride", "How far apart the patches of two neighbours are: how many times larger it gets.")
    padding: Margin = size(0, "Padding", "How much is cut off all around the output.", least=0)
    output_padding: Margin = size(
        0,
        "Output padding",
        "Rows and columns added at the end, to choose among the sizes that a stride allows.",
        least=0,
    )
    dilation: Size = size(1, "Dilation", "Distance between the outputs that the kernel touches; 1 leaves no gaps.")
    groups: int = Field(1, ge=1, le=10**6, title="Groups", description="Groups of channels that do not see each other.")
    bias: bool = Field(True, title="Bias", description="Add a learned number to every map.")

    def spatial(self, name: str) -> tuple[int, ...]:
        """A field along every spatial axis."""
        value = getattr(self, name)
        return (value,) if self.rank == 1 else pair(value)

    def written(self, values: tuple[int, ...]) -> int | tuple[int, ...]:
        """A value along every spatial axis as this layer's field holds it."""
        return values[0] if len(set(values)) == 1 else values

    def accepts(self, x: TensorType) -> bool:
        raise NotImplementedError

    def grown(self, length: int, axis: int) -> int:
        """Output size along one spatial axis."""
        k, s, p, op, d = (
            self.spatial(name)[axis] for name in ("kernel", "stride", "padding", "output_padding", "dilation")
        )
        return (length - 1) * s - 2 * p + d * (k - 1) + op + 1

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not self.accepts(x):
            raise unfit("x", self.wants, x)
        if fault := uneven_groups(x.sizes[0], self.channels, self.groups):
            raise fault
        self._check_output_padding()
        places = tuple(self.grown(length, axis) for axis, length in enumerate(x.sizes[1:]))
        if min(places) < 1:
            raise self._nothing_left(x.sizes[1:], places)
        axes = (Axis("C", self.channels), *(Axis(a.name, n) for a, n in zip(x.axes[1:], places, strict=True)))
        return {"y": TensorType(axes=axes)}

    def _check_output_padding(self) -> None:
        extra, stride, dilation = self.spatial("output_padding"), self.spatial("stride"), self.spatial("dilation")
        most = tuple(max(s, d) - 1 for s, d in zip(stride, dilation, strict=True))
        if all(e <= m for e, m in zip(extra, most, strict=True)):
            return
        fitting = tuple(min(e, m) for e, m in zip(extra, most, strict=True))
        larger = tuple(max(s, e + 1) for s, e in zip(stride, extra, strict=True))
        remedies: list[Remedy] = [
            SetField("output_padding", self.written(fitting), f"Set output padding to {times(fitting)}")
        ]
        if max(larger) <= MOST:
            remedies.append(SetField("stride", self.written(larger), f"Set stride to {times(larger)}"))
        raise Fault(
            "output_padding",
            f"output padding {times(extra)} must be smaller than the stride {times(stride)} or the dilation "
            f"{times(dilation)}.",
            hint="It only chooses among the sizes that one stride apart all become the same input.",
            field="output_padding",
            remedies=remedies,
        )

    def _nothing_left(self, space: tuple[int, ...], places: tuple[int, ...]) -> Fault:
        padding = self.spatial("padding")
        most = tuple(max(0, min(p, (n + 2 * p - 1) // 2)) for p, n in zip(padding, places, strict=True))
        remedies: list[Remedy] = [SetField("padding", self.written(most), f"Set padding to {times(most)}")]
        whole = tuple(n + 2 * p for n, p in zip(places, padding, strict=True))
        return Fault(
            "nothing_left",
            f"its padding {times(padding)} cuts off all of the {times(whole)} output that {times(space)} inputs give.",
            hint="Padding of a transposed convolution makes the output smaller.",
            field="padding",
            port="x",
            remedies=remedies,
        )

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        weight = (inputs["x"].sizes[0], self.channels // self.groups, *self.spatial("kernel"))
        return {"weight": weight, "bias": (self.channels,)} if self.bias else {"weight": weight}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return inputs["x"].numel * math.prod(self.parameters(inputs)["weight"][1:])

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x = inputs["x"]
        lines = []
        for axis, (before, after) in enumerate(zip(x.axes[1:], outputs["y"].axes[1:], strict=True)):
            k, s, p, op, d = (
                self.spatial(n)[axis] for n in ("kernel", "stride", "padding", "output_padding", "dilation")
            )
            cut = rf" - 2 \cdot {p}" if p else ""
            extra = f" + {op}" if op else ""
            line = rf"({tex(before.size)} - 1) \cdot {s}{cut} + {d} \cdot ({k} - 1){extra} + 1 = {tex(after.size)}"
            lines.append((before.name, line))
        weight = self.parameters(inputs)["weight"]
        one = f" + {tex(self.channels)}" if self.bias else ""
        count = math.prod(weight) + (self.channels if self.bias else 0)
        return rows(
            *lines,
            ("parameters", f"{product(weight)}{one} = {tex(count)}"),
            ("multiply-adds", rf"{product(x.sizes)} \cdot {product(weight[1:])} = {tex(self.macs(inputs, outputs))}"),
        )

    def summary(self) -> str:
        kernel, stride = self.spatial("kernel"), self.spatial("stride")
        parts = [times(kernel) if self.rank > 1 else f"k{kernel[0]}", f"{self.channels:,}"]
        for letter, values, usual in (
            ("s", stride, 1),
            ("p", self.spatial("padding"), 0),
            ("+", self.spatial("output_padding"), 0),
            ("d", self.spatial("dilation"), 1),
        ):
            if any(value != usual for value in values):
                parts.append(f"{letter}{times(tuple(dict.fromkeys(values)))}")
        if self.groups > 1:
            parts.append(f"g{self.groups}")
        return ", ".join(parts)

    def window(self, inputs: Inputs) -> Window:
        """That of the convolution with the same fields, the other way round."""
        (kh, kw), (sh, sw), (dh, dw) = ((1, *self.spatial(n))[-2:] for n in ("kernel", "stride", "dilation"))
        ph, pw = (0, *self.spatial("padding"))[-2:]
        return Window((kh, kw), (sh, sw), (dh, dw), (ph, pw)).back()

    def arguments(self, inputs: Inputs) -> tuple[tuple[int, int], dict[str, tuple[Any, Any]]]:
        """(in, out) channels and keyword arguments of the torch module, each with its default there."""
        keywords: dict[str, tuple[Any, Any]] = {
            "kernel_size": (self.written(self.spatial("kernel")), None),
            "stride": (self.written(self.spatial("stride")), 1),
            "padding": (self.written(self.spatial("padding")), 0),
            "output_padding": (self.written(self.spatial("output_padding")), 0),
            "dilation": (self.written(self.spatial("dilation")), 1),
            "groups": (self.groups, 1),
            "bias": (self.bias, True),
        }
        return (inputs["x"].sizes[0], self.channels), keywords

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        channels, keywords = self.arguments(inputs)
        module = nn.ConvTranspose1d if self.rank == 1 else nn.ConvTranspose2d
        return module(*channels, **{name: value for name, (value, _) in keywords.items()})

    def source(self, inputs: Inputs) -> Source:
        channels, keywords = self.arguments(inputs)
        return Source(call(f"nn.ConvTranspose{self.rank}d", *channels, **keywords))


@register
class ConvTranspose2d(TransposedConvolution):
    """float[C c, H h, W w] → float[C channels, H (h−1)s−2p+d(k−1)+op+1, W …]; c·channels/groups·K² + channels."""

    type = "conv_transpose2d"
    title = "Transposed conv 2d"
    sentence = "Makes an image larger with learned kernels: every pixel stamps its kernel, and overlaps add up."
    formula = r"y_k[i s + u,\, j s + v] \mathrel{+}= x_c[i, j]\; w_{c,k}[u, v]"
    icon = "expand"
    aliases = (
        "deconv",
        "deconvolution",
        "up-convolution",
        "convtranspose",
        "fractionally strided",
        "decoder",
        "upsample",
    )
    beware = (
        "It is often called deconvolution, but it does not undo a convolution: it only has the shapes of its way back.",
        "Where the kernel is no multiple of the stride, some outputs are stamped more often: a checkerboard.",
    )
    examples = (
        Example(
            "Two pixels, a kernel of ones three wide, two apart: in the middle the stamps overlap and add up.",
            inputs={"x": [[[1, 2]]]},
            fields={"channels": 1, "kernel": [1, 3], "stride": [1, 2], "bias": False},
            weights={"weight": [[[[1, 1, 1]]]]},
            outputs={"y": [[[1, 1, 3, 2, 2]]]},
        ),
    )
    views = ("filters",)
    wants = "an image (channels × height × width)"
    rank = 2

    def accepts(self, x: TensorType) -> bool:
        return x.is_image


@register
class ConvTranspose1d(TransposedConvolution):
    """float[C c, L l] → float[C channels, L (l−1)s−2p+d(k−1)+op+1]."""

    type = "conv_transpose1d"
    title = "Transposed conv 1d"
    sentence = "Makes a signal longer with learned kernels: every number stamps its kernel, and overlaps add up."
    formula = r"y_k[i s + u] \mathrel{+}= x_c[i]\; w_{c,k}[u]"
    icon = "expand"
    aliases = ("deconv", "deconvolution", "convtranspose", "upsample", "decoder")
    examples = (
        Example(
            "The numbers 1 and 2, a kernel of ones three long, two apart.",
            inputs={"x": [[1, 2]]},
            axes={"x": "CL"},
            fields={"channels": 1, "kernel": 3, "stride": 2, "bias": False},
            weights={"weight": [[[1, 1, 1]]]},
            outputs={"y": [[1, 1, 3, 2, 2]]},
        ),
    )
    wants = "a signal (channels × length)"
    rank = 1

    kernel: Positive = Field(2, title="Kernel", description="How long the patch is that every input stamps.")
    stride: Positive = Field(2, title="Stride", description="How far apart the patches of two neighbours are.")
    padding: Natural = Field(0, title="Padding", description="How much is cut off at both ends of the output.")
    output_padding: Natural = Field(
        0, title="Output padding", description="Numbers added at the end, to choose among the sizes of a stride."
    )
    dilation: Positive = Field(1, title="Dilation", description="Distance between the outputs that the kernel touches.")

    def accepts(self, x: TensorType) -> bool:
        return x.is_signal
