"""Runs as the server sees them: what was asked for, how it goes, and who is told."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pydantic_core
from sqlalchemy.ext.asyncio import AsyncConnection

from chalknet.boards.rooms import Rooms
from chalknet.boards.seat import FORBIDDEN
from chalknet.graph.document import Document, load
from chalknet.live.hub import Hub
from chalknet.live.room import FILE as EVENTS
from chalknet.live.subscriber import Subscriber
from chalknet.runtime.executor import Executor, Run, Subject
from chalknet.runtime.local import LocalExecutor
from chalknet.runtime.questions import Unanswered
from chalknet.store import boards, openings, runs
from chalknet.store.database import Store
from chalknet.store.files import Files
from chalknet.store.ids import PATTERN, new_id
from chalknet.wire import (
    ENDED,
    NOW,
    Fitting,
    Member,
    Opening,
    Origin,
    Part,
    Pause,
    Person,
    Question,
    Role,
    RunCommand,
    RunRow,
    RunSummary,
    Subscription,
    Testing,
    Together,
    Transfer,
    Watch,
    opened,
)

log = logging.getLogger(__name__)

TELL = 1.0
"""Seconds between two notes of a run's progress in the store and on its board; a change of state is noted at once."""
BIN = 600.0
"""Seconds for which a deleted run can be had back."""
EMPTYING = 30.0
"""Seconds between two looks into the bin."""
STOPPING = 20.0
"""Seconds that a run of a deleted board is given to end before its folder is removed."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run is to begin with: a state of another one, and the board that that one trained."""

    origin: RunSummary
    document: Document
    step: int
    keep: Literal["state", "weights"]


def tested(summary: RunSummary) -> bool:
    """Whether the test samples were opened for a run: nothing else measures anything of them."""
    return any(name.startswith("test.") for name in summary.metrics)


def document_json(document: Document) -> bytes:
    """A board's text, as a process reads it."""
    return pydantic_core.to_json(document.dump())


class Watcher:
    """One socket on a run. ``gone`` is set when it is to end; ``farewell`` says with which code and words."""

    def __init__(self, person: Person, subscriber: Subscriber, role: Role) -> None:
        self.person = person
        self.subscriber = subscriber
        self.role = role
        self.gone = asyncio.Event()
        self.farewell = (1001, "The server stops.")

    def send_away(self, code: int, words: str) -> None:
        self.farewell = (code, words)
        self.gone.set()


