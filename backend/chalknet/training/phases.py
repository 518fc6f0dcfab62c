"""A phase of training: which losses it minimises, which parameters it moves, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chalknet.graph import document, rates, recipe
from chalknet.training import optimizers
from chalknet.training.compile import Compiled, refuse


@dataclass(frozen=True)
class Change:
    """The base rate that holds from a step on."""

    step: int
    rate: float


@dataclass(frozen=True)
class Recorded:
    """A step that was looked at, on the device: the gradient of every parameter, and the sizes (norms) of gradients, of
    weights before the update, and of what it added, each [parameters]."""

    step: int
    slopes: list[Tensor]
    gradients: Tensor
    weights: Tensor
    changes: Tensor


class Phase:
    """One of a recipe's phases, ready to run on ``compiled``.

    The rate of a step is a pure function of the step and of the changes made by hand, so that a resumed run goes on
    exactly.
    """

    def __init__(
        self,
        id: str,
        part: document.Phase,
        compiled: Compiled,
        steps: int,
        within: Callable[[], AbstractContextManager[Any]] | None = None,
    ) -> None:
        """``within``: what the forward pass runs in (another precision)."""
        optimizer, schedule = recipe.optimizer(part.optimizer), recipe.schedule(part.schedule)
        if isinstance(optimizer, str) or isinstance(schedule, str):
            wrong = optimizer if isinstance(optimizer, str) else schedule
            raise refuse("bad_recipe", f"Phase {id!r}: {wrong}.", field=f"phases.{id}")
        self.id = id
        self.every = part.every
        self.clip = part.clip
        self.clip_value = part.clip_value
        self.penalty = part.penalty
        self.schedule = schedule
        self.steps = steps
        self.first = self.base = optimizer.lr
        self.changes: list[Change] = []
        self.constant = isinstance(schedule, rates.Constant)
        self.losses = tuple(part.losses) or compiled.losses
        values = [(path, compiled.layer(path).outputs[0].name) for path in self.losses]
        self.graph = compiled.module if self.losses == compiled.losses else compiled.select(values)
        self.within = within or nullcontext
        self.forward = self.graph.forward if within is None else self._within(self.graph.forward)
        named = compiled.parameters(part.updates)
        if not named:
            raise refuse(
                "nothing_to_learn",
                f"Phase {id!r} has no parameter to update: everything it may change is frozen or has none.",
                hint="Make a layer trainable, or add one with weights.",
            )
        self.names = tuple(named)
        self.parameters = list(named.values())
        self.optimizer = optimizers.make(optimizer, self.parameters)
        self._pull()
        self.recorded: Recorded | None = None
        self._reached = False

    def _within(self, forward: Callable[..., tuple[Tensor, ...]]) -> Callable[..., tuple[Tensor, ...]]:
        within = self.within

        def computed(*batch: Tensor) -> tuple[Tensor, ...]:
            with within():
                return forward(*batch)

        return computed

    def _pull(self) -> None:
        """Which parameters the penalty pulls at, by their places."""
        wanted = self.penalty.l1 > 0 or self.penalty.l2 > 0
        self.pulled = [
            place
            for place, name in enumerate(self.names)
            if wanted and (self.penalty.biases or "bias" not in name.rpartition(".")[2])
        ]
        self.weights = [self.parameters[place].detach() for place in self.pulled]

    def rate(self, step: int) -> float:
        return self.base if self.constant else self.base * self.schedule.factor(step, self.steps)

    def change(self, step: int, rate: float) -> None:
        """Another base rate from this step on; the schedule's factor goes on from where it is."""
        self.changes.append(Change(step, rate))
        self.base = rate

    def punish(self, how: str, value: float) -> None:
        """Another λ of the penalty, from the next step on."""
        self.penalty = self.penalty.model_copy(update={how: value})
        self._pull()

    def restore(self, changes: Sequence[Change]) -> None:
        """Takes over the changes that were made up to a checkpoint, in place of its own."""
        self.changes = list(changes)
        self.base = changes[-1].rate if changes else self.first

    def step(self, batch: Sequence[Tensor], step: int) -> tuple[Tensor, ...]:
        """Forward, backward, update. Returns the losses, still on the device."""
        losses = self.forward(*batch)
        self.optimizer.step(self.gradients(losses), self.rate(step))
        return tuple([loss.detach() for loss in losses])

    def record(self) -> None:
        """The next step is looked at: ``recorded`` then says how large everything was. It costs a copy of the weights,
        and the steps after it nothing."""
        self.step = self._recorded  # type: ignore[method-assign]

    def _recorded(self, batch: Sequence[Tensor], step: int) -> tuple[Tensor, ...]:
        del self.step  # the class's own again
        losses = self.forward(*batch)
        self.move(self.gradients(losses), step)
        return tuple([loss.detach() for loss in losses])

    def move(self, gradients: list[Tensor], step: int) -> None:
        """An update that is looked at."""
        before = [parameter.clone() for parameter in self.optimizer.parameters]
        self.optimizer.step(gradients, self.rate(step))
        change = torch._foreach_sub(self.optimizer.parameters, before)
        sizes = [torch.stack(torch._foreach_norm(each)) for each in (gradients, before, change)]
        self.recorded = Recorded(step, gradients, *sizes)

    def gradients(self, losses: Sequence[Tensor], also: Sequence[Tensor] = ()) -> list[Tensor]:
        """What the optimizer is given: the gradient of every parameter, clipped. ``also``: tensors whose gradients are
        computed beside, for whoever hooked on to them."""
        total = losses[0] if len(losses) == 1 else sum(losses[1:], losses[0])
        if not self._reached:
            self._reach(total)
        if also:
            found = list(torch.autograd.grad(total, [*self.parameters, *also], allow_unused=True))
            gradients = found[: len(self.parameters)]
        else:
            gradients = list(torch.autograd.grad(total, self.parameters))
        return self.settled(gradients)

    def settled(self, gradients: list[Tensor]) -> list[Tensor]:
        """Gradients of the losses with those of the penalty, then clipped."""
        if self.pulled:
            drawn = [gradients[place] for place in self.pulled]
            if self.penalty.l2:
                torch._foreach_add_(drawn, self.weights, alpha=self.penalty.l2)
            if self.penalty.l1:
                torch._foreach_add_(drawn, torch._foreach_sign(self.weights), alpha=self.penalty.l1)
        if self.clip_value is not None:
            torch._foreach_clamp_min_(gradients, -self.clip_value)
            torch._foreach_clamp_max_(gradients, self.clip_value)
        if self.clip is not None:
            clip(gradients, self.clip)
        return gradients

    def cost(self) -> Tensor | None:
        """What the weights cost now: the penalty, and what the optimizer's decay comes to where it is one; None where
        there is neither. AdamW's decay is no part of what is minimised."""
        terms = []
        if self.pulled and self.penalty.l1:
            terms.append(self.penalty.l1 * torch.stack(torch._foreach_norm(self.weights, 1)).sum())
        if self.pulled and self.penalty.l2:
            terms.append(self.penalty.l2 / 2 * torch.stack(torch._foreach_norm(self.weights)).square().sum())
        if self.optimizer.decay and self.optimizer.coupled:
            norms = torch.stack(torch._foreach_norm(self.optimizer.parameters))
            terms.append(self.optimizer.decay / 2 * norms.square().sum())
        return torch.stack(terms).sum() if terms else None

    def _reach(self, total: Tensor) -> None:
        """Leaves out parameters that these losses do not depend on: they get no gradient, so they are not moved."""
        found = torch.autograd.grad(total, self.parameters, retain_graph=True, allow_unused=True)
        reached = [gradient is not None for gradient in found]
        if not any(reached):
            raise refuse(
                "nothing_to_learn", f"Phase {self.id!r}: its losses depend on none of the parameters it updates."
            )
        if not all(reached):
            self.names = tuple(name for name, kept in zip(self.names, reached, strict=True) if kept)
            self.parameters = [each for each, kept in zip(self.parameters, reached, strict=True) if kept]
            self.optimizer.keep(reached)
            self._pull()
        self._reached = True


def clip(gradients: Sequence[Tensor], most: float) -> None:
    """Scales gradients in place so that their common norm is at most ``most``, as torch.nn.utils.clip_grad_norm_
    does."""
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    torch._foreach_mul_(gradients, torch.clamp(most / (norm + 1e-6), max=1.0))
