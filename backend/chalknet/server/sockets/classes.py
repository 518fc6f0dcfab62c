"""The socket of a class: what happens in it as text; a raised hand comes in."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket
from pydantic import ValidationError

from chalknet.boards.seat import FORBIDDEN
from chalknet.classes.classroom import Unknown
from chalknet.classes.hall import NO_CLASS, UNKNOWN, Hall
from chalknet.classes.listener import Listener
from chalknet.server.house import House
from chalknet.server.sockets.line import Line, greeted
from chalknet.wire.classes import RaiseHand, class_command

router = APIRouter()

MOST_COMMAND = 1_000
"""Bytes of one command."""


@router.websocket("/ws/classes/{klass}")
async def class_socket(websocket: WebSocket, klass: str) -> None:
    house: House = websocket.app.state.house
    here = await greeted(websocket)
    if here is None:
        return
    line, person = here
    try:
        hall, listener = await house.classroom.enter(klass, person)
    except Unknown:
        await line.close(UNKNOWN, NO_CLASS)
        return
    try:
        await line.hold(_listen(line, house, hall, listener), _speak(line, listener), until=listener.hurry)
    finally:
        house.classroom.leave(klass, hall, listener)
    if listener.closing:
        await line.close(*listener.closing)


async def _listen(line: Line, house: House, hall: Hall, listener: Listener) -> None:
    async for message in line.messages():
        try:
            if isinstance(message, bytes) or len(message) > MOST_COMMAND:
                raise ValueError
            command = class_command.validate_json(message)
        except (ValidationError, ValueError):
            listener.close(FORBIDDEN, "This is no command that is known here.")
            return
        if isinstance(command, RaiseHand):
            hall.raise_hand(listener.person.id, command.up)
        else:
            house.classroom.show_wall(hall.register.whole.id, hall, listener, command.shown)


async def _speak(line: Line, listener: Listener) -> None:
    while True:
        await listener.due()
        for message in listener.take():
            await line.send(message)
        if listener.closing:
            return
