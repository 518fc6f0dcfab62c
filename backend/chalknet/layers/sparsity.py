"""Few units at a time: the k largest alone, or a price on every unit that fires (notes 4:228)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chalknet.layers.base import (
    Example,
    Family,
    Fault,
    Inputs,
    Insert,
    Layer,
    Loss,
    Port,
    SetField,
    Source,
    TensorType,
    Warn,
    register,
    scalar,
)
from chalknet.layers.words import call, counted, named, rows, tex, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


@register
class KSparse(Layer):
    """Any floats with features, kept: of the features at each place the k largest pass, all others are 0 (Makhzani and
    Frey 2013). The gradient goes to those that passed."""

    type = "k_sparse"
    title = "k-sparse"
    family: ClassVar[Family] = "activation"
    per_number: ClassVar[int] = 1  # compared with the k-th
    sentence = "Lets only the k largest features pass, so that every unit must stand for something of its own."
    formula = r"y_i = \begin{cases} x_i & x_i \text{ among the } k \text{ largest} \\ 0 & \text{otherwise} \end{cases}"
    icon = "list-filter"
    aliases = ("sparse autoencoder", "top k", "winner takes all", "sparsity")
    purposes = ("few active units",)
    keeps_width = True
    examples = (
        Example("The 2 largest of 4 pass.", inputs={"x": [3, -1, 5, 2]}, fields={"k": 2}, outputs={"y": [3, 0, 5, 0]}),
    )

    k: int = Field(8, ge=1, le=1_000_000, title="k", description="How many features pass.")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float" or x.feature is None:
            raise unfit("x", "a vector, a sequence, a signal or an image", x)
        size = x.sizes[x.feature]
        if self.k > size:
            raise Fault(
                "too_few_features",
                f"cannot keep {self.k:,} of {counted(size, 'feature')}.",
                field="k",
                port="x",
                remedies=[SetField("k", max(1, size // 2), f"Set k to {max(1, size // 2):,}")],
            )
        return {"y": replace(x, meaning="")}

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        x = inputs["x"]
        if self.k < x.sizes[x.feature or 0]:
            return ()
        half = self.k // 2
        ways = (SetField("k", half, f"Set k to {half:,}"),) if half else ()
        return [
            Warn("keeps_all", f"it keeps all {self.k:,} features, so it changes nothing.", field="k", remedies=ways)
        ]

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        x = inputs["x"]
        size = x.sizes[x.feature or 0]
        return rows(("passes", rf"{tex(self.k)} \text{{ of }} {tex(size)}"))

    def summary(self) -> str:
        return f"{self.k:,} largest"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class KSparse(nn.Module):
            """The k largest along an axis pass, all others are 0."""

            def __init__(self, k: int, axis: int) -> None:
                super().__init__()
                self.k = k
                self.axis = axis

            def forward(self, x: Tensor) -> Tensor:
                largest, places = x.topk(self.k, self.axis)
                return torch.zeros_like(x).scatter(self.axis, places, largest)

        return KSparse(self.k, (inputs["x"].feature or 0) + 1)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("KSparse", self.k, (inputs["x"].feature or 0) + 1), classes=("KSparse",))


class Penalty(Loss):
    """Base: a price on the activations of a layer, beside the loss that the network learns from."""

    inputs = (Port("x", "Activations"),)
    beware: ClassVar[tuple[str, ...]] = (
        "It is a second loss: alone it only teaches the units to be silent. Wire the network's own loss as well.",
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float" or x.feature is None:
            raise unfit("x", "the activations of a layer", x)
        return {"loss": scalar()}


def weight(default: float) -> float:
    """The field that holds how much a penalty weighs."""
    found: float = Field(default, ge=0, le=1000, title="Weight", description="How much it counts beside other losses.",
                         json_schema_extra={"log": True})  # fmt: skip
    return found


@register
class L1Activity(Penalty):
    """λ·Σ|a| over a sample's activations, mean over the batch (L-085)."""

    type = "l1_activity"
    title = "L1 on activations"
    sentence = "Puts a price on every activation, so that most become zero."
    formula = r"L = \lambda \sum_i \lvert a_i \rvert"
    icon = "diff"
    aliases = ("sparsity", "sparse autoencoder", "activity regularisation", "lasso")
    purposes = ("few active units",)
    examples = (Example("0.1 · (1 + 2 + 3).", inputs={"x": [1, -2, 3]}, fields={"weight": 0.1}, outputs={"loss": 0.6}),)

    weight: float = weight(0.001)

    def summary(self) -> str:
        return f"λ {self.weight:g}"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class L1Activity(nn.Module):
            """weight · the sum of absolute values, mean over the batch."""

            def __init__(self, weight: float) -> None:
                super().__init__()
                self.weight = weight

            def forward(self, x: Tensor) -> Tensor:
                return self.weight * x.abs().flatten(1).sum(1).mean()

        return L1Activity(self.weight)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("L1Activity", self.weight), classes=("L1Activity",))


