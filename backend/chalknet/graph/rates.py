"""Schedules of the learning rate as forms, each with its factor in closed form (T-014)."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from chalknet.graph.forms import Form


class Schedule(Form):
    """Base of every schedule. The rate of a step is the optimizer's learning rate times ``factor``."""

    def factor(self, step: int, total: int) -> float:
        """The factor of step ``step``, counted from 0, in a run of ``total`` steps. Defined for any step ≥ 0."""
        raise NotImplementedError


class Constant(Schedule):
    type = "constant"
    title = "Constant"
    sentence = "The learning rate stays as it is."
    formula = r"f(t) = 1"

    def factor(self, step: int, total: int) -> float:
        return 1.0


def _progress(step: int, total: int) -> float:
    """Share of the run that is over, 0 to 1."""
    return min(max(step / total, 0.0), 1.0) if total > 0 else 0.0


class Step(Schedule):
    """Falls by ``gamma`` whenever another ``every`` of the run is over, as torch's StepLR does after so many epochs."""

    type = "step"
    title = "Steps"
    sentence = "The learning rate stays, then falls at once, and again: the loss curve shows a stair each time."
    formula = r"f(t) = \gamma^{\lfloor t / e \rfloor}"

    every: float = Field(
        0.3, gt=0, le=1, title="Every", description="Share of the run between two falls.",
        json_schema_extra={"step": 0.05},
    )  # fmt: skip
    gamma: float = Field(0.1, gt=0, le=1, title="γ", description="What the rate is multiplied by at each fall.")

    def factor(self, step: int, total: int) -> float:
        # As whole steps: a third of 300 is 100, not 99.99999.
        length = max(1, round(self.every * total))
        falls = min(step, max(total - 1, 0)) // length
        return math.pow(self.gamma, falls)


class Exponential(Schedule):
    """The same factor at every step, so that ``floor`` is left at the end (torch's ExponentialLR)."""

    type = "exponential"
    title = "Exponential"
    sentence = "The learning rate loses the same share at every step: fast at first, then ever more slowly."
    formula = r"f(t) = f_0^{\,t}"

    floor: float = Field(
        0.01, gt=0, le=1, title="Floor", description="Share of the learning rate that is left at the end.",
        json_schema_extra={"log": True},
    )  # fmt: skip

    def factor(self, step: int, total: int) -> float:
        return math.pow(self.floor, _progress(step, total))


class InverseTime(Schedule):
    """1/(1 + kt), the slow decay under which plain descent is proved to settle (Robbins and Monro 1951)."""

    type = "inverse_time"
    title = "One over time"
    sentence = "The learning rate is divided by a number that grows with every step: it never stops, and never hurries."
    formula = r"f(t) = \frac{1}{1 + k\,t}"

    decay: float = Field(
        9.0, gt=0, le=100_000, title="k", description="The rate at the end of the run is 1/(1 + k) of the first.",
        json_schema_extra={"log": True},
    )  # fmt: skip

    def factor(self, step: int, total: int) -> float:
        return 1 / (1 + self.decay * _progress(step, total))


class Cosine(Schedule):
    """Half a cosine from 1 to the floor (Loshchilov and Hutter 2017, without restarts)."""

    type = "cosine"
    title = "Cosine"
    sentence = "The learning rate falls to the floor along half a cosine: slowly, then fast, then slowly."
    formula = r"f(t) = f_0 + (1 - f_0)\,\tfrac12\left(1 + \cos \pi t\right)"

    floor: float = Field(
        0.0, ge=0, le=1, title="Floor", description="Share of the learning rate that is left at the end."
    )

    def factor(self, step: int, total: int) -> float:
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * _progress(step, total))) / 2


