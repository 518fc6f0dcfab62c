"""Openings of test samples: of which board, for which run, and when; remembered also when the run is deleted."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.tables import openings
from chalknet.wire import Opening


async def note(connection: AsyncConnection, board: str, opening: Opening) -> bool:
    """Notes an opening; of a run only the first one counts. Whether this was it."""
    where = (openings.c.board == board) & (openings.c.run == opening.run)
    if (await connection.execute(select(openings.c.run).where(where))).first() is not None:
        return False
    await connection.execute(insert(openings).values(board=board, **opening.model_dump()))
    return True


async def of_board(connection: AsyncConnection, board: str) -> list[Opening]:
    """The oldest first."""
    query = select(openings).where(openings.c.board == board).order_by(openings.c.opened, openings.c.run)
    rows = (await connection.execute(query)).all()
    return [Opening(run=row.run, opened=row.opened, trained=row.trained) for row in rows]
