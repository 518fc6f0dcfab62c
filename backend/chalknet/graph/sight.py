"""Receptive fields: which part of the data's picture a unit sees (C-023).

As in Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019: size, stride and
start follow from kernels, strides, dilations and paddings alone. Three things are added here. A layer may spread its
input out before its window slides over it (``Window.up``), as upsampling does: then windows are alike only every so
many units, and each of these is kept. ``first`` and ``last``: a convolution that leaves out the last rows, or a crop,
hides them from all that follows. And branches are joined.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import gcd, lcm
from typing import Literal

from chalknet.graph.facts import ReceptiveField
from chalknet.layers.base import Window

Pair = tuple[int, int]
MOST_EVERY = 4096
"""Units after which windows must be alike again, to be kept one by one."""


@dataclass(frozen=True, slots=True)
class Along:
    """What units see along one axis: of every ``every`` units, each its own first and last pixel, and ``step`` pixels
    further for the next ones. Of all that, only pixels from ``first`` to ``last`` count.

    ``blank``: those of the units that see nothing, as between the nails of a bed. They have the first pixel of the next
    one that sees, and the last of the one before: so the hull of several units is from the first's to the last's.
    """

    step: int = 1
    begins: tuple[int, ...] = (0,)
    ends: tuple[int, ...] = (0,)
    blank: tuple[bool, ...] = (False,)
    first: int = 0
    last: int = 0

    @property
    def every(self) -> int:
        return len(self.begins)

    @property
    def size(self) -> int:
        """Pixels that a unit sees, the most."""
        return max(end - begin + 1 for begin, end in self.windows())

    def windows(self) -> list[Pair]:
        """First and last pixel of each; of those that see nothing, the last is less."""
        return [
            (begin, begin - 1 if blank else end)
            for begin, end, blank in zip(self.begins, self.ends, self.blank, strict=True)
        ]

    def is_blank(self, low: int, high: int) -> bool:
        """Whether none of these units sees anything."""
        units = range(low, min(high, low + self.every - 1) + 1)
        return all(self.blank[unit % self.every] for unit in units)

    def begin(self, unit: int) -> int:
        turn, place = divmod(unit, self.every)
        return self.begins[place] + turn * self.step

    def end(self, unit: int) -> int:
        turn, place = divmod(unit, self.every)
        return self.ends[place] + turn * self.step

    def spread(self, every: int) -> Along:
        """The same, told for more units."""
        if every == self.every:
            return self
        units = range(every)
        return replace(
            self,
            step=self.step * every // self.every,
            begins=tuple(map(self.begin, units)),
            ends=tuple(map(self.end, units)),
            blank=self.blank * (every // self.every),
        )

    def joined(self, other: Along) -> Along | None:
        """All that either sees; None where they do not move alike."""
        if self.step * other.every != other.step * self.every:
            return None
        every = lcm(self.every, other.every)
        one, two = self.spread(every), other.spread(every)
        begins, ends = [], []
        for place in range(every):
            seeing = [each for each in (one, two) if not each.blank[place]] or [one, two]
            begins.append(min(each.begins[place] for each in seeing))
            ends.append(max(each.ends[place] for each in seeing))
        blank = tuple(a and b for a, b in zip(one.blank, two.blank, strict=True))
        first, last = min(self.first, other.first), max(self.last, other.last)
        return Along(one.step, tuple(begins), tuple(ends), blank, first, last)

    def hull(self, other: Along) -> Along:
        """The larger of two that do not move alike: of the two only the size is right."""
        begin, end = min(self.begins[0], other.begins[0]), max(self.begin(0) + self.size, other.begin(0) + other.size)
        step = max(self.step, other.step)
        return Along(step, (begin,), (end - 1,), (False,), min(self.first, other.first), max(self.last, other.last))


@dataclass(frozen=True, slots=True)
class Sight:
    """A receptive field while it is computed. ``placed`` is False where it cannot be told where windows lie (branches
    that move differently), so that only the size is known."""

    rows: Along = Along()
    columns: Along = Along()
    whole: bool = False
    placed: bool = True
    source: bool = False
    """Of a data source itself."""

    @staticmethod
    @lru_cache(maxsize=256)
    def over(places: Pair) -> Sight:
        """Of a data source: every place sees itself."""
        return Sight(Along(last=places[0] - 1), Along(last=places[1] - 1), source=True)

    @property
    def size(self) -> Pair:
        return self.rows.size, self.columns.size

    def through(self, window: Window | Literal["whole"], arriving: Pair | None, leaving: Pair | None) -> Sight:
        """Behind a layer that takes and gives so many places."""
        if not isinstance(window, Window):
            return self if self.whole else replace(self, whole=True, source=False)
        if window == _POINTWISE and arriving == leaving:
            return self.passed() if self.source else self
        return _through(self, window, arriving, leaving)

    def passed(self) -> Sight:
        """Behind a layer that looks at every place alone."""
        return replace(self, source=False)

    def joined(self, other: Sight) -> Sight:
        """Of two branches: all that either sees."""
        rows, columns = self.rows.joined(other.rows), self.columns.joined(other.columns)
        return Sight(
            rows=rows or self.rows.hull(other.rows),
            columns=columns or self.columns.hull(other.columns),
            whole=self.whole or other.whole,
            placed=self.placed and other.placed and rows is not None and columns is not None,
        )

    @lru_cache(maxsize=4096)  # noqa: B019 — values, not objects: equal ones share an entry
    def shown(self) -> ReceptiveField:
        """For the wire."""
        rows, columns = self.rows, self.columns
        alike = rows.every == columns.every == 1
        return ReceptiveField(
            size=self.size,
            stride=(rows.step, columns.step),
            every=(rows.every, columns.every),
            start=(rows.begins[0], columns.begins[0]) if self.placed else None,
            windows=([], []) if alike or not self.placed else (rows.windows(), columns.windows()),
            first=(rows.first, columns.first),
            last=(rows.last, columns.last),
            whole=self.whole,
        )


_POINTWISE = Window()


@lru_cache(maxsize=4096)
def _through(sight: Sight, window: Window, arriving: Pair | None, leaving: Pair | None) -> Sight:
    placed = sight.placed and arriving is not None and leaving is not None
    made = []
    for axis, along in enumerate((sight.rows, sight.columns)):
        behind = _slid(
            along,
            (window.kernel[axis] - 1) * window.dilation[axis],
            window.stride[axis],
            window.padding[axis],
            window.up[axis],
            arriving[axis] if arriving is not None else None,
        )
        placed &= behind is not None
        if arriving is not None and leaving is not None and window == _POINTWISE:
            # A layer that makes more places and does not say how: nothing is known of where it looks.
            placed &= leaving[axis] <= arriving[axis]
        made.append(behind or along)
    return Sight(made[0], made[1], whole=sight.whole, placed=placed)


@lru_cache(maxsize=4096)
def _slid(along: Along, reach: int, stride: int, padding: int, up: int, arriving: int | None) -> Along | None:
    """Behind a window along one axis, ``reach`` beyond its first place; None where too many differ."""
    first, last = along.first, along.last
    if arriving is not None:
        # Beyond the layer's input lie only zeros.
        first, last = max(first, along.begin(0)), min(last, along.end(arriving - 1))
    around = up * along.every
    every = around // gcd(stride, around)
    if every > MOST_EVERY:
        return None
    corners = [unit * stride - padding for unit in range(every)]
    between = [(-(-corner // up), (corner + reach) // up) for corner in corners]
    return Along(
        along.step * (stride * every // up) // along.every,
        tuple(along.begin(low) for low, _ in between),
        tuple(along.end(high) for _, high in between),
        tuple(along.is_blank(low, high) for low, high in between),
        first,
        last,
    )
