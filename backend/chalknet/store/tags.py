"""What people call the mistakes of a run's network, sample by sample."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.tables import tags
from chalknet.wire import Tagged

MOST = 5_000
"""Tags on the samples of a run."""


class Full(ValueError):
    """There are as many tags as a run may have."""


async def of_run(connection: AsyncConnection, run: str, part: str) -> list[Tagged]:
    """By the samples' numbers; a sample's tags in alphabetical order."""
    where = (tags.c.run == run) & (tags.c.part == part)
    query = select(tags.c.sample, tags.c.tag).where(where).order_by(tags.c.sample, tags.c.tag)
    found: dict[int, Tagged] = {}
    for row in (await connection.execute(query)).all():
        found.setdefault(row.sample, Tagged(sample=row.sample, tags=[])).tags.append(row.tag)
    return list(found.values())


async def tag(connection: AsyncConnection, run: str, part: str, sample: int, wanted: Iterable[str]) -> None:
    """Gives a sample these tags in place of those that it had. Raises Full."""
    # PostgreSQL takes no NUL.
    clean = sorted({each.replace("\0", "").strip() for each in wanted} - {""})
    where = (tags.c.run == run) & (tags.c.part == part) & (tags.c.sample == sample)
    await connection.execute(delete(tags).where(where))
    there = (await connection.execute(select(func.count()).where(tags.c.run == run))).scalar() or 0
    if there + len(clean) > MOST:
        raise Full
    if clean:
        await connection.execute(
            insert(tags), [{"run": run, "part": part, "sample": sample, "tag": each} for each in clean]
        )
