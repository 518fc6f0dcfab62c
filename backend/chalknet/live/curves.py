"""A run's curves in bounded memory: what a chart can show, with every peak and every valley."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from chalknet.wire import Curve

BUCKETS = 600
"""Of each bucket of steps the least and the greatest value are kept; about as many as a wide chart has columns."""
MOST = 4 * BUCKETS
"""Values of a series at which it is thinned to ``2 * BUCKETS`` or fewer."""

Value = tuple[int, float, float, float]
"""step, epoch, seconds, value"""


class Curves:
    """Values by series, in the order of their steps."""

    def __init__(self) -> None:
        self._series: dict[str, list[Value]] = {}

    def add(self, points: Iterable[Curve]) -> None:
        for point in points:
            for name, value in point.values.items():
                values = self._series.setdefault(name, [])
                values.append((point.step, point.epoch, point.seconds, value))
                if len(values) >= MOST:
                    self._series[name] = thin(values)

    def rewind(self, step: int) -> None:
        """Forgets what was told of later steps."""
        for values in self._series.values():
            del values[bisect_right(values, step, key=lambda value: value[0]) :]

    def latest(self) -> dict[str, float]:
        """The last value of every series."""
        return {name: values[-1][3] for name, values in self._series.items() if values}

    def extremes(self) -> dict[str, tuple[float, float]]:
        """The least and the greatest value of every series: thinning keeps them."""
        return {
            name: (min(value[3] for value in values), max(value[3] for value in values))
            for name, values in self._series.items()
            if values
        }

    def series(self, name: str) -> list[Value]:
        """One series as it is kept."""
        return list(self._series.get(name, ()))

    def points(self) -> list[Curve]:
        """By step; values of one step are one point."""
        points: dict[int, Curve] = {}
        for name, values in self._series.items():
            for step, epoch, seconds, value in values:
                point = points.get(step)
                if point is None:
                    points[step] = point = Curve.model_construct(step=step, epoch=epoch, seconds=seconds, values={})
                point.values[name] = value
        return [points[step] for step in sorted(points)]


def thin(values: Sequence[Value], buckets: int = BUCKETS) -> list[Value]:
    """The least and the greatest value of each bucket, in order, and the first and the last of all."""
    first, last = values[0][0], values[-1][0]
    width = max(1, -(-(last - first + 1) // buckets))
    kept: list[Value] = []
    start = 0
    while start < len(values):
        bucket = (values[start][0] - first) // width
        end = start + 1
        while end < len(values) and (values[end][0] - first) // width == bucket:
            end += 1
        chosen = {
            min(range(start, end), key=lambda index: values[index][3]),
            max(range(start, end), key=lambda index: values[index][3]),
        }
        if start == 0:
            chosen.add(0)
        if end == len(values):
            chosen.add(end - 1)
        kept += [values[index] for index in sorted(chosen)]
        start = end
    return kept
