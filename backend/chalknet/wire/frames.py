"""Binary frames: pictures of a run, and answers to questions.

``u32 little-endian header length | JSON header padded with spaces to a multiple of 8 | raw bytes``; the header's length
counts the padding, so with the four bytes of the length and four zero bytes before the header the payload is aligned to
8.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import JsonValue

from chalknet.graph.problems import Problem
from chalknet.wire.base import Message
from chalknet.wire.runs import RunEvent


class Array(Message):
    """One array in a frame's payload. ``lo``, ``hi``: what 0 and 255 of a uint8 stand for, one for all or one a
    leading index."""

    name: str
    dtype: Literal["uint8", "int32", "float32"]
    shape: list[int]
    offset: int = 0
    lo: list[float] = []
    hi: list[float] = []


class FrameHeader(RunEvent):
    """Header of a binary frame."""

    event: Literal["view"] = "view"
    key: str
    view: str
    node: str
    port: str = ""
    samples: list[int] = []
    step: int = 0
    epoch: float = 0
    arrays: list[Array] = []
    about: dict[str, JsonValue] = {}
    """What the view needs besides arrays: class names, tokens, titles."""


class Answer(Message):
    """Header of the answer to a question: a binary frame too, with whatever arrays belong to it."""

    event: Literal["answer"] = "answer"
    question: str = ""
    """The kind of question."""
    step: int = 0
    """After how many updates the weights were as they are looked at here."""
    arrays: list[Array] = []
    about: dict[str, JsonValue] = {}
    problem: Problem | None = None
    """Why there is no answer."""


def pack(header: FrameHeader | Answer, arrays: Mapping[str, bytes]) -> bytes:
    """A binary frame; offsets are filled in. Every array starts at a multiple of 8."""
    offset, chunks, placed = 0, [], []
    for array in header.arrays:
        raw = arrays[array.name]
        padding = -len(raw) % 8
        placed.append(array.model_copy(update={"offset": offset}))
        chunks += [raw, b"\0" * padding]
        offset += len(raw) + padding
    text = header.model_copy(update={"arrays": placed}).model_dump_json().encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<II", len(text), 0), text, *chunks])


def unpack(frame: bytes) -> tuple[FrameHeader, bytes]:
    """Header and payload of a frame."""
    (length, _) = struct.unpack_from("<II", frame)
    return FrameHeader.model_validate_json(frame[8 : 8 + length]), frame[8 + length :]


def opened(frame: bytes) -> tuple[Answer, bytes]:
    """Header and payload of an answer."""
    (length, _) = struct.unpack_from("<II", frame)
    return Answer.model_validate_json(frame[8 : 8 + length]), frame[8 + length :]


def stamped(frame: bytes, run: str, seq: int) -> bytes:
    """The same frame with ``run`` and ``seq`` set; the payload is not copied into objects."""
    (length, _) = struct.unpack_from("<II", frame)
    header: dict[str, Any] = json.loads(frame[8 : 8 + length])
    header["run"], header["seq"] = run, seq
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<II", len(text), 0), text, memoryview(frame)[8 + length :]])
