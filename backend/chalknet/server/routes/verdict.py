"""How good a run's network is: its test samples opened on purpose, and when that was done."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException

from chalknet.runtime.questions import Unanswered
from chalknet.server.errors import Route
from chalknet.server.house import TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen
from chalknet.server.routes.results import may_change
from chalknet.wire import Opening, RunSummary

router = APIRouter(prefix="/api", route_class=Route)


@router.get("/boards/{board}/openings")
async def of_board(info: Seen, house: TheHouse) -> list[Opening]:
    """When the board's test samples were opened, and for which runs; the oldest first."""
    return await house.training.openings(info.id)


@router.post("/runs/{run}/test")
async def open_test(run: str, me: Me, house: TheHouse) -> RunSummary:
    """Opens the test samples for a run that has ended: the run as it is then. Once opened they stay open for it."""
    summary = await may_change(run, me, house)
    if summary.state not in ("finished", "stopped"):
        raise HTTPException(409, "The test samples are opened when a run has ended, and its network stays as it is.")
    try:
        return await house.training.open_test(summary)
    except Unanswered as error:
        raise HTTPException(409, str(error)) from None
