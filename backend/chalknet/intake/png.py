"""PNG pictures, read and written with what Python brings (the Portable Network Graphics specification, ISO 15948)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Numbers a pixel, by colour type."""
PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""Adam7: first row, first column, and the steps down and across of each pass."""


class Broken(ValueError):
    """It is no PNG picture, or a damaged one; the message says what is wrong with it."""


def head(data: bytes) -> tuple[int, int, int, int, int]:
    """Width, height, bits a number, colour type, and 1 where it is interlaced."""
    if not data.startswith(SIGNATURE) or len(data) < 33 or data[12:16] != b"IHDR":
        raise Broken("has no head of a PNG picture")
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    if colour not in SAMPLES or bits not in (1, 2, 4, 8, 16) or not width or not height or interlaced > 1:
        raise Broken("has a head that no PNG picture has")
    return width, height, bits, colour, interlaced


def decode(data: bytes) -> Any:
    """Pixels, uint8 [H, W, C], C of 1 to 4: grey or colours, the last of 2 or 4 the opacity."""
    width, height, bits, colour, interlaced = head(data)
    palette, opacity, packed, place = b"", b"", [], 8
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        if len(body) < length:
            packed.append(body if kind == b"IDAT" else b"")
            break
        if kind == b"PLTE":
            palette = body
        elif kind == b"tRNS" and colour == 3:
            opacity = body
        elif kind == b"IDAT":
            packed.append(body)
        elif kind == b"IEND":
            break
        place += 12 + length
    samples = SAMPLES[colour]
    passes = [each for each in PASSES if each[0] < height and each[1] < width] if interlaced else [(0, 0, 1, 1)]
    sizes = [(-(-(height - top) // down), -(-(width - left) // across)) for top, left, down, across in passes]
    needed = sum(rows * (1 + -(-columns * samples * bits // 8)) for rows, columns in sizes)
    try:
        raw = zlib.decompressobj().decompress(b"".join(packed), needed)
    except zlib.error:
        raise Broken("is a damaged picture") from None
    if len(raw) < needed:
        raise Broken("breaks off before its last row")
    found = numpy.zeros((height, width, samples), numpy.uint8)
    at = 0
    for (top, left, down, across), (rows, columns) in zip(passes, sizes, strict=True):
        length = -(-columns * samples * bits // 8)
        lines = numpy.frombuffer(raw, numpy.uint8, rows * (1 + length), at).reshape(rows, 1 + length)
        at += lines.size
        plain = _unfiltered(lines[:, 1:], lines[:, 0], max(1, samples * bits // 8))
        found[top::down, left::across] = _numbers(plain, columns, samples, bits, scaled=colour != 3)
    if colour != 3:
        return found
    colours = numpy.zeros((256, 3), numpy.uint8)
    listed = numpy.frombuffer(palette[: len(palette) // 3 * 3], numpy.uint8).reshape(-1, 3)[:256]
    colours[: len(listed)] = listed
    if not opacity:
        return colours[found[:, :, 0]]
    clear = numpy.full((256, 1), 255, numpy.uint8)
    clear[: len(opacity[:256]), 0] = numpy.frombuffer(opacity[:256], numpy.uint8)
    return numpy.concatenate([colours, clear], 1)[found[:, :, 0]]


def _unfiltered(lines: Any, filters: Any, step: int) -> Any:
    """Each byte was written as its difference to a guess from the bytes left, above and above left of it.

    A byte's neighbours lie on earlier slanting lines, so the bytes of one slanting line are found all at once.
    """
    if filters.max(initial=0) > 4:
        raise Broken("is a damaged picture")
    rows, length = lines.shape
    if not filters.any():
        return lines
    columns = -(-length // step)
    padded = numpy.zeros((rows, columns * step), numpy.int16)
    padded[:, :length] = lines
    if filters.max() <= 2 and not (filters == 1).any():
        return _up(padded, filters)[:, :length]
    known = numpy.zeros((rows + 1, columns + 1, step), numpy.int16)
    given = padded.reshape(rows, columns, step)
    for slant in range(rows + columns - 1):
        row = numpy.arange(max(0, slant - columns + 1), min(rows, slant + 1))
        column = slant - row
        left, above, corner = known[row + 1, column], known[row, column + 1], known[row, column]
        kind = filters[row][:, None]
        guess = left + above - corner
        to_left, to_above, to_corner = abs(guess - left), abs(guess - above), abs(guess - corner)
        paeth = numpy.where(
            (to_left <= to_above) & (to_left <= to_corner), left, numpy.where(to_above <= to_corner, above, corner)
        )
        guess = numpy.select(
            [kind == 0, kind == 1, kind == 2, kind == 3],
            [numpy.zeros_like(left), left, above, (left + above) // 2],
            paeth,
        )
        known[row + 1, column + 1] = (given[row, column] + guess) & 255
    return known[1:, 1:].reshape(rows, -1)[:, :length].astype(numpy.uint8)


def _up(lines: Any, filters: Any) -> Any:
    found = lines.astype(numpy.uint8)
    for row in range(1, len(found)):
        if filters[row] == 2:
            found[row] += found[row - 1]
    return found


def _numbers(lines: Any, columns: int, samples: int, bits: int, scaled: bool) -> Any:
    """Bytes as numbers, uint8 [rows, columns, samples]; of 16 bits the upper half; few bits are spread over 0 to 255,
    where they are no numbers of colours."""
    if bits == 16:
        return numpy.ascontiguousarray(lines)[:, ::2].reshape(len(lines), columns, samples)
    if bits == 8:
        return lines.reshape(len(lines), columns, samples)
    each = numpy.unpackbits(numpy.ascontiguousarray(lines), axis=1)[:, : columns * samples * bits]
    weights = 1 << numpy.arange(bits - 1, -1, -1)
    values = (each.reshape(len(lines), columns, samples, bits) * weights).sum(-1)
    return (values * (255 // (2**bits - 1) if scaled else 1)).astype(numpy.uint8)


def encode(pixels: Any) -> bytes:
    """A PNG picture of uint8 [H, W, 1] or [H, W, 3]."""
    height, width, samples = pixels.shape
    lines = numpy.zeros((height, 1 + width * samples), numpy.uint8)
    lines[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if samples == 1 else 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
