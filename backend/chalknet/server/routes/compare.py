"""A board beside another: one of the gallery, one of one's boards, or one as it was when it was trained."""

from __future__ import annotations

import asyncio
from typing import Annotated

import pydantic_core
from fastapi import APIRouter, HTTPException, Query

from chalknet.graph.compare import Comparison, TooLong
from chalknet.graph.compare import compare as compare_documents
from chalknet.graph.document import Document
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen, frozen, of_gallery, readable, seen
from chalknet.server.routes.runs import seen_run
from chalknet.store import runs
from chalknet.wire import Person

router = APIRouter(prefix="/api", route_class=Route)


@router.get("/boards/{board}/compare")
async def compare(
    info: Seen,
    me: Me,
    house: TheHouse,
    other: Annotated[str, Query(max_length=80, pattern="^(gallery|board|run):.+")],
    of: Annotated[str, Query(max_length=64)] = "",
) -> Comparison:
    """``other``: ``gallery:vgg-16``, ``board:ID``, or ``run:ID``, the board that the run trained. ``of``: a run whose
    board stands in the place of this one as it is now."""
    a = await _other(f"run:{of}", me, house) if of else await frozen(info.id, house)
    b = await _other(other, me, house)
    try:
        return await asyncio.to_thread(compare_documents, a, b)
    except TooLong as error:
        raise HTTPException(422, str(error)) from None


async def _other(named: str, me: Person, house: House) -> Document:
    kind, _, name = named.partition(":")
    if kind == "gallery":
        return of_gallery(name)
    if kind == "board":
        return await frozen((await seen(name, me, house)).id, house)
    summary = await seen_run(name, me, house)
    async with house.store.read() as connection:
        kept = await runs.frozen(connection, summary.id)
    if kept is None:
        raise HTTPException(404, "The board that this run trained is not kept any more.")
    return readable(pydantic_core.from_json(kept[1]))
