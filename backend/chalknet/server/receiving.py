"""What a browser sends, written to disk as it comes: one file as it is, or several as a form (``multipart/form-data``,
RFC 7578), each under the path that it had."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import Message
from pathlib import Path
from typing import BinaryIO

from fastapi import HTTPException, Request

from chalknet.intake.limits import MOST_FILES

MOST_HEAD = 8_192
"""Bytes of the lines before a file."""
MOST_PATH = 1_000


async def receive(request: Request, folder: Path, name: str) -> list[tuple[str, Path]]:
    """The files of a request, each with its path. ``name``: of a single file. Raises HTTPException in words."""
    head = Message()
    head["content-type"] = request.headers.get("content-type", "")
    if head.get_content_type() != "multipart/form-data":
        place = folder / "0"
        with place.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        return [(_path(name), place)]
    boundary = head.get_boundary()
    if not boundary or len(boundary) > 200:
        raise HTTPException(400, "The form does not say what stands between its parts.")
    files = [found async for found in _parts(request.stream(), boundary.encode("latin-1"), folder)]
    if not files:
        raise HTTPException(422, "There is no file in the form.")
    return files


def _path(name: str) -> str:
    """A path in small pieces; what leads out of a folder is taken away."""
    pieces = [piece for piece in re.split(r"[/\\]", name[:MOST_PATH].replace("\0", "")) if piece not in ("", ".", "..")]
    return "/".join(pieces) or "data"


async def _parts(stream: AsyncIterator[bytes], boundary: bytes, folder: Path) -> AsyncIterator[tuple[str, Path]]:
    end = b"\r\n--" + boundary
    waiting = b"\r\n"  # so that the first boundary looks like the others
    count = 0
    file: BinaryIO | None = None
    path = ""
    inside = False
    """Whether what comes belongs to a part: a file, or something that is none."""
    try:
        async for chunk in stream:
            waiting += chunk
            while True:
                at = waiting.find(end)
                if inside:
                    # The last bytes may be the beginning of a boundary.
                    body = waiting[:at] if at >= 0 else waiting[: max(0, len(waiting) - len(end))]
                    if file is not None:
                        file.write(body)
                    waiting = waiting[len(body) :]
                    if at < 0:
                        break
                    inside = False
                    if file is not None:
                        file.close()
                        yield path, Path(file.name)
                        file = None
                    continue
                if at < 0:
                    if len(waiting) > MOST_HEAD:
                        raise HTTPException(400, "The form has no part where one should begin.")
                    break
                if waiting[at + len(end) : at + len(end) + 2] == b"--":
                    return
                head_end = waiting.find(b"\r\n\r\n", at + len(end))
                if head_end < 0:
                    if len(waiting) - at > MOST_HEAD:
                        raise HTTPException(400, "A part of the form has a head that does not end.")
                    break
                found = _filename(waiting[at + len(end) : head_end])
                waiting = waiting[head_end + 4 :]
                # A boundary may follow at once: an empty file.
                waiting = waiting if not waiting.startswith(end[2:]) else b"\r\n" + waiting
                inside = True
                if found is not None:
                    if count >= MOST_FILES:
                        raise HTTPException(413, f"At most {MOST_FILES:,} files are taken at once.")
                    path, file = _path(found), (folder / str(count)).open("wb")
                    count += 1
        raise HTTPException(400, "The form breaks off before its end.")
    finally:
        if file is not None:
            file.close()


def _filename(head: bytes) -> str | None:
    """The name that a part's head gives its file; None where it is no file."""
    said = Message()
    for line in head.decode("utf-8", "replace").split("\r\n"):
        if line.lower().startswith("content-disposition:"):
            said["content-disposition"] = line.partition(":")[2].strip()
            break
    # Browsers write " as %22 and leave everything else as it is.
    found = re.search(r'filename="([^"]*)"', str(said["content-disposition"] or ""))
    if found is not None:
        return found[1].replace("%22", '"')
    return said.get_filename()
