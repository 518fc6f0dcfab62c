"""A run between its steps: it takes commands, stands still, steps part by part, and does whatever is due."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.training.answers.base import answer
from chalknet.training.events import Event
from chalknet.training.keeping import Keeping
from chalknet.training.plan import Plan
from chalknet.training.probe import Frame, Probe
from chalknet.training.stages import Staged

METRICS = 0.1
"""Seconds between points of the training loss."""
PROGRESS = 1.0
"""Seconds between reports of the step."""


class Commands(Protocol):
    """Where commands come from; ``queue.SimpleQueue`` is one."""

    def empty(self) -> bool: ...
    def get(self) -> Any: ...


class Steering(Keeping):
    """The part of a run that listens."""

    def __init__(self, plan: Plan, commands: Commands) -> None:
        super().__init__(plan)
        self.commands = commands
        self.probe = Probe(plan)
        self.stopped = False
        self.asked: wire.StepPart | None = None
        """How far a paused run was asked to go: to the end of this part, or of the step."""
        self.staged: Staged | None = None
        """The step that was taken part by part last, as long as the run stands still at it."""
        self.going_on = False
        """It was told to go on while it stood in the middle of a step, which is finished first."""
        self.due = 0.0
        self.metrics_due = 0.0
        self.progress_due = 0.0

    def _attend(self) -> Iterator[Event]:
        """Whatever is due now: commands, points, checkpoint, pictures; and the waiting of a paused run."""
        yield from self._listen()
        if self.going_on:
            self.going_on = False
            yield from self._go_on()
        now = time.perf_counter()
        halted = self.paused or self.stopped
        if (halted or now >= self.metrics_due) and (self.carried or any(self.seen)):
            yield from self._points()
            self.metrics_due = now + METRICS
        if now >= self.checkpoint_due and not self.keeper.busy:
            yield from self._keep()
        else:
            yield from self._written()
        if now >= self.progress_due and not halted:
            self.progress_due = now + PROGRESS
            if self.step:
                yield self._state("running")
        if not self.stopped:
            yield from self._frames(force=self.paused)
        if self.paused and not self.stopped and self.asked is None:
            self._stand()
            yield from self._keep(wait=True)
            yield self._state("paused")
            yield from self._wait()
            if not self.paused and not self.stopped:
                yield from self._go_on()
        self.due = min(self.metrics_due, self.checkpoint_due, self.progress_due, self.probe.due)

    def _listen(self) -> Iterator[Event]:
        """Commands that have come, up to one that asks for a step."""
        while not self.commands.empty() and self.asked is None:
            yield from self._obey(self.commands.get())

    def _stand(self) -> None:
        """Time is not counted any more."""
        self.seconds_before, self.since = self.seconds, math.inf

    def _wait(self) -> Iterator[Event]:
        """Stands still until somebody says how to go on. Pictures that are asked for meanwhile are answered at once."""
        while self.paused and not self.stopped and self.asked is None:
            yield from self._obey(self.commands.get())
            if self.paused and not self.stopped and self.asked is None and self.commands.empty():
                yield from self._frames(force=False)
        self.since = time.perf_counter()
        self.speed.clear()

    def _go_on(self) -> Iterator[Event]:
        """After a pause."""
        self.staged = None
        self.probe.stage(None)
        # A run that dies now must not come back paused.
        yield from self._keep(wait=True)
        yield self._state("running")

    def _in_parts(self, batch: list[Tensor]) -> Iterator[Event]:
        """One step of a paused run, as far as it is asked for: it waits between the parts. A step that was begun is
        finished, whatever is said meanwhile."""
        staged = self.staged = Staged(self.plan, batch, self.step)
        asked, self.asked = self.asked, None
        for part in staged.run():
            self.probe.stage(staged)
            if part != asked or self.stopped or not self.paused:
                continue
            if part == "update" and staged.last:
                break
            self._stand()
            yield from self._frames(force=False)
            yield self._state("paused")
            yield from self._wait()
            asked, self.asked = self.asked, None
        else:
            self.asked = None if asked == "whole" else asked
        for phase, seen in zip(self.plan.phases, self.seen, strict=True):
            if phase.id in staged.losses:
                seen.append((self.step, staged.losses[phase.id]))
        self.going_on = not self.paused and not self.stopped

    def _obey(self, command: wire.WorkerCommand) -> Iterator[Event]:
        match command:
            case wire.Ask():
                yield answer(self, command)
            case wire.Pause():
                self.paused = True
            case wire.Resume():
                self.paused = False
            case wire.Step(part=part):
                self.paused, self.asked = True, part
            case wire.Stop():
                self.stopped = True
            case wire.Rate(value=value, phase=wanted):
                for phase in self.plan.phases:
                    if wanted in ("", phase.id) and phase.base != value:
                        text = f"learning rate {phase.base:g} → {value:g}"
                        phase.change(self.step, value)
                        several = len(self.plan.phases) > 1
                        yield wire.Noted(step=self.step, text=f"{phase.id}: {text}" if several else text.capitalize())
                # Whoever sent it takes it for safe with the next checkpoint, which may be one that is being written.
                self.checkpoint_due = 0.0
                yield self._state("paused" if self.paused else "running")
            case wire.Turn():
                for text in self.plan.dials.turn(command):
                    yield wire.Noted(step=self.step, text=text)
                self.checkpoint_due = 0.0
                yield self._state("paused" if self.paused else "running")
            case wire.Watch(views=views):
                self.probe.watch(views)

    def _frames(self, *, force: bool) -> Iterator[Frame]:
        if self.probe.watched:
            yield from self.probe.frames(self.step, self.step / self.plan.batches.per_epoch, force=force)

    # --- what questions are answered from (answers.base.Desk) --------------------------------------------------------

    planned = True

    @property
    def document(self) -> Document:
        return self.plan.document

    @property
    def directory(self) -> Path | None:
        return self.plan.directory

    @property
    def cache(self) -> Path | None:
        return self.plan.cache
