"""Optimizers and schedules as forms, without torch, and each schedule's factor in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chalknet.graph import forms
from chalknet.graph.complaints import Complaint, listed
from chalknet.graph.document import Document, Phase
from chalknet.graph.document import Optimizer as OptimizerPart
from chalknet.graph.document import Schedule as SchedulePart
from chalknet.graph.flat import Flat, is_loss
from chalknet.graph.structure import upstream


class Form(BaseModel):
    """Base of what has a name and fields but is no layer. Field metadata is that of a layer's fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    type: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    formula: ClassVar[str]
    """KaTeX."""


# --- optimizers -----


class Optimizer(Form):
    """Base of every optimizer. Names and meanings of the fields are torch's."""

    lr: float = Field(
        0.001,
        gt=0,
        le=1000,
        title="Learning rate",
        description="How far one update goes along the gradient.",
        json_schema_extra={"log": True},
    )
    weight_decay: float = Field(
        0.0,
        ge=0,
        le=10,
        title="Weight decay",
        description="Pulls every weight towards 0.",
        json_schema_extra={"log": True},
    )

    def slots(self) -> int:
        """Numbers of state that it keeps for every parameter."""
        return 0


class SGD(Optimizer):
    """torch.optim.SGD: v ← μv + g, w ← w − lr·v (torch's momentum has no factor 1 − μ)."""

    type = "sgd"
    title = "SGD"
    sentence = "Steps against the gradient; with momentum it keeps rolling the way it went before."
    formula = r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v"

    lr: float = Field(
        0.01,
        gt=0,
        le=1000,
        title="Learning rate",
        description="How far one update goes along the gradient.",
        json_schema_extra={"log": True},
    )
    momentum: float = Field(0.0, ge=0, lt=1, title="Momentum", description="Share of the last step that is kept.")
    nesterov: bool = Field(
        False, title="Nesterov", description="Looks ahead along the momentum before it measures the slope."
    )

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> SGD:
        if self.nesterov and self.momentum == 0:
            raise ValueError("Nesterov needs a momentum above 0")
        return self

    def slots(self) -> int:
        return 1 if self.momentum else 0


class Adam(Optimizer):
    """torch.optim.Adam (Kingma and Ba 2015); weight decay is added to the gradient."""

    type = "adam"
    title = "Adam"
    sentence = "Gives every weight a step of its own, from the running mean and spread of its gradient."
    formula = r"w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}"

    beta1: float = Field(0.9, ge=0, lt=1, title="β₁", description="Memory of the gradient's mean.")
    beta2: float = Field(0.999, ge=0, lt=1, title="β₂", description="Memory of the gradient's square.")
    eps: float = Field(
        1e-8, gt=0, le=1, title="ε", description="Keeps the division away from 0.", json_schema_extra={"log": True}
    )

    def slots(self) -> int:
        return 2


class AdamW(Adam):
    """torch.optim.AdamW (Loshchilov and Hutter 2019); weight decay acts on the weights, apart from the gradient."""

    type = "adamw"
    title = "AdamW"
    sentence = "Adam with a weight decay that acts on the weights directly, as it was meant to."
    formula = r"w \leftarrow (1 - \eta\lambda)\,w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}"

    weight_decay: float = Field(
        0.01,
        ge=0,
        le=10,
        title="Weight decay",
        description="Pulls every weight towards 0.",
        json_schema_extra={"log": True},
    )


# --- schedules -----


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


OPTIMIZERS: dict[str, type[Optimizer]] = {form.type: form for form in (SGD, Adam, AdamW)}
SCHEDULES: dict[str, type[Schedule]] = {form.type: form for form in (Constant, Cosine, OneCycle, Warmup)}


# --- from the document -----


