"""Layers that reshape or join tensors without weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from chalknet.layers.base import (
    Example,
    Family,
    Fault,
    Inputs,
    Insert,
    Layer,
    Port,
    Remedy,
    Source,
    TensorType,
    Warn,
    register,
    vector,
)
from chalknet.layers.sizes import MOST, slid
from chalknet.layers.words import counted, named, product, rows, tex, times, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class Flatten(Layer):
    """float[C c, H h, W w] → float[D c·h·w], row by row: [[10, 5], [7, 3]] → [10, 5, 7, 3] (notes 0:119)."""

    type = "flatten"
    title = "Flatten"
    family: ClassVar[Family] = "shape"
    per_number: ClassVar[int] = 0
    rearranges = True
    sentence = "Lays all numbers of an image out in one long row, so that a Linear layer can read them."
    formula = r"y_{(c H + i) W + j} = x_c[i, j]"
    icon = "rectangle-horizontal"
    aliases = ("reshape", "vectorise", "unroll")
    purposes = ("image to vector", "before a linear layer")
    examples = (
        Example(
            "A map of 2×2 is read row by row.",
            inputs={"x": [[[10, 5], [7, 3]]]},
            outputs={"y": [10, 5, 7, 3]},
        ),
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float" or not x.axes:
            raise unfit("x", "an image, a signal, a sequence or a vector", x)
        if any(axis.varies for axis in x.axes):
            raise Fault(
                "varying_length",
                f"cannot lay out {named(x)}: how many numbers that gives would change from batch to batch.",
                hint="The mean over the positions has the same size for every length.",
                port="x",
                remedies=[Insert("x", "global_avg_pool", "Insert global average pooling")],
            )
        return {"y": replace(vector(x.numel), meaning=x.meaning)}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x = inputs["x"]
        return rows(("D", f"{product(x.sizes)} = {tex(x.numel)}"))

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Flatten()

    def source(self, inputs: Inputs) -> Source:
        return Source(call="{0}.flatten(1)")


class Join(Layer):
    """Base of the layers that take several wires."""

    family: ClassVar[Family] = "combine"
    per_number: ClassVar[int] = 0
    inputs = (Port("x", many=True),)
    verb: ClassVar[str]

    def floats(self, inputs: Inputs) -> tuple[TensorType, ...]:
        """The wires' types, all of them numbers."""
        arriving = inputs.all("x")
        for wire, x in enumerate(arriving):
            if x.element != "float":
                fault = unfit("x", "numbers on every wire", x)
                fault.wire = wire
                fault.remedies = tuple(replace(r, wire=wire) for r in fault.remedies if isinstance(r, Insert))
                raise fault
        return arriving

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        if len(inputs.all("x")) > 1:
            return ()
        return [Warn("single_wire", f"only one wire arrives, so there is nothing to {self.verb}.")]


def projections(odd: TensorType, like: TensorType, wire: int, channels: int) -> list[Remedy]:
    """The 1×1 convolution or Linear that gives ``odd`` the space of ``like`` and ``channels`` features, if one can.

    A stride s takes height h to ⌊(h−1)/s⌋+1.
    """
    if odd.is_image and like.is_image:
        strides = []
        for before, after in zip(odd.sizes[1:], like.sizes[1:], strict=True):
            stride = max(1, round(before / after))
            near = (s for s in (stride, stride - 1, stride + 1) if 0 < s <= MOST and slid(before, 1, s) == after)
            strides.append(next(near, None))
        (down, across) = strides
        if down is None or across is None:
            return []
        stride_field = down if down == across else [down, across]
        fields = {"channels": channels, "kernel": 1, **({} if stride_field == 1 else {"stride": stride_field})}
        moves = f" with stride {times(tuple(dict.fromkeys((down, across))))}" if stride_field != 1 else ""
        title = f"Insert a 1×1 convolution to {counted(channels, 'channel')}{moves}"
        return [Insert("x", "conv2d", title, fields, wire)]
    same_kind = (odd.is_vector and like.is_vector) or (odd.is_sequence and like.is_sequence)
    if same_kind and odd.sizes[:-1] == like.sizes[:-1]:
        title = f"Insert a Linear layer to {counted(channels, 'unit')}"
        return [Insert("x", "linear", title, {"units": channels}, wire)]
    if odd.is_signal and like.is_signal and odd.sizes[1] == like.sizes[1]:
        title = f"Insert a 1×1 convolution to {counted(channels, 'channel')}"
        return [Insert("x", "conv1d", title, {"channels": channels, "kernel": 1}, wire)]
    return []


