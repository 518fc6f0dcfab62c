"""Chance while training, so that a network leans on no single number; in evaluation these layers change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from chalknet.layers.base import Family, Inputs, Layer, Source, TensorType, register
from chalknet.layers.words import call, unfit

if TYPE_CHECKING:
    from torch import Tensor, nn


class Chance(Layer):
    """Base: keeps the type of any numbers; no parameters."""

    family: ClassVar[Family] = "normalisation"
    per_number: ClassVar[int] = 0
    keeps_width: ClassVar[bool] = True
    rearranges: ClassVar[bool] = True

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "numbers", x)
        return {"y": x}


class Drop(Chance):
    """Base: what is dropped is 0, what is kept is divided by 1 − rate, so that the mean stays (inverted)."""

    icon = "shuffle"
    formula = r"y = \dfrac{m \odot x}{1 - p}, \quad m_i \sim \operatorname{Bernoulli}(1 - p)"
    beware: ClassVar[tuple[str, ...]] = (
        "The rate is the share that is switched off, not the share that is kept.",
        "In evaluation nothing is switched off and nothing needs scaling: that was done while training.",
    )

    if TYPE_CHECKING:  # a field of each, which says what is dropped
        rate: float

    def summary(self) -> str:
        return f"{self.rate:.0%}"


def rate(what: str) -> float:
    """The field that holds the share of what is dropped."""
    found: float = Field(0.5, ge=0, le=0.99, title="Rate", description=f"Share of the {what} that is switched off.",
                         json_schema_extra={"step": 0.05})  # fmt: skip
    return found


@register
class Dropout(Drop):
    """While training, every number is 0 with probability ``rate``, the others are divided by 1 − rate (C-071)."""

    type = "dropout"
    title = "Dropout"
    sentence = "While training, switches off numbers at random, so that no unit relies on a single other."
    aliases = ("regularisation", "drop")
    purposes = ("prevent overfitting", "regularise")

    rate: float = rate("numbers")

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Dropout(self.rate)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("nn.Dropout", self.rate))


@register
class Dropout2d(Drop):
    """float[C c, H h, W w] or float[C c, L l]: while training, whole channels are 0 with probability ``rate``.

    Neighbours in a map say nearly the same, so that dropping single numbers would hide little.
    """

    type = "dropout2d"
    title = "Spatial dropout"
    sentence = "While training, switches off whole maps at random, so that no map relies on a single other."
    formula = r"y_c = \dfrac{m_c\, x_c}{1 - p}, \quad m_c \sim \operatorname{Bernoulli}(1 - p)"
    aliases = ("dropout 2d", "channel dropout", "regularisation", "drop")
    purposes = ("prevent overfitting", "regularise")

    rate: float = rate("maps")

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not (x.is_image or x.is_signal):
            raise unfit("x", "an image, or a signal", x, hint="Take Dropout for a vector or a sequence.")
        return {"y": x}

    def _module(self, inputs: Inputs) -> str:
        return "Dropout2d" if inputs["x"].is_image else "Dropout1d"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        built: nn.Module = getattr(nn, self._module(inputs))(self.rate)
        return built

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.{self._module(inputs)}", self.rate))


@register
class StochasticDepth(Drop):
    """Any numbers: while training, a sample's whole branch is 0 with probability ``rate``, else divided by 1 − rate
    (Huang et al. 2016, notes 3:150)."""

    type = "stochastic_depth"
    title = "Stochastic depth"
    sentence = (
        "While training, leaves a whole branch out at random, so that a deep network also learns as a shallow one."
    )
    formula = r"y = \dfrac{m\, x}{1 - p}, \quad m \sim \operatorname{Bernoulli}(1 - p) \text{ for each sample}"
    icon = "route-off"
    aliases = ("drop path", "droppath", "layer dropout", "regularisation")
    purposes = ("train a very deep network", "regularise")
    beware = (
        "It belongs at the end of a branch, before the sum with the skip connection: without a skip, a sample whose "
        "branch is left out is lost.",
        *Drop.beware,
    )

    rate: float = Field(0.2, ge=0, le=0.99, title="Rate",
                        description="Share of the samples for which the branch is left out.",
                        json_schema_extra={"step": 0.05})  # fmt: skip

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        class StochasticDepth(nn.Module):
            """While training, whole samples are 0 with probability ``rate``, the others divided by 1 − rate."""

            def __init__(self, rate: float) -> None:
                super().__init__()
                self.rate = rate

            def forward(self, x: Tensor) -> Tensor:
                if not self.training or self.rate == 0:
                    return x
                kept = x.new_empty((len(x),) + (1,) * (x.dim() - 1)).bernoulli_(1 - self.rate)
                return x * (kept / (1 - self.rate))

        return StochasticDepth(self.rate)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("StochasticDepth", self.rate), classes=("StochasticDepth",))


@register
class GaussianNoise(Chance):
    """x + ε, ε normal with mean 0 and standard deviation ``std``, while training only (L-075)."""

    type = "gaussian_noise"
    title = "Gaussian noise"
    sentence = "While training, adds a little random noise to every number, so that the network learns to see past it."
    formula = r"y = x + \varepsilon, \quad \varepsilon \sim \mathcal{N}(0, \sigma^2)"
    icon = "audio-waveform"
    aliases = ("noise", "denoising", "corrupt", "regularisation")
    purposes = ("prevent overfitting", "learn to remove noise")
    beware = ("It is there while training only: in evaluation every number passes unchanged.",)

    std: float = Field(0.1, ge=0, le=1000, title="σ", description="Standard deviation of the noise.",
                       json_schema_extra={"step": 0.05})  # fmt: skip

    def summary(self) -> str:
        return f"σ {self.std:g}"

    def build(self, inputs: Inputs) -> nn.Module:
        import torch
        from torch import nn

        class GaussianNoise(nn.Module):
            """Adds normal noise of standard deviation ``std`` while training."""

            def __init__(self, std: float) -> None:
                super().__init__()
                self.std = std

            def forward(self, x: Tensor) -> Tensor:
                return x + self.std * torch.randn_like(x) if self.training else x

        return GaussianNoise(self.std)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("GaussianNoise", self.std), classes=("GaussianNoise",))
