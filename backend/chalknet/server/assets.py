"""The built pages: hashed files that never change, compressed when they were built."""

from __future__ import annotations

import json
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse

WEB = Path(__file__).parent / "web"
"""Where ``npm run build`` puts them."""
ENTRY = "src/app/main.tsx"

# Not every system's tables know these.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Pages:
    """What the shell loads: addresses of scripts, of what they import at once, and of styles."""

    script: str
    imports: tuple[str, ...]
    styles: tuple[str, ...]


def pages() -> Pages | None:
    """The entry of the built pages, None where they have not been built."""
    try:
        manifest: dict[str, dict[str, Any]] = json.loads((WEB / "manifest.json").read_bytes())
        entry = manifest[ENTRY]
    except (OSError, ValueError, KeyError):
        return None
    chunks = [entry]
    seen = {ENTRY}
    for chunk in chunks:
        for name in chunk.get("imports", ()):
            if name not in seen:
                seen.add(name)
                chunks.append(manifest[name])
    styles = dict.fromkeys(style for chunk in chunks for style in chunk.get("css", ()))
    return Pages(
        script="/" + entry["file"],
        imports=tuple("/" + chunk["file"] for chunk in chunks[1:]),
        styles=tuple("/" + style for style in styles),
    )


@router.get("/assets/{name}", include_in_schema=False)
async def asset(name: str, request: Request) -> FileResponse:
    """A hashed file: its name changes with its content, so a browser keeps it for ever."""
    path = WEB / "assets" / name
    if name.startswith(".") or name.endswith((".br", ".gz")) or not path.is_file():
        raise HTTPException(404, "There is no such file.")
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    taken = encodings(request.headers.get("accept-encoding", ""))
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        compressed = path.with_name(name + suffix)
        if encoding in taken and compressed.is_file():
            return FileResponse(compressed, media_type=kind, headers={**headers, "content-encoding": encoding})
    return FileResponse(path, media_type=kind, headers=headers)


def encodings(header: str) -> set[str]:
    """What a browser can unpack. ``br;q=0`` says that it cannot."""
    parts = (part.replace(" ", "").lower().split(";") for part in header.split(","))
    return {name for name, *weights in parts if not any(re.fullmatch(r"q=0(\.0*)?", weight) for weight in weights)}
