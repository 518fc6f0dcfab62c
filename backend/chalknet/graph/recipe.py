"""What a board's recipe asks for: its optimizers and schedules, and what is wrong with it in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from chalknet.datasets.base import DataSource
from chalknet.graph import forms
from chalknet.graph.complaints import Complaint, listed
from chalknet.graph.descent import OPTIMIZERS, Optimizer
from chalknet.graph.document import Document, Phase
from chalknet.graph.document import Optimizer as OptimizerPart
from chalknet.graph.document import Schedule as SchedulePart
from chalknet.graph.flat import Flat, is_loss
from chalknet.graph.rates import SCHEDULES, Schedule
from chalknet.graph.structure import upstream


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


def steps(document: Document, flat: Flat) -> int:
    """About how many updates a run makes: epochs × batches of an epoch. The exact number needs the samples parted,
    class by class; 0 without data."""
    recipe = document.recipe
    sources = _sources(flat)
    share = 1 - recipe.split.validation - recipe.split.test
    counts = [max(1, round(source.count() * (share if source.parted else 1))) for source in sources]
    return recipe.epochs * math.ceil(max(counts) / recipe.batch) if counts else 0


def _sources(flat: Flat) -> list[DataSource]:
    return [node.layer for node in flat.nodes.values() if isinstance(node.layer, DataSource)]


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
    yield from _unvalidated(document, flat)
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


def _unvalidated(document: Document, flat: Flat) -> Iterator[Complaint]:
    """What waits for a validation loss that there will not be."""
    waiting = ["early stopping"] if document.recipe.stopping.patience else []
    waiting += ["a rate that falls on a plateau"] * any(
        phase.schedule.type == "plateau" for phase in document.recipe.phases.values()
    )
    if not waiting:
        return
    sources = _sources(flat)
    parted = any(source.parted for source in sources)
    if not sources or (parted and document.recipe.split.validation):
        return
    told = " and ".join(waiting)
    yield Complaint(
        "no_validation",
        f"Recipe: {told} {'wait' if len(waiting) > 1 else 'waits'} for a validation loss, but "
        f"{'no samples are left out for it' if parted else 'of typed numbers nothing is left out for it'}.",
        field="split.validation",
        hint="" if parted else "Train to the end, at a rate that needs no validation.",
        severity="warning",
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
