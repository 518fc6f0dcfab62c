"""What a class asks of the house round it: boards as they are, their runs, and that deleted ones are left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from chalknet.boards.rooms import Rooms
from chalknet.boards.update import Refusal
from chalknet.classes.revision import revise
from chalknet.server.training import Training
from chalknet.store import boards, runs
from chalknet.store.database import Store
from chalknet.wire import RunSummary


class Grounds:
    def __init__(self, store: Store, rooms: Rooms, training: Training) -> None:
        self._store = store
        self._rooms = rooms
        self._training = training

    @asynccontextmanager
    async def parting(self, made: list[str]) -> AsyncIterator[None]:
        async with self._store.read() as connection:
            theirs = [run for board in made for run in await runs.ids_of_board(connection, board)]
        await self._training.forget(theirs)
        yield
        for board in made:
            self._rooms.removed(board)

    async def roles_changed(self, board: str) -> None:
        await self._rooms.roles_changed(board)
        await self._training.roles_changed(board)

    async def revise(self, board: str, before: dict[str, Any], now: dict[str, Any]) -> int:
        try:
            kept: int = await self._rooms.edit(board, lambda doc: revise(doc, before, now))
        except Refusal as error:
            raise ValueError(str(error)) from None
        return kept

    async def text(self, board: str) -> bytes | None:
        return await self._rooms.text(board)

    async def newest_run(self, board: str) -> RunSummary | None:
        async with self._store.read() as connection:
            known = await runs.of_board(connection, board, 1)
        return self._training.now(known[0]) if known else None

    async def losses(self, run: RunSummary) -> list[float]:
        return [value for *_, value in await self._training.series(run, "train.loss")]

    async def edited(self, board: str) -> float:
        async with self._store.read() as connection:
            return await boards.edited(connection, board)
