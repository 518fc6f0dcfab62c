"""A loss that grows beyond all measure (T-077): the run stops, and says which layer's weights went first."""

from __future__ import annotations

import torch

from chalknet.graph.problems import Problem
from chalknet.training.nonfinite import gentler
from chalknet.training.plan import Plan
from chalknet.training.stages import owners

TIMES = 1e4
"""How many times its first value (at least 1) a loss may be …"""
IN_A_ROW = 2
"""… at so many points in a row, before training is said to have diverged."""


class Diverged(Exception):
    """``problem`` says how far, and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Growth:
    """Keeps count for one run. ``first``: the first training loss that was told; it stands in the checkpoint."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.first: float | None = None
        self.over = 0
        self.sizes = self._norms()

    def see(self, step: int, loss: float) -> None:
        """A point of the training loss after ``step`` updates. Raises Diverged."""
        if self.first is None:
            self.first = loss
        self.over = self.over + 1 if loss > TIMES * max(1.0, abs(self.first)) else 0
        if self.over >= IN_A_ROW:
            raise Diverged(self._complaint(step, loss))

    def _norms(self) -> list[float]:
        """The size of every parameter of every phase."""
        parameters = [each.detach() for phase in self.plan.phases for each in phase.parameters]
        return torch.stack(torch._foreach_norm(parameters)).tolist()

    def _complaint(self, step: int, loss: float) -> Problem:
        plan, first = self.plan, self.first
        whose = owners(plan.compiled)
        parameters = [(each, phase) for phase in plan.phases for each in phase.parameters]
        grown = [now / max(was, 1e-6) for now, was in zip(self._norms(), self.sizes, strict=True)]
        worst = max(range(len(grown)), key=grown.__getitem__)
        parameter, phase = parameters[worst]
        path = whose.get(id(parameter))
        label = plan.compiled.flat.nodes[path].label if path is not None else "the network"
        hint, fixes = gentler(phase, phase.rate(max(0, step - 1)))
        return Problem(
            code="diverged",
            node=path,
            message=f"Training diverged: the loss is {loss:.3g} after {step:,} updates and was {first:.3g} at first. "
            f"The weights of {label} grew most, to {grown[worst]:,.3g} times their size.",
            hint=hint,
            fixes=fixes,
        )
