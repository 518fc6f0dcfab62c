"""A sweep: the same board trained with many settings (T-011), which ones, and when a run of it is given up.

Everything here follows from the plan alone: the settings of place 7 are the same whenever they are asked for.
"""

from __future__ import annotations

import itertools
import math
import random
import statistics
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from chalknet.graph.document import Document
from chalknet.graph.edits import apply
from chalknet.graph.problems import Edit

MOST_RUNS = 200
GRACE = 0.2
"""Share of the epochs that every run is given before it can be stopped early."""
PEERS = 3
"""How many earlier runs must have come as far before a run is measured by them."""
LOWER_IS_BETTER = ("loss", "error", "seconds")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)


Short = Annotated[str, Field(max_length=160)]


class Axis(_Part):
    """A field that the sweep sets: one of ``values``, or a number from ``least`` to ``most``. A grid takes ``count``
    of these, evenly apart (by their logarithm where ``log``); a random sweep draws them evenly from the same range."""

    path: Annotated[list[Short], Field(min_length=2, max_length=8)]
    """Of the field in the document: ``["recipe", "batch"]``."""
    title: Annotated[str, Field(max_length=120)] = ""
    values: Annotated[list[Annotated[str, Field(max_length=200)] | bool | int | float], Field(max_length=50)] = []
    least: float = 0
    most: float = 0
    count: Annotated[int, Field(ge=1, le=50)] = 5
    log: bool = False
    whole: bool = False

    @model_validator(mode="after")
    def _a_range(self) -> Axis:
        if not self.values and not self.least <= self.most:
            raise ValueError(
                f"{self.title or self.path[-1]}: the least, {self.least:g}, is above the most, {self.most:g}"
            )
        if not self.values and self.log and self.least <= 0:
            raise ValueError(f"{self.title or self.path[-1]}: a range by logarithms must begin above 0")
        return self

    def grid(self) -> list[JsonValue]:
        if self.values:
            return list(self.values)
        steps = max(1, self.count - 1)
        points = [self._at(i / steps) for i in range(self.count if self.least < self.most else 1)]
        return list(dict.fromkeys(points))

    def draw(self, chance: random.Random) -> JsonValue:
        return chance.choice(self.values) if self.values else self._at(chance.random())

    def _at(self, share: float) -> int | float:
        if share in (0, 1):
            value = self.most if share else self.least
        elif self.log:
            value = math.exp(math.log(self.least) + share * (math.log(self.most) - math.log(self.least)))
        else:
            value = self.least + share * (self.most - self.least)
        return round(value) if self.whole else float(f"{value:.6g}")


class Plan(_Part):
    """What is tried, and how much of it: at most ``runs`` settings, and no new one after ``minutes`` (0: no limit)."""

    axes: Annotated[list[Axis], Field(min_length=1, max_length=6)]
    how: Literal["grid", "random"] = "grid"
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 20
    minutes: Annotated[float, Field(ge=0, le=10_000)] = 0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Of the draw; the runs train with the recipe's seed."""
    metric: Annotated[str, Field(max_length=160)] = "validation.loss"
    early: bool = False
    """Stop runs that are behind the median."""

    @model_validator(mode="after")
    def _each_once(self) -> Plan:
        if len({tuple(axis.path) for axis in self.axes}) < len(self.axes):
            raise ValueError("a field stands in the sweep twice")
        if self.metric.startswith("test."):
            raise ValueError("a sweep chooses, and nothing is chosen by the test samples: take a validation metric")
        return self

    @property
    def lower(self) -> bool:
        """Whether a lower value of the metric is better."""
        return lower_is_better(self.metric)

    def settings(self) -> list[list[JsonValue]]:
        """For every place, the value of each axis. Drawn ones come one after another from one seed, so that more runs
        begin with the same ones."""
        if self.how == "grid":
            return [list(each) for each in itertools.islice(itertools.product(*map(Axis.grid, self.axes)), self.runs)]
        chance = random.Random(self.seed)
        return [[axis.draw(chance) for axis in self.axes] for _ in range(self.runs)]

    def whole_grid(self) -> int:
        """How many settings the grid has, whatever the budget."""
        return math.prod(len(axis.grid()) for axis in self.axes)

    def edits(self, place: int) -> list[Edit]:
        return [
            Edit(path=axis.path, value=value) for axis, value in zip(self.axes, self.settings()[place], strict=True)
        ]


def lower_is_better(series: str) -> bool:
    return any(word in LOWER_IS_BETTER for word in series.split("."))


def with_settings(document: Document, edits: Iterable[Edit]) -> Document:
    """The board as one place of a sweep has it. Raises Unreadable where a field does not take the value."""
    return apply(document, edits)


Seen = Sequence[tuple[float, float]]
"""(epoch, value) of a run's metric, in order."""


def behind(mine: Seen, earlier: Iterable[Seen], epochs: int, *, lower: bool) -> bool:
    """The median rule (Golovin et al. 2017, "Google Vizier", 3.2.2): a run is given up at an epoch when the best value
    that it has seen is worse than the median of the means that the runs before it had up to the same epoch. Not in
    the first fifth of the epochs, and not before three runs have come as far."""
    if not mine:
        return False
    epoch = mine[-1][0]
    if epoch < GRACE * epochs or epoch >= epochs:
        return False
    means = [
        statistics.fmean(value for at, value in seen if at <= epoch)
        for seen in earlier
        if seen and seen[0][0] <= epoch <= seen[-1][0]
    ]
    if len(means) < PEERS:
        return False
    values = [value for _, value in mine]
    return min(values) > statistics.median(means) if lower else max(values) < statistics.median(means)
