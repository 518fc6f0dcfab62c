"""The classes of this server: opened and joined, handed out to, frozen, and told to whoever has one open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import pydantic_core
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.classes import codes, handing
from chalknet.classes.hall import Hall
from chalknet.classes.limits import Failures
from chalknet.classes.listener import Listener
from chalknet.classes.register import Register, read
from chalknet.classes.revision import raw
from chalknet.classes.wall import Seen, Wall
from chalknet.graph.document import Document, load
from chalknet.store import classes, people
from chalknet.store.database import Store
from chalknet.wire import BoardInfo, Person
from chalknet.wire.classes import ClassInfo, HandoutKind, ReturnCard, Revision, Spotlight

log = logging.getLogger(__name__)

MOST_MEMBERS = 100
MOST_HANDOUTS = 40
CODE_HOURS = 12.0
"""How long a new code lets people in, unless the teacher says otherwise."""
KEEP_DAYS = 30
SWEEP = 3600.0
"""Seconds between two looks for classes whose time is over."""


class Refused(Exception):
    """Why something cannot be done, in words; ``status`` as of HTTP."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Unknown(Refused):
    """One answer for a class that is not there and one that this person is not in."""

    def __init__(self) -> None:
        super().__init__(404, "There is no such class, or you are not in it.")


class House(Seen, Protocol):
    """What a class asks of the house round it."""

    def parting(self, made: list[str]) -> AbstractAsyncContextManager[None]:
        """Round the deletion of boards: their runs are stopped before, who has them open is told after."""

    async def roles_changed(self, board: str) -> None:
        """Somebody's role on a board is another one now."""

    async def revise(self, board: str, before: dict[str, Any], now: dict[str, Any]) -> int:
        """Brings a change onto a board (``revision``); how many places stayed as somebody had made them. Raises
        LookupError where there is no such board any more; ValueError where it would be too large."""


