"""Runs: the frozen board, and the latest that is known of how it went."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.store.tables import runs
from chalknet.wire import ENDED, RunRow, RunSummary

Extremes = Mapping[str, tuple[float, float]]
"""The least and the greatest value of every series."""


class Placed(NamedTuple):
    """What is kept of a new run besides its summary: what its board costs, and its place in a sweep."""

    parameters: int = 0
    macs: int = 0
    sweep: str = ""
    place: int = 0


def _there(board: str) -> ColumnElement[bool]:
    """Runs of a board that nobody has deleted."""
    return (runs.c.board == board) & (runs.c.binned == 0)


async def create(
    connection: AsyncConnection, summary: RunSummary, person: str, document: bytes, placed: Placed | None = None
) -> None:
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
            **(placed or Placed())._asdict(),
        )
    )


async def save(connection: AsyncConnection, summary: RunSummary, extremes: Extremes | None = None) -> None:
    """Keeps what is known of the run now; None leaves the extremes as they are."""
    values = {"state": summary.state, "summary": summary.model_dump_json()}
    if extremes is not None:
        values["extremes"] = json.dumps(extremes)
    await connection.execute(update(runs).where(runs.c.id == summary.id).values(values))


async def say(connection: AsyncConnection, run: str, *, note: str | None = None, star: bool | None = None) -> None:
    """What a person says of a run; None leaves it as it is."""
    # PostgreSQL takes no NUL.
    values = {"note": None if note is None else note.replace("\0", ""), "star": None if star is None else int(star)}
    said = {name: value for name, value in values.items() if value is not None}
    if said:
        await connection.execute(update(runs).where(runs.c.id == run).values(said))


async def throw_away(connection: AsyncConnection, run: str, when: float) -> None:
    """Into the bin: as if it were deleted, until it is taken back, or the bin emptied."""
    await connection.execute(update(runs).where(runs.c.id == run).values(binned=when))


async def take_back(connection: AsyncConnection, run: str) -> None:
    await connection.execute(update(runs).where(runs.c.id == run).values(binned=0))


async def find_binned(connection: AsyncConnection, run: str) -> RunSummary | None:
    query = select(runs.c.summary).where((runs.c.id == run) & (runs.c.binned > 0))
    text = (await connection.execute(query)).scalar()
    return RunSummary.model_validate_json(text) if text else None


async def empty_bin(connection: AsyncConnection, before: float) -> list[str]:
    """Deletes for good what was thrown away before then; which runs those are."""
    where = (runs.c.binned > 0) & (runs.c.binned <= before)
    gone = list((await connection.execute(select(runs.c.id).where(where))).scalars())
    if gone:
        await connection.execute(delete(runs).where(runs.c.id.in_(gone)))
    return gone


async def table(connection: AsyncConnection, board: str, most: int = 500) -> list[tuple[RunRow, bytes]]:
    """Runs of a board with the JSON of what each trained, the newest first."""
    query = select(runs).where(_there(board)).order_by(runs.c.created.desc(), runs.c.id).limit(most)
    found = []
    for row in (await connection.execute(query)).all():
        extremes = json.loads(row.extremes)
        told = RunRow(
            run=RunSummary.model_validate_json(row.summary),
            note=row.note,
            star=bool(row.star),
            sweep=row.sweep,
            place=row.place,
            parameters=row.parameters,
            macs=row.macs,
            least={name: pair[0] for name, pair in extremes.items()},
            most={name: pair[1] for name, pair in extremes.items()},
        )
        found.append((told, row.document))
    return found


async def of_sweep(connection: AsyncConnection, sweep: str) -> list[tuple[int, RunSummary]]:
    """Runs that a sweep started, with their places, in their order."""
    query = (
        select(runs.c.place, runs.c.summary)
        .where((runs.c.sweep == sweep) & (runs.c.binned == 0))
        .order_by(runs.c.place)
    )
    return [(row.place, RunSummary.model_validate_json(row.summary)) for row in (await connection.execute(query)).all()]


async def place(connection: AsyncConnection, run: str) -> tuple[str, int]:
    """The sweep that started a run, and its place there; ("", 0) where none did."""
    row = (await connection.execute(select(runs.c.sweep, runs.c.place).where(runs.c.id == run))).first()
    return (row.sweep, row.place) if row else ("", 0)


async def owners(connection: AsyncConnection, ids: list[str]) -> dict[str, str]:
    """Who asked for each of these runs."""
    rows = (await connection.execute(select(runs.c.id, runs.c.person).where(runs.c.id.in_(ids)))).all()
    return {row.id: row.person for row in rows}


async def lately(connection: AsyncConnection, most: int = 200) -> list[RunSummary]:
    """The newest runs of the whole server that were trained to their end."""
    query = select(runs.c.summary).where(runs.c.state == "finished").order_by(runs.c.created.desc()).limit(most)
    return [RunSummary.model_validate_json(text) for text in (await connection.execute(query)).scalars()]


async def find(connection: AsyncConnection, run: str) -> RunSummary | None:
    query = select(runs.c.summary).where((runs.c.id == run) & (runs.c.binned == 0))
    text = (await connection.execute(query)).scalar()
    return RunSummary.model_validate_json(text) if text else None


async def frozen(connection: AsyncConnection, run: str) -> tuple[str, bytes] | None:
    """Who asked for the run, and the JSON of the board that it trains."""
    row = (await connection.execute(select(runs.c.person, runs.c.document).where(runs.c.id == run))).first()
    return (row.person, row.document) if row else None


async def of_board(connection: AsyncConnection, board: str, most: int = 100) -> list[RunSummary]:
    """Runs of a board, the newest first."""
    query = select(runs.c.summary).where(_there(board)).order_by(runs.c.created.desc(), runs.c.id).limit(most)
    return [RunSummary.model_validate_json(text) for text in (await connection.execute(query)).scalars()]


async def numbers(connection: AsyncConnection, board: str) -> dict[str, int]:
    """Runs of a board numbered as a person knows them: in the order in which they were begun."""
    query = select(runs.c.id).where(_there(board)).order_by(runs.c.created, runs.c.id.desc())
    return {run: number for number, run in enumerate((await connection.execute(query)).scalars(), 1)}


async def ids_of_board(connection: AsyncConnection, board: str) -> list[str]:
    return list((await connection.execute(select(runs.c.id).where(runs.c.board == board))).scalars())


async def unfinished(connection: AsyncConnection) -> list[RunSummary]:
    """Runs that were queued or under way when the server stopped, in the order in which they were asked for."""
    query = (
        select(runs.c.summary)
        .where(runs.c.state.not_in(ENDED) & (runs.c.binned == 0))
        .order_by(runs.c.created, runs.c.id)
    )
    return [RunSummary.model_validate_json(text) for text in (await connection.execute(query)).scalars()]
