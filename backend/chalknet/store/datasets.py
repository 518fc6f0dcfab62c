"""Data sets that people brought: whose they are, and what a list shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.boards import line
from chalknet.store.tables import datasets
from chalknet.wire import DataSetInfo

KEPT = ("id", "title", "kind", "count", "bytes", "troubled", "created")
LAYERS = {"table": "own_table", "images": "own_images", "text": "own_text", "arrays": "own_arrays"}
"""Type of the data node that reads a data set of a kind."""


def _info(row: Mapping[str, Any], person: str) -> DataSetInfo:
    kept = {name: row[name] for name in KEPT}
    return DataSetInfo(**kept, mine=row["owner"] == person, layer=LAYERS[row["kind"]])


async def create(connection: AsyncConnection, owner: str, info: DataSetInfo) -> None:
    row = info.model_dump(include=set(KEPT)) | {"owner": owner, "title": line(info.title)}
    await connection.execute(insert(datasets).values(row))


async def find(connection: AsyncConnection, id: str, person: str) -> DataSetInfo | None:
    """The data set as this person sees it."""
    row = (await connection.execute(select(datasets).where(datasets.c.id == id))).mappings().first()
    return _info(row, person) if row else None


async def mine(connection: AsyncConnection, person: str, most: int = 1000) -> list[DataSetInfo]:
    """A person's own, the newest first."""
    query = (
        select(datasets)
        .where(datasets.c.owner == person)
        .order_by(datasets.c.created.desc(), datasets.c.id)
        .limit(most)
    )
    return [_info(row, person) for row in (await connection.execute(query)).mappings()]


async def held(connection: AsyncConnection, person: str) -> int:
    """Bytes of all that a person brought."""
    query = select(func.coalesce(func.sum(datasets.c.bytes), 0)).where(datasets.c.owner == person)
    return int((await connection.execute(query)).scalar_one())


async def rename(connection: AsyncConnection, id: str, title: str) -> None:
    await connection.execute(update(datasets).where(datasets.c.id == id).values(title=line(title)))


async def remove(connection: AsyncConnection, id: str) -> None:
    await connection.execute(delete(datasets).where(datasets.c.id == id))
