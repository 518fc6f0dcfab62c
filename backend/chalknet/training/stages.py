"""One step of training, part by part (T-058): forward, backward, update, each of them kept to be looked at.

Each part computes what ``Phase.step`` computes, in the same order, so that a run that is stepped through learns the
same, bit for bit. What is kept is small: of every value how it is spread over the batch, and the first sample's first
numbers; of every parameter its size and its first numbers, before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from chalknet.graph.structure import upstream
from chalknet.layers.over_time import StepOutput
from chalknet.training import dropped
from chalknet.training.compile import Compiled, Value
from chalknet.training.phases import Phase
from chalknet.training.plan import Plan

Part = Literal["", "forward", "backward", "update"]
FIRST = 64
"""Numbers of a tensor that are written out."""


@dataclass(frozen=True)
class Spread:
    """How a tensor's numbers lie, and the first of them: of a batch those of its first sample."""

    mean: float
    std: float
    low: float
    high: float
    first: Tensor
    """float32 [up to ``FIRST``], on the CPU."""

    @classmethod
    def of(cls, values: Tensor, first: Tensor) -> Spread:
        flat = values.detach().float().flatten()
        if not len(flat):
            return cls(0.0, 0.0, 0.0, 0.0, flat.cpu())
        std, mean = torch.std_mean(flat, correction=0)
        low, high = torch.aminmax(flat)
        told = torch.stack([mean, std, low, high]).tolist()
        return cls(*told, first=first.detach().float().flatten()[:FIRST].to("cpu", copy=True))


def of_batch(values: Tensor) -> Spread:
    """Of a batch; a loss is one number, whatever the batch."""
    return Spread.of(values, values[:1] if values.dim() else values)


@dataclass
class Moved:
    """A parameter in one step. ``gradient`` is what the optimizer was given, after clipping; ``terms`` are the
    optimizer's own, before and after, by name."""

    name: str
    path: str
    shape: tuple[int, ...]
    gradient: Spread
    gradient_norm: float
    before: Tensor | None = None
    after: Tensor | None = None
    """The first numbers, before the update and after it."""
    norm_before: float = 0.0
    norm_after: float = 0.0
    change: float = 0.0
    """The norm of what the update added."""
    terms: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)


def owners(compiled: Compiled) -> dict[int, str]:
    """The path of the node that a parameter belongs to, by the parameter's identity; of a shared one the first's."""
    found: dict[int, str] = {}
    for path, module in compiled.modules.items():
        for parameter in module.parameters():
            found.setdefault(id(parameter), path)
    return found


def shown(compiled: Compiled, phase: Phase) -> list[Value]:
    """Every value that a phase's forward pass computes, in its order; of a block that runs over time only what leaves
    it."""
    flat = compiled.flat
    needed = set(flat.nodes) if phase.graph is compiled.module else upstream(flat, phase.losses)
    found: list[Value] = []
    for path, node in flat.nodes.items():
        if path not in needed or node.layer is None:
            continue
        if not node.loop:
            found += [(path, port.name) for port in node.layer.gives(flat.inputs(path))]
        elif isinstance(node.layer, StepOutput) and not flat.instances[node.loop].loop:
            found.append((path, "y"))
    return found


class Staged:
    """One step, taken apart. ``part`` is what was done last, of ``phase``; ``values`` and ``slopes`` hold what is known
    of each value since, ``moved`` what of each parameter."""

    def __init__(self, plan: Plan, batch: Sequence[Tensor], step: int) -> None:
        self.plan = plan
        self.batch = batch
        self.step = step
        self.part: Part = ""
        self.phase = plan.phases[0]
        self.values: dict[Value, Spread] = {}
        self.slopes: dict[Value, Spread] = {}
        self.masks: dict[str, dropped.Mask] = {}
        """Of every dropout, what it switched off."""
        self.moved: list[Moved] = []
        self.losses: dict[str, tuple[Tensor, ...]] = {}
        """By phase, still on the device."""
        self.last = False
        """Whether no other phase runs in this step after this one."""

    def run(self) -> Iterator[Part]:
        """Takes the step; yields after every part of every phase that runs in it."""
        due = [phase for phase in self.plan.phases if self.step % phase.every == 0]
        for phase in due:
            self.last = phase is due[-1]
            yield from self._phase(phase)

    def _phase(self, phase: Phase) -> Iterator[Part]:
        compiled = self.plan.compiled
        self.phase, self.slopes, self.moved = phase, {}, []
        values = shown(compiled, phase)
        ends = [(path, compiled.layer(path).outputs[0].name) for path in phase.losses]
        wanted = list(dict.fromkeys([*values, *ends]))
        given = [each.detach().requires_grad_() if each.is_floating_point() else each for each in self.batch]
        paths = dict.fromkeys(path for path, _ in values)
        with phase.within(), dropped.watching(compiled, paths, FIRST) as self.masks:
            found = dict(zip(wanted, compiled.select(wanted).forward(*given), strict=True))
        self.values = {value: of_batch(found[value]) for value in values}
        losses = tuple([found[end] for end in ends])
        self.losses[phase.id] = tuple([loss.detach() for loss in losses])
        self.part = "forward"
        yield "forward"
        slopes = self.slopes

        def keep(value: Value, gradient: Tensor) -> None:
            slopes[value] = of_batch(gradient)

        # Each is summed up as it comes back, so that no more than one is held.
        hooks = [
            tensor.register_hook(lambda gradient, value=value: keep(value, gradient))
            for value, tensor in found.items()
            if tensor.requires_grad
        ]
        gradients = phase.gradients(losses, [each for each in given if each.requires_grad])
        for hook in hooks:
            hook.remove()
        del found, losses
        whose = owners(compiled)
        sizes = torch._foreach_norm(gradients)
        for name, parameter, gradient, size in zip(phase.names, phase.parameters, gradients, sizes, strict=True):
            spread = Spread.of(gradient, gradient)
            self.moved.append(Moved(name, whose[id(parameter)], tuple(parameter.shape), spread, float(size)))
        self.part = "backward"
        yield "backward"
        optimizer = phase.optimizer
        before = [parameter.clone() for parameter in optimizer.parameters]
        terms = {name: [_first(each) for each in tensors] for name, tensors in optimizer.state.items()}
        phase.move(gradients, self.step)
        for place, (moved, was, now) in enumerate(zip(self.moved, before, optimizer.parameters, strict=True)):
            moved.before, moved.after = _first(was), _first(now)
            moved.norm_before, moved.norm_after = float(was.norm()), float(now.norm())
            moved.change = float((now - was).norm())
            moved.terms = {name: (firsts[place], _first(optimizer.state[name][place]))
                           for name, firsts in terms.items()}  # fmt: skip
        self.part = "update"
        yield "update"


def _first(values: Tensor) -> Tensor:
    return values.detach().float().flatten()[:FIRST].to("cpu", copy=True)
