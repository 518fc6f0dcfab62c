"""How far a run is, and what is told of it: time, rate, and the losses since the last point."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor

from chalknet import wire
from chalknet.training import nonfinite
from chalknet.training.checkpoint import Snapshot
from chalknet.training.diverged import Growth
from chalknet.training.evaluate import finite, named
from chalknet.training.events import Event
from chalknet.training.plan import Plan


class Progress:
    """The part of a run that counts and tells."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.growth = Growth(plan)
        self.step = 0
        self.latest: dict[str, float] = {}
        # The losses since the last point, by phase: (step, losses), still on the device.
        self.seen: list[list[tuple[int, tuple[Tensor, ...]]]] = [[] for _ in plan.phases]
        # Sums and counts that came out of a checkpoint, and belong to the point that was being gathered.
        self.carried: dict[str, tuple[float, int]] = {}
        self.speed: deque[tuple[float, int]] = deque()
        self.snapshot: Snapshot | None = None
        self.seconds_before = 0.0
        self.since = 0.0

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
