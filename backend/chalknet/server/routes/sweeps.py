"""Sweeps: planned, begun, watched, stopped."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response

from chalknet.graph.document import Unreadable
from chalknet.graph.infer import infer
from chalknet.graph.problems import Edit
from chalknet.graph.sweep import Plan, with_settings
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen, frozen, seen
from chalknet.server.routes.runs import Untrainable, seen_run
from chalknet.server.sweep_fields import SweepField, sweepable
from chalknet.server.sweeps import SweepInfo
from chalknet.store import runs
from chalknet.wire import Person

router = APIRouter(prefix="/api", route_class=Route)


@router.get("/boards/{board}/sweeps/fields")
async def fields(info: Seen, house: TheHouse) -> list[SweepField]:
    """What a sweep of the board as it is now may set."""
    return sweepable(await frozen(info.id, house))


@router.get("/boards/{board}/sweeps")
async def of_board(info: Seen, house: TheHouse) -> list[SweepInfo]:
    return await house.sweeps.of_board(info.id)


@router.post(
    "/boards/{board}/sweeps", status_code=202, response_model=SweepInfo, responses={409: {"model": Untrainable}}
)
async def start(info: Seen, plan: Plan, me: Me, house: TheHouse) -> Response | SweepInfo:
    """Freezes the board as it is now and trains it with every setting of the plan."""
    if info.role == "viewer":
        raise HTTPException(403, "You may look at this board, but not train it.")
    document = await frozen(info.id, house)
    known = {tuple(field.path) for field in sweepable(document)}
    for axis in plan.axes:
        if tuple(axis.path) not in known:
            raise HTTPException(422, f"This board has no field {'.'.join(axis.path)} that a sweep could set.")
    why = ""
    for place in range(len(plan.settings())):
        # A plan of which nothing can be trained is no plan; single settings that cannot be are left out, and told.
        try:
            tried = with_settings(document, plan.edits(place))
        except Unreadable as error:
            why = why or str(error)
            continue
        inference = await asyncio.to_thread(infer, tried)
        problems = [problem for problem in inference.problems if problem.severity == "error"]
        if not problems:
            return await house.sweeps.start(info.id, me.id, document, plan)
        why = why or problems[0].message
    answer = Untrainable(detail=f"None of these settings can be trained: {why}", problems=[])
    return JSONResponse(answer.model_dump(mode="json"), 409)


async def seen_sweep(sweep: str, me: Person, house: House) -> tuple[str, bool]:
    """The sweep's id, and whether this person may train its board. 404 when there is none, or none for them."""
    found = await house.sweeps.find(sweep)
    if found is None:
        raise HTTPException(404, "There is no such sweep, or its board is not shared with you.")
    info = await seen(found.board, me, house)
    return found.id, info.role != "viewer"


@router.get("/sweeps/{sweep}")
async def show(sweep: str, me: Me, house: TheHouse) -> SweepInfo:
    id, _ = await seen_sweep(sweep, me, house)
    return await house.sweeps.info(id)


@router.post("/sweeps/{sweep}/stop", status_code=202)
async def stop(sweep: str, me: Me, house: TheHouse) -> SweepInfo:
    """Starts no more of its runs, and stops those under way."""
    id, may = await seen_sweep(sweep, me, house)
    if not may:
        raise HTTPException(403, "You may look at this board, but not train it.")
    return await house.sweeps.stop(id)


@router.get("/runs/{run}/settings")
async def settings(run: str, me: Me, house: TheHouse) -> list[Edit]:
    """The edits that give a board what a sweep gave this run; none for one that no sweep started."""
    summary = await seen_run(run, me, house)
    async with house.store.read() as connection:
        sweep, place = await runs.place(connection, summary.id)
    found = await house.sweeps.find(sweep) if sweep else None
    return found.plan.edits(place) if found is not None else []
