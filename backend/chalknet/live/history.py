"""Everything that was told of a run's curves, from its file: each point, where memory keeps a chart's worth of them."""

from __future__ import annotations

import array
import json
from collections.abc import Collection
from pathlib import Path

MOST = 1_000_000
"""Points of a series that are read; a run tells a few of them a second."""

Columns = tuple["array.array[float]", ...]
"""step, epoch, seconds, value"""


def read(file: Path, names: Collection[str]) -> dict[str, Columns]:
    """The points of these series, in the order of their steps; what a rewind took back is left out."""
    found: dict[str, Columns] = {name: tuple(array.array("f") for _ in range(4)) for name in names}
    if not file.exists():
        return found
    with file.open("rb") as lines:
        for line in lines:
            if b'"metrics"' not in line and b'"rewound"' not in line:
                continue
            try:
                event = json.loads(line)
            except ValueError:
                continue  # a crash left it unfinished
            if event["event"] == "rewound":
                for columns in found.values():
                    _cut(columns, event["step"])
            elif event["event"] == "metrics":
                for point in event["points"]:
                    for name in names:
                        value = point["values"].get(name)
                        if value is not None and len(found[name][0]) < MOST:
                            for column, number in zip(
                                found[name], (point["step"], point["epoch"], point["seconds"], value), strict=True
                            ):
                                column.append(number)
    return found


def _cut(columns: Columns, step: int) -> None:
    while columns[0] and columns[0][-1] > step:
        for column in columns:
            column.pop()
