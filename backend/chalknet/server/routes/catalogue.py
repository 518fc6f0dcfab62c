"""What the palette and the gallery are drawn from: the same for everybody, so each is written once."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache

import pydantic_core
from fastapi import APIRouter, Request
from fastapi.responses import Response

from chalknet.server.assets import encodings
from chalknet.server.errors import Route
from chalknet.server.identity import Me
from chalknet.wire import Catalogue, GalleryCard

router = APIRouter(prefix="/api", route_class=Route)


@router.get("/layers", response_model=Catalogue)
async def layers(request: Request, me: Me) -> Response:
    return _unchanging(request, _layers())


@router.get("/gallery", response_model=list[GalleryCard])
async def gallery(request: Request, me: Me) -> Response:
    return _unchanging(request, _gallery())


@cache
def _layers() -> bytes:
    from chalknet import catalogue

    return pydantic_core.to_json(catalogue.describe())


@cache
def _gallery() -> bytes:
    from chalknet import catalogue

    return pydantic_core.to_json(catalogue.gallery())


def _unchanging(request: Request, body: bytes) -> Response:
    """An answer that a browser need not load twice, and loads packed: there is nothing in it of the person who asks."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in encodings(request.headers.get("accept-encoding", "")):
        body, headers = _packed(body), headers | {"content-encoding": "gzip"}
    return Response(body, media_type="application/json", headers=headers)


@cache
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
