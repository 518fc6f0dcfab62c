"""A table that a person types in: few samples, worked by hand (C-031…C-033, A-001…A-003)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from chalknet.datasets.base import DataSource, Parts, Split
from chalknet.datasets.split import divide
from chalknet.layers import kernels
from chalknet.layers.base import Fault, Inputs, Port, SetField, Source, TensorType, register, vector
from chalknet.layers.words import counted

if TYPE_CHECKING:
    from torch import Tensor

MOST = 100
"""Rows, and numbers of a row."""


def typed_rows(table: list[list[float]], wanted: int) -> dict[str, Tensor]:
    """Samples ``x`` and ``y``, float32: the last ``wanted`` numbers of each row are y, the others x."""
    import torch

    numbers = torch.tensor(table)
    return {"x": numbers[:, :-wanted], "y": numbers[:, -wanted:]}


@register
class Rows(DataSource):
    """A sample a row: the numbers given, and last the number wanted."""

    type: ClassVar[str] = "rows"
    title: ClassVar[str] = "Typed rows"
    sentence: ClassVar[str] = "A small table that you type in: a sample a row, last in it what is to be guessed."
    formula: ClassVar[str] = r"(x_1, \dots, x_D \mid y)"
    icon: ClassVar[str] = "table"
    aliases: ClassVar[tuple[str, ...]] = ("table", "spreadsheet", "hand", "own numbers", "regression", "least squares")
    purposes: ClassVar[tuple[str, ...]] = ("work an exercise by hand", "type in an example", "train a regression")
    outputs: ClassVar[tuple[Port, ...]] = (Port("x", "Given"), Port("y", "Wanted"))
    sample: ClassVar[Literal["points", "image", "tokens", "numbers"]] = "numbers"

    table: str = Field(
        "1 2\n2 3\n3 5\n4 6",
        max_length=4000,
        title="Table",
        description="A sample a line, its numbers apart by spaces or commas; the last one is to be guessed.",
        examples=["1 2\n2 3\n3 5", "2 2 10; 3 4 12; 4 5 15; 6 8 18", "1/2, 1"],
        json_schema_extra={"kind": "lines"},
    )
    wanted: int = Field(
        1, ge=1, le=16, title="Wanted", description="How many numbers at the end of a row are to be guessed."
    )

    @field_validator("table")
    @classmethod
    def _readable(cls, text: str) -> str:
        kernels.parse(text, MOST)
        return text

    def held(self) -> list[list[float]]:
        """The numbers, row by row."""
        return [list(map(float, row)) for row in kernels.parse(self.table, MOST)]

    def schema(self) -> dict[str, TensorType]:
        across = len(self.held()[0])
        if across <= self.wanted:
            raise Fault(
                "rows",
                f"has {counted(across, 'number')} in a row and {self.wanted} of them wanted: none is left to go by.",
                hint="Type in a further number before what is wanted.",
                field="wanted" if across > 1 else "table",
                remedies=[SetField("wanted", across - 1, f"Guess {across - 1} of them")] if across > 1 else [],
            )
        return {"x": vector(across - self.wanted), "y": vector(self.wanted)}

    def count(self) -> int:
        return len(self.held())

    def summary(self) -> str:
        table = self.held()
        return f"{counted(len(table), 'row')} of {len(table[0])}"

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        table = self.held()
        given = "c" * (len(table[0]) - self.wanted)
        body = r" \\ ".join(" & ".join(f"{value:g}" for value in row) for row in table[:8])
        more = r" \\ \dots" if len(table) > 8 else ""
        return rf"\left[\begin{{array}}{{{given}|{'c' * self.wanted}}} {body}{more} \end{{array}}\right]"

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        return divide(typed_rows(self.held(), self.wanted), split.validation, split.test, split.seed, split.drawn)

    def source(self, inputs: Inputs) -> Source:
        return Source(init=f"typed_rows({self.held()!r}, {self.wanted})", functions=(typed_rows, divide))
