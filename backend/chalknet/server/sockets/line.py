"""A web socket with what both kinds of socket need: messages one by one, an orderly end, no wait for the stuck."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from chalknet.server.identity import known
from chalknet.wire import Person

STRANGER = 4401
CLOSING = 2.0
"""Seconds that one who does not read may delay their own end."""


class Line:
    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._gone = False

    async def messages(self) -> AsyncIterator[str | bytes]:
        """What comes in, until the other side closes."""
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self._gone = True
                return
            data = message.get("bytes")
            yield message["text"] if data is None else data

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            await self._websocket.send_text(message)
        else:
            await self._websocket.send_bytes(message)

    async def hold(self, *parts: Coroutine[Any, Any, None], until: asyncio.Event) -> None:
        """Runs the parts of a conversation until one ends, or the event cuts it short; raises what they raised."""
        tasks = [asyncio.ensure_future(part) for part in parts]
        cut = asyncio.ensure_future(until.wait())
        try:
            await asyncio.wait([*tasks, cut], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, cut):
                task.cancel()
            results = await asyncio.gather(*tasks, cut, return_exceptions=True)
        for result in results:
            if isinstance(result, WebSocketDisconnect | OSError):
                self._gone = True
            elif isinstance(result, Exception):
                raise result

    async def close(self, code: int, words: str) -> None:
        """Says why and goes."""
        if self._gone:
            return
        reason = words.encode()[:120].decode(errors="ignore")
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSING):
                await self._websocket.close(code, reason)


async def greeted(websocket: WebSocket) -> tuple[Line, Person] | None:
    """The socket, opened, and who is on it; None where nobody is known: they were told so, and sent away."""
    person = await known(websocket)
    await websocket.accept()
    line = Line(websocket)
    if person is None:
        await line.close(STRANGER, "Load the page first: it says who you are.")
        return None
    return line, person
