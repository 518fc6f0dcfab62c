"""Uploads as people, and their enemies, send them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from chalknet.datasets.shelf import About
from chalknet.intake import png
from chalknet.intake.read import Wishes, read

Taken = tuple[About, dict[str, Any]]


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Taken]:
    """``take({"a.csv": b"…"}, size=32)``: what is known of the data set that comes of it, and its arrays."""
    from safetensors.numpy import load_file

    def taken(files: dict[str, bytes], **wishes: Any) -> Taken:
        sent = []
        for number, (path, data) in enumerate(files.items()):
            place = tmp_path / f"sent{number}"
            place.write_bytes(data)
            sent.append((path, place))
        about = read(sent, tmp_path, Wishes(**wishes))
        return about, load_file(tmp_path / "data.safetensors")

    return taken


def zipped(files: dict[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def picture(seed: int, height: int = 6, width: int = 6, channels: int = 1) -> bytes:
    """A PNG of noise."""
    pixels = numpy.random.default_rng(seed).integers(0, 256, (height, width, channels), numpy.uint8)
    return png.encode(pixels)


def huge_png(side: int) -> bytes:
    """A small file that says, and means, a picture of side² pixels."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1 + side)) for _ in range(side)) + rows.flush()
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    return png.SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def idx(array: Any, count: int | None = None) -> bytes:
    """MNIST's format; ``count`` lies about how many there are."""
    shape = (len(array) if count is None else count, *array.shape[1:])
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *shape) + array.tobytes()


def npz(**arrays: Any) -> bytes:
    made = io.BytesIO()
    numpy.savez(made, **arrays)
    return made.getvalue()
