"""Runs: started, listed, looked up."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from chalknet.graph.document import Document
from chalknet.graph.facts import Inference
from chalknet.graph.infer import infer
from chalknet.graph.problems import Problem
from chalknet.runtime.questions import Unanswered
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen, frozen
from chalknet.server.training import Beginning
from chalknet.store import boards, runs
from chalknet.wire import Person, RunSummary, StartFrom, Transfer

router = APIRouter(prefix="/api", route_class=Route)


class NewRun(BaseModel):
    """The board says how it is trained; this, what it begins with, if not with first weights."""

    model_config = ConfigDict(extra="forbid")
    start_from: StartFrom | None = None


class WouldStart(BaseModel):
    model_config = ConfigDict(extra="forbid")
    start_from: StartFrom


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
    begin = None if new is None or new.start_from is None else await _beginning(new.start_from, me, house)
    document = await _to_train(info.id, house, new.start_from if new is not None else None, begin)
    inference = await asyncio.to_thread(infer, document)
    problems = [problem for problem in inference.problems if problem.severity == "error"]
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        answer = Untrainable(detail=f"This board cannot be trained yet: {problems[0].message}{more}", problems=problems)
        return JSONResponse(answer.model_dump(mode="json"), 409)
    try:
        return await house.training.start(info.id, me.id, document, begin, costs(inference))
    except LookupError as error:
        raise HTTPException(410, str(error)) from None


@router.post("/boards/{board}/fit")
async def fit(info: Seen, me: Me, house: TheHouse, would: WouldStart) -> Transfer:
    """Which weights of a run fit the board, before anything begins."""
    begin = await _beginning(would.start_from, me, house)
    document = await _to_train(info.id, house, would.start_from, begin)
    try:
        return await house.training.fit(info.id, document, begin)
    except Unanswered as error:
        raise HTTPException(409, str(error)) from None


def costs(inference: Inference) -> runs.Placed:
    """What a run's board costs, as it is kept beside the run."""
    most = 2**63 - 1  # a column holds no more
    return runs.Placed(min(inference.parameters, most), min(inference.macs, most))


async def _beginning(start: StartFrom, me: Person, house: House) -> Beginning:
    """A run of any board that this person may see."""
    origin = await seen_run(start.run, me, house)
    try:
        return Beginning(origin, await house.training.trained(origin.id), start.step, start.keep)
    except LookupError as error:
        raise HTTPException(404, str(error)) from None


async def _to_train(board: str, house: House, start: StartFrom | None, begin: Beginning | None) -> Document:
    """The board as it is now; or the one that the other run trained, with this board's recipe."""
    document = await frozen(board, house)
    if start is None or begin is None or start.graph == "board":
        return document
    return begin.document.model_copy(update={"recipe": document.recipe, "title": document.title})


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