class Elementwise(Join):
    """Base: several tensors of one shape, or single numbers beside them → that shape, number by number."""

    keeps_width: ClassVar[bool] = True
    sign: ClassVar[str]

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        arriving = self.floats(inputs)
        full = [x for x in arriving if x.axes] or arriving
        if len({(x.names, x.sizes) for x in full}) > 1:
            raise self._unequal(arriving, [(x.names, x.sizes) for x in arriving])
        varying = next((x for x in full if any(axis.varies for axis in x.axes)), full[0])
        return {"y": replace(varying, meaning="")}

    def _unequal(self, arriving: Sequence[TensorType], shapes: Sequence[object]) -> Fault:
        usual, times_seen = Counter(shapes).most_common(1)[0]
        like = arriving[shapes.index(usual)]
        odd = next(i for i, shape in enumerate(shapes) if shape != usual)
        # Of two, the one with more places, else fewer features, is the one to change: a stride can only shrink.
        if times_seen == 1 and len(arriving) == 2 and _rank(like) > _rank(arriving[odd]):
            like, odd = arriving[odd], shapes.index(usual)
        ways = projections(arriving[odd], like, odd, like.sizes[like.feature or 0] if like.axes else 1)
        if len(arriving) == 2 and arriving[odd].axes:
            other = arriving[odd]
            ways += projections(like, other, 1 - odd, other.sizes[other.feature or 0])
        return Fault(
            "unequal_shapes",
            f"needs equal shapes on all its wires; {' and '.join(dict.fromkeys(map(named, arriving)))} arrive.",
            hint="A projection brings the odd one to the others' shape." if ways else "",
            port="x",
            wire=odd,
            remedies=ways,
        )

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * (len(inputs.all("x")) - 1)

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        operation = {"+": torch.add, "*": torch.mul, "max": torch.maximum, "min": torch.minimum}[self.sign]
        spread = [self._spread(inputs, x) for x in inputs.all("x")]

        class Elementwise(nn.Module):
            """Several tensors made one, number by number."""

            def forward(self, *x: Tensor) -> Tensor:
                first, *others = (each[key] if key else each for each, key in zip(x, spread, strict=True))
                for other in others:
                    first = operation(first, other)
                return first

        return Elementwise()

    def _spread(self, inputs: Inputs, x: TensorType) -> tuple[Any, ...]:
        """The index that lays a tensor out beside the others; empty where it fits as it is."""
        missing = max(len(each.axes) for each in inputs.all("x")) - len(x.axes)
        return (..., *[None] * missing) if missing else ()

    def source(self, inputs: Inputs) -> Source:
        names = []
        for i, x in enumerate(inputs.all("x")):
            key = ", ".join("..." if each is ... else ":" if each else "None" for each in self._spread(inputs, x))
            names.append(f"{{{i}}}[{key}]" if key else f"{{{i}}}")
        if self.sign in ("+", "*"):
            return Source(call=f" {self.sign} ".join(names))
        function = {"max": "torch.maximum", "min": "torch.minimum"}[self.sign]
        first, *others = names
        for other in others:
            first = f"{function}({first}, {other})"
        return Source(call=first)


def _rank(x: TensorType) -> tuple[int, int]:
    features = x.sizes[x.feature or 0] if x.axes else 1
    return x.numel // features, -features


@register
class Add(Elementwise):
    """x₁ + x₂ + …, of one shape or single numbers beside it; in the backward pass every wire gets the same gradient."""

    type = "add"
    title = "Add"
    sentence = (
        "Adds tensors of equal shape, number by number: the skip connection of a residual network. A single number is "
        "added to each."
    )
    formula = r"y = x_1 + x_2 + \dots"
    icon = "plus"
    aliases = ("sum", "residual", "skip connection", "+", "gradient distributor")
    purposes = ("join branches", "keep the gradient alive")
    beware = (
        "Backward it is a distributor: every wire gets the whole gradient, none gets a share of it.",
        "Copying needs no node: draw several wires from one output. Backward, the gradients that come back along them "
        "are added.",
    )
    examples = (
        Example("Place by place.", inputs={"x": [[1, 5], [4, 2]]}, outputs={"y": [5, 7]}),
        Example("A single number is added to each.", inputs={"x": [[1, 5], 2.0]}, outputs={"y": [3, 7]}),
    )
    sign = "+"
    verb = "add"


