"""Runs the server until it is told to stop."""

from __future__ import annotations

import gc
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from chalknet.boards.room import MOST_FRAME
from chalknet.server.app import create_app
from chalknet.server.lingering import LingeringProtocol
from chalknet.server.settings import Misconfigured, Settings
from chalknet.store.migrate import TooNew

BACKLOG = 512
RARELY = (20_000, 20, 20)
"""How rarely garbage is looked for: an inference of a large board makes 10,000 objects that live for a moment, and
a look at all that a server holds takes longer than the inference."""
GRACE = 3
"""Seconds that requests under way are given when the server stops."""


def serve(settings: Settings) -> None:
    """Listens until SIGINT or SIGTERM. Raises Misconfigured where it cannot start, in words."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = create_app(settings)
    listener = _listen(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        app,
        loop="auto" if sys.platform == "win32" else "uvloop",
        http="httptools",
        ws=LingeringProtocol,
        ws_per_message_deflate=False,
        ws_max_size=MOST_FRAME + 64,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        backlog=BACKLOG,
    )
    server = _Server(config, app, f"Chalknet listens on http://{shown}:{port}/  (Ctrl-C stops it)")
    try:
        server.run(sockets=[listener])
    except TooNew as error:
        raise Misconfigured(str(error)) from None
    except SQLAlchemyError as error:
        words = str(error.__cause__ or error).strip().splitlines()[0]
        url = make_url(settings.database).render_as_string(hide_password=True)
        raise Misconfigured(f"The database {url} cannot be used: {words}") from None
    finally:
        listener.close()


class _Server(uvicorn.Server):
    """Opens the application before it listens, so that what keeps it from starting is raised; says where it listens."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, greeting: str) -> None:
        super().__init__(config)
        self._life = app.router.lifespan_context(app)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._life.__aenter__()
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is here now stays: later collections need not look at it
        gc.set_threshold(*RARELY)
        print(self._greeting, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._life.__aexit__(None, None, None)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"Chalknet cannot listen on port {port} of {host}: {error.strerror}. CHALKNET_PORT names another port."
        ) from None
    return listener
