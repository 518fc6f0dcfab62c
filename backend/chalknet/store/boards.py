"""Boards, and who may do what on them."""

from __future__ import annotations

import re
import time
from typing import Literal

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store import classes
from chalknet.store.ids import new_id
from chalknet.store.tables import board_snapshots, boards, class_boards, members
from chalknet.wire import BoardInfo, Role

LinkRole = Literal["editor", "viewer", "none"]

MOST_PARAMETERS = 2**63 - 1
"""A column holds no more; a board of so many parameters is refused by inference long before."""

_STRENGTH: dict[str, int] = {"none": 0, "viewer": 1, "editor": 2, "owner": 3}


def _stronger(member: str | None, link: str) -> Role | None:
    """A member's role or what the link (or a class) gives, whichever allows more; None: no access."""
    best = max(member or "none", link, key=_STRENGTH.__getitem__)
    return None if best == "none" else best  # type: ignore[return-value]


def line(title: str) -> str:
    """A title as one line of text; PostgreSQL takes no NUL."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", title)[:120]


def _info(row: Row[tuple[object, ...]], role: Role) -> BoardInfo:
    return BoardInfo(
        id=row.id,
        title=row.title,
        role=role,
        link_role=row.link_role,
        created=row.created,
        changed=row.changed,
        parameters=row.parameters,
        data=row.data,
    )


async def create(
    connection: AsyncConnection,
    owner: str | None,
    title: str,
    snapshot: bytes,
    *,
    link_role: LinkRole = "editor",
    parameters: int = 0,
    data: str = "",
) -> BoardInfo:
    """A board with its first state (a Yjs update), owned by a person; None: by a class."""
    now = time.time()
    parameters = min(parameters, MOST_PARAMETERS)
    board = BoardInfo(
        id=new_id(),
        title=line(title),
        role="owner",
        link_role=link_role,
        created=now,
        changed=now,
        parameters=parameters,
        data=data,
    )
    await connection.execute(insert(boards).values(board.model_dump(exclude={"role", "classroom"})))
    if owner is not None:
        await connection.execute(insert(members).values(board=board.id, person=owner, role="owner"))
    await connection.execute(insert(board_snapshots).values(board=board.id, seq=0, data=snapshot, created=now))
    return board


async def find(connection: AsyncConnection, board: str, person: str) -> BoardInfo | None:
    """The board as this person sees it; None when there is none or they have no access: nobody learns which."""
    query = (
        select(boards, members.c.role.label("member"), class_boards.c.class_id.label("classroom"))
        .outerjoin(members, (members.c.board == boards.c.id) & (members.c.person == person))
        .outerjoin(class_boards, class_boards.c.board == boards.c.id)
        .where(boards.c.id == board)
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    role = _stronger(row.member, row.link_role)
    klass = row.classroom or ""
    if role in (None, "viewer"):
        by_class, of_class = await classes.role_on(connection, board, person)
        role, klass = _stronger(by_class, role or "none"), of_class or klass
    return _info(row, role).model_copy(update={"classroom": klass}) if role else None


async def exists(connection: AsyncConnection, board: str) -> bool:
    return (await connection.execute(select(boards.c.id).where(boards.c.id == board))).first() is not None


async def edited(connection: AsyncConnection, board: str) -> float:
    """When a board was changed last, in seconds since 1970; 0: it is as it was made, or there is none."""
    row = (await connection.execute(select(boards.c.created, boards.c.changed).where(boards.c.id == board))).first()
    return row.changed if row and row.changed > row.created else 0.0


async def mine(connection: AsyncConnection, person: str, most: int = 200) -> list[BoardInfo]:
    """Boards that this person is a member of, the last changed first."""
    query = (
        select(boards, members.c.role.label("member"))
        .join(members, members.c.board == boards.c.id)
        .where(members.c.person == person)
        .order_by(boards.c.changed.desc(), boards.c.id)
        .limit(most)
    )
    rows = (await connection.execute(query)).all()
    return [_info(row, _stronger(row.member, row.link_role) or "viewer") for row in rows]


async def set_link_role(connection: AsyncConnection, board: str, role: LinkRole) -> None:
    await connection.execute(update(boards).where(boards.c.id == board).values(link_role=role))


async def set_member(connection: AsyncConnection, board: str, person: str, role: Role) -> None:
    """Makes somebody a member, or changes what they may do."""
    await connection.execute(delete(members).where(members.c.board == board, members.c.person == person))
    await connection.execute(insert(members).values(board=board, person=person, role=role))


async def describe(connection: AsyncConnection, board: str, title: str, parameters: int, data: str) -> None:
    """Refreshes what lists show of a board."""
    await connection.execute(
        update(boards)
        .where(boards.c.id == board)
        .values(title=line(title), parameters=min(parameters, MOST_PARAMETERS), data=data)
    )


async def remove(connection: AsyncConnection, board: str) -> None:
    """Deletes the board with its edits and runs."""
    await connection.execute(delete(boards).where(boards.c.id == board))
