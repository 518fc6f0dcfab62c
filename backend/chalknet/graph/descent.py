"""Optimizers as forms, without torch: their fields, and what they keep for every weight (T-001…T-009)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, model_validator

from chalknet.graph.forms import Form


def _rate(usual: float) -> Any:
    return Field(
        usual,
        gt=0,
        le=1000,
        title="Learning rate",
        description="How far one update goes along the gradient.",
        json_schema_extra={"log": True},
    )


def _decay(usual: float) -> Any:
    return Field(
        usual,
        ge=0,
        le=10,
        title="Weight decay",
        description="Pulls every weight towards 0.",
        json_schema_extra={"log": True},
    )


def _epsilon(usual: float) -> Any:
    return Field(
        usual, gt=0, le=1, title="ε", description="Keeps the division away from 0.", json_schema_extra={"log": True}
    )


class Optimizer(Form):
    """Base of every optimizer. Names and meanings of the fields are torch's."""

    sane: ClassVar[tuple[float, float]] = (1e-6, 0.1)
    """The learning rates that it is used with."""

    lr: float = _rate(0.001)
    weight_decay: float = _decay(0.0)

    def slots(self) -> int:
        """Numbers of state that it keeps for every parameter."""
        return 0


class SGD(Optimizer):
    """v ← μv + g, w ← w − lr·v, as torch.optim.SGD; averaged, v ← μv + (1 − μ)g, as the notes have it (1:144-160)."""

    type = "sgd"
    title = "SGD"
    sentence = "Steps against the gradient; with momentum it keeps rolling the way it went before."
    formula = r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v"
    sane = (1e-6, 3.0)

    lr: float = _rate(0.01)
    momentum: float = Field(0.0, ge=0, lt=1, title="Momentum", description="Share of the last step that is kept.")
    averaged: bool = Field(
        False,
        title="Averaged",
        description="Keeps the running mean of the gradients, not their sum: each enters with a share of 1 − momentum.",
    )
    nesterov: bool = Field(
        False, title="Nesterov", description="Looks ahead along the momentum before it measures the slope."
    )

    @model_validator(mode="after")
    def _momentum_that_fits(self) -> SGD:
        if self.nesterov and self.momentum == 0:
            raise ValueError("Nesterov needs a momentum above 0")
        if self.averaged and self.momentum == 0:
            raise ValueError("Averaged needs a momentum above 0: it says how long the mean remembers")
        if self.nesterov and self.averaged:
            raise ValueError("Nesterov looks ahead along the sum of the gradients: choose it or Averaged")
        return self

    def slots(self) -> int:
        return 1 if self.momentum else 0


class AdaGrad(Optimizer):
    """torch.optim.Adagrad (Duchi, Hazan and Singer 2011): G ← G + g², w ← w − η·g/(√G + ε)."""

    type = "adagrad"
    title = "AdaGrad"
    sentence = (
        "Divides each weight's step by the size of all its gradients so far: rare ones go far, and all slow down."
    )
    formula = r"G \leftarrow G + g^2,\quad w \leftarrow w - \eta\,\frac{g}{\sqrt{G} + \epsilon}"
    sane = (1e-5, 3.0)

    lr: float = _rate(0.01)
    lr_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Slowing",
        description="The rate is divided by 1 + slowing · updates so far.",
        json_schema_extra={"log": True},
    )
    eps: float = _epsilon(1e-10)

    def slots(self) -> int:
        return 1


class RMSprop(Optimizer):
    """torch.optim.RMSprop (Tieleman and Hinton 2012): s ← ρs + (1 − ρ)g², w ← w − η·g/(√s + ε)."""

    type = "rmsprop"
    title = "RMSprop"
    sentence = "AdaGrad that forgets: each weight's step is divided by the size of its gradients of late."
    formula = r"s \leftarrow \rho s + (1 - \rho)\,g^2,\quad w \leftarrow w - \eta\,\frac{g}{\sqrt{s} + \epsilon}"

    lr: float = _rate(0.001)
    rho: float = Field(0.9, ge=0, lt=1, title="ρ", description="Memory of the gradient's square.")
    momentum: float = Field(0.0, ge=0, lt=1, title="Momentum", description="Share of the last step that is kept.")
    centered: bool = Field(
        False, title="Centred", description="Divides by the gradient's spread: its mean square less the mean, squared."
    )
    eps: float = _epsilon(1e-8)

    def slots(self) -> int:
        return 1 + (self.momentum > 0) + self.centered


class AdaDelta(Optimizer):
    """torch.optim.Adadelta (Zeiler 2012): the step has the size of the steps before, so it needs hardly any rate."""

    type = "adadelta"
    title = "AdaDelta"
    sentence = (
        "Steps as far as it has stepped of late, by the size of the gradient of late: no learning rate to choose."
    )
    formula = (
        r"\Delta = \frac{\sqrt{u + \epsilon}}{\sqrt{s + \epsilon}}\,g,\quad w \leftarrow w - \eta\,\Delta,\quad "
        r"u \leftarrow \rho u + (1 - \rho)\,\Delta^2"
    )
    sane = (1e-3, 10.0)

    lr: float = _rate(1.0)
    rho: float = Field(0.9, ge=0, lt=1, title="ρ", description="Memory of the squares of gradients and of steps.")
    eps: float = _epsilon(1e-6)

    def slots(self) -> int:
        return 2


class Adam(Optimizer):
    """torch.optim.Adam (Kingma and Ba 2015); weight decay is added to the gradient."""

    type = "adam"
    title = "Adam"
    sentence = "Gives every weight a step of its own, from the running mean and spread of its gradient."
    formula = r"w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}"

    beta1: float = Field(0.9, ge=0, lt=1, title="β₁", description="Memory of the gradient's mean.")
    beta2: float = Field(0.999, ge=0, lt=1, title="β₂", description="Memory of the gradient's square.")
    eps: float = _epsilon(1e-8)

    def slots(self) -> int:
        return 2


class AdamW(Adam):
    """torch.optim.AdamW (Loshchilov and Hutter 2019); weight decay acts on the weights, apart from the gradient."""

    type = "adamw"
    title = "AdamW"
    sentence = "Adam with a weight decay that acts on the weights directly, as it was meant to."
    formula = r"w \leftarrow (1 - \eta\lambda)\,w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}"

    weight_decay: float = _decay(0.01)


OPTIMIZERS: dict[str, type[Optimizer]] = {form.type: form for form in (SGD, AdaGrad, RMSprop, AdaDelta, Adam, AdamW)}
