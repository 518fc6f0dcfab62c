"""Boards: made, listed, shared, copied, deleted."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from chalknet.boards import binding
from chalknet.graph import document as documents
from chalknet.graph.document import Document, Recipe, Unreadable
from chalknet.graph.infer import infer
from chalknet.server.data_title import data_title
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.store import boards, runs
from chalknet.wire import BoardInfo, Person

router = APIRouter(prefix="/api/boards", route_class=Route)


class NewBoard(BaseModel):
    """From the gallery, from a document, as a copy of a board, or empty."""

    model_config = ConfigDict(extra="forbid")
    gallery: Annotated[str, Field(max_length=64)] | None = None
    document: JsonValue = None
    copy_of: Annotated[str, Field(max_length=64)] | None = Field(None, alias="copy")

    @model_validator(mode="after")
    def _one_source(self) -> NewBoard:
        if sum(source is not None for source in (self.gallery, self.document, self.copy_of)) > 1:
            raise ValueError("a board is made from a gallery board, a document or another board, not from several")
        return self


class Sharing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    link_role: Literal["editor", "viewer", "none"]


async def seen(board: str, me: Me, house: TheHouse) -> BoardInfo:
    """The board that is asked for. 404 when there is none, or none for this person: nobody learns which."""
    async with house.store.read() as connection:
        info = await boards.find(connection, board, me.id)
    if info is None:
        raise HTTPException(404, "There is no such board, or it is not shared with you.")
    return info


Seen = Annotated[BoardInfo, Depends(seen)]


def owned(info: Seen) -> BoardInfo:
    if info.role != "owner":
        raise HTTPException(403, "Only the board's owner may do this.")
    return info


Owned = Annotated[BoardInfo, Depends(owned)]


@router.get("")
async def mine(me: Me, house: TheHouse) -> list[BoardInfo]:
    async with house.store.read() as connection:
        return await boards.mine(connection, me.id)


@router.post("", status_code=201)
async def create(new: NewBoard, me: Me, house: TheHouse) -> BoardInfo:
    document = await _source(new, me, house)
    inference = await asyncio.to_thread(infer, document)
    snapshot = binding.state(document)
    async with house.store.write() as connection:
        return await boards.create(
            connection,
            me.id,
            document.title,
            snapshot,
            parameters=inference.parameters,
            data=data_title(document),
        )


async def _source(new: NewBoard, me: Person, house: House) -> Document:
    if new.gallery is not None:
        return of_gallery(new.gallery)
    if new.copy_of is not None:
        info = await seen(new.copy_of, me, house)
        document = await frozen(info.id, house)
        return document.model_copy(update={"title": f"{document.title[:110]} (copy)"})
    if new.document is not None:
        return readable(new.document)
    return Document(recipe=Recipe(test="locked"))


def of_gallery(name: str) -> Document:
    from chalknet.graph import gallery

    document = gallery.boards().get(name)
    if document is None:
        raise HTTPException(404, f"There is no board called {name!r} in the gallery.")
    return document


def readable(value: object) -> Document:
    """A document from a request. 422 in words when it is none."""
    try:
        return documents.load(value)
    except Unreadable as error:
        raise HTTPException(422, str(error)) from None


async def frozen(board: str, house: House) -> Document:
    """The board as it is now."""
    text = await house.rooms.text(board)
    if text is None:
        raise HTTPException(404, "There is no such board, or it is not shared with you.")
    return binding.read(text)[0]


@router.get("/{board}")
async def show(info: Seen) -> BoardInfo:
    return info


@router.patch("/{board}")
async def share(info: Owned, sharing: Sharing, house: TheHouse) -> BoardInfo:
    """What the link allows; acts at once on everybody who has the board open."""
    async with house.store.write() as connection:
        await boards.set_link_role(connection, info.id, sharing.link_role)
    await house.rooms.roles_changed(info.id)
    await house.training.roles_changed(info.id)
    return info.model_copy(update={"link_role": sharing.link_role})


@router.delete("/{board}", status_code=204)
async def remove(info: Owned, house: TheHouse) -> None:
    """Deletes the board with its runs; a run under way is stopped."""
    async with house.store.read() as connection:
        gone = await runs.ids_of_board(connection, info.id)
    await house.training.forget(gone)
    async with house.store.write() as connection:
        await boards.remove(connection, info.id)
    house.rooms.removed(info.id)


@router.get("/{board}/document")
async def document(info: Seen, house: TheHouse) -> JSONResponse:
    """The board as JSON."""
    return JSONResponse((await frozen(info.id, house)).dump())
