"""Max unpooling: numbers go back to where a max pooling found them (notes 2:380, 3:302, 4:248)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from chalknet.layers.base import (
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Pooled,
    Port,
    Rewire,
    Source,
    TensorType,
    Warn,
    Window,
    register,
)
from chalknet.layers.sizes import span
from chalknet.layers.words import call, named, product, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class MaxUnpool(Layer):
    """Base: float[C c, space] and the places that a max pooling kept, place<before>[C c, space] → float[C c, before].

    Every number stands where the largest of its window stood, and all the rest is 0. The size is the one that the
    pooling had before it, also where a division left a remainder.
    """

    family: ClassVar[Family] = "pooling"
    per_number: ClassVar[int] = 0
    keeps_width: ClassVar[bool] = True
    rank: ClassVar[int]
    kind: ClassVar[str]
    inputs = (Port("x", "Numbers"), Port("indices", "Places"))
    icon = "chevrons-down"
    purposes = ("make larger", "undo a pooling", "decode", "segment")
    beware: ClassVar[tuple[str, ...]] = (
        "It does not bring back what the pooling threw away: only the largest of each window has a place to return to, "
        "and all others are 0.",
        "The places are no numbers to compute with. They are remembered on the way down, and used once on the way up.",
    )

    def pooled(self, inputs: Inputs) -> Pooled:
        """The pooling that the places are from."""
        found = inputs["indices"].pooled
        assert found is not None
        return found

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x, places = inputs["x"], inputs["indices"]
        if not (x.is_image if self.rank == 2 else x.is_signal):
            raise unfit("x", self.kind, x)
        if places.pooled is None or len(places.pooled.space) != self.rank:
            raise Fault(
                "unpaired",
                f"needs the places that a max pooling of {'images' if self.rank == 2 else 'signals'} remembers; "
                f"{named(places)} arrives.",
                hint="Wire the pooling’s output for places here.",
                port="indices",
                remedies=[Rewire("indices", "Take")],
            )
        if places.axes != x.axes:
            raise Fault(
                "unpaired",
                f"{x.compact} numbers and {places.compact} places do not belong together: "
                f"that pooling made {places.compact} of {times((places.sizes[0], *places.pooled.space))}.",
                hint="Every number needs a place of its own: take those of the pooling that stands as deep as this.",
                port="indices",
                remedies=[Rewire("indices", "Take"), Rewire("x", "Take")],
            )
        sizes = dict(zip(x.names[1:], self.pooled(inputs).space, strict=True))
        return {"y": x.resized(**sizes)}

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        pooled = self.pooled(inputs)
        window = pooled.window
        if all(s >= span(k, d) for k, s, d in zip(window.kernel, window.stride, window.dilation, strict=True)):
            return ()
        kernel, stride = window.kernel[-self.rank :], window.stride[-self.rank :]
        return [
            Warn(
                "overlapping_windows",
                f"the pooling’s {times(kernel)} windows move by {times(stride)} and overlap, so two numbers may return "
                "to one place; only one of them stays.",
                hint="Let the pooling move by its own size.",
            )
        ]

    def window(self, inputs: Inputs) -> Window:
        return self.pooled(inputs).window.back()

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x, y = inputs["x"], outputs["y"]
        zeros = max(0, y.numel - x.numel)
        sizes = [
            (axis.name, rf"{tex(before.size)} \to {tex(axis.size)}\ \text{{as before the pooling}}")
            for before, axis in zip(x.axes[1:], y.axes[1:], strict=True)
        ]
        return rows(
            *sizes,
            ("zeros", rf"{product(y.sizes)} - {product(x.sizes)} = {tex(zeros)}" if zeros else "0"),
        )

    def summary(self) -> str:
        return "to where the largest stood"

    def _arguments(self, inputs: Inputs) -> tuple[dict[str, tuple[Any, Any]], tuple[int, ...], bool]:
        """Arguments of torch's module with their defaults there, the size, and whether that must be told."""
        pooled = self.pooled(inputs)
        window, space = pooled.window, pooled.space
        # A kernel with gaps counts as wide as it reaches: torch takes its sizes for a check alone.
        reach = tuple(span(k, d) for k, d in zip(window.kernel, window.dilation, strict=True))[-self.rank :]
        stride, padding = window.stride[-self.rank :], window.padding[-self.rank :]
        usual = tuple(
            (n - 1) * s - 2 * p + k
            for n, k, s, p in zip(inputs["x"].sizes[1:], reach, stride, padding, strict=True)
        )  # fmt: skip
        keywords = {
            "kernel_size": (_one(reach), None),
            "stride": (_one(stride), _one(reach)),
            "padding": (_one(padding), 0),
        }
        return keywords, space, usual != space

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class MaxUnpool(nn.Module):
            """(B, C, …) numbers and their places → (B, C, *space): bit for bit what torch's MaxUnpool gives.

            torch's own refuses to run where results must be the same each time, since of two numbers that return to one
            place it may keep either; scatter keeps the last on a CPU.
            """

            def __init__(self, *space: int) -> None:
                super().__init__()
                self.space = space

            def forward(self, x: Tensor, indices: Tensor) -> Tensor:
                empty = x.new_zeros(*x.shape[:2], math.prod(self.space))
                return empty.scatter(2, indices.flatten(2), x.flatten(2)).unflatten(2, self.space)

        return MaxUnpool(*self.pooled(inputs).space)

    def source(self, inputs: Inputs) -> Source:
        keywords, space, told = self._arguments(inputs)
        size = f", output_size={space}" if told else ""
        return Source(call(f"nn.MaxUnpool{self.rank}d", **keywords), call=f"{{self}}({{0}}, {{1}}{size})")


