"""Optimizers (T-001…T-009): how parameters move along their gradients.

They are written on torch's fused kernels rather than on ``torch.optim``: on a small network the bookkeeping of
``torch.optim`` costs more than the arithmetic, its first use imports a compiler for a second, and here the state is
plain named tensors that a checkpoint can hold without pickle. Tests hold each against ``torch.optim``, bit for bit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from chalknet.graph import recipe


class Optimizer(ABC):
    """Moves ``parameters`` in place. ``state`` holds, by name, a tensor a parameter; ``counters`` one tensor for
    all."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        # Detached, the same memory may be written to without leaving autograd at every step.
        self.parameters = [parameter.detach() for parameter in parameters]
        self.state: dict[str, list[Tensor]] = {}
        self.counters: dict[str, Tensor] = {}

    @abstractmethod
    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """One update. ``gradients`` are in the order of ``parameters``."""

    def keep(self, kept: Sequence[bool]) -> None:
        """Leaves out the parameters that are not to be moved, with their state."""
        self.parameters = [each for each, keep in zip(self.parameters, kept, strict=True) if keep]
        for name, tensors in self.state.items():
            self.state[name] = [each for each, keep in zip(tensors, kept, strict=True) if keep]

    def zeros(self) -> list[Tensor]:
        # preserve_format keeps the strides of a parameter, which the fused kernels ask for.
        return [torch.zeros_like(parameter, memory_format=torch.preserve_format) for parameter in self.parameters]


class Sgd(Optimizer):
    """Gradient descent: v ← μv + g, w ← w − ηv, torch's momentum (C-078), which lacks the notes' factor 1 − μ.

    Nesterov's form moves by g + μv. Weight decay adds λw to the gradient.
    """

    def __init__(self, parameters: Sequence[Tensor], form: recipe.SGD) -> None:
        super().__init__(parameters)
        self.momentum = form.momentum
        self.nesterov = form.nesterov
        self.decay = form.weight_decay
        if self.momentum:
            self.state["momentum"] = self.zeros()

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        torch._fused_sgd_(
            self.parameters,
            gradients,
            self.state.get("momentum", []),
            weight_decay=self.decay,
            momentum=self.momentum,
            lr=rate,
            dampening=0.0,
            nesterov=self.nesterov,
            maximize=False,
            is_first_step=False,
        )


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): steps of about η, scaled by running means of g and g². Weight decay adds λw to g."""

    kernel = staticmethod(torch._fused_adam_)

    def __init__(self, parameters: Sequence[Tensor], form: recipe.Adam) -> None:
        super().__init__(parameters)
        self.beta1 = form.beta1
        self.beta2 = form.beta2
        self.eps = form.eps
        self.decay = form.weight_decay
        self.state["mean"] = self.zeros()
        self.state["square"] = self.zeros()
        device = self.parameters[0].device if self.parameters else torch.device("cpu")
        self.steps = self.counters["steps"] = torch.zeros((), device=device)

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        # One counter for all parameters: the kernel only reads it, and counting each costs more than it.
        self.steps += 1
        self.kernel(
            self.parameters,
            gradients,
            self.state["mean"],
            self.state["square"],
            [],
            [self.steps] * len(self.parameters),
            lr=rate,
            beta1=self.beta1,
            beta2=self.beta2,
            weight_decay=self.decay,
            eps=self.eps,
            amsgrad=False,
            maximize=False,
        )


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019): w ← w − ηλw beside Adam's step."""

    kernel = staticmethod(torch._fused_adamw_)


def make(form: recipe.Optimizer, parameters: Sequence[Tensor]) -> Optimizer:
    """The optimizer of a recipe's form. Raises TypeError for a form that has none here."""
    for kind, maker in ((recipe.AdamW, AdamW), (recipe.Adam, Adam), (recipe.SGD, Sgd)):
        if isinstance(form, kind):
            return maker(parameters, form)  # type: ignore[arg-type]
    raise TypeError(f"no optimizer is written for {form!r}")
