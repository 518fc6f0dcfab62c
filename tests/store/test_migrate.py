"""A database is brought up to date at start: an empty one, one that is up to date, one from the future."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from chalknet.store import migrate
from chalknet.store.database import Store
from chalknet.store.tables import metadata

pytestmark = pytest.mark.anyio


async def test_migrations_make_the_tables(open_store: Any) -> None:
    """What the migrations build is what the code expects."""

    def differences(connection: Connection) -> Any:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with open_store() as store, store.read() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(migrate.revision) == migrate.HEAD


def test_head_is_the_newest_migration() -> None:
    config = Config()
    folder = migrate.__file__.removesuffix("migrate.py") + "migrations"
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


async def test_a_second_start_changes_nothing(open_store: Any) -> None:
    async with open_store() as store, store.write() as connection:
        await connection.execute(text("INSERT INTO people VALUES ('id', 'token', 'name', 'color', 1)"))
    async with open_store() as store, store.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM people"))).scalar() == 1


async def test_a_newer_database_is_left_alone(open_store: Any, url: str) -> None:
    async with open_store() as store, store.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.TooNew, match="9999"):
        await Store(url).open()


async def test_nothing_is_imported_when_there_is_nothing_to_do(open_store: Any, url: str) -> None:
    async with open_store():
        pass
    code = (
        "import asyncio, sys; from chalknet.store.database import Store; store = Store(sys.argv[1]);"
        "asyncio.run(store.open()); print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", code, url]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_sqlite_is_durable(open_store: Any) -> None:
    async with open_store() as store:
        if not store.is_sqlite:
            pytest.skip("of SQLite")
        for transaction in (store.read, store.write):
            async with transaction() as connection:
                pragmas = [
                    (await connection.execute(text(f"PRAGMA {name}"))).scalar()
                    for name in ("journal_mode", "synchronous", "foreign_keys")
                ]
            assert pragmas == ["wal", 2, 1], "write-ahead log, FULL, enforced"
