"""The socket of a board: edits and cursors in binary frames, the server's events as text."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, WebSocket

from chalknet.boards.room import Room
from chalknet.boards.rooms import Unknown
from chalknet.boards.seat import FORBIDDEN, UNKNOWN, Seat
from chalknet.server.house import House
from chalknet.server.sockets.line import Line, greeted

router = APIRouter()


@router.websocket("/ws/boards/{board}")
async def board_socket(websocket: WebSocket, board: str) -> None:
    house: House = websocket.app.state.house
    here = await greeted(websocket)
    if here is None:
        return
    line, person = here
    try:
        room, seat = await house.rooms.enter(board, person)
    except Unknown:
        await line.close(UNKNOWN, "There is no such board, or it is not shared with you.")
        return
    try:
        await line.hold(_listen(line, room, seat), _speak(line, room, seat), until=seat.hurry)
    finally:
        house.rooms.leave(board, seat)
    if seat.closing:
        await line.close(*seat.closing)


async def _listen(line: Line, room: Room, seat: Seat) -> None:
    async for message in line.messages():
        if isinstance(message, str):
            seat.close(FORBIDDEN, "Nothing is said in text on this socket.")
        else:
            room.hear(seat, message)
        if seat.closing:
            # What is due is still sent; what still comes is not heard.
            await asyncio.Event().wait()


async def _speak(line: Line, room: Room, seat: Seat) -> None:
    while True:
        await seat.due()
        for message in seat.take(room.facts, room.presence):
            await line.send(message)
        if seat.closing:
            return