@register
class Multiply(Elementwise):
    """x₁ · x₂ · …; in the backward pass every wire's gradient is scaled by the others.

    All of one shape; or one of them a gate of the others: one number for each feature (float[D c] beside float[C c, H
    h, W w], as in squeeze-excite), for each place (float[C 1, H h, W w]), or for the sample (float[]).
    """

    type = "multiply"
    title = "Multiply"
    sentence = (
        "Multiplies number by number: a gate that lets more or less through; a vector may gate the channels of an "
        "image, one number each."
    )
    formula = r"y = x_1 \odot x_2 \odot \dots"
    icon = "x"
    aliases = (
        "product", "gate", "hadamard", "×", "*", "channel gate", "squeeze-excite", "attention gate", "gradient swapper",
    )  # fmt: skip
    purposes = ("scale channels", "mask out")
    beware = (
        "Backward it is a swapper: each wire gets the gradient times what stood on the other. Where one is 0, the "
        "other learns nothing.",
    )
    examples = (
        Example("Place by place.", inputs={"x": [[1, 5], [4, 2]]}, outputs={"y": [4, 10]}),
        Example(
            "A gate with a number for each channel: the first is halved, the second is shut.",
            inputs={"x": [[[[2, 4]], [[6, 8]]], [0.5, 0]]},
            outputs={"y": [[[1, 2]], [[0, 0]]]},
        ),
    )
    sign = "*"
    verb = "multiply"

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        arriving = self.floats(inputs)
        full = _fullest(arriving)
        if all((x.sizes == full.sizes and x.names == full.names) or _gates(x, full) for x in arriving):
            alike = [x for x in arriving if x.names == full.names and x.sizes == full.sizes]
            return {"y": replace(next((x for x in alike if any(a.varies for a in x.axes)), full), meaning="")}
        return super().infer(inputs)

    def _spread(self, inputs: Inputs, x: TensorType) -> tuple[Any, ...]:
        full = _fullest(inputs.all("x"))
        if not x.axes or len(x.axes) == len(full.axes):
            return super()._spread(inputs, x)
        # One number a feature: the features stand first, or last behind the positions.
        feature = full.feature or 0
        return (slice(None), *(slice(None) if i == feature else None for i in range(len(full.axes))))

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        gates = [x for x in inputs.all("x") if x.sizes != outputs["y"].sizes]
        return rows(*(("gate", rf"{product(x.sizes or (1,))} \to {product(outputs['y'].sizes)}") for x in gates))


def _fullest(arriving: Sequence[TensorType]) -> TensorType:
    return max(arriving, key=lambda x: (x.numel, len(x.axes)))


def _gates(x: TensorType, full: TensorType) -> bool:
    """Whether x holds one number for each feature of ``full``, for each of its places, or for the whole sample."""
    if not x.axes:
        return True
    feature = full.feature or 0
    if x.is_vector and len(full.axes) > 1:
        return x.sizes[0] == full.sizes[feature]
    if x.names != full.names:
        return False
    by_feature = all(size == 1 or i == feature for i, size in enumerate(x.sizes))
    by_place = x.sizes[feature] == 1 and all(i == feature or x.axes[i] == full.axes[i] for i in range(len(x.axes)))
    return by_place or (by_feature and x.sizes[feature] == full.sizes[feature])


@register
class Concat(Join):
    """Along the features: C of images and signals, D of vectors and sequences; the other axes must agree."""

    type = "concat"
    title = "Concatenate"
    sentence = "Puts the features of several tensors side by side, as Inception and U-Net do."
    formula = r"y = [\,x_1;\, x_2;\, \dots\,]"
    icon = "layers"
    aliases = ("concatenate", "join", "stack", "cat", "depth concat")
    purposes = ("join branches", "put side by side")
    verb = "put side by side"

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        arriving = self.floats(inputs)
        for wire, x in enumerate(arriving):
            if not x.axes:
                raise Fault("kind", f"needs features to put side by side; {named(x)} arrives.", port="x", wire=wire)
        first = arriving[0]
        others = [tuple(size for i, size in enumerate(x.sizes) if i != x.feature) for x in arriving]
        if any(x.names != first.names for x in arriving) or len(set(others)) > 1:
            raise self._uneven(arriving, others)
        feature = first.feature or 0
        total = sum(x.sizes[feature] for x in arriving)
        varying = next((x for x in arriving if any(axis.varies for axis in x.axes)), first)
        return {"y": replace(varying.resized(**{first.names[feature]: total}), meaning="")}

    def _uneven(self, arriving: Sequence[TensorType], others: Sequence[tuple[int, ...]]) -> Fault:
        shapes = [(x.names, other) for x, other in zip(arriving, others, strict=True)]
        usual, times_seen = Counter(shapes).most_common(1)[0]
        like = arriving[shapes.index(usual)]
        odd = next(i for i, shape in enumerate(shapes) if shape != usual)
        if times_seen == 1 and len(arriving) == 2 and _rank(like)[0] > _rank(arriving[odd])[0]:
            like, odd = arriving[odd], shapes.index(usual)
        other = arriving[odd]
        ways = projections(other, like, odd, other.sizes[other.feature or 0])
        return Fault(
            "unequal_shapes",
            f"needs wires that agree in all but their features; "
            f"{' and '.join(dict.fromkeys(map(named, arriving)))} arrive.",
            port="x",
            wire=odd,
            remedies=ways,
        )

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        feature = outputs["y"].feature or 0
        sizes = [x.sizes[feature] for x in inputs.all("x")]
        return rows((outputs["y"].names[feature], f"{' + '.join(map(tex, sizes))} = {tex(sum(sizes))}"))

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        axis = (inputs.all("x")[0].feature or 0) + 1

        class Concat(nn.Module):
            """Tensors side by side along their features."""

            def forward(self, *x: Tensor) -> Tensor:
                return torch.cat(x, axis)

        return Concat()

    def source(self, inputs: Inputs) -> Source:
        axis = (inputs.all("x")[0].feature or 0) + 1
        return Source(call=f"torch.cat([{{all}}], {axis})")
