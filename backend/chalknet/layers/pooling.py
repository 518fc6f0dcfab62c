"""Pooling with a window: slid over an image or a signal, without weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chalknet.layers.base import (
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Pooled,
    Port,
    Remedy,
    SetField,
    Source,
    TensorType,
    Warn,
    Window,
    register,
)
from chalknet.layers.sizes import MOST, Margin, Natural, Positive, Size, margin, size, slid, slid_tex, span, widest
from chalknet.layers.words import call, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import nn

NOTES = [[[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]
"""A map of 4×4 (notes 0:440)."""


class Pool(Layer):
    """Base: every axis I of space becomes ⌊(I + 2P − D(K−1) − 1)/S⌋ + 1 (C-003); the depth is kept, no parameters.

    With ``ceil`` the quotient is rounded up, so that a last window may hang over the edge; it must begin on the input
    or its border.
    """

    family: ClassVar[Family] = "pooling"
    keeps_width: ClassVar[bool] = True
    rank: ClassVar[int]
    mean: ClassVar[bool] = False
    """Not the largest number under the window, but the mean."""
    module: ClassVar[str]
    """Name of the class in torch.nn."""
    beware: ClassVar[tuple[str, ...]] = (
        "Only where the window moves by its own size is the output the input divided by the kernel. "
        "In general it is ⌊(W − K + 2P)/S⌋ + 1.",
    )

    if TYPE_CHECKING:  # fields of the ranks
        kernel: Any
        stride: Any
        padding: Any
        ceil: bool

    def along(self, value: int | tuple[int, int]) -> tuple[int, ...]:
        """A field's value along every axis of space."""
        return (value,) * self.rank if isinstance(value, int) else value

    @property
    def kernels(self) -> tuple[int, ...]:
        return self.along(self.kernel)

    @property
    def steps(self) -> tuple[int, ...]:
        """The stride along every axis, 0 taken for the kernel's size."""
        return tuple(s or k for s, k in zip(self.along(self.stride), self.kernels, strict=True))

    @property
    def margins(self) -> tuple[int, ...]:
        return self.along(self.padding)

    @property
    def spread(self) -> tuple[int, ...]:
        """The dilation along every axis."""
        return (1,) * self.rank

    def places(self, space: tuple[int, ...]) -> tuple[int, ...]:
        """How many windows there are along every axis."""
        each = zip(space, self.kernels, self.steps, self.margins, self.spread, strict=True)
        return tuple(windows(*settings, self.ceil) for settings in each)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_image if self.rank == 2 else x.is_signal):
            wants = "an image (channels × height × width)" if self.rank == 2 else "a signal (channels × length)"
            raise unfit("x", wants, x)
        kernel, padding = self.kernels, self.margins
        if any(p > k // 2 for k, p in zip(kernel, padding, strict=True)):
            raise self._too_padded(kernel, padding)
        space = x.sizes[1:]
        places = self.places(space)
        if min(places) < 1:
            raise self._too_large(space, kernel, padding)
        return {"y": x.resized(**dict(zip(x.names[1:], places, strict=True)))}

    def _too_padded(self, kernel: tuple[int, ...], padding: tuple[int, ...]) -> Fault:
        half = tuple(min(p, k // 2) for k, p in zip(kernel, padding, strict=True))
        double = tuple(max(k, 2 * p) for k, p in zip(kernel, padding, strict=True))
        remedies: list[Remedy] = [SetField("padding", _written(half), f"Set padding to {times(half)}")]
        if max(double) <= MOST:
            remedies.append(SetField("kernel", _written(double), f"Set the kernel to {times(double)}"))
        return Fault(
            "padding_too_large",
            f"padding {times(padding)} is more than half of the {times(kernel)} kernel.",
            hint="Otherwise a window could lie wholly on the border.",
            field="padding",
            remedies=remedies,
        )

    def _spread_words(self) -> str:
        if set(self.spread) == {1}:
            return ""
        reach = tuple(span(k, d) for k, d in zip(self.kernels, self.spread, strict=True))
        return f" (spread over {times(reach)} by dilation {times(self.spread)})"

    def _too_large(self, space: tuple[int, ...], kernel: tuple[int, ...], padding: tuple[int, ...]) -> Fault:
        padded = tuple(n + 2 * p for n, p in zip(space, padding, strict=True))
        each = list(zip(kernel, space, padding, self.spread, strict=True))
        # The border helps no kernel whose half it would exceed.
        fitting = tuple(min(k, widest(n, 0, d)) for k, n, _, d in each)
        wide = tuple(max(p, margin(n, k, d)) for k, n, p, d in each)
        remedies: list[Remedy] = [SetField("kernel", _written(fitting), f"Set the kernel to {times(fitting)}")]
        if max(wide) <= MOST and all(p <= k // 2 for k, p in zip(kernel, wide, strict=True)):
            remedies.append(SetField("padding", _written(wide), f"Set padding to {times(wide)}"))
        margins = f", {times(padded)} with its padding" if padded != space else ""
        what = f"the {times(kernel)} kernel" if self.rank == 2 else f"the kernel of {kernel[0]}"
        where = f"its {times(space)} input" if self.rank == 2 else f"its input of length {space[0]}"
        return Fault(
            "kernel_too_large",
            f"{what}{self._spread_words()} is larger than {where}{margins}.",
            hint="Pool less further up, or leave this layer out.",
            field="kernel",
            port="x",
            remedies=remedies,
        )

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        kernel = self.kernels
        if not any(s > span(k, d) for k, s, d in zip(kernel, self.steps, self.spread, strict=True)):
            return ()
        return [
            Warn(
                "skips_input",
                f"stride {times(self.steps)} is larger than the {times(kernel)} kernel, "
                "so part of the input is never seen.",
                field="stride",
                remedies=(SetField("stride", 0, f"Let it move by its own size, {times(kernel)}"),),
            )
        ]

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        each = math.prod(self.kernels)
        return outputs["y"].numel * (each if self.mean else each - 1)

    def window(self, inputs: Inputs) -> Window:
        # Along a signal only the second of the two axes is used.
        (kh, kw), (sh, sw), (dh, dw) = ((1, *each)[-2:] for each in (self.kernels, self.steps, self.spread))
        ph, pw = (0, *self.margins)[-2:]
        return Window((kh, kw), (sh, sw), (dh, dw), (ph, pw))

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        lines = []
        for axis, k, s, p, d in zip(
            inputs["x"].axes[1:], self.kernels, self.steps, self.margins, self.spread, strict=True
        ):
            text = slid_tex(axis.size, k, s, p, d)
            rounded = windows(axis.size, k, s, p, d, self.ceil)
            if rounded != slid(axis.size, k, s, p, d):
                text = text.rpartition(" = ")[0].replace("lfloor", "lceil").replace("rfloor", "rceil")
                text = f"{text} = {tex(rounded)}"
            lines.append((axis.name, text))
        return rows(*lines)

    def summary(self) -> str:
        parts = [times(self.kernels)]
        if self.steps != self.kernels:
            parts.append(f"s{times(tuple(dict.fromkeys(self.steps)))}")
        if any(self.margins):
            parts.append(f"p{times(tuple(dict.fromkeys(self.margins)))}")
        if set(self.spread) != {1}:
            parts.append(f"d{times(tuple(dict.fromkeys(self.spread)))}")
        if any(k > s for k, s in zip(self.kernels, self.steps, strict=True)):
            parts.append("overlapping")
        return ", ".join(parts)

    def arguments(self, inputs: Inputs) -> dict[str, tuple[Any, Any]]:
        """Keyword arguments of the torch module, each with its default there."""
        kernel = _written(self.kernels)
        return {
            "kernel_size": (kernel, None),
            "stride": (_written(self.steps), kernel),
            "padding": (_written(self.margins), 0),
            "ceil_mode": (self.ceil, False),
        }

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        arguments = {name: value for name, (value, _) in self.arguments(inputs).items()}
        built: nn.Module = getattr(nn, self.module)(**arguments)
        return built

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.{self.module}", **self.arguments(inputs)))


def windows(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool) -> int:
    """How many windows there are along an axis, as torch counts them."""
    found = slid(length, kernel, stride, padding, dilation)
    if ceil:
        over = (length + 2 * padding - span(kernel, dilation)) % stride > 0
        # The last one must begin on the input or on the border before it.
        if over and found * stride < length + padding:
            found += 1
    return found


def _written(values: tuple[int, ...]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else values


KERNEL, STRIDE, PADDING = (
    ("Kernel", "How much of the input one output looks at."),
    ("Stride", "How far the window moves each time; 0 moves it by its own size."),
    ("Padding", "Border put around the input; at most half the kernel."),
)
ROUND_UP = ("Round up", "Keep a last window that hangs over the edge, instead of dropping it.")
DILATION = ("Dilation", "How far apart the inputs are that a window looks at.")


class Pool2d(Pool):
    """Base: float[C c, H h, W w] → float[C c, H …, W …]."""

    rank = 2

    kernel: Size = size(2, *KERNEL)
    stride: Margin = size(0, *STRIDE, least=0)
    padding: Margin = size(0, *PADDING, least=0)
    ceil: bool = Field(False, title=ROUND_UP[0], description=ROUND_UP[1])


class Pool1d(Pool):
    """Base: float[C c, L l] → float[C c, L …]."""

    rank = 1

    kernel: Positive = Field(2, title=KERNEL[0], description=KERNEL[1])
    stride: Natural = Field(0, title=STRIDE[0], description=STRIDE[1])
    padding: Natural = Field(0, title=PADDING[0], description=PADDING[1])
    ceil: bool = Field(False, title=ROUND_UP[0], description=ROUND_UP[1])


class MaxPool(Pool):
    """Base: the largest number under the window; the gradient goes to it alone.

    Where something is wired to ``indices``, it also gives where each of them stood: place<space>[C c, …].
    """

    formula = r"y_c[i] = \max_{u}\; x_c[i s + u d]"
    icon = "chevrons-up"
    outputs = (Port("y"), Port("indices", "Places", spare=True))

    if TYPE_CHECKING:
        dilation: Any

    @property
    def spread(self) -> tuple[int, ...]:
        return self.along(self.dilation)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        y = super().infer(inputs)["y"]
        pooled = Pooled(inputs["x"].sizes[1:], self.window(inputs))
        return {"y": y, "indices": TensorType("place", y.axes, pooled=pooled)}

    def arguments(self, inputs: Inputs) -> dict[str, tuple[Any, Any]]:
        return {
            **super().arguments(inputs),
            "dilation": (_written(self.spread), 1),
            "return_indices": (inputs.wants("indices"), False),
        }


class AvgPool(Pool):
    """Base: the mean of the numbers under the window."""

    formula = r"y_c[i] = \dfrac{1}{k} \sum_{u} x_c[i s + u]"
    icon = "equal-approximately"
    mean = True

    border: bool = Field(
        True, title="Count the border", description="Whether the zeros of the border count in the mean."
    )

    def arguments(self, inputs: Inputs) -> dict[str, tuple[Any, Any]]:
        return {**super().arguments(inputs), "count_include_pad": (self.border, True)}


@register
class MaxPool2d(MaxPool, Pool2d):
    """The largest number under the window; the gradient goes to it alone (notes 0:440)."""

    type = "max_pool2d"
    title = "Max pooling"
    sentence = "Keeps the largest number under each window, so the image gets smaller and what was found stays."
    formula = r"y_c[i,j] = \max_{u,v}\; x_c[i s + u,\, j s + v]"
    aliases = ("maxpool", "pool", "subsampling", "downsample")
    purposes = ("make smaller", "shrink an image", "keep the strongest")
    module = "MaxPool2d"
    views = ("winners",)
    examples = (
        Example(
            "Of a map of 4×4, each window of 2×2 keeps its largest number.",
            inputs={"x": NOTES},
            outputs={"y": [[[6, 8], [3, 4]]]},
        ),
        Example(
            "Windows of 3×3 that move by 1 overlap: the 7 is seen by two of them, the 8 too.",
            inputs={"x": NOTES},
            fields={"kernel": 3, "stride": 1},
            outputs={"y": [[[7, 8], [7, 8]]]},
        ),
    )

    dilation: Size = size(1, *DILATION)


@register
class AvgPool2d(AvgPool, Pool2d):
    """The mean of the numbers under the window (notes 0:440)."""

    type = "avg_pool2d"
    title = "Average pooling"
    sentence = "Takes the mean under each window, so the image gets smaller and smoother."
    formula = r"y_c[i,j] = \dfrac{1}{k^2} \sum_{u,v} x_c[i s + u,\, j s + v]"
    aliases = ("avgpool", "mean pool", "subsampling", "downsample")
    purposes = ("make smaller", "smooth an image")
    module = "AvgPool2d"
    examples = (
        Example(
            "Of a map of 4×4, each window of 2×2 gives its mean: (1 + 1 + 5 + 6)/4 = 3.25.",
            inputs={"x": NOTES},
            outputs={"y": [[[3.25, 5.25], [2, 2]]]},
        ),
    )


@register
class MaxPool1d(MaxPool, Pool1d):
    """The largest number under a window along a signal."""

    type = "max_pool1d"
    title = "Max pooling 1d"
    sentence = "Keeps the largest number under each window along a signal, so the signal gets shorter."
    aliases = ("maxpool", "pool", "subsampling", "downsample")
    purposes = ("make smaller", "shorten a signal", "keep the strongest")
    module = "MaxPool1d"
    examples = (
        Example("Of each two numbers, the larger.", inputs={"x": [[1, 5, 2, 0]]}, axes={"x": "CL"},
                outputs={"y": [[5, 2]]}),
    )  # fmt: skip

    dilation: Positive = Field(1, title=DILATION[0], description=DILATION[1])


@register
class AvgPool1d(AvgPool, Pool1d):
    """The mean of the numbers under a window along a signal."""

    type = "avg_pool1d"
    title = "Average pooling 1d"
    sentence = "Takes the mean under each window along a signal, so the signal gets shorter and smoother."
    aliases = ("avgpool", "mean pool", "moving average", "downsample")
    purposes = ("make smaller", "smooth a signal")
    module = "AvgPool1d"
    examples = (
        Example("Of each two numbers, the mean.", inputs={"x": [[1, 5, 2, 0]]}, axes={"x": "CL"},
                outputs={"y": [[3, 1]]}),
    )  # fmt: skip
