"""Runs: the frozen board, and the latest that is known of how it went."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.tables import runs
from chalknet.wire import ENDED, RunSummary


async def create(connection: AsyncConnection, summary: RunSummary, person: str, document: bytes) -> None:
    """A new run of a board; ``document`` is the frozen board's JSON."""
    await connection.execute(
        insert(runs).values(
            id=summary.id,
            board=summary.board,
            person=person,
            document=document,
            state=summary.state,
            summary=summary.model_dump_json(),
            created=summary.created,
        )
    )


async def save(connection: AsyncConnection, summary: RunSummary) -> None:
    """Keeps what is known of the run now."""
    await connection.execute(
        update(runs).where(runs.c.id == summary.id).values(state=summary.state, summary=summary.model_dump_json())
    )


async def find(connection: AsyncConnection, run: str) -> RunSummary | None:
    text = (await connection.execute(select(runs.c.summary).where(runs.c.id == run))).scalar()
    return RunSummary.model_validate_json(text) if text else None


async def frozen(connection: AsyncConnection, run: str) -> tuple[str, bytes] | None:
    """Who asked for the run, and the JSON of the board that it trains."""
    row = (await connection.execute(select(runs.c.person, runs.c.document).where(runs.c.id == run))).first()
    return (row.person, row.document) if row else None


async def of_board(connection: AsyncConnection, board: str, most: int = 100) -> list[RunSummary]:
    """Runs of a board, the newest first."""
    query = select(runs.c.summary).where(runs.c.board == board).order_by(runs.c.created.desc(), runs.c.id).limit(most)
    return [RunSummary.model_validate_json(text) for text in (await connection.execute(query)).scalars()]


async def ids_of_board(connection: AsyncConnection, board: str) -> list[str]:
    return list((await connection.execute(select(runs.c.id).where(runs.c.board == board))).scalars())


async def unfinished(connection: AsyncConnection) -> list[RunSummary]:
    """Runs that were queued or under way when the server stopped, in the order in which they were asked for."""
    query = select(runs.c.summary).where(runs.c.state.not_in(ENDED)).order_by(runs.c.created, runs.c.id)
    return [RunSummary.model_validate_json(text) for text in (await connection.execute(query)).scalars()]