def optimizer(part: OptimizerPart) -> Optimizer | str:
    """The optimizer that a phase names, or in words why there is none."""
    kind = OPTIMIZERS.get(part.type)
    if kind is None:
        return f"there is no optimizer {part.type!r}; there are: {', '.join(OPTIMIZERS)}"
    filled = forms.fill(kind, part.fields)
    return filled[0].message if isinstance(filled, tuple) else filled


def schedule(part: SchedulePart) -> Schedule | str:
    """The schedule that a phase names, or in words why there is none."""
    kind = SCHEDULES.get(part.type)
    if kind is None:
        return f"there is no schedule {part.type!r}; there are: {', '.join(SCHEDULES)}"
    filled = forms.fill(kind, part.fields)
    return filled[0].message if isinstance(filled, tuple) else filled


def state_slots(document: Document) -> int:
    """Numbers of optimizer state for every trainable parameter: the most that any phase keeps (for memory)."""
    optimizers = (optimizer(phase.optimizer) for phase in document.recipe.phases.values())
    return max((each.slots() for each in optimizers if isinstance(each, Optimizer)), default=0)


def complaints(document: Document, flat: Flat, parameters: Mapping[str, int]) -> Iterator[Complaint]:
    """What is wrong with the recipe. ``field`` is the path in it, with dots: ``phases.main.optimizer``. ``parameters``:
    how many each node has, where that is known."""
    phases = document.recipe.phases
    if not phases:
        yield Complaint("no_phase", "The recipe has no phase, so nothing would be updated.", field="phases")
    named = any(phase.losses or phase.updates for phase in phases.values())
    losses = {path for path, node in flat.nodes.items() if is_loss(node)} if named else set()
    for name, phase in phases.items():
        lead = f"Phase {name!r}: " if len(phases) > 1 else "Recipe: "
        for part, made in (("optimizer", optimizer(phase.optimizer)), ("schedule", schedule(phase.schedule))):
            if isinstance(made, str):
                yield Complaint("bad_recipe", f"{lead}{part}: {made}.", field=f"phases.{name}.{part}")
        strangers = list(_strangers(name, phase, lead, flat, losses))
        yield from strangers
        if phase.updates and not strangers and _idle(phase, flat, losses, parameters):
            yield Complaint(
                "nothing_to_learn",
                f"{lead}its losses depend on nothing of {listed(phase.updates)} that can learn.",
                field=f"phases.{name}.updates",
                hint="Let it update what leads to its losses, or make that trainable.",
            )


def _strangers(name: str, phase: Phase, lead: str, flat: Flat, losses: set[str]) -> Iterator[Complaint]:
    """What a phase names that is not there."""
    for path in phase.losses:
        if path not in losses:
            what = "is no loss" if path in flat.nodes or path in flat.instances else "is not on the board"
            yield Complaint(
                "unknown_in_phase",
                f"{lead}it minimises {path!r}, which {what}. The losses are: {listed(sorted(losses)) or 'none'}.",
                field=f"phases.{name}.losses",
                hint="Take it out of the phase's losses.",
            )
    for path in phase.updates:
        if path not in flat.nodes and path not in flat.instances:
            yield Complaint(
                "unknown_in_phase",
                f"{lead}it updates {path!r}, which is not on the board.",
                field=f"phases.{name}.updates",
                hint="Take it out of the phase's updates.",
            )


def _idle(phase: Phase, flat: Flat, losses: set[str], parameters: Mapping[str, int]) -> bool:
    """Whether no loss of a phase depends on a parameter that the phase updates; False where that is not known yet."""
    ends = phase.losses or losses
    before = upstream(flat, ends)
    if not ends or any(path not in parameters for path in before):
        return False
    roots = tuple(phase.updates)
    within = {path for path in flat.nodes if path in roots or path.startswith(tuple(root + "/" for root in roots))}
    shared = {flat.nodes[path].weights for path in within} - {""}
    return not any(
        flat.nodes[path].trainable and parameters[path] and (path in within or flat.nodes[path].weights in shared)
        for path in before
    )
