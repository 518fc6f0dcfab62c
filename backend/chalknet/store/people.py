"""People without accounts: a cookie is all that says who one is."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.ids import new_id
from chalknet.store.tables import people
from chalknet.wire import Person

TOKEN_BYTES = 16


def new_token() -> str:
    """128 random bits for a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str, secret: str) -> str:
    """What is stored of a cookie. The token is random, so one round is enough; the server's secret keys it."""
    return hmac.digest(secret.encode(), token.encode(), hashlib.sha256).hex()


async def create(connection: AsyncConnection, token: str, name: str, color: str) -> Person:
    """A new person, known by the hash of their cookie."""
    person = Person(id=new_id(), name=name, color=color)
    row = {"id": person.id, "token": token, "name": name, "color": color, "created": time.time()}
    await connection.execute(insert(people).values(row))
    return person


async def by_token(connection: AsyncConnection, token: str) -> Person | None:
    row = (await connection.execute(select(people).where(people.c.token == token))).mappings().first()
    return Person(id=row["id"], name=row["name"], color=row["color"]) if row else None


async def by_id(connection: AsyncConnection, id: str) -> Person | None:
    row = (await connection.execute(select(people).where(people.c.id == id))).first()
    return Person(id=row.id, name=row.name, color=row.color) if row else None


async def rename(connection: AsyncConnection, person: str, name: str) -> None:
    await connection.execute(update(people).where(people.c.id == person).values(name=name))


async def put_token(connection: AsyncConnection, person: str, token: str) -> None:
    """Gives a person another cookie; whoever holds the old one is a stranger from now on."""
    await connection.execute(update(people).where(people.c.id == person).values(token=token))
