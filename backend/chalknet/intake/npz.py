"""NumPy's .npz: a ZIP of arrays. Each array's head is read and held against what is there before anything is made of
it; nothing is ever unpickled."""

from __future__ import annotations

import math
import zipfile
from typing import Any, BinaryIO

import numpy
from numpy.lib import format as npy

from chalknet.intake import limits
from chalknet.intake.bundle import BROKEN, Member
from chalknet.intake.report import Refused, Report, plain
from chalknet.intake.split_arrays import Arrays


def is_npz(member: Member, head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and (member.ending == "npz" or b".npy" in head[:200])


def read(member: Member, report: Report) -> Arrays:
    """Every array that holds numbers. Raises Refused where none does."""
    found: Arrays = {}
    total = 0
    try:
        with member.opened() as packed, zipfile.ZipFile(packed) as archive:
            for info in archive.infolist():
                if not info.filename.endswith(".npy"):
                    report.trouble(info.filename, "is no array; it was left out.")
                    continue
                total += info.file_size
                if total > limits.MOST_EXPANDED:
                    raise Refused(f"Its arrays are more than {limits.MOST_EXPANDED / 1e9:.0f} GB.")
                with archive.open(info) as file:
                    array = _array(file, info.file_size, info.filename, report)  # type: ignore[arg-type]
                if array is not None:
                    found[info.filename.removesuffix(".npy")] = array
    except (*BROKEN, ValueError) as error:
        raise Refused(f"{plain(member.path, 80)} is damaged: {plain(str(error), 120)}.") from None
    if not found:
        raise Refused(f"There is no array of numbers in it.{report.first()}")
    return found


def _array(file: BinaryIO, size: int, name: str, report: Report) -> Any:
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"{name} is of a version that nobody knows")
    reading = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, kind = reading(file)
    if kind.hasobject:
        report.trouble(name, "holds Python objects (a pickle), which may run anything; it is not read.")
        return None
    if kind.kind not in "biuf":
        report.trouble(name, f"holds {kind}, which are no numbers; it was left out.")
        return None
    wanted = math.prod(shape) * kind.itemsize
    if wanted > size:
        report.trouble(name, f"says that it is {wanted:,} bytes, but {size:,} are there; it was left out.")
        return None
    data = file.read(wanted)
    if len(data) < wanted:
        report.trouble(name, f"breaks off after {len(data):,} of {wanted:,} bytes; it was left out.")
        return None
    array = numpy.frombuffer(data, kind, math.prod(shape))
    return array.reshape(shape, order="F" if fortran else "C")
