"""The training loop: a generator of events that takes commands between steps.

A step costs what it costs in a bare PyTorch loop: losses stay on the device until a clock says that somebody may want
to see them, and a clock's look at the time is all that a step pays for being watched.
"""

from __future__ import annotations

import math
import queue
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from chalknet import wire
from chalknet.graph.document import Document
from chalknet.training import averaging, checkpoint, nonfinite, transfer
from chalknet.training.answers.base import Answered, answer
from chalknet.training.averaging import Averaged
from chalknet.training.best import Best
from chalknet.training.checkpoint import Keeper, Snapshot
from chalknet.training.compile import Refused, seed_of
from chalknet.training.diverged import Diverged, Growth
from chalknet.training.ensemble import Ensemble
from chalknet.training.evaluate import Evaluator, finite, named
from chalknet.training.plan import Plan
from chalknet.training.probe import Frame, Probe
from chalknet.training.stages import Staged

Event = (
    wire.State
    | wire.Metrics
    | wire.Rewound
    | wire.Noted
    | wire.Failed
    | wire.End
    | wire.Checkpointed
    | wire.Kept
    | wire.Transferred
    | Frame
    | Answered
)
"""A ``Frame`` is a picture, an ``Answered`` the answer to a question: bytes of ``wire.pack``."""

METRICS = 0.1
"""Seconds between points of the training loss."""
PROGRESS = 1.0
"""Seconds between reports of the step."""
VALIDATION = 0.1
"""Least seconds between validations, where epochs are shorter; the last epoch is always validated."""


class Commands(Protocol):
    """Where commands come from; ``queue.SimpleQueue`` is one."""

    def empty(self) -> bool: ...
    def get(self) -> Any: ...


def loop(plan: Plan, commands: Commands | None = None, *, resume: bool = False) -> Iterator[Event]:
    """Trains, and yields what happens; the last event is ``End``.

    ``resume``: go on from the newest checkpoint in the plan's directory, or from the start where there is none of this
    board. Between steps it takes ``wire.WorkerCommand`` from ``commands``; while it is paused, it waits for them.
    Exceptions of torch (out of memory) are the caller's.
    """
    with settings(plan):
        run = _Run(plan, commands if commands is not None else queue.SimpleQueue())
        try:
            yield from run.events(resume)
        finally:
            run.probe.watch([])
            run.keeper.close()


@contextmanager
def settings(plan: Plan) -> Iterator[None]:
    """What holds in the whole process while a run lasts: the same sums in the same order each time."""
    threads = torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    fill = torch.utils.deterministic.fill_uninitialized_memory
    torch.utils.deterministic.fill_uninitialized_memory = False
    # Not torch.use_deterministic_algorithms, which imports a compiler for seconds only to tell it. On a GPU some
    # layers have no deterministic kernel; they train all the same.
    torch._C._set_deterministic_algorithms(True, warn_only=plan.device.type != "cpu")
    if plan.device.type == "cuda":
        torch.cuda.set_device(plan.device)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.utils.deterministic.fill_uninitialized_memory = fill
        torch._C._set_deterministic_algorithms(deterministic, warn_only=warn_only)


