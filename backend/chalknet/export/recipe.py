"""The recipe as text: optimizers, schedules and phases in plain PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalknet.export.lines import access
from chalknet.export.names import Names, literal, words
from chalknet.export.text import of_function, of_method
from chalknet.export.wiring import Wiring
from chalknet.graph import descent, document, rates, recipe
from chalknet.graph.document import Document

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Plateau:
    """A rate that falls when the validation loss does not."""

    name: str
    """The variable that holds the schedule."""
    gamma: float
    patience: int


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
    clip_value: float | None
    pull: str
    """The arguments that say how a penalty pulls at which weights; empty where there is none."""
    updated: str
    """The expression of the parameters that are moved."""
    plateau: Plateau | None = None


@dataclass(frozen=True)
class Recipe:
    phases: list[Phase]
    functions: list[str]
    """Texts of the functions that optimizers and schedules need."""


def optimizer(form: descent.Optimizer, parameters: str) -> str:
    """The expression that makes torch's optimizer of a form; only what differs from torch's own values is written."""
    name, given, usual = _of_torch(form)
    rest = {"lr": form.lr} | {key: value for key, value in given.items() if value != usual.get(key, 0.0)}
    made = f"torch.optim.{name}({parameters}, {', '.join(f'{key}={value!r}' for key, value in rest.items())})"
    return f"from_rest({made})" if isinstance(form, descent.SGD) and form.averaged else made


def _of_torch(form: descent.Optimizer) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The class in torch.optim, its arguments beside the rate, and what they are there where they are not 0."""
    decay = {"weight_decay": form.weight_decay}
    match form:
        case descent.Adam():
            given = {"betas": (form.beta1, form.beta2), "eps": form.eps, **decay}
            usual = {"betas": (0.9, 0.999), "eps": 1e-8}
            # AdamW's decay is always written: torch's own is not 0, and is easily taken for it.
            return (
                ("AdamW", given, usual | {"weight_decay": None})
                if isinstance(form, descent.AdamW)
                else ("Adam", given, usual)
            )
        case descent.SGD():
            dampening = form.momentum if form.averaged else 0.0
            given = {"momentum": form.momentum, "dampening": dampening, "nesterov": form.nesterov, **decay}
            return "SGD", given, {"nesterov": False}
        case descent.AdaGrad():
            return "Adagrad", {"lr_decay": form.lr_decay, "eps": form.eps, **decay}, {"eps": 1e-10}
        case descent.RMSprop():
            given = {"alpha": form.rho, "momentum": form.momentum, "centered": form.centered, "eps": form.eps, **decay}
            return "RMSprop", given, {"alpha": 0.99, "centered": False, "eps": 1e-8}
        case descent.AdaDelta():
            return "Adadelta", {"rho": form.rho, "eps": form.eps, **decay}, {"rho": 0.9, "eps": 1e-6}
    raise TypeError(f"no torch optimizer is known for {form!r}")


def from_rest(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """Begins a momentum that averages from 0: torch takes the first gradient whole."""
    import torch

    for group in optimizer.param_groups:
        for parameter in group["params"]:
            optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return optimizer


def write(board: Document, wiring: Wiring, modules: dict[str, str], losses: dict[str, str], names: Names) -> Recipe:
    """``modules`` says where each node's module stands, ``losses`` under which key each loss is found."""
    ordered = sorted(board.recipe.phases.items(), key=lambda item: (item[1].order, item[0]))
    several = len(ordered) > 1
    functions: list[str] = []
    phases = []
    for id, part in ordered:
        form, schedule = recipe.optimizer(part.optimizer), recipe.schedule(part.schedule)
        assert isinstance(form, descent.Optimizer) and isinstance(schedule, rates.Schedule), "the recipe has no errors"
        if isinstance(form, descent.SGD) and form.averaged and (text := of_function(from_rest)) not in functions:
            functions.append(text)
        own = f"{id}_" if several else ""
        factor = ""
        plateau = None
        if isinstance(schedule, rates.Plateau):
            plateau = Plateau(names(f"{own}plateau"), schedule.gamma, schedule.patience)
        elif not isinstance(schedule, rates.Constant):
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
                clip_value=part.clip_value,
                pull=_pulled(part, modules, functions),
                updated=updated,
                plateau=plateau,
            )
        )
    return Recipe(phases, functions)


def pull(modules: list[nn.Module], l1: float, l2: float, biases: bool) -> None:
    """Adds to every gradient the slope of the penalty l1 · Σ|w| + l2/2 · Σw²."""
    weights = {w: name for module in modules for name, w in module.named_parameters()}
    for weight, name in weights.items():
        if weight.grad is not None and (biases or "bias" not in name.rpartition(".")[2]):
            weight.grad += l2 * weight.detach() + l1 * weight.detach().sign()


def _pulled(part: document.Phase, modules: dict[str, str], functions: list[str]) -> str:
    """The arguments of ``pull``, whose text the file then holds."""
    penalty = part.penalty
    if not penalty.l1 and not penalty.l2:
        return ""
    if (text := of_function(pull)) not in functions:
        functions.append(text)
    places = [f"model.{access(modules[path])}" for path in part.updates if path in modules] or ["model"]
    return f"[{', '.join(places)}], {penalty.l1!r}, {penalty.l2!r}, {penalty.biases!r}"


def _schedule(schedule: rates.Schedule, name: str, known: list[str]) -> list[str]:
    """The texts of a schedule's function, and of what it calls, written where the recipe defines it."""
    about = "The share of the learning rate that step number ``step`` of ``total`` takes."
    text = of_method(type(schedule), "factor", schedule.model_dump(), name, about)
    called = of_function(rates._progress)
    needed = [called] if rates._progress.__name__ in text and called not in known else []
    return [*needed, text]
