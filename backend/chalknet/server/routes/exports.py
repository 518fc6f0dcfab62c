"""A board as a file that needs no Chalknet."""

from __future__ import annotations

import asyncio
import re
import unicodedata

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from chalknet.server.errors import Route
from chalknet.server.house import TheHouse
from chalknet.server.routes.boards import Seen, frozen
from chalknet.server.routes.runs import Untrainable

router = APIRouter(prefix="/api/boards", route_class=Route)


@router.get("/{board}/export/pytorch", response_class=PlainTextResponse, responses={409: {"model": Untrainable}})
async def pytorch(info: Seen, house: TheHouse) -> Response:
    """One readable file of plain PyTorch."""
    from chalknet.export.pytorch import Refused, export

    document = await frozen(info.id, house)
    try:
        text = await asyncio.to_thread(export, document)
    except Refused as refused:
        problems = refused.problems
        words = f"This board cannot be exported yet: {problems[0].message}" if problems else str(refused)
        return JSONResponse(Untrainable(detail=words, problems=problems).model_dump(mode="json"), 409)
    name = f"{_plain(document.title)}.py"
    return PlainTextResponse(
        text, media_type="text/x-python", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _plain(title: str) -> str:
    """A title as a file's name, in letters that every system takes."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:60] or "board"
