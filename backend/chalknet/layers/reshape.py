"""Layers that order, cut and gather numbers along named axes; nothing in them is learned."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
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
from chalknet.layers.words import named, product, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn

FAR = 10**6


@register
class Identity(Layer):
    """y = x, numbers of any shape: the linear output of a regression (L-010), or a place to hold a wire by."""

    type = "identity"
    title = "Identity"
    family: ClassVar[Family] = "shape"
    per_number: ClassVar[int] = 0
    rearranges = True
    sentence = "Passes every number on as it is: a linear output, or a skip connection drawn as a node."
    formula = r"y = x"
    icon = "equal"
    aliases = ("linear output", "linear activation", "pass", "no-op", "skip")
    purposes = ("predict a number", "hold a wire")
    keeps_width = True
    beware = ("A regression ends here, with no activation: behind a sigmoid it could never say 7.",)
    examples = (Example("Nothing changes.", inputs={"x": [1, -2]}, outputs={"y": [1, -2]}),)

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "numbers", x)
        return {"y": x}

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Identity()

    def source(self, inputs: Inputs) -> Source:
        return Source(call="{0}")


@register
class Reshape(Layer):
    """The same numbers in the same order (the last axis fastest) under other axes; leading axes that vary stay.

    ``C 16, H 4, W 4`` makes an image of a vector of 256; one size may be −1 and is found by division.
    """

    type = "reshape"
    title = "Reshape"
    family: ClassVar[Family] = "shape"
    per_number: ClassVar[int] = 0
    rearranges = True
    sentence = "Reads the same numbers, in the same order, as something of another shape."
    formula = r"y = \operatorname{reshape}(x), \quad \prod_i n_i = \prod_j m_j"
    icon = "grid-2x2"
    aliases = ("view", "unflatten", "rename axes", "split heads", "patches")
    purposes = ("change the shape", "make an image of a vector")
    beware = (
        "It moves no number past another: to turn rows into columns, take Permute. A reshape to the same sizes in "
        "another order mixes places and features.",
    )
    examples = (
        Example(
            "Six numbers as 2 rows of 3.", inputs={"x": [1, 2, 3, 4, 5, 6]}, fields={"to": "T 2, D -1"},
            outputs={"y": [[1, 2, 3], [4, 5, 6]]},
        ),
    )  # fmt: skip

    to: str = Field(
        "D -1",
        max_length=axes.MOST_TEXT,
        title="Shape",
        description="Axes with their sizes, such as C 16, H 4, W 4 or T 12, D 64; one size may be −1.",
        examples=["D -1", "C -1, H 1, W 1", "T 2, D -1", "C 1, H -1, W 1", "T -1, D 1", "C -1, L 4"],
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float" or not x.axes:
            raise unfit("x", "several numbers", x)
        asked = axes.target(self.to, "to")
        kept = next((i for i, axis in reversed(list(enumerate(x.axes))) if axis.varies), -1) + 1
        if asked[:kept] != [(axis.name, axis.size) for axis in x.axes[:kept]]:
            stays = ", ".join(f"{axis.name} {axis.size}" for axis in x.axes[:kept])
            rest = x.numel // math.prod(x.sizes[:kept])
            raise Fault(
                "varying_length",
                f"the length of {named(x)} changes from batch to batch, so its shape must begin with {stays}.",
                field="to",
                remedies=[SetField("to", f"{stays}, D {rest}", f"Set the shape to {stays}, D {rest}")],
            )
        fixed = math.prod(size for _, size in asked if size != -1)
        open_ = any(size == -1 for _, size in asked)
        if (x.numel % fixed) if open_ else x.numel != fixed:
            raise Fault(
                "sizes",
                f"{named(x)} has {x.numel:,} numbers, which do not make "
                + (f"rows of {fixed:,}." if open_ else f"the {fixed:,} of {self.to.strip()}."),
                field="to",
                remedies=[SetField("to", f"D {x.numel}", f"Set the shape to D {x.numel}")],
            )
        made = [
            Axis(name, x.numel // fixed if size == -1 else size, i < kept and x.axes[i].varies)
            for i, (name, size) in enumerate(asked)
        ]
        return {"y": TensorType(axes=tuple(made), meaning=x.meaning)}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        return rows(
            ("numbers", f"{product(inputs['x'].sizes)} = {product(outputs['y'].sizes)} = {tex(inputs['x'].numel)}")
        )

    def summary(self) -> str:
        return self.to if len(self.to) <= 40 else f"{self.to[:39]}…"

    def _sizes(self, inputs: Inputs) -> list[int]:
        """Of the tensor without its batch; −1 where the length varies."""
        x, asked = inputs["x"], axes.target(self.to, "to")
        fixed = math.prod(size for _, size in asked if size != -1)
        sizes = [x.numel // fixed if size == -1 else size for _, size in asked]
        return [-1 if any(axis.varies for axis in x.axes[i : i + 1]) else size for i, size in enumerate(sizes)]

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        sizes = self._sizes(inputs)

        class Reshape(nn.Module):
            """The same numbers under other axes."""

            def forward(self, x: Tensor) -> Tensor:
                return x.reshape(x.shape[0], *sizes)

        return Reshape()

    def source(self, inputs: Inputs) -> Source:
        return Source(call=f"{{0}}.reshape({{0}}.shape[0], {', '.join(map(str, self._sizes(inputs)))})")


class Ordered(Layer):
    """Base: the same axes in another order."""

    family: ClassVar[Family] = "shape"
    per_number: ClassVar[int] = 0
    rearranges = True

    def order(self, x: TensorType) -> list[int]:
        """Old places of the axes, in their new order. Raises Fault."""
        raise NotImplementedError

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element in ("boxes", "place"):
            raise unfit("x", "numbers along several axes", x)
        return {"y": replace(x, axes=tuple(x.axes[i] for i in self.order(x)))}

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def _batched(self, inputs: Inputs) -> list[int]:
        return [0, *(i + 1 for i in self.order(inputs["x"]))]

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        order = self._batched(inputs)

        class Permute(nn.Module):
            """Axes in another order."""

            def forward(self, x: Tensor) -> Tensor:
                return x.permute(order)

        return Permute()

    def source(self, inputs: Inputs) -> Source:
        return Source(call=f"{{0}}.permute({', '.join(map(str, self._batched(inputs)))})")


@register
class Permute(Ordered):
    """float[C c, H h, W w] → float[H h, W w, C c] for the order ``H W C``; axes that are not named follow as they
    were."""

    type = "permute"
    title = "Permute"
    sentence = "Puts the axes in another order, as one turns a table so that its rows become columns."
    formula = r"y_{jki} = x_{ijk}"
    icon = "rotate-3d"
    aliases = ("reorder axes", "channels last", "movedim", "rearrange", "swap axes")
    purposes = ("change the order of axes",)
    examples = (
        Example(
            "Rows become columns.", inputs={"x": [[1, 2, 3], [4, 5, 6]]}, fields={"to": "D T"},
            outputs={"y": [[1, 4], [2, 5], [3, 6]]},
        ),
    )  # fmt: skip

    to: str = Field(
        "",
        max_length=axes.MOST_TEXT,
        title="Order",
        description="Names of the axes in their new order, such as H W C; empty: all in reverse.",
        examples=["", "W", "D T", "H W C", "L C", "W H", "P"],
    )

    def order(self, x: TensorType) -> list[int]:
        if len(x.axes) < 2:
            raise Fault("kind", f"needs at least two axes to put in order; {named(x)} arrives.", port="x")
        asked = axes.names(self.to, "to") or list(reversed(x.names))
        for name in asked:
            if name not in x.names:
                fault = axes.missing(x, name, "to")
                fault.remedies = (SetField("to", "", "Put the axes in reverse"),)
                raise fault
        return [x.names.index(name) for name in (*asked, *(name for name in x.names if name not in asked))]

    def summary(self) -> str:
        return self.to if len(self.to) <= 40 else f"{self.to[:39]}…"


@register
class Transpose(Ordered):
    """float[…, A a, B b] → float[…, B b, A a]: the last two axes change places."""

    type = "transpose"
    title = "Transpose"
    sentence = "Turns a table over: its rows become its columns."
    formula = r"y = x^{\top}"
    icon = "flip-vertical-2"
    aliases = ("swap rows and columns", "matrix transpose", "xᵀ")
    examples = (
        Example(
            "2 rows of 3 become 3 rows of 2.",
            inputs={"x": [[1, 2, 3], [4, 5, 6]]},
            outputs={"y": [[1, 4], [2, 5], [3, 6]]},
        ),
    )

    def order(self, x: TensorType) -> list[int]:
        if len(x.axes) < 2:
            raise Fault("kind", f"needs rows and columns; {named(x)} arrives.", port="x")
        *lead, rows_, columns = range(len(x.axes))
        return [*lead, columns, rows_]


@register
class Slice(Layer):
    """x[from:to:step] along one axis, as Python counts: from 0, the end excluded, negative from the end."""

    type = "slice"
    title = "Slice"
    family: ClassVar[Family] = "shape"
    per_number: ClassVar[int] = 0
    sentence = "Keeps a stretch of an axis: some channels, some time steps, some rows."
    formula = r"y_i = x_{a + i s}, \quad 0 \le i < \lceil (b - a)/s \rceil"
    icon = "slice"
    aliases = ("narrow", "subset", "channels", "time steps", "every other", "part")
    purposes = ("take a part", "shift by a time step")
    examples = (
        Example("Every other number.", inputs={"x": [1, 2, 3, 4, 5]}, fields={"step": 2}, outputs={"y": [1, 3, 5]}),
        Example(
            "All but the first time step.", inputs={"x": [[1, 2], [3, 4], [5, 6]]}, fields={"axis": "T", "first": 1},
            outputs={"y": [[3, 4], [5, 6]]},
        ),
    )  # fmt: skip

    axis: str = Field(
        "", max_length=12, title="Axis", description="Which axis, such as T, C, H or W; empty: the features.",
        examples=["", "T", "C", "D", "H", "W"],
    )  # fmt: skip
    first: int = Field(
        0, ge=-FAR, le=FAR, title="From", description="The first place that is kept; −1 is the last one."
    )
    end: int = Field(0, ge=-FAR, le=FAR, title="To", description="The place before which it ends; 0: to the very end.")
    step: int = Field(1, ge=1, le=FAR, title="Step", description="Every how many places one is kept.")

    def _range(self, size: int) -> range:
        return range(size)[self.first : self.end or None : self.step]

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element in ("boxes", "place"):
            raise unfit("x", "numbers along an axis", x)
        at = axes.place(x, self.axis, "axis")
        axis = x.axes[at]
        if axis.varies and (self.first or self.end):
            raise Fault(
                "varying_length",
                f"the length of {axis.name} changes from batch to batch, so a stretch of it may not be there.",
                hint="Take Position for one place of each sequence.",
                field="first" if self.first else "end",
            )
        kept = len(self._range(axis.size))
        if kept == 0:
            raise Fault(
                "empty_slice",
                f"from {self.first} to {self.end or axis.size} keeps none of the {axis.size:,} places of {axis.name}.",
                field="first",
                remedies=[
                    SetField(field, 0, title)
                    for field, title in (("first", "Begin at 0"), ("end", "Keep all to the end"))
                    if len(self.model_copy(update={field: 0})._range(axis.size)) > 0
                ],
            )
        return {"y": x.resized(**{axis.name: kept}) if not axis.varies else _shorter(x, at, kept)}

    def window(self, inputs: Inputs) -> Window:
        x = inputs["x"]
        at = axes.place(x, self.axis, "axis")
        begin = self._range(x.sizes[at]).start
        down, across = x.names[at] == "H", x.names[at] in ("W", "L", "T")
        return Window(
            stride=(self.step if down else 1, self.step if across else 1),
            padding=(-begin if down else 0, -begin if across else 0),
        )

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x = inputs["x"]
        at = axes.place(x, self.axis, "axis")
        start, stop, _ = slice(self.first, self.end or None).indices(x.sizes[at])
        kept = outputs["y"].sizes[at]
        return rows((x.names[at], rf"\lceil ({tex(stop)} - {tex(start)}) / {tex(self.step)} \rceil = {tex(kept)}"))

    def summary(self) -> str:
        step = f":{self.step}" if self.step > 1 else ""
        return f"{self.axis} {self.first or ''}:{self.end or ''}{step}".strip()

    def _index(self, inputs: Inputs) -> tuple[int, slice]:
        return axes.place(inputs["x"], self.axis, "axis") + 1, slice(self.first or None, self.end or None, self.step)

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        at, part = self._index(inputs)

        class Slice(nn.Module):
            """A stretch of one axis."""

            def forward(self, x: Tensor) -> Tensor:
                return x[(*[slice(None)] * at, part)]

        return Slice()

    def source(self, inputs: Inputs) -> Source:
        at, part = self._index(inputs)
        texts = ["" if each is None else str(each) for each in (part.start, part.stop)]
        step = f":{self.step}" if self.step > 1 else ""
        return Source(call=f"{{0}}[{', '.join([':'] * at + [f'{texts[0]}:{texts[1]}{step}'])}]")


def _shorter(x: TensorType, at: int, size: int) -> TensorType:
    return replace(x, axes=tuple(replace(axis, size=size) if i == at else axis for i, axis in enumerate(x.axes)))


@register
class Position(Layer):
    """One place along an axis, which is gone then: the last vector of a sequence, a channel of an image.

    With a mask, bool[T t], the places counted are those where it is true: −1 is the last real token of each sample.
    """

    type = "position"
    title = "Position"
    family: ClassVar[Family] = "shape"
    per_number: ClassVar[int] = 0
    sentence = "Picks one place of an axis: the first, the last, or any other; the axis is gone then."
    formula = r"y = x_{i}"
    icon = "locate"
    aliases = ("select", "first", "last", "pick", "index", "last step", "class token", "last hidden state")
    purposes = ("read the last state", "one answer for a sequence")
    inputs = (Port("x"), Port("mask", "Mask", optional=True))
    beware = (
        "Padded sequences end in padding: without the mask, the last place is that of the longest one in the batch.",
    )
    examples = (
        Example("The last vector.", inputs={"x": [[1, 2], [3, 4], [5, 6]]}, outputs={"y": [5, 6]}),
        Example(
            "The last one before the padding.", inputs={"x": [[1, 2], [3, 4], [5, 6]], "mask": [True, True, False]},
            axes={"mask": "boolT"}, outputs={"y": [3, 4]},
        ),
        Example(
            "The second channel.", inputs={"x": [[[1]], [[7]]]}, fields={"axis": "C", "place": 1}, outputs={"y": [[7]]},
        ),
    )  # fmt: skip

    axis: str = Field(
        "T", max_length=12, title="Axis", description="Which axis, such as T, C, H or W; empty: the features.",
        examples=["T", "", "C", "D", "H", "W"],
    )  # fmt: skip
    place: int = Field(-1, ge=-FAR, le=FAR, title="Place", description="Which place, from 0; −1 is the last one.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x, mask = inputs["x"], inputs.get("mask")
        if x.element in ("boxes", "place"):
            raise unfit("x", "numbers along an axis", x)
        at = axes.place(x, self.axis, "axis")
        axis = x.axes[at]
        if not -axis.size <= self.place < axis.size:
            raise Fault(
                "empty_slice",
                f"there is no place {self.place:,} among the {axis.size:,} of {axis.name}, "
                f"which go from 0 to {axis.size - 1:,}.",
                field="place",
                remedies=[SetField("place", -1, "Take the last place"), SetField("place", 0, "Take the first place")],
            )
        if mask is not None and (
            at or mask.element != "bool" or mask.names != (axis.name,) or mask.sizes != (axis.size,)
        ):
            raise Fault(
                "kind",
                f"needs a mask with a yes or no for each of the {axis.size:,} places of a sequence; "
                f"{named(mask)} arrives{f' with {named(x)}' if at else ''}.",
                port="mask",
            )
        return {"y": axes.settled(x, (*x.axes[:at], *x.axes[at + 1 :]))}

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return WHOLE

    def summary(self) -> str:
        where = {-1: "last", 0: "first"}.get(self.place, f"{self.place}")
        return f"{where} of {self.axis or 'features'}"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class MaskedPosition(nn.Module):
            """The vector at one of the places where the mask is true, counted from 0, or from the end below 0."""

            def __init__(self, place: int) -> None:
                super().__init__()
                self.place = place

            def forward(self, x: Tensor, mask: Tensor) -> Tensor:
                seen = mask.long().cumsum(1)  # how many true places there are up to each (B, T)
                wanted = self.place + 1 + (seen[:, -1:] if self.place < 0 else 0 * seen[:, -1:])
                hit = (seen == wanted.clamp(min=1)) & mask
                at = hit.long().argmax(1)  # the first place where there is no such one (B,)
                return x.gather(1, at[(..., *[None] * (x.dim() - 1))].expand(-1, 1, *x.shape[2:])).squeeze(1)

        if inputs.get("mask") is not None:
            return MaskedPosition(self.place)
        at, place = axes.place(inputs["x"], self.axis, "axis") + 1, self.place

        class Position(nn.Module):
            """One place of an axis."""

            def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
                return x.select(at, place)

        return Position()

    def source(self, inputs: Inputs) -> Source:
        if inputs.get("mask") is not None:
            return Source(f"MaskedPosition({self.place})", classes=("MaskedPosition",))
        at = axes.place(inputs["x"], self.axis, "axis") + 1
        return Source(call=f"{{0}}[{', '.join([':'] * at + [str(self.place)])}]")
