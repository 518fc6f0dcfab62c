"""Data sets: brought, listed, looked at, renamed, deleted.

An id cannot be guessed, and a board names the data that it is trained on: who can see the board may look at its data.
Only who brought a data set may rename or delete it.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from chalknet.datasets import shelf
from chalknet.datasets.own import file_name
from chalknet.datasets.shelf import About, Plain
from chalknet.graph import rules
from chalknet.intake.limits import MOST_SIDE
from chalknet.server import preview as previews
from chalknet.server.errors import Route
from chalknet.server.house import TheHouse
from chalknet.server.identity import Me
from chalknet.server.library import NotTaken
from chalknet.server.preview import MOST_ROWS, Preview
from chalknet.server.receiving import receive
from chalknet.wire import DataSetInfo

router = APIRouter(prefix="/api/data", route_class=Route)

IMMUTABLE = {"cache-control": "private, max-age=31536000, immutable"}


class DataSet(Plain):
    """A data set with all that is known of it. ``about`` is missing of one that has to be fetched first."""

    info: DataSetInfo
    about: About | None


class Title(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, Field(min_length=1, max_length=120)]


async def there(data: str, me: Me, house: TheHouse) -> DataSetInfo:
    """The data set that is asked for. 404 when there is none."""
    info = await house.library.find(data, me) if shelf.ID.fullmatch(data) else None
    if info is None:
        raise HTTPException(404, "There is no such data set; perhaps it was deleted.")
    return info


There = Annotated[DataSetInfo, Depends(there)]


def own(info: There) -> DataSetInfo:
    if not info.mine:
        raise HTTPException(403, "Only who brought a data set may do this.")
    return info


Mine = Annotated[DataSetInfo, Depends(own)]


async def known(info: There) -> tuple[DataSetInfo, About]:
    about = await asyncio.to_thread(shelf.find, info.id)
    if about is None:
        raise HTTPException(409, f"{info.title} is not on this machine yet.")
    return info, about


Known = Annotated[tuple[DataSetInfo, About], Depends(known)]


@router.get("")
async def listed(me: Me, house: TheHouse) -> list[DataSetInfo]:
    """One's own, the newest first, then those that are known to the house."""
    return [*await house.library.mine(me), *house.library.known()]


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        },
                    }
                },
            },
        }
    },
)
async def bring(
    request: Request,
    me: Me,
    house: TheHouse,
    name: Annotated[str, Query(max_length=1000)] = "data",
    title: Annotated[str, Query(max_length=120)] = "",
    size: Annotated[int, Query(ge=0, le=MOST_SIDE)] = 0,
    fit: Literal["crop", "stretch"] = "crop",
    colour: Literal["auto", "grey", "rgb"] = "auto",
    kind: Literal["auto", "table", "text"] = "auto",
) -> DataSet:
    """Takes an upload: one file as the body, called ``name``, or several as a form, each with its path for a name.

    Answers when all of it is read. ``size``, ``fit`` and ``colour`` are for pictures, ``kind`` for a file of text.
    """
    try:
        await house.library.check_room(me)
        folder = await asyncio.to_thread(house.library.room)
        try:
            files = await receive(request, folder / "sent", name)
            wishes = {"size": size, "fit": fit, "colour": colour, "kind": kind}
            info, about = await house.library.add(me, folder, files, title, wishes)
        finally:
            await house.library.clear(folder)
    except NotTaken as refused:
        raise HTTPException(422, str(refused)) from None
    return DataSet(info=info, about=about)


@router.get("/{data}")
async def show(info: There) -> DataSet:
    return DataSet(info=info, about=await asyncio.to_thread(shelf.find, info.id))


@router.patch("/{data}")
async def rename(info: Mine, new: Title, house: TheHouse) -> DataSetInfo:
    return await house.library.rename(info, new.title)


@router.delete("/{data}", status_code=204)
async def remove(info: Mine, house: TheHouse) -> None:
    """Deletes a data set. Boards that use it still open, and say so."""
    await house.library.remove(info)
    rules.forget()  # what a board's data node answered while it was here


@router.post("/{data}/fetch", status_code=202)
async def fetch(info: There, me: Me, house: TheHouse) -> DataSetInfo:
    """Begins to fetch one that is known by its name; what is listed says how far it is."""
    if info.source != "by_name":
        raise HTTPException(409, f"{info.title} is here already.")
    house.library.fetch(info.id)
    return next(each for each in house.library.known() if each.id == info.id)


@router.get("/{data}/preview")
async def preview(
    found: Known,
    start: Annotated[int, Query(ge=0, le=10**9)] = 0,
    count: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 20,
    label: Annotated[int | None, Query(ge=0, le=10**6)] = None,
) -> Preview:
    """Some samples; with ``label``, a class's number, only those of that class."""
    info, about = found
    return await asyncio.to_thread(previews.preview, info.id, about, start, count, label)


@router.get("/{data}/pictures/{row}.png", response_class=Response)
async def picture(found: Known, row: int) -> Response:
    """One picture. It never changes."""
    info, about = found
    return _png(await asyncio.to_thread(previews.pixels, info.id, about, row))


@router.get("/{data}/sheet.png", response_class=Response)
async def sheet(
    found: Known,
    rows: Annotated[str, Query(max_length=4000, pattern=r"^\d{1,9}(,\d{1,9})*$")],
    across: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:
    """Pictures side by side, ``across`` in a line: ``rows`` are their numbers, apart by commas."""
    info, about = found
    wanted = [int(row) for row in rows.split(",")][:MOST_ROWS]
    return _png(await asyncio.to_thread(previews.sheet, info.id, about, wanted, across))


def _png(data: bytes | None) -> Response:
    if data is None:
        raise HTTPException(404, "There is no such picture.")
    return Response(data, media_type="image/png", headers=IMMUTABLE)


@router.get("/{data}/arrays.npz", response_class=Response)
async def arrays(found: Known, house: TheHouse) -> Response:
    """All arrays as NumPy's .npz: what an exported board reads."""
    info, about = found

    def written() -> Path:
        with tempfile.NamedTemporaryFile(dir=house.files.incoming, suffix=".npz", delete=False) as file:
            previews.write_npz(info.id, file)
            return Path(file.name)

    path = await asyncio.to_thread(written)
    return FileResponse(
        path, media_type="application/octet-stream", filename=file_name(about), background=BackgroundTask(path.unlink)
    )
