"""The training loop: a generator of events that takes commands between steps.

A step costs what it costs in a bare PyTorch loop: losses stay on the device until a clock says that somebody may want
to see them, and a clock's look at the time is all that a step pays for being watched.
"""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

from chalknet import wire
from chalknet.training import nonfinite, transfer
from chalknet.training.compile import Refused, seed_of
from chalknet.training.diverged import Diverged
from chalknet.training.evaluate import Evaluator
from chalknet.training.events import Event as Event  # what ``loop`` yields
from chalknet.training.plan import Plan
from chalknet.training.steering import Commands, Steering

VALIDATION = 0.1
"""Least seconds between validations, where epochs are shorter; the last epoch is always validated."""


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


class _Run(Steering):
    """The way of one ``loop``."""

    def __init__(self, plan: Plan, commands: Commands) -> None:
        super().__init__(plan, commands)
        self.evaluator = Evaluator(plan.compiled)
        self.validated = -math.inf

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
        """The last word: the state on disk, the test unless it was stopped or is locked, the final pictures."""
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
            locked = self.plan.document.recipe.test == "locked"
            tested = {} if locked else self.evaluator(self.plan.test, "test", whole=True)
            if tested:
                yield self._curve(tested)
            for values, text in self.ensemble.tell(self.evaluator, "validation" if locked else "test"):
                yield self._curve(values)
                yield wire.Noted(step=self.step, text=text)
        yield from self._frames(force=True)
        yield self._state(state)
        yield wire.End(state=state, metrics=self.latest)

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
