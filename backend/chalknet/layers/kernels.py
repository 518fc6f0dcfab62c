"""Fixed kernels as exact numbers, and the test whether one is two thin ones multiplied (notes 2:162, 2:384)."""

from __future__ import annotations

import math
from fractions import Fraction

Kernel = tuple[tuple[float, ...], ...]
"""Rows of numbers."""

MOST_SIDE = 15
LARGEST = 1e6


def parse(text: str, most: int = MOST_SIDE) -> Kernel:
    """A kernel from its text: rows apart by semicolons or lines, numbers by spaces or commas, fractions as ``1/9``.

    ``most``: how many rows, and numbers of a row, there may be. Raises ValueError in words.
    """
    rows = [row.replace(",", " ").split() for row in text.replace("\n", ";").split(";") if row.strip()]
    if not rows:
        raise ValueError("holds no numbers; write a row such as “1 0 -1”, rows apart by semicolons")
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise ValueError(f"needs as many numbers in every row; its rows have {lengths}")
    if max(len(rows), len(rows[0])) > most:
        raise ValueError(f"may be at most {most} numbers high and wide; it is {len(rows)}×{len(rows[0])}")
    return tuple(tuple(_number(word) for word in row) for row in rows)


def _number(word: str) -> float:
    try:
        value = float(Fraction(word)) if len(word) <= 24 else math.nan
    except (ValueError, ZeroDivisionError, OverflowError):
        value = math.nan
    if not abs(value) <= LARGEST:
        raise ValueError(f"holds {word[:12]!r}, which is no number up to a million")
    return value


def readable(text: str) -> bool:
    """Whether a kernel's text can be read: an exact fraction may be too long, a number too large."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def factors(kernel: Kernel) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]] | None:
    """The column and the row whose product a kernel of rank 1 is, exactly; None for any other.

    Sobel's ((−1, 0, 1), (−2, 0, 2), (−1, 0, 1)) is (1, 2, 1)ᵀ · (−1, 0, 1).
    """
    exact = [[Fraction(value).limit_denominator(10**9) for value in row] for row in kernel]
    first = next((row for row in exact if any(row)), None)
    if first is None:
        return None
    at = next(i for i, value in enumerate(first) if value)
    column = [row[at] / first[at] for row in exact]
    if any(
        value != share * base
        for row, share in zip(exact, column, strict=True)
        for value, base in zip(row, first, strict=True)
    ):
        return None
    # Whole numbers where that is possible: the common measure goes to the row.
    scale = math.lcm(*(share.denominator for share in column)) if column else 1
    column = [share * scale for share in column]
    row = [base / scale for base in first]
    return tuple(column), tuple(row)


def average(side: int) -> Kernel:
    return tuple(tuple(1 / side**2 for _ in range(side)) for _ in range(side))


def gaussian(side: int, sigma: float) -> Kernel:
    """Weights exp(−(u²+v²)/2σ²), scaled to the sum 1."""
    middle = (side - 1) / 2
    line = [math.exp(-((i - middle) ** 2) / (2 * sigma**2)) for i in range(side)]
    total = sum(line)
    return tuple(tuple(a * b / total**2 for b in line) for a in line)


def laplacian_of_gaussian(side: int, sigma: float) -> Kernel:
    """((u²+v²−2σ²)/σ⁴)·exp(−(u²+v²)/2σ²), shifted to the sum 0, so that an even surface gives 0."""
    middle = (side - 1) / 2
    places = [(i - middle) ** 2 for i in range(side)]
    raw = [[(a + b - 2 * sigma**2) / sigma**4 * math.exp(-(a + b) / (2 * sigma**2)) for b in places] for a in places]
    mean = sum(map(sum, raw)) / side**2
    return tuple(tuple(value - mean for value in row) for row in raw)


SOBEL_X: Kernel = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
SOBEL_Y: Kernel = ((-1, -2, -1), (0, 0, 0), (1, 2, 1))
SHARPEN: Kernel = ((0, -1, 0), (-1, 5, -1), (0, -1, 0))
