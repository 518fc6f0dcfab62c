"""Layer-wise relevance: a score is handed back through the layers, each share to what made it (Bach et al. 2015).

The ε rule: of what a unit was given, every input takes the part x·w/z that it had in the unit's number z, so the sum
stays what it was, but for the part of a bias, which stays in the layer. A BatchNorm behind a layer counts as one with
it. Reckoned in 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chalknet.datasets.base import DataSource
from chalknet.layers.block import BlockPort
from chalknet.training.compile import Compiled, Value
from chalknet.training.explained import Score

LEAST = 1e-9
"""ε, as a share of a layer's largest number."""

LEARNS = frozenset({"linear", "conv2d", "conv1d", "conv_transpose2d", "conv_transpose1d"})
BATCH_NORM = frozenset({"batch_norm1d", "batch_norm2d"})
POOLS = frozenset(
    {
        *("max_pool2d", "max_pool1d", "avg_pool2d", "avg_pool1d", "global_avg_pool", "global_max_pool"),
        *("adaptive_avg_pool2d", "adaptive_avg_pool1d", "adaptive_max_pool2d", "adaptive_max_pool1d"),
    }
)
PASSES = frozenset(
    {
        *("flatten", "reshape", "permute", "transpose", "identity", "add", "concat", "crop", "pad"),
        *("dropout", "dropout2d", "stochastic_depth", "gaussian_noise"),
    }
)
SPLITS = LEARNS | BATCH_NORM | POOLS | PASSES
"""Layers whose numbers are sums of parts of their inputs, for the sample as it is."""
BENDS = frozenset({"relu", "leaky_relu", "prelu", "relu6", "elu", "tanh"})
"""Number by number, 0 where 0 comes in: what it was given goes on to its input as it is."""


class NoRule(ValueError):
    """A layer on the way hands nothing back by this rule."""


@dataclass
class Relevance:
    """``shares`` in the sample's shape. What is left of ``score`` beside their sum stayed in biases."""

    shares: Tensor
    score: float

    @property
    def sum(self) -> float:
        return float(self.shares.sum())

    @property
    def absorbed(self) -> float:
        return self.score - self.sum


@dataclass
class _Step:
    """One layer, or a layer with the BatchNorm behind it."""

    inputs: list[Value]
    output: Value
    run: Callable[..., Tensor]
    bends: bool = False


def relevance(compiled: Compiled, batch: Mapping[Value, Tensor], score: Score, data: Value) -> Relevance:
    """A score handed back to the numbers of one sample. Raises NoRule."""
    steps = _steps(compiled, score.value)
    values = {value: each.double() for value, each in batch.items() if each.is_floating_point()}
    for step in steps:
        values[step.output] = step.run(*[values[each] for each in step.inputs])
    scores = values[score.value]
    first = torch.zeros_like(scores).reshape(-1)
    first[score.index] = score.of(scores)[0]
    given = {score.value: first.reshape(scores.shape)}
    for step in reversed(steps):
        if (arrived := given.pop(step.output, None)) is None:
            continue
        for value, share in zip(step.inputs, _handed(step, arrived, values), strict=True):
            given[value] = given[value] + share if value in given else share
    return Relevance(given.get(data, torch.zeros_like(values[data]))[0], float(first.sum()))


def _handed(step: _Step, arrived: Tensor, values: Mapping[Value, Tensor]) -> list[Tensor]:
    """What each input of a step is given of what arrived at its output."""
    if step.bends:
        return [arrived]
    with torch.enable_grad():
        given = [values[each].detach().requires_grad_() for each in step.inputs]
        made = step.run(*given)
        least = LEAST * made.detach().abs().max().clamp(min=1e-30)
        kept = made.detach() + torch.where(made.detach() < 0, -least, least)
        slopes = torch.autograd.grad(made, given, arrived / kept)
    return [each.detach() * slope for each, slope in zip(given, slopes, strict=True)]


def _steps(compiled: Compiled, score: Value) -> list[_Step]:
    """The way from the data to a score. Raises NoRule, naming the layer."""
    flat = compiled.flat
    needed = compiled.way(score[0])
    read = [value for path in needed for wires in compiled.sources(path).values() for value in wires]
    made: dict[Value, _Step] = {}
    for path, node in flat.nodes.items():
        if path not in needed or node.layer is None or isinstance(node.layer, DataSource):
            continue
        layer, title = node.layer, node.node.name or type(node.layer).title
        if node.loop:
            raise NoRule(f"{title} is in a block that runs over time, through which no relevance is handed back.")
        sources = compiled.sources(path)
        inputs = [value for port in layer.inputs for value in sources.get(port.name, ())]
        if isinstance(layer, BlockPort):
            made[path, "y"] = _Step(inputs, (path, "y"), _same)
            continue
        kind = type(layer).type
        if kind not in SPLITS and kind not in BENDS:
            raise NoRule(f"{title} has no rule by which relevance is handed back.")
        output = (path, layer.outputs[0].name)
        run = _double(compiled.modules[path])
        before = made.get(inputs[0])
        if kind in BATCH_NORM and before and read.count(inputs[0]) == 1 and _kind(compiled, inputs[0]) in LEARNS:
            del made[inputs[0]]
            made[output] = _Step(before.inputs, output, _after(before.run, run))
        else:
            made[output] = _Step(inputs, output, run, bends=kind in BENDS)
    return list(made.values())


def _kind(compiled: Compiled, value: Value) -> str:
    return type(compiled.layer(value[0])).type


def _same(x: Tensor) -> Tensor:
    return x * 1


def _after(first: Callable[..., Tensor], second: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *given: second(first(*given))


def _double(module: nn.Module) -> Callable[..., Tensor]:
    """A module reckoned in 64 bits; its own numbers stay as they are."""

    def run(*given: Tensor) -> Tensor:
        state = {
            name: each.detach().double() if each.is_floating_point() else each
            for name, each in [*module.named_parameters(), *module.named_buffers()]
        }
        found: Tensor = torch.func.functional_call(module, state, given)
        return found

    return run
