"""Classes: who is in them, what was handed out, and whose board is whose."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.ids import new_id
from chalknet.store.tables import boards, class_boards, class_members, class_seats, classes, handouts, people
from chalknet.wire.classes import ClassInfo, ClassMember, ClassRole, Handout, HandoutKind, Spotlight, Standing

TEACHES: tuple[ClassRole, ...] = ("teacher", "helper")


@dataclass(frozen=True, slots=True)
class Given:
    """A board of a class: what it was made of, and who works on it."""

    board: str
    handout: str
    group: str
    people: tuple[str, ...]


# --- classes --------------------------------------------------------------------------------------------------------


async def create(connection: AsyncConnection, title: str, teacher: str, keep_days: int) -> str:
    """A class without a code; its id."""
    now = time.time()
    id = new_id()
    await connection.execute(
        insert(classes).values(
            id=id, title=title, code=None, turn=0, code_ends=0.0, locked=0, by_hand=0, frozen=0, spotlight="", lit="",
            keep_days=keep_days, created=now, used=now,
        )
    )  # fmt: skip
    await join(connection, id, teacher, "teacher", "in")
    return id


def _info(row: Row[Any], role: ClassRole, standing: Standing) -> ClassInfo:
    return ClassInfo(
        id=row.id,
        title=row.title,
        role=role,
        standing=standing,
        code_ends=row.code_ends if row.code else 0,
        locked=bool(row.locked),
        by_hand=bool(row.by_hand),
        frozen=bool(row.frozen),
        spotlight=Spotlight.model_validate_json(row.spotlight) if row.spotlight else None,
        keep_days=row.keep_days,
        created=row.created,
    )


async def find(connection: AsyncConnection, id: str, person: str) -> ClassInfo | None:
    """A class as this member sees it, without code and handouts; None for one who is no member, or was sent away."""
    query = (
        select(classes, class_members.c.role, class_members.c.standing)
        .join(class_members, class_members.c.class_id == classes.c.id)
        .where(classes.c.id == id, class_members.c.person == person, class_members.c.standing != "removed")
    )
    row = (await connection.execute(query)).first()
    return _info(row, row.role, row.standing) if row else None


async def whole(connection: AsyncConnection, id: str) -> tuple[ClassInfo, int] | None:
    """A class as who opened it sees it, without code and handouts; and how often its code was changed, 0 where it has
    none now. None: there is no such class."""
    row = (await connection.execute(select(classes).where(classes.c.id == id))).first()
    return (_info(row, "teacher", "in"), row.turn if row.code else 0) if row else None


async def mine(connection: AsyncConnection, person: str) -> list[ClassInfo]:
    """Classes that this person is in, the last used first."""
    query = (
        select(classes, class_members.c.role, class_members.c.standing)
        .join(class_members, class_members.c.class_id == classes.c.id)
        .where(class_members.c.person == person, class_members.c.standing != "removed")
        .order_by(classes.c.used.desc(), classes.c.id)
        .limit(100)
    )
    return [_info(row, row.role, row.standing) for row in await connection.execute(query)]


async def by_code(connection: AsyncConnection, hashed: str) -> tuple[str, float, bool, bool] | None:
    """(id, until when the code lets in, locked, by hand) of the class with this code's hash."""
    query = select(classes.c.id, classes.c.code_ends, classes.c.locked, classes.c.by_hand).where(
        classes.c.code == hashed
    )
    row = (await connection.execute(query)).first()
    return (row.id, row.code_ends, bool(row.locked), bool(row.by_hand)) if row else None


async def turn(connection: AsyncConnection, id: str) -> int:
    """How often the code was changed; 0: there never was one."""
    return int((await connection.execute(select(classes.c.turn).where(classes.c.id == id))).scalar_one())


async def put(connection: AsyncConnection, id: str, **values: Any) -> None:
    """Changes columns of a class."""
    await connection.execute(update(classes).where(classes.c.id == id).values(**values))


async def unused_since(connection: AsyncConnection, now: float) -> list[str]:
    """Classes whose time is over: so many days after their last use."""
    query = select(classes.c.id).where(classes.c.used + classes.c.keep_days * 86_400.0 < now)
    return [row.id for row in await connection.execute(query)]


async def remove(connection: AsyncConnection, id: str) -> None:
    """Deletes the class with its members, handouts and boards."""
    mine = select(class_boards.c.board).where(class_boards.c.class_id == id)
    await connection.execute(delete(boards).where(boards.c.id.in_(mine)))
    await connection.execute(delete(classes).where(classes.c.id == id))


# --- members --------------------------------------------------------------------------------------------------------


async def join(connection: AsyncConnection, id: str, person: str, role: ClassRole, standing: Standing) -> None:
    await connection.execute(
        insert(class_members).values(
            class_id=id, person=person, role=role, standing=standing, card="", joined=time.time()
        )
    )


async def standing(connection: AsyncConnection, id: str, person: str) -> Standing | None:
    """How one stands in a class, also one who was sent away; None: they never came."""
    query = select(class_members.c.standing).where(class_members.c.class_id == id, class_members.c.person == person)
    found: Standing | None = (await connection.execute(query)).scalar()
    return found


async def members(connection: AsyncConnection, id: str) -> list[ClassMember]:
    """All but those who were sent away, in the order in which they came."""
    query = (
        select(class_members, people.c.name, people.c.color)
        .join(people, people.c.id == class_members.c.person)
        .where(class_members.c.class_id == id, class_members.c.standing != "removed")
        .order_by(class_members.c.joined, class_members.c.person)
    )
    return [
        ClassMember(
            id=row.person, name=row.name, color=row.color, role=row.role, standing=row.standing, joined=row.joined
        )
        for row in await connection.execute(query)
    ]


