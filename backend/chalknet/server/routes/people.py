"""Who one is, and by what name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from chalknet.server.errors import Route
from chalknet.server.house import TheHouse
from chalknet.server.identity import Me
from chalknet.store import people
from chalknet.wire import Person

router = APIRouter(prefix="/api/me", route_class=Route)

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class NewName(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name


@router.get("")
async def who_am_i(me: Me) -> Person:
    return me


@router.put("")
async def rename(me: Me, new: NewName, house: TheHouse) -> Person:
    async with house.store.write() as connection:
        await people.rename(connection, me.id, new.name)
    person = me.model_copy(update={"name": new.name})
    house.rooms.renamed(person)
    return person
