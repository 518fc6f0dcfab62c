"""Receptive fields: which part of the data's picture a unit sees (C-023).

As in Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019: size, stride and
start follow from kernels, strides, dilations and paddings alone. ``first`` and ``last`` are added here: a convolution
that leaves out the last rows, or a crop, hides them from all that follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import add, sub
from typing import Literal

from chalknet.graph.facts import ReceptiveField
from chalknet.layers.base import Window

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sight:
    """A receptive field while it is computed, pairs are (height, width).

    The unit at place y sees the pixels from y·stride + start on, ``size`` of them, those between ``first`` and ``last``
    (both included). ``placed`` is False where windows lie in no even steps (behind an enlarged map), so that only the
    size is known.
    """

    size: Pair = (1, 1)
    stride: Pair = (1, 1)
    start: Pair = (0, 0)
    first: Pair = (0, 0)
    last: Pair = (0, 0)
    whole: bool = False
    placed: bool = True
    source: bool = False
    """Of a data source itself."""

    @staticmethod
    @lru_cache(maxsize=256)
    def over(places: Pair) -> Sight:
        """Of a data source: every place sees itself."""
        return Sight(last=(places[0] - 1, places[1] - 1), source=True)

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
        start = _each(min, self.start, other.start)
        ends = _each(max, _each(add, self.start, self.size), _each(add, other.start, other.size))
        return Sight(
            size=_each(sub, ends, start),
            stride=_each(max, self.stride, other.stride),
            start=start,
            first=_each(min, self.first, other.first),
            last=_each(max, self.last, other.last),
            whole=self.whole or other.whole,
            placed=self.placed and other.placed and self.stride == other.stride,
        )

    @lru_cache(maxsize=4096)  # noqa: B019 — values, not objects: equal ones share an entry
    def shown(self) -> ReceptiveField:
        """For the wire."""
        return ReceptiveField(
            size=self.size,
            stride=self.stride,
            start=self.start if self.placed else None,
            first=self.first,
            last=self.last,
            whole=self.whole,
        )


_POINTWISE = Window()


@lru_cache(maxsize=4096)
def _through(sight: Sight, window: Window, arriving: Pair | None, leaving: Pair | None) -> Sight:
    size, stride, start, first, last = (list(pair) for pair in (
        sight.size, sight.stride, sight.start, sight.first, sight.last
    ))  # fmt: skip
    placed = sight.placed and arriving is not None and leaving is not None
    for axis in (0, 1):
        reach = (window.kernel[axis] - 1) * window.dilation[axis]
        if arriving is not None:
            # Beyond the layer's input lie only zeros.
            first[axis] = max(first[axis], start[axis])
            last[axis] = min(last[axis], start[axis] + (arriving[axis] - 1) * stride[axis] + size[axis] - 1)
        if arriving is not None and leaving is not None:
            # The last window must begin inside the padded input; else the layer has spread its input out.
            padded = arriving[axis] + 2 * max(0, window.padding[axis])
            placed &= (leaving[axis] - 1) * window.stride[axis] < padded
        size[axis] += reach * stride[axis]
        start[axis] -= window.padding[axis] * stride[axis]
        stride[axis] *= window.stride[axis]
    return Sight(
        size=(size[0], size[1]),
        stride=(stride[0], stride[1]),
        start=(start[0], start[1]),
        first=(first[0], first[1]),
        last=(last[0], last[1]),
        whole=sight.whole,
        placed=placed,
    )


def _each(work: Callable[[int, int], int], one: Pair, other: Pair) -> Pair:
    return work(one[0], other[0]), work(one[1], other[1])