async def count(connection: AsyncConnection, id: str) -> int:
    query = select(func.count()).where(class_members.c.class_id == id, class_members.c.standing != "removed")
    return int((await connection.execute(query)).scalar_one())


async def put_member(connection: AsyncConnection, id: str, person: str, **values: Any) -> None:
    """Changes columns of a member."""
    await connection.execute(
        update(class_members).where(class_members.c.class_id == id, class_members.c.person == person).values(**values)
    )


async def by_card(connection: AsyncConnection, id: str, hashed: str) -> str | None:
    """The person of a return card of this class."""
    query = select(class_members.c.person).where(
        class_members.c.class_id == id, class_members.c.card == hashed, class_members.c.standing == "in"
    )
    found: str | None = (await connection.execute(query)).scalar()
    return found


# --- what is handed out ---------------------------------------------------------------------------------------------


async def hand_out(connection: AsyncConnection, id: str, title: str, kind: HandoutKind, document: bytes) -> str:
    """A handout that nobody has yet; its id."""
    handout = new_id()
    await connection.execute(
        insert(handouts).values(
            id=handout, class_id=id, title=title, kind=kind, version=1, document=document, created=time.time()
        )
    )
    return handout


async def put_handout(connection: AsyncConnection, handout: str, document: bytes, title: str) -> None:
    """The board as it is handed out from now on."""
    await connection.execute(
        update(handouts)
        .where(handouts.c.id == handout)
        .values(document=document, title=title, version=handouts.c.version + 1)
    )


async def take_back(connection: AsyncConnection, handout: str) -> None:
    """Deletes a handout with every board that was made of it."""
    made = select(class_boards.c.board).where(class_boards.c.handout == handout)
    await connection.execute(delete(boards).where(boards.c.id.in_(made)))
    await connection.execute(delete(handouts).where(handouts.c.id == handout))


async def handed_out(connection: AsyncConnection, id: str) -> list[tuple[Handout, bytes]]:
    """Handouts of a class with the board's JSON, the first one first; nobody's own boards in them."""
    query = select(handouts).where(handouts.c.class_id == id).order_by(handouts.c.created, handouts.c.id)
    return [
        (
            Handout(id=row.id, title=row.title, kind=row.kind, version=row.version, created=row.created),
            row.document,
        )
        for row in await connection.execute(query)
    ]


async def give(connection: AsyncConnection, id: str, handout: str, board: str, group: str) -> None:
    """Makes a board one of the class's."""
    await connection.execute(insert(class_boards).values(board=board, class_id=id, handout=handout, group_name=group))


async def seat(connection: AsyncConnection, board: str, person: str) -> None:
    """Lets somebody work on a board of the class."""
    await connection.execute(insert(class_seats).values(board=board, person=person))


async def unseat(connection: AsyncConnection, handout: str, person: str) -> None:
    made = select(class_boards.c.board).where(class_boards.c.handout == handout)
    await connection.execute(delete(class_seats).where(class_seats.c.person == person, class_seats.c.board.in_(made)))


async def given(connection: AsyncConnection, id: str) -> list[Given]:
    """Every board of a class, with who works on it."""
    query = (
        select(class_boards, class_seats.c.person)
        .outerjoin(class_seats, class_seats.c.board == class_boards.c.board)
        .where(class_boards.c.class_id == id)
        .order_by(class_boards.c.board, class_seats.c.person)
    )
    found: dict[str, Given] = {}
    for row in await connection.execute(query):
        known = found.get(row.board) or Given(row.board, row.handout, row.group_name, ())
        people = (*known.people, row.person) if row.person else known.people
        found[row.board] = Given(row.board, row.handout, row.group_name, people)
    return list(found.values())


async def class_of(connection: AsyncConnection, board: str) -> str | None:
    """The class that a board belongs to."""
    found: str | None = (
        await connection.execute(select(class_boards.c.class_id).where(class_boards.c.board == board))
    ).scalar()
    return found


async def role_on(connection: AsyncConnection, board: str, person: str) -> tuple[str, str]:
    """(``editor``, ``viewer`` or ``none``: what a class lets this person do on a board; that class).

    Teachers work on every board of their class; a pupil on those they sit at, or looks on while the class is frozen. A
    board in the spotlight is seen by all of the class.
    """
    query = (
        select(
            classes.c.id, class_members.c.role, classes.c.frozen, classes.c.lit, class_boards.c.board,
            class_seats.c.person,
        )
        .select_from(class_members)
        .join(classes, classes.c.id == class_members.c.class_id)
        .outerjoin(class_boards, (class_boards.c.class_id == classes.c.id) & (class_boards.c.board == board))
        .outerjoin(class_seats, (class_seats.c.board == class_boards.c.board) & (class_seats.c.person == person))
        .where(
            class_members.c.person == person,
            class_members.c.standing == "in",
            (classes.c.lit == board) | (class_boards.c.board == board),
        )
    )  # fmt: skip
    best, klass = "none", ""
    for row in await connection.execute(query):
        teaches = row.board and row.role in TEACHES
        if teaches or (row.board and row.person and not row.frozen):
            return "editor", row.id
        if row.lit == board or (row.board and row.person):
            best, klass = "viewer", row.id
    return best, klass
