"""One picture's file: how large it is, told by its head, and its pixels.

PNG is read by ``png``. Whatever else a picture may be written as is read by Pillow where that is installed.
"""

from __future__ import annotations

import io
import struct
import warnings
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy

from chalknet.intake import limits, png

KINDS = {
    png.SIGNATURE: "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"RIFF": "WEBP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
ENDINGS = frozenset({"png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"})


class Unreadable(ValueError):
    """The message says why, after the file's name."""


def kind(data: bytes) -> str | None:
    """What a picture is written as, told by its first bytes, whatever its name says."""
    for sign, name in KINDS.items():
        if data.startswith(sign) and (name != "WEBP" or data[8:12] == b"WEBP"):
            return name
    return None


@cache
def has_pillow() -> bool:
    return find_spec("PIL") is not None


def size(data: bytes) -> tuple[int, int]:
    """Width and height, without decoding a pixel. Raises Unreadable, also for one that is too large."""
    written = kind(data)
    if written is None:
        raise Unreadable("is no picture, whatever its name says.")
    if written == "PNG":
        try:
            width, height, *_ = png.head(data)
        except png.Broken as error:
            raise Unreadable(f"{error}.") from None
    elif written == "JPEG":
        width, height = _of_jpeg(data)
    elif not has_pillow():
        raise Unreadable(f"is written as {written}, which cannot be read here: save it as PNG.")
    else:
        with _opened(data) as picture:
            width, height = picture.size
    if width * height > limits.MOST_PIXELS:
        raise Unreadable(f"is {width:,} × {height:,} pixels; at most {limits.MOST_PIXELS / 1e6:.0f} million are taken.")
    return width, height


def _of_jpeg(data: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(data):
        if data[place] != 0xFF:
            place += 1
            continue
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            if width and height:
                return width, height
            break
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:
            place += 1 if marker == 0xFF else 2
            continue
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    raise Unreadable("is a damaged JPEG picture: it does not say how large it is.")


def pixels(data: bytes) -> Any:
    """uint8 [H, W, 1] where it is grey, else [H, W, 3]; what is see-through lies on white. Raises Unreadable."""
    size(data)
    if kind(data) == "PNG":
        try:
            found = png.decode(data)
        except png.Broken as error:
            raise Unreadable(f"{error}.") from None
    elif not has_pillow():
        raise Unreadable(f"is written as {kind(data)}, which cannot be read here: save it as PNG.")
    else:
        found = _of_pillow(data)
    if found.shape[2] in (2, 4):
        opacity = found[:, :, -1:].astype(numpy.uint16)
        found = ((found[:, :, :-1] * opacity + 255 * (255 - opacity) + 127) // 255).astype(numpy.uint8)
    if found.shape[2] == 3 and (found[:, :, 0] == found[:, :, 1]).all() and (found[:, :, 0] == found[:, :, 2]).all():
        found = found[:, :, :1]
    return found


def _opened(data: bytes) -> Any:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(data))
    except Exception:
        raise Unreadable("is a damaged picture.") from None


def _of_pillow(data: bytes) -> Any:
    from PIL import ImageOps

    with _opened(data) as picture:
        try:
            # As it is meant to be seen: a camera that was held upright notes it and turns nothing.
            turned = ImageOps.exif_transpose(picture)
            mode = (
                "L"
                if turned.mode in ("1", "L", "I;16")
                else "RGBA"
                if "A" in turned.mode or turned.mode == "P"
                else "RGB"
            )
            found = numpy.asarray(turned.convert(mode))
        except Exception as error:
            broken = "truncated" in str(error) or isinstance(error, EOFError)
            raise Unreadable("breaks off before its end." if broken else "is a damaged picture.") from None
    return found[:, :, None] if found.ndim == 2 else found


def fitted(found: Any, height: int, width: int, fit: str) -> Any:
    """Pixels at another size: each new one is the mean of those that it covers, or lies between its neighbours.

    ``fit``: "crop" keeps the proportions and cuts what stands over on two sides alike; "stretch" keeps all of it.
    """
    high, wide = found.shape[:2]
    if fit == "crop" and high * width != wide * height:
        across = min(wide, max(1, round(high * width / height)))
        down = min(high, max(1, round(wide * height / width)))
        top, left = (high - down) // 2, (wide - across) // 2
        found = found[top : top + down, left : left + across]
    if found.shape[:2] == (height, width):
        return found
    rows, columns = _weights(found.shape[0], height), _weights(found.shape[1], width)
    made = numpy.einsum("hi,iwc->hwc", rows, found.astype(numpy.float32), optimize=True)
    made = numpy.einsum("wj,hjc->hwc", columns, made, optimize=True)
    return numpy.clip(numpy.rint(made), 0, 255).astype(numpy.uint8)


@cache
def _weights(old: int, new: int) -> Any:
    """How much each of ``old`` pixels of a row counts for each of ``new``: triangles as wide as a new pixel, or, where
    there are more new ones, as an old one."""
    scale = old / new
    middle = (numpy.arange(new) + 0.5) * scale - 0.5
    reach = max(1.0, scale)
    weights = numpy.clip(1 - abs(numpy.arange(old) - middle[:, None]) / reach, 0, None)
    return (weights / weights.sum(1, keepdims=True)).astype(numpy.float32)
