"""Runs beside each other: the table of a board's runs, their curves whole, notes and stars, and what is in line."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import pydantic_core
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from chalknet import wire
from chalknet.graph.infer import infer
from chalknet.live import history
from chalknet.server import queueing
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen
from chalknet.server.routes.questions import Framed
from chalknet.server.routes.runs import costs, seen_run
from chalknet.server.sweep_fields import differing
from chalknet.store import boards, runs
from chalknet.wire import Person, RunRow, RunSummary

router = APIRouter(prefix="/api", route_class=Route)

MOST_SEEDS = 20


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid")
    note: Annotated[str, Field(max_length=2000)] | None = None
    star: bool | None = None


class Seeds(BaseModel):
    model_config = ConfigDict(extra="forbid")
    seeds: Annotated[list[Annotated[int, Field(ge=0, le=2**31 - 1)]], Field(min_length=1, max_length=MOST_SEEDS)]


class Waiting(BaseModel):
    """A run that has not ended. Of other people's boards only that it is there is told: no ids, no names."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    run: str = ""
    board: str = ""
    title: str = ""
    mine: bool
    may_stop: bool
    state: Literal["queued", "preparing", "running", "paused", "resuming"]
    position: int
    share: float
    """Of its updates that are made."""
    begins: float | None
    """Seconds until it begins; None where that cannot be told, or it has begun."""
    left: float | None
    """Seconds until it ends, once it has begun; of a waiting one, how long it will take."""


@router.get("/boards/{board}/runs/table")
async def table(info: Seen, house: TheHouse) -> list[RunRow]:
    """The runs of a board, the newest first, with the settings in which they differ."""
    found = await house.training.table(info.id)
    settings = await asyncio.to_thread(differing, [document for _, document in found])
    for (row, _), differs in zip(found, settings, strict=True):
        row.settings = differs
    return [row for row, _ in found]


@router.get("/runs/{run}/curves", response_class=Framed)
async def curves(
    run: str,
    me: Me,
    house: TheHouse,
    series: Annotated[list[Annotated[str, Field(max_length=160)]], Query(min_length=1, max_length=8)],
) -> Framed:
    """Every point of these series: for each a float32 array (4, n) of steps, epochs, seconds and values."""
    summary = await seen_run(run, me, house)
    found = await asyncio.to_thread(history.read, house.training.events(summary.id), series)
    arrays = [
        wire.Array(name=name, dtype="float32", shape=[4, len(columns[0])], offset=0) for name, columns in found.items()
    ]
    payload = {name: b"".join(column.tobytes() for column in columns) for name, columns in found.items()}
    return Framed(wire.pack(wire.Answer(question="curves", step=summary.step, arrays=arrays), payload))


async def may_change(run: str, me: Person, house: House) -> RunSummary:
    """The run, for somebody who may train its board."""
    summary = await seen_run(run, me, house)
    async with house.store.read() as connection:
        info = await boards.find(connection, summary.board, me.id)
    if info is None or info.role == "viewer":
        raise HTTPException(403, "You may look at this board's runs, but not change them.")
    return summary


@router.patch("/runs/{run}", status_code=204)
async def say(run: str, said: Said, me: Me, house: TheHouse) -> None:
    """Notes something of a run, or stars it."""
    summary = await may_change(run, me, house)
    async with house.store.write() as connection:
        await runs.say(connection, summary.id, note=said.note, star=said.star)


@router.delete("/runs/{run}", status_code=204)
async def remove(run: str, me: Me, house: TheHouse) -> None:
    """Deletes a run with its curves and its weights; one under way is stopped first. For ten minutes it can be had
    back."""
    await house.training.throw_away(await may_change(run, me, house))


@router.post("/runs/{run}/restore")
async def restore(run: str, me: Me, house: TheHouse) -> RunSummary:
    """Has a deleted run back, as it was; one that was under way stays stopped."""
    summary = await house.training.find_binned(run)
    if summary is None:
        raise HTTPException(404, "This run is not in the bin: it was deleted for good, or is there.")
    async with house.store.read() as connection:
        info = await boards.find(connection, summary.board, me.id)
    if info is None:
        raise HTTPException(404, "There is no such run, or its board is not shared with you.")
    if info.role == "viewer":
        raise HTTPException(403, "You may look at this board's runs, but not change them.")
    return await house.training.take_back(summary)


@router.post("/runs/{run}/seeds", status_code=202)
async def again(run: str, seeds: Seeds, me: Me, house: TheHouse) -> list[RunSummary]:
    """The board that a run trained, once more with each of these seeds."""
    summary = await may_change(run, me, house)
    try:
        document = await house.training.trained(summary.id)
    except LookupError as error:
        raise HTTPException(404, str(error)) from None
    placed = costs(await asyncio.to_thread(infer, document))
    return [
        await house.training.start(
            summary.board,
            me.id,
            document.model_copy(update={"recipe": document.recipe.model_copy(update={"seed": seed})}),
            placed=placed,
        )
        for seed in dict.fromkeys(seeds.seeds)
    ]


@router.get("/runs/{run}/document")
async def trained(run: str, me: Me, house: TheHouse) -> JSONResponse:
    """The board that a run trained."""
    summary = await seen_run(run, me, house)
    async with house.store.read() as connection:
        kept = await runs.frozen(connection, summary.id)
    if kept is None:
        raise HTTPException(404, "The board that this run trained is not kept any more.")
    return JSONResponse(pydantic_core.from_json(kept[1]))


@router.get("/queue")
async def queue(me: Me, house: TheHouse) -> list[Waiting]:
    """What is trained on this server now, then what waits, the next one first."""
    now = house.training.unfinished()
    async with house.store.read() as connection:
        owners = await runs.owners(connection, [run.id for run in now])
        ended = await runs.lately(connection)
        mine = {info.id: info for info in await boards.mine(connection, me.id)}
    usual = {run.id: queueing.usual(run, ended) for run in now}
    waiting = [run for run in now if run.state == "queued"]
    # One that stands still keeps its slot only while nobody waits for it.
    under_way = [run for run in now if run.state in ("preparing", "running", "resuming")]
    begins = queueing.waits(under_way, waiting, usual, house.training.slots)
    told = []
    for run in now:
        its = mine.get(run.board)
        known = its is not None or owners.get(run.id) == me.id
        rest = queueing.rest(run)
        told.append(
            Waiting.model_validate(
                {
                    "run": run.id if known else "",
                    "board": run.board if known else "",
                    "title": run.title if known else "",
                    "mine": known,
                    "may_stop": known and (its is None or its.role != "viewer"),
                    "state": run.state,
                    "position": run.position,
                    "share": run.step / run.steps if run.steps else 0.0,
                    "begins": begins.get(run.id),
                    "left": usual[run.id] if rest is None else rest,
                }
            )
        )
    return told
