"""Everything that lives as long as the server does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from chalknet.boards.rooms import Rooms
from chalknet.classes.classroom import Classroom
from chalknet.server.library import Library
from chalknet.server.settings import Settings
from chalknet.server.sweeps import Sweeps
from chalknet.server.training import Training
from chalknet.store.database import Store
from chalknet.store.files import Files


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    store: Store
    files: Files
    rooms: Rooms
    training: Training
    library: Library
    sweeps: Sweeps
    classroom: Classroom
    started: float
    """Seconds since 1970."""


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


TheHouse = Annotated[House, Depends(_house)]
