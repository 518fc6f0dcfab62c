"""Who is asking: a cookie made at the first request is all there is, no account and no password."""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from chalknet.server.guard import COOKIE
from chalknet.server.house import House
from chalknet.store import people
from chalknet.wire import Person

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")

COLORS = (
    "#c2410c", "#b45309", "#4d7c0f", "#15803d", "#0f766e", "#0e7490",
    "#1d4ed8", "#4338ca", "#7e22ce", "#a21caf", "#be185d", "#b91c1c",
)  # fmt: skip
"""Of a cursor's flag: white text on each has a contrast of at least 4.5."""
FIRST = (
    "Amber", "Azure", "Brave", "Bright", "Calm", "Clever", "Copper", "Coral", "Crimson", "Curious", "Eager", "Gentle",
    "Golden", "Happy", "Indigo", "Jade", "Jolly", "Keen", "Lively", "Lucky", "Mellow", "Merry", "Nimble", "Olive",
    "Pearl", "Plucky", "Quick", "Quiet", "Ruby", "Scarlet", "Silver", "Sunny", "Swift", "Teal", "Violet", "Witty",
)  # fmt: skip
LAST = (
    "Badger", "Bear", "Beaver", "Bison", "Crane", "Deer", "Dolphin", "Falcon", "Finch", "Fox", "Gecko", "Hare", "Hawk",
    "Hedgehog", "Heron", "Ibex", "Koala", "Lark", "Lemur", "Lynx", "Marten", "Mole", "Newt", "Otter", "Owl", "Panda",
    "Puffin", "Raven", "Robin", "Seal", "Sparrow", "Stork", "Swan", "Tapir", "Turtle", "Wolf", "Wren", "Yak",
)  # fmt: skip


async def known(connection: HTTPConnection) -> Person | None:
    """The person behind the cookie, if there is one."""
    token = connection.cookies.get(COOKIE, "")
    if not _TOKEN.fullmatch(token):
        return None
    house: House = connection.app.state.house
    async with house.store.read() as database:
        return await people.by_token(database, people.token_hash(token, house.settings.secret))


async def me(request: Request) -> Person:
    """The person behind the cookie; at the first request a new one, whose cookie the answer brings."""
    person = await known(request)
    if person is None:
        house: House = request.app.state.house
        token = people.new_token()
        name = f"{secrets.choice(FIRST)} {secrets.choice(LAST)}"
        async with house.store.write() as database:
            hashed = people.token_hash(token, house.settings.secret)
            person = await people.create(database, hashed, name, secrets.choice(COLORS))
        request.state.new_token = token
    return person


Me = Annotated[Person, Depends(me)]
