"""Processes that answer: a run that has ended, or a board that was never trained, opened as long as somebody asks.

Such a process takes no place of a run. It is made for the first question about its subject, stays for the next ones,
and is ended when none has come for a while, or when another subject needs its place.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chalknet import wire
from chalknet.runtime.executor import Publish, Subject
from chalknet.runtime.questions import Questions, Unanswered
from chalknet.runtime.warm import Source, Unavailable, Worker
from chalknet.runtime.work import Job

log = logging.getLogger(__name__)

MODULE = "chalknet.training.answer"


@dataclass(frozen=True, slots=True)
class Answering:
    """What answering may take."""

    processes: int = 2
    """At the same time."""
    idle: float = 60
    """Seconds without a question after which a process ends."""
    seconds: float = 60
    """For an answer, the wait for a process and for its data included."""
    memory: int = 0
    """Bytes of private memory a process; 0: no limit."""
    threads: int = 1


@dataclass(slots=True, eq=False)
class _Desk:
    """A subject's process."""

    subject: Subject
    ready: asyncio.Future[Worker]
    questions: Questions = field(default_factory=Questions)
    used: float = 0.0
    """When it was last asked or last answered, by the loop's clock."""
    task: asyncio.Task[None] | None = None


class Asking:
    """``publish`` is told of every frame that was drawn for a run's watchers. ``log`` takes what the processes write
    to stdout and stderr."""

    def __init__(self, source: Source, publish: Publish, *, limits: Answering, cache: str, log: Path | None = None,
                 module: str = MODULE) -> None:  # fmt: skip
        self._source = source
        self._publish = publish
        self._limits = limits
        self._cache = cache
        self._log = str(log) if log else os.devnull
        self._module = module
        self._desks: dict[str, _Desk] = {}
        self._changed = asyncio.Condition()
        self._wanted: dict[str, tuple[Subject, Callable[[], Sequence[wire.Subscription]]]] = {}
        self._drawing: dict[str, asyncio.Task[None]] = {}

    async def ask(self, subject: Subject, question: wire.Asked, at: int = wire.NOW) -> bytes:
        """The answer, as ``wire.opened`` reads it. Raises Unanswered."""
        desk: _Desk | None = None
        try:
            async with asyncio.timeout(self._limits.seconds):
                desk = await self._desk(subject)
                worker = await asyncio.shield(desk.ready)
                desk.used = self._now()
                return await desk.questions.ask(worker.channel, question, at)
        except TimeoutError:
            if desk is None:
                raise Unanswered("Others are asking; try again in a moment.") from None
            self._dismiss(desk)  # what it is at would keep it from the next question
            raise Unanswered(f"There was no answer within {self._limits.seconds:g} seconds.") from None
        except Unavailable as error:
            raise Unanswered(str(error)) from None
        finally:
            if desk is not None:
                desk.used = self._now()
                async with self._changed:
                    self._changed.notify_all()

    def draw(self, subject: Subject, wanted: Callable[[], Sequence[wire.Subscription]]) -> None:
        """Has a run's views drawn, each once. ``wanted`` is called when their turn comes: what was asked for and is not
        looked at any more by then costs nothing."""
        self._wanted[subject.key] = (subject, wanted)
        if subject.key not in self._drawing:
            task = asyncio.create_task(self._draw(subject.key), name=f"draw {subject.key}")
            self._drawing[subject.key] = task

    def close_of(self, key: str) -> None:
        """Ends a subject's process, if it has one: its run goes on, or its folder is removed."""
        self._wanted.pop(key, None)
        if (desk := self._desks.get(key)) is not None:
            self._dismiss(desk)

    async def close(self) -> None:
        tasks = [*self._drawing.values(), *(desk.task for desk in self._desks.values() if desk.task is not None)]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @property
    def subjects(self) -> list[str]:
        """Whose processes there are."""
        return list(self._desks)

    def pid(self, key: str) -> int | None:
        """Of the process that answers for a subject."""
        desk = self._desks.get(key)
        return desk.ready.result().pid if desk is not None and _made(desk) else None

    async def _draw(self, key: str) -> None:
        try:
            while (waiting := self._wanted.pop(key, None)) is not None:
                subject, wanted = waiting
                views = list(wanted())
                if views:
                    try:
                        await self.ask(subject, wire.Looks(views=views))
                    except Unanswered as error:
                        log.warning("views of %s were not drawn: %s", key, error)
        finally:
            # In one go with finding nothing more to draw: what is wanted from now on needs another task.
            del self._drawing[key]

    # --- processes ---------------------------------------------------------------------------------------------------

    async def _desk(self, subject: Subject) -> _Desk:
        """The subject's process, which may still be starting. Waits while there are as many as there may be and none
        of them rests."""
        while True:
            desk = self._desks.get(subject.key)
            if desk is not None and desk.subject.document == subject.document:
                return desk
            if desk is None and len(self._desks) < self._limits.processes:
                desk = _Desk(subject, asyncio.get_running_loop().create_future(), used=self._now())
                self._desks[subject.key] = desk
                desk.task = asyncio.create_task(self._serve(desk), name=f"answers for {subject.key}")
                return desk
            resting = [each for each in self._desks.values() if not each.questions and each.ready.done()]
            if desk is not None:  # the board has been changed since
                resting = [each for each in resting if each is desk]
            if resting:
                await asyncio.wait([self._dismiss(min(resting, key=lambda each: each.used))])
            else:
                async with self._changed:
                    await self._changed.wait()

    async def _serve(self, desk: _Desk) -> None:
        subject, worker = desk.subject, None
        rest = asyncio.get_running_loop().call_later(self._limits.idle, self._rest, desk)
        try:
            worker = await self._source.take("cpu")
            options = {"directory": str(subject.directory or ""), "cache": self._cache, "threads": self._limits.threads}
            job = Job(self._module, subject.document, options, self._log, self._limits.memory)
            worker.channel.send(job.pack())
            desk.ready.set_result(worker)
            while True:
                kind, payload = await worker.channel.receive()
                if kind == 1:
                    self._publish(subject.key, payload)
                elif kind == 2:
                    desk.questions.hear(*payload)
        except (EOFError, ValueError):
            log.warning("the process that answered for %s has ended", subject.key)
        except Unavailable as error:
            desk.ready.set_exception(error)
            desk.ready.exception()  # nobody may be waiting for it
        finally:
            rest.cancel()
            self._leave(desk)
            if not desk.ready.done():
                desk.ready.set_exception(Unavailable("The process that was to answer has been ended."))
                desk.ready.exception()
            desk.questions.lose()
            if worker is not None:
                await worker.end()
            async with self._changed:
                self._changed.notify_all()

    def _rest(self, desk: _Desk) -> None:
        """Ends a process that nobody has asked for a while."""
        left = desk.used + self._limits.idle - self._now()
        if desk.questions or not desk.ready.done() or left > 0:
            asyncio.get_running_loop().call_later(max(left, self._limits.idle / 10), self._rest, desk)
        else:
            self._dismiss(desk)

    def _dismiss(self, desk: _Desk) -> asyncio.Task[None]:
        """Begins to end a process; nobody else is given it."""
        assert desk.task is not None
        self._leave(desk)
        desk.task.cancel()
        return desk.task

    def _leave(self, desk: _Desk) -> None:
        if self._desks.get(desk.subject.key) is desk:
            del self._desks[desk.subject.key]

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _made(desk: _Desk) -> bool:
    return desk.ready.done() and desk.ready.exception() is None
