"""A run's checkpoints: what stands in one, how a run comes back from it, and what is told of it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from chalknet import wire
from chalknet.training import averaging, checkpoint
from chalknet.training.averaging import Averaged
from chalknet.training.best import Best
from chalknet.training.checkpoint import Keeper, Snapshot
from chalknet.training.ensemble import Ensemble
from chalknet.training.events import Event
from chalknet.training.plan import Plan
from chalknet.training.progress import Progress


class Keeping(Progress):
    """The part of a run that keeps its state: the weights with all that follows them."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.keeper = Keeper(plan)
        self.best = Best(plan)
        self.ensemble = Ensemble(plan)
        self.averaged = None if plan.document.recipe.averaging.kind == "none" else Averaged(plan)
        self.paused = False
        self.checkpoint_due = 0.0
        self.measured: tuple[int, float] | None = None
        """Step and loss of the last validation."""
        self.lowest = math.inf
        """The least validation loss so far."""
        self.checkpointed = 0.0
        """When the last checkpoint was begun."""
        self.unkept = ""
        """Why the last checkpoint could not be written."""

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
