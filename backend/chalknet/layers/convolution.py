"""Convolutions: the same small set of weights slid along a signal or over an image.

What torch calls convolution is a cross-correlation: the kernel is not flipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import (
    Axis,
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Remedy,
    Replace,
    SetField,
    Source,
    TensorType,
    Warn,
    Window,
    register,
    signal,
)
from chalknet.layers.sizes import (
    MOST,
    Natural,
    Padding,
    Positive,
    Size,
    margin,
    pair,
    size,
    slid,
    slid_tex,
    span,
    widest,
)
from chalknet.layers.words import call, divisors, nearest, product, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


def uneven_groups(arriving: int, channels: int, groups: int) -> Fault | None:
    """Why a convolution cannot split its channels into so many groups; None where it can (C-028)."""
    if arriving % groups == 0 and channels % groups == 0:
        return None
    uneven = [
        f"{count:,} {which} channels" for count, which in ((arriving, "input"), (channels, "output")) if count % groups
    ]
    remedies: list[Remedy] = [
        SetField("groups", g, f"Set groups to {g}") for g in nearest(groups, divisors(math.gcd(arriving, channels)))
    ]
    if arriving % groups == 0:
        lower = channels // groups * groups
        remedies += [
            SetField("channels", c, f"Set channels to {c:,}")
            for c in nearest(channels, (c for c in (lower, lower + groups) if c))
        ]
    return Fault(
        "groups",
        f"{groups:,} groups do not divide its {' and '.join(uneven)}.",
        hint="Every group takes the same share of the input's and of the output's channels.",
        field="groups",
        remedies=remedies,
    )


class Sliding(Layer):
    """Base of what slides a kernel over ``float[C c, L l]`` or ``float[C c, H h, W w]``: fields, sizes, refusals.

    Output size by C-001/C-006 along every axis; weights, unless a class says otherwise, (channels, c/groups, *kernel).
    """

    family: ClassVar[Family] = "convolution"
    per_number: ClassVar[int] = 0
    width = "channels"
    wants: ClassVar[str]
    rank: ClassVar[int]

    channels: int = Field(
        16, ge=1, le=10**6, title="Channels", description="How many maps come out, each with its own kernel."
    )
    kernel: Size = size(3, "Kernel", "How much of the input one output looks at.")
    stride: Size = size(1, "Stride", "How far the kernel moves each time.")
    padding: Padding = size(
        0, "Padding", "Zeros put around the input; “same” keeps its size.", least=0, choices=("same",)
    )
    dilation: Size = size(1, "Dilation", "Distance between the inputs that the kernel touches; 1 leaves no gaps.")
    bias: bool = Field(True, title="Bias", description="Add a learned number to every map.")

    @property
    def split(self) -> int:
        """Groups of channels that do not see each other."""
        return 1

    def spatial(self, name: str) -> tuple[int, ...]:
        """A field along every spatial axis."""
        value = getattr(self, name)
        return (value,) if self.rank == 1 else pair(value)

    def written(self, values: tuple[int, ...]) -> int | tuple[int, ...]:
        """A value along every spatial axis as this layer's field holds it."""
        return values[0] if len(set(values)) == 1 else values

    @property
    def same(self) -> bool:
        return self.padding == "same"

    @property
    def before(self) -> tuple[int, ...]:
        """Zeros put before the first place of every spatial axis; “same” puts an odd one behind the last."""
        if not self.same:
            return self.spatial("padding")
        return tuple(d * (k - 1) // 2 for k, d in zip(self.spatial("kernel"), self.spatial("dilation"), strict=True))

    def seen(self, x: TensorType) -> TensorType:
        """The input as the convolution reads it: channels, then space."""
        return x

    def places(self, space: tuple[int, ...]) -> tuple[int, ...]:
        """Output sizes along the spatial axes."""
        return space if self.same else tuple(slid(*each) for each in zip(space, *self.sliding(), strict=True))

    def sliding(self) -> tuple[tuple[int, ...], ...]:
        """Kernel, stride, padding as numbers, and dilation, each along every spatial axis."""
        return self.spatial("kernel"), self.spatial("stride"), self.spatial("padding"), self.spatial("dilation")

    def accepts(self, x: TensorType) -> bool:
        raise NotImplementedError

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not self.accepts(x):
            raise unfit("x", self.wants, x)
        x = self.seen(x)
        if fault := uneven_groups(x.sizes[0], self.channels, self.split):
            raise fault
        if self.same and any(s > 1 for s in self.spatial("stride")):
            raise self._same_with_stride()
        space = x.sizes[1:]
        places = self.places(space)
        if min(places) < 1:
            raise self._too_large(space)
        axes = (Axis("C", self.channels), *(Axis(a.name, n) for a, n in zip(x.axes[1:], places, strict=True)))
        return {"y": TensorType(axes=axes)}

    def _same_with_stride(self) -> Fault:
        stride = self.spatial("stride")
        return Fault(
            "same_with_stride",
            f"padding “same” keeps the size, but stride {times(stride)} divides it.",
            hint="Give the padding as a number when the window moves by more than 1.",
            field="padding",
            remedies=[*self._padded(self.before), SetField("stride", 1, "Set stride to 1")],
        )

    def _padded(self, padding: tuple[int, ...]) -> list[Remedy]:
        """The remedy of this padding, if a field may hold it."""
        if max(padding) > MOST:
            return []
        return [SetField("padding", self.written(padding), f"Set padding to {times(tuple(dict.fromkeys(padding)))}")]

    def _too_large(self, space: tuple[int, ...]) -> Fault:
        kernel, padding, dilation = self.spatial("kernel"), self.spatial("padding"), self.spatial("dilation")
        reach = tuple(span(k, d) for k, d in zip(kernel, dilation, strict=True))
        size_of = times if self.rank > 1 else lambda values: f"length {values[0]}"
        spread = f" (spread over {times(reach)} by dilation {times(dilation)})" if reach != kernel else ""
        padded = tuple(n + 2 * p for n, p in zip(space, padding, strict=True))
        margins = f", {size_of(padded)} with its padding" if padded != space else ""
        its = f"its {times(space)} input" if self.rank > 1 else f"its input of length {space[0]}"
        what = f"the {times(kernel)} kernel" if self.rank > 1 else f"the kernel of {kernel[0]}"
        fitting = tuple(min(k, widest(n, p, d)) for k, n, p, d in zip(kernel, space, padding, dilation, strict=True))
        wide = tuple(max(p, margin(n, k, d)) for k, n, p, d in zip(kernel, space, padding, dilation, strict=True))
        remedies: list[Remedy] = [
            SetField("kernel", self.written(fitting), f"Set the kernel to {times(fitting)}"),
        ]
        if all(s == 1 for s in self.spatial("stride")):
            remedies.append(SetField("padding", "same", "Set padding to “same”"))
        else:
            remedies += self._padded(wide)
        if reach != kernel and all(k <= n for k, n in zip(kernel, padded, strict=True)):
            remedies.append(SetField("dilation", 1, "Set dilation to 1"))
        return Fault(
            "kernel_too_large",
            f"{what}{spread} is larger than {its}{margins}.",
            hint="A smaller stride or less pooling further up would leave more to look at.",
            field="kernel",
            port="x",
            remedies=remedies,
        )

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        kernel, stride, dilation = self.spatial("kernel"), self.spatial("stride"), self.spatial("dilation")
        warns = []
        # A 1×1 kernel with a stride is meant: it brings a skip connection to the size of what it is added to.
        pointwise = all(k == 1 for k in kernel)
        if not pointwise and any(s > span(k, d) for k, s, d in zip(kernel, stride, dilation, strict=True)):
            warns.append(
                Warn(
                    "skips_input",
                    f"stride {times(stride)} is larger than the {times(kernel)} kernel, "
                    "so part of the input is never seen.",
                    field="stride",
                    remedies=(SetField("stride", self.written(kernel), f"Set stride to {times(kernel)}"),),
                )
            )
        if self.same and any(d * (k - 1) % 2 for k, d in zip(kernel, dilation, strict=True)):
            odd = tuple(k + 1 - k % 2 for k in kernel)
            warns.append(
                Warn(
                    "uneven_padding",
                    f"“same” with an even kernel ({times(kernel)}) pads one more on the right and below.",
                    hint="Odd kernels stay centred.",
                    field="kernel",
                    remedies=(SetField("kernel", self.written(odd), f"Set the kernel to {times(odd)}"),),
                )
            )
        return warns

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        arriving = self.seen(inputs["x"]).sizes[0]
        weight = (self.channels, arriving // self.split, *self.spatial("kernel"))
        return {"weight": weight, "bias": (self.channels,)} if self.bias else {"weight": weight}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * math.prod(self.parameters(inputs)["weight"][1:])

    def sizes_tex(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> list[tuple[str, str]]:
        """How each axis's output size arises."""
        before, after = self.seen(inputs["x"]).axes[1:], outputs["y"].axes[1:]
        if self.same:
            return [(axis.name, tex(kept.size)) for axis, kept in zip(before, after, strict=True)]
        along = zip(*self.sliding(), strict=True)
        return [(axis.name, slid_tex(axis.size, *each)) for axis, each in zip(before, along, strict=True)]

    def lines(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> list[tuple[str, str]]:
        """How sizes, parameters and multiply-adds arise."""
        y = outputs["y"]
        weight = self.parameters(inputs)["weight"]
        each = product(weight[1:])
        one = " + 1" if self.bias else ""
        count = math.prod(weight) + (self.channels if self.bias else 0)
        grouped = f"({each}{one})" if self.bias else each
        return [
            *self.sizes_tex(inputs, outputs),
            ("parameters", rf"{tex(self.channels)} \cdot {grouped} = {tex(count)}"),
            ("multiply-adds", rf"{product(y.sizes)} \cdot {each} = {tex(self.macs(inputs, outputs))}"),
        ]

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(*self.lines(inputs, outputs))

    def summary(self) -> str:
        kernel, stride, dilation = self.spatial("kernel"), self.spatial("stride"), self.spatial("dilation")
        parts = [times(kernel) if self.rank > 1 else f"k{kernel[0]}", f"{self.channels:,}"]
        if any(s > 1 for s in stride):
            parts.append(f"s{times(tuple(dict.fromkeys(stride)))}")
        if self.same:
            parts.append("same")
        elif any(self.spatial("padding")):
            parts.append(f"p{times(tuple(dict.fromkeys(self.spatial('padding'))))}")
        if any(d > 1 for d in dilation):
            parts.append(f"d{times(tuple(dict.fromkeys(dilation)))}")
        if self.split > 1:
            parts.append(f"g{self.split}")
        return ", ".join(parts)

    def arguments(self, inputs: Inputs) -> tuple[tuple[int, int], dict[str, tuple[Any, Any]]]:
        """(in, out) channels and keyword arguments of the torch module, each with its default there."""
        padding: Any = "same" if self.same else self.written(self.spatial("padding"))
        keywords: dict[str, tuple[Any, Any]] = {
            "kernel_size": (self.written(self.spatial("kernel")), None),
            "stride": (self.written(self.spatial("stride")), 1),
            "padding": (padding, 0),
            "dilation": (self.written(self.spatial("dilation")), 1),
            "groups": (self.split, 1),
            "bias": (self.bias, True),
        }
        return (self.seen(inputs["x"]).sizes[0], self.channels), keywords


class Convolution(Sliding):
    """Base of the plain convolutions, which torch has, with groups."""

    groups: int = Field(
        1,
        ge=1,
        le=10**6,
        title="Groups",
        description="Groups of channels that do not see each other; as many as channels makes it depthwise.",
    )

    flip: bool = Field(
        False,
        title="Flip the kernel",
        description="Compute the convolution of the textbooks, not the cross-correlation that libraries call so.",
    )

    @property
    def split(self) -> int:
        return self.groups

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x, kernel = self.seen(inputs["x"]), self.spatial("kernel")
        reach = tuple(span(k, d) for k, d in zip(kernel, self.spatial("dilation"), strict=True))
        saved = ""
        if self.groups > 1:
            saved = rf"1 / {tex(self.groups)} \text{{ of the weights and multiply-adds without groups}}"
        mixed = ""
        if max(kernel) == 1 and x.sizes[0] != self.channels and self.groups == 1:
            mixed = rf"{tex(x.sizes[0])} \to {tex(self.channels)} \text{{ channels for what follows}}"
        return rows(
            *self.lines(inputs, outputs),
            ("reach of the kernel", times(reach) if reach != kernel else ""),
            ("groups", saved),
            ("bottleneck" if self.channels < x.sizes[0] else "widening", mixed),
        )

    def source(self, inputs: Inputs) -> Source:
        channels, keywords = self.arguments(inputs)
        if self.flip:
            return Source(
                call(f"FlippedConv{self.rank}d", *channels, **keywords), classes=(f"FlippedConv{self.rank}d",)
            )
        return Source(call(f"nn.Conv{self.rank}d", *channels, **keywords))


def _cost(chain: Sequence[Layer], inputs: Inputs) -> tuple[int, int]:
    """Parameters and multiply-adds of layers in a row."""
    parameters = macs = 0
    for layer in chain:
        outputs = layer.infer(inputs)
        parameters += sum(math.prod(shape) for shape in layer.parameters(inputs).values())
        macs += layer.macs(inputs, outputs)
        inputs = Inputs({"x": [outputs["y"]]})
    return parameters, macs


@register
class Conv2d(Convolution):
    """float[C c, H h, W w] → float[C channels, H ⌊(h−K+2P)/S⌋+1, W …]; channels·(c/groups·K²+1) parameters (C-007)."""

    type = "conv2d"
    title = "Conv2d"
    sentence = "Slides small learned kernels over an image; each makes a map of where its pattern is found."
    formula = r"y_{k}[i,j] = b_k + \sum_{c,u,v} w_{k,c}[u,v]\; x_c[i s + u,\, j s + v]"
    icon = "grid-3x3"
    aliases = ("convolution", "cnn", "depthwise", "pointwise", "1×1", "dilated", "grouped")
    purposes = ("find patterns in images", "detect edges", "change the number of channels")
    views = ("filters",)
    beware = (
        "What libraries call convolution is a cross-correlation: the kernel is not flipped. Learned ones do not mind.",
        "10 kernels of 5×5 on 3×32×32 with padding 2 take 10·32·32·3·5·5 = 768,000 multiply-adds, not 76,800.",
        "Two 3×3 in a row see as far as one 5×5: C channels kept take 18·C² weights, not 25·C². Three see as far as a "
        "7×7: 27·C², not 49·C². Where 5×5 makes many channels of few, as in a first layer, it is the cheaper one.",
    )
    examples = (
        Example(
            "A 3×3 kernel of ones adds up nine neighbours; without padding a 4×4 input leaves 2×2.",
            inputs={"x": [[[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]},
            fields={"channels": 1, "bias": False},
            weights={"weight": [[[[1, 1, 1], [1, 1, 1], [1, 1, 1]]]]},
            outputs={"y": [[[28, 31], [30, 33]]]},
        ),
        Example(
            "Flipped, a kernel [1, 0] takes the right one of two neighbours; as it stands, the left one.",
            inputs={"x": [[[5, 7]]]},
            fields={"channels": 1, "kernel": [1, 2], "bias": False, "flip": True},
            weights={"weight": [[[[1, 0]]]]},
            outputs={"y": [[[7]]]},
        ),
    )
    wants = "an image (channels × height × width)"
    rank = 2

    def accepts(self, x: TensorType) -> bool:
        return x.is_image

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        return [*super().check(inputs), *self._smaller_kernels(inputs)]

    def in_threes(self) -> tuple[Conv2d, ...]:
        """Convolutions of 3×3 in a row that see as far as this 5×5 or 7×7 and leave as many places (C-024); none where
        its padding cannot be shared evenly. The stride comes last, where a step is as long as it was."""
        count = {(5, 5): 2, (7, 7): 3}.get(pair(self.kernel), 0)
        padding: Any = "same"
        if not count or self.groups > 1 or max(pair(self.dilation)) > 1:
            return ()
        if not self.same:
            if any(p % count for p in self.spatial("padding")):
                return ()
            padding = self.written(tuple(p // count for p in self.spatial("padding")))
        one = self.model_copy(update={"kernel": 3, "padding": padding})
        return (*(one.model_copy(update={"stride": 1}) for _ in range(count - 1)), one)

    def _smaller_kernels(self, inputs: Inputs) -> Sequence[Warn]:
        """The idea of VGG: an info where 3×3s save both weights and multiply-adds."""
        chain = self.in_threes()
        if not chain:
            return []
        parameters, macs = _cost((self,), inputs)
        fewer, less = _cost(chain, inputs)
        if fewer >= parameters or less >= macs:
            return []
        many, reach = ("two", "three")[len(chain) - 2], times(pair(self.kernel))
        written = [("conv2d", layer.model_dump(exclude_defaults=True)) for layer in chain]
        bent = [part for each in written for part in (("relu", {}), each)][1:]
        return [
            Warn(
                "large_kernel",
                f"{many} 3×3 convolutions in a row see the same {reach} of the input with {fewer:,} parameters instead "
                f"of {parameters:,}, and {less:,} multiply-adds instead of {macs:,}.",
                hint="A ReLU between them adds a bend that one large kernel does not have; without one they are a "
                f"single {reach} kernel that is less free.",
                field="kernel",
                remedies=(
                    Replace(tuple(bent), f"Use {many} 3×3 with ReLU between"),
                    Replace(tuple(written), f"Use {many} 3×3 with nothing between"),
                ),
                severity="info",
            )
        ]

    def window(self, inputs: Inputs) -> Window:
        (top, left), kernel, dilation = self.before, pair(self.kernel), pair(self.dilation)
        return Window(kernel, pair(self.stride), dilation, (top, left))

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class FlippedConv2d(nn.Conv2d):
            """A convolution of (B, C, H, W) as textbooks have it: the kernel turned by half a circle."""

            def forward(self, x: Tensor) -> Tensor:
                return self._conv_forward(x, self.weight.flip(2, 3), self.bias)

        channels, keywords = self.arguments(inputs)
        module = FlippedConv2d if self.flip else nn.Conv2d
        return module(*channels, **{name: value for name, (value, _) in keywords.items()})


@register
class Conv1d(Convolution):
    """float[C c, L l] → float[C channels, L ⌊(l−K+2P)/S⌋+1]; a vector float[D l] is read as one channel, C 1."""

    type = "conv1d"
    title = "Conv1d"
    sentence = "Slides small learned kernels along a signal; each makes a track of where its pattern is found."
    formula = r"y_{k}[i] = b_k + \sum_{c,u} w_{k,c}[u]\; x_c[i s + u]"
    icon = "audio-waveform"
    aliases = ("convolution", "temporal convolution", "time series")
    purposes = ("find patterns in signals", "sound")
    wants = "a signal (channels × length) or a vector, read as one channel"
    rank = 1

    kernel: Positive = Field(
        3, title="Kernel", description="How much of the input one output looks at.", json_schema_extra={"unit": "px"}
    )
    stride: Positive = Field(1, title="Stride", description="How far the kernel moves each time.")
    padding: Natural | Literal["same"] = size(
        0, "Padding", "Zeros put at both ends; “same” keeps the length.", least=0, choices=("same",)
    )
    dilation: Positive = Field(1, title="Dilation", description="Distance between the inputs that the kernel touches.")

    def accepts(self, x: TensorType) -> bool:
        return x.is_signal or x.is_vector

    def seen(self, x: TensorType) -> TensorType:
        return x if x.is_signal else signal(1, x.sizes[0])

    def window(self, inputs: Inputs) -> Window:
        # Along a signal only the second of the two axes is used.
        return Window((1, self.kernel), (1, self.stride), (1, self.dilation), (0, self.before[0]))

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class FlippedConv1d(nn.Conv1d):
            """A convolution of (B, C, L) as textbooks have it: the kernel turned round."""

            def forward(self, x: Tensor) -> Tensor:
                return self._conv_forward(x, self.weight.flip(2), self.bias)

        class Conv1dOnVector(FlippedConv1d if self.flip else nn.Conv1d):  # type: ignore[misc]
            """A convolution along a vector (B, L), read as one channel (B, 1, L)."""

            def forward(self, x: Tensor) -> Tensor:
                return super().forward(x.unsqueeze(1))

        channels, keywords = self.arguments(inputs)
        module = Conv1dOnVector if inputs["x"].is_vector else FlippedConv1d if self.flip else nn.Conv1d
        return module(*channels, **{name: value for name, (value, _) in keywords.items()})

    def source(self, inputs: Inputs) -> Source:
        source = super().source(inputs)
        return replace(source, call="{self}({0}.unsqueeze(1))") if inputs["x"].is_vector else source
