"""Tables: a row a sample, some columns given, one or more to be told (D-001, D-002, D-052)."""

from __future__ import annotations

import math
import re
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
    file: Any, given: list[tuple[str, int, Any]], wanted: list[tuple[str, int, Any]], missing: str
) -> dict[str, Tensor]:
    """Rows of a table: ``x`` float32 [n, D] and ``y``, int64 [n] for classes or float32 [n, T] for numbers.

    ``file`` is an .npz with ``numbers`` float64 [columns, n], NaN where one is missing, and ``categories`` int32
    [columns, n], −1 where one is missing. ``given``: kind, row and width of each column of x; a number is one column, a
    category as many as it has values, of which one is 1. ``wanted``: kind, row and width. Of whole numbers that are
    classes (kind "whole") those numbers stand for the width, of words that are read as numbers (kind "read") the number
    of each word, None where it is none. A row whose target is missing is left out; so is, with ``missing`` "drop", one
    that misses anything. With "own" there is a column more for every column that misses some, 1 where it does; else
    what is missing is left open (NaN), to be filled with what the training part says.
    """
    import numpy
    import torch

    held = numpy.load(file) if isinstance(file, str) else file
    numbers, categories = held["numbers"], held["categories"]

    def read(row: int, known: list[float | None]) -> Any:
        meant = numpy.array([numpy.nan if each is None else each for each in known])
        return numpy.where(categories[row] < 0, numpy.nan, meant[categories[row]])

    columns, gone = [], numpy.zeros(numbers.shape[1], bool)
    for kind, row, width in given:
        if kind in ("number", "read"):
            values = (numbers[row] if kind == "number" else read(row, width))[:, None]
            absent = numpy.isnan(values[:, 0])
        else:
            absent = categories[row] < 0 if kind == "category" else numpy.isnan(numbers[row])
            source, options = (categories, numpy.arange(width)) if kind == "category" else (numbers, numpy.array(width))
            values = (source[row][:, None] == options).astype(float)
            if missing not in ("own", "drop"):
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
            found = read(row, values) if kind == "read" else numbers[row]
            gone |= numpy.isnan(found)
            targets.append(numpy.searchsorted(values, found) if kind == "whole" else found)
    x = numpy.concatenate(columns, 1)[~gone].astype(numpy.float32)
    y = numpy.stack(targets, 1)[~gone]
    y = y.astype(numpy.float32) if wanted[0][0] in ("number", "read") else y[:, 0].astype(numpy.int64)
    return {"x": torch.from_numpy(x), "y": torch.from_numpy(y)}


@lru_cache(maxsize=256)
def missing_some(data: str, columns: tuple[tuple[str, int, tuple[int, ...]], ...]) -> int:
    """How many rows of a table miss a value in at least one of these columns: kind, row, and of words that are read as
    numbers the codes of those that are none."""
    if not columns:
        return 0
    import numpy

    held = shelf.arrays(data)
    absent = [
        numpy.isnan(held["numbers"][row])
        if kind in ("number", "whole")
        else (held["categories"][row] < 0) | numpy.isin(held["categories"][row], lost)
        for kind, row, lost in columns
    ]
    return int(numpy.logical_or.reduce(absent).sum())


def as_number(word: str) -> float | None:
    """A word as a number, with a point or a comma; None where it is none, or none that is finite."""
    try:
        value = float(word.replace(",", ".", 1) if re.fullmatch(r"[+-]?\d+,\d+", word) else word)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Taken:
    """A column as it is taken: as what it was guessed to be, or as a person says."""

    column: Column
    kind: str
    """Of ``table``."""
    more: Any
    """Of ``table``: a width, whole numbers, or the number of each word."""

    @property
    def lost(self) -> tuple[int, ...]:
        return tuple(code for code, value in enumerate(self.more) if value is None) if self.kind == "read" else ()


def taken(column: Column, kind: str, rows: int) -> Taken | None:
    """The column of so many rows as a number or a category; None where it cannot be that."""
    if column.kind == kind:
        return Taken(column, kind, 1 if kind == "number" else len(column.names))
    if kind == "category" and column.kind == "number" and column.names:
        return Taken(column.model_copy(update={"kind": "category"}), "whole", [int(name) for name in column.names])
    if kind == "number" and column.kind == "text" and column.readable:
        changed = {"kind": "number", "missing": rows - column.readable}
        return Taken(column.model_copy(update=changed), "number", 1)
    if kind == "number" and column.kind == "category":
        meant = [as_number(name) for name in column.names]
        known = [(value, count) for value, count in zip(meant, column.counts, strict=True) if value is not None]
        if not known:
            return None
        total = sum(count for _, count in known)
        mean = sum(value * count for value, count in known) / total
        changed = {
            "kind": "number",
            "names": [],
            "counts": [],
            "missing": column.missing + sum(column.counts) - total,
            "low": min(value for value, _ in known),
            "high": max(value for value, _ in known),
            "mean": mean,
            "deviation": math.sqrt(sum(count * (value - mean) ** 2 for value, count in known) / total),
        }
        return Taken(column.model_copy(update=changed), "read", meant)
    return None


