"""Classes: opened, joined by a code, handed out to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chalknet.classes import classroom
from chalknet.graph.document import Document
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import frozen, of_gallery, seen
from chalknet.server.routes.people import Name
from chalknet.store import people
from chalknet.wire import Person
from chalknet.wire.classes import ClassInfo, HandoutKind, ReturnCard, Revision


class ClassRoute(Route):
    """Says in words why a class refuses something."""

    def get_route_handler(self) -> Any:
        handle = super().get_route_handler()

        async def told(request: Request) -> Any:
            try:
                return await handle(request)
            except classroom.Refused as refused:
                raise HTTPException(refused.status, str(refused)) from None

        return told


router = APIRouter(prefix="/api/classes", route_class=ClassRoute)

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]  # fmt: skip # noqa: E501
Typed = Annotated[str, Field(max_length=40)]
PersonId = Annotated[str, Field(max_length=32)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewClass(_Form):
    title: Title


class Joining(_Form):
    code: Typed
    name: Name


class Returning(_Form):
    code: Typed
    words: Annotated[list[Typed], Field(max_length=8)]


class ClassChange(_Form):
    """What is not named stays as it is."""

    title: Title | None = None
    locked: bool | None = None
    by_hand: bool | None = None
    frozen: bool | None = None
    keep_days: Annotated[int, Field(ge=1, le=365)] | None = None
    code_hours: Annotated[float, Field(ge=0, le=24 * 365, allow_inf_nan=False)] | None = None
    """A new code, which lets people in for so many hours; 0: no code."""


class MemberChange(_Form):
    name: Name | None = None
    standing: Literal["in", "removed"] | None = None
    role: Literal["helper", "pupil"] | None = None


class Light(_Form):
    board: Annotated[str, Field(max_length=64)]
    named: bool = True
    """Whose board it is, is said."""


class What(_Form):
    """A board of one's own, or one of the gallery."""

    board: Annotated[str, Field(max_length=64)] | None = None
    gallery: Annotated[str, Field(max_length=64)] | None = None


class NewHandout(What):
    kind: HandoutKind = "own"
    groups: Annotated[list[Annotated[list[PersonId], Field(max_length=100)]], Field(max_length=50)] = []
    """Who works together; pupils who are named nowhere are spread over them."""


async def _board(what: What, me: Person, house: House) -> Document:
    if (what.board is None) == (what.gallery is None):
        raise HTTPException(422, "Hand out a board of yours or one of the gallery.")
    if what.gallery is not None:
        return of_gallery(what.gallery)
    return await frozen((await seen(what.board or "", me, house)).id, house)


@router.get("")
async def mine(me: Me, house: TheHouse) -> list[ClassInfo]:
    return await house.classroom.mine(me.id)


@router.post("", status_code=201)
async def create(new: NewClass, me: Me, house: TheHouse) -> ClassInfo:
    return await house.classroom.create(new.title, me)


@router.post("/join")
async def join(joining: Joining, me: Me, house: TheHouse) -> ClassInfo:
    """Comes in by the code on the wall. 404: there is none like it; 403: its door is closed; 429: too many tries."""
    info, person = await house.classroom.join(joining.code, joining.name, me)
    house.rooms.renamed(person)
    return info


@router.post("/return")
async def come_back(returning: Returning, request: Request, house: TheHouse) -> ClassInfo:
    """Comes back on another device, by the words of a return card; the cookie of the device before is void."""
    id, person = await house.classroom.come_back(returning.code, returning.words)
    token = people.new_token()
    await house.classroom.moved(person, token)
    request.state.new_token = token
    return await house.classroom.seen(id, person)


@router.get("/{klass}")
async def show(klass: str, me: Me, house: TheHouse) -> ClassInfo:
    return await house.classroom.seen(klass, me.id)


@router.patch("/{klass}")
async def change(klass: str, change: ClassChange, me: Me, house: TheHouse) -> ClassInfo:
    """By who teaches."""
    values = change.model_dump(exclude_none=True, exclude={"code_hours"})
    values = {name: int(value) if isinstance(value, bool) else value for name, value in values.items()}
    return await house.classroom.change(klass, me.id, values, change.code_hours)


@router.delete("/{klass}", status_code=204)
async def remove(klass: str, me: Me, house: TheHouse) -> None:
    """Ends the class; everything that was made in it is deleted. By who opened it."""
    await house.classroom.remove(klass, me.id)


@router.put("/{klass}/spotlight")
async def light(klass: str, light: Light, me: Me, house: TheHouse) -> ClassInfo:
    """Puts a board on every screen. By who teaches, of boards that they see."""
    await house.classroom.seen(klass, me.id)
    return await house.classroom.spotlight(klass, me.id, await seen(light.board, me, house), light.named)


@router.delete("/{klass}/spotlight")
async def darken(klass: str, me: Me, house: TheHouse) -> ClassInfo:
    """Takes the board from the screens again. By who teaches."""
    return await house.classroom.spotlight(klass, me.id, None, False)


@router.post("/{klass}/leave", status_code=204)
async def leave(klass: str, me: Me, house: TheHouse) -> None:
    """Goes for good."""
    await house.classroom.leave_class(klass, me.id)


@router.patch("/{klass}/members/{person}", status_code=204)
async def change_member(klass: str, person: str, change: MemberChange, me: Me, house: TheHouse) -> None:
    """Lets somebody in, sends them away, makes them a helper, names them. By who teaches."""
    renamed = await house.classroom.change_member(klass, me.id, person, change.model_dump(exclude_none=True))
    if renamed is not None:
        house.rooms.renamed(renamed)


@router.post("/{klass}/members/{person}/card")
async def card(klass: str, person: str, me: Me, house: TheHouse) -> ReturnCard:
    """A new return card; the one before is void. By who teaches."""
    return await house.classroom.card(klass, me.id, person)


@router.post("/{klass}/handouts", status_code=201)
async def hand_out(klass: str, new: NewHandout, me: Me, house: TheHouse) -> ClassInfo:
    """Gives a board to the class. By who teaches."""
    document = await _board(new, me, house)
    return await house.classroom.hand_out(klass, me.id, document, new.kind, new.groups)


@router.post("/{klass}/handouts/{handout}/change")
async def hand_out_change(klass: str, handout: str, what: What, me: Me, house: TheHouse) -> Revision:
    """Brings what is different in this board onto every copy of a handout, and leaves what pupils made. By who
    teaches."""
    document = await _board(what, me, house)
    return await house.classroom.hand_out_change(klass, me.id, handout, document)


@router.delete("/{klass}/handouts/{handout}")
async def take_back(klass: str, handout: str, me: Me, house: TheHouse) -> ClassInfo:
    """Deletes a handout with everything that was made of it. By who teaches."""
    return await house.classroom.take_back(klass, me.id, handout)
