"""Brings the tables of a database up to date at start. Alembic is imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

HEAD = "0006"
"""Newest revision under ``migrations/versions``."""

_LOCK = 0x6368616C6B
"""Any number that all servers agree on: two that start at once take turns (PostgreSQL)."""


class TooNew(RuntimeError):
    """The database was written by a newer Chalknet."""


async def upgrade(connection: AsyncConnection) -> None:
    """Runs what is missing, inside the caller's transaction: all of it or nothing."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if await connection.run_sync(revision) != HEAD:
        await connection.run_sync(_upgrade)


def revision(connection: Connection) -> str | None:
    """The revision that the database says it is at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    here = revision(connection)
    if here is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(here)
        except CommandError:
            raise TooNew(
                f"The database is at revision {here!r}; this Chalknet knows revisions up to {HEAD!r}. "
                "Start the newer Chalknet that wrote it, or name another database in CHALKNET_DATABASE_URL."
            ) from None
    command.upgrade(config, "head")
