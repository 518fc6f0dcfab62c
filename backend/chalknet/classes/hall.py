"""A class that somebody has open: who hears there, whose hand is up, and the wall."""

from __future__ import annotations

import time
from collections.abc import Iterable

from chalknet.classes.listener import Listener
from chalknet.classes.register import Register
from chalknet.wire.classes import Card, ClassMember

UNKNOWN = 4404
NO_CLASS = "There is no such class, or you are not in it any more."


class Hall:
    """Everything is told as state: what is asked again gets the same answer."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.cards: dict[str, Card] = {}
        """What the wall shows; kept while a teacher looks at it."""
        self._listeners: set[Listener] = set()
        self._hands: dict[str, float] = {}

    @property
    def listeners(self) -> Iterable[Listener]:
        return tuple(self._listeners)

    @property
    def is_empty(self) -> bool:
        return not self._listeners

    @property
    def wall_shown(self) -> bool:
        return any(listener.teaches and listener.wall_shown for listener in self._listeners)

    def enter(self, listener: Listener) -> bool:
        """Whether this person may be here."""
        info = self.register.seen_by(listener.person.id)
        if info is None:
            listener.close(UNKNOWN, NO_CLASS)
            return False
        self._listeners.add(listener)
        listener.welcome(info)
        for id in self.register.members:
            listener.member(id, self._member(id))
        self._tell(listener.person.id)
        return True

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._tell(listener.person.id)

    def update(self, register: Register) -> None:
        """The class as it is kept has changed."""
        before, self.register = self.register, register
        for listener in list(self._listeners):
            taught = listener.teaches
            info = register.seen_by(listener.person.id)
            if info is None:
                self._listeners.discard(listener)
                listener.close(UNKNOWN, NO_CLASS)
                continue
            listener.changed(info)
            if listener.teaches != taught:  # now they may see all, or no longer
                for id in before.members.keys() | register.members.keys():
                    listener.member(id, self._member(id))
        for id in before.members.keys() | register.members.keys():
            if before.members.get(id) != register.members.get(id):
                if id not in register.members:
                    self._hands.pop(id, None)
                self._tell(id)
        for board in self.cards.keys() - register.boards.keys():
            del self.cards[board]
            for listener in self._listeners:
                listener.card(board, None)

    def raise_hand(self, person: str, up: bool) -> None:
        """Of one who is in; who waits at the door has no hand yet."""
        member = self.register.members.get(person)
        if member is None or member.standing != "in":
            return
        if up:
            self._hands.setdefault(person, time.time())
        else:
            self._hands.pop(person, None)
        self._tell(person)

    def show_wall(self, listener: Listener, shown: bool) -> None:
        """A teacher looks at the wall, or away. Who looks gets what is known of every card."""
        listener.wall_shown = shown and listener.teaches
        if listener.wall_shown:
            for board, card in self.cards.items():
                listener.card(board, card)

    def put(self, card: Card) -> None:
        """A card as it is now."""
        if card.board in self.register.boards and self.cards.get(card.board) != card:
            self.cards[card.board] = card
            for listener in self._listeners:
                listener.card(card.board, card)

    def _member(self, id: str) -> ClassMember | None:
        member = self.register.members.get(id)
        if member is None:
            return None
        here = any(listener.person.id == id for listener in self._listeners)
        return member.model_copy(update={"here": here, "hand": self._hands.get(id, 0.0)})

    def _tell(self, id: str) -> None:
        member = self._member(id)
        for listener in self._listeners:
            listener.member(id, member)
