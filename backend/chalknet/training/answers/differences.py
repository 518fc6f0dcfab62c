"""A layer's gradient, checked by centred differences of the loss in float64 (T-013)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from chalknet import wire
from chalknet.training.answers.base import Desk, Unanswerable, answers
from chalknet.training.plan import Plan
from chalknet.training.stages import owners
from chalknet.training.views.base import Drawn

SAMPLES = 32
"""Fixed samples that the loss is taken of; where there are none, samples of the first batch."""
STEP = 1e-5
"""ε for a weight of size 1 or less; of larger ones in proportion."""


@answers(wire.Differences)
def differences(desk: Desk, question: wire.Differences) -> Drawn:
    compiled = desk.plan.compiled
    if question.node not in compiled.modules:
        raise Unanswerable(f"There is no layer {question.node!r} that computes.")
    whose = owners(compiled)
    named = dict(compiled.module.named_parameters())
    mine = [name for name, parameter in named.items() if whose.get(id(parameter)) == question.node]
    if not mine:
        raise Unanswerable(f"{question.node!r} has no weights, so the loss has no slope in them.")
    graph, inputs, samples = _loss(desk.plan, {id(named[name]) for name in mine})
    weights = {name: each.detach().double() for name, each in graph.named_parameters()}
    buffers = {name: each.double() if each.is_floating_point() else each for name, each in graph.named_buffers()}
    leaves = {name: weights[name].requires_grad_() for name in mine if name in weights}

    def loss() -> Tensor:
        torch.manual_seed(0)
        found = functional_call(graph, {**weights, **buffers}, tuple(inputs))
        return torch.stack([each.sum() for each in found]).sum()

    with torch.enable_grad():
        total = loss()
        slopes = torch.autograd.grad(total, list(leaves.values()), allow_unused=True) if total.requires_grad else ()
    if not any(slope is not None for slope in slopes):
        raise Unanswerable(f"No loss depends on the weights of {question.node!r}.")
    rows = []
    for name, place in _places(leaves, question.count):
        weight = leaves[name].data
        value = float(weight.view(-1)[place])
        step = STEP * max(1.0, abs(value))
        sides = []
        for sign in (1, -1):
            weight.view(-1)[place] = value + sign * step
            with torch.no_grad():
                sides.append(float(loss()))
        weight.view(-1)[place] = value
        slope = slopes[list(leaves).index(name)]
        gradient = 0.0 if slope is None else float(slope.reshape(-1)[place])
        difference = (sides[0] - sides[1]) / (2 * step)
        size = abs(gradient) + abs(difference)
        rows.append(
            {
                "parameter": name.rpartition(".")[2],
                "place": _unravel(place, weight.shape),
                "value": value,
                "gradient": gradient,
                "difference": difference,
                "error": abs(gradient - difference) / size if size > 1e-12 else 0.0,
            }
        )
    return Drawn([], {"loss": float(total), "samples": samples, "step": STEP, "rows": rows})


def _loss(plan: Plan, parameters: set[int]) -> tuple[torch.fx.GraphModule, list[Any], int]:
    """What the first phase that moves these parameters minimises, as a graph; what it is called with, in float64."""
    phase = next(
        (each for each in plan.phases if parameters & {id(parameter) for parameter in each.parameters}), plan.phases[0]
    )
    compiled = plan.compiled
    graph = compiled.select([(path, compiled.layer(path).outputs[0].name) for path in phase.losses])
    count = min([SAMPLES, *(source.count for source in plan.validation.values())])
    if count > 0:
        batch = {}
        for source in plan.validation.values():
            batch |= source.rows(slice(0, count))
        inputs = [batch.get(value) for value in compiled.inputs]
    else:  # a graph worked by hand trains on all that it has
        inputs = [each[:SAMPLES] for each in next(iter(plan.batches.epoch(0)))]
        count = len(inputs[0])
    return graph, [each.double() if each is not None and each.is_floating_point() else each for each in inputs], count


def _places(leaves: dict[str, Tensor], count: int) -> Iterator[tuple[str, int]]:
    """Some places of every parameter, evenly apart, in turn."""
    each = {name: torch.linspace(0, weight.numel() - 1, min(count, weight.numel())).long().unique().tolist()
            for name, weight in leaves.items()}  # fmt: skip
    turns = itertools.zip_longest(*[[(name, place) for place in places] for name, places in each.items()])
    return itertools.islice((pair for turn in turns for pair in turn if pair is not None), count)


def _unravel(place: int, shape: torch.Size) -> list[int]:
    return [int(each) for each in torch.unravel_index(torch.tensor(place), shape)]
