"""Tables: a row a sample, some columns given, one or more to be told (D-001, D-002, D-052)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.datasets import shelf
from chalknet.datasets.base import Parts, Split
from chalknet.datasets.own import Own
from chalknet.datasets.readied import Numbered, Scaling
from chalknet.datasets.shelf import About, Column, Kind
from chalknet.datasets.split import divide
from chalknet.layers.base import Fault, Inputs, Port, SetField, Source, TensorType, index, register, vector
from chalknet.layers.words import counted

if TYPE_CHECKING:
    from torch import Tensor

FEW = 20
"""Different whole numbers up to which a target is taken for classes, where nobody says."""


def table(
    file: Any, given: list[tuple[str, int, int]], wanted: list[tuple[str, int, Any]], missing: str
) -> dict[str, Tensor]:
    """Rows of a table: ``x`` float32 [n, D] and ``y``, int64 [n] for classes or float32 [n, T] for numbers.

    ``file`` is an .npz with ``numbers`` float64 [columns, n], NaN where one is missing, and ``categories`` int32
    [columns, n], −1 where one is missing. ``given``: kind, row and width of each column of x; a number is one column, a
    category as many as it has values, of which one is 1. ``wanted``: kind, row and, of whole numbers that are classes,
    those numbers. A row whose target is missing is left out; so is, with ``missing`` "drop", one that misses anything.
    With "mean" what is missing is left open (NaN), to be filled with the mean of the training part; with "own" there is
    a column more for every column that misses some, 1 where it does.
    """
    import numpy
    import torch

    held = numpy.load(file) if isinstance(file, str) else file
    numbers, categories = held["numbers"], held["categories"]
    columns, gone = [], numpy.zeros(numbers.shape[1], bool)
    for kind, row, width in given:
        if kind == "number":
            values = numbers[row][:, None]
            absent = numpy.isnan(numbers[row])
        else:
            absent = categories[row] < 0
            values = (categories[row][:, None] == numpy.arange(width)).astype(float)
            if missing == "mean":
                values[absent] = numpy.nan
        columns.append(values)
        if missing == "own" and absent.any():
            columns.append(absent[:, None].astype(float))
        if missing == "drop":
            gone |= absent
    targets = []
    for kind, row, values in wanted:
        if kind == "category":
            gone |= categories[row] < 0
            targets.append(categories[row])
        else:
            gone |= numpy.isnan(numbers[row])
            targets.append(numbers[row] if kind == "number" else numpy.searchsorted(values, numbers[row]))
    x = numpy.concatenate(columns, 1)[~gone].astype(numpy.float32)
    y = numpy.stack(targets, 1)[~gone]
    y = y.astype(numpy.float32) if wanted[0][0] == "number" else y[:, 0].astype(numpy.int64)
    return {"x": torch.from_numpy(x), "y": torch.from_numpy(y)}


@lru_cache(maxsize=256)
def missing_some(data: str, columns: tuple[tuple[str, int], ...]) -> int:
    """How many rows of a table miss a value in at least one of these columns."""
    if not columns:
        return 0
    import numpy

    held = shelf.arrays(data)
    absent = [
        held["categories"][row] < 0 if kind == "category" else held["numbers"][row] != held["numbers"][row]
        for kind, row in columns
    ]
    return int(numpy.logical_or.reduce(absent).sum())


@dataclass(frozen=True)
class Chosen:
    """Which columns are given and which are wanted."""

    given: list[Column]
    wanted: list[Column]
    classes: list[str]
    """Of a target of classes; empty: it is numbers."""


@register
class OwnTable(Own, Numbered):
    """A table of one's own, or one that comes with the house."""

    type: ClassVar[str] = "own_table"
    title: ClassVar[str] = "Table"
    sentence: ClassVar[str] = (
        "Rows of a table, your own or one that is here: some columns are given, one is to be told."
    )
    formula: ClassVar[str] = r"x = (x_1, \dots, x_D),\quad y \approx f(x)"
    icon: ClassVar[str] = "table"
    aliases: ClassVar[tuple[str, ...]] = (
        *("CSV", "spreadsheet", "iris", "wine", "breast cancer", "diabetes", "house prices", "life expectancy"),
        *("tabular", "own data", "upload", "scikit-learn", "sklearn"),
    )
    purposes: ClassVar[tuple[str, ...]] = ("use my own data", "predict a number", "tell classes apart")
    beware: ClassVar[tuple[str, ...]] = (
        "A column that is known only after the fact (the bill of a treatment, for whether it helped) gives the answer "
        "away: the test looks splendid, and the network is of no use. Leave such columns out.",
        "A category is no number: red, green and blue as 1, 2 and 3 would say that green lies between them. Each value "
        "has a column of its own here, with a 1 in the row's.",
    )
    outputs: ClassVar[tuple[Port, ...]] = (Port("x", "Given"), Port("y", "Wanted"))
    reads: ClassVar[Kind] = "table"

    data: str = Field(
        "iris",
        max_length=32,
        title="Data set",
        description="Which table: chosen on the data page, or the name of one that comes with Chalknet.",
        examples=["iris", "wine", "breast-cancer", "diabetes", "houses", "life-expectancy"],
    )
    target: str = Field(
        "",
        max_length=4000,
        title="To be told",
        description="The column that the network is to tell; several, apart by semicolons; empty: the last one.",
        examples=["", "species", "petal width (cm)"],
    )
    features: str = Field(
        "",
        max_length=100_000,
        title="Given",
        description="The columns that it is given, apart by semicolons; empty: all others.",
        examples=["", "petal length (cm); petal width (cm)"],
    )
    task: Literal["auto", "classes", "numbers"] = Field(
        "auto",
        title="Task",
        description="Whether the target's values are classes or numbers: by what they look like, or as you say.",
        json_schema_extra={"labels": ["By its values", "Classes", "Numbers"]},
    )
    missing: Literal["mean", "drop", "own"] = Field(
        "mean",
        title="Missing values",
        description="Filled with the mean of the training rows; or the row is left out; or told by a column more.",
        json_schema_extra={"labels": ["Mean of the training rows", "Leave the row out", "A column of their own"]},
    )

    scaling: Scaling = Field(
        "standard",
        title="Scaled",
        description="To mean 0 and deviation 1, or from 0 to 1, each column by itself; "
        "measured of the training rows alone.",
        json_schema_extra={"labels": ["as it is", "standardised", "0 to 1"], "late": True},
    )

    @property
    def sample(self) -> Literal["points", "image", "tokens", "numbers"]:  # type: ignore[override]
        """Two numbers for a class are points in the plane."""
        try:
            chosen = self._chosen()
        except Fault:
            return "numbers"
        flat = self._width(chosen) == 2 and all(column.kind == "number" for column in chosen.given)
        return "points" if flat and chosen.classes else "numbers"

    def _named(self, about: About, field: Literal["target", "features"]) -> list[Column]:
        names = [name for part in getattr(self, field).split(";") if (name := part.strip())]
        found = []
        for name in dict.fromkeys(names):
            column = about.column(name)
            if column is None:
                there = ", ".join(column.name for column in about.columns[:12])
                raise Fault(
                    "column",
                    f"has no column {name!r}; there are {there}{' …' if len(about.columns) > 12 else ''}.",
                    field=field,
                    remedies=[SetField(field, "", "Take the usual ones" if field == "features" else "Take the last")],
                )
            if column.kind in ("text", "empty"):
                why = "is free text" if column.kind == "text" else "is empty in every row"
                raise Fault(
                    "column",
                    f"cannot use the column {name!r}: it {why}.",
                    field=field,
                    remedies=[SetField(field, "", "Take the usual ones" if field == "features" else "Take the last")],
                )
            found.append(column)
        return found

    def _chosen(self) -> Chosen:
        about = self.there()
        fit = [column for column in about.columns if column.kind in ("number", "category")]
        wanted = self._named(about, "target") or fit[-1:]
        named = self._named(about, "features")
        aims = {column.name for column in wanted}
        given = [column for column in named or fit if column.name not in aims]
        if not wanted or not given:
            raise Fault(
                "column",
                "leaves no column to be given: a table needs at least one besides the target."
                if wanted
                else "has no column of numbers or of categories.",
                field="features",
                remedies=[SetField("features", "", "Take the usual ones")] if named else [],
            )
        return Chosen(given, wanted, self._classes(wanted))

    def _classes(self, wanted: list[Column]) -> list[str]:
        """Names of the target's classes; empty where it is numbers."""
        first = wanted[0]
        if len(wanted) > 1:
            for column in wanted:
                if column.kind != "number":
                    raise Fault(
                        "column",
                        f"is to tell {len(wanted)} columns at once, which must be numbers, but {column.name!r} is "
                        "classes.",
                        field="target",
                        remedies=[SetField("target", column.name, f"Tell {column.name} alone")],
                    )
            return []
        named = bool(first.names)
        if self.task == "numbers" and first.kind == "category":
            raise Fault(
                "column",
                f"is to tell {first.name!r} as a number, but its values are {', '.join(first.names[:4])} …",
                field="task",
                remedies=[SetField("task", "auto", "Go by its values")],
            )
        if self.task == "classes" and not named:
            raise Fault(
                "column",
                f"is to tell {first.name!r} as classes, but it has {first.distinct:,} different numbers.",
                hint="A target of classes has few different values, words or whole numbers.",
                field="task",
                remedies=[SetField("task", "auto", "Go by its values")],
            )
        by_looks = first.kind == "category" or (named and first.distinct <= FEW)
        return first.names if self.task == "classes" or (self.task == "auto" and by_looks) else []

    def _more(self, column: Column) -> int:
        """Columns of x that a column becomes."""
        own = 1 if self.missing == "own" and column.missing else 0
        return (1 if column.kind == "number" else len(column.names)) + own

    def _width(self, chosen: Chosen) -> int:
        return sum(self._more(column) for column in chosen.given)

    def schema(self) -> dict[str, TensorType]:
        chosen = self._chosen()
        target = index(len(chosen.classes)) if chosen.classes else vector(len(chosen.wanted))
        return {"x": vector(self._width(chosen)), "y": target}

    def count(self) -> int:
        try:
            chosen = self._chosen()
        except Fault:
            return 0
        asked = [*chosen.wanted, *(chosen.given if self.missing == "drop" else [])]
        missed = tuple((column.kind, column.place) for column in asked if column.missing)
        return self.there().count - missing_some(self.data, missed)

    def class_names(self) -> list[str]:
        try:
            return self._chosen().classes
        except Fault:
            return []

    def column_names(self) -> list[str]:
        """What each number of x is."""
        names = []
        for column in self._chosen().given:
            names += [column.name] if column.kind == "number" else [f"{column.name}: {name}" for name in column.names]
            if self.missing == "own" and column.missing:
                names.append(f"{column.name}: missing")
        return names

    def summary(self) -> str:
        try:
            chosen = self._chosen()
        except Fault:
            return "no data"
        return f"{self.count():,} rows, {counted(len(chosen.given), 'column')}"[:40]

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        chosen = self._chosen()
        target = rf"\{{1, \dots, {len(chosen.classes)}\}}" if chosen.classes else rf"\mathbb{{R}}^{len(chosen.wanted)}"
        rows = f"{self.count():,}".replace(",", "{,}")
        return rf"{rows} \text{{ rows}},\quad x \in \mathbb{{R}}^{{{self._width(chosen)}}},\quad y \in {target}"

    def _arguments(self) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, Any]], str]:
        """Of ``table``, but for the file."""
        chosen = self._chosen()
        given = [(column.kind, column.place, len(column.names) or 1) for column in chosen.given]
        given = [(kind, place, 1 if kind == "number" else width) for kind, place, width in given]
        wanted: list[tuple[str, int, Any]] = [(column.kind, column.place, None) for column in chosen.wanted]
        if chosen.classes and chosen.wanted[0].kind == "number":
            wanted = [("whole", chosen.wanted[0].place, [int(name) for name in chosen.classes])]
        return given, wanted, self.missing

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = table(shelf.arrays(self.data), *self._arguments())
        return divide(samples, split.validation, split.test, split.seed, split.drawn)

    def source(self, inputs: Inputs) -> Source:
        written = ", ".join(map(repr, (self.file(), *self._arguments())))
        return Source(init=f"table({written})", functions=(table, divide))