class _Run:
    """The state of one ``loop``."""

    def __init__(self, plan: Plan, commands: Commands) -> None:
        self.plan = plan
        self.commands = commands
        self.keeper = Keeper(plan)
        self.probe = Probe(plan)
        self.evaluator = Evaluator(plan.compiled)
        self.best = Best(plan)
        self.growth = Growth(plan)
        self.ensemble = Ensemble(plan)
        self.averaged = None if plan.document.recipe.averaging.kind == "none" else Averaged(plan)
        self.step = 0
        self.paused = False
        self.stopped = False
        self.asked: wire.StepPart | None = None
        """How far a paused run was asked to go: to the end of this part, or of the step."""
        self.staged: Staged | None = None
        """The step that was taken part by part last, as long as the run stands still at it."""
        self.going_on = False
        """It was told to go on while it stood in the middle of a step, which is finished first."""
        self.latest: dict[str, float] = {}
        # The losses since the last point, by phase: (step, losses), still on the device.
        self.seen: list[list[tuple[int, tuple[Tensor, ...]]]] = [[] for _ in plan.phases]
        # Sums and counts that came out of a checkpoint, and belong to the point that was being gathered.
        self.carried: dict[str, tuple[float, int]] = {}
        self.speed: deque[tuple[float, int]] = deque()
        self.snapshot: Snapshot | None = None
        self.seconds_before = 0.0
        self.since = 0.0
        self.due = 0.0
        self.metrics_due = 0.0
        self.progress_due = 0.0
        self.checkpoint_due = 0.0
        self.validated = -math.inf
        self.measured: tuple[int, float] | None = None
        """Step and loss of the last validation."""
        self.lowest = math.inf
        """The least validation loss so far."""
        self.checkpointed = 0.0
        """When the last checkpoint was begun."""
        self.unkept = ""
        """Why the last checkpoint could not be written."""

    # --- the way of a run --------------------------------------------------------------------------------------------

    def events(self, resume: bool) -> Iterator[Event]:
        plan = self.plan
        self.since = time.perf_counter()
        found = self._found() if resume else None
        report = None
        if found is not None:
            self._restore(found)
        else:
            torch.manual_seed(seed_of(plan.seed, "training"))
            if plan.start is not None:
                try:
                    taken, report = transfer.begin(plan, plan.start)
                except Refused as refused:
                    yield wire.Failed(problem=refused.problems[0])
                    yield wire.End(state="failed")
                    return
                self._take_over(taken)
        if resume:
            yield wire.Rewound(step=self.step)
        if report is not None:
            yield wire.Transferred(report=report)
            yield wire.Noted(step=self.step, text=transfer.words(report))
        torch.set_num_threads(plan.threads)
        plan.compiled.learn()
        self.keeper.begin(None if found is None else found.step)
        self.lowest = self.keeper.lowest
        yield self._state("running")
        try:
            if found is None:
                yield from self._keep()
            else:
                self._snapshot()
                self.checkpoint_due = self.since + self.keeper.interval(self.seconds)
            yield from self._attend()
            yield from self._epochs()
            yield from self._finish()
        except (nonfinite.NonFinite, Diverged) as fault:
            yield wire.Failed(problem=fault.problem)
            yield wire.End(state="failed", metrics=self.latest)

    def _epochs(self) -> Iterator[Event]:
        plan, phases, clock = self.plan, self.plan.phases, time.perf_counter
        single = phases[0] if len(phases) == 1 and phases[0].every == 1 else None
        empty, averaged = self.commands.empty, self.averaged
        step, steps, slow = self.step, plan.steps, self.paused
        if step and step % plan.batches.per_epoch == 0:
            self._see_epoch()  # it may have been interrupted just before
        if self.best.wanted and self.best.seen < step // plan.batches.per_epoch:
            # It was interrupted between the last update of an epoch and its validation.
            yield from self._validate()
        while step < steps and not self.stopped and not self.best.over:
            epoch, start = divmod(step, plan.batches.per_epoch)
            for batch in plan.batches.epoch(epoch, start):
                if slow:
                    yield from self._in_parts(batch)
                elif single is not None:
                    self.seen[0].append((step, single.step(batch, step)))
                else:
                    for phase, seen in zip(phases, self.seen, strict=True):
                        if step % phase.every == 0:
                            seen.append((step, phase.step(batch, step)))
                if averaged is not None:
                    averaged.update(step)
                step += 1
                if slow or clock() >= self.due or not empty():
                    self.step = step
                    yield from self._attend()
                    if self.stopped:
                        return
                    slow = self.paused
            self.step = step
            self._see_epoch()
            yield from self._validate()

    def _see_epoch(self) -> None:
        """At the end of an epoch, with the weights that count."""
        if self.ensemble.wanted:
            with self.averaged.instead(self.step) if self.averaged is not None else nullcontext():
                self.ensemble.see(self.step // self.plan.batches.per_epoch)

    def _finish(self) -> Iterator[Event]:
        """The last word: the state on disk, the test unless it was stopped, the final pictures."""
        state: wire.RunState = "stopped" if self.stopped else "finished"
        yield from self._points()
        if not self.stopped:
            if self.averaged is not None:
                self.averaged.settle(self.step)
            if told := self.best.bring_back():
                yield wire.Noted(step=self.step, text=told)
            self.probe.look_again()
        yield from self._keep(wait=True, last=True)
        if not self.stopped:
            tested = self.evaluator(self.plan.test, "test", whole=True)
            if tested:
                yield self._curve(tested)
            for values, text in self.ensemble.tell(self.evaluator):
                yield self._curve(values)
                yield wire.Noted(step=self.step, text=text)
        yield from self._frames(force=True)
        yield self._state(state)
        yield wire.End(state=state, metrics=self.latest)

    # --- between steps -----------------------------------------------------------------------------------------------

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

    # --- what is told ------------------------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """Seconds of training, pauses left out."""
        return self.seconds_before + max(0.0, time.perf_counter() - self.since)

    def _state(self, state: wire.RunState) -> wire.State:
        plan = self.plan
        return wire.State(
            state=state,
            step=self.step,
            steps=plan.steps,
            epoch=self.step / plan.batches.per_epoch,
            epochs=plan.epochs,
            seconds=self.seconds,
            rate=plan.phases[0].rate(self.step),
            dials=plan.dials.told(),
        )

    def _curve(self, values: dict[str, float]) -> wire.Metrics:
        self.latest |= values
        epoch = self.step / self.plan.batches.per_epoch
        return wire.Metrics(points=[wire.Curve(step=self.step, epoch=epoch, seconds=self.seconds, values=values)])

    def _points(self) -> Iterator[Event]:
        """The mean of the losses since the last point. Raises NonFinite where one is not a number."""
        sums = self._read()
        if not sums:
            return
        means = {path: total / count for path, (total, count) in sums.items() if count}
        values = named("train", means, {})
        self.growth.see(self.step, values["train.loss"])
        costs = [cost for phase in self.plan.phases if (cost := phase.cost()) is not None]
        if costs:
            values["train.penalty"] = float(torch.stack(costs).sum())
        values["rate"] = self.plan.phases[0].rate(max(0, self.step - 1))
        seconds = self.seconds
        while len(self.speed) > 1 and self.speed[0][0] < seconds - 1:
            self.speed.popleft()
        if self.speed and seconds > self.speed[0][0]:
            before, step = self.speed[0]
            values["updates_per_second"] = (self.step - step) / (seconds - before)
        self.speed.append((seconds, self.step))
        self.carried = {}
        yield self._curve(finite(values))

    def _read(self) -> dict[str, tuple[float, int]]:
        """Sum and count of each loss since the last point; the one place where the device is waited for."""
        sums = dict(self.carried)
        first: int | None = None
        for phase, seen in zip(self.plan.phases, self.seen, strict=True):
            if not seen:
                continue
            values = torch.stack([loss for _, losses in seen for loss in losses]).tolist()
            width = len(phase.losses)
            for place, path in enumerate(phase.losses):
                column = values[place::width]
                total = math.fsum(column) if all(map(math.isfinite, column)) else math.nan
                if not math.isfinite(total):
                    step = next(seen[i][0] for i, value in enumerate(column) if not math.isfinite(value))
                    first = step if first is None else min(first, step)
                before, count = self.carried.get(path, (0.0, 0))
                sums[path] = (before + total, count + len(column))
            seen.clear()
        if first is not None:
            self._explain(first)
        return sums

    def _explain(self, step: int | None) -> None:
        """Goes back to the last good state and on to the step that went wrong, watching every node. Raises
        NonFinite."""
        assert self.snapshot is not None
        raise nonfinite.find(self.plan, self.snapshot, step, self.step)

    def _validate(self) -> Iterator[Event]:
        now = time.perf_counter()
        if self.step < self.plan.steps and now < self.validated + VALIDATION and not self.best.wanted:
            return
        with self.averaged.instead(self.step) if self.averaged is not None else nullcontext():
            values = self.evaluator(self.plan.validation, "validation")
            self.validated = time.perf_counter()
            told = []
            if "validation.loss" in values:
                epoch = self.step // self.plan.batches.per_epoch
                told = list(self.best.see(self.step, epoch, values["validation.loss"]))
        if values:
            yield self._curve(values)
        for text in told:
            yield wire.Noted(step=self.step, text=text)
        if self._notable(values.get("validation.loss")):
            yield from self._keep()

    def _notable(self, loss: float | None) -> bool:
        """Notes a validation loss. A state with a lower one than any before is worth a checkpoint of its own, where
        that does not come soon after the last."""
        if loss is None:
            return False
        self.measured = self.step, loss
        if loss >= self.lowest:
            return False
        self.lowest = loss
        since = time.perf_counter() - self.checkpointed
        return not self.keeper.busy and since >= max(self.keeper.least, self.keeper.interval(self.seconds) / 2)

    # --- checkpoints -------------------------------------------------------------------------------------------------

    def _found(self) -> Snapshot | None:
        return None if self.keeper.path is None else checkpoint.read(self.keeper.path, self.plan)

    def _restore(self, snapshot: Snapshot) -> None:
        checkpoint.restore(self.plan, snapshot)
        notes = snapshot.notes
        self.step = snapshot.step
        self.seconds_before = float(notes["seconds"])
        self.paused = bool(notes["paused"])
        self.latest = dict(notes["latest"])
        self.growth.first = notes.get("first")
        self.carried = {path: (float(total), int(count)) for path, (total, count) in notes["gathered"].items()}
        if "epochs" in notes:
            self.plan.run_to(int(notes["epochs"]))
        self.ensemble.restore(snapshot.tensors)
        if "best" in notes:
            self.best.restore(notes["best"], snapshot.tensors)
        if self.averaged is not None and snapshot.has(averaging.LEAD):
            self.averaged.restore(snapshot.tensors)

    def _take_over(self, snapshot: Snapshot) -> None:
        """Begins with a state of another run, as far as it fits. Where that one had come to its end, so many epochs
        follow as the recipe asks for."""
        if snapshot.notes:
            self._restore(snapshot)
        else:
            checkpoint.restore(self.plan, snapshot)
        if self.averaged is not None and not snapshot.has(averaging.LEAD):
            self.averaged.begin()
        if self.step >= self.plan.steps:
            self.plan.run_to(self.step // self.plan.batches.per_epoch + self.plan.epochs)

    def _snapshot(self) -> Snapshot:
        """A copy of the state as it is. Raises NonFinite where a parameter is not a number any more."""
        self.carried = self._read()
        notes = {
            "seconds": self.seconds,
            "paused": self.paused,
            "epochs": self.plan.epochs,
            "latest": self.latest,
            "first": self.growth.first,
            "gathered": {path: list(each) for path, each in self.carried.items()},
        }
        if self.best.wanted:
            notes["best"] = self.best.notes()
        taken = checkpoint.take(self.plan, self.step, notes)
        if self.measured is not None and self.measured[0] == self.step:
            taken.loss = self.measured[1]
        taken.tensors |= self.best.kept()
        taken.tensors |= self.ensemble.kept()
        if self.averaged is not None:
            taken.tensors |= self.averaged.kept()
        if self.snapshot is not None and not taken.finite():
            self._explain(None)
        self.snapshot = taken
        return taken

    def _keep(self, *, wait: bool = False, last: bool = False) -> Iterator[Event]:
        """Begins a checkpoint; with ``wait``, sees it safe on disk. The ``last`` is always kept."""
        yield from self._written(wait=True)
        self.checkpointed = start = time.perf_counter()
        snapshot = self._snapshot()
        self.keeper.save(snapshot, time.perf_counter() - start, last=last)
        yield from self._written(wait=wait)
        self.checkpoint_due = time.perf_counter() + self.keeper.interval(self.seconds)

    def _written(self, *, wait: bool = False) -> Iterator[Event]:
        """Tells of a checkpoint that has come safe on disk, or once that it could not: the run goes on without."""
        try:
            written = self.keeper.written(wait=wait)
        except OSError as error:
            reason = error.strerror or str(error)
            if reason != self.unkept:
                self.unkept = reason
                yield wire.Noted(step=self.step, text=f"Its state could not be kept on disk: {reason}.")
        else:
            if written is not None:
                self.unkept = ""
                yield wire.Checkpointed(step=written.step)
                if written.kept is not None:
                    yield wire.Kept(checkpoints=written.kept)