class Classroom:
    def __init__(self, store: Store, secret: str, house: House) -> None:
        self._store = store
        self._secret = secret
        self._house = house
        self._halls: dict[str, Hall] = {}
        self._walls: dict[str, Wall] = {}
        self._wrong_codes = Failures(10, 60.0)
        self._wrong_cards = Failures(10, 60.0)
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        for wall in self._walls.values():
            wall.away()
        for hall in self._halls.values():
            for listener in hall.listeners:
                listener.close(1001, "The server stops.")

    # --- looking ------------------------------------------------------------------------------------------------------

    async def mine(self, person: str) -> list[ClassInfo]:
        async with self._store.read() as connection:
            return await classes.mine(connection, person)

    async def seen(self, id: str, person: str) -> ClassInfo:
        """The class as this member sees it. Raises Unknown."""
        async with self._store.read() as connection:
            register = await read(connection, id, self._secret)
        info = register.seen_by(person) if register else None
        if info is None:
            raise Unknown
        return info

    async def _taught(self, connection: AsyncConnection, id: str, teacher: str) -> Register:
        """The class, for one who teaches it. Raises Unknown; Refused for a pupil."""
        register = await read(connection, id, self._secret)
        if register is None or register.seen_by(teacher) is None:
            raise Unknown
        if not register.teaches(teacher):
            raise Refused(403, "Only who teaches this class may do this.")
        return register

    # --- opening, joining, coming back --------------------------------------------------------------------------------

    async def create(self, title: str, teacher: Person) -> ClassInfo:
        """A class with a code on the wall."""
        async with self._store.write() as connection:
            id = await classes.create(connection, title, teacher.id, KEEP_DAYS)
            await self._new_code(connection, id, CODE_HOURS)
        return await self.seen(id, teacher.id)

    async def _new_code(self, connection: AsyncConnection, id: str, hours: float) -> None:
        turn = await classes.turn(connection, id)
        while True:
            turn += 1
            hashed = self._hashed(codes.class_code(self._secret, id, turn))
            if await classes.by_code(connection, hashed) is None:  # else another class has it: one in 10⁹
                break
        await classes.put(connection, id, code=hashed, turn=turn, code_ends=time.time() + hours * 3600)

    def _hashed(self, text: str) -> str:
        return people.token_hash(text, self._secret)

    async def _by_code(self, text: str) -> tuple[str, float, bool, bool]:
        """The class with this code. Raises Refused."""
        code = codes.typed(text)
        if code is None:
            raise Refused(404, "A code is six letters and digits, such as 7KQ2MD. O, I, L, 0 and 1 do not occur in it.")
        if wait := self._wrong_codes.wait(code):
            raise Refused(429, f"This was typed too often. Look at the code again, and wait {wait:.0f} seconds.")
        async with self._store.read() as connection:
            found = await classes.by_code(connection, self._hashed(code))
        if found is None:
            self._wrong_codes.failed(code)
            raise Refused(404, "No class has this code. Look at the wall once more: codes change.")
        return found

    async def join(self, code: str, name: str, person: Person) -> tuple[ClassInfo, Person]:
        """Comes in by the code, under a nickname. Raises Refused."""
        id, ends, locked, by_hand = await self._by_code(code)
        async with self._store.write() as connection:
            standing = await classes.standing(connection, id, person.id)
            if standing == "removed":
                raise Refused(403, "You were taken out of this class. Ask your teacher to let you in again.")
            if standing is None:
                if ends < time.time():
                    raise Refused(403, "This code has run out. Ask your teacher for a new one.")
                if locked:
                    raise Refused(403, "The door of this class is closed. Ask your teacher to open it.")
                if await classes.count(connection, id) >= MOST_MEMBERS:
                    raise Refused(403, f"This class is full: {MOST_MEMBERS} are in it.")
                await classes.join(connection, id, person.id, "pupil", "waiting" if by_hand else "in")
            members = await classes.members(connection, id)
            taken = {member.name.casefold() for member in members if member.id != person.id}
            person = person.model_copy(update={"name": _free(name, taken)})
            await people.rename(connection, person.id, person.name)
            await classes.put(connection, id, used=time.time())
            if standing is None and not by_hand:
                await self._supply(connection, id, person.id)
        await self.tell(id)
        return await self.seen(id, person.id), person

    async def come_back(self, code: str, words: Sequence[str]) -> tuple[str, str]:
        """(class, person) of a return card. Raises Refused."""
        id, *_ = await self._by_code(code)
        if wait := self._wrong_cards.wait(id):
            raise Refused(429, f"Too many wrong cards were tried in this class. Wait {wait:.0f} seconds.")
        async with self._store.read() as connection:
            person = await classes.by_card(connection, id, self._hashed(codes.typed_words(list(words))))
        if person is None:
            self._wrong_cards.failed(id)
            raise Refused(404, "No card of this class has these words. Ask your teacher for a new card.")
        return id, person

    async def moved(self, person: str, token: str) -> None:
        """From now on the person is who holds this cookie; the old device is signed out."""
        async with self._store.write() as connection:
            await people.put_token(connection, person, people.token_hash(token, self._secret))

    # --- what a teacher does ------------------------------------------------------------------------------------------

    async def change(self, id: str, teacher: str, values: dict[str, Any], code_hours: float | None) -> ClassInfo:
        """Title, door, freezing, days; ``code_hours``: a new code that lives so long, 0: none. Raises Refused."""
        async with self._store.write() as connection:
            before = await self._taught(connection, id, teacher)
            if values:
                await classes.put(connection, id, **values)
            if code_hours is not None:
                if code_hours > 0:
                    await self._new_code(connection, id, code_hours)
                else:
                    await classes.put(connection, id, code=None, code_ends=0.0)
        await self.tell(id)
        if "frozen" in values and bool(values["frozen"]) != before.whole.frozen:
            await self._roles(before.boards)
        return await self.seen(id, teacher)

    async def spotlight(self, id: str, teacher: str, board: BoardInfo | None, named: bool) -> ClassInfo:
        """Puts a board that the teacher sees on every screen of the class, to be looked at; None: none any more.
        Raises Refused."""
        async with self._store.write() as connection:
            register = await self._taught(connection, id, teacher)
            before = register.whole.spotlight
            light = None
            if board is not None:
                given = register.boards.get(board.id)
                who = (
                    [register.members[each].name for each in given.people if each in register.members] if given else []
                )
                light = Spotlight(board=board.id, title=board.title, by=", ".join(who) if named else "")
            text = light.model_dump_json() if light else ""
            await classes.put(connection, id, spotlight=text, lit=light.board if light else "", used=time.time())
        await self.tell(id)
        await self._roles({each.board for each in (before, light) if each is not None})
        return await self.seen(id, teacher)

    async def remove(self, id: str, teacher: str) -> None:
        """Ends the class and deletes what was made in it. Raises Refused."""
        async with self._store.read() as connection:
            register = await self._taught(connection, id, teacher)
        if register.members[teacher].role != "teacher":
            raise Refused(403, "Only who opened this class may end it.")
        await self._delete(id, list(register.boards))

    async def _delete(self, id: str, made: list[str]) -> None:
        async with self._house.parting(made), self._store.write() as connection:
            await classes.remove(connection, id)
        await self.tell(id)

    async def change_member(self, id: str, teacher: str, person: str, values: dict[str, Any]) -> Person | None:
        """Lets somebody in, sends them away, makes them a helper, gives them another name; them, where they got one.
        Raises Refused."""
        renamed = None
        async with self._store.write() as connection:
            register = await self._taught(connection, id, teacher)
            member = register.members.get(person)
            if member is None and not (
                values.get("standing") == "in" and await classes.standing(connection, id, person) == "removed"
            ):
                raise Refused(404, "There is nobody like that in this class.")
            if member is not None and member.role == "teacher":
                raise Refused(403, "Who opened the class stays in it, and teaches.")
            if "role" in values and register.members[teacher].role != "teacher":
                raise Refused(403, "Only who opened this class says who else teaches it.")
            if (name := values.pop("name", None)) is not None:
                taken = {each.name.casefold() for each in register.members.values() if each.id != person}
                renamed = await people.by_id(connection, person)
                if renamed is not None:
                    renamed = renamed.model_copy(update={"name": _free(name, taken)})
                    await people.rename(connection, person, renamed.name)
            if values:
                await classes.put_member(connection, id, person, **values)
            if values.get("standing") == "in":
                await self._supply(connection, id, person)
        await self.tell(id)
        await self._roles(register.boards)
        return renamed

    async def leave_class(self, id: str, person: str) -> None:
        """A member goes for good; their boards stay with the class. Raises Refused."""
        async with self._store.write() as connection:
            register = await read(connection, id, self._secret)
            if register is None or person not in register.members:
                raise Unknown
            if register.members[person].role == "teacher":
                raise Refused(403, "Who opened the class cannot leave it; they can end it.")
            await classes.put_member(connection, id, person, standing="removed", card="")
        await self.tell(id)
        await self._roles(register.boards)

    async def card(self, id: str, teacher: str, person: str) -> ReturnCard:
        """A new return card; the one before is void. Raises Refused."""
        words = codes.card_words()
        async with self._store.write() as connection:
            register = await self._taught(connection, id, teacher)
            member = register.members.get(person)
            if member is None or member.role == "teacher":
                raise Refused(404, "There is no pupil like that in this class.")
            await classes.put_member(connection, id, person, card=self._hashed(codes.typed_words(words)))
        return ReturnCard(name=member.name, words=words)

    # --- handing out --------------------------------------------------------------------------------------------------

    async def hand_out(
        self, id: str, teacher: str, document: Document, kind: HandoutKind, groups: Sequence[Sequence[str]]
    ) -> ClassInfo:
        """Gives a board to all: a copy each, one for each group, or one for everyone. Raises Refused."""
        model = await asyncio.to_thread(handing.model, document)
        async with self._store.write() as connection:
            register = await self._taught(connection, id, teacher)
            if len(register.handouts) >= MOST_HANDOUTS:
                raise Refused(403, f"A class has at most {MOST_HANDOUTS} handouts. Take one back first.")
            await handing.hand_out(connection, register, document, model, kind, groups)
            await classes.put(connection, id, used=time.time())
        await self.tell(id)
        return await self.seen(id, teacher)

    async def take_back(self, id: str, teacher: str, handout: str) -> ClassInfo:
        """Deletes a handout with everything that was made of it. Raises Refused."""
        async with self._store.read() as connection:
            register = await self._taught(connection, id, teacher)
        if handout not in register.handouts:
            raise Refused(404, "This is not handed out.")
        made = [board for board, given in register.boards.items() if given.handout == handout]
        async with self._house.parting(made), self._store.write() as connection:
            await classes.take_back(connection, handout)
        await self.tell(id)
        return await self.seen(id, teacher)

    async def hand_out_change(self, id: str, teacher: str, handout: str, document: Document) -> Revision:
        """Brings what is different in the board now onto every copy, and leaves what pupils made. Raises Refused."""
        async with self._store.write() as connection:
            register = await self._taught(connection, id, teacher)
            if handout not in register.handouts:
                raise Refused(404, "This is not handed out.")
            text = pydantic_core.to_json(document.dump())
            await classes.put_handout(connection, handout, text, handing.title(document))
            await classes.put(connection, id, used=time.time())
        before = raw(load(pydantic_core.from_json(register.handouts[handout][1])))
        now = raw(document)
        told = Revision()
        for board, given in register.boards.items():
            if given.handout != handout:
                continue
            try:
                kept = await self._house.revise(board, before, now)
            except LookupError:
                continue
            except ValueError:
                told.refused += 1
                continue
            told.boards += 1
            told.kept += kept > 0
        await self.tell(id)
        return told

    async def _supply(self, connection: AsyncConnection, id: str, newcomer: str) -> None:
        register = await read(connection, id, self._secret)
        assert register is not None
        await handing.supply(connection, register, newcomer)

    # --- who hears ----------------------------------------------------------------------------------------------------

    async def enter(self, id: str, person: Person) -> tuple[Hall, Listener]:
        """A place to hear what happens in a class. Raises Unknown."""
        async with self._store.read() as connection:
            register = await read(connection, id, self._secret)
        if register is None:
            raise Unknown
        hall = self._halls.setdefault(id, Hall(register))
        hall.update(register)
        listener = Listener(person)
        if not hall.enter(listener):
            self._tidy(id)
            raise Unknown
        return hall, listener

    def leave(self, id: str, hall: Hall, listener: Listener) -> None:
        hall.leave(listener)
        self._tidy(id)

    def _tidy(self, id: str) -> None:
        hall = self._halls.get(id)
        if hall is None:
            return
        if not hall.wall_shown and (wall := self._walls.pop(id, None)) is not None:
            wall.away()
        if hall.is_empty:
            del self._halls[id]

    def show_wall(self, id: str, hall: Hall, listener: Listener, shown: bool) -> None:
        """A teacher looks at the wall, or away."""
        hall.show_wall(listener, shown)
        if listener.wall_shown:
            wall = self._walls.get(id)
            if wall is None:
                wall = self._walls[id] = Wall(hall, self._house)
            wall.look()
        self._tidy(id)

    def touched(self, board: str) -> None:
        """Something happened on a board, of whatever class."""
        for wall in self._walls.values():
            wall.touch(board)

    async def tell(self, id: str) -> None:
        """The class as it is kept has changed: everybody who has it open hears."""
        if id not in self._halls:
            return
        async with self._store.read() as connection:
            register = await read(connection, id, self._secret)
        hall = self._halls.get(id)
        if hall is None:
            return
        hall.update(register or hall.register.nobody())
        if (wall := self._walls.get(id)) is not None:
            wall.look()  # there may be new boards
        self._tidy(id)

    async def _roles(self, made: Iterable[str]) -> None:
        for board in made:
            await self._house.roles_changed(board)

    # --- time ---------------------------------------------------------------------------------------------------------

    async def _sweep(self) -> None:
        """Deletes classes whose time is over."""
        while True:
            try:
                await self.expire(time.time())
            except Exception:
                log.exception("old classes could not be deleted")
            await asyncio.sleep(SWEEP)

    async def expire(self, now: float) -> list[str]:
        """Deletes classes that were last used longer ago than they are kept; their ids. ``now``: seconds since 1970."""
        async with self._store.read() as connection:
            over = await classes.unused_since(connection, now)
            made = {id: [given.board for given in await classes.given(connection, id)] for id in over}
        for id in over:
            await self._delete(id, made[id])
        return over


def _free(name: str, taken: set[str]) -> str:
    """The nickname, with a number behind it where somebody in the class is called so already."""
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name[: 40 - len(str(number)) - 1]} {number}"
    return candidate
