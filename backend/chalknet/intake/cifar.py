"""CIFAR-10's binary version: rows of a class and 3,072 bytes, red, then green, then blue."""

from __future__ import annotations

import re
from typing import Any

import numpy

from chalknet.intake import limits
from chalknet.intake.bundle import BROKEN, Member
from chalknet.intake.report import Report
from chalknet.intake.split_arrays import Arrays

FILE = re.compile(r"(data_batch_\d+|test_batch)\.bin")
ROW = 1 + 3 * 32 * 32


def read(members: list[Member], report: Report) -> tuple[Arrays, list[str]]:
    """The arrays of all batches, and the classes' names."""
    parts: dict[str, list[Any]] = {"train": [], "test": []}
    names = [str(number) for number in range(10)]
    for member in sorted(members, key=lambda each: each.name):
        try:
            if member.name == "batches.meta.txt":
                listed = member.read(limits.MOST_LINE).decode("utf-8", "replace").split()
                names = listed if len(listed) == 10 else names
            elif FILE.fullmatch(member.name):
                data = member.read(limits.MOST_EXPANDED)
                rows = numpy.frombuffer(data, numpy.uint8, len(data) // ROW * ROW).reshape(-1, ROW)
                if len(data) % ROW:
                    report.trouble(member.path, f"breaks off after {len(rows):,} pictures; those are kept.")
                parts["test" if member.name.startswith("test") else "train"].append(rows)
        except BROKEN:
            report.trouble(member.path, "breaks off, or is damaged.")
    found: Arrays = {}
    for part, all_rows in parts.items():
        if all_rows:
            rows = numpy.concatenate(all_rows)
            found[f"y_{part}"], found[f"x_{part}"] = rows[:, 0], rows[:, 1:].reshape(-1, 3, 32, 32)
    return found, names
