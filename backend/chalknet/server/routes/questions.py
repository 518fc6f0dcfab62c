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

router = APIRouter(prefix="/api", route_class=Route)

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
    try:
        return _answered(await house.training.ask(summary.id, asked.question, asked.at))
    except Unanswered as error:
        raise HTTPException(503, str(error)) from None


@router.post("/boards/{board}/ask", response_class=Framed)
async def of_board(info: Seen, asked: AskedOfBoard, house: TheHouse) -> Framed:
    """Of the board as it is now."""
    document = await frozen(info.id, house)
    try:
        return _answered(await house.training.ask_board(info.id, document, asked.question))
    except Unanswered as error:
        raise HTTPException(503, str(error)) from None


def _answered(frame: bytes) -> Framed:
    problem = wire.opened(frame)[0].problem
    if problem is not None:
        raise HTTPException(409, problem.message)
    return Framed(frame)
