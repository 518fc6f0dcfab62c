"""One socket in a class: who hears there, and what they are still to be told.

As on a board (``boards/seat.py``), what waits is state and not messages: of the class, of each member and of each card
only the latest is kept, so one who reads slowly costs a bounded amount of memory and the others no time.
"""

from __future__ import annotations

import asyncio
from typing import Final

from chalknet.wire import Person
from chalknet.wire.classes import (
    Card,
    ClassChanged,
    ClassInfo,
    ClassMember,
    ClassWelcome,
    MembersChanged,
    WallChanged,
)


class Listener:
    """``take`` gives what is due; the socket's own task sends it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.info: ClassInfo | None = None
        self.wall_shown = False
        self.closing: tuple[int, str] | None = None
        self.hurry: Final = asyncio.Event()
        """The end must not wait until what is due has been sent."""
        self._wake: Final = asyncio.Event()
        self._welcome = False
        self._changed = False
        self._members: dict[str, ClassMember | None] = {}
        self._cards: dict[str, Card | None] = {}

    @property
    def teaches(self) -> bool:
        return self.info is not None and self.info.role != "pupil" and self.info.standing == "in"

    def welcome(self, info: ClassInfo) -> None:
        self.info = info
        self._welcome = True
        self._wake.set()

    def changed(self, info: ClassInfo) -> None:
        """What this member may know of the class; counts from now on."""
        if info != self.info:
            self.info = info
            self._changed = True
            self._wake.set()

    def member(self, id: str, member: ClassMember | None) -> None:
        """A member is new, changed, or (None) gone. Pupils hear of themselves and of who teaches."""
        if self.teaches or id == self.person.id or (member is not None and member.role != "pupil"):
            self._members[id] = member
            self._wake.set()

    def card(self, board: str, card: Card | None) -> None:
        if self.teaches and self.wall_shown:
            self._cards[board] = card
            self._wake.set()

    def close(self, code: int, words: str) -> None:
        if self.closing is None:
            self.closing = (code, words)
            self._wake.set()

    async def due(self) -> None:
        """Returns when there is something to take, or the socket is to close."""
        await self._wake.wait()

    def take(self) -> list[str]:
        """Everything that is due, in the order in which it is to be sent."""
        self._wake.clear()
        out: list[str] = []
        if self.info is None:
            return out
        if self._welcome:
            members = [member for member in self._members.values() if member]
            out.append(ClassWelcome(you=self.person.id, info=self.info, members=members).model_dump_json())
        else:
            if self._changed:
                out.append(ClassChanged(info=self.info).model_dump_json())
            if self._members:
                here = [member for member in self._members.values() if member]
                gone = [id for id, member in self._members.items() if member is None]
                out.append(MembersChanged(members=here, gone=gone).model_dump_json())
        if self._cards:
            shown = [card for card in self._cards.values() if card]
            gone = [board for board, card in self._cards.items() if card is None]
            out.append(WallChanged(cards=shown, gone=gone).model_dump_json())
        self._welcome = self._changed = False
        self._members, self._cards = {}, {}
        return out
