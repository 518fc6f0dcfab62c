"""What is to be seen of a data set: some rows of it, a picture of a sample, all of its arrays as a file."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from chalknet.datasets import built_in, shelf
from chalknet.datasets.shelf import About, Kind, Plain

MOST_ROWS = 200
MOST_LETTERS = 4_000
MOST_NUMBERS = 64
"""Numbers of a sample that are shown."""
CHUNK = 1 << 20


class Sample(Plain):
    """A sample, and what class it is; of arrays its first numbers."""

    row: int
    label: str = ""
    numbers: list[float] = []


class Preview(Plain):
    """Some samples, in order. ``total``: of how many, where one class alone is asked for."""

    kind: Kind
    start: int
    total: int
    rows: list[list[float | str | None]] = []
    """Of a table: a cell a column, none where it is missing."""
    samples: list[Sample] = []
    """Of pictures and arrays."""
    text: str = ""


def preview(id: str, about: About, start: int, count: int, label: int | None) -> Preview:
    """``count`` samples from ``start`` on, with ``label`` of this class alone. Of a text ``start`` counts bytes."""
    found = Preview(kind=about.kind, start=start, total=about.count)
    if about.kind == "table":
        return found.model_copy(update={"rows": _rows(id, about, start, count)})
    if about.kind == "text":
        # A letter is at most four bytes; one that is cut in two at an end is left out.
        data = bytes(_slice(id, "text", start, start + 4 * MOST_LETTERS))
        return found.model_copy(update={"text": data.decode("utf-8", "ignore")[:MOST_LETTERS]})
    import numpy

    answers = _slice(id, "label" if about.kind == "images" else "y", 0, about.count)
    places = numpy.flatnonzero(answers == label) if label is not None else numpy.arange(about.count)
    samples = []
    for row in places[start : start + count].tolist():
        numbers: list[float] = []
        if about.kind == "arrays":
            numbers = _slice(id, "x", row, row + 1).reshape(-1)[:MOST_NUMBERS].tolist()
        samples.append(Sample(row=row, label=_label(about, answers[row]), numbers=numbers))
    return found.model_copy(update={"total": len(places), "samples": samples})


def _label(about: About, answer: Any) -> str:
    if about.classes:
        return about.classes[int(answer)]
    return " ".join(f"{value:.4g}" for value in answer.reshape(-1)[:6])


def _rows(id: str, about: About, start: int, count: int) -> list[list[float | str | None]]:
    end = min(about.count, start + count)
    numbers = _columns(id, "numbers", start, end)
    categories = _columns(id, "categories", start, end)
    rows: list[list[float | str | None]] = []
    for row in range(max(0, end - start)):
        cells: list[float | str | None] = []
        for column in about.columns:
            if column.kind == "number" or column.readable:
                value = float(numbers[column.place, row])
                cells.append(value if value == value else None)
            elif column.kind == "category":
                code = int(categories[column.place, row])
                cells.append(column.names[code] if code >= 0 else None)
            else:
                cells.append(None)
        rows.append(cells)
    return rows


def pixels(id: str, about: About, row: int) -> bytes | None:
    """A picture as PNG; None where there is no such picture."""
    if about.kind != "images" or not 0 <= row < about.count:
        return None
    from chalknet.intake import png

    return png.encode(_slice(id, "images", row, row + 1)[0].transpose(1, 2, 0))


def sheet(id: str, about: About, rows: list[int], across: int) -> bytes | None:
    """Pictures side by side as one PNG, ``across`` in a line, two dark pixels between them."""
    if about.kind != "images" or not rows or not all(0 <= row < about.count for row in rows):
        return None
    import numpy

    from chalknet.intake import png

    _, channels, height, width = about.arrays["images"].shape
    down = -(-len(rows) // across)
    made = numpy.zeros((down * (height + 2) - 2, across * (width + 2) - 2, channels), numpy.uint8)
    for place, row in enumerate(rows):
        top, left = place // across * (height + 2), place % across * (width + 2)
        picture = _slice(id, "images", row, row + 1)[0].transpose(1, 2, 0)
        made[top : top + height, left : left + width] = picture
    return png.encode(made)


def _slice(id: str, name: str, start: int, end: int) -> Any:
    """Samples of an array, without reading the others."""
    if id in built_in.SETS:
        return built_in.arrays(id)[name][start:end]
    from safetensors import safe_open

    with safe_open(_file(id), "numpy") as file:
        held = file.get_slice(name)
        count = held.get_shape()[0]
        # Unlike NumPy, it neither reaches beyond the end nor takes nothing.
        return held[start : min(end, count)] if start < min(end, count) else held[:1][:0]


def _columns(id: str, name: str, start: int, end: int) -> Any:
    """Rows of every column, [columns, rows]."""
    if id in built_in.SETS:
        return built_in.arrays(id)[name][:, start:end]
    from safetensors import safe_open

    with safe_open(_file(id), "numpy") as file:
        held = file.get_slice(name)
        # Of no column there is nothing to slice.
        return held[:, start:end] if held.get_shape()[0] else file.get_tensor(name)


def _file(id: str) -> Path:
    here = shelf.folder(id)
    assert here is not None
    return here / "data.safetensors"


def write_npz(id: str, file: BinaryIO) -> None:
    """All arrays as NumPy's .npz, copied piece by piece: they may be larger than the server's memory should become."""
    from numpy.lib import format as npy

    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        if id in built_in.SETS:
            for name, array in built_in.arrays(id).items():
                with archive.open(f"{name}.npy", "w") as member:
                    npy.write_array(member, array, allow_pickle=False)
            return
        with _file(id).open("rb") as kept:
            (length,) = struct.unpack("<Q", kept.read(8))
            listed = json.loads(kept.read(length))
            for name, entry in listed.items():
                if name == "__metadata__":
                    continue
                first, last = entry["data_offsets"]
                head = io.BytesIO()
                kind = KINDS[entry["dtype"]]
                npy.write_array_header_1_0(
                    head, {"descr": kind, "fortran_order": False, "shape": tuple(entry["shape"])}
                )
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    member.write(head.getvalue())
                    kept.seek(8 + length + first)
                    left = last - first
                    while left:
                        piece = kept.read(min(CHUNK, left))
                        member.write(piece)
                        left -= len(piece)


KINDS = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "|u1"}
"""NumPy's names for the types that data sets are kept in."""
