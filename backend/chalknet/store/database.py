"""The database behind its URL: one place that knows how SQLite and PostgreSQL differ."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chalknet.store import migrate

READERS = 4
BUSY_MS = 10_000
"""How long SQLite waits for another process (a backup, a second server) that holds its lock."""


class Store:
    """Connections to one database. ``read`` and ``write`` each give a transaction.

    SQLite has one writer: all writes of this process pass through a single connection that begins with ``IMMEDIATE``,
    so that a read which turns into a write never fails half-way. Commits are ``synchronous=FULL``: what was
    acknowledged survives a power cut.
    """

    def __init__(self, url: str) -> None:
        self.url = _driver(make_url(url))
        self._reader: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    async def open(self) -> None:
        """Connects and brings the tables up to date. Raises migrate.TooNew, or the driver's error."""
        if self.is_sqlite:
            if self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self._writer = _sqlite(self.url, 1, "BEGIN IMMEDIATE")
            self._reader = _sqlite(self.url, READERS, "BEGIN")
        else:
            self._writer = self._reader = create_async_engine(self.url, pool_size=READERS, pool_pre_ping=True)
        try:
            async with self.write() as connection:
                await migrate.upgrade(connection)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        for engine in {self._reader, self._writer} - {None}:
            assert engine is not None
            await engine.dispose()
        self._reader = self._writer = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        assert self._reader is not None, "the store is not open"
        async with self._reader.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction; its end is durable."""
        assert self._writer is not None, "the store is not open"
        async with self._writer.begin() as connection:
            yield connection


def _driver(url: URL) -> URL:
    """The asynchronous driver for a URL that names only the database."""
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    return url.set(drivername=drivers.get(url.drivername, url.drivername))


def _sqlite(url: URL, size: int, begin: str) -> AsyncEngine:
    engine = create_async_engine(url, pool_size=size, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, record: object) -> None:
        # The driver would begin transactions by itself, and only before a write.
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, value in (
            ("journal_mode", "WAL"),
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            ("busy_timeout", BUSY_MS),
        ):
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