@register
class KLSparsity(Penalty):
    """λ·Σⱼ KL(ρ ‖ ρ̂ⱼ), ρ̂ⱼ the mean of feature j over the batch and all places; activations between 0 and 1."""

    type = "kl_sparsity"
    title = "KL sparsity"
    sentence = "Asks that every unit fires for a small share of the samples, and for no less."
    formula = r"L = \lambda \sum_j \rho \ln \dfrac{\rho}{\hat\rho_j} + (1 - \rho) \ln \dfrac{1 - \rho}{1 - \hat\rho_j}"
    icon = "diff"
    aliases = ("sparsity", "sparse autoencoder", "kullback-leibler")
    purposes = ("few active units",)
    beware = (
        "The mean is taken over the batch: in a batch of one sample, a unit that fires at all fires always.",
        *Penalty.beware,
    )
    examples = (
        Example("ρ = 0.5, ρ̂ = 0.25: ½ ln 2 + ½ ln ⅔ = 0.1438.", inputs={"x": [0.25]},
                fields={"weight": 1, "target": 0.5}, outputs={"loss": 0.1438}),
    )  # fmt: skip

    weight: float = weight(0.01)
    target: float = Field(0.05, gt=0, lt=1, title="ρ", description="The share of samples that a unit should fire for.",
                          json_schema_extra={"step": 0.01})  # fmt: skip

    def check(self, inputs: Inputs) -> Sequence[Warn]:
        if inputs["x"].meaning == "probability":
            return ()
        return [
            Warn(
                "not_between_0_and_1",
                f"it reads activations as shares between 0 and 1; {named(inputs['x'])} of any numbers arrives.",
                hint="Put a sigmoid before it.",
                remedies=(Insert("x", "sigmoid", "Insert Sigmoid"),),
            )
        ]

    def summary(self) -> str:
        return f"ρ {self.target:g}, λ {self.weight:g}"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class KLSparsity(nn.Module):
            """weight · the divergence of every feature's mean from ``target``, summed over the features."""

            def __init__(self, axis: int, weight: float, target: float) -> None:
                super().__init__()
                self.axis = axis
                self.weight = weight
                self.target = target

            def forward(self, x: Tensor) -> Tensor:
                mean = x.movedim(self.axis, 0).flatten(1).mean(1).clamp(1e-6, 1 - 1e-6)
                p = self.target
                each = p * (p / mean).log() + (1 - p) * ((1 - p) / (1 - mean)).log()
                return self.weight * each.sum()

        return KLSparsity((inputs["x"].feature or 0) + 1, self.weight, self.target)

    def source(self, inputs: Inputs) -> Source:
        axis = (inputs["x"].feature or 0) + 1
        return Source(call("KLSparsity", axis, self.weight, self.target), classes=("KLSparsity",))
