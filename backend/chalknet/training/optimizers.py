"""Optimizers (T-001…T-009): how parameters move along their gradients.

They are written on torch's fused kernels rather than on ``torch.optim``: on a small network the bookkeeping of
``torch.optim`` costs more than the arithmetic, its first use imports a compiler for a second, and here the state is
plain named tensors that a checkpoint can hold without pickle. Tests hold each against ``torch.optim``, bit for bit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from chalknet.graph import descent


class Optimizer(ABC):
    """Moves ``parameters`` in place. ``state`` holds, by name, a tensor a parameter; ``counters`` one tensor for
    all."""

    decay: float = 0.0
    """λ of the weight decay."""
    coupled = True
    """Whether the decay is added to the gradient, as that of λ/2 Σw² would be."""

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

    def count(self) -> Tensor:
        """A counter of updates, kept with the state: one for all parameters, which kernels only read."""
        device = self.parameters[0].device if self.parameters else torch.device("cpu")
        counter = self.counters["steps"] = torch.zeros((), device=device)
        return counter

    def decayed(self, gradients: Sequence[Tensor], decay: float) -> Sequence[Tensor]:
        """g + λw."""
        return torch._foreach_add(gradients, self.parameters, alpha=decay) if decay else gradients


class Sgd(Optimizer):
    """Gradient descent: v ← μv + g, w ← w − ηv, torch's momentum; averaged, v ← μv + (1 − μ)g, the notes' (C-078).

    v is 0 before the first update. Nesterov's form moves by g + μv. Weight decay adds λw to the gradient.
    """

    def __init__(self, parameters: Sequence[Tensor], form: descent.SGD) -> None:
        super().__init__(parameters)
        self.momentum = form.momentum
        self.dampening = form.momentum if form.averaged else 0.0
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
            dampening=self.dampening,
            nesterov=self.nesterov,
            maximize=False,
            is_first_step=False,
        )


class AdaGrad(Optimizer):
    """AdaGrad (Duchi, Hazan and Singer 2011): every gradient's square is added up and slows its weight for good."""

    def __init__(self, parameters: Sequence[Tensor], form: descent.AdaGrad) -> None:
        super().__init__(parameters)
        self.slowing = form.lr_decay
        self.eps = form.eps
        self.decay = form.weight_decay
        self.state["sum"] = self.zeros()
        self.steps = self.count()

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        self.steps += 1
        torch._fused_adagrad_(
            self.parameters,
            gradients,
            self.state["sum"],
            [self.steps] * len(self.parameters),
            lr=rate,
            lr_decay=self.slowing,
            weight_decay=self.decay,
            eps=self.eps,
            maximize=False,
        )


class RMSprop(Optimizer):
    """RMSprop (Tieleman and Hinton 2012), with momentum and centred where asked, as torch.optim.RMSprop."""

    def __init__(self, parameters: Sequence[Tensor], form: descent.RMSprop) -> None:
        super().__init__(parameters)
        self.rho = form.rho
        self.momentum = form.momentum
        self.eps = form.eps
        self.decay = form.weight_decay
        self.state["square"] = self.zeros()
        if form.centered:
            self.state["mean"] = self.zeros()
        if form.momentum:
            self.state["momentum"] = self.zeros()

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        moved = self.decayed(gradients, self.decay)
        square = self.state["square"]
        torch._foreach_mul_(square, self.rho)
        torch._foreach_addcmul_(square, moved, moved, value=1 - self.rho)
        if mean := self.state.get("mean"):
            torch._foreach_lerp_(mean, moved, 1 - self.rho)
            size = torch._foreach_addcmul(square, mean, mean, value=-1)
            torch._foreach_sqrt_(size)
        else:
            size = torch._foreach_sqrt(square)
        torch._foreach_add_(size, self.eps)
        if rolling := self.state.get("momentum"):
            torch._foreach_mul_(rolling, self.momentum)
            torch._foreach_addcdiv_(rolling, moved, size)
            torch._foreach_add_(self.parameters, rolling, alpha=-rate)
        else:
            torch._foreach_addcdiv_(self.parameters, moved, size, value=-rate)


class AdaDelta(Optimizer):
    """AdaDelta (Zeiler 2012): steps of the size of those before, scaled by the gradient's, as torch.optim.Adadelta."""

    def __init__(self, parameters: Sequence[Tensor], form: descent.AdaDelta) -> None:
        super().__init__(parameters)
        self.rho = form.rho
        self.eps = form.eps
        self.decay = form.weight_decay
        self.state["square"] = self.zeros()
        self.state["delta"] = self.zeros()

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        moved = self.decayed(gradients, self.decay)
        square, delta = self.state["square"], self.state["delta"]
        torch._foreach_mul_(square, self.rho)
        torch._foreach_addcmul_(square, moved, moved, value=1 - self.rho)
        size = torch._foreach_add(square, self.eps)
        torch._foreach_sqrt_(size)
        steps = torch._foreach_add(delta, self.eps)
        torch._foreach_sqrt_(steps)
        torch._foreach_div_(steps, size)
        torch._foreach_mul_(steps, moved)
        torch._foreach_mul_(delta, self.rho)
        torch._foreach_addcmul_(delta, steps, steps, value=1 - self.rho)
        torch._foreach_add_(self.parameters, steps, alpha=-rate)


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): steps of about η, scaled by running means of g and g². Weight decay adds λw to g."""

    kernel = staticmethod(torch._fused_adam_)

    def __init__(self, parameters: Sequence[Tensor], form: descent.Adam) -> None:
        super().__init__(parameters)
        self.beta1 = form.beta1
        self.beta2 = form.beta2
        self.eps = form.eps
        self.decay = form.weight_decay
        self.state["mean"] = self.zeros()
        self.state["square"] = self.zeros()
        self.steps = self.count()

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
    coupled = False


MAKERS: dict[type[descent.Optimizer], Callable[[Sequence[Tensor], Any], Optimizer]] = {
    descent.SGD: Sgd,
    descent.AdaGrad: AdaGrad,
    descent.RMSprop: RMSprop,
    descent.AdaDelta: AdaDelta,
    descent.Adam: Adam,
    descent.AdamW: AdamW,
}


def make(form: descent.Optimizer, parameters: Sequence[Tensor]) -> Optimizer:
    """The optimizer of a recipe's form. Raises KeyError for a form that has none here."""
    return MAKERS[type(form)](parameters, form)