class Training:
    """Between the executor, the hub that tells watchers, the board's rooms and the store."""

    def __init__(self, store: Store, files: Files, rooms: Rooms) -> None:
        self._store = store
        self._files = files
        self._rooms = rooms
        self._hub = Hub(self._watch)
        self._active: dict[str, RunSummary] = {}
        """Runs that have not ended, as last told."""
        self._ends: dict[str, asyncio.Event] = {}
        self._untold: dict[str, RunSummary | None] = {}
        self._hurry = asyncio.Event()
        self._watchers: dict[str, set[Watcher]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._binned: set[str] = set()
        """Runs that were deleted since the server started, and can still be had back: nobody is told how they end."""
        self._executor: Executor | None = None

    @property
    def executor(self) -> Executor:
        assert self._executor is not None, "training is not open"
        return self._executor

    async def open(self) -> None:
        """Makes ready, and goes on with what was under way when the server stopped."""
        self._executor = LocalExecutor(self._publish, cache=self._files.cache, answers=self._files.root / "answers.log")
        await self.executor.open()
        self._do(self._tell())
        self._do(self._empty_bin())
        async with self._store.read() as connection:
            unfinished = await runs.unfinished(connection)
        for summary in unfinished:
            try:
                await self._go_on(summary)
            except Exception:  # one broken history must not keep the server from starting
                log.exception("run %s cannot go on", summary.id)

    async def close(self) -> None:
        """Ends every process. Runs that have not ended go on at the next start."""
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.send_away(1001, "The server stops.")
        if self._executor is not None:
            await self._executor.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._flush()
        await self._hub.close()

    # --- runs ---------------------------------------------------------------------------------------------------------

    async def start(
        self,
        board: str,
        person: str,
        document: Document,
        begin: Beginning | None = None,
        placed: runs.Placed | None = None,
    ) -> RunSummary:
        """Queues a run of a board as it is now; with ``begin`` it begins with another run's state. Raises LookupError
        where that is not kept any more."""
        frozen = document_json(document)
        summary = RunSummary(
            id=new_id(),
            board=board,
            title=document.title,
            epochs=document.recipe.epochs,
            seed=document.recipe.seed,
            hash=document.hash(),
            created=time.time(),
        )
        if begin is not None:
            summary.origin = await self._lay_start(summary.id, begin)
        async with self._store.write() as connection:
            await runs.create(connection, summary, person, frozen, placed)
        if begin is not None and summary.origin is not None and begin.keep == "state":
            await self._copy_curve(summary, begin)
        await self._carry(summary, person, frozen, resume=False)
        return self._active.get(summary.id, summary)

    async def _lay_start(self, run: str, begin: Beginning) -> Origin:
        """Lays what a run begins with into its folder."""
        state = self._files.state(begin.origin.id, begin.step)
        about = pydantic_core.to_json({"keep": begin.keep, "document": begin.document.dump()})
        try:
            if state is None:
                raise FileNotFoundError
            step = await asyncio.to_thread(self._files.lay_start, run, state, about)
        except (OSError, ValueError):
            self._files.remove_run(run)
            raise LookupError("That state of the run is not kept any more. Choose another one.") from None
        origin = begin.origin
        return Origin(run=origin.id, board=origin.board, title=origin.title, step=step, keep=begin.keep)

    async def _copy_curve(self, summary: RunSummary, begin: Beginning) -> None:
        """A run that goes on shows the way up to where it begins."""
        assert summary.origin is not None
        await self._hub.open(begin.origin, self._files.run(begin.origin.id))
        await self._hub.open(summary, self._files.run(summary.id))
        points = self._hub.points(begin.origin.id, summary.origin.step)
        if points:
            # What the other one's test told is not this one's, whose test samples nobody has opened.
            told = [
                {**point, "values": {name: value for name, value in point["values"].items() if name[:5] != "test."}}
                for point in (each.model_dump(mode="json") for each in points)
            ]
            self._hub.publish(summary.id, {"event": "metrics", "points": told})

    async def _go_on(self, summary: RunSummary) -> None:
        """A run that a stop or a crash of the server interrupted."""
        async with self._store.read() as connection:
            kept = await runs.frozen(connection, summary.id)
        if kept is None:
            return
        await self._hub.open(summary, self._files.run(summary.id))
        known = self._hub.summary(summary.id)
        if known.state in ENDED:  # it had ended, but the note of it was lost
            self._untold[summary.id] = known
            return
        person, document = kept
        await self._carry(known, person, document, resume=known.state not in ("queued", "preparing"))
        if known.state == "paused":
            self.executor.command(summary.id, Pause())

    async def _carry(self, summary: RunSummary, person: str, document: bytes, *, resume: bool) -> None:
        directory = self._files.run(summary.id)
        await self._hub.open(summary, directory)
        self._active[summary.id] = summary
        self._ends[summary.id] = asyncio.Event()
        self._rooms.tell_run(summary)
        run = Run(summary.id, person, summary.board, document, directory, summary.epochs, summary.restarts)
        self.executor.start(run, resume=resume)

    async def of_board(self, board: str) -> list[RunSummary]:
        """Runs of a board, the newest first, as of now."""
        async with self._store.read() as connection:
            known = await runs.of_board(connection, board)
        return [self.now(summary) for summary in known]

    async def find(self, run: str) -> RunSummary | None:
        if not PATTERN.fullmatch(run):
            return None
        async with self._store.read() as connection:
            summary = await runs.find(connection, run)
        return self.now(summary) if summary else None

    def now(self, summary: RunSummary) -> RunSummary:
        """A run as of now, from as it was kept."""
        with contextlib.suppress(KeyError):
            return self._hub.summary(summary.id)
        return summary

    def _extremes(self, run: str) -> runs.Extremes | None:
        with contextlib.suppress(KeyError):
            return self._hub.extremes(run)
        return None

    async def table(self, board: str) -> list[tuple[RunRow, bytes]]:
        """Runs of a board beside each other, as of now, with the JSON of what each trained; the newest first."""
        async with self._store.read() as connection:
            rows = await runs.table(connection, board)
        for row, _ in rows:
            row.run = self.now(row.run)
            if row.run.state not in ENDED and (extremes := self._extremes(row.run.id)) is not None:
                row.least = {name: pair[0] for name, pair in extremes.items()}
                row.most = {name: pair[1] for name, pair in extremes.items()}
        return rows

    async def series(self, summary: RunSummary, name: str) -> list[tuple[int, float, float, float]]:
        """(step, epoch, seconds, value) of one of a run's series, thinned where it is long."""
        await self._hub.open(summary, self._files.run(summary.id))
        return self._hub.series(summary.id, name)

    def events(self, run: str) -> Path:
        """The file of everything that was told of a run."""
        return self._files.run(run) / EVENTS

    def unfinished(self) -> list[RunSummary]:
        """Runs that have not ended, as of now: those under way, then those that wait, the next one first."""
        now = [self.now(summary) for summary in self._active.values()]
        return sorted(now, key=lambda summary: (summary.state == "queued", summary.position, summary.created))

    @property
    def slots(self) -> int:
        """How many runs are trained at once."""
        return self.executor.slots

    def stop(self, run: str) -> None:
        self.executor.stop(run)

    def counts(self) -> dict[str, int]:
        """How many runs have not ended, by state."""
        return Counter(summary.state for summary in self._active.values())

    async def throw_away(self, summary: RunSummary) -> None:
        """Deletes a run, but so that it can be had back for a while; one under way is stopped."""
        self._binned.add(summary.id)
        async with self._store.write() as connection:
            await runs.throw_away(connection, summary.id, time.time())
        self.executor.stop(summary.id)
        self.executor.shut(summary.id)
        self._rooms.tell_gone(summary.board, summary.id)

    async def find_binned(self, run: str) -> RunSummary | None:
        if not PATTERN.fullmatch(run):
            return None
        async with self._store.read() as connection:
            return await runs.find_binned(connection, run)

    async def take_back(self, binned: RunSummary) -> RunSummary:
        """Has a run back that was deleted."""
        async with self._store.write() as connection:
            await runs.take_back(connection, binned.id)
        self._binned.discard(binned.id)
        summary = self.now(binned)
        if summary.state not in ENDED and summary.id not in self._active:
            # The server stopped before the run had ended.
            summary = summary.model_copy(update={"state": "stopped"})
            async with self._store.write() as connection:
                await runs.save(connection, summary)
        self._rooms.tell_run(summary)
        return summary

    async def _empty_bin(self) -> None:
        while True:
            try:
                async with self._store.write() as connection:
                    gone = await runs.empty_bin(connection, time.time() - BIN)
                self._binned.difference_update(gone)
                await self.forget(gone)
            except Exception:
                log.exception("the bin could not be emptied")
            await asyncio.sleep(EMPTYING)

    async def forget(self, gone: list[str]) -> None:
        """Runs whose board is deleted: they are stopped, and their folders removed when they have ended."""
        for run in gone:
            self._do(self._remove(run))

    async def _remove(self, run: str) -> None:
        self.executor.stop(run)
        if run in self._ends:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOPPING):
                    await self._ends[run].wait()
        self.executor.shut(run)
        await asyncio.to_thread(self._files.remove_run, run)

    # --- watchers -----------------------------------------------------------------------------------------------------

    async def watch(self, summary: RunSummary, person: Person, role: Role, since: int | None) -> Watcher:
        """A watcher of a run, who has seen everything up to ``since``."""
        await self._hub.open(summary, self._files.run(summary.id))
        watcher = Watcher(person, self._hub.subscribe(summary.id, since), role)
        self._watchers.setdefault(summary.board, set()).add(watcher)
        return watcher

    def leave(self, summary: RunSummary, watcher: Watcher) -> None:
        watcher.subscriber.close()
        watchers = self._watchers.get(summary.board, set())
        watchers.discard(watcher)
        if not watchers:
            self._watchers.pop(summary.board, None)

    def command(self, run: str, watcher: Watcher, command: RunCommand) -> bool:
        """Does what a watcher wants; False where they may not."""
        if isinstance(command, Watch):
            watcher.subscriber.watch(command.views)
        elif watcher.role == "viewer":
            return False
        else:
            self.executor.command(run, command)
        return True

    async def roles_changed(self, board: str) -> None:
        """Lets a change of sharing act on everybody who watches a run of the board: at once."""
        for watcher in list(self._watchers.get(board, ())):
            async with self._store.read() as connection:
                info = await boards.find(connection, board, watcher.person.id)
            if info is None:
                watcher.send_away(FORBIDDEN, "This board is not shared with you any more.")
            else:
                watcher.role = info.role

    def _watch(self, run: str, subscriptions: list[Subscription]) -> None:
        if self._executor is None:
            return
        self._executor.watch(run, [each for each in subscriptions if each.at == NOW])
        if self._apart(run, subscriptions):
            self._do(self._reopen(run))

    def _apart(self, run: str, subscriptions: list[Subscription]) -> list[Subscription]:
        """What the run itself cannot show: it has no process, or it is beyond that checkpoint."""
        executes = self.executor.executes(run)
        return [each for each in subscriptions if each.at != NOW or not executes]

    async def _reopen(self, run: str) -> None:
        """Has drawn what watchers want to see of a run's checkpoints."""
        if (subject := await self._subject(run)) is not None:
            self.executor.draw(subject, lambda: self._apart(run, self._hub.undrawn(run)))

    async def _subject(self, run: str) -> Subject | None:
        async with self._store.read() as connection:
            kept = await runs.frozen(connection, run)
        return None if kept is None else Subject(run, kept[1], self._files.run(run))

    async def trained(self, run: str) -> Document:
        """The board that a run trained. Raises LookupError."""
        async with self._store.read() as connection:
            kept = await runs.frozen(connection, run)
        if kept is None:
            raise LookupError("The board that this run trained is not kept any more.")
        return load(pydantic_core.from_json(kept[1]))

    # --- questions ----------------------------------------------------------------------------------------------------

    async def ask(self, run: str, question: Question, at: int = NOW) -> bytes:
        """The answer to a question about a run. Raises Unanswered."""
        subject = await self._subject(run)
        if subject is None:
            raise Unanswered("The board that this run trained is not kept any more.")
        return await self.executor.ask(subject, question, at)

    async def ask_board(self, board: str, document: Document, question: Question) -> bytes:
        """The answer to a question about a board as it is now. Raises Unanswered."""
        return await self.executor.ask(Subject(f"board {board}", document_json(document)), question)

    async def open_test(self, summary: RunSummary) -> RunSummary:
        """Tests a run that has ended, and remembers that its board's test samples were opened; one that was tested
        before is as it was. Raises Unanswered."""
        if not tested(summary):
            subject = await self._subject(summary.id)
            if subject is None:
                raise Unanswered("The board that this run trained is not kept any more.")
            header, _ = opened(await self.executor.ask(subject, Testing()))
            if header.problem is not None:
                raise Unanswered(header.problem.message)
            await self._hub.open(summary, self._files.run(summary.id))
            summary = self.now(summary)
        if not tested(summary):  # nobody else was quicker
            means = header.about["means"]
            assert isinstance(means, list)
            for each in ({"values": header.about["values"], "text": "The test samples were opened."}, *means):
                assert isinstance(each, dict)
                at = {"step": summary.step, "epoch": summary.epoch, "seconds": summary.seconds}
                self._publish(summary.id, {"event": "metrics", "points": [{**at, "values": each["values"]}]})
                self._publish(summary.id, {"event": "noted", "step": summary.step, "text": each["text"]})
        await self._flush()
        return self.now(summary)

    async def openings(self, board: str) -> list[Opening]:
        """When the test samples of a board were opened, the oldest first."""
        async with self._store.read() as connection:
            return await openings.of_board(connection, board)

    async def fit(self, board: str, document: Document, begin: Beginning) -> Transfer:
        """Which of a run's weights fit a board. Raises Unanswered."""
        question = Fitting(document=document_json(begin.document).decode(), keep=begin.keep)
        answer = await self.executor.ask(Subject(f"board {board}", document_json(document)), question)
        header, _ = opened(answer)
        if header.problem is not None:
            raise Unanswered(header.problem.message)
        return Transfer.model_validate(header.about)

    async def ask_together(self, board: str, named: Mapping[str, str], part: Part) -> bytes:
        """What several runs (id: what a person calls it) say of the same samples. Raises Unanswered."""
        members = []
        for run, name in named.items():
            subject = await self._subject(run)
            if subject is None:
                raise Unanswered(f"The board that {name} trained is not kept any more.")
            members.append(Member(name=name, document=subject.document.decode(), directory=str(subject.directory)))
        # Its own process, whichever runs it opens: the next question may be about others.
        return await self.executor.ask(Subject(f"together {board}", b"{}"), Together(members=members, part=part))

    # --- what is told -------------------------------------------------------------------------------------------------

    def _publish(self, run: str, event: dict[str, Any] | bytes) -> None:
        """Called by the executor with everything that happens."""
        self._hub.publish(run, event)
        if isinstance(event, bytes):
            return
        self._untold.setdefault(run, None)
        before = self._active.get(run)
        if event["event"] in ("state", "failed", "end"):
            summary = self._hub.summary(run)
            if summary.state in ENDED:
                self._untold[run] = summary  # the hub may forget it
                self._active.pop(run, None)
                if (ended := self._ends.pop(run, None)) is not None:
                    ended.set()
            else:
                self._active[run] = summary
            if before is None or (before.state, before.position) != (summary.state, summary.position):
                self._hurry.set()

    async def _tell(self) -> None:
        """Notes progress in the store and on the boards, now and then."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TELL):
                    await self._hurry.wait()
            self._hurry.clear()
            try:
                await self._flush()
            except Exception:
                log.exception("the progress of runs could not be noted")

    async def _flush(self) -> None:
        untold, self._untold = self._untold, {}
        summaries = []
        for run, summary in untold.items():
            with contextlib.suppress(KeyError):
                summaries.append(summary or self._hub.summary(run))
        if not summaries:
            return
        for summary in summaries:
            if summary.id not in self._binned:
                self._rooms.tell_run(summary)
        try:
            async with self._store.write() as connection:
                for summary in summaries:
                    await runs.save(connection, summary, self._extremes(summary.id))
                    if tested(summary):
                        await self._note_opening(connection, summary)
        except BaseException:
            self._untold = {**untold, **self._untold}
            raise

    async def _note_opening(self, connection: AsyncConnection, summary: RunSummary) -> None:
        """A run was tested: at its end, or because somebody asked for it."""
        kept = await runs.frozen(connection, summary.id)
        if kept is not None:
            trained = load(pydantic_core.from_json(kept[1])).hash(seed=False)
            if await openings.note(
                connection, summary.board, Opening(run=summary.id, opened=time.time(), trained=trained)
            ):
                self._rooms.opened(summary.board, trained)

    def _do(self, chore: Any) -> None:
        task = asyncio.create_task(chore)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
