"""Looks into the network for those who watch: the union of what they asked for, in one forward pass, never for long.

Views are computed in evaluation mode (BatchNorm with its running statistics, no dropout) on fixed samples, without
touching the run's random numbers, so a watched run learns exactly what an unwatched one does.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

import chalknet.training.views  # noqa: F401 — fills the registry
from chalknet import wire
from chalknet.training.compile import Value
from chalknet.training.evaluate import BATCH_BYTES, rows, untouched
from chalknet.training.plan import Plan
from chalknet.training.stages import Staged
from chalknet.training.views.base import Drawn, Scene, Unwatchable, View, pictured, registry, slope
from chalknet.training.views.plane import grid

log = logging.getLogger(__name__)

SHARE = 0.04
"""The most of a run's time that views may take, unless one would be drawn more seldom than its ``least_rate`` …"""
MOST_SHARE = 0.2
"""… and even then no more than this."""
TOGETHER = 0.01
"""Seconds by which a view is drawn early to share a forward pass with another."""
MOST_VALIDATION = 1000
SEVERAL = 256
"""Samples that a view over several of them looks at, where the network is small …"""
SEVERAL_MACS = 200_000_000
"""… that is, where all of them together take no more multiply-adds than this; in a larger one at least a batch."""


class Frame(bytes):
    """A binary frame (``wire.pack``) that knows its key."""

    key: str

    def __new__(cls, raw: bytes, key: str) -> Frame:
        frame = super().__new__(cls, raw)
        frame.key = key
        return frame


@dataclass
class _Watched:
    """A subscription with its view. ``shown``: the step that was last drawn, or of a step's parts the part; −1
    before."""

    wanted: wire.Subscription
    view: View
    due: float = 0.0
    shown: int = -1


@dataclass
class _Group:
    """Views that are computed in one forward pass. ``cost``: seconds that drawing them takes; ``free``: when they may
    be drawn again without taking too much of the run's time."""

    over: str
    which: int
    members: list[_Watched] = field(default_factory=list)
    cost: float = 0.0
    free: float = 0.0

    @property
    def due(self) -> float:
        if any(each.shown < 0 for each in self.members):
            return 0.0
        return max(self.free, min((each.due for each in self.members), default=math.inf))

    def pay(self, begun: float, spent: float, share: float) -> None:
        """Notes what drawing cost, and when it may be done again."""
        self.cost = spent if self.cost == 0 else 0.5 * (self.cost + spent)
        seldom = 1 / max(each.view.least_rate for each in self.members)
        self.free = begun + max(self.cost / MOST_SHARE, min(self.cost / share, seldom))


