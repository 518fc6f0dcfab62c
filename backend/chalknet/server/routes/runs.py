"""Runs: started, listed, looked up."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from chalknet.graph.infer import infer
from chalknet.graph.problems import Problem
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen, frozen
from chalknet.store import boards
from chalknet.wire import Person, RunSummary

router = APIRouter(prefix="/api", route_class=Route)


class NewRun(BaseModel):
    """Nothing is asked: the board says it all."""

    model_config = ConfigDict(extra="forbid")


class Untrainable(BaseModel):
    detail: str
    problems: list[Problem]


@router.get("/boards/{board}/runs")
async def of_board(info: Seen, house: TheHouse) -> list[RunSummary]:
    return await house.training.of_board(info.id)


@router.post(
    "/boards/{board}/runs", status_code=202, response_model=RunSummary, responses={409: {"model": Untrainable}}
)
async def start(info: Seen, me: Me, house: TheHouse, new: NewRun | None = None) -> Response | RunSummary:
    """Freezes the board as it is now and queues its training."""
    if info.role == "viewer":
        raise HTTPException(403, "You may look at this board, but not train it.")
    document = await frozen(info.id, house)
    inference = await asyncio.to_thread(infer, document)
    problems = [problem for problem in inference.problems if problem.severity == "error"]
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        answer = Untrainable(detail=f"This board cannot be trained yet: {problems[0].message}{more}", problems=problems)
        return JSONResponse(answer.model_dump(mode="json"), 409)
    return await house.training.start(info.id, me, document)


async def seen_run(run: str, me: Person, house: House) -> RunSummary:
    """The run that is asked for. 404 when there is none, or its board is none for this person."""
    summary = await house.training.find(run)
    if summary is not None:
        async with house.store.read() as connection:
            if await boards.find(connection, summary.board, me.id) is not None:
                return summary
    raise HTTPException(404, "There is no such run, or its board is not shared with you.")


@router.get("/runs/{run}")
async def show(run: str, me: Me, house: TheHouse) -> RunSummary:
    return await seen_run(run, me, house)
