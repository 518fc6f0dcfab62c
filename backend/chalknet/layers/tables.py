"""Layers that work on whole tables: sums along an axis, matrix products, stacks and their parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from chalknet.layers import axes
from chalknet.layers.base import (
    WHOLE,
    Axis,
    Example,
    Family,
    Fault,
    Inputs,
    Layer,
    Port,
    SetField,
    Source,
    TensorType,
    Window,
    register,
)
from chalknet.layers.combine import Join
from chalknet.layers.words import named, product, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class Reduce(Layer):
    """The mean, sum, largest or smallest number along named axes, which are gone then; ``H W`` takes two at once.

    float[C c, H h, W w] over H W → float[D c] · float[T t, D d] over T → float[D d] · over all → float[].
    """

    type = "reduce"
    title = "Mean, sum, max or min"
    family: ClassVar[Family] = "arithmetic"
    sentence = "Brings all numbers along an axis together into one: their mean, their sum, the largest or the smallest."
    formula = r"y = \dfrac{1}{n} \sum_{i} x_i, \quad \sum_i x_i, \quad \max_i x_i, \quad \min_i x_i"
    icon = "sigma"
    aliases = (
        "mean over an axis",
        "sum over an axis",
        "average",
        "max over an axis",
        "min over an axis",
        "pool",
        "reduce",
    )
    purposes = ("one answer for a sequence", "bring places together")
    beware = ("Padding counts like everything else: of padded sequences take Global average pooling with their mask.",)
    examples = (
        Example(
            "The mean over the time steps.", inputs={"x": [[1, 2], [3, 6]]}, fields={"axis": "T"}, outputs={"y": [2, 4]}
        ),
        Example("The sum of a vector.", inputs={"x": [1, 2, 3]}, fields={"how": "sum"}, outputs={"y": 6.0}),
    )

    how: Literal["mean", "sum", "max", "min"] = Field(
        "mean",
        title="What",
        description="What becomes of the numbers.",
        json_schema_extra={"labels": ["Mean", "Sum", "Largest", "Smallest"]},
    )
    axis: str = Field(
        "",
        max_length=40,
        title="Axes",
        description="Which axes, such as T, or H W for both; empty: the features.",
        examples=["", "T", "H W", "C", "D", "T D", "L"],
    )

    def _places(self, x: TensorType) -> list[int]:
        asked = axes.names(self.axis, "axis")
        if len(asked) <= 1:
            return [axes.place(x, self.axis, "axis")]
        for name in asked:
            if name not in x.names:
                raise axes.missing(x, name, "axis")
        return sorted(x.names.index(name) for name in asked)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float" or not x.axes:
            raise unfit("x", "several numbers", x)
        gone = self._places(x)
        return {"y": axes.settled(x, tuple(axis for i, axis in enumerate(x.axes) if i not in gone))}

    def operations(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        x, y = inputs["x"], outputs["y"]
        return x.numel if self.how == "mean" else x.numel - y.numel

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        sizes = [inputs["x"].sizes[i] for i in self._places(inputs["x"])]
        return rows(("numbers in one", f"{product(sizes)} = {tex(math.prod(sizes))}"))

    def summary(self) -> str:
        return f"{self.how} over {self.axis.strip() or 'features'}"[:40]

    def _call(self, inputs: Inputs) -> tuple[str, tuple[int, ...]]:
        name = {"max": "amax", "min": "amin"}.get(self.how, self.how)
        return name, tuple(i + 1 for i in self._places(inputs["x"]))

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        name, dims = self._call(inputs)
        function = getattr(torch, name)

        class Reduce(nn.Module):
            """One number instead of all along some axes."""

            def forward(self, x: Tensor) -> Tensor:
                made: Tensor = function(x, dims)
                return made

        return Reduce()

    def source(self, inputs: Inputs) -> Source:
        name, dims = self._call(inputs)
        return Source(call=f"{{0}}.{name}({dims[0] if len(dims) == 1 else dims})")


@register
class MatMul(Layer):
    """float[…, A n, B k] · float[…, B k, C m] → float[…, A n, C m]; either may be turned over first.

    Two sequences with b turned over give their scores: float[T t, D d] · float[T s, D d]ᵀ → float[T t, S s].
    """

    type = "matmul"
    title = "Matrix product"
    family: ClassVar[Family] = "combine"
    per_number: ClassVar[int] = 0
    sentence = "Multiplies two tables: every row of the first meets every column of the second in a dot product."
    formula = r"y_{ij} = \sum_k a_{ik}\, b_{kj}"
    icon = "grid-3x3"
    aliases = ("matmul", "dot product", "scores", "bmm", "matrix multiplication", "@", "gram")
    purposes = ("compare all with all", "attention by hand")
    inputs = (Port("a"), Port("b"))
    beware = ("It is no product number by number (that is Multiply), and a·b is not b·a.",)
    examples = (
        Example(
            "Rows times columns.", inputs={"a": [[1, 2], [3, 4]], "b": [[5, 6], [7, 8]]},
            outputs={"y": [[19, 22], [43, 50]]},
        ),
        Example(
            "How alike the vectors of two sequences are.", inputs={"a": [[1, 0], [1, 1]], "b": [[2, 0], [0, 3]]},
            fields={"turn_b": True}, outputs={"y": [[2, 0], [2, 3]]},
        ),
    )  # fmt: skip

    turn_a: bool = Field(False, title="Turn a over", description="Rows of a become its columns first.")
    turn_b: bool = Field(False, title="Turn b over", description="Rows of b become its columns first.")

    def _ends(self, inputs: Inputs) -> tuple[tuple[Axis, Axis], tuple[Axis, Axis]]:
        """Rows and columns of a and of b as they are multiplied."""
        a, b = inputs["a"].axes, inputs["b"].axes
        return (a[-1], a[-2]) if self.turn_a else (a[-2], a[-1]), (b[-1], b[-2]) if self.turn_b else (b[-2], b[-1])

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        a, b = inputs["a"], inputs["b"]
        for port, kind in (("a", a), ("b", b)):
            if kind.element != "float" or len(kind.axes) < 2:
                raise unfit(port, "rows and columns of numbers, such as a sequence", kind)
        if a.axes[:-2] != b.axes[:-2]:
            raise Fault(
                "unequal_shapes",
                f"needs a and b to agree in all but their last two axes; {named(a)} and {named(b)} arrive.",
                port="b",
            )
        (row, inner), (other, column) = self._ends(inputs)
        if (inner.size, inner.varies) != (other.size, other.varies):
            # A way is offered where turning one over makes them meet.
            ways = []
            for field, here, there in (("turn_b", inner, column), ("turn_a", row, other)):
                if (here.size, here.varies) == (there.size, there.varies):
                    value = not getattr(self, field)
                    which = field[-1]
                    ways.append(SetField(field, value, f"{'Turn' if value else 'Do not turn'} {which} over"))
            raise Fault(
                "inner_sizes",
                f"needs as many columns in a as rows in b, but a has {inner.size:,} and b has {other.size:,}"
                f"{' (after turning)' if self.turn_a or self.turn_b else ''}.",
                port="b",
                remedies=ways,
            )
        lead = a.axes[:-2]
        taken = {row.name, *(axis.name for axis in lead)}
        name = next(
            each for each in (column.name, "S", "U", "V", "Q", *(f"S{i}" for i in range(9))) if each not in taken
        )
        return {"y": TensorType(axes=(*lead, row, Axis(name, column.size, column.varies)))}

    def macs(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> int:
        return outputs["y"].numel * self._ends(inputs)[0][1].size

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        (row, inner), (_, column) = self._ends(inputs)
        lead = math.prod(inputs["a"].sizes[:-2])
        each = rf"{tex(lead)} \cdot " if lead > 1 else ""
        total = tex(self.macs(inputs, outputs))
        return rows(
            ("y", rf"({tex(row.size)} \times {tex(inner.size)}) \cdot ({tex(inner.size)} \times {tex(column.size)})"),
            ("multiply-adds", rf"{each}{tex(row.size)} \cdot {tex(inner.size)} \cdot {tex(column.size)} = {total}"),
        )

    def summary(self) -> str:
        return f"a{'ᵀ' if self.turn_a else ''} · b{'ᵀ' if self.turn_b else ''}"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        turn_a, turn_b = self.turn_a, self.turn_b

        class MatMul(nn.Module):
            """The product of two tables."""

            def forward(self, a: Tensor, b: Tensor) -> Tensor:
                return (a.mT if turn_a else a) @ (b.mT if turn_b else b)

        return MatMul()

    def source(self, inputs: Inputs) -> Source:
        return Source(call=f"{{0}}{'.mT' if self.turn_a else ''} @ {{1}}{'.mT' if self.turn_b else ''}")


@register
class Stack(Join):
    """n tensors of one shape → the same with a new first axis of n: vectors become a sequence."""

    type = "stack"
    title = "Stack"
    sentence = "Lays tensors of one shape on top of each other: vectors become the rows of a sequence."
    formula = r"y_i = x_i"
    icon = "layers-2"
    aliases = ("new axis", "sequence from vectors", "unsqueeze", "pile")
    purposes = ("make a sequence",)
    examples = (
        Example("Two vectors become a sequence.", inputs={"x": [[1, 2], [3, 4]]}, outputs={"y": [[1, 2], [3, 4]]}),
    )
    verb = "stack"

    axis: str = Field(
        "T", min_length=1, max_length=12, title="New axis", description="What the new axis is called, such as T.",
        examples=["T", "N", "S"],
    )  # fmt: skip

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        arriving = self.floats(inputs)
        first = arriving[0]
        odd = next((i for i, x in enumerate(arriving) if (x.names, x.sizes) != (first.names, first.sizes)), None)
        if odd is not None:
            raise Fault(
                "unequal_shapes",
                f"needs equal shapes on all its wires; {named(first)} and {named(arriving[odd])} arrive.",
                port="x",
                wire=odd,
            )
        found = axes.names(self.axis, "axis")
        if len(found) != 1:
            raise Fault("axes", f"needs one name for its new axis; {len(found)} are given.", field="axis")
        if found[0] in first.names:
            free = next(name for name in ("T", "N", "S", "Q", "R", "U", "V", "X", "Y") if name not in first.names)
            raise Fault(
                "axes",
                f"needs a new name for its axis: {named(first)} already has an axis {found[0]}.",
                field="axis",
                remedies=[SetField("axis", free, f"Call it {free}")],
            )
        varying = next((x for x in arriving if any(axis.varies for axis in x.axes)), first)
        return {"y": TensorType(axes=(Axis(found[0], len(arriving)), *varying.axes))}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows((outputs["y"].names[0], tex(len(inputs.all("x")))))

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class Stack(nn.Module):
            """Tensors on top of each other, behind the batch."""

            def forward(self, *x: Tensor) -> Tensor:
                return torch.stack(x, 1)

        return Stack()

    def source(self, inputs: Inputs) -> Source:
        return Source(call="torch.stack([{all}], 1)")


@register
class Split(Layer):
    """Along one axis: the first n places, and the rest. The rest split again gives a third part, and so on."""

    type = "split"
    title = "Split"
    family: ClassVar[Family] = "combine"
    per_number: ClassVar[int] = 0
    sentence = "Cuts in two along an axis: the first places leave by one wire, the rest by the other."
    formula = r"y_1 = x_{0 \dots n-1}, \quad y_2 = x_{n \dots}"
    icon = "split"
    aliases = ("chunk", "halves", "unbind", "query key value")
    purposes = ("take a part", "make branches")
    outputs = (Port("first", "First"), Port("rest", "Rest"))
    beware = (
        "Three parts and more: split the rest once again. Copying is something else: draw several wires from one "
        "output.",
    )
    examples = (
        Example(
            "Two and the rest.", inputs={"x": [1, 2, 3, 4, 5]}, fields={"size": 2},
            outputs={"first": [1, 2], "rest": [3, 4, 5]},
        ),
    )  # fmt: skip

    axis: str = Field(
        "", max_length=12, title="Axis", description="Which axis, such as T, C, H or W; empty: the features.",
        examples=["", "T", "C", "D", "H", "W"],
    )  # fmt: skip
    size: int = Field(1, ge=1, le=10**6, title="First part", description="How many places leave by the first wire.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element in ("boxes", "place"):
            raise unfit("x", "numbers along an axis", x)
        axis = x.axes[axes.place(x, self.axis, "axis")]
        if axis.varies:
            raise Fault(
                "varying_length",
                f"the length of {axis.name} changes from batch to batch, so there may be nothing left to cut off.",
                field="axis",
            )
        if self.size >= axis.size:
            ways = (
                [SetField("size", axis.size // 2, f"Set the first part to {axis.size // 2:,}")] if axis.size > 1 else []
            )
            raise Fault(
                "empty_slice",
                f"its first part of {self.size:,} leaves nothing of the {axis.size:,} places of {axis.name}.",
                field="size",
                remedies=ways,
            )
        return {
            "first": x.resized(**{axis.name: self.size}),
            "rest": x.resized(**{axis.name: axis.size - self.size}),
        }

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x = inputs["x"]
        size = x.sizes[axes.place(x, self.axis, "axis")]
        return rows(("sizes", f"{tex(size)} = {tex(self.size)} + {tex(size - self.size)}"))

    def summary(self) -> str:
        return f"{self.size:,} of {self.axis.strip() or 'features'}"

    def _sizes(self, inputs: Inputs) -> tuple[list[int], int]:
        x = inputs["x"]
        at = axes.place(x, self.axis, "axis")
        return [self.size, x.sizes[at] - self.size], at + 1

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        sizes, at = self._sizes(inputs)

        class Split(nn.Module):
            """The first places along an axis, and the rest."""

            def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
                first, rest = torch.split(x, sizes, at)
                return first, rest

        return Split()

    def source(self, inputs: Inputs) -> Source:
        sizes, at = self._sizes(inputs)
        return Source(call=f"{{0}}.split({sizes}, {at})")
