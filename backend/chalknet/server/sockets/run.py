"""The socket of a run: what happens as text, pictures in binary frames; commands come in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, WebSocket
from pydantic import ValidationError

from chalknet.boards.seat import FORBIDDEN, UNKNOWN
from chalknet.server.house import House
from chalknet.server.sockets.line import Line, greeted
from chalknet.server.training import Watcher
from chalknet.store import boards
from chalknet.wire import run_command

router = APIRouter()

MOST_COMMAND = 100_000
"""Bytes of one command."""


class _Rude(Exception):
    """What came is no command, or not this watcher's to give."""


@router.websocket("/ws/runs/{run}")
async def run_socket(websocket: WebSocket, run: str, since: Annotated[str, Query(max_length=20)] = "") -> None:
    """``since``: the number of the last event that was seen before the line broke; empty at first."""
    house: House = websocket.app.state.house
    here = await greeted(websocket)
    if here is None:
        return
    line, person = here
    summary = await house.training.find(run)
    info = None
    if summary is not None:
        async with house.store.read() as connection:
            info = await boards.find(connection, summary.board, person.id)
    if summary is None or info is None:
        await line.close(UNKNOWN, "There is no such run, or its board is not shared with you.")
        return
    seen = int(since) if since.isascii() and since.isdigit() else None
    watcher = await house.training.watch(summary, person, info.role, seen)
    try:
        await line.hold(_listen(line, house, run, watcher), _speak(line, watcher), until=watcher.gone)
    except _Rude as error:
        await line.close(FORBIDDEN, str(error))
    finally:
        house.training.leave(summary, watcher)
    if watcher.gone.is_set():
        await line.close(*watcher.farewell)


async def _listen(line: Line, house: House, run: str, watcher: Watcher) -> None:
    async for message in line.messages():
        if isinstance(message, bytes) or len(message) > MOST_COMMAND:
            raise _Rude("A command is a short text.")
        try:
            command = run_command.validate_json(message)
        except ValidationError:
            raise _Rude("This is no command that is known here.") from None
        if not house.training.command(run, watcher, command):
            raise _Rude("You may watch this run, but not command it.")


async def _speak(line: Line, watcher: Watcher) -> None:
    while True:
        await line.send(await watcher.subscriber.next())
