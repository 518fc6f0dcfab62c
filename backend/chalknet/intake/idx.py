"""IDX: the format that MNIST is published in. Two bytes of nothing, the type, the number of axes, their sizes as 32-bit
numbers, then the values; all big-endian."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy

from chalknet.intake import limits
from chalknet.intake.bundle import BROKEN, Member
from chalknet.intake.report import Refused, Report, plain
from chalknet.intake.split_arrays import Arrays

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def is_idx(head: bytes) -> bool:
    return len(head) >= 8 and head[:2] == b"\0\0" and head[2] in TYPES and 1 <= head[3] <= 4


def read(members: list[Member], report: Report) -> Arrays:
    """The arrays of all IDX files, each under what it holds: ``x_train``, ``y_test`` …, told by their names, and where
    those say nothing by their axes."""
    found: Arrays = {}
    for member in members:
        try:
            array = _array(member.read(limits.MOST_EXPANDED), member, report)
        except BROKEN:
            report.trouble(member.path, "breaks off, or is damaged.")
            continue
        part = "test" if any(sign in member.name.lower() for sign in ("t10k", "test")) else "train"
        key = f"{'x' if array.ndim > 1 else 'y'}_{part}"
        if key in found:
            report.trouble(member.path, f"there is a file for {key} already; this one was left out.")
            continue
        found[key] = array
    return found


def _array(data: bytes, member: Member, report: Report) -> Any:
    kind = numpy.dtype(TYPES[data[2]])
    axes = data[3]
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    one = math.prod(shape[1:])
    if not one:
        raise Refused(f"{plain(member.path, 80)} says that its samples are empty.")
    there = (len(data) - 4 - 4 * axes) // (one * kind.itemsize)
    if there < shape[0]:
        report.trouble(member.path, f"says that it holds {shape[0]:,}, but breaks off after {there:,}; those are kept.")
    count = min(there, shape[0])
    return numpy.frombuffer(data, kind, count * one, 4 + 4 * axes).reshape(count, *shape[1:])
