"""Sweeps: what was planned, and which of its settings were cut short."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.graph.sweep import Plan
from chalknet.store.ids import new_id
from chalknet.store.tables import sweeps

SweepState = Literal["running", "finished", "stopped"]


@dataclass(frozen=True, slots=True)
class Sweep:
    """A plan under way, or at its end. ``cut``: why a place was not trained, or not to its end."""

    id: str
    board: str
    person: str
    document: bytes
    state: SweepState
    plan: Plan
    cut: Mapping[int, str]
    created: float


def _sweep(row: Row[tuple[object, ...]]) -> Sweep:
    cut = {int(place): why for place, why in json.loads(row.cut).items()}
    plan = Plan.model_validate_json(row.plan)
    return Sweep(row.id, row.board, row.person, row.document, row.state, plan, cut, row.created)


async def create(connection: AsyncConnection, board: str, person: str, document: bytes, plan: Plan) -> Sweep:
    sweep = Sweep(new_id(), board, person, document, "running", plan, {}, time.time())
    await connection.execute(
        insert(sweeps).values(
            id=sweep.id,
            board=board,
            person=person,
            document=document,
            state=sweep.state,
            plan=plan.model_dump_json(),
            cut="{}",
            created=sweep.created,
        )
    )
    return sweep


async def save(
    connection: AsyncConnection, sweep: str, *, state: SweepState | None = None, cut: Mapping[int, str] | None = None
) -> None:
    values: dict[str, str] = {} if state is None else {"state": state}
    if cut is not None:
        values["cut"] = json.dumps({str(place): why for place, why in cut.items()})
    if values:
        await connection.execute(update(sweeps).where(sweeps.c.id == sweep).values(values))


async def find(connection: AsyncConnection, sweep: str) -> Sweep | None:
    row = (await connection.execute(select(sweeps).where(sweeps.c.id == sweep))).first()
    return _sweep(row) if row else None


async def of_board(connection: AsyncConnection, board: str, most: int = 50) -> list[Sweep]:
    """The newest first."""
    query = select(sweeps).where(sweeps.c.board == board).order_by(sweeps.c.created.desc()).limit(most)
    return [_sweep(row) for row in (await connection.execute(query)).all()]


async def running(connection: AsyncConnection) -> list[Sweep]:
    query = select(sweeps).where(sweeps.c.state == "running").order_by(sweeps.c.created)
    return [_sweep(row) for row in (await connection.execute(query)).all()]