@dataclass(frozen=True)
class Chosen:
    """Which columns are given and which are wanted."""

    given: list[Column]
    wanted: list[Column]
    taken: dict[str, Taken]
    """Every usable column as it is taken, by its name."""
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
    missing: Literal["mean", "median", "frequent", "drop", "own"] = Field(
        "mean",
        title="Missing values",
        description="Filled with what the training rows say: their mean, the one in the middle, or the most frequent "
        "one; or the row is left out; or told by a column more.",
        json_schema_extra={
            "labels": ["Mean", "Median", "Most frequent", "Leave the row out", "A column of their own"],
        },
    )
    as_categories: str = Field(
        "",
        max_length=100_000,
        title="Taken as categories",
        description="Columns of few whole numbers that are names rather than amounts, apart by semicolons.",
        examples=["", "postcode"],
    )
    as_numbers: str = Field(
        "",
        max_length=100_000,
        title="Taken as numbers",
        description="Columns of words that are read as numbers, apart by semicolons; a word that is none is missing.",
        examples=["", "size"],
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

    def _listed(self, field: Literal["target", "features", "as_categories", "as_numbers"]) -> list[str]:
        return list(dict.fromkeys(name for part in getattr(self, field).split(";") if (name := part.strip())))

    def _refused(self, field: str, message: str) -> Fault:
        usual = {"features": "Take the usual ones", "target": "Take the last"}.get(field, "Take them as they look")
        return Fault("column", message, field=field, remedies=[SetField(field, "", usual)])

    def _unknown(self, about: About, name: str, field: str) -> Fault:
        there = ", ".join(column.name for column in about.columns[:12])
        more = " …" if len(about.columns) > 12 else ""
        return self._refused(field, f"has no column {name!r}; there are {there}{more}.")

    def _taken(self, about: About) -> dict[str, Taken]:
        """Every usable column as it is taken. Raises Fault where one cannot be what it is said to be."""
        found = {
            column.name: each
            for column in about.columns
            if column.kind in ("number", "category") and (each := taken(column, column.kind, about.count)) is not None
        }
        for field, kind in (("as_categories", "category"), ("as_numbers", "number")):
            for name in self._listed(field):  # type: ignore[arg-type]
                column = about.column(name)
                if column is None:
                    raise self._unknown(about, name, field)
                changed = taken(column, kind, about.count)
                if changed is None:
                    why = (
                        f"it has {column.distinct:,} different numbers, more than can be told apart by name"
                        if column.kind == "number"
                        else "none of its cells is a number"
                        if kind == "number"
                        else "it is free text"
                    )
                    what = "a number" if kind == "number" else "a category"
                    raise self._refused(field, f"cannot take the column {name!r} as {what}: {why}.")
                found[name] = changed
        return {column.name: found[column.name] for column in about.columns if column.name in found}

    def _named(self, about: About, known: dict[str, Taken], field: Literal["target", "features"]) -> list[Column]:
        found = []
        for name in self._listed(field):
            column = about.column(name)
            if column is None:
                raise self._unknown(about, name, field)
            if name not in known:
                why = "is free text" if column.kind == "text" else "is empty in every row"
                raise self._refused(field, f"cannot use the column {name!r}: it {why}.")
            found.append(known[name].column)
        return found

    def spreads(self) -> list[tuple[str, float, float]]:
        try:
            given = self._chosen().given
        except Fault:
            return []
        return [
            (column.name, column.mean, column.deviation)
            for column in given
            if column.kind == "number" and column.mean is not None and column.deviation is not None
        ]

    def _chosen(self) -> Chosen:
        about = self.there()
        known = self._taken(about)
        fit = [each.column for each in known.values()]
        wanted = self._named(about, known, "target") or fit[-1:]
        named = self._named(about, known, "features")
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
        return Chosen(given, wanted, known, self._classes(wanted))

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
        missed = tuple(
            (each.kind, column.place, each.lost)
            for column in asked
            if column.missing and (each := chosen.taken[column.name])
        )
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

    def _arguments(self) -> tuple[list[tuple[str, int, Any]], list[tuple[str, int, Any]], str]:
        """Of ``table``, but for the file."""
        chosen = self._chosen()

        def told(column: Column) -> tuple[str, int, Any]:
            each = chosen.taken[column.name]
            return each.kind, column.place, each.more

        wanted = [told(column) for column in chosen.wanted]
        if chosen.classes and wanted[0][0] == "number":
            wanted = [("whole", wanted[0][1], [int(name) for name in chosen.classes])]
        return [told(column) for column in chosen.given], wanted, self.missing

    def fill(self) -> tuple[str, list[int]] | None:
        if self.missing not in ("median", "frequent"):
            return None
        return self.missing, [self._more(column) for column in self._chosen().given]

    def load(
        self,
        split: Split,
        *,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Parts:
        samples = table(shelf.arrays(self.data), *self._arguments())
        return divide(samples, split.validation, split.test, split.seed, split.drawn, self.fill() or ("mean", []))

    def source(self, inputs: Inputs) -> Source:
        written = ", ".join(map(repr, (self.file(), *self._arguments())))
        return Source(init=f"table({written})", functions=(table, divide))
