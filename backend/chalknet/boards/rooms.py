"""The rooms that are open: one for every board that somebody looks at, for as long as somebody does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from pycrdt import Doc

from chalknet.boards import binding
from chalknet.boards.room import Broken, Room
from chalknet.boards.seat import FORBIDDEN, UNKNOWN, Seat
from chalknet.graph.document import Document
from chalknet.graph.facts import Inference
from chalknet.store import boards, openings, runs, updates
from chalknet.store.database import Store
from chalknet.wire import Person, RunSummary

log = logging.getLogger(__name__)

RUNS_TOLD = 20
"""Runs of a board that one who comes in is told of."""

DataTitle = Callable[[Document], str]
"""What a board's data is called in a list."""


class Unknown(LookupError):
    """There is no such board, or this person has no access to it."""


class Rooms:
    """A board's room is entered into the table before anything is awaited, so that two who come at once share one."""

    def __init__(self, store: Store, data_title: DataTitle) -> None:
        self._store = store
        self._data_title = data_title
        self.told: list[Callable[[str], None]] = []
        """Called with a board's id when an edit of it is kept, or one of its runs goes on."""
        self._rooms: dict[str, asyncio.Task[Room]] = {}
        self._guests: dict[str, set[Seat]] = {}
        self._listed: dict[str, tuple[str, int, str]] = {}
        self._chores: set[asyncio.Task[None]] = set()

    # --- coming and going ---------------------------------------------------------------------------------------------

    async def enter(self, board: str, person: Person) -> tuple[Room, Seat]:
        """A seat in the board's room. Raises Unknown."""
        seat = Seat(person)
        guests = self._guests.setdefault(board, set())
        guests.add(seat)
        try:
            room = await self._opened(board)
            async with self._store.read() as connection:
                info = await boards.find(connection, board, person.id)
                known = await runs.of_board(connection, board, RUNS_TOLD)
            if info is None:
                raise Unknown(board)
        except BaseException:
            self.leave(board, seat)
            raise
        seat.welcome(seat.board or info, known)  # sharing may have changed since the question was asked
        room.sit(seat)
        return room, seat

    def leave(self, board: str, seat: Seat) -> None:
        """Takes a seat away; the last one puts the light out."""
        guests = self._guests.get(board, set())
        guests.discard(seat)
        room = self.open_room(board)
        if room is not None:
            room.leave(seat)
        if not guests:
            opening = self._rooms.get(board)
            if opening is None:
                self._guests.pop(board, None)
            else:
                self._do(self._retire(board, opening))

    async def _opened(self, board: str) -> Room:
        opening = self._rooms.get(board)
        if opening is None:
            opening = self._rooms[board] = asyncio.create_task(self._open(board))
        return await asyncio.shield(opening)

    async def _open(self, board: str) -> Room:
        try:
            async with self._store.read() as connection:
                kept = await updates.load(connection, board)
                tested = await openings.of_board(connection, board)
            if kept is None:
                raise Unknown(board)
            base, tail = kept

            async def append(data: bytes, whole: bool) -> None:
                async with self._store.write() as connection:
                    await (updates.compact if whole else updates.append)(connection, board, data)
                self._pass_on(board)

            def learn(document: Document, inference: Inference) -> None:
                self._learn(board, document, inference)

            return Room(base, tail, append, learn, [each.trained for each in tested])
        except BaseException:
            self._rooms.pop(board, None)
            raise

    async def _retire(self, board: str, opening: asyncio.Task[Room]) -> None:
        """Closes a room that is empty, unless somebody comes in meanwhile."""
        await asyncio.wait([opening])
        room = self.open_room(board)
        if room is None:
            return
        with contextlib.suppress(Broken):
            await room.settle()
        if not self._guests.get(board) and self._rooms.get(board) is opening:
            self._forget(board, room)

    def _forget(self, board: str, room: Room) -> None:
        """Without a pause between these: who comes in now finds either this room or none."""
        del self._rooms[board]
        self._guests.pop(board, None)
        self._listed.pop(board, None)
        room.end()

    def _do(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._chores.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a board's chore failed", exc_info=error)

    async def close(self) -> None:
        """Sends everybody away and keeps what is not kept yet."""
        for guests in list(self._guests.values()):
            for seat in list(guests):
                seat.close(1001, "The server stops.")
        for board, opening in list(self._rooms.items()):
            await self._retire_now(board, opening)
        if self._chores:
            await asyncio.wait(set(self._chores))

    async def _retire_now(self, board: str, opening: asyncio.Task[Room]) -> None:
        await asyncio.wait([opening])
        room = self.open_room(board)
        if room is not None:
            with contextlib.suppress(Broken):
                await room.settle()
            if self._rooms.get(board) is opening:
                self._forget(board, room)

    # --- what is known of boards --------------------------------------------------------------------------------------

    @property
    def open_boards(self) -> int:
        return len(self._rooms)

    @property
    def guests(self) -> int:
        """Sockets on all boards."""
        return sum(map(len, self._guests.values()))

    def open_room(self, board: str) -> Room | None:
        """The room of a board that somebody has open now."""
        opening = self._rooms.get(board)
        if opening is None or not opening.done() or opening.cancelled() or opening.exception() is not None:
            return None
        return opening.result()

    def _learn(self, board: str, document: Document, inference: Inference) -> None:
        listed = (document.title, inference.parameters, self._data_title(document))
        if self._listed.get(board) != listed:
            self._listed[board] = listed
            self._do(self._describe(board, *listed))

    async def _describe(self, board: str, title: str, parameters: int, data: str) -> None:
        async with self._store.write() as connection:
            await boards.describe(connection, board, title, parameters, data)
        for seat in self._guests.get(board, ()):
            if seat.board is not None and seat.board.title != title:
                seat.changed(seat.board.model_copy(update={"title": title}))

    # --- what happens elsewhere and is told here ----------------------------------------------------------------------

    async def roles_changed(self, board: str) -> None:
        """Lets a change of sharing act on everybody who has the board open: at once."""
        for seat in list(self._guests.get(board, ())):
            async with self._store.read() as connection:
                info = await boards.find(connection, board, seat.person.id)
            if info is None:
                seat.close(FORBIDDEN, "You have no access to this board any more.")
            else:
                seat.changed(info)

    def removed(self, board: str) -> None:
        """The board is gone."""
        for seat in list(self._guests.get(board, ())):
            seat.close(UNKNOWN, "This board has been deleted.")

    def renamed(self, person: Person) -> None:
        for board, guests in self._guests.items():
            room = self.open_room(board)
            for seat in guests:
                if seat.person.id == person.id:
                    seat.person = person
                    if room is not None:
                        room.renamed(seat)

    def tell_run(self, summary: RunSummary) -> None:
        """A run of a board is new or has changed."""
        self._pass_on(summary.board)
        for seat in self._guests.get(summary.board, ()):
            if seat.board is not None:
                seat.run(summary)

    def tell_gone(self, board: str, run: str) -> None:
        """A run of a board was deleted."""
        for seat in self._guests.get(board, ()):
            if seat.board is not None:
                seat.gone(run)

    def opened(self, board: str, trained: str) -> None:
        """The test samples were opened for what the board was then (``Document.hash(seed=False)``)."""
        room = self.open_room(board)
        if room is not None:
            room.opened(trained)

    def _pass_on(self, board: str) -> None:
        for hear in self.told:
            hear(board)

    async def edit(self, board: str, change: Callable[[Doc], Any]) -> Any:
        """Changes a board on the server, whether somebody has it open or not; what ``change`` gave, when it is on disk.
        Raises Unknown; update.Refusal where the board would be too large."""
        nobody = Seat(Person(id="", name="", color=""))
        self._guests.setdefault(board, set()).add(nobody)
        try:
            room = await self._opened(board)
            given = room.edit(change)
            await room.settle()
            return given
        finally:
            self.leave(board, nobody)

    async def text(self, board: str) -> bytes | None:
        """The board's JSON as it is now; None when there is no such board."""
        room = self.open_room(board)
        if room is not None:
            return room.text
        async with self._store.read() as connection:
            kept = await updates.load(connection, board)
        return None if kept is None else _text(*kept)


def _text(base: bytes, tail: list[bytes]) -> bytes:
    doc = binding.new_doc()
    for data in (base, *tail):
        doc.apply_update(data)
    return binding.text(doc)
