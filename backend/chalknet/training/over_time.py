"""A block that runs over time, as a module: a loop that calls its body once a step, always with the same weights."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import torch
from torch import Tensor, fx, nn

from chalknet.graph.flat import Flat, Instance
from chalknet.layers.over_time import StateInput, StepOutput

Value = tuple[str, str]


@dataclass(frozen=True)
class State:
    """``units``: zeros to begin with where nothing is wired. ``fed``: which of the body's results comes back; None
    where it was muted, so that the state stays as it is."""

    units: int
    fed: int | None


@dataclass(frozen=True)
class Ports:
    """The ports of an instance, by their inner nodes: what its body takes in this order, and its outputs. ``every``:
    for each result whether the values of all steps are collected."""

    cut: tuple[str, ...]
    same: tuple[str, ...]
    states: tuple[str, ...]
    outputs: tuple[str, ...]
    carried: tuple[State, ...]
    every: tuple[bool, ...]
    masks: tuple[int, ...]
    """Which of those that are cut say whether a step counts."""

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.cut, *self.same, *self.states)


def ports(flat: Flat, instance: Instance, used: Container[str]) -> Ports:
    """What of an instance is there: an optional input may be left out, an output muted. Outputs that are not ``used``
    are not collected."""
    inner = {port: paths[0] for port, paths in instance.inputs.items() if paths[0] in flat.nodes}
    outputs = tuple(path for path in instance.outputs.values() if path in flat.nodes)
    carried, every = [], []
    for port, path in inner.items():
        if port in instance.states:
            layer = flat.nodes[path].layer
            assert isinstance(layer, StateInput)
            back = instance.outputs.get(instance.states[port])
            carried.append(State(layer.units, outputs.index(back) if back in outputs else None))
    for path in outputs:
        layer = flat.nodes[path].layer
        assert isinstance(layer, StepOutput)
        every.append(layer.give == "every" and path in used)
    cut = [port for port in inner if port in instance.cut]
    return Ports(
        tuple(inner[port] for port in cut),
        tuple(path for port, path in inner.items() if port not in instance.cut and port not in instance.states),
        tuple(path for port, path in inner.items() if port in instance.states),
        outputs,
        tuple(carried),
        tuple(every),
        tuple(place for place, port in enumerate(cut) if port in instance.masks),
    )


def home(flat: Flat, value: Value) -> str:
    """The loop inside which a value is of one step: what a loop gives belongs to whatever holds it."""
    node = flat.nodes[value[0]]
    return flat.instances[node.loop].loop if isinstance(node.layer, StepOutput) else node.loop


def child(flat: Flat, loop: str, inside: str) -> str | None:
    """The loop that stands directly in ``loop`` (empty: on the board) and holds, or is, ``inside``; None if none
    does."""
    while inside and flat.instances[inside].loop != loop:
        inside = flat.instances[inside].loop
    return inside or None


class Loop(nn.Module):
    """Takes the sequences that are cut, what is the same at every step, and first values of the states or None.

    Gives for every output its values along time, or the last one; then the last values of what was asked for besides.
    The modules of its body are its children, under their own names; the body itself is no submodule, so that
    ``state_dict`` holds each weight once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body: Callable[..., Sequence[Tensor]] = tuple
        self.cuts = 0
        self.carried: tuple[State, ...] = ()
        self.every: tuple[bool, ...] = ()
        self.masks: tuple[int, ...] = ()

    def make(self, body: fx.GraphModule, found: Ports, more: int = 0) -> Loop:
        """Fills it. ``more``: how many values the body gives besides the block's outputs."""
        self.body = body.forward
        self.cuts, self.carried, self.every = len(found.cut), found.carried, (*found.every, *[False] * more)
        self.masks = found.masks
        return self

    def forward(self, *given: Tensor | None) -> tuple[Tensor, ...]:
        results: Sequence[Tensor] = ()
        collected: list[list[Tensor]] = [[] for _ in self.every]
        for results, _ in self._steps(given):
            for values, result, every in zip(collected, results, self.every, strict=True):
                if every:
                    values.append(result)
        return tuple(
            torch.stack(values, 1) if every else result
            for values, result, every in zip(collected, results, self.every, strict=True)
        )

    def states(self, *given: Tensor | None) -> list[Tensor]:
        """Every state in order of time, (B, T + 1, ...) each: what it begins with, then that after every step."""
        rows = [self._begin(given), *(states for _, states in self._steps(given))]
        return [torch.stack(each, 1) for each in zip(*rows, strict=True)]

    def _steps(self, given: Sequence[Tensor | None]) -> Iterator[tuple[Sequence[Tensor], list[Tensor]]]:
        """Step by step what the body gives, and the states after it."""
        sequences = [each.unbind(1) for each in given[: self.cuts] if each is not None]
        states = self._begin(given)
        same = given[self.cuts : len(given) - len(states)]
        before: Sequence[Tensor] = ()
        for step in zip(*sequences, strict=True):
            results = self.body(*step, *same, *states)
            fed = [
                old if state.fed is None else results[state.fed]
                for state, old in zip(self.carried, states, strict=True)
            ]
            if self.masks:
                counts = torch.stack([step[mask] for mask in self.masks]).all(0)  # (B,)
                fed = [_where(counts, new, old) for new, old in zip(fed, states, strict=True)]
                results = before = [
                    _where(counts, result, earlier) for result, earlier in zip_longest(results, self._kept(before))
                ]
            states = fed
            yield results, states

    def _kept(self, before: Sequence[Tensor]) -> list[Tensor | None]:
        """What stands where a step does not count: 0 where every step is asked for, else what stood there before."""
        return [None if every else value for value, every in zip(before, self.every, strict=False)]

    def _begin(self, given: Sequence[Tensor | None]) -> list[Tensor]:
        first = given[0]
        assert first is not None
        begun = given[len(given) - len(self.carried) :]
        return [
            torch.zeros(len(first), state.units, device=first.device) if value is None else value
            for state, value in zip(self.carried, begun, strict=True)
        ]


def _where(counts: Tensor, new: Tensor, old: Tensor | None) -> Tensor:
    """``new`` for the samples (B,) whose step counts, else ``old``, or 0."""
    shaped = counts.view(-1, *[1] * (new.dim() - 1))
    return torch.where(shaped, new, torch.zeros_like(new) if old is None else old)
