"""Questions that a process was asked and has not answered yet."""

from __future__ import annotations

import asyncio
from itertools import count

from chalknet import wire
from chalknet.runtime.channel import Channel


class Unanswered(RuntimeError):
    """No answer came; the message says why."""


class Questions:
    """Of one process."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[bytes]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    async def ask(self, channel: Channel, question: wire.Asked, at: int = wire.NOW) -> bytes:
        """The answer, as ``wire.opened`` reads it. Raises Unanswered when the process ends before."""
        ask = wire.Ask(id=next(self._ids), question=question, at=at)
        coming: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[ask.id] = coming
        channel.send(ask.model_dump(mode="json"))
        try:
            return await coming
        finally:
            self._waiting.pop(ask.id, None)

    def hear(self, id: int, answer: bytes) -> None:
        coming = self._waiting.pop(id, None)
        if coming is not None and not coming.done():
            coming.set_result(answer)

    def lose(self) -> None:
        """The process has ended."""
        for coming in self._waiting.values():
            if not coming.done():
                coming.set_exception(Unanswered("The process that was asked has ended."))
        self._waiting.clear()
