"""Pooling: a window slid over an image without weights, and the mean over all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from chalknet.layers.base import (
    WHOLE,
    Family,
    Fault,
    Inputs,
    Layer,
    Remedy,
    SetField,
    Source,
    TensorType,
    Warn,
    Window,
    register,
    vector,
)
from chalknet.layers.sizes import MOST, Margin, Size, margin, pair, size, slid, slid_tex, widest
from chalknet.layers.words import call, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class Pool2d(Layer):
    """Base: float[C c, H h, W w] → float[C c, H ⌊(h−K+2P)/S⌋+1, W …] (C-003), no parameters."""

    family: ClassVar[Family] = "pooling"
    keeps_width: ClassVar[bool] = True
    module: ClassVar[str]
    """Name of the class in torch.nn."""

    kernel: Size = size(2, "Kernel", "How much of the input one output looks at.")
    stride: Margin = size(0, "Stride", "How far the window moves each time; 0 moves it by its own size.", least=0)
    padding: Margin = size(0, "Padding", "Border put around the input; at most half the kernel.", least=0)

    @property
    def steps(self) -> tuple[int, int]:
        """The stride along height and width, 0 taken for the kernel's size."""
        (kh, kw), (sh, sw) = pair(self.kernel), pair(self.stride)
        return sh or kh, sw or kw

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not x.is_image:
            raise unfit("x", "an image (channels × height × width)", x)
        kernel, padding = pair(self.kernel), pair(self.padding)
        if any(p > k // 2 for k, p in zip(kernel, padding, strict=True)):
            raise self._too_padded(kernel, padding)
        space = x.sizes[1:]
        places = [slid(*each) for each in zip(space, kernel, self.steps, padding, strict=True)]
        if min(places) < 1:
            raise self._too_large((space[0], space[1]), kernel, padding)
        return {"y": x.resized(H=places[0], W=places[1])}

    def _too_padded(self, kernel: tuple[int, int], padding: tuple[int, int]) -> Fault:
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

    def _too_large(self, space: tuple[int, int], kernel: tuple[int, int], padding: tuple[int, int]) -> Fault:
        padded = tuple(n + 2 * p for n, p in zip(space, padding, strict=True))
        fitting = tuple(min(k, widest(n, 0, 1)) for k, n in zip(kernel, space, strict=True))
        wide = tuple(max(p, margin(n, k, 1)) for k, n, p in zip(kernel, space, padding, strict=True))
        remedies: list[Remedy] = [SetField("kernel", _written(fitting), f"Set the kernel to {times(fitting)}")]
        if all(p <= k // 2 for k, p in zip(kernel, wide, strict=True)):
            remedies.append(SetField("padding", _written(wide), f"Set padding to {times(wide)}"))
        margins = f", {times(padded)} with its padding" if padded != space else ""
        return Fault(
            "kernel_too_large",
            f"the {times(kernel)} kernel is larger than its {times(space)} input{margins}.",
            hint="Pool less further up, or leave this layer out.",
            field="kernel",
            port="x",
            remedies=remedies,
        )

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        kernel = pair(self.kernel)
        if not any(s > k for k, s in zip(kernel, self.steps, strict=True)):
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

    def window(self, inputs: Inputs) -> Window:
        return Window(pair(self.kernel), self.steps, padding=pair(self.padding))

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        kernel, padding = pair(self.kernel), pair(self.padding)
        lines = [
            (axis.name, slid_tex(axis.size, k, s, p, 1))
            for axis, k, s, p in zip(inputs["x"].axes[1:], kernel, self.steps, padding, strict=True)
        ]
        return rows(*lines)

    def summary(self) -> str:
        parts = [times(pair(self.kernel))]
        if self.steps != pair(self.kernel):
            parts.append(f"s{times(tuple(dict.fromkeys(self.steps)))}")
        if any(pair(self.padding)):
            parts.append(f"p{times(tuple(dict.fromkeys(pair(self.padding))))}")
        return ", ".join(parts)

    def arguments(self) -> dict[str, tuple[Any, Any]]:
        """Keyword arguments of the torch module, each with its default there."""
        kernel = _written(pair(self.kernel))
        return {
            "kernel_size": (kernel, None),
            "stride": (_written(self.steps), kernel),
            "padding": (_written(pair(self.padding)), 0),
        }

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        built: nn.Module = getattr(nn, self.module)(**{name: value for name, (value, _) in self.arguments().items()})
        return built

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.{self.module}", **self.arguments()))


def _written(values: tuple[int, ...]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else values


@register
class MaxPool2d(Pool2d):
    """The largest number under the window; the gradient goes to it alone."""

    type = "max_pool2d"
    title = "Max pooling"
    sentence = "Keeps the largest number under each window, so the image gets smaller and what was found stays."
    formula = r"y_c[i,j] = \max_{u,v}\; x_c[i s + u,\, j s + v]"
    icon = "chevrons-up"
    aliases = ("maxpool", "pool", "subsampling", "downsample")
    purposes = ("make smaller", "shrink an image", "keep the strongest")
    module = "MaxPool2d"


@register
class AvgPool2d(Pool2d):
    """The mean of the numbers under the window; the border counts as zeros."""

    type = "avg_pool2d"
    title = "Average pooling"
    sentence = "Takes the mean under each window, so the image gets smaller and smoother."
    formula = r"y_c[i,j] = \dfrac{1}{k^2} \sum_{u,v} x_c[i s + u,\, j s + v]"
    icon = "equal-approximately"
    aliases = ("avgpool", "mean pool", "subsampling", "downsample")
    purposes = ("make smaller", "smooth an image")
    module = "AvgPool2d"


@register
class GlobalAvgPool(Layer):
    """float[C c, H h, W w] → float[D c] · float[C c, L l] → float[D c] · float[T t, D d] → float[D d].

    A sequence's mean counts every position, padding too.
    """

    type = "global_avg_pool"
    title = "Global average pooling"
    family: ClassVar[Family] = "pooling"
    sentence = "Takes the mean of every map, so that an image of any size becomes one vector."
    formula = r"y_c = \dfrac{1}{HW} \sum_{i,j} x_c[i,j]"
    icon = "circle-dot"
    aliases = ("gap", "avgpool", "mean", "squeeze")
    purposes = ("vector from any size", "replace flatten")
    keeps_width = True

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_image or x.is_signal or x.is_sequence):
            raise unfit("x", "an image, a signal or a sequence", x)
        return {"y": vector(x.sizes[x.feature or 0])}

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x = inputs["x"]
        places = x.numel // outputs["y"].numel
        return rows(("mean of", tex(places)))

    def summary(self) -> str:
        return "mean of each map"

    def axes(self, x: TensorType) -> tuple[int, ...]:
        """Axes of the batched tensor over which the mean is taken."""
        return tuple(i + 1 for i in range(len(x.axes)) if i != x.feature)

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        axes = self.axes(inputs["x"])

        class GlobalAvgPool(nn.Module):
            """(B, C, H, W) → (B, C); (B, T, D) → (B, D)."""

            def forward(self, x: Tensor) -> Tensor:
                return x.mean(axes)

        return GlobalAvgPool()

    def source(self, inputs: Inputs) -> Source:
        axes = self.axes(inputs["x"])
        return Source(call=f"{{0}}.mean({axes if len(axes) > 1 else axes[0]})")
