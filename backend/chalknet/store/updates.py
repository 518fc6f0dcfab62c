"""The edits of a board: an append-only log of Yjs updates, folded into a snapshot now and then."""

from __future__ import annotations

import time

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.tables import board_snapshots, board_updates, boards


async def load(connection: AsyncConnection, board: str) -> tuple[bytes, list[bytes]] | None:
    """The last snapshot and the updates since, in order; None when there is no such board."""
    snapshot = (
        await connection.execute(
            select(board_snapshots.c.seq, board_snapshots.c.data).where(board_snapshots.c.board == board)
        )
    ).first()
    if snapshot is None:
        return None
    rows = await connection.execute(
        select(board_updates.c.data)
        .where(board_updates.c.board == board, board_updates.c.seq > snapshot.seq)
        .order_by(board_updates.c.seq)
    )
    return snapshot.data, [row.data for row in rows]


async def append(connection: AsyncConnection, board: str, data: bytes) -> None:
    now = time.time()
    await connection.execute(insert(board_updates).values(board=board, data=data, created=now))
    await connection.execute(update(boards).where(boards.c.id == board).values(changed=now))


async def compact(connection: AsyncConnection, board: str, data: bytes) -> None:
    """Replaces snapshot and updates by one snapshot that contains them all. The caller is the board's only writer."""
    newest = select(func.max(board_updates.c.seq)).where(board_updates.c.board == board)
    seq = (await connection.execute(newest)).scalar()
    if seq is None:
        return
    await connection.execute(
        update(board_snapshots).where(board_snapshots.c.board == board).values(seq=seq, data=data, created=time.time())
    )
    await connection.execute(delete(board_updates).where(board_updates.c.board == board, board_updates.c.seq <= seq))


async def pending(connection: AsyncConnection, board: str) -> int:
    """Updates that are not in the snapshot yet."""
    query = select(func.count()).select_from(board_updates).where(board_updates.c.board == board)
    return (await connection.execute(query)).scalar_one()
