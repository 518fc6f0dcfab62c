"""Sweeps under way: the next run is started when one ends, one that is behind is stopped, and a restart goes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Literal

import pydantic_core
from pydantic import BaseModel, ConfigDict, JsonValue

from chalknet.graph.document import Document, Unreadable, load
from chalknet.graph.infer import infer
from chalknet.graph.sweep import Axis, Plan, Seen, behind, with_settings
from chalknet.server.training import Training, document_json
from chalknet.store import runs, sweeps
from chalknet.store.database import Store
from chalknet.store.sweeps import Sweep
from chalknet.wire import ENDED, RunSummary

log = logging.getLogger(__name__)

TICK = 0.3
"""Seconds between two looks at the sweeps under way."""


class Place(BaseModel):
    """One of a sweep's settings, and how it went. ``value``: the last of the metric; ``best``: its best."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    place: int
    settings: list[JsonValue]
    run: str | None = None
    state: Literal["waiting", "queued", "preparing", "running", "paused", "resuming", "finished", "stopped", "failed", "left"]  # fmt: skip # noqa: E501
    """``left``: it is not trained."""
    value: float | None = None
    best: float | None = None
    epoch: float = 0
    why: str = ""


class SweepInfo(BaseModel):
    """A sweep as its page shows it. ``winner``: the place with the best value of the metric, of what is known."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
    id: str
    board: str
    state: Literal["running", "finished", "stopped"]
    metric: str
    lower: bool
    how: str
    seed: int
    early: bool
    minutes: float
    axes: list[Axis]
    places: list[Place]
    winner: int | None = None
    created: float


class Sweeps:
    """Between the store's sweeps and the training that carries their runs."""

    def __init__(self, store: Store, training: Training) -> None:
        self._store = store
        self._training = training
        self._task: asyncio.Task[None] | None = None
        self._known: dict[str, Seen] = {}
        """The metric of runs that have ended."""
        self._turning = asyncio.Lock()

    async def open(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def start(self, board: str, person: str, document: Document, plan: Plan) -> SweepInfo:
        async with self._store.write() as connection:
            sweep = await sweeps.create(connection, board, person, document_json(document), plan)
        await self._safe_turn(sweep.id)
        return await self.info(sweep.id)

    async def stop(self, sweep: str) -> SweepInfo:
        """Starts no more runs, and stops those under way."""
        async with self._turning:
            async with self._store.write() as connection:
                await sweeps.save(connection, sweep, state="stopped")
            for _, summary in await self._runs(sweep):
                if summary.state not in ENDED:
                    self._training.stop(summary.id)
        return await self.info(sweep)

    async def find(self, sweep: str) -> Sweep | None:
        async with self._store.read() as connection:
            return await sweeps.find(connection, sweep)

    async def of_board(self, board: str) -> list[SweepInfo]:
        async with self._store.read() as connection:
            found = await sweeps.of_board(connection, board)
        return [await self._told(sweep) for sweep in found]

    async def info(self, sweep: str) -> SweepInfo:
        """Raises KeyError."""
        found = await self.find(sweep)
        if found is None:
            raise KeyError(sweep)
        return await self._told(found)

    async def _told(self, sweep: Sweep) -> SweepInfo:
        plan, there = sweep.plan, dict(await self._runs(sweep.id))
        places = []
        for place, settings in enumerate(plan.settings()):
            told = Place(place=place, settings=settings, state="waiting", why=sweep.cut.get(place, ""))
            summary = there.get(place)
            if summary is not None:
                seen = await self._seen(summary, plan.metric)
                values = [value for _, value in seen]
                told = told.model_copy(
                    update={
                        "run": summary.id,
                        "state": summary.state,
                        "epoch": summary.epoch,
                        "value": values[-1] if values else None,
                        "best": (min(values) if plan.lower else max(values)) if values else None,
                    }
                )
            elif place in sweep.cut or sweep.state != "running":
                told.state = "left"
            places.append(told)
        reached = [place for place in places if place.best is not None]
        winner = None
        if reached:
            winner = (min if plan.lower else max)(reached, key=lambda place: place.best or 0.0).place
        return SweepInfo(
            id=sweep.id, board=sweep.board, state=sweep.state, metric=plan.metric, lower=plan.lower, how=plan.how,
            seed=plan.seed, early=plan.early, minutes=plan.minutes, axes=plan.axes, places=places, winner=winner,
            created=sweep.created,
        )  # fmt: skip

    # --- under way ----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            try:
                async with self._store.read() as connection:
                    under_way = await sweeps.running(connection)
                for sweep in under_way:
                    await self._safe_turn(sweep.id)
            except Exception:
                log.exception("the sweeps could not be looked at")
            await asyncio.sleep(TICK)

    async def _safe_turn(self, sweep: str) -> None:
        async with self._turning:
            try:
                found = await self.find(sweep)
                if found is not None and found.state == "running":
                    await self._turn(found)
            except Exception:
                log.exception("sweep %s cannot go on", sweep)

    async def _turn(self, sweep: Sweep) -> None:
        plan = sweep.plan
        there = dict(await self._runs(sweep.id))
        cut = dict(sweep.cut)
        if plan.early:
            cut |= await self._give_up(plan, there, cut)
        under_way = sum(summary.state not in ENDED for summary in there.values())
        settings = plan.settings()
        left = [place for place in range(len(settings)) if place not in there and place not in cut]
        if plan.minutes and time.time() - sweep.created > 60 * plan.minutes:
            cut |= dict.fromkeys(left, f"The {plan.minutes:g} minutes were over.")
            left = []
        # One more than can be trained at once, so that no slot waits for this look.
        while left and under_way < self._training.slots + 1:
            place = left.pop(0)
            why = await self._begin(sweep, place)
            if why:
                cut[place] = why
            else:
                under_way += 1
        done = not left and under_way == 0
        if done or cut != sweep.cut:
            async with self._store.write() as connection:
                await sweeps.save(connection, sweep.id, state="finished" if done else None, cut=cut)

    async def _begin(self, sweep: Sweep, place: int) -> str:
        """Starts the run of a place; else why there is none."""
        board = load(pydantic_core.from_json(sweep.document))
        try:
            document = with_settings(board, sweep.plan.edits(place))
        except Unreadable as error:
            return str(error)
        inference = await asyncio.to_thread(infer, document)
        for problem in inference.problems:
            if problem.severity == "error":
                return problem.message
        # Many runs are compared: whoever tested them all would choose by the test samples.
        document = document.model_copy(update={"recipe": document.recipe.model_copy(update={"test": "locked"})})
        placed = runs.Placed(min(inference.parameters, 2**63 - 1), min(inference.macs, 2**63 - 1), sweep.id, place)
        await self._training.start(sweep.board, sweep.person, document, placed=placed)
        return ""

    async def _give_up(self, plan: Plan, there: dict[int, RunSummary], cut: dict[int, str]) -> dict[int, str]:
        given_up: dict[int, str] = {}
        for place, summary in there.items():
            if summary.state != "running" or place in cut:
                continue
            mine = await self._seen(summary, plan.metric)
            earlier = [await self._seen(other, plan.metric) for at, other in there.items() if at < place]
            if behind(mine, earlier, summary.epochs, lower=plan.lower):
                self._training.stop(summary.id)
                given_up[place] = f"Stopped early at epoch {mine[-1][0]:g}: behind the median of the runs before it."
        return given_up

    async def _runs(self, sweep: str) -> list[tuple[int, RunSummary]]:
        async with self._store.read() as connection:
            found = await runs.of_sweep(connection, sweep)
        return [(place, self._training.now(summary)) for place, summary in found]

    async def _seen(self, summary: RunSummary, metric: str) -> Seen:
        key = f"{summary.id} {metric}"
        known = self._known.get(key)
        if known is not None:
            return known
        seen = [(epoch, value) for _, epoch, _, value in await self._training.series(summary, metric)]
        if summary.state in ENDED:
            final = summary.metrics.get(metric)
            if not seen and final is not None:  # measured once, at the end
                seen = [(summary.epoch, final)]
            self._known[key] = seen
        return seen
