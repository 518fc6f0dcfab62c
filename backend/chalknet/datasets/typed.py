"""Numbers that a person types in: constants, and numbers that are learned, for graphs worked by hand (L-080, C-040).

Either is one sample that every part of the data has, and that is the same for every sample of other data beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from chalknet.datasets.base import DataSource, Parts, Split
from chalknet.layers import kernels
from chalknet.layers.base import (
    Fault,
    Inputs,
    Port,
    SetField,
    Source,
    TensorType,
    image,
    index,
    register,
    scalar,
    sequence,
    vector,
)
from chalknet.layers.words import call, counted, rows, times

if TYPE_CHECKING:
    from torch import Tensor, nn

MOST_SHOWN = 6
"""Numbers of a row, and rows, that are written out."""


def typed(numbers: Any) -> dict[str, Tensor]:
    """One sample ``y``: a number, or rows of numbers; a whole one is a class (int64), others are float32."""
    import torch

    return {"y": torch.tensor([numbers])}


class Typed(DataSource):
    """Base: numbers typed in, one sample of them."""

    outputs: ClassVar[tuple[Port, ...]] = (Port("y"),)
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]] = "numbers"
    parted: ClassVar[bool] = False

    values: str = Field(
        "1",
        max_length=2000,
        title="Numbers",
        description="One number, or several: numbers apart by spaces, rows apart by semicolons.",
        examples=["3", "-1 2 0.5", "1 2; 3 4", "1/3", "0"],
    )
    shape: str = Field("auto", title="Shape", description="What the numbers are.")

    @field_validator("values")
    @classmethod
    def _readable(cls, text: str) -> str:
        kernels.parse(text)
        return text

    def _form(self) -> str:
        """``shape``, settled."""
        if self.shape != "auto":
            return self.shape
        table = kernels.parse(self.values)
        return "number" if len(table) == len(table[0]) == 1 else "vector" if len(table) == 1 else "table"

    def schema(self) -> dict[str, TensorType]:
        table, form = kernels.parse(self.values), self._form()
        down, across = len(table), len(table[0])
        if form == "number" and down * across > 1:
            raise self._unfit(f"is to be one number, but {down * across} are typed in.")
        if form == "vector" and down > 1:
            raise self._unfit(f"is to be a vector, which is one row of numbers, but {down} rows are typed in.")
        kinds = {"number": scalar(), "vector": vector(across), "table": sequence(down, across)}
        return {"y": kinds.get(form, image(1, down, across))}

    def _unfit(self, message: str) -> Fault:
        by_count = SetField("shape", "auto", "Go by their count")
        return Fault("typed", message, field="shape", remedies=[by_count])

    def held(self) -> Any:
        """The numbers as they are nested: a number, a list, a list of lists."""
        table = [list(map(float, row)) for row in kernels.parse(self.values)]
        return {"number": table[0][0], "vector": table[0], "table": table}.get(self._form(), [table])

    def count(self) -> int:
        return 1

    def summary(self) -> str:
        text = "; ".join(" ".join(f"{value:g}" for value in row) for row in kernels.parse(self.values))
        text = text.replace("-", "−")
        return text if len(text) <= 24 else times(self.schema()["y"].sizes)

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        table = kernels.parse(self.values)
        if max(len(table), len(table[0])) > MOST_SHOWN:
            return rows(("y", rf"\text{{{counted(len(table) * len(table[0]), 'number')}}}"))
        body = r" \\ ".join(" & ".join(f"{value:g}" for value in row) for row in table)
        return rows(("y", body if self._form() == "number" else rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"))

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = typed(self.held())
        return {"train": samples, "validation": samples, "test": samples}

    def source(self, inputs: Inputs) -> Source:
        return Source(init=f"typed({self.held()!r})", functions=(typed,))


@register
class Constant(Typed):
    """A number, a vector, a table or an image that stays as it was typed in; or one class out of several."""

    type: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant"
    sentence: ClassVar[str] = "Numbers that you type in and that stay as they are, the same for every sample."
    formula: ClassVar[str] = "y = c"
    icon: ClassVar[str] = "pin"
    aliases: ClassVar[tuple[str, ...]] = ("number", "scalar", "fixed", "value", "input", "literal", "matrix")
    purposes: ClassVar[tuple[str, ...]] = ("work a graph by hand", "type in an example")
    beware: ClassVar[tuple[str, ...]] = (
        "It has a gradient like every other value on the board, but nothing moves it: what is to learn is a Learned "
        "number.",
    )

    shape: Literal["auto", "number", "vector", "table", "image", "class"] = Field(
        "auto",
        title="Shape",
        description="What the numbers are: by their count, or one number, a vector, a table, an image, a class.",
        json_schema_extra={"labels": ["By their count", "One number", "Vector", "Table", "Image", "Class"]},
    )
    classes: int = Field(
        2, ge=2, le=10_000, title="Classes", description="Of a class: out of how many it is one; they count from 0."
    )

    def schema(self) -> dict[str, TensorType]:
        if self.shape != "class":
            return super().schema()
        table = kernels.parse(self.values)
        value = table[0][0]
        if len(table) * len(table[0]) > 1 or not value.is_integer() or value < 0:
            raise self._unfit("is to be one class, a whole number from 0 on.")
        if value >= self.classes:
            raise Fault(
                "typed",
                f"is class {value:g}, but of {self.classes:,} classes the last is {self.classes - 1:,}: "
                "they count from 0.",
                field="classes",
                remedies=[SetField("classes", int(value) + 1, f"Set the classes to {int(value) + 1:,}")]
                if value < 10_000
                else [],
            )
        return {"y": index(self.classes)}

    def held(self) -> Any:
        return int(kernels.parse(self.values)[0][0]) if self.shape == "class" else super().held()

    def summary(self) -> str:
        return f"class {super().summary()} of {self.classes:,}" if self.shape == "class" else super().summary()

    def class_names(self) -> list[str]:
        return [str(number) for number in range(self.classes)] if self.shape == "class" else []


@register
class Learned(Typed):
    """Parameters that start at what was typed in: float[], float[D n], float[T t, D d] or float[C 1, H h, W w]."""

    type: ClassVar[str] = "learned"
    title: ClassVar[str] = "Learned number"
    sentence: ClassVar[str] = (
        "A number that starts at what you type in; training moves it downhill, for all samples alike."
    )
    formula: ClassVar[str] = r"w \leftarrow w - \eta \, \dfrac{\partial L}{\partial w}"
    icon: ClassVar[str] = "sliders-horizontal"
    aliases: ClassVar[tuple[str, ...]] = ("parameter", "weight", "bias", "variable", "number", "scalar")
    purposes: ClassVar[tuple[str, ...]] = ("work a graph by hand", "learn a single number", "minimise a function")
    beware: ClassVar[tuple[str, ...]] = (
        "Its gradient is the sum of what comes back along each of its wires: whoever uses it twice hears from both.",
    )
    learned: ClassVar[bool] = True

    shape: Literal["auto", "number", "vector", "table", "image"] = Field(
        "auto",
        title="Shape",
        description="What the numbers are: by their count, or one number, a vector, a table, an image.",
        json_schema_extra={"labels": ["By their count", "One number", "Vector", "Table", "Image"]},
    )

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"value": self.schema()["y"].shape}

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class Learned(nn.Module):
            """Learned numbers, the same for every sample of a batch."""

            def __init__(self, start: float | list[float] | list[list[float]]) -> None:
                super().__init__()
                self.value = nn.Parameter(torch.tensor(start))

            def forward(self, start: Tensor) -> Tensor:
                # A row a sample; a copy, because an optimizer moves the parameter itself in place.
                return self.value.expand(start.shape).clone()

        return Learned(self.held())

    def module(self, inputs: Inputs) -> Source:
        return Source(call("Learned", self.held()), classes=("Learned",))
