"""Layers that keep activations in a good range, or a network from leaning on too few of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from chalknet.layers.base import POINTWISE, WHOLE, Family, Inputs, Layer, Source, TensorType, Window, register
from chalknet.layers.words import call, rows, tex, unfit

if TYPE_CHECKING:
    from torch import nn


class BatchNorm(Layer):
    """Base: each channel is shifted and scaled to mean 0 and variance 1 over the batch (Ioffe and Szegedy 2015).

    Parameters weight γ and bias β, one a channel. While training the batch's statistics are used and
    running means of them kept; evaluation uses the running ones.
    """

    family: ClassVar[Family] = "normalisation"
    keeps_width: ClassVar[bool] = True
    formula = r"y = \gamma\,\dfrac{x - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} + \beta"
    rank: ClassVar[int]
    wants: ClassVar[str]

    eps: float = Field(
        1e-5,
        gt=0,
        le=1,
        title="ε",
        description="Added to the variance, so that nothing is divided by zero.",
        json_schema_extra={"log": True},
    )
    momentum: float = Field(
        0.1,
        gt=0,
        le=1,
        title="Momentum",
        description="Share of the newest batch in the running mean and variance.",
        json_schema_extra={"step": 0.01},
    )

    def accepts(self, x: TensorType) -> bool:
        raise NotImplementedError

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if not self.accepts(x):
            hint = "Take Layer norm for a sequence." if x.is_sequence else ""
            if x.is_image and self.rank == 1:
                hint = "Take Batch norm 2d for an image."
            if x.is_vector and self.rank == 2:
                hint = "Take Batch norm 1d for a vector."
            raise unfit("x", self.wants, x, hint=hint)
        return {"y": replace(x, meaning="")}

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        channels = inputs["x"].sizes[0]
        return {"weight": (channels,), "bias": (channels,)}

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        channels = inputs["x"].sizes[0]
        return rows(("parameters", rf"2 \cdot {tex(channels)} = {tex(2 * channels)}"))

    def arguments(self) -> dict[str, tuple[Any, Any]]:
        """Keyword arguments of the torch module, each with its default there."""
        return {"eps": (self.eps, 1e-5), "momentum": (self.momentum, 0.1)}

    def source(self, inputs: Inputs) -> Source:
        return Source(call(f"nn.BatchNorm{self.rank}d", inputs["x"].sizes[0], **self.arguments()))


@register
class BatchNorm1d(BatchNorm):
    """float[D d] or float[C c, L l], kept; 2 parameters a feature."""

    type = "batch_norm1d"
    title = "Batch norm 1d"
    sentence = "Brings every feature to mean 0 and spread 1 over the batch, then lets it learn its own scale and shift."
    icon = "scale"
    aliases = ("bn", "batchnorm", "normalise")
    purposes = ("train faster", "stabilise training")
    rank = 1
    wants = "a vector, or a signal (channels × length)"

    def accepts(self, x: TensorType) -> bool:
        return x.is_vector or x.is_signal

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.BatchNorm1d(inputs["x"].sizes[0], eps=self.eps, momentum=self.momentum)


@register
class BatchNorm2d(BatchNorm):
    """float[C c, H h, W w], kept; 2 parameters a channel."""

    type = "batch_norm2d"
    title = "Batch norm 2d"
    sentence = "Brings every channel to mean 0 and spread 1 over the batch, then lets it learn its own scale and shift."
    icon = "scale"
    aliases = ("bn", "batchnorm", "normalise")
    purposes = ("train faster", "stabilise training")
    rank = 2
    wants = "an image (channels × height × width)"

    def accepts(self, x: TensorType) -> bool:
        return x.is_image

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.BatchNorm2d(inputs["x"].sizes[0], eps=self.eps, momentum=self.momentum)


@register
class LayerNorm(Layer):
    """Every sample by itself to mean 0 and variance 1 (Ba et al. 2016).

    A vector and every position of a sequence along D; an image and a signal over all their numbers.
    Parameters weight and bias, one for every number normalised together.
    """

    type = "layer_norm"
    title = "Layer norm"
    family: ClassVar[Family] = "normalisation"
    sentence = (
        "Brings the features of every single sample to mean 0 and spread 1, then scales and shifts them as learned."
    )
    formula = r"y = \gamma\,\dfrac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta"
    icon = "scale"
    aliases = ("ln", "layernorm", "normalise")
    purposes = ("stabilise training", "normalise each sample")
    keeps_width = True

    eps: float = Field(
        1e-5,
        gt=0,
        le=1,
        title="ε",
        description="Added to the variance, so that nothing is divided by zero.",
        json_schema_extra={"log": True},
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float" or not x.axes:
            raise unfit("x", "a vector, a sequence, a signal or an image", x)
        return {"y": replace(x, meaning="")}

    def together(self, x: TensorType) -> tuple[int, ...]:
        """Sizes of the axes that are normalised together."""
        return x.sizes[-1:] if x.names[-1] == "D" else x.sizes

    def parameters(self, inputs: Inputs) -> dict[str, tuple[int, ...]]:
        return {"weight": self.together(inputs["x"]), "bias": self.together(inputs["x"])}

    def window(self, inputs: Inputs) -> Window | Literal["whole"]:
        return POINTWISE if inputs["x"].is_sequence else WHOLE

    def numbers(self, inputs: Inputs, outputs: Mapping[str, TensorType]) -> str:
        count = math.prod(self.together(inputs["x"]))
        return rows(("parameters", rf"2 \cdot {tex(count)} = {tex(2 * count)}"))

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.LayerNorm(self.together(inputs["x"]), eps=self.eps)

    def source(self, inputs: Inputs) -> Source:
        sizes = self.together(inputs["x"])
        return Source(call("nn.LayerNorm", sizes[0] if len(sizes) == 1 else sizes, eps=(self.eps, 1e-5)))


@register
class Dropout(Layer):
    """While training, every number is 0 with probability ``rate``, the others are divided by 1 − rate (inverted)."""

    type = "dropout"
    title = "Dropout"
    family: ClassVar[Family] = "normalisation"
    sentence = "While training, switches off numbers at random, so that no unit relies on a single other."
    formula = r"y = \dfrac{m \odot x}{1 - p}, \quad m_i \sim \operatorname{Bernoulli}(1 - p)"
    icon = "shuffle"
    aliases = ("regularisation", "drop")
    purposes = ("prevent overfitting", "regularise")
    keeps_width = True

    rate: float = Field(
        0.5,
        ge=0,
        le=0.99,
        title="Rate",
        description="Share of the numbers that is switched off.",
        json_schema_extra={"step": 0.05},
    )

    def infer(self, inputs: Inputs) -> dict[str, TensorType]:
        x = inputs["x"]
        if x.element != "float":
            raise unfit("x", "numbers", x)
        return {"y": x}

    def summary(self) -> str:
        return f"{self.rate:.0%}"

    def build(self, inputs: Inputs) -> nn.Module:
        from torch import nn

        return nn.Dropout(self.rate)

    def source(self, inputs: Inputs) -> Source:
        return Source(call("nn.Dropout", self.rate))
