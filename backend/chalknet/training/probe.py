"""Looks into the network for those who watch: the union of what they asked for, in one forward pass, never for long.

Views are computed in evaluation mode (BatchNorm with its running statistics, no dropout) on fixed samples, without
touching the run's random numbers, so a watched run learns exactly what an unwatched one does.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

import chalknet.training.views  # noqa: F401 — fills the registry
from chalknet import wire
from chalknet.training.compile import Value
from chalknet.training.evaluate import rows, untouched
from chalknet.training.plan import Plan
from chalknet.training.views.base import Drawn, Scene, Unwatchable, View, registry
from chalknet.training.views.plane import grid

log = logging.getLogger(__name__)

SHARE = 0.04
"""The most of a run's time that views may take …"""
LEAST_RATE = 2.0
"""… unless they would be drawn less often than this, a second …"""
MOST_SHARE = 0.2
"""… and even then no more than this."""
TOGETHER = 0.01
"""Seconds by which a view is drawn early to share a forward pass with another."""
MOST_VALIDATION = 1000


class Frame(bytes):
    """A binary frame (``wire.pack``) that knows its key."""

    key: str

    def __new__(cls, raw: bytes, key: str) -> Frame:
        frame = super().__new__(cls, raw)
        frame.key = key
        return frame


@dataclass
class _Watched:
    """A subscription with its view. ``shown``: the step that was last drawn, −1 before."""

    wanted: wire.Subscription
    view: View
    due: float = 0.0
    shown: int = -1


class Probe:
    """``watch`` says what is looked at; ``due`` when something should be drawn next; ``frames`` draws what is due."""

    def __init__(self, plan: Plan) -> None:
        looked = plan.validation if all(source.count for source in plan.validation.values()) else plan.train
        self.plan = plan
        self.scene = Scene(plan.compiled, looked, plan.train, plan.validation)
        self.due = math.inf
        self._watched: dict[str, _Watched] = {}
        self._free = 0.0
        self._cost = 0.0

    @property
    def watched(self) -> bool:
        return bool(self._watched)

    def watch(self, wanted: Sequence[wire.Subscription]) -> None:
        """Replaces all that is watched. What is not there is left out; what stays goes on."""
        found: dict[str, _Watched] = {}
        for each in wanted:
            known = self._watched.get(each.key) or found.get(each.key)
            if known is not None:
                rate = max(each.rate, found[each.key].wanted.rate) if each.key in found else each.rate
                known.wanted = each.model_copy(update={"rate": rate})
                found[each.key] = known
                continue
            kind = registry.get(each.view)
            if kind is None:
                log.info("there is no view %r", each.view)
                continue
            try:
                found[each.key] = _Watched(each, kind(self.scene, each))
            except Unwatchable as reason:
                log.info("%s of %s is not shown: %s", each.view, each.node, reason)
            except Exception:
                log.exception("%s of %s cannot be shown", each.view, each.node)
        self._watched = found
        self._plan_next()

    def frames(self, step: int, epoch: float, *, force: bool = False) -> Iterator[Frame]:
        """The frames that are due (``force``: all) and do not show this very step already."""
        now = time.perf_counter()
        if not force and now < self.due:
            return
        chosen = [
            each
            for each in self._watched.values()
            if each.shown != step
            and not (each.view.once and each.shown >= 0)
            and (force or each.shown < 0 or each.due <= now + TOGETHER)
        ]
        made = list(self._made(chosen, step, epoch)) if chosen else []
        spent = time.perf_counter() - now
        self._cost = spent if self._cost == 0 else 0.5 * (self._cost + spent)
        self._free = now + max(self._cost / MOST_SHARE, min(self._cost / SHARE, 1 / LEAST_RATE))
        for each in chosen:
            each.due = math.inf if each.view.once else now + 1 / each.wanted.rate
            each.shown = step
        self._plan_next()
        yield from made

    def _plan_next(self) -> None:
        if any(each.shown < 0 for each in self._watched.values()):
            self.due = 0.0
        else:
            self.due = max(self._free, min((each.due for each in self._watched.values()), default=math.inf))

    def _made(self, chosen: list[_Watched], step: int, epoch: float) -> Iterator[Frame]:
        groups: dict[tuple[str, int], list[_Watched]] = {}
        for each in chosen:
            groups.setdefault((each.view.over, each.view.grid), []).append(each)
        with untouched(self.plan.compiled):
            for (over, side), group in groups.items():
                samples = (
                    sorted({sample for each in group for sample in each.view.samples}) if over == "samples" else []
                )
                try:
                    values = self._values(over, side, samples, group)
                except Exception:
                    log.exception("views could not be computed and are not shown any more")
                    for each in group:
                        self._watched.pop(each.wanted.key, None)
                    continue
                places = {sample: place for place, sample in enumerate(samples)}
                for each in group:
                    picked = values
                    if over == "samples" and list(each.view.samples) != samples:
                        index = torch.tensor([places[sample] for sample in each.view.samples], device=self.plan.device)
                        picked = {value: values[value][index] for value in each.view.values}
                    try:
                        yield _frame(each.wanted, each.view.draw(picked), step, epoch)
                    except Exception:
                        log.exception("%s of %s is not shown any more", each.wanted.view, each.wanted.node)
                        self._watched.pop(each.wanted.key, None)

    def _values(self, over: str, side: int, samples: list[int], group: list[_Watched]) -> dict[Value, Tensor]:
        """What a group of views needs, in one forward pass."""
        needed = sorted({value for each in group for value in each.view.values})
        if not needed:
            return {}
        compiled = self.plan.compiled
        graph = compiled.select(needed)
        if over == "plane":
            value, extent = self.scene.plane
            batch: dict[Value, Tensor] = {value: grid(extent, side, self.plan.device)}
        elif over == "samples":
            batch = {}
            for source in self.scene.samples.values():
                index = torch.tensor([sample % source.count for sample in samples], device=self.plan.device)
                batch |= source.rows(index)
        else:
            batch = rows(self.scene.samples, 0, min(self.scene.count, MOST_VALIDATION))
        found = graph.forward(*[batch.get(value) for value in compiled.inputs])
        return dict(zip(needed, found, strict=True))


def _frame(wanted: wire.Subscription, drawn: Drawn, step: int, epoch: float) -> Frame:
    arrays, raw = [], {}
    for picture in drawn.pictures:
        values = picture.values.contiguous().cpu()
        dtype = str(values.dtype).removeprefix("torch.")
        arrays.append(
            wire.Array.model_construct(
                name=picture.name, dtype=dtype, shape=list(values.shape), offset=0, lo=picture.lo, hi=picture.hi
            )
        )
        raw[picture.name] = values.numpy().tobytes()
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