def _one(values: tuple[int, ...]) -> int | tuple[int, ...]:
    return values[0] if len(set(values)) == 1 else values


@register
class MaxUnpool2d(MaxUnpool):
    """float[C c, H h, W w], place<H×W>[C c, H h, W w] → float[C c, H, W]."""

    type = "max_unpool2d"
    title = "Max unpooling"
    sentence = "Makes an image as large as it was before a max pooling, each number where the largest had stood."
    formula = r"y_c[p_c[i, j]] = x_c[i, j], \quad \text{all other } y_c = 0"
    aliases = (
        "unpool",
        "maxunpool",
        "argmax unpooling",
        "unpooling with saved indices",
        "upsampling",
        "segnet",
        "decoder",
    )
    rank = 2
    kind = "an image (channels × height × width)"
    examples = (
        Example(
            "Pooling 4×4 numbers kept the 6, 8, 3 and 4, from places 5, 7, 8 and 15. New numbers stand there again.",
            inputs={"x": [[[1, 2], [3, 4]]], "indices": [[[5, 7], [8, 15]]]},
            axes={"indices": "place<4×4>CHW"},
            outputs={"y": [[[0, 0, 0, 0], [0, 1, 0, 2], [3, 0, 0, 0], [0, 0, 0, 4]]]},
        ),
        Example(
            "5 columns pooled in twos left one over; the image is 5 wide again.",
            inputs={"x": [[[7, 9]]], "indices": [[[1, 2]]]},
            axes={"indices": "place<1×5>CHW"},
            outputs={"y": [[[0, 7, 9, 0, 0]]]},
        ),
    )


@register
class MaxUnpool1d(MaxUnpool):
    """float[C c, L l], place<L>[C c, L l] → float[C c, L]."""

    type = "max_unpool1d"
    title = "Max unpooling 1d"
    sentence = "Makes a signal as long as it was before a max pooling, each number where the largest had stood."
    formula = r"y_c[p_c[i]] = x_c[i], \quad \text{all other } y_c = 0"
    aliases = ("unpool", "maxunpool", "argmax unpooling", "upsampling", "decoder")
    rank = 1
    kind = "a signal (channels × length)"
    examples = (
        Example(
            "Of 1, 5 and 2, 0 the 5 and the 2 were kept, from places 1 and 2.",
            inputs={"x": [[5, 2]], "indices": [[1, 2]]},
            axes={"x": "CL", "indices": "place<4>CL"},
            outputs={"y": [[0, 5, 2, 0]]},
        ),
    )
