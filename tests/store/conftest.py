"""The same tests on SQLite and, where its programs are installed, on a PostgreSQL server of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chalknet.store.database import Store


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The server's event loop."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'test.db'}"
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return new_database()


@pytest.fixture
def open_store(url: str) -> Any:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Store]:
        store = Store(url)
        await store.open()
        try:
            yield store
        finally:
            await store.close()

    return opened
