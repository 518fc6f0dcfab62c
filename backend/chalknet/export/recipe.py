"""The recipe as text: optimizers, schedules and phases in plain PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from chalknet.export.lines import access
from chalknet.export.names import Names, literal, words
from chalknet.export.text import of_function, of_method
from chalknet.export.wiring import Wiring
from chalknet.graph import recipe
from chalknet.graph.document import Document


@dataclass(frozen=True)
class Phase:
    """One phase as its lines need it."""

    title: str
    """For a comment; empty where there is only one phase."""
    optimizer: str
    """The variable that holds it."""
    made: str
    """The expression that makes the optimizer."""
    schedule: str
    """The variable that holds the schedule; empty where the rate stays."""
    factor: str
    """The function of (step, steps) that gives the rate's factor."""
    total: str
    """The expression of what is minimised."""
    every: int
    clip: float | None
    updated: str
    """The expression of the parameters that are moved."""


@dataclass(frozen=True)
class Recipe:
    phases: list[Phase]
    functions: list[str]
    """Texts of the schedules' functions."""


def optimizer(form: recipe.Optimizer, parameters: str) -> str:
    """The expression that makes torch's optimizer of a form. Raises TypeError for a form that torch has none for."""
    decay = f", weight_decay={form.weight_decay!r}" if form.weight_decay else ""
    if isinstance(form, recipe.Adam):
        name = "AdamW" if isinstance(form, recipe.AdamW) else "Adam"
        betas = f", betas=({form.beta1!r}, {form.beta2!r})" if (form.beta1, form.beta2) != (0.9, 0.999) else ""
        eps = f", eps={form.eps!r}" if form.eps != 1e-8 else ""
        if name == "AdamW":
            decay = f", weight_decay={form.weight_decay!r}"
        return f"torch.optim.{name}({parameters}, lr={form.lr!r}{betas}{eps}{decay})"
    if isinstance(form, recipe.SGD):
        momentum = f", momentum={form.momentum!r}" if form.momentum else ""
        nesterov = ", nesterov=True" if form.nesterov else ""
        return f"torch.optim.SGD({parameters}, lr={form.lr!r}{momentum}{nesterov}{decay})"
    raise TypeError(f"no torch optimizer is known for {form!r}")


def write(document: Document, wiring: Wiring, modules: dict[str, str], losses: dict[str, str], names: Names) -> Recipe:
    """``modules`` says where each node's module stands, ``losses`` under which key each loss is found."""
    ordered = sorted(document.recipe.phases.items(), key=lambda item: (item[1].order, item[0]))
    several = len(ordered) > 1
    functions: list[str] = []
    phases = []
    for id, part in ordered:
        form, schedule = recipe.optimizer(part.optimizer), recipe.schedule(part.schedule)
        assert isinstance(form, recipe.Optimizer) and isinstance(schedule, recipe.Schedule), "the recipe has no errors"
        own = f"{id}_" if several else ""
        factor = ""
        if not isinstance(schedule, recipe.Constant):
            factor = names(f"{own}factor")
            functions += _schedule(schedule, factor, functions)
        updated = "model.parameters()"
        if part.updates:
            places = [f"*model.{access(modules[path])}.parameters()" for path in part.updates if path in modules]
            updated = f"list(dict.fromkeys([{', '.join(places)}]))" if len(places) > 1 else places[0][1:]
        wanted = [losses[path] for path in (part.losses or losses)]
        terms = [f"found[{literal(key)}]" for key in wanted]
        optimizer_name = names(f"{own}optimizer")
        phases.append(
            Phase(
                title=words(id) if several else "",
                optimizer=optimizer_name,
                made=optimizer(form, updated),
                schedule=names(f"{own}schedule") if factor else "",
                factor=factor,
                total=" + ".join(terms),
                every=part.every,
                clip=part.clip,
                updated=updated,
            )
        )
    return Recipe(phases, functions)


def _schedule(schedule: recipe.Schedule, name: str, known: list[str]) -> list[str]:
    """The texts of a schedule's function, and of what it calls, written where the recipe defines it."""
    about = "The share of the learning rate that step number ``step`` of ``total`` takes."
    text = of_method(type(schedule), "factor", schedule.model_dump(), name, about)
    called = of_function(recipe._progress)
    needed = [called] if recipe._progress.__name__ in text and called not in known else []
    return [*needed, text]
