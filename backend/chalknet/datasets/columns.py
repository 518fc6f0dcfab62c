"""What is counted of a table's columns: for pickers, histograms, and the schema of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalknet.datasets.shelf import Column

if TYPE_CHECKING:
    import numpy

BINS = 20
MOST_WHOLE = 100
"""Different whole numbers up to which they are named, so that they may serve as classes."""


def of_numbers(name: str, values: numpy.ndarray[Any, Any], place: int) -> Column:
    """Of float64 [n], NaN where one is missing."""
    import numpy

    there = values[numpy.isfinite(values)]
    missing = len(values) - len(there)
    if not len(there):
        return Column(name=name, kind="empty", place=place, missing=missing)
    low, high = float(there.min()), float(there.max())
    found, counts = numpy.unique(there, return_counts=True)
    whole = bool((found == numpy.floor(found)).all()) and max(-low, high) < 2**53
    named = whole and len(found) <= MOST_WHOLE
    reach = (low, high) if high > low else (low - 0.5, high + 0.5)
    # Numbers beyond what a float's square holds have no deviation, and equal steps between them no width.
    with numpy.errstate(all="ignore"):
        deviation = float(there.std())
        bins = numpy.histogram(there / 2, BINS, (reach[0] / 2, reach[1] / 2))[0] if high - low < 1e300 else []
    return Column(
        name=name,
        kind="number",
        place=place,
        missing=missing,
        distinct=len(found),
        low=low,
        high=high,
        mean=float(there.mean()) if numpy.isfinite(there.mean()) else None,
        deviation=deviation if numpy.isfinite(deviation) else None,
        histogram=[int(count) for count in bins],
        whole=whole,
        names=[f"{value:.0f}" for value in found] if named else [],
        counts=counts.tolist() if named else [],
    )


def of_categories(name: str, codes: numpy.ndarray[Any, Any], names: list[str], place: int) -> Column:
    """Of int32 [n], which of ``names`` each is, −1 where one is missing; every name comes at least once."""
    import numpy

    there = codes[codes >= 0]
    counts = numpy.bincount(there, minlength=len(names))
    return Column(
        name=name,
        kind="category",
        place=place,
        missing=int(len(codes) - len(there)),
        distinct=len(names),
        names=names,
        counts=counts.tolist(),
    )