class Restarts(Schedule):
    """Half a cosine, again and again (SGDR, Loshchilov and Hutter 2017): at each end a network worth a snapshot."""

    type = "restarts"
    title = "Cosine with restarts"
    sentence = "The learning rate falls along half a cosine, jumps back up, and falls again."
    formula = r"f(t) = f_0 + (1 - f_0)\,\tfrac12\left(1 + \cos \pi\,(c\,t \bmod 1)\right)"

    cycles: int = Field(4, ge=1, le=100, title="Cycles", description="How often it falls in a run.")
    floor: float = Field(
        0.0, ge=0, le=1, title="Floor", description="Share of the learning rate that each fall ends at."
    )

    def factor(self, step: int, total: int) -> float:
        # As whole steps: the last of a run is the end of a cycle, not the beginning of one more.
        place = min(step, max(total - 1, 0)) * self.cycles % max(total, 1) / max(total, 1)
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * place)) / 2


class OneCycle(Schedule):
    """Up and down again, both along half a cosine (Smith and Topin 2019); start and floor as in torch's OneCycleLR."""

    type = "one_cycle"
    title = "One cycle"
    sentence = "The learning rate climbs from a small value to its full height, then falls to almost nothing."
    formula = (
        r"f(t) = \begin{cases} \text{up from } s \text{ to } 1 & t < w \\ \text{down to } f_0 & t \ge w \end{cases}"
    )

    warmup: float = Field(
        0.3, ge=0, lt=1, title="Warm-up share", description="Share of the run in which the rate climbs."
    )
    start: float = Field(
        0.04, ge=0, le=1, title="Start", description="Share of the learning rate that the run begins with."
    )
    floor: float = Field(
        4e-6, ge=0, le=1, title="Floor", description="Share of the learning rate that is left at the end."
    )

    def factor(self, step: int, total: int) -> float:
        t = _progress(step, total)
        if t < self.warmup:
            return self.start + (1 - self.start) * (1 - math.cos(math.pi * t / self.warmup)) / 2
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * (t - self.warmup) / (1 - self.warmup))) / 2


class Warmup(Schedule):
    """A straight climb, then constant or with the inverse square root of the step (Vaswani et al. 2017)."""

    type = "warmup"
    title = "Warm-up"
    sentence = "The learning rate climbs in a straight line at first, so that an untrained network is not torn apart."
    formula = r"f(t) = \min\left(1, \tfrac{t + 1}{w}\right)"

    steps: int = Field(100, ge=1, le=1_000_000, title="Steps of warm-up")
    then: Literal["constant", "inverse_sqrt"] = Field(
        "constant",
        title="Afterwards",
        description="Stay, or fall with the inverse square root of the step.",
        json_schema_extra={"labels": ["constant", "inverse square root"]},
    )

    def factor(self, step: int, total: int) -> float:
        if step + 1 < self.steps:
            return (step + 1) / self.steps
        return 1.0 if self.then == "constant" else math.sqrt(self.steps / (step + 1))


def course(schedule: Schedule, rate: float, steps: int, points: int = 121) -> tuple[list[int], list[float]]:
    """The learning rate over a run of ``steps`` updates, before it runs: at up to ``points`` steps, ends included."""
    last = max(steps - 1, 0)
    at = sorted({round(last * i / (points - 1)) for i in range(points)})
    return at, [rate * schedule.factor(step, steps) for step in at]


class Plateau(Schedule):
    """torch's ReduceLROnPlateau: falls when the validation loss has not for ``patience`` epochs. When that is shows
    only in the run, where the loop changes the rate, so the factor is 1."""

    type = "plateau"
    title = "On a plateau"
    sentence = "The learning rate stays until the validation loss stops falling, then falls itself."
    formula = r"\eta \leftarrow \gamma\,\eta \;\text{ after } p \text{ epochs without a lower validation loss}"

    gamma: float = Field(0.1, gt=0, lt=1, title="γ", description="What the rate is multiplied by at each fall.")
    patience: int = Field(
        5, ge=1, le=100_000, title="Patience", description="Epochs without a lower validation loss before it falls.",
        json_schema_extra={"unit": "epochs"},
    )  # fmt: skip

    def factor(self, step: int, total: int) -> float:
        return 1.0


SCHEDULES: dict[str, type[Schedule]] = {
    form.type: form for form in (Constant, Step, Exponential, InverseTime, Cosine, Restarts, OneCycle, Warmup, Plateau)
}
