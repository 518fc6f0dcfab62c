"""What follows from the validation loss of every epoch: best weights, an early end, a rate that falls (T-014, T-036).

All of it is a function of the epochs so far, so that a run that was interrupted goes on exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from chalknet.graph import rates
from chalknet.training.phases import Phase
from chalknet.training.plan import Plan

LEAD = "best."
"""Before the names of the best weights among a checkpoint's tensors."""


class Best:
    """Keeps count for one run. ``over`` is true once patience has run out."""

    def __init__(self, plan: Plan) -> None:
        self.patience = plan.document.recipe.stopping.patience
        self.least = plan.document.recipe.stopping.least
        self.falling = [(phase, phase.schedule) for phase in plan.phases if isinstance(phase.schedule, rates.Plateau)]
        self.wanted = self.patience > 0 or bool(self.falling)
        """Whether every epoch has to be validated."""
        self.live = dict(plan.compiled.module.state_dict(keep_vars=True)) if self.patience else {}
        self.loss = math.inf
        self.epoch = 0
        self.seen = 0
        """The last epoch that was validated, counted from 1."""
        self.since = 0
        """Epochs without a better one."""
        self.stayed = {phase.id: 0 for phase, _ in self.falling}
        """Epochs without a better one since the rate fell last."""
        self.lowest = math.inf
        self.tensors: dict[str, Tensor] = {}
        self.over = False

    def see(self, step: int, epoch: int, loss: float) -> Iterator[str]:
        """An epoch's validation loss; yields in words what follows from it."""
        self.seen = epoch
        if loss < self.loss - self.least:
            self.loss, self.epoch, self.since = loss, epoch, 0
            self.tensors = {name: tensor.detach().to("cpu", copy=True) for name, tensor in self.live.items()}
        else:
            self.since += 1
        better = loss < self.lowest
        self.lowest = min(self.lowest, loss)
        for phase, form in self.falling:
            yield from self._fall(phase, form, step, better)
        self.over = 0 < self.patience <= self.since

    def _fall(self, phase: Phase, form: rates.Plateau, step: int, better: bool) -> Iterator[str]:
        self.stayed[phase.id] = 0 if better else self.stayed[phase.id] + 1
        if self.stayed[phase.id] >= form.patience:
            self.stayed[phase.id] = 0
            before = phase.base
            phase.change(step, before * form.gamma)
            whose = f"{phase.id}: learning rate" if len(self.stayed) > 1 else "Learning rate"
            yield f"{whose} {before:.4g} → {phase.base:.4g}: no lower validation loss for {form.patience} epochs"

    def bring_back(self) -> str:
        """Puts the best weights into the network; says so, or nothing where the last ones are the best."""
        if not self.tensors or self.since == 0:
            return ""
        with torch.no_grad():
            for name, tensor in self.live.items():
                tensor.copy_(self.tensors[name])
        end = f"Stopped: {self.since} epochs without a lower validation loss. " if self.over else ""
        return f"{end}Back to the weights of epoch {self.epoch}, the best: validation loss {self.loss:.4g}"

    # --- in a checkpoint ---------------------------------------------------------------------------------------------

    def notes(self) -> dict[str, Any]:
        return {
            "loss": None if math.isinf(self.loss) else self.loss,
            "lowest": None if math.isinf(self.lowest) else self.lowest,
            "epoch": self.epoch,
            "seen": self.seen,
            "since": self.since,
            "stayed": self.stayed,
            "over": self.over,
        }

    def kept(self) -> dict[str, Tensor]:
        return {LEAD + name: tensor for name, tensor in self.tensors.items()}

    def restore(self, notes: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        self.loss = math.inf if notes["loss"] is None else notes["loss"]
        self.lowest = math.inf if notes["lowest"] is None else notes["lowest"]
        self.epoch, self.seen, self.since, self.over = (notes[name] for name in ("epoch", "seen", "since", "over"))
        self.stayed |= {id: count for id, count in notes["stayed"].items() if id in self.stayed}
        self.tensors = {name: tensors[LEAD + name] for name in self.live if LEAD + name in tensors}