class Probe:
    """``watch`` says what is looked at; ``due`` when something should be drawn next; ``frames`` draws what is due."""

    def __init__(self, plan: Plan) -> None:
        looked = plan.validation if all(source.count for source in plan.validation.values()) else plan.train
        self.plan = plan
        self.scene = Scene(plan.compiled, looked, plan.train, plan.validation, plan.phases)
        self.due = math.inf
        self.moment = 0
        """Grows with every part of a step that is taken part by part."""
        self._groups: dict[tuple[str, int], _Group] = {}

    @property
    def watched(self) -> bool:
        return bool(self._groups)

    def watch(self, wanted: Sequence[wire.Subscription]) -> None:
        """Replaces all that is watched. What is not there is left out; what stays goes on."""
        known = {each.wanted.key: each for group in self._groups.values() for each in group.members}
        found: dict[str, _Watched] = {}
        for each in wanted:
            if each.key in found:
                each = each.model_copy(update={"rate": max(each.rate, found[each.key].wanted.rate)})
            watched = found.get(each.key) or known.get(each.key) or self._made(each)
            if watched is not None:
                watched.wanted = each
                found[each.key] = watched
        groups: dict[tuple[str, int], _Group] = {}
        for watched in found.values():
            key = (watched.view.over, watched.view.which)
            if key not in groups:
                before = self._groups.get(key, _Group(*key))
                groups[key] = _Group(*key, cost=before.cost, free=before.free)
            groups[key].members.append(watched)
        for key, watched in known.items():
            if key not in found:
                watched.view.close()
        self._groups = groups
        self._plan_next()

    def stage(self, staged: Staged | None) -> None:
        """A part of a step was made, or there is none to look at any more."""
        self.scene.staged = staged
        self.moment += 1
        for group in self._groups.values():
            if group.over == "parts":
                group.free = 0.0
                for each in group.members:
                    each.due = 0.0
        self._plan_next()

    def look_again(self) -> None:
        """The weights are others, though the step is the same."""
        for group in self._groups.values():
            for each in group.members:
                each.shown = -1

    def _made(self, wanted: wire.Subscription) -> _Watched | None:
        kind = registry.get(wanted.view)
        if kind is None:
            log.info("there is no view %r", wanted.view)
            return None
        try:
            return _Watched(wanted, kind(self.scene, wanted))
        except Unwatchable as reason:
            log.info("%s of %s is not shown: %s", wanted.view, wanted.node, reason)
        except Exception:
            log.exception("%s of %s cannot be shown", wanted.view, wanted.node)
        return None

    def frames(self, step: int, epoch: float, *, force: bool = False) -> Iterator[Frame]:
        """The frames that are due (``force``: all) and do not show this very step already."""
        now = time.perf_counter()
        if not force and now < self.due:
            return
        self.scene.step = step
        made: list[Frame] = []
        share = SHARE / max(1, len(self._groups))
        with untouched(self.plan.compiled):
            for group in self._groups.values():
                if not force and now < group.due:
                    continue
                chosen = [
                    each
                    for each in group.members
                    if each.shown != self._now(each, step)
                    and not (each.view.once and each.shown >= 0)
                    and (force or each.shown < 0 or each.due <= now + TOGETHER)
                ]
                if not chosen:
                    continue
                begun = time.perf_counter()
                made += self._drawn(group, chosen, step, epoch)
                for each in chosen:
                    idle = each.view.once or each.view.over == "parts"
                    each.due = math.inf if idle else begun + 1 / each.wanted.rate
                    each.shown = self._now(each, step)
                if group.members:
                    group.pay(begun, time.perf_counter() - begun, share)
        self._plan_next()
        yield from made

    def _now(self, watched: _Watched, step: int) -> int:
        """What a picture is told apart by from the one before."""
        return self.moment if watched.view.over == "parts" else step

    def _plan_next(self) -> None:
        self.due = min((group.due for group in self._groups.values()), default=math.inf)

    def _drawn(self, group: _Group, chosen: list[_Watched], step: int, epoch: float) -> list[Frame]:
        """The frames of some of a group's views; those that fail are left out from now on."""
        samples = sorted({sample for each in chosen for sample in each.view.samples}) if group.over == "samples" else []
        try:
            values = self._values(group, samples, chosen)
        except Exception:
            log.exception("views could not be computed and are not shown any more")
            for each in chosen:
                self._drop(group, each)
            return []
        places = {sample: place for place, sample in enumerate(samples)}
        made = []
        for each in chosen:
            picked = values
            if group.over == "samples" and list(each.view.samples) != samples:
                index = torch.tensor([places[sample] for sample in each.view.samples], device=self.plan.device)
                picked = {value: values[value][index] for value in each.view.values}
            try:
                made.append(_frame(each.wanted, each.view.draw(picked), step, epoch))
            except Exception:
                log.exception("%s of %s is not shown any more", each.wanted.view, each.wanted.node)
                self._drop(group, each)
        return made

    @staticmethod
    def _drop(group: _Group, watched: _Watched) -> None:
        group.members.remove(watched)
        watched.view.close()

    @cached_property
    def several(self) -> int:
        """How many samples a view over several of them looks at: a batch, which training affords, or more where that
        is cheap."""
        return self._affordable(min(SEVERAL, SEVERAL_MACS // max(1, self.plan.compiled.facts.macs)))

    def _affordable(self, most: int) -> int:
        """Samples of one forward pass: up to ``most``, as many as the memory for activations holds, but always a batch,
        which training holds too."""
        room = BATCH_BYTES // max(1, self.plan.compiled.facts.activation_bytes)
        return min(self.scene.count, max(self.plan.batches.size, min(most, room)))

    def _values(self, group: _Group, samples: list[int], chosen: list[_Watched]) -> dict[Value, Tensor]:
        """What views need, in one forward pass."""
        needed = sorted({value for each in chosen for value in each.view.values})
        if not needed:
            return {}
        batch = self._batch(group, samples)
        if group.over == "one":
            return self._with_slopes(needed, batch)
        compiled = self.plan.compiled
        found = compiled.select(needed).forward(*[batch.get(value) for value in compiled.inputs])
        return dict(zip(needed, found, strict=True))

    def _batch(self, group: _Group, samples: list[int]) -> dict[Value, Tensor]:
        """What the network is given for a group: of the plane only what stands for it, and numbers typed in."""
        scene = self.scene
        if group.over == "plane":
            value, extent = scene.plane
            batch: dict[Value, Tensor] = {value: grid(extent, group.which, self.plan.device)}
            for source in scene.samples.values():
                if not source.layer.parted:
                    batch |= source.rows(torch.zeros(len(batch[value]), dtype=torch.int64, device=self.plan.device))
            return batch
        if group.over not in ("samples", "one"):
            count = self.several if group.over == "several" else self._affordable(MOST_VALIDATION)
            return rows(scene.samples, 0, count)
        batch = {}
        for source in scene.samples.values():
            chosen = [group.which] if group.over == "one" else samples
            index = torch.tensor([sample % source.count for sample in chosen], device=self.plan.device)
            batch |= source.rows(index)
        return batch

    def _with_slopes(self, needed: list[Value], batch: dict[Value, Tensor]) -> dict[Value, Tensor]:
        """The values, and at ``slope`` of each the gradient of all losses together, where there is one."""
        compiled = self.plan.compiled
        losses = [(path, compiled.layer(path).outputs[0].name) for path in compiled.losses]
        wanted = list(dict.fromkeys([*needed, *losses]))
        with torch.enable_grad():
            given = [batch[value] for value in compiled.inputs]
            given = [each.detach().requires_grad_() if each.is_floating_point() else each for each in given]
            found = dict(zip(wanted, compiled.select(wanted).forward(*given), strict=True))
            ends = [value for value in needed if found[value].requires_grad]
            total = torch.stack([found[loss] for loss in losses]).sum()
            slopes = torch.autograd.grad(total, [found[value] for value in ends], allow_unused=True) if ends else ()
        made = {value: found[value].detach() for value in needed}
        return made | {slope(value): each for value, each in zip(ends, slopes, strict=True) if each is not None}


def _frame(wanted: wire.Subscription, drawn: Drawn, step: int, epoch: float) -> Frame:
    arrays, raw = pictured(drawn)
    header = wire.FrameHeader.model_construct(
        event="view",
        run="",
        seq=0,
        key=wanted.key,
        view=wanted.view,
        node=wanted.node,
        port=wanted.port,
        samples=drawn.samples,
        step=step,
        epoch=epoch,
        arrays=arrays,
        about=drawn.about,
    )
    return Frame(wire.pack(header, raw), wanted.key)
