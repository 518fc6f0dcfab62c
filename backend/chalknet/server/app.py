"""The application: everything is put together here, and taken apart again at the end."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from chalknet.boards.rooms import Rooms
from chalknet.classes.classroom import Classroom
from chalknet.server import assets, errors, pages, schema
from chalknet.server.data_title import data_title
from chalknet.server.grounds import Grounds
from chalknet.server.guard import Guard
from chalknet.server.house import House
from chalknet.server.library import Library
from chalknet.server.routes import (
    boards,
    catalogue,
    classes,
    compare,
    data,
    exports,
    graph,
    health,
    people,
    questions,
    results,
    runs,
    sweeps,
    verdict,
)
from chalknet.server.settings import Settings
from chalknet.server.sockets import board as board_socket
from chalknet.server.sockets import classes as class_socket
from chalknet.server.sockets import run as run_socket
from chalknet.server.sweeps import Sweeps
from chalknet.server.training import Training
from chalknet.store.database import Store
from chalknet.store.files import Files


def create_app(settings: Settings) -> FastAPI:
    """The server with these settings. Raises Misconfigured."""
    settings.check()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        files = Files(settings.data)
        files.open()
        store = Store(settings.database)
        async with AsyncExitStack() as opened:
            await store.open()
            opened.push_async_callback(store.close)
            library = Library(store, files, settings.mirror)
            library.open()
            opened.push_async_callback(library.close)
            rooms = Rooms(store, data_title)
            training = Training(store, files, rooms)
            opened.push_async_callback(training.close)
            await training.open()
            opened.push_async_callback(rooms.close)
            sweeping = Sweeps(store, training)
            opened.push_async_callback(sweeping.close)
            await sweeping.open()
            classroom = Classroom(store, settings.secret, Grounds(store, rooms, training))
            rooms.told.append(classroom.touched)
            opened.push_async_callback(classroom.close)
            await classroom.open()
            app.state.house = House(settings, store, files, rooms, training, library, sweeping, classroom, time.time())
            yield

    app = FastAPI(
        title="Chalknet",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.add_middleware(Guard, settings=settings)
    errors.install(app)
    routes = (
        people,
        catalogue,
        graph,
        boards,
        data,
        runs,
        questions,
        results,
        verdict,
        sweeps,
        compare,
        exports,
        classes,
        health,
    )
    for part in (*routes, pages, assets, board_socket, run_socket, class_socket):
        app.include_router(part.router)
    schema.install(app)
    return app
