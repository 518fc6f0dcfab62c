"""How good a run's network is: its test samples opened on purpose, and what people call its mistakes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import numpy
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from chalknet.runtime.questions import Unanswered
from chalknet.server.errors import Route
from chalknet.server.house import House, TheHouse
from chalknet.server.identity import Me
from chalknet.server.routes.boards import Seen
from chalknet.server.routes.questions import guarded
from chalknet.server.routes.results import may_change
from chalknet.server.routes.runs import seen_run
from chalknet.store import tags
from chalknet.wire import MOST_BARE, Cases, Opening, Part, RunSummary, Tagged, opened

router = APIRouter(prefix="/api", route_class=Route)

MOST_ROWS = 20_000
"""Samples in a file of mistakes."""


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


# --- tags -------------------------------------------------------------------------------------------------------------


class Tagging(BaseModel):
    model_config = ConfigDict(extra="forbid")
    part: Part
    tagged: Tagged


@router.get("/runs/{run}/tags")
async def of_run(run: str, me: Me, house: TheHouse, part: Part = "validation") -> list[Tagged]:
    """Samples of a part with what people call what is wrong with them."""
    summary = await seen_run(run, me, house)
    async with house.store.read() as connection:
        return await tags.of_run(connection, summary.id, part)


@router.put("/runs/{run}/tags", status_code=204)
async def tag(run: str, tagging: Tagging, me: Me, house: TheHouse) -> None:
    """Gives a sample these tags in place of those that it had."""
    summary = await may_change(run, me, house)
    guarded(summary, tagging.part)
    try:
        async with house.store.write() as connection:
            await tags.tag(connection, summary.id, tagging.part, tagging.tagged.sample, tagging.tagged.tags)
    except tags.Full:
        raise HTTPException(409, f"A run has at most {tags.MOST:,} tags.") from None


# --- mistakes as a file -----------------------------------------------------------------------------------------------


@router.get("/runs/{run}/errors.csv", response_class=Response)
async def errors(
    run: str,
    me: Me,
    house: TheHouse,
    part: Part = "validation",
    loss: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """The mistakes of a run's network, the worst first, with their tags."""
    summary = await seen_run(run, me, house)
    guarded(summary, part)
    async with house.store.read() as connection:
        named = {each.sample: each.tags for each in await tags.of_run(connection, summary.id, part)}
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["sample", "loss", "wanted", "answered", "confidence", "tags"])
    try:
        async for about, arrays in _pages(house, summary, part, loss):
            for row in _rows(about, arrays, named):
                rows.writerow(row)
    except Unanswered as error:
        raise HTTPException(503, str(error)) from None
    head = {"content-disposition": f'attachment; filename="errors-{part}.csv"'}
    return Response(file.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=head)


async def _pages(house: House, summary: RunSummary, part: Part, loss: str) -> Any:
    first, total = 0, 1
    while first < min(total, MOST_ROWS):
        question = Cases(part=part, loss=loss, wrong=True, first=first, count=MOST_BARE, bare=True)
        header, raw = opened(await house.training.ask(summary.id, question))
        if header.problem is not None:
            raise HTTPException(409, header.problem.message)
        arrays = {
            each.name: numpy.frombuffer(raw, each.dtype, int(numpy.prod(each.shape, dtype=int)), each.offset).reshape(
                each.shape
            )
            for each in header.arrays
        }
        yield header.about, arrays
        total, first = int(header.about["total"]), first + MOST_BARE  # type: ignore[arg-type]


def _rows(about: Mapping[str, Any], arrays: Mapping[str, Any], named: Mapping[int, list[str]]) -> Iterator[list[Any]]:
    names = about.get("names", [])

    def written(values: Any) -> str:
        if names:
            return " ".join(names[each] for each in values if each >= 0)
        return " ".join(f"{each:.7g}" for each in values)

    for at, sample in enumerate(arrays["samples"].tolist()):
        yield [
            sample,
            f"{arrays['losses'][at]:.7g}",
            plain(written(arrays["truth"][at])) if "truth" in arrays else "",
            plain(written(arrays["answer"][at])) if "answer" in arrays else "",
            f"{arrays['confidence'][at]:.4f}" if "confidence" in arrays else "",
            plain("; ".join(named.get(sample, []))),
        ]


def plain(text: str) -> str:
    """A person's words as a spreadsheet takes them: none of them as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not _number(text)) else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
