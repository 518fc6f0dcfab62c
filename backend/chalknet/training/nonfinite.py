"""Where numbers ceased to be numbers: a run that met NaN or infinity is gone over again from its last good state, with
every value and every gradient looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from chalknet.graph.problems import Edit, Fix, Problem
from chalknet.training import checkpoint
from chalknet.training.checkpoint import Snapshot
from chalknet.training.compile import module_name
from chalknet.training.phases import Phase
from chalknet.training.plan import Plan


class NonFinite(Exception):
    """A value, a gradient or a parameter is not finite; ``problem`` names the first."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Place:
    """The first thing that was not finite. ``kind``: value, gradient, weights or input."""

    kind: str
    path: str | None
    nan: bool
    step: int


def find(plan: Plan, good: Snapshot, seen: int | None, now: int) -> NonFinite:
    """What to raise after step ``seen`` had a loss that is not finite (None: the parameters were found so after step
    ``now``).

    ``good`` is a state from before. The plan is left in the state in which it went wrong.
    """
    checkpoint.restore(plan, good)
    torch.set_num_threads(plan.threads)
    plan.compiled.learn()
    # The loss that shows it may come one step after the update that spoilt the weights.
    last = now if seen is None else seen + 1
    quiet = good.step if seen is None else max(good.step, seen - 1)
    step, per_epoch = good.step, plan.batches.per_epoch
    while step < last:
        epoch, start = divmod(step, per_epoch)
        for batch in plan.batches.epoch(epoch, start):
            if step >= last:
                break
            for phase in plan.phases:
                if step % phase.every == 0:
                    place = _watched(plan, phase, batch, step) if step >= quiet else None
                    if step < quiet:
                        phase.step(batch, step)
                    if place is not None:
                        return _complaint(plan, phase, place)
            step += 1
    return _complaint(plan, plan.phases[0], Place("value", None, True, last - 1))


class _Watching(fx.Interpreter):
    """Runs a graph node by node. ``bad``: the first whose value is not finite; ``outputs``: floating values with their
    nodes, in the order of the forward pass."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self.bad: tuple[fx.Node, Tensor] | None = None
        self.outputs: list[tuple[fx.Node, Tensor]] = []

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if n.op == "output":
            return value
        for tensor in value if isinstance(value, tuple) else (value,):
            if isinstance(tensor, Tensor) and tensor.is_floating_point():
                self.outputs.append((n, tensor))
                if self.bad is None and not tensor.isfinite().all():
                    self.bad = (n, tensor)
        return value


def _watched(plan: Plan, phase: Phase, batch: Sequence[Tensor], step: int) -> Place | None:
    """One step of a phase, as ``Phase.step`` makes it, looked at closely."""
    flat = plan.compiled.flat
    paths = {module_name(path): path for path in (*flat.nodes, *flat.instances)}
    placeholders = [node for node in phase.graph.graph.nodes if node.op == "placeholder"]
    paths |= {str(node.target): path for node, (path, _) in zip(placeholders, plan.compiled.inputs, strict=True)}

    def path_of(node: fx.Node) -> str | None:
        while node.op == "call_function":  # one of several outputs of a module
            (node,) = node.all_input_nodes
        return paths.get(str(node.target))

    watching = _Watching(phase.graph)
    with phase.within():
        losses = watching.run(*batch)
    if watching.bad is not None:
        node, value = watching.bad
        kind = "input" if node.op == "placeholder" else "value"
        if kind == "value" and node.op == "call_module":
            module = phase.graph.get_submodule(str(node.target))
            if not all(each.isfinite().all() for each in module.parameters()):
                kind = "weights"
        return Place(kind, path_of(node), bool(value.isnan().any()), step)
    hooked = [(node, value) for node, value in watching.outputs if value.requires_grad]
    wanted = [value for _, value in hooked] + list(phase.parameters)
    total = sum(losses[1:], losses[0])
    gradients = torch.autograd.grad(total, wanted, allow_unused=True, retain_graph=False)
    # Backwards: what is last in the forward pass has its gradient first.
    for (node, _), gradient in reversed(list(zip(hooked, gradients, strict=False))):
        if gradient is not None and not gradient.isfinite().all():
            return Place("gradient", path_of(node), bool(gradient.isnan().any()), step)
    moved = gradients[len(hooked) :]
    for name, gradient in zip(phase.names, moved, strict=True):
        if gradient is not None and not gradient.isfinite().all():
            return Place("gradient", _owner(plan, name), bool(gradient.isnan().any()), step)
    kept = phase.settled([each for each in moved if each is not None])
    phase.optimizer.step(kept, phase.rate(step))
    for name, parameter in zip(phase.names, phase.parameters, strict=True):
        if not parameter.isfinite().all():
            return Place("weights", _owner(plan, name), bool(parameter.isnan().any()), step)
    return None


def _owner(plan: Plan, parameter: str) -> str | None:
    """The path of the node that a parameter belongs to."""
    nodes = plan.compiled.flat.nodes
    return next((path for path in nodes if parameter.startswith(module_name(path) + ".")), None)


def _complaint(plan: Plan, phase: Phase, place: Place) -> NonFinite:
    flat = plan.compiled.flat
    node = None if place.path is None else flat.nodes.get(place.path) or flat.instances[place.path]
    label = node.label if node is not None else "the loss"
    what = "NaN" if place.nan else "infinite"
    rate = phase.rate(place.step)
    became = f"became {what} in step {place.step + 1:,}"
    message = {
        "input": f"The data of {label} contain values that are {what}.",
        "value": f"{label}: its output {became}; everything before it was still finite.",
        "gradient": f"{label}: its gradient {became}, while all values were still finite.",
        "weights": f"{label}: its weights {became}: the update was too large.",
    }[place.kind]
    fixes: list[Fix] = []
    hint = "Remove or repair the samples that are no numbers."
    if place.kind != "input":
        hint, fixes = gentler(phase, rate)
    return NonFinite(
        Problem(code="non_finite", node=place.path, message=message[:1].upper() + message[1:], hint=hint, fixes=fixes)
    )


def gentler(phase: Phase, rate: float) -> tuple[str, list[Fix]]:
    """What to do where updates were too large, in words and as edits."""
    lower = float(f"{phase.base / 10:.3g}")
    below = "" if phase.clip is None else f" below {phase.clip:g}"
    hint = f"Lower the learning rate (it was {rate:.3g}), or clip the gradient's norm{below}."
    at = ["recipe", "phases", phase.id]
    most = 1.0 if phase.clip is None else float(f"{phase.clip / 10:.3g}")
    return hint, [
        _fix(f"Lower the learning rate to {lower:g}", [*at, "optimizer", "fields", "lr"], lower),
        _fix(f"Clip the gradient's norm at {most:g}", [*at, "clip"], most),
    ]


def _fix(title: str, path: list[str], value: float) -> Fix:
    return Fix(title=title, adds_parameters=0, adds_macs=0, edits=[Edit(path=path, value=value)])
