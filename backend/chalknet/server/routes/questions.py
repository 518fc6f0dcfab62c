"""Questions that are answered once: of a run, at any of its kept checkpoints, or of a board that was never trained."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from chalknet import wire
from chalknet.runtime.questions import Unanswered
from chalknet.server.errors import Route
from chalknet.server.house import TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen, frozen
from chalknet.server.routes.runs import seen_run
from chalknet.server.training import tested
from chalknet.store import runs

router = APIRouter(prefix="/api", route_class=Route)

LOCKED = "The test samples are locked. They are opened for a run that has ended, by who may train its board."
BINARY = "application/octet-stream"


class Framed(Response):
    """An answer: ``wire.Answer`` as the header of a binary frame, and its arrays."""

    media_type = BINARY


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    question: wire.Question
    at: Annotated[int, Field(ge=-1, le=wire.MOST_STEP)] = wire.NOW
    """Step of a kept checkpoint; −1: the run as it is now."""


class AskedOfBoard(BaseModel):
    model_config = ConfigDict(extra="forbid")
    question: wire.Question


@router.post("/runs/{run}/ask", response_class=Framed)
async def of_run(run: str, asked: Asked, me: Me, house: TheHouse) -> Framed:
    """Whoever may see a run may ask."""
    summary = await seen_run(run, me, house)
    if isinstance(asked.question, wire.Judge | wire.Cases | wire.Tally):
        guarded(summary, asked.question.part, asked.at)
    try:
        return _answered(await house.training.ask(summary.id, asked.question, asked.at))
    except Unanswered as error:
        raise HTTPException(503, str(error)) from None


@router.post("/boards/{board}/ask", response_class=Framed)
async def of_board(info: Seen, asked: AskedOfBoard, house: TheHouse) -> Framed:
    """Of the board as it is now."""
    if isinstance(asked.question, wire.Judge | wire.Cases | wire.Tally) and asked.question.part == "test":
        raise HTTPException(409, LOCKED)
    document = await frozen(info.id, house)
    try:
        return _answered(await house.training.ask_board(info.id, document, asked.question))
    except Unanswered as error:
        raise HTTPException(503, str(error)) from None


def guarded(summary: wire.RunSummary, part: wire.Part, at: int = wire.NOW) -> None:
    """409 where test samples are asked about that nobody has opened for this run, or with them about an earlier state:
    who looks at all of them chooses the best."""
    if part != "test":
        return
    if not tested(summary):
        raise HTTPException(409, LOCKED)
    if at != wire.NOW:
        raise HTTPException(409, "The test samples judge the run as it ended, not its earlier states.")


class Several(BaseModel):
    """Runs of this board that have ended, to be asked about the same samples."""

    model_config = ConfigDict(extra="forbid")
    runs: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=2, max_length=wire.MOST_TOGETHER)]
    part: wire.Part = "validation"


@router.post("/boards/{board}/together", response_class=Framed)
async def together(info: Seen, several: Several, house: TheHouse) -> Framed:
    """What several runs say of the same samples, each alone and all together."""
    async with house.store.read() as connection:
        numbers = await runs.numbers(connection, info.id)
    named = {run: f"Run {numbers[run]}" for run in several.runs if run in numbers}
    if len(named) < len(several.runs):
        raise HTTPException(404, "Choose at least two different runs of this board.")
    for run, name in named.items():
        summary = await house.training.find(run)
        if summary is None or summary.state not in wire.ENDED:
            raise HTTPException(409, f"{name} has not ended yet: its weights still change.")
        if several.part == "test" and not tested(summary):
            raise HTTPException(
                409,
                f"The test samples are locked for {name}. Choose by the validation samples; open the test samples of "
                "every run on its board when nothing is left to choose.",
            )
    try:
        return _answered(await house.training.ask_together(info.id, named, several.part))
    except Unanswered as error:
        raise HTTPException(503, str(error)) from None


def _answered(frame: bytes) -> Framed:
    problem = wire.opened(frame)[0].problem
    if problem is not None:
        raise HTTPException(409, problem.message)
    return Framed(frame)
